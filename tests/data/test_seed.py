"""The seed: what a new base starts with, and the questions it is judged by."""

import importlib.util
import itertools
import json
import re
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest

from lessonbase.encoders.choose import make_encoder
from lessonbase.records import RECORD, Record
from lessonbase.records.text import searchable, windows

DATA: Final = Path(__file__).parents[2] / "data"
SHARED: Final = Path(__file__).parents[3] / "shared"

LEAST: Final = {
    "lesson": 70,
    "failure_mode": 70,
    "soul_entry": 30,
    "coordination_pattern": 30,
    "heuristic": 30,
    "observation": 30,
}
PREFIX: Final = {
    "lesson": "lesson",
    "failure_mode": "fm",
    "soul_entry": "soul",
    "coordination_pattern": "coord",
    "heuristic": "heur",
    "observation": "obs",
}
# The controlled list: a new topic is added here, with at least five records.
_TOPICS: Final = (
    "approval backups caches capacity certificates clocks config connections coordination cost "
    "data deployment dns evaluation hallucination handover identity incidents injection loops "
    "memory migrations monitoring on-call permissions prompts queues rate-limits regex retries "
    "rollback secrets security shared-state staleness tools"
)
TOPICS: Final = frozenset(_TOPICS.split())
STYLES: Final = frozenset({"terse", "rambling", "stack_trace", "ticket", "plan_step", "question"})

# Of two records of one kind, measured on 314 records: the greatest share of content words in
# common is .24, the greatest cosine .69.
MOST_WORDS: Final = 0.25
MOST_COSINE: Final = 0.75
# A query may share this part of its content words with its best record, on average; .33 measured.
MOST_OVERLAP: Final = 0.35
SHINGLE: Final = 8  # words

