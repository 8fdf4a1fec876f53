"""One process owns a base; everybody else finds it, starts it, and outlives it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lessonbase import open_base
from lessonbase.client import RemoteBase
from lessonbase.errors import BaseBusy, BaseNotFound, InvalidInput, OwnerUnreachable
from lessonbase.records import Role
from lessonbase.stores.lock import OWNER_FILE, Owner, holder, usual_ports
from owners import (
    COMMAND,
    PATIENCE_S,
    cleared,
    environment,
    kill_owner,
    processes_of,
    serve,
    served,
    settings,
    until,
)
from support import base_at

TEA = {"kind": "heuristic", "title": "Tea", "rule": "Warm the pot first."}
# An owner that claims to be of another release.
OLDER = """
import lessonbase.stores.lock as lock
lock.release = lambda: "0.0.1"
import sys
sys.argv = ["lessonbase", "serve", "--create"]
from lessonbase.cli import main
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A base that is empty and served by nobody."""
    with cleared(tmp_path / "base") as path:
        base_at(path).close()
        yield path


def client(home: Path, **given: Any) -> RemoteBase:
    base = open_base(home, settings=settings(**given))
    assert isinstance(base, RemoteBase)
    return base


def command(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_the_first_client_starts_an_owner_and_all_others_join_it(home: Path) -> None:
    """Python, in two scopes, and the command line see each other's records through one process."""
    with client(home) as base:
        kept = base.add(TEA)
        pid = served(home)
        said = command(home, "add", "heuristic", "id=pot", "title=Pot", "rule=Use a pot.")
        with open_base(home, agent="scout", settings=settings()) as other:
            assert other.scope.actor == "agent:scout"
            assert {record.id for record in other.export()} == {kept.id, "pot"}

    assert (said.stdout, said.stderr, said.returncode) == ("pot\n", "", 0)
    assert processes_of(home) == [pid] == [served(home)]


@pytest.mark.slow
def test_an_owner_does_not_act_as_whoever_started_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The space in its starter's environment is not everybody's."""
    monkeypatch.setenv("LESSONBASE_SPACE", "lab")
    with client(home) as base:
        assert (base.scope.space, base.add(TEA).space) == ("lab", "lab")
    note = json.loads((home / OWNER_FILE).read_text())
    asked = httpx.get(
        f"{note['url']}/v1/scope", headers={"Authorization": f"Bearer {note['secret']}"}
    )

    assert asked.json()["space"] == "default"


@pytest.mark.slow
def test_the_note_of_an_owner_is_its_users_alone(home: Path) -> None:
    """It holds the secret that lets its user in."""
    with client(home) as base:
        base.stats()
        note = home / OWNER_FILE
        assert set(json.loads(note.read_text())) == {"pid", "version", "url", "secret"}
        assert note.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_twenty_that_start_at_once_end_as_one_owner(home: Path) -> None:
    """One serves; the others say where, and exit 0."""
    started = [serve(home, LESSONBASE_LOCK_TIMEOUT_S=str(PATIENCE_S)) for _ in range(20)]
    pid = served(home)
    ended = {}
    for one in started:
        if one.pid != pid:
            _, said = one.communicate(timeout=PATIENCE_S)
            ended[one.pid] = (one.returncode, said.split(":")[0])

    assert list(ended.values()) == [(0, "served already; the page")] * 19
    (winner,) = (one for one in started if one.pid == pid)
    winner.terminate()
    _, said = winner.communicate(timeout=PATIENCE_S)
    assert winner.returncode == 0
    assert said.startswith(f"serving at http://127.0.0.1:{usual_ports(home)[0]}\n")


@pytest.mark.slow
def test_an_owner_prints_a_link_to_the_page(home: Path) -> None:
    """It signs its first visitor in, and nobody after; one more can be asked for."""
    with serve(home) as owner:
        served(home)
        assert owner.stderr is not None
        assert owner.stderr.readline().startswith("serving at http://127.0.0.1:")
        link = owner.stderr.readline().strip().removeprefix("the page: ")
        again = command(home, "serve").stderr.strip().removeprefix("served already; the page: ")

        for one in (link, again):
            assert [httpx.get(one).status_code for _ in range(2)] == [303, 401]
        owner.terminate()


@pytest.mark.slow
def test_an_owner_that_was_killed_is_started_again_by_the_next_call(home: Path) -> None:
    """The same client goes on; what was acknowledged is there."""
    with client(home) as base:
        first = base.add(TEA)
        dead = kill_owner(home)
        second = base.add({**TEA, "id": "again"})

        assert {record.id for record in base.export()} == {first.id, second.id}
        assert served(home) != dead


@pytest.mark.slow
def test_a_write_that_was_sent_twice_is_kept_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that was lost on its way makes the client ask again, not do again."""
    lost: list[tuple[str, str]] = []
    send = httpx.Client.send

    def losing(self: httpx.Client, request: httpx.Request, **given: Any) -> httpx.Response:
        answer = send(self, request, **given)
        asked = (request.method, str(request.url))
        if request.method != "GET" and asked not in lost:
            lost.append(asked)
            raise httpx.ReadError("lost")
        return answer

    with client(home) as base:
        base.stats()
        monkeypatch.setattr(httpx.Client, "send", losing)
        kept = base.add(TEA)
        edited = base.edit(kept.id, {"title": "Good tea"}, version=1)
        retired = base.retire(kept.id)
        actions = [event.action for event in base.history(kept.id)]
        base.erase(kept.id)
        assert [(kept.version, edited.version, retired.version), actions, base.stats().records] == [
            (1, 2, 3),
            ["add", "edit", "retire"],
            0,
        ]
    assert len(lost) == 4


