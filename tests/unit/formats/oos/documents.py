"""OOS files that are made up, and what happens to files on their way: as strategies."""

import os
import re
from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from lessonbase.formats.oos.model import Block, Claim, Document, Prose

EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300"))
_SECTIONS: Final = (
    "core_operating_rules",
    "failure_patterns",
    "operational_heuristics",
    "human_ai_boundary_conditions",
    "our_own_section",
)
_HEADINGS: Final = (
    "## Purpose",
    "## Failure Patterns",
    "# Acme",
    "## Our Own Section",
    "## Summary",
)
_WORDS: Final = (
    "agents", "retry", "the founder", "**[C002]**", "state:", "- one", "queue", "Why: not", "café",
    "“quoted”", "—", "#12", "```", "Scope", "HIGH", "0.5", "a|b", "\\*", "1. first", "> said",
)  # fmt: skip
_MARKER: Final = re.compile(r"[ \t]*\*\*\[[CL][0-9]{1,4}\]\*\*")
ACCOUNTED: Final = frozenset({"CLAIM_UNREADABLE", "MARKER_IN_TEXT", "CLAIM_IN_FENCE"})


def marker_lines(text: str) -> set[int]:
    """Numbers of the lines that start with a claim's marker as the format has it."""
    lines = re.split("\r\n|\n|\r", text)
    return {number for number, line in enumerate(lines, 1) if _MARKER.match(line)}


_sentences = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6).map(" ".join)
# A value's fences are closed, as a reader closes those that are not.
_plain = st.lists(
    st.sampled_from([word for word in _WORDS if word != "```"]), min_size=1, max_size=6
).map(" ".join)
_values = st.one_of(
    st.lists(_plain, min_size=1, max_size=3).map("\n".join),
    _plain.map(lambda text: f"{text}\n```\n  **[C001]** quoted\n\n- **Rule:** {text}\n```\nend"),
    _plain.map(lambda text: f"- {text}\n  - nested\n\n  more"),
)
# What front matter can hold: no NUL, and no half of a character.
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=9)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """A claim; any of its fields may be missing."""
    maybe = st.one_of(st.just(""), _values)
    extra = st.dictionaries(st.sampled_from(["Owner", "Source", "Note on use"]), maybe, max_size=2)
    return Claim(
        f"C{draw(st.integers(1, 40)):03}",
        draw(st.sampled_from(_SECTIONS)),
        draw(maybe),
        draw(maybe),
        draw(maybe),
        draw(st.sampled_from(["HIGH", "MEDIUM", "LOW", ""])),
        draw(st.sampled_from(["MEASURED_RESULT", "SPECULATION", "INFERENCE", ""])),
        draw(maybe),
        draw(extra),
    )


_prose = st.builds(
    Prose,
    st.sampled_from(_HEADINGS),
    st.lists(st.sampled_from(["Some prose.", "1. A rule.", "| a | b |", ""]), max_size=4)
    .map("\n".join)
    .map(lambda text: text.strip("\n")),
)
_front = st.dictionaries(
    st.sampled_from(["oos_version", "org_pseudonym", "platforms", "entities", "x_ours", "version"]),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-9, 99), _texts),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(_texts, inner, max_size=2)
        ),
        max_leaves=4,
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of claims and prose, valid in form if not in content."""
    blocks: list[Block] = draw(st.lists(st.one_of(claims(), claims(), _prose), max_size=6))
    return Document(draw(_front), tuple(blocks))


def _cut(text: str, draw: st.DrawFn) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _swap(text: str, draw: st.DrawFn) -> str:
    lines = text.split("\n")
    i, j = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
    lines[i], lines[j] = lines[j], lines[i]
    return "\n".join(lines)


def _insert(text: str, draw: st.DrawFn) -> str:
    lines = text.split("\n")
    line = st.one_of(
        st.text(max_size=20),
        _sentences,
        st.sampled_from(["---", "", "```", "~~~", "**[C001]** failure_patterns", "### L025: sent",
                         "- **Rule:** again", "**[C003]** own", "   **[C9]** x y", "- Why: so",
                         "## Summary", "[C004] core_operating_rules", "- **Confidence:** high (x)",
                         "\t- **Scope:** tab", "- **Section:** failure_patterns"]),
    )  # fmt: skip
    lines.insert(draw(st.integers(0, len(lines))), draw(line))
    return "\n".join(lines)


def _drop_line(text: str, draw: st.DrawFn) -> str:
    lines = text.split("\n")
    del lines[draw(st.integers(0, len(lines) - 1))]
    return "\n".join(lines)


def _join(text: str, draw: st.DrawFn) -> str:
    places = [found.start() for found in re.finditer("\n", text)]
    place = draw(st.sampled_from(places)) if places else 0
    return text[:place] + text[place + 1 :]


def _indent(text: str, draw: st.DrawFn) -> str:
    by = draw(st.sampled_from([" ", "  ", "\t", "\xa0"]))
    return "\n".join(by + line for line in text.split("\n"))


_DAMAGES: Final[tuple[Callable[[str, st.DrawFn], str], ...]] = (
    _cut,
    _swap,
    _swap,
    _insert,
    _insert,
    _drop_line,
    _join,
    _indent,
    lambda text, _: text.replace("\n", "\r\n"),
    lambda text, _: text.replace('"', "\u201c").replace("'", "\u2019"),
    lambda text, _: text.replace(" ", "\xa0"),
    lambda text, _: text.replace("-", "\u2014"),
    lambda text, _: text.encode("utf-8", "replace").decode("latin-1"),
    lambda text, _: text.encode("utf-16", "replace").decode("latin-1"),
    lambda text, _: "\ufeff" + text.rstrip("\n"),
    lambda text, _: text.replace("**", ""),
    lambda text, _: text.replace("- **", "* **").replace(":** ", "**: "),
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """*text* after up to three accidents."""
    for damage in draw(st.lists(st.sampled_from(_DAMAGES), max_size=3)):
        text = damage(text, draw)
    return text
