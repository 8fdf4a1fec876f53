"""A briefing worth its tokens, on real stores and the shipped model: once, both sides, in budget.

The threshold is left out: what is relevant is for other tests.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from lessonbase.api.hooks import Injected
from lessonbase.api.web.pages import web_router
from lessonbase.base import LessonBase, Parts
from lessonbase.base.parts import Thresholds
from lessonbase.encoders.choose import make_encoder
from lessonbase.prompt import prompt_block
from lessonbase.records import Briefing, Scope
from lessonbase.stores.ledger import SqlLedger
from lessonbase.stores.sync import SyncedIndexes
from support import DAY, OWNER, CountingIds, SteppingClock

TASK = "calling the payment provider, which rate-limits us"
RETRY = "Retry with exponential backoff and jitter, not at once."
FIVE = {
    "one": ("Retry with backoff and jitter", "Calling a payment provider that rate-limits.", RETRY),
    "two": (
        "Retry with exponential backoff and jitter",
        "A payment provider rate-limits the calls you make.",
        "Retry later, with exponential backoff and with jitter, not at once.",
    ),
    "three": (
        "Use backoff and jitter when retrying",
        "Requests to a payment provider run into its rate limit.",
        "Retry them with exponential backoff plus some jitter instead of at once.",
    ),
    "four": (
        "Exponential backoff with jitter for retries",
        "The payment provider that you call limits the rate of requests.",
        "Make retries wait with exponential backoff and jitter, never at once.",
    ),
    "five": (
        "Back off with jitter before retrying",
        "Calls to the payment provider are rate-limited.",
        "Use exponential backoff and jitter for each retry rather than retrying at once.",
    ),
}
OTHERS = {
    "keys": ("Keys", "Calling the payment provider.", "Send an idempotency key with each call."),
    "log": ("Logs", "The payment provider answers.", "Log its request id, never the card number."),
    "mock": ("Tests", "Testing payments.", "Use the provider's sandbox in tests."),
    "tea": ("Tea", "Making green tea.", "Let the water cool to 80 °C."),
}
Page = Callable[[LessonBase, str], str]


def lesson(record_id: str, said: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    title, situation, advice = said
    own = {"id": record_id, "title": title, "situation": situation, "advice": advice}
    return {"kind": "lesson", **own, **more}


def against(*targets: str) -> list[dict[str, str]]:
    return [{"relation": "contradicts", "target": target} for target in targets]


@pytest.fixture
def base(tmp_path: Path) -> Iterator[LessonBase]:
    """An empty base in which everything is relevant enough."""
    encoder = make_encoder("onnx:all-MiniLM-L6-v2")
    ledger = SqlLedger(tmp_path)
    indexes = SyncedIndexes(ledger, tmp_path, encoder.fingerprint, refill_grace_s=30)
    held = ExitStack()
    held.callback(ledger.close)
    held.callback(indexes.close)
    limits = Thresholds(apply=0.7, consider=0.0)
    parts = Parts(ledger, indexes, encoder, SteppingClock(), CountingIds(), limits, held=held)
    with LessonBase(parts, OWNER) as made:
        yield made


def ids(briefing: Briefing) -> list[str]:
    return [hit.record.id for hit in briefing.hits]


def filled(base: LessonBase, **more: Any) -> None:
    told = {record_id: lesson(record_id, said) for record_id, said in {**FIVE, **OTHERS}.items()}
    base.add_all(list((told | more).values()))


def test_five_ways_of_saying_it_are_one_hit(base: LessonBase) -> None:
    """The best of the five stands for them; the places that they leave go to others."""
    filled(base)

    briefing = base.recall(TASK, 3)

    first = briefing.hits[0]
    assert {first.record.id, *first.folded} == set(FIVE)
    assert len(first.folded) == 4
    assert ids(briefing)[1:] == ["keys", "log"]
    assert briefing.reason.withheld == 0
    assert briefing.reason.text.endswith("; 4 more say the same as a hit")
    assert ", also said by 4 others\n" in prompt_block(briefing.hits)
    assert briefing.checklist.do[0].endswith(f" [{first.record.id}]")
    (event,) = base._parts.ledger.latest("default", ["recall"])
    assert event.detail["hits"] == [[hit.record.id, hit.relevance] for hit in briefing.hits]
    # A search shows what there is.
    assert set(FIVE) <= {hit.record.id for hit in base.search(TASK).results}
    assert not any(hit.folded for hit in base.search(TASK).results)


def test_further_candidates_fill_the_places(base: LessonBase) -> None:
    """Where more than half of the first candidates say the same, others are looked at."""
    filled(base, **{f"{n}": lesson(f"{n}", FIVE["one"]) for n in range(5)})

    assert ids(base.recall(TASK, 5))[1:] == ["keys", "log", "mock", "tea"]


def test_variants_stay_apart(base: LessonBase) -> None:
    """Another number or a negation in the same words is another lesson."""
    said = ("Timeout of the payment provider", "Calling the payment provider.", "Set it to 5 s.")
    base.add_all(
        [
            lesson("five", said),
            lesson("thirty", (*said[:2], "Set it to 30 s.")),
            lesson("never", (*said[:2], "Never set it to 5 s.")),
        ]
    )

    briefing = base.recall(TASK)

    assert set(ids(briefing)) == {"five", "thirty", "never"}
    assert not any(hit.folded for hit in briefing.hits)


def test_both_sides_of_a_contradiction(base: LessonBase) -> None:
    """Linked one way, each hit names the other, in every form; none folds into anything."""
    said = FIVE["one"]
    filled(base, six=lesson("six", said, links=against("one", "tea", "unknown")))

    briefing = base.recall(TASK, 4)

    hits = {hit.record.id: hit for hit in briefing.hits}
    assert hits["six"].contradicts == ("one", "tea")
    assert hits["one"].contradicts == ("six",)
    assert hits["six"].folded == () or "one" not in hits["six"].folded
    assert f"{RETRY} (contradicted by six) [one]" in briefing.checklist.do
    block = prompt_block(briefing.hits)
    assert f"| Contradicts: one ({said[0]}); tea\n" in block
    assert block == prompt_block(Briefing.model_validate_json(briefing.model_dump_json()).hits)
    # A search tells it as well.
    found = {hit.record.id: hit for hit in base.search(TASK).results}
    assert found["one"].contradicts == ("six",)


def test_a_hit_speaks_for_what_it_stands_for(base: LessonBase) -> None:
    """What contradicts a record that was folded away contradicts the hit in its place."""
    filled(base, five=lesson("five", FIVE["five"], links=against("elsewhere")))
    more = (("Fees", "Paying the payment provider.", f"Fee {n} is charged.") for n in range(3))
    base.add_all([lesson(f"fee{n}", said) for n, said in enumerate(more)])
    base.add(lesson("elsewhere", ("Bees", "A hive swarms.", "Let it.")))

    first = base.recall(TASK, 1).hits[0]

    assert "five" in {first.record.id, *first.folded}
    assert len(first.folded) == 4
    assert first.contradicts == ("elsewhere",)


def test_contraries_that_are_no_longer_held(base: LessonBase) -> None:
    """One that is retired or has expired contradicts nobody."""
    day = (DAY + timedelta(days=1)).isoformat()
    past = (DAY - timedelta(days=1)).isoformat()
    filled(
        base,
        old=lesson("old", OTHERS["mock"], status="retired"),
        past=lesson("past", OTHERS["mock"], valid_until=past),
        soon=lesson("soon", OTHERS["mock"], valid_until=day),
        keys=lesson("keys", OTHERS["keys"], links=against("old", "past", "soon")),
    )

    hits = {hit.record.id: hit for hit in base.recall(TASK, 9).hits}

    assert hits["keys"].contradicts == ("soon",)


def test_a_budget_buys_the_most_it_can(base: LessonBase) -> None:
    """Whatever it is: counted as the block counts, true about the rest, and both sides told."""
    filled(base, six=lesson("six", OTHERS["keys"], links=against("keys")))
    whole = base.recall(TASK, 5)
    count = base._parts.encoder.count_tokens
    forms = set()

    for budget in range(1, whole.tokens + 5, 7):
        briefing = base.recall(TASK, 5, budget=budget)
        block = prompt_block(briefing.hits)
        assert briefing.tokens == count(block) <= budget
        assert briefing.reason.withheld == 5 - len(briefing.hits)
        scores = [hit.score for hit in briefing.hits]
        assert scores == sorted(scores, reverse=True)
        assert ("id six" not in block) or "Contradicts: keys" in block
        assert ("id keys" not in block) or "Contradicts: six" in block
        forms |= {hit.form for hit in briefing.hits}
    assert forms == {"full", "brief"}
    assert [hit.form for hit in whole.hits] == ["full"] * 5
    assert whole.tokens == count(prompt_block(whole.hits))


def test_what_a_caller_may_not_see_is_not_named(base: LessonBase) -> None:
    """Not as folded, not as contradicting, not as a number."""
    hidden = {"visibility": "agent:bo"}
    filled(
        base,
        two=lesson("two", FIVE["two"], **hidden),
        five=lesson("five", FIVE["five"], **hidden),
        secret=lesson("secret", OTHERS["mock"], links=against("keys"), **hidden),
        log=lesson("log", OTHERS["log"], links=against("secret")),
    )

    seen = base.within(Scope(agent="al")).recall(TASK, 9)
    text = seen.model_dump_json() + prompt_block(seen.hits)

    # Its own words are the record's author's to choose, and name what he named.
    named = '{"relation":"contradicts","target":"secret","evidence":"","settled":false}'
    text = text.replace(f'"links":[{named}]', "")
    assert not any(f'"{name}"' in text or f" {name}" in text for name in ("two", "five", "secret"))
    assert {len(hit.folded) for hit in seen.hits} == {0, 2}
    assert not any(hit.contradicts for hit in seen.hits)
    own = base.within(Scope(agent="bo")).recall(TASK, 9)
    assert {hit.record.id: {*hit.contradicts} for hit in own.hits if hit.contradicts} == {
        "keys": {"secret"},
        "log": {"secret"},
        "secret": {"keys", "log"},
    }
    assert 4 in {len(hit.folded) for hit in own.hits}


def test_what_is_erased_is_not_named(base: LessonBase) -> None:
    """The next answer stands for one less, and contradicts nobody."""
    filled(base, keys=lesson("keys", OTHERS["keys"], links=against("log")))
    before = base.recall(TASK, 3)
    gone = before.hits[0].folded[0]

    base.erase(gone)
    base.erase("log")
    after = base.recall(TASK, 9)

    assert set(before.hits[0].folded) - {gone} == set(after.hits[0].folded)
    assert not any(hit.contradicts for hit in after.hits)


def test_a_session_is_told_once(base: LessonBase) -> None:
    """A hook does not tell in other words what it has told: what was folded counts as shown."""
    filled(base)
    first = base.recall(TASK, 1).hits[0]
    other = first.model_copy(update={"record": base.get(first.folded[0]), "folded": ()})
    wider = other.model_copy(update={"record": base.get("tea"), "folded": (first.record.id,)})
    injected = Injected()

    assert injected.claim(OWNER, "session", [first]) == [first]
    assert injected.claim(OWNER, "session", [other, wider]) == []
    assert injected.claim(OWNER, "another", [other]) == [other]


@pytest.fixture
def page() -> Iterator[Page]:
    """The page's answer to a recall, as its text."""
    with ExitStack() as stack:

        def ask(base: LessonBase, task: str) -> str:
            app = FastAPI()
            app.include_router(web_router())

            @app.middleware("http")
            async def bind(request: Request, call_next: Any) -> Response:
                request.state.base = base
                return await call_next(request)

            client = stack.enter_context(TestClient(app))
            return client.get("/", params={"q": task, "mode": "recall"}).text

        yield ask


def test_the_page_tells_it_too(base: LessonBase, page: Page) -> None:
    """What a hit stands for and what contradicts it, as links; a line's sources, each of them."""
    filled(
        base,
        keys=lesson("keys", OTHERS["keys"], links=against("log")),
        twin=lesson("twin", ("Twice", "Paying twice.", "Send an idempotency key with each call!")),
    )

    text = " ".join(page(base, TASK).split())

    assert text.count("Also said by</span>") == 1
    assert 'Contradicts</span> <span><a href="/records/log"><bdi>Logs</bdi></a></span>' in text
    assert 'Contradicts</span> <span><a href="/records/keys"><bdi>Keys</bdi></a></span>' in text
    line = text.split("Send an idempotency key with each call. (contradicted by log)")[1]
    sources = re.findall(r'href="/records/(\w+)', line.split("</li>")[0])
    assert sources == ["keys", "twin"]