@pytest.mark.slow
def test_a_call_that_nobody_can_answer_ends_at_its_deadline(home: Path) -> None:
    """Frozen is worse than dead: the lock is held, and the connection is taken."""
    with client(home) as base:
        base.stats()
        pid = served(home)
        os.kill(pid, signal.SIGSTOP)
        try:
            with (
                client(home, request_timeout_s=1.0) as waiting,
                pytest.raises(OwnerUnreachable, match=r"gave no answer in [12]\.\d s"),
            ):
                waiting.add(TEA)
        finally:
            os.kill(pid, signal.SIGCONT)


def test_an_owner_that_cannot_start_is_an_error_that_says_why(home: Path) -> None:
    """Its own last words, not a timeout."""
    with (
        client(home, encoder="nonsense:1") as base,
        pytest.raises(OwnerUnreachable, match="no encoder 'nonsense:1'"),
    ):
        base.stats()


def test_a_note_that_a_killed_owner_left_is_not_believed(home: Path) -> None:
    """Whoever has the port by now is not asked, so that no secret is shown to them."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        (home / OWNER_FILE).write_text(
            json.dumps(Owner(1, "0.1.0", url, "secret")._asdict()), encoding="utf-8"
        )
        said = command(home, "stats", "--json")
        stranger.settimeout(0)
        with pytest.raises(BlockingIOError):
            stranger.accept()

    assert (json.loads(said.stdout)["records"], said.stderr) == (0, "")
    assert holder(home) is None


@pytest.mark.slow
def test_an_owner_of_another_release_is_asked_to_leave(home: Path) -> None:
    """The client starts its own, and no one is left behind."""
    older = subprocess.Popen(
        [sys.executable, "-c", OLDER], env=environment(home), stderr=subprocess.PIPE, text=True
    )
    assert served(home) == older.pid

    with client(home) as base:
        assert base.stats().records == 0
    assert older.communicate(timeout=PATIENCE_S)[1].startswith("serving at")
    assert older.returncode == 0
    assert processes_of(home) == [served(home)] != [older.pid]


@pytest.mark.slow
def test_a_command_of_another_release_takes_the_base_over(home: Path) -> None:
    """A one-shot command asks the owner to leave as well, and holds the base itself."""
    with subprocess.Popen(
        [sys.executable, "-c", OLDER], env=environment(home), stderr=subprocess.PIPE, text=True
    ) as older:
        served(home)
        said = command(home, "stats", "--json", LESSONBASE_LOCK_TIMEOUT_S=str(PATIENCE_S))

        assert json.loads(said.stdout)["records"] == 0
        older.communicate(timeout=PATIENCE_S)
    assert processes_of(home) == []


@pytest.mark.slow
def test_an_idle_owner_ends(home: Path) -> None:
    """And leaves a base that is sealed: nothing is refilled, nothing noted."""
    with client(home, idle_exit_s=0.5) as base:
        base.add(TEA)
        until(lambda: not processes_of(home))

    assert not (home / OWNER_FILE).exists()
    with open_base(home, settings=settings(), embedded=True) as held:
        assert held.recall("warm the pot").degraded is False


@pytest.mark.slow
def test_an_owner_whose_base_was_deleted_ends(home: Path) -> None:
    """There is nothing left to serve."""
    with client(home) as base:
        base.stats()
        served(home)
        (home / "ledger.sqlite3").unlink()

        until(lambda: not processes_of(home))


@pytest.mark.slow
def test_what_was_begun_is_finished_before_an_owner_ends(home: Path) -> None:
    """Told to stop in the middle of an import, it brings the import to its end."""
    records = [{**TEA, "id": f"tea-{n}", "rule": f"Rule number {n}."} for n in range(2_000)]
    told: list[int] = []

    def stop(done: int, _: int) -> None:
        if not told:
            os.kill(served(home), signal.SIGTERM)
        told.append(done)

    with client(home) as base:
        report = base.add_all(records, progress=stop)
        until(lambda: not processes_of(home))

    assert (report.new, bool(told)) == (2_000, True)
    with open_base(home, settings=settings(), embedded=True) as held:
        assert held.stats().records == 2_000


def test_an_embedded_base_is_no_owner(home: Path) -> None:
    """It serves nobody: a client waits, and is told who has the base."""
    with open_base(home, settings=settings(), embedded=True):
        with (
            client(home, request_timeout_s=0.3) as base,
            pytest.raises(BaseBusy, match=f"process {os.getpid()}"),
        ):
            base.stats()
        with pytest.raises(BaseBusy, match=f"process {os.getpid()}"):
            open_base(home, settings=settings(lock_timeout_s=0.3), start=False)


@pytest.mark.slow
def test_a_base_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Unless that is asked for: `serve` and `open_base` alike."""
    with cleared(tmp_path / "none") as path:
        with pytest.raises(BaseNotFound, match="none"):
            open_base(path, settings=settings())
        done = command(path, "serve")
        assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"error: no base at {path}")
        with open_base(path, create=True, settings=settings()) as base:
            assert base.stats().records == 0


