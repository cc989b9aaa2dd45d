"""Connecting the organization's provider: our values to copy there, theirs to enter here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.account.refused import Refused
from app.database import Session, read, write
from app.directory import connections, domain_claims, setup_access, upstream_reports
from app.directory.connection_settings import OAuthSettings, OidcSettings, SamlSettings
from app.directory.connections import Connection, parse_settings
from app.directory.errors import BadValue, MissingValue, NotFound
from app.federation.providers import PRESETS, custom_oidc
from app.federation.providers.saml import SAML_PRESETS
from app.flow.screen import Text
from app.setup import access as behind
from app.setup import guides, metadata
from app.setup.access import Acting
from app.setup.guide import Guide

Settings = OidcSettings | OAuthSettings | SamlSettings
STATUSES = ("active", "disabled")
_ENDPOINTS = (*custom_oidc.ENDPOINTS, *custom_oidc.OPTIONAL_ENDPOINTS)
_SECRETS = {"client_secret", "private_key"}


@dataclass(frozen=True)
class Place:
    """A connection of the organization, or the id that is kept for one."""

    id: str
    guide: Guide
    connection: Connection | None
    is_tested: bool = False
    """Whether a test found it well as it is set up now."""

    @property
    def name(self) -> str:
        """What people see on the button."""
        return self.connection.name if self.connection else ""


def choose(access: Acting, provider: str) -> str:
    """Keep an id for a connection to this provider, or the one that waits for it already; returns
    it. Raises `NotFound`."""
    is_social = access.organization is None
    guide, organization_id = guides.find(provider, is_social=is_social), access.organization_id
    with write(access.tenant.id) as session:
        kept = setup_access.kept_ids(session, access.tenant, organization_id)
        waiting = next((each for each in kept if each.provider == guide.key), None)
        if waiting is not None:
            return waiting.connection_id
        return setup_access.keep_id(
            session, access.actor, access.tenant, organization_id, guide.key
        )


def drop(access: Acting, connection_id: str) -> None:
    """Give up the id of what was begun only; raises `NotFound` where there is none, or a
    connection already."""
    with write(access.tenant.id) as session:
        if not setup_access.use_id(session, access.tenant, access.organization_id, connection_id):
            raise NotFound("connection")


def place(access: Acting, connection_id: str) -> Place:
    """The connection, or where it will be; raises `NotFound`, also for another organization's."""
    kept = setup_access.find_kept_id(access.tenant, access.organization_id, connection_id)
    if kept is not None:
        return Place(connection_id, guides.of(kept.provider), None)
    found = behind.connection(access, connection_id)
    with read(access.tenant.id) as session:
        tested = upstream_reports.passed(session, access.organization_id)
    return Place(connection_id, _guide_of(found), found, connection_id in tested)


def places(access: Acting) -> list[Place]:
    """All of the organization, those that are there first, oldest first."""
    with read(access.tenant.id) as session:
        there = connections.list_all(session, access.organization_id)
        there = [each for each in there if each.organization_id == access.organization_id]
        kept = setup_access.kept_ids(session, access.tenant, access.organization_id)
        tested = upstream_reports.passed(session, access.organization_id)
    found = [Place(each.id, _guide_of(each), each, each.id in tested) for each in there]
    return found + [
        Place(each.connection_id, guides.of(each.provider), None) for each in reversed(kept)
    ]


def our_values(access: Acting, where: Place) -> dict[str, str]:
    """What is entered at the provider: name -> value."""
    base = f"{access.tenant.base_url}/connections/{where.id}"
    if where.guide.protocol == "oidc":
        return {"redirect_uri": f"{base}/callback"}
    return {
        "acs_url": f"{base}/acs",
        "entity_id": f"{base}/metadata",
        "metadata_url": f"{base}/metadata",
    }


def their_values(where: Place) -> dict[str, str]:
    """What was entered here before, secrets excepted, by field."""
    if where.connection is None:
        return {}
    settings = where.connection.settings
    if isinstance(settings, SamlSettings):
        return {"metadata_url": settings.metadata_url or ""}
    directories = settings.directories if isinstance(settings, OidcSettings) else ()
    told = {
        "issuer": settings.issuer,
        "client_id": settings.client_id,
        "groups_claim": settings.mapping.groups or "",
        "directory_id": next(iter(directories), ""),
        "hosted_domains": ", ".join(directories),
        "directories": ", ".join(directories),
        "audience": settings.issuer.split("/")[3] if where.guide.key == "microsoft" else "",
    }
    if isinstance(settings, OidcSettings):
        told |= {"team_id": settings.team_id or "", "key_id": settings.key_id or ""}
    if isinstance(settings, OidcSettings) and not settings.discovers:
        told |= {name: getattr(settings, name) or "" for name in _ENDPOINTS}
    return told


