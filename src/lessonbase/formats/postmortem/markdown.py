"""A post-mortem in Markdown into a failure mode, and what was learned into records beside it.

The failure mode comes first. After it: a lesson for each item under "Lessons learned"; an
observation for each under what went well, went wrong, or was luck, which are no advice yet. Both
are linked to the failure mode as derived from it. Sections without a home are kept in
``extra["postmortem"]["sections"]``, in order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Parsed
from lessonbase.formats.postmortem.blocks import readable
from lessonbase.formats.postmortem.contents import Part, filled, items, said, timeline_rows
from lessonbase.formats.postmortem.dates import moment_in
from lessonbase.formats.postmortem.headings import BODY
from lessonbase.formats.postmortem.located import documents
from lessonbase.formats.postmortem.outline import Line, lines_of, sections
from lessonbase.formats.postmortem.parts import (
    Report,
    add_front,
    reports,
)
from lessonbase.formats.postmortem.phrases import hashed, headline, labels, severity, slug
from lessonbase.formats.postmortem.shapes import Shape, shaped
from lessonbase.formats.postmortem.timeline import checks_in, events_in
from lessonbase.records import (
    Confidence,
    Evidence,
    FailureMode,
    Lesson,
    Link,
    Observation,
    Provenance,
    Record,
    Relation,
    SourceKind,
    explain,
)
from lessonbase.records.fields import TITLE_LIMIT
from lessonbase.signature import extract

_TEXTS: Final = ("symptom", "cause", "impact", "detection", "recovery", "prevention")
# What stands for the symptom where none is named, in this order.
_INSTEAD: Final = ("impact", "cause", "recovery")
_NO_LOSS: Final = frozenset(
    {"date", "authors", "services", "tags", "id", "url", "title", "confidence", "evidence"}
)
KINDS: Final = {"well": "went-well", "wrong": "went-wrong", "lucky": "lucky"}
_MOST: Final = 64

Choice = TypeVar("Choice", bound=StrEnum)


def read(text: str, *, name: str, now: datetime) -> Parsed:
    """Read the post-mortems in *text*, usually one.

    Args:
        text: Markdown, with or without front matter.
        name: Name of the file, for provenance and the id.
        now: Time of a post-mortem without a date.
    Returns:
        For each: its failure mode, then its lessons and observations. A text without a
        known heading, and a field that cannot be kept, are bad lines; sections that are empty or
        left open are notes, and so is a post-mortem of such sections alone.
    """
    lines = lines_of(text)
    records: dict[str, Record] = {}
    bad: list[BadLine] = []
    notes: list[BadLine] = []
    front = _front(lines, notes)
    for report in reports(list(sections([line for line in lines if line.sort != "front"]))):
        made = _Made(report, add_front(report, front), name, now, taken=records)
        if made.is_empty():
            notes.append(BadLine(report.line, "a post-mortem of which nothing is filled in"))
            continue
        notes += made.remarks()
        try:
            for record in made.records():
                records[record.id] = record
        except ValidationError as error:
            bad.append(BadLine(report.line, explain(error)))
        except LookupError as error:
            bad.append(BadLine(report.line, str(error.args[0])))
    return Parsed(tuple(records.values()), tuple(bad), tuple(notes))


class _Made:
    """The records of one post-mortem."""

    def __init__(
        self,
        report: Report,
        front: Mapping[str, Any],
        name: str,
        now: datetime,
        *,
        taken: Mapping[str, Record],
    ) -> None:
        self.report = report
        self.front = front
        self.name = name
        self.now = now
        self.taken = taken
        self.meta = report.meta
        self.events = tuple(
            event for part in report.of("timeline") for event in events_in(timeline_rows(part))
        )

    def is_empty(self) -> bool:
        """Whether it has headings at most, as a template that waits to be filled in."""
        texts = (part for part in self.report.parts if part.field != "timeline")
        return not any(map(said, texts)) and not any(map(filled, self.events))

    def records(self) -> Iterator[Record]:
        """The failure mode, then what was learned.

        Raises:
            LookupError: If there is text and none of it under a heading that is known.
            ValidationError: If a field cannot be kept.
        """
        failure = self._failure()
        yield failure
        seen: set[str] = set()
        for part in self.report.of("lessons", *KINDS):
            for line, text in items(part):
                record = self._learned(failure, part, line, text)
                if record.id not in seen:
                    seen.add(record.id)
                    yield record

    def remarks(self) -> Iterator[BadLine]:
        """Sections without a text."""
        below = [*(part.level for part in self.report.parts[1:]), 0]
        for part, next_level in zip(self.report.parts, below, strict=False):
            has_parts = 0 < part.level < next_level < 7
            if part.field in BODY and not has_parts and not said(part):
                yield BadLine(part.line, f"{part.heading or part.field!r} is empty or left open")

    def _failure(self) -> FailureMode:
        texts = {key: "\n\n".join(filter(None, map(said, self.report.of(key)))) for key in _TEXTS}
        given = "\n\n".join(filter(None, [self._intro(), texts["symptom"]]))
        learned = self.report.of("lessons", "checks", *KINDS)
        symptom = given or next((texts[key] for key in _INSTEAD if texts[key]), "")
        if not any(texts.values()) and not self.events and not given and not learned:
            raise LookupError("no heading or label of a post-mortem is known here")
        title = (
            self.meta.get("title")
            or self.report.title
            or headline(symptom or texts["prevention"] or "Post-mortem")
        )
        whole = "\n".join([title, symptom, *texts.values(), *(what for _, what in self.events)])
        marks = extract(whole)
        occurred = self._occurred()
        return FailureMode(
            id=self._id(),
            title=title if len(title) <= TITLE_LIMIT else headline(title, TITLE_LIMIT),
            **{**texts, "symptom": symptom or title},
            checks=self._checks(),
            signature=marks,
            resolved_by=self._resolver(),
            occurred_at=occurred,
            services=labels(_listed(self.meta.get("services", ""))) or marks.services,
            tags=labels(_listed(self.meta.get("tags", ""))),
            severity=severity(self.meta.get("severity", "")),
            confidence=self._confidence(),
            evidence=_chosen(Evidence, self.meta.get("evidence"), Evidence.OBSERVED_ONCE),
            provenance=self._provenance(title, self.report.line),
            created_at=occurred or self.now,
            updated_at=occurred or self.now,
            extra={"postmortem": kept} if (kept := self._kept(title)) else {},
        )

    def _learned(self, failure: FailureMode, part: Part, line: int, text: str) -> Record:
        found = shaped(text) if part.field == "lessons" else Shape()
        own = bool(found.situation and found.advice)
        key = f"{found.situation} {found.advice}" if own else text
        common: dict[str, Any] = {
            "id": f"{failure.id[:100]}-{hashed(f'{part.field} {key}')}",
            "title": headline(text),
            "tags": failure.tags,
            "services": failure.services,
            "confidence": failure.confidence,
            "evidence": failure.evidence,
            "provenance": self._provenance(failure.title, line),
            "links": (Link(relation=Relation.DERIVED_FROM, target=failure.id),),
            "created_at": failure.created_at,
            "updated_at": failure.updated_at,
        }
        if part.field != "lessons":
            common["tags"] = labels([*failure.tags, KINDS[part.field or ""]])
            return Observation(observed=text, conditions=failure.title, **common)
        if not own:
            return Lesson(situation=failure.title, advice=text, **common)
        common["title"] = headline(found.advice)
        rationale = "\n".join(filter(None, (found.rationale, found.limits)))
        return Lesson(
            situation=found.situation,
            advice=found.advice,
            avoid=found.avoid,
            rationale=rationale,
            **common,
        )

    def _intro(self) -> str:
        """What stands below the title and before any section."""
        intro = (part for part in self.report.parts if part.field is None and not part.heading)
        return "\n\n".join(filter(None, map(said, intro)))

    def _checks(self) -> tuple[str, ...]:
        listed = [text for part in self.report.of("checks") for _, text in items(part)]
        return tuple(dict.fromkeys(listed or checks_in(self.events)))[:_MOST]

    def _resolver(self) -> str:
        if "resolver" in self.meta:
            return self.meta["resolver"]
        named = (self.meta.get(key) for key in ("commander", "authors"))
        return next(filter(None, named), "")

    def _occurred(self) -> datetime | None:
        """When it began: as it is said, else by the timeline, the title, or the file's name."""
        times = (at for at, _ in self.events)
        stem = self.name.rpartition("/")[2]
        texts = (self.meta.get("date", ""), *times, self.report.title, stem)
        return next((moment for text in texts if (moment := moment_in(text))), None)

    def _confidence(self) -> Confidence:
        """As it is said; else by the status of the report."""
        status = self.meta.get("status", "").lower()
        derived = Confidence.MEDIUM
        if re.search(r"\b(?:final|complete|completed|closed|approved)\b", status):
            derived = Confidence.HIGH
        elif re.search(r"\b(?:draft|preliminary|in progress|in review|incomplete)\b", status):
            derived = Confidence.LOW
        return _chosen(Confidence, self.meta.get("confidence"), derived)

    def _provenance(self, title: str, line: int) -> Provenance:
        return Provenance(
            source=SourceKind.POSTMORTEM,
            title=title,
            author=self.meta.get("authors", "") or self.meta.get("company", ""),
            url=self.meta.get("url", ""),
            published=_day(self.meta.get("published", "")),
            file=self.name,
            line=line,
        )

    def _id(self) -> str:
        stem = self.name[: -len(ending)] if (ending := _ending(self.name)) else self.name
        given = self.meta.get("id", "").removeprefix("pm-")
        wanted = f"pm-{slug(given or stem, 100)}"
        if wanted in self.taken and self.report.title:
            wanted = f"{wanted[:60]}-{slug(self.report.title, 40)}"
        number, made = 1, wanted
        while made in self.taken:
            number += 1
            made = f"{wanted}-{number}"
        return made

    def _kept(self, title: str) -> dict[str, Any]:
        """What of the file has no home in a record."""
        homeless = [
            {"heading": part.heading, "level": part.level or 2, "text": readable(part.body)}
            for part in self.report.parts
            if part.field is None and part.heading
        ]
        occurred = self._occurred()
        level = severity(self.meta.get("severity", ""))
        homes = {"severity": level.value if level else "", "resolver": self._resolver()}
        meta = {
            key: value
            for key, value in self.meta.items()
            if value and key not in _NO_LOSS and value != homes.get(key)
        }
        if "date" in self.meta and shown(occurred) != self.meta["date"]:
            meta["date"] = self.meta["date"]
        full = self.meta.get("title") or self.report.title
        kept = {
            "title": full if full and full != title[:TITLE_LIMIT] else "",
            "meta": {**meta, **self.report.unknown},
            "front": dict(self.front),
            "timeline": [{"at": at, "event": what} for at, what in self.events],
            "sections": homeless,
        }
        return {key: value for key, value in kept.items() if value}


