"""`id_token_hint`: an ID token that comes back to its issuer, expired or not."""

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidRequestError

from app.directory.tenants import Tenant
from app.keys import signing
from app.keys.signing import BadToken


@dataclass(frozen=True)
class Hint:
    """What an ID token of ours says about a sign-in."""

    subject: str
    client_id: str
    session_id: str | None


def read(tenant: Tenant, text: str, client_id: str | None = None) -> Hint:
    """The hint, whatever its age (OpenID Connect Core, section 3.1.2.1).

    Raises `InvalidRequestError` unless this tenant issued it as an ID token, for `client_id` where
    that is given.
    """
    try:
        claims = signing.verify(tenant, text, "JWT")
    except BadToken:
        raise InvalidRequestError("The id_token_hint is not valid.") from None
    audience, subject = claims.get("aud"), claims.get("sub")
    if claims.get("iss") != tenant.issuer or not isinstance(audience, str):
        raise InvalidRequestError("The id_token_hint is not valid.")
    if not isinstance(subject, str) or client_id not in (None, audience):
        raise InvalidRequestError("The id_token_hint is for another client.")
    return Hint(subject, audience, claims.get("sid"))
