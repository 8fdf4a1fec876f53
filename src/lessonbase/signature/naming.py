"""Services that a log, an event or an alert names by its own conventions.

A field that says `service`, the program before a pid, a unit of systemd, the host of an inner
address, the word that an alert's summary is about. Prose has few of these; what it has is told
apart by words that are no names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lessonbase.signature.drivers import driven
from lessonbase.signature.vocabulary import SERVICES, WORDY_SERVICES

_NAME: Final = r"[a-z][a-z0-9]{0,40}(?:[-_][a-z0-9]{1,40}){0,6}"
# Of two words at least.
_LONG_NAME: Final = r"[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,6}"
_QUOTE: Final = r"\\?[\"']?"
_END: Final = r"(?=\\?[\"']|[\s,;}})\]|&]|$)"

# A machine of many is no service: web-03.
_NO_MEMBER: Final = r"(?<!-\d)(?<!-\d\d)(?<!-\d\d\d)"

# Values that name no service.
_NONE: Final = frozenset(
    {"a", "all", "an", "any", "api", "app", "backend", "cron", "db", "default", "error", "example"}
    | {
        "false",
        "frontend",
        "go",
        "host",
        "hostname",
        "java",
        "kernel",
        "localhost",
        "main",
        "master",
        "none",
        "null",
        "php",
        "prod",
    }
    | {"production", "python", "python3", "ruby", "server", "sh", "staging", "su", "sudo"}
    | {"systemd", "test", "the", "this", "true", "undefined", "unknown", "web", "worker", "www"}
)
# A part of each word with hyphens that is no name, as far as logs and prose have them.
_HYPHENED: Final = frozenset(
    {"and", "auto", "back", "based", "by", "cache", "check", "co", "content", "cross", "do", "down"}
    | {"end", "first", "follow", "for", "free", "full", "half", "heads", "high", "how", "in", "key"}
    | {"last", "level", "like", "long", "low", "max", "mid", "min", "mortem", "multi", "new", "no"}
    | {"non", "of", "off", "on", "one", "only", "open", "out", "over", "per", "post", "pre", "re"}
    | {"read", "real", "self", "semi", "short", "side", "sign", "so", "step", "sub", "the", "third"}
    | {"time", "to", "top", "trade", "two", "type", "under", "up", "user", "well", "wide", "work"}
    | {"write", "x", "year", "zero"}
)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a service is named; its name is the group that matched."""

    pattern: re.Pattern[str]
    # One of these is in a text in lower case that holds it, which is quick to see.
    hints: tuple[str, ...]
    # Whether a word of prose may stand there, too.
    prose: bool = False


