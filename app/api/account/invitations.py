"""`/invitations`: what waits for the person's proven addresses."""

from pydantic import BaseModel

from app.account import invitations
from app.account.owner import Owner
from app.api.account.belongings import Joined
from app.api.account.door import operation
from app.api.account.shapes import Moment


class InvitedTo(BaseModel):
    """The organization of an invitation."""

    id: str
    name: str


class Invitation(BaseModel):
    """An open invitation."""

    id: str
    email: str
    """The proven address that it is for."""
    organization: InvitedTo
    roles: list[str]
    created_at: Moment
    expires_at: Moment


class Invitations(BaseModel):
    """The open invitations, newest first."""

    items: list[Invitation]


@operation("GET", "/invitations", "Open invitations", answers=Invitations)
def list_invitations(owner: Owner) -> Invitations:
    """Those to the person's proven addresses."""
    return Invitations(
        items=[
            Invitation(
                id=each.id,
                email=each.email,
                organization=InvitedTo(id=each.organization_id, name=each.organization),
                roles=list(each.roles),
                created_at=each.created_at,
                expires_at=each.expires_at,
            )
            for each in invitations.list_of(owner)
        ]
    )


@operation(
    "POST",
    "/invitations/{invitation_id}/accept",
    "Accept an invitation",
    answers=Joined,
    codes=("not_found",),
)
def accept_invitation(owner: Owner, invitation_id: str) -> Joined:
    """The person becomes a member, with the roles of the invitation; a member stays what they
    are."""
    return Joined(id=invitations.accept(owner, invitation_id))


@operation("DELETE", "/invitations/{invitation_id}", "Decline an invitation")
def decline_invitation(owner: Owner, invitation_id: str) -> None:
    """The organization may invite again."""
    invitations.decline(owner, invitation_id)
