"""Records and briefings as text for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Final

from lessonbase.records import (
    Briefing,
    CoordinationPattern,
    Event,
    FailureMode,
    Heuristic,
    Hit,
    Lesson,
    Observation,
    Record,
    SearchResults,
    SoulEntry,
    Verdict,
)

# Characters of another record's title.
_TITLE_LIMIT: Final = 80
# Own fields of each kind, in the order a reader wants them, with the label they are shown under.
_FIELDS: Final[dict[type[Record], tuple[tuple[str, str], ...]]] = {
    Lesson: (("situation", "When"), ("advice", "Do"), ("avoid", "Avoid"), ("rationale", "Why")),
    FailureMode: (
        ("symptom", "Symptom"),
        ("cause", "Cause"),
        ("recovery", "Recovery"),
        ("prevention", "Prevention"),
        ("impact", "Impact"),
        ("detection", "Detection"),
        ("checks", "Checks"),
        ("resolved_by", "Resolved by"),
    ),
    SoulEntry: (("agent", "Agent"), ("aspect", "Aspect"), ("statement", "Statement")),
    CoordinationPattern: (
        ("rule", "Rule"),
        ("why", "Why"),
        ("failure_mode", "Without it"),
        ("roles", "Roles"),
    ),
    Heuristic: (("rule", "Rule"), ("why", "Why"), ("limits", "Limits")),
    Observation: (("expected", "Expected"), ("observed", "Observed"), ("conditions", "When")),
}


def body_lines(record: Record) -> list[str]:
    """The record's own fields, one labelled line each, empty ones left out."""
    return [f"{label}: {text}" for label, text in own_fields(record).values() if text]


def own_fields(record: Record) -> dict[str, tuple[str, str]]:
    """The record's own fields: name → label and text, on one line."""
    fields = {}
    for name, label in _FIELDS.get(type(record), (("text", "Text"),)):
        value = getattr(record, name)
        text = "; ".join(value) if isinstance(value, tuple) else str(value)
        fields[name] = label, one_line(text)
    return fields


def main_text(record: Record) -> str:
    """What the record says to do, or says at all, in one of its fields."""
    match record:
        case SoulEntry():
            return record.statement
        case CoordinationPattern() | Heuristic():
            return record.rule
        case Lesson():
            return record.advice
        case FailureMode():
            return record.prevention or record.recovery or record.symptom
        case Observation():
            return record.observed
        case _:
            return record.title


def titles_of(hits: Sequence[Hit]) -> dict[str, str]:
    """Id → title of each hit's record."""
    return {hit.record.id: hit.record.title for hit in hits}


def contradictions(hit: Hit, titles: Mapping[str, str]) -> list[str]:
    """The line that names the records that say the contrary; none, if there are none.

    Args:
        hit: The hit.
        titles: Of the hits that are shown with it, by id.
    """
    others = (
        f"{other} ({one_line(titles[other])[:_TITLE_LIMIT]})" if other in titles else other
        for other in hit.contradicts
    )
    return [f"Contradicts: {'; '.join(others)}"] if hit.contradicts else []


def also_said_by(hit: Hit) -> str:
    """How many other records the hit stands for; empty if none."""
    count = len(hit.folded)
    return f"also said by {count} other{'s' * (count > 1)}" if count else ""


def record_text(record: Record) -> str:
    """A record for a terminal, with all that is known of it."""
    source = record.provenance
    facts = {
        "Kind": record.kind,
        "Id": record.id,
        "Status": f"{record.status} (version {record.version})",
        "Confidence": f"{record.confidence}, {record.evidence}",
        "Severity": record.severity or "",
        "Visibility": record.visibility,
        "Tags": ", ".join(record.tags),
        "Services": ", ".join(record.services),
        "Source": ", ".join(
            part for part in (source.title, source.author or source.agent or "", source.url) if part
        ),
        "Supersedes": ", ".join(record.supersedes),
        "Recorded": f"{record.created_at:%Y-%m-%d}",
        "Changed": f"{record.updated_at:%Y-%m-%d}",
    }
    if record.valid_until:
        facts["Valid until"] = f"{record.valid_until:%Y-%m-%d}"
    lines = [one_line(record.title), "", *body_lines(record), ""]
    lines += [f"{name}: {one_line(value)}" for name, value in facts.items() if value]
    return "\n".join(lines)


