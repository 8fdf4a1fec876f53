"""What earlier responders checked, and what of it somebody has checked by now.

Pure: hits, texts and cosines in, checks out. A check that is wrongly shown as done may cost an
hour, one that is wrongly shown as open a glance: doubt leaves it open.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from lessonbase.ports import Vectors
from lessonbase.records import Check, Covered, FailureMode, Hit
from lessonbase.retrieval.diversity import says, turned_round

# Cosines of a check and what was done, for the shipped encoder, from which that perhaps covers it,
# and does. On the dev half of tests/data/incidents/checks.jsonl, whose pairs that are not the same
# were made to look it, 7 of 15 that are and 3 of 15 that are not reach the first, 2 and none the
# second: "memory limit" and "CPU limit" are at .69.
_PERHAPS: Final = 0.6
_SURE: Final = 0.75
# Cosine from which two checks are one that was written down twice.
_SAME: Final = 0.85
_ORDER: Final = (Covered.NO, Covered.PERHAPS, Covered.YES)


def checks_of(
    hits: Sequence[Hit], done: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
) -> tuple[Check, ...]:
    """The checks of all failure modes among *hits*, said once; those not made come first.

    Args:
        hits: Best first; so are their checks.
        done: What was checked by now, in anybody's words.
        encode: Texts to vectors of unit length, a row each.
    """
    texts: list[str] = []
    owners: list[list[str]] = []
    found = [
        (" ".join(check.split()), hit.record.id)
        for hit in hits
        if isinstance(hit.record, FailureMode)
        for check in hit.record.checks
    ]
    if not found:
        return ()
    # A list of one more, so that nothing done is no special case.
    vectors = encode([*(text for text, _ in found), *done])
    ours, theirs = vectors[: len(found)], vectors[len(found) :]
    rows: list[int] = []
    for row, (text, owner) in enumerate(found):
        twin = _twin(text, texts, ours[rows] @ ours[row] if rows else np.empty(0, np.float32))
        if twin is None:
            texts.append(text)
            owners.append([owner])
            rows.append(row)
        elif owner not in owners[twin]:
            owners[twin].append(owner)
    checks = [
        Check(text=text, records=tuple(own), **_covering(text, done, theirs @ ours[row]))
        for text, own, row in zip(texts, owners, rows, strict=True)
    ]
    return tuple(sorted(checks, key=lambda check: _ORDER.index(check.covered)))


def _twin(text: str, texts: Sequence[str], cosines: Vectors) -> int | None:
    """Place of the first of *texts* that says what *text* says."""
    for place, (other, cosine) in enumerate(zip(texts, cosines, strict=True)):
        if text.casefold() == other.casefold() or (cosine >= _SAME and says(other, text)):
            return place
    return None


def _covering(check: str, done: Sequence[str], cosines: Vectors) -> dict[str, Any]:
    """What of *done* is nearest to *check* and not its contrary, and whether it covers it."""
    for row in np.argsort(-cosines, kind="stable"):
        if cosines[row] < _PERHAPS:
            break
        if not turned_round(check, done[row]):
            sure = cosines[row] >= _SURE
            return {"done": done[row], "covered": Covered.YES if sure else Covered.PERHAPS}
    return {}
