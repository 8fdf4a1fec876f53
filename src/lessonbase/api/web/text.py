"""Text of records as a page may show it: nothing unseen in it, matched words marked."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

# Format characters that writing needs: joiners of Persian, Indic scripts and emoji, and the two
# marks of direction, which move nothing but the signs beside them.
_NEEDED: Final = frozenset("\n\r\t\u200c\u200d\u200e\u200f")
# Controls, format characters (overrides of direction, zero-width spaces, tags), line separators.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
# Letters that are drawn as nothing.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")

_WORD: Final = re.compile(r"[^\W_]+")
# Endings under which a word is still the same word, longest first.
_ENDINGS: Final = ("ings", "ions", "ers", "ied", "ies", "ing", "ion", "ed", "er", "es", "ly", "s")
# Letters that an ending leaves behind, at least.
_SHORTEST_STEM: Final = 3


def visible(text: str) -> str:
    r"""*text* with every character that would not be seen named in its place.

    What reads harmlessly and is copied into a shell or a prompt must not say something else there.

    >>> visible("rm\u202e -rf")
    'rm[U+202E] -rf'
    """
    # All but always. Blank letters are letters to Python, and so printable.
    if text.isprintable() and _BLANK.isdisjoint(text):
        return text
    return "".join(f"[U+{ord(sign):04X}]" if _is_unseen(sign) else sign for sign in text)


def marked(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """*text* in pieces, each with whether it is one of *words*; endings do not count.

    The index compares stems; this comes close enough to show a reader where to look.

    >>> marked("Migrations take locks", ["locked"])
    [('Migrations take ', False), ('locks', True)]
    """
    wanted = {_stem(part) for word in words for part in _WORD.findall(word) if _counts(part, word)}
    text = visible(text)
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _WORD.finditer(text):
        if _stem(found.group()) in wanted:
            pieces += [(text[end : found.start()], False), (found.group(), True)]
            end = found.end()
    pieces.append((text[end:], False))
    return [piece for piece in pieces if piece[0]]


def web_host(url: str) -> str:
    """The host that *url* leads to; empty if it is not a link a page may offer.

    >>> web_host("https://sre.google/sre-book/"), web_host("javascript:alert(1)")
    ('sre.google', '')
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    plain = url.isprintable() and not any(sign.isspace() or sign == "\\" for sign in url)
    return host if plain and parts.scheme in {"http", "https"} else ""


def plain_name(name: str) -> str:
    """A field's or an enumeration's name as a reader would say it.

    >>> plain_name("MEASURED_RESULT"), plain_name("failure_mode")
    ('Measured result', 'Failure mode')
    """
    return name.replace("_", " ").replace(".", ": ").capitalize()


def _is_unseen(sign: str) -> bool:
    return sign not in _NEEDED and (unicodedata.category(sign) in _UNSEEN or sign in _BLANK)


def _counts(part: str, word: str) -> bool:
    """Whether *part* may be marked on its own: the t of don't may not."""
    return len(part) > 1 or part == word


def _stem(word: str) -> str:
    word = word.casefold()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    if len(word) > _SHORTEST_STEM:
        word = word.rstrip("eyi")
    if word[-2:-1] == word[-1:]:
        word = word[:-1]
    return word
