"""Nobody gets what is not theirs to see, whichever way they ask and whatever was done before.

Three spaces, four agents and four roles, over HTTP, as a client with a key, as a local client that
names an agent, over MCP and on the page. Each record bears a word that belongs to its space and
visibility, so that a leak shows in any text of any answer; questions hold such words in capitals.
"""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_support import SECRET, Site, serving
from lessonbase.base import LessonBase
from lessonbase.errors import LessonBaseError
from lessonbase.ports import Base
from lessonbase.records import Filters, Outcome, OutcomeKind, Role, Scope, Status
from support import base_at

EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "30"))
# Where files are kept in memory, if there is such a place: a base per example is a lot of flushing.
MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
SPACES: Final = ("default", "north", "south")
TEAMS: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: (),
    "ann": ("red",),
    "bo": ("red", "blue"),
    "cy": (),
}
VISIBILITIES: Final = ("space", "agent:ann", "agent:bo", "agent:cy", "team:red", "team:blue")
IDS: Final = ("r0", "r1", "r2", "r3")
WORD: Final = re.compile("zq[a-c][a-f]word")


def word_of(space: str, visibility: str) -> str:
    """The word that no other record has."""
    return f"zq{'abc'[SPACES.index(space)]}{'abcdef'[VISIBILITIES.index(visibility)]}word"


@dataclass(frozen=True)
class Who:
    """A caller, as our model has it; the rules are written out here anew."""

    space: str
    agent: str | None
    role: Role
    way: str

    @property
    def acts_as(self) -> Role:
        """The role: a local client is the owner's user, and with an agent's name a curator."""
        if self.way != "local":
            return self.role
        return Role.CURATOR if self.agent else Role.ADMIN

    @property
    def whole(self) -> bool:
        """Whether all of the space is theirs to see."""
        return self.acts_as is Role.ADMIN and self.agent is None

    @property
    def actor(self) -> str:
        return f"agent:{self.agent}" if self.agent else self.acts_as.value

    def sees(self, visibility: str) -> bool:
        own = {"space", f"agent:{self.agent}", *(f"team:{team}" for team in TEAMS[self.agent])}
        return self.whole or visibility in own

    def may(self, role: Role) -> bool:
        return list(Role).index(self.acts_as) >= list(Role).index(role)

    @property
    def words(self) -> set[str]:
        return {word_of(self.space, one) for one in VISIBILITIES if self.sees(one)}


@dataclass(frozen=True)
class Act:
    """What a caller does: each action takes what it needs of the rest."""

    name: str
    record_id: str
    other_id: str
    visibility: str
    space: str
    agent: str


@dataclass
class Known:
    """A record, as our model has it."""

    visibility: str
    word: str
    status: str = "active"


@dataclass
class Model:
    """What there is, and whose requests were refused."""

    records: dict[tuple[str, str], Known] = field(default_factory=dict)
    erased: set[tuple[str, str]] = field(default_factory=set)
    denied: dict[str, list[str]] = field(default_factory=lambda: {space: [] for space in SPACES})
    count: int = 0

    def visible(self, who: Who) -> dict[str, Known]:
        return {
            record_id: one
            for (space, record_id), one in self.records.items()
            if space == who.space and who.sees(one.visibility)
        }

    def fields(self, who: Who, act: Act) -> dict[str, Any]:
        """A record's fields, unlike those of any other."""
        self.count += 1
        word = word_of(who.space, act.visibility)
        return {
            "kind": "heuristic",
            "title": f"{word} {self.count}",
            "rule": f"{word} rule",
            "tags": [word],
            "services": [word],
            "extra": {word: word},
            "visibility": act.visibility,
        }

    def verdict(self, who: Who, act: Act) -> str:
        """Name of the error that the caller has to get; empty if none."""
        seen = self.visible(who)
        there = act.record_id in seen
        found = "" if there else "RecordNotFound"
        taken = (who.space, act.record_id) in self.records
        match act.name:
            case "get" | "record page" | "resource":
                return found
            case "history":
                gone = (who.space, act.record_id) in self.erased
                return found if not gone else ("" if who.whole else "RecordNotFound")
            case "add" | "record" | "import":
                if not who.may(Role.CURATOR if act.name == "import" else Role.WRITER):
                    return "NotAllowed"
                if not who.sees(act.visibility):
                    return "NotAllowed"
                if act.name == "import":
                    return "InvalidInput" if taken and not there else ""
                return "InvalidInput" if taken and act.name == "add" else ""
            case "edit":
                if not who.may(Role.WRITER):
                    return "NotAllowed"
                return found or ("" if who.sees(act.visibility) else "NotAllowed")
            case "outcome" | "report":
                return found if who.may(Role.WRITER) else "NotAllowed"
            case "retire":
                return found if who.may(Role.CURATOR) else "NotAllowed"
            case "erase":
                return found if who.may(Role.ADMIN) else "NotAllowed"
            case "supersede":
                if act.record_id == act.other_id:
                    return "InvalidInput"
                if not there or act.other_id not in seen:
                    return "RecordNotFound"
                return "" if who.may(Role.CURATOR) else "NotAllowed"
            case "audit" | "keys":
                return "" if who.whole else "NotAllowed"
            case "doctor":
                return "NotAllowed"  # local clients are not asked for it here: it takes long
            case "widen":
                own = who.space == act.space and (who.whole or act.agent == who.agent)
                return "" if own else "NotAllowed"
            case _:
                return ""

    def follow(self, who: Who, act: Act, made: Any) -> None:
        """Take over what was done."""
        key = (who.space, act.record_id)
        word = word_of(who.space, act.visibility)
        match act.name:
            case "add":
                self.records[key] = Known(act.visibility, word)
            case "record":
                self.records[who.space, made["id"]] = Known(act.visibility, word)
            case "import":
                status = self.records[key].status if key in self.records else "active"
                self.records[key] = Known(act.visibility, word, status)
            case "edit":
                self.records[key] = Known(act.visibility, word, self.records[key].status)
            case "retire":
                self.records[key].status = "retired"
            case "supersede":
                self.records[key].status = "superseded"
            case "erase":
                del self.records[key]
                self.erased.add(key)