_FORMS: Final = (
    # service=cart, "service":"cart", service_name: 'cart', container = cart.
    _Form(
        re.compile(
            r"(?<![\w.-])(?:service(?:[._]?name)?|serviceName|svc|app(?:[._]?name)?|appName"
            r"|application|container(?:_name)?|deployment|statefulset|daemonset|function_?name"
            r"|functionName|FunctionName|consumer_?group)"
            rf"(?:{_QUOTE}\s{{0,2}}=\s{{0,2}}{_QUOTE}|\\?[\"']\s{{0,2}}:\s{{0,2}}\\?[\"']"
            rf"|: ?['\"])({_NAME}){_END}"
        ),
        ("service", "svc", "app", "container", "deployment", "set", "function", "group"),
    ),
    # What OpenTelemetry, Helm and Datadog call it.
    _Form(
        re.compile(
            r"\b(?:k8s\.(?:deployment|container|statefulset|daemonset|cronjob)\.name|dd\.service"
            r"|app\.kubernetes\.io/(?:name|instance)|kube_(?:deployment|stateful_set|container_name))"
            rf"{_QUOTE}\s{{0,2}}[:=]\s{{0,2}}{_QUOTE}({_NAME}){_END}"
        ),
        ("k8s.", "dd.service", "app.kubernetes.io/", "kube_"),
    ),
    # Without quotes after a colon, or with a key that says less, the name must look like one.
    _Form(
        re.compile(
            r"(?<![\w.-])(?:service|svc|app|application|container|deployment|agent|server|job"
            rf"|component){_QUOTE}\s{{0,2}}[:=]\s{{0,2}}{_QUOTE}({_LONG_NAME}){_END}"
        ),
        ("service", "svc", "app", "container", "deployment", "agent", "server", "job", "component"),
    ),
    # CloudWatch's dimensions and Amazon's names of functions.
    _Form(
        re.compile(
            r"\"value\": ?\"([A-Za-z][\w-]{1,60})\", ?\"name\": ?\"(?:FunctionName|ServiceName)\""
            r"|\"name\": ?\"(?:FunctionName|ServiceName)\", ?\"value\": ?\"([A-Za-z][\w-]{1,60})\""
            r"|:function:([A-Za-z][\w-]{1,60})"
        ),
        ("functionname", "servicename", ":function:"),
    ),
    _Form(re.compile(r"\bAWS/([A-Z][A-Za-z0-9]{1,20})\b"), ("aws/",)),
    # The program before its pid, as syslog has it: "unbound[811:0] info:", "stock-sync[4410]:".
    _Form(
        re.compile(
            rf"(?:^|(?<=\s))({_NAME})\[\d{{1,8}}(?::\d{{1,3}})?\]"
            r"(?=: \S| (?:info|error|warning|notice|fatal):)",
            re.MULTILINE,
        ),
        ("]: ", "] info:", "] error:", "] warning:", "] notice:", "] fatal:"),
    ),
    _Form(re.compile(rf"(?<![\w./-])({_NAME})(?:@[\w-]{{0,40}})?\.service(?=:)"), (".service:",)),
    # Processes that the kernel killed, threads of Kafka Streams, releases in Sentry.
    _Form(
        re.compile(
            r"Killed process \d{1,9} \(([A-Za-z][\w.-]{1,40})\)"
            r"|\b([A-Za-z][\w.-]{1,40}) invoked oom-killer"
        ),
        ("killed process", "oom-killer"),
    ),
    _Form(re.compile(rf"(?<![\w-])({_NAME})-StreamThread-\d"), ("-streamthread-",)),
    _Form(re.compile(rf"\brelease{_QUOTE}[:=] ?{_QUOTE}([a-z][a-z0-9-]{{1,60}})@\d"), ("release",)),
    # After the time and before the level: "07:44:18,230 claims-summariser WARNING".
    _Form(
        re.compile(
            rf"\d\d:\d\d:\d\d[.,\dZ]{{0,8}} \[?({_LONG_NAME})\]?:?"
            r" \[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|CRITICAL)\b"
        ),
        (" error", " warn", " info", " debug", " fatal", " critical", "[error", "[warn", "[info"),
    ),
    # A peer of Java, a pod that was placed, the first part of an inner host.
    _Form(
        re.compile(r"(?<![\w./-])([a-z][a-z0-9-]{2,60})/\d{1,3}(?:\.\d{1,3}){3}:\d{2,5}\b"), ("/",)
    ),
    _Form(re.compile(r"\bassigned [a-z0-9-]{1,63}/([a-z][a-z0-9-]{1,63}) to "), ("assigned ",)),
    _Form(
        re.compile(
            rf"(?://|\bhost{_QUOTE}[=:] ?\\?[\"'])([a-z][a-z0-9-]{{1,60}})"
            r"\.(?:internal|local|svc|consul|lan)(?![\w-])"
        ),
        (".internal", ".local", ".svc", ".consul", ".lan"),
    ),
    # The host of an inner address is a service if it has no domain: http://rates/v2, redis://cache.
    _Form(
        re.compile(
            r"\b(?:https?|grpcs?|wss?|tcp|amqps?|rediss?|postgres(?:ql)?|mysql|mongodb|nats|ldaps?)://"
            rf"(?:[^\s/@\"']{{1,80}}@)?(?:({_LONG_NAME}){_NO_MEMBER}(?=:\d{{2,5}}\b|/)"
            rf"|({_NAME}){_NO_MEMBER}(?=:\d{{2,5}}(?![\w@])))"
        ),
        ("://",),
    ),
    # The host that nobody resolves or reaches, as Go, Node, Java and libpq have it.
    _Form(
        re.compile(
            r"\b(?:lookup|ENOTFOUND|EAI_AGAIN|UnknownHostException:|translate host name)"
            rf" \\?[\"']?({_LONG_NAME}){_NO_MEMBER}(?=\\?[\"']|[\s:,;)]|$)",
            re.MULTILINE,
        ),
        ("lookup ", "enotfound", "eai_again", "unknownhost", "host name"),
    ),
    _Form(
        re.compile(
            r"\b(?:to|tcp|connect(?:ing)?|ECONN[A-Z]{5,7}|broker|server|upstream|address|peer)"
            rf" \\?[\"'(]?({_LONG_NAME}){_NO_MEMBER}:\d{{3,5}}(?![\w.])"
        ),
        ("refused", "timed out", "timeout", "reset", "failed", "error"),
    ),
    # In quotes after the word for what it is: from upstream `stock-reader`.
    _Form(
        re.compile(
            r"\b(?:upstream|[Ss]ervice|[Bb]ackend|[Dd]eployment|[Cc]ontainer|[Mm]icroservice)"
            rf" \\?[`'\"]({_LONG_NAME})\\?[`'\"]"
        ),
        ("upstream", "service", "backend", "deployment", "container"),
    ),
    # Before the bar, as Compose has it.
    _Form(
        re.compile(rf"^({_LONG_NAME}) {{1,20}}\| (?=\S+ \S)", re.MULTILINE),
        ("error", "exception", "fatal", "traceback"),
        prose=True,
    ),
    # What a summary or a line of a log is about, if its first word is a name; a bracketed logger.
    _Form(
        re.compile(
            rf"\b(?:summary|title|description|message){_QUOTE} ?[:=] ?{_QUOTE}"
            rf"(?:\[[^\]\n]{{1,20}}\] )?({_LONG_NAME})(?=:? [a-z])"
        ),
        ("summary", "title", "description", "message"),
        prose=True,
    ),
    _Form(
        re.compile(
            rf"^({_LONG_NAME}): (?=\S+ \S+ \S)|^\[({_LONG_NAME})\] (?=\S+ \S+ \S)", re.MULTILINE
        ),
        ("error", "exception", "fatal", "traceback"),
        prose=True,
    ),
)
# Where a known program keeps what is its own.
_HOME: Final = re.compile(r"/(?:opt|etc|var/lib|var/log|usr/share)/([a-z][a-z0-9-]{1,30})/")
# An alert that is called after a program: RedisMemoryHigh.
_ALERT: Final = re.compile(rf"alertname{_QUOTE}\s?[=:]\s?{_QUOTE}([A-Z][A-Za-z0-9]{{2,80}})\b")
# What a StatefulSet or a Deployment adds to the names of its pods.
_POD_ENDING: Final = re.compile(r"(?:-(?=[a-z]*\d)[a-f0-9]{8,10}-[a-z0-9]{5}|[-_]\d{1,4})$")
_THREAD: Final = re.compile(r"thread ['\"]$")


