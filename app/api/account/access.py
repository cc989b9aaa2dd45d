"""From an access token to the person whose account it opens."""

from flask import request

from app import clock, language, tenancy, visitor
from app.account.owner import Owner
from app.api.account.problems import problem
from app.database import Session, named, read
from app.directory.clients import ACCOUNT_SCOPE
from app.directory.tenants import Tenant
from app.errors import Problem
from app.oidc import clients, families, tokens
from app.oidc.families import Family
from app.oidc.tokens import AccessToken

_LIVE_SESSION = named(
    """SELECT live.id FROM session earlier
       JOIN session live ON live.tenant_id = earlier.tenant_id
         AND live.browser_id = earlier.browser_id AND live.user_id = earlier.user_id
       WHERE earlier.tenant_id = :tenant_id AND earlier.id = :session_id
         AND live.ended_at IS NULL AND live.idle_until > :now AND live.expires_at > :now
         AND live.epoch = :epoch
       ORDER BY live.auth_time DESC LIMIT 1"""
)
"""The session that a family came from, or that replaced it when the person signed in again."""


def owner() -> Owner:
    """Whose token came in the Authorization header; at most three statements.

    The token must be an access token of this tenant, made for it and not expired, with the scope
    `account`; its client, its user and whatever it descends from must be good now. Raises
    `Problem`: 401 or 403, with the challenge of RFC 6750, section 3.
    """
    tenant = tenancy.current()
    access = _access(tenant)
    with read(tenant.id) as session:
        family = families.find(session, access.family_id)
        if family is None or not _is_good(tenant, family):
            raise _unknown()
        session_id = _live_session(session, tenant, family)
    return Owner(
        tenant=tenant,
        actor=visitor.acting(family.user_id),
        user_id=family.user_id,
        session_id=session_id,
        auth_time=family.auth_time,
        acr=family.acr,
        locale=_locale(tenant, family),
        client_id=family.client_id,
    )


def _access(tenant: Tenant) -> AccessToken:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    token = value.strip() if scheme.lower() == "bearer" else ""
    if not token:
        raise problem("invalid_token", headers={"WWW-Authenticate": "Bearer"})
    access = tokens.read_access_token(tenant, token)
    if access is None or clients.find(tenant.id, access.client_id) is None:
        raise _unknown()
    if ACCOUNT_SCOPE not in access.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{ACCOUNT_SCOPE}"'
        raise problem("insufficient_scope", headers={"WWW-Authenticate": challenge})
    return access


def _is_good(tenant: Tenant, family: Family) -> bool:
    """An anonymous user has no account to keep yet."""
    is_ours = family.is_good(tenant) and tenant.issuer in family.audience
    return is_ours and not family.is_anonymous


def _live_session(session: Session, tenant: Tenant, family: Family) -> str | None:
    if family.session_id is None:
        return None
    values = {
        "tenant_id": tenant.id,
        "session_id": family.session_id,
        "now": clock.now(),
        "epoch": tenant.epoch,
    }
    return session.scalars(_LIVE_SESSION, values).first()


def _locale(tenant: Tenant, family: Family) -> str:
    if family.locale:
        return language.negotiate(tenant.settings.texts, [family.locale])
    return language.current_locale()


def _unknown() -> Problem:
    challenge = 'Bearer error="invalid_token"'
    return problem("invalid_token", headers={"WWW-Authenticate": challenge})
