"""The hits' advice as one list: what to do, to avoid and to verify, said once."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from lessonbase.records import (
    Checklist,
    CoordinationPattern,
    FailureMode,
    Heuristic,
    Hit,
    Lesson,
    Observation,
)
from lessonbase.retrieval.diversity import says

# Lines of each part: a list that is not read through helps nobody.
_MOST_LINES: Final = 7
# What stands around a word and is not part of it; "--force", "<=" and "C++" say something.
_AROUND: Final = ".,;:!?\"'`“”‘’()[]{}…"


class _Line(NamedTuple):
    text: str
    words: str  # those of the text in small letters, a blank on either side of each
    hits: list[Hit]


def checklist_of(hits: Sequence[Hit]) -> Checklist:
    """What *hits* advise, best first, at most seven lines a part.

    Lines with the same words, or of which one has the other's words in a row, become one, the
    longer; not if one turns the other round (:func:`~lessonbase.retrieval.diversity.says`). A line
    ends with the ids of the records that it comes from, best first, in brackets, as in
    ``Set a lock timeout. [a, b]``. One that another record contradicts says so before them:
    ``Use UTC. (contradicted by c) [a]``.

    A lesson, a coordination pattern and a heuristic say what to do, a lesson also what to avoid. Of
    a failure mode, to do is what prevents it, else what ends it, and to verify what responders
    checked. An observation is no advice: to verify is whether it holds here too.
    """
    parts: dict[str, list[_Line]] = {"do": [], "avoid": [], "verify": []}
    for hit in hits:
        for part, text in _said(hit):
            if text:
                _add(parts[part], text, hit)
    return Checklist(
        **{part: tuple(map(_shown, lines[:_MOST_LINES])) for part, lines in parts.items()}
    )


def _said(hit: Hit) -> Iterator[tuple[str, str]]:
    """Part and text of each line that a hit has for the list."""
    match hit.record:
        case Lesson(advice=advice, avoid=avoid):
            yield "do", advice
            yield "avoid", avoid
        case FailureMode(prevention=prevention, recovery=recovery, checks=checks):
            yield "do", prevention or recovery
            yield from (("verify", check) for check in checks)
        case CoordinationPattern(rule=rule) | Heuristic(rule=rule):
            yield "do", rule
        case Observation(observed=observed):
            yield "verify", f"Whether this holds here: {observed}"


def _add(lines: list[_Line], text: str, hit: Hit) -> None:
    """Put a line where the first one that says the same stands, else at the end."""
    new = _Line(" ".join(text.split()), _words(text), [hit])
    for place, old in enumerate(lines):
        longer, shorter = (old, new) if new.words in old.words else (new, old)
        if (
            shorter.words in longer.words
            and says(longer.text, shorter.text)
            and not any(hit.record.id in other.contradicts for other in old.hits)
        ):
            lines[place] = longer._replace(hits=[*old.hits, *([] if hit in old.hits else [hit])])
            return
    lines.append(new)


def _words(text: str) -> str:
    words = (word.strip(_AROUND) for word in text.casefold().split())
    return f" {' '.join(filter(None, words))} "


def _shown(line: _Line) -> str:
    against = dict.fromkeys(other for hit in line.hits for other in hit.contradicts)
    mark = f" (contradicted by {', '.join(against)})" if against else ""
    return f"{line.text}{mark} [{', '.join(hit.record.id for hit in line.hits)}]"
