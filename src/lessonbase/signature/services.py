"""Services a text is about: well-known ones by name, a team's own by the way they are written."""

import re
from typing import Final

from lessonbase.signature.vocabulary import SERVICES

# What tells the service from the word: a vendor before it, or after it what only services have.
_VENDOR: Final = re.compile(r"\b(?:apache|aws|amazon|hashicorp) $", re.IGNORECASE)
_BELONGINGS: Final = re.compile(
    r"[ -](?:agents?|api|brokers?|charts?|clients?|clusters?|consumers?|dags?|drivers?|executors?"
    r"|nodes?|operators?|pods?|proxy|proxies|releases?|schedulers?|secrets?|servers?|sidecars?"
    r"|task queue|tokens?|warehouses?|webhooks?|workers?|workflows?)\b",
    re.IGNORECASE,
)
# As long as the longest vendor.
_LOOK_BACK: Final = 11

# A team's own services: small words and hyphens, the role at the end.
_OWN: Final = re.compile(
    r"([a-z][a-z0-9]*(?:-[a-z0-9]+){0,5})-(?:api|svc|service|db|worker|gateway|backend|frontend|proxy"
    r"|consumer|producer|scheduler|operator|controller|exporter|ingress|queue|cache|server)"
)
# Words that make, with a role, a sort of service: web-server, dead-letter-queue.
_SORTS: Final = frozenset(
    {"a", "an", "any", "app", "application", "async", "back", "background", "batch", "black"}
    | {"build", "bulk", "client", "co", "code", "cross", "customer", "data", "development", "end"}
    | {"event", "external", "fifo", "file", "first", "front", "full", "generic", "graphql"}
    | {"health", "high", "home", "http", "https", "in", "inter", "internal", "job", "key", "kv"}
    | {"legacy", "local", "low", "mail", "managed", "message", "micro", "mock", "model", "multi"}
    | {"new", "no", "node", "non", "of", "old", "on", "open", "out", "page", "per", "pre"}
    | {"print", "private", "proxy", "public", "pull", "push", "query", "rate", "re", "read"}
    | {"real", "remote", "request", "rest", "reverse", "room", "same", "search", "second"}
    | {"secret", "self", "server", "service", "shared", "single", "soap", "staging", "state"}
    | {
        "peer",
        "session",
        "sql",
        "task",
        "test",
        "the",
        "third",
        "to",
        "tool",
        "two",
        "user",
        "virtual",
        "web",
        "well",
    }
    | {"work", "write", "your", "ahead", "aside", "based", "driven", "letter", "level", "like"}
    | {"limiting", "only", "party", "priority", "running", "side", "source", "specific"}
    | {"through", "tier", "wide", "facing", "class", "quality", "time", "delay", "world"}
)
# As kubectl prints and takes them. "service/x" is left out: it is a folder as often.
_KUBECTL: Final = re.compile(
    r"(?:svc|pod|(?:deploy|deployment|sts|statefulset|daemonset|replicaset)(?:\.apps)?"
    r"|cronjob(?:\.batch)?)/([a-z0-9][a-z0-9-]{1,62})"
)
_CLUSTER_DNS: Final = re.compile(
    r"(?://)?([a-z][a-z0-9-]{0,62})\.[a-z0-9-]{1,63}\.svc(?:\.[a-z0-9-]{1,63}){0,4}(?:/.*)?"
)
# What a StatefulSet or a pool adds to the names of its members: redis-0, HikariPool-1.
_MEMBER: Final = re.compile(r"-\d{1,4}$")
# What a Deployment adds to the names of its Pods.
_POD: Final = re.compile(r"([a-z][a-z0-9-]*?)-(?=[a-z]*\d)[a-f0-9]{8,10}-[a-z0-9]{5}")


def service(token: str) -> str | None:
    """The service that *token* names, in its canonical spelling.

    >>> [service(word) for word in ("PostgreSQL", "payments-api", "svc/cart", "web-server")]
    ['postgres', 'payments-api', 'cart', None]
    """
    known = SERVICES.get(token.lower()) or SERVICES.get(_MEMBER.sub("", token.lower()))
    if known is not None:
        return known
    if "/" not in token and "." not in token:
        return _own(token) if "-" in token else None
    match = _KUBECTL.fullmatch(token) or _CLUSTER_DNS.fullmatch(token)
    return _canonical(match[1]) if match else None


def is_service_here(text: str, start: int, end: int) -> bool:
    """Whether the word at *start* to *end*, which may be a service's name, is one here."""
    return bool(
        _BELONGINGS.match(text, end) or _VENDOR.search(text[max(0, start - _LOOK_BACK) : start])
    )


def _own(token: str) -> str | None:
    if _POD.fullmatch(token):
        return _canonical(token)
    match = _OWN.fullmatch(token)
    return token if match and match[1].rpartition("-")[2] not in _SORTS else None


def _canonical(name: str) -> str:
    pod = _POD.fullmatch(name)
    base = pod[1] if pod else name
    return SERVICES.get(base, base)
