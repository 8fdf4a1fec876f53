"""A team's own services as people, alerts and messages of errors speak of them.

`the stock-sync job`, `*Service:* stock-sync` in a chat, `stock-sync exited with code 3`, `calling
stock-sync`. A name has two words at least, and none that only makes an adjective: prose about
long-running jobs and third-party services names nobody.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.naming import is_adjective, named

# Of two words at least, joined as hosts or as modules are.
_NAME: Final = r"[a-z][a-z0-9]{1,40}(?:[-_][a-z0-9]{1,40}){1,6}"
_HOST: Final = r"[a-z][a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){1,6}"
_START: Final = r"(?<![\w./@:$%~-])"
_STOP: Final = r"(?![\w./@-])"
# What a chat puts around a key and its value: bold, code, quotes.
_DRESS: Final = r"[*_`\"' ]{0,4}"
# Ends of a word that say how something is, not what it is called.
_ADJECTIVE: Final = re.compile(
    r"(?:able|aware|backed|blocking|bound|breaking|centric|critical|driven|facing|failing|friendly"
    r"|heavy|intensive|lasting|less|managed|native|oriented|ready|running|safe|specific|[a-df-z]ed)$"
)
# Parts of the names of jobs that only check a change: ci-config, database-integration-tests.
_CHECKS: Final = re.compile(r"(?:^|[-_])(?:ci|tests?|lint|docs?|build|smoke|e2e)(?:[-_]|$)")
# A pattern whose group is the name → hints, one of which is in a text in lower case that holds it.
_FORMS: Final = (
    # The kind of thing it is, after an article: the stock-sync job.
    (
        re.compile(
            rf"\b(?:[Tt]he|[Oo]ur) [`'\"]?({_NAME})[`'\"]? (?:micro-?service|service|job|cron ?job"
            r"|worker|daemon|consumer|pods?|deployment)\b(?!-)"
        ),
        ("service", "job", "worker", "daemon", "consumer", "pod", "deployment"),
    ),
    # A label with a chat's decorations: *Service:* `stock-sync`.
    (
        re.compile(
            r"(?:(?<=^)|(?<=[\s*_|>]))(?:[Ss]ervice|[Aa]pp(?:lication)?|[Cc]omponent|[Jj]ob|[Ww]orker"
            rf"|[Dd]eployment)(?: name)?{_DRESS}[:=|]{_DRESS}({_NAME}){_STOP}(?=[*_`\"'\s,;|)]|$)",
            re.MULTILINE,
        ),
        ("service", "app", "component", "job", "worker", "deployment"),
    ),
    # In quotes after the word for what it is: Application 'stock-sync' failed to start.
    (
        re.compile(
            rf"\b(?:[Aa]pplication|[Aa]pp|[Ww]orker|[Jj]ob|[Cc]ronjob|[Pp]od) [`'\"]({_NAME})[`'\"]"
        ),
        ("app", "worker", "job", "pod"),
    ),
    # What it did when it died.
    (
        re.compile(
            rf"{_START}({_NAME}) (?:exited with (?:code|status)|exited \(\d|(?:has )?crashed\b"
            r"|crash-?loop|was (?:OOM[ -]?)?[Kk]illed|is down\b|(?:is|keeps) (?:crash|restart)ing"
            r"|failed with (?:exit )?(?:code|status))"
        ),
        ("exit", "crash", "killed", "is down", "restarting", "failed with"),
    ),
    # What it does instead of its work.
    (
        re.compile(
            rf"{_START}({_HOST}) (?:(?:is|was|started|keeps) (?:return|throw|answer|fail|timing out"
            r"|unhealthy|unreachable|unavailable|lagging)|(?:returns|returned|throws|threw|answers"
            r"|answered) (?:HTTP )?[45]\d\d|pods? (?:are|is|keep|crash|restart|got|were)"
            r"|(?:service|job|worker|consumer|cronjob) (?:failed|fails|died|is|has|was|keeps"
            r"|crashed|got|timed|stopped)\b)"
        ),
        (
            "return",
            "throw",
            "answer",
            "fail",
            "timing out",
            "unhealthy",
            "unreach",
            "unavail",
            "lagging",
            "pod",
            "service",
            "job",
            "worker",
            "consumer",
            "threw",
        ),
    ),
    # After the word for what it is, and before what became of it.
    (
        re.compile(
            r"\b(?:[Ss]ervice|[Dd]eployment|[Ww]orker|[Aa]pp|[Pp]od|[Cc]ontainer|[Jj]ob|task) "
            rf"({_HOST})(?=[.,;:)]?$| (?:is|has|was|were|returned|returns|failed|fails|timed out"
            r"|stopped|crashed|died|exited|got|keeps|cannot|could not)\b)",
            re.MULTILINE,
        ),
        ("service", "deployment", "worker", "app", "pod", "container", "job", "task"),
    ),
    # Whom nobody reaches.
    (
        re.compile(
            r"\b(?:reach|contact|connect(?:ing)? to|connection to|backoff limit:) [`'\"]?"
            rf"({_HOST})[`'\"]?(?=: [a-z]|:\d{{2,5}}\b| (?:failed|timed out|refused)|$)",
            re.MULTILINE,
        ),
        ("reach", "contact", "connect", "backoff limit"),
    ),
    # Where the errors are since something happened.
    (
        re.compile(
            rf"\b(?:errors?|exceptions?|failures|timeouts|latency|[45]\d\ds|5xx) (?:in|on|from|for)"
            rf" [`'\"]?({_HOST})[`'\"]?"
            r"(?= (?:since|after|during|for the last|at \d|is (?:above|over)))"
        ),
        ("error", "exception", "failures", "timeouts", "latency", "s from", "5xx"),
    ),
    # Whom it called in vain: a verb of HTTP or the outcome follows, or else it may be a function.
    (
        re.compile(
            r"\b(?:[Cc]alling|[Cc]alls? to|[Rr]equests? to|[Rr]esponses? from) [`'\"]?"
            rf"({_HOST})[`'\"]?(?=:? (?:GET|HEAD|POST|PUT|PATCH|DELETE|fail|timed out|return|->"
            r"|/[a-z]|\d{3}\b)|/[a-z])"
        ),
        ("calling", "call to", "calls to", "request", "response"),
    ),
    # Whom it would not call any more.
    (
        re.compile(
            r"\b[Cc]ircuit(?:[ -]?breaker)?(?: is| now)? (?:open(?:ed)?|closed|half-open|tripped)"
            rf"(?: for| to| on) [`'\"]?({_NAME})[`'\"]?{_STOP}"
        ),
        ("circuit",),
    ),
    # The field of a peer, with its port.
    (
        re.compile(
            r"(?<![\w-])(?:peer|target|upstream|downstream|addr(?:ess)?|endpoint|authority|remote"
            r"|dest(?:ination)?)(?:_?(?:host|addr|address|service))?"
            rf"\\?[\"']?[:=] ?\\?[\"']?({_NAME})"
            r"(?<!-\d)(?<!-\d\d):\d{2,5}(?!\w)"
        ),
        ("peer", "target", "stream", "addr", "endpoint", "authority", "remote", "dest"),
    ),
    # Before the bar of Compose, or in brackets at the head of a line: a name like a module's.
    (
        re.compile(
            rf"^(?=[a-z][a-z0-9]*_)({_NAME}) {{1,20}}\| (?=\S+ \S)"
            rf"|^(?=\[[a-z][a-z0-9]*_)\[({_NAME})\] (?=\S+ \S+ \S)",
            re.MULTILINE,
        ),
        ("error", "exception", "fatal", "traceback"),
    ),
)


def services_spoken(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Services that the words around them tell of, with their positions.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.

    >>> said = "since the stock-sync job ran, calling price-feed timed out in the long-running job"
    >>> [name for _, name in services_spoken(said, said)]
    ['stock-sync', 'price-feed']
    """
    for pattern, hints in _FORMS:
        if any(hint in small for hint in hints):
            for match in pattern.finditer(text):
                at = match.lastindex or 0
                if not _is_no_name(match[at]):
                    yield from named(match.start(at), match[at])


def _is_no_name(name: str) -> bool:
    """Whether *name* is what prose joins with a hyphen, or a job that checks a change."""
    return is_adjective(name) or bool(_ADJECTIVE.search(name) or _CHECKS.search(name))
