"""Who may come in, and who did what: keys, denials, the audit trail."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pydantic import ValidationError

from lessonbase.base.parts import Viewer
from lessonbase.errors import InvalidInput, KeyNotFound
from lessonbase.records import Event, Key, NewKey, Role

# What a token begins with, so that a person or a scanner knows it for a secret.
PREFIX: Final = "lb"
# Bytes of randomness in a secret: far beyond guessing, so that one round of SHA-256 keeps it safe.
_SECRET_BYTES: Final = 32
# How exactly the last use of a key is kept: a write for every call would cost more than the call.
_TOUCHED_EVERY: Final = timedelta(minutes=1)
# What the audit trail shows. Recalls are not in it: they change nothing, and there are many.
AUDITED: Final = (
    *("add", "import", "edit", "retire", "supersede", "erase", "outcome"),
    *("denied", "key_create", "key_revoke"),
)
# Compared with when there is no such key, so that the time taken does not tell.
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


class Access(Viewer):
    """The use cases of whoever lets others in."""

    def create_key(
        self, role: Role, *, agent: str | None = None, teams: Sequence[str] = (), note: str = ""
    ) -> NewKey:
        """A key for this space; its token is shown this once, and kept as a hash.

        Args:
            role: What its bearer may do.
            agent: The agent that bears it; none: nobody in particular.
            teams: Teams of the bearer.
            note: What it is for.
        Raises:
            NotAllowed: If the scope is not an admin of the whole space.
            InvalidInput: If a name is not one.
        """
        self._require_whole_space()
        try:
            key = Key(
                id=secrets.token_hex(5),
                space=self.scope.space,
                role=Role(role),
                agent=agent,
                teams=tuple(teams),
                note=note,
                created_at=self._parts.clock.now(),
                created_by=self.scope.actor,
            )
        except (ValidationError, ValueError) as error:
            raise InvalidInput(
                f"no key for role {role!r}, agent {agent!r}, teams {list(teams)!r}",
                hint=f"roles are {', '.join(Role)}; names have letters, digits, and . _ @ -",
            ) from error
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._parts.ledger.add_key(key, _digest(secret))
        self._tell("key_create", key)
        return NewKey(key=key, token=f"{PREFIX}_{key.id}_{secret}")

    def keys(self) -> tuple[Key, ...]:
        """The keys of this space, revoked ones too, oldest first."""
        self._require_whole_space()
        return tuple(self._parts.ledger.list_keys(self.scope.space))

    def revoke_key(self, key_id: str) -> Key:
        """End a key, at once and for good.

        Raises:
            KeyNotFound: If the space has no such key.
        """
        self._require_whole_space()
        found = self._parts.ledger.key(key_id)
        if found is None or found[0].space != self.scope.space:
            raise KeyNotFound(key_id)
        key = found[0]
        if key.revoked_at is None:
            now = self._parts.clock.now()
            self._parts.ledger.revoke_key(key_id, now)
            key = key.model_copy(update={"revoked_at": now})
            self._tell("key_revoke", key)
        return key

    def has_keys(self) -> bool:
        """Whether there is a key of any space that lets somebody in."""
        return any(key.revoked_at is None for key in self._parts.ledger.list_keys())

    def is_valid(self, key_id: str) -> bool:
        """Whether a key of this id, of whichever space, lets somebody in."""
        found = self._parts.ledger.key(key_id)
        return found is not None and found[0].revoked_at is None

    def bearer(self, token: str) -> Key | None:
        """The key that *token* is of, its use noted; none if it lets nobody in."""
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        # A form may bring halves of characters, which no database takes.
        found = self._parts.ledger.key(key_id) if prefix == PREFIX and token.isascii() else None
        key, digest = found or (None, _NOBODY)
        same = hmac.compare_digest(_digest(secret), digest)
        if key is None or not same or key.revoked_at is not None:
            return None
        now = self._parts.clock.now()
        if key.last_used_at is None or now - key.last_used_at >= _TOUCHED_EVERY:
            self._parts.ledger.touch_key(key_id, now)
        return key

    def audit(self, *, limit: int = 100) -> tuple[Event, ...]:
        """The latest writes, denials and key changes of this space, newest first.

        Args:
            limit: Most events, 1 to 1000.
        """
        self._require_whole_space()
        if not 1 <= limit <= 1_000:
            raise InvalidInput(f"limit {limit} is out of range", hint="give 1 to 1000")
        return tuple(self._parts.ledger.latest(self.scope.space, AUDITED, limit=limit))

    def _require_whole_space(self) -> None:
        self._require(Role.ADMIN)
        if not self.scope.sees_all:
            raise self._denied(
                f"{self.scope.actor} is not an admin of the whole space",
                hint="it takes an admin that is bound to no agent and no team",
            )

    def _tell(self, action: str, key: Key) -> None:
        self._note(
            action,
            None,
            {"key": key.id, "role": key.role.value, "agent": key.agent, "teams": list(key.teams)},
        )
        self._parts.ledger.flush()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
