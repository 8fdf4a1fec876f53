"""Records that are harmless one by one and suspicious together.

Two patterns: many near copies by one writer (a loop that stores one hallucination 668 times, a
flood of 54,603 copies of "hi"), and many records of one writer that all push the same package,
address or trigger. Near copies in files and published sources are a matter of curation.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

from lessonbase.guard.screening.letters import strange
from lessonbase.guard.screening.parts import joined
from lessonbase.records import Record

# Near copies by one writer in one batch from which it is no accident. Two or three are a retry, and
# four the same thing noted after each of four runs.
COPIES: Final = 5
# Records that push the same thing, and their share of the writer's records in the batch.
PUSHED: Final = 5
PUSHED_SHARE: Final = 0.5
# Share (Jaccard) of a text's parts that near copies have in common. One word in fifteen changed
# leaves two thirds; what one template makes for different things ("add hash for X") has less.
_ALIKE: Final = 0.6
# Minhash of 24 values in 8 bands of 3: of texts at 0.6, 86 of 100 are compared, at 0.8 all but one.
_BANDS: Final = 8
_ROWS: Final = 3
_MASK: Final = 2**61 - 1
_EMPTY: Final = 2**61
_SLOTS: Final = _BANDS * _ROWS
# Characters of a text that are looked at; what floods is short.
_READ: Final = 2_000
# Records of a group that a new one is compared with.
_COMPARED: Final = 8

_NOBODY: Final = "nobody named"
_WORD: Final = re.compile(r"[^\W\d_]+")
_PUSH: Final = re.compile(
    r"\b(?:pip3? install|npm (?:i|install|add)|npx|pnpm add|yarn add|uv add|brew install|"
    r"cargo (?:add|install)|go install|gem install|apt(?:-get)? install|docker (?:pull|run)|curl|"
    r"wget|git clone)(?: -{1,2}[\w-]{1,20}){0,3} [\"'`]?(?P<thing>[\w@][\w@./:~+-]{2,120})",
    re.IGNORECASE,
)
_SENT: Final = re.compile(
    r"\b(?:send|post|upload|forward|mail|report|copy|download|fetch)\b[^.!?\n]{0,60}?"
    r"(?P<thing>https?://[\w.:-]{3,100}|[\w.+-]{1,60}@[\w.-]{3,80})",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"\b[a-z]{4,24}\b")


def suspicious_batch(records: Sequence[Record]) -> dict[str, str]:
    """Id → reason of each record that is suspicious beside the others of *records*.

    Args:
        records: What came in together, in any order.

    Returns:
        Those to put into quarantine, copies and their first alike: none of them can be told to be
        the honest one.
    """
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        if (writer := _writer(record)) is not None:
            groups[writer].append(record)
    found: dict[str, str] = {}
    for writer, written in groups.items():
        if len(written) < min(COPIES, PUSHED):
            continue
        found |= {**dict(_copies(writer, written)), **dict(_pushes(writer, written))}
    return found


def _writer(record: Record) -> str | None:
    """Who wrote it, as far as a flood is concerned; none for what names a file or a source."""
    source = record.provenance
    if source.agent:
        return f"agent {source.agent}"
    if source.file or source.url or source.title:
        return None
    return f"author {source.author}" if source.author else _NOBODY


def _copies(writer: str, records: Sequence[Record]) -> Iterable[tuple[str, str]]:
    # Whoever brings in a file vouches for it. That many of its lines are made by one template says
    # nothing of a writer whom nobody has named.
    if writer == _NOBODY:
        return
    for group in _groups(records):
        if len(group) >= COPIES:
            reason = f"{len(group)} near copies by {writer} in one batch"
            yield from ((record.id, reason) for record in group)


def _groups(records: Sequence[Record]) -> list[list[Record]]:
    """Records in groups of near copies."""
    groups: list[list[Record]] = []
    of_text: dict[str, int] = {}
    shingles: list[list[frozenset[int]]] = []
    buckets: dict[tuple[int, ...], list[int]] = {}
    for record in records:
        words = _WORD.findall(joined(record)[:_READ].lower())
        text = " ".join(words)
        if text in of_text:
            groups[of_text[text]].append(record)
            continue
        own = _shingles(words)
        sketch = _sketch(own)
        bands = [(band, *sketch[band * _ROWS :][:_ROWS]) for band in range(_BANDS)]
        near = {group for band in bands for group in buckets.get(band, ())[:_COMPARED]}
        home = next((group for group in sorted(near) if _alike(own, shingles[group])), None)
        if home is None:
            home = len(groups)
            groups.append([])
            shingles.append([])
        for band in bands:
            members = buckets.setdefault(band, [])
            if home not in members:
                members.append(home)
        of_text[text] = home
        groups[home].append(record)
        if len(shingles[home]) < _COMPARED:
            shingles[home].append(own)
    return groups


def _shingles(words: Sequence[str]) -> frozenset[int]:
    """Hashes of each three words in a row."""
    hashes = [0, *(crc32(word.encode()) for word in words), 0]
    return frozenset(
        (one * 31 + two * 1_000_003 + three * 7_919) & _MASK
        for one, two, three in zip(hashes, hashes[1:], hashes[2:], strict=False)
    ) or frozenset(hashes)


def _sketch(shingles: frozenset[int]) -> tuple[int, ...]:
    """Least hash in each of the slots (one-permutation minhash)."""
    least = [_EMPTY] * _SLOTS
    for value in shingles:
        slot = value % _SLOTS
        if value < least[slot]:
            least[slot] = value
    # An empty slot takes its neighbour's value, so that short texts have full sketches.
    for at in range(2 * _SLOTS):
        if least[at % _SLOTS] == _EMPTY:
            least[at % _SLOTS] = least[at % _SLOTS - 1]
    return tuple(least)


def _alike(own: frozenset[int], others: Iterable[frozenset[int]]) -> bool:
    return any(len(own & other) >= _ALIKE * len(own | other) for other in others)


def _pushes(writer: str, records: Sequence[Record]) -> Iterable[tuple[str, str]]:
    things = {record.id: _things(joined(record)[:_READ]) for record in records}
    counts = Counter(thing for own in things.values() for thing in own)
    needed = max(PUSHED, PUSHED_SHARE * len(records))
    pushed = {thing: count for thing, count in counts.items() if count >= needed}
    for record_id, own in things.items():
        for thing in sorted(own & pushed.keys()):
            yield record_id, f"{pushed[thing]} records by {writer} in one batch push “{thing}”"
            break


def _things(text: str) -> set[str]:
    """Packages, addresses and odd words that *text* pushes."""
    pushed = {
        hit["thing"].lower().rstrip(".") for hit in (*_PUSH.finditer(text), *_SENT.finditer(text))
    }
    return pushed | {word for word in _LETTERS.findall(text) if strange(word)}
