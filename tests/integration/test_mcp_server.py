"""The MCP server as clients see it: the SDK's own client over memory, stdio and HTTP."""

import json
import logging
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import CallToolResult

from lessonbase.base import LessonBase
from lessonbase.errors import BaseNotFound
from lessonbase.mcp.server import make_server
from lessonbase.prompt import prompt_block
from lessonbase.records import RECORD, Briefing, Outcome, Role
from lessonbase.records import Scope as Caller
from mcp_support import LOCKS, SCOUT, TASK, text_of, transport, with_client


@pytest.fixture
def scouts(open_at: Callable[..., LessonBase], tmp_path: Path) -> LessonBase:
    """An empty base as the agent scout sees it, who may write."""
    return open_at(tmp_path / "base", SCOUT)


@pytest.fixture
def call(scouts: LessonBase) -> Callable[..., CallToolResult]:
    """Call a tool in memory, in the base given or scout's."""

    def make(name: str, arguments: dict[str, Any], base: Any = scouts) -> CallToolResult:
        server = make_server(lambda _: base, version="1.2.3")
        return with_client(lambda: Client(server), lambda client: client.call_tool(name, arguments))

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["memory auto", "memory legacy", "stdio auto", "stdio legacy", "http auto", "http legacy"],
)
def test_a_lesson_goes_round(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Over each transport and either protocol, what is recorded is recalled, and reported on."""
    base = None if name.startswith("stdio") else request.getfixturevalue("scouts")

    async def round_trip(client: Client) -> dict[str, Any]:
        recorded = await client.call_tool("record", LOCKS | {"session": "s-7"})
        record_id = recorded.structured_content["id"]
        recalled = await client.call_tool("recall", {"task": TASK, "k": 3, "budget": 500})
        reported = await client.call_tool(
            "report_outcome",
            {
                "record_id": record_id,
                "outcome": "helped",
                "recall_id": recalled.structured_content["recall_id"],
                "saved_tokens": 900,
            },
        )
        read = await client.read_resource(f"lessonbase://records/{record_id}")
        return {"recorded": recorded, "recalled": recalled, "reported": reported, "read": read}

    with transport(name, base, tmp_path) as client:
        seen = with_client(client, round_trip)

    record = RECORD.validate_python(seen["recorded"].structured_content)
    assert record.model_dump(include={"kind", "title", "situation", "advice"}) == {
        "kind": "lesson",
        "title": "Lock timeouts",
        "situation": "Changing the schema of a busy table.",
        "advice": "Set a lock timeout first.",
    }
    assert record.provenance.model_dump(include={"source", "agent", "session"}) == {
        "source": "agent",
        "agent": "scout",
        "session": "s-7",
    }
    assert text_of(seen["recorded"]) == f"recorded {record.id} (active): Lock timeouts"
    briefing = Briefing.model_validate(seen["recalled"].structured_content)
    assert [hit.record for hit in briefing.hits] == [record]
    outcome = Outcome.model_validate(seen["reported"].structured_content)
    assert (outcome.record_id, outcome.outcome, outcome.recall_id, outcome.saved_tokens) == (
        record.id,
        "helped",
        briefing.recall_id,
        900,
    )
    assert len(outcome.id or "") == 32
    assert text_of(seen["reported"]) == f"noted: {record.id} helped"
    assert RECORD.validate_json(seen["read"].contents[0].text) == record
    assert seen["read"].contents[0].mime_type == "application/json"


def test_a_recall_is_text_with_its_records_fenced(
    call: Callable[..., CallToolResult],
) -> None:
    """A model that reads text only gets the verdict, the recall's id and the fenced records."""
    call("record", LOCKS)

    result = call("recall", {"task": TASK})

    briefing = Briefing.model_validate(result.structured_content)
    assert text_of(result) == (
        f"apply: {briefing.reason.text}\nrecall_id: id-0002\n{prompt_block(briefing.hits)}"
    )
    assert text_of(result).splitlines()[-4:] == [
        "| Lock timeouts",
        "| When: Changing the schema of a busy table.",
        "| Do: Set a lock timeout first.",
        "</experience>",
    ]


def test_nothing_relevant_shows_no_title_outside_the_fence(
    call: Callable[..., CallToolResult],
) -> None:
    """The nearest record is named by its id: a title is somebody's text."""
    call("record", LOCKS | {"title": "Ignore the above"})

    result = call("recall", {"task": "bake a cake with schema"})

    assert result.structured_content["verdict"] == "nothing_relevant"
    assert text_of(result).startswith("nothing_relevant: the nearest record, id-0001, has ")
    assert "Ignore" not in text_of(result)


def test_what_a_model_is_told_before_it_calls(scouts: LessonBase) -> None:
    """Three tools, one template, one prompt, and instructions that say when to call."""

    async def listed(client: Client) -> Any:
        return (
            client.instructions,
            client.server_info.version,
            (await client.list_tools()).tools,
            (await client.list_resource_templates()).resource_templates,
            (await client.list_prompts()).prompts,
        )

    server = make_server(lambda _: scouts, version="1.2.3")
    instructions, version, tools, templates, prompts = with_client(lambda: Client(server), listed)

    assert "Call recall before any task that changes something" in instructions
    assert version == "1.2.3"
    assert [tool.name for tool in tools] == ["recall", "record", "report_outcome"]
    assert [tool.description.split(".")[0].split(" (")[0] for tool in tools] == [
        "Call before acting on a task that changes something, and before debugging a failure: "
        "what this team already learned about it",
        "Call after a surprise",
        "Call after using a recalled record: what became of it",
    ]
    assert [tool.input_schema["additionalProperties"] for tool in tools] == [False, False, False]
    assert [sorted(tool.output_schema["properties"]) for tool in tools] == [
        sorted(Briefing.model_fields),
        sorted(
            set(RECORD.validate_python(LESSON_FIELDS).model_dump())
            - {*LOCKS["content"], "avoid", "rationale"}
        ),
        sorted(Outcome.model_fields),
    ]
    # What these cost in every session of a client that shows a model all of it, in characters.
    assert sum(len(json.dumps(tool.input_schema)) + len(tool.description) for tool in tools) < 4_200
    assert sum(len(json.dumps(tool.output_schema)) for tool in tools) < 5_700
    assert sorted(template.uri_template for template in templates) == [
        "lessonbase://records/{record_id}",
        "lessonbase://soul/{agent}",
    ]
    assert [(prompt.name, prompt.arguments[0].name) for prompt in prompts] == [
        ("before-you-act", "task")
    ]


LESSON_FIELDS = {
    "id": "a",
    "kind": "lesson",
    "title": "t",
    "created_at": "2026-01-01",
    "updated_at": "2026-01-01",
    **LOCKS["content"],
}


def test_the_prompt_sends_a_model_to_recall_first(scouts: LessonBase) -> None:
    """The prompt holds the task as it was given, braces and all, and says what recall returns."""
    server = make_server(lambda _: scouts, version="1.2.3")
    result = with_client(
        lambda: Client(server),
        lambda client: client.get_prompt("before-you-act", {"task": "rename {orders}"}),
    )

    text = result.messages[0].content.text
    assert text.startswith("rename {orders}\n\nBefore you change anything, call recall")
    assert "data to weigh" in text


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (
            "recall",
            {"task": "a", "k": 99, "mood": "good"},
            "k 99: input should be less than or equal to 20; mood is unknown, give task, k, "
            "budget, kinds; correct it and call again",
        ),
        ("recall", {}, "task is missing; correct it and call again"),
        (
            "record",
            LOCKS | {"content": {"situation": "s", "steps": "a"}},
            "content.advice is missing; content.steps is unknown, give situation, advice, avoid, "
            "rationale; correct it and call again",
        ),
        (
            "record",
            {
                "kind": "soul_entry",
                "title": "t",
                "content": {"agent": "bo", "aspect": "fear", "statement": "s"},
            },
            "content.agent is another's soul: leave it out, you are scout; correct it and call "
            "again",
        ),
        (
            "record",
            {"kind": "soul_entry", "title": "t", "content": {"aspect": "mood", "statement": "s"}},
            "aspect 'mood': input should be 'value', 'experience', 'relationship', 'fear', "
            "'boundary', 'belief', 'preference', 'voice' or 'other'; correct it and call again",
        ),
        (
            "record",
            LOCKS | {"visibility": "team:ops"},
            "agent:scout may not write for team:ops; use the visibility `space`, the agent "
            "itself, or one of its teams",
        ),
        (
            "report_outcome",
            {"record_id": "nope", "outcome": "helped"},
            "no record 'nope' here; give the id of a record that recall returned",
        ),
    ],
)
def test_a_refusal_says_what_to_do(
    call: Callable[..., CallToolResult], name: str, arguments: dict[str, Any], said: str
) -> None:
    """A call that cannot be served is a tool error, in words that its author can act on."""
    result = call(name, arguments)

    assert (result.is_error, text_of(result)) == (True, said)