BY_BASE: Final = (
    *("add", "import", "edit", "get", "history", "retire", "supersede", "erase", "outcome"),
    *("recall", "incident", "search", "list", "export", "facets", "stats", "audit", "keys"),
)
ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "http": (*BY_BASE, "doctor", "widen"),
    "client": BY_BASE,
    "local": BY_BASE,
    "mcp": ("recall", "record", "report", "resource"),
    "page": ("home", "record page"),
}
STATUSES: Final = tuple(Status)


def asked_of_base(base: Base, act: Act, fields: Mapping[str, Any], question: str) -> Any:
    """What a base answers, as JSON has it."""
    everything = Filters(statuses=STATUSES)
    match act.name:
        case "add":
            return base.add({"id": act.record_id, **fields})
        case "import":
            return base.add_all([{"id": act.record_id, **fields}])
        case "edit":
            changes = {name: value for name, value in fields.items() if name != "kind"}
            return base.edit(act.record_id, changes)
        case "get":
            return base.get(act.record_id)
        case "history":
            return base.history(act.record_id)
        case "retire":
            return base.retire(act.record_id)
        case "supersede":
            return base.supersede(act.record_id, act.other_id)
        case "erase":
            return base.erase(act.record_id)
        case "outcome":
            return base.outcome(Outcome(record_id=act.record_id, outcome=OutcomeKind.HELPED))
        case "recall":
            return base.recall(question, 100)
        case "incident":
            return base.incident(question, 100)
        case "search":
            return base.search(question, 100)
        case "list":
            return base.list(filters=everything, limit=1_000).records
        case "export":
            return list(base.export())
        case "facets":
            return base.facets()
        case "stats":
            return base.stats()
        case "audit":
            return base.audit(limit=1_000)
        case _:
            return base.keys()


def as_json(value: Any) -> Any:
    """Models as JSON has them, alone or in a list."""
    if isinstance(value, list | tuple):
        return {"results": [one.model_dump(mode="json") for one in value]}
    return value if value is None else value.model_dump(mode="json")


def asked_over_http(
    act: Act, fields: Mapping[str, Any], question: str
) -> tuple[str, str, dict[str, Any]]:
    """The request that an action is."""
    one = f"/v1/records/{act.record_id}"
    match act.name:
        case "add":
            return "POST", "/v1/records", {"json": {"id": act.record_id, **fields}}
        case "import":
            return "POST", "/v1/import", {"json": {"id": act.record_id, **fields}}
        case "edit":
            changes = {name: value for name, value in fields.items() if name != "kind"}
            return "PATCH", one, {"json": changes}
        case "get":
            return "GET", one, {}
        case "history":
            return "GET", f"{one}/history", {}
        case "retire":
            return "POST", f"{one}/retire", {"json": {"note": ""}}
        case "supersede":
            return "POST", f"{one}/supersede", {"json": {"by": act.other_id}}
        case "erase":
            return "DELETE", one, {}
        case "outcome":
            body = {"record_id": act.record_id, "outcome": "helped"}
            return "POST", "/v1/outcomes", {"json": body}
        case "recall":
            return "POST", "/v1/recall", {"json": {"task": question, "k": 100}}
        case "incident":
            return "POST", "/v1/incident", {"json": {"text": question, "n": 100}}
        case "search":
            return "POST", "/v1/search", {"json": {"query": question, "n": 100}}
        case "list":
            return "GET", "/v1/records", {"params": {"status": STATUSES, "limit": 1_000}}
        case "doctor":
            return "POST", "/v1/doctor", {}
        case "widen":
            headers = {"X-LessonBase-Space": act.space, "X-LessonBase-Agent": act.agent}
            return "GET", "/v1/scope", {"headers": headers}
        case "home":
            return "GET", "/", {"params": {"q": question, "status": STATUSES, "n": 100}}
        case "record page":
            return "GET", f"/records/{act.record_id}", {}
        case _:
            return "GET", f"/v1/{act.name}", {}


