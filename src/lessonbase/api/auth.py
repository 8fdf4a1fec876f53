"""Who asks: from what a request shows to the scope that it acts in. Nothing shown, nothing seen.

Three things let somebody in. The owner's secret, in a file that only its user can read, makes the
caller that user: admin of every space, in whichever scope the headers name. A key makes the caller
whom the key names. The page's cookie stands for whoever signed in with one of the two.
"""

import hmac
import secrets
import threading
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from starlette.requests import HTTPConnection

from lessonbase.base import LessonBase
from lessonbase.errors import NotAllowed, NotKnown
from lessonbase.records import Role, Scope

# How long a page stays signed in, in seconds: a working day.
_SESSION_S: Final = 12 * 3600
# How long a link to sign in with is good for, in seconds; it works once.
_TICKET_S: Final = 600
# Sessions, and links not yet used, that are remembered.
_MOST: Final = 1_000
# Denials without an identity that are kept in the audit trail, in a minute: anybody can cause them.
_UNKNOWN_A_MINUTE: Final = 30
# Methods that change nothing.
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in.

    Attributes:
        scope: What they see and may do.
        key: Id of the key that let them in; none for the user who owns the base.
    """

    scope: Scope
    key: str | None = None

    @property
    def local(self) -> bool:
        """Whether it is the user who owns the base, who alone may tend it as a whole."""
        return self.key is None


class Door:
    """Lets callers in to one base."""

    def __init__(self, base: LessonBase, secret: str, cookie: str) -> None:
        """Guard *base*; its owner's *secret*, and the name of the page's *cookie*."""
        self._base = base
        self._secret = secret.encode()
        self.cookie = cookie
        self._sessions = _Passes(_SESSION_S)
        self._tickets = _Passes(_TICKET_S)
        self._unknown = _Meter(_UNKNOWN_A_MINUTE)
        # The owner's user, by the scope that the headers name.
        self._known: dict[tuple[str, str, str], Caller] = {}
        # A view of the base is small, and the same callers come again and again.
        self.base_for = lru_cache(maxsize=1_024)(base.within)

    def remembered(self, request: HTTPConnection) -> Caller | None:
        """Who sent *request*, if it is the owner's user as before; reads nothing, so is quick."""
        token = _bearer_of(request)
        if token is None or not self._is_secret(token) or not _is_loopback(request):
            return None
        return self._known.get(_named_scope(request))

    def caller(self, request: HTTPConnection, *, expected: bool = True) -> Caller:
        """Who sent *request*; may read the ledger, so not for the event loop.

        Args:
            request: What arrived.
            expected: Whether one who shows nothing should have known better: kept as a denial.

        Raises:
            NotKnown: If it shows nothing that lets anybody in.
            NotAllowed: If it asks for more than its key gives, or comes from another site's page.
        """
        token = _bearer_of(request)
        try:
            if token is not None:
                found = self._of_token(token, request)
            else:
                found = self._of_cookie(request)
        except NotKnown:
            if (expected or token is not None) and self._unknown.allows():
                self._base.note_denial(f"no valid key: {request.scope['path'][:200]}")
            raise
        narrowed = self._narrowed(found, request)
        if found.local and len(self._known) < _MOST:
            self._known[_named_scope(request)] = narrowed
        return narrowed

    def sign_in(self, token: str, request: HTTPConnection) -> str | None:
        """The cookie of whoever bears *token*; none if nobody does."""
        try:
            return self._sessions.issue(self._of_token(token.strip(), request))
        except NotKnown:
            if self._unknown.allows():
                self._base.note_denial("no valid key: sign in")
            return None

    def ticket(self, caller: Caller) -> str:
        """A word that signs its first bearer in as *caller*."""
        return self._tickets.issue(caller)

    def redeem(self, ticket: str) -> str | None:
        """The cookie for a ticket; none if it is unknown, used or too old."""
        caller = self._tickets.take(ticket)
        return self._sessions.issue(caller) if caller else None

    def sign_out(self, request: HTTPConnection) -> None:
        """Forget the session of *request*."""
        self._sessions.take(request.cookies.get(self.cookie, ""))

    def _of_token(self, token: str, request: HTTPConnection) -> Caller:
        if self._is_secret(token):
            if not _is_loopback(request):
                raise NotKnown
            return Caller(Scope(space=self._base.scope.space, role=Role.ADMIN))
        key = self._base.bearer(token)
        if key is None:
            raise NotKnown
        return Caller(key.scope, key.id)

    def _is_secret(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._secret)

    def _of_cookie(self, request: HTTPConnection) -> Caller:
        found = self._sessions.look(request.cookies.get(self.cookie, ""))
        # A key that was revoked ends what it began.
        if found is None or (found.key is not None and not self._base.is_valid(found.key)):
            raise NotKnown
        if request.scope.get("method") not in _SAFE and not same_origin(request):
            raise self._refused(found, "a change asked for by another site's page")
        return found

    def _narrowed(self, found: Caller, request: HTTPConnection) -> Caller:
        """*found* in the scope that the headers name, if it is within its own."""
        space, agent, named = _named_scope(request)
        teams = tuple(team.strip() for team in named.split(",") if team.strip())
        if not space and not agent and not teams:
            return found
        try:
            whole = (
                found.scope.model_copy(update={"space": Scope(space=space).space})
                if found.local and space
                else found.scope
            )
            scope = whole.narrowed(space=space or None, agent=agent or None, teams=teams)
        except ValueError:
            scope = None
        if scope is None:
            asked = ", ".join(filter(None, (space, agent, *teams)))
            raise self._refused(found, f"a scope beyond its own: {asked[:200]}")
        return replace(found, scope=scope)

    def _refused(self, found: Caller, what: str) -> NotAllowed:
        self.base_for(found.scope).note_denial(what)
        return NotAllowed(f"{found.scope.actor} asked for {what}", hint="ask within your own scope")


