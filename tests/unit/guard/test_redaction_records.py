"""Redaction of records: which fields, what stays, and that the result is a record."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.guard.redaction import redact_record
from lessonbase.records import FailureMode, Lesson, Link, Provenance, Relation, Signature, SoulEntry
from support import DAY


def lesson(**fields: Any) -> Lesson:
    given_fields = {"title": "Tea", "situation": "At four.", "advice": "Warm the pot.", **fields}
    return Lesson(id="a-1", created_at=DAY, updated_at=DAY, **given_fields)


def test_a_clean_record_is_the_same_object() -> None:
    """Nothing is made anew where nothing is taken out."""
    record = lesson(extra={"max_tokens": "4000", "token_type": "bearer", "api_key": "<your-key>"})

    clean, counts = redact_record(record)

    assert clean is record
    assert counts == {}


def test_every_free_text_is_cleaned() -> None:
    """Title, own fields, tags, services, provenance and marks."""
    record = FailureMode(
        id="f-1",
        title="Login of ada@acme.io fails",
        tags=("mail", "bob@acme.io"),
        services=("10.1.2.3",),
        provenance=Provenance(
            title="Chat with eve@acme.io",
            author="Ada Lovelace",
            agent="ada@acme.io",
            session="password=Tr0ub4dor&3",
            url="https://bot:p4ssw0rd@wiki.acme.io/x",
            file="/home/ada/notes.md",
        ),
        symptom="password: hunter2",
        checks=("curl -u ada:s3cret9 http://wiki",),
        signature=Signature(identifiers=("/Users/ada/main.py",)),
        created_at=DAY,
        updated_at=DAY,
    )

    clean, counts = redact_record(record)

    assert isinstance(clean, FailureMode)
    assert clean.title == "Login of (redacted:email) fails"
    assert clean.tags == ("mail", "(redacted:email)")
    assert clean.services == ("(redacted:ip)",)
    assert clean.provenance == Provenance(
        title="Chat with (redacted:email)",
        author="Ada Lovelace",
        agent="ada@acme.io",
        session="password=(redacted:password)",
        url="https://bot:(redacted:password)@wiki.acme.io/x",
        file="/home/(redacted:user)/notes.md",
    )
    assert clean.symptom == "password: (redacted:password)"
    assert clean.checks == ("curl -u ada:(redacted:password) http://wiki",)
    assert clean.signature.identifiers == ("/Users/(redacted:user)/main.py",)
    assert counts == {"email": 3, "ip": 1, "password": 4, "user": 2}


def test_names_that_others_refer_to_stay() -> None:
    """Id, space, visibility, ties and agents are names, whatever they look like."""
    record = SoulEntry(
        id="10.1.2.3",
        space="ada@acme.io",
        visibility="agent:ada@acme.io",
        links=(Link(relation=Relation.SUPPORTS, target="10.1.2.4"),),
        supersedes=("10.1.2.5",),
        title="Fear",
        agent="ada@acme.io",
        aspect="fear",  # type: ignore[arg-type]
        statement="I mailed eve@acme.io by mistake.",
        created_at=DAY,
        updated_at=DAY,
    )

    clean, counts = redact_record(record)

    assert counts == {"email": 1}
    assert clean == record.model_copy(update={"statement": "I mailed (redacted:email) by mistake."})


def test_what_stands_under_the_name_of_a_secret_goes() -> None:
    """In extra, at any depth, in lists too, whatever the value looks like."""
    record = lesson(
        extra={
            "db": {"password": "swordfish", "port": 5432, "hosts": ["db1", "10.1.2.3"]},
            "apiKey": ["plainwords", "otherwords"],
            "client_secret": {"value": "kept: a structure has names of its own"},
        }
    )

    clean, counts = redact_record(record)

    assert clean.extra == {
        "db": {
            "password": "(redacted:password)",
            "port": 5432,
            "hosts": ["db1", "(redacted:ip)"],
        },
        "apiKey": ["(redacted:key)", "(redacted:key)"],
        "client_secret": {"value": "kept: a structure has names of its own"},
    }
    assert counts == {"password": 1, "ip": 1, "key": 2}


@pytest.mark.parametrize(
    "extra",
    [
        {"password": "${DB_PASSWORD}"},
        {"token": "https://docs.acme.io/tokens"},
        {"require_secret": "true"},
        {"max_tokens": "4000"},
        {"password": None, "token": 12, "secret": False},
        {"cache_key": "users:v2", "public_key": "words"},
    ],
)
def test_what_is_no_secret_under_such_a_name_stays(extra: dict[str, Any]) -> None:
    """Placeholders, addresses of documents, yes and no, numbers, other sorts of key."""
    record = lesson(extra=extra)

    assert redact_record(record)[0] is record


def test_names_in_extra_are_cleaned_and_none_is_lost() -> None:
    """Two names that become one are numbered."""
    record = lesson(extra={"ada@acme.io": "owner", "bob@acme.io": "guest"})

    clean, _ = redact_record(record)

    assert clean.extra == {"(redacted:email)": "owner", "(redacted:email) 2": "guest"}


def test_a_text_without_room_for_its_markers_loses_its_end() -> None:
    """It keeps to the limit of its field, no marker is cut in two, and the counts tell."""
    record = lesson(title="a@b.co " * 42)

    clean, counts = redact_record(record)

    assert clean.title == ("(redacted:email) " * 17) + "…"
    assert counts == {"email": 42, "cut": 1}


def test_labels_that_become_one_are_one() -> None:
    """As `Labels` has it of any two that are alike."""
    clean, counts = redact_record(lesson(tags=("ada@acme.io", "bob@acme.io")))

    assert clean.tags == ("(redacted:email)",)
    assert counts == {"email": 2}


VALUES = st.sampled_from(["ada@acme.io", "hunter2", "10.1.2.3", "tea", "", "${X}", 12, None, True])
TREES = st.dictionaries(
    st.sampled_from(["password", "api_key", "note", "ada@acme.io", "n"]),
    st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(TREES, st.text(min_size=1, max_size=300).filter(str.strip))
def test_a_record_is_cleaned_once(extra: dict[str, Any], title: str) -> None:
    """The result is a valid record, and cleaning it again gives the same object."""
    try:
        record = lesson(title=title, extra=extra)
    except ValueError:  # characters that no record may hold
        return
    clean, _ = redact_record(record)

    assert Lesson.model_validate(clean.model_dump()) == clean
    assert redact_record(clean)[0] is clean
