"""What the owner says to a coding agent's hooks: experience, in front of a prompt, unasked.

`lessonbase hook` hands over the agent's event as it is. Here it is decided whether anything is
worth the agent's attention, and in which form that agent takes it. A hook never breaks a turn:
what cannot be read is answered with nothing.

Forms, as found in October 2026 at https://code.claude.com/docs/en/hooks (Claude Code),
https://github.com/openai/codex/tree/main/codex-rs/hooks/schema (Codex) and
https://cursor.com/docs/hooks (Cursor).
"""

import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.errors import RecordNotFound
from lessonbase.prompt import PROMPT_END, PROMPT_HEAD, prompt_block, quoted
from lessonbase.records import Hit, Kind, Scope, Verdict

# Words from which a prompt says enough to recall by: "go on" and "yes" do not.
_FEWEST_WORDS: Final = 3
# The ends of a prompt and of an error that are looked at, in characters. What counts stands last.
_PROMPT_END: Final = 8_000
_ERROR_END: Final = 3_000
# Most of a tool's input that is looked at, in characters.
_INPUT_LIMIT: Final = 500
# Longest text that is handed to an agent, in characters: each drops or cuts more than 10,000.
_TEXT_LIMIT: Final = 9_000
# Most tokens of a soul's brief.
_SOUL_TOKENS: Final = 800
# How long a change is news to a session that begins, how many are told, and how much of a title.
_NEWS: Final = timedelta(days=7)
_TITLES: Final = 3
_TITLE_LIMIT: Final = 120
_WHEN_FAILED: Final = (Kind.FAILURE_MODE, Kind.LESSON, Kind.HEURISTIC)

# Tells of failure in plain output. Codex hands over nothing else: no exit code and no event of its
# own for a failure (openai/codex#34289). Each stands at the start of a line, or names an exit code.
_FAILED: Final = re.compile(
    r"^(?:Traceback \(most recent call last\)|(?i:error|fatal|panic)(?:\[\w+\])?:"
    r"|(?:\w+\.)*[A-Z]\w*(?:Error|Exception): )"
    r"|(?i:exit code:?|exit status:?|exited with(?: code| status)?) [1-9]"
    r"|: (?:command not found|Permission denied|No such file or directory)$",
    re.MULTILINE,
)


class HookEvent(StrEnum):
    """When a hook runs."""

    SESSION_START = "session-start"
    PROMPT = "prompt"
    POST_TOOL = "post-tool"


# What Claude Code and Codex call the events, if the input does not say.
_NAMES: Final = {
    HookEvent.SESSION_START: "SessionStart",
    HookEvent.PROMPT: "UserPromptSubmit",
    HookEvent.POST_TOOL: "PostToolUse",
}


class Injected:
    """Which records a session has been shown; the oldest sessions and records are forgotten."""

    def __init__(self, *, sessions: int = 1_000, records: int = 200) -> None:
        """Remember that many sessions, and that many records of each."""
        self._most_sessions = sessions
        self._most_records = records
        self._lock = threading.Lock()
        self._shown: OrderedDict[tuple[Scope, str], OrderedDict[str, None]] = OrderedDict()

    def claim(self, scope: Scope, session: str, hits: Sequence[Hit]) -> list[Hit]:
        """Those of *hits* that the session has not been shown, in any wording; now it has."""
        with self._lock:
            shown = self._shown.setdefault((scope, session), OrderedDict())
            self._shown.move_to_end((scope, session))
            fresh = [hit for hit in hits if not shown.keys() & {hit.record.id, *hit.folded}]
            shown.update((one, None) for hit in fresh for one in (hit.record.id, *hit.folded))
            while len(shown) > self._most_records:
                shown.popitem(last=False)
            while len(self._shown) > self._most_sessions:
                self._shown.popitem(last=False)
        return fresh

    def forget(self, scope: Scope, session: str) -> None:
        """Take the session for a new one."""
        with self._lock:
            self._shown.pop((scope, session), None)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a hook.

    Attributes:
        host: The coding agent, such as claude-code.
        input: What it handed to the hook, in its own form.
        until: Moment of the monotonic clock at which the hook no longer waits.
    """

    host: str
    input: Mapping[str, Any]
    until: float

    def text(self, *names: str) -> str:
        """The first of these fields that is a text with something in it; else an empty one."""
        values = (self.input.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value.strip()), "")

    @property
    def session(self) -> str:
        """The agent's own name for the conversation."""
        return self.text("session_id", "conversation_id")[:200]


