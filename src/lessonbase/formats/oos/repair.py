"""A file's text mended in place, so that the difference is readable; nothing is invented."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lessonbase.formats.oos.assembly import Assembly
from lessonbase.formats.oos.canonical import as_json
from lessonbase.formats.oos.check import check, differing_counts
from lessonbase.formats.oos.front import Span
from lessonbase.formats.oos.lines import split
from lessonbase.formats.oos.mending import (
    delimited,
    plain_claims,
    plain_marks,
    restated_front,
)
from lessonbase.formats.oos.model import Document, Finding
from lessonbase.formats.oos.parsing import MISREAD, cleaned, form_of, parse, parse_markdown

# Findings of a reading that a repair leaves to people: they do not change the text.
_BROKEN: Final = "FRONTMATTER_PARSE_ERROR"
# Most rounds until nothing is left to mend: each can bring to light what the last one covered.
_MOST_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair.

    Attributes:
        text: The file's text as it is now; the same as before if it needed nothing.
        fixes: What was mended, in the order of the lines as they were.
        left: What is still wrong and only its author can mend.
    """

    text: str
    fixes: tuple[Finding, ...]
    left: tuple[Finding, ...]


def repair(text: str) -> Repaired:
    """Mend what can be mended without knowing more than the file says.

    Marks of word processors, line ends, delimiters and tabs of the front matter, names written
    otherwise, ids that are there twice, counts. A missing field stays missing. Repairing twice
    changes nothing more.
    """
    fixes: list[Finding] = []
    mended = text
    for _ in range(_MOST_ROUNDS):
        again = _round(mended, fixes.append)
        if again == mended:
            break
        mended = again
    document, findings = parse(mended)
    fixes = sorted(dict.fromkeys(fixes), key=lambda found: (found.line, found.column))
    if mended == text:
        fixes = []
    left = tuple(found for found in check(document, findings) if found.level != "fixed")
    return Repaired(mended, tuple(fixes), left)


def _round(text: str, find: Callable[[Finding], None]) -> str:
    text = _read_again(text, find)
    form = form_of(cleaned(text, _unheard))
    if form == "json":
        return _json(text, find)
    if form == "yaml":
        return text
    return _markdown(text, find)


def _read_again(text: str, find: Callable[[Finding], None]) -> str:
    """UTF-8 that was read as a Western encoding, once or more often, read as what it is."""
    for encoding in ("cp1252", "latin-1"):
        while found := MISREAD.search(text):
            try:
                text = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                break
            line = text.count("\n", 0, found.start()) + 1
            message = "UTF-8 was read as another encoding; it is read as UTF-8"
            find(Finding("TEXT_READ_AGAIN", "fixed", line, 1, message))
    return text


def _json(text: str, find: Callable[[Finding], None]) -> str:
    document, findings = parse(text)
    if any(found.level == "error" for found in findings):
        return text
    fixed = [found for found in findings if found.level == "fixed"]
    wrong = differing_counts(document)
    if not fixed and not wrong:
        return text
    for finding in fixed:
        find(finding)
    for key in wrong:
        code = f"{key.upper().replace('DISTRIBUTION', 'DIST')}_RECALCULATED"
        find(Finding(code, "fixed", 1, 1, f"{key} is that of the claims"))
    return as_json(document)


def _markdown(text: str, find: Callable[[Finding], None]) -> str:
    clean = cleaned(text, find)
    read = _Reader()
    first = read(split(clean))
    span = first.span
    texts = plain_marks(split(clean), span.body if span else 0, find)
    if span:
        heard = read(texts).findings
        before, texts = texts, delimited(texts, span, heard)
        if texts != before:
            for finding in heard:
                if finding.code in ("FRONTMATTER_MARKS", "FRONTMATTER_DELIMITER"):
                    find(finding)
    now = read(texts)
    texts = plain_claims(texts, now.assembly, now.span.body if now.span else 0, find)
    now = read(texts)
    if now.span and not any(found.code == _BROKEN for found in now.findings):
        texts = _counted(texts, now, read, find)
    return _joined(texts)


def _counted(
    texts: list[str], now: "_Reading", read: "_Reader", find: Callable[[Finding], None]
) -> list[str]:
    """Front matter with its counts; as it is, if it cannot be edited line by line."""
    if now.span is None:
        return texts
    restated: list[Finding] = []
    changed = restated_front(texts, now.document, now.span, restated.append)
    if changed == texts:
        return texts
    again = read(changed).document
    if again.blocks != now.document.blocks or len(again.front) < len(now.document.front):
        return texts
    for finding in restated:
        find(finding)
    return changed


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text that was read."""

    document: Document
    assembly: Assembly
    span: Span | None
    findings: tuple[Finding, ...]


class _Reader:
    """Reads lines; the same ones again only once."""

    def __init__(self) -> None:
        self._last: tuple[str, _Reading] | None = None

    def __call__(self, texts: list[str]) -> _Reading:
        text = _joined(texts)
        if self._last is None or self._last[0] != text:
            heard: list[Finding] = []
            document, assembly, span = parse_markdown(text, heard.append)
            self._last = text, _Reading(document, assembly, span, tuple(heard))
        return self._last[1]


def _joined(texts: list[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _unheard(_: Finding) -> None:
    """A finding that has been heard elsewhere."""
