"""Experience in and out: init, import, export."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, bar, print_json, say


def init(
    ctx: typer.Context,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Leave the base empty.")] = False,
) -> None:
    """Make a base and load the seed lessons; on a base that exists, add those that are new.

    Example: lessonbase init
    """
    call: Call = ctx.obj
    with call.open(create=True) as base, bar("Encoding the seed lessons") as progress:
        if not no_seed:
            from lessonbase.formats.jsonl import read
            from lessonbase.formats.seed import seed_file

            report = base.add_all(read(seed_file()).records, progress=progress)
            say(f"{report.new} seed lessons added, {report.unchanged} were there")
        say(f"the base holds {base.stats().records} records")


def import_(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files of JSON lines.")],
    format_: Annotated[str, typer.Option("--format", help="Format of the files: jsonl.")] = "jsonl",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell.")] = False,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Import the good lines although others are bad.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import records, all or none; bad lines are named. Doing it twice changes nothing.

    Example: lessonbase import lessons.jsonl --dry-run
    """
    from lessonbase.errors import InvalidFile, InvalidInput
    from lessonbase.formats.jsonl import read
    from lessonbase.records import ImportReport, Record

    if format_ != "jsonl":
        raise InvalidInput(f"{format_!r} is not a format", hint="use --format jsonl")
    call: Call = ctx.obj
    records: list[Record] = []
    refused: list[str] = []
    for path in paths:
        parsed = read(path)
        if parsed.bad and not keep_good:
            raise InvalidFile(
                str(path), parsed.bad, hint="mend them, or import the others with --keep-good"
            )
        refused += [f"{path}:{bad.line}: {bad.reason}" for bad in parsed.bad]
        records += parsed.records
    with call.open(create=True) as base, bar("Encoding") as progress:
        done = base.add_all(records, dry_run=dry_run, progress=progress)
    report = ImportReport(**{**done.model_dump(), "refused": tuple(refused)})
    for line in refused:
        say(line)
    if as_json:
        print_json(report)
    else:
        would = "would be " if dry_run else ""
        typer.echo(
            f"{would}new {report.new}, {would}changed {report.changed}, "
            f"unchanged {report.unchanged}, refused {len(refused)}"
        )
    if refused:
        sys.exit(1)


def export(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; none: stdout.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="Format: jsonl.")] = "jsonl",
) -> None:
    """Write every record, lossless: importing it into an empty base gives the same records.

    Example: lessonbase export -o lessons.jsonl
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.formats.jsonl import line_of

    if format_ != "jsonl":
        raise InvalidInput(f"{format_!r} is not a format", hint="use --format jsonl")
    call: Call = ctx.obj
    count = 0
    with call.open() as base:
        draft = output.with_name(f"{output.name}.draft") if output else None
        file = (
            draft.open("w", encoding="utf-8") if draft else typer.get_text_stream("stdout", "utf-8")
        )
        with file:
            for record in base.export():
                file.write(f"{line_of(record)}\n")
                count += 1
    if draft and output:
        draft.replace(output)
        say(f"{count} records written to {output}")


COMMANDS = (init, import_, export)
