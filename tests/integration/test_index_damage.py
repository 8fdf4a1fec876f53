"""Whatever happens to the vector index, recall answers, and the index heals."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import StoreError
from lessonbase.records import Lesson, windows
from lessonbase.stores import sync
from lessonbase.stores.ledger import SqlLedger
from lessonbase.stores.sync import SyncedIndexes
from lessonbase.stores.vectors import ChromaIndex
from support import base_at

Make = Callable[..., Lesson]
TASK = "subject7 problem7"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base of 1,200 records, closed cleanly: enough that Chroma writes its graph to disk."""
    path = tmp_path_factory.mktemp("template")
    with base_at(path) as base:
        base.add_all(
            [
                {
                    "id": f"r{n}",
                    "kind": "lesson",
                    "title": f"Lesson {n}",
                    "situation": f"subject{n}",
                    "advice": f"problem{n}",
                }
                for n in range(1_200)
            ]
        )
    return path


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "b"))


def answers(base: LessonBase) -> list[tuple[str, float]]:
    return [(hit.record.id, round(hit.score, 4)) for hit in base.search(TASK, 5).results]


def directory_of(path: Path) -> Path:
    manifest = json.loads((path / "chroma" / "manifest.json").read_text())
    return path / "chroma" / str(manifest["directory"])


def graph_files(path: Path) -> list[Path]:
    return sorted(file for file in directory_of(path).rglob("*") if file.is_file())


def damage_nothing(path: Path) -> None:
    """Control: an undamaged index is used as it is."""


