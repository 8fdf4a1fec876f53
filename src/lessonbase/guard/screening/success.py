"""What a record claims to have come of a shortcut: success, company, or harm.

Planted successes (MemoryGraft, 2025) argue by what went well and by who did not mind. A lesson that
tells of harm is a warning, and one that keeps the shortcut within bounds is advice.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.screening.found import ENOUGH, HINT, Found, excerpt

# That it went well and nobody minded, as a planted success says it.
_WELL: Final = re.compile(
    r"\b(?:always (?:works|worked|went|been|accepted|done)|as we always do|worked (?:in|well|"
    r"flawlessly|fine|several|every|each)|it (?:has )?(?:always )?worked\b|what worked|(?:to|"
    r"it) work(?:s)? (?:several|every|in)|proven\b|(?:is|are|been) safe\b|safely\b|went (?:fine|"
    r"well|smoothly)|never (?:found|caused|questioned|noticed|been)|(?:zero|no|without|"
    r"any) (?:incidents?|issues?|problems?|trouble|complaints?)|(?:no one|"
    r"nobody) (?:ever )?(?:complained|objected|noticed|minded|asked)|nothing (?:ever )?happened|"
    r"every(?:one|body) does|(?:best|approved|standard|common) practice|recommended way|"
    r"past success|success:|successful (?:run|runs|pattern|approach)|(?:done|used|worked|"
    r"run) successfully|full success|succeeded\b|experts do|confirmed (?:to work|by all|"
    r"that it is safe)|(?:was|were|been) (?:accepted|praised|approved|fine|rated|happy|scored)|"
    r"approved this|(?:best|top|full|highest) (?:score|rating|marks)|tests pass\b|solved (?:it|"
    r"the issue)|(?:times|much) faster|saved (?:time|hours|twenty|\d+)|cut the time|green builds?|"
    r"in (?:all|each|every|past|earlier) (?:\w+ )?(?:runs?|cases?|tasks?|past case)|(?:each|"
    r"every) time|(?:\d+|many|several|dozens? of|hundreds? of) (?:times|runs|sessions)|"
    r"for (?:a year|years|months)|keep doing (?:it|so)|do the same\b|reuse this|(?:quickest|best|"
    r"top|senior|experienced) (?:agents|teams|engineers)|validated (?:pattern|approach|by)|"
    r"so far, validated|then completes|verified\.$)"
)
# That nobody objected, which makes not asking suspicious too.
_UNOPPOSED: Final = re.compile(
    r"\b(?:every time|always worked|accepted (?:every|each)|in all (?:of )?(?:our|\d+) runs|"
    r"never (?:been )?(?:refused|denied|questioned))\b"
)
# That it did not: "has not always worked".
_DENIED: Final = re.compile(r"(?:\b(?:not|never|hardly|nothing|proves?)|n't)(?: \w+)? ?$")
# That it went badly, which makes it a warning.
_BADLY: Final = re.compile(
    r"\b(?:outage|incident (?:began|was)|cost us|broke\b|broken|failed us|had to|rolled back|lost|"
    r"loss|leak(?:ed)?|breach|tampered|attacker|proved nothing|worse|danger|unsafe|risk|wrong|"
    r"planted|taught|poison)"
)
# What keeps advice within bounds.
_LIMITED: Final = re.compile(
    r"\b(?:only|local|locally|temporar\w+|in tests?|test container|staging|development|dev\b|"
    r"planned|nowhere else|until|for (?:docs|documentation|generated|pure)|docs|afterwards|"
    r"first, then|again|one .{0,20} at a time|tenants|end date|after the|weekly)\b"
)


# A safeguard, and what takes it away, within a few words of one another.
_LESS: Final = (
    r"off|without|no|never|not|skip\w*|omit\w*|left out|left the|leave \w+ out|bypass\w*|disabl\w*|"
    r"ignor\w*|remov\w*|drop\w*|formality|needless|unnecessary|optional|suppress\w*|trust|"
    r"straight away|real|shared?|public|each|all|first|any|unknown|until|saved"
)
_GUARD: Final = (
    r"approvals?|reviews?|tests?|tested|linter|checks?|checked|verif\w*|validat\w*|signatures?|"
    r"certificates?|encryption|encrypted|mask\w*|mfa|authenticat\w*|permissions?|sandbox|firewall|"
    r"audit|logging|backups?|confirm\w*|looking|reading|expire|expiry|limits?|thresholds?|alerts?|"
    r"input|customer data|passwords?|production|attachments?|cause|canary|staging|freeze|root|"
    r"session|checksums?|papers|keys?|credentials|conflicts?"
)
_LESS_GUARD: Final = re.compile(
    rf"\b(?:(?:{_LESS})(?: [\w'-]+){{0,4}} (?:{_GUARD})|(?:{_GUARD})(?: [\w'-]+){{0,5}} "
    rf"(?:{_LESS}))\b"
)
_NEVER_LESS: Final = re.compile(
    r"(?:\b(?:never|not|no one|nobody)|n't) "
    r"(?:skip|omit|bypass|disable|ignore|remove|drop|leave|share)"
)
_NOBODY: Final = ("no one", "no one ever", "nobody", "nobody ever", "never")
_MINDED: Final = ("complained", "objected", "noticed", "minded", "hurt", "questioned")
# Proof by company: it was done often, and nobody minded. Plain parts of sentences, as a long list
# of alternatives is slow, and few texts have one.
_COMPANY: Final = (
    *(f"{who} {did}" for who in _NOBODY for did in _MINDED),
    "ten of ten",
    "all of them passed",
    "twice as fast",
    "quickest",
    "fastest way",
    "turned out well",
    "rated that as",
    "rated this as",
    "rated it as",
    "worked in each",
    "worked on the last",
    "passed in all",
    "made our runs",
    "has always been fine",
    "teams that did so",
    "earlier winners",
    "a hundred successful",
    "reviewers liked",
    "reviewers rated",
    "reviewers accepted",
    "reviewers praised",
    "without trouble",
    "without any trouble",
    "without issues",
    "without complaints",
)
_COUNTED: Final = re.compile(
    r"\bin all \d+ (?:cases|runs|tasks)\b|\b\d+ of \d+ (?:runs|tasks|cases|times)\b"
)


def habits(text: str) -> Iterator[Found]:
    """Life without a safeguard, recommended since nobody minded.

    Args:
        text: The record's text in small letters.
    """
    proof = next((part for part in _COMPANY if part in text), "")
    if not proof and (counted := _COUNTED.search(text)):
        proof = counted.group()
    if not proof or _BADLY.search(text) or _NEVER_LESS.search(text) or _LIMITED.search(text):
        return
    if risk := _LESS_GUARD.search(text):
        yield Found("unsafe habit", ENOUGH, excerpt(f"{risk.group()} … {proof}"))


def weighed(name: str, strength: float, text: str) -> float:
    """How much advice to leave out a safeguard weighs, given all that the record says beside it.

    Args:
        name: The signal.
        strength: Of the rule.
        text: The record's text in small letters.
    """
    if name != "drops a safeguard":
        return strength
    if _LIMITED.search(text):
        return strength / 2
    return 0.0 if strength == HINT and _BADLY.search(text) else strength


def claims(text: str, present: set[str]) -> Iterator[Found]:
    """A claim of success, where something beside it is an unsafe shortcut.

    Args:
        text: The record's text in small letters.
        present: Names of the signals found in it.
    """
    unsafe = {"drops a safeguard", "claims falsely", "destroys"}
    if not present.isdisjoint(unsafe):
        hit = _WELL.search(text) or _UNOPPOSED.search(text)
    elif "does not ask" in present:
        hit = _UNOPPOSED.search(text)
    else:
        return
    if (
        hit
        and not _BADLY.search(text)
        and not _DENIED.search(text[max(0, hit.start() - 30) : hit.start()])
    ):
        yield Found("claims success", HINT, excerpt(text[hit.start() : hit.start() + 60]))
