"""The ways in that the workers of `soak_service.py` use: Python, HTTP, commands, MCP, hooks."""

# What a way in does is said once, at `Way`.
# ruff: noqa: D102

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from lessonbase.stores.lock import holder

PROGRAM: Final = str(Path(sys.executable).with_name("lessonbase"))
# Longest time a call by HTTP may take, as `open_base()` has it, and seconds between its tries.
DEADLINE_S: Final = 30.0
RETRY_S: Final = 0.1
# Time after which a call counts as one that never ends, in seconds.
PATIENCE_S: Final = 60.0
# What errors that have no type on their way in say, and the type.
TYPES: Final = {
    " is held by ": "BaseBusy",
    " gave no answer in ": "OwnerUnreachable",
    " is at version ": "VersionConflict",
}


class Refused(Exception):  # noqa: N818 - an answer, and in order
    """A clear error, as its type and its message."""


class Way:
    """A way in. It offers what it overrides."""

    reads: tuple[str, ...] = ("recall", "search", "get")
    writes: tuple[str, ...] = ("add", "edit", "outcome")

    def recall(self, task: str) -> str | None:
        """Ask for a briefing; what came, if that is worth counting."""
        raise NotImplementedError

    def search(self, query: str) -> None:
        """Search."""
        raise NotImplementedError

    def get(self, record_id: str) -> None:
        """Read one record."""
        raise NotImplementedError

    def add(self, fields: Mapping[str, str]) -> str:
        """Add a lesson; its id."""
        raise NotImplementedError

    def edit(self, record_id: str, fields: Mapping[str, str]) -> None:
        """Change a record that nobody else changes."""
        raise NotImplementedError

    def append(self, record_id: str, word: str) -> None:
        """Add a word to a record that others add words to at the same time."""
        raise NotImplementedError

    def outcome(self, record_id: str, note: str) -> None:
        """Report that a record helped."""
        raise NotImplementedError


class InPython(Way):
    """`open_base()`."""

    writes = ("add", "edit", "outcome", "append")

    def __init__(self, agent: str, held: ExitStack) -> None:
        """Open the base that the environment names."""
        from lessonbase import open_base

        self._base = held.enter_context(open_base(agent=agent))

    def recall(self, task: str) -> None:
        self._base.recall(task, 3)

    def search(self, query: str) -> None:
        self._base.search(query)

    def get(self, record_id: str) -> None:
        self._base.get(record_id)

    def add(self, fields: Mapping[str, str]) -> str:
        return self._base.add({"kind": "lesson", **fields}).id

    def edit(self, record_id: str, fields: Mapping[str, str]) -> None:
        self._base.edit(record_id, fields)

    def append(self, record_id: str, word: str) -> None:
        old = self._base.get(record_id)
        rationale = f"{old.model_dump()['rationale']} {word}"
        self._base.edit(record_id, {"rationale": rationale}, version=old.version)

    def outcome(self, record_id: str, note: str) -> None:
        from lessonbase.records import Outcome, OutcomeKind

        self._base.outcome(Outcome(record_id=record_id, outcome=OutcomeKind.HELPED, note=note))


class OverHttp(Way):
    """HTTP with a key, by a program that knows no more than the documentation says."""

    writes = ("add", "edit", "outcome", "append")

    def __init__(self, directory: Path, key: str, held: ExitStack) -> None:
        """Call whoever owns the base in *directory*."""
        import httpx

        self._directory = directory
        self._errors = httpx.TransportError
        self._http = held.enter_context(
            httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {key}"})
        )

    def recall(self, task: str) -> None:
        self._call("POST", "recall", {"task": task, "k": 3})

    def search(self, query: str) -> None:
        self._call("POST", "search", {"query": query})

    def get(self, record_id: str) -> None:
        self._call("GET", f"records/{record_id}")

    def add(self, fields: Mapping[str, str]) -> str:
        # With an id and a time of our own: sent twice, it is one record.
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        named = {"id": uuid.uuid4().hex, "created_at": now}
        made = self._call("POST", "records", {"kind": "lesson", **named, **fields})
        return str(made["id"])

    def edit(self, record_id: str, fields: Mapping[str, str]) -> None:
        self._call("PATCH", f"records/{record_id}", fields)

    def append(self, record_id: str, word: str) -> None:
        old = self._call("GET", f"records/{record_id}")
        fields = {"rationale": f"{old['rationale']} {word}"}
        self._call("PATCH", f"records/{record_id}", fields, {"If-Match": f'"{old["version"]}"'})

    def outcome(self, record_id: str, note: str) -> None:
        report = {"record_id": record_id, "outcome": "helped", "note": note}
        self._call("POST", "outcomes", {"id": uuid.uuid4().hex, **report})

    def _call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        until, why = time.monotonic() + DEADLINE_S, "no owner"
        while (left := until - time.monotonic()) > RETRY_S:
            owner = holder(self._directory)
            if owner and owner.url:
                try:
                    answer = self._http.request(
                        method,
                        f"{owner.url}/v1/{path}",
                        json=body,
                        headers=headers or {},
                        timeout=left,
                    )
                except self._errors as error:
                    why = type(error).__name__
                else:
                    if answer.is_success:
                        return answer.json()
                    problem = answer.json()
                    why = f"{problem['code']}: {problem['detail']}"
                    if "retry-after" not in answer.headers:
                        raise Refused(why)
            time.sleep(RETRY_S)
        raise Refused(f"OwnerUnreachable: {why}")


