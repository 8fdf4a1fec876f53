"""An incident's view for a terminal, and as Markdown for the channel: recovery first."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from lessonbase.records import (
    Check,
    Closed,
    Covered,
    FailureMode,
    Incident,
    Precedent,
    Record,
    Signature,
)
from lessonbase.render.records import contradictions, main_text, one_line, titles_of

# What a reader at three in the morning wants to know, in that order.
_FIELDS: Final = (
    ("recovery", "RECOVERY"),
    ("prevention", "Prevention"),
    ("cause", "Cause"),
    ("symptom", "Symptom"),
)
# A symptom is what the reader has before their eyes already.
_SYMPTOM_LIMIT: Final = 160
_MARKS: Final = ("codes", "exceptions", "signals", "statuses", "cves", "services", "versions")
_BARS: Final = "▁▂▃▄▅▆▇█"
_MONTHS: Final = 12
_DATES: Final = 4
# Marks that a precedent shares with the incident; the JSON has all.
_EXACT: Final = 8
# What Markdown, and the channels that read it, would take for more than text.
_SPECIAL: Final = re.compile(r"([\\`*_\[\]~|#])")


def incident_text(view: Incident) -> str:
    """The view for a terminal."""
    parts = [_head(view)]
    titles = titles_of([one.hit for one in view.precedents])
    for number, one in enumerate(view.precedents, 1):
        record = one.record
        lines = [f"{number}. {one_line(record.title)}{_draft(record)}", f"   {_facts(one)}"]
        lines += [f"   {label:<11} {text}" for label, text in _told(record)]
        lines += [f"   {label:<11} {text}" for label, text in _past(one, view.at)]
        lines += [f"   {line}" for line in contradictions(one.hit, titles)]
        parts.append("\n".join(lines))
    if view.checks:
        parts.append("\n".join(["What earlier responders checked:", *_checklist(view.checks)]))
    if view.lessons:
        lines = ["Other experience:"]
        lines += [f"  - {_lesson(hit.record)} [{hit.record.id}]" for hit in view.lessons]
        parts.append("\n".join(lines))
    parts.append("\n".join(_foot(view)))
    return "\n\n".join(parts)


def incident_markdown(view: Incident) -> str:
    """The view for a channel; no text of a record can be more than text in it."""
    lines = [f"**{_plain(_head(view))}**", ""]
    for one in view.precedents:
        record = one.record
        lines.append(f"### {_plain(record.title)}{_draft(record)}")
        lines.append(f"{_plain(_facts(one))}")
        lines.append("")
        for label, text in (*_told(record), *_past(one, view.at)):
            lines.append(f"- **{label.capitalize()}:** {_plain(text)}")
        lines.append("")
    if view.checks:
        lines.append("**What earlier responders checked**")
        lines.append("")
        lines += [
            f"- [{_box(check)}] {_plain(check.text)}"
            + (f" ({_plain(check.done)})" if check.done else "")
            for check in view.checks
        ]
        lines.append("")
    if view.lessons:
        lines += ["**Other experience**", ""]
        lines += [f"- {_plain(_lesson(hit.record))} ({hit.record.id})" for hit in view.lessons]
        lines.append("")
    lines.append(f"Incident {view.incident_id}, {view.begun:%Y-%m-%d %H:%M} UTC")
    if found := _found(view.signature):
        lines[-1] += f"; {_plain(found)}"
    return "\n".join(lines)


def closed_text(closed: Closed) -> str:
    """What became of an incident, for a terminal."""
    record = closed.record
    head = "draft" if record.version == 1 else "seen once more"
    kept = f"{record.status}" if closed.kept else "not kept"
    lines = [f"{head}: {one_line(record.title)} [{record.id}] ({kept})"]
    if closed.missing:
        lines.append(f"not known yet: {', '.join(closed.missing)}")
    if closed.kept:
        if closed.missing:
            lines.append(f'add it: lessonbase edit {record.id} {closed.missing[0]}="…"')
        if record.status == "proposed":
            lines.append(f"let it be recalled: lessonbase review accept {record.id}")
    return "\n".join(lines)


def _head(view: Incident) -> str:
    degraded = " (degraded: an index is being refilled)" if view.degraded else ""
    if not view.precedents:
        return f"new: {one_line(view.reason.text)}{degraded}"
    first = view.precedents[0]
    return f"{view.frequency}: {times_text(first.times)}{_last(first, view.at)}{degraded}"


def _draft(record: Record) -> str:
    return "" if record.status == "active" else f" ({record.status}, not reviewed)"


def _facts(one: Precedent) -> str:
    facts = [f"{one.hit.relevance:.2f}", one.record.id]
    facts += [str(one.record.severity)] if one.record.severity else []
    facts += [f"both have {', '.join(map(one_line, one.exact[:_EXACT]))}"] if one.exact else []
    return " · ".join(facts)


def _told(record: FailureMode) -> Iterator[tuple[str, str]]:
    if not record.recovery:
        yield "RECOVERY", "nobody wrote it down"
    for name, label in _FIELDS:
        text = one_line(getattr(record, name))
        if name == "symptom" and len(text) > _SYMPTOM_LIMIT:
            text = f"{text[:_SYMPTOM_LIMIT].rstrip()}…"
        if text:
            yield label, text


def _past(one: Precedent, now: datetime) -> Iterator[tuple[str, str]]:
    """Who ended it, and when it came."""
    record = one.record
    who = one_line(record.resolved_by or record.provenance.author or record.provenance.agent or "")
    if who:
        yield "Resolved by" if record.resolved_by else "Told by", who
    dates = [f"{moment:%Y-%m-%d}" for moment in one.seen]
    shown = f"{'… ' if len(dates) > _DATES else ''}{', '.join(dates[-_DATES:])}"
    if len(one.seen) > 1:
        shown += f"  {_spark(one.seen, now)} last {_MONTHS} months"
    yield "Came", f"{times_text(one.times)}{f': {shown}' if dates else ', at no known date'}"


def times_text(count: int) -> str:
    """How often something came, in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def by_month(seen: Sequence[datetime], now: datetime) -> list[int]:
    """How often it came in each of the last twelve months, that of *now* at the end."""
    counts = [0] * _MONTHS
    for moment in seen:
        ago = (now.year - moment.year) * 12 + now.month - moment.month
        if 0 <= ago < _MONTHS:
            counts[_MONTHS - 1 - ago] += 1
    return counts


