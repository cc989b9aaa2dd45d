"""GitHub: plain OAuth 2. Keyed on the number of the account, as names are given away again.

The address is the primary one of the list at `/user/emails`; the one in the profile is whatever
the person shows. Errors of the token endpoint come with status 200.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Preset, Quirks

_CHOOSES = {"prompt": "select_account"}


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "protocol": "oauth2",
        "issuer": "https://github.com/login/oauth",
        "client_id": values["client_id"],
        "scopes": ("read:user", "user:email"),
        "authorization_endpoint": "https://github.com/login/oauth/authorize",
        "token_endpoint": "https://github.com/login/oauth/access_token",
        "userinfo_endpoint": "https://api.github.com/user",
        "emails_endpoint": "https://api.github.com/user/emails",
        "mapping": {"subject": "id", "given_name": None, "family_name": None},
        "email_is_proof": "claim",
    }


GITHUB = Preset(
    "github",
    "GitHub",
    (CLIENT_ID, CLIENT_SECRET),
    _make,
    Quirks(
        prompts={"login": _CHOOSES, "select_account": _CHOOSES},
        login_hint="login",
        subject_is_number=True,
        headers={
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    ),
    is_social=True,
)