def briefing_text(briefing: Briefing, *, explain: bool = False) -> str:
    """A briefing for a terminal."""
    head = f"{briefing.verdict}: {briefing.reason.text}"
    parts = [head + (" (degraded: an index is being refilled)" if briefing.degraded else "")]
    parts += _hit_texts(briefing.hits, explain)
    if briefing.reason.nearest and briefing.verdict is Verdict.NOTHING_RELEVANT:
        parts.append(f"nearest: {briefing.reason.nearest.id}")
    return "\n\n".join(parts)


def results_text(results: SearchResults, *, explain: bool = False) -> str:
    """Search results for a terminal."""
    if not results.results:
        return "no records match"
    return "\n\n".join(_hit_texts(results.results, explain))


def records_text(records: Sequence[Record]) -> str:
    """Records, one line each: id, kind, status, title."""
    width = max((len(record.id) for record in records), default=0)
    return "\n".join(
        f"{record.id:<{width}}  {record.kind:<20}  {record.status:<11}  {one_line(record.title)}"
        for record in records
    )


def history_text(events: Sequence[Event]) -> str:
    """Events, one line each: number, time, who, what, and which fields changed."""
    return "\n".join(
        f"{event.seq:>6}  {event.at:%Y-%m-%d %H:%M:%S}  {event.actor:<16}  {event.action}"
        f"{_changed(event)}"
        for event in events
    )


def one_line(text: str) -> str:
    """*text* without line ends of any kind or control characters."""
    text = " ".join(text.split())
    if text.isprintable():  # all but always
        return text
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _hit_texts(hits: Sequence[Hit], explain: bool) -> list[str]:
    titles = titles_of(hits)
    return [_hit_text(number, hit, titles, explain) for number, hit in enumerate(hits, 1)]


def _hit_text(number: int, hit: Hit, titles: Mapping[str, str], explain: bool) -> str:
    record = hit.record
    facts = (record.kind, f"{hit.relevance:.2f}", record.id, also_said_by(hit))
    lines = [
        f"{number}. {one_line(record.title)}",
        f"   {' · '.join(filter(None, facts))}",
        *(f"   {line}" for line in (*body_lines(record), *contradictions(hit, titles))),
    ]
    if record.provenance.title or record.provenance.url:
        source = (record.provenance.title, record.provenance.url)
        lines.append(f"   Source: {one_line(', '.join(part for part in source if part))}")
    if explain:
        lines += [f"   {line}" for line in explanation(hit)]
    return "\n".join(lines)


def explanation(hit: Hit) -> list[str]:
    """Why a hit stands where it does, line by line; what signals add makes up the score."""
    lines = []
    for signal in hit.signals:
        note = f": {signal.note}" if signal.note else ""
        without = f"; without it, place {signal.without}" if signal.without else ""
        lines.append(f"{signal.delta:+.4f}  {signal.name} ({signal.value:g}){note}{without}")
    behind = "" if hit.behind is None else f", {hit.behind:.4f} behind the hit above"
    lines.append(f"{hit.score:+.4f}  score{behind}")
    if ranks := ranks_text(hit):
        lines.append(f"place in each list: {ranks}")
    lines.append(f"words of the question in it: {', '.join(hit.words) or 'none'}")
    lines.append(f"part that fits best: {one_line(hit.window)}")
    return lines


def ranks_text(hit: Hit) -> str:
    """Where a hit stood in each list that has it: ``meaning 3, words 1``."""
    return ", ".join(f"{name} {rank}" for name, rank in hit.ranks if rank is not None)


def _changed(event: Event) -> str:
    if event.before and event.after:
        before, after = event.before.model_dump(), event.after.model_dump()
        names = [
            name
            for name in after
            if after[name] != before.get(name) and name not in {"updated_at", "version"}
        ]
        return f": {', '.join(names)}" if names else ""
    details = ", ".join(
        f"{name} {value}" for name, value in event.detail.items() if value is not None
    )
    return f", {one_line(details)}" if details else ""