def asked_over_mcp(act: Act, fields: Mapping[str, Any], question: str) -> dict[str, Any]:
    """The message that an action is."""
    arguments: dict[str, Any]
    match act.name:
        case "resource":
            params = {"uri": f"lessonbase://records/{act.record_id}"}
            return {"method": "resources/read", "params": params}
        case "recall":
            name, arguments = "recall", {"task": question, "k": 20}
        case "record":
            own = {"title", "tags", "services", "visibility", "kind"}
            content = {"content": {"rule": fields["rule"]}}
            shared = {key: value for key, value in fields.items() if key in own}
            name, arguments = "record", shared | content
        case _:
            name = "report_outcome"
            arguments = {"record_id": act.record_id, "outcome": "stale"}
    return {"method": "tools/call", "params": {"name": name, "arguments": arguments}}


class World:
    """A base that is served, and its callers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.model = Model()
        self._bases: dict[Who, Base] = {}
        self._http: dict[Who, httpx.Client] = {}

    def plant(self, space: str, record_id: str, earlier: str, visibility: str) -> None:
        """Add a record, as the owner itself does; *earlier* it had another visibility."""
        who = Who(space, None, Role.ADMIN, "local")
        own = self.site.base.within(Scope(space=space, role=Role.ADMIN))
        for name, seen_by in (("add", earlier), ("edit", visibility)):
            act = Act(name, record_id, "", seen_by, space, "")
            asked_of_base(own, act, self.model.fields(who, act), "")
            self.model.follow(who, act, None)

    def do(self, who: Who, act: Act) -> None:
        """Let a caller act, and compare what it gets with what it should."""
        fields = self.model.fields(who, act)
        asked = word_of(act.space, act.visibility)
        error, text = self._asked(who, act, fields, f"{asked.upper()} rule")
        wanted = self.model.verdict(who, act)
        assert error in (wanted, f"some {bool(wanted)}"), (who, act, text[:500])
        if wanted == "NotAllowed":
            self.model.denied[who.space].append(who.actor)
        made = None if wanted or who.way == "page" or not text else json.loads(text)
        if who.way == "mcp" and made is not None:
            made = made.get("structuredContent")
        if not wanted:
            self.model.follow(who, act, made)
        assert set(WORD.findall(text)) <= who.words, (who, act, text[:500])
        if made is not None:
            self._compare(who, act, asked, made)

    def _asked(
        self, who: Who, act: Act, fields: Mapping[str, Any], question: str
    ) -> tuple[str, str]:
        """The error, and all that was said."""
        if who.way in {"client", "local"}:
            try:
                told = asked_of_base(self._base_of(who), act, fields, question)
                return "", json.dumps(as_json(told))
            except LessonBaseError as error:
                kind = "InvalidInput" if "Invalid" in type(error).__name__ else type(error).__name__
                return kind, f"{error} {error.hint}"
        if who.way == "mcp":
            message = {"jsonrpc": "2.0", "id": 1, **asked_over_mcp(act, fields, question)}
            headers = {
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": "2025-06-18",
            }
            answer = self._http_of(who).post("/mcp", json=message, headers=headers)
            told = answer.json()
            failed = "error" in told or told["result"].get("isError", False)
            return f"some {failed}", json.dumps(told.get("result", told))
        method, path, given_ = asked_over_http(act, fields, question)
        answer = self._http_of(who).request(method, path, **given_)
        if act.name == "export":
            rows = [json.loads(line) for line in answer.text.splitlines()]
            return "", json.dumps({"results": rows})
        if who.way == "page":
            return f"some {not answer.is_success}", answer.text
        error = "" if answer.is_success else answer.json()["code"]
        return "InvalidInput" if "Invalid" in error else error, answer.text

    def _compare(self, who: Who, act: Act, asked: str, made: Any) -> None:
        """What was answered is all that there is, and nothing else."""
        seen = self.model.visible(who)
        active = {name: one for name, one in seen.items() if one.status == "active"}
        match act.name:
            case "list" | "export":
                assert sorted(row["id"] for row in made["results"]) == sorted(seen)
            case "search":
                found = {hit["record"]["id"] for hit in made["results"]}
                assert {name for name, one in active.items() if one.word == asked} <= found
                assert found <= set(active)
            case "recall":
                assert {hit["record"]["id"] for hit in made["hits"]} <= set(active)
            case "incident":
                assert {hit["record"]["id"] for hit in made["lessons"]} <= set(active)
                assert made["precedents"] == []  # there are no failure modes here
            case "facets":
                assert sum(made["kinds"].values()) == len(seen)
                assert made["statuses"] == Counter(one.status for one in seen.values())
                assert made["tags"] == Counter(one.word for one in active.values())
                assert made["services"] == made["tags"]
            case "stats":
                assert made["records"] == len(seen)
                assert made["statuses"] == Counter(one.status for one in seen.values())
                assert made["spaces"] == 1 or who.way == "local"
            case "audit" | "keys":
                spaces = {row.get("space") for row in made["results"]}
                assert spaces <= {who.space}

    def _base_of(self, who: Who) -> Base:
        if who not in self._bases:
            scope = Scope(space=who.space, agent=who.agent, teams=TEAMS[who.agent])
            token, scoped = (SECRET, scope) if who.way == "local" else (self._token(who), None)
            self._bases[who] = self.site.remote(token, scoped)
        return self._bases[who]

    def _http_of(self, who: Who) -> httpx.Client:
        if who not in self._http:
            self._http[who] = self.site.http(self._token(who))
        return self._http[who]

    def _token(self, who: Who) -> str:
        return self.site.key(who.role, who.agent, TEAMS[who.agent], who.space)

    def check_denials(self) -> None:
        """Each refusal is in the audit trail of its space, in order, under its caller's name."""
        for space, actors in self.model.denied.items():
            admin = self.site.base.within(Scope(space=space, role=Role.ADMIN))
            events = [one for one in admin.audit(limit=1_000) if one.action == "denied"]
            assert [event.actor for event in reversed(events)] == actors