def save(access: Acting, where: Place, values: Mapping[str, str]) -> None:
    """Make the connection as a draft, or change it, from what was entered. With another issuer it
    is a draft again, as whoever is there was not tried.

    May fetch metadata, so no transaction may be open. Raises `Refused`; `NotFound` when somebody
    else has just made it.
    """
    try:
        settings, secret = _told(access, where, values)
        name = values.get("name", "").strip() or where.name or _name_of(access, where.guide)
        if where.connection is None:
            _create(access, where, name, settings, secret)
        else:
            _update(access, where.connection, name, settings, secret)
    except BadValue as error:
        raise _bad(error) from None


def set_status(access: Acting, connection_id: str, status: str) -> None:
    """Let people sign in by it, or no more. Raises `NotFound` and `Refused`: nobody is sent to an
    organization's provider that was not tried, or before there is a domain whose people it may
    bring."""
    found = behind.connection(access, connection_id)
    if status not in STATUSES:
        raise Refused("bad_value", Text("setup.bad_value"), "status")
    with write(access.tenant.id) as session:
        if status == "active" and not found.is_social:
            _demand_ready(session, access, found.id)
        connections.set_status(session, access.actor, found.id, status)


def _demand_ready(session: Session, access: Acting, connection_id: str) -> None:
    claims = domain_claims.list_all(session, access.organization_id)
    if not any(each.is_verified for each in claims):
        raise Refused("no_domain", Text("setup.prove_first"))
    if connection_id not in upstream_reports.passed(session, access.organization_id):
        raise Refused("not_tested", Text("setup.test_first"))


def _told(access: Acting, where: Place, values: Mapping[str, str]) -> tuple[Settings, str | None]:
    before = where.connection.settings.model_dump(mode="json") if where.connection else {}
    if where.guide.protocol == "saml":
        chosen = {} if before else SAML_PRESETS[where.guide.key].document()
        return _merged(before, {**chosen, **metadata.settings(values)}), None
    preset = PRESETS[where.guide.key]
    entered = {name: value for name, value in values.items() if value.strip()}
    kept = {} if entered.keys() & _SECRETS else _kept_secret(access, where)
    given = {**_unshown(where), **kept, **entered}
    made = preset.settings(given)
    if where.connection and kept and _leads_elsewhere(where.connection, made):
        raise Refused("bad_value", Text("setup.secret_again"), "client_secret")
    told = made.model_dump(mode="json", exclude_unset=True) | {"protocol": made.protocol}
    return _merged(before, told), preset.secret(given)


def _unshown(where: Place) -> dict[str, str]:
    """What somebody else entered of which the pages know nothing: it stays."""
    shown = {each.name for each in where.guide.fields}
    told = their_values(where)
    return {name: value for name, value in told.items() if value and name not in shown}


def _kept_secret(access: Acting, where: Place) -> dict[str, str]:
    """The secret that is there: it is not shown, so a form that is sent again has it empty."""
    if where.connection is None:
        return {}
    with read(access.tenant.id) as session:
        kept = connections.secret_of(session, where.id)
    if kept is None:
        return {}
    return {"private_key" if kept.startswith("-----BEGIN") else "client_secret": kept}


def _leads_elsewhere(found: Connection, made: Settings) -> bool:
    """Whether a kept secret would be sent to somebody who did not make it: then whoever holds a
    link could have it told by naming an issuer of their own."""
    before, after = found.settings.model_dump(), made.model_dump()
    return any(before.get(name) != after.get(name) for name in ("issuer", "token_endpoint"))


def _merged(before: Mapping[str, Any], told: Mapping[str, Any]) -> Settings:
    """What was told in place of what was there, the mapping name by name."""
    mapping = {**before.get("mapping", {}), **told.get("mapping", {})}
    return parse_settings({**before, **told, "mapping": mapping})


def _create(
    access: Acting, where: Place, name: str, settings: Settings, secret: str | None
) -> None:
    with write(access.tenant.id) as session:
        if not setup_access.use_id(session, access.tenant, access.organization_id, where.id):
            raise NotFound("connection")
        connections.create(
            session,
            access.actor,
            provider=where.guide.key,
            name=name,
            settings=settings,
            organization_id=access.organization_id,
            secret=secret,
            connection_id=where.id,
        )


def _update(
    access: Acting, found: Connection, name: str, settings: Settings, secret: str | None
) -> None:
    with write(access.tenant.id) as session:
        is_same = settings == found.settings and secret == connections.secret_of(session, found.id)
        connections.update(
            session, access.actor, found.id, name=name, settings=settings, secret=secret
        )
        if not is_same:
            upstream_reports.outdate(session, found.id)
        if settings.issuer != found.settings.issuer and found.status == "active":
            connections.set_status(session, access.actor, found.id, "draft")


def _guide_of(found: Connection) -> Guide:
    """The guide of its provider; the general one of its protocol where it has none."""
    general = "generic_saml" if found.protocol == "saml" else "generic"
    key = found.provider if found.provider in guides.ALL else general
    return guides.of(key)


def _name_of(access: Acting, guide: Guide) -> str:
    """What a button says where nothing else was wished."""
    return access.organization.name if access.organization else guide.name


def _bad(error: BadValue) -> Refused:
    text = "setup.needed" if isinstance(error, MissingValue) else "setup.bad_value"
    return Refused("bad_value", Text(text), error.field)
