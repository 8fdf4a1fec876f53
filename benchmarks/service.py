"""What callers pay for an owner in between: HTTP, many clients, command line, hook, MCP, restart.

    python benchmarks/service.py --records 10000

One base of real records, and copies of it, so that what goes through the owner is measured in turn
with what does without: a base in process, a command that opens the base itself, a bare interpreter.
No call is given the query that another has just been given.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
from measuring import interleaved, p50, write
from texts import encoder, lessons

from lessonbase import Settings, open_base
from lessonbase.stores.lock import Owner, holder
from lessonbase.wiring import end_owner

PROGRAM: Final = str(Path(sys.executable).with_name("lessonbase"))
# Clients that ask at a time over HTTP, and threads beside them that ask in process.
CLIENTS: Final = 16
THREADS: Final = 2
# Turns that the two take, and seconds of each.
ROUNDS: Final = 4
ROUND_S: Final = 6.0
# Distinct queries; four times more than the turns of any measurement.
QUERIES: Final = 1_000
# Longest time that a process may take to come up, or to end.
PATIENCE_S: Final = 60.0
Row = dict[str, Any]


def main() -> None:
    """Measure one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    options = parser.parse_args()
    records = lessons(options.records)
    step = max(1, len(records) // QUERIES)
    queries = [f"{record.title} fails after an upgrade" for record in records[::step]]
    with tempfile.TemporaryDirectory(prefix="lessonbase-service-") as directory:
        served, own, alone = (Path(directory) / name for name in ("served", "own", "alone"))
        with open_base(served, create=True, encoder=encoder(), embedded=True) as base:
            base.add_all(records)
        shutil.copytree(served, own)
        shutil.copytree(served, alone)
        with serving(served) as owner:
            rows = {
                **_beside_in_process(owner, served, own, queries),
                "throughput": _throughput(owner, own, queries),
                "command": _command(served, alone, queries),
                "mcp": _mcp(served),
            }
        rows["restart"] = _restart(served)
    write("service", rows, records=options.records)


@contextmanager
def serving(directory: Path) -> Iterator[Owner]:
    """The owner of the base in *directory*, as a process of its own, warm."""
    process = subprocess.Popen(
        [PROGRAM, "--base", str(directory), "serve"], stderr=subprocess.DEVNULL
    )
    try:
        owner = _until_serving(directory)
        Caller(owner).recall("what is known")
        yield owner
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


class Caller:
    """One connection to an owner, kept alive, by the leanest client there is."""

    def __init__(self, owner: Owner) -> None:
        """Call *owner* as its own user."""
        assert owner.url is not None
        self._http = HTTPConnection(urlsplit(owner.url).netloc)
        self._headers = {
            "Authorization": f"Bearer {owner.secret}",
            "Content-Type": "application/json",
        }

    def recall(self, task: str) -> Any:
        """A briefing, as JSON."""
        self._http.request("POST", "/v1/recall", json.dumps({"task": task}), self._headers)
        return self._answer()

    def health(self) -> Any:
        """What asks nothing of the base."""
        self._http.request("GET", "/health")
        return self._answer()

    def _answer(self) -> Any:
        answer = self._http.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)


def _beside_in_process(
    owner: Owner, served: Path, own: Path, queries: Sequence[str]
) -> dict[str, Row]:
    """Recall over HTTP, and by the hook, beside one in this process."""
    caller, quarter = Caller(owner), len(queries) // 4
    printed: list[str] = []
    ask_hook = partial(_hook, served, queries[2 * quarter :], printed)
    with open_base(own, embedded=True) as base:
        over_http = interleaved(
            {
                "http": lambda turn: caller.recall(queries[turn]),
                "in_process": lambda turn: base.recall(queries[quarter + turn]),
                "health": lambda _: caller.health(),
            },
            repeats=200,
        )
        by_hook = interleaved(
            {
                "hook": ask_hook,
                "python": lambda _: _run([sys.executable, "-c", "pass"]),
                "in_process": lambda turn: base.recall(queries[3 * quarter + turn]),
            },
            repeats=40,
        )
    http, hook = _medians(over_http), _medians(by_hook)
    some = sum(map(bool, printed)) / len(printed)
    return {
        "http": _judged(http, http["http"], http["in_process"] + 3 * http["health"]),
        "hook": {
            **_judged(hook, hook["hook"], 4 * hook["python"] + hook["in_process"]),
            "printed_something": round(some, 2),
        },
    }


