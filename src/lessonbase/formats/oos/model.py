"""What an OOS file says, whatever form it was written in, and what was found wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Final, Literal

from pydantic import JsonValue

# Numbers of claims that are valid: four digits; and the length of an id with as many.
_MOST_IDS: Final = 10_000
_ID_LENGTH: Final = 5

Form = Literal["markdown", "json", "yaml"]
Level = Literal["error", "warning", "fixed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file that is not as the format has it.

    Attributes:
        code: In capitals, stable: callers branch on it.
        level: `error`: the file is invalid or something in it cannot be read; `warning`: worth a
            look; `fixed`: it was understood although it is written otherwise, and `repair`
            writes it as the format has it.
        line: Counted from 1.
        column: Counted from 1.
        message: What is wrong, in one sentence.
        hint: What to do, or nothing.
    """

    code: str
    level: Level
    line: int
    column: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One rule and what it rests on.

    Attributes:
        claim_id: `C` and three or four digits; anything else is kept as it was written.
        section: Its section's name in snake case; empty: none was given.
        confidence: HIGH, MEDIUM or LOW; an unknown word as it was written; empty: missing.
        evidence: A name of `Evidence`; an unknown word as it was written; empty: missing.
        extra: Fields the format does not name, by their labels, in order.
        line: Of the marker.
        lines: Field → line it starts in.
    """

    claim_id: str
    section: str = ""
    rule: str = ""
    why: str = ""
    failure_mode: str = ""
    confidence: str = ""
    evidence: str = ""
    scope: str = ""
    extra: Mapping[str, JsonValue] = field(default_factory=dict)
    line: int = field(default=1, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def line_of(self, name: str) -> int:
        """Where field *name* starts; the marker's line if it is not there."""
        return self.lines.get(name, self.line)


@dataclass(frozen=True, slots=True)
class Prose:
    """Text between claims, as it was written, from one heading to the next.

    Attributes:
        heading: The heading's line with its marks, as in `## Purpose`; empty: none.
        text: The lines below it, without the empty ones around them.
        line: Of the heading, or of the text where there is none.
    """

    heading: str
    text: str
    line: int = field(default=1, compare=False)

    @property
    def title(self) -> str:
        """The heading without its marks."""
        return self.heading.lstrip("#").strip()


Block = Claim | Prose


@dataclass(frozen=True, slots=True)
class Document:
    """An OOS file.

    Attributes:
        front: The front matter, unknown keys included; `entities` is one of its keys.
        blocks: Claims and the prose around them, in the order of the file.
        rest: Keys of a JSON file beside front matter, claims and entities.
        form: What it was read from.
        words: Tokens of the body as it was read; none: the document was made or changed.
        front_lines: Key of the front matter → line.
    """

    front: Mapping[str, JsonValue] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    rest: Mapping[str, JsonValue] = field(default_factory=dict)
    form: Form = field(default="markdown", compare=False)
    words: int | None = field(default=None, compare=False)
    front_lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims, in the order of the file."""
        return tuple(block for block in self.blocks if isinstance(block, Claim))

    @property
    def prose(self) -> tuple[Prose, ...]:
        """The prose, in the order of the file."""
        return tuple(block for block in self.blocks if isinstance(block, Prose))

    def with_blocks(self, blocks: Iterable[Block]) -> "Document":
        """The document with other claims and prose."""
        return replace(self, blocks=tuple(blocks), words=None)


def next_ids(claims: Iterable[Claim]) -> Iterator[str]:
    """Claim ids that are free, in order: from one above the highest, then in the gaps.

    >>> ids = next_ids([Claim("C004"), Claim("L025")])
    >>> next(ids), next(ids)
    ('C026', 'C027')
    """
    used = {claim.claim_id for claim in claims}
    numbers = {int(name[1:]) for name in used if name[1:].isdecimal() and len(name) <= _ID_LENGTH}
    start = max(numbers, default=0) + 1
    for number in chain(range(start, _MOST_IDS), range(1, start), count(_MOST_IDS)):
        if (claim_id := f"C{number:03}") not in used:
            yield claim_id
