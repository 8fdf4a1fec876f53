"""Soul files that nobody would write: nothing raises, nothing is lost, all comes back."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessonbase.formats.soul import matches, read, write
from lessonbase.formats.soul.blocks import MARKER
from lessonbase.formats.soul.entry import Scan
from lessonbase.formats.soul.front import front_of
from lessonbase.formats.soul.inline import plain
from lessonbase.formats.soul.lines import Line, lines_of
from lessonbase.formats.soul.mapping import Reading, entries_of
from lessonbase.formats.soul.nodes import read_json
from lessonbase.formats.soul.place import Places
from lessonbase.formats.soul.reading import read_file, scan_file
from lessonbase.records import Aspect, SoulEntry
from unit.formats.soul.documents import EXAMPLES, MARKDOWN, STATEMENT, VALUE

NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
_TOKEN: Final = re.compile(r"[^\W_]+")

many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def entry(number: int, aspect: Aspect, statement: str) -> SoulEntry:
    return SoulEntry(
        id=f"new-{number}",
        title="t",
        agent="iris",
        aspect=aspect,
        statement=statement,
        created_at=NOW,
        updated_at=NOW,
    )


def souls(text: str, name: str) -> list[SoulEntry]:
    records = read(text, name=name, now=NOW).records
    return [record for record in records if isinstance(record, SoulEntry)]


def said(records: list[SoulEntry]) -> Counter[tuple[Aspect, str]]:
    return Counter((record.aspect, " ".join(record.statement.split())) for record in records)


def accounted(scan: Scan, line: Line) -> bool:
    """Whether a line is a heading or such, is noted, or its words are in an entry."""
    if line.number in scan.structure | scan.unread:
        return True
    if line.code and line.seen.strip().startswith(("```", "~~~")):
        return any(each.line <= line.number <= each.last_line for each in scan.entries)
    return any(
        (each.line <= line.number <= each.last_line and holds(each.statement, line))
        or (each.lead_in[0] <= line.number <= each.lead_in[1] and holds(each.section[-1], line))
        for each in scan.entries
    )


def holds(text: str, line: Line) -> bool:
    """Whether the words of a line are in *text*, whatever signs are between them."""
    marker = MARKER.match(line.seen)
    seen = line.seen[len(marker.group()) if marker else 0 :]
    return all(bare(word) in bare(text) for word in plain(seen).split())


def bare(text: str) -> str:
    return "".join(_TOKEN.findall(text))


@many
@given(MARKDOWN)
def test_no_line_of_markdown_is_lost(text: str) -> None:
    """Every line that is seen is in an entry, is a heading, or is noted."""
    front = front_of(text)
    lines, _ = lines_of(text, front.end, Places(text).line(front.end))

    scan = scan_file(text, "SOUL.md")

    assert [line for line in lines if not line.blank and not accounted(scan, line)] == []


@many
@given(MARKDOWN | st.text(max_size=200), st.sampled_from(["SOUL.md", "USER.md", "x.json", "x"]))
def test_any_text_comes_back_to_the_letter(text: str, name: str) -> None:
    """Whatever a file holds, reading it raises nothing and writing it changes nothing."""
    matches(name, text)

    assert write(souls(text, name), kept=text, name=name) == text


@many
@given(VALUE, st.sampled_from([None, 1, 4]), st.booleans())
def test_any_json_comes_back_to_the_letter(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    """Whatever JSON holds and however it is laid out, it comes back as it was."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert matches("souls/x.json", text)
    assert write(souls(text, "souls/x.json"), kept=text, name="souls/x.json") == text


@many
@given(VALUE, st.booleans())
def test_no_text_of_json_is_lost(value: Any, strict: bool) -> None:
    """Every text is the end of an entry, a fact beside one, or under a path that is named."""
    text = json.dumps(value)

    entries, kept = entries_of(read_json(text), Places(text), Reading(strict=strict))

    ends = Counter((each.path, each.statement) for each in entries)
    facts = [json.dumps(dict(each.fields)) for each in entries]
    for path, leaf in leaves(value, ""):
        spoken = any(at == path and whole.endswith(leaf.strip()) for at, whole in ends)
        beside = any(json.dumps(leaf)[1:-1] in fact for fact in facts)
        assert spoken or beside or any(under(path, above) for above in kept)


def leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The texts in *value* that are not empty, with their paths."""
    if isinstance(value, str) and value.strip():
        yield path, value
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)


def under(path: str, above: str) -> bool:
    return above == "(all)" or path == above or path.startswith((f"{above}.", f"{above}["))


ASPECT: Final = st.sampled_from(Aspect)
ADDED: Final = st.lists(st.tuples(ASPECT, STATEMENT), min_size=1, max_size=5)


@many
@given(ADDED, st.sampled_from(["SOUL.md", "x.json"]))
def test_new_files_say_what_the_records_say(added: list[tuple[Aspect, str]], name: str) -> None:
    """Any statements can be written and read again, whatever Markdown signs are in them."""
    records = [entry(number, *each) for number, each in enumerate(added)]

    assert said(souls(write(records, kept=None, name=name), name)) == said(records)


@many
@given(MARKDOWN, st.data())
def test_changed_markdown_says_what_the_records_say(text: str, data: st.DataObject) -> None:
    """Whatever a file looks like: after any changes it says the new, and none of the old."""
    records = drawn_changes(souls(text, "SOUL.md"), data)

    after = read_file(write(records, kept=text, name="SOUL.md"), name="SOUL.md", now=NOW)

    assert said([each.record for each in after.made if each.record]) == said(records)


@many
@given(VALUE, st.sampled_from([None, 2]), st.data())
def test_changed_json_says_what_the_records_say(
    value: Any, indent: int | None, data: st.DataObject
) -> None:
    """Whatever JSON looks like: after any changes it says the new, and none of the old."""
    text = json.dumps(value, indent=indent)
    records = drawn_changes(souls(text, "souls/x.json"), data)

    after = write(records, kept=text, name="souls/x.json")

    assert said(souls(after, "souls/x.json")) == said(records)


def drawn_changes(records: list[SoulEntry], data: st.DataObject) -> list[SoulEntry]:
    """*records* with some changed, some gone, some new."""
    agent = records[0].agent if records else "iris"
    changed: list[SoulEntry] = []
    for record in records:
        match data.draw(st.sampled_from(["same", "same", "gone", "statement", "aspect"])):
            case "gone":
                continue
            case "statement":
                changed.append(record.model_copy(update={"statement": data.draw(STATEMENT)}))
            case "aspect":
                changed.append(record.model_copy(update={"aspect": data.draw(ASPECT)}))
            case _:
                changed.append(record)
    added = data.draw(st.lists(st.tuples(ASPECT, STATEMENT), max_size=2))
    new = [entry(number, *each) for number, each in enumerate(added)]
    return [*changed, *(each.model_copy(update={"agent": agent}) for each in new)]
