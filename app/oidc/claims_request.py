"""The `claims` parameter (OpenID Connect Core, section 5.5): claims asked for one by one."""

import json
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from pydantic import BaseModel, ConfigDict

SCOPE_OF = {
    "name": "profile",
    "locale": "profile",
    "updated_at": "profile",
    "email": "email",
    "email_verified": "email",
    "organizations": "organizations",
}
"""The scope that a person allows together with a claim, for every claim that can be asked for."""


class ClaimsRequest(BaseModel):
    """The claims that were asked for by name and that there are; all others are left out."""

    model_config = ConfigDict(frozen=True)
    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    subject: str | None = None
    """The only user who will do (`sub` with a value)."""
    acr: tuple[str, ...] = ()
    """Authentication context classes one of which is essential."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a person must allow for these claims."""
        return tuple(dict.fromkeys(SCOPE_OF[name] for name in (*self.userinfo, *self.id_token)))

    def within(self, scopes: frozenset[str]) -> "ClaimsRequest":
        """These claims without those whose scope is not among `scopes`."""
        return self.model_copy(
            update={
                "userinfo": tuple(n for n in self.userinfo if SCOPE_OF[n] in scopes),
                "id_token": tuple(n for n in self.id_token if SCOPE_OF[n] in scopes),
            }
        )


def parse(text: str | None) -> ClaimsRequest:
    """The request that `text` holds, empty for None; raises `InvalidRequestError`."""
    if not text:
        return ClaimsRequest()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequestError("The claims parameter is not JSON.") from None
    if not isinstance(document, dict):
        raise InvalidRequestError("The claims parameter is not an object.")
    id_token = _member(document, "id_token")
    return ClaimsRequest(
        userinfo=_names(_member(document, "userinfo")),
        id_token=_names(id_token),
        subject=_value(id_token.get("sub")),
        acr=_essential_values(id_token.get("acr")),
    )


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    member = document.get(name) or {}
    if not isinstance(member, dict):
        raise InvalidRequestError("The claims parameter has a member that is not an object.")
    return member


def _names(member: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in SCOPE_OF if name in member)


def _value(wish: object) -> str | None:
    value = wish.get("value") if isinstance(wish, dict) else None
    return value if isinstance(value, str) else None


def _essential_values(wish: object) -> tuple[str, ...]:
    if not isinstance(wish, dict) or wish.get("essential") is not True:
        return ()
    values = wish.get("values", [wish.get("value")])
    if not isinstance(values, list):
        raise InvalidRequestError("The values of acr are not a list.")
    return tuple(value for value in values if isinstance(value, str))
