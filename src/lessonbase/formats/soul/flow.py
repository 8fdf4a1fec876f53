"""Lines of Markdown as one text and back: soft line ends are spaces, the others stay.

What is nested in an item keeps its lines and markers, code keeps its signs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.soul.blocks import MARKER
from lessonbase.formats.soul.inline import escaped, plain
from lessonbase.formats.soul.lines import Line

_FENCES: Final = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a text: its words, whether it is code, whether a blank line is before it."""

    words: str
    code: bool = False
    gap: bool = False


def parts_of(lines: Sequence[Line], *, dedent: int = 0) -> list[Part]:
    """The lines that are not blank, up to *dedent* columns of their indentation removed."""
    parts: list[Part] = []
    gap = False
    for line in lines:
        if line.blank:
            gap = bool(parts)
            continue
        words = _dedented(line.seen, dedent)
        parts.append(Part(words, code=bool(line.code), gap=gap))
        gap = False
    return parts


def flowing(parts: Iterable[Part]) -> str:
    r"""The text that *parts* make, without emphasis outside of code.

    >>> flowing([Part("**Ask** before"), Part("you send."), Part("- mail"), Part("- posts")])
    'Ask before you send.\n- mail\n- posts'
    """
    done: list[str] = []
    prose: list[str] = []
    before: Part | None = None
    for part in parts:
        prose.append(_between(before, part))
        if part.code:
            done += (plain("".join(prose)), part.words)
            prose = []
        else:
            nested = MARKER.match(part.words)
            prose.append(_without_break(part.words if nested else part.words.lstrip()))
        before = part
    return "".join(done) + plain("".join(prose))


def written(statement: str, *, literal: bool) -> list[str]:
    r"""Lines of Markdown that flow to *statement*.

    Args:
        statement: The text.
        literal: Escape every sign that could be taken for Markdown.

    >>> written("Ask first.\nThen act.", literal=False)
    ['Ask first.\\', 'Then act.']
    """
    lines: list[str] = []
    fence = ""
    for line in statement.split("\n"):
        bare = line.strip()
        if fence:
            lines.append(line)
            fence = "" if bare == fence else fence
            continue
        fence = bare[:3] if bare.startswith(_FENCES) else ""
        nested = MARKER.match(line)
        if lines and lines[-1] and bare and not nested and not fence and not _fenced(lines):
            lines[-1] += "\\"
        lines.append(_literal(line) if literal and not fence else line)
    return lines


def _fenced(lines: Sequence[str]) -> bool:
    return lines[-1].strip().startswith(_FENCES)


def _literal(line: str) -> str:
    nested = MARKER.match(line)
    marker = nested.group() if nested else ""
    rest = escaped(line[len(marker) :])
    return marker + (f"\\{rest}" if rest[:1] in tuple("#>-+=~|") else rest)


def _between(before: Part | None, part: Part) -> str:
    if before is None:
        return ""
    if part.gap:
        return "\n\n"
    apart = part.code or before.code or MARKER.match(part.words) or part.words.startswith("|")
    return "\n" if apart or _breaks(before.words) else " "


def _breaks(words: str) -> bool:
    """Whether the line ends hard: with a backslash, or with two spaces."""
    return words.endswith("  ") or _backslash(words)


def _backslash(words: str) -> bool:
    return (len(words) - len(words.rstrip("\\"))) % 2 == 1


def _without_break(words: str) -> str:
    bare = words.rstrip()
    return bare[:-1].rstrip() if _backslash(bare) and bare == words else bare


def _dedented(seen: str, columns: int) -> str:
    if not columns:
        return seen
    wide = seen.expandtabs(4) if seen[:1] in " \t" and "\t" in seen[: columns + 1] else seen
    removed = min(columns, len(wide) - len(wide.lstrip(" ")))
    return wide[removed:]
