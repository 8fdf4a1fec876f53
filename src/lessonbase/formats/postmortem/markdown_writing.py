"""Failure modes, and what was learned from them, as post-mortems in Markdown.

The canonical template: data of the report as a list of labels, then a section for each field. What
it writes is read back as it was; a line of a text that would be taken for a heading or a label is
guarded by a backslash.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lessonbase.errors import InvalidInput
from lessonbase.formats.postmortem.headings import META
from lessonbase.formats.postmortem.markdown import KINDS, shown
from lessonbase.formats.postmortem.parts import guarded
from lessonbase.formats.postmortem.phrases import severity
from lessonbase.records import Evidence, FailureMode, Lesson, Observation, Record, Relation

_SECTIONS: Final = (
    ("symptom", "Summary"),
    ("impact", "Impact"),
    ("cause", "Root cause"),
    ("detection", "Detection"),
    ("recovery", "Resolution"),
)
_FLAVOURS: Final = (
    ("well", "What went well"),
    ("wrong", "What went wrong"),
    ("lucky", "Where we got lucky"),
)
# How names of report data are shown; a name of `META` that is not here is shown as it is.
_SHOWN: Final = {
    "commander": "Incident commander",
    "resolver": "Resolved by",
    "ended": "End time",
    "company": "Company",
}


def write(records: Sequence[Record]) -> str:
    """*records* as Markdown: a post-mortem for each failure mode, with what was learned from it.

    Lessons and observations go to the failure mode that they are derived from; without one, to
    the first.

    Raises:
        InvalidInput: If there is a record of another kind, or no failure mode for the others.
    """
    failures = [record for record in records if isinstance(record, FailureMode)]
    learned: dict[str, list[Lesson | Observation]] = {failure.id: [] for failure in failures}
    for record in records:
        if isinstance(record, FailureMode):
            continue
        if not isinstance(record, (Lesson, Observation)) or not failures:
            raise InvalidInput(
                f"{record.id}: a post-mortem holds a failure mode and what was learned from it, "
                f"not a {record.kind} alone",
                hint="export it as JSON lines, or as an OOS document",
            )
        learned[_origin(record, failures)].append(record)
    made = "\n".join("\n".join(_report(failure, learned[failure.id])) for failure in failures)
    return _front(failures) + made


def _front(failures: Sequence[FailureMode]) -> str:
    """Front matter that no label has a place for; it is that of the file."""
    import yaml  # here, as in located.py

    for failure in failures:
        kept = failure.extra.get("postmortem")
        front = kept.get("front") if isinstance(kept, dict) else None
        if front and isinstance(front, dict):
            return f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n"
    return ""


def _origin(record: Record, failures: Sequence[FailureMode]) -> str:
    targets = {link.target for link in record.links if link.relation is Relation.DERIVED_FROM}
    ids = [failure.id for failure in failures]
    # Links are kept by the base, not in a file; the id of what was learned begins with its origin.
    prefixed = sorted((one for one in ids if record.id.startswith(f"{one[:100]}-")), key=len)
    return next((one for one in ids if one in targets), prefixed[-1] if prefixed else ids[0])


def _report(failure: FailureMode, learned: Sequence[Lesson | Observation]) -> Iterator[str]:
    kept = failure.extra.get("postmortem")
    extra: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    title = extra.get("title") if isinstance(extra.get("title"), str) else failure.title
    yield f"# Post-mortem: {' '.join(str(title).split())}"
    yield ""
    for name, value in _data(failure, extra):
        if value:
            yield f"- **{name}:** {' '.join(value.split())}"
    yield ""
    for field, heading in _SECTIONS:
        yield from _section(heading, str(getattr(failure, field)))
    yield from _section("Investigation", _listed(failure.checks))
    yield from _section("Action items", failure.prevention)
    yield from _section("Timeline", _timeline(extra))
    yield from _lessons(learned)
    yield from _homeless(extra)


def _data(failure: FailureMode, extra: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The report's data: name and value."""
    held = extra.get("meta")
    meta = {key: str(value) for key, value in held.items()} if isinstance(held, dict) else {}
    given = meta.pop("severity", "")
    date = meta.pop("date", "")
    meta.pop("resolver", None)
    yield "Id", failure.id
    yield "Date", date or shown(failure.occurred_at)
    if failure.severity or given:
        level = failure.severity.value if failure.severity else ""
        yield "Severity", given if severity(given) == failure.severity else level
    yield "Services", ", ".join(failure.services)
    yield "Tags", ", ".join(failure.tags)
    # Left open rather than left out, where a reader would take the author for it.
    yield "Resolved by", failure.resolved_by or ("unknown" if failure.provenance.author else "")
    author = failure.provenance.author
    yield "Authors", author if author != meta.get("company") else ""
    yield "Link", failure.provenance.url
    yield (
        "Published",
        failure.provenance.published.isoformat() if failure.provenance.published else "",
    )
    yield "Confidence", failure.confidence.value
    if failure.evidence is not Evidence.OBSERVED_ONCE:
        yield "Evidence", failure.evidence.value
    for key, value in meta.items():
        yield _SHOWN.get(key, key.capitalize() if key in META else key), value


