"""Whom an upstream provider says is there, after its message was verified."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.directory.connections import Connection
from app.directory.upstream_sessions import Login

MOST_GROUPS = 500


class Identity(BaseModel):
    """A verified subject at a connection. Plain data, so that it can wait in a flow's facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection_id: str
    generation: int
    issuer: str
    subject: str
    """Exact and case-sensitive; never empty, "0" or "null" (A08)."""
    email: str | None = None
    email_verified: bool = False
    """Whether this provider may vouch for the address and did (A05, A06)."""
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    locale: str | None = None
    groups: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    """What the provider knows of the tenant's own questions at sign-up, by their names."""
    amr: tuple[str, ...] = ()
    acr: str | None = None
    auth_time: int | None = None
    """When the provider proved the person, in milliseconds; None where it does not say."""
    session_index: str | None = None
    """SAML's SessionIndex or OIDC's `sid`, for logout."""
    name_id: str | None = None
    """SAML's NameID with its format, as logout must repeat it."""
    sealed_id_token: str | None = None
    """Where both sessions are to end together."""

    @property
    def login(self) -> Login:
        """What the provider's logout messages call this session."""
        named = json.loads(self.name_id)["value"] if self.name_id else self.subject
        return Login(
            connection_id=self.connection_id,
            subject=named,
            session_index=self.session_index,
            name_id=self.name_id,
            sealed_id_token=self.sealed_id_token,
        )

    @property
    def label(self) -> str | None:
        """What the person would recognise it by."""
        return self.email or self.name


class UpstreamRefused(Exception):
    """A provider's message that nobody may be signed in by.

    `diagnosis` is a stable id that `app.federation.diagnosis` explains; `arrived` is what came,
    with secrets masked, for admins only.
    """

    def __init__(self, diagnosis: str, arrived: Mapping[str, Any] | None = None) -> None:
        super().__init__(diagnosis)
        self.diagnosis = diagnosis
        self.arrived = dict(arrived or {})


class UpstreamAway(Exception):
    """The provider did not answer, or not with what its protocol says (I05, I08)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def issuer_of(connection: Connection) -> str:
    """The issuer or entity id that the connection is pinned to; empty for plain OAuth 2."""
    return str(connection.settings.issuer)
