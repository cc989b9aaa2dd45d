"""Google, for everybody with a Google account.

Keyed on `sub`; the address may change. `prompt=login` and `max_age` are unknown there. ID tokens
may write the issuer without `https://`.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Preset, Quirks

ISSUER = "https://accounts.google.com"
ISSUER_ALSO = "accounts.google.com"
CHOOSES = {"prompt": "select_account"}
PROMPTS = {
    "none": {"prompt": "none"},
    "login": CHOOSES,
    "select_account": CHOOSES,
    "consent": {"prompt": "consent"},
}


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "issuer": ISSUER,
        "client_id": values["client_id"],
        "authentication": "client_secret_post",
        "email_is_proof": "claim",
    }


GOOGLE = Preset(
    "google",
    "Google",
    (CLIENT_ID, CLIENT_SECRET),
    _make,
    Quirks(prompts=PROMPTS, issuer_also=ISSUER_ALSO),
    is_social=True,
)
