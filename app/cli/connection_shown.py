"""A connection as commands show it: with what its provider must know of us, without its secret."""

from collections.abc import Iterator
from typing import Any

from app.cli.output import Listing, Record, members_of
from app.database import read
from app.directory import connections
from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.directory.errors import NotFound
from app.directory.tenants import Tenant

COLUMNS = ("id", "provider", "name", "protocol", "status", "organization_id")
_CERTIFICATES = ("subject", "expires_at", "expires_soon", "fingerprint")


def brief(found: Connection) -> dict[str, Any]:
    """What lists say of it."""
    return {name: getattr(found, name) for name in COLUMNS}


def shown(tenant: Tenant, connection_id: str, title: str = "") -> Record:
    """All of it; raises `NotFound`."""
    with read(tenant.id) as session:
        found = connections.get(session, connection_id)
        if found is None:
            raise NotFound("connection")
        has_secret = connections.secret_of(session, connection_id) is not None
    members = {
        **brief(found),
        **_addresses(tenant, found),
        "has_secret": has_secret,
        "settings": found.settings.model_dump(mode="json", exclude={"protocol"}),
        "tenant": tenant.slug,
    }
    if not isinstance(found.settings, SamlSettings):
        return Record(members, title)
    certificates = Listing([*_certificates(found.settings)], _CERTIFICATES)
    return Record(members, title, {"certificates": certificates})


def _addresses(tenant: Tenant, found: Connection) -> dict[str, str]:
    """What is entered at the provider."""
    base = f"{tenant.base_url}/connections/{found.id}"
    if found.protocol != "saml":
        after = {"post_logout_redirect_uri": f"{base}/slo"}
        asks_logout = found.protocol == "oidc" and found.settings.logs_out_upstream
        return {"redirect_uri": f"{base}/callback"} | (after if asks_logout else {})
    return {"entity_id": f"{base}/metadata", "acs_url": f"{base}/acs", "slo_url": f"{base}/slo"}


def _certificates(settings: SamlSettings) -> Iterator[dict[str, Any]]:
    from app.federation import saml_certificates  # noqa: PLC0415 (few commands need it)

    for each in map(saml_certificates.read, settings.certificates):
        yield {**members_of(each, "pem"), "expires_soon": each.expires_soon()}
