"""Small pieces of wording that readers of reports share: ids, titles, emphasis, severities."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from lessonbase.records import Severity

# Longest title made of a longer text, in characters: a line of a list on a terminal.
TITLE_CHARACTERS: Final = 120
# Labels that a record may bear, and characters of each: records/fields.py.
_MOST_LABELS: Final = 64
_LABEL_CHARACTERS: Final = 100

_SENTENCE_END: Final = re.compile(r"[.!?](?=\s)")
_CODE: Final = re.compile(r"(`[^`\n]*`)")
_OPENS: Final = re.compile(r"(?<![\w*])\*\*(?=[^\s*])")
_CLOSES: Final = re.compile(r"(?<=[^\s*])\*\*(?![\w*])")
_NUMBERED: Final = re.compile(r"\b(?:sev(?:erity)?|prio(?:rity)?|level|[ps])?[ _:/-]{0,2}([0-5])\b")
_BY_NUMBER: Final = (
    Severity.CRITICAL,
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.LOW,
)
# Words of Jira, Linear, PagerDuty, the agent-postmortems schema, and of templates by hand.
_BY_WORD: Final = {
    **dict.fromkeys(("critical", "blocker", "highest", "urgent", "emergency"), Severity.CRITICAL),
    **dict.fromkeys(("high", "major", "severe"), Severity.HIGH),
    **dict.fromkeys(("moderate", "medium", "normal", "average"), Severity.MEDIUM),
    **dict.fromkeys(
        ("low", "lowest", "minor", "trivial", "informational", "info", "cosmetic"), Severity.LOW
    ),
}


def slug(text: str, limit: int = 80) -> str:
    """*text* in small letters, digits and hyphens; a longer one is cut and told apart by a hash.

    >>> slug("Checkout is down: 503s (again)"), slug("***")
    ('checkout-is-down-503s-again', 'file')
    """
    plain_letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = "-".join(re.findall(r"[a-z0-9]+", plain_letters))
    if not made:
        return f"x{hashed(text)}" if any(map(str.isalnum, text)) else "file"
    return made if len(made) <= limit else f"{made[: limit - 9].rstrip('-')}-{hashed(made, 8)}"


def hashed(text: str, digits: int = 12) -> str:
    """A name for *text*, whatever its case and blanks: hexadecimal digits."""
    normal = " ".join(text.casefold().split())
    whole = hashlib.blake2b(normal.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return whole[:digits]


def headline(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """The first sentence of *text* in a line of at most *limit* characters, in whole words.

    >>> headline("The pool ran dry. Nobody saw it."), headline("ab cd ef", limit=6)
    ('The pool ran dry.', 'ab…')
    """
    start = " ".join(plain(text[: 8 * limit]).split())
    end = _SENTENCE_END.search(start)
    sentence = start[: end.end()] if end else start
    if len(sentence) <= limit:
        return sentence
    cut = sentence[: limit - 1]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip(' ,;:')}…"


def plain(text: str) -> str:
    """*text* without the marks of bold print; code is left alone.

    >>> plain("**Never** call `f(**kwargs)`"), plain("pass **kwargs on")
    ('Never call `f(**kwargs)`', 'pass **kwargs on')
    """
    return "\n".join(map(_plain_line, text.split("\n"))) if "**" in text else text


def severity(text: str) -> Severity | None:
    """What *text* says of how bad it was; none if it says nothing known.

    Numbers count from the worst: 0 and 1 are critical, 2 high, 3 medium, from 4 low.

    >>> [str(severity(text)) for text in ("SEV-2", "P1 - Critical", "Moderate", "priority/none")]
    ['high', 'critical', 'medium', 'None']
    """
    small = text[:200].casefold()
    for word in re.findall(r"[a-z]+", small):
        if word in _BY_WORD:
            return _BY_WORD[word]
    number = _NUMBERED.search(small)
    return _BY_NUMBER[int(number[1])] if number else None


def labels(values: Iterable[str]) -> tuple[str, ...]:
    """*values* as labels of a record: in one line, none twice, too long and too many left out."""
    lines = (" ".join(value.split()) for value in values)
    fit = (line for line in lines if 0 < len(line) <= _LABEL_CHARACTERS)
    return tuple(dict.fromkeys(fit))[:_MOST_LABELS]


def _plain_line(line: str) -> str:
    parts = _CODE.split(line)
    prose = parts[::2]
    opened = sum(len(_OPENS.findall(part)) for part in prose)
    if not opened or opened != sum(len(_CLOSES.findall(part)) for part in prose):
        return line
    parts[::2] = [_CLOSES.sub("", _OPENS.sub("", part)) for part in prose]
    return "".join(parts)
