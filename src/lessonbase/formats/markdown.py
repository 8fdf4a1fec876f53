"""Records as a Markdown page, for people to read. There is no way back from it."""

from collections.abc import Iterable, Iterator

from lessonbase.records import Kind, Record
from lessonbase.render import one_line, own_fields

_HEADINGS = {
    Kind.LESSON: "Lessons",
    Kind.FAILURE_MODE: "Failure modes",
    Kind.SOUL_ENTRY: "Soul entries",
    Kind.COORDINATION_PATTERN: "Coordination patterns",
    Kind.HEURISTIC: "Heuristics",
    Kind.OBSERVATION: "Observations",
}


def page_of(records: Iterable[Record]) -> str:
    """One page: a chapter for each kind, a section for each record, its source at the end."""
    chapters: dict[str, list[Record]] = {kind: [] for kind in _HEADINGS}
    for record in records:
        chapters[record.kind].append(record)
    lines = ["# Experience"]
    for kind, members in chapters.items():
        if members:
            lines += ["", f"## {_HEADINGS[Kind(kind)]}"]
            for record in members:
                lines += ["", *_section(record)]
    return "\n".join([*lines, ""])


def _section(record: Record) -> Iterator[str]:
    yield f"### {one_line(record.title)}"
    yield ""
    for label, text in own_fields(record).values():
        if text:
            yield f"- **{label}:** {one_line(text)}"
    facts = [f"confidence {record.confidence}", record.evidence]
    facts += [f"severity {record.severity}"] if record.severity else []
    facts += [f"tags: {', '.join(record.tags)}"] if record.tags else []
    yield f"- *{one_line('; '.join(facts))}*"
    source = record.provenance
    told = [source.title, source.author, source.url, source.licence]
    if any(told):
        yield f"- Source: {one_line(', '.join(filter(None, told)))}"
    yield f"- Id: `{record.id}`"
