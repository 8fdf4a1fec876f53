"""Files that are made up and damaged: nothing breaks, and no claim is lost without a word."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.formats.oos import matches, read, write
from lessonbase.formats.oos.canonical import as_json, markdown
from lessonbase.formats.oos.check import check
from lessonbase.formats.oos.model import Document
from lessonbase.formats.oos.parsing import form_of, parse
from lessonbase.formats.oos.repair import repair
from lessonbase.formats.oos.stats import restated
from unit.formats.oos.documents import ACCOUNTED, EXAMPLES, damaged, documents, marker_lines

pytestmark = pytest.mark.slow

# Characters: a megabyte.
SIZE = 1_000_000
NOW = datetime(2026, 3, 2, tzinfo=UTC)
_files = documents().map(markdown).flatmap(damaged)


@given(documents())
@settings(max_examples=EXAMPLES)
def test_what_is_written_is_read_again(document: Document) -> None:
    """A document comes back whole from its Markdown, with its counts set right."""
    first, _ = parse(markdown(document))
    again, _ = parse(markdown(first))

    assert again == first
    assert [c.claim_id for c in first.claims] == [c.claim_id for c in document.claims]
    assert first.claims == document.claims
    assert first.front == restated(document).front


@given(_files)
@settings(max_examples=EXAMPLES)
def test_no_claim_is_lost_without_a_word(text: str) -> None:
    """Each line that starts with a claim's marker is a claim, or is named in a finding."""
    document, findings = parse(text)
    if form_of(text) != "markdown":
        return
    read_ones = {claim.line for claim in document.claims}
    named = {finding.line for finding in findings if finding.code in ACCOUNTED}

    assert marker_lines(text) <= read_ones | named


@given(_files)
@settings(max_examples=EXAMPLES)
def test_a_damaged_file_is_read_the_same_once_it_is_written(text: str) -> None:
    """Whatever a damaged file is taken to say, its canonical form says the same."""
    document, findings = parse(text)
    check(document, findings)

    assert parse(markdown(document))[0] == restated(document)
    assert parse(as_json(document))[0] == restated(document)


@given(_files)
@settings(max_examples=EXAMPLES)
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    """A repair leaves nothing for a second one, and every claim in its place."""
    repaired = repair(text)
    again = repair(repaired.text)

    assert again.text == repaired.text
    assert again.fixes == ()
    assert len(parse(repaired.text)[0].claims) >= len(parse(text)[0].claims)


@given(_files)
@settings(max_examples=EXAMPLES)
def test_a_damaged_file_comes_back_to_the_byte(text: str) -> None:
    """Records that were not changed give back the file as it was, and ids are different."""
    matches("a.md", text)
    parsed = read(text, name="a.oos.md", now=NOW)
    ids = [record.id for record in parsed.records]

    assert len(set(ids)) == len(ids)
    assert write(parsed.records, kept=text, name="a.oos.md") == text


@given(_files, st.data())
@settings(max_examples=EXAMPLES)
def test_what_is_left_out_is_gone_and_nothing_else(text: str, data: st.DataObject) -> None:
    """Without one of its records, a file has all the others as they were."""
    records = read(text, name="a.oos.md", now=NOW).records
    if not records:
        return
    gone = data.draw(st.sampled_from(records))
    left = [record for record in records if record.id != gone.id]
    after = parse(write(left, kept=text, name="a.oos.md"))[0]
    before = parse(text)[0]

    rules = [claim.rule for claim in after.claims]
    directive = "prime_directive" in gone.tags
    assert len(rules) == len(before.claims) - (not directive)


@given(st.text())
@settings(max_examples=EXAMPLES)
def test_any_text_is_read(text: str) -> None:
    """No text breaks the reader, the checks, the repair or the writers."""
    document, findings = parse(text)
    check(document, findings)
    repaired = repair(text)
    parsed = read(text, name="x", now=NOW)

    assert repair(repaired.text).text == repaired.text
    assert write(parsed.records, kept=text, name="x") == text


@given(
    st.one_of(documents().map(as_json).flatmap(damaged), st.text('{}[]":,claim_id \n', max_size=80))
)
@settings(max_examples=EXAMPLES)
def test_damaged_json_is_read_as_far_as_it_goes(text: str) -> None:
    """Broken JSON is a finding; the claims before the break are there."""
    document, findings = parse(text)
    check(document, findings)
    repaired = repair(text)

    assert repair(repaired.text).text == repaired.text
    assert parse(as_json(document))[0] == restated(document)


@pytest.mark.parametrize(
    "text",
    [
        "**[C001]**" + " " * SIZE,
        "*" * SIZE,
        "[" * SIZE,
        "- " * (SIZE // 2),
        "**[C001]** failure_patterns\n- **Rule:** " + "a" * SIZE,
        "**[C001]** failure_patterns\n- **Confidence:** " + "a " * (SIZE // 2),
        "## " + "# " * (SIZE // 2),
        '{"claims":' + "[" * SIZE,
        "---\na: " + "[" * SIZE,
        "".join("`" * (3 + i % 50) + "a\n" for i in range(SIZE // 30)),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    """A megabyte that is made to be slow is read in a moment, not in hours."""
    matches("a.md", text)
    parsed = read(text, name="a.md", now=NOW)

    assert write(parsed.records, kept=text, name="a.md") == text
