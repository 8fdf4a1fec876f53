"""Kill -9 at random moments, damage every file of the index, and see whether anything is lost.

    python benchmarks/soak.py --kills 100

A child (`soak_child.py`) writes to one base and is killed: after a random time, while it opens,
while it closes, or as Chroma's files change, which is inside a persist. The next child checks that
all that was acknowledged is there: as kept, by words and by vectors. Every tenth checks every
record, waits for the refill, and asks the doctor. Then each file of Chroma is truncated, emptied
and has bytes swapped. Exit code 1 if anything is wrong.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final

from measuring import write

CHILD: Final = Path(__file__).with_name("soak_child.py")
# Every so manieth child checks every record.
THOROUGH: Final = 10
# Moments of the kills, and how often each is chosen.
MOMENTS: Final = {"any": 0.35, "persist": 0.4, "opening": 0.1, "closing": 0.15}
# Longest time a child may take to check, in seconds.
PATIENCE_S: Final = 300.0
# Difference of scores (up to 1) that counts as equal. A record outside the vectors' pool is given
# the pool's least cosine, and which window is the 200th differs between exact search and a graph.
TOLERANCE: Final = 0.005
Answers = list[list[list[Any]]]


@dataclass
class Truth:
    """What has been acknowledged, and the operation that was under way at the last kill."""

    records: dict[str, tuple[int, bool]] = field(default_factory=dict)
    pending: list[tuple[str, int, bool]] | None = None
    recent: list[str] = field(default_factory=list)

    def hear(self, line: dict[str, Any]) -> None:
        """Follow what a child says."""
        if "checked" in line:
            if line["pending"] == "whole":
                self._acknowledge()
            self.pending, self.recent = None, []
        if "begin" in line:
            self.pending = line["begin"]
        if "done" in line:
            self._acknowledge()

    def _acknowledge(self) -> None:
        for key, revision, active in self.pending or ():
            self.records[key] = (revision, active)
            self.recent.append(key)
        self.recent = list(dict.fromkeys(self.recent))[-300:]
        self.pending = None


class Child:
    """A process of soak_child.py and what it says."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: Queue[dict[str, Any] | None] = Queue()
        self.errors = ""
        self._readers = [Thread(target=self._listen), Thread(target=self._gather)]
        for reader in self._readers:
            reader.start()

    def until(self, name: str, heard: Callable[[dict[str, Any]], None], wait_s: float) -> Any:
        """Wait for a line with *name*; none if the child ends or is silent for too long."""
        deadline = time.monotonic() + wait_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except Empty:
                return None
            if line is None:
                self.lines.put(None)
                return None
            heard(line)
            if name in line:
                return line
        return None

    def end(self, heard: Callable[[dict[str, Any]], None]) -> int:
        """Kill it, and hear what it said last; the exit code, -9 if the kill ended it."""
        self.process.kill()
        code = self.process.wait()
        for reader in self._readers:
            reader.join()
        while (line := self.lines.get()) is not None:
            heard(line)
        return code

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            # The last line may be cut: then it was not said.
            if text.endswith("\n"):
                self.lines.put(json.loads(text))
        self.lines.put(None)

    def _gather(self) -> None:
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read()[-2_000:]


def main() -> None:
    """Kill, damage, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-damage", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lessonbase-soak-") as directory:
        killing = kill_often(Path(directory) / "base", options.kills, options.seed)
    damaging: dict[str, Any] = {"cases": 0, "wrong": []}
    if not options.no_damage:
        with tempfile.TemporaryDirectory(prefix="lessonbase-soak-") as directory:
            damaging = damage_each(Path(directory))
    wrong = [*killing["wrong"], *damaging["wrong"]]
    write(
        "soak",
        {"kills": killing, "damage": damaging},
        seed=options.seed,
        seconds=round(time.monotonic() - started),
        violations=len(wrong),
    )
    sys.exit(1 if wrong else 0)


def kill_often(base: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill children on one base, each checking what the last one left."""
    chance = random.Random(seed)
    truth, counts, wrong = Truth(), Counter[str](), list[str]()
    for number in range(kills + 1):
        last = number == kills
        thorough = last or number % THOROUGH == THOROUGH - 1
        moment = "any" if thorough else chance.choices(list(MOMENTS), list(MOMENTS.values()))[0]
        state = base.with_suffix(".json")
        state.write_text(
            json.dumps({"records": truth.records, "pending": truth.pending, "recent": truth.recent})
        )
        style = {"persist": "bulk", "closing": "close"}.get(moment, "mix")
        asked = [str(base), "--state", str(state), "--seed", str(seed + number), "--style", style]
        child = Child("write", *asked, *(["--thorough"] if thorough else []))
        found = _reach(child, base, moment, chance, truth)
        acknowledged = len(truth.records)
        code = child.end(truth.hear)
        counts.update(found["counts"])
        counts["kills"] += not last
        counts["thorough checks"] += thorough
        wrong += [f"before kill {number} ({moment}): {one}" for one in found["wrong"][:20]]
        if code not in (-9, 0):
            wrong.append(f"child {number} ({moment}) ended by itself, {code}: {child.errors}")
        print(
            f"{number:4} {moment:8} {'thorough' if thorough else '':8} {acknowledged:6} records"
            f" {len(wrong)} wrong",
            file=sys.stderr,
        )
    return {**counts, "records": len(truth.records), "wrong": wrong}


