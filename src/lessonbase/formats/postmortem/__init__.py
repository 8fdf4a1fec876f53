"""Post-mortems of incidents: agent-postmortems YAML and JSON, Markdown of the common templates.

What was seen, why, what it cost, how it was noticed, ended and kept from happening again becomes a
failure mode; what was learned becomes lessons and observations beside it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.formats.postmortem import digest, incidents, markdown, markdown_writing
from lessonbase.formats.postmortem.incident_writing import write as _write_incidents
from lessonbase.formats.postmortem.recognised import is_report
from lessonbase.records import Record

__all__ = ["matches", "read", "write"]

_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MARKDOWN: Final = re.compile(r"\.(?:md|markdown|mdown|txt)$", re.IGNORECASE)


def matches(name: str, text: str) -> bool:
    """Whether *text*, a file of this *name*, is a post-mortem, or holds some.

    Cheap, and careful: a README with a summary and next steps is none.
    """
    if incidents.matches(name, text):
        return True
    last = name.rpartition("/")[2]
    if "." in last and not _MARKDOWN.search(last):
        return False
    return digest.matches(text) or is_report(name, text)


def read(text: str, *, name: str, now: datetime, beside: Beside = alone) -> Parsed:  # noqa: ARG001
    """Read the post-mortems in *text*.

    Args:
        text: YAML or JSON in the agent-postmortems format, or Markdown.
        name: Name of the file, relative to where it was found: for provenance and ids.
        now: Time of what has no date; ``content()`` of the records does not depend on it.
        beside: Not asked: a post-mortem is one file.
    Returns:
        Failure modes, each followed by what was learned from it; bad lines and notes in the order
        of the file. Nothing raises.
    """
    parsed = _reader(name, text)(text, name=name, now=now)
    by_line = lambda remark: remark.line  # noqa: E731
    return Parsed(
        parsed.records,
        tuple(sorted(parsed.bad, key=by_line)),
        tuple(sorted(parsed.notes, key=by_line)),
    )


def write(records: Sequence[Record], *, kept: str | None, name: str) -> str:
    """*records* as a file of this format.

    Args:
        records: Failure modes, lessons and observations.
        kept: The file as it was imported; none: there was none.
        name: Its name.
    Returns:
        *kept*, to the letter, if the records are those it holds. Else incidents, changed where
        the records are, if it held such; else Markdown by one template.
    Raises:
        InvalidInput: If a record has no place in such a file.
    """
    if kept is not None and _contents(read(kept, name=name, now=_ANY_TIME).records) == _contents(
        records
    ):
        return kept
    if kept is not None and _reader(name, kept) is incidents.read:
        return _write_incidents(records, kept=kept, name=name)
    if kept is None and name.lower().endswith((".yaml", ".yml")):
        return _write_incidents(records, kept=None, name=name)
    return markdown_writing.write(records)


def _reader(name: str, text: str) -> Any:
    if incidents.matches(name, text) or name.lower().endswith((".yaml", ".yml", ".json")):
        return incidents.read
    return digest.read if digest.matches(text) and not is_report(name, text) else markdown.read


def _contents(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """What each record says, but for what an import decides: who sees it, and when it was read."""
    return {
        record.id: {
            **record.content(),
            "visibility": "",
            "provenance": {**record.content()["provenance"], "retrieved": None},
        }
        for record in records
    }
