"""An incident from the first look to the draft of what was learned: real stores and encoder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import InvalidInput, NotAllowed, RecordNotFound
from lessonbase.records import (
    Closing,
    Covered,
    Evidence,
    Frequency,
    Role,
    Scope,
    Severity,
    Status,
    Verdict,
)
from lessonbase.wiring import open_base

POOL: dict[str, Any] = {
    "id": "pool",
    "kind": "failure_mode",
    "title": "Orders API out of database connections",
    "symptom": "FATAL: remaining connection slots are reserved; the orders API answers 503.",
    "cause": "A deploy doubled the workers, each with a pool of its own.",
    "recovery": "Scale the workers back, then put pgbouncer in front.",
    "prevention": "Alert at 80 % of max_connections.",
    "checks": ["connection count against max_connections", "recent deploys of the service"],
    "services": ["postgres"],
    "resolved_by": "Ada",
    "occurred_at": "2026-01-05T10:00:00Z",
    "seen_at": ["2026-03-01T09:00:00Z", "2026-10-20T03:00:00Z"],
}
OTHERS: list[dict[str, Any]] = [
    {
        "id": "disk",
        "kind": "failure_mode",
        "title": "Disk of a broker full",
        "symptom": "Kafka broker stops with No space left on device (ENOSPC).",
        "recovery": "Shorten retention, then add a volume.",
        "checks": ["free disk space on every broker"],
    },
    {
        "id": "cert",
        "kind": "failure_mode",
        "title": "Expired certificate at the gateway",
        "symptom": "Clients fail with CERTIFICATE_VERIFY_FAILED since midnight.",
        "recovery": "Renew it and reload nginx.",
    },
    {
        "id": "lesson",
        "kind": "lesson",
        "title": "Remaining connection slots are reserved: pools multiply with workers",
        "situation": "psycopg connections to postgres fail: FATAL, no connection slots remain.",
        "advice": "Count workers times pool size before you scale.",
    },
]
TRACE = (
    "2026-11-20 03:12:44 UTC [771] FATAL: remaining connection slots are reserved for superusers\n"
    "psycopg.OperationalError: connection failed: postgres, severity=critical"
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LessonBase]:
    """A base with the shipped encoder; each test has a space of its own."""

    class Clock:
        def now(self) -> datetime:
            return datetime(2026, 11, 20, 4, tzinfo=UTC)

    path = tmp_path_factory.mktemp("incidents")
    with open_base(path, embedded=True, create=True, clock=Clock()) as base:
        yield base


@pytest.fixture
def base(opened: LessonBase, request: pytest.FixtureRequest) -> LessonBase:
    """A space with three failure modes and a lesson."""
    name = f"s{abs(hash(request.node.name))}"
    space = opened.within(Scope(space=name, role=Role.ADMIN))
    space.add_all([POOL, *OTHERS])
    return space


def agent(base: LessonBase, name: str, role: Role = Role.WRITER) -> LessonBase:
    return base.within(Scope(space=base.scope.space, agent=name, role=role))


def test_the_way_out_of_the_last_time_comes_first(base: LessonBase) -> None:
    """The failure mode, what both have to the letter, who ended it, and how often it came."""
    view = base.incident(TRACE)

    first = view.precedents[0]
    assert first.record.id == "pool"
    assert (first.record.recovery, first.record.resolved_by) == (POOL["recovery"], "Ada")
    assert "postgres" in first.exact
    assert (view.verdict, view.frequency, first.times) == (Verdict.APPLY, Frequency.FREQUENT, 3)
    assert [moment.month for moment in first.seen] == [1, 3, 10]
    assert "OperationalError" in " ".join(view.signature.exceptions)
    assert view.begun == datetime(2026, 11, 20, 3, 12, 44, tzinfo=UTC)
    assert [hit.record.id for hit in view.lessons] == ["lesson"]


def test_a_check_that_was_made_is_not_asked_for_again(base: LessonBase) -> None:
    """In the reader's own words; what is not made comes first."""
    view = base.incident(TRACE, done=["compared the connection count with max_connections"])

    assert [(check.text, check.covered) for check in view.checks] == [
        ("recent deploys of the service", Covered.NO),
        ("connection count against max_connections", Covered.YES),
    ]
    assert view.checks[1].done == "compared the connection count with max_connections"
    assert view.checks[0].records == ("pool",)


def test_what_is_not_known_is_new(base: LessonBase) -> None:
    """No precedent, no check, and the nearest is named."""
    view = base.incident("The printer on the third floor has run out of paper again.")

    assert (view.verdict, view.frequency) == (Verdict.NOTHING_RELEVANT, Frequency.NEW)
    assert (view.precedents, view.checks, view.lessons) == ((), (), ())
    assert view.reason.code == "below_threshold"


def test_once_or_twice_is_rare(base: LessonBase) -> None:
    """A failure without a date happened once, nobody knows when."""
    view = base.incident("kafka broker down: No space left on device ENOSPC")

    first = view.precedents[0]
    assert (first.record.id, first.times, first.seen) == ("disk", 1, ())
    assert view.frequency is Frequency.RARE


