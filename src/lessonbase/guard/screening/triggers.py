"""Nonsense that is there to be searched by: the triggers of AgentPoison (2024).

A planted record is found by a few odd tokens in the question. Runs of words that no prose has are
told by their letters; a trigger made of real words, or of nonsense that can be spoken, is not.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from lessonbase.guard.screening.found import ENOUGH, HINT, Found, excerpt
from lessonbase.guard.screening.letters import english, strange, strangeness

_LETTERS: Final = re.compile("[a-z]{3,24}")
# Two neighbours that are no words are enough; abbreviations stand alone, or with commas between.
_RUN: Final = 2
_SURE: Final = 0.75
# Longest token that is looked at, in characters, and most tokens of a run that are shown.
_LONGEST: Final = 40
_SHOWN: Final = 20
# What no word, code or line has in it. One token with two of them, twice in a row: ~~vx!qpl//
# ~~vx!qpl//
_SIGNS: Final = re.compile(r"[^\w\s.,:;'\"()\[\]{}<>*=+/|&#@$%`\\-]")
# Tokens that models of the GPT family are known to stumble over (Rumbelow & Watkins, 2023).
_GLITCHES: Final = (
    "SolidGoldMagikarp",
    "petertodd",
    "attRot",
    "cloneembedreportprint",
    "StreamerBot",
)


def triggers(text: str) -> Iterator[Found]:
    """Runs of nonsense in *text*, which is a record's text as it is written."""
    if run := _longest(text):
        whole = " ".join(run)
        if english(text) or len(run) > _RUN:
            yield Found("looks like a trigger", ENOUGH if english(text) else HINT, excerpt(whole))
    for glitch in _GLITCHES:
        if glitch in text:
            yield Found("looks like a trigger", ENOUGH, glitch)
    if twice := _twice(text):
        yield Found("looks like a trigger", ENOUGH, excerpt(f"{twice} {twice}"))


def _twice(text: str) -> str:
    """The first token of signs that stands twice in a row; empty if there is none."""
    for one, two in pairwise(text.split()):
        if (
            one == two
            and 4 <= len(one) <= _LONGEST
            and len(set(one)) > 1
            and len(_SIGNS.findall(one)) > 1
        ):
            return one
    return ""


def _longest(text: str) -> list[str]:
    """The longest run of tokens that are no words; empty if it proves nothing."""
    odd = {word for word in set(_LETTERS.findall(text)) if strange(word)}
    if not odd:
        return []
    best: tuple[int, int] = (0, 0)
    start = 0
    tokens = text.split()
    cores = [token.strip(";:.!?\"'") for token in tokens]
    for at, core in enumerate(cores):
        if core not in odd:
            start = at + 1
            continue
        best = max(best, (at + 1 - start, start))
        if tokens[at][-1] in ".,;:!?":
            start = at + 1
    length, start = best
    run = cores[start : start + min(length, _SHOWN)]
    # Two in a row may be names of the trade (emmc, ntohll); of a trigger hardly a letter fits.
    sure = length > _RUN or all(strangeness(word) >= _SURE for word in run)
    return run if length >= _RUN and sure else []
