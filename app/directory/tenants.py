"""Tenants: found by host, slug or id; made, changed, and moved on in their epoch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import Row, TextClause, select

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.changes import Cache
from app.config import settings
from app.database import EVERYWHERE, Session, read
from app.directory import names, permissions, settings_store, statements
from app.directory.brand_settings import Brand
from app.directory.errors import BadValue, NotFound, StaleRow, Taken
from app.directory.listing import Page, page, wanted
from app.directory.settings import TenantSettings
from app.ids import new_id
from app.models import Tenant as TenantRow

DEFAULT_SLUG = "default"
"""The tenant that the base host serves at its root."""
CONSOLE_SLUG = "console"
"""The tenant whose users administer the others."""
_PAGES_OF_CONSOLE = frozenset({"assets", "callback", "first", "leave", "sign-in", "tenants"})
"""What stands where the console's addresses name a tenant."""
DEFAULT_ROLES = (("owner", "Owner"), ("admin", "Administrator"), ("member", "Member"))

_HOST = re.compile(r"(?=.{1,253}(:|$))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Tenant:
    """A tenant as requests see it: a snapshot, with its published settings."""

    id: str
    slug: str
    name: str
    kind: str
    status: str
    issuer: str
    rp_id: str
    epoch: int
    """The tenant's and the installation's epoch together."""
    settings: TenantSettings
    hosts: tuple[str, ...] = ()
    """The hosts of its own on which it answers."""
    looks: Mapping[str, Brand] = field(default_factory=dict)
    """Id of an organization or client -> what of the brand it overrides."""
    served_at: str | None = None
    """The origin of its own on which a request reached it, where that is not its issuer."""

    @property
    def is_default(self) -> bool:
        """Whether the base host serves it at its root."""
        return self.slug == DEFAULT_SLUG

    @property
    def is_test(self) -> bool:
        """Whether it may fix or echo one-time codes."""
        return self.kind == "test"

    @property
    def is_active(self) -> bool:
        """Whether it serves anybody."""
        return self.status == "active"

    @property
    def base_url(self) -> str:
        """Where its pages begin: exactly its issuer, but for a request that came to another host
        of its own, which it keeps the browser on."""
        return self.served_at or self.issuer


@dataclass(frozen=True)
class ListedTenant:
    """A tenant in a list."""

    id: str
    slug: str
    name: str
    kind: str
    status: str
    issuer: str
    created_at: int
    row_version: int


_cache: Cache[Tenant] = Cache("tenants", 4_096)


def by_host(host: str) -> Tenant | None:
    """The tenant that answers on this host (`name:port` as a Host header has it); cached."""
    if not _HOST.fullmatch(host):
        return None
    return _cached(("host", host), statements.TENANT_BY_HOST, host=host)


def by_slug(slug: str) -> Tenant | None:
    """The tenant of this slug; cached."""
    if not names.is_key(slug):
        return None
    return _cached(("slug", slug), statements.TENANT_BY_SLUG, slug=slug)


def by_id(id: str) -> Tenant | None:
    """The tenant of this id; cached."""
    return _cached(("id", id), statements.TENANT_BY_ID, id=id)


def default() -> Tenant | None:
    """The tenant at the root of the base host; None before it was made; cached."""
    return by_slug(DEFAULT_SLUG)


def create(
    session: Session,
    actor: Actor,
    slug: str,
    name: str,
    kind: Literal["live", "test"] = "live",
    host: str | None = None,
) -> str:
    """Make a tenant with its roles in a session across tenants; returns its id.

    It has no signing key yet. Its issuer is the base URL for the slug `default`, its own host when
    it has one, or else a path under the base URL. Raises `BadValue` and `Taken`.
    """
    permissions.demand(actor, "tenant.create")
    if slug in _PAGES_OF_CONSOLE or (slug == CONSOLE_SLUG and actor.kind != "system"):
        raise BadValue("slug", "This slug is kept for the console.")
    issuer = _issuer(names.slug(slug), host)
    if session.scalar(
        select(TenantRow.id).where((TenantRow.slug == slug) | (TenantRow.issuer == issuer))
    ):
        raise Taken("slug")
    row = TenantRow(
        id=new_id("ten"),
        slug=slug,
        name=names.required("name", name, most=80),
        kind=kind,
        status="active",
        issuer=issuer,
        rp_id=urlsplit(issuer).hostname,
        epoch=0,
        created_at=clock.now(),
        row_version=1,
    )
    session.add(row)
    session.flush()
    if host:
        _add_host(session, row.id, host)
    _add_roles(session, row.id)
    changes.note(session)
    record(session, events.TENANT_CREATED, actor, data={"slug": slug}, tenant_id=row.id)
    return row.id


def update(
    session: Session,
    actor: Actor,
    tenant_id: str,
    *,
    name: str | None = None,
    status: Literal["active", "disabled"] | None = None,
    row_version: int | None = None,
) -> None:
    """Rename, disable or enable a tenant, in a session across tenants; what is None stays.

    Raises `NotFound`, `BadValue`, and `StaleRow` when `row_version` is no longer the row's.
    """
    permissions.demand(actor, "tenant.update")
    row = session.get(TenantRow, tenant_id)
    if row is None:
        raise NotFound("tenant")
    if row_version not in (None, row.row_version):
        raise StaleRow
    values: dict[str, str] = {}
    if name is not None:
        values["name"] = names.required("name", name, most=80)
    if status is not None:
        values["status"] = status
    changed = session.execute(
        sa.update(TenantRow)
        .where(TenantRow.id == tenant_id, TenantRow.row_version == row.row_version)
        .values(**values, row_version=row.row_version + 1)
        .returning(TenantRow.id)
    )
    if changed.first() is None:
        raise StaleRow
    changes.note(session)
    record(session, events.TENANT_UPDATED, actor, data={"fields": [*values]}, tenant_id=tenant_id)


def add_host(session: Session, actor: Actor, tenant_id: str, host: str) -> None:
    """Let a tenant answer on one more host, in a session across tenants; its issuer stays.

    Raises `BadValue` and `Taken`.
    """
    permissions.demand(actor, "tenant.add_host")
    _add_host(session, tenant_id, host)
    changes.note(session)
    record(session, events.TENANT_HOST_ADDED, actor, data={"host": host}, tenant_id=tenant_id)


def hosts_of(session: Session, tenant_id: str) -> list[str]:
    """The hosts of its own on which a tenant answers."""
    return list(session.scalars(statements.HOSTS, {"of_tenant": tenant_id}))


def follow_base_url(session: Session, actor: Actor) -> list[str]:
    """Give the tenants without a host of their own the issuer that today's base URL means, in a
    session across tenants; returns the slugs of those that moved.

    Tokens and passkeys of the former issuer are worth nothing afterwards: this is for development,
    where a port changes.
    """
    permissions.demand(actor, "tenant.move")
    moved = []
    for row in session.scalars(select(TenantRow)).all():
        issuer = _issuer(row.slug, None)
        has_own_host = urlsplit(row.issuer).netloc in hosts_of(session, row.id)
        if row.issuer != issuer and not has_own_host:
            row.issuer, row.rp_id = issuer, str(urlsplit(issuer).hostname)
            row.row_version += 1
            data = {"fields": ["issuer", "rp_id"]}
            record(session, events.TENANT_UPDATED, actor, data=data, tenant_id=row.id)
            moved.append(row.slug)
    if moved:
        changes.note(session)
    return moved


def end_everything(session: Session, actor: Actor, tenant_id: str | None = None) -> None:
    """Raise the epoch of one tenant, or of all: every session, code, flow and token family of it
    dies at once. In a session across tenants."""
    permissions.demand(actor, "tenant.end_everything")
    if tenant_id is None:
        session.execute(statements.RAISE_INSTALLATION_EPOCH)
    else:
        session.execute(
            sa.update(TenantRow)
            .where(TenantRow.id == tenant_id)
            .values(epoch=TenantRow.epoch + 1)
            .execution_options(synchronize_session=False)
        )
    changes.note(session)
    concerned = session.scalars(select(TenantRow.id)) if tenant_id is None else (tenant_id,)
    for each in list(concerned):
        record(session, events.TENANT_EPOCH_RAISED, actor, tenant_id=each)


def list_page(session: Session, after: str | None = None, limit: int = 50) -> Page[ListedTenant]:
    """One page of tenants, newest first, in a session across tenants."""
    query = select(TenantRow).order_by(TenantRow.id.desc()).limit(wanted(limit))
    if after is not None:
        query = query.where(TenantRow.id < after)
    return page(session.scalars(query).all(), limit, item=_listed, key=lambda row: row.id)


def _cached(key: tuple[str, str], statement: TextClause, **values: str) -> Tenant | None:
    return _cache.get(key, _loader(statement, values))


def _loader(statement: TextClause, values: dict[str, str]) -> Callable[[], Tenant | None]:
    def load() -> Tenant | None:
        with read(EVERYWHERE) as session:
            row = session.execute(statement, values).first()
        return _snapshot(row) if row else None

    return load


def _snapshot(row: Row[tuple[str, ...]]) -> Tenant:
    with read(row.id) as session:
        published, looks = settings_store.load_with_looks(session)
        return Tenant(
            **row._mapping,
            settings=published,
            looks=looks,
            hosts=tuple(hosts_of(session, row.id)),
        )


def _listed(row: TenantRow) -> ListedTenant:
    return ListedTenant(
        row.id,
        row.slug,
        row.name,
        row.kind,
        row.status,
        row.issuer,
        row.created_at,
        row.row_version,
    )


def _issuer(slug: str, host: str | None) -> str:
    base = settings().base_url
    if host:
        return f"{urlsplit(base).scheme}://{_checked_host(host)}"
    return base if slug == DEFAULT_SLUG else f"{base}/t/{slug}"


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host) or ".." in host:
        raise BadValue("host", "A host is a lower-case ASCII name, with a port where it has one.")
    if host == settings().base_host:
        raise BadValue("host", "The base host serves the default tenant.")
    return host


def _add_host(session: Session, tenant_id: str, host: str) -> None:
    values = {"host": _checked_host(host), "of_tenant": tenant_id, "now": clock.now()}
    if session.execute(statements.ADD_HOST, values).first() is None:
        raise Taken("host")


def _add_roles(session: Session, tenant_id: str) -> None:
    now = clock.now()
    rows = [
        {"of_tenant": tenant_id, "id": new_id("rol"), "now": now, "key": key, "name": name}
        for key, name in DEFAULT_ROLES
    ]
    session.execute(statements.ADD_ROLE, rows)