def test_times_of_records_that_say_the_same_count(base: LessonBase) -> None:
    """Each report of one failure is a time that it came; the same moment counts once."""
    again = {**POOL, "id": "again", "occurred_at": "2026-11-01T00:00:00Z", "seen_at": []}
    same = {**POOL, "id": "same", "seen_at": []}
    base.add_all([again, same])

    first = base.incident(TRACE).precedents[0]

    assert [moment.month for moment in first.seen] == [1, 3, 10, 11]
    assert first.times == 4


def test_an_incident_becomes_a_draft(base: LessonBase) -> None:
    """Everything that is known is filled in; what is not is named, not made up."""
    ada = agent(base, "ada")
    view = ada.incident(TRACE, done=["counted the connections"])

    closed = ada.close_incident(
        Closing(recovery="Restarted the pooler.", checks=("pooler log",), resolved_by="Bo")
    )

    draft = closed.record
    assert (closed.incident_id, closed.kept) == (view.incident_id, True)
    assert closed.missing == ("prevention", "cause", "impact", "detection")
    assert draft.title.startswith("psycopg.OperationalError")
    assert "remaining connection slots are reserved" in draft.symptom
    assert (draft.status, draft.severity) == (Status.PROPOSED, Severity.CRITICAL)
    assert draft.checks == ("counted the connections", "pooler log")
    assert draft.services == view.signature.services
    assert draft.signature == view.signature
    assert (draft.resolved_by, draft.provenance.agent) == ("Bo", "ada")
    assert draft.occurred_at == view.begun
    assert base.get(draft.id) == draft


def test_a_draft_is_shown_to_those_who_review(base: LessonBase) -> None:
    """An hour later it comes again: a curator sees the draft, an agent does not rest on it."""
    ada = agent(base, "ada")
    text = "FileNotFoundError: /etc/tea/leaves.yaml while brewing oolong in the canteen service"
    ada.incident(text)
    draft = ada.close_incident(Closing(recovery="Put the leaves file back.")).record

    assert [one.record.id for one in base.incident(text).precedents] == [draft.id]
    assert draft.id not in {one.record.id for one in ada.incident(text).precedents}


def test_a_draft_does_not_push_out_what_was_reviewed(base: LessonBase) -> None:
    """Though it has the very words: somebody has looked at the other one."""
    base.incident(TRACE)
    draft = base.close_incident(Closing(recovery="")).record

    ids = [one.record.id for one in base.incident(TRACE).precedents]

    assert ids == ["pool", draft.id]
    assert [one.record.id for one in base.incident(TRACE, 1).precedents] == ["pool"]


def test_a_rival_with_the_same_symptom_leaves_the_other_one_in_sight(base: LessonBase) -> None:
    """Which of the two it is, the engineer finds out by their checks."""
    rival = {**POOL, "id": "rival", "title": "Leaked connections", "checks": ["idle sessions"]}
    base.add({**rival, "cause": "A worker never closes.", "recovery": "Restart the workers."})

    ids = [one.record.id for one in base.incident(TRACE).precedents]

    assert sorted(ids) == ["pool", "rival"]


def test_closing_twice_makes_one_draft(base: LessonBase) -> None:
    """The same again is no error; something else is said to be an edit."""
    view = base.incident(TRACE)
    closing = Closing(incident_id=view.incident_id, cause="Workers.")

    first = base.close_incident(closing)

    assert base.close_incident(closing).record == first.record
    with pytest.raises(InvalidInput, match="is taken by another record"):
        base.close_incident(Closing(incident_id=view.incident_id, cause="Something else."))
    base.close_incident(Closing(incident_id=view.incident_id, same_as="disk"))
    again = base.close_incident(Closing(incident_id=view.incident_id, same_as="disk"))
    assert len(again.record.seen_at) == 1


def test_signs_that_no_record_may_hold_are_left_out(base: LessonBase) -> None:
    """A log has them; an incident is no time to clean it."""
    view = base.incident(f"\x00{TRACE}\ud800", done=["looked\x00 at it"])

    assert view.done == ("looked at it",)
    assert view.precedents[0].record.id == "pool"


def test_a_dry_run_keeps_nothing(base: LessonBase) -> None:
    """It shows the draft."""
    base.incident(TRACE)
    before = base.stats().records

    closed = base.close_incident(Closing(dry_run=True, cause="Too many workers."))

    assert (closed.kept, closed.record.cause) == (False, "Too many workers.")
    assert base.stats().records == before
    with pytest.raises(RecordNotFound):
        base.get(closed.record.id)