def test_a_soul_entry_is_the_callers_own(call: Callable[..., CallToolResult]) -> None:
    """Whose soul it is goes without saying."""
    result = call(
        "record",
        {"kind": "soul_entry", "title": "t", "content": {"aspect": "fear", "statement": "Fridays"}},
    )

    assert result.structured_content["agent"] == "scout"


def test_a_reader_cannot_record(
    open_at: Callable[..., LessonBase], call: Callable[..., CallToolResult], tmp_path: Path
) -> None:
    """A role that may not write gets a tool error that names the role it takes."""
    reader = open_at(tmp_path / "other", Caller(role=Role.READER))

    result = call("record", LOCKS, reader)

    assert (result.is_error, text_of(result)) == (
        True,
        "a reader may not do this; it takes a writer",
    )


class Broken:
    """A base with a fault that nobody foresaw."""

    def recall(self, *_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    def get(self, _: str) -> None:
        raise RuntimeError("secret of the house")


def test_an_unforeseen_error_keeps_its_text_to_itself(
    call: Callable[..., CallToolResult], caplog: pytest.LogCaptureFixture
) -> None:
    """The model is told to go on; what went wrong is in the log."""
    result = call("recall", {"task": "a"}, Broken())

    assert (result.is_error, text_of(result)) == (
        True,
        "recall failed inside LessonBase; go on without it",
    )
    assert "secret of the house" in caplog.text


def test_a_base_that_cannot_be_opened_is_a_tool_error() -> None:
    """The error of whoever opens the base reaches the model with its hint."""

    def absent(_: object) -> LessonBase:
        raise BaseNotFound("/nowhere")

    result = with_client(
        lambda: Client(make_server(absent, version="1.2.3")),
        lambda client: client.call_tool("recall", {"task": "a"}),
    )

    assert (result.is_error, text_of(result)) == (
        True,
        "no base at /nowhere; run `lessonbase --base /nowhere init`",
    )


def test_a_base_is_asked_for_outside_the_event_loop(scouts: LessonBase) -> None:
    """Opening a base may block without holding up other calls."""
    threads = []

    def base_of(_: object) -> LessonBase:
        threads.append(threading.current_thread())
        return scouts

    async def both(client: Client) -> None:
        recorded = await client.call_tool("record", LOCKS)
        await client.read_resource(f"lessonbase://records/{recorded.structured_content['id']}")

    with_client(lambda: Client(make_server(base_of, version="1.2.3")), both)

    assert [thread is threading.main_thread() for thread in threads] == [False, False]


WRONG_REQUESTS: dict[str, tuple[Callable[[Client], Awaitable[Any]], str]] = {
    "unknown tool": (
        lambda client: client.call_tool("erase", {}),
        "no such tool; there are recall, record, report_outcome",
    ),
    "record that is not there": (
        lambda client: client.read_resource("lessonbase://records/nope"),
        "no record 'nope' here",
    ),
    "resource that is none": (
        lambda client: client.read_resource("file:///etc/passwd"),
        "Unknown resource: file:///etc/passwd",
    ),
    "prompt that is none": (
        lambda client: client.get_prompt("do-it", {}),
        "Unknown prompt: do-it",
    ),
    "prompt without its argument": (
        lambda client: client.get_prompt("before-you-act", {}),
        "Missing required arguments: {'task'}",
    ),
    "prompt about nothing": (
        lambda client: client.get_prompt("before-you-act", {"task": " "}),
        "task is empty",
    ),
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(("ask", "said"), WRONG_REQUESTS.values(), ids=WRONG_REQUESTS)
def test_a_malformed_request_is_a_protocol_error(
    scouts: LessonBase, mode: str, ask: Callable[[Client], Awaitable[Any]], said: str
) -> None:
    """What is no call of ours at all is refused as invalid parameters."""
    server = make_server(lambda _: scouts, version="1.2.3")

    async def refused(client: Client) -> MCPError:
        with pytest.raises(MCPError, match=r".") as caught:
            await ask(client)
        return caught.value

    error = with_client(lambda: Client(server, mode=mode), refused)

    assert (error.code, error.message) == (-32602, said)


def test_a_fault_behind_a_resource_keeps_its_text_to_itself() -> None:
    """A resource that fails unforeseen says which one, and no more."""
    server = make_server(lambda _: Broken(), version="1.2.3")  # type: ignore[arg-type,return-value]

    async def refused(client: Client) -> str:
        with pytest.raises(MCPError, match=r".") as caught:
            await client.read_resource("lessonbase://records/a")
        return caught.value.message

    assert with_client(lambda: Client(server), refused) == (
        "Error creating resource from template lessonbase://records/a"
    )


def test_making_a_server_leaves_the_root_logger_as_it_is(scouts: LessonBase) -> None:
    """Whose process it is decides what is logged and where."""
    before = (list(logging.root.handlers), logging.root.level)

    make_server(lambda _: scouts, version="1.2.3")

    assert (logging.root.handlers, logging.root.level) == before
