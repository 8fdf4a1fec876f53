"""Measure retrieval on judged sets."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import bar, say

if TYPE_CHECKING:
    from lessonbase.evaluation.judgments import Judged, Questions
    from lessonbase.evaluation.runner import Result

    # A set, and the questions of other sets that are put to it.
    Task = tuple[Judged, Sequence[Questions]]


def eval_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="BEIR folders; or a file of records, as `export` writes it, with --queries.",
            metavar="SET...",
        ),
    ],
    split: Annotated[str, typer.Option(help="Split of the judgments of BEIR folders.")] = "test",
    method: Annotated[
        list[str],
        typer.Option(
            help="words, vectors, rrf or default; may be repeated. None: those of --compare, "
            "else all."
        ),
    ] = [],
    queries: Annotated[
        Path | None,
        typer.Option(
            help="Questions about the file of records, a line each: id, text, and relevant, a map "
            "from record ids to grades; an empty map: no record answers."
        ),
    ] = None,
    foreign: Annotated[
        list[Path],
        typer.Option(
            help="BEIR folder whose questions should get no answer; may be repeated. A set that is "
            "measured itself gets those of the others."
        ),
    ] = [],
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Two methods: the difference of their nDCG@10, and its p value.",
            metavar="METHOD METHOD",
        ),
    ] = None,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Measure the cost of the prompt block (slower).")
    ] = False,
    budget: Annotated[
        int | None,
        typer.Option(help="Most tokens of the prompt block; measures its cost and what it hides."),
    ] = None,
    floor: Annotated[
        Path | None,
        typer.Option(
            help="JSON file of floors, set → method → measure → least value, or "
            '{"most": value}; exit 1 if one is broken.'
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a line per query, as JSON, to this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure retrieval on judged sets, each in a base of its own; no other base is touched.

    Besides the ranking itself: whether a recall answers the questions that have an answer and those
    that have none (--foreign, or questions without a relevant record), whether its relevance means
    what it says (ece), what its prompt block costs (--tokens).

    Example: lessonbase eval my-beir-folder --split test --method default

    Against floors: lessonbase eval data/seed_lessons.jsonl --queries data/seed_queries.jsonl
    --method default --floor data/floors.json
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.evaluation import floors
    from lessonbase.evaluation.comparison import compare as compared
    from lessonbase.evaluation.report import tables
    from lessonbase.retrieval.pipeline import METHODS

    if unknown := [name for name in [*method, *(compare or ())] if name not in METHODS]:
        raise InvalidInput(
            f"{unknown[0]!r} is not a method", hint=f"use one of {', '.join(METHODS)}"
        )
    if budget is not None and budget < 1:
        raise InvalidInput(f"budget {budget} is not a number of tokens", hint="give 1 or more")
    methods = list(dict.fromkeys([*method, *(compare or ())])) or list(METHODS)
    tasks = _tasks(paths, queries, foreign, split)
    names = [judged.name for judged, _ in tasks]
    asked_for = floors.read(floor, sets=names, methods=methods) if floor else ()
    results = [
        result
        for task in tasks
        for result in _measured(task, methods, tokens=tokens, budget=budget)
    ]
    comparisons = compared(results, *compare) if compare else []
    if out is not None:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(row)}\n" for result in results for row in result.rows)
    if as_json:
        document = {"results": [result.document() for result in results]}
        if compare:
            document["comparison"] = [one.document() for one in comparisons]
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo(tables(results, comparisons))
    if broken := floors.broken(asked_for, results):
        for line in broken:
            say(line)
        sys.exit(1)


def _tasks(
    paths: Sequence[Path], queries: Path | None, foreign: Sequence[Path], split: str
) -> "list[Task]":
    """Every set that is named, with the questions it should not answer.

    Raises:
        InvalidInput: If one cannot be read, or two cannot be told apart by their names.
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.evaluation import exported, judgments

    files = [path for path in paths if path.is_file()]
    if queries is None and files:
        raise InvalidInput(
            f"{files[0]} is not a BEIR folder", hint="a file of records takes --queries as well"
        )
    if queries is not None and len(files) != 1:
        raise InvalidInput(
            f"--queries are about one file of records, not {len(files)}", hint="name the file too"
        )
    for group in (paths, foreign):
        counts = Counter(judgments.name_of(path) for path in group)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise InvalidInput(
                f"two sets are named {twice[0]!r}", hint="results go by name: rename one"
            )
    strangers = {path.resolve(): judgments.questions(path, split) for path in foreign}
    return [
        (
            exported.read(path, queries)
            if queries is not None and path.is_file()
            else judgments.read(path, split),
            [asked for other, asked in strangers.items() if other != path.resolve()],
        )
        for path in paths
    ]


def _measured(
    task: "Task", methods: Sequence[str], *, tokens: bool, budget: int | None
) -> "Iterator[Result]":
    """The results of *methods* on a base that holds the set, and is gone afterwards."""
    from tempfile import TemporaryDirectory

    from lessonbase.evaluation.runner import run
    from lessonbase.settings import read_settings
    from lessonbase.wiring import open_base

    judged, foreign = task
    # Nobody in particular: an agent would not see, or be let write, what is another one's.
    settings = read_settings().model_copy(update={"agent": None, "team": None})
    with (
        TemporaryDirectory(prefix="lessonbase-eval-") as directory,
        open_base(directory, "default", create=True, embedded=True, settings=settings) as base,
    ):
        with bar(f"Encoding {judged.name}") as progress:
            base.add_all(judged.documents, progress=progress)
        for name in methods:
            yield run(base, judged, name, foreign=foreign, tokens=tokens, budget=budget)


COMMANDS = (eval_,)
