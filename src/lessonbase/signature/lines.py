"""One line of a log: what of it is noise, and how much it tells about a failure.

Pure. A line is cut before any rule sees it, so that all rules together cost time linear in a text.
"""

import re
from typing import Final

from lessonbase.signature.codes import code

# Characters of a line that are read; what is longer is data, not a message.
LINE_LIMIT: Final = 500
# Weights. What ranks first is kept first when not all lines have room.
FAILURE: Final = 4
SIGN: Final = 3
CONTEXT: Final = 2
NEAR: Final = 1
NOTHING: Final = 0
QUIET: Final = -1

_ANSI: Final = re.compile(
    r"\x1b\[[0-9;?]{0,16}[A-Za-z]|\x1b\][^\x07\x1b]{0,200}\x07|[\x00-\x08\x0b-\x1f\x7f]"
)
# Characters in which a time is when the line was written, and not what it says.
_HEAD_LENGTH: Final = 80
_HOURS: Final = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ZONE: Final = r"(?: ?(?:Z|UTC|GMT|CES?T|[+-]\d\d:?\d\d)(?!\w))?"
_STAMP: Final = re.compile(
    rf"[\[(]?(?:\d{{4}}[-/]\d\d[-/]\d\d[T ]|\d\d?[-/ ][A-Z][a-z]{{2}}[-/ ]\d{{4}}[: ])"
    rf"{_HOURS}{_ZONE}[\])]?[ \t]?"
)
# At the head of a line: syslog with its host, the kernel's seconds, glog, a bare hour, BuildKit.
_HEAD: Final = re.compile(
    rf"[A-Z][a-z]{{2}} [ \d]\d {_HOURS} \S{{1,80}} "
    r"|\[ {0,6}\d{1,10}\.\d{3,6}\] "
    rf"|[IWEF]\d{{4}} {_HOURS} +\d+ "
    rf"|\[?{_HOURS}\]?[ \t]"
    r"|#\d{1,4} (?:\d+\.\d+ )?"
    r"|\d{1,7}:[MSCX] |\[\d{1,8}\] "
)
# Threads, processes, workers and the ids of a request, which differ from line to line.
_THREAD: Final = re.compile(
    r"\[[\w.: -]{0,60}?(?:exec|thread|worker|pool|scheduling|consumer|loop)[\w.: -]{0,40}\] ?"
    r"|--- (?=\[)|\[main\] ?|(?<=\w)\[\d{1,8}\](?=: )"
    r"|\b(?:pid|tid|thread|trace|trace_id|traceId|span_id|request_id|requestId)=[\w-]{1,64} ?"
    r"|\d{1,7}#\d{1,7}: (?:\*\d{1,12} )?",
    re.IGNORECASE,
)
# A frame's own lines are told apart in excerpt.py; this keeps indentation, which says so.
_INNER_BLANKS: Final = re.compile(r"(?<=\S)[ \t]{2,}")

