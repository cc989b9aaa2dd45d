"""Authorization codes: single-use rows that carry everything their tokens will need."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from app import single_use
from app.database import Session
from app.directory.tenants import Tenant
from app.ids import new_id
from app.oidc.claims_request import ClaimsRequest
from app.security import random_token

KIND = "authorization_code"
_LONGEST = 128


class Content(BaseModel):
    """What a code stands for."""

    model_config = ConfigDict(frozen=True)
    client_id: str
    user_id: str
    session_id: str | None
    grant_id: str | None
    organization_id: str | None
    redirect_uri: str
    scopes: tuple[str, ...]
    claims: ClaimsRequest
    auth_time: int
    amr: tuple[str, ...]
    acr: str | None
    nonce: str | None
    code_challenge: str | None
    merged_from: str | None = None
    """The anonymous user that the person was until this sign-in."""


@dataclass(frozen=True)
class Code:
    """A code that was just consumed, in the terms in which Authlib's PKCE check asks for it."""

    id: str
    content: Content
    code_challenge_method: str = "S256"

    @property
    def code_challenge(self) -> str | None:
        """The PKCE challenge that its authorization request carried."""
        return self.content.code_challenge

    @property
    def family_id(self) -> str:
        """The id of the token family made from it, known ahead so that reuse can find it."""
        return _family_id(self.id)


def issue(session: Session, tenant: Tenant, content: Content) -> str:
    """A code of 256 random bits for `content`, inside the caller's transaction."""
    secret = random_token()
    row_id = single_use.issue(
        session,
        KIND,
        subject=content.user_id,
        binding=content.client_id,
        secret=secret,
        lives=tenant.settings.lifetimes.code,
        epoch=tenant.epoch,
        payload=content.model_dump(mode="json"),
        id=new_id("otc"),
    )
    return f"{row_id.removeprefix('otc_')}.{secret}"


def consume(session: Session, tenant: Tenant, client_id: str, code: str) -> Code | None:
    """Spend the client's code in the caller's transaction; None when it is unknown, spent, expired
    or another client's, which leaves it as it was.

    Raises `WrongSecret` when the id was right but the rest was not; the caller's transaction must
    roll back then.
    """
    row_id, secret = _parts(code)
    row = single_use.consume(session, KIND, row_id, binding=client_id, epoch=tenant.epoch)
    if row is None:
        return None
    if not row.is_secret(secret):
        raise WrongSecret
    return Code(row.id, Content.model_validate(row.payload))


def spent_family(tenant: Tenant, client_id: str, code: str) -> str | None:
    """The id of the family that the client made from this code earlier; None when the code is not
    one that this client has spent."""
    row_id, secret = _parts(code)
    row = single_use.find(tenant.id, KIND, row_id)
    if row is None or row.consumed_at is None or row.binding != client_id:
        return None
    return _family_id(row.id) if row.is_secret(secret) else None


class WrongSecret(Exception):
    """A code's id came with a secret that is not its own."""


def _parts(code: str) -> tuple[str, str]:
    row_id, _, secret = code[:_LONGEST].partition(".")
    return f"otc_{row_id}", secret


def _family_id(row_id: str) -> str:
    return row_id.replace("otc_", "fam_", 1)