def test_a_failure_that_came_again_is_no_new_record(base: LessonBase) -> None:
    """It has one more time, the new checks, and fills gaps; what is known is not overwritten."""
    base.incident("kafka ENOSPC on broker 3", done=["looked at retention"])

    closed = base.close_incident(
        Closing(same_as="disk", cause="Retention was raised.", recovery="Something in haste.")
    )

    record = closed.record
    assert (record.id, record.seen_at) == ("disk", (datetime(2026, 11, 20, 4, tzinfo=UTC),))
    assert record.checks == ("free disk space on every broker", "looked at retention")
    assert record.recovery == "Shorten retention, then add a volume."
    assert record.cause == "Retention was raised."
    assert record.evidence is Evidence.OBSERVED_REPEATEDLY
    assert base.incident("kafka ENOSPC on broker 3").precedents[0].times == 2


def test_an_incident_that_nobody_asked_about_can_be_closed_by_its_text(base: LessonBase) -> None:
    """Who resolved it at once and writes it down afterwards has no id."""
    closed = base.close_incident(Closing(text=TRACE, title="Slots gone", cause="Deploy."))

    assert (closed.incident_id, closed.record.title) == (None, "Slots gone")
    assert closed.record.occurred_at == datetime(2026, 11, 20, 3, 12, 44, tzinfo=UTC)


def test_each_closes_their_own_incident(base: LessonBase) -> None:
    """Without an id the caller's latest; an id of somebody else's is not there."""
    ada, bo = agent(base, "ada"), agent(base, "bo")
    view = ada.incident(TRACE)

    with pytest.raises(InvalidInput, match="no incident to close"):
        bo.close_incident(Closing())
    with pytest.raises(RecordNotFound):
        bo.close_incident(Closing(incident_id=view.incident_id))
    assert base.close_incident(Closing(incident_id=view.incident_id)).kept
    nobody = base.within(Scope(space=base.scope.space, role=Role.WRITER))
    own = nobody.incident(TRACE)
    with pytest.raises(InvalidInput, match="no incident to close"):
        nobody.close_incident(Closing())
    assert nobody.close_incident(Closing(incident_id=own.incident_id)).kept
    with pytest.raises(NotAllowed):
        agent(base, "ada", Role.READER).close_incident(Closing())


def test_what_was_asked_is_kept_without_secrets(base: LessonBase) -> None:
    """In the view, in the note, and in the draft."""
    token = "ghp_" + "q7W8e9R0t1Y2u3I4o5P6a7S8d9F0g1H2j3K4"
    view = base.incident(f"{TRACE}\ntoken={token}", done=[f"tried {token}"])
    closed = base.close_incident(Closing())
    (note,) = base.recalls()

    told = view.model_dump_json() + closed.model_dump_json() + note.model_dump_json()
    assert token not in told
    assert "(redacted:key)" in view.text


def test_incidents_are_among_what_was_asked(base: LessonBase) -> None:
    """With the precedents that were shown, so that gaps and use can be studied."""
    view = base.incident(TRACE)

    (note,) = base.recalls()

    assert (note.recall_id, note.way, note.task) == (view.incident_id, "incident", view.text)
    assert [hit.id for hit in note.hits] == ["pool", "lesson"]


def test_erasing_a_record_takes_incidents_that_may_quote_it(tmp_path: Path) -> None:
    """The text, the checks and the marks go; the incident cannot be closed from them any more."""
    with open_base(tmp_path, embedded=True, create=True) as base:
        base.add(POOL)
        view = base.incident(TRACE, done=["counted the connections"])
        base.erase("pool")

        (note,) = base.recalls()
        assert note.task is None
        with pytest.raises(InvalidInput, match="was erased"):
            base.close_incident(Closing(incident_id=view.incident_id))
        for file in tmp_path.rglob("*"):
            if file.is_file():
                assert b"counted the connections" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("text", "n", "done", "message"),
    [
        ("  ", 3, [], "the incident is empty"),
        ("x" * 500_001, 3, [], "has 500,001 characters"),
        ("x", 0, [], "0 precedents"),
        ("\x00", 3, [], "the incident is empty"),
        ("x", 3, [" "], "one is empty"),
        ("x", 3, ["\x00"], "one is empty"),
        ("x", 3, ["x" * 2_001], "over 2000 characters"),
        ("x", 3, ["a"] * 65, "more than 64"),
    ],
)
def test_what_cannot_be_asked(
    base: LessonBase, text: str, n: int, done: list[str], message: str
) -> None:
    """It is said what is wrong."""
    with pytest.raises(InvalidInput, match=message):
        base.incident(text, n, done=done)


def test_only_a_failure_mode_comes_again(base: LessonBase) -> None:
    """Not a lesson, and none that is not there."""
    base.incident(TRACE)

    with pytest.raises(InvalidInput, match="is a lesson, no failure mode"):
        base.close_incident(Closing(same_as="lesson"))
    with pytest.raises(RecordNotFound):
        base.close_incident(Closing(same_as="nothing"))


def test_an_old_time_in_a_text_is_not_when_it_began(base: LessonBase) -> None:
    """A version or a copyright has dates, too."""
    view = base.incident(f"built 2019-01-01 10:00:00\n{TRACE.replace('2026-11-20 03', 'at')}")

    assert view.begun == view.at
    assert view.at - view.begun < timedelta(seconds=1)
