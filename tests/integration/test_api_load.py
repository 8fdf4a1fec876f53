"""An owner that has much to do: what is quick stays quick, what is too much is refused in time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from api_support import LOCKS, SECRET, TASK, Site, serving
from lessonbase.api.gate import Limits
from lessonbase.base import LessonBase
from lessonbase.errors import TooBusy
from lessonbase.ports import Encoded, EncodedQuery, Encoder, Progress
from lessonbase.records import Fingerprint

WAIT = "wait"


class Held:
    """An encoder that is slow on texts which say so, until it is let go."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.let_go = threading.Event()
        self.held: list[str] = []

    @property
    def waiting(self) -> int:
        """How many texts it was slow on."""
        return len(self.held)

    @property
    def fingerprint(self) -> Fingerprint:
        return self._encoder.fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        self._hold(" ".join(texts))
        return self._encoder.encode_documents(texts, progress=progress)

    def encode_query(self, text: str) -> EncodedQuery:
        self._hold(text)
        return self._encoder.encode_query(text)

    def count_tokens(self, text: str) -> int:
        return self._encoder.count_tokens(text)

    def _hold(self, text: str) -> None:
        if WAIT in text:
            self.held.append(text)
            assert self.let_go.wait(30)


@pytest.fixture
def slow(base: LessonBase) -> Iterator[tuple[LessonBase, Held]]:
    """A base whose encoder takes long over some texts; let go at the end."""
    base.add(LOCKS)
    encoder = Held(base._parts.encoder)
    yield LessonBase(replace(base._parts, encoder=encoder), base.scope), encoder
    encoder.let_go.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Callers at the same time."""
    with ThreadPoolExecutor(40) as threads:
        yield threads


def recall(site: Site, task: str = f"{WAIT} {TASK}") -> httpx.Response:
    """The answer to a caller with a connection of its own."""
    head = {"Authorization": f"Bearer {SECRET}"}
    return httpx.post(
        f"{site.url}/v1/recall", json={"task": task}, headers=head, timeout=30, trust_env=False
    )


def until(true: Callable[[], bool]) -> None:
    """Return as soon as it is."""
    for _ in range(1_000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


@pytest.mark.slow
def test_what_is_quick_answers_while_every_recall_waits(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """The event loop is never held up: health, documentation, parts of pages, writes."""
    base, encoder = slow
    with serving(base, limits=Limits(asking=4)) as site:
        waiting = [pool.submit(recall, site) for _ in range(8)]
        until(lambda: encoder.waiting == 4 and site.watch.in_flight == 8)
        http = site.http()

        answers = [
            http.get("/health"),
            http.get("/v1/openapi.json"),
            http.get("/static/page.js"),
            http.post("/v1/records", json={**LOCKS, "id": "new"}),
            http.get("/health"),
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 201, 200]
        assert [one.done() for one in waiting] == [False] * 8
        encoder.let_go.set()
        assert [one.result().status_code for one in waiting] == [200] * 8


def test_too_much_is_refused_and_all_works_after(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """One is answered, one waits, every other is told at once to come back in a second."""
    base, encoder = slow
    with serving(base, limits=Limits(asking=1, waiting=1)) as site:
        waiting = [pool.submit(recall, site)]
        until(lambda: encoder.waiting == 1)
        waiting.append(pool.submit(recall, site))
        until(lambda: site.watch.in_flight == 2)

        refused = [recall(site) for _ in range(3)]

        assert [one.status_code for one in refused] == [503] * 3
        assert {one.headers["retry-after"] for one in refused} == {"1"}
        assert refused[0].json()["code"] == "TooBusy"
        assert refused[0].json()["hint"] == "try again in a second"
        assert site.http().get("/health").status_code == 200
        encoder.let_go.set()
        assert [one.result().status_code for one in waiting] == [200, 200]
        assert [recall(site).status_code for _ in range(5)] == [200] * 5


def test_who_waits_too_long_is_refused(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """And takes no turn with them: the next one is answered."""
    base, encoder = slow
    with serving(base, limits=Limits(asking=1, wait_s=0.05)) as site:
        first = pool.submit(recall, site)
        until(lambda: encoder.waiting == 1)

        refused = list(pool.map(lambda _: recall(site).status_code, range(20)))

        assert refused == [503] * 20
        encoder.let_go.set()
        assert first.result().status_code == 200
        assert recall(site).status_code == 200


def test_who_goes_while_waiting_leaves_the_turn_to_others(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """Callers that give up, before their turn or in it, do not use turns up."""
    base, encoder = slow
    head = {"Authorization": f"Bearer {SECRET}"}
    with serving(base, limits=Limits(asking=2, waiting=10)) as site:

        def impatient(_: int) -> None:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(
                    f"{site.url}/v1/recall",
                    json={"task": WAIT},
                    headers=head,
                    timeout=httpx.Timeout(10, read=0.2),
                    trust_env=False,
                )

        list(pool.map(impatient, range(10)))
        encoder.let_go.set()
        until(lambda: site.watch.in_flight == 0)
        assert [recall(site).status_code for _ in range(4)] == [200] * 4


def test_a_client_comes_back_until_there_is_room(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """It is told that the owner is busy only when its own deadline is over."""
    base, encoder = slow
    with serving(base, limits=Limits(asking=1, waiting=0)) as site:
        first = pool.submit(recall, site)
        until(lambda: encoder.waiting == 1)

        with pytest.raises(TooBusy, match="there is more to do than this owner takes on"):
            site.remote(timeout_s=0.3).recall(TASK)
        patient: Future[str] = pool.submit(lambda: site.remote().recall(TASK).verdict)
        time.sleep(0.1)
        assert not patient.done()
        encoder.let_go.set()
        assert patient.result() == "apply"
        assert first.result().status_code == 200


def test_a_long_import_holds_up_no_question(
    slow: tuple[LessonBase, Held], pool: ThreadPoolExecutor
) -> None:
    """Nor a write: long work has threads of its own, and four of it run at a time."""
    base, encoder = slow
    with serving(base, limits=Limits(asking=2, keeping=2)) as site:

        def import_one(number: int) -> int:
            body = {**LOCKS, "id": f"r{number}", "title": f"{WAIT} {number}"}
            return site.remote().add_all([body]).new

        imports = [pool.submit(import_one, number) for number in range(6)]
        until(lambda: encoder.waiting == 4)

        assert recall(site, TASK).status_code == 200
        assert site.remote().add({**LOCKS, "id": "new"}).id == "new"
        assert not any(one.done() for one in imports)
        encoder.let_go.set()
        assert [one.result() for one in imports] == [1] * 6


@pytest.mark.slow
def test_connections_that_end_are_let_go(slow: tuple[LessonBase, Held]) -> None:
    """Many callers one after another leave no connection behind."""
    base, _ = slow
    with serving(base) as site:
        for _ in range(20):
            assert recall(site, TASK).status_code == 200
        until(lambda: not site.server.server_state.connections)
        assert site.watch.in_flight == 0
