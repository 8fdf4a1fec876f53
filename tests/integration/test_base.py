"""The use cases, on real SQLite, Chroma and tantivy with the hashing encoder."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import InvalidInput, NotAllowed, RecordNotFound, VersionConflict
from lessonbase.records import (
    Filters,
    Lesson,
    Outcome,
    OutcomeKind,
    Role,
    Scope,
    Status,
    Verdict,
)

Make = Callable[..., Lesson]
TASK = "changing the schema of a busy table"


def filled(base: LessonBase, lesson: Make) -> None:
    """Forty lessons about forty things, one of them about schemas, one about redis."""
    base.add_all(
        [
            lesson("schema"),
            lesson("redis", situation="Redis evicts keys with ECONNRESET.", advice="Size it."),
            *(
                lesson(
                    f"other-{n}",
                    title=f"Topic {n}",
                    situation=f"thing{n} meets other{n}",
                    advice=f"act{n}",
                )
                for n in range(38)
            ),
        ]
    )


def test_a_recall_finds_what_fits(base: LessonBase, lesson: Make) -> None:
    """The record about the task comes first, with reasons that add up to its score."""
    filled(base, lesson)

    briefing = base.recall(TASK, 3)

    assert briefing.verdict is Verdict.APPLY
    assert briefing.hits[0].record.id == "schema"
    assert "schema" in briefing.hits[0].words
    assert not briefing.degraded
    for hit in briefing.hits:
        assert sum(signal.delta for signal in hit.signals) == pytest.approx(hit.score, abs=1e-9)
    assert briefing.checklist.do == ("Set a lock timeout first. [schema]",)


def test_a_foreign_task_gets_nothing_and_the_reason(base: LessonBase, lesson: Make) -> None:
    """Nothing relevant is an answer: no hits, the nearest by name."""
    filled(base, lesson)

    briefing = base.recall("kneading sourdough bread by hand")

    assert briefing.verdict is Verdict.NOTHING_RELEVANT
    assert briefing.hits == ()
    assert briefing.reason.code == "below_threshold"
    assert briefing.tokens == 0


def test_an_empty_base_says_so(base: LessonBase) -> None:
    """Not: nothing is relevant."""
    assert base.recall(TASK).reason.code == "empty_base"
    assert base.search(TASK).results == ()


def test_what_has_expired_is_not_recalled(base: LessonBase, lesson: Make) -> None:
    """A record past its date is withheld, and the reason says that it was."""
    base.add(lesson(valid_until="2026-01-01T00:00:00Z"))

    assert base.recall(TASK).reason.code == "expired"


def test_nothing_of_that_kind(base: LessonBase, lesson: Make) -> None:
    """Records are there, none that was asked for."""
    base.add(lesson())

    reason = base.recall(TASK, kinds=["heuristic"]).reason  # type: ignore[list-item]
    assert reason.code == "nothing_in_scope"


def test_a_budget_is_kept(base: LessonBase, lesson: Make) -> None:
    """The block costs no more tokens than allowed, and the briefing says what it costs."""
    base.add_all([lesson(f"r{n}", title=f"Schema {n}") for n in range(9)])
    whole = base.recall(TASK, 9)

    half = base.recall(TASK, 9, budget=whole.tokens // 2)

    assert 0 < len(half.hits) < len(whole.hits) == 9
    assert 0 < half.tokens <= whole.tokens // 2
    assert half.reason.withheld == 9 - len(half.hits)


@pytest.mark.parametrize(
    ("task", "k", "budget", "message"),
    [
        ("  ", 5, None, "task is empty"),
        ("x" * 200_001, 5, None, "200,001 characters"),
        ("x", 0, None, "0 hits"),
        ("x", 101, None, "101 hits"),
        ("x", 5, 0, "budget 0"),
    ],
)
def test_questions_out_of_range(
    base: LessonBase, task: str, k: int, budget: int | None, message: str
) -> None:
    """Each is refused with what is wrong."""
    with pytest.raises(InvalidInput, match=message):
        base.recall(task, k, budget=budget)


def test_a_long_record_is_found_by_its_end(base: LessonBase, lesson: Make) -> None:
    """Every window is searched, and the one that fits is shown."""
    filler = " ".join(f"filler{n}" for n in range(400))
    filled(base, lesson)
    base.add(
        lesson("long", title="Runbook", situation="Many things.", advice=f"{filler} zebra crossing")
    )

    hit = base.search("zebra crossing", 1).results[0]

    assert hit.record.id == "long"
    assert hit.window.endswith("zebra crossing")
    assert hit.window.startswith("Runbook")


def test_an_edit_is_seen_by_the_next_question(base: LessonBase, lesson: Make) -> None:
    """Old words no longer find it, new ones do; its history has both."""
    filled(base, lesson)
    base.edit("redis", {"situation": "Kafka lags behind.", "advice": "Add partitions."})

    assert base.search("kafka partitions", 1).results[0].record.id == "redis"
    assert base.get("redis").version == 2
    before = [event.before for event in base.history("redis")]
    assert before[0] is None
    assert before[1] is not None
    assert before[1].version == 1


def test_a_shorter_text_leaves_no_old_windows(base: LessonBase, lesson: Make) -> None:
    """Windows that a record no longer has are gone from the index."""
    long = " ".join(f"word{n}" for n in range(500))
    base.add(lesson(advice=long))
    base.edit("a", {"advice": "Short now."})

    assert base.doctor().problems == ()


def test_edits_that_are_refused(base: LessonBase, lesson: Make) -> None:
    """Bookkeeping is not edited, a stale version not overwritten, a bad value not stored."""
    base.add(lesson())
    base.edit("a", {"title": "Two"})

    with pytest.raises(InvalidInput, match="id cannot be edited"):
        base.edit("a", {"id": "b"})
    with pytest.raises(VersionConflict, match="at version 2, not 1"):
        base.edit("a", {"title": "Three"}, version=1)
    with pytest.raises(InvalidInput, match="advice"):
        base.edit("a", {"advice": " "})
    assert base.get("a").title == "Two"


def test_the_same_again_changes_nothing(base: LessonBase, lesson: Make) -> None:
    """A repeated write is no event, whatever became of the record since."""
    base.add(lesson())
    base.retire("a")
    base.add(lesson())
    report = base.add_all([lesson()])

    assert [event.action for event in base.history("a")] == ["add", "retire"]
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
    with pytest.raises(InvalidInput, match="is taken"):
        base.add(lesson(title="Other"))


def test_an_import_updates_what_differs(base: LessonBase, lesson: Make) -> None:
    """A changed record gets a new version; a dry run only counts."""
    base.add_all([lesson("a"), lesson("b")])
    again = [lesson("a"), lesson("b", title="New"), lesson("c")]

    tried = base.add_all(again, dry_run=True)
    assert (tried.new, tried.changed, tried.unchanged, tried.dry_run) == (1, 1, 1, True)
    assert base.stats().records == 2

    assert base.add_all(again).changed == 1
    assert base.get("b").version == 2


def test_retired_and_superseded_records_are_not_recalled(base: LessonBase, lesson: Make) -> None:
    """They stay searchable by their status."""
    filled(base, lesson)
    base.supersede("redis", "schema")
    base.retire("schema", note="gone")

    assert base.get("schema").supersedes == ("redis",)
    assert base.recall(TASK).verdict is Verdict.NOTHING_RELEVANT
    old = base.search(TASK, 1, filters=Filters(statuses=[Status.RETIRED])).results
    assert [hit.record.id for hit in old] == ["schema"]
    assert base.doctor().problems == ()


def test_an_edit_can_bring_a_record_back(base: LessonBase, lesson: Make) -> None:
    """Status is a field like any other."""
    filled(base, lesson)
    base.retire("schema")
    base.edit("schema", {"status": "active"})

    assert base.recall(TASK).hits[0].record.id == "schema"


def test_exact_marks_are_found_and_explained(base: LessonBase, lesson: Make) -> None:
    """An error code in the task finds the record that has it, and says so."""
    filled(base, lesson)

    hit = base.search("upstream says ECONNRESET again", 1).results[0]

    assert hit.record.id == "redis"
    assert any(
        signal.name == "signature" and "ECONNRESET".lower() in signal.note for signal in hit.signals
    )


def test_a_selective_filter_is_answered_completely(base: LessonBase, lesson: Make) -> None:
    """One record in three hundred passes the filter, and is found though many are nearer."""
    crowd = [lesson(f"r{n}", title=f"Schema change {n}") for n in range(300)]
    base.add_all([*crowd, lesson("rare", title="Tea", situation="Tea time.", tags=["rare"])])

    found = base.search(TASK, 10, filters=Filters(tags=["rare"])).results

    assert [hit.record.id for hit in found] == ["rare"]


def test_agents_see_what_is_theirs(base: LessonBase, lesson: Make) -> None:
    """Agent-only, team-only and other spaces' records reach nobody else, by any use case."""
    base.add_all(
        [lesson("all"), lesson("bo", visibility="agent:bo"), lesson("ops", visibility="team:ops")]
    )
    elsewhere = base.within(Scope(space="other", role=Role.ADMIN))
    elsewhere.add(lesson("theirs"))

    def seen(scope: Scope) -> set[str]:
        view = base.within(scope)
        found = {hit.record.id for hit in view.search(TASK, 50).results}
        assert found == {record.id for record in view.list().records}
        assert found == {record.id for record in view.export()}
        assert found == {hit.record.id for hit in view.recall(TASK, 50).hits}
        assert view.stats().records == len(found)
        return found

    assert seen(Scope(agent="bo")) == {"all", "bo"}
    assert seen(Scope(agent="al", teams=("ops",))) == {"all", "ops"}
    assert seen(Scope()) == {"all"}
    assert seen(Scope(space="other", role=Role.ADMIN)) == {"theirs"}
    assert seen(Scope(role=Role.ADMIN)) == {"all", "bo", "ops"}
    for use in (LessonBase.get, LessonBase.history):
        with pytest.raises(RecordNotFound, match="bo"):
            use(base.within(Scope(agent="al")), "bo")


