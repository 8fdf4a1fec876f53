"""Words and word pairs of a text, near-equal ones as one: what the names of clusters are made of.

Pure: text in, terms out.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lessonbase.stores.stopwords import STOP_WORDS

# Words of a text that are read: the rest of a long post-mortem must not name what it is about.
READ_WORDS: Final = 300
# Common in what people write about work, and no name for it.
_WEAK: Final = """
    able actually almost already always another anyone anything around away back bad become best
    better big bit call case cause come different done else enough especially even ever every
    everyone everything example fact far few find first full generally given go going good great
    hard high however instead keep kind large last later least less let level like likely little
    long look lot made main make many matter maybe mean might more most move much must never new
    next nobody nothing now number often old one ones open part people per place point possible
    put quite rather real really right run said say see seem set several show since single small
    some someone something sort start still sure take than there thing things think though three
    thus time times together took try turn two type until upon use used useful user uses using
    usually via want way well went whether while whole without won work works would year years yet
    agree avoid cannot say yes
"""
_UNNAMED: Final = frozenset((*STOP_WORDS, *_WEAK.split()))
# Letters first; digits, and signs within: k8s, c++, gpt-4, node.js, on-call. No numbers alone.
_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_.'’][a-z0-9]+)*\+*", re.IGNORECASE)
_ENDINGS: Final = (
    *("ations", "ation", "ating", "ated", "ates", "ate", "ments", "ment", "ingly", "edly"),
    *("ings", "ing", "ions", "ion", "ers", "er", "ies", "ied", "ed", "es", "s", "ly", "e"),
)
# What is left of a word when its ending goes: shorter, and unlike words would be the same.
_STEM: Final = 3


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """*word* without its ending, so that its forms are one; cruder than a dictionary would be.

    >>> {stem(word) for word in ("cache", "caches", "cached", "caching")}
    {'cach'}
    >>> stem("running") == stem("runs")
    True
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            if ending == "s" and word.endswith(("ss", "us", "is")):
                continue
            word = word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            break
    if len(word) > _STEM and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    return word


_UNNAMED_STEMS: Final = frozenset(stem(word) for word in _WEAK.split() if len(word) > _STEM)


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Each term of *text* as (stem, as written): words, and pairs that stand side by side.

    A stem is the same for deploy, deploys and deployed; it is a key and not for readers.

    >>> list(terms("Roll back the deploys"))
    [('roll', 'roll'), ('deploy', 'deploys')]
    >>> list(terms("Schema migrations"))[-1]
    ('schema migr', 'schema migrations')
    """
    before: tuple[str, str, int] | None = None
    for number, found in enumerate(_WORD.finditer(text)):
        if number == READ_WORDS:
            return
        word = found.group().replace("’", "'")
        if word.endswith("'s"):
            word = word[:-2]
        key, shown = stem(word.lower()), _shown(word)
        # "don't", "he'd": never a name.
        if len(word) < 2 or "'" in word or word.lower() in _UNNAMED or key in _UNNAMED_STEMS:
            continue
        yield key, shown
        # Side by side means nothing but a blank between: no full stop, no "and".
        if before and text[before[2] : found.start()] == " " and before[0] != key:
            yield f"{before[0]} {key}", f"{before[1]} {shown}"
        before = key, shown, found.end()


def _shown(word: str) -> str:
    """Small letters, unless the capitals are part of the name: DNS, GitHub."""
    return word.lower() if word[1:] == word[1:].lower() else word
