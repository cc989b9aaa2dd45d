"""Discord: plain OAuth 2. Keyed on the account's number, which it writes as text.

`verified` says whether the address is; many accounts have none that is.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Preset, Quirks

_API = "https://discord.com/api"


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oauth2",
        "issuer": "https://discord.com",
        "client_id": values["client_id"],
        "authentication": "client_secret_basic",
        "scopes": ("identify", "email"),
        "authorization_endpoint": "https://discord.com/oauth2/authorize",
        "token_endpoint": f"{_API}/oauth2/token",
        "userinfo_endpoint": f"{_API}/users/@me",
        "mapping": {
            "subject": "id",
            "email_verified": "verified",
            "name": "global_name",
            "given_name": None,
            "family_name": None,
        },
        "email_is_proof": "claim",
    }


DISCORD = Preset(
    "discord",
    "Discord",
    (CLIENT_ID, CLIENT_SECRET),
    _make,
    Quirks(prompts={"none": {"prompt": "none"}, "consent": {"prompt": "consent"}}, login_hint=None),
    is_social=True,
)
