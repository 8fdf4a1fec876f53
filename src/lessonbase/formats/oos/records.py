"""Records out of an OOS file: each claim as the kind of record that its section calls for.

Every field of a claim survives: what has no home in the record is in ``extra["oos"]``, from which
`export` writes it back. The prime directives, a numbered list, are records too.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.oos.check import check_claim
from lessonbase.formats.oos.directives import Directive, directives
from lessonbase.formats.oos.kinds import fields_of, first_sentence, kind_of, labelled, own_kind
from lessonbase.formats.oos.lines import marker_of, plain
from lessonbase.formats.oos.model import Claim, Document, Finding
from lessonbase.formats.oos.parsing import form_of, parse
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.records import (
    RECORD,
    Confidence,
    Evidence,
    Record,
    explain,
)

_SUFFIX: Final = re.compile(r"\.oos\.(md|markdown|json|ya?ml)$|\.(md|markdown|json|ya?ml)$", re.I)
_OOS_SUFFIX: Final = re.compile(r"\.oos\.(md|markdown|json|ya?ml)$", re.IGNORECASE)
# How far into a file its front matter is looked for, in characters.
_HEAD: Final = 4_000
_NAME_LIMIT: Final = 80
# Findings that say that something which should hold experience was not read.
_LOST: Final = frozenset(
    {"CLAIM_UNREADABLE", "FIELD_WITHOUT_CLAIM", "JSON_INVALID", "YAML_INVALID", "ENCODING"}
)
# What a claim without a level is taken to have; said in a note.
_CONFIDENCES: Final = frozenset(level.value for level in Confidence)
_EVIDENCES: Final = frozenset(sort.value for sort in Evidence)
_CONFIDENCE: Final = Confidence.MEDIUM
_EVIDENCE: Final = Evidence.OBSERVED_ONCE


@dataclass(frozen=True, slots=True)
class Origin:
    """What the records of one file have in common.

    Attributes:
        name: The file's name.
        author: The organisation.
        licence: If the front matter has one.
        published: Date of the file.
        moment: When its records were first recorded: the file's own time, or that of the import.
    """

    name: str
    author: str
    licence: str
    published: date | None
    moment: datetime

    @property
    def stem(self) -> str:
        """The file's name, without its suffix, as a part of an id."""
        stem = re.sub(r"[^a-z0-9]+", "-", _SUFFIX.sub("", self.name).lower()).strip("-")
        return stem[:_NAME_LIMIT].strip("-") or "file"


def matches(name: str, text: str) -> bool:
    r"""Whether a file is an OOS file, by its name or by what it holds.

    >>> matches("notes.md", "**[C001]** failure_patterns\n- **Rule:** Ask first.\n")
    True
    >>> matches("notes.md", "A page about claims, such as C001.")
    False
    """
    if _OOS_SUFFIX.search(name):
        return True
    if re.search(r'^["\s{]{0,8}oos_version"? {0,2}:', text[:_HEAD], re.MULTILINE):
        return True
    match form_of(text):
        case "json":
            return '"claim_id"' in text and '"claims"' in text
        case "yaml":
            return bool(re.search(r"^\s{2,8}- (claim|rule):", text, re.MULTILINE))
    return _has_claim(text)


def read(
    text: str,
    *,
    name: str,
    now: datetime,
    beside: Beside = alone,  # noqa: ARG001 - as every format has it
) -> Parsed:
    """Read an OOS file.

    Args:
        text: The file's text.
        name: Its name, from which ids are made: the same file gives the same ids again.
        now: Time of records whose file does not say when it was made.
        beside: Unused: the format names no other files.
    """
    document, findings = parse(text)
    records: list[Record] = []
    bad: list[BadLine] = []
    notes: list[BadLine] = []
    for finding in findings:
        (bad if finding.code in _LOST else notes).append(_line(finding))
    origin = origin_of(document, name, now)
    for record_id, claim in identified(document, name):
        notes += _claim_notes(claim)
        try:
            records.append(record_of(claim, record_id, origin))
        except ValidationError as error:
            bad.append(BadLine(claim.line, f"claim {claim.claim_id[:40]}: {explain(error)}"))
    for record_id, directive in identified_directives(document, name):
        try:
            records.append(directive_record(directive, record_id, origin))
        except ValidationError as error:
            bad.append(BadLine(directive.line, f"directive {directive.number}: {explain(error)}"))
    notes += _repeated(document)
    if not document.claims and not bad:
        notes.append(BadLine(1, "there are no claims in the file"))
    in_order = sorted(records, key=lambda record: record.provenance.line or 0)
    return Parsed(tuple(in_order), _sorted(bad), _sorted(notes))


def identified(document: Document, name: str) -> Iterator[tuple[str, Claim]]:
    """Each claim with the id of its record; a claim id that is there twice gets a number."""
    stem = Origin(name, "", "", None, datetime.min).stem
    seen: Counter[str] = Counter()
    for claim in document.claims:
        own = re.sub(r"[^A-Za-z0-9._-]+", "-", claim.claim_id)[:30].strip("-") or "C"
        seen[own] += 1
        yield f"oos-{stem}-{own}" + (f"-{seen[own]}" if seen[own] > 1 else ""), claim


