"""The process that `soak.py` kills: it checks what a base holds, then writes until the end.

It says what it does in lines of JSON: `begin` before an operation, `done` once it is acknowledged.
What it writes follows from ids and revisions alone, so that the next process can tell what must be
there. Every record bears a word of its own. Where it is killed, vectors come from the hashing
encoder: what is tested is storing, not meaning.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from texts import TEXTS, lessons

from lessonbase import open_base
from lessonbase.base import LessonBase
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.records import Lesson, Status, windows
from lessonbase.retrieval.pipeline import METHODS

# Records at which a base stops growing; imports change old ones from there on.
MOST: Final = 1_600
# Records of the base whose files are damaged; with real vectors, as their neighbourhoods matter.
TO_DAMAGE: Final = 1_500
# Texts that records are made of.
POOL: Final = 4_000
# Records looked at in a light check, beside those that changed last.
SAMPLE: Final = 200
QUESTIONS: Final = 40
_SEED_LESSONS: Final = Path(__file__).parents[1] / "data" / "seed_lessons.jsonl"
_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)

# What must be there: id → [revision, active].
State = dict[str, tuple[int, bool]]


def main() -> None:
    """Do what the command line says with one base."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["write", "build", "answer"])
    parser.add_argument("base", type=Path)
    parser.add_argument("--state", type=Path, help="what must be there, as JSON")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--thorough", action="store_true", help="check every record")
    parser.add_argument("--style", choices=["mix", "bulk", "close"], default="mix")
    options = parser.parse_args()
    if options.task == "write":
        _check_and_write(options)
    elif options.task == "build":
        with open_base(options.base, create=True, embedded=True) as base:
            base.add_all([record(f"r{n:05}", 0) for n in range(TO_DAMAGE)])
            _say(answers=_answers(base))
    else:
        _answer(options.base)


def opened(path: Path) -> LessonBase:
    """The base, with an encoder that costs next to nothing."""
    return open_base(path, create=True, encoder=HashingEncoder(384), embedded=True)


def word(record_id: str, revision: int) -> str:
    """A word that only this revision of this record has."""
    return f"zq{record_id}v{revision}q"


def record(record_id: str, revision: int) -> Lesson:
    """What a revision of a record says."""
    number = int(record_id[1:])
    title, text = texts()[(number * 7 + revision * 1_009) % len(texts())]
    return Lesson(
        id=record_id,
        title=title[:300],
        situation=f"{word(record_id, revision)} in {title[:200]}",
        advice=text[:4_000],
        created_at=_DAY,
        updated_at=_DAY,
    )


@cache
def texts() -> list[tuple[str, str]]:
    """Titles and texts: commit messages if they are at hand, else the lessons that we ship."""
    if TEXTS.exists():
        return [(one.title, one.advice) for one in lessons(POOL)]
    rows = [json.loads(line) for line in _SEED_LESSONS.read_text(encoding="utf-8").splitlines()]
    parts = [str(value) for row in rows for value in row.values() if len(str(value)) > 40]
    chance = random.Random(0)
    return [(chance.choice(rows)["title"], " ".join(chance.sample(parts, 3))) for _ in range(POOL)]


def _say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


# Checking


def _check_and_write(options: argparse.Namespace) -> None:
    told = json.loads(options.state.read_text(encoding="utf-8"))
    state: State = {key: (revision, active) for key, (revision, active) in told["records"].items()}
    chance = random.Random(options.seed)
    base = opened(options.base)
    if options.thorough or (options.style == "close" and options.seed % 2):
        assert base.refilled(timeout_s=300)
    wrong, outcome = _settle(base, state, told["pending"])
    wrong += _compare(base, state, told["recent"], chance, thorough=options.thorough)
    if options.thorough:
        diagnosis = base.doctor()
        wrong += [f"doctor: {problem}" for problem in diagnosis.problems]
        base.close()
        base = opened(options.base)
        if base.search("anything").degraded:
            wrong.append("degraded after a clean close")
    _say(checked=len(state), pending=outcome, wrong=wrong)
    deadline = time.monotonic() + 60
    writing = _operations(base, state, chance, options.style)
    if options.style == "close":
        for _ in range(chance.randrange(3, 12)):
            next(writing)
        _say(closing=True)
        base.close()
        _say(closed=True)
    while time.monotonic() < deadline and options.style != "close":
        next(writing)
    time.sleep(5)


def _settle(
    base: LessonBase, state: State, pending: list[tuple[str, int, bool]] | None
) -> tuple[list[str], str]:
    """Whether the operation that was under way at the kill is there; half of it is wrong."""
    if not pending:
        return [], "none"
    found = base._parts.ledger.get("default", [key for key, _, _ in pending])
    there = [
        key in found
        and word(key, revision) in found[key].situation  # type: ignore[attr-defined]
        and (found[key].status is Status.ACTIVE) == active
        for key, revision, active in pending
    ]
    if all(there):
        state.update({key: (revision, active) for key, revision, active in pending})
        return [], "whole"
    if any(there):
        return [f"half-written: {sum(there)} of {len(there)} of one operation"], "half"
    return [], "absent"


