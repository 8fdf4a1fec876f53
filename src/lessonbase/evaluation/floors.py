"""Floors: what must not get worse, read from a file and held against results.

    {"SET": {"METHOD": {"ndcg@10": 0.85, "foreign_answered": {"most": 0.05}}}}

A number is a least value, ``{"most": x}`` a greatest one.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.glossary import MEASURES
from lessonbase.evaluation.runner import Result

# Values are held against floors as they are shown, so that none is "0.85, below 0.85".
_PLACES: Final = 4


class _Most(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    most: FiniteFloat


_Measures = Annotated[dict[str, FiniteFloat | _Most], Field(min_length=1)]
_Methods = Annotated[dict[str, _Measures], Field(min_length=1)]
_FILE: Final = TypeAdapter(Annotated[dict[str, _Methods], Field(min_length=1)])
_HINT: Final = 'write {"SET": {"METHOD": {"MEASURE": 0.5}}}, or {"most": 0.5} for a greatest value'


class Floor(NamedTuple):
    """What one measure of one method on one set must not pass."""

    set: str
    method: str
    measure: str
    bound: float
    greatest: bool  # whether the bound is the greatest value rather than the least

    def held_by(self, value: float) -> bool:
        """Whether *value* is on the right side, the bound itself included."""
        rounded = round(value, _PLACES)
        return rounded <= self.bound if self.greatest else rounded >= self.bound


def read(path: Path, *, sets: Collection[str], methods: Collection[str]) -> tuple[Floor, ...]:
    """The floors in *path*, which all concern a run on *sets* with *methods*.

    Raises:
        InvalidInput: If the file cannot be read, or holds no floor, or names a set, a method or a
            measure that the run does not have: a floor that is never held against anything
            protects nothing.
    """
    floors = tuple(_floors(path))
    known = {"set": sets, "method": methods, "measure": MEASURES}
    for floor in floors:
        for what, names in known.items():
            name = getattr(floor, what)
            if name not in names:
                raise InvalidInput(
                    f"{path}: no {what} {name!r} is measured", hint=f"one of {', '.join(names)}"
                )
    return floors


def broken(floors: Sequence[Floor], results: Sequence[Result]) -> list[str]:
    """A line for each floor that *results* break.

    Raises:
        InvalidInput: If a measure was not taken.
    """
    lines = []
    for floor in floors:
        means = next(
            one.means for one in results if (one.set, one.method) == (floor.set, floor.method)
        )
        where = f"{floor.set} {floor.method} {floor.measure}"
        if floor.measure not in means:
            raise InvalidInput(
                f"{where} has a floor, and was not measured",
                hint="it takes --foreign, --tokens, --budget, or unanswerable questions",
            )
        if not floor.held_by(means[floor.measure]):
            side = "most" if floor.greatest else "least"
            lines.append(
                f"{where}: {means[floor.measure]:.4f}, at {side} {floor.bound:.4f} is asked for"
            )
    return lines


def _floors(path: Path) -> Iterator[Floor]:
    try:
        content = _FILE.validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", hint="give a file of floors") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = " ".join(map(str, first["loc"][:3])) or "the file"
        raise InvalidInput(f"{path}: {where}: {first['msg']}", hint=_HINT) from error
    for set_, methods in content.items():
        for method, bounds in methods.items():
            for measure, bound in bounds.items():
                greatest = isinstance(bound, _Most)
                value = bound.most if isinstance(bound, _Most) else bound
                yield Floor(set_, method, measure, value, greatest)
