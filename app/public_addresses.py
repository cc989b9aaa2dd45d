"""Which addresses and host names lead to the public internet, by a list of our own.

`ipaddress.is_global` is no such list: it takes NAT64, 6to4, IPv4-compatible, site-local and
multicast addresses for global, behind any of which a private one may hide.
"""

import ipaddress
import re

_PRIVATE_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
"""All that is handed out for use (RFC 4291); what lies outside is special in one way or another."""
_SPECIAL_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}")
_RESERVED = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "invalid")


def is_public(address: str) -> bool:
    """Whether this IP address belongs to the public internet; False for text that is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _PRIVATE_V4)
    return parsed in _GLOBAL_V6 and not any(parsed in network for network in _SPECIAL_V6)


def is_public_name(host: str) -> bool:
    """Whether `host` (ASCII, lower case) is a name that the public DNS may know.

    Numbers in any notation are no names: resolvers would take `127.1` and `0x7f.1` for addresses.
    """
    reserved = any(host == each or host.endswith(f".{each}") for each in _RESERVED)
    return _NAME.fullmatch(host) is not None and not reserved


def is_address(host: str) -> bool:
    """Whether `host` is an IP address in its one usual notation."""
    try:
        return str(ipaddress.ip_address(host)) == host.lower()
    except ValueError:
        return False
