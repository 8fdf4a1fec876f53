"""Secrets behind a label: ``password: x``, ``API_KEY=x``, ``--token x``, ``<secret>x</secret>``.

The words that labels are made of are looked for one by one, which costs next to nothing in a text
without them; what stands around a word found decides whether it labels a value, and values.py
whether that value is a secret.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from lessonbase.guard.redaction.finding import Finding
from lessonbase.guard.redaction.values import (
    is_key,
    is_password,
    is_placeholder,
    is_reference,
    is_strong,
)

# What ties a label to its value. Closing quotes and brackets of the label come first.
_TIE: Final = (
    r"\d?[\"'`\]\\*]{0,4}(?:(?P<assign>[ \t]{0,8}(?::=|=>|={1,3}|:)[ \t]{0,8})"
    r"|(?P<said>[ \t](?:is|was|were|ist|war)(?: set to| still| now)?[: \t]{1,3})"
    r"|(?P<made>[ \t]to[ \t])"
    r"|(?P<xml>>)|(?P<pair>\r?\n[ \t]{1,40}value:[ \t]{0,4})|(?P<space>[ \t]{1,4}))"
)
# Word that a label ends with → kind, and the rest of the label from that word on.
_CORES: Final = {
    "pass": ("password", r"pass(?:word|wd|wort|phrase|code)?"),
    "pwd": ("password", r"pwd"),
    "psk": ("password", r"psk"),
    "pw": ("password", r"pw"),
    "kennwort": ("password", r"kennwort"),
    "contrase": ("password", r"contrase(?:ñ|n)a"),
    "secret": ("key", r"secret(?:[_-]?access)?(?:[_-]?key)?(?:[_-]?base)?"),
    "token": ("key", r"token"),
    "key": ("key", r"key"),
    "credential": ("key", r"credential"),
    "auth": ("key", r"auth"),
}
_FORMS: Final = {core: re.compile(form + _TIE) for core, (_, form) in _CORES.items()}
_KINDS: Final = {core: kind for core, (kind, _) in _CORES.items()}
# Short words that are a label only by themselves or as the last part of one: `db_pass`, `bypass`.
_SHORT: Final = re.compile(
    r"(?:^|[_.\-/:])(?:pass|pw|psk|auth)$|(?:store|key|db|user|admin|root|require|ssh)pass$"
)
# Which keys are secret; a primary key, a cache key and a public key are not.
_SECRET_KEY: Final = re.compile(
    r"(?:api|app|application|access|account|admin|auth|client|deploy|encrypt(?:ion)?|fernet|hmac"
    r"|ingest(?:ion)?|integration|jwt|licen[cs]e|master|private|rest|root|secret|service|session"
    r"|shared|shared[_-]?access|signing|ssh|storage|subscription|webhook|write)[\s_.-]?key$"
)
# What a token is not secret for: a place in a list, a part of a text.
_OTHER_TOKEN: Final = re.compile(
    r"(?:next|page|paging|pagination|prev|previous|continuation|sync|cursor|csrf|xsrf|unexpected"
    r"|invalid|unknown|illegal|bad|special|stop|eos|bos|pad|unk|mask|sep|cls|end|start|marker"
    r"|resume|change|delta|fencing|idempotency|cancel|cancellation|public|design|client_request"
    r"|last|first|current|each|per|one|sid|upload)[\s_.-]?token$"
)
# What a label may be made of, in lower case.
_NAME_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789_.$-"
_LINE_START: Final = re.compile(
    r"\s*(?:[-*+>]\s+|export\s+|set\s+|env\s+|\$(?:env:)?|:|//\s*|#\s*|[\"'`{,]\s*)*"
)
_OPEN: Final = re.compile(r"[bfruBFRU@]{0,2}(\\{0,3}[\"'`])")
_LINE_VALUE: Final = re.compile(r"[^\s\"'`<>]{1,256}")
_PART_VALUE: Final = re.compile(r"[^\s\"'`<>;,&|\\]{1,256}")
_MARKUP_VALUE: Final = re.compile(r"[^<\n]{1,256}(?=</)")
_PARAMETER: Final = re.compile(r"&[\w.-]{1,40}=")
# What a value goes on with beyond the characters that it is judged by.
_MORE: Final = re.compile(r"[\w+/=.~%-]*")
_REST: Final = re.compile(
    r"[,;)}\]]{0,3}[ \t]{0,16}(?:#[^\n]{0,200}|//[^\n]{0,200})?(?:\r?\n|$|\\n)"
)
_SENTENCE: Final = re.compile(r"[ \t]+[a-z]{2,}")
# Small and capital letters and digits; and a run of letters and digits, four of them digits.
_MIXED: Final = re.compile(r"(?=.{0,200}[a-z])(?=.{0,200}[A-Z])(?=.{0,200}\d)")
_DRAWN: Final = re.compile(r"(?=(?:[^\d]{0,80}\d){4})[A-Za-z0-9_+/=]{20,}")
# Longest value in quotes, in characters: a key of a service account is shorter.
_VALUE_LIMIT: Final = 4_096
# Characters of a value that it is judged by; as many as are read of one without quotes at first.
_JUDGED: Final = 256


@dataclass(frozen=True, slots=True)
class _Value:
    """A value behind a label: where it stands, and how."""

    start: int
    end: int
    quoted: bool
    alone: bool  # label and value are all that their line holds


def labelled(text: str, low: str) -> Iterator[Finding]:
    """Values behind labels of secrets in *text*; *low* is the same in lower case."""
    for core, form in _FORMS.items():
        at = low.find(core)
        while at >= 0:
            match = form.match(low, at)
            found = _value_of(text, low, match, core) if match else None
            if found:
                yield Finding(_KINDS[core], found.start, found.end)
            at = low.find(core, found.end if found else at + len(core))


def is_label(name: str) -> str | None:
    """The kind of secret that *name* labels, or none: of a field in a structure.

    >>> [is_label(name) for name in ("dbPassword", "api_key", "max_tokens", "cache_key")]
    ['password', 'key', None, None]
    """
    low = name.lower()
    for core, (kind, form) in _CORES.items():
        if core == "auth":
            continue  # a way to log in, more often than what one logs in with
        match = re.search(rf"(?:{form})$", low)
        if match and _labels(low, core):
            return kind
    return None


def _labels(label: str, core: str) -> bool:
    """Whether *label*, which ends with the word *core* begins, labels a secret."""
    if core in ("pw", "psk", "auth") or label.endswith("pass"):
        return bool(_SHORT.search(label))
    if core == "key":
        return bool(_SECRET_KEY.search(label))
    if core == "token":
        return not _OTHER_TOKEN.search(label)
    return True


def _value_of(text: str, low: str, match: re.Match[str], core: str) -> _Value | None:
    """The secret that *match* of a label leads to."""
    tie = next(name for name, part in match.groupdict().items() if part is not None)
    first = match.start() - 64 if match.start() > 64 else 0
    first += len(low[first : match.start()].rstrip(_NAME_LETTERS))
    named = low[first : match.start(tie)].rstrip("\"'`]\\*0123456789")
    # A key or token after a word and a blank is judged by that word: "unexpected token: …".
    before = low[max(0, first - 16) : match.start()].rpartition("\n")[2] + core
    if not _labels(before if core in ("key", "token") else named, core):
        return None
    if tie == "xml" and low[first - 1 : first] != "<":
        return None
    value = _read(text, match.end(), begins_line=_begins_line(text, first), markup=tie == "xml")
    if value is None:
        return None
    # `DB_PASSWORD` and its value on the line below are all that the two lines hold.
    flag = tie == "space" and (named.startswith("-") or named == "requirepass")
    set_apart = value.alone or flag or tie in ("pair", "xml")
    if tie in ("said", "made", "space") and not flag and _SHORT.search(named):
        return None  # "do not pass 'x'"
    if tie == "space" and not flag:
        tie = "said" if value.quoted else "beside"
    if not _is_secret(text, value, core, tie, named, alone=set_apart):
        return None
    if value.end - value.start < _JUDGED or value.quoted:
        return value
    more = _MORE.match(text, value.end)
    return replace(value, end=more.end() if more else value.end)


def _is_secret(text: str, value: _Value, core: str, tie: str, named: str, *, alone: bool) -> bool:
    """Whether what stands at *value* is a secret, by its own look and by its label."""
    what = text[value.start : min(value.end, value.start + _JUDGED)]
    if not value.quoted and is_reference(what, text[value.end : value.end + 1]):
        return False
    if core == "auth":
        return value.quoted and is_key(what) and len(what) >= 20
    if _KINDS[core] == "key":
        return is_key(what, quoted=value.quoted or alone) and _is_tied(tie, what, value.quoted)
    if tie in ("said", "made", "beside"):
        told = tie == "said" or value.quoted or (tie == "made" and bool(_MIXED.match(what)))
        return told and is_strong(what) and not is_placeholder(what)
    if tie == "space" and what.isupper() and what.isalpha():
        return False  # a usage line: --password PASSWORD
    if alone and not value.quoted and tie == "assign" and not _is_setting(text, value, what):
        return False
    return is_password(what, quoted=value.quoted, alone=alone, phrase="phrase" in named)


def _is_tied(tie: str, what: str, quoted: bool) -> bool:
    """Whether a key that prose leads to is long enough to be no name of something."""
    if tie in ("said", "made"):
        return quoted or len(what) >= 16
    return tie != "beside" or bool(_DRAWN.fullmatch(what))


def _is_setting(text: str, value: _Value, what: str) -> bool:
    """Whether a bare word is set, and not one variable to another in code: ``password = given``."""
    return not (what.isalpha() and text[value.start - 2 : value.start] == "= ")


def _begins_line(text: str, at: int) -> bool:
    line = text[max(0, at - 80) : at].rpartition("\n")[2]
    return bool(_LINE_START.fullmatch(line))


def _read(text: str, at: int, *, begins_line: bool, markup: bool) -> _Value | None:
    """The value that begins at *at*, with or without quotes."""
    opened = _OPEN.match(text, at)
    if opened:
        start, close = opened.end(), opened[1]
        end = text.find(close, start, start + _VALUE_LIMIT)
        if end > start and "\n" not in text[start:end]:
            return _Value(start, end, quoted=True, alone=False)
        if end == start:
            return None
        at = start
    form = _MARKUP_VALUE if markup else _LINE_VALUE if begins_line else _PART_VALUE
    match = form.match(text, at)
    if not match:
        return None
    kept = match[0].rstrip(",;)]}" if begins_line else ",;)]}.:")
    end = at + len(kept)
    alone = begins_line and bool(_REST.match(text, end))
    if begins_line and (not alone or _PARAMETER.search(kept)):
        return _within_line(text, at)
    return _Value(at, end, quoted=False, alone=alone) if kept else None


def _within_line(text: str, at: int) -> _Value | None:
    """A value that the line goes on after: its end is the first mark that ends a part."""
    match = _PART_VALUE.match(text, at)
    if not match or (match[0].isalpha() and _SENTENCE.match(text, match.end())):
        return None
    end = at + len(match[0].rstrip(",;)]}.:"))
    return _Value(at, end, quoted=False, alone=False) if end > at else None
