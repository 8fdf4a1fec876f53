"""Files that are not what they should be: every bad line is named, nothing is half imported."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessonbase.cli import main
from lessonbase.errors import InvalidInput
from lessonbase.formats.jsonl import LINE_LIMIT, read
from lessonbase.formats.parsed import Parsed
from lessonbase.wiring import open_base

GOOD = {"id": "good", "kind": "lesson", "title": "T", "situation": "S", "advice": "A"}


def line(**fields: object) -> bytes:
    """A good line, but for *fields*; one that is Ellipsis is left out."""
    given = {name: value for name, value in (GOOD | fields).items() if value is not ...}
    return json.dumps(given).encode()


# What is wrong → a line that has it, and what is said of it.
BAD_LINES: dict[str, tuple[bytes, str]] = {
    "broken": (
        b'{"id": "a", "kind"',
        "not JSON: Expecting ':' delimiter (character 20)",
    ),
    "words": (b"hello", "not JSON: Expecting value (character 1)"),
    "a list": (b"[1, 2]", "not a JSON object but list"),
    "a number": (b"7", "not a JSON object but int"),
    "null": (b"null", "not a JSON object but NoneType"),
    "two records": (line() + b" " + line(), "not JSON: Extra data (character 81)"),
    "no kind": (line(kind=...), "kind is missing"),
    "unknown kind": (line(kind="rumour"), "kind 'rumour' is not one of lesson, failure_mode"),
    "kind of wrong type": (line(kind=3), "kind '3' is not one of lesson"),
    "internal kind": (line(kind="document"), "kind 'document' is not one of lesson"),
    "title of wrong type": (line(title=3), "title 3: input should be a valid string"),
    "tags of wrong type": (line(tags="x"), "tags 'x': input should be a valid tuple"),
    "advice missing": (line(advice=...), "advice is missing"),
    "advice blank": (line(advice="  "), "advice is empty"),
    "a long name": (line(**{"x" * 999: 1}), f"{'x' * 57}... is not a field of this kind"),
    "a name of two lines": (line(**{"a\nb\x1b": 1}), "'a\\nb\\x1b' is not a field of this kind"),
    "a surrogate in a name": (line(**{"\ud800": 1}), "a name has a lone surrogate"),
    "many names": (line(**{f"n{n}": 1 for n in range(99)}), "n0 is not a field of this kind"),
    "a long kind": (line(kind="x" * 999), f"kind '{'x' * 56}... is not one of lesson"),
    "an extra field": (line(mood="good"), "mood is not a field of this kind; put it under extra"),
    "a field of 10 MB": (line(advice="x" * 10_000_000), "the line is longer than 2,000,000 bytes"),
    "a field of 70 kB": (line(advice="x" * 70_000), "advice has 70,000 characters, more than "),
    "a NUL byte": (b'{"id": "a\x00"}', "not JSON: Invalid control character at (character 10)"),
    "a written NUL": (line(title="a\x00b"), "title has a NUL byte; remove it"),
    "NUL bytes only": (b"\x00" * 9, "not JSON: Expecting value"),
    "a raw surrogate": (b'{"id": "\xed\xa0\x80"}', "not UTF-8 (byte 9)"),
    "a written surrogate": (line(title="a\ud800"), "title has a lone surrogate"),
    "a surrogate in a tag": (line(tags=["\udc00"]), "tags.0 has a lone surrogate"),
    "not UTF-8": ('{"title": "é"}'.encode("latin-1"), "not UTF-8 (byte 12)"),
    "UTF-16": (line().decode().encode("utf-16"), "not UTF-8 (byte 1)"),
    "deep nesting": (b"[" * 100_000, "not JSON: "),
    "deep nesting in a field": (b'{"extra": ' + b'{"a":' * 100_000, "not JSON: "),
    "a huge number": (line(trust=1e300), "trust 1e+300: input should be less than or equal to 1"),
    "a number of 5,000 digits": (
        b'{"version": ' + b"9" * 5_000 + b"}",
        "not JSON: Exceeds the limit",
    ),
    "infinity": (b'{"trust": 1e999}', "kind is missing"),
    "a date that is none": (
        line(created_at="yesterday"),
        "created_at 'yesterday': input should be",
    ),
    "a year that is none": (line(created_at=1e20), "created_at 1e+20: "),
    "an id with a space": (line(id="a b"), "id 'a b': string should match pattern"),
    "an id of wrong type": (line(id=["a"]), "id ['a']: input should be a valid string"),
    "an empty object": (b"{}", "kind is missing"),
}


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


Import = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the base would be."""
    return tmp_path / "base"


