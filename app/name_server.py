"""Questions to the DNS, by the resolver that DNS_RESOLVER names or else the system's."""

from dataclasses import dataclass

import dns.exception
import dns.rdtypes.txtbase
import dns.resolver

from app.config import settings
from app.database import refuse_open_transaction

SECONDS = 5.0
"""For a question with all its retries."""


class NoAnswer(Exception):
    """The DNS could not say whether there is such a record: a fault on the way, or too slow."""


@dataclass(frozen=True)
class Pointing:
    """Where a name leads."""

    names: tuple[str, ...]
    """The name itself and those that its CNAMEs lead over, in this order; without final dots."""
    addresses: frozenset[str]
    """IPv4 and IPv6."""


def resolver(server: str) -> dns.resolver.Resolver:
    """A resolver that asks `server` (address:port), or where it is empty the system's; raises
    `dns.exception.DNSException` where the system has none."""
    found = dns.resolver.Resolver(configure=not server)
    if server:
        address, _, port = server.rpartition(":")
        found.nameservers = [address.strip("[]")]
        found.port = int(port)
    return found


def texts(name: str) -> tuple[str, ...]:
    """The TXT records of `name`, each with its parts joined; empty where there are none.

    Raises `NoAnswer` where that cannot be known now. Opens no connection inside a transaction.
    """
    answer = _ask(name, "TXT")
    return tuple(_text(record) for record in answer) if answer else ()


def pointing(name: str) -> Pointing:
    """Where `name` leads, by its A and AAAA records and the CNAMEs before them; no addresses where
    it leads nowhere. Raises `NoAnswer` as `texts` does."""
    names, addresses = [name], set()
    for kind in ("A", "AAAA"):
        answer = _ask(name, kind)
        if answer is None:
            continue
        addresses |= {str(record.address) for record in answer}
        for alias in answer.chaining_result.cnames:
            names += [str(record.target).rstrip(".").lower() for record in alias]
    return Pointing(tuple(dict.fromkeys(names)), frozenset(addresses))


def _ask(name: str, kind: str) -> dns.resolver.Answer | None:
    """The answer; None where the name or the kind does not exist."""
    refuse_open_transaction()
    try:
        return resolver(settings().dns_resolver).resolve(
            f"{name}.", kind, lifetime=SECONDS, search=False
        )
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswer(type(error).__name__) from None


def _text(record: dns.rdtypes.txtbase.TXTBase) -> str:
    return b"".join(record.strings).decode("utf-8", "replace")
