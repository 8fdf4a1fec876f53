"""Calls to an owner: found anew when it is gone, repeated if that is safe, ended by a deadline."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from lessonbase import errors
from lessonbase.errors import LessonBaseError, NotKnown, OwnerUnreachable, StoreError
from lessonbase.records import Scope

# Seconds between two tries, growing up to the larger one.
_PAUSE_S: Final = (0.05, 0.5)
# Seconds of silence after which an owner in a long piece of work counts as gone; it says something
# at least every two.
_SILENCE_S: Final = 30.0

# Where an owner serves, and the token that lets us in.
Address = tuple[str, str]
# Finds the owner, starting one if need be, in at most so many seconds.
Find = Callable[[float], Address]


class Transport:
    """HTTP to the owner of one base, as one caller. Safe to use from several threads."""

    def __init__(
        self,
        name: str,
        find: Find,
        scope: Scope | None,
        *,
        timeout_s: float,
        elsewhere: bool = False,
    ) -> None:
        """Call the owner of the base *name*.

        Args:
            name: What errors call the base.
            find: Asked for the owner at first, and whenever it is gone.
            scope: Whom to act as; none: whomever the token stands for.
            timeout_s: Longest a call may take, its repetitions and the start of an owner included.
            elsewhere: Whether it may be on another machine, reached by TLS; reading the
                certificates takes 20 to 45 ms, for nothing on this one.
        """
        self._name = name
        self._find = find
        self._headers = _headers_of(scope)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._address: Address | None = None
        self._http = httpx.Client(
            verify=elsewhere,
            trust_env=False,  # no proxy between us and our own machine
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=8),
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool = True,
    ) -> httpx.Response:
        """The owner's answer to one request.

        Args:
            method: Of HTTP.
            path: Below the owner's address.
            body: JSON of the request, if it has any.
            params: Query parameters.
            headers: Beside the usual ones.
            repeat: Whether the request may be sent again when nobody knows if it arrived.
        Raises:
            OwnerUnreachable: If no answer came before the deadline.
            LessonBaseError: What the owner itself raised.
        """
        content = None if body is None else json.dumps(body).encode()
        typed = {} if body is None else {"Content-Type": "application/json"}
        return self._answer(
            method,
            path,
            repeat=repeat,
            content=content,
            params=params,
            headers={**typed, **(headers or {})},
        )

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Iterator[Iterator[str]]:
        """The lines of a long answer, as they come; the deadline is for the first of them.

        Raises:
            OwnerUnreachable: If the owner is gone, or silent for too long.
            LessonBaseError: What the owner itself raised.
        """
        started = time.monotonic()
        lines = {"Accept": "application/x-ndjson"}
        answer = self._answer(
            method, path, content=content, params=params, headers=lines, stream=True
        )
        try:
            yield answer.iter_lines()
        except httpx.TransportError as error:
            raise self._unreachable(started, _named(error)) from error
        finally:
            answer.close()

    def _answer(
        self,
        method: str,
        path: str,
        *,
        repeat: bool = True,
        stream: bool = False,
        headers: Mapping[str, str],
        **given: Any,
    ) -> httpx.Response:
        """A successful answer, of this owner or the next; not read yet if it is a stream."""
        started, pause = time.monotonic(), _PAUSE_S[0]
        while True:
            address = self._owner(started)
            left_s = max(0.05, self._left(started))
            request = self._http.build_request(
                method,
                f"{address[0]}{path}",
                headers={**self._headers, **headers, "Authorization": f"Bearer {address[1]}"},
                timeout=httpx.Timeout(left_s, read=_SILENCE_S if stream else left_s),
                **given,
            )
            try:
                answer = self._http.send(request, stream=stream)
                if not answer.is_success:
                    answer.read()
            except httpx.TransportError as error:
                self._forget(address)
                lost = not repeat and not isinstance(
                    error, httpx.ConnectError | httpx.ConnectTimeout
                )
                if lost or self._left(started) <= pause:
                    unknown = "; whether it was done is not known" if lost else ""
                    raise self._unreachable(started, _named(error) + unknown) from error
            else:
                if answer.is_success:
                    return answer
                self._raise_unless_passing(answer, address, started, pause)
            time.sleep(pause)
            pause = min(pause * 2, _PAUSE_S[1])

    def _raise_unless_passing(
        self, answer: httpx.Response, address: Address, started: float, pause: float
    ) -> None:
        """Raise what an owner answered, unless asking again may help."""
        error = _error_of(answer)
        if isinstance(error, NotKnown) and self._gone(address, started):
            return  # another owner has taken over, with a secret of its own
        if "retry-after" not in answer.headers or self._left(started) <= pause:
            raise error

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _owner(self, started: float) -> Address:
        with self._lock:
            if self._address is None:
                self._address = self._find(max(0.0, self._left(started)))
            return self._address

    def _forget(self, address: Address) -> None:
        with self._lock:
            if self._address == address:
                self._address = None

    def _gone(self, address: Address, started: float) -> bool:
        """Whether there is another owner than the one at *address*; it is used from here on."""
        with self._lock:
            found = self._find(max(0.0, self._left(started)))
            changed, self._address = found != address, found
            return changed

    def _left(self, started: float) -> float:
        return started + self._timeout_s - time.monotonic()

    def _unreachable(self, started: float, why: str) -> OwnerUnreachable:
        return OwnerUnreachable(self._name, waited_s=time.monotonic() - started, why=why)


def _named(error: httpx.TransportError) -> str:
    return f"{type(error).__name__} {error}".strip()


def error_from(problem: Mapping[str, Any]) -> LessonBaseError:
    """The error that an owner raised, out of the problem document that it became."""
    kind = getattr(errors, str(problem.get("code")), None)
    if not (isinstance(kind, type) and issubclass(kind, LessonBaseError)):
        kind = StoreError
    error = kind.__new__(kind)
    LessonBaseError.__init__(
        error, str(problem.get("detail", "no reason given")), hint=str(problem.get("hint", ""))
    )
    return error


def _error_of(answer: httpx.Response) -> LessonBaseError:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "detail" not in problem:
        problem = {"detail": f"the owner answered {answer.status_code} without saying why"}
    return error_from(problem)


def _headers_of(scope: Scope | None) -> dict[str, str]:
    """The headers that name *scope*: `api.auth` reads them."""
    if scope is None:
        return {}
    headers = {"X-LessonBase-Space": scope.space}
    if scope.agent:
        headers["X-LessonBase-Agent"] = scope.agent
    if scope.teams:
        headers["X-LessonBase-Team"] = ",".join(scope.teams)
    return headers
