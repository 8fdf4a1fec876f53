"""HTTP statuses, where the words around a number say that it is one.

A bare number never is: 404 may be books, 500 miles, and 503 a price. What must stand around it
grows with the number's innocence.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

_NUMBER: Final = re.compile(r"[1-5](?:\d\d|xx)(s?)(?![\w%°-]|[.,:/]\d)")
# A longer number, an amount of money or a name goes on before it.
_INSIDE: Final = re.compile(r"[\w.,$€£#+-]")
# Not registered, yet met: nginx 444 and 499, Cloudflare 520 to 530, AWS 561.
_KNOWN: Final = frozenset(
    [*(str(status.value) for status in HTTPStatus), "420", "444", "499", "561"]
    + [str(number) for number in range(520, 531)]
)
_PHRASES: Final = {
    str(status.value): status.phrase for status in HTTPStatus if status.value > 302
} | {"301": "Moved Permanently"}
# Other wordings of a phrase that are met in logs.
_WORDINGS: Final = (
    "gateway time-out",
    "service temporarily unavailable",
    "payload too large",
    "request entity too large",
    "unprocessable entity",
    "web server is down",
    "origin is unreachable",
)

# Right before the number; enough by itself.
_SURE: Final = re.compile(
    r"(?:\bhttps?(?:/\d(?:\.\d)?)?\"?(?:[ :=_-]{1,2}(?:status|error|code|response)(?:[ _-]?code)?)?"
    r"|status(?:[ _-]?code)?|response[ _-](?:code|status))"
    r"(?: of| is| was| were)?[\s\"':=(\[]{1,5}$",
    re.IGNORECASE,
)
# After the type that a client of an API gives its answer: "exceptions.Forbidden: 403 Quota ...",
# "ApiException: (404)".
_TYPED: Final = re.compile(
    r"(?:\.(?:exceptions?|errors?)\.[A-Z]\w{2,40}|\b(?:HTTP|Http|Api|API)\w{0,20}(?:Error|Exception))"
    r": \(?$"
)
# A request and its answer on one line: "GET /v1/carts 500 12ms", "POST /v1/carts -> 409".
_REQUEST: Final = re.compile(
    r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) \\?[\"'`]?(?:https?://|/)[^\s\"'`]{0,200}[\"'`]?"
    r"(?: HTTP/\d(?:\.\d)?\"?)?(?: ?(?:->|=>|→|:|-)| returned| answered| failed:?(?: with)?)? \(?"
    r"(?P<status>[45]\d\d)(?![\w.%])"
)
# As HAProxy logs it: five times of a request, then the status.
_TIMERS: Final = re.compile(r"(?:-?\d{1,7}/){4}\+?-?\d{1,7} $")
# Spares the search above, which is slow.
_SURE_HINT: Final = re.compile(r"[Hh][Tt]{2}[Pp]|[Ss][Tt][Aa][Tt][Uu][Ss]|[Rr]esponse")
# Enough before the number of an error, if what follows ends the phrase or goes on about it.
_STRONG: Final = re.compile(
    r"\b(?:(?:return(?:s|ed|ing)?|throw(?:s|ing)?|threw|serv(?:es?|ed|ing))"
    r"|(?:respond|fail|reject)(?:s|ed|ing)? with|answer(?:s|ed|ing)?(?: with)?|error occurred"
    r"|(?:answer|respond|reject)(?:s|ed|ing)?(?: [a-z]{2,12}){1,3} with"
    r"|repl(?:y|ies|ied) with)"
    r"(?: an?| the| many| some| only)? ?[\"'(`]?$",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(
    r"(?:\b(?:g[eo]t(?:s|ting)?|gave|giv(?:es?|ing)|receiv(?:es?|ed|ing)|see(?:s|ing)?|saw"
    r"|hit(?:s|ting)?|(?:a )?spikes? (?:in|of)|intermittent|sporadic|random|elevated|occasional"
    r"|upstream|gateway|nginx|response:?|rate[ -]limit(?:ed)?|throttled|unauthorized|forbidden)"
    r"(?: an?| the| many| some| only)?|\berror(?: code)?[:=]?|[\"']code[\"']:|\bcode ?=)"
    r" ?[\"'(`]?$",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(r"\s*(?:[.,;:!?)\]}\"'`]|$|\n)")
# "Error code: 429 - {'error': ...", as clients of language models print it; "500 InternalError".
_BODY: Final = re.compile(r" - [{\[\"'A-Z]| [A-Z][a-z]+[A-Z][a-z]+")
_GOES_ON: Final = re.compile(
    r" (?:from|on|over|when|whenever|because|until|while|after|instead|for|if|under|during)\b"
    r"| to (?:the )?[a-z]| \([a-z]{2,20}[_ ][a-z]"
)
_ERROR_AFTER: Final = re.compile(r"[\s-](?:errors?|responses?|status(?:es)?)\b", re.IGNORECASE)
_LOOK_BACK: Final = 40
_LOOK_AHEAD: Final = 36


def statuses(text: str) -> Iterator[tuple[int, str]]:
    """HTTP statuses in *text* with their positions; ``5xx`` is one, too.

    >>> list(statuses("503 Service Unavailable; 503 rows; status code: 502; $429"))
    [(0, '503'), (48, '502')]
    """
    for match in _REQUEST.finditer(text):
        if match["status"] in _KNOWN:
            yield match.start("status"), match["status"]
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if start and _INSIDE.match(text, start - 1):
            continue
        number = match[0][:3]
        if number in ("4xx", "5xx"):
            yield start, number
        elif number in _KNOWN:
            before = text[max(0, start - _LOOK_BACK) : start]
            after = text[end : end + _LOOK_AHEAD]
            if _is_status(number, before, after, plural=bool(match[1])):
                yield start, number


def _is_status(number: str, before: str, after: str, *, plural: bool) -> bool:
    if _SURE_HINT.search(before) and _SURE.search(before):
        return True
    if _has_phrase(number, after) or (before[-2:-1].isdigit() and _TIMERS.search(before)):
        return True
    if number[0] not in "45":
        return False
    if before.endswith((": ", ": (")) and _TYPED.search(before):
        return True
    ends = plural or _ENDS.match(after) is not None or _BODY.match(after) is not None
    if (ends or _GOES_ON.match(after)) and _STRONG.search(before):
        return True
    if (ends or after.startswith(" from ")) and _WEAK.search(before):
        return True
    if plural and number not in ("400", "500") and _GOES_ON.match(after):
        return True
    # "400 errors" may be a count; "404 errors" hardly is.
    word = _ERROR_AFTER.match(after)
    return word is not None and (number not in ("400", "500") or not word[0].endswith("s"))


def _has_phrase(number: str, after: str) -> bool:
    """Whether the number's reason phrase follows; one of a single word as a header has it."""
    words = after.lstrip(" :-]")
    phrase = _PHRASES.get(number)
    if phrase is not None:
        same = words.startswith(phrase) if " " not in phrase else _starts(words, phrase.lower())
        if same and not words[len(phrase) :][:1].isalpha():
            return True
    return number[0] in "45" and words.lower().startswith(_WORDINGS)


def _starts(words: str, phrase: str) -> bool:
    return words[: len(phrase)].lower() == phrase
