"""Finding the owner of a base, starting one, and asking one of another release to leave."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lessonbase.client.transport import Address
from lessonbase.errors import BaseBusy, OwnerUnreachable
from lessonbase.settings import Settings
from lessonbase.stores.lock import Owner, holder, release

# Where an owner that we started writes, as nobody looks at its terminal.
LOG_FILE: Final = "owner.log"
# What it said at its start, and should it crash.
_ERRORS_FILE: Final = "owner.err"
# Held by whoever starts an owner, so that twenty clients start one.
_START_LOCK: Final = "start.lock"
_POLL_S: Final = 0.02


def serving(directory: Path) -> Owner | None:
    """The owner of the base in *directory*, if one holds it and serves."""
    owner = holder(directory)
    return owner if owner and owner.url and owner.secret else None


def find_owner(directory: Path, settings: Settings, *, create: bool, wait_s: float) -> Address:
    """The address of the base's owner, starting one if nobody holds the base.

    An owner of another release is asked to leave first.

    Raises:
        BaseBusy: If a process that serves nobody holds the base for longer than *wait_s*.
        OwnerUnreachable: If no owner came up in that time; the reason is in its log.
    """
    started = time.monotonic()
    child: subprocess.Popen[bytes] | None = None
    while True:
        owner = holder(directory)
        if owner and owner.url and owner.secret:
            if owner.version == release():
                return owner.url, owner.secret
            ask_to_leave(owner)
        waited_s = time.monotonic() - started
        code = None if child is None else child.poll()
        if code is not None and code > 0:  # less than 0: it was killed, and another may do better
            raise OwnerUnreachable(
                str(directory), waited_s=waited_s, why=f"it did not start: {_last_error(directory)}"
            )
        if waited_s >= wait_s:
            if owner is not None and child is None:
                raise BaseBusy(str(directory), pid=owner.pid or None, waited_s=waited_s)
            raise OwnerUnreachable(
                str(directory), waited_s=waited_s, why="it did not start in time"
            )
        if owner is None and (child is None or child.poll() is not None):
            child = _started_by_one(directory, settings, create=create) or child
        time.sleep(_POLL_S)


def ask_to_leave(owner: Owner) -> None:
    """Tell an owner to finish what it does and end. It may be gone already, or too busy to hear."""
    import httpx

    try:
        httpx.post(
            f"{owner.url}/v1/stop",
            headers={"Authorization": f"Bearer {owner.secret}"},
            timeout=2,
            trust_env=False,
        )
    except httpx.TransportError:
        time.sleep(_POLL_S)


def _started_by_one(
    directory: Path, settings: Settings, *, create: bool
) -> "subprocess.Popen[bytes] | None":
    """A new owner; none if another client is starting one at this moment."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / _START_LOCK, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    try:
        if holder(directory) is not None:
            return None
        child = _start(directory, settings, create=create)
        # Held until it has the lock of the base, or has failed: from then on others see that.
        while holder(directory) is None and child.poll() is None:
            time.sleep(_POLL_S)
        return child
    finally:
        lock.release()


def _start(directory: Path, settings: Settings, *, create: bool) -> "subprocess.Popen[bytes]":
    """A process that serves the base until it has been idle for long; detached from this one."""
    handle = os.open(directory / _ERRORS_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        command = [sys.executable, "-m", "lessonbase", "--base", str(directory), "serve"]
        command += ["--idle-exit", f"{settings.idle_exit_s:g}", "--log-file", LOG_FILE]
        command += ["--create"] if create else []
        child = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
            env={**os.environ, **_as_variables(settings)},
            cwd=directory,
        )
    finally:
        os.close(handle)
    # It may end before we do, and is a zombie until somebody has asked how.
    threading.Thread(target=child.wait, name="lessonbase-owner", daemon=True).start()
    return child


def _as_variables(settings: Settings) -> Mapping[str, str]:
    """The settings that were given, as an owner's environment; whom we act as is ours alone."""
    own = {"home", "space", "agent", "team", "url", "key"}
    given = settings.model_dump(mode="json", exclude_unset=True, exclude=own, exclude_none=True)
    return {f"LESSONBASE_{name.upper()}": str(value) for name, value in given.items()}


def _last_error(directory: Path) -> str:
    try:
        lines = (directory / _ERRORS_FILE).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "it left no log"
    return next((line for line in reversed(lines) if line.startswith("error: ")), "see owner.err")
