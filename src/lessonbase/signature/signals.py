"""Signals that end processes: by name, by number after the word, or in the words of a log."""

import re
from collections.abc import Iterator
from typing import Final

_SIGNALS: Final = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
    8: "SIGFPE", 9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE",
    14: "SIGALRM", 15: "SIGTERM", 17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 24: "SIGXCPU",
    25: "SIGXFSZ", 31: "SIGSYS",
}  # fmt: skip
_SIGNAL_NAMES: Final = frozenset((*_SIGNALS.values(), "SIGWINCH", "SIGTSTP", "SIGIOT", "OOMKilled"))
_NUMBERED: Final = re.compile(
    r"\bsignal(?: number)?[:=]? ?\(?(\d{1,2})(?![\w%/]|\.\d)(?! ?(?:bars?|dB|out of|of \d|lights?))"
    r"|\bkill -(\d{1,2})(?!\w|\.\d)",
    re.IGNORECASE,
)
# As systemd says it: "code=killed, status=9/KILL".
_SYSTEMD: Final = re.compile(
    r"\bstatus=\d{1,2}/((?:KILL|TERM|SEGV|ABRT|BUS|HUP|ILL|FPE|PIPE|INT))\b"
)
_NAMED: Final = (
    ("signal: killed", "SIGKILL"),
    ("signal: terminated", "SIGTERM"),
    ("segmentation fault", "SIGSEGV"),
    ("oom-killer", "OOMKilled"),
    ("oom killer", "OOMKilled"),
    ("oom_kill", "OOMKilled"),
    ("out of memory: kill", "OOMKilled"),
)


def signal(token: str) -> str | None:
    """*token* as a signal or a kill for want of memory, if it is one."""
    return token if token in _SIGNAL_NAMES else None


def signals_in_context(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Signals given by number or in words, with their positions."""
    if "signal" in small or "kill -" in small:
        for match in _NUMBERED.finditer(text):
            name = _SIGNALS.get(int(match[1] or match[2]))
            if name:
                yield match.start(), name
    if "status=" in small:
        for match in _SYSTEMD.finditer(text):
            yield match.start(), f"SIG{match[1]}"
    for phrase, name in _NAMED:
        if phrase in small:
            yield small.find(phrase), name