def test_roles_are_kept(base: LessonBase, lesson: Make) -> None:
    """A reader writes nothing, a writer curates nothing, nobody writes for another agent."""
    base.add(lesson())
    reader, writer = Scope(agent="al"), Scope(agent="al", role=Role.WRITER)

    with pytest.raises(NotAllowed, match="reader"):
        base.within(reader).add(lesson("b"))
    with pytest.raises(NotAllowed, match="writer"):
        base.within(writer).retire("a")
    with pytest.raises(NotAllowed, match="curator"):
        base.within(Scope(role=Role.CURATOR)).erase("a")
    with pytest.raises(NotAllowed, match="agent:bo"):
        base.within(writer).add(lesson("b", visibility="agent:bo"))
    with pytest.raises(NotAllowed, match="agent:bo"):
        base.within(writer).edit("a", {"visibility": "agent:bo"})


def test_recalls_and_outcomes_are_kept(base: LessonBase, lesson: Make) -> None:
    """What was asked, what was returned, and what came of it can be read back."""
    filled(base, lesson)
    briefing = base.recall(TASK)
    base.outcome(
        Outcome(record_id="schema", outcome=OutcomeKind.HELPED, recall_id=briefing.recall_id)
    )

    stats = base.stats()
    assert (stats.recalls, stats.outcomes) == (1, 1)
    last = base.history("schema")[-1]
    assert (last.action, last.detail["outcome"]) == ("outcome", "helped")
    assert last.detail["recall_id"] == briefing.recall_id
    with pytest.raises(RecordNotFound):
        base.outcome(Outcome(record_id="nobody", outcome=OutcomeKind.HELPED))


def test_a_base_remembers(open_at: Callable[..., LessonBase], tmp_path: Path, lesson: Make) -> None:
    """Closed and opened again, it answers the same, and trusts its index."""
    first = open_at(tmp_path / "b")
    filled(first, lesson)
    before = first.recall(TASK)
    first.close()

    second = open_at(tmp_path / "b")
    after = second.recall(TASK)

    assert not after.degraded
    assert [(hit.record, hit.score) for hit in after.hits] == [
        (hit.record, pytest.approx(hit.score)) for hit in before.hits
    ]


def test_drafts_are_completed(base: LessonBase) -> None:
    """Id and times are filled in; what is wrong is named field by field."""
    made = base.add({"kind": "heuristic", "title": "Tea", "rule": "Warm the pot."})

    assert made.id == "id-0001"
    assert made.updated_at - made.created_at == timedelta(0)
    with pytest.raises(InvalidInput, match="rule is missing; rul is not a field"):
        base.add({"kind": "heuristic", "title": "Tea", "rul": "x"})
