"""Every error LessonBase raises on purpose.

LessonBaseError               catch this one and you have caught them all
├── InvalidInput              what was given cannot be used                422
│   └── InvalidFile           a file has bad lines; each named             422
├── RecordNotFound            no such id in this scope                     404
├── KeyNotFound               no such key in this space                    404
├── VersionConflict           the record changed since it was read         409
├── NotAllowed                the scope's role does not permit it          403
├── NotKnown                  no key, or one that lets nobody in           401
├── BaseNotFound              no base at this path                         404
├── BaseBusy                  another process holds the base               503
├── OwnerUnreachable          the owner did not answer in time             503
│   └── TooBusy               it has as much to do as it takes on          503
├── StoreError                the storage layer said no                    503
│   ├── BaseClosing           it is being closed, and takes no more writes 503
│   ├── SchemaTooNew          written by a newer LessonBase                409
│   └── ModelMismatch         vectors of another encoder                   409
├── ModelDamaged              the shipped model is absent or altered       500
└── MissingExtra              an optional dependency is absent             501

The message holds the offending value; the hint is the next thing to do. Callers branch on the type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class LessonBaseError(Exception):
    """The root of the tree.

    Attributes:
        hint: What the reader can do next, as one sentence or command; empty if nothing helps.
        passing: Whether the same call may well succeed in a moment.
    """

    passing: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InvalidInput(LessonBaseError):
    """A value given by the caller cannot be used."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """One line of a file that could not be read.

    Attributes:
        line: Number of the line, counted from 1.
        reason: What is wrong with it, in one sentence.
    """

    line: int
    reason: str


class InvalidFile(InvalidInput):
    """A file has lines that cannot be read; nothing of it was written.

    Attributes:
        bad: The lines, in order.
    """

    def __init__(self, path: str, bad: Sequence[BadLine], *, hint: str = "") -> None:
        lines = "line" if len(bad) == 1 else "lines"
        super().__init__(f"{path}: {len(bad)} bad {lines}, nothing imported", hint=hint)
        self.path = path
        self.bad = tuple(bad)


class RecordNotFound(LessonBaseError):
    """No record with this id is visible to the caller."""

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"no record {record_id!r} here",
            hint="`lessonbase list` shows the ids of this space; --space chooses another",
        )


class KeyNotFound(LessonBaseError):
    """The caller's space has no key with this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key {key_id!r} here", hint="`lessonbase key list` shows them")


class VersionConflict(LessonBaseError):
    """The record was changed by someone else since the caller read it."""

    def __init__(self, record_id: str, *, expected: int, found: int) -> None:
        super().__init__(
            f"record {record_id!r} is at version {found}, not {expected}",
            hint="read it again, then repeat the change",
        )


class NotAllowed(LessonBaseError):
    """The caller's scope does not permit this."""


class NotKnown(LessonBaseError):
    """The caller showed no key, or one that lets nobody in."""

    def __init__(self) -> None:
        super().__init__(
            "no valid key was given",
            hint="send `Authorization: Bearer KEY`; `lessonbase key create` makes one",
        )


class BaseNotFound(LessonBaseError):
    """There is no base at the given path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"no base at {path}", hint=f"run `lessonbase --base {path} init`")


class BaseBusy(LessonBaseError):
    """Another process holds the base and did not let go in time."""

    passing = True

    def __init__(self, path: str, *, pid: int | None, waited_s: float) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{path} is held by {holder}; gave up after {waited_s:g} s",
            hint="wait for it to finish, or stop it",
        )
        self.pid = pid


class OwnerUnreachable(LessonBaseError):
    """The process that owns the base did not answer before the call's deadline."""

    passing = True

    def __init__(self, path: str, *, waited_s: float, why: str) -> None:
        super().__init__(
            f"the owner of {path} gave no answer in {waited_s:.1f} s: {why}",
            hint=f"see owner.log in {path}, or run `lessonbase serve` to watch it",
        )


class TooBusy(OwnerUnreachable):
    """The owner has as much to do as it takes on, and went on saying so until the deadline."""


class StoreError(LessonBaseError):
    """The ledger or an index could not do what it was asked."""


class BaseClosing(StoreError):
    """The base is being closed; whoever opens it next will take the write."""

    passing = True

    def __init__(self) -> None:
        super().__init__("the base is being closed", hint="try again")


class SchemaTooNew(StoreError):
    """The base was written by a newer LessonBase."""

    def __init__(self, *, found: str, known: str) -> None:
        super().__init__(
            f"the base has schema {found!r}; this LessonBase knows {known!r}",
            hint="upgrade LessonBase",
        )


class ModelMismatch(StoreError):
    """The base holds vectors of another encoder; comparing them is noise."""

    def __init__(self, *, stored: str, given: str, encoder: str) -> None:
        super().__init__(
            f"the base was built with {stored}, not {given}",
            hint=f"run `lessonbase reindex --encoder {encoder}`, or set LESSONBASE_ENCODER back",
        )


class ModelDamaged(LessonBaseError):
    """A model file is absent or is not the one this release was built with."""


class MissingExtra(LessonBaseError):
    """An optional dependency is needed and absent."""

    def __init__(self, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the extra [{extra}]",
            hint=f"pip install 'lessonbase[{extra}]'",
        )
