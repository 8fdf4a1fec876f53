"""One process at a time: the kernel's lock on a base directory is the only truth about who.

The holder's note beside it says how to reach it. The note counts only while the lock is held: what
a killed owner left behind names a port that anybody may have taken since.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from lessonbase.errors import BaseBusy

LOCK_FILE: Final = "base.lock"
OWNER_FILE: Final = "owner.json"
# Ports that bases are spread over: below those that the kernel gives to outgoing connections.
_PORTS: Final = range(20_000, 32_000)
# Ports tried for a base before any free one is taken.
_TRIES: Final = 8
# Seconds between two tries of whoever waits for the lock.
_POLL_S: Final = 0.02


class Owner(NamedTuple):
    """The process that holds a base.

    Attributes:
        pid: Its number; 0 if its note could not be read.
        version: The release of LessonBase it runs.
        url: Where it serves, without a slash at the end; none: it serves nobody.
        secret: What its own user shows it to be let in.
    """

    pid: int
    version: str = ""
    url: str | None = None
    secret: str | None = None


class Hold:
    """A lock that is held, and the note that goes with it."""

    def __init__(self, directory: Path) -> None:
        self._note = directory / OWNER_FILE
        self._own = Owner(os.getpid(), release())
        self.announce()

    def announce(self, url: str | None = None, secret: str | None = None) -> None:
        """Say who holds the base, and where it serves; none: nowhere (any more)."""
        owner = self._own._replace(url=url, secret=secret)
        text = json.dumps({name: value for name, value in owner._asdict().items() if value})
        draft = self._note.with_suffix(f".{owner.pid}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(self._note)

    def withdraw(self) -> None:
        """Take the note away."""
        self._note.unlink(missing_ok=True)


@contextmanager
def held(directory: Path, *, timeout_s: float) -> Iterator[Hold]:
    """Hold the lock on *directory* for the length of the block.

    Raises:
        BaseBusy: If another process still has it after *timeout_s* seconds.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE, mode=0o600)
    try:
        lock.acquire(timeout=timeout_s, poll_interval=_POLL_S)
    except Timeout as error:
        owner = _noted(directory)
        raise BaseBusy(
            str(directory), pid=owner.pid if owner else None, waited_s=timeout_s
        ) from error
    try:
        hold = Hold(directory)
        try:
            yield hold
        finally:
            hold.withdraw()
    finally:
        lock.release()


def holder(directory: Path) -> Owner | None:
    """Who holds the lock on *directory*; none if nobody does."""
    try:
        handle = os.open(directory / LOCK_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = _noted(directory)
        # For a moment after the lock was taken, the note is still that of the one before.
        return owner if owner and _is_alive(owner.pid) else Owner(0)
    finally:
        os.close(handle)  # which lets go of it
    return None


def usual_ports(directory: Path) -> list[int]:
    """Ports at which an owner of *directory* tries to serve: the same each time, best first."""
    first = int.from_bytes(hashlib.blake2b(os.fsencode(directory), digest_size=4).digest())
    return [_PORTS[(first + n) % len(_PORTS)] for n in range(_TRIES)]


def release() -> str:
    """The version of this LessonBase."""
    from importlib.metadata import version

    return version("lessonbase")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _noted(directory: Path) -> Owner | None:
    try:
        note = json.loads((directory / OWNER_FILE).read_text(encoding="utf-8"))
        return Owner(int(note["pid"]), str(note["version"]), note.get("url"), note.get("secret"))
    # It may have been let go, or be of another release, at this very moment.
    except (OSError, ValueError, KeyError, TypeError):
        return None