@st.composite
def steps(draw: st.DrawFn) -> tuple[Who, Act]:
    """A caller, and what it does."""
    way = draw(st.sampled_from(("http", "client", "local", "mcp", "page")))
    who = Who(
        draw(st.sampled_from(SPACES)),
        draw(st.sampled_from(tuple(TEAMS))),
        draw(st.sampled_from(tuple(Role))),
        way,
    )
    act = Act(
        draw(st.sampled_from(ACTIONS[way])),
        draw(st.sampled_from(IDS)),
        draw(st.sampled_from(IDS)),
        draw(st.sampled_from(VISIBILITIES)),
        draw(st.sampled_from(SPACES)),
        draw(st.sampled_from(("ann", "bo", "cy"))),
    )
    return who, act


@pytest.mark.slow
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    planted=st.lists(
        st.tuples(*map(st.sampled_from, (SPACES, IDS, VISIBILITIES, VISIBILITIES))),
        min_size=4,
        max_size=10,
        unique_by=lambda one: one[:2],
    ),
    done=st.lists(steps(), min_size=1, max_size=20),
)
def test_nobody_sees_what_is_not_theirs(
    planted: list[tuple[str, str, str, str]], done: list[tuple[Who, Act]]
) -> None:
    """Every answer holds all of what its caller may see of it, and nothing of anything else."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY))
        base: LessonBase = stack.enter_context(base_at(Path(folder) / "base"))
        world = World(stack.enter_context(serving(base)))
        for one in planted:
            world.plant(*one)
        for who, act in done:
            world.do(who, act)
        world.check_denials()


def test_the_past_of_a_record(base: LessonBase) -> None:
    """What an agent noted for itself is not told to others when a later state is for all."""
    fields = {"id": "a", "kind": "heuristic", "title": "secret", "rule": "secret"}
    base.add({**fields, "visibility": "agent:ann"})
    base.edit("a", {"title": "open", "rule": "open", "visibility": "space"})

    added, edited = base.within(Scope(agent="bo")).history("a")

    assert (added.action, added.before, added.after) == ("add", None, None)
    assert (edited.action, edited.before, edited.after) == ("edit", None, base.get("a"))
    assert [event.after is None for event in base.history("a")] == [False, False]
