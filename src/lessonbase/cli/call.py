"""What every command shares: the base to open, JSON on stdout, a progress bar on stderr."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lessonbase.ports import Base, Progress


@dataclass(frozen=True, slots=True)
class Call:
    """The global options of one call."""

    base: Path | None
    space: str | None
    agent: str | None
    team: str | None

    def open(self, *, start: bool = False, create: bool = False) -> "Base":
        """The base they name: of its owner if there is one, else held until it is closed.

        Args:
            start: Start an owner if there is none, for whoever stays longer than one question.
            create: Make the base if there is none.
        """
        from lessonbase.wiring import open_base

        teams = (self.team,) if self.team else ()
        return open_base(self.base, self.space, self.agent, teams=teams, start=start, create=create)


def print_json(document: "BaseModel") -> None:
    """One document on stdout."""
    typer.echo(document.model_dump_json(indent=2))


def print_list(documents: "Sequence[BaseModel]", **more: Any) -> None:
    """A list on stdout, as one document."""
    rows = [document.model_dump(mode="json") for document in documents]
    typer.echo(json.dumps({"results": rows, **more}, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """A word to the person at the terminal."""
    typer.echo(text, err=True)


@contextmanager
def bar(doing: str) -> "Iterator[Progress | None]":
    """A progress bar on stderr; none if it is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(doing, total=None)

        def advance(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield advance
