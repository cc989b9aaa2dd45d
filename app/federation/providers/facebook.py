"""Facebook: plain OAuth 2 and the Graph API.

It tells an address where it has one, and never whether it is verified: the person proves it here.
Ids are of this app alone. Errors are objects.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Preset, Quirks

_GRAPH = "https://graph.facebook.com/v24.0"
_ASKS_AGAIN = {"auth_type": "reauthenticate"}


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oauth2",
        "issuer": "https://www.facebook.com",
        "client_id": values["client_id"],
        "scopes": ("public_profile", "email"),
        "authorization_endpoint": "https://www.facebook.com/v24.0/dialog/oauth",
        "token_endpoint": f"{_GRAPH}/oauth/access_token",
        "userinfo_endpoint": f"{_GRAPH}/me?fields=id,name,first_name,last_name,email",
        "mapping": {
            "subject": "id",
            "email_verified": None,
            "given_name": "first_name",
            "family_name": "last_name",
        },
        "email_is_proof": "never",
    }


FACEBOOK = Preset(
    "facebook",
    "Facebook",
    (CLIENT_ID, CLIENT_SECRET),
    _make,
    Quirks(prompts={"login": _ASKS_AGAIN}, login_hint=None, proves_secret=True),
    is_social=True,
)
