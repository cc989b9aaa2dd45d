"""What the pages about one person have in common: who it is, how they stand, and the tabs."""

from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app import tenancy
from app.console.door import Admin, draw
from app.database import read
from app.directory import people, required_passwords, support_recovery
from app.directory.errors import NotFound
from app.directory.support_recovery import Waiting
from app.flow.screen import Text
from app.models import User
from app.pages import rendering

SECTION = "users"
TABS = {
    "profile": "console.users.tab_profile",
    "credentials": "console.users.tab_credentials",
    "sessions": "console.users.tab_sessions",
    "identities": "console.users.tab_identities",
    "organizations": "console.users.tab_organizations",
    "apps": "console.users.tab_apps",
    "activity": "console.users.tab_activity",
}
"""The tabs of a person and their names; the first stands at the person's own address."""


@dataclass(frozen=True)
class Shown:
    """A person as the pages about them show them."""

    row: User
    name: str
    """How the page calls them: by name, address, number or username, or else by the id."""
    email: str | None
    password_required_at: int | None
    recovery: Waiting | None
    """What support started and waits for its time."""

    @property
    def id(self) -> str:
        """The user's id."""
        return self.row.id

    @property
    def path(self) -> str:
        """Where their pages are, behind the tenant's slug."""
        return f"/users/{self.row.id}"

    @property
    def is_active(self) -> bool:
        """Whether they may sign in."""
        return self.row.status == "active"


def person_of(admin: Admin, user_id: str) -> Shown:
    """The person of the address; raises `NotFound`, for whoever was erased too."""
    with read(admin.tenant.id) as session:
        person, row = people.snapshot_of(session, user_id), people.get(session, user_id)
        if person is None or row is None or row.status == "erased":
            raise NotFound("user")
        waiting = support_recovery.list_open(session, admin.tenant)
        return Shown(
            row,
            person.display_name or person.email or person.phone or person.username or row.id,
            person.email,
            required_passwords.since(session, user_id),
            next((each for each in waiting if each.user_id == user_id), None),
        )


def draw_person(
    admin: Admin,
    person: Shown,
    tab: str,
    template: str,
    *,
    title: Text | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page below the heading and the tabs of a person."""
    first = f"{tenancy.current().base_url}{admin.base}{person.path}"
    return draw(
        admin,
        template,
        section=SECTION,
        title=title or Text("console.users.title_of", {"name": person.name}),
        status=status,
        person=person,
        tab_entries=[
            (
                first if each == "profile" else f"{first}/{each}",
                rendering.translate(text_id),
                each == tab,
            )
            for each, text_id in TABS.items()
        ],
        here=person.path,
        acts=f"{request.script_root}{admin.base}{person.path}",
        **context,
    )


def about(person: Shown, text_id: str, **values: Any) -> Text:
    """A question about this person."""
    return Text(text_id, {"name": person.name, **values})
