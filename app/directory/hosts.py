"""The hosts of its own on which a tenant answers: added by an admin, proven by DNS, then served.

Two records prove a host: a TXT record with the tenant's token says whose it is, and a CNAME or
addresses lead it here. The second alone would not do: where somebody removes a host and forgets
its CNAME, the next tenant could take it. Neither changes the tenant's issuer or RP ID.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import func, select

from app import changes, clock
from app.actor import Actor
from app.addresses import BadAddress, parse_domain
from app.audit import events
from app.audit.log import record
from app.config import settings
from app.database import Session, named, read, tenant_of, write
from app.directory import host_records, permissions
from app.directory.errors import BadValue, NotFound, Refused, Taken
from app.directory.host_records import OWNER_LABEL, OWNER_PREFIX, Look
from app.ids import new_id
from app.models import HostClaim, Tenant, TenantHost
from app.name_server import NoAnswer
from app.public_addresses import is_address

CHECK_EVERY: Final = clock.DAY
"""Milliseconds between two looks at the records of a host that is served."""
MOST = 20
"""Hosts that a tenant may add."""
State = Literal["pending", "active", "broken"]

_CLAIM = named(
    """INSERT INTO host_claim (tenant_id, id, created_at, host, token, failures)
       VALUES (:tenant_id, :id, :now, :host, :token, 0) ON CONFLICT DO NOTHING RETURNING id"""
)
_SERVE = named(
    """INSERT INTO tenant_host (host, tenant_id, created_at) VALUES (:host, :tenant_id, :now)
       ON CONFLICT (host) DO UPDATE SET stopped_at = NULL
         WHERE tenant_host.tenant_id = :tenant_id RETURNING host"""
)


class OwnerUnknown(Refused):
    """The TXT record that says whose the host is, is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no such TXT record at {name} yet. DNS may take an hour.")


class PointsElsewhere(Refused):
    """The host does not lead here."""

    def __init__(self, leads_to: tuple[str, ...]) -> None:
        where = f"leads to {', '.join(leads_to[:5])}" if leads_to else "leads nowhere"
        super().__init__(f"The host {where} so far. DNS may take an hour.")
        self.leads_to = leads_to


class NameServerAway(Refused):
    """The DNS did not say anything."""

    def __init__(self) -> None:
        super().__init__("The DNS did not answer. Try again.")


@dataclass(frozen=True)
class Host:
    """A host of a tenant. Times in milliseconds."""

    host: str
    state: State
    """`pending` until it is proven, `active` while it is served, `broken` once its DNS has led
    elsewhere for days."""
    token: str | None
    """None: the operator added it and answers for its DNS; nobody looks at it."""
    created_at: int
    verified_at: int | None = None
    check_at: int | None = None
    failures: int = 0
    """Looks in a row that found it elsewhere."""
    is_issuer: bool = False
    """Whether the tenant's issuer lives there."""

    @property
    def is_of_operator(self) -> bool:
        """Whether only the operator can change it."""
        return self.token is None or self.is_issuer

    @property
    def owner_record(self) -> tuple[str, str]:
        """Name and value of the TXT record that says whose it is."""
        return f"{OWNER_LABEL}.{self.host}", f"{OWNER_PREFIX}{self.token or ''}"


def target() -> tuple[str, ...]:
    """Names and addresses that hosts must lead to; empty where the operator takes none."""
    return settings().custom_domain_target


def list_all(session: Session) -> list[Host]:
    """Every host of the tenant, by name."""
    tenant_id = tenant_of(session)
    claims = session.scalars(select(HostClaim).where(HostClaim.tenant_id == tenant_id))
    served = session.scalars(select(TenantHost).where(TenantHost.tenant_id == tenant_id))
    issuer = session.scalar(select(Tenant.issuer).where(Tenant.id == tenant_id))
    rows = {row.host: row for row in served}
    claimed = {row.host: row for row in claims}
    own = urlsplit(issuer or "").netloc
    return [
        _view(host, claimed.get(host), rows.get(host), own) for host in sorted({*rows, *claimed})
    ]


def find(session: Session, host: str) -> Host | None:
    """The tenant's host of this name; None when it has none."""
    return next((each for each in list_all(session) if each.host == host), None)


def claim(session: Session, actor: Actor, host: str) -> Host:
    """Add a host that is to be proven; asked again, the one that there is.

    Raises `BadValue` for what is no host that could be a tenant's, and for one too many.
    """
    permissions.demand(actor, "host.claim")
    name = _claimable(host)
    known = find(session, name)
    if known is not None:
        return known
    if _count(session) >= MOST:
        raise BadValue("host", f"A tenant may add {MOST} hosts at most.")
    values = {"id": new_id("hst"), "host": name, "token": secrets.token_urlsafe(24)}
    session.execute(_CLAIM, {"tenant_id": tenant_of(session), "now": clock.now(), **values})
    _note(session, actor, events.HOST_CLAIMED, name)
    return _demand(session, name)


