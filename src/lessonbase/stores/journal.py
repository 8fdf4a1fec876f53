"""Notes that nobody waits for: gathered in memory, written by a thread in batches.

A recall leaves a note. Written at once, it would cost every recall a flush to disk; written here
it costs none. A process that is killed loses the last `DELAY_S` of notes at most, never a record.
"""

import threading
from collections.abc import Callable
from typing import Final

from lessonbase.ports import Note

# Seconds a note may wait.
DELAY_S: Final = 0.5


class Journal:
    """Hands notes to *write* in batches, in order, from a thread of its own."""

    def __init__(self, write: Callable[[list[Note]], None]) -> None:
        self._write = write
        self._waiting: list[Note] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def add(self, note: Note) -> None:
        """Take *note*; it is written within `DELAY_S`, or by the next :meth:`flush`."""
        with self._lock:
            self._waiting.append(note)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._run, name="lessonbase-journal", daemon=True
                )
                self._thread.start()

    def flush(self) -> None:
        """Write what is waiting, and return when it is written."""
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, []
            if batch:
                try:
                    self._write(batch)
                except Exception:
                    with self._lock:
                        self._waiting = batch + self._waiting
                    raise

    def close(self) -> None:
        """Write what is waiting and end the thread."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._wake.set()
        if thread is not None:
            thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._wake.wait(DELAY_S):
            self.flush()
