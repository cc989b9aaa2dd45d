"""Apple. The client secret is a JWT that we sign with the team's key; the answer is posted.

The name comes once, unsigned, in the form field `user`; the address may be a private relay, which
Apple vouches for like any other. Booleans come as text.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, Field, Preset, Quirks

ISSUER = "https://appleid.apple.com"


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "issuer": ISSUER,
        "client_id": values["client_id"],
        "authentication": "apple",
        "team_id": values["team_id"],
        "key_id": values["key_id"],
        "scopes": ("openid", "email", "name"),
        "response_mode": "form_post",
        "email_is_proof": "claim",
    }


APPLE = Preset(
    "apple",
    "Apple",
    (CLIENT_ID, Field("team_id"), Field("key_id"), Field("private_key", "private_key")),
    _make,
    Quirks(other_yes=("true",), prompts={}, login_hint=None, posts_user=True),
    is_social=True,
)
