"""Characters that a person does not see and a model reads: what they say, the text without.

Kept, as they belong to what is seen: joiners inside emoji and inside Arabic and Indic words, one
variation selector after a sign that has variants, flags of regions, and direction marks in a text
that has letters written from right to left. All else goes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lessonbase.guard.screening.found import CERTAIN, ENOUGH, Found, excerpt

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_RUN: Final = re.compile(f"{_HIDDEN.pattern}+")
_ANSI: Final = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[@-Z\\^_])"
)
_FLAG: Final = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073"
    "\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073))\U000e007f"
)
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
_OVERRIDES: Final = frozenset("\u202d\u202e")
_JOINERS: Final = frozenset("\u200c\u200d")
_SPACED: Final = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x85", "\n"))

# Invisible characters in a row from which they carry a message: eight bits, or four bytes.
_BITS: Final = 8
_BYTES: Final = 4
# Words broken up from inside from which it is a way to hide them; copied pages bring one or two.
_BROKEN: Final = 4
_INSIDE: Final = re.compile(r"(?<=[a-z])[\u200b-\u200d\u2060\ufeff]+(?=[a-z])")
_DOUBLE_HYPHEN: Final = re.compile(r"(?<=\w)\xad{2,}(?=\w)")
# Decoded signs from which it says something.
_SAYING: Final = 3

_NAMES: Final = (
    ("\u200b\u200c\u200d\u2060\ufeff", "zero-width characters"),
    ("\xad", "soft hyphens"),
    ("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "direction marks"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as a person sees it.

    Attributes:
        text: Without hidden characters; equal to what was given where there were none.
        removed: What was taken out, in plain words; empty if nothing.
        count: Characters taken out.
        found: What was hidden in it, and said something or was hidden on purpose.
    """

    text: str
    removed: str = ""
    count: int = 0
    found: tuple[Found, ...] = ()


def seen(text: str) -> Seen:
    r"""*text* without what a person does not see.

    >>> seen("see\u200b below").text
    'see below'
    """
    if not _HIDDEN.search(text):
        return Seen(text)
    found = list(_concealed(text))
    bare = _ANSI.sub("", text).translate(_SPACED)
    found += _payloads(bare)
    shown, gone = _without(bare)
    shown = shown.strip()
    if shown == text:
        return Seen(text, found=tuple(found))
    names = sorted(
        {_name(sign) for sign in gone} | ({"terminal codes"} if _ANSI.search(text) else set())
    )
    return Seen(
        shown, ", ".join(names) or "control characters", len(text) - len(shown), tuple(found)
    )


def _without(text: str) -> tuple[str, str]:
    """The text, and the characters that were taken from it."""
    keep = {at for flag in _FLAG.finditer(text) for at in range(*flag.span())}
    turned = bool(_RIGHT_TO_LEFT.search(text))
    kept: list[str] = []
    gone: list[str] = []
    last = 0
    for hit in _HIDDEN.finditer(text):
        at = hit.start()
        if at in keep or _belongs(text, at, turned=turned):
            continue
        kept.append(text[last:at])
        gone.append(text[at])
        last = at + 1
    return "".join((*kept, text[last:])), "".join(gone)


def _belongs(text: str, at: int, *, turned: bool) -> bool:
    """Whether the hidden character at *at* is part of what is seen."""
    sign = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if sign in _DIRECTIONS:
        return turned
    if sign in _JOINERS:
        base = text[at - 2 : at - 1] if before == "\ufe0f" else before
        pictures = sign == "\u200d" and _picture(base) and _picture(after)
        return pictures or (_joining(before) and _joining(after))
    if "\ufe00" <= sign <= "\ufe0f":
        alone = not _HIDDEN.match(before) and not _selector(after)
        return (
            alone
            and bool(before)
            and (_picture(before) or before in "0123456789#*©®" or _ideograph(before))
        )
    if "\U000e0100" <= sign <= "\U000e01ef":
        return _ideograph(before) and not _selector(after)
    return "\u180b" <= sign <= "\u180f" and "\u1820" <= before <= "\u18aa"