class ByCommand(Way):
    """The command line, a process for each call."""

    def __init__(self, agent: str) -> None:
        """Run commands as *agent*."""
        self._agent = agent

    def recall(self, task: str) -> None:
        self._run("recall", "-k", "3", "--", task)

    def search(self, query: str) -> None:
        self._run("search", "--", query)

    def get(self, record_id: str) -> None:
        self._run("show", record_id)

    def add(self, fields: Mapping[str, str]) -> str:
        return self._run("add", "lesson", *_pairs(fields)).strip()

    def edit(self, record_id: str, fields: Mapping[str, str]) -> None:
        self._run("edit", record_id, *_pairs(fields))

    def outcome(self, record_id: str, note: str) -> None:
        self._run("outcome", record_id, "helped", "--note", note)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [PROGRAM, "--agent", self._agent, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode == -9:
            # It held the base itself, and so was what `soak_service.py` kills.
            raise Refused("Killed: -9")
        if done.returncode:
            first, *_ = [*done.stderr.splitlines(), ""]
            if done.returncode != 1 or not first.startswith("error: "):
                raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-600:]}")
            raise Refused(_typed(first.removeprefix("error: ")))
        return done.stdout


class ByMcp(Way):
    """MCP over standard input and output, with the client of the SDK."""

    reads = ("recall", "get")
    writes = ("add", "outcome")

    def __init__(self, agent: str, held: ExitStack) -> None:
        """Start a server as *agent*."""
        from anyio.from_thread import start_blocking_portal
        from mcp import Client, StdioServerParameters

        named = {name: value for name, value in os.environ.items() if name.startswith("LESSON")}
        server = StdioServerParameters(
            command=PROGRAM, args=["--agent", agent, "mcp"], env={**named}
        )
        self._portal = held.enter_context(start_blocking_portal())
        client = Client(server, read_timeout_seconds=PATIENCE_S)
        self._client = held.enter_context(self._portal.wrap_async_context_manager(client))

    def recall(self, task: str) -> None:
        self._tool("recall", task=task, k=3)

    def get(self, record_id: str) -> None:
        from mcp.shared.exceptions import MCPError

        try:
            self._portal.call(self._client.read_resource, f"lessonbase://records/{record_id}")
        except MCPError as error:
            raise Refused(_typed(str(error))) from error

    def add(self, fields: Mapping[str, str]) -> str:
        content = {name: fields[name] for name in ("situation", "advice")}
        return str(
            self._tool("record", kind="lesson", title=fields["title"], content=content)["id"]
        )

    def outcome(self, record_id: str, note: str) -> None:
        self._tool("report_outcome", record_id=record_id, outcome="helped", note=note)

    def _tool(self, name: str, **arguments: Any) -> Any:
        result = self._portal.call(partial(self._client.call_tool, name, arguments))
        if result.is_error:
            raise Refused(_typed(" ".join(getattr(part, "text", "") for part in result.content)))
        return result.structured_content


class ByHook(Way):
    """What a coding agent runs in front of a prompt."""

    reads = ("recall",)
    writes = ()

    def recall(self, task: str) -> str:
        event = {"session_id": uuid.uuid4().hex, "prompt": task}
        done = subprocess.run(
            [PROGRAM, "hook", "prompt"],
            input=json.dumps(event),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode or done.stderr:
            raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-600:]}")
        return "printed something" if done.stdout else "printed nothing"


def _pairs(fields: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in fields.items()]


def _typed(message: str) -> str:
    kinds = (kind for words, kind in TYPES.items() if words in message)
    return f"{next(kinds, 'Other')}: {message}"
