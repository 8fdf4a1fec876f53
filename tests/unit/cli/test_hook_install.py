"""What is written into coding agents' own settings, and that all else in them stays."""

import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from lessonbase.cli.hook_install import PLACES, Agent, Installed, as_diff, hook_command, install
from lessonbase.errors import InvalidInput

AGENTS = get_args(Agent)
URL = "http://127.0.0.1:8321"
Install = Callable[..., Installed]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home directory without any agent."""
    return tmp_path / "home"


@pytest.fixture
def setup(home: Path) -> Install:
    """Set up an agent; only what matters to the test has to be said."""

    def make(agent: Agent, **options: Any) -> Installed:
        given: dict[str, Any] = {
            "command": Path("/opt/lb/bin/lessonbase"),
            "base": Path("/data/base"),
            "url": URL,
            "token": "lb_t",
            "home": home,
        }
        return install(agent, **given | options)

    return make


def files(root: Path) -> dict[str, str]:
    """Every file below *root*, by its path from there."""
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_claude_code(home: Path, setup: Install) -> None:
    """Three hooks in the user's settings, the server in the user's own list."""
    done = setup("claude-code", scope={"agent": "scout", "space": None})

    def group(event: str) -> list[dict[str, Any]]:
        command = (
            f"/opt/lb/bin/lessonbase hook {event} --base /data/base --for claude-code --agent scout"
        )
        return [{"hooks": [{"type": "command", "command": command, "timeout": 5}]}]

    assert {name: json.loads(text) for name, text in files(home).items()} == {
        ".claude/settings.json": {
            "hooks": {
                "SessionStart": group("session-start"),
                "UserPromptSubmit": group("prompt"),
                "PostToolUseFailure": group("post-tool"),
            }
        },
        ".claude.json": {
            "mcpServers": {
                "lessonbase": {
                    "type": "http",
                    "url": f"{URL}/mcp",
                    "headers": {"Authorization": "Bearer lb_t"},
                }
            }
        },
    }
    assert mode(home / ".claude.json") == 0o600
    assert done.notes == ()


COMMAND = "/opt/lb/bin/lessonbase hook {} --base /data/base --for codex"


def test_codex(home: Path, setup: Install) -> None:
    """The same hooks in a file of their own, tools' only after commands; the server in TOML."""
    done = setup("codex", url=f"{URL}/")

    hooks = json.loads((home / ".codex/hooks.json").read_text())["hooks"]
    assert list(hooks) == ["SessionStart", "UserPromptSubmit", "PostToolUse"]
    assert hooks["PostToolUse"] == [
        {
            "matcher": "^Bash$",
            "hooks": [
                {
                    "type": "command",
                    "command": COMMAND.format("post-tool"),
                    "timeout": 5,
                }
            ],
        }
    ]
    config = home / ".codex/config.toml"
    assert tomllib.loads(config.read_text()) == {
        "mcp_servers": {
            "lessonbase": {"url": f"{URL}/mcp", "http_headers": {"Authorization": "Bearer lb_t"}}
        }
    }
    assert mode(config) == 0o600
    assert "/hooks" in done.notes[0]


def test_cursor(home: Path, setup: Install) -> None:
    """Hooks without groups below a version; no two slashes, which would be a comment."""
    setup("cursor", base=Path("//data//base"))

    text = (home / ".cursor/hooks.json").read_text()
    assert "//" not in text
    command = "/opt/lb/bin/lessonbase hook {} --base /data/base --for cursor"
    assert json.loads(text) == {
        "version": 1,
        "hooks": {
            "sessionStart": [{"command": command.format("session-start"), "timeout": 5}],
            "beforeSubmitPrompt": [{"command": command.format("prompt"), "timeout": 5}],
            "postToolUseFailure": [{"command": command.format("post-tool"), "timeout": 5}],
        },
    }
    assert json.loads((home / ".cursor/mcp.json").read_text())["mcpServers"] == {
        "lessonbase": {"url": f"{URL}/mcp", "headers": {"Authorization": "Bearer lb_t"}}
    }