def _compare(
    base: LessonBase,
    state: State,
    recent: Sequence[str],
    chance: random.Random,
    *,
    thorough: bool,
) -> list[str]:
    """Everything that is not as it must be, in sentences."""
    wrong = []
    if (count := base.stats().records) != len(state):
        wrong.append(f"stats: {count} records, not {len(state)}")
    some = (
        list(state) if thorough else [*recent, *chance.sample(list(state), min(SAMPLE, len(state)))]
    )
    for key in some:
        wrong += _wrong_with(base, key, *state[key])
    return wrong


def _wrong_with(base: LessonBase, key: str, revision: int, active: bool) -> list[str]:
    """What is wrong with one record: as it is kept, as words find it, as vectors do."""
    kept = base.get(key)
    expected = record(key, revision)
    where = f"{key} revision {revision} active {active}"
    wrong = []
    if kept.content() != expected.content() or (kept.status is Status.ACTIVE) != active:
        wrong.append(f"{where}: kept as version {kept.version}, {kept.status}")
    by_words = base.using(METHODS["words"])
    hits = [place.id for place in by_words.ranked(word(key, revision), 2).places]
    if hits != ([key] if active else []):
        wrong.append(f"{where}: words find {hits}")
    if revision and by_words.ranked(word(key, revision - 1), 2).places:
        wrong.append(f"{where}: words find the revision before it")
    indexes, encoder = base._parts.indexes, base._parts.encoder
    for position, vector in enumerate(encoder.encode_documents(windows(expected)).vectors):
        near = indexes.nearest("default", vector, 3)
        if active and (not near or near[0].similarity < 0.999):
            wrong.append(f"{where}: vectors do not find window {position}: {near}")
        if not active and any(one.record_id == key for one in near):
            wrong.append(f"{where}: vectors find window {position} of a retired record")
    return wrong


# Writing


def _operations(
    base: LessonBase, state: State, chance: random.Random, style: str
) -> Iterator[None]:
    """Write something at each step; *state* follows."""
    choices: list[tuple[Callable[[], None], float]] = [
        (lambda: _add(base, state), 6),
        (lambda: _edit(base, state, chance), 4),
        (lambda: _retire(base, state, chance), 1),
        (lambda: _import(base, state, chance, chance.randrange(2, 60)), 2),
        (lambda: _import(base, state, chance, chance.randrange(400, 1_500)), 0.3),
    ]
    steps, weights = [step for step, _ in choices], [weight for _, weight in choices]
    if style == "bulk":
        weights[-1] = 20
    while True:
        chance.choices(steps, weights)[0]()
        yield


def _fresh_ids(state: State, count: int) -> list[str]:
    room = max(0, min(count, MOST - len(state)))
    return [f"r{len(state) + n:05}" for n in range(room)]


def _do(
    state: State, items: Sequence[tuple[str, int, bool]], operation: Callable[[], object]
) -> None:
    _say(begin=items)
    operation()
    _say(done=True)
    state.update({key: (revision, active) for key, revision, active in items})


def _add(base: LessonBase, state: State) -> None:
    if ids := _fresh_ids(state, 1):
        _do(state, [(ids[0], 0, True)], lambda: base.add(record(ids[0], 0)))


def _edit(base: LessonBase, state: State, chance: random.Random) -> None:
    if not state:
        return
    key = chance.choice(list(state))
    revision, active = state[key]
    new = record(key, revision + 1)
    fields = {"title": new.title, "situation": new.situation, "advice": new.advice}
    _do(state, [(key, revision + 1, active)], lambda: base.edit(key, fields))


def _retire(base: LessonBase, state: State, chance: random.Random) -> None:
    retired = sum(not active for _, active in state.values())
    if retired < len(state) / 20:
        key = chance.choice(list(state))
        _do(state, [(key, state[key][0], False)], lambda: base.retire(key))


def _import(base: LessonBase, state: State, chance: random.Random, count: int) -> None:
    """New records while there is room, new revisions of old ones beside them."""
    items = [(key, 0, True) for key in _fresh_ids(state, count)]
    old = chance.sample(list(state), min(len(state), count - len(items)))
    items += [(key, state[key][0] + 1, state[key][1]) for key in old]
    _do(state, items, lambda: base.add_all([record(key, revision) for key, revision, _ in items]))


# Answers of a damaged base


def _answer(path: Path) -> None:
    """Say what a base answers at once, and once it has healed."""
    with open_base(path, embedded=True) as base:
        started = time.perf_counter()
        degraded = base.recall("a task", 5).degraded
        at_once = _answers(base)
        took_s = time.perf_counter() - started
        still = base.search("a task").degraded
        refilled = base.refilled(timeout_s=300)
        _say(
            degraded=degraded,
            degraded_after_answers=still,
            at_once=at_once,
            at_once_s=round(took_s, 2),
            refilled=refilled,
            degraded_afterwards=base.search("a task").degraded,
            afterwards=_answers(base),
            problems=list(base.doctor().problems),
        )


def _answers(base: LessonBase) -> list[list[tuple[str, float]]]:
    """The best ten of each of forty questions, with their scores."""
    questions = [title for title, _ in texts()[:: len(texts()) // QUESTIONS]][:QUESTIONS]
    return [
        [(hit.record.id, round(hit.score, 4)) for hit in base.search(question).results]
        for question in questions
    ]


if __name__ == "__main__":
    main()
