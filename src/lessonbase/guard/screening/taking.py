"""What takes from whoever reads it: secrets sent away, scripts from the web, keys let in."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lessonbase.guard.screening.found import ENOUGH
from lessonbase.guard.screening.phrases import Rule, negated, raw

_PRIVATE: Final = (
    r"(?:environment variables?|env vars?|(?:api|ssh|private|access|stored|secret) keys?|"
    r"(?:all|the|your|new|these) (?:\w+ )?keys|credentials|secrets|passwords?|tokens|"
    r"session token|\.env|\.ssh|/etc/shadow|conversation|chat history|memories|transcript|"
    r"customer (?:table|data|list)|database dump|system prompt|cookies|source code|repository|"
    r"wallets?)"
)
_SEND: Final = (
    r"(?:sends?|post|upload|forward|transmit|e-?mail|mail|copy|exfiltrate|leak|submit|push|paste|"
    r"export|dump|deliver|append|encode|put|place)"
)
# An address outside; the first hundred of a text are looked at, each with what stands before it.
_AWAY: Final = re.compile(
    r"https?://|hxxps?:|ftp://|wss?://|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\."
)
_LOOKED_AT: Final = 100
_WINDOW: Final = 170
_SENDING: Final = re.compile(
    rf"\b{_SEND}\b[^.!?]{{0,80}}?{_PRIVATE}[^!?]{{0,60}}?\b(?:to|at|into|in) ?[^ ]{{0,3}}$|"
    rf"{_PRIVATE}[^!?]{{0,40}}?\b(?:send|post|upload|forward|mail|submit) (?:it|them|these|"
    rf"all)?[^!?]{{0,30}}$"
)


def sent_away(view: str) -> Iterator[tuple[int, int]]:
    """Where *view* asks to send a secret to an address: the first place."""
    for hit in islice(_AWAY.finditer(view), _LOOKED_AT):
        offset = max(0, hit.start() - _WINDOW)
        sending = _SENDING.search(view[offset : hit.start()])
        if sending and not negated(
            view[max(0, offset + sending.start() - 80) : offset + sending.start()]
        ):
            yield offset + sending.start(), hit.end()
            return


TAKES: Final[tuple[Rule, ...]] = (
    raw(
        "sends data away",
        ENOUGH,
        r"\bcopy [\w.+-]{1,64}@[\w.-]{3,80} on (?:every|each|all|any)\b|\b(?:bcc|blind "
        r"copy)\b[^.]{0,40}@",
        "copy bcc blind",
        advice=True,
    ),
    raw(
        "runs a script from the web",
        ENOUGH,
        r"\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n|]{0,200}\| ?(?:sudo )?(?:ba|z|da|k)?(?:sh|"
        r"python3?|perl|node|iex|ruby)\b",
        "curl wget iwr invoke",
        advice=True,
    ),
    raw(
        "runs a script from the web",
        ENOUGH,
        r"\b(?:ba|z)?sh (?:-c )?[\"']?(?:<\(|\$\(|`)(?:curl|wget)\b|\b(?:eval|"
        r"source) [\"']?(?:<\(|\$\(|`)(?:curl|wget)\b|\bbase64 (?:-d|"
        r"--decode)[^\n|]{0,40}\| ?(?:ba|z)?sh\b",
        "curl wget base64 eval",
        advice=True,
    ),
    raw(
        "fetches orders",
        ENOUGH,
        r"\b(?:fetch|open|read|load|visit|get)\b[^.!?]{0,20}https?://\S{1,200}[^.!?]{0,40}\b(?:do|"
        r"follow|obey|execute|apply) (?:what|whatever|the|its|all)\b",
        "fetch open read load visit get & http https & do follow obey execute apply",
        advice=True,
    ),
    raw(
        "fetches orders",
        ENOUGH,
        r"\b(?:decode|decrypt|read backwards|unscramble)\b[^.!?]{0,40}\b(?:and|then) (?:follow|run|"
        r"obey|execute)\b",
        "decode decrypt backwards unscramble",
        advice=True,
    ),
    raw(
        "lets a stranger in",
        ENOUGH,
        r"\badd\b[^.!?]{0,60}\bauthorized_keys\b|\badd the (?:maintainer|public|ssh|deploy) "
        r"key\b[^!?]{0,60}http",
        "add & authorized key",
        advice=True,
    ),
    raw(
        "destroys",
        ENOUGH,
        r"\brm -[rf]{1,2} (?:-[rf] )?(?:/|~|/\*)(?= |$|[.,;\"'`)])|\bmkfs\b|\bdd if=/dev/(?:zero|"
        r"random)\b|:\(\)\{",
        "rm mkfs dd",
        advice=True,
    ),
)
