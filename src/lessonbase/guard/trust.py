"""How far a record is to be trusted, from where it came; and whether two agree independently.

What a record says of itself can lower its trust and never raise it: a stranger can write
MEASURED_RESULT as easily as anybody.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from lessonbase.records import Evidence, Provenance, Record, Relation, SourceKind

# Trust in [0, 1] of what an agent or a person of this base wrote, by what it rests on. Our own
# order: what was measured here before what was seen here before what was thought here.
OWN: Final[dict[Evidence, float]] = {
    Evidence.MEASURED_RESULT: 1.0,
    Evidence.OBSERVED_REPEATEDLY: 0.9,
    Evidence.HUMAN_DEFINED_RULE: 0.85,
    Evidence.OBSERVED_ONCE: 0.8,
    Evidence.INFERENCE: 0.7,
    Evidence.SPECULATION: 0.6,
}
# Of what came from outside and names a source that can be looked up; below all of our own.
PUBLISHED: Final = 0.5
# Of what came from outside and names who wrote it, no more.
IMPORTED: Final = 0.4
# Of what names nobody: above nothing, so that a person can still find it, and below every threshold
# at which a record speaks for itself.
ANONYMOUS: Final = 0.2
# Taken from an outside record that itself only infers or speculates.
_GUESSED: Final = 0.1

# Sources that others have read before us, if they say where.
_PUBLISHED_KINDS: Final = frozenset(
    {
        SourceKind.ARTICLE,
        SourceKind.DOCUMENTATION,
        SourceKind.INCIDENT_REPORT,
        SourceKind.POSTMORTEM,
        SourceKind.PAPER,
        SourceKind.DATASET,
        SourceKind.OOS,
    }
)
_GUESSES: Final = frozenset({Evidence.INFERENCE, Evidence.SPECULATION})
# Words that names of different hands share.
_COMMON_WORDS: Final = frozenset({"and", "com", "gmbh", "inc", "llc", "ltd", "org", "team", "the"})
_WORD: Final = re.compile(r"\w{3,}")


def trust_of(record: Record, *, own: bool, parents: Sequence[float] = ()) -> float:
    """Trust in *record*, in [0, 1].

    Args:
        record: The record. A trust that it already has is an upper bound: a file may claim less
            than its origin is worth, never more.
        own: Whether a known agent or person of this base wrote it; the caller decides.
        parents: Trust of the records it was made from; it is never trusted more than the least.

    Raises:
        ValueError: If a parent's trust is outside of [0, 1].
    """
    if not all(0 <= parent <= 1 for parent in parents):
        raise ValueError(f"parents have trust in [0, 1], not {list(parents)}")
    base = OWN[record.evidence] if own else _outside(record)
    bound = 1.0 if record.trust is None else record.trust
    return min(base, bound, *parents)


def anonymous(provenance: Provenance) -> bool:
    """Whether nobody and nothing is named as its source.

    A session, a licence or a date name no source.
    """
    return not any(
        (provenance.author, provenance.agent, provenance.url, provenance.title, provenance.file)
    )


def independent(first: Record, second: Record) -> bool:
    """Whether two records cannot be of the same hand; False when in doubt.

    Both must name an agent or both an author, and no mark that both have may agree: agent, author,
    session, file, address or title of the source. Names that share a word ("GitHub", "GitHub
    Support") are taken for one. Nor may one be made from the other.
    """
    ours, theirs = first.provenance, second.provenance
    if first.id == second.id or _derived(first, second) or _derived(second, first):
        return False
    agents = bool(ours.agent and theirs.agent)
    authors = bool(ours.author and theirs.author)
    if not (agents or authors):
        return False
    if agents and _plain(ours.agent or "") == _plain(theirs.agent or ""):
        return False
    if authors and (_words(ours.author) & _words(theirs.author) or not _words(ours.author)):
        return False
    pairs = (
        (ours.session, theirs.session),
        (ours.file, theirs.file),
        (ours.title, theirs.title),
        (_address(ours.url), _address(theirs.url)),
    )
    return not any(one and _plain(one) == _plain(other) for one, other in pairs)


def _outside(record: Record) -> float:
    source = record.provenance
    if anonymous(source):
        return ANONYMOUS
    published = source.source in _PUBLISHED_KINDS and bool(source.url or source.file)
    base = PUBLISHED if published else IMPORTED
    return round(base - _GUESSED, 2) if record.evidence in _GUESSES else base


def _derived(one: Record, other: Record) -> bool:
    ties = {Relation.DERIVED_FROM, Relation.DUPLICATE_OF, Relation.REFINES}
    return other.id in one.supersedes or any(
        link.target == other.id and link.relation in ties for link in one.links
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _words(name: str) -> frozenset[str]:
    """The words that tell a name; the name itself where it has none that long."""
    words = frozenset(_WORD.findall(name.casefold())) - _COMMON_WORDS
    return words or frozenset({_plain(name)} - {""})


def _address(url: str) -> str:
    """An address without what does not tell pages apart; as it is where it cannot be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" or url