_STOP: Final = (
    "a about above after again all also am an and any are as at be because been before being below "
    "between both but by can could did do does doing done down during each else even ever every "
    "few for from further get gets getting go goes going got had has have having he her here his "
    "him how i if in into is it its itself just know let like made make makes many may me might "
    "more most much must my need no nor not now of off on once one only onto or other our ours out "
    "over own put rather really same she should so some still such than that the their theirs them "
    "then there these they this those through to too under until up us very was we were what when "
    "where which while who whom why will with without would yes yet you your yours"
)
STOP: Final = frozenset(_STOP.split())


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _table() -> ModuleType:
    """data/table.py, which is no package."""
    spec = importlib.util.spec_from_file_location("seed_table", DATA / "table.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def _stem(word: str) -> str:
    """The word without a common ending, so that *fails* meets *failed*."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _content(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _words(text) if word not in STOP and len(word) > 1)


def _whole(record: Record) -> str:
    return f"{record.title}\n{searchable(record)}\n{getattr(record, 'rationale', '')}"


LINES: Final = _read("seed_lessons.jsonl")
RECORDS: Final[dict[str, Record]] = {line["id"]: RECORD.validate_python(line) for line in LINES}
QUERIES: Final = _read("seed_queries.jsonl")
ANSWERED: Final = [query for query in QUERIES if query["relevant"]]


def test_ids_are_unique_and_tell_their_kind() -> None:
    """An id is readable, stays, and begins with seed and its kind."""
    assert len(RECORDS) == len(LINES) >= 260
    for name, record in RECORDS.items():
        assert re.fullmatch(rf"seed-{PREFIX[record.kind]}-[a-z0-9]+(-[a-z0-9]+)*", name), name


def test_every_kind_is_there() -> None:
    """No kind is an afterthought."""
    counts = Counter(record.kind for record in RECORDS.values())

    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts


def test_every_topic_is_covered() -> None:
    """Tags come from the controlled list, and each topic has at least five records."""
    counts = Counter(tag for record in RECORDS.values() for tag in record.tags)

    assert set(counts) == TOPICS
    assert min(counts.values()) >= 5, counts.most_common()[-3:]
    assert all(record.tags for record in RECORDS.values())


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_a_source_a_reader_can_open(name: str) -> None:
    """Title, author and https address; no date after the record itself."""
    record = RECORDS[name]
    source = record.provenance

    assert source.title
    assert source.author
    assert re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/\S*", source.url), source.url
    assert source.published is None or source.published < record.created_at.date()


def test_only_a_paper_measures() -> None:
    """A vendor's or a team's own figure is an observation; nothing speculative is held for sure."""
    for name, record in RECORDS.items():
        if record.evidence == "MEASURED_RESULT":
            assert record.provenance.source == "paper", name
        if record.evidence in {"INFERENCE", "SPECULATION"} and record.kind == "observation":
            assert record.confidence != "HIGH", name


def test_souls_are_told_apart_and_marked_as_fiction() -> None:
    """Four agents or more, each with several sides, and none passed off as real."""
    sides: dict[str, set[str]] = {}
    for record in RECORDS.values():
        if record.kind == "soul_entry":
            sides.setdefault(record.agent, set()).add(record.aspect)
            assert record.extra == {"fictional": True}
            assert "Fictional" in record.provenance.title

    assert len(sides) >= 4
    assert all(len(aspects) >= 4 for aspects in sides.values()), sides


def test_a_failure_says_how_it_is_seen_and_ended() -> None:
    """Cause, way back and prevention are told, and how bad it is."""
    for name, record in RECORDS.items():
        if record.kind == "failure_mode":
            assert record.cause, name
            assert record.recovery, name
            assert record.prevention, name
            assert record.severity, name


def test_no_two_records_use_the_same_words() -> None:
    """Two records of one kind that share many content words are one record."""
    words = {name: _content(_whole(record)) for name, record in RECORDS.items()}
    for one, other in _pairs_of_a_kind():
        shared = len(words[one] & words[other]) / len(words[one] | words[other])
        assert shared <= MOST_WORDS, f"{one} and {other}: {shared:.2f}"


def test_no_two_records_mean_the_same() -> None:
    """Two records of one kind with nearly one vector are one record."""
    encoder = make_encoder("onnx:all-MiniLM-L6-v2")
    names = list(RECORDS)
    vectors = encoder.encode_documents([windows(RECORDS[name])[0] for name in names]).vectors
    cosines = vectors @ vectors.T
    place = {name: row for row, name in enumerate(names)}
    for one, other in _pairs_of_a_kind():
        cosine = cosines[place[one], place[other]]
        assert cosine <= MOST_COSINE, f"{one} and {other}: {cosine:.2f}"


def _pairs_of_a_kind() -> list[tuple[str, str]]:
    pairs = itertools.combinations(RECORDS, 2)
    return [pair for pair in pairs if RECORDS[pair[0]].kind == RECORDS[pair[1]].kind]


def test_no_sentence_is_a_sources() -> None:
    """No eight words in a row stand in the texts that the seed was made from."""
    folders = (SHARED / "seed", SHARED / "real")
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("needs the source texts in ../shared, which are not part of the project")
    sources: set[tuple[str, ...]] = set()
    for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders):
        if path.is_file():
            sources |= _shingles(path.read_text(encoding="utf-8"))

    for name, record in RECORDS.items():
        assert not _shingles(_whole(record)) & sources, name


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


def test_queries_are_well_formed() -> None:
    """Ids and texts are unique, styles known, grades 1 or 2, and records there."""
    assert len({query["id"] for query in QUERIES}) == len(QUERIES)
    assert len({query["text"] for query in QUERIES}) == len(QUERIES)
    for query in QUERIES:
        assert set(query) == {"id", "text", "style", "relevant"}
        assert query["style"] in STYLES
        assert set(query["relevant"]) <= set(RECORDS), query["id"]
        assert set(query["relevant"].values()) <= {1, 2}


def test_queries_are_enough_and_of_every_sort() -> None:
    """At least 120 with an answer and 60 without; every style, kind and topic is asked for."""
    best = [
        RECORDS[name]
        for query in ANSWERED
        for name, grade in query["relevant"].items()
        if grade == 2
    ]
    assert len(ANSWERED) >= 120
    assert len(QUERIES) - len(ANSWERED) >= 60
    assert {query["style"] for query in ANSWERED} == STYLES
    assert {record.kind for record in best} == set(LEAST)
    assert {tag for record in best for tag in record.tags} == TOPICS
    assert all(2 in query["relevant"].values() for query in ANSWERED)


def test_unanswered_queries_stay_off_the_topics() -> None:
    """A question that the seed cannot answer shares no word with a topic, so it is no near hit."""
    topics = {_stem(part) for topic in TOPICS for part in (topic, *topic.split("-"))}
    topics -= {_stem(word) for word in ("on", "call")}  # halves of on-call; common by themselves
    for query in QUERIES:
        if not query["relevant"]:
            shared = {_stem(word) for word in _words(query["text"])} & topics
            assert not shared, f"{query['id']}: {shared}"


def test_queries_do_not_echo_their_answers() -> None:
    """Questions were put in other words than the records: a look-up of words will not do."""
    words = {name: _content(_whole(record)) for name, record in RECORDS.items()}
    shares = []
    for query in ANSWERED:
        asked = _content(query["text"])
        shares.append(max(len(asked & words[name]) / len(asked) for name in query["relevant"]))

    assert float(np.mean(shares)) <= MOST_OVERLAP


def test_the_readme_counts_what_is_there() -> None:
    """The tables of data/README.md are those that data/table.py prints, the totals too."""
    readme = (DATA / "README.md").read_text(encoding="utf-8")

    assert _table().tables(LINES) in readme, "run `python data/table.py` and paste its tables"
    assert f"{len(LINES)} records" in readme
    assert f"{len(ANSWERED)} with answers" in readme
    assert f"{len(QUERIES) - len(ANSWERED)} without" in readme
