"""The lines of a log that tell what failed."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.signature import telling_lines

TRACES = Path(__file__).parents[1] / "data" / "incidents" / "traces.jsonl"
TEXTS = st.one_of(
    st.text(),
    st.text(string.ascii_letters + string.digits + " \n\t:.[]{}\"'()/#\x1b-", max_size=400),
    st.lists(
        st.sampled_from([
            '  File "/srv/a.py", line 3, in f', "\tat com.a.B.c(B.java:3)", '{"msg": "x"}', "{[",
            "ERROR it failed", "2026-01-02T03:04:05Z", "KeyError: 1", "    ~~~^^^", "INFO fine",
        ]),
        max_size=30,
    ).map("\n".join),
)  # fmt: skip


def trace(name: str) -> str:
    """The text of one labelled case."""
    rows = map(json.loads, TRACES.read_text(encoding="utf-8").splitlines())
    return str(next(row["text"] for row in rows if row["id"] == name))


@pytest.mark.parametrize(
    "text",
    ["", "Orders fail since noon.", "  two lines\nof what we see, at 503 \n", "checkout: 12 %\n"],
)
def test_a_description_comes_back_as_it_is(text: str) -> None:
    """What a person wrote in a few lines is not touched."""
    assert telling_lines(text) == text


def test_noise_is_taken_off_and_alike_lines_are_one() -> None:
    """Colours, times, threads and ids go; lines that differ in numbers only are counted."""
    text = "\n".join(
        f"\x1b[31m2026-03-19T23:17:{second}.871Z\x1b[0m ERROR [http-nio-8080-exec-{second}] hold "
        f"{second}7 of 10.0.0.{second} timed out trace=77aa{second}bc"
        for second in range(10, 15)
    )

    assert telling_lines(text) == "ERROR hold 107 of 10.0.0.10 timed out (× 5)"


def test_lines_with_other_codes_are_not_one() -> None:
    """A status or a compiler's code is no number like others."""
    text = "2026-01-01 00:00:00 ERROR TS2322 in a\nERROR TS2345 in a\nERROR got 502\nERROR got 503"

    assert (
        telling_lines(text) == "ERROR TS2322 in a\nERROR TS2345 in a\nERROR got 502\nERROR got 503"
    )


def test_the_lines_in_the_middle_of_a_long_log_are_found() -> None:
    """Of 170 lines the failure is left, in order, with the frames of one's own code."""
    lines = telling_lines(trace("t56")).splitlines()

    assert lines == [
        "WARN c.s.booking.hold.HoldService - hold 88214 took 5120 ms",
        "ERROR c.s.booking.web.Errors - request failed",
        "org.springframework.dao.CannotAcquireLockException: could not execute statement; "
        "SQL [update room_night set held=? where room=? and night=?]",
        "at com.stayaway.booking.hold.HoldService.place(HoldService.java:93)",
        "at com.stayaway.booking.web.HoldController.post(HoldController.java:51)",
        "Caused by: com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException: "
        "Lock wait timeout exceeded; try restarting transaction",
        "at com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:123)",
        "ERROR o.h.engine.jdbc.spi.SqlExceptionHelper - SQL Error: 1205, SQLState: 40001",
    ]


def test_lines_of_json_are_unpacked() -> None:
    """A structured log says its message, service and error like a plain one."""
    assert telling_lines(trace("t57")).splitlines() == [
        "ERROR fetch failed service=media-gateway dial tcp 10.31.7.4:9000: socket: too many open "
        "files errno=EMFILE",
        "ERROR minio: SlowDown: Please reduce your request rate service=media-gateway status=503",
        "ERROR accept tcp [::]:8080: accept4: too many open files; exiting service=media-gateway",
    ]


def test_an_alert_in_json_says_its_annotations() -> None:
    """Labels and annotations are kept, addresses and fingerprints are not."""
    told = telling_lines(trace("t17"))

    assert "summary: Pod is crash looping." in told
    assert "container: tax-engine" in told
    assert "fingerprint" not in told


def test_python_shows_its_last_own_frame_with_its_source() -> None:
    """Frames of libraries are left out; the innermost of Python is the last."""
    told = telling_lines(trace("t15")).splitlines()

    assert [line for line in told if line.startswith("File ")] == [
        'File "/app/crawler/fetch.py", line 57, in fetch · '
        "async with self.session.get(url, timeout=TIMEOUT) as response:"
    ]


def test_what_does_not_fit_is_left_out_by_weight() -> None:
    """Of too many lines the failures stay, still in order."""
    text = "2026-01-01 00:00:00 WARN slow\n" + "KeyError: 'a'\n" + "WARN late\n" + "ERROR lost"

    assert telling_lines(text, limit=24) == "KeyError: 'a'\nERROR lost"


@given(TEXTS, st.integers(1, 200))
def test_any_text_is_told(text: str, limit: int) -> None:
    """The result keeps its limit, is the same the next time, and is blank only for what is."""
    told = telling_lines(text, limit=limit)

    assert len(told) <= max(limit, 0)
    assert bool(told.strip()) or not text.strip()
    assert telling_lines(text, limit=limit) == told


def test_a_limit_below_one_is_refused() -> None:
    """An excerpt of nothing is a mistake."""
    with pytest.raises(ValueError, match="limit is 0"):
        telling_lines("x", limit=0)


@pytest.mark.parametrize(
    "piece",
    ["a.", "a\n", "{\n", '{"a":', "[exec", "Error", "A::", "\tat a.", "ERROR x 1\n", "\x1b[", "E ",
     "main.a(", "a/", '  File "x", line 1\n    y\n', "0xa1", "timed "],
)  # fmt: skip
def test_hostile_megabytes_are_told(piece: str) -> None:
    """Repetition makes no rule slow: time is linear."""
    told = telling_lines(piece * (5_000_000 // len(piece)))

    assert 0 < len(told) <= 4_000
