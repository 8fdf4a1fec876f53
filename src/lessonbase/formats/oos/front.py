"""The front matter of a Markdown file: where it is, and what it says, damaged or not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from lessonbase.formats.oos.lines import marker_of, plain
from lessonbase.formats.oos.model import Finding
from lessonbase.formats.oos.structured import Mapped, Unreadable, from_yaml, yaml_lines
from lessonbase.formats.oos.vocabulary import is_known, slug

# The order in which the format's own fixer writes the keys; others follow, as they came.
KEY_ORDER: Final = (
    "oos_version",
    "org_pseudonym",
    "industry",
    "org_size",
    "template",
    "agent_count",
    "platforms",
    "mcp_servers",
    "generated_at",
    "version",
    "parent_version",
    "word_count",
    "claim_count",
    "confidence_distribution",
    "evidence_distribution",
)
DELIMITER: Final = "---"
_DELIMITER: Final = re.compile(
    r"(?:-{2,10}|[-\u2010-\u2015\u2212]{0,3}[\u2010-\u2015\u2212][-\u2010-\u2015\u2212]{0,3}) {0,4}"
)
_KEY: Final = re.compile(r'["\u201c]?[A-Za-z_][A-Za-z0-9_-]{0,60}["\u201d]? {0,2}:(?: |$)')
_QUOTES: Final = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
# A value that starts with a curly quote would be read as text with the quotes in it.
_CURLY: Final = re.compile("[:-] {1,4}[\u201c\u201d\u2018]")
# Most lines of front matter that is broken and is read piece by piece.
_MOST_PIECES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where front matter stands, as indexes of lines.

    Attributes:
        start: Its first line, after the delimiter.
        end: One past its last line.
        body: First line of the body.
        opened: Whether a delimiter stands before it.
        closed: Whether one stands after it.
        exact: Whether both are written as the format has them.
    """

    start: int
    end: int
    body: int
    opened: bool = True
    closed: bool = True
    exact: bool = True


@dataclass(slots=True)
class Front:
    """What front matter says.

    Attributes:
        values: Key → value.
        lines: Key → line.
        findings: What is wrong with it.
        left: Lines that could not be read.
    """

    values: dict[str, JsonValue] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def find_front(texts: Sequence[str]) -> Span | None:
    """Where the front matter is; none: there is none."""
    start = next((index for index, text in enumerate(texts) if plain(text).strip()), None)
    if start is None:
        return None
    opened = bool(_DELIMITER.fullmatch(texts[start]))
    first = start + opened
    known = r"(oos_version|org_pseudonym) {0,2}:"
    if not opened and not re.match(known, plain(texts[start])):
        return None
    exact = opened and texts[start].rstrip() == DELIMITER
    for index in range(first, len(texts)):
        text = texts[index]
        if _DELIMITER.fullmatch(text) or text.rstrip() == "...":
            if opened and index > first and not _has_key(texts[first:index]):
                return None
            exact = exact and text.rstrip() == DELIMITER
            return Span(first, index, index + 1, opened=opened, exact=exact)
        if _is_body(text):
            return _unclosed(texts, first, index, opened=opened)
    return _unclosed(texts, first, len(texts), opened=opened)


def read_front(texts: Sequence[str], span: Span) -> Front:
    """What the front matter says."""
    front = Front()
    if not span.exact or not span.closed:
        front.findings.append(
            Finding(
                "FRONTMATTER_DELIMITER",
                "fixed",
                span.start + 1,
                1,
                "the front matter does not stand between two lines of `---`",
            )
        )
    lines = list(texts[span.start : span.end])
    try:
        _take(front, _as_written(lines, span.start))
    except Unreadable as error:
        _mend(front, lines, span.start, error)
    return front


def _as_written(lines: Sequence[str], first: int) -> Mapped:
    """What the lines say without a change to them."""
    for index, text in enumerate(lines):
        if _CURLY.search(text):
            raise Unreadable("curly quotes are no quotes", first + index + 1)
    return _comments(lines, from_yaml("\n".join(lines), first), first)


def front_lines(front: Mapping[str, JsonValue]) -> list[str]:
    """Front matter as the format has it, delimiters included."""
    known = {key: front[key] for key in KEY_ORDER if key in front}
    return [DELIMITER, *yaml_lines({**known, **front}), DELIMITER]


def _has_key(texts: Sequence[str]) -> bool:
    return any(_KEY.match(plain(text)) for text in texts)


def _is_body(text: str) -> bool:
    """Whether a line cannot be front matter: a claim's marker or a heading of the second level."""
    content = plain(text).strip()
    if content.startswith("##"):
        return content.startswith("## ") or is_known(slug(content))
    marker = marker_of(content) if content[:1] in "*_[-+>#\\" else None
    return bool(marker and marker.numbered)


def _unclosed(texts: Sequence[str], first: int, end: int, *, opened: bool) -> Span | None:
    """The front matter that nothing ends: up to the first empty line after which no key stands."""
    if not _has_key(texts[first : first + 1] if opened else texts[first:end]):
        return None
    stop = first
    for index in range(first, end):
        text = plain(texts[index])
        if _KEY.match(text) or (text.strip() and text[:1] in " -#") or text.strip() == "}":
            stop = index + 1
    return Span(first, stop, stop, opened=opened, closed=False, exact=False)


def _comments(lines: Sequence[str], mapped: Mapped, first: int) -> Mapped:
    for index, text in enumerate(lines):
        if text.lstrip().startswith("#"):
            message = "a comment in the front matter is not kept when the file is written anew"
            mapped.findings.append(
                Finding("FRONTMATTER_COMMENT", "warning", first + index + 1, 1, message)
            )
            break
    return mapped


def _take(front: Front, mapped: Mapped) -> None:
    front.values |= mapped.values
    front.lines |= {str(path[0]): line for path, line in mapped.lines.items() if len(path) == 1}
    front.findings += mapped.findings


def _mend(front: Front, lines: list[str], first: int, error: Unreadable) -> None:
    """Read front matter that is no YAML: with its marks made plain, or else key by key."""
    mended = [mended_line(text) for text in lines]
    try:
        _take(front, from_yaml("\n".join(mended), first))
    except Unreadable:
        _report(front, error, lines)
        _pieces(front, mended, lines, first)
        return
    message = f"the front matter is no YAML as it is written: {error}"
    front.findings.append(Finding("FRONTMATTER_MARKS", "fixed", error.line, error.column, message))


def mended_line(text: str) -> str:
    """A line of front matter with straight quotes, and spaces for tabs."""
    straight = plain(text.translate(_QUOTES)) if not text.isascii() else text
    return straight.replace("\t", "  ")


def _report(front: Front, error: Unreadable, lines: Sequence[str]) -> None:
    front.findings.append(
        Finding(
            "FRONTMATTER_PARSE_ERROR",
            "error",
            error.line,
            error.column,
            f"the front matter is no YAML: {error}",
            f"mend it; of its {len(lines)} lines, those that can be read by themselves are",
        )
    )


def _pieces(front: Front, mended: Sequence[str], lines: Sequence[str], first: int) -> None:
    """Each key with the lines below it by itself; what cannot be read is left."""
    starts = [index for index, text in enumerate(mended) if _KEY.match(text)]
    if not starts or len(mended) > _MOST_PIECES:
        front.left += lines
        return
    front.left += lines[: starts[0]]
    for start, end in zip(starts, [*starts[1:], len(mended)], strict=True):
        try:
            _take(front, from_yaml("\n".join(mended[start:end]), first + start))
        except Unreadable:
            front.left += lines[start:end]
