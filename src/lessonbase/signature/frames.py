"""Frames of stack traces: which lines are one, and which are the user's own code.

Python prints the innermost frame last, all others print it first.
"""

import re
from typing import Final

_PYTHON: Final = re.compile(r'\s*File "[^"]{1,300}", line \d+')
_FRAME: Final = re.compile(
    r"\s*at (?:async )?[\w.$<>/@\[\]`~ +|-]{1,300}[(:]|\s*at (?:async )?(?:/|\./|file:|[A-Za-z]:\\)"
    r"|#\d{1,3} +\S|\s*(?:from )?\S{1,300}\.rb:\d+:in |\s{1,6}\d{1,3}: +[\w<{]"
    r"|\t\S{1,300}\.go:\d+|created by \S|goroutine \d+ \["
    r"|(?:[\w.-]{1,80}/[\w./-]{1,160}|main|runtime|sync|testing|reflect)"
    r"\.(?:\(\*?\w{1,80}\)\.)?[\w.]{1,80}\(.{0,200}\)$"
)
# Where languages keep what others wrote.
_FOREIGN: Final = re.compile(
    r"site-packages|dist-packages|node_modules|node:|/usr/(?:local/)?lib|lib/python\d|/rustc/"
    r"|/gems/|/vendor/|<frozen|/usr/local/go/|goroutine \d"
    r"|at (?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|reactor|io\.netty|io\.grpc|org\.apache"
    r"|org\.spring\w+|org\.hibernate|com\.zaxxer|com\.mysql|com\.fasterxml|io\.confluent|kafka)\."
    r"|at (?:java\.base|app)//?|at (?:Microsoft|System|Npgsql)\."
    r"|\d: (?:<?(?:std|core|alloc|tokio|hyper)::|rust_begin|__)"
    r"|^(?:runtime|net/http|testing|sync|reflect)\."
)
# Frames that are kept of a trace.
KEPT: Final = 2


def is_frame(line: str) -> bool:
    r"""Whether a cleaned *line* is a frame, or a line that only belongs to one.

    >>> is_frame('  File "/srv/a.py", line 3, in f'), is_frame("\tat com.a.B.c(B.java:3)")
    (True, True)
    """
    return is_python(line) or _FRAME.match(line) is not None


def is_python(line: str) -> bool:
    """Whether a cleaned *line* is a frame of Python."""
    return _PYTHON.match(line) is not None


def innermost(frames: list[str]) -> list[int]:
    r"""Positions of the frames of one trace that are worth showing, in order; at most KEPT.

    >>> innermost(["\tat java.util.A.b(A.java:1)", "\tat com.acme.B.c(B.java:2)"])
    [1]
    """
    own = [at for at, line in enumerate(frames) if not _FOREIGN.search(line)]
    if frames and is_python(frames[0]):
        return own[-KEPT:] or [len(frames) - 1]
    return own[:KEPT] or [0]
