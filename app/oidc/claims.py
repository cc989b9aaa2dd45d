"""Which claims a token or the userinfo endpoint tells, by scope and by name."""

from collections.abc import Iterable
from typing import Any

from app import clock
from app.directory.tenants import Tenant
from app.oidc.claims_request import SCOPE_OF
from app.oidc.families import Family

CLAIMS_SUPPORTED = (
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "org_id",
    "roles",
    "is_anonymous",
    "merged_from",
    *SCOPE_OF,
)


def of_scopes(family: Family, scopes: Iterable[str]) -> dict[str, Any]:
    """The claims about the user that the scopes cover (OpenID Connect Core, section 5.4)."""
    held = frozenset(scopes)
    return by_name(family, (name for name, scope in SCOPE_OF.items() if scope in held))


def by_name(family: Family, names: Iterable[str]) -> dict[str, Any]:
    """Those of the named claims that there is a value for."""
    known = _known(family)
    found = {name: known.get(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def of_organization(family: Family) -> dict[str, Any]:
    """The organization that the user acts for, and the roles there; empty without one."""
    if family.organization_id is None:
        return {}
    return {"org_id": family.organization_id, "roles": [*(family.roles or ())]}


def of_user(family: Family) -> dict[str, Any]:
    """What every token says of its user: whether they have yet to say who they are."""
    return {"is_anonymous": bool(family.is_anonymous)}


def of_sign_in(family: Family) -> dict[str, Any]:
    """How and when the user signed in (OpenID Connect Core, section 2)."""
    claims: dict[str, Any] = {"auth_time": family.auth_time // clock.SECOND, "amr": [*family.amr]}
    if family.acr:
        claims["acr"] = family.acr
    if family.session_id:
        claims["sid"] = family.session_id
    return claims


def of_life(tenant: Tenant, seconds: int) -> dict[str, Any]:
    """Issuer, birth and end of a token that lives `seconds`."""
    now = clock.now_seconds()
    return {"iss": tenant.issuer, "iat": now, "exp": now + seconds}


def _known(family: Family) -> dict[str, Any]:
    return {
        "name": family.display_name,
        "locale": family.locale,
        "updated_at": (family.user_updated_at or 0) // clock.SECOND or None,
        "email": family.email,
        "email_verified": None if family.email is None else family.email_verified_at is not None,
    }
