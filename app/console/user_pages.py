"""One person, tab by tab: what is kept about them, and nothing that opens anything (X06)."""

from flask import request
from werkzeug.wrappers import Response

from app.audit import log
from app.audit.events import REGISTRY
from app.audit.log import Entry
from app.console.door import Admin, blueprint, for_admin
from app.console.json_field import as_text
from app.console.user_frame import draw_person, person_of
from app.database import read
from app.directory import (
    contacts,
    credential_list,
    devices,
    grants,
    linked_identities,
    memberships,
    pending_contacts,
    recovery_codes,
    roles,
    sessions,
    trusted_devices,
)

_ONE = "/<tenant_slug>/users/<user_id>"


@blueprint.get(_ONE)
@for_admin("user.read")
def show_user(admin: Admin, user_id: str) -> Response:
    """Who it is, what names them, and what the tenant keeps about them."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        named_by = contacts.list_of_user(session, user_id)
        pending = pending_contacts.list_of_user(session, user_id)
    return draw_person(
        admin,
        person,
        "profile",
        "users/profile",
        contacts=named_by,
        pending=pending,
        has_proven=any(each.is_verified for each in named_by),
        public_metadata=as_text(person.row.public_metadata),
        private_metadata=as_text(person.row.private_metadata),
    )


@blueprint.get(f"{_ONE}/credentials")
@for_admin("user.read")
def show_credentials(admin: Admin, user_id: str) -> Response:
    """What proves them: kind, name and times, never what it is made of."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        held = credential_list.of_user(session, user_id)
        codes_left = recovery_codes.count(session, user_id)
    return draw_person(
        admin, person, "credentials", "users/credentials", held=held, codes_left=codes_left
    )


@blueprint.get(f"{_ONE}/sessions")
@for_admin("user.read")
def show_sessions(admin: Admin, user_id: str) -> Response:
    """Where they are signed in, and which browsers need no second factor."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        live = sessions.list_of_user(session, user_id)
        trusted = trusted_devices.list_of_user(session, admin.tenant, user_id)
    return draw_person(admin, person, "sessions", "users/sessions", live=live, trusted=trusted)


@blueprint.get(f"{_ONE}/identities")
@for_admin("user.read")
def show_identities(admin: Admin, user_id: str) -> Response:
    """Who they are at other providers."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        linked = linked_identities.of_user(session, user_id)
    return draw_person(admin, person, "identities", "users/identities", linked=linked)


@blueprint.get(f"{_ONE}/organizations")
@for_admin("user.read")
def show_memberships(admin: Admin, user_id: str) -> Response:
    """Where they belong, and with which roles."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        held = memberships.of_user(session, user_id)
        names = {each.key: each.name for each in roles.list_roles(session)}
    return draw_person(
        admin, person, "organizations", "users/organizations", held=held, role_names=names
    )


@blueprint.get(f"{_ONE}/apps")
@for_admin("user.read")
def show_grants(admin: Admin, user_id: str) -> Response:
    """What they allowed which applications."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        allowed = grants.list_of_user(session, user_id)
    return draw_person(admin, person, "apps", "users/apps", allowed=allowed)


@blueprint.get(f"{_ONE}/activity")
@for_admin("user.read")
def show_activity(admin: Admin, user_id: str) -> Response:
    """What happened, newest first, in words."""
    person = person_of(admin, user_id)
    with read(admin.tenant.id) as session:
        page = log.list_page(session, after=request.args.get("after"), subject_id=user_id)
    happened = [(each, _said(each), _from_where(each)) for each in page.items]
    return draw_person(
        admin,
        person,
        "activity",
        "users/activity",
        happened=happened,
        next_cursor=page.next_cursor,
        is_first=not request.args.get("after"),
    )


def _said(entry: Entry) -> str:
    known = REGISTRY.get(entry.event)
    return known.description if known else entry.event


def _from_where(entry: Entry) -> str:
    """The device and the network address it came from; empty where none is known."""
    agent = entry.personal.get("user_agent")
    parts = [str(devices.of_user_agent(agent)) if agent else "", entry.personal.get("address", "")]
    return " · ".join(part for part in parts if part)
