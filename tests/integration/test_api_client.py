"""Every use case, in process and as a client of the process that owns the base: the same results.

The owner is the real one: its application, its middleware and its server, over HTTP.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from api_support import LOCKS, SECRET, TASK, serving
from lessonbase.base import LessonBase
from lessonbase.client import RemoteBase
from lessonbase.client.transport import Transport
from lessonbase.errors import (
    InvalidInput,
    KeyNotFound,
    LessonBaseError,
    NotAllowed,
    NotKnown,
    OwnerUnreachable,
    RecordNotFound,
    StoreError,
    TooBusy,
    VersionConflict,
)
from lessonbase.ports import Base
from lessonbase.records import (
    Closing,
    Filters,
    ImportReport,
    Kind,
    Lesson,
    Outcome,
    OutcomeKind,
    Role,
    Scope,
    Severity,
    Stats,
    Status,
    Verdict,
)
from support import DAY, base_at

Make = Callable[..., Lesson]
OTHER = {
    "id": "pooler",
    "kind": "failure_mode",
    "title": "Pooler resets",
    "symptom": "ECONNRESET from the pooler.",
    "recovery": "Restart it.",
    "tags": ["network", "postgres"],
    "services": ["pgbouncer"],
    "occurred_at": "2026-01-05T00:00:00Z",
}


WAYS = ["in process", "as a client"]


@contextmanager
def filled(way: str, base: LessonBase) -> Iterator[Base]:
    """*base* with two records in it, as its owner sees it or as a client does."""
    base.add(LOCKS)
    base.add(OTHER)
    if way == "in process":
        yield base
    else:
        with serving(base) as site:
            yield site.remote()


@pytest.fixture(params=WAYS)
def either(request: pytest.FixtureRequest, base: LessonBase) -> Iterator[Base]:
    """A base that a test may change."""
    with filled(request.param, base) as opened:
        yield opened


@pytest.fixture(scope="module", params=WAYS)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Base]:
    """A base that tests only read, or try to change in vain."""
    path = tmp_path_factory.mktemp("shared")
    with base_at(path / "base") as base, filled(request.param, base) as opened:
        yield opened


def acting(base: Base, role: Role, agent: str | None, call: Callable[[Base], Any]) -> Any:
    """What *call* returns for another caller; over HTTP, one with a key of its own."""
    if isinstance(base, LessonBase):
        return call(base.within(Scope(agent=agent, role=role)))
    assert isinstance(base, RemoteBase)
    address = (base._transport._owner(0)[0], base.create_key(role, agent=agent).token)
    with RemoteBase(Transport("base", lambda _: address, None, timeout_s=30)) as other:
        return call(other)


def test_who_acts(shared: Base) -> None:
    """The owner's own user is an admin of the whole space."""
    assert shared.scope == Scope(role=Role.ADMIN)


def test_recall(shared: Base) -> None:
    """A briefing with hits whose reasons add up, within kinds and budget."""
    briefing = shared.recall(TASK, 1)

    assert (briefing.verdict, briefing.task) == (Verdict.APPLY, TASK)
    assert [hit.record.id for hit in briefing.hits] == ["locks"]
    assert briefing.checklist.do == ("Set a lock timeout first. [locks]",)
    hit = briefing.hits[0]
    assert sum(signal.delta for signal in hit.signals) == pytest.approx(hit.score, abs=1e-9)
    assert shared.recall(TASK, 1, budget=briefing.tokens).tokens == briefing.tokens
    assert shared.recall(TASK, 1, budget=1).hits == ()
    assert shared.recall(TASK, kinds=[Kind.OBSERVATION]).reason.code == "nothing_in_scope"


def test_vectors(shared: Base) -> None:
    """One vector of unit length for each record, the same however it is asked for."""
    (batch,) = shared.vectors()

    assert sorted(batch.ids) == ["locks", "pooler"]
    assert (batch.vectors.shape, batch.vectors.dtype) == ((2, 384), np.float32)
    assert np.linalg.norm(batch.vectors, axis=1) == pytest.approx([1.0, 1.0])


def test_vectors_of_what_the_caller_may_see(either: Base) -> None:
    """Those of any status, and nobody else's."""
    either.add({**OTHER, "id": "mine", "visibility": "agent:scout"})
    either.retire("pooler")

    def ids(base: Base) -> list[str]:
        return sorted(one for batch in base.vectors() for one in batch.ids)

    assert ids(either) == ["locks", "mine", "pooler"]
    assert acting(either, Role.READER, "bo", ids) == ["locks", "pooler"]
    assert acting(either, Role.READER, "scout", ids) == ["locks", "mine", "pooler"]


