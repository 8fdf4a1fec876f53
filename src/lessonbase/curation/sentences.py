"""Cuts a text into sentences of tokens, spelled so that the same things look the same.

Pure. Contractions are written out, phrases that do the work of one word become that word, what is
in brackets follows its sentence, and "before A, B" is read as "B before A".
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.curation.normal import unified
from lessonbase.curation.vocabulary import PHRASES

_LONGEST_FIRST: Final = sorted(PHRASES, key=len, reverse=True)
_PHRASE: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})\b")
# can't, won't; don't.
_CONTRACTED: Final = re.compile(r"\b(?:ca|wo|sha)n't\b|\b([a-z]{2,12})n't\b")
_HYPHEN: Final = re.compile(r"(?<=[a-z])-(?=[a-z])")
_TOKEN: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:t[\d:.]+z?)?"  # a date
    r"|[$€]?\d+(?:[.,:]\d+)*[a-z%$€]*"  # a number, a version, a time of day
    r"|[^\W_]\w*(?:[./]\w+)*|_\w+"  # a word, an identifier
    r"|[.,;:!?()%$€]|(?<= )-(?= )"  # a mark
)
_ENDS: Final = frozenset(".;:!?-")
_FRONTED: Final = frozenset({"before", "after", "until"})


def plainly(text: str) -> str:
    """*text* in small letters and on one line, its phrases and contractions replaced.

    >>> " ".join(plainly("Don't read-write rather than ask.").split())
    'do not read write insteadof ask.'
    """
    plain = unified(text.replace("\n", " ; "))
    if "n't" in plain:
        plain = _CONTRACTED.sub(r"\1 not", plain)
    plain = _HYPHEN.sub(" ", plain)
    return _PHRASE.sub(lambda match: PHRASES[match[0]], plain)


def sentences(plain: str) -> Iterator[tuple[list[str], str]]:
    """The tokens up to each mark that ends something, and that mark.

    >>> list(sentences("before lunch, wait (an hour)."))
    [(['wait', 'before', 'lunch'], '.'), (['an', 'hour'], ';')]
    """
    sentence: list[str] = []
    asides: list[list[str]] = []
    within = False
    for piece in (*_TOKEN.findall(plain), "."):
        if piece in "()":
            within = piece == "("
            if within:
                asides.append([])
        elif piece in _ENDS and (not within or piece in ".;"):
            if sentence:
                yield _front_last(sentence), piece
            yield from ((aside, ";") for aside in asides if aside)
            sentence, asides, within = [], [], False
        elif within:
            asides[-1].append(piece)
        else:
            sentence.append(piece)


def _front_last(sentence: list[str]) -> list[str]:
    """What stands before, after or until something: after what it is said of."""
    if sentence[0] in _FRONTED and "," in sentence:
        comma = sentence.index(",")
        return [*sentence[comma + 1 :], *sentence[:comma]]
    return sentence
