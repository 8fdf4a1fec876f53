"""How a sentence of the seed is varied, for scripts/make_relation_pairs.py.

Of each way there are two parts: what both halves of the pairs are varied with, and what the test
half alone is, so that it also shows what was not thought of when the rules were chosen.
"""

from typing import Final

Ways = tuple[tuple[str, ...], tuple[str, ...]]
SYNONYMS: Final[tuple[dict[str, str], dict[str, str]]] = (
    {
        "use": "employ",
        "check": "verify",
        "remove": "delete",
        "before": "prior to",
        "each": "every",
        "start": "begin",
        "keep": "retain",
        "show": "display",
        "must": "has to",
        "write": "record",
        "person": "human",
        "stop": "halt",
        "build": "construct",
        "send": "transmit",
    },
    {
        "change": "modify",
        "every": "each",
        "alert": "alarm",
        "test": "try out",
        "give": "provide",
        "fix": "repair",
        "quickly": "fast",
        "error": "fault",
        "let": "allow",
        "task": "job",
        "run": "execute",
        "measure": "gauge",
        "choose": "select",
        "host": "machine",
    },
)
FILLERS: Final[Ways] = (
    ("Note that you should {}", "In general, {}", "Please {}", "Remember to {}", "As a rule, {}"),
    (
        "Our experience: {}",
        "Take care to {}",
        "It pays to {}",
        "Whatever you do, {}",
        "You should {}",
    ),
)
DENIALS: Final[Ways] = (
    ("Do not {}", "Never {}", "Don't {}", "Avoid {ing}", "You must not {}"),
    (
        "Stop {ing}",
        "We no longer {}",
        "It is a mistake to {}",
        "Nobody should {}",
        "Refrain from {ing}",
        "There is no need to {}",
        "It is wrong to {}",
        "Under no circumstances {}",
    ),
)
SAME_DENIALS: Final = (
    ("Do not {}", "Avoid {ing}"),
    ("Never {}", "Don't {}"),
    ("Do not {}", "Never {}"),
)
CONDITIONS: Final[Ways] = (
    (
        "{} if the database is read-only",
        "{} only in production",
        "When traffic is high, {}",
        "{} unless the owner objects",
        "{} during an incident",
        "{}, except on weekends",
    ),
    (
        "{} while a migration is running",
        "{} for customers in Europe",
        "{}, provided that a second person watches",
        "On shared clusters, {}",
        "{} once the backlog is empty",
        "{} with the help of the vendor",
    ),
)
LIMITS: Final = (
    ("{} within 30 seconds", "{} within 5 minutes"),
    ("{} at most three times", "{} at most 7 times"),
    ("{} after 2 hours", "{} after 12 hours"),
    ("{} for 10 % of requests", "{} for 50 % of requests"),
    ("{} up to 512 MB", "{} up to 4 GB"),
    ("{} every 15 min", "{} every 60 min"),
    ("{} in version 2.1", "{} in version 3.0"),
    ("{} on port 8080", "{} on port 9090"),
)
UNITS: Final = (
    ("{} within 30 seconds", "{} within 30 s"),
    ("{} within 120 s", "{} within two minutes"),
    ("{} at most three times", "{} at most 3 times"),
    ("{} for 10 % of requests", "{} for ten percent of requests"),
    ("{} up to 512 MB", "{} up to 512 megabytes"),
    ("{} after 500 ms", "{} after 0.5 s"),
    ("{} every 15 min", "{} every fifteen minutes"),
    ("{} after 24 hours", "{} after one day"),
)
OPPOSITES: Final[tuple[dict[str, str], dict[str, str]]] = (
    {
        "before": "after",
        "after": "before",
        "more": "less",
        "always": "never",
        "never": "always",
        "with": "without",
        "without": "with",
        "above": "below",
        "allow": "forbid",
        "old": "new",
        "add": "remove",
        "start": "stop",
        "disable": "enable",
        "small": "large",
        "first": "last",
        "keep": "discard",
        "raise": "lower",
        "open": "close",
        "short": "long",
        "public": "private",
    },
    {
        "below": "above",
        "slowly": "quickly",
        "early": "late",
        "accept": "reject",
        "include": "exclude",
        "automatically": "manually",
        "low": "high",
        "high": "low",
        "cheap": "expensive",
        "trust": "distrust",
        "same": "different",
        "new": "old",
        "remove": "add",
        "until": "after",
        "manual": "automatic",
        "fewer": "more",
        "large": "small",
        "all": "none of the",
        "least": "most",
    },
)
OBJECTS: Final[tuple[dict[str, str], dict[str, str]]] = (
    {
        "database": "cache",
        "host": "container",
        "customers": "employees",
        "backup": "log",
        "table": "bucket",
        "agent": "intern",
        "queue": "cron job",
        "cache": "mail server",
        "prompt": "contract",
        "key": "invoice",
        "alert": "survey",
        "memory": "disk",
        "clock": "fan",
        "person": "script",
    },
    {
        "tool": "vendor",
        "model": "printer",
        "cluster": "laptop",
        "deploy": "interview",
        "token": "cookie",
        "certificate": "password",
        "migration": "refund",
        "test": "meeting",
        "file": "table",
        "config": "photo",
        "user": "supplier",
        "release": "holiday",
        "region": "office",
        "network": "warehouse",
    },
)
CONTRACTED: Final = (
    ("do not", "don't"),
    ("cannot", "can't"),
    ("does not", "doesn't"),
    ("is not", "isn't"),
    ("are not", "aren't"),
    ("will not", "won't"),
    ("it is", "it's"),
)