_LEVEL: Final = re.compile(
    r"\b(?:ERROR|FATAL|CRIT|CRITICAL|ALERT|EMERG|EMERGENCY|SEVERE|PANIC|FAILED"
    r"|FIRING|TRIGGERED|Triggered)\b"
    r"|\[(?:error|crit|alert|emerg|fatal)\]|\blevel[=:] ?\"?(?:error|fatal|critical|panic)"
    r"|^(?:error|fatal|panic|critical|npm ERR!|fail|err|E)\b[ :\[]|\bpanic: "
)
_QUIET: Final = re.compile(
    r"\b(?:INFO|DEBUG|TRACE|NOTICE|VERBOSE)\b|\[(?:info|debug|notice|trace)\]"
    r"|\blevel[=:] ?\"?(?:info|debug|trace)"
)
_WARNING: Final = re.compile(
    r"\bWARN(?:ING)?\b|\[warn(?:ing)?\]|\blevel[=:] ?\"?warn|^W\b|\bWarning\b"
)
# What only frames a trace.
_FRAMING: Final = re.compile(
    r"\s*(?:Traceback \(most recent|Stack trace:|stack backtrace:|\.\.\. \d+ more|note: |\W{3,}$"
    r"|--- End of |(?:During handling of )?the above exception)",
    re.IGNORECASE,
)
# An exception with its message, a cause of one, or the words that languages put before one.
_EXCEPTION: Final = re.compile(
    r"\b(?:[A-Z]\w{0,80}(?:Error|Exception|Violation|Fault)|[A-Z]\w{1,60}(?:::[A-Z]\w{1,60})+)"
    r"(?:: |\b ?\(|$)"
    r"|^(?:Caused by|Next|Uncaught|Unhandled|\[cause\])\b|panicked at|\bpanic: "
    r"|Uncaught |Unhandled exception|^E   "
    r"|(?<![\w.])(?:\w{1,40}\.){0,6}(?:exceptions?|errors?)\.[A-Z]\w{1,80}:"
)
_SIGN: Final = re.compile(
    r"\b(?:fail(?:s|ed|ing|ure)?|refused|timed? ?out|timeouts?|denied|unable|can(?:not|'t|\xb4t)"
    r"|could not|couldn't|killed|exceed(?:s|ed)|not found|no space|unreachable|expired|invalid"
    r"|missing|rejected|abort(?:ed|ing)|deadlock(?:ed)?|exhausted|overflow|overloaded|crash(?:ed)?"
    r"|corrupt(?:ed)?|unavailable|unauthori[sz]ed|forbidden|exit(?:ed)? (?:code|status)"
    r"|out of memory|too (?:many|long|large)|OOMKilled"
    r"|(?-i:SIG[A-Z]{3,5}|E[A-Z]{4,12})|SQLSTATE|not (?:enough|ready|allowed|supported)"
    r"|closed|lost|reset|full|died"
    r"|Errno|conflict|unhealthy|down)\b|\" [45]\d\d |\b(?:status|code)\W{1,4}[45]\d\d\b|BackOff\b",
    re.IGNORECASE,
)
_KEY: Final = re.compile(
    r"[-*\s]{0,8}\*?(?:alert ?name|summary|description|message|reason|exit code|state|last state"
    r"|name|image|service|app|container|title|codeName|code|Type|hint|detail|context|statement"
    r"|culprit|status|error|entity|value|annotations?|last[_ ]err(?:or|no))\*?\s{0,24}[:=]",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[\w-]+")
_LETTER: Final = re.compile(r"\w")
_HAS_DIGIT: Final = re.compile(r"\d")
_STATUS: Final = re.compile(r"[45]\d\d")


def cleaned(line: str) -> str:
    """*line* without colours, times, threads and ids of requests; its indentation is kept.

    Of a line without a letter or digit nothing is left.

    >>> cleaned("2026-03-19 23:17:44,871 ERROR [http-nio-80-exec-12] c.s.Errors - it failed")
    'ERROR c.s.Errors - it failed'
    """
    line = _ANSI.sub("", line[:LINE_LIMIT])
    if _HAS_DIGIT.search(line):
        line = _STAMP.sub("", line[:_HEAD_LENGTH]) + line[_HEAD_LENGTH:]
        head = _HEAD.match(line)
        line = _THREAD.sub("", line[head.end() :] if head else line)
    return _INNER_BLANKS.sub(" ", line).rstrip() if _LETTER.search(line) else ""


def weight(line: str) -> int:
    """How much a cleaned *line* tells about a failure: FAILURE is most; QUIET is what to leave out.

    >>> weight("KeyError: 'id'") == FAILURE, weight("INFO applied rates") == QUIET
    (True, True)
    """
    if _FRAMING.match(line):
        return QUIET
    if _EXCEPTION.search(line):
        return FAILURE
    if _LEVEL.search(line):
        return FAILURE
    if _QUIET.search(line):
        return QUIET
    if _SIGN.search(line):
        return SIGN
    return CONTEXT if _WARNING.search(line) or _KEY.match(line) else NOTHING


def alike(line: str) -> str:
    """The same text for lines that differ in numbers, ids and addresses only; codes are kept.

    >>> alike("room 8812 took 31 ms, TS2345") == alike("room 1 took 9 ms, TS2345")
    True
    >>> alike("room 1 took 9 ms, TS2322")
    'room # took # ms, TS2322'
    """
    return _WORD.sub(_blank, line)


def _blank(match: re.Match[str]) -> str:
    word = match[0]
    if not _HAS_DIGIT.search(word):
        return word
    return word if _STATUS.fullmatch(word) or code(word) else "#"
