"""Experience in and out: init, import, export."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, bar, print_json, say

if TYPE_CHECKING:
    from lessonbase.records import ImportReport

# Duplicates, contradictions and quarantined records that an import's summary names.
_SHOWN = 5


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
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="jsonl, oos, soul, postmortem, list or tracker; found out if not given.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", help="Of a tracker's CSV or JSONL: symptom=title+body,recovery=resolution"
        ),
    ] = None,
    visibility: Annotated[
        str,
        typer.Option(help="Who may see it: space, team:NAME or agent:NAME. JSONL says it itself."),
    ] = "space",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell.")] = False,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Import the good parts although others are bad.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import experience, all or none; what cannot be read is named. Twice changes nothing.

    Reads records as JSON lines, OOS files, soul files (soul.json, SOUL.md), post-mortems (Markdown,
    YAML), lists (CLAUDE.md, AGENTS.md, LESSONS.md) and trackers' CSV or JSONL. Secrets are taken
    out; what seems to command a model waits in `review`.

    Example: lessonbase import team.oos.md souls/ postmortems/ --dry-run
    """
    from datetime import UTC, datetime

    from lessonbase.errors import InvalidInput
    from lessonbase.formats.bringing import bring, refuse_bad
    from lessonbase.formats.files import NAMES, find, read_path

    call: Call = ctx.obj
    if format_ not in (None, *NAMES):
        raise InvalidInput(
            f"{format_!r} is not a format",
            hint=f"use --format {', '.join(NAMES)}, or let it be found out",
        )
    mapping = None
    if columns is not None:
        from lessonbase.formats.tracker import parse_map

        mapping = parse_map(columns)
    files = find(paths)
    now = datetime.now(UTC)
    with bar("Reading") as told:
        readings = []
        for number, file in enumerate(files, 1):
            readings.append(read_path(file, now=now, format_=format_, columns=mapping))
            if told is not None:
                told(number, len(files))
    if not any(reading.format for reading in readings):
        raise InvalidInput(
            f"{', '.join(map(str, paths))}: nothing to import",
            hint="a folder needs files of a known format; --format says which one a file has",
        )
    # Before there is a base: what cannot be read leaves nothing behind.
    refuse_bad(readings, hint=_mending, keep_good=keep_good)
    with call.open(create=True) as base, bar("Encoding") as progress:
        report = bring(
            base,
            readings,
            hint=_mending,
            keep_good=keep_good,
            dry_run=dry_run,
            visibility=visibility,
            progress=progress,
        )
    for name, found in report.files.items():
        if found != "jsonl":
            say(f"{name}: {found}")
    for line in (*report.refused, *report.notes):
        say(line)
    if as_json:
        print_json(report)
    else:
        typer.echo(_summary(report))
    if report.refused:
        sys.exit(1)


def export(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; none: stdout.")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="jsonl, oos, soul, postmortem, list or markdown.")
    ] = "jsonl",
    source: Annotated[
        str | None,
        typer.Option(help="Only this file: as it was imported, with what has changed since."),
    ] = None,
    soul: Annotated[str | None, typer.Option("--soul", help="Only this agent's soul.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="In JSON lines: source files and events too.")
    ] = False,
    public: Annotated[
        bool,
        typer.Option("--public", help="Only what all may see, names replaced by pseudonyms."),
    ] = False,
) -> None:
    """Write records: lossless as JSON lines, or as a file of another format.

    A file that was imported and not changed since comes back byte for byte.

    Example: lessonbase export --format oos --source team.oos.md -o team.oos.md
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.formats.giving import Leaving, lines, written

    call: Call = ctx.obj
    leaving = Leaving()
    if format_ == "jsonl" and (source or soul):
        raise InvalidInput(
            "--source and --soul choose a file", hint="say which --format it shall have"
        )
    with call.open() as base:
        if format_ == "jsonl":
            told = lines(base, history=history, public=public, leaving=leaving)
            _write(output, (line.encode() for line in told))
        else:
            content = written(
                base, format_, source=source, agent=soul, public=public, leaving=leaving
            )
            _write(output, [content])
    if output:
        say(f"{leaving.records} records written to {output}")
    if leaving.redacted:
        say(f"taken out on the way: {_counted(leaving.redacted)}")


def _write(output: Path | None, pieces: "Iterable[bytes]") -> None:
    """All of *pieces* to a file, whole or not at all; or to standard output."""
    if output is None:
        stream = typer.get_binary_stream("stdout")
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        return
    draft = output.with_name(f"{output.name}.draft")
    with draft.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    draft.replace(output)


def _summary(report: "ImportReport") -> str:
    """What was done, or would be: files, kinds, counts, and what to look at."""
    would = "would be " if report.dry_run else ""
    lines = []
    if set(report.files.values()) - {"jsonl"}:
        lines.append(f"read {_counted(report.kinds)}")
    lines.append(
        f"{would}new {report.new}, {would}changed {report.changed}, "
        f"unchanged {report.unchanged}, duplicate {len(report.duplicates)}, "
        f"refused {len(report.refused)}"
    )
    if report.gone:
        lines.append(f"{would}retired {report.gone}, as their file does not hold them any more")
    if report.redacted:
        lines.append(f"taken out: {_counted(report.redacted)}")
    for said, found in (
        ("duplicate", report.duplicates),
        ("contradiction", report.contradictions),
        ("quarantined", report.quarantined),
    ):
        lines += [f"{said}: {one}" for one in found[:_SHOWN]]
        if len(found) > _SHOWN:
            lines.append(f"{said}: and {len(found) - _SHOWN} more (--json has all)")
    if report.quarantined or report.contradictions or report.duplicates:
        lines.append("see `lessonbase review list`")
    return "\n".join(lines)


def _mending(_: object) -> str:
    return "mend them, or import the others with --keep-good"


def _counted(counts: "Mapping[str, int]") -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


COMMANDS = (init, import_, export)