def services_in_context(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Services that are known by the form in which they are named, with their positions.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.

    >>> [name for _, name in services_in_context("app=cart stock-sync[41]: down", "app= ]: ")]
    ['cart', 'stock-sync']
    """
    for form in _FORMS:
        if any(hint in small for hint in form.hints):
            for match in form.pattern.finditer(text):
                name = match[match.lastindex or 0]
                if not (form.prose and is_adjective(name)):
                    yield from named(match.start(match.lastindex or 0), name)
    for match in _HOME.finditer(text):
        if match[1] in SERVICES or match[1] in WORDY_SERVICES:
            yield from named(match.start(1), match[1])
    for match in _ALERT.finditer(text):
        program = driven(match[1])
        if program is not None:
            yield match.start(1), program


def is_thread(text: str, start: int) -> bool:
    """Whether the word at *start* is the name of a thread, as Rust and Java print it."""
    return _THREAD.search(text, max(0, start - 8), start) is not None


def is_adjective(name: str) -> bool:
    """Whether a part of *name* is a word that names nothing: long-running, third_party."""
    return not _HYPHENED.isdisjoint(name.replace("_", "-").split("-"))


def named(start: int, name: str) -> Iterator[tuple[int, str]]:
    """*name*, which begins at *start*, in its canonical spelling, unless it is nobody's."""
    small = _POD_ENDING.sub("", name.lower())
    if small not in _NONE and not small.startswith("ip-"):
        yield start, SERVICES.get(small, small)
