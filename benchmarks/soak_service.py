"""Let fourteen workers use one base, kill its owner again and again, and see if anything is lost.

    python benchmarks/soak_service.py --seconds 180 --kills 10

The workers (`soak_worker.py`) come in by every way in and keep diaries. Whoever holds the base is
killed at random moments. At the end the diaries are held against the base: what was acknowledged
is there, once, and found; what was not is there whole or not at all; every call ended in time, with
an answer or an error that says what is wrong; no process is left. Exit code 1 if anything is wrong.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import soak_child
from measuring import p50, write
from soak_ways import DEADLINE_S
from soak_worker import Texts, lesson, word
from texts import encoder

from lessonbase import open_base
from lessonbase.base import LessonBase
from lessonbase.hook import TIMEOUT_S
from lessonbase.records import Lesson, Record, Role, windows
from lessonbase.retrieval.pipeline import METHODS
from lessonbase.stores.lock import holder

WORKER: Final = Path(__file__).with_name("soak_worker.py")
# Workers of each way in.
WAYS: Final = {"mcp": 3, "cli": 3, "hook": 2, "http": 3, "python": 3}
# Records that are there from the start, so that a refill takes a while, and those of them that
# several workers add words to.
SHARED: Final = 1_500
CONTESTED: Final = 8
# Texts that questions are asked with, and that new records are made of.
TEXTS: Final = 2_000
# Idle time after which an owner ends, and the longest that this may take on a busy machine.
IDLE_EXIT_S: Final = 5.0
ENDING_S: Final = 30.0
# How much later than its deadline a call may end.
GRACE_S: Final = 1.0
# Time until a hook's own clock runs: its interpreter has to start, beside fourteen busy processes.
HOOK_START_S: Final = 2.0
# Errors that a caller may be given. Others are wrong: as such, or as nobody could act on them.
CLEAR: Final = ("OwnerUnreachable", "BaseBusy", "TooBusy", "VersionConflict", "Killed")
# Least cosine of a window with itself: in int8, a vector depends a little on its batch.
SAME: Final = 0.99
# Windows that each window's own vector is asked for.
NEAR: Final = 3


@dataclass
class Call:
    """One call of a worker, from its diary."""

    way: str
    kind: str
    took_s: float
    end: str
    about: dict[str, Any]

    @property
    def acknowledged(self) -> bool:
        """Whether it was answered."""
        return self.end == "answered"


@dataclass
class Kept:
    """What a record may say: the last that was acknowledged, and what was tried after it."""

    acknowledged: bool = False
    revisions: list[int] = field(default_factory=list)
    edits: int = 0
    tried_edits: int = 0


def main() -> None:
    """Let them work, kill, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lessonbase-soak-") as name:
        directory = Path(name)
        common = _prepare(directory / "base")
        killed, wrong = _work(directory, common, options)
        wrong += _left_behind(directory / "base")
        calls = list(_diaries(directory))
        found, more = _compare(directory / "base", calls, common)
        wrong += [*_calls_wrong(calls), *more]
        rows = {**_counts(calls), "kills": killed, **found, "wrong": wrong}
    write(
        "soak_service",
        rows,
        seed=options.seed,
        seconds=round(time.monotonic() - started),
        violations=len(wrong),
    )
    sys.exit(1 if wrong else 0)


def _prepare(base_at: Path) -> dict[str, Any]:
    """A base with some records and a key; what all workers are told."""
    texts = soak_child.texts()[:TEXTS]
    with open_base(base_at, create=True, encoder=encoder(), embedded=True) as base:
        shared = [f"shared-{n}" for n in range(SHARED)]
        base.add_all(
            [{"id": key, "kind": "lesson", "rationale": "", **lesson(key, texts)} for key in shared]
        )
        key = base.create_key(Role.WRITER, agent="http", note="soak").token
    return {
        "texts": texts,
        "shared": shared[CONTESTED:],
        "contested": shared[:CONTESTED],
        "key": key,
    }


# Working


