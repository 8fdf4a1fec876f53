"""What Chroma does behind one's back, and that it does not happen here (DESIGN §1)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from lessonbase.base import LessonBase
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.errors import StoreError
from lessonbase.ports import Entry
from lessonbase.records import Lesson, Role, Scope
from lessonbase.stores.vectors import GRAPH, SYNC_THRESHOLD, ChromaStore, collection_name
from support import base_at

Make = Callable[..., Lesson]
TASK = "changing the schema of a busy table"

# Opens a base as a program would, refusing and noting every way out of the machine.
PROBE = """
import json, socket, sys, threading

calls = []

def refuse(*arguments, **_):
    calls.append(repr(arguments[-1]))
    raise OSError("no network here")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse

from lessonbase import open_base

with open_base(sys.argv[1], create=True, embedded=True) as base:
    base.add({
        "id": "a", "kind": "lesson", "title": "T",
        "situation": "changing the schema of a busy table", "advice": "set a lock timeout",
    })
    base.refilled(timeout_s=30)
    briefing = base.recall("changing the schema of a busy table")
    client = getattr(base._parts.indexes._store, "_client", None)
    found = {
        "hits": [hit.record.id for hit in briefing.hits],
        "degraded": briefing.degraded,
        "threads": sorted(
            thread.name for thread in threading.enumerate()
            if not thread.name.startswith(("MainThread", "lessonbase-"))
        ),
        "posthog": "posthog" in sys.modules,
    }
    if client is not None:
        settings = client.get_settings()
        found |= {
            "api": settings.chroma_api_impl,
            "persistent": settings.is_persistent,
            "reset": settings.allow_reset,
            "telemetry": settings.anonymized_telemetry,
            "server": settings.chroma_server_host,
        }
        try:
            client.reset()
        except Exception as error:
            found["refused"] = type(error).__name__
    found["calls"] = calls
    print(json.dumps(found))
