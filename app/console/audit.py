"""The audit log: what happened, who did it, to whom; one event with everything known about it."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.wrappers import Response

from app import tenancy
from app.audit import search
from app.audit.events import REGISTRY
from app.audit.log import Entry
from app.audit.search import Found
from app.console import audit_filter
from app.console.audit_filter import Filter
from app.console.door import Admin, blueprint, draw, for_admin
from app.database import EVERYWHERE, Session, read
from app.directory import admins, called, people_search
from app.directory.errors import NotFound
from app.directory.people_search import Wish
from app.flow.screen import visible

SECTION = "audit"
_PAGE = 50
_MOST_PEOPLE = 50


@blueprint.get("/<tenant_slug>/audit")
@for_admin("audit.read")
def list_events(admin: Admin) -> Response:
    """Events, newest first, as the filter says."""
    wanted = audit_filter.of_request()
    with read(admin.tenant.id) as session:
        found = Found((), None, None)
        if not wanted.wrong:
            sought = wanted.sought(people_named(session, admin, wanted.words))
            found = search.search(session, sought, after=request.args.get("after"), limit=_PAGE)
        names = names_for(session, admin, found.items)
    return draw(
        admin,
        "audit/list",
        section=SECTION,
        status=422 if wanted.wrong else 200,
        found=found,
        about=REGISTRY,
        names=names | _names_of_admins(admin, found.items),
        wanted=wanted,
        families=families(),
        next_url=_url(admin, wanted, found.next_cursor) if found.next_cursor else "",
        first_url=_url(admin, wanted) if "after" in request.args else "",
    )


@blueprint.get("/<tenant_slug>/audit/<event_id>")
@for_admin("audit.read")
def show_event(admin: Admin, event_id: str) -> Response:
    """One event; personal data for those who may see it."""
    with read(admin.tenant.id) as session:
        known = search.get(session, event_id)
        if known is None:
            raise NotFound("event")
        entry, row = known
        names = names_for(session, admin, [entry])
    return draw(
        admin,
        "audit/event",
        section=SECTION,
        entry=entry,
        row=row,
        about=REGISTRY.get(entry.event),
        names=names | _names_of_admins(admin, [entry]),
        data={name: _said(value) for name, value in entry.data.items()},
        personal=_personal(entry) if admin.may("audit.read_personal") else None,
        has_personal=row.personal is not None,
    )


def _personal(entry: Entry) -> dict[str, str]:
    return {name: visible(value) for name, value in entry.personal.items()}


def _said(value: Any) -> str:
    """A value of an event's data as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def families() -> dict[str, list[str]]:
    """The ids of all events, by family."""
    found: dict[str, list[str]] = {}
    for each in REGISTRY.values():
        found.setdefault(each.family, []).append(each.id)
    return {family: sorted(found[family]) for family in sorted(found)}


def people_named(session: Session, admin: Admin, words: str) -> tuple[str, ...]:
    """The ids of people whom words may mean, for those who may look people up."""
    if not words or not admin.may("user.read"):
        return ()
    wish = Wish(text=words)
    page = people_search.list_page(session, admin.tenant, wish, limit=_MOST_PEOPLE)
    return tuple(each.id for each in page.items)


def names_for(session: Session, admin: Admin, entries: Iterable[Entry]) -> dict[str, str]:
    """What is called how, of all that the events name; people for those who may see them."""
    ids = {
        each
        for entry in entries
        for each in (
            entry.actor_id,
            entry.subject_id,
            *(str(target.get("id")) for target in entry.targets),
        )
    }
    return called.names_of(session, ids, with_people=admin.may("user.read"))


def _names_of_admins(admin: Admin, entries: Iterable[Entry]) -> dict[str, str]:
    """Admins are users of the console, who are listed where roles are."""
    if not any(each.actor_kind == "admin" for each in entries):
        return {}
    with read(EVERYWHERE) as session:
        listed = admins.list_of(session, tenancy.current(), admin.tenant.id)
    return {each.user_id: each.email for each in listed if each.user_id}


def _url(admin: Admin, wanted: Filter, after: str | None = None) -> str:
    query = urlencode(wanted.query() | ({"after": after} if after else {}))
    here = url_for("console.list_events", tenant_slug=admin.tenant.slug)
    return f"{here}?{query}" if query else here
