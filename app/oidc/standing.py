"""What the database knows of a person that an authorization request would be answered for."""

from dataclasses import replace

from app.database import Session, tenant_of
from app.directory import grants, memberships, policy, trusted_devices
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.oidc import prompts, statements
from app.oidc.authorization import AuthorizationRequest
from app.oidc.own_providers import providers_of
from app.oidc.prompts import Standing


def load(
    session: Session, tenant: Tenant, request: AuthorizationRequest, live: LiveSession
) -> Standing:
    """The standing of the person whose session was chosen; no statement for a first party where
    nobody acts for an organization, and at most three, but for one more where the session is proven
    less than policy asks."""
    known = _known(session, tenant, request, live)
    if prompts.is_proven_enough(request, tenant.settings, known, live):
        return known
    is_trusted = trusted_devices.is_trusted(session, tenant, live.browser_id, live.user_id)
    return replace(known, is_trusted=is_trusted)


def _known(
    session: Session, tenant: Tenant, request: AuthorizationRequest, live: LiveSession
) -> Standing:
    if live.is_anonymous:
        return Standing(is_anonymous=True)
    consented: frozenset[str] = frozenset()
    if not request.client.is_first_party:
        grant = grants.get(session, live.user_id, request.client.id)
        consented = frozenset(grant.scopes) if grant else consented
    if tenant.settings.organizations.choice == "off" and request.organization is None:
        return Standing(consented)
    places = tuple(
        each
        for each in memberships.of_user(session, live.user_id)
        if policy.allowed_methods(tenant.settings, each)
    )
    standing = Standing(consented, places, providers=providers_of(session, places))
    if len(places) < 2:
        return standing
    key = {"tenant_id": tenant_of(session), "session_id": live.id}
    last = session.execute(statements.LAST_ORGANIZATION, key).first()
    known = last.organization_id if last else None
    return replace(standing, last_organization=known, has_acted=last is not None)
