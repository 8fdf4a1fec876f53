"""Records and recalls as tables."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lessonbase.analysis import frames
from lessonbase.analysis.frames import COLUMNS, Experience
from lessonbase.base import LessonBase
from lessonbase.errors import InvalidInput
from lessonbase.ports import RecordVectors
from lessonbase.records import Outcome, Role, Scope
from support import DAY

MODE = {
    "id": "full",
    "kind": "failure_mode",
    "title": "Disk is full",
    "symptom": "Writes fail with ENOSPC.",
    "recovery": "Delete old logs.",
    "severity": "high",
    "tags": ["data", "capacity"],
    "services": ["postgres"],
    "checks": ["free space"],
    "signature": {"codes": ["ENOSPC"]},
    "occurred_at": "2026-01-02T03:04:05.000006Z",
    "seen_at": ["2026-02-03T00:00:00Z"],
}
SOUL = {
    "id": "moss-1",
    "kind": "soul_entry",
    "title": "Moss forgets",
    "agent": "moss",
    "aspect": "value",
    "statement": "I forget on purpose.",
}


@pytest.fixture
def filled(base: LessonBase) -> LessonBase:
    """A base with a failure mode, a soul entry and a lesson that an agent wrote."""
    base.add(MODE)
    base.add(SOUL)
    agent = base.within(Scope(agent="heron", role=Role.WRITER))
    agent.add(
        {
            "id": "rename",
            "kind": "lesson",
            "title": "Rename in steps",
            "situation": "Two versions run.",
            "advice": "Add, copy, drop.",
            "provenance": {"source": "agent", "agent": "heron", "author": "A team"},
        }
    )
    return base


def row(found: Experience, record_id: str) -> pd.Series:
    return found.records.set_index("id").loc[record_id]


def test_a_record_is_a_row(filled: LessonBase) -> None:
    """What a record says is in columns, the fields of its own kind too."""
    found = frames.experience(filled)

    assert tuple(found.records.columns) == COLUMNS
    full = row(found, "full")
    assert full.tags == ("data", "capacity")
    assert full.checks == ("free space",)
    assert full.seen_at == ("2026-02-03T00:00:00+00:00",)
    # Marks that the title and text bear are added when a record is kept.
    assert "ENOSPC" in full.signature
    assert full.text == "Writes fail with ENOSPC.\nDelete old logs."
    assert full.happened_at == pd.Timestamp("2026-01-02T03:04:05.000006Z")
    assert full.happened_at == full.occurred_at


def test_what_has_no_time_of_its_own_happened_when_it_was_recorded(filled: LessonBase) -> None:
    """As the ledger has it."""
    rename = row(frames.experience(filled), "rename")

    assert rename.happened_at == rename.created_at


def test_fields_of_other_kinds_are_missing(filled: LessonBase) -> None:
    """A lesson has no symptom, and says nothing of severity."""
    rename = row(frames.experience(filled), "rename")

    assert rename[["symptom", "severity", "occurred_at", "soul"]].isna().all()
    assert rename.checks is None
    assert rename.avoid is pd.NA


def test_who_wrote_it_is_not_whose_soul_it_is(filled: LessonBase) -> None:
    """`agent` is the writer, `soul` the agent whose soul the entry is part of."""
    found = frames.experience(filled)

    assert row(found, "rename").agent == "heron"
    assert row(found, "rename").author == "A team"
    assert row(found, "moss-1").agent is pd.NA
    assert row(found, "moss-1").soul == "moss"


def test_columns_have_types_that_sort(filled: LessonBase) -> None:
    """Severity is ordered from low to critical, times are UTC, texts are strings."""
    records = frames.experience(filled).records

    assert list(records.id[records.severity >= "medium"]) == ["full"]
    assert list(records.confidence.cat.categories) == ["LOW", "MEDIUM", "HIGH"]
    assert str(records.happened_at.dtype) == "datetime64[us, UTC]"
    assert str(records.title.dtype) == "string"


def test_vectors_belong_to_their_rows(filled: LessonBase) -> None:
    """Row i of the vectors is that of record i, of unit length."""
    found = frames.experience(filled)

    by_id = {
        one: vector
        for batch in filled.vectors()
        for one, vector in zip(batch.ids, batch.vectors, strict=True)
    }
    assert found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.vectors, np.stack([by_id[one] for one in found.records.id]))
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, rtol=1e-5)
    assert found.without_vector == ()


class WithoutOne:
    """A base that has no vector of one record yet."""

    def __init__(self, base: LessonBase, missing: str) -> None:
        self._base = base
        self._missing = missing
        self.export = base.export

    def vectors(self) -> Iterator[RecordVectors]:
        for ids, vectors in self._base.vectors():
            kept = [one != self._missing for one in ids]
            names = tuple(one for one in ids if one != self._missing)
            yield RecordVectors(names, vectors[kept])


def test_a_record_without_a_vector_is_told(filled: LessonBase) -> None:
    """It keeps its row, has no place, and is named."""
    found = frames.experience(WithoutOne(filled, "moss-1"))

    assert len(found) == 3
    assert found.without_vector == ("moss-1",)
    assert sorted(found.placed().records.id) == ["full", "rename"]
    assert not np.isnan(found.placed().vectors).any()


def test_rows_can_be_chosen(filled: LessonBase) -> None:
    """By kind and status, vectors along with them."""
    filled.retire("rename")
    found = frames.experience(filled)

    lessons = found.only(kinds=["lesson"])
    assert list(lessons.records.id) == ["rename"]
    assert lessons.vectors.shape == (1, 384)
    assert sorted(found.only(status=["active"]).records.id) == ["full", "moss-1"]
    assert len(found.only(kinds=["lesson"], status=["active"])) == 0
    assert len(found.only()) == 3


@pytest.mark.parametrize("missing", [None, "full"])
def test_a_file_gives_back_what_it_was_given(
    filled: LessonBase, tmp_path: Path, missing: str | None
) -> None:
    """Values, types, orders and vectors come back to the last bit, also where one is missing."""
    found = frames.experience(WithoutOne(filled, missing) if missing else filled)

    found.to_parquet(tmp_path / "all.parquet")
    again = Experience.read_parquet(tmp_path / "all.parquet")

    pd.testing.assert_frame_equal(again.records, found.records)
    np.testing.assert_array_equal(again.vectors, found.vectors)
    assert again.vectors.dtype == np.float32


def test_an_empty_base_has_an_empty_table(base: LessonBase, tmp_path: Path) -> None:
    """All columns, no rows; and a file of it can be read."""
    found = frames.experience(base)

    assert (len(found), found.vectors.shape) == (0, (0, 0))
    found.to_parquet(tmp_path / "none.parquet")
    again = Experience.read_parquet(tmp_path / "none.parquet")
    pd.testing.assert_frame_equal(again.records, found.records)
    assert again.vectors.shape == (0, 0)
    assert len(frames.recalls(base)) == 0
    assert len(frames.outcomes(base)) == 0


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """Whether it is another table, no Parquet, or not there."""
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no")

    with pytest.raises(InvalidInput, match="holds no experience"):
        Experience.read_parquet(tmp_path / "other.parquet")
    for name in ("text.parquet", "absent.parquet"):
        with pytest.raises(InvalidInput, match="is no Parquet file"):
            Experience.read_parquet(tmp_path / name)


def test_rows_and_vectors_must_agree() -> None:
    """A table with other vectors is an error at once."""
    with pytest.raises(ValueError, match="1 records and 0 vectors"):
        Experience(pd.DataFrame({"id": ["a"]}), np.zeros((0, 384), dtype=np.float32))


def test_recalls_are_rows(filled: LessonBase) -> None:
    """Who asked what when, what came back, what was reported; oldest first."""
    heron = filled.within(Scope(agent="heron", role=Role.WRITER))
    first = heron.recall("disk is full, writes fail with ENOSPC")
    heron.outcome(Outcome(record_id="full", outcome="helped", recall_id=first.recall_id))
    heron.outcome(Outcome(record_id="full", outcome="stale", recall_id=first.recall_id))
    filled.recall("knitting a cardigan")

    asked = frames.recalls(filled)

    assert next(iter(asked.recall_id)) == first.recall_id
    one, other = asked.iloc[0], asked.iloc[1]
    assert (one.agent, one.actor, one.way) == ("heron", "agent:heron", "recall")
    assert one.task == "disk is full, writes fail with ENOSPC"
    assert (one.hits, one.n_hits) == (tuple(hit.record.id for hit in first.hits), len(first.hits))
    assert one.relevance == max(hit.relevance for hit in first.hits)
    assert (one.helped, one.stale, one.harmed) == (1, 1, 0)
    assert (other.agent is pd.NA, other.actor) == (True, "admin")
    assert (other.verdict, other.n_hits) == ("nothing_relevant", 0)
    assert np.isnan(other.relevance)


def test_reports_are_rows(filled: LessonBase) -> None:
    """Each with the relevance that was predicted; one of a record that was no hit has none."""
    heron = filled.within(Scope(agent="heron", role=Role.WRITER))
    asked = heron.recall("disk is full, writes fail with ENOSPC", k=1)
    for record_id, saved in (("full", 900), ("moss-1", None)):
        heron.outcome(
            Outcome(
                record_id=record_id,
                outcome="helped",
                recall_id=asked.recall_id,
                saved_tokens=saved,
                note="yes",
            )
        )
    told = frames.outcomes(filled)

    assert list(told.record_id) == ["full", "moss-1"]
    assert told.relevance[0] == asked.hits[0].relevance
    assert np.isnan(told.relevance[1])
    assert (told.saved_tokens[0], told.saved_tokens[1] is pd.NA) == (900, True)
    assert list(told.agent) == ["heron", "heron"]
    assert list(told.note) == ["yes", "yes"]


def test_recalls_of_a_time(filled: LessonBase) -> None:
    """From a moment on, and until before another."""
    for task in ("one", "two", "three"):
        filled.recall(task)
    times = list(frames.recalls(filled)["at"])

    def tasks(**span: datetime) -> list[str]:
        return list(frames.recalls(filled, **span).task)

    assert tasks(since=times[1].to_pydatetime()) == ["two", "three"]
    assert tasks(until=times[1].to_pydatetime()) == ["one"]
    assert tasks(since=DAY + timedelta(days=1)) == []
    assert times[0] > datetime(2026, 3, 2, tzinfo=UTC)


def test_an_erased_task_is_missing(filled: LessonBase, lesson: Callable[..., object]) -> None:
    """The recall stays, its task is NA."""
    filled.recall("disk is full, writes fail with ENOSPC")
    filled.erase("full")

    assert frames.recalls(filled).task[0] is pd.NA


def test_reports_that_name_no_recall_are_told_at_the_end(filled: LessonBase) -> None:
    """With who reported, and no relevance, as there was no answer."""
    scout = filled.within(Scope(agent="scout", role=Role.WRITER))
    scout.outcome(Outcome(record_id="rename", outcome="stale", note="old"))

    (row,) = frames.outcomes(filled).to_dict("records")

    assert (row["record_id"], row["outcome"], row["agent"]) == ("rename", "stale", "scout")
    assert (pd.isna(row["recall_id"]), pd.isna(row["relevance"])) == (True, True)
    assert row["note"] == "old"
