"""One spelling for texts that differ in nothing a reader would call a difference.

Pure: text in, text out. Words, numbers and their order stay as they are.
"""

import hashlib
import re
import unicodedata
from typing import Final

# Quotes, apostrophes and dashes that stand for one another, and what is drawn as nothing.
_SIGNS: Final = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None)
)
# What may stand around a text, or end it, without saying anything.
_EDGES: Final = " .!;,:\"'"
_LOOSE: Final = re.compile(r" (?=[.,;:!?])")


def unified(text: str) -> str:
    """*text* in small letters, with one sign for each sort of quote and dash, and single blanks."""
    if text.isascii():
        folded = text.lower().replace("`", "'")
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        if not unicodedata.is_normalized("NFKC", folded):
            folded = unicodedata.normalize("NFKC", folded)
        folded = folded.translate(_SIGNS)
    return " ".join(folded.split())


def normal_form(text: str) -> str:
    """*text* without what does not change its meaning: case, blanks, kinds of quotes, its end.

    A text of nothing but such signs stays, in small letters, so that it equals no other.

    >>> normal_form("  Don’t  retry at once! ")
    "don't retry at once"
    """
    plain = _LOOSE.sub("", unified(text))
    return plain.strip(_EDGES) or plain


def normal_hash(text: str) -> str:
    """Hash of :func:`normal_form`: 32 hexadecimal digits, by which the same text is found.

    >>> normal_hash("Use “retries”.") == normal_hash('use "retries"')
    True
    """
    return hashlib.blake2b(normal_form(text).encode(errors="replace"), digest_size=16).hexdigest()
