import pytest
from pydantic import ValidationError

from lessonbase.mcp.arguments import ARGUMENTS, CONTENTS, refusal
from lessonbase.records import KINDS, Kind

LESSON = {"kind": "lesson", "title": "t", "content": {"situation": "s", "advice": "a"}}
REFUSED = {
    "no task": ("recall", {}, "task is missing"),
    "blank task": ("recall", {"task": " \n"}, "task is empty"),
    "task of another type": ("recall", {"task": 7}, "task 7: input should be a valid string"),
    "long task": (
        "recall",
        {"task": "x" * 20_001},
        "task has 20,001 characters, shorten it to 20,000",
    ),
    "NUL": ("recall", {"task": "a\0b"}, "task has a NUL byte; remove it"),
    "lone surrogate": (
        "recall",
        {"task": "a\ud800"},
        "task has a lone surrogate (half of a character); repair the encoding",
    ),
    "lone surrogate in a name": (
        "recall",
        {"task": "a", "\ud800": 1},
        "a name has a lone surrogate (half of a character); repair the encoding",
    ),
    "k of 0": ("recall", {"task": "a", "k": 0}, "k 0: input should be greater than or equal to 1"),
    "k of 21": (
        "recall",
        {"task": "a", "k": 21},
        "k 21: input should be less than or equal to 20",
    ),
    "k as text": ("recall", {"task": "a", "k": "5"}, "k '5': input should be a valid integer"),
    "k as truth": ("recall", {"task": "a", "k": True}, "k True: input should be a valid integer"),
    "k as fraction": ("recall", {"task": "a", "k": 5.0}, "k 5.0: input should be a valid integer"),
    "small budget": (
        "recall",
        {"task": "a", "budget": 49},
        "budget 49: input should be greater than or equal to 50",
    ),
    "large budget": (
        "recall",
        {"task": "a", "budget": 8_001},
        "budget 8001: input should be less than or equal to 8000",
    ),
    "kind that is none": (
        "recall",
        {"task": "a", "kinds": ["rumour"]},
        "kinds.0 'rumour': input should be 'lesson', 'failure_mode', 'soul_entry', "
        "'coordination_pattern', 'heuristic' or 'observation'",
    ),
    "kinds that are no list": (
        "recall",
        {"task": "a", "kinds": "lesson"},
        "kinds 'lesson': input should be a valid list",
    ),
    "unknown argument": (
        "recall",
        {"task": "a", "mood": "good"},
        "mood is unknown, give task, k, budget, kinds",
    ),
    "long title": (
        "record",
        LESSON | {"title": "x" * 301},
        "title has 301 characters, shorten it to 300",
    ),
    "content that is none": (
        "record",
        LESSON | {"content": "s"},
        "content 's': input should be a valid dictionary",
    ),
    "visibility for all": (
        "record",
        LESSON | {"visibility": "all"},
        "visibility 'all': string should match pattern "
        "'^(space|(team|agent):[A-Za-z0-9][A-Za-z0-9._@-]{0,99})$'",
    ),
    "confidence of null": (
        "record",
        LESSON | {"confidence": None},
        "confidence None: input should be 'HIGH', 'MEDIUM' or 'LOW'",
    ),
    "outcome that is none": (
        "report_outcome",
        {"record_id": "a", "outcome": "great"},
        "outcome 'great': input should be 'helped', 'harmed', 'ignored', 'stale' or 'wrong'",
    ),
    "id that is none": (
        "report_outcome",
        {"record_id": "a b", "outcome": "helped"},
        "record_id 'a b': string should match pattern '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$'",
    ),
    "tokens below zero": (
        "report_outcome",
        {"record_id": "a", "outcome": "helped", "saved_tokens": -1},
        "saved_tokens -1: input should be greater than or equal to 0",
    ),
}


@pytest.mark.parametrize(("tool", "given", "said"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_argument_is_refused_with_what_would_be_right(
    tool: str, given: dict[str, object], said: str
) -> None:
    """What does not fit is refused, and the refusal names the argument, the value and the rule."""
    with pytest.raises(ValidationError, match="validation error") as caught:
        ARGUMENTS[tool].model_validate(given)

    assert refusal(caught.value, ARGUMENTS[tool]) == said


@pytest.mark.parametrize(
    "name", ["id", "status", "trust", "links", "supersedes", "space", "provenance", "extra"]
)
def test_what_is_ours_to_say_is_no_argument(name: str) -> None:
    """A model cannot choose a record's id, standing, space or source."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ARGUMENTS["record"].model_validate(LESSON | {name: "x"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"symptom": "s", "advice": "a"}, "content.advice is unknown, give "),
        ({}, "content.symptom is missing"),
        ({"symptom": " "}, "content.symptom is empty"),
        ({"symptom": "x" * 8_001}, "content.symptom has 8,001 characters, shorten it to 8,000"),
        ({"symptom": ["a"]}, "content.symptom ['a']: input should be a valid string"),
        ({"symptom": "s", "checks": "c"}, "content.checks 'c': input should be a valid list"),
        ({"symptom": "s", "checks": ["c\0"]}, "content.checks.0 has a NUL byte; remove it"),
        ({"symptom": "s", "signature": "c"}, "content.signature is unknown, give "),
    ],
)
def test_content_is_held_against_its_kind(content: dict[str, object], said: str) -> None:
    """A field that the kind lacks, or that is no text where text is due, is refused by name."""
    model = CONTENTS[Kind.FAILURE_MODE]
    with pytest.raises(ValidationError, match="validation error") as caught:
        model.model_validate(content)

    assert refusal(caught.value, model, under="content.").startswith(said)


def test_every_field_of_every_kind_is_named_where_a_model_reads_it() -> None:
    """The description of `content` lists the fields of all kinds, the required ones with a star."""
    described = ARGUMENTS["record"].model_fields["content"].description or ""

    assert [kind for kind in KINDS if f"{kind}: " not in described] == []
    assert "lesson: situation*, advice*, avoid, rationale;" in described
    assert "soul_entry: agent, aspect*, statement*;" in described


def test_a_call_with_many_faults_names_the_first_ten() -> None:
    """A refusal stays short whatever it is about."""
    with pytest.raises(ValidationError, match="validation error") as caught:
        ARGUMENTS["recall"].model_validate({"task": "a"} | {f"x{n}": n for n in range(12)})

    assert refusal(caught.value, ARGUMENTS["recall"]).endswith("; and 2 more")
