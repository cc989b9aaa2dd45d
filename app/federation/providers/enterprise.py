"""OpenID providers of companies. Each is one organization's: it vouches for the addresses in the
domains that the organization has proven, and for no others (A06, A13)."""

from collections.abc import Mapping
from typing import Any

from app.directory.connection_settings import OAuthSettings, OidcSettings
from app.federation.providers import custom_oidc, google, microsoft
from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, ISSUER, Field, Preset, Quirks

_GROUPS = Field("groups_claim", required=False)
_KEYS = (Field("private_key", "private_key", required=False), Field("key_id", required=False))
_SECRET = Field("client_secret", "secret", required=False)


def _entra(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "issuer": f"{microsoft.HOST}/{values['directory_id'].lower()}/v2.0",
        "client_id": values["client_id"],
        "authentication": "private_key_jwt" if values.get("private_key") else "client_secret_post",
        "key_id": values.get("key_id") or None,
        "mapping": {
            "subject": "oid",
            "email_verified": None,
            "groups": values.get("groups_claim") or "groups",
        },
        "email_is_proof": "domain",
        "directories": (values["directory_id"].lower(),),
    }


def _okta(values: Mapping[str, str]) -> dict[str, Any]:
    made = custom_oidc.document(values, email_is_proof="domain")
    made["mapping"].setdefault("groups", "groups")
    return made | {"scopes": ("openid", "email", "profile", "groups"), "reads_userinfo": True}


def _google_workspace(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "issuer": google.ISSUER,
        "client_id": values["client_id"],
        "authentication": "client_secret_post",
        "email_is_proof": "domain",
        "directories": values["hosted_domains"].lower().replace(",", " ").split(),
    }


def _hosted_domain(settings: OidcSettings | OAuthSettings) -> dict[str, str]:
    """`hd` leads to the company's own sign-in; with several domains it says only "a company"."""
    directories = settings.directories if isinstance(settings, OidcSettings) else ()
    return {"hd": directories[0] if len(directories) == 1 else "*"}


def _generic(values: Mapping[str, str]) -> dict[str, Any]:
    return custom_oidc.document(values, email_is_proof="domain")


ENTRA = Preset(
    "entra",
    "Microsoft Entra ID",
    (Field("directory_id"), CLIENT_ID, _SECRET, *_KEYS, _GROUPS),
    _entra,
    Quirks(directory="tid", key_header="x5t#S256"),
)
OKTA = Preset("okta", "Okta", (ISSUER, CLIENT_ID, _SECRET, *_KEYS, _GROUPS), _okta)
GOOGLE_WORKSPACE = Preset(
    "google_workspace",
    "Google Workspace",
    (Field("hosted_domains"), CLIENT_ID, CLIENT_SECRET),
    _google_workspace,
    Quirks(
        prompts=google.PROMPTS,
        directory="hd",
        parameters=_hosted_domain,
        issuer_also=google.ISSUER_ALSO,
    ),
)
ONELOGIN = Preset("onelogin", "OneLogin", (ISSUER, CLIENT_ID, CLIENT_SECRET, _GROUPS), _okta)
GENERIC = Preset("generic", "OpenID Connect", custom_oidc.FIELDS, _generic)