@pytest.mark.slow
def test_another_address_than_loopback_needs_a_key(home: Path) -> None:
    """Without keys everybody who reaches it would only be turned away."""
    refused = command(home, "serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104

    assert (refused.returncode, refused.stderr.splitlines()) == (
        1,
        [
            "error: 0.0.0.0 can be reached from elsewhere, and the base has no keys",
            "hint: make one first: `lessonbase key create --role reader`",
        ],
    )


@pytest.mark.slow
def test_a_key_opens_a_base_that_is_elsewhere(home: Path) -> None:
    """Address and key take the place of a directory; the key says as whom."""
    with client(home) as base:
        base.add(TEA)
        token = base.create_key(Role.READER, agent="scout").token
        url = json.loads((home / OWNER_FILE).read_text())["url"]
        with open_base(settings=settings(url=url, key=token)) as far:
            assert far.stats().records == 1
            assert (far.scope.role, far.scope.agent) == (Role.READER, "scout")
            assert far.recall("tea", 1).hits[0].record.title == "Tea"

    with pytest.raises(InvalidInput, match="LESSONBASE_KEY is not"):
        open_base(settings=settings(url=url))


@pytest.mark.slow
def test_a_client_loads_no_model_and_no_index(home: Path) -> None:
    """What costs seconds and memory is the owner's alone."""
    with client(home) as base:
        base.stats()
        code = (
            "import sys\nfrom lessonbase import open_base\n"
            "with open_base() as base:\n    base.recall('tea')\n"
            "heavy = {'chromadb', 'onnxruntime', 'tantivy', 'numpy', 'sqlalchemy', 'fastapi'}\n"
            "print(sorted(heavy & set(sys.modules)))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )

    assert ran.stdout == "[]\n"


@pytest.mark.slow
def test_nothing_is_left_in_the_users_home(tmp_path: Path) -> None:
    """The shipped model's runtime would note an id of the machine in ~/.cache."""
    with cleared(tmp_path / "base") as path:
        done = command(
            path,
            "init",
            "--no-seed",
            HOME=str(tmp_path),
            LESSONBASE_ENCODER="onnx:all-MiniLM-L6-v2",
        )

    assert done.returncode == 0, done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["base"]
