"""IP addresses of machines; not those that name no machine of anyone's in particular."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from lessonbase.guard.redaction.finding import Finding

_IPV4: Final = re.compile(
    r"[0-9](?<![\w.+-][0-9])[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9]|-\w)"
)
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}(?=:))?(?::[0-9A-Fa-f]{0,4}){2,9}(?![\w:])"
)
# Documentation (RFC 5737, RFC 3849), loopback, unspecified, multicast and reserved ranges.
_EXAMPLES4: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
_NO_MACHINE4: Final = tuple(
    IPv4Network(net) for net in (*_EXAMPLES4, "127.0.0.0/8", "0.0.0.0/8", "224.0.0.0/3")
)
_NO_MACHINE6: Final = tuple(
    IPv6Network(net) for net in ("2001:db8::/32", "3fff::/20", "::/127", "ff00::/8", "fe80::/127")
)
# Addresses that mean the same everywhere: metadata services of clouds, public resolvers, first
# addresses of Docker, Kubernetes, emulators.
_WELL_KNOWN_TEXT: Final = """
169.254.169.254 169.254.170.2 169.254.169.253 168.63.129.16 100.100.100.200 8.8.8.8 8.8.4.4
1.1.1.1 1.0.0.1 1.1.1.2 1.1.1.3 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 4.2.2.1
4.2.2.2 94.140.14.14 94.140.15.15 76.76.2.0 1.2.3.4 172.17.0.1 10.0.2.2 10.0.2.15 10.96.0.1
10.96.0.10 192.168.65.2 192.168.99.100
"""
_WELL_KNOWN: Final = frozenset(_WELL_KNOWN_TEXT.split())
_WELL_KNOWN6_TEXT: Final = """
2001:4860:4860::8888 2001:4860:4860::8844 2606:4700:4700::1111 2606:4700:4700::1001 2620:fe::fe
fd00:ec2::254
"""
_WELL_KNOWN6: Final = frozenset(_WELL_KNOWN6_TEXT.split())
_VERSION_BEFORE: Final = re.compile(
    r"(?:(?:\b|_)(?:version|versions|ver|release|releases|rev|build|section|chapter|clause|oid|§)"
    r"(?: (?:to|from|of))?[\"']?[\s:=]{0,3}|[=~<>!]=\s?|[\^~]|[vV]|/[A-Za-z]?)[\"']?$",
    re.IGNORECASE,
)
_URL_BEFORE: Final = re.compile(r"//(?:[^\s/@]{0,80}@)?$")
_ADDRESS_BEFORE: Final = re.compile(
    r"(?:\b(?:ip|ips|ipv4|addr|address|addresses|host|hosts|hostname|client|peer|src|dst|node"
    r"|server|remote|remote_addr|source|destination|gateway|nameserver|ping|connect(?:ed)? to"
    r"|listen|bind)[\"']?[\s:=([]{1,3}[\"']?|@)$",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"/(\d{1,2})(?!\d)")
_PORT: Final = re.compile(r"(?::| port )\d{2,5}(?!\d)")
# A number with four parts all below this is a version unless it is spoken of as an address: one
# public address in 1,700 is like that, and most versions are.
_VERSION_PART: Final = 40
_NAME_BEFORE: Final = re.compile(r"[A-Za-z][\w.+-]*[\s:=(@\"']{1,2}$")


def addresses(text: str) -> Iterator[Finding]:
    """IP addresses of machines in *text*."""
    for match in _IPV4.finditer(text):
        if _is_machine(text, match):
            yield Finding("ip", *match.span())
    if "::" in text or text.count(":") >= 7:
        for match in _IPV6.finditer(text):
            if _is_machine6(match[0]):
                yield Finding("ip", *match.span())


def _is_machine(text: str, match: re.Match[str]) -> bool:
    address = _somebodys(match[0])
    if address is None:
        return False
    before = text[max(0, match.start() - 40) : match.start()].rpartition("\n")[2]
    prefix = _PREFIX.match(text, match.end())
    if prefix and _names_a_network(address, int(prefix[1])):
        return False
    in_url = bool(_URL_BEFORE.search(before))
    if not in_url and _VERSION_BEFORE.search(before):
        return False
    told = in_url or prefix or _PORT.match(text, match.end()) or _ADDRESS_BEFORE.search(before)
    small = max(address.packed) < _VERSION_PART and not address.is_private
    return bool(told) or not (small and _NAME_BEFORE.search(before))


@lru_cache(maxsize=1_024)
def _somebodys(written: str) -> IPv4Address | None:
    """The address, unless it is none or nobody's in particular."""
    try:
        address = IPv4Address(written)
    except AddressValueError:  # a part above 255, or with zeros before it
        return None
    if written in _WELL_KNOWN or any(address in net for net in _NO_MACHINE4):
        return None
    return address


def _names_a_network(address: IPv4Address, prefix: int) -> bool:
    """Whether address and prefix are a whole private network: a range, and nobody's machine."""
    if not address.is_private or prefix > 30:
        return False
    return int(address) & ((1 << (32 - prefix)) - 1) == 0


def _is_machine6(written: str) -> bool:
    groups = written.split(":")
    if len([group for group in groups if group]) < 3 or not any(map(str.isdigit, written)):
        return False  # a scope in code: dead::beef
    if all(len(group) == 2 for group in groups):
        return False  # a world wide name of storage
    try:
        address = IPv6Address(written)
    except AddressValueError:
        return False
    if address.compressed in _WELL_KNOWN6:
        return False
    return not any(address in net for net in _NO_MACHINE6)
