"""How long a command takes to start, beside importing chromadb.

    python benchmarks/startup.py --repeats 9

Each is a process of its own, in turn with the others; files are in the page cache. The base holds
1,000 real records and was closed cleanly.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from measuring import interleaved, p50, write
from texts import encoder, lessons

from lessonbase import open_base

RECORDS: Final = 1_000
TASK: Final = "deploy a schema migration on Friday"


def main() -> None:
    """Time the commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    records = lessons(RECORDS)
    program = str(Path(sys.executable).with_name("lessonbase"))
    with tempfile.TemporaryDirectory() as directory:
        with open_base(directory, create=True, encoder=encoder(), embedded=True) as base:
            base.add_all(records)
        commands = {
            "import chromadb": [sys.executable, "-c", "import chromadb"],
            "lessonbase --help": [program, "--help"],
            "lessonbase recall": [program, "recall", TASK, "--json"],
            "lessonbase search": [program, "search", TASK, "--json"],
            "lessonbase show": [program, "show", records[0].id],
        }
        environment = {**os.environ, "LESSONBASE_HOME": directory}
        times = interleaved(
            {name: partial(_run, command, environment) for name, command in commands.items()},
            warmup=1,
            repeats=options.repeats,
        )
    bare = p50(times["import chromadb"])
    rows = [
        {
            "command": name,
            "p50_ms": round(p50(own)),
            "least_ms": round(min(own)),
            "over_import_chromadb": round(p50(own) / bare, 2),
        }
        for name, own in times.items()
    ]
    write("startup", rows, records=RECORDS, repeats=options.repeats)


def _run(command: list[str], environment: dict[str, str], _: int) -> None:
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
