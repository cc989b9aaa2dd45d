"""Invitations to the owner's proven addresses: accepted or declined without their mail."""

from app.account.owner import Owner
from app.database import read, write
from app.directory import invitation_answers, invitations
from app.directory.errors import NotFound
from app.directory.invitation_answers import NotOpen, OtherAddress
from app.directory.invitations import Invitation


def list_of(owner: Owner) -> list[Invitation]:
    """The open ones, newest first."""
    with read(owner.tenant.id) as session:
        return invitations.open_to_user(session, owner.tenant, owner.user_id)


def get(owner: Owner, invitation_id: str) -> Invitation:
    """An open one; raises `NotFound` for any other."""
    for each in list_of(owner):
        if each.id == invitation_id:
            return each
    raise NotFound("invitation")


def accept(owner: Owner, invitation_id: str) -> str:
    """Take the place; returns the organization's id. Raises `NotFound` for an invitation that is
    not open, or not to an address that the owner has proven."""
    try:
        with write(owner.tenant.id) as session:
            taken = invitation_answers.accept(
                session, owner.actor, owner.tenant, owner.user_id, invitation_id
            )
    except (NotOpen, OtherAddress):
        raise NotFound("invitation") from None
    return taken.organization_id


def decline(owner: Owner, invitation_id: str) -> None:
    """Say no; the organization may invite again. Raises `NotFound` as `accept` does."""
    with write(owner.tenant.id) as session:
        invitation_answers.decline(session, owner.actor, owner.tenant, owner.user_id, invitation_id)
