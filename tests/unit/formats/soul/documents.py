"""Soul files at random: Markdown of every sort of line, JSON of every sort of nesting."""

import os
from typing import Any, Final

from hypothesis import strategies as st

EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300")) // 3

_WORDS: Final = (
    "ask never before you send **bold** _soft_ `code` `tick * _ # - 1. [Belief 1] ... TODO "
    "<!-- --> <b> | > \\ \\* ``` ~~~ --- === : ; 2026-01-02 Tone: **Tone:** **Key**: ünï ☃ \u2028 "
    "[a](b) ![p](q) [r]: https://x.y/z {{name}} don't without what? \u00a0 \x0b \ufeff •"
)
WORDS: Final = st.sampled_from(_WORDS.split(" "))
LINE: Final = st.lists(WORDS, max_size=7).map(" ".join)
_PREFIXES: Final = (
    ["", "- ", "* ", "  - ", "    - ", "\t- ", "1. ", "7) ", "# ", "## ", "### ", "##", "> ", "| "],
    ["", "    ", "```", "~~~~", "<!--", "- [ ] ", "- [x] ", "---", "**Never**", "I never:", "  "],
)
PREFIX: Final = st.one_of(map(st.sampled_from, _PREFIXES))
MARKDOWN: Final = st.builds(
    "{}{}".format,
    st.sampled_from(
        ["", "", "", "\ufeff", "---\nname: Iris\nvalues: [a b, c]\n---\n", "---\n", "\n"]
    ),
    st.builds(
        lambda lines, end: end.join(lines),
        st.lists(st.builds("{}{}".format, PREFIX, LINE), max_size=25),
        st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r"]),
    ),
)
STATEMENT: Final = (
    st.one_of(
        LINE,
        st.lists(st.builds("{}{}".format, PREFIX, LINE), min_size=1, max_size=4).map("\n".join),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40),
    )
    .map(lambda text: text.replace("\r", " ").strip())
    .filter(bool)
)

_KEYS: Final = (
    "values fears experiences relationships never core_beliefs mood name date text what lesson who "
    "person role why tags note title description agent id version source David x"
)
KEY: Final = st.sampled_from(_KEYS.split())
VALUE: Final[st.SearchStrategy[Any]] = st.recursive(
    st.one_of(
        st.text('ab \n"\\é', max_size=8),
        LINE,
        st.integers(-9, 9),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEY, inner, max_size=5)),
    max_leaves=25,
)
