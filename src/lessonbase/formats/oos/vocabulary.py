"""The words of the format: sections, field labels, levels, and what authors write instead.

Source: `orgtp/oos-spec` (README and schema v1.1, CC BY 4.0); variants as seen in published files.
"""

import re
from typing import Final

from lessonbase.records import Confidence, Evidence

# Sections that hold prose only; a claim in one is an error.
PROSE_SECTIONS: Final = frozenset(
    {
        "purpose",
        "prime_directives",
        "system_identity",
        "confidence_map",
        "merge_protocol",
        "update_protocol",
        "summary",
    }
)
# Sections that hold claims, with the most claims each may have.
CLAIM_LIMITS: Final[dict[str, int]] = {
    "core_operating_rules": 30,
    "failure_patterns": 30,
    "human_ai_boundary_conditions": 20,
    "agent_roles_and_authority": 40,
    "coordination_patterns": 30,
    "operational_heuristics": 40,
    "value_chain_stages": 40,
    "stage_handoffs": 30,
    "department_ai_capabilities": 40,
    "cross_department_interfaces": 30,
}
# The fields of a claim, in the order and with the labels that the format has.
FIELD_LABELS: Final[dict[str, str]] = {
    "rule": "Rule",
    "why": "Why",
    "failure_mode": "Failure mode",
    "confidence": "Confidence",
    "evidence": "Evidence",
    "scope": "Scope",
}
_LABELS: Final[dict[str, str]] = {
    "rule": "rule",
    "claim": "rule",
    "principle": "rule",
    "lesson": "rule",
    "learning": "rule",
    "what to do": "rule",
    "why": "why",
    "reason": "why",
    "rationale": "why",
    "because": "why",
    "failure mode": "failure_mode",
    "failure modes": "failure_mode",
    "failuremode": "failure_mode",
    "failure": "failure_mode",
    "what failed": "failure_mode",
    "what breaks": "failure_mode",
    "confidence": "confidence",
    "confidence level": "confidence",
    "evidence": "evidence",
    "evidence type": "evidence",
    "evidence level": "evidence",
    "scope": "scope",
    "applies to": "scope",
    "section": "section",
}
_CONFIDENCES: Final[dict[str, str]] = {
    "high": Confidence.HIGH.value,
    "hi": Confidence.HIGH.value,
    "medium": Confidence.MEDIUM.value,
    "med": Confidence.MEDIUM.value,
    "moderate": Confidence.MEDIUM.value,
    "low": Confidence.LOW.value,
}
_EVIDENCES: Final[dict[str, str]] = {
    **{name.value.lower(): name.value for name in Evidence},
    "measured": Evidence.MEASURED_RESULT.value,
    "measured_results": Evidence.MEASURED_RESULT.value,
    "repeatedly_observed": Evidence.OBSERVED_REPEATEDLY.value,
    "observed": Evidence.OBSERVED_ONCE.value,
    "human_defined": Evidence.HUMAN_DEFINED_RULE.value,
    # The starter file has its own words for these two.
    "designed": Evidence.HUMAN_DEFINED_RULE.value,
    "inferred": Evidence.INFERENCE.value,
    "speculative": Evidence.SPECULATION.value,
}
# What needs no second look: the format's own words, and nothing at all.
PLAIN_CONFIDENCES: Final = frozenset({"", *(level.value for level in Confidence)})
PLAIN_EVIDENCES: Final = frozenset({"", *(sort.value for sort in Evidence)})
# A level and what is said behind it: `HIGH (three audits)`.
_LEVEL: Final = re.compile(r"\W{0,4}([A-Za-z]+(?:[ _-]{1,2}[A-Za-z]+){0,2})(.*)", re.DOTALL)
_SECTION: Final = re.compile(r"([a-z]{1,20}(?:_[a-z]{1,20}){1,5})(?![a-z0-9_])")
_SECTION_LIMIT: Final = 80


def slug(title: str) -> str:
    """The name of the section with this title.

    >>> slug("Human-AI Boundary Conditions")
    'human_ai_boundary_conditions'
    """
    return re.sub(r"[\W_]+", "_", title.lower()[: 2 * _SECTION_LIMIT]).strip("_")[:_SECTION_LIMIT]


def is_known(section: str) -> bool:
    """Whether the format names this section."""
    return section in PROSE_SECTIONS or section in CLAIM_LIMITS


def section_and_title(rest: str) -> tuple[str, str]:
    """What stands behind a claim's marker: a section of the format, and what else is said there.

    >>> section_and_title("Failure Patterns"), section_and_title("failure_patterns (draft)")
    (('failure_patterns', ''), ('failure_patterns', '(draft)'))
    """
    if is_known(name := slug(rest)):
        return name, ""
    found = _SECTION.match(rest)
    if found and is_known(found[1]):
        return found[1], rest[found.end() :].strip()
    return "", rest


def field_of(label: str) -> str:
    """The claim's field that *label* stands for; empty: the format has none.

    >>> field_of("Failure Mode"), field_of("Reason"), field_of("Owner")
    ('failure_mode', 'why', '')
    """
    return _LABELS.get(re.sub(r"[ _-]+", " ", label.strip().lower()), "")


def confidence_of(text: str) -> tuple[str, str] | None:
    """The level that *text* names and what is said behind it; none: it names no level.

    >>> confidence_of("high (three audits)")
    ('HIGH', '(three audits)')
    """
    return _level(text, _CONFIDENCES)


def evidence_of(text: str) -> tuple[str, str] | None:
    """The sort of evidence that *text* names and what is said behind it; none: it names none.

    >>> evidence_of("Observed repeatedly")
    ('OBSERVED_REPEATEDLY', '')
    """
    return _level(text, _EVIDENCES)


def _level(text: str, names: dict[str, str]) -> tuple[str, str] | None:
    found = _LEVEL.match(text)
    if not found:
        return None
    words = re.split(r"[ _-]+", found[1])
    for count in range(len(words), 0, -1):
        name = "_".join(words[:count]).lower()
        if name in names:
            # What is left of the words goes with what follows them.
            start = found.start(1) + _end_of_words(found[1], count)
            note = text[start:].strip()
            return names[name], note if any(map(str.isalnum, note)) else ""
    return None


def _end_of_words(text: str, count: int) -> int:
    ends = [found.end() for found in re.finditer(r"[A-Za-z]+", text)]
    return ends[count - 1]