@pytest.mark.parametrize(
    ("agent", "names", "shown"),
    [
        ("claude-code", {".claude/settings.local.json", ".mcp.json"}, "Bearer ${LESSONBASE_TOKEN}"),
        ("codex", {".codex/hooks.json", ".codex/config.toml"}, '_env_var = "LESSONBASE_TOKEN"'),
        ("cursor", {".cursor/hooks.json", ".cursor/mcp.json"}, "Bearer ${env:LESSONBASE_TOKEN}"),
    ],
)
def test_a_project(
    tmp_path: Path, home: Path, setup: Install, agent: Agent, names: set[str], shown: str
) -> None:
    """Its own files only; they are committed, so that the token is named and not told."""
    project = tmp_path / "project"

    done = setup(agent, project=project)

    written = files(project)
    assert set(written) == names
    assert sum(shown in text for text in written.values()) == 1
    assert "lb_t" not in "".join(written.values())
    assert done.notes[-1] == "Set LESSONBASE_TOKEN to the token before you start the agent."
    assert not home.exists()


@pytest.mark.parametrize("agent", AGENTS)
def test_without_a_token(home: Path, setup: Install, agent: Agent) -> None:
    """No header, and no secret that would make a file private."""
    setup(agent, token=None)

    assert not any("Authorization" in text for text in files(home).values())
    home.joinpath("plain").touch()
    assert mode(home / PLACES[agent].servers[0]) == mode(home / "plain")


HOOKS = {
    "claude-code": (
        '{\n    "model": "opus",\n    "hooks": {"Stop": [{"hooks": [{"type": "command", '
        '"command": "say é"}]}],\n        "UserPromptSubmit": [{"hooks": [{"type": "command", '
        '"command": "mine"}]}]}}'
    ),
    "codex": '{"hooks": {"SessionStart": [{"matcher": "startup", "hooks": []}]}}\n',
    "cursor": '{"version": 1, "hooks": {"stop": [{"command": "mine"}], "sessionStart": []}}',
}
SERVERS = {
    "claude-code": '{"numStartups": 7, "mcpServers": {"own": {"command": "x"}}, "half": "\\ud800"}',
    "codex": '# mine\nmodel = "o3"\n\n[mcp_servers.own]\ncommand = "x" # it\'s [fine]',
    "cursor": '{"mcpServers": {}}\n',
}


@pytest.fixture
def lived_in(home: Path) -> Callable[[Agent], dict[str, str]]:
    """Give an agent settings of its user's own; what they are."""

    def make(agent: Agent) -> dict[str, str]:
        texts = (HOOKS[agent], SERVERS[agent])
        for name, text in zip(
            (PLACES[agent].hooks[0], PLACES[agent].servers[0]), texts, strict=True
        ):
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o640)
        return files(home)

    return make


@pytest.mark.parametrize("agent", AGENTS)
def test_what_is_there_stays(
    home: Path, setup: Install, lived_in: Callable[[Agent], dict[str, str]], agent: Agent
) -> None:
    """Values, order and modes; what each file was is kept beside it."""
    before = lived_in(agent)

    setup(agent)

    after = files(home)
    assert {f"{name}.lessonbase-backup": text for name, text in before.items()}.items() <= (
        after.items()
    )
    for name, text in before.items():
        assert mode(home / name) == mode(home / f"{name}.lessonbase-backup") == 0o640
        if name.endswith(".toml"):
            assert after[name].startswith(text)
            assert set(tomllib.loads(after[name])["mcp_servers"]) == {"own", "lessonbase"}
            continue
        old, new = json.loads(text), json.loads(after[name])
        for inner in ("hooks", "mcpServers"):
            for key, value in old.pop(inner, {}).items():
                kept = new[inner].get(key, [])
                assert (kept[: len(value)] if isinstance(value, list) else kept) == value
            new.pop(inner, None)
        assert list(new.items()) == list(old.items())
    if agent == "claude-code":
        assert '\n    "model": "opus",' in after[".claude/settings.json"]
        assert "say é" in after[".claude/settings.json"]


