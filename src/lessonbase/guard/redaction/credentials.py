"""Secrets that stand in a place, not behind a label: in URLs, headers, cookies and commands."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.redaction.finding import Finding
from lessonbase.guard.redaction.values import is_key, is_placeholder, is_strong

# scheme://user:password@host; the last @ before the path ends the password.
_USER_INFO: Final = re.compile(r"://[^\s:/@\"'<>]{0,200}:([^\s/\"'<>]{1,400})@(?=[\w\[(<$*.%{-])")
_PASSED: Final = re.compile(
    r"\b(?P<scheme>bearer|basic)[ \t]{1,3}(?P<value>[a-z0-9._~+/=%-]{8,4096})", re.IGNORECASE
)
_HEADER: Final = re.compile(
    r"authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?:(?:token|apikey|key|aws4-hmac-sha256"
    r"|digest|bot|splunk|oauth|genie-?key|ssws|bearer|basic)[ \t]{1,3})?([\w.~+/=%:-]{8,4096})",
    re.IGNORECASE,
)
_COOKIE: Final = re.compile(r"cookie[\"']?:[ \t]{0,3}([^\n\"']{8,4096})", re.IGNORECASE)
_SESSION: Final = re.compile(
    r"(?<![\w.-])[\w.-]{0,40}(?:sess|sid|auth|token|jwt)[\w.-]{0,40}=([^;\s]{16,2000})",
    re.IGNORECASE,
)
_STORED: Final = re.compile(r"\"auth\"[ \t]{0,3}:[ \t]{0,3}\"([A-Za-z0-9+/=]{8,400})\"")
# Word a command begins with → where its password stands on the rest of the line.
_COMMANDS: Final = {
    "curl": re.compile(
        r"[^\n]{0,400}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"']{1,80}:([^\s\"']{3,200})"
    ),
    "wget": re.compile(r"[^\n]{0,400}?[ \t]--(?:http-)?password[ =][\"']?([^\s\"']{3,200})"),
    "mysql": re.compile(r"\w{0,10}[ \t][^\n|;]{0,400}?(?<=[ \t])-p[\"']?([^\s\"']{3,200})"),
    "mariadb": re.compile(r"[\w-]{0,12}[ \t][^\n|;]{0,400}?(?<=[ \t])-p[\"']?([^\s\"']{3,200})"),
    "sshpass": re.compile(r"[ \t]{1,4}-p[ \t]{0,4}[\"']?([^\s\"']{3,200})"),
    "redis-cli": re.compile(r"[^\n|;]{0,400}?[ \t](?:-a|--pass)[ \t][\"']?([^\s\"']{3,200})"),
    "docker login": re.compile(r"[^\n|;]{0,400}?[ \t]-p[ \t]{0,4}[\"']?([^\s\"']{3,200})"),
    "identified by": re.compile(r"[ \t]{1,3}(?:password[ \t])?[\"']([^\"'\n]{3,200})[\"']", re.I),
    "helm registry login": re.compile(r"[^\n|;]{0,400}?[ \t]-p[ \t][\"']?([^\s\"']{3,200})"),
}
_PORTS: Final = re.compile(r"[\d:.]+")
# Passwords of users without a name of their own, in the examples of every handbook.
_EXAMPLE_PASSWORDS: Final = frozenset({"pass", "pw", "pwd", "password", "secret", "x-oauth-basic"})


def in_urls(text: str) -> Iterator[Finding]:
    """Passwords between user and host of URLs."""
    if "://" in text and "@" in text:
        for match in _USER_INFO.finditer(text):
            value = match[1]
            if not is_placeholder(value) and value.lower() not in _EXAMPLE_PASSWORDS:
                yield Finding("password", *match.span(1))


def in_headers(text: str, low: str) -> Iterator[Finding]:
    """Credentials in ``Authorization``, in cookies and in stored logins of registries."""
    if "bearer" in low or "basic" in low:
        for match in _PASSED.finditer(text):
            if _is_passed(match["scheme"].lower(), match["value"]):
                yield Finding("key", *match.span("value"))
    if "authorization" in low:
        for match in _HEADER.finditer(text):
            if is_key(match[1]):
                yield Finding("key", *match.span(1))
    if "cookie" in low:
        for line in _COOKIE.finditer(text):
            for match in _SESSION.finditer(text, line.start(1), line.end(1)):
                if is_key(match[1]):
                    yield Finding("key", *match.span(1))
    if '"auth"' in low:
        for match in _STORED.finditer(text):
            if _names_a_user(match[1]):
                yield Finding("key", *match.span(1))


def in_commands(text: str, low: str) -> Iterator[Finding]:
    """Passwords among the arguments of commands that take them without a telling name."""
    for command, form in _COMMANDS.items():
        at = low.find(command)
        while at >= 0:
            match = form.match(text, at + len(command))
            if match and not is_placeholder(match[1]) and not _PORTS.fullmatch(match[1]):
                yield Finding("password", *match.span(1))
            at = low.find(command, at + len(command))


def _is_passed(scheme: str, value: str) -> bool:
    if scheme == "basic":
        return _names_a_user(value)
    return len(value) >= 16 and is_key(value) and is_strong(value)


def _names_a_user(value: str) -> bool:
    """Whether *value* is ``user:password`` in base64."""
    try:
        plain = b64decode(value, validate=True).decode("utf-8")
    except (Error, ValueError):
        return False
    _user, colon, password = plain.partition(":")
    return bool(colon and password) and plain.isprintable()