def _throughput(owner: Owner, own: Path, queries: list[str]) -> Row:
    """Answers in a second to many clients, beside those to threads in process."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for answering in (partial(_over_http, owner), partial(_in_process, own)):
        here, there = context.Pipe()
        process = context.Process(target=answering, args=(queries, there))
        process.start()
        pipes.append(here)
        processes.append(process)
    rates: list[tuple[float, float]] = []
    # The first round is for warming up.
    for _ in range(1 + ROUNDS):
        over_http, in_process = (_asked(pipe, ROUND_S) for pipe in pipes)
        rates.append((over_http, in_process))
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send(None)
        process.join(PATIENCE_S)
    ratios = [over_http / in_process for over_http, in_process in rates[1:]]
    ratio = float(np.median(ratios))
    return {
        "http_a_second": round(float(np.median([http for http, _ in rates[1:]])), 1),
        "in_process_a_second": round(float(np.median([own for _, own in rates[1:]])), 1),
        "ratios": [round(one, 2) for one in ratios],
        "ratio": round(ratio, 2),
        "target": "at least 0.6",
        "met": ratio >= 0.6,
    }


def _asked(pipe: "Connection[Any, Any]", seconds: float) -> float:
    pipe.send(seconds)
    return float(pipe.recv())


def _over_http(owner: Owner, queries: list[str], pipe: "Connection[Any, Any]") -> None:
    _answer_rounds([Caller(owner).recall for _ in range(CLIENTS)], queries, pipe)


def _in_process(own: Path, queries: list[str], pipe: "Connection[Any, Any]") -> None:
    with open_base(own, embedded=True) as base:
        _answer_rounds([base.recall] * THREADS, queries, pipe)


def _answer_rounds(
    calls: Sequence[Callable[[str], object]], queries: list[str], pipe: "Connection[Any, Any]"
) -> None:
    """For as many seconds as *pipe* says, ask with all *calls* at a time; tell answers a second."""
    turn = 0
    while (seconds := pipe.recv()) is not None:
        counts, started = [0] * len(calls), time.perf_counter()

        def ask(number: int, until: float, first: int, counts: list[int] = counts) -> None:
            while time.perf_counter() < until:
                query = queries[(first + counts[number] * len(calls) + number) % len(queries)]
                calls[number](query)
                counts[number] += 1

        threads = [
            Thread(target=ask, args=(number, started + seconds, turn))
            for number in range(len(calls))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        turn += sum(counts)
        pipe.send(sum(counts) / (time.perf_counter() - started))


def _command(served: Path, alone: Path, queries: Sequence[str]) -> Row:
    """`lessonbase recall` with an owner, and without."""

    def recall(directory: Path, queries: Sequence[str], turn: int) -> None:
        _run([PROGRAM, "recall", queries[turn]], directory)

    half = len(queries) // 2
    times = interleaved(
        {
            "with_owner": partial(recall, served, queries),
            "alone": partial(recall, alone, queries[half:]),
        },
        warmup=1,
        repeats=9,
    )
    medians = _medians(times)
    return _judged(medians, medians["with_owner"], 0.5 * medians["alone"])


def _mcp(served: Path) -> Row:
    """Until an MCP client has its first answer, beside importing what no such server can spare."""
    bare = [sys.executable, "-c", "from mcp.server.mcpserver import MCPServer"]
    times = interleaved(
        {"initialized": lambda _: _initialize(served), "bare": lambda _: _run(bare)},
        warmup=1,
        repeats=9,
    )
    medians = _medians(times)
    return _judged(medians, medians["initialized"], 1.3 * medians["bare"])


def _initialize(served: Path) -> None:
    question = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "benchmark", "version": "0"},
        },
    }
    process = subprocess.Popen(
        [PROGRAM, "--base", str(served), "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.flush()
    assert "result" in json.loads(process.stdout.readline())
    process.kill()
    process.communicate()


def _restart(served: Path) -> Row:
    """From the kill of an owner to the next write that is acknowledged."""
    times = []
    with open_base(served, settings=Settings(idle_exit_s=PATIENCE_S)) as base:
        base.recall("what is known")
        for turn in range(5):
            owner = _until_serving(served)
            time.sleep(2)
            os.kill(owner.pid, signal.SIGKILL)
            started = time.perf_counter()
            base.add({"kind": "heuristic", "title": f"Restart {turn}", "rule": "Start it again."})
            times.append((time.perf_counter() - started) * 1_000)
    end_owner(served)
    _until(lambda: holder(served) is None)
    return {"p50_ms": round(p50(times)), "worst_ms": round(max(times))}


def _hook(served: Path, queries: Sequence[str], printed: list[str], turn: int) -> None:
    # A session of its own each time: one is shown a record once.
    event = {"session_id": f"session-{turn}", "prompt": queries[turn]}
    printed.append(_run([PROGRAM, "hook", "prompt"], served, json.dumps(event)))


def _run(command: list[str], directory: Path | None = None, given: str = "") -> str:
    """What *command* prints; with *directory* as its base, and *given* on its standard input."""
    environment = {**os.environ, **({"LESSONBASE_HOME": str(directory)} if directory else {})}
    done = subprocess.run(
        command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def _until_serving(directory: Path) -> Owner:
    _until(lambda: (owner := holder(directory)) is not None and owner.url is not None)
    owner = holder(directory)
    assert owner is not None
    return owner


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < deadline, "no owner came up, or it did not end"
        time.sleep(0.02)


def _medians(times: dict[str, list[float]]) -> dict[str, float]:
    return {name: p50(own) for name, own in times.items()}


def _judged(medians: dict[str, float], measured: float, most: float) -> Row:
    return {
        **{f"{name}_p50_ms": round(value, 2) for name, value in medians.items()},
        "most_ms": round(most, 2),
        "of_most": round(measured / most, 2),
        "met": measured <= most,
    }


if __name__ == "__main__":
    main()
