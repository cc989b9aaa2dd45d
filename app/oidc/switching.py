"""Whether tokens may be switched to another organization without asking the person anything."""

from app.database import Session, tenant_of
from app.directory import memberships, policy
from app.directory.memberships import MembershipView
from app.directory.settings import TenantSettings
from app.flow.assurance import level_of
from app.oidc import statements
from app.oidc.families import Family
from app.oidc.own_providers import providers_of


def is_enough(session: Session, settings: TenantSettings, family: Family) -> bool:
    """Whether the sign-in behind tokens is enough for the organization that they were just switched
    to: by its provider or a method that it takes, and with two factors where it asks for them."""
    places = memberships.of_user(session, family.user_id)
    acting = next((m for m in places if m.organization_id == family.organization_id), None)
    if acting is None:
        return False
    if not _is_accepted(session, family, acting, settings):
        return False
    asks = policy.decide(settings, acting=acting).mfa == "required"
    is_asked_anyway = policy.decide(settings).mfa == "required"
    return level_of(family.acr) >= 2 or is_asked_anyway or not asks


def _is_accepted(
    session: Session, family: Family, acting: MembershipView, settings: TenantSettings
) -> bool:
    """Whether the session behind the tokens was proven by the organization's provider where it asks
    for that, and else by a method that it takes."""
    providers = providers_of(session, [acting]).get(acting.organization_id)
    if not providers and policy.takes_all(acting):
        return True
    key = {"tenant_id": tenant_of(session), "session_id": family.session_id}
    methods = session.execute(statements.METHODS_OF_SESSION, key).scalar()
    taken = providers or {*policy.allowed_methods(settings, acting)}
    return bool({*(methods or ())} & taken)
