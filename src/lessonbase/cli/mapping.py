"""The map of lessons, as one HTML file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lessonbase.cli.call import Call, say


def map_(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")] = Path(
        "map.html"
    ),
    title: Annotated[str, typer.Option(help="Heading of the page.")] = "The map of lessons",
    link: Annotated[
        str | None,
        typer.Option(help="Address of a record's page, with {id} in it, for the cards."),
    ] = None,
) -> None:
    """Draw what the base knows: one HTML file that asks nobody for anything.

    Needs the extra: pip install 'lessonbase[analysis]'. The base is let go of before the drawing.

    Example: lessonbase map -o map.html
    """
    from lessonbase.analysis.map import render
    from lessonbase.analysis.mapped import drawn, on_the_map, records_of
    from lessonbase.analysis.placing import place
    from lessonbase.errors import InvalidInput

    call: Call = ctx.obj
    with call.open() as base:
        found = on_the_map(base)
    say(f"placing {len(found)} records")
    points, names = drawn(found, place(*records_of(found)))
    page = render(points, names, title=title, made_at=datetime.now(UTC), link=link)
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{output} cannot be written: {error.strerror}", hint="choose another -o"
        ) from error
    say(f"{output}: {len(points)} records in {len(names)} groups, {len(page) / 1e6:.1f} MB")


COMMANDS = (map_,)
