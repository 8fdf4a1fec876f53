"""Review, souls and files through every way in: as a client, over plain HTTP, by command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api_support import Site, serving
from lessonbase.cli.app import app
from lessonbase.client import RemoteBase
from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.records import Role, Scope, SourceFile, Status
from support import base_at

RULE = """---
oos_version: "1.0"
org_pseudonym: "Acme"
---

**[C001]** core_operating_rules
- **Rule:** {rule}
- **Why:** A mail cannot be taken back.
- **Failure mode:** A client reads a wrong number.
- **Confidence:** HIGH
- **Evidence:** OBSERVED_REPEATEDLY
- **Scope:** All mails.
"""
ASK = "Every mail to a client needs the founder's approval before it is sent."
NEVER = "A mail to a client never needs the founder's approval before it is sent."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty base behind its server."""
    with base_at(tmp_path / "base") as base, serving(base) as served:
        yield served


@pytest.fixture
def remote(site: Site) -> RemoteBase:
    """The base as its owner's client has it."""
    return site.remote()


def value(entry_id: str, statement: str) -> dict[str, str]:
    own = {"agent": "scout", "aspect": "value", "statement": statement}
    return {"id": entry_id, "kind": "soul_entry", "title": statement, **own}


def test_a_file_over_plain_http(site: Site) -> None:
    """Its format is found out, a bad name is refused, and it comes back as it was."""
    http = site.http()
    content = RULE.format(rule=ASK).encode()

    report = http.post("/v1/import?format=auto&name=acme.oos.md", content=content).json()
    back = http.get("/v1/export?format=oos&source=acme.oos.md")

    assert (report["new"], report["files"]) == (1, {"acme.oos.md": "oos"})
    assert back.content == content
    assert http.get("/v1/sources").json()["results"][0]["records"] == 1
    assert http.get("/v1/source?name=none").status_code == 404
    refused = http.post("/v1/import?format=auto&name=notes.md", content=b"# Nothing\n\nWords.\n")
    assert (refused.status_code, refused.json()["code"]) == (422, "InvalidInput")
    assert http.post("/v1/import?format=word", content=b"x").status_code == 422


def test_files_as_a_client(remote: RemoteBase) -> None:
    """Sources travel with the records, byte for byte, whatever bytes they are."""
    file = SourceFile(name="a b/ü.md", format="list", content=b"\xff\x00\r\n")

    remote.add_all([], sources=[file])

    (named,) = remote.sources()
    assert (named.name, named.sha256, named.version) == (file.name, file.digest, 1)
    assert remote.source(file.name).content == file.content
    with pytest.raises(RecordNotFound, match="nothing"):
        remote.source("nothing")


def test_review_as_a_client(site: Site, remote: RemoteBase) -> None:
    """A stranger's record waits; the client accepts, rejects, merges and takes back."""
    fields = {"kind": "heuristic", "title": "Tea", "rule": "Warm the pot first."}
    stranger = site.base.within(Scope(role=Role.WRITER))
    for name in ("one", "two"):
        stranger.add({**fields, "id": name, "title": name})

    assert [item.reason for item in remote.review().items] == ["proposed", "proposed"]
    assert remote.review(limit=1).more
    assert remote.accept("one", note="true").status is Status.ACTIVE
    assert remote.reject("two").status is Status.RETIRED
    remote.add({**fields, "id": "three"})
    assert remote.merge("one", "three").supersedes == ("three",)
    assert remote.unmerge("three").supersedes == ()
    with pytest.raises(InvalidInput, match="waits for a decision"):
        remote.accept("two")


def test_souls_as_a_client(remote: RemoteBase) -> None:
    """The same brief, history and list as in process."""
    remote.add(value("honest", "Say what was not checked."))

    first, second = remote.soul_brief("scout"), remote.soul_brief("scout", budget=300)

    assert [one.id for one in first.who] == ["honest"]
    assert second.last_read == first.read_at
    assert [one.what for one in remote.soul_history("scout")] == ["added", "read", "read"]
    assert [one.agent for one in remote.souls()] == ["scout"]
    assert remote.retire_soul("scout").retired_at is not None
    with pytest.raises(RecordNotFound, match="soul of nobody"):
        remote.soul_brief("nobody")
    with pytest.raises(InvalidInput, match="no agent is named"):
        remote.soul_brief()


def test_a_session_starts_with_the_soul(site: Site) -> None:
    """The hook gives the agent its brief, and the base remembers that it was read."""
    site.base.add(value("honest", "Say what was not checked."))
    body = {"host": "claude-code", "input": {"session_id": "s", "source": "startup"}, "within_s": 9}

    told = site.http(X_LessonBase_Agent="scout").post("/v1/hooks/session-start", json=body).json()
    other = site.http(X_LessonBase_Agent="bo").post("/v1/hooks/session-start", json=body).json()

    assert "Say what was not checked." in told["hookSpecificOutput"]["additionalContext"]
    assert "Who you are" not in other["hookSpecificOutput"]["additionalContext"]
    assert site.base.souls()[0].last_read is not None


def run(*words: str | Path, code: int = 0) -> str:
    """Standard output of a command; its exit status is checked."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """An OOS file."""
    file = tmp_path / "ours.oos.md"
    file.write_text(RULE.format(rule=ASK), encoding="utf-8")
    return file


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """One whose rule is the contrary."""
    file = tmp_path / "theirs.oos.md"
    file.write_text(RULE.format(rule=NEVER).replace("Acme", "Bolt"), encoding="utf-8")
    return file


def test_oos_check(ours: Path) -> None:
    """Each finding with its place; exit 1 if the file is invalid; figures for programs."""
    text = run("oos", "check", ours, code=1)
    (told,) = json.loads(run("oos", "check", ours, "--json", code=1))["results"]

    assert f"{ours}:1:1: error FRONTMATTER_INVALID" in text
    assert "WORD_COUNT_BELOW_MINIMUM" in text
    assert (told["claim_count"], told["claim_tokens"], told["tier"]) == (1, {"C001": 42}, "silver")
    assert {finding["level"] for finding in told["findings"]} == {"error", "warning"}


def test_oos_repair(ours: Path) -> None:
    """A diff, and nothing written until told."""
    before = ours.read_text()
    ours.write_text(before.replace("**Why:**", "**Reason:**").replace("\n", "\r\n"))
    damaged = ours.read_bytes()

    shown = run("oos", "repair", ours, code=1)
    assert "+- **Why:** A mail cannot be taken back." in shown
    assert ours.read_bytes() == damaged

    run("oos", "repair", ours, "--write", code=1)
    assert "- **Why:** A mail cannot be taken back.\n" in ours.read_bytes().decode()
    assert "nothing to mend" not in run("oos", "repair", ours, code=1)


def test_oos_diff_and_merge(ours: Path, theirs: Path, tmp_path: Path) -> None:
    """A negated rule is a contradiction, and stays out of a merge."""
    (pair,) = json.loads(run("oos", "diff", ours, theirs, "--json"))["pairs"]
    assert pair["judgment"]["relation"] == "contradicts"
    assert (pair["ours"]["rule"], pair["theirs"]["rule"]) == (ASK, NEVER)
    assert "contradicts (1)" in run("oos", "diff", ours, theirs)

    merged = tmp_path / "merged.oos.md"
    told = json.loads(run("oos", "merge", ours, theirs, "-o", merged, "--json"))

    assert [one["action"] for one in told["decisions"]] == ["conflict"]
    assert NEVER not in merged.read_text()
    assert run("oos", "diff", ours, tmp_path / "none.oos.md", code=1) == ""