def test_recalls(either: Base) -> None:
    """What was asked, newest first, with what was reported of it."""
    first = either.recall(TASK, 1)
    acting(either, Role.WRITER, "scout", lambda base: base.recall("book a hotel in Lisbon"))
    report = Outcome(
        record_id="locks", outcome=OutcomeKind.HELPED, recall_id=first.recall_id, saved_tokens=5
    )
    told = either.outcome(report)

    hotel, locks = either.recalls()
    assert (locks.recall_id, locks.task, locks.way) == (first.recall_id, TASK, "recall")
    assert (locks.actor, locks.verdict, locks.reason) == ("admin", Verdict.APPLY, "fits")
    assert [(hit.id, hit.relevance) for hit in locks.hits] == [
        (hit.record.id, hit.relevance) for hit in first.hits
    ]
    assert [(one.record_id, one.outcome, one.saved_tokens) for one in locks.outcomes] == [
        ("locks", OutcomeKind.HELPED, 5)
    ]
    assert locks.outcomes[0].recall_id == told.recall_id
    assert (hotel.actor, hotel.verdict) == ("agent:scout", Verdict.NOTHING_RELEVANT)
    assert (hotel.hits, hotel.outcomes) == ((), ())
    assert list(either.recalls(until=hotel.at)) == [locks]
    assert list(either.recalls(since=hotel.at)) == [hotel]


def test_outcomes_that_were_reported(either: Base) -> None:
    """With and without a recall, newest first; of what the caller may see."""
    either.add({**OTHER, "id": "mine", "visibility": "agent:scout"})
    for record_id in ("locks", "mine"):
        either.outcome(Outcome(record_id=record_id, outcome=OutcomeKind.STALE, note="old"))

    def told(base: Base) -> list[tuple[str, str]]:
        return [(one.outcome.record_id, one.actor) for one in base.outcomes()]

    assert told(either) == [("mine", "admin"), ("locks", "admin")]
    assert [one.outcome.note for one in either.outcomes()] == ["old", "old"]
    assert acting(either, Role.READER, "bo", told) == [("locks", "admin")]
    assert list(either.outcomes(since=datetime(2030, 1, 1, tzinfo=UTC))) == []
    either.erase("locks")
    assert told(either) == [("mine", "admin")]


def test_recalls_are_for_admins_and_for_those_who_asked(either: Base) -> None:
    """An agent reads what it asked itself; a key without an agent nothing."""
    either.recall(TASK, 1)
    acting(either, Role.READER, "scout", lambda base: base.recall("a task of scout"))

    mine = acting(either, Role.READER, "scout", lambda base: list(base.recalls()))
    assert [one.task for one in mine] == ["a task of scout"]
    with pytest.raises(NotAllowed, match="may not read what others asked"):
        acting(either, Role.CURATOR, None, lambda base: list(base.recalls()))


def test_incident(either: Base) -> None:
    """The view and the draft, the same in process and as a client."""
    view = either.incident("ECONNRESET from the pooler", done=["restarted it"])

    assert [one.record.id for one in view.precedents] == ["pooler"]
    assert view.precedents[0].exact == ("ECONNRESET",)
    assert [f"{moment:%Y-%m-%d}" for moment in view.precedents[0].seen] == ["2026-01-05"]
    assert (view.done, view.signature.codes) == (("restarted it",), ("ECONNRESET",))

    closed = either.close_incident(
        Closing(incident_id=view.incident_id, recovery="Failed over.", severity=Severity.HIGH)
    )
    assert closed.record == either.get(closed.record.id)
    assert (closed.record.recovery, closed.record.severity) == ("Failed over.", Severity.HIGH)
    assert closed.record.status is Status.PROPOSED
    again = either.close_incident(Closing(incident_id=view.incident_id, same_as="pooler"))
    assert (again.record.id, again.record.version) == ("pooler", 2)
    with pytest.raises(RecordNotFound):
        either.close_incident(Closing(incident_id="none"))


def test_search(shared: Base) -> None:
    """Hits, best first, narrowed by every filter there is."""
    found = shared.search("pooler ECONNRESET", 2)
    assert [hit.record.id for hit in found.results] == ["pooler", "locks"]
    filters = Filters(
        kinds=(Kind.FAILURE_MODE,),
        tags=("network", "dns"),
        services=("pgbouncer",),
        statuses=(Status.ACTIVE, Status.RETIRED),
        since=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2026, 2, 1, tzinfo=UTC),
    )

    assert [hit.record.id for hit in shared.search("table", filters=filters).results] == ["pooler"]
    assert shared.search("pooler", filters=Filters(author="nobody")).results == ()


