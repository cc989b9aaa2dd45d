"""Invitations that wait for the person, answered on their page of organizations."""

from werkzeug.wrappers import Response

from app.account import invitations
from app.account.owner import Owner
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner


@blueprint.route("/invitations/<invitation_id>/accept", methods=["GET", "POST"])
@for_owner()
def accept_invitation(owner: Owner, invitation_id: str) -> Response:
    """Become a member, after one question."""
    found = invitations.get(owner, invitation_id)

    def accept(_: forms.Answers) -> Response:
        invitations.accept(owner, found.id)
        return forms.done("/organizations", "account.told.organization_joined")

    screen = forms.confirming(
        "account.accept_invitation", "action.accept", found.organization, danger=False
    )
    return forms.serve(owner, screen, "organizations", "/organizations", accept)


@blueprint.route("/invitations/<invitation_id>/decline", methods=["GET", "POST"])
@for_owner()
def decline_invitation(owner: Owner, invitation_id: str) -> Response:
    """Say no, after one question."""
    found = invitations.get(owner, invitation_id)

    def decline(_: forms.Answers) -> Response:
        invitations.decline(owner, found.id)
        return forms.done("/organizations", "account.told.invitation_declined")

    screen = forms.confirming("account.decline_invitation", "action.decline", found.organization)
    return forms.serve(owner, screen, "organizations", "/organizations", decline)