"""
SOUND = {
    "hits": ["a"],
    "degraded": False,
    "threads": [],
    "posthog": False,
    "api": "chromadb.api.rust.RustBindingsAPI",
    "persistent": True,
    "reset": False,
    "telemetry": False,
    "server": None,
    "calls": [],
}
HOSTILE = {
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
    "CHROMA_SERVER_HOST": "192.0.2.1",
    "CHROMA_SERVER_HTTP_PORT": "9",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://192.0.2.1:9",
    "ALLOW_RESET": "TRUE",
    "IS_PERSISTENT": "FALSE",
    "PERSIST_DIRECTORY": "elsewhere",
    "ANONYMIZED_TELEMETRY": "TRUE",
}


def probe(folder: Path, **variables: str) -> dict[str, Any]:
    """What a process in *folder* sees that opens the base in it."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LESSONBASE_", "CHROMA_"))
    }
    (folder / "home").mkdir(exist_ok=True)
    fixed = {"HOME": str(folder / "home"), "LESSONBASE_ENCODER": "hashing:384"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(folder / "base")],
        cwd=folder,
        env={**clean, **fixed, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_is_taken_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """Neither a `.env` nor variables make Chroma a client, resettable, or talkative."""
    lines = "".join(f"{name}={value}\n" for name, value in HOSTILE.items())
    (tmp_path / ".env").write_text(lines, encoding="utf-8")

    found = probe(tmp_path, **HOSTILE)

    assert found.pop("refused") in {"ValueError", "AuthorizationError", "InternalError"}
    assert found == SOUND
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.slow
def test_nothing_leaves_the_machine_and_no_model_is_fetched(tmp_path: Path) -> None:
    """No connection, no name looked up, no telemetry, nothing in the home directory."""
    found = probe(tmp_path)

    assert found["calls"] == []
    assert list((tmp_path / "home").rglob("*")) == []


@pytest.mark.slow
def test_an_env_file_that_chroma_cannot_read(tmp_path: Path) -> None:
    """Importing Chroma fails there; recall answers all the same, and elsewhere the index heals."""
    for content in (b"CHROMA_SERVER_HTTP_PORT=many\n", b"\xff\xfe=\x00\n"):
        (tmp_path / ".env").write_bytes(content)
        found = probe(tmp_path)
        assert (found["hits"], found["degraded"], found["calls"]) == (["a"], True, [])

    (tmp_path / ".env").unlink()
    healed = probe(tmp_path)
    assert (healed["hits"], healed["degraded"]) == (["a"], False)


@pytest.fixture
def plain() -> Iterator[Callable[[Path], Any]]:
    """Open the Chroma directory of a closed base with a client that knows nothing of us."""
    clients = []

    def open_it(path: Path) -> Any:
        manifest = json.loads((path / "chroma" / "manifest.json").read_text(encoding="utf-8"))
        directory = str(path / "chroma" / manifest["directory"])
        clients.append(
            chromadb.PersistentClient(directory, settings=Settings(anonymized_telemetry=False))
        )
        return clients[-1]

    yield open_it
    for client in clients:
        client.close()


def test_any_chroma_tool_can_read_the_collection(
    tmp_path: Path, lesson: Make, plain: Callable[[Path], Any]
) -> None:
    """Embedded text, readable metadata, and our vectors, under ids that tell the record."""
    with base_at(tmp_path / "b") as base:
        base.add(lesson("a", tags=["x", "y"], services=["orders"]))

    (collection,) = plain(tmp_path / "b").list_collections()
    held = collection.get(include=["documents", "metadatas", "embeddings"])

    assert collection.metadata == {"space": "default", "encoder": "hashing@1 (384-d, fp32)"}
    assert held["ids"] == ["a#0"]
    assert held["documents"] == [
        "Lesson a\nChanging the schema of a busy table.\nSet a lock timeout first."
    ]
    assert held["metadatas"] == [
        {
            "record": "a",
            "kind": "lesson",
            "title": "Lesson a",
            "tags": "x, y",
            "services": "orders",
            "window": 0,
        }
    ]
    expected = HashingEncoder(384).encode_query(held["documents"][0]).vector
    assert np.allclose(held["embeddings"][0], expected)


def test_the_graph_is_cosine_with_our_parameters(
    tmp_path: Path, lesson: Make, plain: Callable[[Path], Any]
) -> None:
    """Chroma's default is squared distance, whose order is another for long vectors."""
    with base_at(tmp_path / "b") as base:
        base.add(lesson())

    (collection,) = plain(tmp_path / "b").list_collections()
    graph = collection._model.configuration_json["hnsw"]

    assert {name: graph[name] for name in GRAPH} == GRAPH
    assert graph["space"] == "cosine"
    assert graph["sync_threshold"] == SYNC_THRESHOLD


def test_only_what_may_be_recalled_is_in_it(
    tmp_path: Path, lesson: Make, plain: Callable[[Path], Any]
) -> None:
    """Proposed, quarantined, superseded and retired records have no window there."""
    with base_at(tmp_path / "b") as base:
        base.add_all(
            [
                lesson("active"),
                lesson("proposed", status="proposed"),
                lesson("quarantined", status="quarantined"),
                lesson("old"),
                lesson("gone"),
                lesson("back", status="retired"),
            ]
        )
        base.supersede("old", "active")
        base.retire("gone")
        base.edit("back", {"status": "active"})

    (collection,) = plain(tmp_path / "b").list_collections()
    assert sorted(collection.get()["ids"]) == ["active#0", "back#0"]


def test_each_space_has_a_collection_of_its_own(
    tmp_path: Path, lesson: Make, plain: Callable[[Path], Any]
) -> None:
    """The same id in two spaces is two records, in two collections."""
    with base_at(tmp_path / "b") as base:
        base.add(lesson())
        base.within(Scope(space="x@y.z", role=Role.ADMIN)).add(lesson(title="Other"))

    found = {
        collection.metadata["space"]: collection.get()["metadatas"][0]["title"]
        for collection in plain(tmp_path / "b").list_collections()
    }
    assert found == {"default": "Lesson a", "x@y.z": "Other"}


@pytest.mark.parametrize("space", ["a", "A" * 100, "x@y", "1..2", "a-", "192.168.0.1"])
def test_any_space_name_gives_a_valid_collection_name(tmp_path: Path, space: str) -> None:
    """Ours allow what Chroma's do not: one letter, @, dots in a row, an address."""
    fingerprint = HashingEncoder(8).fingerprint
    store = ChromaStore(tmp_path, fingerprint)

    assert len(store.space(space)) == 0
    (collection,) = store._client.list_collections()
    assert collection.name == collection_name(space, fingerprint.key)
    store.close()


def test_collection_names_differ_by_space_and_encoder() -> None:
    """Letter case counts; the parts cannot be mistaken for one another."""
    keys = [HashingEncoder(dimension).fingerprint.key for dimension in (8, 16)]

    names = {collection_name(space, key) for space in ("a", "A", "a/b") for key in keys}
    assert len(names) == 6
    assert all(len(name) == len("lessonbase-") + 24 for name in names)


def test_writing_twice_keeps_the_last(tmp_path: Path) -> None:
    """`add` would silently keep the first, `update` silently nothing."""
    store = ChromaStore(tmp_path, HashingEncoder(2).fingerprint)
    index = store.space("default")
    for vector, text in (([1.0, 0.0], "first"), ([0.0, 1.0], "second")):
        index.put([Entry("a", 0, np.array(vector, dtype=np.float32), text, {"kind": "lesson"})])

    assert len(index) == 1
    (near,) = index.nearest(np.array([0.0, 1.0], dtype=np.float32), 5)
    assert (near.record_id, near.position, near.similarity) == ("a", 0, pytest.approx(1))
    assert index._collection.get()["documents"] == ["second"]
    store.close()


def test_chromas_errors_become_ours(tmp_path: Path) -> None:
    """Whatever it raises, callers see a StoreError with the way out."""
    store = ChromaStore(tmp_path, HashingEncoder(2).fingerprint)
    index = store.space("default")
    index.put([Entry("a", 0, np.array([1, 0], dtype=np.float32), "t", {"kind": "lesson"})])

    with pytest.raises(StoreError, match="Chroma could not search") as error:
        index.nearest(np.zeros(3, dtype=np.float32), 1)
    assert error.value.hint == "`lessonbase doctor --repair` refills it from the ledger"
    store.close()


def test_a_base_is_reopened_in_the_same_process(
    tmp_path: Path, open_at: Callable[..., LessonBase], lesson: Make
) -> None:
    """Chroma keeps clients by path; one that was closed is not handed out again."""
    for n in range(3):
        base = open_at(tmp_path / "b")
        base.add(lesson(f"r{n}"))
        assert len(base.search(TASK, 9).results) == n + 1
        base.close()
