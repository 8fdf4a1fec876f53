"""Post-mortems in Markdown: the common templates, field by field, and the way back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lessonbase.errors import InvalidInput
from lessonbase.formats.postmortem import matches, read, write
from lessonbase.records import FailureMode, Heuristic, Lesson, Observation, Record
from support import DAY

DATA = Path(__file__).resolve().parents[3] / "data" / "postmortems"
TEMPLATES = ("sre-book", "pagerduty", "atlassian", "review", "plain", "two-in-one", "entry")

EXPECTED: dict[str, dict[str, Any]] = {
    "sre-book": {
        "id": "pm-sre-book",
        "title": "Cart totals wrong after tax table reload",
        "symptom": "For 41 minutes the cart priced every item without tax, because tax-api served "
        "an empty table.",
        "cause": "The nightly reload truncates the table before it reads the new one. The new file "
        "was empty, and nothing refused it.\n\n"
        "The tax office published a file of zero bytes at 02:00 UTC.",
        "impact": "1,320 orders undercharged by 18,400 EUR in total.",
        "detection": "A customer wrote to support; no alert fired.",
        "recovery": "Restored yesterday's table from the backup and restarted tax-api.",
        "prevention": "- Refuse a tax file with fewer than 1,000 rows (type: prevent; owner: Ines; "
        "bug: TAX-88)\n- Alert when the share of untaxed orders exceeds 1 % (type: detect; "
        "owner: Bo; bug: TAX-89)",
        "checks": ["Bo checked the row count of tax_rates: 0"],
        "resolved_by": "Ines Roth, Bo Lindqvist",
        "occurred_at": "2026-03-11T00:00:00Z",
        "services": ["tax-api"],
        "severity": None,
        "confidence": "HIGH",
        "tags": [],
    },
    "pagerduty": {
        "id": "pm-pagerduty",
        "title": "Incident 2026-02-03: Webhooks delayed by two hours",
        "symptom": "Webhooks reached customers up to two hours late.\n\nA consumer with a prefetch "
        "of 1 was rolled out, and the queue grew faster than it drained.",
        "cause": "- The prefetch was a default of the new client library.\n"
        "- Load tests ran with one consumer and hid it.",
        "impact": "- Webhooks late: 48,000\n- Tickets: 31",
        "detection": "",
        "recovery": "Set the prefetch back to 200; the queue was empty at 11:20.",
        "prevention": "- [ ] Pin the prefetch in the shared configuration (Lea, WH-12)\n"
        "- [x] Alert on the age of the oldest message",
        "checks": [
            "Compared publish and ack rates in RabbitMQ.",
            "Looked at CPU of the workers: idle.",
            "Diffed the client configuration of both releases.",
        ],
        "resolved_by": "Jon Abara, Lea Sommer",
        "occurred_at": "2026-02-03T09:12:00Z",
        "services": ["webhook-worker", "RabbitMQ"],
        "severity": "high",
        "confidence": "MEDIUM",
        "tags": [],
    },
    "atlassian": {
        "id": "pm-inc-417",
        "title": "Search returned stale results",
        "symptom": "Results were up to three days old for all customers.",
        "cause": "A reindex was started for the new analyzer.\n\nThe alias swap failed with HTTP "
        "409 and the job reported success.\n\n1. Why stale? The alias pointed to the old index.\n"
        "2. Why? The swap got a 409.\n3. Why unseen? The job ignores the status of its last call.",
        "impact": "Results were up to three days old for all customers.",
        "detection": "An account manager noticed a missing product.",
        "recovery": "Tomas was paged at 10:02 and joined at 10:05.\n\n"
        "Swapped the alias by hand with `POST /_aliases`.",
        "prevention": "- Fail the job on any status above 299.",
        "checks": ["Tomas verified the alias with _cat/aliases"],
        "resolved_by": "Tomas",
        "occurred_at": "2026-01-19T00:00:00Z",
        "services": ["search-api", "elasticsearch"],
        "severity": "critical",
        "confidence": "MEDIUM",
        "tags": [],
    },
    "review": {
        "id": "pm-review",
        "title": "runners could not pull images",
        "symptom": "CI jobs failed with `x509: certificate has expired` while pulling images.",
        "cause": "The renewal job for the registry's certificate had been disabled in March. "
        "certbot logged nothing, as it never ran.\n\nThe certificate expired at 06:40 UTC.",
        "impact": "every pipeline that pulls from our registry failed.",
        "detection": "Alertmanager: PipelineFailureRate above 60 %.",
        "recovery": "Kim renewed the certificate with certbot and reloaded nginx.\n\n"
        "Runners were told to retry.",
        "prevention": "Renewal:\n\n- Enable the renewal job, and alert 14 days before expiry.",
        "checks": [],
        "resolved_by": "Kim Adeyemi",
        "occurred_at": "2026-04-22T06:40:00Z",
        "services": ["registry", "ci-runner"],
        "severity": "critical",
        "confidence": "HIGH",
        "tags": ["registry", "certificates"],
    },
    "plain": {
        "id": "pm-plain",
        "title": "Billing exports empty",
        "symptom": "The monthly export reached 212 customers without a single row.\n\nThe export "
        "read from a replica that had stopped replicating with ERROR 1236.",
        "cause": "The binlog was purged before the replica had read it.",
        "impact": "",
        "detection": "",
        "recovery": "Rebuilt the replica; ran the export again.",
        "prevention": "Keep binlogs for seven days.",
        "checks": [],
        "resolved_by": "Sana Iqbal",
        "occurred_at": "2026-05-04T00:00:00Z",
        "services": [],
        "severity": "high",
        "confidence": "MEDIUM",
        "tags": [],
    },
    "entry": {
        "id": "pm-entry",
        "title": "Checkout outage of 3 June 2025",
        "symptom": "Engineers flushed redis to remove one bad key; the misses took the database "
        "down.\n\nA cache flush in the middle of the day overloaded the database.",
        "cause": "",
        "occurred_at": "2025-06-03T10:15:00Z",
        "services": ["Checkout"],
        "tags": ["config-change", "redis"],
        "resolved_by": "",
    },
}


def text_of(template: str) -> str:
    """A fixture."""
    return (DATA / f"{template}.md").read_text()


def records_of(template: str) -> Sequence[Record]:
    """What is in a fixture."""
    return read(text_of(template), name=f"{template}.md", now=DAY).records


@pytest.mark.parametrize("template", EXPECTED)
def test_headings_and_labels_lead_to_the_fields(template: str) -> None:
    """Each common template becomes the same record that a reader would make of it."""
    failure = records_of(template)[0].model_dump(mode="json")

    assert {name: failure[name] for name in EXPECTED[template]} == EXPECTED[template]


def test_what_went_well_and_wrong_is_observed() -> None:
    """Items under what went well, wrong or by luck are observations of the failure mode."""
    failure, *seen = records_of("sre-book")

    assert [(type(one), getattr(one, "observed", ""), one.tags) for one in seen] == [
        (Observation, "The backup was two hours old and restored in four minutes.", ("went-well",)),
        (Observation, "Support had no way to page the on-call engineer.", ("went-wrong",)),
        (Observation, "The empty file came at night, when few people shop.", ("lucky",)),
    ]
    assert {(link.relation, link.target) for one in seen for link in one.links} == {
        ("derived_from", failure.id)
    }


def test_lessons_have_a_situation_of_their_own_where_they_say_one() -> None:
    """An item under lessons learned is a lesson; one that says when, says it in its situation."""
    _, *lessons = records_of("atlassian")

    assert [(one.situation, one.advice) for one in lessons if isinstance(one, Lesson)] == [
        (
            "Search returned stale results",
            "A job that ends green without reading its last response has not been tested.",
        ),
        ("When an alias is swapped", "read it back and compare."),
    ]


def test_sections_without_a_home_are_kept_in_order() -> None:
    """What no field takes is in extra, headings and levels with it."""
    assert records_of("pagerduty")[0].extra["postmortem"]["sections"] == [
        {"heading": "How'd We Do?", "level": 2, "text": ""},
        {"heading": "Messaging", "level": 2, "text": ""},
        {
            "heading": "Internal Email",
            "level": 3,
            "text": "Webhooks are late; we are draining the queue.",
        },
    ]
    assert records_of("review")[0].extra["postmortem"]["front"] == {"customers_informed": True}
    assert records_of("review")[0].extra["postmortem"]["meta"] == {
        "severity": "S1",
        "status": "closed",
        "duration": "95 min",
        "date": "2026-04-22T06:40:00Z",
    }


def test_the_timeline_is_kept_and_dates_the_failure() -> None:
    """Entries keep their times; the first with a date stands in for a date that is not given."""
    text = text_of("atlassian").replace("| Incident date | Jan 19, 2026 |\n", "")
    failure = read(text, name="x.md", now=DAY).records[0]

    assert isinstance(failure, FailureMode)
    assert failure.occurred_at == datetime(2026, 1, 16, 22, 10, tzinfo=UTC)
    assert failure.extra["postmortem"]["timeline"][0] == {
        "at": "2026-01-16 22:10 UTC",
        "event": 'Reindex job ends "green"',
    }


def test_two_post_mortems_in_one_file() -> None:
    """Each first-level heading with fields below it is a post-mortem of its own."""
    assert [(one.id, one.title) for one in records_of("two-in-one")] == [
        ("pm-two-in-one", "Queue stuck"),
        ("pm-two-in-one-queue-stuck-again", "Queue stuck again"),
    ]


def test_a_section_that_was_left_open_is_noted() -> None:
    """An unfilled part of a template is noted with its line, and is no experience."""
    parsed = read(text_of("review"), name="review.md", now=DAY)

    assert [(note.line, note.reason) for note in parsed.notes] == [
        (49, "'What could have been improved?' is empty or left open")
    ]


def test_an_unfilled_template_is_a_note_and_a_strange_text_a_bad_line() -> None:
    """A template holds nothing that could be lost; a text without known headings does."""
    template = "# Postmortem\n\n## Summary\n\n<!-- what? -->\n\n## Root cause\n\nTBD\n\n## Impact\n"
    empty = read(template, name="t.md", now=DAY)
    strange = read("# A\n\n## Recipe\n\nStir.\n", name="t.md", now=DAY)

    assert (empty.records, empty.bad) == ((), ())
    assert empty.notes[0].reason == "a post-mortem of which nothing is filled in"
    assert strange.bad[0].reason == "no heading or label of a post-mortem is known here"


@pytest.mark.parametrize("template", TEMPLATES)
def test_unchanged_files_come_back_to_the_letter(template: str) -> None:
    """A file whose records are unchanged is given back as it was."""
    text = text_of(template)

    assert write(records_of(template), kept=text, name=f"{template}.md") == text


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_canonical_template_is_read_back_as_it_was(template: str) -> None:
    """Written anew and read again, every record has the same content and id."""
    records = records_of(template)
    made = write(records, kept=None, name=f"{template}.md")
    again = read(made, name=f"{template}.md", now=DAY).records

    def said(record: Record) -> dict[str, Any]:
        content = record.content()
        kept = ("file", "url", "author", "source")
        return {**content, "provenance": {key: content["provenance"][key] for key in kept}}

    assert matches(f"{template}.md", made)
    assert {one.id: said(one) for one in again} == {one.id: said(one) for one in records}


def test_a_changed_record_is_written_by_the_template() -> None:
    """Lines of a text that look like headings or labels are guarded, and read back."""
    failure, *rest = records_of("sre-book")
    text = "Saw this:\n\n# not a heading\n\n```\n# nor this\n```\n\nImpact: said in passing"
    changed = FailureMode.model_validate({**failure.model_dump(), "symptom": text})

    made = write([changed, *rest], kept=text_of("sre-book"), name="sre-book.md")
    again = read(made, name="sre-book.md", now=DAY).records[0]

    assert isinstance(again, FailureMode)
    assert again.symptom == text
    assert "\\# not a heading" in made


def test_a_rule_has_no_place_in_a_post_mortem() -> None:
    """Writing a heuristic into a post-mortem is refused rather than done by half."""
    rule = Heuristic(id="h", title="t", rule="r", created_at=DAY, updated_at=DAY)

    with pytest.raises(InvalidInput, match="not a heuristic alone"):
        write([*records_of("plain"), rule], kept=None, name="x.md")


def test_entries_of_a_digest_are_failure_modes_with_their_sources() -> None:
    """A list of outages of others gives a failure mode for each entry, sorted by its heading."""
    parsed = read(text_of("digest"), name="digest.md", now=DAY)

    assert [
        (one.provenance.title, one.provenance.url, one.provenance.line, one.tags)
        for one in parsed.records
    ] == [
        ("Northwind", "https://northwind.example/blog/routes", 12, ("configuration",)),
        ("Tailspin", "https://tailspin.example/postmortem", 15, ("configuration",)),
        ("Fabrikam", "https://fabrikam.example/dns", 17, ("configuration",)),
        ("Contoso", "https://contoso.example/pool", 21, ("capacity",)),
        ("Wingtip", "", 23, ("capacity",)),
        ("Litware", "https://litware.example/disk", 25, ("capacity",)),
    ]
    assert [one.signature.codes for one in parsed.records if isinstance(one, FailureMode)][-1] == (
        "ENOSPC",
    )
