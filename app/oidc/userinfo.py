"""What the userinfo endpoint tells (OpenID Connect Core, section 5.3)."""

from typing import Any

from app.database import Session, read
from app.directory import memberships
from app.directory.tenants import Tenant
from app.oidc import claims, clients, families, tokens
from app.oidc.families import Family


class TokenRefused(Exception):
    """The access token does not open the endpoint; `error` is the code of RFC 6750, section 3.1."""

    def __init__(self, error: str, status: int) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


def of_token(tenant: Tenant, token: str) -> dict[str, Any]:
    """The claims that the access token may read; one statement, two with organizations.

    Raises `TokenRefused` unless it is good now: its family was not revoked, its client is not
    disabled, its user is active.
    """
    access = tokens.read_access_token(tenant, token)
    if access is None or clients.find(tenant.id, access.client_id) is None:
        raise TokenRefused("invalid_token", 401)
    if "openid" not in access.scopes:
        raise TokenRefused("insufficient_scope", 403)
    with read(tenant.id) as session:
        family = families.find(session, access.family_id)
        if family is None or not family.is_good(tenant):
            raise TokenRefused("invalid_token", 401)
        told = {
            "sub": family.user_id,
            **claims.of_user(family),
            **claims.of_scopes(family, access.scopes),
            **claims.by_name(family, family.claims.userinfo),
            **claims.of_organization(family),
        }
        if {"organizations"} & {*access.scopes, *family.claims.userinfo}:
            told["organizations"] = _organizations(session, family)
    return told


def _organizations(session: Session, family: Family) -> list[dict[str, Any]]:
    return [
        {
            "id": membership.organization_id,
            "slug": membership.slug,
            "name": membership.name,
            "roles": [*membership.roles],
        }
        for membership in memberships.of_user(session, family.user_id)
    ]
