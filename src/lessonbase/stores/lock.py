"""One process at a time: the kernel's lock on a base directory is the only truth about who."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from lessonbase.errors import BaseBusy

LOCK_FILE: Final = "base.lock"
# Who holds the lock, for people and clients to read; it counts only while the lock is held.
OWNER_FILE: Final = "owner.json"


@contextmanager
def held(directory: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock on *directory* for the length of the block.

    Raises:
        BaseBusy: If another process still has it after *timeout_s* seconds.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE, mode=0o600)
    owner = directory / OWNER_FILE
    try:
        lock.acquire(timeout=timeout_s, poll_interval=0.02)
    except Timeout as error:
        raise BaseBusy(str(directory), pid=_pid(owner), waited_s=timeout_s) from error
    try:
        _announce(owner)
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _announce(owner: Path) -> None:
    text = json.dumps({"pid": os.getpid(), "version": version("lessonbase")})
    handle = os.open(owner, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _pid(owner: Path) -> int | None:
    try:
        return int(json.loads(owner.read_text(encoding="utf-8"))["pid"])
    # It may have been let go, or be half written, at this very moment.
    except (OSError, ValueError, KeyError, TypeError):
        return None
