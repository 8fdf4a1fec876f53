"""Souls: which agents have one, who each of them is, and when it was last read.

To look at a soul here is not to read it: that an agent's session never did must stay visible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.api.errors import status_of
from lessonbase.api.web import shown
from lessonbase.api.web.story import pieces_between
from lessonbase.api.web.text import visible
from lessonbase.errors import InvalidInput, LessonBaseError, NotAllowed
from lessonbase.records import SoulChange, SoulEvent

# Tokens for all that there is to tell: a person scrolls, where a prompt must choose.
_ALL: Final = 1_000_000
# Steps of a soul's life that are shown, newest first.
_STEPS: Final = 200

_SAID: Final = {"retired": "The agent is retired. Its soul stays readable."}
# What each step reads as after the name of who did it.
_DONE: Final = {
    "added": "added an entry",
    "changed": "changed an entry",
    "removed": "took an entry out",
    "restored": "brought an entry back",
    "read": "read it",
    "agent retired": "retired the agent",
}


@dataclass(frozen=True, slots=True)
class Lived:
    """One step in the life of a soul, or several readings in a row.

    Attributes:
        event: The step; of several readings the newest.
        done: What it reads as after the name of who did it.
        pieces: What became of the entry's words.
        since: Of several readings, when the first one was.
    """

    event: SoulEvent
    done: str
    pieces: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None


def add_routes(router: APIRouter) -> None:
    """Add the routes of souls to *router*."""
    router.add_api_route("/souls", _souls, methods=["GET"])
    router.add_api_route("/souls/{agent}", _soul, methods=["GET"])
    router.add_api_route("/souls/{agent}/retire", _retire, methods=["POST"])


def _souls(base: Base) -> HTMLResponse:
    """Every agent that has a soul here."""
    return shown.page("souls", scope=base.scope, souls=base.souls())


def _soul(agent: str, base: Base, said: str = "") -> HTMLResponse:
    """Who an agent is, and what happened to its soul."""
    return _soul_page(base, agent, said=_SAID.get(said, ""))


def _retire(agent: str, base: Base) -> Response:
    """Retire an agent."""
    try:
        base.retire_soul(agent)
    except (InvalidInput, NotAllowed) as error:
        return _soul_page(base, agent, problem=error)
    return RedirectResponse(f"/souls/{quote(agent)}?said=retired", status_code=303)


def _soul_page(
    base: ports.Base, agent: str, *, said: str = "", problem: LessonBaseError | None = None
) -> HTMLResponse:
    brief = base.soul_brief(agent, budget=_ALL, peek=True)
    aspects = dict.fromkeys(str(getattr(entry, "aspect", "")) for entry in brief.who)
    life = _life(base.soul_history(agent))
    return shown.page(
        "soul",
        scope=base.scope,
        status=status_of(problem) if problem else 200,
        soul=brief,
        told=base.soul_brief(agent, peek=True),
        who=[
            (aspect, [entry for entry in brief.who if getattr(entry, "aspect", "") == aspect])
            for aspect in aspects
        ],
        changes=[(change, _pieces(change)) for change in brief.changes],
        life=life[:_STEPS],
        earlier=len(life) - _STEPS,
        said=said,
        problem=problem,
    )


def _life(events: Sequence[SoulEvent]) -> list[Lived]:
    """What happened, newest first; readings in a row by the same reader are one step."""
    steps: list[Lived] = []
    times = 1
    for event in reversed(events):
        last = steps[-1] if steps else None
        if last and event.what == last.event.what == "read" and event.actor == last.event.actor:
            times += 1
            steps[-1] = Lived(last.event, f"read it {times} times", since=event.at)
            continue
        times = 1
        done = _DONE.get(event.what, visible(event.what))
        steps.append(Lived(event, done, _pieces(event)))
    return steps


def _pieces(step: SoulChange | SoulEvent) -> tuple[tuple[str, str], ...]:
    """The words of an entry that *step* is about; of a changed one, what they were before."""
    before, after = visible(step.before), visible(step.after)
    if step.what == "changed":
        return pieces_between(before, after)
    return (("same", after or before),)
