"""Error codes: what a program, a compiler or a cluster calls a failure.

A code is known by its shape (``ORA-00060``, ``ERR_…``), by its name (errno, Kubernetes reasons), or
by the words before it (``exit code 137``, ``SQLSTATE 40P01``). A bare number is never one.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.vocabulary import CODE_NAMES, ERRNO, ERRNO_NAMES

_SHAPE: Final = re.compile(
    r"(?:ORA|PLS|TNS|RMAN)-\d{5}|MY-0\d{5}|[A-Z]{2,12}_ERR_[A-Z_]{2,60}"
    r"|E0\d{3}|E11000|ER_[A-Z][A-Z_]{2,60}|TS\d{4,5}|CS[0-8]\d{3}|LNK\d{4}|MSB\d{4}|NU1\d{3}|NETSDK\d{4}|SC[12]\d{3}"
    r"|AADSTS\d{5,7}|PGRST\d{3}|SQL\d{4}[NCW]"
    r"|0[xX][8cC][0-9A-Fa-f]{7}"
    r"|(?:ERR|EAI|SQLITE|WSAE|DNS_PROBE|MDB)_[A-Z0-9_]{2,80}|WSAE[A-Z]{3,20}"
    r"|(?:CUDA|SSL|TLS|SEC|CUBLAS|CUDNN|NS|MOZILLA_PKIX)_ERROR_[A-Z0-9_]{2,80}"
    r"|[A-Z][A-Z0-9_]{1,80}_(?:ERROR|FAILED|FAILURE|EXCEEDED|DENIED|REFUSED|EXHAUSTED|UNREACHABLE"
    r"|NOT_FOUND|UNAVAILABLE|INVALID|EXPIRED|MISMATCH|OVERFLOW|ABORTED)"
)
_PAGE: Final = re.compile(r"[A-Z]{2,30}(?:_[A-Z]{2,30}){1,6}")
_CVE: Final = re.compile(r"(?i:CVE)-(?:19|20)\d\d-\d{4,7}")

# "exit code 137", "exited with status 1", "ExitCode: 2", "Exited (137)", but no motorway's exit.
_EXIT: Final = re.compile(
    r"exit(?:s|ed|ing)?[ _-]?(?:with )?(?:an? )?(?:non-?zero )?(?:exit )?(?:code|status|value)"
    r"(?: of| was| is)?(?:[ :=(]{1,4}(?=-\d)|\W{0,12}(?=\d))(-?\d{1,3})(?!\w|\.\d)"
    r"|exited \((\d{1,3})\)"
    r"|exit(?:s|ed)?(?: with)? (12[67]|13[0-9]|143)(?!\w|\.\d)"
    r"|(?:[\"'`)\]]|\b(?:process|command|script|container|worker|job|task)) exited with (\d{1,3})"
    r"(?=[.,;)]?$)",
    re.IGNORECASE | re.MULTILINE,
)
_MOTORWAY: Final = re.compile(
    r"(?:take|at|off|near|via|to|from|motorway|highway|i-\d+) $", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"\berrno\W{0,4}(\d{1,3})(?!\w|\.\d)", re.IGNORECASE)
# As nginx logs it: "connect() failed (111: Connection refused)", "timed out (110: Connection ...".
_FAILED: Final = re.compile(r"(?:failed|timed out|error) \((\d{1,3}): [A-Z]")
_SQLSTATE: Final = re.compile(
    r"\b(?:sqlstate|pgcode)\W{0,4}(?=[A-Z]{0,4}\d)([0-9A-Z]{5})(?!\w)", re.IGNORECASE
)
_MYSQL: Final = re.compile(r"ERROR (\d{4}) \(([0-9A-Z]{5})\)")
# MySQL's and RabbitMQ's in Python: OperationalError: (2006, "..."), ChannelClosed: (406, "...").
_NUMBER_IN_PYTHON: Final = re.compile(r"[A-Z][A-Za-z]{3,60}: \((\d{3,4}), [\"']")
# PDO's: "SQLSTATE[HY000] [2002] Connection refused". Hibernate's: "SQL Error: 1205, SQLState: ...".
_NUMBER_OF_SQL: Final = re.compile(r"\bSQLSTATE\[\w{5}\] \[(\d{3,5})\]|\bSQL Error: (\d{2,6})\b")
# ClickHouse's, Rust's for the system, systemd's for a program that ended by itself.
_CLICKHOUSE: Final = re.compile(
    r"(?<!exit )(?<!Os \{ )\b[Cc]ode: (\d{1,4})(?=[.,] )(?:[^\n(]{0,200}\(([A-Z][A-Z_]{4,60})\))?"
)
_OS_ERROR: Final = re.compile(r"\bOs \{ code: (\d{1,3})|\(os error (\d{1,3})\)")
_SYSTEMD: Final = re.compile(r"\bcode=exited, status=(\d{1,3})\b")
# A field of an error as Node and JSON have it; its value is a name of several parts.
_FIELD: Final = re.compile(
    r"(?<![\w.])\\?[\"']?(?:code|codeName|code_name|error_?code|errorCode|errno)\\?[\"']?"
    r"\s{0,2}[:=]\s{0,2}"
    r"(?:\\?[\"']([A-Za-z][A-Za-z0-9]{0,40}(?:_[A-Za-z0-9]{1,30}){0,6})\\?[\"']"
    r"|(\d{4,6})(?=,?$))",
    re.MULTILINE,
)
_NAMED: Final = re.compile(
    r"[a-z0-9]+_[a-z0-9_]+|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[A-Z][A-Z0-9_]*\d+"
    r"|[A-Z]{2,30}(?:_[A-Z]{2,30}){1,6}"
)
# The same in a line of key=value, but not in the query of a URL: code=card_expired type=card_error.
_PAIR: Final = re.compile(
    r"(?<![\w.?&-])(?:(?:code|error_?code)=([a-z]{2,30}(?:_[a-z]{2,30}){1,5}|[A-Z]{2,30}(?:_[A-Z]{2,30}){1,6})"
    r"|(?:error_?)?type=([a-z]{2,30}(?:_[a-z]{2,30}){0,4}_error))(?=[\s,;)]|$)"
)
# glog's head of a line: level, month and day.
_GLOG: Final = re.compile(r"[IWEF][01]\d[0-3]\d")
_GLOG_TIME: Final = re.compile(r" \d\d:\d\d:\d\d\.")
_SERVER_MESSAGE: Final = re.compile(r"\bMsg (\d{3,5}), Level")
_ERROR_NUMBER: Final = re.compile(r"error[ _]?code\W{1,3}(-?\d{2,6})(?!\w|\.\d)", re.IGNORECASE)
# redis-py's "Error 111 connecting to ..."; SQL Server's in .NET; JSON-RPC's; NVIDIA's driver's.
_CONNECTING: Final = re.compile(r"\bError (\d{1,3}) connecting\b")
_SQL_SERVER: Final = re.compile(r"\bError Number: ?(-?\d{1,6})\b")
_JSON_RPC: Final = re.compile(r"\bcode\\?[\"']?\s?:\s?(-32\d{3})\b")
_XID: Final = re.compile(r"\bXid(?: \([^)\n]{1,60}\))?:? (\d{1,3})\b")
# The sort of an error in the body of an answer: {"type": "overloaded_error"}.
_TYPE: Final = re.compile(r"\btype\\?[\"']: ?\\?[\"']([a-z]{2,30}(?:_[a-z]{2,30}){0,4}_error)\b")
_COMPILER: Final = re.compile(r"(?:error|warning|code):? ([A-Z]{1,4}\d{3,5})(?!\w)")
_LINTER: Final = re.compile(r"(?<![\w-])([A-Z]{1,3}\d{3,4})(?![\w-])")
_LINTERS: Final = ("ruff", "flake8", "pylint", "noqa", "pycodestyle")
_RPC: Final = re.compile(
    r"\bcode ?= ?([A-Z][A-Za-z]{2,20})\b|\bStatusCode\.([A-Z_]{2,30})\b"
    r"|\b(?:Status(?:Runtime)?Exception|RpcException|RpcError): ([A-Z][A-Z_]{3,30})\b"
)
_CURL: Final = re.compile(r"\bcurl: \((\d{1,2})\)")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def code(token: str) -> str | None:
    """*token* as an error code in its canonical spelling, if it is one by itself.

    >>> [code(word) for word in ("ECONNRESET", "0X80070005", "E0382", "HTTP", "OPS-123")]
    ['ECONNRESET', '0x80070005', 'E0382', None, None]
    """
    if token.startswith("//"):
        path, _, token = token.rpartition("/")  # the page of a manual about it
        if path.endswith(("/error", "/errors")) and _PAGE.fullmatch(token):
            return token
    if token in ERRNO_NAMES or token in CODE_NAMES:
        return token
    if not _SHAPE.fullmatch(token):
        return None
    return "0x" + token[2:].upper() if token[:2] in ("0x", "0X") else token


def cve(token: str) -> str | None:
    """*token* as a CVE id in capitals, if it is one."""
    return token.upper() if _CVE.fullmatch(token) else None


def codes_in_context(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Codes that are known by the words before them, with their positions.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.
    """
    if "exit" in small:
        for match in _EXIT.finditer(text):
            number = match[match.lastindex or 0]
            if not (match[3] and _MOTORWAY.search(text, max(0, match.start() - 12), match.start())):
                yield match.start(), f"exit {number}"
    for hint, numbered in (("errno", _NUMBERED), (": ", _FAILED)):
        if hint in small:
            for match in numbered.finditer(text):
                yield match.start(), ERRNO.get(int(match[1]), f"errno {int(match[1])}")
    if "sqlstate" in small or "pgcode" in small:
        for match in _SQLSTATE.finditer(text):
            yield match.start(), f"SQLSTATE {match[1].upper()}"
    if "code" in small or "(os error" in small or "errno" in small:
        yield from _fields(text)
    if "error" in small or "code" in small or "warning" in small:
        for match in _COMPILER.finditer(text):
            yield match.start(1), match[1]
    if "error" in small or "sqlstate" in small:
        yield from _error_numbers(text)
    if "xid" in small:
        for match in _XID.finditer(text):
            yield match.start(), f"Xid {match[1]}"
    if "msg " in small:
        for match in _SERVER_MESSAGE.finditer(text):
            yield match.start(), f"Msg {match[1]}"
    if any(name in small for name in _LINTERS):
        for match in _LINTER.finditer(text):
            yield match.start(), match[1]
    if "curl: (" in small:
        for match in _CURL.finditer(text):
            yield match.start(), f"curl {match[1]}"
    if "rpc" in small or "statusruntime" in small or "statuscode." in small:
        for match in _RPC.finditer(text):
            yield (
                match.start(),
                _HUMP.sub("_", match[1]).upper() if match[1] else match[2] or match[3],
            )


