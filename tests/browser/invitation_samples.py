"""Invitations: the page behind the link, the screens of their flows, the list in the account."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from app import clock
from app.directory.invitations import Invitation
from app.flow.asked import Invited
from app.flow.screen import Message, Screen
from app.flow.steps import invited
from app.pages import rendering

_DAY = 86_400_000
_LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung & Söhne"


def invitation(
    id: str = "inv_1", name: str = "Northwind Labs", roles: tuple[str, ...] = ("member",)
) -> Invitation:
    """An open one for Jane."""
    now = clock.now()
    return Invitation(
        id=id,
        organization_id="org_9",
        organization=name,
        email="jane@example.com",
        email_key="jane@example.com",
        roles=roles,
        state="open",
        client_id=None,
        locale="en",
        invited_by="cli",
        created_at=now,
        expires_at=now + 7 * _DAY,
        row_version=1,
    )


def waiting() -> list[Invitation]:
    """What the account lists."""
    return [invitation(), invitation("inv_2", _LONG, ("member", "billing"))]


def screens() -> dict[str, Screen]:
    """The screens of a flow that an invitation began."""
    asked = Invited(
        id="inv_1",
        version=1,
        email="jane@example.com",
        organization_id="org_9",
        organization="Northwind Labs",
        roles=("member",),
    )
    gone = Message("error.invitation_gone")
    return {
        "invitation_gone": invited.screen_of_gone(),
        "invitation_gone-error": invited.screen_of_gone().saying(gone),
        "invitation_refused": invited.screen_of_refused(asked, "bob@example.com"),
    }


def _look(name: str) -> Response:
    title = rendering.translate("invitation.look.title", organization=name)
    return rendering.page("invitation/look.html", title=title, invitation=invitation(name=name))


PAGES: dict[str, Callable[[], Response]] = {
    "invitation": lambda: _look("Northwind Labs"),
    "invitation-long": lambda: _look(_LONG),
    "invitation-expired": lambda: rendering.error_page("fault.invitation_expired", 410),
    "invitation-accepted": lambda: rendering.error_page(
        "fault.invitation_accepted",
        410,
        next_url="/account/organizations",
        next_label="action.see_organizations",
    ),
}
