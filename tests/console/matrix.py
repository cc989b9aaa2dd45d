"""What the matrices of the console are made of: its routes, and what another tenant's ids are.

Both matrices are generated from the URL map, so a new route is in them from its first day. A
parameter that nobody named here fails the test and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from app.actor import CLI
from app.audit import log
from app.console.door import PERMISSION_OF
from app.database import EVERYWHERE, read, write
from app.directory import admins, console, preview_links, tenants
from app.directory.brand_settings import Brand
from tests.security.belongings import Household

SLUG = "tenant_slug"
OUTSIDE = frozenset(
    {
        "console.home",
        "console.list_tenants",
        "console.enter",
        "console.callback",
        "console.leave",
        "console.stylesheet",
        "console.script",
        "console.look_first",
        "console.begin_first",
        "console.create_tenant",
    }
)
"""What is about no tenant. Each has tests of its own in test_admins.py and test_coming_in.py."""


def _admin_role(house: Household) -> str:
    with write(EVERYWHERE) as session:
        given = admins.grant(
            session,
            CLI,
            console.prepare(),
            "second@staff.example",
            "viewer",
            administered_id=house.tenant.id,
        )
    return given.id


def _preview_link(house: Household) -> str:
    with write(house.tenant.id) as session:
        return preview_links.create(session, CLI, "tenant", 0, Brand()).id


def _event(house: Household) -> str:
    with read(house.tenant.id) as session:
        return log.list_page(session, limit=1).items[0].id


def _host(house: Household) -> str:
    host = f"login-{house.tenant.slug}.example"
    with write(EVERYWHERE) as session:
        if host not in tenants.hosts_of(session, house.tenant.id):
            tenants.add_host(session, CLI, house.tenant.id, host)
    return host


FOREIGN: dict[str, Callable[[Household], str]] = {
    "user_id": lambda h: h.has.user_id,
    "session_id": lambda h: h.has.session_id,
    "client_id": lambda h: h.has.client_id,
    "organization_id": lambda h: h.has.organization_id,
    "connection_id": lambda h: h.has.connection_id,
    "invitation_id": lambda h: h.has.invitation_id,
    "message_id": lambda h: h.has.message_id,
    "asset_id": lambda h: h.has.asset_id,
    "flow_id": lambda h: h.has.flow_id,
    "grant_id": lambda h: h.has.grant_id,
    "domain_id": lambda h: h.has.claim_id,
    "identity_id": lambda h: h.has.identity_id,
    "device_id": lambda h: h.has.device_id,
    "contact_id": lambda h: h.has.contact_id,
    "factor_id": lambda h: h.has.authenticator_id,
    "admin_role_id": _admin_role,
    "link_id": lambda h: h.has.setup_link.partition(".")[0],
    "preview_link_id": _preview_link,
    "event_id": _event,
    "host": _host,
}
"""Parameter -> the id of such a thing of another tenant."""
NAMES: dict[str, str] = {
    "section": "methods",
    "revision": "1",
    "locale": "de",
    "text_id": "identify.title",
    "rule": "mfa_off",
    "screen": "identify",
    "role_key": "owner",
    "field_name": "company",
    "message_key": "sign_in_code",
}
"""Parameters that name what every tenant has: alone they cross no border, so the slug does."""


@dataclass(frozen=True)
class Route:
    """One route of the console that is about a tenant, and one method of it."""

    rule: Rule
    method: str

    @property
    def name(self) -> str:
        """How tests call it."""
        return f"{self.rule.endpoint} {self.method}"

    @property
    def parameters(self) -> list[str]:
        """What its address names beside the tenant."""
        return sorted(self.rule.arguments - {SLUG})

    @property
    def permission(self) -> str | None:
        """What it takes."""
        return PERMISSION_OF[str(self.rule.endpoint)]

    def path(self, slug: str, given: dict[str, str]) -> str:
        """Its address, below the console tenant's base URL."""
        built = self.rule.build({SLUG: slug, **given})
        assert built is not None, self.name
        return str(built[1])


def belongings(house: Household) -> dict[str, str]:
    """Every parameter with what this household has of it."""
    return {name: value(house) for name, value in FOREIGN.items()} | NAMES


def routes(app: Flask) -> list[Route]:
    """Every route about a tenant, in a steady order."""
    found = [
        Route(rule, method)
        for rule in app.url_map.iter_rules()
        if str(rule.endpoint).startswith("console.") and str(rule.endpoint) not in OUTSIDE
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: route.name)