def _work(
    directory: Path, common: Mapping[str, Any], options: argparse.Namespace
) -> tuple[dict[str, int], list[str]]:
    """Run the workers and kill owners meanwhile; how many of which, and what is wrong."""
    (directory / "common.json").write_text(json.dumps(common), encoding="utf-8")
    environment = {
        **os.environ,
        "LESSONBASE_HOME": str(directory / "base"),
        "LESSONBASE_REQUEST_TIMEOUT_S": f"{DEADLINE_S:g}",
        "LESSONBASE_IDLE_EXIT_S": f"{IDLE_EXIT_S:g}",
    }
    until = time.monotonic() + options.seconds
    names = [(way, f"{way}{n}") for way, count in WAYS.items() for n in range(count)]
    workers = {}
    for number, (way, name) in enumerate(names):
        command = [sys.executable, str(WORKER), way, "--name", name, "--until", str(until)]
        command += ["--common", str(directory / "common.json")]
        command += ["--diary", str(directory / f"{name}.jsonl")]
        command += ["--seed", str(options.seed * 100 + number)]
        with (directory / f"{name}.err").open("w", encoding="utf-8") as errors:
            workers[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=errors, env=environment
            )
    killed = _kill_often(directory / "base", until, options.kills, random.Random(options.seed))
    wrong = []
    last = until + DEADLINE_S + 30
    for name, worker in workers.items():
        try:
            code = worker.wait(max(1.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.kill()
            code = worker.wait()
        if code:
            said = (directory / f"{name}.err").read_text(encoding="utf-8")[-1_000:]
            wrong.append(f"worker {name} ended with {code}: {said}")
    return killed, wrong


def _kill_often(base_at: Path, until: float, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill whoever holds the base, at random moments; how many owners, how many others."""
    now = time.monotonic()
    # Not in the first moments, when nobody has come up yet, nor in the last: somebody is to notice.
    moments = sorted(chance.uniform(now + 5, until - 5) for _ in range(kills))
    killed = Counter[str]()
    for moment in moments:
        time.sleep(max(0.0, moment - time.monotonic()))
        while time.monotonic() < until:
            owner = holder(base_at)
            # The note may be of the one before, for as long as the next has not written its own.
            if owner is not None and owner.pid in dict(_knowing(base_at)):
                os.kill(owner.pid, signal.SIGKILL)
                killed["serving" if owner.url else "serving nobody"] += 1
                break
            time.sleep(0.02)
    return dict(killed)


def _left_behind(base_at: Path) -> list[str]:
    """The owner that has not ended for want of work, and every process that knows the base."""
    wrong = []
    deadline = time.monotonic() + IDLE_EXIT_S + ENDING_S
    while holder(base_at) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    if (owner := holder(base_at)) is not None:
        wrong.append(f"process {owner.pid} holds the base long after the last call")
    # What has let go of the base may take a moment to end.
    while (left := list(_knowing(base_at))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return wrong + [f"left behind: process {pid}, {command}" for pid, command in left]


def _knowing(base_at: Path) -> Iterator[tuple[int, str]]:
    """Processes, other than this one, whose command line or environment names the base."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            command, environment = (
                (process / name).read_bytes() for name in ("cmdline", "environ")
            )
        except OSError:
            continue  # it has ended, or is another user's
        if os.fsencode(base_at) in command + environment:
            yield int(process.name), command.replace(b"\0", b" ").decode(errors="replace")


# What the diaries say


def _diaries(directory: Path) -> Iterator[Call]:
    for path in sorted(directory.glob("*.jsonl")):
        way = path.stem.rstrip("0123456789")
        begun: dict[str, Any] | None = None
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            if begun is None:
                begun = said
                continue
            end = next(name for name in ("answered", "refused", "unclear") if name in said)
            took_s = said["ended"] - begun["began"]
            yield Call(way, begun["kind"], took_s, end, {**begun, "said": said[end]})
            begun = None
        if begun is not None:
            yield Call(way, begun["kind"], float("inf"), "unclear", {**begun, "said": "no end"})


def _calls_wrong(calls: Iterable[Call]) -> Iterator[str]:
    """Calls that ended too late, or with an error that should not be."""
    for call in calls:
        most = (HOOK_START_S + TIMEOUT_S if call.way == "hook" else DEADLINE_S) + GRACE_S
        if call.took_s > most:
            yield f"{call.way} {call.kind} took {call.took_s:.1f} s: {call.about['said']}"
        conflict = call.about["said"].startswith("VersionConflict")
        if call.end == "unclear" or (
            call.end == "refused"
            and (not call.about["said"].startswith(CLEAR) or (conflict and call.kind != "append"))
        ):
            yield f"{call.way} {call.kind}: {call.end}: {call.about['said']}"


def _counts(calls: list[Call]) -> dict[str, Any]:
    times: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        times[call.way].append(call.took_s)
    errors = Counter(
        f"{call.way}: {_without_numbers(call.about['said'])}"
        for call in calls
        if call.end != "answered"
    )
    hooks = Counter(call.about["said"] for call in calls if call.way == "hook")
    writes = Counter(call.kind for call in calls if call.acknowledged)
    return {
        "calls": {way: len(own) for way, own in times.items()},
        "p50 s": {way: round(p50(own), 2) for way, own in times.items()},
        "slowest s": {way: round(max(own), 1) for way, own in times.items()},
        "acknowledged writes": {
            kind: writes[kind] for kind in ("add", "edit", "append", "outcome")
        },
        "hooks": dict(hooks),
        "errors": dict(errors.most_common()),
    }


def _without_numbers(message: str) -> str:
    """The same for all errors of a sort: no paths, ids or counts."""
    return re.sub(r"/\S+|'[^']*'|[\d.]+\d", "…", message)[:200]


# What the base says


def _compare(
    base_at: Path, calls: list[Call], common: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Hold the diaries against the base: some counts, and all that is wrong."""
    with open_base(base_at, embedded=True) as base:
        wrong = [] if base.refilled(timeout_s=300) else ["not refilled"]
        kept = _expected(calls)
        there = {record.id: record for record in base.export()}
        wrong += _records_wrong(base, kept, there, common["texts"])
        wrong += _appended_wrong(calls, there)
        for key in common["contested"]:
            wrong += [f"{key}: {problem}" for problem in _vectors_wrong(base, there[key])]
        wrong += _outcomes_wrong(base, calls)
        wrong += [f"doctor: {problem}" for problem in base.doctor().problems]
    with open_base(base_at, embedded=True) as base:
        if base.search("anything").degraded:
            wrong.append("degraded after a clean close")
    never = sum(not one.acknowledged for one in kept.values())
    found = {
        "records": len(there),
        "records never acknowledged": never,
        "of which there": len(there) - SHARED - (len(kept) - never),
    }
    return found, wrong


def _expected(calls: Iterable[Call]) -> dict[str, Kept]:
    """By the stem of their words, the records that workers have made, or tried to."""
    kept: dict[str, Kept] = {}
    for call in calls:
        if call.kind not in {"add", "edit"}:
            continue
        one = kept.setdefault(call.about["stem"], Kept())
        # After one that was not acknowledged, none is tried.
        if call.acknowledged:
            one.acknowledged, one.revisions = True, []
        one.revisions.append(call.about["revision"])
        one.edits += call.kind == "edit" and call.acknowledged
        one.tried_edits += call.kind == "edit"
    return kept


def _records_wrong(
    base: LessonBase, kept: Mapping[str, Kept], there: Mapping[str, Record], texts: Texts
) -> Iterator[str]:
    """What is wrong with the records that workers have made."""
    bearers: dict[str, list[Lesson]] = defaultdict(list)
    for record in there.values():
        assert isinstance(record, Lesson)
        bearers[record.situation.partition(" ")[0].rpartition("v")[0]].append(record)
    for stem in bearers.keys() - kept.keys():
        if stem:  # those that were there from the start have none
            yield f"{stem} was never written"
    for stem, one in kept.items():
        found = bearers.get(stem, [])
        if len(found) != 1 and (one.acknowledged or found):
            yield f"{stem}, acknowledged {one.acknowledged}: there {len(found)} times"
        for record in found:
            for problem in _wrong_with(base, record, stem, one, texts):
                yield f"{record.id}, {stem}, acknowledged {one.acknowledged}: {problem}"


def _wrong_with(
    base: LessonBase, record: Lesson, stem: str, kept: Kept, texts: Texts
) -> Iterator[str]:
    """What is wrong with one record: as kept, in its history, as words and vectors find it."""
    mark = record.situation.partition(" ")[0]
    if mark not in [word(stem, revision) for revision in kept.revisions]:
        yield f"says {mark}, not one of revisions {kept.revisions}"
    said = {name: getattr(record, name) for name in ("title", "situation", "advice")}
    if said != lesson(mark, texts):
        yield f"is not whole: {said}"
    actions = Counter(event.action for event in base.history(record.id))
    if actions["add"] != 1 or not kept.edits <= actions["edit"] <= kept.tried_edits:
        yield f"history: {dict(actions)}; {kept.edits} to {kept.tried_edits} edits expected"
    by_words = base.using(METHODS["words"])
    for revision in range(max(kept.revisions) + 1):
        hits = [place.id for place in by_words.ranked(word(stem, revision), 2).places]
        if hits != [record.id] * (word(stem, revision) == mark):
            yield f"words of revision {revision} find {hits}"
    yield from _vectors_wrong(base, record)


def _vectors_wrong(base: LessonBase, record: Record) -> Iterator[str]:
    for position, vector in enumerate(
        base._parts.encoder.encode_documents(windows(record)).vectors
    ):
        near = base._parts.indexes.nearest("default", vector, NEAR)
        same = [one.record_id for one in near if one.similarity >= SAME]
        # Windows after the first may be of the very same words as other records'.
        if record.id not in same and len(same) < NEAR:
            yield f"vectors do not find window {position}: {near}"


def _appended_wrong(calls: Iterable[Call], there: Mapping[str, Record]) -> Iterator[str]:
    """Words that several workers have added to the same records: each once, none lost."""
    for call in calls:
        if call.kind != "append":
            continue
        mark, record = call.about["mark"], there[call.about["record"]]
        assert isinstance(record, Lesson)
        count = record.rationale.split().count(mark)
        if count > 1 or (call.acknowledged and count != 1):
            yield f"{mark}, acknowledged {call.acknowledged}: {count} times in {record.id}"


def _outcomes_wrong(base: LessonBase, calls: Iterable[Call]) -> Iterator[str]:
    """Reports of what became of records: each in the history once, if it was acknowledged."""
    told = [call for call in calls if call.kind == "outcome"]
    notes = Counter(
        event.detail.get("note")
        for record_id in {call.about["record"] for call in told}
        for event in base.history(record_id)
        if event.action == "outcome"
    )
    for call in told:
        mark = call.about["mark"]
        if notes[mark] > 1 or (call.acknowledged and notes[mark] != 1):
            yield f"outcome {mark}, acknowledged {call.acknowledged}: {notes[mark]} times"


if __name__ == "__main__":
    main()
