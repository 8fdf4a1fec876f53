"""Views of a text: what a model reads in it, whatever signs it is written with."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Signs that readers take for Latin letters: Cyrillic, Greek, Armenian, Cherokee and small capitals.
# Chosen by hand from Unicode's confusables (UTS 39), those that attackers use.
_ALIKE: Final = {
    "a": "аαɑᴀӑ", "b": "ьвʙЬВΒ", "c": "сϲᴄⅽСϹ", "d": "ԁɗᴅ", "e": "еєεёᴇҽЕΕЁǝ", "f": "ϝꜰ",
    "g": "ɡԍɢց", "h": "һнʜНΗհ", "i": "іιıɩɪӏІΙΊї", "j": "јϳᴊЈ", "k": "кκᴋКΚ", "l": "ⅼʟӏ",
    "m": "мᴍМΜ", "n": "пηɴΝո", "o": "оοσօᴏОΟθ", "p": "рρᴘРΡ", "q": "ԛզ", "r": "гʀᴦ",
    "s": "ѕꜱЅՏ", "t": "тτᴛТΤ", "u": "υцսᴜц", "v": "νѵᴠ", "w": "ԝωᴡѡш", "x": "хχХΧ",
    "y": "уүγʏУΥ", "z": "ᴢΖ",
}  # fmt: skip
_LOOKALIKES: Final = (
    {ord(sign): letter for letter, signs in _ALIKE.items() for sign in signs}
    | {0x1F150 + n: chr(97 + n) for n in range(26)}
    | {0x1F170 + n: chr(97 + n) for n in range(26)}
)
_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+")
# Accents of the languages that rules know, and quotes of all shapes.
_PLAIN: Final = (
    {
        code: unicodedata.normalize("NFD", chr(code))[0]
        for code in range(0xC0, 0x250)
        if unicodedata.normalize("NFD", chr(code))[0].isascii()
    }
    | dict.fromkeys(map(ord, "“”„‟«»″「」"), '"')
    | dict.fromkeys(map(ord, "‘’‚‛ʼ′"), "'")
    | {0xDF: "ss"}
)
_LEET: Final = str.maketrans("01345789@$!|+", "oieastbgasilt")
_LEET_WORD: Final = re.compile(r"[a-z0-9@$!|+]{3,24}")
_LEET_INSIDE: Final = re.compile(r"[a-z][0-9@$!|+]+[a-z]|[0-9@$][a-z]{2}")
_LETTERS: Final = re.compile("[a-z]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{24,4000}={0,2}")
# Shares of a text: printable signs from which decoded bytes count as text.
_READABLE: Final = 0.97
# Words of which a scrambled middle is put in order, as readers do.
_SCRAMBLED_WORDS: Final = (
    "ignore disregard forget previous earlier instructions instruction prompt system guidelines "
    "rules override reveal password credentials verification approval"
)
_SCRAMBLED: Final = frozenset(_SCRAMBLED_WORDS.split())
_SHAPES: Final = {(word[0], word[-1], "".join(sorted(word))): word for word in _SCRAMBLED}
_ENDS: Final = {(word[0], word[-1], len(word)) for word in _SCRAMBLED}
# What is looked for in letters alone: orders, of which no part is the name of a thing. With where
# it stands in ordinary spacing, which is a matter for the rules.
_ORDERS: Final = (
    "ignore all previous",
    "ignore all prior",
    "ignore previous",
    "ignore prior",
    "ignore all earlier",
    "ignore your instructions",
    "ignore your rules",
    "ignore the user",
    "ignore the system",
    "disregard your",
    "disregard all",
    "disregard previous",
    "disregard prior",
    "forget your rules",
    "forget all rules",
    "forget all previous",
    "forget your instructions",
    "forget everything",
    "override your",
    "do not tell the user",
    "dont tell the user",
    "you are now a",
    "you must obey",
    "reveal your",
    "reveal the system",
    "send the keys",
    "send all keys",
    "print your instructions",
    "new instructions",
    "from now on you",
)
_RUN_TOGETHER: Final = {
    order.replace(" ", ""): re.compile("[^a-z]{1,6}".join(order.split())) for order in _ORDERS
}
_SHORTEST_ORDER: Final = min(map(len, _RUN_TOGETHER))

# Found first and exchanged then: `str.translate` looks up each sign of a text that is not ASCII.
_ACCENTED: Final = re.compile(f"[{''.join(map(chr, _PLAIN))}]")
_LOOKALIKE: Final = re.compile(f"[{''.join(map(chr, _LOOKALIKES))}]")


def plain(text: str) -> str:
    """*text* in small letters, without accents, with plain quotes and single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _ACCENTED.sub(lambda sign: _PLAIN[ord(sign.group())], text)
    return " ".join(text.lower().split())


def folded(view: str) -> str:
    """A plain view with every sign that passes for a Latin letter made one."""
    if view.isascii():
        return view
    view = _MARKS.sub("", unicodedata.normalize("NFKD", view))
    view = _LOOKALIKE.sub(lambda sign: _LOOKALIKES[ord(sign.group())], view)
    return " ".join(view.lower().split())


def disguises(text: str, whole: str) -> Iterator[str]:
    """Other readings of *text*: figures for letters, scrambled and encoded words.

    Args:
        text: As it is written.
        whole: Its folded view.
    """
    if (leet := _leet(whole)) is not None:
        yield leet
    if (ordered := _ordered(whole)) is not None:
        yield ordered
    if "&#" in text or "&x" in text:
        yield plain(html.unescape(text))
    yield from map(plain, _decoded(text))


def run_together(view: str) -> str:
    """An order that only shows in the letters alone, also backwards or by ROT13; empty if none.

    Args:
        view: A folded view.
    """
    letters = "".join(_LETTERS.findall(view))
    if len(letters) < _SHORTEST_ORDER:
        return ""
    readings = f"{letters} {letters[::-1]} {codecs.encode(letters, 'rot13')}"
    for order, spaced in _RUN_TOGETHER.items():
        if order in readings and (order not in letters or not spaced.search(view)):
            return order
    return ""


def _leet(view: str) -> str | None:
    if not _LEET_INSIDE.search(view):
        return None
    words = view.split(" ")
    changed = 0
    for at, word in enumerate(words):
        core = word.strip(".,;:?()\"'")
        if core.isalpha() or not _LEET_WORD.fullmatch(core) or core.isdigit():
            continue
        if any(sign.isalpha() for sign in core):
            words[at] = word.translate(_LEET)
            changed += 1
    return " ".join(words) if changed >= 2 else None


def _ordered(view: str) -> str | None:
    meant: dict[str, str] = {}
    for word in set(_LETTERS.findall(view)):
        if (word[0], word[-1], len(word)) in _ENDS:
            shape = _SHAPES.get((word[0], word[-1], "".join(sorted(word))), word)
            if shape != word:
                meant[word] = shape
    return _LETTERS.sub(lambda hit: meant.get(hit.group(), hit.group()), view) if meant else None


def _decoded(text: str) -> Iterator[str]:
    for hit in _BASE64.finditer(text):
        code = hit.group().rstrip("=")
        try:
            raw = base64.b64decode(code + "=" * (-len(code) % 4), validate=True)
            found = raw.decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        readable = sum(sign.isprintable() or sign.isspace() for sign in found)
        if " " in found and readable >= _READABLE * len(found):
            yield found