def _selector(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _picture(sign: str) -> bool:
    return (
        "\U0001f000" <= sign <= "\U0001faff"
        or "\u2190" <= sign <= "\u2bff"
        or sign in {"〰", "〽", "㊗", "㊙"}
    )


def _ideograph(sign: str) -> bool:
    return (
        "\u3400" <= sign <= "\u9fff"
        or "\U00020000" <= sign <= "\U0003ffff"
        or "\uf900" <= sign <= "\ufaff"
    )


def _joining(sign: str) -> bool:
    """Whether *sign* is of a script whose words need joiners."""
    return (
        "\u0620" <= sign <= "\u08ff" or "\u0900" <= sign <= "\u109f" or "\u1780" <= sign <= "\u18af"
    )


def _concealed(text: str) -> Iterator[Found]:
    """Terminal codes that make text invisible or write to the clipboard."""
    for hit in _ANSI.finditer(text):
        code = hit.group()
        if code.endswith("m") and "8" in code[2:-1].split(";"):
            said = text[hit.end() : hit.end() + 200].split("\x1b")[0]
            yield Found("conceals text", CERTAIN, excerpt(said))
            return
        if code.startswith("\x1b]52"):
            yield Found("writes to the clipboard", CERTAIN, excerpt(code))
            return


def _payloads(text: str) -> Iterator[Found]:
    """What hidden characters say."""
    visible_flags = _FLAG.sub("", text)
    tags = "".join(
        chr(ord(sign) - 0xE0000) for sign in visible_flags if "\U000e0020" <= sign <= "\U000e007e"
    )
    if len(tags) >= _SAYING:
        yield Found("hidden text", CERTAIN, excerpt(tags))
    for run in _RUN.findall(text):
        if len(run) >= _BYTES and (said := _message(run)):
            yield Found("hidden text", CERTAIN, excerpt(said))
            break
    if any(sign in text for sign in _OVERRIDES):
        at = min(text.find(sign) for sign in _OVERRIDES if sign in text)
        if text[at + 1 :].strip("\u202c "):
            yield Found("reverses what is seen", ENOUGH, excerpt(text[at + 1 : at + 60]))
    broken = len(_INSIDE.findall(text))
    if broken >= _BROKEN or len(_DOUBLE_HYPHEN.findall(text)) >= 2:
        yield Found("breaks up words", ENOUGH, excerpt(_HIDDEN.sub("", text)))


def _message(run: str) -> str:
    """What a run of hidden characters spells; empty if it is too short to spell anything."""
    selectors = bytes(_value(sign) for sign in run if _selector(sign))
    if len(selectors) >= _BYTES:
        return _readable(selectors) or f"{len(selectors)} variation selectors in a row"
    zero = [sign for sign in run if sign in "\u200b\u200c\u200d\u2060\ufeff"]
    if len(zero) < _BITS:
        return ""
    for pair in pairwise(dict.fromkeys(zero)):
        bits = "".join(str(pair.index(sign)) for sign in zero if sign in pair)
        for code in (bits, bits.translate(str.maketrans("01", "10"))):
            data = bytes(int(code[at : at + 8], 2) for at in range(0, len(code) - 7, 8))
            if said := _readable(data):
                return said
    return f"{len(zero)} zero-width characters in a row"


def _value(sign: str) -> int:
    return ord(sign) - (0xFE00 if sign <= "\ufe0f" else 0xE0100 - 16)


def _readable(data: bytes) -> str:
    text = data.decode(errors="ignore")
    return text if len(text) >= _SAYING and all(sign.isprintable() for sign in text) else ""


def _name(sign: str) -> str:
    for signs, name in _NAMES:
        if sign in signs:
            return name
    if _selector(sign):
        return "variation selectors"
    if "\U000e0000" <= sign <= "\U000e007f":
        return "tag characters"
    return "control characters" if unicodedata.category(sign) == "Cc" else "invisible characters"