def test_get(shared: Base) -> None:
    """A record with every field that it was given."""
    record = shared.get("locks")

    times = {"created_at": record.created_at, "updated_at": record.updated_at}
    assert record == Lesson(**LOCKS, **times, trust=0.8)


def test_list_and_its_pages(either: Base, lesson: Make) -> None:
    """Pages that follow one another hold every record once, last changed first."""
    either.add_all([lesson(f"r{n}") for n in range(5)])
    seen, before = [], None
    while True:
        page = either.list(limit=3, before=before)
        seen.append([record.id for record in page.records])
        if page.after is None:
            break
        before = page.after

    assert seen == [["r4", "r3", "r2"], ["r1", "r0", "pooler"], ["locks"]]
    assert [one.id for one in either.list(filters=Filters(tags=("network",))).records] == ["pooler"]
    since = Filters(since=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert "pooler" not in [one.id for one in either.list(filters=since).records]
    assert either.list(filters=Filters(statuses=(Status.RETIRED,))).records == ()


def test_facets_and_stats(either: Base) -> None:
    """Counts of what is there."""
    facets, stats = either.facets(limit=1), either.stats()

    assert facets.kinds == {"failure_mode": 1, "lesson": 1}
    assert facets.statuses == {"active": 2}
    assert facets.tags == {"network": 1}
    assert facets.services == {"pgbouncer": 1}
    assert stats == Stats(
        records=2,
        kinds={"failure_mode": 1, "lesson": 1},
        statuses={"active": 2},
        spaces=1,
        encoder=stats.encoder,
    )
    assert stats.encoder.startswith("hashing")


def test_history(either: Base) -> None:
    """Each change with what was before and after it."""
    either.edit("locks", {"title": "Locks"})

    added, edited = either.history("locks")
    assert (added.action, added.before, added.actor) == ("add", None, "admin")
    assert (edited.action, edited.seq) == ("edit", added.seq + 2)
    assert edited.before == added.after
    assert edited.after == either.get("locks")


@pytest.mark.slow
def test_export(either: Base, lesson: Make) -> None:
    """Every record, oldest change first, as `get` has it."""
    either.add_all([lesson(f"r{n:04}") for n in range(1_001)])

    records = list(either.export())

    assert [record.id for record in records] == [
        *("locks", "pooler"),
        *(f"r{n:04}" for n in range(1_001)),
    ]
    assert records[0] == either.get("locks")


def test_add(either: Base, lesson: Make) -> None:
    """What is absent is filled in; the same record again is the one that is there."""
    fields = {"kind": "heuristic", "title": "Tea", "rule": "Warm the pot.", "tags": ("tea",)}
    made = either.add({**fields, "id": None})
    record = lesson("r")

    assert either.get(made.id) == made
    assert (made.version, made.tags) == (1, ("tea",))
    assert made.id != either.add(fields).id
    kept = either.add(record)
    assert (kept.content(), kept.trust) == (record.content(), 0.8)
    assert either.add(record) == kept
    assert len(either.history("r")) == 1


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.new, report.changed, report.unchanged


def test_add_all(either: Base, lesson: Make) -> None:
    """An import counts what is new, changed and the same; a dry run counts only."""
    records = [lesson("a"), lesson("b")]
    told: list[tuple[int, int]] = []

    dry = either.add_all(records, dry_run=True)
    assert (counts(dry), dry.dry_run, dry.kinds) == ((2, 0, 0), True, {"lesson": 2})
    assert either.stats().records == 2
    done = either.add_all(records, progress=lambda *part: told.append(part))
    assert (counts(done), done.dry_run) == ((2, 0, 0), False)
    assert told[-1] == (2, 2)
    changed = [lesson("a"), lesson("b", advice="Another."), {**LOCKS, "id": "c"}]
    assert counts(either.add_all(changed)) == (1, 1, 1)
    assert either.get("b").version == 2
    assert either.add_all([]) == ImportReport()


def test_the_last_of_one_id_counts(either: Base, lesson: Make) -> None:
    """A record that is given twice in one import is the last one given."""
    report = either.add_all([lesson("a", title="first"), lesson("b"), lesson("a", title="last")])

    assert counts(report) == (2, 0, 0)
    assert either.get("a").title == "last"


def test_edit(either: Base) -> None:
    """A change rests on a version; one that was made already is made once."""
    edited = either.edit("locks", {"title": "Locks", "valid_until": DAY}, version=1)

    assert (edited.version, edited.title, edited.valid_until) == (2, "Locks", DAY)
    assert either.edit("locks", {"title": "Locks"}, version=1) == edited
    with pytest.raises(VersionConflict, match=r"record 'locks' is at version 2, not 1") as caught:
        either.edit("locks", {"title": "Lock"}, version=1)
    assert caught.value.hint == "read it again, then repeat the change"


def test_retire_and_supersede(either: Base) -> None:
    """Both take a record out of recall; the one that takes its place says so."""
    retired = either.retire("locks", note="no tables any more")
    assert (retired.status, either.recall(TASK).hits) == (Status.RETIRED, ())
    assert either.history("locks")[-1].detail == {"note": "no tables any more"}
    newer = either.add({**LOCKS, "id": "newer"})

    superseding = either.supersede("pooler", by="newer")

    assert (superseding.id, superseding.supersedes) == (newer.id, ("pooler",))
    assert either.get("pooler").status is Status.SUPERSEDED


def test_erase(either: Base) -> None:
    """An erased record is nowhere, and whoever may see all is told that it was erased."""
    either.erase("locks")

    with pytest.raises(RecordNotFound, match="no record 'locks' here"):
        either.get("locks")
    assert [event.action for event in either.history("locks")] == ["add", "erase"]
    assert either.history("locks")[0].after is None


def test_an_outcome_told_twice_is_kept_once(either: Base) -> None:
    """A report has an id, its own or one that it is given; the same one again changes nothing."""
    report = Outcome(
        record_id="locks", outcome=OutcomeKind.HELPED, id="o1", saved_tokens=2**70, note="as said"
    )

    assert either.outcome(report) == either.outcome(report) == report
    [kept] = [event for event in either.history("locks") if event.action == "outcome"]
    assert kept.detail == {
        "outcome": "helped",
        "id": "o1",
        "recall_id": None,
        "saved_tokens": 2**70,
        "note": "as said",
    }
    either.outcome(Outcome(record_id="locks", outcome=OutcomeKind.STALE))
    assert either.stats().outcomes == 2


def test_doctor_and_reindex(either: Base) -> None:
    """A base that is well says so, and is well after all its vectors were made anew."""
    assert either.doctor().healthy
    either.reindex(progress=lambda *_: None)
    assert either.doctor(repair=True).problems == ()
    assert either.recall(TASK, 1).hits[0].record.id == "locks"


def test_keys_and_audit(either: Base) -> None:
    """A key is listed without its secret, ends for good, and both are in the audit trail."""
    made = either.create_key(Role.WRITER, agent="scout", teams=("ops",), note="for a hook")
    assert either.keys() == (made.key,)
    assert (made.key.agent, made.key.teams, made.key.note) == ("scout", ("ops",), "for a hook")

    revoked = either.revoke_key(made.key.id)

    assert revoked.revoked_at is not None
    assert either.keys() == (revoked,) == (either.revoke_key(made.key.id),)
    events = either.audit(limit=3)
    assert [event.action for event in events] == ["key_revoke", "key_create", "add"]
    assert events[1].detail == {
        "key": made.key.id,
        "role": "writer",
        "agent": "scout",
        "teams": ["ops"],
    }


@pytest.mark.parametrize(
    ("call", "kind", "message", "hint"),
    [
        (
            lambda base: base.get("nope"),
            RecordNotFound,
            "no record 'nope' here",
            "`lessonbase list` shows the ids of this space; --space chooses another",
        ),
        (lambda base: base.get("../keys"), RecordNotFound, "no record '../keys' here", None),
        (lambda base: base.history("nope"), RecordNotFound, "no record 'nope' here", None),
        (lambda base: base.retire("nope"), RecordNotFound, "no record 'nope' here", None),
        (lambda base: base.erase("nope"), RecordNotFound, "no record 'nope' here", None),
        (lambda base: base.supersede("locks", "no"), RecordNotFound, "no record 'no' here", None),
        (
            lambda base: base.outcome(Outcome(record_id="nope", outcome=OutcomeKind.WRONG)),
            RecordNotFound,
            "no record 'nope' here",
            None,
        ),
        (
            lambda base: base.supersede("locks", "locks"),
            InvalidInput,
            "record 'locks' cannot supersede itself",
            "name another record",
        ),
        (
            lambda base: base.recall("  "),
            InvalidInput,
            "the task is empty",
            "say in a line what you are about to do",
        ),
        (
            lambda base: base.add({"kind": "lesson", "title": "x", "situation": "y"}),
            InvalidInput,
            "advice is missing",
            "docs/records.md shows every field",
        ),
        (
            lambda base: base.add({**LOCKS, "title": "half \ud800"}),
            InvalidInput,
            "title has a lone surrogate (half of a character); repair the encoding",
            None,
        ),
        (
            lambda base: base.add({**LOCKS, "title": object()}),
            InvalidInput,
            "title",
            "docs/records.md shows every field",
        ),
        (
            lambda base: base.add({**LOCKS, "advice": "Other."}),
            InvalidInput,
            "id 'locks' is taken by another record",
            "choose another id, or change that one: `lessonbase edit locks`",
        ),
        (
            lambda base: base.edit("locks", {"kind": "heuristic"}),
            InvalidInput,
            "kind cannot be edited",
            "add a new record and let it supersede this one",
        ),
        (
            lambda base: base.revoke_key("nope"),
            KeyNotFound,
            "no key 'nope' here",
            "`lessonbase key list` shows them",
        ),
        (lambda base: base.revoke_key("a/b"), KeyNotFound, "no key 'a/b' here", None),
        (
            lambda base: acting(base, Role.READER, None, lambda one: one.add(LOCKS)),
            NotAllowed,
            "a reader may not do this",
            "it takes a writer",
        ),
        (
            lambda base: acting(
                base, Role.WRITER, "bo", lambda one: one.add({**LOCKS, "visibility": "agent:ann"})
            ),
            NotAllowed,
            "agent:bo may not write for agent:ann",
            "use the visibility `space`, the agent itself, or one of its teams",
        ),
        (
            lambda base: acting(base, Role.ADMIN, "bo", lambda one: one.create_key(Role.READER)),
            NotAllowed,
            "agent:bo is not an admin of the whole space",
            "it takes an admin that is bound to no agent and no team",
        ),
    ],
)
def test_errors(
    shared: Base,
    call: Callable[[Base], Any],
    kind: type[LessonBaseError],
    message: str,
    hint: str | None,
) -> None:
    """An error has the same type, says the same and has the same hint, wherever it was raised."""
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call(shared)

    assert type(caught.value) is kind
    assert hint in (None, caught.value.hint)


def test_a_bad_record_among_many(either: Base, lesson: Make) -> None:
    """Nothing is imported, and the reader is told what is wrong."""
    with pytest.raises(InvalidInput) as caught:
        either.add_all([lesson("a"), {"kind": "rumour", "title": "x"}])

    assert "kind 'rumour' is not one of lesson, " in f"{caught.value}; {caught.value.hint}"
    assert either.stats().records == 2


def test_a_client_with_a_wrong_secret(base: LessonBase) -> None:
    """It is told so at once, in streams as well, and not after its deadline."""
    with serving(base) as site:
        stranger = site.remote("wrong")

        with pytest.raises(NotKnown, match="no valid key was given"):
            stranger.stats()
        with pytest.raises(NotKnown, match="no valid key was given"):
            list(stranger.export())


def test_a_client_of_an_owner_that_is_gone(base: LessonBase) -> None:
    """Its call ends at the deadline, saying that nobody answers; the next owner answers it."""
    with serving(base) as site:
        url = site.url
    addresses = [(url, SECRET)]
    remote = RemoteBase(Transport("base", lambda _: addresses[-1], None, timeout_s=0.2))

    with pytest.raises(OwnerUnreachable, match=r"the owner of base gave no answer in \d"):
        remote.stats()
    with pytest.raises(OwnerUnreachable, match="ConnectError"):
        list(remote.export())
    with serving(base) as site:
        addresses.append((site.url, SECRET))
        assert remote.stats().records == 0
    remote.close()


def test_a_store_that_fails(base: LessonBase) -> None:
    """A client is told that the store fails, not that the owner is busy."""
    with serving(base) as site:
        base._parts.writing.end()
        remote = site.remote(timeout_s=0.2)

        with pytest.raises(StoreError, match="the base is being closed") as caught:
            remote.add(LOCKS)
    assert not isinstance(caught.value, TooBusy)


def test_a_page_link(base: LessonBase) -> None:
    """The owner's user gets a link that signs in; a client bound to an agent does not."""
    with serving(base) as site:
        link = site.remote().ticket()
        assert link.startswith(f"{site.url}/login?ticket=")
        with pytest.raises(NotAllowed, match="agent:bo may not do this"):
            site.remote(scope=Scope(agent="bo", role=Role.CURATOR)).ticket()
