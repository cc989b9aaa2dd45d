"""Connections: the upstream identity providers of a tenant and of its organizations."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.changes import Cache
from app.database import Session, read, tenant_of
from app.directory import connection_holdings, names, permissions, reach
from app.directory.connection_settings import (
    ConnectionSettings,
    OAuthSettings,
    OidcSettings,
    SamlSettings,
)
from app.directory.errors import BadValue, NotFound, StaleRow
from app.directory.wrong_values import sentence_of
from app.ids import new_id
from app.models import Connection as Row
from app.models import Organization
from app.security import keyring

STATUSES = ("draft", "active", "disabled")
_settings: TypeAdapter[OidcSettings | OAuthSettings | SamlSettings] = TypeAdapter(
    ConnectionSettings
)


@dataclass(frozen=True)
class Connection:
    """A connection as requests see it, without its secret. Times in milliseconds."""

    id: str
    tenant_id: str
    organization_id: str | None
    organization_is_active: bool
    provider: str
    name: str
    status: str
    settings: OidcSettings | OAuthSettings | SamlSettings
    generation: int
    metadata_due_at: int | None
    row_version: int

    @property
    def protocol(self) -> str:
        """`oidc`, `oauth2` or `saml`."""
        return self.settings.protocol

    @property
    def is_social(self) -> bool:
        """Whether it is everybody's, and not one organization's."""
        return self.organization_id is None

    @property
    def is_usable(self) -> bool:
        """Whether people may sign in by it: it is active, and so is its organization (I06)."""
        return self.status == "active" and self.organization_is_active


_cache: Cache[tuple[Connection, ...]] = Cache("connections", 4_096)


def parse_settings(document: dict[str, Any]) -> OidcSettings | OAuthSettings | SamlSettings:
    """The settings that `document` describes; raises `BadValue` for the first that is wrong."""
    try:
        found = _settings.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "protocol"
        raise BadValue(field, sentence_of(first)) from None
    if isinstance(found, SamlSettings):
        _demand_certificates(found)
    return found


def _demand_certificates(settings: SamlSettings) -> None:
    from app.federation import saml_certificates  # noqa: PLC0415 (loads cryptography, which few need)

    if len(saml_certificates.readable(settings.certificates)) < len(settings.certificates):
        raise BadValue("certificates", "is no certificate that can be used")


def create(
    session: Session,
    actor: Actor,
    *,
    provider: str,
    name: str,
    settings: OidcSettings | OAuthSettings | SamlSettings,
    organization_id: str | None = None,
    secret: str | None = None,
    status: str = "draft",
    connection_id: str | None = None,
) -> str:
    """Make a connection, under the id that was kept for it or a new one; returns the id.

    Raises `BadValue`, `NotFound` for the organization, and `Forbidden` for settings beyond the
    actor's reach.
    """
    permissions.demand(actor, "connection.create", organization_id=organization_id)
    reach.demand_settings(actor, session, None, settings)
    if organization_id is not None:
        _demand_organization(session, organization_id)
    row_id, now = connection_id or new_id("con"), clock.now()
    session.add(
        Row(
            tenant_id=tenant_of(session),
            id=row_id,
            created_at=now,
            organization_id=organization_id,
            protocol=settings.protocol,
            provider=provider,
            name=names.required("name", name, most=80),
            status=_known_status(status),
            settings=settings.model_dump(mode="json"),
            sealed=_sealed(session, row_id, secret),
            generation=1,
            metadata_due_at=now if getattr(settings, "metadata_url", None) else None,
            updated_at=now,
            row_version=1,
        )
    )
    _noted(session, actor, events.CONNECTION_CREATED, row_id, {"provider": provider})
    return row_id


def update(
    session: Session,
    actor: Actor,
    connection_id: str,
    *,
    name: str | None = None,
    settings: OidcSettings | OAuthSettings | SamlSettings | None = None,
    secret: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Change what is given. Whoever else decides who people are from now on, as by a new issuer,
    raises the generation, which unlinks everybody who was known before (A13). Raises `NotFound`,
    `StaleRow`, `BadValue`, and `Forbidden` for settings beyond the actor's reach."""
    owner = _owner(session, connection_id)
    permissions.demand(actor, "connection.update", organization_id=owner)
    row = _row(session, connection_id)
    if expected_version is not None and expected_version != row.row_version:
        raise StaleRow
    if name is not None:
        row.name = names.required("name", name, most=80)
    if settings is not None:
        before = _settings.validate_python(row.settings)
        reach.demand_settings(actor, session, before, settings)
        _settle(row, settings)
    if secret is not None:
        row.sealed = _sealed(session, row.id, secret)
    row.updated_at, row.row_version = clock.now(), row.row_version + 1
    _noted(session, actor, events.CONNECTION_UPDATED, row.id, {"generation": row.generation})


def set_status(session: Session, actor: Actor, connection_id: str, status: str) -> None:
    """Activate, disable, or make it a draft again. Raises `NotFound` and `BadValue`."""
    owner = _owner(session, connection_id)
    permissions.demand(actor, "connection.set_status", organization_id=owner)
    row = _row(session, connection_id)
    row.status = _known_status(status)
    row.updated_at, row.row_version = clock.now(), row.row_version + 1
    _noted(session, actor, events.CONNECTION_STATUS_SET, row.id, {"status": status})


