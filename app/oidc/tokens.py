"""Access tokens and ID tokens: made from a family, and read again."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core.util import create_half_hash

from app import clock
from app.directory.clients import ClientView
from app.directory.tenants import Tenant
from app.ids import new_id
from app.keys import signing
from app.keys.signing import BadToken
from app.oidc import claims
from app.oidc.families import Family
from app.security import CannotUnseal, keyring

_OPAQUE_MARK = "at_"
_OPAQUE_FORMAT = "opaque"


@dataclass(frozen=True)
class AccessToken:
    """What a good access token of ours says."""

    family_id: str
    client_id: str
    scopes: tuple[str, ...]


def response(
    tenant: Tenant,
    client: ClientView,
    family: Family,
    scopes: tuple[str, ...],
    refresh_token: str | None,
    nonce: str | None = None,
    merged_from: str | None = None,
) -> dict[str, Any]:
    """The successful answer of the token endpoint (RFC 6749, section 5.1). Signs, so never call it
    inside a transaction."""
    access_token = make_access_token(tenant, client, family, scopes)
    answer = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": tenant.settings.lifetimes.access_token,
        "scope": " ".join(scopes),
    }
    if refresh_token is not None:
        answer["refresh_token"] = refresh_token
    if "openid" in scopes:
        answer["id_token"] = make_id_token(
            tenant, client, family, scopes, access_token, nonce, merged_from
        )
    return answer


def make_access_token(
    tenant: Tenant, client: ClientView, family: Family, scopes: tuple[str, ...]
) -> str:
    """A JWT of RFC 9068, or the same sealed where the client wants it opaque."""
    audience = family.audience[0] if len(family.audience) == 1 else [*family.audience]
    content = {
        **claims.of_life(tenant, tenant.settings.lifetimes.access_token),
        "aud": audience,
        "sub": family.user_id,
        "client_id": client.id,
        "jti": new_id("tok"),
        "scope": " ".join(scopes),
        **claims.of_user(family),
        **claims.of_sign_in(family),
        **claims.of_organization(family),
        "family": family.id,
    }
    if client.access_token_format == _OPAQUE_FORMAT:
        sealed = keyring().seal(json.dumps(content).encode(), _context(tenant))
        return _OPAQUE_MARK + base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return signing.sign(tenant, content, "at+jwt", client.id_token_alg)


def make_id_token(
    tenant: Tenant,
    client: ClientView,
    family: Family,
    scopes: tuple[str, ...],
    access_token: str,
    nonce: str | None,
    merged_from: str | None = None,
) -> str:
    """An ID token (OpenID Connect Core, section 2), without the claims that userinfo tells unless
    the client is registered for them or asked by name. `merged_from` is the anonymous user that
    this person was until this sign-in."""
    content = {
        **claims.of_life(tenant, tenant.settings.lifetimes.id_token),
        "aud": client.id,
        "sub": family.user_id,
        **claims.of_user(family),
        **claims.of_sign_in(family),
        **claims.of_organization(family),
        **claims.by_name(family, family.claims.id_token),
    }
    if client.scope_claims_in_id_token:
        content.update(claims.of_scopes(family, scopes))
    if nonce is not None:
        content["nonce"] = nonce
    if merged_from is not None:
        content["merged_from"] = merged_from
    half_hash = create_half_hash(access_token, client.id_token_alg)
    if half_hash is not None:
        content["at_hash"] = half_hash.decode()
    return signing.sign(tenant, content, "JWT", client.id_token_alg)


def read_access_token(tenant: Tenant, token: str) -> AccessToken | None:
    """What the token says, None unless it is an unexpired access token of this tenant. Whether its
    family is still good is for the caller to ask."""
    content = _content(tenant, token)
    if content is None or content.get("iss") != tenant.issuer:
        return None
    expires = content.get("exp")
    if not isinstance(expires, int) or expires <= clock.now_seconds():
        return None
    return AccessToken(
        str(content.get("family")), str(content.get("client_id")), tuple(content["scope"].split())
    )


def _content(tenant: Tenant, token: str) -> dict[str, Any] | None:
    if not token.startswith(_OPAQUE_MARK):
        try:
            return signing.verify(tenant, token, "at+jwt")
        except BadToken:
            return None
    body = token.removeprefix(_OPAQUE_MARK)
    if len(token) > signing.LONGEST_TOKEN:
        return None
    try:
        sealed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        content: dict[str, Any] = json.loads(keyring().unseal(sealed, _context(tenant)))
    except (binascii.Error, ValueError, CannotUnseal):
        return None
    return content


def _context(tenant: Tenant) -> str:
    return f"{tenant.id}/access_token"
