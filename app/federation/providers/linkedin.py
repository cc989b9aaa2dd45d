"""LinkedIn. Its ID tokens repeat no nonce, and a PKCE verifier makes it refuse the client.

What is left to tell a stranger's code is the state, which is bound to the browser. ID tokens have
`email_verified` as text.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Preset, Quirks

ISSUER = "https://www.linkedin.com/oauth"


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "issuer": ISSUER,
        "client_id": values["client_id"],
        "authentication": "client_secret_post",
        "email_is_proof": "claim",
    }


LINKEDIN = Preset(
    "linkedin",
    "LinkedIn",
    (CLIENT_ID, CLIENT_SECRET),
    _make,
    Quirks(
        uses_pkce=False,
        echoes_nonce=False,
        other_yes=("true",),
        prompts={},
        login_hint=None,
    ),
    is_social=True,
)
