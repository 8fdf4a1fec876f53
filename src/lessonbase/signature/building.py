"""Programs and packages that a build, an installer or a crash names by its own conventions.

The module that a Go program is, the crate that a Rust program is, the package that npm or Cargo
builds; formats of output that only one program writes.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.vocabulary import SERVICES

# What is built or runs → hints in lower case, one of which is in every text that holds it.
_BUILT: Final = (
    # The module whose inner packages run: only a program itself may import its internal ones.
    (
        re.compile(
            r"^(?:github|gitlab|bitbucket)\.(?:com|org)/[\w.-]{1,60}/([a-z][\w-]{1,60})"
            r"/(?:internal|cmd)/",
            re.MULTILINE,
        ),
        ("/internal/", "/cmd/"),
    ),
    # The crate whose sources lie in the folder of the build.
    (
        re.compile(
            r"^ {1,8}\d{1,3}: +<?([a-z][a-z0-9_]{1,40})::.{1,300}\n +at (?:\./)?src/", re.MULTILINE
        ),
        (" at ./src/", " at src/"),
    ),
    # The crate of a workspace that panicked.
    (
        re.compile(
            r"panicked at (?:\./)?(?:crates|services|apps|bin)/([a-z][\w-]{1,60})/src/"
            r"|panicked at '[^\n]{0,300}', (?:crates|services|apps|bin)/([a-z][\w-]{1,60})/src/"
        ),
        ("panicked at",),
    ),
    (
        re.compile(r"\bgo (?:build|run|install|test) [^\n]{0,80}?\./cmd/([a-z][\w-]{1,60})"),
        ("/cmd/",),
    ),
    (
        re.compile(
            r"Compiling ([a-z][\w-]{1,60}) v[\d.]+ \(/|could not compile `([a-z][\w-]{1,60})`"
        ),
        ("compil",),
    ),
    (
        re.compile(
            r"^> (?:@[\w.-]{1,40}/)?([a-z][\w.-]{1,60})@\d+\.\d"
            r"|While resolving: (?:@[\w.-]{1,40}/)?([a-z][\w.-]{1,60})@\d",
            re.MULTILINE,
        ),
        ("> ", "resolving"),
    ),
    (
        re.compile(
            r"(?<![\w./-])(pip|yarn|pnpm|cargo|poetry|composer|maven|gradle|bundler)3?"
            r" (?:install|build|add|update|sync|ci|check|test|run)\b"
        ),
        ("pip", "yarn", "pnpm", "cargo", "poetry", "composer", "maven", "gradle", "bundler"),
    ),
    # A package that an installer or an interpreter does not find.
    (
        re.compile(
            r"(?:No matching distribution found for|satisfies the requirement"
            r"|No module named|Cannot find module) ['\"]?([A-Za-z][\w-]{1,60})"
        ),
        ("no matching", "requirement", "no module", "cannot find module"),
    ),
)
# Formats that only one program writes.
_FORMATS: Final = (
    ("airflow", re.compile(r"\{taskinstance\.py:\d|\bdag_id=")),
    ("ansible", re.compile(r"^fatal: \[[^\]\n]{1,80}\]: (?:FAILED|UNREACHABLE)!", re.MULTILINE)),
    ("apache", re.compile(r"\bAH\d{5}: ")),
    ("celery", re.compile(r"\bForkPoolWorker-\d|\bMainProcess\] Task ")),
    ("cmake", re.compile(r"^CMake Error", re.MULTILINE)),
    (
        "docker",
        re.compile(r"\bError response from daemon: |\bdocker\.io/|\btoomanyrequests: "),
    ),
    ("envoy", re.compile(r"\bdisconnect/reset before headers\b")),
    ("gradle", re.compile(r"^> Task :\w|^BUILD FAILED in \d", re.MULTILINE)),
    (
        "gunicorn",
        re.compile(r"\] WORKER TIMEOUT \(pid:|\] Worker \(pid:\d|\] Booting worker with pid"),
    ),
    ("haproxy", re.compile(r"\bServer \S{1,80}/\S{1,80} is (?:going )?DOWN\b")),
    ("helm", re.compile(r"\bhelm\.go:\d|^Error: (?:INSTALLATION|UPGRADE) FAILED:", re.MULTILINE)),
    ("jenkins", re.compile(r"^\[Pipeline\] (?:\}|//|sh|stage|node)", re.MULTILINE)),
    ("mysql", re.compile(r"\] \[MY-\d{6}\] ")),
    ("nccl", re.compile(r"[A-Za-z]NCCL\b|\bNCCL (?:WARN|INFO)|\bnccl[A-Z][a-z]")),
    ("nginx", re.compile(r"\[(?:error|crit|alert|emerg|warn)\] \d{1,7}#\d{1,7}: ")),
    ("php-fpm", re.compile(r"\] (?:WARNING|NOTICE|ERROR): (?:\[pool [\w-]{1,40}\]|fpm is )")),
    ("postgres", re.compile(r"\bpq: [a-z]")),
    ("redis", re.compile(r"\bOOM command not allowed|\bMISCONF Redis|\bLOADING Redis is")),
    ("terraform", re.compile(r"^[│╷] Error: |\bError acquiring the state lock\b", re.MULTILINE)),
    ("uwsgi", re.compile(r"\bDAMN ! worker \d|\*\*\* Starting uWSGI")),
)


def services_built(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Programs that the output of builds and crashes tells of, with their positions.

    Args:
        text: The text.
        small: The same in lower case, to pass quickly over what cannot occur.

    >>> output = "error: could not compile `meterd` (lib)"
    >>> [name for _, name in services_built(output, output)]
    ['meterd']
    """
    for pattern, hints in _BUILT:
        if any(hint in small for hint in hints):
            for match in pattern.finditer(text):
                at = match.lastindex or 0
                yield match.start(at), SERVICES.get(match[at].lower(), match[at].lower())
    for name, form in _FORMATS:
        found = form.search(text)
        if found:
            yield found.start(), name
