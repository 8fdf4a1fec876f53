"""E-mail addresses and telephone numbers."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.redaction.finding import Finding

_EMAIL: Final = re.compile(
    r"(?<![\w.%+@-])[.%+-]{0,8}(\w[\w.%+'-]{0,63})@((?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24}))(?![\w@])"
)
# RFC 2606 and RFC 6761: names that belong to nobody.
_NOBODY: Final = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|(?:\w[\w-]*\.)?(?:example|test|invalid|localhost|local"
    r"|internal|lan|localdomain)|users\.noreply\.github\.com)$",
    re.IGNORECASE,
)
_NO_PERSON: Final = re.compile(
    r"(?:git|no-?reply|do-?not-?reply|mailer-daemon|root|actions)$|.*\bno-?reply$", re.IGNORECASE
)
# Last parts of file names and of units of systemd, which look like a domain behind an @.
_NO_DOMAIN_TEXT: Final = """
png jpg jpeg gif svg webp ico bmp avif css js mjs cjs jsx tsx json yaml yml toml xml html htm
txt log lock tgz gz jar whl exe dll service socket timer target mount slice scope device path
stable latest beta alpha canary
"""
_NO_DOMAIN: Final = frozenset(_NO_DOMAIN_TEXT.split())
# A login on a machine: `ssh ada@web1.acme.io`, `scp x ada@nas.acme.io:/srv`.
_LOGIN_BEFORE: Final = re.compile(
    r"\b(?:ssh|scp|sftp|rsync|mosh|autossh|ssh-copy-id)\b[^\n;|&]{0,120}$"
)
_PATH_AFTER: Final = re.compile(r":[~/\w]")

_SEPARATED: Final = r"(?:[ \u00a0./()-]{0,3}\d)"
_INTERNATIONAL: Final = re.compile(rf"(?<![\w+./:=#@-])\+[1-9]{_SEPARATED}{{6,14}}(?!\w)")
# After a label `=` and `:` may stand right before a number.
_LABELLED: Final = re.compile(
    r"(?P<label>\b(?:tel|telephone|phone|telefon|t[ée]l[ée]phone|mobile?|cell|handy|fax|whatsapp|sms"
    r"|pager|hotline|call|dial|ring|number|to)(?: ?(?:no|nr|number)\b)?[\"']?[ \t]{0,2}[.:=]{0,2}"
    r"[ \t]{0,2}(?:(?:at|on|us)[ \t])?[\"']?)"
    rf"(?P<number>\+?[(\d]{_SEPARATED}{{7,13}})(?!\w)",
    re.IGNORECASE,
)
_SURE_LABEL: Final = re.compile(r"tel|phone|fon|mobil|cell|handy|fax|whatsapp|sms|hotline", re.I)
_AMERICAN: Final = re.compile(
    r"(?<![\w+./:=#@-])(?:1[- ])?(?:\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{4}"
    r"|[2-9]\d\d-[2-9]\d\d-\d{4})(?![\w-]|\.\w)"
)
_IN_LINK: Final = re.compile(r"wa\.me/(\d{8,15})\b")
# What numbers of the form of a telephone number mostly are, where such a word stands before.
_OTHER_NUMBER: Final = re.compile(
    r"\b(?:order|ticket|case|ref(?:erence)?s?|invoice|serial|part|sku|ids?|no|nr|account|lot|parcel"
    r"|tracking|version|v|line|lines|commit|build|isbn|trace|drift|offset)\b[\s.:#=]{0,3}$",
    re.IGNORECASE,
)
_DIGITS_STAND_THICK: Final = re.compile(r"[0-9](?:[ \u00a0./()-]{0,3}[0-9]){6}")
# Countries whose national form is tried behind a label, by how often they are met in English,
# German and French text.
_COUNTRIES: Final = ("US", "GB", "DE", "FR", "IN", "ES", "IT", "NL", "AU", "CH", "AT", "BR", "JP")
_LEAST_NATIONAL: Final = 8


def emails(text: str) -> Iterator[Finding]:
    """E-mail addresses of persons and offices; not those that belong to nobody."""
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        local, domain, last = match[1], match[2], match[3].lower()
        if last in _NO_DOMAIN or _NOBODY.search(domain) or _NO_PERSON.match(local):
            continue
        line = text[max(0, match.start() - 160) : match.start()].rpartition("\n")[2]
        if _LOGIN_BEFORE.search(line) or _PATH_AFTER.match(text, match.end()):
            continue
        if "://" in line[-80:] and ":" in line[-80:].rpartition("://")[2]:
            continue  # user:password@host of a URL
        yield Finding("email", match.start(1), match.end(2))


def phones(text: str) -> Iterator[Finding]:
    """Telephone numbers: international ones, and national ones that a label or form tells."""
    if not _DIGITS_STAND_THICK.search(text):
        return
    for match in _INTERNATIONAL.finditer(text):
        if not _is_other(text, match.start()):
            yield from _valid(match[0], match.start(), ())
    for match in _LABELLED.finditer(text):
        number = match["number"]
        sure = bool(_SURE_LABEL.search(match["label"]))
        if number.startswith("+") or (sure and _reads_as_phone(number)):
            yield from _valid(number, match.start("number"), _COUNTRIES)
    for match in _AMERICAN.finditer(text):
        if not _is_other(text, match.start()):
            yield from _valid(match[0], match.start(), ("US",))
    for match in _IN_LINK.finditer(text):
        if any(_valid(f"+{match[1]}", 0, ())):
            yield Finding("phone", *match.span(1))


def _is_other(text: str, at: int) -> bool:
    return bool(_OTHER_NUMBER.search(text[max(0, at - 24) : at].rpartition("\n")[2]))


def _reads_as_phone(number: str) -> bool:
    return sum(map(str.isdigit, number)) >= _LEAST_NATIONAL


def _valid(written: str, start: int, countries: tuple[str, ...]) -> Iterator[Finding]:
    """The longest beginning of *written*, by whole groups, that is a number in use somewhere."""
    import phonenumbers

    ends = [len(written), *(gap.start() for gap in reversed(list(re.finditer(r"\s", written))))]
    for end in ends[:5]:
        number = written[:end].rstrip(" .-/(\u00a0")
        for country in (None,) if number.startswith("+") else countries:
            try:
                parsed = phonenumbers.parse(number, country)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(parsed):
                yield Finding("phone", start, start + len(number))
                return