def _front(lines: Sequence[Line], notes: list[BadLine]) -> dict[str, object]:
    """What the front matter says."""
    front = [line.text for line in lines if line.sort == "front"]
    found = next(documents("\n".join(front[:-1])), None) if front else None
    if found is None:
        return {}
    if not isinstance(found.value, dict):
        notes.append(BadLine(found.line, f"front matter: {found.error or 'no names and values'}"))
        return {"text (as it is)": "\n".join(front[1:-1])}
    return found.value


def _listed(value: str) -> list[str]:
    return [part.strip("`\"' ") for part in value.replace(";", ",").strip("[]").split(",")]


def shown(moment: datetime | None) -> str:
    """A moment as the writer shows it."""
    if moment is None:
        return ""
    midnight = moment.time() == datetime.min.time()
    return moment.date().isoformat() if midnight else moment.strftime("%Y-%m-%d %H:%M UTC")


def _day(value: str) -> date | None:
    moment = moment_in(value)
    return moment.astimezone(UTC).date() if moment else None


def _chosen(choices: type[Choice], value: str | None, default: Choice) -> Choice:
    name = (value or "").strip().upper().replace(" ", "_")
    return choices(name) if name in choices.__members__ else default


def _ending(name: str) -> str:
    dot = name.rpartition("/")[2].rpartition(".")
    return f".{dot[2]}" if dot[0] and len(dot[2]) < 10 else ""
