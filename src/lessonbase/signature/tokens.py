"""Cuts a text into tokens, and tells which of them are code rather than prose.

A token is a run of letters, digits and the characters that paths, versions and flags are made of.
All rules look at one token of bounded length, so the time is linear in the text.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.vocabulary import BRANDS, DOMAINS, FILE_ENDINGS

# Characters of a text that are read: three fields of a record at their limit.
TEXT_LIMIT: Final = 200_000
# Characters of the longest token looked at, which is also a label's limit in a record.
TOKEN_LIMIT: Final = 100

# Accented letters belong to words, so that no half of one passes for an identifier.
_TOKEN: Final = re.compile(r"[A-Za-z]:\\[\w.\\-]+|[A-Za-z0-9_À-ɏ./~\\-]+")
# What ends a sentence, a folder or a dash, not a token.
_TAIL: Final = ".-/\\~"

_LETTER: Final = re.compile(r"[A-Za-z]")
_CALL: Final = re.compile(r"(?<![\w.-])([A-Za-z_][A-Za-z0-9_]{1,60})\(\)")
_QUALIFIED: Final = re.compile(r"(?<![\w:])[A-Za-z_]\w{0,40}(?:::[A-Za-z_]\w{0,40}){1,8}(?![\w:])")
_SNAKE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9]*(?:_+[A-Za-z0-9]+)+_{0,2}")
# Two small letters before the hump: neither eBay nor iPhone.
_CAMEL: Final = re.compile(r"[a-z]{2,}[a-z0-9]*(?:[A-Z][a-z0-9]+)+[A-Z]?|[a-z]{3,}[A-Z]{2,4}")
# Three humps: neither JavaScript nor GitHub.
_PASCAL: Final = re.compile(r"(?:[A-Z][a-z0-9]+){3,}")
_FLAG: Final = re.compile(r"--[a-z][a-z0-9]*(?:[-._][A-Za-z0-9]+)*")
# Prose --and there is some-- that has its dashes without blanks.
_DASHES: Final = frozenset(
    f"--{word}" for word in ("a", "and", "as", "but", "it", "or", "so", "the")
)
_DOTTED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)+")
_DOTFILE: Final = re.compile(r"\.(?:env(?:\.[a-z]+)?|[a-z_]*(?:rc|ignore|attributes|profile))")
_ABSOLUTE: Final = re.compile(r"(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)*")
_RELATIVE: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
_ROOTED: Final = re.compile(
    r"/(?:etc|var|tmp|usr|opt|proc|sys|dev|home|root|mnt|srv|run|boot|data)"
)
_WINDOWS: Final = re.compile(r"(?:[A-Za-z]:)?\\[\w.-]+(?:\\[\w.-]+)*")

# What the exact field of the word index holds: tokens with a mark in them, and words of two humps
# or of capitals. "JSON" costs nothing there, and "ECONNRESET" needs it.
_LOUD: Final = re.compile(r"[a-z][A-Z]|[A-Z]{4}")
_MARKED: Final = re.compile(r"[\d_./\\]")
# "and/or", "read/write": words of prose, which find their records by themselves.
_EITHER: Final = re.compile(r"[A-Za-z]+/[A-Za-z]+")
_LETTER_OR_VERSION: Final = re.compile(r"[A-Za-z]|\d\.\d")


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of every token, without the punctuation after it."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if not token.isalpha():
            token = token.rstrip(_TAIL)
        if token and len(token) <= TOKEN_LIMIT and token.isascii():
            start = match.start()
            yield start, start + len(token), token


def identifier(token: str) -> str | None:
    """*token* as an identifier in its canonical spelling; none if it is prose or a number.

    >>> [identifier(word) for word in ("maxRetries", "/etc/hosts", "and/or", "--force", "e.g")]
    ['maxRetries', '/etc/hosts', None, '--force', None]
    """
    if token.isalpha():
        hump = _CAMEL.fullmatch(token) or _PASCAL.fullmatch(token)
        return token if hump and token not in BRANDS else None
    if not _LETTER.search(token):
        return None
    if "/" in token:
        known = _is_path(token)
    elif "\\" in token:
        known = _WINDOWS.fullmatch(token) is not None and token.count("\\") > 1
    elif token.startswith("-"):
        known = _FLAG.fullmatch(token) is not None and token not in _DASHES
    elif "." in token:
        known = _is_dotted(token)
    else:
        known = any(shape.fullmatch(token) for shape in (_SNAKE, _CAMEL, _PASCAL))
    return token if known else None


def called(text: str) -> Iterator[tuple[int, str]]:
    """Names of functions written with their brackets, and names with ``::`` in them."""
    if "()" in text:
        for match in _CALL.finditer(text):
            yield match.start(), match[1]
    if "::" in text:
        for match in _QUALIFIED.finditer(text):
            if len(match[0]) <= TOKEN_LIMIT and match[0].isascii():
                yield match.start(), match[0]


def identifiers(text: str) -> tuple[str, ...]:
    """The tokens of *text* that are matched to the letter, in lower case, each once.

    Codes, identifiers, paths, versions: all that a search engine's words would tear apart. Wider
    than :func:`identifier`, since a token that nobody looks for costs nothing.

    >>> identifiers("E0382 in foo_bar() of src/main.rs, since 1.5.9")
    ('e0382', 'foo_bar', 'src/main.rs', '1.5.9')
    """
    found: dict[str, None] = {}
    for _, _, token in tokens(text[:TEXT_LIMIT]):
        if _is_exact(token):
            bare = token.lstrip("-").removeprefix("//")
            if len(bare) > 1:
                found[bare.lower()] = None
    return tuple(found)


def _is_exact(token: str) -> bool:
    if token.isalpha():
        prose = token.islower() or token[1:].islower()
        return not prose and _LOUD.search(token) is not None
    marked = _MARKED.search(token) and _LETTER_OR_VERSION.search(token)
    return bool(marked) and not _EITHER.fullmatch(token)


def _is_path(token: str) -> bool:
    if token.startswith("//"):
        return False  # what follows the colon of a URL
    parts = [part for part in token.split("/") if part]
    if token[0] in "/~.":
        if len(parts) < 2 and token[0] != "~" and not _ROOTED.fullmatch(token):
            return False
        return _ABSOLUTE.fullmatch(token) is not None
    return _has_ending(parts[-1]) and _RELATIVE.fullmatch(token) is not None


def _is_dotted(token: str) -> bool:
    if token.startswith("."):
        return _DOTFILE.fullmatch(token) is not None
    if _has_ending(token):
        return True
    if not _DOTTED.fullmatch(token):
        return False
    parts = token.split(".")
    if parts[-1].lower() in DOMAINS or min(map(len, parts)) < 2:
        return False
    # Two words with a full stop between them are prose that lost its blank.
    return len(parts) > 2 or "_" in token or any(map(_CAMEL.fullmatch, parts))


def _has_ending(name: str) -> bool:
    stem, _, ending = name.rpartition(".")
    return bool(stem) and ending.lower() in FILE_ENDINGS