@pytest.mark.parametrize("agent", AGENTS)
def test_twice_is_as_good_as_once(
    home: Path, setup: Install, lived_in: Callable[[Agent], dict[str, str]], agent: Agent
) -> None:
    """The second time no byte changes, even with entries of others after ours."""
    lived_in(agent)
    setup(agent)
    path = home / PLACES[agent].hooks[0]
    data = json.loads(path.read_text())
    next(iter(data["hooks"].values())).append({"command": "later", "hooks": [{"command": "x"}]})
    path.write_text(json.dumps(data))
    once = files(home)

    again = setup(agent)

    assert files(home) == once
    assert as_diff(again.changes) == ""


@pytest.mark.parametrize("agent", AGENTS)
def test_another_base_takes_its_place(
    home: Path, setup: Install, lived_in: Callable[[Agent], dict[str, str]], agent: Agent
) -> None:
    """One installation in a file, and the backup is of what was before the first."""
    before = lived_in(agent)
    setup(agent, base=Path("/old"), token="lb_old")  # noqa: S106
    setup(agent, command=Path("/other/lessonbase"))

    after = files(home)
    now = "".join(text for name, text in after.items() if not name.endswith("backup"))
    assert "/old" not in now
    assert "lb_old" not in now
    assert now.count(" hook prompt ") == 1
    assert {name: after[f"{name}.lessonbase-backup"] for name in before} == before


@pytest.mark.parametrize("agent", AGENTS)
def test_undo_restores_every_byte(
    home: Path, setup: Install, lived_in: Callable[[Agent], dict[str, str]], agent: Agent
) -> None:
    """With nothing else changed, all is as before, and no backup is left."""
    before = lived_in(agent)
    setup(agent)
    done = setup(agent, undo=True)

    assert files(home) == before
    assert done.notes == ()
    assert setup(agent, undo=True).changes[0].before == HOOKS[agent]
    assert files(home) == before


@pytest.mark.parametrize("agent", AGENTS)
def test_undo_removes_what_was_made(home: Path, setup: Install, agent: Agent) -> None:
    """Files that hold nothing but ours go, and without any there is nothing to do."""
    setup(agent)
    setup(agent, undo=True)
    assert files(home) == {}

    setup(agent, undo=True)
    assert files(home) == {}


@pytest.mark.parametrize("agent", ["claude-code", "cursor"])
def test_undo_keeps_what_came_later(home: Path, setup: Install, agent: Agent) -> None:
    """Entries that the person made after ours stay, within our own groups too."""
    setup(agent)
    hooks, servers = home / PLACES[agent].hooks[0], home / PLACES[agent].servers[0]
    data = json.loads(hooks.read_text())
    groups = next(iter(data["hooks"].values()))
    (groups[0]["hooks"] if agent == "claude-code" else groups).append({"command": "lessonbase x"})
    hooks.write_text(json.dumps(data))
    servers.write_text(json.dumps({**json.loads(servers.read_text()), "own": 1}))

    setup(agent, undo=True)

    own = {"command": "lessonbase x"}
    left = json.loads(hooks.read_text())["hooks"]
    assert list(left.values()) == [[{"hooks": [own]} if agent == "claude-code" else own]]
    assert json.loads(servers.read_text()) == {"own": 1}


def test_undo_keeps_tables_that_came_later(home: Path, setup: Install) -> None:
    """Codex writes into its file itself: what it put between our marks is not ours to remove."""
    setup("codex")
    config = home / ".codex/config.toml"
    end = "# <<< lessonbase <<<"
    own = "[mcp_servers.lessonbase.tools.recall]\nx = 1\n\n"
    other = '[hooks.state]\n"key" = [\n  "[mcp_servers.lessonbase]",\n]\n'
    config.write_text(config.read_text().replace(end, f"{own}{other}{end}"))

    setup("codex", token="lb_new")  # noqa: S106
    servers = tomllib.loads(config.read_text())["mcp_servers"]
    assert servers["lessonbase"]["http_headers"] == {"Authorization": "Bearer lb_new"}
    setup("codex", undo=True)

    assert tomllib.loads(config.read_text()) == tomllib.loads(other)