def _error_numbers(text: str) -> Iterator[tuple[int, str]]:
    for match in _MYSQL.finditer(text):
        yield match.start(), f"error {match[1]}"
        yield match.start(), f"SQLSTATE {match[2]}"
    for match in _CONNECTING.finditer(text):
        yield match.start(), ERRNO.get(int(match[1]), f"errno {int(match[1])}")
    for match in _TYPE.finditer(text):
        yield match.start(1), match[1]
    for pattern in (_NUMBER_IN_PYTHON, _NUMBER_OF_SQL, _SQL_SERVER, _JSON_RPC):
        for match in pattern.finditer(text):
            yield match.start(), f"error {match[match.lastindex or 0]}"
    for match in _ERROR_NUMBER.finditer(text):
        if not 400 <= int(match[1]) <= 599:  # an HTTP status
            yield match.start(), f"error {match[1]}"


def is_head(text: str, end: int, token: str) -> bool:
    """Whether *token*, which ends at *end*, is the head of a line of glog: E0307 21:14:55.208."""
    return _GLOG.fullmatch(token) is not None and _GLOG_TIME.match(text, end) is not None


def _fields(text: str) -> Iterator[tuple[int, str]]:
    """Codes that are the value of a field, or numbered as a few programs do."""
    for match in _OS_ERROR.finditer(text):
        number = int(match[match.lastindex or 0])
        yield match.start(), ERRNO.get(number, f"errno {number}")
    for match in _SYSTEMD.finditer(text):
        yield match.start(), f"exit {match[1]}"
    for match in _CLICKHOUSE.finditer(text):
        if not 400 <= int(match[1]) <= 599:
            yield match.start(), f"error {match[1]}"
            if match[2]:
                yield match.start(2), match[2]
    for match in _PAIR.finditer(text):
        yield match.start(), match[1] or match[2]
    for match in _FIELD.finditer(text):
        if match[2]:
            yield match.start(2), f"error {match[2]}"
        elif match[1] and _NAMED.fullmatch(match[1]):
            yield match.start(1), match[1]
