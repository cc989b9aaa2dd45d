"""Clients: applications registered with a tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import func, select

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.changes import Cache
from app.database import Session, read, tenant_of
from app.directory import (
    client_secrets,
    families,
    names,
    permissions,
    settings_store,
    web_addresses,
)
from app.directory.client_secrets import SecretDigest
from app.directory.errors import BadValue, NotFound, OwnedByFile, StaleRow
from app.directory.listing import Page, page, wanted
from app.ids import new_id
from app.models import Client, ClientSecret, Grant, TokenFamily
from app.security import keyring

Kind = Literal["web", "spa", "native"]

ACCOUNT_SCOPE = "account"
"""Everything that a person may do with the account; only for clients registered for it."""
SCOPES = ("openid", "profile", "email", "offline_access", "organizations", ACCOUNT_SCOPE)
"""Every scope that there is."""


@dataclass(frozen=True)
class ClientView:
    """A client as requests see it: a snapshot with its secrets' digests."""

    id: str
    tenant_id: str
    name: str
    kind: str
    status: str
    is_first_party: bool
    auth_method: str
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    origins: tuple[str, ...]
    ui_url: str | None
    link_url: str | None
    allows_anonymous: bool
    home_url: str | None
    logo_url: str | None
    policy_url: str | None
    terms_url: str | None
    requires_pkce: bool
    scope_claims_in_id_token: bool
    id_token_alg: str
    access_token_format: str
    is_owned_by_file: bool
    """Whether a file alone changes it."""
    created_at: int
    updated_at: int
    row_version: int
    secret_digests: tuple[SecretDigest, ...]

    @property
    def is_public(self) -> bool:
        """Whether it can keep no secret (RFC 6749, section 2.1)."""
        return self.kind != "web"

    @property
    def is_active(self) -> bool:
        """Whether it is served."""
        return self.status == "active"


class Registration(TypedDict, total=False):
    """What may be said about a client beside its name and kind."""

    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    origins: list[str]
    scopes: list[str]
    grant_types: list[str]
    is_first_party: bool
    auth_method: Literal["client_secret_basic", "client_secret_post", "none"]
    ui_url: str | None
    link_url: str | None
    allows_anonymous: bool
    home_url: str | None
    logo_url: str | None
    policy_url: str | None
    terms_url: str | None
    requires_pkce: bool
    scope_claims_in_id_token: bool
    id_token_alg: Literal["RS256", "ES256", "EdDSA"]
    access_token_format: Literal["jwt", "opaque"]


class ClientChanges(Registration, total=False):
    """What may change about a client: everything but its kind."""

    name: str


_DEFAULTS: dict[str, Any] = {
    "redirect_uris": [],
    "post_logout_redirect_uris": [],
    "origins": [],
    "scopes": [scope for scope in SCOPES if scope != ACCOUNT_SCOPE],
    "grant_types": ["authorization_code", "refresh_token"],
    "is_first_party": True,
    "ui_url": None,
    "link_url": None,
    "allows_anonymous": False,
    "home_url": None,
    "logo_url": None,
    "policy_url": None,
    "terms_url": None,
    "requires_pkce": True,
    "scope_claims_in_id_token": False,
    "id_token_alg": "RS256",
    "access_token_format": "jwt",
}
_URLS = ("ui_url", "link_url", "home_url", "logo_url", "policy_url", "terms_url")
_COLUMNS = [field.name for field in fields(ClientView) if field.name != "secret_digests"]
_cache: Cache[ClientView] = Cache("clients", 10_000)


def create(
    session: Session,
    actor: Actor,
    *,
    name: str,
    kind: Kind = "web",
    id: str | None = None,
    is_owned_by_file: bool = False,
    **registration: Unpack[Registration],
) -> tuple[ClientView, str | None]:
    """Register a client; returns it, and its secret when it is confidential: shown only now. `id`
    is for clients whose id is known beforehand: the console's, and those of a file.

    Raises `BadValue` for a URI that browsers must not be sent to, and for what does not fit its
    kind.
    """
    permissions.demand(actor, "client.create")
    auth_method = "client_secret_basic" if kind == "web" else "none"
    values = {**_DEFAULTS, "auth_method": auth_method, **registration}
    _demand_reach(actor, "client.create", (), values["scopes"])
    _check(kind, values)
    now = clock.now()
    row = Client(
        **values,
        tenant_id=tenant_of(session),
        id=id or new_id("cli"),
        created_at=now,
        name=names.required("name", name, most=80),
        kind=kind,
        status="active",
        is_owned_by_file=is_owned_by_file,
        updated_at=now,
        row_version=1,
    )
    session.add(row)
    session.flush()
    secret = client_secrets.add(session, row.id) if kind == "web" else None
    _note(session, actor, events.CLIENT_CREATED, row.id)
    return _view(session, row), secret


