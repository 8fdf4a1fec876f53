"""Names of persons in the paths of their home folders."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.redaction.finding import Finding

_UNIX: Final = re.compile(
    r"(?<![\w.~:-])(?:/mnt)?(?:/[a-zA-Z])?/(?:home|Users)/([\w][\w.@+-]{0,63})"
)
_FILE_URL: Final = re.compile(r"file://(?:localhost)?/(?:home|Users)/(\w[\w.@+-]{0,63})")
# A name may hold a blank where another part of the path follows it.
_WINDOWS: Final = re.compile(
    r"[A-Za-z]:(?:\\{1,4}|/)(?:Users|Documents and Settings)(?:\\{1,4}|/)"
    r"(\w[\w.@+-]{0,63}(?: \w[\w.@+-]{0,40}){0,3}(?=\\)|\w[\w.@+-]{0,63})",
    re.IGNORECASE,
)
# Accounts of services, images and examples.
_NOBODY_TEXT: Final = """
user users username name yourname your-name you me someone somebody foo bar baz runner
runneradmin ubuntu debian centos fedora ec2-user azureuser vagrant node app apps appuser
application admin administrator jovyan vscode codespace coder gitpod circleci travis jenkins git
gitlab gitlab-runner github pi docker dev developer test tester tests build builder ci deploy
deployer www www-data nobody nonroot nonrootuser root default public shared all guest hadoop
spark airflow postgres mysql oracle linuxbrew sandbox agent bot service svc container
containeradministrator containeruser vssadministrator defaultuser worker steam step mambauser
ollama openclaw claude codex autobuild buildroot buildbot assets index static src data
"""
_NOBODY: Final = frozenset(_NOBODY_TEXT.split())
# Routes of the web: `GET /home/dashboard/`, not a folder.
_ROUTE_BEFORE: Final = re.compile(
    r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|route|router|path|href|endpoint)[\"'(=:\s]{1,4}$"
)
# Where nothing follows the name, these say that it is a folder.
_FOLDER_BEFORE: Final = re.compile(
    r"(?:\bHOME=|\bHOME[\"']?: ?|\bcd |\bls |\bpushd |\bmkdir |\bchown [\w:.-]{1,40} "
    r"|PWD=|-d |cwd[=:] ?)"
    r"[\"']?$"
)


def homes(text: str, low: str) -> Iterator[Finding]:
    """Names in home paths of Linux, macOS and Windows; nothing but the name."""
    if "/home/" in text or "/Users/" in text:
        for match in _UNIX.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()].rpartition("\n")[2]
            follows = text[match.end() : match.end() + 1] == "/"
            if _ROUTE_BEFORE.search(before) or not (follows or _FOLDER_BEFORE.search(before)):
                continue
            yield from _named(match)
        for match in _FILE_URL.finditer(text):
            yield from _named(match)
    if ":/users" in low or ":\\users" in low or ":\\\\users" in low or "documents and" in low:
        for match in _WINDOWS.finditer(text):
            yield from _named(match)


def _named(match: re.Match[str]) -> Iterator[Finding]:
    name = match[1].rstrip(".")
    if name.lower() not in _NOBODY and not name.isdigit():
        yield Finding("user", match.start(1), match.start(1) + len(name))
