"""Who of the organization must come by its provider."""

from app.account.refused import Refused
from app.database import read, write
from app.directory import connections, organizations_policy
from app.directory.settings import OrganizationPolicy
from app.flow.screen import Text
from app.setup.access import Access

MODES = {
    "off": "setup.sso_off",
    "optional": "setup.sso_optional",
    "members": "setup.sso_members",
    "domain": "setup.sso_domain",
}
"""Who must sign in by the provider, each with its text id."""
_ASKED = ("members", "domain")


def policy(access: Access) -> OrganizationPolicy:
    """The organization's policy as it stands."""
    with read(access.tenant.id) as session:
        return organizations_policy.load(session, access.organization.id)


def set_mode(access: Access, mode: str) -> None:
    """Set who must; the rest of the policy stays. Raises `Refused`: nobody can be made to come by
    a connection that is not there."""
    if mode not in MODES:
        raise Refused("bad_value", Text("setup.bad_value"), "sso")
    with write(access.tenant.id) as session:
        there = connections.list_all(session, access.organization.id)
        if mode in _ASKED and not any(each.is_usable for each in there):
            raise Refused("no_connection", Text("setup.no_connection"), "sso")
        before = organizations_policy.load(session, access.organization.id)
        document = {**before.model_dump(), "sso": mode}
        organizations_policy.set_policy(
            session, access.actor, access.organization.id, organizations_policy.parse(document)
        )
