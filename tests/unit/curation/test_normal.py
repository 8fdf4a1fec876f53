"""Spelling that makes no difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.curation.normal import normal_form, normal_hash


@pytest.mark.parametrize(
    "variant",
    [
        "USE “RETRIES” – ALWAYS!",
        'use  "retries" - always',
        "\tUse\n„retries“ — always ...",
        "Ｕｓｅ «retries» - always",
        'use \u200b"retries" - always;',
    ],
)
def test_spelling_makes_no_difference(variant: str) -> None:
    """Case, blanks, kinds of quotes and dashes, width and the end of a text are left out."""
    assert normal_form(variant) == normal_form('Use "retries" - always')
    assert normal_hash(variant) == normal_hash('Use "retries" - always')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Use retries", "Use no retries"),
        ("Wait 5 s", "Wait 50 s"),
        ("read-only", "read only"),
        ("a, b", "a b"),
        ("...", "!!!"),
        ("x < y", "x > y"),
    ],
)
def test_words_and_signs_within_make_one(one: str, other: str) -> None:
    """Nothing inside a text is dropped, and signs alone are not nothing."""
    assert normal_hash(one) != normal_hash(other)


@given(st.text())
def test_a_normal_form_is_its_own(text: str) -> None:
    """Taking the normal form twice changes nothing, whatever the text."""
    once = normal_form(text)

    assert normal_form(once) == once
    assert len(normal_hash(text)) == 32
