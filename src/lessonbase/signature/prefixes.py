"""A team's own services in the machinery around them: log heads, pods, images, groups of logs.

All forms here are printed by programs, so that a name of two words at its place needs no further
proof, save that names of threads stand in brackets, too. Sources: Spring Boot's and pino's layouts
of a line, Kubernetes' events, Alertmanager's and CloudWatch's messages.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.naming import is_adjective, named

# Of two words, joined by hyphens; or as a module is, if the last word is a role.
_HOST: Final = r"[a-z][a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){1,6}"
_TEAM: Final = (
    rf"(?:{_HOST}|(?:[a-z][a-z0-9]{{0,40}}_){{1,5}}(?:api|svc|service|worker|gateway|backend"
    r"|consumer|producer|scheduler|server|job|sync|indexer|importer|exporter|sender|mailer"
    r"|runner|daemon)(?![\w-]))"
)
_LEVEL: Final = r"(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|SEVERE|error|warn|fatal)"
# Parts of the names of threads, which stand in brackets as names of services do.
_THREADS: Final = re.compile(
    r"(?:^|-)(?:akka|dispatcher|epoll|eventloop|exec|executor|io|loop|main|netty|nio|pool|reactor"
    r"|scheduler|scheduling|thread|threads|timer)(?:-|$)|-\d{1,4}$"
)
# What an alarm adds to the name of what it watches.
_WATCHED: Final = re.compile(
    r"-(?:[45]xx|alarm|availability|cpu|disk|duration|errors?|error-rate|latency|lag|memory"
    r"|throttles|timeouts?)(?:-(?:alarm|critical|high|warning))?$"
)
# A pattern whose group is the name → hints, one of which is in a text in lower case that holds it.
_FORMS: Final = (
    # A pod with its namespace before it or after it; a member of a StatefulSet.
    (
        re.compile(
            r"(?<![\w-])([a-z][a-z0-9-]{1,50}?)-(?=[a-z]{0,9}\d)[a-f0-9]{8,10}-[a-z0-9]{5}(?![a-z0-9-])"
        ),
        ("pod", "container"),
    ),
    (
        re.compile(
            r"\bpod(?:_?name)?\\?[\"']?[:= ]{1,3}\\?[\"'`]?(?:[a-z0-9-]{1,63}/)?"
            rf"({_HOST})-\d{{1,3}}\b"
        ),
        ("pod",),
    ),
    (
        re.compile(
            r"\b(?:job\.batch|[Dd]eployment|[Ss]tateful[Ss]et|[Dd]aemon[Ss]et|[Cc]ron[Jj]ob)"
            rf"/({_HOST})(?![\w./-])"
        ),
        ("job.batch/", "deployment/", "set/", "cronjob/"),
    ),
    # After the time: the level and a name; a name in brackets.
    (
        re.compile(
            rf"\d\d:\d\d:\d\d[.,\dZ+]{{0,12}} (?:UTC )?\[?{_LEVEL}\]?:?\s{{1,3}}\[?({_TEAM})"
            r"(?:\]:?|:| -| \|) (?=\S)"
        ),
        ("error", "warn", "fatal", "critical", "severe"),
    ),
    (
        re.compile(
            rf"\d\d:\d\d:\d\d[.,\dZ+]{{0,12}} (?:UTC )?(?:\[\d{{1,7}}\] )?\[({_TEAM})\] (?=\S+ \S)"
        ),
        ("] ",),
    ),
    (re.compile(rf" --- \[({_HOST})\] \["), (" --- [",)),
    (re.compile(rf"\b{_LEVEL} {{1,2}}\[({_HOST}),[0-9a-f-]{{0,40}},"), ("[",)),
    # pino's and bunyan's name of the logger, with the process after it; other shippers' fields.
    (
        re.compile(
            rf"\"name\": ?\"({_HOST})\"(?=[^\n]{{0,200}}\"(?:hostname|pid)\":)"
            rf"|\"(?:logger|program|ident|SYSLOG_IDENTIFIER)\": ?\"({_HOST})\""
        ),
        ("hostname", "pid", "logger", "program", "ident"),
    ),
    # What an alert is about: by its state, its monitor, the issue it opens.
    (
        re.compile(
            rf"\[FIRING:\d{{1,4}}\] [A-Z]\w{{2,60}} \(?({_HOST})(?![\w./-])"
            rf"|\b(?:FIRING|RESOLVED|Triggered|TRIGGERED|Alert|ALERT|Alarm|Monitor)\]?\*?: "
            rf"(?:[A-Z]\w{{2,60}} (?:for|on|in) )?[\"'`]?({_HOST})(?=[\"'`]|:? |$)"
            rf"|\b[Nn]ew (?:issue|error) in \*?[\"'`]?({_HOST})(?![\w./-])",
            re.MULTILINE,
        ),
        ("firing", "resolved", "triggered", "alert", "alarm", "monitor", "new issue", "new error"),
    ),
    # Amazon's groups of logs, functions and services; groups of Kafka's consumers.
    (
        re.compile(
            rf"/aws/lambda/([A-Za-z][\w-]{{1,60}})|/ecs/({_HOST})|\bFunction: ({_HOST})(?![\w./-])"
            rf"|\(service ({_HOST})\)"
        ),
        ("/aws/lambda/", "/ecs/", "function: ", "(service "),
    ),
    (
        re.compile(
            rf"\b(?:groupId|group\.id|group_id)[=:] ?\"?({_HOST})(?![\w./-])"
            rf"|\b[Cc]onsumer[ -]group [\"'`]?({_HOST})(?![\w./-])"
        ),
        ("groupid", "group.id", "group_id", "group "),
    ),
    # An image in a registry, with its tag.
    (
        re.compile(
            r"\b[Ii]mage[\"':= ]{1,4}[\w-]{1,40}(?:\.[\w-]{1,40}){1,5}(?::\d{2,5})?"
            rf"(?:/[\w.-]{{1,60}}){{0,4}}/({_HOST})(?::[\w.-]{{1,60}}|@sha256:)"
        ),
        ("image",),
    ),
)


def services_prefixed(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Services that logs, pods and alerts bear at a fixed place, with their positions.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.

    >>> log = "09:30:01 ERROR [stock-sync] no pod; 09:30:02 ERROR [http-nio-80-exec-4] no"
    >>> [name for _, name in services_prefixed(log, log.lower())]
    ['stock-sync']
    """
    for pattern, hints in _FORMS:
        if any(hint in small for hint in hints):
            for match in pattern.finditer(text):
                at = match.lastindex or 0
                name = _WATCHED.sub("", match[at])
                if not (_THREADS.search(name) or is_adjective(name)):
                    yield from named(match.start(at), name)
