"""Whose look the pages of this request have: the tenant's, or that of an organization or client."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, request

from app.branding import Brand, brand_of, platform_brand
from app.flow.run import Run


@dataclass(frozen=True)
class Wearing:
    """For whom a page is."""

    organization_id: str | None = None
    client_id: str | None = None


def wear(organization_id: str | None = None, client_id: str | None = None) -> None:
    """From here on the pages of this request are for that organization and client."""
    g.wearing = Wearing(organization_id, client_id)


def wear_as(run: Run) -> None:
    """From here on the pages of this request are those of a flow."""
    wear(run.organization_id, run.asked.client_id)


def brand() -> Brand:
    """The brand of this request's pages."""
    if "tenant" not in g:
        return platform_brand()
    worn: Wearing = g.get("wearing") or Wearing()
    return brand_of(g.tenant, worn.organization_id, worn.client_id)


def query() -> str:
    """What the address of a stylesheet needs besides its digest, beginning with `?`; empty for the
    tenant's own look."""
    worn: Wearing = g.get("wearing") or Wearing()
    own = {"organization": worn.organization_id, "client": worn.client_id}
    looks = g.tenant.looks if "tenant" in g else {}
    asked = {name: subject for name, subject in own.items() if subject in looks}
    return f"?{urlencode(asked)}" if asked else ""


def asked_for() -> Brand:
    """The brand that an address made with `query` asks for."""
    return brand_of(g.tenant, request.args.get("organization"), request.args.get("client"))
