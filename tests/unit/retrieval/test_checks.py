"""Checks of earlier responders, said once, and held against what was done."""

from collections.abc import Sequence

import numpy as np

from lessonbase.ports import Vectors
from lessonbase.records import Covered, FailureMode, Hit
from lessonbase.retrieval.checks import checks_of
from support import DAY

# Text → direction in the plane, in degrees: the cosine of two is that of the angle between them.
ANGLES = {
    "disk space": 0,
    "Disk space": 0,
    "disk space on every broker": 20,
    "looked at the disk": 40,
    "looked at the disks": 50,
    "not the disk space": 10,
    "memory": 120,
}


def encode(texts: Sequence[str]) -> Vectors:
    angles = np.radians([ANGLES[text] for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def hit(record_id: str, *checks: str) -> Hit:
    record = FailureMode(
        id=record_id, title="T", symptom="S", checks=checks, created_at=DAY, updated_at=DAY
    )
    return Hit(record=record, relevance=1, score=1)


def test_a_check_is_said_once() -> None:
    """With all the failure modes that it comes from, the best first."""
    checks = checks_of(
        [hit("a", "disk space on every broker", "memory"), hit("b", "Disk space")], [], encode
    )

    assert [(check.text, check.records) for check in checks] == [
        ("disk space on every broker", ("a", "b")),
        ("memory", ("a",)),
    ]
    assert {check.covered for check in checks} == {Covered.NO}


def test_what_was_done_comes_last() -> None:
    """Sure, perhaps, and not at all, by how near it is."""
    hits = [hit("a", "disk space", "memory")]

    def covered(done: str) -> list[tuple[str, str, Covered]]:
        return [(one.text, one.done, one.covered) for one in checks_of(hits, [done], encode)]

    assert covered("looked at the disk") == [
        ("memory", "", Covered.NO),
        ("disk space", "looked at the disk", Covered.YES),
    ]
    assert covered("looked at the disks")[1] == (
        "disk space",
        "looked at the disks",
        Covered.PERHAPS,
    )


def test_what_was_not_done_covers_nothing() -> None:
    """However near the words are."""
    (check,) = checks_of([hit("a", "disk space")], ["not the disk space"], encode)

    assert (check.done, check.covered) == ("", Covered.NO)


def test_the_nearest_of_what_was_done_counts() -> None:
    """And one that is its contrary makes room for the next."""
    (check,) = checks_of(
        [hit("a", "disk space")], ["not the disk space", "looked at the disk"], encode
    )

    assert check.done == "looked at the disk"


def test_without_checks_nothing_is_encoded() -> None:
    """A failure mode need not have any."""

    def never(texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    assert checks_of([hit("a")], ["disk space"], never) == ()
