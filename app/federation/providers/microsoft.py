"""Microsoft, for accounts of any directory: work, school and personal.

Keyed on `tid` and `oid`, which never change and are never given away. `email` is whatever an admin
of that directory wrote there, so by itself it is no proof (A06); nor are `upn` and
`preferred_username`. What counts is `xms_edov`, which Microsoft adds where the app's registration
asks for it: whether the owner of the address's domain was verified.
"""

from collections.abc import Mapping
from typing import Any

from app.federation.providers.base import CLIENT_ID, CLIENT_SECRET, Claims, Field, Preset, Quirks

HOST = "https://login.microsoftonline.com"
AUDIENCES = ("common", "organizations", "consumers")
"""Whose accounts: everybody's, work and school, personal. A directory's id stands for itself."""


def person(claims: Claims) -> object:
    """Directory and object id; None unless both are there."""
    directory, object_id = claims.get("tid"), claims.get("oid")
    if not isinstance(directory, str) or not isinstance(object_id, str):
        return None
    return f"{directory}:{object_id}" if directory and object_id else None


def _make(values: Mapping[str, str]) -> dict[str, Any]:
    listed = values.get("directories", "").replace(",", " ").split()
    return {
        "protocol": "oidc",
        "issuer": f"{HOST}/{values.get('audience') or AUDIENCES[0]}/v2.0",
        "client_id": values["client_id"],
        "authentication": "client_secret_post",
        "mapping": {"email_verified": "xms_edov"},
        "email_is_proof": "claim",
        "directories": listed,
    }


MICROSOFT = Preset(
    "microsoft",
    "Microsoft",
    (
        CLIENT_ID,
        CLIENT_SECRET,
        Field("audience", required=False),
        Field("directories", required=False),
    ),
    _make,
    Quirks(
        directory="tid",
        is_multi_directory=True,
        subject=person,
        key_header="x5t#S256",
        other_yes=("true", "1", 1),
    ),
    is_social=True,
)
