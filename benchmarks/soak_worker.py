"""One worker of `soak_service.py`: asks and writes by one way in, and keeps a diary of it.

Each call is two lines of JSON: what is about to be asked, and how it ended. What a write says
follows from its word alone, a word that nothing else has, so that the diary need not repeat it.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

from soak_ways import ByCommand, ByHook, ByMcp, InPython, OverHttp, Refused, Way

from lessonbase.errors import LessonBaseError

# Share of calls that write, among ways in that can.
WRITES: Final = 0.2
# How often each sort of write is chosen, where a way in offers it.
SORTS: Final = {"add": 0.4, "edit": 0.2, "outcome": 0.25, "append": 0.15}
# Longest time between two calls, in seconds.
PAUSE_S: Final = 0.1
Texts = list[tuple[str, str]]


class Diary:
    """The calls of one worker, on disk as they happen."""

    def __init__(self, file: TextIO) -> None:
        """Write to *file*."""
        self._file = file

    def keep(self, call: Callable[[], str | None], **what: Any) -> tuple[bool, str | None]:
        """Make a call, keeping that it begins, and how it ends; whether it was answered."""
        self._line(**what, began=time.monotonic())
        answer: str | None = None
        try:
            answer = call()
            end = {"answered": answer or ""}
        except Refused as refusal:
            end = {"refused": str(refusal)}
        except LessonBaseError as error:
            end = {"refused": f"{type(error).__name__}: {error}"}
        # Whatever else it is, it is what the soak looks for.
        except Exception as error:
            end = {"unclear": f"{type(error).__name__}: {error}"}
        self._line(ended=time.monotonic(), **end)
        return "answered" in end, answer

    def _line(self, **line: Any) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


class Worker:
    """Chooses what to ask and what to write, by one way in."""

    def __init__(
        self, name: str, way: Way, diary: Diary, common: Mapping[str, Any], chance: random.Random
    ) -> None:
        """Work as *name*; *common* is what all workers are told."""
        self._name = name
        self._way = way
        self._diary = diary
        self._texts: Texts = common["texts"]
        self._shared: list[str] = common["shared"]
        self._contested: list[str] = common["contested"]
        self._chance = chance
        self._count = 0
        # Records of its own that it may change: id → stem of their words, and the revision.
        self._own: dict[str, tuple[str, int]] = {}

    def step(self) -> None:
        """Make one call."""
        if self._chance.random() < WRITES and self._way.writes:
            sorts = {name: SORTS[name] for name in self._way.writes}
            getattr(self, f"_{self._chance.choices([*sorts], [*sorts.values()])[0]}")()
            return
        what = self._chance.choice(self._way.reads)
        if what == "get":
            asked = self._chance.choice([*self._shared, *self._own])
        else:
            asked = self._chance.choice(self._texts)[0]
        self._diary.keep(partial(getattr(self._way, what), asked), kind=what)

    def _add(self) -> None:
        self._count += 1
        stem = f"zq{self._name}n{self._count}"
        fields = lesson(word(stem, 0), self._texts)
        answered, record_id = self._diary.keep(
            partial(self._way.add, fields), kind="add", stem=stem, revision=0
        )
        if answered and record_id:
            self._own[record_id] = (stem, 0)

    def _edit(self) -> None:
        if not self._own:
            return
        record_id = self._chance.choice([*self._own])
        stem, before = self._own[record_id]
        revision = before + 1
        answered, _ = self._diary.keep(
            partial(self._way.edit, record_id, lesson(word(stem, revision), self._texts)),
            kind="edit",
            stem=stem,
            revision=revision,
        )
        if answered:
            self._own[record_id] = (stem, revision)
        else:
            # It may be there, or come yet: what it says is not known any more.
            del self._own[record_id]

    def _append(self) -> None:
        self._marked("append", self._contested)

    def _outcome(self) -> None:
        self._marked("outcome", [*self._shared, *self._own])

    def _marked(self, kind: str, among: list[str]) -> None:
        self._count += 1
        record_id, mark = self._chance.choice(among), word(f"zq{self._name}n{self._count}", 0)
        self._diary.keep(
            partial(getattr(self._way, kind), record_id, mark),
            kind=kind,
            record=record_id,
            mark=mark,
        )


def word(stem: str, revision: int) -> str:
    """A word that only this revision of this record has."""
    return f"{stem}v{revision}q"


def lesson(mark: str, texts: Texts) -> dict[str, str]:
    """What the lesson says that bears the word *mark*."""
    title, text = texts[random.Random(mark).randrange(len(texts))]
    return {
        "title": f"{title[:200].strip()} (seen again)",
        "situation": f"{mark} in {title[:200].strip()}",
        "advice": f"Remember: {text[:1_500]}".strip(),
    }


def main() -> None:
    """Work until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=["mcp", "cli", "hook", "http", "python"])
    parser.add_argument("--name", required=True, help="letters and digits")
    parser.add_argument("--common", type=Path, required=True, help="what all workers are told")
    parser.add_argument("--diary", type=Path, required=True)
    parser.add_argument("--until", type=float, required=True, help="on the monotonic clock")
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    common = json.loads(options.common.read_text(encoding="utf-8"))
    chance = random.Random(options.seed)
    with ExitStack() as held:
        ways: dict[str, Callable[[], Way]] = {
            "mcp": lambda: ByMcp(options.name, held),
            "cli": lambda: ByCommand(options.name),
            "hook": ByHook,
            "http": lambda: OverHttp(Path(os.environ["LESSONBASE_HOME"]), common["key"], held),
            "python": lambda: InPython(options.name, held),
        }
        diary = Diary(held.enter_context(options.diary.open("a", encoding="utf-8")))
        worker = Worker(options.name, ways[options.way](), diary, common, chance)
        while time.monotonic() < options.until:
            worker.step()
            time.sleep(chance.uniform(0, PAUSE_S))


if __name__ == "__main__":
    main()
