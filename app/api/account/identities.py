"""`/identities`: who the person is at other providers. One is tied in the portal only, as a browser
has to go to the provider."""

from pydantic import BaseModel

from app.account import identities
from app.account.owner import Owner
from app.api.account.door import operation
from app.api.account.shapes import Moment


class LinkedIdentity(BaseModel):
    """An identity at a provider."""

    id: str
    connection_id: str
    connection: str
    provider: str
    label: str | None
    created_at: Moment
    last_used_at: Moment


class LinkedIdentities(BaseModel):
    """The linked identities, oldest first."""

    items: list[LinkedIdentity]


@operation("GET", "/identities", "Linked identities", answers=LinkedIdentities)
def list_identities(owner: Owner) -> LinkedIdentities:
    """The providers by which the person can sign in."""
    return LinkedIdentities(
        items=[
            LinkedIdentity(
                id=each.id,
                connection_id=each.connection_id,
                connection=each.connection_name,
                provider=each.provider,
                label=each.label,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
            )
            for each in identities.list_of(owner)
        ]
    )


@operation(
    "DELETE",
    "/identities/{identity_id}",
    "Unlink an identity",
    sensitive=True,
    codes=("last_factor", "last_way_in"),
)
def unlink_identity(owner: Owner, identity_id: str) -> None:
    """Never the last way in."""
    identities.unlink(owner, identity_id)
