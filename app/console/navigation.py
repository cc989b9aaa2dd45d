"""What stands at the side of every page of the console, as far as it is of use to who looks."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    section: str
    label: str
    """A text id."""
    endpoint: str
    permission: str


@dataclass(frozen=True)
class Group:
    """Lines that belong together; the first group has no heading."""

    heading: str | None
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        None,
        (
            Entry("overview", "console.nav.overview", "console.overview", "overview.read"),
            Entry("clients", "console.nav.clients", "console.list_clients", "client.read"),
            Entry("users", "console.nav.users", "console.list_users", "user.read"),
            Entry(
                "organizations",
                "console.nav.organizations",
                "console.list_organizations",
                "organization.read",
            ),
            Entry("roles", "console.nav.roles", "console.list_roles", "role.read"),
        ),
    ),
    Group(
        "console.nav.sign_in",
        (
            Entry("policy", "console.nav.policy", "console.first_policy", "settings.read"),
            Entry(
                "connections",
                "console.nav.connections",
                "console.list_connections",
                "connection.read",
            ),
            Entry(
                "sign_up_fields",
                "console.nav.sign_up_fields",
                "console.list_sign_up_fields",
                "settings.read",
            ),
            Entry("branding", "console.nav.branding", "console.branding", "brand.read"),
            Entry("texts", "console.nav.texts", "console.texts", "text.read"),
            Entry("messages", "console.nav.messages", "console.list_messages", "message.read"),
        ),
    ),
    Group(
        "console.nav.operate",
        (
            Entry("audit", "console.nav.audit", "console.list_events", "audit.read"),
            Entry("why", "console.nav.why", "console.list_flows", "flow.read"),
            Entry("simulator", "console.nav.simulator", "console.simulate", "settings.read"),
            Entry("keys", "console.nav.keys", "console.list_signing_keys", "key.read"),
            Entry("hosts", "console.nav.hosts", "console.list_hosts", "host.read"),
            Entry("admins", "console.nav.admins", "console.list_admins", "admin.read"),
            Entry("settings", "console.nav.settings", "console.settings", "settings.read"),
        ),
    ),
)


def of(may: Callable[[str], bool], organization_id: str | None) -> list[Group]:
    """The groups, without what somebody may not see. A delegated admin's only page is their
    organization."""
    if organization_id is not None:
        return []
    groups = [
        Group(group.heading, tuple(each for each in group.entries if may(each.permission)))
        for group in GROUPS
    ]
    return [group for group in groups if group.entries]


def first_page(may: Callable[[str], bool], slug: str) -> str | None:
    """Where somebody begins: the first page that they may see; None where there is none."""
    found = next((group.entries[0] for group in of(may, None)), None)
    return url_for(found.endpoint, tenant_slug=slug) if found else None