def _reach(
    child: Child, base: Path, moment: str, chance: random.Random, truth: Truth
) -> dict[str, Any]:
    """Let *child* come to the moment of its kill."""
    counts, wrong = Counter[str](), list[str]()

    def heard(line: dict[str, Any]) -> None:
        truth.hear(line)
        counts["acknowledged operations"] += "done" in line
        if "checked" in line:
            wrong.extend(line["wrong"])
            counts["checks"] += 1
            counts[f"operation under way: {line['pending']}"] += 1

    if moment == "opening":
        child.until("begin", heard, chance.uniform(0.5, 3.0))
        counts["kills while opening"] += 1
    elif moment == "persist" and chance.random() < 0.3:
        # From the start: what persists is the refill.
        counts["kills as index files changed"] += _changed(base, 20)
    elif not child.until("checked", heard, PATIENCE_S):
        wrong.append("the child did not come to write")
    elif moment == "persist":
        counts["kills as index files changed"] += _changed(base, 20)
        time.sleep(chance.choice([0, 0, chance.uniform(0, 0.03)]))
    elif moment == "closing":
        child.until("closing", heard, PATIENCE_S)
        child.until("closed", heard, chance.uniform(0.0, 0.25))
        counts["kills while closing"] += 1
    else:
        child.until("nothing", heard, chance.uniform(0.02, 3.0))
    return {"counts": counts, "wrong": wrong}


def _changed(base: Path, wait_s: float) -> bool:
    """Wait until a file of Chroma's graph changes; whether one did."""

    def stamps() -> dict[str, tuple[int, int]]:
        found = {}
        for path in base.glob("chroma/*/*/*.bin"):
            try:
                about = path.stat()
            except FileNotFoundError:
                continue
            found[str(path)] = (about.st_mtime_ns, about.st_size)
        return found

    before, deadline = stamps(), time.monotonic() + wait_s
    while time.monotonic() < deadline:
        now = stamps()
        # Files are made empty with a fresh directory: that is not yet a persist.
        if any(before.get(name) != own for name, own in now.items() if name in before):
            return True
        before = now
        time.sleep(0.0005)
    return False


# Damage


def damage_each(directory: Path) -> dict[str, Any]:
    """Harm copies of a sound base, one way each, and see how they answer."""
    sound = directory / "sound"
    built = Child("build", str(sound))
    expected = built.until("answers", lambda _: None, PATIENCE_S)
    if expected is None:
        built.end(lambda _: None)
        return {"cases": 0, "wrong": [f"no base could be built: {built.errors}"]}
    built.process.wait()
    built.end(lambda _: None)
    files = sorted(path for path in (sound / "chroma").rglob("*") if path.is_file())
    cases: list[tuple[str, Path, Callable[[Path], None]]] = [
        ("untouched", Path("chroma"), lambda _: None),
        ("folder deleted", Path("chroma"), shutil.rmtree),
    ]
    for file in files:
        name = file.relative_to(sound)
        cases.append(("deleted", name, Path.unlink))
        if file.stat().st_size:
            cases += [
                ("truncated", name, _truncate),
                ("emptied", name, _empty),
                ("bytes swapped", name, _swap),
            ]
    wrong, slowest, differing = list[str](), 0.0, Counter[str]()
    for how, name, harm in cases:
        case = f"{how}: {name.name}"
        harmed = directory / "harmed"
        shutil.copytree(sound, harmed)
        harm(harmed / name)
        child = Child("answer", str(harmed))
        said = child.until("afterwards", lambda _: None, PATIENCE_S)
        if said is not None:
            child.process.wait()
        code = child.end(lambda _: None)
        if said is None or code:
            wrong.append(f"{case}: exit code {code}: {child.errors}")
        else:
            wrong += [f"{case}: {one}" for one in _judge(said, expected["answers"], how)]
            slowest = max(slowest, said["at_once_s"])
            differing["at once"] += _differing(said["at_once"], expected["answers"])
            differing["afterwards"] += _differing(said["afterwards"], expected["answers"])
        print(f"{case}: {len(wrong)} wrong", file=sys.stderr)
        shutil.rmtree(harmed)
    return {
        "cases": len(cases),
        "questions": len(expected["answers"]),
        "answers that differ": dict(differing),
        "slowest first answers s": slowest,
        "wrong": wrong,
    }


def _judge(said: dict[str, Any], expected: Answers, how: str) -> list[str]:
    """What is wrong with the answers of a base that was harmed."""
    wrong = [str(problem) for problem in said["problems"]]
    if said["degraded"] != (how != "untouched"):
        wrong.append(f"at first, degraded is {said['degraded']}")
    if not said["refilled"] or said["degraded_afterwards"]:
        wrong.append("not refilled")
    return wrong + [
        f"{count} of {len(expected)} answers differ {when}"
        for when in ("at_once", "afterwards")
        if (count := _differing(said[when], expected))
    ]


def _differing(given: Answers, expected: Answers) -> int:
    """Answers whose ten scores are not the same within the tolerance."""
    return sum(
        len(one) != len(other)
        or any(abs(a[1] - b[1]) > TOLERANCE for a, b in zip(one, other, strict=True))
        for one, other in zip(given, expected, strict=True)
    )


def _truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _swap(path: Path) -> None:
    """Reverse the middle bytes, up to 64."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    start = max(0, middle - 32)
    chunk = content[start : middle + 32]
    content[start : middle + 32] = bytes(byte ^ 0xFF for byte in reversed(chunk))
    path.write_bytes(content)


if __name__ == "__main__":
    main()
