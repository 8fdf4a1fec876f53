"""Numbers of payment cards and bank accounts, which check themselves; US social security ones."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.redaction.finding import Finding

_CARD: Final = re.compile(r"[0-9](?<![\w.+-][0-9])(?:[ -]?[0-9]){12,18}(?![\w-]|\.[0-9])")
# First digits of the schemes, lengths, as ISO/IEC 7812 numbers are issued.
_SCHEME: Final = re.compile(
    r"4(?:\d{12}|\d{15})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14}"
)
# How cards are printed: 4-4-4-4, American Express 4-6-5, Diners 4-6-4.
_PRINTED: Final = re.compile(
    r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,16}"
)
# A long number after such a word is somebody's own count, whatever its last digit says.
_OWN_COUNT: Final = re.compile(
    r"(?:\b|_)(?:id|ids|order|ts|time|timestamp|trace|span|seq|offset|bytes|version|ref|reference"
    r"|message|msg|run|job|build|hash|size|account|tracking|parcel|epoch)[\"']?[\s:=#]{1,3}[\"']?$",
    re.IGNORECASE,
)
_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
)
_SSN: Final = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([- ]?)(?!00)\d\d\1(?!0000)\d{4}(?![\w-])")
_SSN_LABEL: Final = re.compile(r"\bssns?\b|social[ -]security|sozialversicherungs", re.IGNORECASE)
# How far before a number its label may stand, in characters.
_LABEL_REACH: Final = 60


def cards(text: str) -> Iterator[Finding]:
    """Numbers of payment cards: first digits, length, print and check digit all fit."""
    from stdnum import luhn

    for match in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if not (_SCHEME.fullmatch(digits) and _PRINTED.fullmatch(match[0])):
            continue
        before = text[max(0, match.start() - 24) : match.start()].rpartition("\n")[2]
        if luhn.is_valid(digits) and not _OWN_COUNT.search(before):
            yield Finding("card", *match.span())


def ibans(text: str) -> Iterator[Finding]:
    """International bank account numbers that pass their country's check."""
    for match in _IBAN.finditer(text):
        end = _iban_end(match[0])
        if end:
            yield Finding("iban", match.start(), match.start() + end)


def ssns(text: str, low: str) -> Iterator[Finding]:
    """US social security numbers, where a label before them says so."""
    if "ssn" not in low and "social" not in low and "sozial" not in low:
        return
    for match in _SSN.finditer(text):
        before = text[max(0, match.start() - _LABEL_REACH) : match.start()].rpartition("\n")[2]
        if _SSN_LABEL.search(before):
            yield Finding("ssn", *match.span())


def _iban_end(written: str) -> int:
    """Length of the longest beginning of *written*, by whole groups, that is valid; or 0."""
    from stdnum import iban

    for end in (
        len(written),
        *(at for at in range(len(written) - 1, 14, -1) if written[at] == " "),
    ):
        if iban.is_valid(written[:end]):
            return end
    return 0
