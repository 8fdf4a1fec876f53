"""Measure retrieval on judged sets."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import bar


def eval_(
    folders: Annotated[list[Path], typer.Argument(help="BEIR folders.", metavar="DIR...")],
    split: Annotated[str, typer.Option(help="Split of the judgments.")] = "test",
    method: Annotated[
        list[str],
        typer.Option(help="words, vectors, rrf or default; may be repeated. None: all."),
    ] = [],
    out: Annotated[
        Path | None, typer.Option(help="Write a line per query, as JSON, to this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure retrieval on judged sets, each in a base of its own; no other base is touched.

    Example: lessonbase eval my-beir-folder --split test --method default
    """
    from tempfile import TemporaryDirectory

    from lessonbase.errors import InvalidInput
    from lessonbase.evaluation.judgments import read
    from lessonbase.evaluation.report import table
    from lessonbase.evaluation.runner import run
    from lessonbase.retrieval.pipeline import METHODS
    from lessonbase.wiring import open_base

    if unknown := [name for name in method if name not in METHODS]:
        raise InvalidInput(
            f"{unknown[0]!r} is not a method", hint=f"use one of {', '.join(METHODS)}"
        )
    results = []
    for judged in [read(folder, split) for folder in folders]:
        with (
            TemporaryDirectory(prefix="lessonbase-eval-") as directory,
            open_base(directory, "default", create=True, embedded=True) as base,
        ):
            with bar(f"Encoding {judged.name}") as progress:
                base.add_all(judged.documents, progress=progress)
            results += [run(base, judged, name) for name in method or METHODS]
    if out is not None:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(row)}\n" for result in results for row in result.rows)
    if as_json:
        typer.echo(json.dumps({"results": [result.summary() for result in results]}, indent=2))
    else:
        typer.echo(table(results))


COMMANDS = (eval_,)
