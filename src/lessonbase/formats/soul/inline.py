"""Markdown inside a line: its words without emphasis, and words as Markdown that reads the same.

Only emphasis, comments and backslash escapes are undone; code, links and pictures stay as they are
written, since their signs carry meaning. Time grows with the length of the text, whatever is in it.
"""

import re
from collections import defaultdict
from typing import Final

_RUN: Final = re.compile(r"\\.|`+|\*+|_+", re.DOTALL)
_PUNCTUATION: Final = frozenset(r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
_ESCAPED: Final = re.compile(r"[\\`*_<\[\]]")


def plain(text: str) -> str:
    r"""*text* without emphasis and escapes.

    >>> plain("**Act, don't ask.** Read `__init__` in snake_case, then _go_.")
    "Act, don't ask. Read `__init__` in snake_case, then go."
    >>> plain(r"2 \* 3 * 4")
    '2 * 3 * 4'
    """
    tokens = _tokens(text)
    gone: set[int] = set()
    opened: defaultdict[str, list[int]] = defaultdict(list)
    for number, (start, run) in enumerate(tokens):
        if run[0] not in "*_":
            continue
        opens, closes = _sides(text, start, run)
        if closes and opened[run]:
            gone.update((opened[run].pop(), number))
        elif opens:
            opened[run].append(number)
    parts, at = [], 0
    for number, (start, run) in enumerate(tokens):
        parts.append(text[at:start])
        at = start + len(run)
        if run[0] == "\\":
            parts.append(run[1:] if run[1] in _PUNCTUATION else run)
        elif number not in gone:
            parts.append(run)
    return "".join(parts) + text[at:]


def escaped(text: str) -> str:
    r"""*text* with every sign that Markdown could take for emphasis, code or a tag made literal.

    >>> escaped("a*b*c")
    'a\\*b\\*c'
    """
    return _ESCAPED.sub(lambda sign: "\\" + sign.group(), text)


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where code stands in backticks: half-open spans, in order.

    >>> code_spans("a `b` c ``d`")
    [(2, 5)]
    """
    runs = [(run.start(), run.group()) for run in _RUN.finditer(text) if run.group()[0] == "`"]
    later: defaultdict[str, list[int]] = defaultdict(list)
    for start, run in reversed(runs):
        later[run].append(start)
    spans, end = [], 0
    for start, run in runs:
        later[run].pop()
        if start >= end and later[run]:
            end = later[run][-1] + len(run)
            spans.append((start, end))
    return spans


def _tokens(text: str) -> list[tuple[int, str]]:
    """Escapes and runs of emphasis signs outside of code, with their offsets."""
    spans = code_spans(text)
    tokens, span = [], 0
    for found in _RUN.finditer(text):
        while span < len(spans) and spans[span][1] <= found.start():
            span += 1
        inside = span < len(spans) and spans[span][0] <= found.start()
        if not inside and found.group()[0] != "`":
            tokens.append((found.start(), found.group()))
    return tokens


def _sides(text: str, start: int, run: str) -> tuple[bool, bool]:
    """Whether a run of `*` or `_` can open emphasis, and whether it can close it."""
    before = text[start - 1 : start]
    after = text[start + len(run) : start + len(run) + 1]
    opens = bool(after.strip())
    closes = bool(before.strip())
    if run[0] == "_":
        opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
    return opens, closes
