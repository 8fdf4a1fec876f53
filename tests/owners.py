"""Owners for tests: real processes on a base of their own, none of them left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lessonbase.settings import Settings
from lessonbase.stores.lock import OWNER_FILE, holder

COMMAND = str(Path(sys.executable).parent / "lessonbase")
# Longest a test waits for another process, in seconds: a busy machine starts one in ten.
PATIENCE_S = 90.0


def settings(**given: Any) -> Settings:
    """Settings of a test's clients and owners: no model, no idling."""
    return Settings(
        **{"encoder": "hashing:384", "idle_exit_s": 60.0, "request_timeout_s": PATIENCE_S} | given
    )


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that works on the base at *home*."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LESSONBASE_")}
    fixed = {"LESSONBASE_HOME": str(home), "LESSONBASE_ENCODER": "hashing:384"}
    return {**ours, **fixed, **more}


@contextmanager
def cleared(home: Path) -> Iterator[Path]:
    """A base whose owner, whoever started it, is ended at last."""
    try:
        yield home
    finally:
        for pid in processes_of(home):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not processes_of(home))


def serve(home: Path, *options: str, **more: str) -> "subprocess.Popen[str]":
    """Start `lessonbase serve`; its words go to a pipe."""
    return subprocess.Popen(
        [COMMAND, "serve", "--create", *options],
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def served(home: Path) -> int:
    """Wait until the base is served; the owner's pid."""
    until(lambda: (owner := holder(home)) is not None and owner.url is not None)
    return int(json.loads((home / OWNER_FILE).read_text())["pid"])


def kill_owner(home: Path) -> int:
    """Kill -9 whoever serves the base; its pid, which is gone when this returns."""
    pid = served(home)
    os.kill(pid, signal.SIGKILL)
    until(lambda: holder(home) is None)
    return pid


def processes_of(home: Path) -> list[int]:
    """Other processes that name the base in their command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if about and str(home).encode() in about:
                found.append(int(entry.name))
    return found


def until(true: Any) -> None:
    """Wait until *true* is."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
