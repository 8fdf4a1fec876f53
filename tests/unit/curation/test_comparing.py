"""How two assertions stand to each other."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.curation.comparing import NEAR, compare
from lessonbase.curation.reading import READ_LIMIT
from lessonbase.records import Relation

PAIRS = Path(__file__).parents[2] / "data" / "relation_pairs.jsonl"
SYMMETRIC = (Relation.DUPLICATE_OF, Relation.CONTRADICTS)
PIECES = (
    "not never use the retries avoid before after deploy tests 5 10 s more less all , . ;",
    "if when without enable disable ( ) server calls client to from prefer over I you one",
)
WORDS = st.lists(
    st.sampled_from([word for line in PIECES for word in line.split()]), min_size=1, max_size=14
).map(" ".join)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Avoid using retries.", "Don't use retries."),
        ("Wait 5 s before a retry.", "Before a retry, wait 5000 ms."),
        ("Don't forget to test the backup.", "Test the backup."),
        ("Please make sure you test the backup!", "Test the backup"),
        ("Prefer small deploys over large ones.", "Prefer small deploys to large ones."),
        ("Never deploy without approval.", "Do not deploy without approval."),
        ("A node must be drained before it is rebooted.", "Drain the node before rebooting it."),
    ],
)
def test_one_claim_in_other_words(new: str, old: str) -> None:
    """Filler, contractions, notation, voice and the order of clauses make no difference."""
    assert compare(new, old, 0.9).relation is Relation.DUPLICATE_OF


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Use retries.", "Never use retries."),
        ("Always retry at once.", "Avoid retrying at once."),
        ("Enable the cache.", "Disable the cache."),
        ("Run tests before deploying.", "Run tests after deploying."),
        ("Increase the limit.", "Decrease the limit."),
        ("Agents may send mail without approval.", "Sending mail requires approval."),
        ("Allow plugins.", "Forbid plugins."),
        ("Use more than one writer.", "Use no more than one writer."),
        ("Set a timeout of 5 s.", "Set a timeout of 30 seconds."),
        ("Build with Python 3.9.", "Build with Python 3.12."),
        ("Listen on port 8443.", "Listen on port 8080."),
        ("Alert above 5 %.", "Alert above 50 percent."),
        ("Prefer polling to webhooks.", "Prefer webhooks to polling."),
        ("Copy files from staging to production.", "Copy files from production to staging."),
        ("Scale up when it is slow.", "Scale down when it is slow."),
        ("Turn retries on.", "Turn retries off."),
        ("We stopped reviewing code.", "Review code."),
        ("It hung for days. For 17 days.", "It hung for days. For 55 days."),
    ],
)
def test_contrary_claims(new: str, old: str) -> None:
    """A negation, an opposite word, another order or another number makes a contradiction."""
    assert compare(new, old, 0.9).relation is Relation.CONTRADICTS


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Use HTTP 429.", "Use HTTP 503."),
        ("Valid until 2021.", "Valid until 2023."),
        ("Agents may merge changes.", "Agents must merge changes."),
        ("Deploy if frozen.", "Deploy if not frozen."),
        ("The client calls the server.", "The server calls the client."),
        ("I trust you.", "You trust me."),
        ("Retry once.", "Retry."),
        ("Never log passwords.", "Never mail passwords."),
        ("Run tests on 28 February.", "Run tests on 29 February."),
        ("Scale down slowly and up quickly.", "Scale up slowly and down quickly."),
        ("Allow retries.", "Use retries."),
        ("Use read replicas.", "Use write replicas."),
    ],
)
def test_what_is_not_the_same(new: str, old: str) -> None:
    """Codes, dates, permission, roles and objects keep two claims apart, however near."""
    assert compare(new, old, 0.99).relation is not Relation.DUPLICATE_OF


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Never skip tests.", "Always run tests."),
        ("Do not merge before the review.", "Review before you merge."),
        ("Don't increase the limit.", "Decrease the limit."),
        ("Never deploy unless tests pass.", "Only deploy if tests pass."),
        (
            "In 2021 it cost us 3 outages: set a timeout.",
            "In 2023 it cost us 7 outages: set a timeout.",
        ),
        ("Rotate the API keys every 90 days.", "Rotate the logs every 7 days."),
        ("Do not restart the primary after a failover.", "Restart the workers after a failover."),
        ("Retry when it is idempotent.", "Do not retry when it is not idempotent."),
    ],
)
def test_what_only_looks_contrary(new: str, old: str) -> None:
    """Negations that undo each other, counts of a story and other objects are no contradiction."""
    assert compare(new, old, 0.9).relation is not Relation.CONTRADICTS


def test_more_refines_and_less_supports() -> None:
    """A condition added refines; the claim without it supports the narrower one."""
    narrow, wide = "Retry failed calls if they are idempotent.", "Retry failed calls."

    assert compare(narrow, wide, 0.9).relation is Relation.REFINES
    assert compare(narrow, wide, 0.9).evidence == "adds: idempotent"
    assert compare(wide, narrow, 0.9).relation is Relation.SUPPORTS


def test_the_evidence_says_what_differs() -> None:
    """A reader is told the two numbers, or what is denied."""
    assert compare("Wait 5 s.", "Wait 1 minute.", 0.9).evidence == "5 s against 1 minute"
    assert compare("Use retries.", "Never use retries.", 0.9).evidence == (
        "one asks for what the other denies: retry"
    )


def test_far_texts_are_only_compared_to_the_letter() -> None:
    """Below the floor only equal spelling counts; a cosine that is no number is far."""
    assert compare("Use retries.", "Never use retries.", NEAR - 0.01).relation is None
    assert compare("Use retries.", "USE RETRIES", -1.0).relation is Relation.DUPLICATE_OF
    assert compare("Use retries.", "Never use retries.", float("nan")).similarity == 0


def test_what_differs_beyond_what_is_read_is_no_duplicate() -> None:
    """Long texts are duplicates only if all of them is spelled alike."""
    text = "Use retries on every call that failed. " * (READ_LIMIT // 30)

    assert compare(text, text + "Or not.", 0.99).relation is Relation.SUPPORTS
    assert compare(text, text.upper(), 0.99).relation is Relation.DUPLICATE_OF


@given(st.text(min_size=1), st.floats(-1, 1))
def test_a_text_is_its_own_duplicate(text: str, cosine: float) -> None:
    """Whatever the text and the cosine."""
    assert compare(text, text, cosine).relation is Relation.DUPLICATE_OF


@given(WORDS | st.text(), WORDS | st.text(), st.floats(allow_nan=True))
def test_same_and_contrary_are_symmetric(one: str, other: str, cosine: float) -> None:
    """Nothing raises, and it does not matter which of the two came first."""
    there, back = compare(one, other, cosine), compare(other, one, cosine)

    assert 0 <= there.similarity <= 1
    for relation in SYMMETRIC:
        assert (there.relation is relation) == (back.relation is relation)


@given(WORDS)
def test_a_denial_is_no_duplicate(text: str) -> None:
    """A word like "never" before any rule makes another one of it."""
    rule = f"migrate tables {text}"

    assert compare(f"never {rule}", rule, 0.99).relation is not Relation.DUPLICATE_OF


@cache
def _table(split: str) -> Counter[tuple[str, str]]:
    """Counts of (label, judgment) for one half of the pairs."""
    found: Counter[tuple[str, str]] = Counter()
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["split"] == split:
            relation = compare(pair["new"], pair["old"], pair["cosine"]).relation
            found[pair["label"], relation.value if relation else "new"] += 1
    return found


def _recall(table: Counter[tuple[str, str]], label: str, judgment: str) -> float:
    return table[label, judgment] / sum(n for (one, _), n in table.items() if one == label)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_the_promises_hold_on_the_labelled_pairs(split: str) -> None:
    """Duplicates: recall .90, precision .95. Contradictions: .80 found, none called a duplicate."""
    table = _table(split)
    duplicates = sum(n for (_, found), n in table.items() if found == "duplicate_of")

    assert _recall(table, "duplicate", "duplicate_of") >= 0.90
    assert table["duplicate", "duplicate_of"] >= 0.95 * duplicates
    assert _recall(table, "contradicts", "contradicts") >= 0.80
    assert table["contradicts", "duplicate_of"] == 0
    assert table["new", "duplicate_of"] == 0
    assert _recall(table, "new", "contradicts") <= 0.03
    assert sum(table.values()) >= 240
