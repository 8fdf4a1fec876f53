"""One process at a time: others wait, and are told for whom; a dead holder holds nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lessonbase.errors import BaseBusy, ModelMismatch
from lessonbase.settings import Settings
from lessonbase.stores.lock import LOCK_FILE, OWNER_FILE, held
from lessonbase.wiring import open_base

COMMAND = Path(sys.executable).parent / "lessonbase"
ADDERS = 6
HOLDER = """
import sys
from lessonbase.stores.lock import held
with held(__import__("pathlib").Path(sys.argv[1]), timeout_s=5):
    print("held", flush=True)
    sys.stdin.read()
"""
Holder = subprocess.Popen[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the base is; every process of a test uses the hashing encoder."""
    monkeypatch.setenv("LESSONBASE_ENCODER", "hashing:384")
    monkeypatch.setenv("LESSONBASE_HOME", str(tmp_path / "base"))
    (tmp_path / "base").mkdir()
    return tmp_path / "base"


@pytest.fixture
def hold(home: Path) -> Iterator[Callable[[], Holder]]:
    """Start a process that holds the base until its stdin ends, and wait until it does."""
    with ExitStack() as started:

        def start() -> Holder:
            command = [sys.executable, "-c", HOLDER, str(home)]
            pipe = subprocess.PIPE
            holder = started.enter_context(
                subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
            )
            started.callback(holder.kill)
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            return holder

        yield start


def waiting(seconds: float) -> Settings:
    return Settings(lock_timeout_s=seconds)


def test_a_second_process_is_told_who_holds_the_base(
    home: Path, hold: Callable[[], Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits as long as the setting says, then names the other one's pid; exit 1."""
    holder = hold()
    monkeypatch.setenv("LESSONBASE_LOCK_TIMEOUT_S", "0.3")

    done = subprocess.run(
        [COMMAND, "add", "heuristic", "title=T", "rule=R"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: {home} is held by process {holder.pid}; gave up after 0.3 s\n"
        "hint: wait for it to finish, or stop it\n"
    )


def test_the_holder_can_be_read_from_the_error(home: Path, hold: Callable[[], Holder]) -> None:
    """`BaseBusy.pid` is for programs."""
    holder = hold()

    with pytest.raises(BaseBusy, match=r"gave up after 0\.1 s") as error:
        open_base(home, create=True, settings=waiting(0.1), embedded=True)

    assert error.value.pid == holder.pid


def test_a_holder_is_not_made_up(home: Path, hold: Callable[[], Holder]) -> None:
    """Whose note cannot be read is just another process."""
    hold()
    (home / OWNER_FILE).write_text("{", encoding="utf-8")

    with pytest.raises(BaseBusy, match="held by another process") as error:
        open_base(home, create=True, settings=waiting(0), embedded=True)

    assert error.value.pid is None


def test_a_killed_holder_holds_nothing(home: Path, hold: Callable[[], Holder]) -> None:
    """The kernel lets go at once, whatever its note still says."""
    holder = hold()
    os.kill(holder.pid, signal.SIGKILL)
    assert holder.wait(10) == -signal.SIGKILL
    assert json.loads((home / OWNER_FILE).read_text())["pid"] == holder.pid

    with open_base(home, create=True, settings=waiting(0), embedded=True):
        assert json.loads((home / OWNER_FILE).read_text())["pid"] == os.getpid()
    assert not (home / OWNER_FILE).exists()


def test_who_waits_gets_in(home: Path, hold: Callable[[], Holder]) -> None:
    """As soon as the first one lets go."""
    holder = hold()
    assert holder.stdin is not None
    release = threading.Timer(0.3, holder.stdin.close)
    release.start()

    with open_base(home, create=True, settings=waiting(30), embedded=True) as base:
        assert release.finished.is_set()
        assert base.stats().records == 0
    assert holder.wait(10) == 0


def test_one_process_opens_a_base_once(home: Path) -> None:
    """A second time is refused as for any other, and works after a close."""
    with open_base(home, create=True, embedded=True):
        with pytest.raises(BaseBusy, match=f"process {os.getpid()}"):
            open_base(home, settings=waiting(0), embedded=True)
        assert (home / OWNER_FILE).stat().st_mode & 0o077 == 0
    open_base(home, settings=waiting(0), embedded=True).close()


def test_a_base_that_could_not_be_opened_is_let_go(home: Path) -> None:
    """An error on the way in leaves no lock behind."""
    open_base(home, create=True, embedded=True).close()
    with pytest.raises(ModelMismatch, match="64-d"):
        open_base(home, settings=Settings(encoder="hashing:64"), embedded=True)

    with held(home, timeout_s=0):
        assert (home / LOCK_FILE).exists()


@pytest.mark.slow
def test_many_processes_at_once_lose_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each adds its record, in its turn, and every index has them all."""
    monkeypatch.setenv("LESSONBASE_LOCK_TIMEOUT_S", "100")
    adders = [
        subprocess.Popen(
            [COMMAND, "add", "heuristic", f"id=r{n}", f"title=Number {n}", f"rule=subject{n}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(ADDERS)
    ]
    ended = [(*adder.communicate(timeout=120), adder.returncode) for adder in adders]

    assert ended == [(f"r{n}\n", "", 0) for n in range(ADDERS)]
    with open_base(home, embedded=True) as base:
        assert {record.id for record in base.export()} == {f"r{n}" for n in range(ADDERS)}
        for n in range(ADDERS):
            assert base.search(f"subject{n}", 1).results[0].record.id == f"r{n}"
        assert not base.search("subject1", 1).degraded
        assert base.doctor().problems == ()
