"""What is wrong with a document, by the codes of the format's validator, and by some of ours.

Ours: statistics that differ from the body, which the format's validator never compares; and HIGH
confidence on SPECULATION, which the format forbids and does not enforce.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from lessonbase.formats.oos.model import Claim, Document, Finding, Level
from lessonbase.formats.oos.stats import counts
from lessonbase.formats.oos.vocabulary import (
    CLAIM_LIMITS,
    FIELD_LABELS,
    PLAIN_CONFIDENCES,
    PLAIN_EVIDENCES,
    PROSE_SECTIONS,
    slug,
)
from lessonbase.records import Confidence, Evidence

# Limits of schema v1.1: words of the body, claims; and the claims that the network expects.
LEAST_WORDS: Final = 500
MOST_WORDS: Final = 15_000
LEAST_CLAIMS: Final = 3
USUAL_CLAIMS: Final = 10
ORG_SIZES: Final = ("solo", "small", "medium", "large", "enterprise")
TEMPLATES: Final = ("agent_army", "value_chain", "org_chart")
CLAIM_ID: Final = re.compile(r"C[0-9]{1,4}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIFFERS: Final = {
    "word_count": "WORD_COUNT_DIFFERS",
    "claim_count": "CLAIM_COUNT_DIFFERS",
    "confidence_distribution": "CONFIDENCE_DISTRIBUTION_DIFFERS",
    "evidence_distribution": "EVIDENCE_DISTRIBUTION_DIFFERS",
}


def check(document: Document, findings: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """Everything that is wrong with the document, *findings* of its reading included.

    Returns:
        In the order of the lines. The file is valid if none is an error.
    """
    found = [
        *findings,
        *_front(document),
        *_statistics(document),
        *_size(document),
        *_sections(document),
        *(finding for claim in document.claims for finding in check_claim(claim)),
        *_duplicates(document.claims),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.column)))


def check_claim(claim: Claim) -> Iterator[Finding]:
    """What is wrong with a claim by itself."""
    name = f"claim {claim.claim_id}"
    if not CLAIM_ID.fullmatch(claim.claim_id):
        message = f"{name[:60]}: an id is C and up to four digits"
        yield Finding("CLAIM_INVALID", "error", claim.line, 1, message, "renumber it")
    if not claim.section:
        message = f"{name} has no section"
        yield Finding("CLAIM_MISSING_SECTION", "error", claim.line, 1, message)
    for field, label in FIELD_LABELS.items():
        if not getattr(claim, field):
            code = f"CLAIM_MISSING_{field.upper()}"
            message = f"{name} has no {label.lower()}"
            line = claim.line_of(field)
            yield Finding(code, "error", line, 1, message, f"add `- **{label}:** ...`")
    for field, names in (("confidence", PLAIN_CONFIDENCES), ("evidence", PLAIN_EVIDENCES)):
        value = getattr(claim, field)
        if value not in names:
            known = ", ".join(sorted(names - {""}))
            message = f"{name}: {field} {value[:40]!r} is not one of {known}"
            yield Finding("CLAIM_INVALID", "error", claim.line_of(field), 1, message)
    if (claim.confidence, claim.evidence) == (Confidence.HIGH, Evidence.SPECULATION):
        message = f"{name} is HIGH on SPECULATION"
        hint = "lower the confidence, or name better evidence"
        line = claim.line_of("confidence")
        yield Finding("HIGH_WITH_SPECULATION", "warning", line, 1, message, hint)


def differing_counts(document: Document) -> dict[str, JsonValue]:
    """Key of the front matter → the figure of the body, where another one is stated."""
    differing = {}
    for key, value in counts(document).items():
        stated = document.front.get(key)
        if isinstance(value, dict) and isinstance(stated, dict):
            kept = {name: number for name, number in stated.items() if number != 0}
            if kept == {name: number for name, number in value.items() if number}:
                continue
        if stated != value or isinstance(stated, bool):
            differing[key] = value
    return differing


def _front(document: Document) -> Iterator[Finding]:
    if not document.front:
        hint = "start the file with `---`, the organisation's keys, and `---`"
        yield Finding("MISSING_FRONTMATTER", "error", 1, 1, "there is no front matter", hint)
        return
    for key, wrong in front_errors(document.front):
        line = document.front_lines.get(key, 1)
        yield Finding("FRONTMATTER_INVALID", "error", line, 1, f"{key} {wrong}")


def front_errors(front: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Key of the front matter → what is wrong with it, for the keys that the schema names.

    Sizes and distributions are left to the checks against the body.
    """
    for key in ("org_pseudonym", "industry"):
        if wrong := _text(front, key):
            yield key, wrong
    if wrong := _text(front, "oos_version") or (
        "" if re.fullmatch(r"[0-9]+\.[0-9]+", str(front["oos_version"])) else "is not like 1.1"
    ):
        yield "oos_version", wrong
    for key, known in (("org_size", ORG_SIZES), ("template", TEMPLATES)):
        if (wrong := _text(front, key)) or front[key] not in known:
            yield key, wrong or f"is not one of {', '.join(known)}"
    for key in ("agent_count", "version"):
        if key not in front or not _positive(front[key]):
            yield key, "is missing" if key not in front else "is not a whole number from 1"
    yield from _other_errors(front)