@pytest.fixture
def import_(home: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Run `lessonbase import` through its entry point."""
    monkeypatch.setenv("LESSONBASE_HOME", str(home))
    monkeypatch.setenv("LESSONBASE_ENCODER", "hashing:384")

    def run(*arguments: str | Path) -> Done:
        out, err = StringIO(), StringIO()
        monkeypatch.setattr(sys, "argv", ["lessonbase", "import", *map(str, arguments)])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return run


def ids(home: Path) -> list[str]:
    """The records of the base."""
    with open_base(home, embedded=True) as base:
        return [record.id for record in base.export()]


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named_and_nothing_imported(
    import_: Import, home: Path, tmp_path: Path, bad: bytes, reason: str
) -> None:
    """File, number of the line, reason; exit 1; no base is even made."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(line() + b"\n\n" + bad + b"\n" + line(id="last"))

    done = import_(file)

    assert (done.code, done.stdout) == (1, "")
    first, *others = done.stderr.splitlines()
    assert first.startswith(f"{file}:3: {reason}")
    assert len(first) < 1_000
    assert others == [
        f"error: {file}: 1 bad line, nothing imported",
        "hint: mend them, or import the others with --keep-good",
    ]
    assert not home.exists()


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Every bad line there is, a good one after each."""
    file = tmp_path / "mixed.jsonl"
    with file.open("wb") as out:
        for number, (bad, _) in enumerate(BAD_LINES.values()):
            out.write(bad.replace(b"\n", b" ") + b"\n" + line(id=f"good-{number}") + b"\n")
    return file


def test_all_bad_lines_are_named_at_once(import_: Import, home: Path, mixed: Path) -> None:
    """One run tells all there is to mend."""
    done = import_(mixed)

    named = [text.split(":")[1] for text in done.stderr.splitlines()[:-2]]
    assert named == [str(2 * number + 1) for number in range(len(BAD_LINES))]
    assert not home.exists()


def test_good_lines_are_kept_if_asked(import_: Import, home: Path, mixed: Path) -> None:
    """--keep-good imports them, tells what was refused, and still ends with 1."""
    count = len(BAD_LINES)

    done = import_(mixed, "--keep-good", "--json")

    report = json.loads(done.stdout)
    assert done.code == 1
    assert (report["new"], report["changed"], report["unchanged"]) == (count, 0, 0)
    assert report["refused"] == done.stderr.splitlines()
    assert [text.split(":")[1] for text in report["refused"]] == [
        str(2 * number + 1) for number in range(count)
    ]
    assert ids(home) == [f"good-{number}" for number in range(count)]


def test_a_dry_run_writes_nothing(import_: Import, home: Path, tmp_path: Path, mixed: Path) -> None:
    """It counts what would happen, with the same exit code."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(line())
    assert import_(file).stdout == "new 1, changed 0, unchanged 0, duplicate 0, refused 0\n"
    file.write_bytes(line(advice="B") + b"\n" + line(id="new"))

    done = import_(file, "--dry-run")
    assert done == (
        0,
        "would be new 1, would be changed 1, unchanged 0, duplicate 0, refused 0\n",
        "",
    )
    assert import_(mixed, "--dry-run", "--keep-good").code == 1
    assert ids(home) == ["good"]


def test_a_second_use_of_an_id_is_a_bad_line(import_: Import, home: Path, tmp_path: Path) -> None:
    """The first one counts; the message names its line."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(line() + b"\n" + line(id="b") + b"\n" + line(advice="other"))

    assert import_(file).stderr.startswith(
        f"{file}:3: id 'good' was used before, in line 1\nerror: "
    )
    assert import_(file, "--keep-good").code == 1
    assert ids(home) == ["good", "b"]


def test_one_bad_file_of_two_stops_both(import_: Import, home: Path, tmp_path: Path) -> None:
    """All or none holds for a whole command."""
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(line())
    bad.write_bytes(b"{")

    assert import_(good, bad).stderr.startswith(f"{bad}:1: not JSON: ")
    assert not home.exists()
    assert import_(good, bad, "--keep-good").code == 1
    assert ids(home) == ["good"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no records in the file"),
        (b"\n \r\n\t\n", "no records in the file"),
        (b"\xef\xbb\xbf", "no records in the file"),
        (None, "nothing to import"),
    ],
    ids=["empty", "blank", "byte order mark", "directory"],
)
def test_a_file_without_a_line_is_refused(
    import_: Import, home: Path, tmp_path: Path, content: bytes | None, message: str
) -> None:
    """A wrong path is not taken for an import of nothing."""
    file = tmp_path / "f"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)

    done = import_(file)

    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {file}: {message}\nhint: ")
    assert not home.exists()


def test_a_file_that_is_not_there(import_: Import, tmp_path: Path) -> None:
    """The system's own words, and exit 1."""
    assert import_(tmp_path / "no").stderr == (
        f"error: {tmp_path / 'no'}: No such file or directory\nhint: check the path\n"
    )


def test_a_binary_file_is_refused_line_by_line(import_: Import, tmp_path: Path) -> None:
    """Each of its lines is named, none of its bytes printed."""
    file = tmp_path / "f.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\n" + bytes(range(128, 256)) * 50)

    said = import_(file).stderr
    assert [text.split(": ")[:2] for text in said.splitlines()[:-2]] == [
        [f"{file}:1", "not UTF-8 (byte 1)"],
        [f"{file}:2", "not JSON"],
        [f"{file}:3", "not UTF-8 (byte 3)"],
        [f"{file}:4", "not UTF-8 (byte 1)"],
    ]
    assert said.isascii()


