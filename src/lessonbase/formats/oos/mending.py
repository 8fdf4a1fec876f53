"""The parts of a repair: marks, front matter and claims, each as an edit of lines in place."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from lessonbase.formats.oos.assembly import Assembly
from lessonbase.formats.oos.body import field_lines
from lessonbase.formats.oos.check import CLAIM_ID, ORG_SIZES, TEMPLATES, differing_counts
from lessonbase.formats.oos.front import DELIMITER, KEY_ORDER, Span, mended_line
from lessonbase.formats.oos.gathering import Place
from lessonbase.formats.oos.lines import label_of, marker_of, plain, read_lines
from lessonbase.formats.oos.model import Claim, Document, Finding, next_ids
from lessonbase.formats.oos.structured import yaml_lines
from lessonbase.formats.oos.vocabulary import (
    FIELD_LABELS,
    confidence_of,
    evidence_of,
    section_and_title,
    slug,
)

Find = Callable[[Finding], None]

_DOUBLE: Final = re.compile("[\u201c-\u201f\u00ab\u00bb]")
_SINGLE: Final = re.compile("[\u2018-\u201b]")
_SPACES: Final = re.compile("[\xa0\u2000-\u200a\u202f\u205f\u3000]")
_BULLET_DASH: Final = re.compile("^(\\s{0,12})[\u2010-\u2015\u2212](?=\\s)")
_LONG_DASH: Final = re.compile("[\u2014\u2015]")
_SHORT_DASH: Final = re.compile("[\u2010-\u2013\u2212]")
_REFERENCE: Final = re.compile(r"\*\*\[(C[0-9]{1,9})\]\*\*")
_RECALCULATED: Final = {
    "word_count": "WORD_COUNT_RECALCULATED",
    "claim_count": "CLAIM_COUNT_RECALCULATED",
    "confidence_distribution": "CONFIDENCE_DIST_RECALCULATED",
    "evidence_distribution": "EVIDENCE_DIST_RECALCULATED",
}
# Platforms that a text may name, with the names that front matter has for them.
_PLATFORMS: Final = {
    "claude": "claude",
    "openai": "openai",
    "chatgpt": "openai",
    "gemini": "gemini",
    "copilot": "copilot",
    "llama": "llama",
    "mistral": "mistral",
}
_MCP: Final = re.compile(r"\bmcp(?:__|-server-)([a-z][a-z0-9]{1,40})", re.IGNORECASE)


def plain_marks(texts: Sequence[str], body: int, find: Find) -> list[str]:
    """Straight quotes, plain dashes and spaces, outside of code blocks."""
    made = list(texts)
    lines = read_lines(texts, body)
    index = 0
    seen: dict[str, int] = {}
    while index < len(lines):
        text = lines[index].text
        if not text.isascii():
            made[body + index] = _straight(text, body + index + 1, seen)
        closes = lines[index].closes
        index = index + 1 if closes is None else closes - body + 1
    names = {"SMART_QUOTES": "curly quotes", "DASHES": "long dashes", "SPACES": "odd spaces"}
    for code, line in seen.items():
        find(Finding(code, "fixed", line, 1, f"{names[code]} are made plain, here first"))
    return made


def _straight(text: str, line: int, seen: dict[str, int]) -> str:
    for code, steps in (
        ("SMART_QUOTES", ((_DOUBLE, '"'), (_SINGLE, "'"))),
        ("DASHES", ((_BULLET_DASH, r"\1-"), (_LONG_DASH, "--"), (_SHORT_DASH, "-"))),
        ("SPACES", ((_SPACES, " "),)),
    ):
        before = text
        for pattern, plainer in steps:
            text = pattern.sub(plainer, text)
        if text != before:
            seen.setdefault(code, line)
    return text


def delimited(texts: Sequence[str], span: Span, findings: Sequence[Finding]) -> list[str]:
    """The front matter between two lines of `---`, and with plain marks where it needs them."""
    marks = any(found.code == "FRONTMATTER_MARKS" for found in findings)
    front = list(texts[span.start : span.end])
    if marks:
        front = [mended_line(text) for text in front]
    if span.exact and span.closed and not marks:
        return list(texts)
    body = list(texts[span.body :])
    blank = [] if span.closed or not body or not body[0].strip() else [""]
    return [DELIMITER, *front, DELIMITER, *blank, *body]


def restated_front(texts: Sequence[str], document: Document, span: Span, find: Find) -> list[str]:
    """Front matter with the counts of the body, and with words as the schema has them."""
    wanted: dict[str, JsonValue] = dict(_worded(document, texts, find))
    for key, value in differing_counts(document).items():
        stated = document.front.get(key)
        if isinstance(value, dict) and isinstance(stated, dict):
            value = {**{name: value[name] for name in stated if name in value}, **value}
        wanted[key] = value
        line = document.front_lines.get(key, span.end + 1)
        find(Finding(_RECALCULATED[key], "fixed", line, 1, f"{key} is that of the body"))
    return with_keys(texts, document.front_lines, span, wanted)


def with_keys(
    texts: Sequence[str],
    key_lines: Mapping[str, int],
    span: Span,
    wanted: Mapping[str, JsonValue],
) -> list[str]:
    """The lines with other values of some keys of the front matter, new ones where they belong."""
    made = list(texts)
    end = span.end
    starts = sorted(key_lines.values())
    edits = []
    for key, value in wanted.items():
        if key in key_lines:
            start = key_lines[key] - 1
            if not re.match(rf"[\"']?{re.escape(key)}[\"']? {{0,4}}:", texts[start]):
                continue
            after = next((line - 1 for line in starts if line - 1 > start), end)
            stop = start + 1
            while stop < after and re.match(r"\s|$|-|\}|\]", texts[stop]):
                stop += 1
        else:
            start = stop = _place(key, key_lines, end)
        rank = KEY_ORDER.index(key) if key in KEY_ORDER else len(KEY_ORDER)
        edits.append((start, rank, stop, yaml_lines({key: value})))
    for start, _, stop, lines in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        made[start:stop] = lines
    return made


def _place(key: str, key_lines: Mapping[str, int], end: int) -> int:
    """Where a new key goes: before the first key that the format has after it."""
    later = KEY_ORDER[KEY_ORDER.index(key) + 1 :] if key in KEY_ORDER else ()
    lines = [key_lines[name] - 1 for name in later if name in key_lines]
    return min(lines, default=end)


def _worded(document: Document, texts: Sequence[str], find: Find) -> dict[str, JsonValue]:
    """Key → value for values that only are written otherwise: `Agent Army`, `"3"`, 1.0."""
    front = document.front
    wanted: dict[str, JsonValue] = {}
    for key, known in (("org_size", ORG_SIZES), ("template", TEMPLATES)):
        value = front.get(key)
        if isinstance(value, str) and value not in known and slug(value) in known:
            wanted[key] = slug(value)
    for key in ("agent_count", "version", "parent_version"):
        value = front.get(key)
        if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}", value.strip()):
            wanted[key] = int(value)
    if isinstance(version := front.get("oos_version"), float | int):
        wanted["oos_version"] = str(float(version))
    for key in ("platforms", "mcp_servers"):
        if isinstance(value := front.get(key), str) and value.strip():
            wanted[key] = [part.strip() for part in value.split(",") if part.strip()]
    for key in wanted:
        line = document.front_lines.get(key, 1)
        find(Finding("FRONTMATTER_NORMALIZED", "fixed", line, 1, f"{key} is written otherwise"))
    return wanted | _detected(document, texts, find)


def _detected(document: Document, texts: Sequence[str], find: Find) -> dict[str, JsonValue]:
    """Platforms and MCP servers that the text names, where the front matter names none."""
    wanted: dict[str, JsonValue] = {}
    text = "\n".join(texts)
    if not document.front.get("platforms"):
        words = re.findall(r"[a-z]+", text.lower())
        named = list(dict.fromkeys(_PLATFORMS[word] for word in words if word in _PLATFORMS))
        if named:
            wanted["platforms"] = list(named)
            find(Finding("PLATFORMS_DETECTED", "fixed", 1, 1, f"the text names {', '.join(named)}"))
    if not document.front.get("mcp_servers"):
        servers = list(dict.fromkeys(found.lower() for found in _MCP.findall(text)))
        if servers:
            wanted["mcp_servers"] = list(servers)
            message = f"the text names {', '.join(servers)[:80]}"
            find(Finding("MCP_SERVERS_DETECTED", "fixed", 1, 1, message))
    return wanted


def plain_claims(texts: Sequence[str], assembly: Assembly, body: int, find: Find) -> list[str]:
    """Claims with markers, labels, levels and ids as the format has them."""
    made = list(texts)
    claims = [block for block in assembly.blocks if isinstance(block, Claim)]
    ids = _renumbered(claims, find)
    edits = zip(claims, assembly.places, ids, strict=True)
    for claim, place, claim_id in reversed(list(edits)):
        block = made[body + place.marker : body + place.end]
        made[body + place.marker : body + place.end] = _block(claim, place, claim_id, block, find)
    return made


def _renumbered(claims: Sequence[Claim], find: Find) -> list[str]:
    """Ids that are valid and different, the first of each kept."""
    free = next_ids(claims)
    used: set[str] = set()
    ids = []
    for claim in claims:
        claim_id = claim.claim_id
        if claim_id in used or not CLAIM_ID.fullmatch(claim_id):
            claim_id = next(free)
            if not CLAIM_ID.fullmatch(claim_id):
                # There are more claims than valid ids.
                ids.append(claim.claim_id)
                continue
            message = f"{claim.claim_id[:40]} is now {claim_id}"
            find(Finding("CLAIM_RENUMBERED", "fixed", claim.line, 1, message))
        used.add(claim_id)
        ids.append(claim_id)
    return ids


def _block(
    claim: Claim, place: Place, claim_id: str, block: Sequence[str], find: Find
) -> list[str]:
    """The lines of one claim."""
    made = [_dedented(text, place.indent) for text in block]
    fences = _fenced(made)
    for index in range(1, len(made)):
        if index in fences:
            continue
        plainer = _REFERENCE.sub(r"[\1]", made[index])
        if plainer != made[index]:
            line = claim.line + index
            message = f"claim {claim_id}: a reference in bold would end the claim for other readers"
            find(Finding("REFERENCE_UNBOLDED", "fixed", line, 1, message))
            made[index] = plainer
    edits = _field_edits(claim, place, made, find)
    for start, stop, lines in sorted(edits, key=lambda edit: edit[0], reverse=True):
        made[start:stop] = lines
    marker = f"**[{claim_id}]** {claim.section}".rstrip()
    if marker != block[0].rstrip():
        message = f"claim {claim_id}: its marker is written `{marker[:60]}`"
        find(Finding("MARKER_NORMALIZED", "fixed", claim.line, 1, message))
    given = marker_of(plain(block[0]).strip())
    title = section_and_title(given.rest)[1] if given else ""
    if title and title == claim.extra.get("Title"):
        made += field_lines("Title", title)
    return [marker, *made[1:]]


def _fenced(block: Sequence[str]) -> set[int]:
    lines = read_lines(block)
    inside: set[int] = set()
    for index, line in enumerate(lines):
        if line.closes is not None and index not in inside:
            inside |= set(range(index, line.closes + 1))
    return inside


def _dedented(text: str, indent: int) -> str:
    content = text.lstrip(" \t")
    lead = text[: len(text) - len(content)].replace("\t", "    ") if indent else ""
    return lead[indent:] + content if indent else text


def _field_edits(
    claim: Claim, place: Place, made: Sequence[str], find: Find
) -> list[tuple[int, int, list[str]]]:
    edits: list[tuple[int, int, list[str]]] = []
    for name, absolute in place.fields.items():
        index, stop = absolute - place.marker, place.after(absolute) - place.marker
        label = label_of(plain(made[index]).strip())
        if label is None:
            continue
        value = made[index].strip()[label.start :].strip()
        if name == "section":
            if slug(value) == slug(claim.section) and stop == index + 1:
                edits.append((index, stop, []))
            continue
        if name in ("confidence", "evidence"):
            edits += _level_edit(claim, name, value, index, stop, made)
            if edits and edits[-1][0] == index:
                message = f"claim {claim.claim_id}: {name} is written as the format has it"
                find(Finding("ENUM_NORMALIZED", "fixed", claim.line_of(name), 1, message))
            continue
        line = f"- **{FIELD_LABELS[name]}:** {value}".rstrip()
        if line != made[index].rstrip():
            message = (
                f"claim {claim.claim_id}: {label.text!r} is written `- **{FIELD_LABELS[name]}:**`"
            )
            find(Finding("LABEL_NORMALIZED", "fixed", claim.line_of(name), 1, message))
            edits.append((index, index + 1, [line]))
    return edits


def _level_edit(
    claim: Claim, name: str, value: str, index: int, stop: int, made: Sequence[str]
) -> list[tuple[int, int, list[str]]]:
    """Edits of a field that holds a level; what is said behind it gets a field of its own."""
    whole = "\n".join([value, *made[index + 1 : stop]]).strip()
    read = (confidence_of if name == "confidence" else evidence_of)(whole)
    if name == "confidence" and not read and not claim.confidence:
        name, read = "evidence", evidence_of(whole)
    label = FIELD_LABELS[name]
    if not read or read[0] == whole:
        line = f"- **{label}:** {value}".rstrip()
        return [(index, index + 1, [line])] if made[index].rstrip() != line else []
    note = field_lines(f"{label} note", read[1]) if read[1] else []
    return [(index, stop, [f"- **{label}:** {read[0]}", *note])]
