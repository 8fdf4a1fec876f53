"""Names of agents, people and organisations replaced, the same one always by the same word.

For what leaves the house: who did it stays home, that it was the same one can still be seen.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lessonbase.records import RECORD, CoordinationPattern, FailureMode, Record, SoulEntry

# Shortest name that is looked for in running text: shorter ones are words of their own.
_SHORTEST: Final = 3
# Free texts of provenance that name who wrote or where; what else it holds says what, not who.
_LOCATING: Final = ("session", "url", "file")
# Names that are no secret: of nobody, or of everybody.
_COMMON: Final = frozenset({"agent", "all", "anonymous", "human", "team", "unknown", "user"})


class Pseudonyms:
    """Replaces names in records; each gets a word by its first appearance."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Take the names of *records*, in their order."""
        names: dict[str, str] = {}
        counts: dict[str, int] = {}
        for record in records:
            for sort, name in _names(record):
                if name and name.lower() not in _COMMON and name not in names:
                    counts[sort] = counts.get(sort, 0) + 1
                    names[name] = f"{sort}-{counts[sort]}"
        self._names: Mapping[str, str] = names
        spoken = sorted((one for one in names if len(one) >= _SHORTEST), key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in spoken)
        self._pattern = re.compile(pattern) if pattern else None

    def __len__(self) -> int:
        return len(self._names)

    def hidden(self, record: Record) -> Record:
        """*record* without its names, without where it came from and what only its source knew."""
        fields = {
            name: value if name in _FIXED else self._without(value)
            for name, value in record.model_dump(mode="json").items()
        }
        fields["extra"] = {}
        fields["provenance"] |= dict.fromkeys(_LOCATING, "") | {"line": None}
        return RECORD.validate_python(fields)

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            if value in self._names:
                return self._names[value]
            return self._pattern.sub(self._word, value) if self._pattern else value
        if isinstance(value, list):
            return [self._without(one) for one in value]
        if isinstance(value, dict):
            return {self._without(name): self._without(one) for name, one in value.items()}
        return value

    def _word(self, found: re.Match[str]) -> str:
        return self._names[found[0]]


# What a record is and where it stands: ids in it are other records'.
_FIXED: Final = frozenset(
    {"id", "kind", "space", "visibility", "status", "supersedes", "links", "aspect"}
    | {"confidence", "evidence", "severity", "created_at", "updated_at", "valid_until"}
)


def _names(record: Record) -> Iterable[tuple[str, str]]:
    """Who is named in the fields of *record* that hold names, each with its sort."""
    provenance = record.provenance
    if provenance.agent:
        yield "agent", provenance.agent
    if isinstance(record, SoulEntry):
        yield "agent", record.agent
    if isinstance(record, CoordinationPattern):
        for role in record.roles:
            yield "role", role
    if isinstance(record, FailureMode) and record.resolved_by:
        yield "person", record.resolved_by
    if provenance.author:
        yield "author", provenance.author