def test_windows_files_are_fine(import_: Import, home: Path, tmp_path: Path) -> None:
    """A byte order mark, CRLF line ends and no end of the last line are no errors."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line() + b"\r\n\r\n" + line(id="b") + b"\r\n" + line(id="c"))

    said = import_(file).stdout.splitlines()
    assert said[0] == "new 3, changed 0, unchanged 0, duplicate 2, refused 0"
    assert ids(home) == ["good", "b", "c"]


def test_a_line_without_an_id_is_found_again(import_: Import, home: Path, tmp_path: Path) -> None:
    """Its id is made of its content, so that a second import changes nothing."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(line(id=...) + b"\n" + line(id=..., advice="B"))

    assert import_(file).stdout == "new 2, changed 0, unchanged 0, duplicate 0, refused 0\n"
    assert import_(file).stdout == "new 0, changed 0, unchanged 2, duplicate 0, refused 0\n"
    assert len(ids(home)) == 2


def test_a_huge_line_is_never_held_in_memory(tmp_path: Path) -> None:
    """A line that is too long is passed over in steps; the lines after it keep their numbers."""
    file = tmp_path / "f.jsonl"
    with file.open("wb") as out:
        out.write(line() + b"\n")
        out.truncate(60_000_000)  # sparse: it takes no room on disk
        out.seek(0, os.SEEK_END)
        out.write(b"\n" + line(id="after"))

    parsed = read(file)
    assert [record.id for record in parsed.records] == ["good", "after"]
    assert [(bad.line, bad.reason) for bad in parsed.bad] == [
        (2, f"the line is longer than {LINE_LIMIT:,} bytes")
    ]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
near_records = st.dictionaries(
    st.sampled_from([*GOOD, "tags", "links", "trust", "extra"]), json_like
)
lines_of_a_file = st.one_of(
    st.binary(max_size=200),
    json_like.map(lambda value: json.dumps(value).encode()),
    near_records.map(lambda fields: line(**fields)),
    st.just(line()),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(lines_of_a_file, max_size=6).map(b"\n".join))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    """Whatever a file holds, each of its lines is a record or named as bad, or there is none."""
    file = tmp_path / "f"
    file.write_bytes(content)
    try:
        parsed = read(file)
    except InvalidInput:
        parsed = Parsed((), ())

    rows = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    filled = [number for number, row in enumerate(rows, 1) if row.strip()]
    assert {bad.line for bad in parsed.bad} <= set(filled)
    assert len(parsed.records) + len(parsed.bad) == len(filled)
    assert all(bad.reason and "\n" not in bad.reason for bad in parsed.bad)
