"""The organizations that the person belongs to."""

from werkzeug.wrappers import Response

from app.account import invitations, organizations
from app.account.owner import Owner
from app.directory.errors import NotFound
from app.directory.memberships import MembershipView
from app.flow.screen import Action, Field, Screen, Text
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner

_NAME = Field("name", "text", "field.organization_name", "", "organization")
_SLUG = Field(
    "organization",
    "text",
    "field.organization",
    "",
    "off",
    hint=Text("field.organization.hint"),
)


@blueprint.get("/organizations")
@for_owner()
def show_organizations(owner: Owner) -> Response:
    """Where the person belongs, with which roles, and what they may do about it."""
    return forms.draw(
        owner,
        "organizations",
        "organizations",
        "account.organizations.title",
        memberships=organizations.list_of(owner),
        invitations=invitations.list_of(owner),
        rules=owner.tenant.settings.organizations,
    )


@blueprint.route("/organizations/new", methods=["GET", "POST"])
@for_owner()
def create_organization(owner: Owner) -> Response:
    """Make an organization, where the tenant lets people."""
    if not owner.tenant.settings.organizations.creation_open:
        raise NotFound("organization")

    def create(answers: forms.Answers) -> Response:
        organizations.create(owner, answers.get("name", ""))
        return forms.done("/organizations", "account.told.organization_created")

    screen = Screen(
        name="create_organization",
        title=Text("new_organization.title"),
        subtitle=Text("new_organization.subtitle"),
        fields=(_NAME,),
        actions=(Action("continue", Text("action.create_organization")),),
    )
    return forms.serve(owner, screen, "organizations", "/organizations", create)


@blueprint.route("/organizations/join", methods=["GET", "POST"])
@for_owner()
def join_organization(owner: Owner) -> Response:
    """Become a member of an organization that lets people join, by its short name."""
    if not owner.tenant.settings.organizations.joining_open:
        raise NotFound("organization")

    def join(answers: forms.Answers) -> Response:
        organizations.join(owner, answers.get("organization", ""))
        return forms.done("/organizations", "account.told.organization_joined")

    screen = Screen(
        name="join_organization",
        title=Text("account.join_organization.title"),
        subtitle=Text("account.join_organization.body"),
        fields=(_SLUG,),
        actions=(Action("continue", Text("action.join_organization")),),
    )
    return forms.serve(owner, screen, "organizations", "/organizations", join)


@blueprint.route("/organizations/<organization_id>/leave", methods=["GET", "POST"])
@for_owner()
def leave_organization(owner: Owner, organization_id: str) -> Response:
    """End the membership, after one question."""
    membership = _mine(owner, organization_id)

    def leave(_: forms.Answers) -> Response:
        organizations.leave(owner, membership.organization_id)
        return forms.done("/organizations", "account.told.organization_left")

    screen = forms.confirming("account.leave_organization", "action.leave", membership.name)
    return forms.serve(owner, screen, "organizations", "/organizations", leave)


def _mine(owner: Owner, organization_id: str) -> MembershipView:
    for each in organizations.list_of(owner):
        if each.organization_id == organization_id:
            return each
    raise NotFound("membership")