def get(tenant_id: str, client_id: str) -> ClientView | None:
    """The client of this id in this tenant, disabled or not; None when there is none.

    Cached; opens its own transaction where it is not.
    """
    if not names.is_key(client_id):
        return None

    def load() -> ClientView | None:
        with read(tenant_id) as session:
            return find(session, client_id)

    return _cache.get((tenant_id, client_id), load)


def find(session: Session, client_id: str) -> ClientView | None:
    """The same, as the caller's transaction sees it."""
    row = session.get(Client, (tenant_of(session), client_id))
    return _view(session, row) if row else None


def list_page(
    session: Session, after: str | None = None, limit: int = 50, *, search: str = ""
) -> Page[ClientView]:
    """One page of clients, newest first: those whose name has `search` in it, or whose id it is."""
    query = (
        select(Client)
        .where(Client.tenant_id == tenant_of(session))
        .order_by(Client.id.desc())
        .limit(wanted(limit))
    )
    if search:
        has_name = func.lower(Client.name).contains(search.lower(), autoescape=True)
        query = query.where(has_name | (Client.id == search))
    if after is not None:
        query = query.where(Client.id < after)
    rows = session.scalars(query).all()
    secrets = client_secrets.digests(session, [row.id for row in rows])
    return page(
        rows,
        limit,
        item=lambda row: _snapshot(row, secrets.get(row.id, ())),
        key=lambda row: row.id,
    )


def list_all(session: Session) -> list[ClientView]:
    """Every client, oldest first."""
    query = select(Client).where(Client.tenant_id == tenant_of(session)).order_by(Client.id)
    return [_snapshot(row, ()) for row in session.scalars(query)]


def check_secret(view: ClientView, secret: str) -> bool:
    """Whether `secret` is one of the client's that are good now; compares in constant time."""
    now = clock.now()
    return any(
        keyring().matches(known.digest, "client_secret", view.id, secret)
        for known in view.secret_digests
        if known.expires_at is None or known.expires_at > now
    )


def update(
    session: Session,
    actor: Actor,
    client_id: str,
    *,
    row_version: int | None = None,
    **changed: Unpack[ClientChanges],
) -> int:
    """Change what is given; returns the new row version. Raises `NotFound`, `BadValue`, and
    `StaleRow` when `row_version` is no longer the row's."""
    permissions.demand(actor, "client.update")
    row = _row_for(session, actor, client_id)
    values: dict[str, Any] = {**changed}
    if "name" in changed:
        values["name"] = names.required("name", changed["name"], most=80)
    _demand_reach(actor, "client.update", row.scopes, values.get("scopes", ()))
    _check(row.kind, {**_values(row), **values})
    version = _write(session, row, values, row_version)
    _note(session, actor, events.CLIENT_UPDATED, client_id, {"fields": [*values]})
    return version


def set_owner(session: Session, actor: Actor, client_id: str, *, is_file: bool) -> None:
    """Say whether a file alone changes it from now on. Raises `NotFound`."""
    permissions.demand(actor, "tenant.apply_file")
    _write(session, _row(session, client_id), {"is_owned_by_file": is_file}, None)
    changes.note(session)


def disable(session: Session, actor: Actor, client_id: str) -> None:
    """Serve a client no more and revoke its token families. Raises `NotFound`."""
    permissions.demand(actor, "client.disable")
    _write(session, _row_for(session, actor, client_id), {"status": "disabled"}, None)
    families.revoke_of_client(session, actor, client_id, "client_disabled")
    _note(session, actor, events.CLIENT_DISABLED, client_id)