def verify(tenant_id: str, actor: Actor, host: str) -> Host:
    """Look at the records of a host that was added, and serve it where both are right.

    Opens its own transactions, none during the look. Raises `NotFound`, `OwnerUnknown`,
    `PointsElsewhere`, `NameServerAway`, and `Taken` where another tenant has it. A look that fails
    takes nothing back: only the scheduled ones do (`host_checks`).
    """
    permissions.demand(actor, "host.verify")
    with read(tenant_id) as session:
        found = _demand(session, host)
    if found.token is None:
        return found
    _demand_records(found, found.token)
    with write(tenant_id) as session:
        _serve(session, actor, found)
        return _demand(session, host)


def remove(session: Session, actor: Actor, host: str) -> None:
    """Take a host off the tenant: it is served no more, and others may prove it. Raises `NotFound`,
    and `BadValue` for one that is the operator's matter."""
    permissions.demand(actor, "host.remove")
    if _demand(session, host).is_of_operator and actor.kind == "admin":
        raise BadValue("host", "The operator added this host and can take it away.")
    if _demand(session, host).is_issuer:
        raise BadValue("host", "The tenant's issuer lives on this host: it must stay.")
    for model in (HostClaim, TenantHost):
        session.execute(
            sa.delete(model)
            .where(model.tenant_id == tenant_of(session), model.host == host)
            .execution_options(synchronize_session=False)
        )
    _note(session, actor, events.HOST_REMOVED, host)


def _claimable(text: str) -> str:
    if not target():
        raise BadValue("host", "The operator has not said yet where such hosts must point to.")
    try:
        host = parse_domain(text.strip().rstrip("."))
    except BadAddress:
        host = ""
    if not host or is_address(host) or host.rpartition(".")[2][0].isdigit():
        # 127.1 and 0x7f.1 are addresses too, and no domain of the DNS ends in digits.
        raise BadValue("host", "That is no host name, such as login.example.com.")
    if any(host == own or host.endswith(f".{own}") for own in _our_own()):
        raise BadValue("host", "This name belongs to the installation itself.")
    return host


def _our_own() -> set[str]:
    """Names that no tenant may have, nor any below them."""
    urls = {urlsplit(url).hostname for url in (settings().base_url, settings().console_url) if url}
    names = {name for name in target() if not is_address(name)}
    return {*filter(None, urls), *(name.rstrip(".").lower() for name in names)}


def _demand_records(found: Host, token: str) -> None:
    try:
        seen: Look = host_records.look(found.host, token, target())
    except NoAnswer:
        raise NameServerAway from None
    if not seen.is_owned:
        raise OwnerUnknown(found.owner_record[0])
    if not seen.points_here:
        raise PointsElsewhere(seen.leads_to)


def _serve(session: Session, actor: Actor, found: Host) -> None:
    now = clock.now()
    values = {"tenant_id": tenant_of(session), "host": found.host, "now": now}
    if session.execute(_SERVE, values).first() is None:
        raise Taken("host")
    _set(session, found.host, verified_at=now, check_at=now + CHECK_EVERY, failures=0)
    if found.state != "active":
        _note(session, actor, events.HOST_VERIFIED, found.host)


def _set(session: Session, host: str, **values: Any) -> None:
    session.execute(
        sa.update(HostClaim)
        .where(HostClaim.tenant_id == tenant_of(session), HostClaim.host == host)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _count(session: Session) -> int:
    query = select(func.count()).where(HostClaim.tenant_id == tenant_of(session))
    return session.scalar(query) or 0


def _demand(session: Session, host: str) -> Host:
    found = find(session, host)
    if found is None:
        raise NotFound("host")
    return found


def _view(host: str, claimed: HostClaim | None, served: TenantHost | None, own: str) -> Host:
    state: State = "pending"
    if served is not None:
        state = "active" if served.stopped_at is None else "broken"
    if claimed is None:
        assert served is not None
        return Host(host, state, None, served.created_at, is_issuer=host == own)
    return Host(
        host=host,
        state=state,
        token=claimed.token,
        created_at=claimed.created_at,
        verified_at=claimed.verified_at,
        check_at=claimed.check_at,
        failures=claimed.failures,
        is_issuer=host == own,
    )


def _note(session: Session, actor: Actor, event: str, host: str) -> None:
    changes.note(session)
    record(session, event, actor, targets=[("host", host)], data={"host": host})