def truncate(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        file = next(file for file in graph_files(path) if file.name == name)
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return damage


def swap_bytes(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        file = next(file for file in graph_files(path) if file.name == name)
        content = bytearray(file.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = content[middle : middle + 64][::-1] or b"x"
        content[0] ^= 0xFF
        file.write_bytes(content)

    return damage


def delete_folder(path: Path) -> None:
    shutil.rmtree(path / "chroma")


def delete_manifest(path: Path) -> None:
    (path / "chroma" / "manifest.json").unlink()


def spoil_manifest(path: Path) -> None:
    (path / "chroma" / "manifest.json").write_text("{", encoding="utf-8")


FILES = ("chroma.sqlite3", "data_level0.bin", "header.bin", "length.bin", "link_lists.bin")
DAMAGES = {
    "folder deleted": delete_folder,
    "manifest deleted": delete_manifest,
    "manifest spoilt": spoil_manifest,
    **{f"{name} truncated": truncate(name) for name in FILES},
    **{f"{name} swapped": swap_bytes(name) for name in FILES},
}


@pytest.mark.slow
def test_an_untouched_index_is_trusted(made: Path, open_at: Callable[..., LessonBase]) -> None:
    """No refill after a clean close, also not after a session that only read."""
    directory = directory_of(made)
    for _ in range(3):
        base = open_at(made)
        assert not base.recall(TASK).degraded
        base.close()

    assert directory_of(made) == directory


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_noticed_and_mended(
    made: Path, open_at: Callable[..., LessonBase], damage: Callable[[Path], None]
) -> None:
    """No crash; an answer at once, the same as before; a full refill behind it."""
    sound = open_at(made)
    expected = answers(sound)
    sound.close()
    damage(made)

    base = open_at(made)
    assert answers(base) == expected
    assert base.refilled(timeout_s=60)
    assert answers(base) == expected
    assert not base.recall(TASK).degraded
    assert base.doctor().problems == ()


@pytest.mark.slow
def test_a_refill_under_way_answers_and_says_so(
    made: Path, open_at: Callable[..., LessonBase], monkeypatch: pytest.MonkeyPatch, lesson: Make
) -> None:
    """While vectors come back, answers are exact, marked as degraded, and writes are not lost."""
    delete_folder(made)
    base = open_at(made)
    monkeypatch.setattr(sync, "_STEP", 50)

    assert base.recall(TASK).degraded
    base.edit("r7", {"advice": "changed7 during the refill"})
    base.add(lesson("late", title="Late", situation="subject7 problem7 late", advice="comer"))
    assert "late" in dict(answers(base))

    assert base.refilled(timeout_s=60)
    assert "late" in dict(answers(base))
    assert base.doctor().problems == ()


@pytest.mark.slow
def test_an_interrupted_refill_goes_on_where_it_stopped(
    made: Path, open_at: Callable[..., LessonBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that ends early leaves what it has done to the next one."""
    delete_folder(made)
    monkeypatch.setattr(sync, "_STEP", 100)
    base = open_at(made)
    base._parts.indexes._refill_grace_s = 0  # type: ignore[attr-defined]
    base.recall(TASK)
    base.close()
    first = directory_of(made)

    done = json.loads((made / "chroma" / "manifest.json").read_text())["seqs"].get("default", 0)
    assert done < 1_200
    again = open_at(made)
    assert again.refilled(timeout_s=60)
    assert again.doctor().problems == ()
    again.close()
    assert directory_of(made) == first


@pytest.mark.slow
def test_a_store_that_fails_while_running_is_replaced_by_exact_search(
    made: Path, open_at: Callable[..., LessonBase], monkeypatch: pytest.MonkeyPatch, lesson: Make
) -> None:
    """Chroma's errors reach nobody: the write is kept, the answer exact, the next open refills."""
    base = open_at(made)
    expected = answers(base)

    def broken(*_: object) -> None:
        raise StoreError("disk on fire")

    with monkeypatch.context() as patched:
        patched.setattr(ChromaIndex, "put", broken)
        base.add(lesson("x", title="Unrelated", situation="quiet", advice="calm"))
    assert answers(base) == expected
    assert base.recall(TASK).degraded
    assert base.get("x").title == "Unrelated"
    base.close()

    healed = open_at(made)
    assert healed.refilled(timeout_s=60)
    assert answers(healed) == expected
    assert healed.doctor().problems == ()


@pytest.mark.slow
def test_doctor_notices_and_repairs_lost_vectors(
    made: Path, open_at: Callable[..., LessonBase]
) -> None:
    """What another program took out of Chroma is found missing, and put back."""
    base = open_at(made)
    base.search(TASK)
    space = base._parts.indexes._spaces["default"]  # type: ignore[attr-defined]
    space.chroma.remove([(f"r{n}", 0) for n in range(300)])

    sick = base.doctor()
    assert not sick.healthy
    assert "900 windows in Chroma, not 1200" in sick.problems[0]
    assert base.doctor(repair=True).healthy
    assert base.doctor().problems == ()


@pytest.mark.slow
def test_a_change_in_the_middle_of_a_refill_keeps_its_vectors(
    open_at: Callable[..., LessonBase],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lesson: Make,
) -> None:
    """A refill takes no step between a commit and the indexes that follow it."""
    path = tmp_path / "small"
    with base_at(path) as first:
        first.add_all([lesson(f"r{n}") for n in range(10)])
    delete_folder(path)
    base = open_at(path)
    indexes: SyncedIndexes = base._parts.indexes  # type: ignore[assignment]
    monkeypatch.setattr(indexes, "_stopping", SlowEvent())
    commit = SqlLedger.commit

    def slow(self: SqlLedger, *given: Any, **named: Any) -> None:
        commit(self, *given, **named)
        deadline = time.monotonic() + 1
        while indexes._spaces["default"].synced < self.last_seq() and time.monotonic() < deadline:
            time.sleep(0.01)  # in which the refill would read what was just committed

    monkeypatch.setattr(SqlLedger, "commit", slow)
    base.edit("r3", {"advice": "another answer"})

    assert base.refilled(timeout_s=60)
    assert base.doctor().problems == ()
    vector = base._parts.encoder.encode_documents(windows(base.get("r3"))).vectors[0]
    assert indexes.nearest("default", vector, 1)[0].record_id == "r3"


class SlowEvent(threading.Event):
    """Widens the moment between two steps of a refill, in which it holds no lock."""

    def is_set(self) -> bool:
        time.sleep(0.2)
        return super().is_set()


@pytest.mark.slow
def test_a_refill_lets_writers_have_a_turn_between_its_steps(
    made: Path, open_at: Callable[..., LessonBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rests after each, holding nothing: Python's locks are not fair to whoever waits."""
    delete_folder(made)
    base = open_at(made)
    indexes: SyncedIndexes = base._parts.indexes  # type: ignore[assignment]
    free: list[bool] = []

    class Resting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - it does not wait
            def turn() -> None:
                lock = indexes._spaces["default"].lock
                free.append(lock.acquire(timeout=5))
                lock.release()

            other = threading.Thread(target=turn)
            other.start()
            other.join()
            return super().wait(0)

    monkeypatch.setattr(sync, "_STEP", 100)
    monkeypatch.setattr(sync, "_AUDIT_STEP", 100)
    monkeypatch.setattr(indexes, "_stopping", Resting())
    assert base.refilled(timeout_s=60)

    assert free == [True] * (12 + 12)
