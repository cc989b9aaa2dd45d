"""Where the DNS leads a host, and whether that is to this installation."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import name_server
from app.name_server import NoAnswer, Pointing
from app.public_addresses import is_address

OWNER_LABEL = "_authpage-host"
OWNER_PREFIX = "authpage-host="


@dataclass(frozen=True)
class Look:
    """What the DNS said about a host."""

    is_owned: bool
    """Whether the TXT record with the tenant's token is there."""
    points_here: bool
    leads_to: tuple[str, ...]
    """Names and addresses that the host leads to now; empty where it leads nowhere."""


def look(host: str, token: str, targets: Sequence[str]) -> Look:
    """Ask the DNS about a host; raises `name_server.NoAnswer`. Never inside a transaction."""
    texts = name_server.texts(f"{OWNER_LABEL}.{host}")
    found = name_server.pointing(host)
    return Look(
        is_owned=f"{OWNER_PREFIX}{token}" in (text.strip() for text in texts),
        points_here=points_to(found, targets),
        leads_to=(*found.names[1:], *sorted(found.addresses)),
    )


def points_to(found: Pointing, targets: Sequence[str]) -> bool:
    """Whether a host leads to one of the targets: by a CNAME on its name, or by addresses that are
    all the targets' (a domain's own name cannot have a CNAME: RFC 1034, section 3.6.2).

    Raises `name_server.NoAnswer` where the targets themselves lead nowhere: that is the operator's
    mistake, and says nothing about the host.
    """
    names = {target.rstrip(".").lower() for target in targets if not is_address(target)}
    addresses = {target for target in targets if is_address(target)}
    for name in sorted(names):
        addresses |= name_server.pointing(name).addresses
    if not addresses:
        raise NoAnswer("targets")
    if names & {*found.names[1:]}:
        return True
    return bool(found.addresses) and found.addresses <= addresses
