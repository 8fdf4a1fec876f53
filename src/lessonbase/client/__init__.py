"""A base that another process owns: the same use cases, over HTTP. Loads no model and no index."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter

from lessonbase.client.requests import checked, draft, path_of, plain, result, soul_of
from lessonbase.client.transport import Transport
from lessonbase.errors import OwnerUnreachable, RecordNotFound
from lessonbase.records import (
    STORED,
    Briefing,
    Closed,
    Closing,
    Diagnosis,
    Event,
    Facets,
    Filters,
    ImportReport,
    Incident,
    Key,
    Kind,
    NewKey,
    Outcome,
    Page,
    Recalled,
    Record,
    Reported,
    ReviewQueue,
    Role,
    Scope,
    SearchResults,
    SoulBrief,
    SoulEvent,
    SoulSummary,
    SourceFile,
    SourceName,
    Stats,
)

if TYPE_CHECKING:
    from lessonbase.ports import RecordVectors

_Answer = TypeVar("_Answer", bound=BaseModel)
_SOURCES: TypeAdapter[tuple[SourceName, ...]] = TypeAdapter(tuple[SourceName, ...])
_SOULS: TypeAdapter[tuple[SoulSummary, ...]] = TypeAdapter(tuple[SoulSummary, ...])
_SOUL_EVENTS: TypeAdapter[tuple[SoulEvent, ...]] = TypeAdapter(tuple[SoulEvent, ...])
_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])
# Filters whose query parameter is named for one of them.
_NAMES = {
    "kinds": "kind",
    "tags": "tag",
    "services": "service",
    "statuses": "status",
    "relations": "relation",
}
_KEYS: TypeAdapter[tuple[Key, ...]] = TypeAdapter(tuple[Key, ...])


class RemoteBase(AbstractContextManager["RemoteBase"]):
    """A base as one caller sees it, through its owner. Safe to use from several threads.

    `lessonbase.base.LessonBase` documents each use case. A call that finds no owner starts one; one
    that takes too long ends in `OwnerUnreachable`. What is repeated is done once: ids and times of
    what is written are made here.
    """

    def __init__(self, transport: Transport, scope: Scope | None = None) -> None:
        """Speak through *transport* as *scope*; none: as whom its key lets in."""
        self._transport = transport
        self._scope = scope

    @property
    def scope(self) -> Scope:
        """Who acts."""
        if self._scope is None:
            self._scope = self._get("/v1/scope", Scope)
        return self._scope

    def recall(
        self, task: str, k: int = 5, *, budget: int | None = None, kinds: Sequence[Kind] = ()
    ) -> Briefing:
        """What is known that bears on *task*; or that nothing is."""
        body = {"task": task, "k": k, "budget": budget, "kinds": [str(kind) for kind in kinds]}
        return self._post("/v1/recall", body, Briefing)

    def search(self, query: str, n: int = 10, *, filters: Filters | None = None) -> SearchResults:
        """Past incidents and lessons that match *query*, best first."""
        narrowed = (filters or Filters()).model_dump(mode="json", exclude_none=True)
        return self._post(
            "/v1/search", {"query": query, "n": n, "filters": narrowed}, SearchResults
        )

    def incident(self, text: str, n: int = 3, *, done: Sequence[str] = ()) -> Incident:
        """Earlier failures like the one in *text*: the way out first, and what to check."""
        return self._post("/v1/incident", {"text": text, "n": n, "done": [*done]}, Incident)

    def close_incident(self, closing: Closing) -> Closed:
        """Turn what was learned into a draft of a failure mode."""
        # Not repeated: the first try may have kept a draft that nobody has seen.
        body = closing.model_dump(mode="json")
        answer = self._transport.call("POST", "/v1/incident/close", body=body, repeat=False)
        return Closed.model_validate_json(answer.content)

    def get(self, record_id: str) -> Record:
        """One record."""
        return STORED.validate_json(self._transport.call("GET", path_of(record_id)).content)

    def list(
        self, *, filters: Filters | None = None, limit: int = 50, before: int | None = None
    ) -> Page:
        """Records by their last change, newest first."""
        given = (filters or Filters()).model_dump(mode="json", exclude_none=True)
        params = {_NAMES.get(name, name): value for name, value in given.items()}
        params |= {"limit": limit} | ({} if before is None else {"cursor": before})
        answer = self._transport.call("GET", "/v1/records", params=params).json()
        after = answer["next"]
        return Page(
            records=tuple(STORED.validate_python(row) for row in answer["results"]),
            after=None if after is None else int(after),
        )

    def facets(self, *, limit: int = 30) -> Facets:
        """What a search can be narrowed by, with counts."""
        return self._get("/v1/facets", Facets, {"limit": limit})

    def history(self, record_id: str) -> tuple[Event, ...]:
        """All that happened to a record, oldest first."""
        answer = self._transport.call("GET", f"{path_of(record_id)}/history").json()
        return _EVENTS.validate_python(answer["results"])

    def export(self) -> Iterator[Record]:
        """Every record that the caller may see, oldest change first."""
        with self._transport.stream("GET", "/v1/export") as lines:
            for line in lines:
                yield STORED.validate_json(line)

    def vectors(self) -> "Iterator[RecordVectors]":
        """One vector for each record that the caller may see, in batches."""
        # Here, since it brings numpy, which no other call of a client needs.
        from lessonbase.client.vectors import read_batch

        with self._transport.stream("GET", "/v1/vectors") as lines:
            for line in lines:
                yield read_batch(line)

    def recalls(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Recalled]:
        """What the base was asked, newest first, with what was reported of each answer."""
        return self._told("/v1/recalls", Recalled, since, until)

    def outcomes(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Reported]:
        """What was reported of records that the caller may see, newest first."""
        return self._told("/v1/outcomes", Reported, since, until)

    def stats(self) -> Stats:
        """How much there is, by kind and status."""
        return self._get("/v1/stats", Stats)

    def add(self, record: Record | Mapping[str, Any]) -> Record:
        """Keep a record."""
        answer = self._transport.call("POST", "/v1/records", body=draft(record))
        return STORED.validate_json(answer.content)

    def add_all(
        self,
        records: Sequence[Record | Mapping[str, Any]],
        *,
        sources: Sequence[SourceFile] = (),
        dry_run: bool = False,
        progress: Any = None,
    ) -> ImportReport:
        """Keep many records at once, all or none, and the files they come from."""
        # Of several with one id the last counts; lines may not have any twice.
        drafts = {str(draft["id"]): draft for draft in map(draft, records)}
        if not drafts and not sources:
            return ImportReport(dry_run=dry_run)
        rows = [*map(json.dumps, drafts.values()), *(file.model_dump_json() for file in sources)]
        lines = "\n".join(rows).encode()
        done = self._long("/v1/import", progress, content=lines, params={"dry_run": dry_run})
        return ImportReport.model_validate(done)

    def sources(self) -> tuple[SourceName, ...]:
        """The files that records were imported from."""
        return _SOURCES.validate_python(self._rows("/v1/sources"))

    def source(self, name: str, *, version: int | None = None) -> SourceFile:
        """A file as it was imported."""
        asked = {"name": name} | ({} if version is None else {"version": version})
        return self._get("/v1/source", SourceFile, asked)

    def review(self, *, limit: int = 50) -> ReviewQueue:
        """What waits for a curator's decision."""
        return self._get("/v1/review", ReviewQueue, {"limit": limit})

    def accept(self, record_id: str, *, note: str = "") -> Record:
        """Let a record that waits be recalled; of one in pairs, keep both."""
        return self._decide(record_id, "accept", note=note)

    def reject(self, record_id: str, *, note: str = "") -> Record:
        """Turn a record away for good."""
        return self._decide(record_id, "reject", note=note)

    def merge(self, record_id: str, other_id: str) -> Record:
        """Let one record stand for two that say the same."""
        return self._decide(record_id, "merge", other=other_id)

    def unmerge(self, record_id: str) -> Record:
        """Take back the last merge that the record was part of."""
        return self._decide(record_id, "unmerge")

    def soul_brief(
        self,
        agent: str | None = None,
        *,
        task: str = "",
        budget: int = 800,
        peek: bool = False,
    ) -> SoulBrief:
        """What an agent should know before its session."""
        asked = {"task": task, "budget": budget, "peek": peek}
        return self._get(soul_of(agent or self.scope.agent), SoulBrief, asked)

    def soul_history(self, agent: str) -> tuple[SoulEvent, ...]:
        """What happened to a soul, oldest first."""
        return _SOUL_EVENTS.validate_python(self._rows(f"{soul_of(agent)}/history"))

    def souls(self) -> tuple[SoulSummary, ...]:
        """Every agent that has a soul here."""
        return _SOULS.validate_python(self._rows("/v1/souls"))

    def retire_soul(self, agent: str) -> SoulSummary:
        """Retire an agent; its soul stays readable."""
        return self._post(f"{soul_of(agent)}/retire", {}, SoulSummary)

    def edit(
        self, record_id: str, fields: Mapping[str, Any], *, version: int | None = None
    ) -> Record:
        """Change fields of a record."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = self._transport.call(
            "PATCH", path_of(record_id), body=plain(fields), headers=headers
        )
        return STORED.validate_json(answer.content)

    def retire(self, record_id: str, *, note: str = "") -> Record:
        """Take a record out of recall."""
        answer = self._transport.call("POST", f"{path_of(record_id)}/retire", body={"note": note})
        return STORED.validate_json(answer.content)

    def supersede(self, record_id: str, by: str) -> Record:
        """Let record *by* take the place of another one."""
        answer = self._transport.call("POST", f"{path_of(record_id)}/supersede", body={"by": by})
        return STORED.validate_json(answer.content)

    def erase(self, record_id: str) -> None:
        """Remove a record for good."""
        try:
            self._transport.call("DELETE", path_of(record_id), repeat=False)
        except OwnerUnreachable:
            # It may have been done before the owner was gone: then it is not there any more.
            try:
                self._transport.call("DELETE", path_of(record_id))
            except RecordNotFound:
                return

    def outcome(self, outcome: Outcome) -> Outcome:
        """Report what became of a recalled record."""
        named = outcome if outcome.id else outcome.model_copy(update={"id": uuid.uuid4().hex})
        return self._post("/v1/outcomes", named.model_dump(mode="json"), Outcome)

    def doctor(self, *, repair: bool = False, progress: Any = None) -> Diagnosis:
        """Hold ledger and indexes against each other."""
        done = self._long("/v1/doctor", progress, params={"repair": repair})
        return Diagnosis.model_validate(done)

    def reindex(self, *, progress: Any = None) -> None:
        """Make every vector anew."""
        self._long("/v1/reindex", progress)

    def create_key(
        self, role: Role, *, agent: str | None = None, teams: Sequence[str] = (), note: str = ""
    ) -> NewKey:
        """A key for this space; its token is shown this once."""
        body = {"role": str(role), "agent": agent, "teams": [*teams], "note": note}
        # Not repeated: the first try may have made a key whose token nobody has seen.
        answer = self._transport.call("POST", "/v1/keys", body=body, repeat=False)
        return NewKey.model_validate_json(answer.content)

    def keys(self) -> tuple[Key, ...]:
        """The keys of this space, without their secrets."""
        return _KEYS.validate_python(self._transport.call("GET", "/v1/keys").json()["results"])

    def revoke_key(self, key_id: str) -> Key:
        """End a key."""
        answer = self._transport.call("DELETE", f"/v1/keys/{checked(key_id)}")
        return Key.model_validate_json(answer.content)

    def audit(self, *, limit: int = 100) -> tuple[Event, ...]:
        """The latest writes, denials and key changes of this space, newest first."""
        answer = self._transport.call("GET", "/v1/audit", params={"limit": limit}).json()
        return _EVENTS.validate_python(answer["results"])

    def ticket(self) -> str:
        """A link to the page that signs its first visitor in as this user."""
        return cast(str, self._transport.call("POST", "/v1/tickets").json()["url"])

    def close(self) -> None:
        """Let go of the connections; the owner stays."""
        self._transport.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _get(
        self, path: str, kind: type[_Answer], params: Mapping[str, Any] | None = None
    ) -> _Answer:
        return kind.model_validate_json(self._transport.call("GET", path, params=params).content)

    def _post(self, path: str, body: Mapping[str, Any], kind: type[_Answer]) -> _Answer:
        return kind.model_validate_json(self._transport.call("POST", path, body=body).content)

    def _told(
        self,
        path: str,
        kind: type[_Answer],
        since: datetime | None,
        until: datetime | None,
    ) -> Iterator[_Answer]:
        """Lines of one sort, as they come."""
        asked = Filters(since=since, until=until).model_dump(
            mode="json", include={"since", "until"}, exclude_none=True
        )
        with self._transport.stream("GET", path, params=asked) as lines:
            for line in lines:
                yield kind.model_validate_json(line)

    def _rows(self, path: str) -> Any:
        return self._transport.call("GET", path).json()["results"]

    def _decide(self, record_id: str, decision: str, **body: str) -> Record:
        path = path_of(record_id).replace("/records/", "/review/", 1)
        answer = self._transport.call("POST", f"{path}/{decision}", body=body)
        return STORED.validate_json(answer.content)

    def _long(self, path: str, progress: Any, **given: Any) -> Any:
        """The result of a long piece of work, its progress told on the way."""
        with self._transport.stream("POST", path, **given) as lines:
            return result(lines, progress)
