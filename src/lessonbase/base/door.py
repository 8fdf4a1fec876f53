"""The door that every write comes through: secrets go, commands stay outside, trust is told.

What is kept, compared, embedded and logged is what came out of here, never what came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lessonbase.base.parts import Viewer
from lessonbase.errors import InvalidInput
from lessonbase.guard.redaction import redact_record
from lessonbase.guard.screening import Decision, screen
from lessonbase.guard.trust import trust_of
from lessonbase.records import Kind, Record, Relation, Role, SoulEntry, Status


@dataclass(frozen=True, slots=True)
class Admitted:
    """A record that has come through the door.

    Attributes:
        record: As it may be kept.
        redacted: How many secrets and personal data were taken out, by sort.
        reasons: What screening found, for a reader.
    """

    record: Record
    redacted: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def detail(self) -> dict[str, Any]:
        """What its event says of it."""
        found = {"redacted": dict(self.redacted), "screened": list(self.reasons)}
        return {name: value for name, value in found.items() if value}

    def quarantined(self, reason: str) -> "Admitted":
        """The same, kept out of recall for one more reason."""
        record = self.record.model_copy(update={"status": Status.QUARANTINED})
        return Admitted(record, self.redacted, (*self.reasons, reason))


class Door(Viewer):
    """What the use cases that write ask before they do."""

    def _admitted(self, record: Record, *, imported: bool = False) -> Admitted:
        """*record* as it may be kept; its status says whether it may be recalled.

        Args:
            record: As it was given.
            imported: Whether it comes out of a file, whoever reads it in.
        Raises:
            InvalidInput: If screening refuses it.
            NotAllowed: If it is part of a soul that is not the caller's to change.
        """
        if record.kind not in set(Kind):
            return Admitted(record)
        self._check_soul(record)
        clean, redacted = redact_record(record)
        trusted = not imported and self.scope.role.allows(Role.CURATOR)
        screened = screen(clean, trusted=trusted)
        if screened.decision is Decision.REFUSE:
            raise InvalidInput(
                f"record {record.id!r} is refused: {'; '.join(screened.reasons)}",
                hint="keep what was learned in your own words, without what was hidden in it",
            )
        kept = screened.record
        updates: dict[str, Any] = {"trust": self._trust(kept, imported=imported)}
        if kept.status is Status.ACTIVE:
            if screened.decision is Decision.QUARANTINE:
                updates["status"] = Status.QUARANTINED
            elif not imported and not self._vouched(kept):
                # Planted experience needs no suspicious word. What nobody answers for waits until
                # a curator accepts it or another hand says the same.
                updates["status"] = Status.PROPOSED
        return Admitted(kept.model_copy(update=updates), redacted, screened.reasons)

    def _trust(self, record: Record, *, imported: bool) -> float:
        """From provenance, and never more than that of the records it was derived from."""
        targets = [link.target for link in record.links if link.relation is Relation.DERIVED_FROM]
        parents = self._parts.ledger.get(self.scope.space, targets) if targets else {}
        known = [one.trust for one in parents.values() if one.trust is not None]
        return trust_of(record, own=self._own(record, imported=imported), parents=known)

    def _own(self, record: Record, *, imported: bool) -> bool:
        """Whether *record* is what somebody we know has lived.

        Of a file nobody can tell: it is taken at its word only where it says how far to trust it,
        as our own exports do.
        """
        if imported:
            return record.trust is not None
        return self.scope.role.allows(Role.CURATOR) or (
            self.scope.agent is not None and record.provenance.agent in (None, self.scope.agent)
        )

    def _vouched(self, record: Record) -> bool:
        """Whether somebody's word is enough for *record* to be recalled at once."""
        if self.scope.role.allows(Role.CURATOR):
            return True
        return not self._parts.writers_propose and self._own(record, imported=False)

    def _check_soul(self, record: Record) -> None:
        """Let only its agent, or a curator, change a soul."""
        if isinstance(record, SoulEntry) and record.agent != self.scope.agent:
            if self.scope.role.allows(Role.CURATOR):
                return
            raise self._denied(
                f"{self.scope.actor} may not change the soul of {record.agent!r}",
                hint=f"act as that agent (--agent {record.agent}), or ask a curator",
            )