def _section(heading: str, text: str) -> Iterator[str]:
    if text:
        yield f"## {heading}"
        yield ""
        yield guarded(text)
        yield ""


def _listed(texts: Sequence[str]) -> str:
    return "\n".join(f"- {_indented(text)}" for text in texts)


def _indented(text: str) -> str:
    return "\n".join(
        f"  {line}" if number and line else line for number, line in enumerate(text.split("\n"))
    )


def _timeline(extra: Mapping[str, Any]) -> str:
    events = extra.get("timeline")
    if not isinstance(events, list):
        return ""
    pairs = [
        (event.get("at", ""), event.get("event", "")) for event in events if isinstance(event, dict)
    ]
    return "\n".join(f"- {at}: {what}" if at and what else f"- {at or what}" for at, what in pairs)


def _lessons(learned: Sequence[Lesson | Observation]) -> Iterator[str]:
    if not learned:
        return
    yield "## Lessons learned"
    yield ""
    lessons = [record for record in learned if isinstance(record, Lesson)]
    if lessons:
        yield guarded(_listed([_advice(lesson) for lesson in lessons]))
        yield ""
    observations = [record for record in learned if isinstance(record, Observation)]
    for flavour, heading in _FLAVOURS:
        seen = [one.observed for one in observations if _flavour(one) == flavour]
        if seen:
            yield f"### {heading}"
            yield ""
            yield guarded(_listed(seen))
            yield ""


def _flavour(record: Observation) -> str:
    """Under which heading it goes; what is tagged as none of them, went wrong."""
    return next((key for key, tag in KINDS.items() if tag in record.tags), "wrong")


def _advice(lesson: Lesson) -> str:
    """The item of a lesson: its advice alone where the situation is that of the post-mortem."""
    if lesson.situation == lesson.provenance.title and not lesson.avoid and not lesson.rationale:
        return lesson.advice
    parts = (
        ("Situation", lesson.situation),
        ("Advice", lesson.advice),
        ("Avoid", lesson.avoid),
        ("Why", lesson.rationale),
    )
    return "\n- ".join(f"{name}: {_indented(text)}" for name, text in parts if text)


def _homeless(extra: Mapping[str, Any]) -> Iterator[str]:
    """Sections that no field has; the first is none of the section above it."""
    held = extra.get("sections")
    for number, section in enumerate(held if isinstance(held, list) else ()):
        if not isinstance(section, dict):
            continue
        level = section.get("level", 2)
        level = level if isinstance(level, int) and 1 <= level <= 6 and number else 2
        yield f"{'#' * level} {section.get('heading', '')}"
        yield ""
        text = str(section.get("text", ""))
        if text:
            yield guarded(text)
            yield ""