def _other_errors(front: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    if "parent_version" not in front:
        yield "parent_version", "is missing; null says that there is none"
    elif front["parent_version"] is not None and not _positive(front["parent_version"]):
        yield "parent_version", "is neither null nor a whole number from 1"
    for key in ("platforms", "mcp_servers"):
        value = front.get(key)
        listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if key == "platforms" and not value:
            yield key, "is missing or empty"
        elif key in front and not listed:
            yield key, "is no list of names"
    if wrong := _text(front, "generated_at"):
        yield "generated_at", wrong
    elif not is_moment(front["generated_at"]):
        yield "generated_at", "is no date and time"
    for key in _DIFFERS:
        if key not in front:
            yield key, "is missing"
    if "org_id" in front and not _UUID.fullmatch(str(front["org_id"])):
        yield "org_id", "is no UUID"


def is_moment(value: JsonValue) -> bool:
    """Whether it is a date and a time of day, as ISO 8601 has them."""
    if not isinstance(value, str) or not re.search(r"[0-9][T ][0-9]", value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _text(front: Mapping[str, JsonValue], key: str) -> str:
    if key not in front:
        return "is missing"
    value = front[key]
    return "" if isinstance(value, str) and value.strip() else "is no text, or is empty"


def _positive(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _statistics(document: Document) -> Iterator[Finding]:
    for key, value in differing_counts(document).items():
        if key not in document.front:
            continue
        message = f"{key} says {_shown(document.front[key])}, the body has {_shown(value)}"
        line = document.front_lines.get(key, 1)
        yield Finding(_DIFFERS[key], "warning", line, 1, message, "`oos repair` counts anew")


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())[:120]
    return str(value)[:40]


def _size(document: Document) -> Iterator[Finding]:
    counted = counts(document)
    words, claims = counted["word_count"], len(document.claims)
    line = document.front_lines.get("word_count", 1)
    if isinstance(words, int) and words < LEAST_WORDS:
        message = f"{words} words are fewer than {LEAST_WORDS}"
        yield Finding("WORD_COUNT_BELOW_MINIMUM", "error", line, 1, message)
    if isinstance(words, int) and words > MOST_WORDS:
        message = f"{words:,} words are more than {MOST_WORDS:,}"
        yield Finding("WORD_COUNT_ABOVE_MAXIMUM", "error", line, 1, message)
    line = document.front_lines.get("claim_count", 1)
    if claims < LEAST_CLAIMS:
        message = f"{claims} claims are fewer than {LEAST_CLAIMS}"
        yield Finding("CLAIM_COUNT_BELOW_MINIMUM", "error", line, 1, message)
    elif claims < USUAL_CLAIMS:
        message = f"{claims} claims are fewer than the {USUAL_CLAIMS} of most files"
        yield Finding("CLAIM_COUNT_BELOW_NETWORK_NORM", "warning", line, 1, message)


def _sections(document: Document) -> Iterator[Finding]:
    held = Counter(claim.section for claim in document.claims)
    for section, limit in CLAIM_LIMITS.items():
        if held[section] > limit:
            claims = [claim for claim in document.claims if claim.section == section]
            message = f"{section} has {held[section]} claims, more than {limit}"
            line = claims[limit].line
            yield Finding("SECTION_CLAIM_LIMIT_EXCEEDED", "error", line, 1, message)
    for claim in document.claims:
        if claim.section in PROSE_SECTIONS:
            message = f"claim {claim.claim_id} is in {claim.section}, which holds prose only"
            yield Finding("CLAIMS_IN_PROSE_SECTION", "error", claim.line, 1, message)
    for prose in document.prose:
        section = slug(prose.title)
        if section in CLAIM_LIMITS and not held[section]:
            message = f"{section} has a heading and no claims"
            yield Finding("EMPTY_CLAIM_SECTION", "warning", prose.line, 1, message)
    if not held["failure_patterns"]:
        message = "there are no failure patterns, from which others learn most"
        level: Level = "warning"
        yield Finding("NO_FAILURE_PATTERNS", level, 1, 1, message)


def _duplicates(claims: Sequence[Claim]) -> Iterator[Finding]:
    first: dict[str, Claim] = {}
    for claim in claims:
        if claim.claim_id in first:
            message = (
                f"{claim.claim_id[:40]} is also the claim in line {first[claim.claim_id].line}"
            )
            hint = "renumber one of them"
            yield Finding("DUPLICATE_CLAIM_IDS", "error", claim.line, 1, message, hint)
        first.setdefault(claim.claim_id, claim)
