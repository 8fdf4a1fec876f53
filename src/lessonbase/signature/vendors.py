"""Marks in the fixed sentences of vendors: databases, clients of clouds, registries, crash reports.

Each sentence is one that a program prints to the letter, so that what stands in its gap needs no
further proof. Sources: the programs' own messages, by the vendor named at each group.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lessonbase.signature.vocabulary import SERVICES, WORDY_SERVICES

# A name in capitals with underscores, and one whose humps tell it from a word.
_CAPITALS: Final = r"[A-Z]{2,20}(?:_[A-Z]{2,20}){1,6}"
_HUMPS: Final = r"[A-Z][a-z]{1,30}(?:[A-Z][a-z]{1,30}){1,8}"
_SQLSTATE: Final = r"(?=[A-Z]{0,4}\d)([0-9A-Z]{5})"


@dataclass(frozen=True, slots=True)
class _Saying:
    """A sentence with one gap, and what is said of the word in it."""

    field: str
    pattern: re.Pattern[str]
    # One of these is in a text in lower case that holds the sentence.
    hints: tuple[str, ...]
    mark: str = "{}"
    # Whether a service must be a known one, since anybody's name may stand there.
    known: bool = False


def _codes(pattern: str, *hints: str, mark: str = "{}") -> _Saying:
    return _Saying("codes", re.compile(pattern, re.MULTILINE), hints, mark)


def _services(pattern: str, *hints: str, known: bool = False) -> _Saying:
    return _Saying("services", re.compile(pattern, re.MULTILINE), hints, known=known)


_SAYINGS: Final = (
    # Databases. Flyway; Postgres that logs verbosely; PDO after the class of the SQLSTATE; DB2.
    _codes(
        rf"\b[Ss][Qq][Ll][ _][Ss]tate\s{{0,4}}[:=]\s{{0,4}}{_SQLSTATE}\b",
        "sql state",
        "sql_state",
        mark="SQLSTATE {}",
    ),
    _codes(rf"\b(?:FATAL|ERROR|PANIC):  {_SQLSTATE}: ", ":  ", mark="SQLSTATE {}"),
    _codes(r"\bSQLSTATE\[\w{5}\]: [A-Z][^:\n]{2,60}: (\d{3,5}) ", "sqlstate[", mark="error {}"),
    # Npgsql; ODBC with the number of the server after it; Neo4j.
    _codes(
        rf"\bPostgresException \(0x80004005\): {_SQLSTATE}: ",
        "postgresexception (",
        mark="SQLSTATE {}",
    ),
    _codes(rf"\[{_SQLSTATE}\] \[[A-Z][\w ]{{1,40}}\]\[", "][", mark="SQLSTATE {}"),
    _codes(r" \((\d{1,6})\) \(SQL[A-Z]\w{3,30}\)", "(sql", mark="error {}"),
    _codes(r"\b(Neo\.\w{3,30}\.\w{3,30}\.\w{3,60})", "neo."),
    _codes(r"\bSQLCODE[=:] ?(-?\d{2,5})\b", "sqlcode", mark="SQLCODE {}"),
    # MySQL's and Snowflake's clients: 1064 (42000): You have an error in your SQL syntax.
    _codes(
        r"(?<![\w.-])(\d{4,6}) \((?=[A-Z]{0,4}\d)[0-9A-Z]{5}\): ", "): ", mark="error {}"
    ),
    _codes(rf"(?<![\w.-])\d{{4,6}} \({_SQLSTATE}\): ", "): ", mark="SQLSTATE {}"),
    # Redis: the first word of a reply that is an error.
    _codes(
        r"(?<!\w)(OOM(?= command not)|READONLY(?= You can)|LOADING(?= Redis is)|BUSY(?= Redis is)"
        r"|MASTERDOWN(?= Link)|NOPERM(?= this user)|EXECABORT(?= Trans))",
        "oom command", "readonly you", "loading redis", "busy redis", "masterdown", "noperm",
        "execabort",
    ),
    # Kafka and whoever else calls errors by names in capitals; nothing goes on after the name.
    _codes(
        rf"\b[Ee]rror(?:[ _-]?[Cc]ode)?[:=]? ?\(?({_CAPITALS})(?= \(|[.,;:)\]\"']|$)",
        "error",
    ),
    # Amazon: Python's client, Go's, Java's. Names that end as types do are exceptions already.
    _codes(
        r"\bAn error occurred \(((?!\w+(?:Error|Exception)\))[A-Z][A-Za-z.]{3,60})\) when calling",
        "an error occurred (",
    ),
    _codes(rf"\bapi error ((?!\w+(?:Error|Exception):){_HUMPS})(?=: )", "api error "),
    _codes(
        rf"(?:: |\* )((?!\w+(?:Error|Exception):){_HUMPS}): [^\n]{{0,400}}"
        r"\n?\s{1,8}status code: \d",
        "status code: ",
    ),
    _codes(rf"; Error Code: ((?!\w+(?:Error|Exception);){_HUMPS})(?=;)", "; error code: "),
    _services(r"\boperation error ([A-Z][A-Za-z0-9 ]{1,30}): [A-Z]", "operation error "),
    _services(
        r"\(Service: (?:Amazon|AWS)?([A-Z][A-Za-z0-9]{1,30})[;,] Status Code: ", "(service: "
    ),
    _services(r"@aws-sdk/client-([a-z][a-z0-9-]{1,40})(?=[/@\"'\\])", "@aws-sdk/"),
    # Kubernetes: what its server says no with, and the reasons of its warnings.
    _codes(r"\bError from server \(([A-Z][A-Za-z]{3,40})\): ", "error from server ("),
    _codes(
        r"^ {0,4}(?:\S{1,8} {1,12})?Warning {1,6}(?!Failed\b|Error\b)([A-Z][A-Za-z]{4,40}) {1,12}"
        r"(?=\d{1,4}[smhd]|pod/|job/|deployment/|node/|kubelet\b)",
        "warning ",
    ),
    _codes(r"\b[Rr]eason: {1,10}(Evicted|Preempted|NodeLost|NodeShutdown|Unhealthy)\b", "reason: "),
    # gRPC in Node: the number before the name. OAuth: RFC 6749, section 5.2.
    _codes(
        r"(?<![\w.-])(?:[1-9]|1[0-6]) (CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED"
        r"|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED"
        r"|OUT_OF_RANGE|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)(?=: )",
        ": ",
    ),
    _codes(
        r"(?<![\w.])error(?:\\?[\"']: ?\\?[\"']|=)(invalid_(?:request|client|grant|scope|token)"
        r"|unauthorized_client|unsupported_grant_type|access_denied|insufficient_scope)\b",
        "error",
    ),
    # MySQL's in Go, and in a tuple of Python; Windows' in .NET.
    _codes(r"\bError (\d{4})(?: \([0-9A-Z]{5}\))?: [A-Z]", "error ", mark="error {}"),
    _codes(r"(?<![\w)])\((\d{4}), [\"'][A-Z]", "(", mark="error {}"),
    _codes(r"\bWin32Exception \((\d{1,5})\)", "win32exception (", mark="error {}"),
    # Microsoft.
    _codes(rf"\bCode\s{{0,8}}[=:]\s{{0,3}}({_HUMPS})(?=; ?Message|\s{{1,4}}Message)", "message"),
    # Google and its hosts; the pages of its manual that an error points to.
    _codes(
        r"\breason\\?[\"']?\s?[:=]\s?\\?[\"']?([a-z]{2,30}(?:[A-Z][a-z]{1,30}){1,5})\b", "reason"
    ),
    _codes(
        r"\bgoogleapi: Error \d{3}: [^\n]{1,300}, ([a-z]{2,30}(?:[A-Z][a-z]{1,30}){1,5})\b",
        "googleapi: error",
    ),
    _services(
        r"//api\.([a-z][a-z0-9-]{1,30})\.(?:com|ai|io|dev)(?=/v\d|/repos/|[:\s\"']|$)",
        "//api.",
        known=True,
    ),
    _services(r"\bcloud\.google\.com/([a-z-]{3,30})/docs\b", "cloud.google.com/", known=True),
    _services(
        r"(?<![\w.-])([a-z][a-z0-9-]{1,30})\.(?:[a-z]{2}-[a-z]{4,12}-\d\.)?(?:googleapis|amazonaws)\.com\b",
        "googleapis.com",
        "amazonaws.com",
        known=True,
    ),
    # Mail: the reply, with what RFC 3463 adds to it, or as Postfix hands it on.
    _codes(
        r"(?<![\w.])([45]\d\d)[ -](?:[45]\.\d{1,3}\.\d{1,3}\b)",
        " 4.", "-4.", " 5.", "-5.",
        mark="error {}",
    ),
    _codes(r"(?:said|talk to me): ([45]\d\d)[ -]", "said: ", "talk to me: ", mark="error {}"),
    # Registries of images; errors as URNs (ACME).
    _codes(r"\b(toomanyrequests)(?=: )", "toomanyrequests: "),
    _codes(r"\burn:[a-z][a-z:.-]{3,60}:errors?:([A-Za-z]{3,40})", "urn:"),
    # Crash reports of Apple, Android, Windows and systemd.
    _codes(
        r"\b(EXC_(?:BAD_ACCESS|BAD_INSTRUCTION|BREAKPOINT|CRASH|RESOURCE|GUARD|ARITHMETIC)"
        r"|KERN_(?:INVALID_ADDRESS|PROTECTION_FAILURE))\b",
        "exc_", "kern_",
    ),
    _codes(r"\bError Domain=([A-Z]\w{3,60}) Code=-?\d", "error domain="),
    _codes(
        r"\bError Domain=[A-Z]\w{3,60} Code=(-?\d{1,7})\b", "error domain=", mark="error {}"
    ),
    _services(r"^Process: {1,20}([A-Za-z][\w.-]{0,40}) \[\d{1,7}\]$", "process: "),
    _services(r"\bProcess: ([a-z][\w.]{2,60}), PID: \d", "process: "),
    _services(r"\bFaulting application name: ([\w-]{2,40})\.exe", "faulting application"),
    _services(r"\bProcess \d{1,9} \(([\w.-]{2,40})\) of user \d{1,9} dumped core", "dumped core"),
    # Rust: what was unwrapped. An `Os` or `Custom` says no more than that something else failed.
    _Saying(
        "exceptions",
        re.compile(
            r"\bErr` value: (?:[a-z_]\w{0,40}::){0,4}"
            r"(?!(?:Os|Custom|Error|Some|None|Kind|Io)\b)([A-Z][A-Za-z0-9]{3,60})\b"
        ),
        ("err` value: ",),
    ),
)  # fmt: skip


def marks_of_vendors(text: str, small: str) -> Iterator[tuple[str, int, str]]:
    """Field, position and mark of what fixed sentences of vendors tell.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.

    >>> said = "operation error S3: PutObject, api error SlowDown: reduce your request rate"
    >>> [(field, mark) for field, _, mark in marks_of_vendors(said, said.lower())]
    [('codes', 'SlowDown'), ('services', 's3')]
    """
    for saying in _SAYINGS:
        if not any(hint in small for hint in saying.hints):
            continue
        for match in saying.pattern.finditer(text):
            mark: str | None = saying.mark.format(match[1])
            if saying.field == "services":
                mark = _service(match[1].lower(), known_only=saying.known)
            if mark is not None:
                yield saying.field, match.start(1), mark


def _service(name: str, *, known_only: bool) -> str | None:
    """*name* in its canonical spelling; none if it must be a known one and is not."""
    base = name.replace(" ", "-").removesuffix("-runtime").removesuffix("v2")
    if base in SERVICES:
        return SERVICES[base]
    return base if base in WORDY_SERVICES or not known_only else None