@pytest.mark.parametrize(
    ("agent", "name", "text", "message"),
    [
        ("claude-code", ".claude/settings.json", '{\n"a": 1\n"b"}', "settings.json: line 3: "),
        ("claude-code", ".claude.json", "[]", ".claude.json: line 1: not an object"),
        ("claude-code", ".claude.json", "\ufeff{}", "line 1: .*BOM"),
        ("cursor", ".cursor/hooks.json", '{"hooks": []}', "hooks is not an object"),
        ("cursor", ".cursor/hooks.json", '{"hooks": {"sessionStart": {}}}', "is not a list"),
        ("cursor", ".cursor/mcp.json", '{"mcpServers": 7}', "mcpServers is not an object"),
        ("codex", ".codex/config.toml", "a = 1\nb = \n", "config.toml: Invalid value .*line 2"),
        ("codex", ".codex/config.toml", "[mcp_servers.lessonbase]", "has a table .* not ours"),
        ("codex", ".codex/config.toml", "mcp_servers = {}", "has a table .* not ours"),
    ],
)
def test_a_file_that_cannot_be_read(
    home: Path, setup: Install, agent: Agent, name: str, text: str, message: str
) -> None:
    """It is named, with the line, and no file is touched."""
    path = home / name
    path.parent.mkdir(parents=True)
    path.write_text(text)

    with pytest.raises(InvalidInput, match=message):
        setup(agent)

    assert files(home) == {name: text}


def test_a_file_that_is_not_text(home: Path, setup: Install) -> None:
    """Bytes that are no UTF-8 are not guessed at."""
    home.mkdir()
    (home / ".claude.json").write_bytes(b'{"a": "\xff"}')

    with pytest.raises(InvalidInput, match="not UTF-8"):
        setup("claude-code")


def test_a_linked_file_stays_linked(tmp_path: Path, home: Path, setup: Install) -> None:
    """Settings that live elsewhere, as in a repository of dot files, are changed there."""
    there = tmp_path / "dotfiles.json"
    there.write_text("{}")
    (home / ".claude").mkdir(parents=True)
    link = home / ".claude/settings.json"
    link.symlink_to(there)

    setup("claude-code")
    assert link.is_symlink()
    assert "hook prompt" in there.read_text()
    setup("claude-code", undo=True)
    assert link.is_symlink()
    assert there.read_text() == "{}"


@pytest.mark.parametrize("agent", AGENTS)
def test_showing_writes_nothing(
    home: Path, setup: Install, lived_in: Callable[[Agent], dict[str, str]], agent: Agent
) -> None:
    """What would be written is told as a diff, from nothing and back to nothing too."""
    fresh = as_diff(setup(agent, show=True).changes)
    assert not home.exists()
    assert fresh.startswith(f"--- /dev/null\n+++ {home / PLACES[agent].hooks[0]}\n")
    assert "+++ " + str(home / PLACES[agent].servers[0]) in fresh

    setup(agent)
    gone = as_diff(setup(agent, show=True, undo=True).changes)
    assert gone.count("+++ /dev/null\n") == 2
    setup(agent, undo=True)

    before = lived_in(agent)
    assert as_diff(setup(agent, show=True).changes)
    assert files(home) == before


def test_the_command_is_quoted(tmp_path: Path) -> None:
    """A shell takes paths with blanks and quotes for what they are."""
    program = tmp_path / "it's here" / "lessonbase"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o700)
    base = Path("/my $HOME/'base'")

    command = hook_command(program, "prompt", "cursor", base, {"team": "ops", "agent": None})

    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines() == [
        *("hook", "prompt", "--base", str(base)),
        *("--for", "cursor", "--team", "ops"),
    ]
