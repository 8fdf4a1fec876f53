"""Setting up a coding agent: its hooks run `lessonbase hook`, its MCP client asks the owner.

Where each agent keeps that, as found in October 2026:

claude-code  https://code.claude.com/docs/en/hooks, https://code.claude.com/docs/en/mcp
codex        https://developers.openai.com/codex/hooks, https://developers.openai.com/codex/mcp
cursor       https://cursor.com/docs/hooks, https://cursor.com/docs/mcp
"""

import difflib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from lessonbase.cli.hook_files import (
    Change,
    cleared_json,
    cleared_toml,
    edited_json,
    edited_toml,
    write,
)

Agent = Literal["claude-code", "codex", "cursor"]

# Seconds after which an agent gives a hook up; by its own clock the hook has done so long before.
_TIMEOUT_S: Final = 5
# The name of our server in an agent's MCP settings.
_NAME: Final = "lessonbase"
_TABLE: Final = f"mcp_servers.{_NAME}"
# Holds the token where the settings are a project's, which are committed and read by others.
TOKEN_VARIABLE: Final = "LESSONBASE_TOKEN"  # noqa: S105 - a name
_ANYBODY: Final[Mapping[str, str | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent keeps its settings, and which of its events run which of our hooks.

    Attributes:
        hooks: File for the hooks: the user's, and a project's.
        servers: File for the MCP servers, likewise.
        events: The agent's event → ours, and the tools it is for; none: all.
        variable: How a setting of the agent names an environment variable.
        note: What the person has to know or do.
    """

    hooks: tuple[str, str]
    servers: tuple[str, str]
    events: Mapping[str, tuple[str, str | None]]
    variable: str = ""
    note: str = ""


PLACES: Final[Mapping[Agent, Place]] = {
    "claude-code": Place(
        # Of a project's two, the one that is not committed: our command has this machine's paths.
        hooks=(".claude/settings.json", ".claude/settings.local.json"),
        servers=(".claude.json", ".mcp.json"),
        # PostToolUse runs after a success only.
        events={
            "SessionStart": ("session-start", None),
            "UserPromptSubmit": ("prompt", None),
            "PostToolUseFailure": ("post-tool", None),
        },
        variable="${%s}",
    ),
    "codex": Place(
        hooks=(".codex/hooks.json", ".codex/hooks.json"),
        servers=(".codex/config.toml", ".codex/config.toml"),
        # PostToolUse runs after every call, failed or not: a process each, so for commands only.
        events={
            "SessionStart": ("session-start", None),
            "UserPromptSubmit": ("prompt", None),
            "PostToolUse": ("post-tool", "^Bash$"),
        },
        note="Codex runs a new or changed hook once you have trusted it: open /hooks in Codex.",
    ),
    "cursor": Place(
        hooks=(".cursor/hooks.json", ".cursor/hooks.json"),
        servers=(".cursor/mcp.json", ".cursor/mcp.json"),
        events={
            "sessionStart": ("session-start", None),
            "beforeSubmitPrompt": ("prompt", None),
            "postToolUseFailure": ("post-tool", None),
        },
        variable="${env:%s}",
        note="Cursor before 2026.09.18 does not show the model what a prompt's hook prints.",
    ),
}


@dataclass(frozen=True, slots=True)
class Installed:
    """What was changed, or would be, and what the person has to know or do."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()


def install(
    agent: Agent,
    *,
    command: Path,
    base: Path,
    url: str,
    token: str | None,
    home: Path,
    project: Path | None = None,
    scope: Mapping[str, str | None] = _ANYBODY,
    show: bool = False,
    undo: bool = False,
) -> Installed:
    """Put our hooks and our MCP server into an agent's settings; twice is as good as once.

    A file has one installation: another base or scope takes the place of the one before.

    Args:
        agent: The coding agent.
        command: Path of the `lessonbase` program.
        base: Directory of the base.
        url: Address of the owner, such as http://127.0.0.1:8321.
        token: What the MCP client shows the owner; none: nothing. A project's settings get the
            name of the variable LESSONBASE_TOKEN instead.
        home: The user's home directory.
        project: Set up this project only; none: all that the user does.
        scope: Whom the hooks ask as, by option: space, agent, team.
        show: Write nothing.
        undo: Take out what was put in.
    Returns:
        The files before and after.
    Raises:
        InvalidInput: If a file cannot be read as what it should be; then nothing is written.
    """
    place, where = PLACES[agent], int(project is not None)
    root = project or home
    hooks, servers = root / place.hooks[where], root / place.servers[where]
    if undo:
        bare = {"version": 1} if agent == "cursor" else {}
        changes = [cleared_json(hooks, _drop_hooks, bare=bare)]
        if agent == "codex":
            changes.append(cleared_toml(servers, _TABLE))
        else:
            changes.append(cleared_json(servers, _drop_server, bare={}))
        notes: list[str] = []
    else:
        commands = {
            name: hook_command(command, event, agent, base, scope)
            for name, (event, _) in place.events.items()
        }
        changes = [edited_json(hooks, partial(_put_hooks, agent=agent, commands=commands))]
        secret = token if project is None else None
        variable = TOKEN_VARIABLE if token and project else None
        address = f"{url.rstrip('/')}/mcp"
        if agent == "codex":
            lines = _server_lines(address, secret, variable)
            server = edited_toml(servers, _TABLE, lines)
        else:
            entry = _server_entry(agent, address, secret, variable)
            server = edited_json(servers, partial(_put_server, entry=entry))
        changes.append(replace(server, private=secret is not None))
        notes = [place.note] if place.note else []
        if variable:
            notes.append(f"Set {variable} to the token before you start the agent.")
    if not show:
        write(changes)
    return Installed(tuple(changes), tuple(notes))


def as_diff(changes: Sequence[Change]) -> str:
    """What changes, as a unified diff; empty if nothing does."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for change in changes
        for line in difflib.unified_diff(
            (change.before or "").splitlines(keepends=True),
            (change.after or "").splitlines(keepends=True),
            "/dev/null" if change.before is None else str(change.path),
            "/dev/null" if change.after is None else str(change.path),
        )
    )


def hook_command(
    command: Path, event: str, agent: Agent, base: Path, scope: Mapping[str, str | None] = _ANYBODY
) -> str:
    """What the agent's shell is to run.

    >>> hook_command(Path("/opt/my bin/lessonbase"), "prompt", "codex", Path("/b"), {"space": "s"})
    "'/opt/my bin/lessonbase' hook prompt --base /b --for codex --space s"
    """
    # Cursor takes two slashes for the beginning of a comment, in a text as well.
    program, directory = (str(path.absolute()).replace("//", "/") for path in (command, base))
    words = [program, "hook", event, "--base", directory, "--for", agent]
    for option, value in scope.items():
        words += [f"--{option}", value] if value else []
    return shlex.join(words)


def _put_hooks(data: dict[str, Any], *, agent: Agent, commands: Mapping[str, str]) -> None:
    """Make *commands* the only ones of ours; if they are, leave everything where it is."""
    if agent == "cursor":
        data.setdefault("version", 1)  # without it Cursor reads nothing of the file
    wanted = {name: [_group(agent, name, command)] for name, command in commands.items()}
    if _ours_in(data) == wanted:
        return
    _drop_hooks(data)
    hooks = data["hooks"] = _member(data, "hooks", {})
    for name, groups in wanted.items():
        hooks[name] = _member(hooks, name, []) + groups


def _drop_hooks(data: dict[str, Any]) -> None:
    """Take our commands out, and what is empty without them."""
    for name in (ours := _ours_in(data)):
        groups = [rest for group in data["hooks"].pop(name) if (rest := _without_ours(group))]
        if groups:
            data["hooks"][name] = groups
    if ours and not data["hooks"]:
        del data["hooks"]


def _ours_in(data: dict[str, Any]) -> dict[str, list[Any]]:
    """Event → the groups that have a command of ours."""
    found = {
        name: [group for group in groups if _without_ours(group) != group]
        for name, groups in _member(data, "hooks", {}).items()
        if isinstance(groups, list)
    }
    return {name: groups for name, groups in found.items() if groups}


def _group(agent: Agent, name: str, command: str) -> dict[str, Any]:
    """An entry below an event: Cursor's is the command itself, the others' holds a list of them."""
    if agent == "cursor":
        return {"command": command, "timeout": _TIMEOUT_S}
    handler = {"type": "command", "command": command, "timeout": _TIMEOUT_S}
    matcher = PLACES[agent].events[name][1]
    return {**({"matcher": matcher} if matcher else {}), "hooks": [handler]}


def _without_ours(group: Any) -> Any:
    """A group without our commands; none if there is nothing else in it."""
    if not isinstance(group, dict):
        return group
    handlers = group.get("hooks")
    if not isinstance(handlers, list):
        return None if _is_ours(group) else group
    others = [handler for handler in handlers if not _is_ours(handler)]
    if others == handlers:
        return group
    return {**group, "hooks": others} if others else None


def _is_ours(handler: Any) -> bool:
    command = handler.get("command") if isinstance(handler, dict) else None
    try:
        program, *rest = shlex.split(command) if isinstance(command, str) else ["", ""]
    except ValueError:  # a quote that does not end, or no word at all
        return False
    return Path(program).name == _NAME and rest[:1] == ["hook"]


def _put_server(data: dict[str, Any], *, entry: Mapping[str, Any]) -> None:
    data["mcpServers"] = _member(data, "mcpServers", {}) | {_NAME: entry}


def _drop_server(data: dict[str, Any]) -> None:
    servers = _member(data, "mcpServers", {})
    if servers.pop(_NAME, None) is not None and not servers:
        del data["mcpServers"]


def _server_entry(
    agent: Agent, address: str, secret: str | None, variable: str | None
) -> dict[str, Any]:
    """Our MCP server for Claude Code and Cursor; Cursor tells its sort from the address."""
    entry: dict[str, Any] = {"type": "http"} if agent == "claude-code" else {}
    entry["url"] = address
    if secret or variable:
        shown = secret or PLACES[agent].variable % variable
        entry["headers"] = {"Authorization": f"Bearer {shown}"}
    return entry


def _server_lines(address: str, secret: str | None, variable: str | None) -> list[str]:
    """Our MCP server for Codex. A JSON text is a TOML one, for what an address and a token hold."""
    lines = [f"url = {json.dumps(address)}"]
    if variable:
        lines.append(f"bearer_token_env_var = {json.dumps(variable)}")
    elif secret:
        lines.append(f'http_headers = {{ "Authorization" = {json.dumps(f"Bearer {secret}")} }}')
    return lines


def _member(data: dict[str, Any], name: str, default: Any) -> Any:
    """The object or list under *name*; *default* if there is none.

    Raises:
        ValueError: If something else is there.
    """
    value = data.get(name, default)
    if type(value) is not type(default):
        raise ValueError(f"{name} is not {'an object' if default == {} else 'a list'}")
    return value
