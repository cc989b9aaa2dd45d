"""What the database knows of a person that an authorization request would be answered for."""

from app.database import Session, tenant_of
from app.directory import grants, organizations
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.oidc import statements
from app.oidc.authorization import AuthorizationRequest
from app.oidc.prompts import Standing


def load(
    session: Session, tenant: Tenant, request: AuthorizationRequest, live: LiveSession
) -> Standing:
    """The standing of the person whose session was chosen; no statement for a first party where
    nobody acts for an organization, and at most three."""
    consented: frozenset[str] = frozenset()
    if not request.client.is_first_party:
        grant = grants.get(session, live.user_id, request.client.id)
        consented = frozenset(grant.scopes) if grant else consented
    if tenant.settings.organizations.choice == "off" and request.organization is None:
        return Standing(consented)
    memberships = tuple(organizations.memberships_of(session, live.user_id))
    if len(memberships) < 2:
        return Standing(consented, memberships)
    key = {"tenant_id": tenant_of(session), "session_id": live.id}
    last = session.execute(statements.LAST_ORGANIZATION, key).first()
    return Standing(
        consented, memberships, last.organization_id if last else None, last is not None
    )