def remove(session: Session, actor: Actor, connection_id: str) -> None:
    """Remove a connection for good, with everybody's ties to it and with its reports; the people
    stay. Raises `NotFound`."""
    owner = _owner(session, connection_id)
    permissions.demand(actor, "connection.remove", organization_id=owner)
    row = _row(session, connection_id)
    connection_holdings.drop(session, [connection_id])
    data = {"provider": row.provider, "name": row.name}
    session.delete(row)
    session.flush()
    _noted(session, actor, events.CONNECTION_REMOVED, connection_id, data)


def get(session: Session, connection_id: str) -> Connection | None:
    """The connection, whatever its status; None when there is none."""
    found = session.execute(_query(session).where(Row.id == connection_id)).first()
    return _view(*found) if found else None


def secret_of(session: Session, connection_id: str) -> str | None:
    """The client secret or private key in clear; None where there is none. Raises `NotFound`."""
    sealed = _row(session, connection_id).sealed
    if sealed is None:
        return None
    return keyring().unseal(sealed, _context(session, connection_id)).decode()


def list_all(session: Session, organization_id: str | None = None) -> list[Connection]:
    """All of the tenant, or those of one organization, oldest first."""
    query = _query(session).order_by(Row.id)
    if organization_id is not None:
        query = query.where(Row.organization_id == organization_id)
    return [_view(*found) for found in session.execute(query)]


def usable(tenant_id: str) -> tuple[Connection, ...]:
    """Those by which people may sign in now, from the cache; opens its own transaction to load."""

    def load() -> tuple[Connection, ...]:
        with read(tenant_id) as session:
            return tuple(each for each in list_all(session) if each.is_usable)

    return _cache.get(tenant_id, load) or ()


def find_usable(tenant_id: str, connection_id: str) -> Connection | None:
    """The connection, where people may sign in by it now."""
    return next((each for each in usable(tenant_id) if each.id == connection_id), None)


def _query(session: Session) -> sa.Select[Row, str | None]:
    return (
        select(Row, Organization.status)
        .outerjoin(
            Organization,
            (Organization.tenant_id == Row.tenant_id) & (Organization.id == Row.organization_id),
        )
        .where(Row.tenant_id == tenant_of(session))
    )


def _view(row: Row, organization_status: str | None) -> Connection:
    return Connection(
        id=row.id,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        organization_is_active=row.organization_id is None or organization_status == "active",
        provider=row.provider,
        name=row.name,
        status=row.status,
        settings=_settings.validate_python(row.settings),
        generation=row.generation,
        metadata_due_at=row.metadata_due_at,
        row_version=row.row_version,
    )


def _owner(session: Session, connection_id: str) -> str | None:
    """The organization that it belongs to; None for a social one, and where there is none."""
    row = session.get(Row, (tenant_of(session), connection_id))
    return row.organization_id if row else None


def _row(session: Session, connection_id: str) -> Row:
    row = session.get(Row, (tenant_of(session), connection_id))
    if row is None:
        raise NotFound("connection")
    return row


def _settle(row: Row, settings: OidcSettings | OAuthSettings | SamlSettings) -> None:
    if settings.protocol != row.protocol:
        raise BadValue("protocol", "A connection keeps its protocol; make another one.")
    if _authority(settings) != _authority(_settings.validate_python(row.settings)):
        row.generation += 1
    row.settings = settings.model_dump(mode="json")
    row.metadata_due_at = clock.now() if getattr(settings, "metadata_url", None) else None


def _authority(settings: OidcSettings | OAuthSettings | SamlSettings) -> tuple[object, ...]:
    """What decides who a subject is. Endpoints that an admin wrote down do as much as the issuer:
    keys from elsewhere could sign for everybody who is linked."""
    found: list[object] = [settings.issuer, settings.mapping.subject]
    if isinstance(settings, SamlSettings):
        found.append(settings.subject_attribute)
    if isinstance(settings, OidcSettings):
        found.append(settings.discovers)
    if isinstance(settings, OAuthSettings):
        found += [settings.token_endpoint, settings.userinfo_endpoint]
    elif isinstance(settings, OidcSettings) and not settings.discovers:
        found += [settings.token_endpoint, settings.jwks_uri]
    return tuple(found)


def _demand_organization(session: Session, organization_id: str) -> None:
    if session.get(Organization, (tenant_of(session), organization_id)) is None:
        raise NotFound("organization")


def _known_status(status: str) -> str:
    if status not in STATUSES:
        raise BadValue("status", f"One of {', '.join(STATUSES)}.")
    return status


def _sealed(session: Session, row_id: str, secret: str | None) -> bytes | None:
    return None if secret is None else keyring().seal(secret.encode(), _context(session, row_id))


def _context(session: Session, row_id: str) -> str:
    return f"{tenant_of(session)}/connection/{row_id}"


def _noted(session: Session, actor: Actor, event: str, row_id: str, data: dict[str, Any]) -> None:
    changes.note(session)
    record(session, event, actor, targets=[("connection", row_id)], data=data)