class _Passes:
    """Random words that stand for callers, for a while."""

    def __init__(self, lifetime_s: float) -> None:
        self._lifetime_s = lifetime_s
        self._lock = threading.Lock()
        self._issued: dict[str, tuple[float, Caller]] = {}

    def issue(self, caller: Caller) -> str:
        """A new word for *caller*; the oldest one is forgotten if there are too many."""
        word = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._issued) >= _MOST:
                self._issued.pop(next(iter(self._issued)))
            self._issued[word] = (time.monotonic() + self._lifetime_s, caller)
        return word

    def look(self, word: str) -> Caller | None:
        """Whom *word* stands for."""
        with self._lock:
            until, caller = self._issued.get(word, (0.0, None))
        return caller if time.monotonic() < until else None

    def take(self, word: str) -> Caller | None:
        """The same, and never again."""
        caller = self.look(word)
        with self._lock:
            self._issued.pop(word, None)
        return caller


class _Meter:
    """So many in a minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._since = 0.0
        self._count = 0

    def allows(self) -> bool:
        """Whether one more is within bounds; it is counted."""
        with self._lock:
            now = time.monotonic()
            if now - self._since >= 60:
                self._since, self._count = now, 0
            self._count += 1
            return self._count <= self._most


def same_origin(request: HTTPConnection) -> bool:
    """Whether the browser says that the page which asks is our own."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin == f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return request.headers.get("sec-fetch-site") == "same-origin"


def _bearer_of(request: HTTPConnection) -> str | None:
    shown = request.headers.get("authorization")
    if shown is None:
        return None
    scheme, _, token = shown.partition(" ")
    # What cannot be read is shown, and lets nobody in: the cookie is not asked instead.
    return token.strip() if scheme.lower() == "bearer" else ""


def _named_scope(request: HTTPConnection) -> tuple[str, str, str]:
    """Space, agent and teams as the headers name them; empty where they name none."""
    names = ("x-lessonbase-space", "x-lessonbase-agent", "x-lessonbase-team")
    space, agent, teams = (request.headers.get(name, "") for name in names)
    return space, agent, teams


def _is_loopback(request: HTTPConnection) -> bool:
    client = request.client
    try:
        return client is not None and ip_address(client.host).is_loopback
    except ValueError:
        return False
