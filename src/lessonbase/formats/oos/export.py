"""Records back into an OOS file: the file they came from where nothing changed, or a new one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import JsonValue

from lessonbase.formats.oos.canonical import as_json, markdown
from lessonbase.formats.oos.directives import Directive, with_directives
from lessonbase.formats.oos.kinds import HOMES, SECTIONS, first_sentence, labels_of
from lessonbase.formats.oos.model import Block, Claim, Document, next_ids
from lessonbase.formats.oos.parsing import parse
from lessonbase.formats.oos.records import (
    Origin,
    directive_record,
    identified,
    identified_directives,
    origin_of,
    record_of,
)
from lessonbase.formats.oos.vocabulary import FIELD_LABELS
from lessonbase.records import Confidence, Evidence, Record, SoulEntry

_Source = TypeVar("_Source")

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def write(records: Sequence[Record], *, kept: str | None, name: str) -> str:
    """The file that holds *records*.

    A claim can say what a record says: its texts, levels, title, tags, services and severity.
    Visibility, status, links and times are not part of the format.

    Args:
        records: Of any kind, in the order in which new ones are to stand.
        kept: The file as it was imported; none: there is none.
        name: The name it was imported under, from which the ids of its records were made.
    Returns:
        *kept* to the byte, if its claims say what the records say; else the file with the changes,
        written as the format has it: as JSON where *kept* is JSON, else as Markdown.
    """
    document = parse(kept)[0] if kept is not None else _new(records)
    changed = updated(document, records, name)
    if kept is not None and changed.blocks == document.blocks:
        return kept
    return as_json(changed) if document.form == "json" else markdown(changed)


def updated(document: Document, records: Sequence[Record], name: str) -> Document:
    """The document with its claims as *records* have them: changed, gone, and new ones."""
    given = {record.id: record for record in records}
    claims: dict[int, Block | None] = {}
    texts: dict[Directive, str | None] = {}
    used: set[str] = set()
    origin = origin_of(document, name, _EPOCH)
    for record_id, claim in identified(document, name):
        # A claim that could not be imported stays as it is.
        if before := _made(record_of, claim, record_id, origin):
            used.add(record_id)
            record = given.get(record_id)
            claims[id(claim)] = _changed(claim, before, record) if record else None
    for record_id, directive in identified_directives(document, name):
        if not _made(directive_record, directive, record_id, origin):
            continue
        used.add(record_id)
        text = _rule(given[record_id]) if record_id in given else None
        if text is None or " ".join(text.split()) != directive.text:
            texts[directive] = text
    fresh = [record for record in records if record.id not in used]
    new = [_rule(record) for record in fresh if _is_directive(record)]
    made = with_directives(document, texts, new) if texts or new else document
    after = [claims.get(id(block), block) for block in made.blocks]
    blocks = [block for block in after if block is not None]
    return made.with_blocks(_with_new(blocks, [r for r in fresh if not _is_directive(r)]))


def claim_from(record: Record, claim_id: str) -> Claim:
    """The claim that says what *record* says."""
    oos = _oos(record)
    section = oos.get("section")
    place = section if isinstance(section, str) else _section(record)
    texts = {name: str(getattr(record, home)) for name, home in HOMES[record.kind].items()}
    for name in ("why", "failure_mode", "scope"):
        value = oos.get(name)
        if isinstance(value, str) and (name not in texts or _is_filler(record, name, texts)):
            texts[name] = value
    levels = {"confidence": record.confidence.value, "evidence": record.evidence.value}
    taken = {"confidence": Confidence.MEDIUM.value, "evidence": Evidence.OBSERVED_ONCE.value}
    for name, level in taken.items():
        if isinstance(raw := oos.get(name), str) and levels[name] == level:
            levels[name] = raw
    fields = oos.get("fields")
    extra: dict[str, JsonValue] = dict(fields) if isinstance(fields, dict) else {}
    extra |= labels_of(record, place)
    values: dict[str, Any] = {name: texts.get(name, "") for name in FIELD_LABELS} | levels
    return Claim(claim_id, place, **values, extra=extra)


def _is_filler(record: Record, name: str, texts: Mapping[str, str]) -> bool:
    """Whether a text was put in the place of one that the claim lacks."""
    rule = texts.get("rule", "")
    return texts[name] == (rule if record.kind == "failure_mode" else first_sentence(rule))


def _changed(claim: Claim, before: Record, after: Record) -> Claim:
    """The claim with what is different between its record as it was and as it is."""
    old, new = claim_from(before, claim.claim_id), claim_from(after, claim.claim_id)
    if old == new:
        return claim
    fields: dict[str, Any] = {
        name: getattr(new, name)
        for name in ("section", *FIELD_LABELS)
        if getattr(new, name) != getattr(old, name)
    }
    extra = {
        key: value for key, value in claim.extra.items() if key in new.extra or key not in old.extra
    }
    extra |= {key: value for key, value in new.extra.items() if old.extra.get(key) != value}
    return replace(claim, **fields, extra=extra)


def _with_new(blocks: list[Block], records: Sequence[Record]) -> list[Block]:
    """Blocks with a claim for each record, after the last one of its section, or after all."""
    claims = [block for block in blocks if isinstance(block, Claim)]
    free = next_ids(claims)
    taken = {claim.claim_id for claim in claims}
    for record in records:
        wanted = _oos(record).get("claim_id")
        own = wanted if isinstance(wanted, str) and wanted and wanted not in taken else ""
        claim_id = own or next(number for number in free if number not in taken)
        taken.add(claim_id)
        claim = claim_from(record, claim_id)
        blocks.insert(_end_of(blocks, claim.section), claim)
    return blocks


def _end_of(blocks: Sequence[Block], section: str) -> int:
    of_section = [
        index
        for index, block in enumerate(blocks)
        if isinstance(block, Claim) and block.section == section
    ]
    of_any = [index for index, block in enumerate(blocks) if isinstance(block, Claim)]
    return max(of_section or of_any, default=len(blocks) - 1) + 1


def _made(
    maker: Callable[[_Source, str, Origin], Record], what: _Source, record_id: str, origin: Origin
) -> Record | None:
    try:
        return maker(what, record_id, origin)
    except ValueError:
        return None


def _new(records: Sequence[Record]) -> Document:
    """An empty document, with what the records know of their source."""
    front: dict[str, JsonValue] = {"oos_version": "1.1"}
    source = next((r.provenance for r in records if r.provenance.source == "oos"), None)
    if source and source.author:
        front["org_pseudonym"] = source.author
    if source and source.published:
        front["generated_at"] = f"{source.published.isoformat()}T00:00:00Z"
    if source and source.licence:
        front["licence"] = source.licence
    return Document(front | {"version": 1, "parent_version": None})


def _oos(record: Record) -> Mapping[str, JsonValue]:
    held = record.extra.get("oos")
    return held if isinstance(held, dict) else {}


def _is_directive(record: Record) -> bool:
    return "directive" in _oos(record) and record.kind == "coordination_pattern"


def _rule(record: Record) -> str:
    return str(getattr(record, HOMES[record.kind]["rule"]))


def _section(record: Record) -> str:
    if isinstance(record, SoulEntry) and record.aspect == "boundary":
        return "human_ai_boundary_conditions"
    return SECTIONS[record.kind]