def identified_directives(document: Document, name: str) -> Iterator[tuple[str, Directive]]:
    """Each prime directive with the id of its record."""
    stem = Origin(name, "", "", None, datetime.min).stem
    seen: Counter[int] = Counter()
    for directive in directives(document):
        seen[directive.number] += 1
        times = seen[directive.number]
        yield f"oos-{stem}-D{directive.number}" + (f"-{times}" if times > 1 else ""), directive


def origin_of(document: Document, name: str, now: datetime) -> Origin:
    """What the front matter says of the file."""
    front = document.front
    made = _moment(front.get("generated_at"))
    author = front.get("org_pseudonym")
    licence = next((front[key] for key in ("licence", "license") if key in front), "")
    return Origin(
        name,
        author[:1_000] if isinstance(author, str) else "",
        licence[:1_000] if isinstance(licence, str) else "",
        made.date() if made else None,
        made or now,
    )


def record_of(claim: Claim, record_id: str, origin: Origin) -> Record:
    """The record of a claim.

    Raises:
        ValidationError: If the claim lacks what its kind of record needs, or is too long.
    """
    kind = own_kind(claim) or kind_of(claim.section)
    own, kept = fields_of(claim, kind)
    labels, rest = labelled(claim, kind)
    oos: dict[str, JsonValue] = {"claim_id": claim.claim_id, "section": claim.section, **kept}
    levels: dict[str, str] = {}
    for name, known, taken in (
        ("confidence", _CONFIDENCES, _CONFIDENCE),
        ("evidence", _EVIDENCES, _EVIDENCE),
    ):
        level = getattr(claim, name)
        levels[name] = level if level in known else taken
        if level not in known:
            oos[name] = level
    if rest:
        oos["fields"] = rest
    tags = ("oos", claim.section[:100], *_boundary(claim), *labels.pop("tags", ()))
    fields = _common(record_id, origin, claim.line) | own | labels | levels
    return RECORD.validate_python({**fields, "kind": kind, "tags": tags, "extra": {"oos": oos}})


def directive_record(directive: Directive, record_id: str, origin: Origin) -> Record:
    """The record of a prime directive: a rule for all, and no more.

    Raises:
        ValidationError: If it is too long.
    """
    return RECORD.validate_python(
        {
            "kind": "coordination_pattern",
            **_common(record_id, origin, directive.line),
            "tags": ("oos", "prime_directive"),
            "title": first_sentence(directive.text),
            "rule": directive.text,
            "evidence": Evidence.HUMAN_DEFINED_RULE,
            "extra": {"oos": {"section": "prime_directives", "directive": directive.number}},
        }
    )


def _common(record_id: str, origin: Origin, line: int) -> dict[str, Any]:
    return {
        "id": record_id,
        "provenance": {
            "source": "oos",
            "title": origin.author,
            "author": origin.author,
            "file": origin.name,
            "line": line,
            "published": origin.published,
            "licence": origin.licence,
        },
        "created_at": origin.moment,
        "updated_at": origin.moment,
    }


def _boundary(claim: Claim) -> tuple[str, ...]:
    return ("boundary",) if claim.section == "human_ai_boundary_conditions" else ()


def _moment(value: JsonValue) -> datetime | None:
    """A time of the front matter, in UTC; none if it is no time."""
    if not isinstance(value, str):
        return None
    try:
        made = datetime.fromisoformat(value.strip())
        return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _claim_notes(claim: Claim) -> list[BadLine]:
    """What is wrong with a claim by itself, and what was taken in place of its levels."""
    notes = [_line(finding) for finding in check_claim(claim)]
    if claim.confidence not in _CONFIDENCES:
        notes.append(BadLine(claim.line, f"claim {claim.claim_id[:40]}: taken as {_CONFIDENCE}"))
    if claim.evidence not in _EVIDENCES:
        notes.append(BadLine(claim.line, f"claim {claim.claim_id[:40]}: taken as {_EVIDENCE}"))
    return notes


def _repeated(document: Document) -> list[BadLine]:
    seen: set[str] = set()
    notes = []
    for claim in document.claims:
        if claim.claim_id in seen:
            notes.append(BadLine(claim.line, f"claim id {claim.claim_id[:40]} was used before"))
        seen.add(claim.claim_id)
    return notes


def _line(finding: Finding) -> BadLine:
    return BadLine(finding.line, f"{finding.code}: {finding.message}")


def _sorted(lines: list[BadLine]) -> tuple[BadLine, ...]:
    return tuple(sorted(lines, key=lambda bad: bad.line))


def _has_claim(text: str) -> bool:
    """Whether a marker as the format has it stands before a field."""
    marked = False
    for line in text.split("\n"):
        content = plain(line).strip()
        if marked and re.match(r"[-*] {1,4}(\*\*)?[A-Z][a-z ]{1,20}(:|\*\*)", content):
            return True
        marker = marker_of(content) if "[" in content else None
        if content:
            marked = bool(marker and marker.strict and marker.numbered)
    return False
