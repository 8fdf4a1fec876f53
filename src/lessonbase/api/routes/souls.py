"""Who an agent is, and what it has lived."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from lessonbase.api.deps import Base, as_json
from lessonbase.api.errors import documented
from lessonbase.records import SoulBrief, SoulEvent, SoulSummary

router = APIRouter(tags=["souls"], responses=documented())

Agent = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$", description="Name of the agent.")
]


class Souls(BaseModel):
    """Every soul, by name of its agent."""

    results: tuple[SoulSummary, ...]


class SoulHistory(BaseModel):
    """What happened to a soul, oldest first."""

    results: tuple[SoulEvent, ...]


@router.get("/souls", response_model=Souls)
def souls(base: Base) -> Response:
    """Every agent that has a soul here."""
    return as_json(Souls(results=base.souls()))


@router.get("/soul/{agent}", response_model=SoulBrief, responses=documented(404))
def brief(
    agent: Agent,
    base: Base,
    task: Annotated[str, Query(max_length=20_000, description="What the session is for.")] = "",
    budget: Annotated[int, Query(ge=100, le=1_000_000, description="Most tokens.")] = 800,
    peek: Annotated[bool, Query(description="Do not remember that it was read.")] = False,
) -> Response:
    """What an agent should know before its session; the base remembers that it was read."""
    return as_json(base.soul_brief(agent, task=task, budget=budget, peek=peek))


@router.get("/soul/{agent}/history", response_model=SoulHistory, responses=documented(404))
def history(agent: Agent, base: Base) -> Response:
    """What happened to a soul, oldest first: its entries' changes, and when it was read."""
    return as_json(SoulHistory(results=base.soul_history(agent)))


@router.post("/soul/{agent}/retire", response_model=SoulSummary, responses=documented(404))
def retire(agent: Agent, base: Base) -> Response:
    """Retire an agent: its soul is not recalled any more, and stays readable."""
    return as_json(base.retire_soul(agent))
