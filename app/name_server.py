"""Questions to the DNS, by the resolver that DNS_RESOLVER names or else the system's."""

import dns.exception
import dns.rdtypes.txtbase
import dns.resolver

from app.config import settings
from app.database import refuse_open_transaction

SECONDS = 5.0
"""For a question with all its retries."""


class NoAnswer(Exception):
    """The DNS could not say whether there is such a record: a fault on the way, or too slow."""


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
    refuse_open_transaction()
    try:
        answer = resolver(settings().dns_resolver).resolve(
            f"{name}.", "TXT", lifetime=SECONDS, search=False
        )
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswer(type(error).__name__) from None
    return tuple(_text(record) for record in answer)


def _text(record: dns.rdtypes.txtbase.TXTBase) -> str:
    return b"".join(record.strings).decode("utf-8", "replace")