def _last(one: Precedent, now: datetime) -> str:
    if not one.seen:
        return ""
    days = (now - one.seen[-1]).days
    return f", last {one.seen[-1]:%Y-%m-%d}" + (f" ({days} days ago)" if 0 <= days < 366 else "")


def _spark(seen: Sequence[datetime], now: datetime) -> str:
    """A bar for each of the last twelve months, this one at the end."""
    counts = by_month(seen, now)
    most = max(counts) or 1
    return "".join(_BARS[round(count / most * (len(_BARS) - 1))] for count in counts)


def _checklist(checks: Sequence[Check]) -> Iterator[str]:
    for check in checks:
        perhaps = "perhaps " if check.covered is Covered.PERHAPS else ""
        done = f"  ({perhaps}you: {one_line(check.done)})" if check.done else ""
        yield (f"  [{_box(check)}] {one_line(check.text)}{done}  [{', '.join(check.records)}]")


def _box(check: Check) -> str:
    return "x" if check.covered is Covered.YES else " "


def _lesson(record: Record) -> str:
    return f"{one_line(record.title)}: {one_line(main_text(record))}"


def _found(signature: Signature) -> str:
    """The exact marks that were found, for the reader to check."""
    marks = [f"{name} {', '.join(getattr(signature, name))}" for name in _MARKS]
    return one_line("; ".join(one for one in marks if not one.endswith(" ")))


def _foot(view: Incident) -> Iterator[str]:
    if found := _found(view.signature):
        yield f"found in the text: {found}"
    if view.reason.nearest and not view.precedents:
        yield f"nearest: {view.reason.nearest.id}"
    yield f'when it is over: lessonbase incident close {view.incident_id} --recovery "…"'


def _plain(text: str) -> str:
    """*text* on one line, without markup, mentions or links in it."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(text)).replace("<", "&lt;")
    return escaped.replace("@", "@\u200b")
