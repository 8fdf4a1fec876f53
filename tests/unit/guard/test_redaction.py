"""Redaction of texts: what is found, what is left alone, and what holds for any text."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.guard.redaction import MARKER, Finding, find, redact

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests" / "data" / "redaction_cases.jsonl"


def texts() -> list[str]:
    """The texts of the labelled set, without the bars that break its keys up for scanners."""
    rows = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return [row["text"].replace("¦", "") for row in rows]


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """What the benchmark says of each half and of all, by name."""
    script = ROOT / "benchmarks" / "redaction.py"
    done = subprocess.run(
        [sys.executable, script, "--json", "--quality-only"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {row["split"]: row for row in json.loads(done.stdout)["rows"]}


@pytest.mark.parametrize("split", ["dev", "test", "all"])
def test_the_labelled_set_is_found(measured: dict[str, Any], split: str) -> None:
    """Of exact spans and kinds, 98 % of what is found is right, and 95 % of what is there found."""
    row = measured[split]

    assert (row["precision"] >= 0.98, row["recall"] >= 0.95) == (True, True), row["wrong"]


def test_half_of_the_labelled_set_is_innocent(measured: dict[str, Any]) -> None:
    """Look-alikes are at least as many as texts with something in them."""
    row = measured["all"]

    assert row["cases"] >= 320
    assert row["innocent"] * 2 >= row["cases"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password: hunter2", "password: (redacted:password)"),
        ('{"dbPassword": "hunter2"}', '{"dbPassword": "(redacted:password)"}'),
        ("redis://:p4ss@cache:6379/0", "redis://:(redacted:password)@cache:6379/0"),
        ("mail ada@acme.io now", "mail (redacted:email) now"),
        ("ring +49 30 901820.", "ring (redacted:phone)."),
        ("paid with 4111 1111 1111 1111", "paid with (redacted:card)"),
        ("to DE89 3704 0044 0532 0130 00", "to (redacted:iban)"),
        ("SSN: 219-09-9999", "SSN: (redacted:ssn)"),
        ("peer 10.42.7.19 left", "peer (redacted:ip) left"),
        ("at /home/ada/app/x.py", "at /home/(redacted:user)/app/x.py"),
        ("key AKI" + "AQYCK4SPZX6AM62PP gone", "key (redacted:key) gone"),
    ],
)
def test_only_the_secret_goes(text: str, clean: str) -> None:
    """Its label and what stands around it stay, so that the lesson can still be read."""
    assert redact(text).text == clean


@pytest.mark.parametrize(
    "text",
    [
        "No Firebase API key in the build",
        "api_key: YOUR_API_KEY, token: ${TOKEN}, password: ****",
        'key = os.environ["KEY"]',
        "git@github.com:org/repo and noreply@github.com and ada@example.com",
        "127.0.0.1 0.0.0.0 169.254.169.254 192.0.2.7 8.8.8.8 ::1 255.255.255.0",
        "nginx 1.2.3.4 at 12:30:45, order 4111111111111111, ORA-00060, port 5432",
        "/home/runner/work, /home/user/x, /home/$USER/y, GET /home/dashboard/",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    """Placeholders, topics, names of nobody, well-known addresses, numbers of another sort."""
    assert find(text) == ()


def test_findings_are_counted_by_kind() -> None:
    """Two addresses and a password are two and one."""
    done = redact("ada@acme.io and bob@acme.io share password=Tr0ub4dor&3")

    assert done.counts == {"email": 2, "password": 1}


def test_a_clean_text_is_the_same_object() -> None:
    """Nothing is copied where there is nothing to take out."""
    text = "Warm the pot first."

    assert redact(text).text is text
    assert redact(text).counts == {}


def test_a_key_block_that_is_cut_off_goes_to_its_last_line() -> None:
    """What follows its last line of base64 stays."""
    begin = "-----BEGIN RSA " + "PRIVATE KEY-----"

    done = redact(f"dump:\n{begin}\nMIIEow{'Q' * 58}\nqq{'R' * 62}\nand then it stopped.")

    assert done.text == "dump:\n(redacted:private_key)\nand then it stopped."


def test_a_mark_tells_that_it_has_been_here() -> None:
    """A marker that is there already is no secret."""
    assert find("password: (redacted:password), api_key=(redacted:key)") == ()


def test_an_address_inside_a_password_is_the_password() -> None:
    """Where two findings overlap, the surer one counts."""
    assert find("password: bob@acme.io") == (Finding("password", 10, 21),)


def test_a_marker_means_nothing_in_other_formats() -> None:
    """It needs no quotes in YAML, JSON, CSV or Markdown."""
    marker = Finding("private_key", 0, 1).marker

    assert marker == "(redacted:private_key)"
    assert MARKER.fullmatch(marker)


@pytest.mark.parametrize("text", texts())
def test_again_changes_nothing_in_the_labelled_set(text: str) -> None:
    """Redaction of what was redacted finds nothing."""
    assert find(redact(text).text) == ()


# Pieces that rules look for, so that generated texts come near them.
PIECES = st.sampled_from(
    [
        *("password", "api_key", "token", "secret", ": ", "=", "--", " is ", '"', "'", "\n", "\\n"),
        *("://", "u:p4ss@h", "@", "a@b.co", "10.1.2.3", "::", "2a01:4f8::2", "+49 30 901820"),
        *("4111 1111 1111 1111", "DE89370400440532013000", "/home/ada/", "C:\\Users\\Ada\\"),
        *("eyJ", "sk-", "-----BEGIN " + "PRIVATE KEY-----", "Bearer ", "curl -u a:b1c2", "<", ">"),
        *(
            "(redacted:email)",
            "(redacted:",
            ")",
            "hunter2",
            "x9!kLmQ2",
            "\u0130",
            "ſ",
            "1",
            ".",
            " ",
        ),
    ]
)
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=4), max_size=24).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_findings_are_in_order_and_apart(text: str) -> None:
    """Of any text: spans lie within it, are not empty, and none overlaps another."""
    found = find(text)

    ends = [0, *(one.end for one in found)]
    assert all(
        before <= one.start < one.end <= len(text) for before, one in zip(ends, found, strict=False)
    )


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    """Of any text: nothing is left to find, and what is around the findings is as it was."""
    done = redact(text)

    assert redact(done.text).text == done.text
    assert sum(done.counts.values()) == len(find(text))
    kept, at = [], 0
    for one in find(text):
        kept += [text[at : one.start], one.marker]
        at = one.end
    assert done.text == "".join([*kept, text[at:]])


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a@", "a@b.co ", "a.", "://a:", "eyJ", "sk-", "1 ", "10.1.2.3 ", "2a01:", "AB12 "),
        *("password: ", 'password="', "api_key=", "/home/a/", "curl -u ", "mysql -p", "--pass "),
        *(
            "-----BEGIN " + "PRIVATE KEY-----\n",
            "(redacted:email)",
            "\u0130",
            "4111 1111 1111 1111 ",
        ),
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    """A megabyte of what makes rules begin takes seconds, not hours: processor time is counted."""
    text = piece * (1_000_000 // len(piece))
    find(text[:100])

    started = time.process_time()
    find(text)

    assert time.process_time() - started < 10