async def _call_of(request: Request) -> Call:
    """The call, whatever was sent; read by hand, since what cannot be read is no error here."""
    arrived = time.monotonic()
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    body = body if isinstance(body, dict) else {}
    given, within_s = body.get("input"), body.get("within_s")
    return Call(
        host=str(body.get("host", "")),
        input=given if isinstance(given, dict) else {},
        until=arrived + (within_s if isinstance(within_s, int | float) else float("inf")),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def hooks_router(*, now: Callable[[], datetime] = _now) -> APIRouter:
    """The route, with a memory of its own of what each session has been shown.

    Args:
        now: The clock that says which changes are news.
    """
    router = APIRouter()
    injected = Injected()

    @router.post("/hooks/{event}")
    def hook(
        event: HookEvent, call: Annotated[Call, Depends(_call_of)], base: Base
    ) -> PlainTextResponse:
        """What a coding agent's hook prints: experience that bears on the event, or nothing."""
        match event:
            case HookEvent.PROMPT:
                context = prompt_context(call, base, injected)
            case HookEvent.POST_TOOL:
                context = failure_context(call, base, injected)
            case HookEvent.SESSION_START:
                if call.session and call.input.get("source") != "resume":
                    # Cleared or compacted, it has lost what it was shown.
                    injected.forget(base.scope, call.session)
                context = session_context(base, now())
        return PlainTextResponse(in_form_of(call, event, context))

    return router


def prompt_context(call: Call, base: ports.Base, injected: Injected) -> str:
    """What bears on the prompt; nothing for a short one, a command, or what was shown before."""
    prompt = call.text("prompt").strip()
    if len(prompt.split()) < _FEWEST_WORDS or prompt.startswith(("/", "!")):
        return ""
    briefing = base.recall(prompt[-_PROMPT_END:], 3, budget=600)
    return _block(call, base, injected, briefing.hits)


def failure_context(call: Call, base: ports.Base, injected: Injected) -> str:
    """What is known of a tool's failure, if it surely applies; nothing if there was none."""
    error = failure_of(call)
    if not error:
        return ""
    query = f"{call.text('tool_name')} {_one_line_of(call.input.get('tool_input'))}\n{error}"
    briefing = base.recall(query, 2, budget=400, kinds=_WHEN_FAILED)
    hits = briefing.hits if briefing.verdict is Verdict.APPLY else ()
    return _block(call, base, injected, hits)


def session_context(base: ports.Base, now: datetime) -> str:
    """That there is experience here, and who the agent is, or what is new; nothing if empty."""
    count = base.stats().records
    if not count:
        return ""
    note = (
        f"This team keeps its experience in LessonBase ({count:,} records that you may see). "
        "Before you act, recall what is known of the task; after a surprise, record what it taught."
    )
    latest = base.list(limit=_TITLES).records
    if soul := _soul(base):
        return f"{note}\n{soul}"
    titles = [
        quoted(record.title)[:_TITLE_LIMIT] for record in latest if record.updated_at > now - _NEWS
    ]
    return "\n".join([note, PROMPT_HEAD, "New here:", *titles, PROMPT_END] if titles else [note])


def _soul(base: ports.Base) -> str:
    """The brief of the agent that acts; empty if none is named or it has no soul here."""
    if base.scope.agent is None:
        return ""
    try:
        brief = base.soul_brief(budget=_SOUL_TOKENS)
    except RecordNotFound:
        return ""
    return brief.prompt if len(brief.prompt) <= _TEXT_LIMIT else ""


def failure_of(call: Call) -> str:
    """The end of the error that a tool call met; empty if it met none, or a person stopped it."""
    if call.input.get("is_interrupt") is True:
        return ""
    # Claude Code's PostToolUseFailure has `error`, Cursor's postToolUseFailure `error_message`.
    text = call.text("error", "error_message") or _failure_in(
        call.input.get("tool_response", call.input.get("tool_output"))
    )
    return text[-_ERROR_END:].strip()


def in_form_of(call: Call, event: HookEvent, context: str) -> str:
    """*context* as the agent takes it in from a hook's standard output; empty if it is."""
    if not context:
        return ""
    if call.host == "cursor":
        # Documented for sessionStart and the tool events. On beforeSubmitPrompt the versions since
        # September 2026 take it too; earlier ones ignore it, and the prompt goes on without.
        return json.dumps({"additional_context": context})
    name = call.text("hook_event_name") or _NAMES[event]
    return json.dumps({"hookSpecificOutput": {"hookEventName": name, "additionalContext": context}})


def _block(call: Call, base: ports.Base, injected: Injected, hits: Sequence[Hit]) -> str:
    """The hits that are new to the session, as a block that its agent takes."""
    fitting: list[Hit] = []
    for hit in hits:
        if len(prompt_block([*fitting, hit])) <= _TEXT_LIMIT:
            fitting.append(hit)
    # A hook that has given up shows nothing: what it would have shown is still new.
    if time.monotonic() >= call.until:
        return ""
    if call.session:
        fitting = injected.claim(base.scope, call.session, fitting)
    return prompt_block(fitting)


def _failure_in(response: object) -> str:
    """The error in a tool's response, in any of the forms that agents and tools use."""
    if isinstance(response, str):
        if response.lstrip().startswith("{"):  # Cursor's tool_output
            try:
                return _failure_in(json.loads(response))
            except (ValueError, RecursionError):
                pass
        return response if _FAILED.search(response[-_ERROR_END:]) else ""
    if isinstance(response, list):  # blocks of content, as MCP has them
        return _failure_in(_text_of(response))
    if not isinstance(response, dict):
        return ""
    # Words on stderr alone are no failure: git and npm tell their progress there.
    names = ("error", "stderr", "output", "stdout", "content")
    text = "\n".join(filter(None, (_text_of(response.get(name)).strip() for name in names)))
    return text if _has_failed(response) else ""


def _has_failed(response: Mapping[str, Any]) -> bool:
    codes = ("exit_code", "exitCode", "exit_status", "returncode")
    return (
        any(response.get(name) is True for name in ("is_error", "isError", "interrupted"))
        or any(isinstance(code := response.get(name), int) and code != 0 for name in codes)
        or response.get("success") is False
        or bool(response.get("error"))
    )


def _text_of(value: object) -> str:
    """The text in a field of a tool's response."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text_of, value)))
    if isinstance(value, dict):
        return _text_of(value.get("text") or value.get("message"))
    return ""


def _one_line_of(tool_input: object) -> str:
    """What the tool was asked to do."""
    if isinstance(tool_input, dict):
        named = (tool_input.get(name) for name in ("command", "file_path", "url", "query"))
        tool_input = next(filter(None, named), None) or json.dumps(tool_input, ensure_ascii=False)
    return " ".join(str(tool_input or "").split())[:_INPUT_LIMIT]
