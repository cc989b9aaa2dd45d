"""Any further OpenID provider, for everybody in a tenant: by discovery, or endpoint by endpoint."""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, ISSUER, Field, Preset

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
"""What must be given where nothing is discovered."""
OPTIONAL_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")
PATHS = ("subject", "email", "email_verified", "name", "given_name", "family_name", "groups")
"""Claims that may have other names; an admin fills in `<claim>_claim`."""

FIELDS = (
    ISSUER,
    CLIENT_ID,
    Field("client_secret", "secret", required=False),
    Field("private_key", "private_key", required=False),
    Field("key_id", required=False),
    Field("authentication", required=False),
    Field("scopes", required=False),
    *(Field(name, "url", required=False) for name in (*ENDPOINTS, *OPTIONAL_ENDPOINTS)),
    *(Field(f"{name}_claim", required=False) for name in PATHS),
)


def document(values: Mapping[str, str], *, email_is_proof: str) -> dict[str, Any]:
    """Settings for a provider of which nothing is known but what was filled in."""
    given = {name: values[name] for name in (*ENDPOINTS, *OPTIONAL_ENDPOINTS) if values.get(name)}
    made: dict[str, Any] = {
        "protocol": "oidc",
        "issuer": values["issuer"],
        "client_id": values["client_id"],
        "authentication": authentication(values),
        "key_id": values.get("key_id") or None,
        "discovers": not given,
        "reads_userinfo": "userinfo_endpoint" in given or not given,
        "mapping": mapping(values),
        "email_is_proof": email_is_proof,
        **given,
    }
    scopes = values.get("scopes", "").split()
    return made | ({"scopes": ("openid", *(s for s in scopes if s != "openid"))} if scopes else {})


def mapping(values: Mapping[str, str]) -> dict[str, str]:
    """The claims that the admin gave other names."""
    given = {name: values.get(f"{name}_claim", "") for name in PATHS}
    return {name: path for name, path in given.items() if path}


def authentication(values: Mapping[str, str]) -> str:
    """How the client says who it is: as chosen, or by what there is to say it with."""
    if values.get("authentication"):
        return values["authentication"]
    if values.get("private_key"):
        return "private_key_jwt"
    return "client_secret_basic" if values.get("client_secret") else "none"


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return document(values, email_is_proof="claim")


CUSTOM_OIDC = Preset("custom_oidc", "OpenID Connect", FIELDS, _make, is_social=True)