def enable(session: Session, actor: Actor, client_id: str) -> None:
    """Serve a disabled client again; revoked tokens stay revoked. Raises `NotFound`."""
    permissions.demand(actor, "client.enable")
    _write(session, _row_for(session, actor, client_id), {"status": "active"}, None)
    _note(session, actor, events.CLIENT_ENABLED, client_id)


def remove(session: Session, actor: Actor, client_id: str) -> None:
    """Remove a client with its secrets, grants and token families. Raises `NotFound`."""
    permissions.demand(actor, "client.remove")
    row, tenant_id = _row_for(session, actor, client_id), tenant_of(session)
    for model in (TokenFamily, Grant, ClientSecret):
        session.execute(
            sa.delete(model)
            .where(model.tenant_id == tenant_id, model.client_id == client_id)
            .execution_options(synchronize_session=False)
        )
    settings_store.forget(session, client_id)
    session.delete(row)
    _note(session, actor, events.CLIENT_REMOVED, client_id)


def _check(kind: str, values: Mapping[str, Any]) -> None:
    for uri in values["redirect_uris"]:
        web_addresses.check_redirect_uri("redirect_uris", uri, is_native=kind == "native")
    for uri in values["post_logout_redirect_uris"]:
        field = "post_logout_redirect_uris"
        web_addresses.check_redirect_uri(field, uri, is_native=kind == "native")
    for origin in values["origins"]:
        web_addresses.check_origin("origins", origin)
    for name in _URLS:
        if values[name] is not None:
            web_addresses.check_url(name, values[name])
    if (values["auth_method"] == "none") != (kind != "web"):
        raise BadValue("auth_method", "A web client has a secret; spa and native ones have none.")
    if kind != "web" and not values["requires_pkce"]:
        raise BadValue("requires_pkce", "A public client needs PKCE.")
    if values["allows_anonymous"] and not values["is_first_party"]:
        raise BadValue("allows_anonymous", "Only the tenant's own applications make such users.")
    unknown = set(values["scopes"]) - set(SCOPES)
    if unknown:
        raise BadValue("scopes", f"There is no scope {sorted(unknown)[0]}.")


def _demand_reach(
    actor: Actor, permission: str, before: Iterable[str], after: Iterable[str]
) -> None:
    """A client that may do everything with an account is for owners and admins to make: a developer
    could take over whoever follows a link to it (X04)."""
    is_weaker = actor.kind == "admin" and not actor.roles & {"owner", "admin"}
    if is_weaker and ACCOUNT_SCOPE in after and ACCOUNT_SCOPE not in before:
        raise permissions.Forbidden(actor, permission)


def _row_for(session: Session, actor: Actor, client_id: str) -> Client:
    """The row that the actor may change: what a file owns is not the console's to change."""
    row = _row(session, client_id)
    if row.is_owned_by_file and actor.kind == "admin":
        raise OwnedByFile("This application is managed by a file.")
    return row


def _row(session: Session, client_id: str) -> Client:
    row = session.get(Client, (tenant_of(session), client_id))
    if row is None:
        raise NotFound("client")
    return row


def _values(row: Client) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _view(session: Session, row: Client) -> ClientView:
    return _snapshot(row, client_secrets.digests(session, [row.id]).get(row.id, ()))


def _snapshot(row: Client, secrets: tuple[SecretDigest, ...]) -> ClientView:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in _values(row).items()
    }
    return ClientView(**values, secret_digests=secrets)


def _write(session: Session, row: Client, values: dict[str, Any], expected: int | None) -> int:
    if expected not in (None, row.row_version):
        raise StaleRow
    version = session.scalar(
        sa.update(Client)
        .where(
            Client.tenant_id == row.tenant_id,
            Client.id == row.id,
            Client.row_version == row.row_version,
        )
        .values(**values, updated_at=clock.now(), row_version=row.row_version + 1)
        .returning(Client.row_version)
        .execution_options(synchronize_session=False)
    )
    if version is None:
        raise StaleRow
    session.expire(row)
    return version


def _note(
    session: Session,
    actor: Actor,
    event: str,
    client_id: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    changes.note(session)
    record(session, event, actor, targets=[("client", client_id)], data=data)
