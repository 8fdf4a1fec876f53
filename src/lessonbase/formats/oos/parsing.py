"""A file's text into a document, whatever its form and whatever is wrong with it."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from lessonbase.formats.oos.assembly import UNREAD_FRONT, Assembly, assemble
from lessonbase.formats.oos.front import Span, find_front, read_front
from lessonbase.formats.oos.lines import marker_of, plain, read_lines, split
from lessonbase.formats.oos.model import Block, Document, Finding, Prose
from lessonbase.formats.oos.objects import parse_json, parse_yaml

_BOM: Final = "\ufeff"
# Control characters but for tabs and line ends, and halves of characters: nothing can store them.
_UNSOUND: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# The first two characters that UTF-8 of Western and typographic characters shows as.
MISREAD: Final = re.compile("[\xc2\xc3][\x80-\xbf]|\xe2[\u20ac\x80]")
# Share of NULs in a text of two bytes a character that was read as one of one byte.
_NUL_SHARE: Final = 0.2
_YAML_CLAIMS: Final = re.compile(r"^claims {0,2}:[ \t]{0,4}(?:#.{0,200})?$", re.MULTILINE)
_YAML_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60} {0,2}:(?: |$)")


def parse(text: str) -> tuple[Document, tuple[Finding, ...]]:
    r"""Read an OOS file: Markdown, JSON, or the nested YAML of the format's starter file.

    Never an exception, whatever the text. What looks like a claim becomes one or is a finding.

    Args:
        text: The file's text; a byte order mark and any line ends are understood.
    Returns:
        The document, and what was found, in the order of the lines.

    >>> document, findings = parse("**[C7]** failure_patterns\n- Rule: Ask.\n- **Why:**\n")
    >>> document.claims[0].claim_id, document.claims[0].rule, document.claims[0].why
    ('C007', 'Ask.', '')
    """
    findings: list[Finding] = []
    text = cleaned(text, findings.append)
    form = form_of(text)
    if form == "json":
        document = parse_json(text, findings.append)
    elif form == "yaml":
        document = parse_yaml(text, findings.append)
    else:
        document = parse_markdown(text, findings.append)[0]
    return document, tuple(sorted(findings, key=lambda found: (found.line, found.column)))


def parse_markdown(
    text: str, find: Callable[[Finding], None]
) -> tuple[Document, Assembly, Span | None]:
    """Read the Markdown form; *text* has been through :func:`cleaned`."""
    texts = split(text)
    span = find_front(texts)
    body = span.body if span else 0
    front = read_front(texts, span) if span else None
    assembly = assemble(read_lines(texts, body), body)
    for finding in (*(front.findings if front else ()), *assembly.findings):
        find(finding)
    blocks = assembly.blocks
    if front and any(line.strip() for line in front.left):
        blocks = _with_left(front.left, blocks)
    values = dict(front.values) if front else {}
    rest = values.pop("_rest", {})
    if not isinstance(rest, dict):
        values["_rest"], rest = rest, {}
    words = sum(len(line.split()) for line in texts[body:])
    lines = front.lines if front else {}
    return Document(values, blocks, rest, "markdown", words, lines), assembly, span


def _with_left(left: Sequence[str], blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, with front matter that could not be read as prose before them."""
    text = "\n".join(left).strip("\n")
    mark = "~" * (max(map(len, re.findall("~+", text)), default=3) + 1)
    quoted = f"{mark}\n{text}\n{mark}"
    first = blocks[0] if blocks else None
    if isinstance(first, Prose) and not first.heading:
        quoted, blocks = f"{quoted}\n\n{first.text}", blocks[1:]
    return (Prose(UNREAD_FRONT, quoted, 1), *blocks)


def cleaned(text: str, find: Callable[[Finding], None]) -> str:
    """*text* without a byte order mark and without characters that nothing can store."""
    if text.startswith(_BOM):
        text = text[1:]
        find(Finding("BYTE_ORDER_MARK", "fixed", 1, 1, "the file starts with a byte order mark"))
    if "\r" in text:
        find(Finding("LINE_ENDINGS", "fixed", 1, 1, "lines do not end with a line feed alone"))
    if text.count("\x00") > _NUL_SHARE * len(text):
        text = text.replace("\x00", "").lstrip("\xff\xfe\ufffd")
        message = "the text looks like UTF-16 read as something else; read without its NULs"
        hint = "save the file as UTF-8"
        find(Finding("ENCODING", "error", 1, 1, message, hint))
    if misread := MISREAD.search(text):
        line = text.count("\n", 0, misread.start()) + 1
        message = "the text looks like UTF-8 that was read as another encoding"
        find(Finding("MISREAD_TEXT", "warning", line, 1, message, "`oos repair` reads it again"))
    if unsound := _UNSOUND.search(text):
        line = text.count("\n", 0, unsound.start()) + 1
        message = "control characters, or halves of characters, are read as spaces"
        find(Finding("CONTROL_CHARACTERS", "fixed", line, 1, message))
        text = _UNSOUND.sub(" ", text)
    if text and not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        message = "the last line has no end; other readers lose the last claim"
        find(Finding("FINAL_NEWLINE", "fixed", line, 1, message))
    return text


def form_of(text: str) -> str:
    """`markdown`, `json` or `yaml`, from the content alone."""
    start = text.lstrip()
    if start.startswith("{") or re.match(r"\[\s{0,100}\{", start):
        return "markdown" if _marked(text) and '"claims"' not in text else "json"
    if not _YAML_CLAIMS.search(text):
        return "markdown"
    first = next((line for line in split(text) if _says(line)), "")
    return "yaml" if _YAML_KEY.match(first) and not _marked(text) else "markdown"


def _says(line: str) -> bool:
    return bool(line.strip()) and line.strip() != "---" and not line.lstrip().startswith("#")


def _marked(text: str) -> bool:
    """Whether a line starts with a claim's marker as the Markdown form has it."""
    markers = (marker_of(plain(line).strip()) for line in split(text) if "[" in line)
    return any(marker and marker.strict and marker.numbered for marker in markers)
