"""What a section of the settings was before, who changed it, and the way back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app import text
from app.console.actors import name_actors
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.database import read, write
from app.directory import settings_store
from app.directory.errors import NotFound
from app.directory.settings import SECTIONS
from app.directory.settings_store import BadSettings, Revision
from app.flow.screen import Text

_SECTION = "settings"
_LONGEST = 120
_OWNER = "console"


@dataclass(frozen=True)
class Change:
    """What a revision changed of the one before."""

    key: str
    before: str
    after: str


@dataclass(frozen=True)
class Past:
    """A revision, and what it changed."""

    revision: Revision
    changes: tuple[Change, ...]


@blueprint.get("/<tenant_slug>/settings/<section>/history")
@for_admin("settings.read")
def settings_history(admin: Admin, section: str) -> Response:
    """Every revision of a section, newest first, with what it changed."""
    past = [*_past(_known(admin, section))]
    title = Text("console.history.title", {"section": _called(section)})
    return draw(
        admin,
        "settings/history",
        section=_SECTION,
        title=title,
        name=section,
        past=past,
        who=name_actors(admin),
    )


@blueprint.route(
    "/<tenant_slug>/settings/<section>/history/<revision>/restore", methods=["GET", "POST"]
)
@for_admin("settings.publish")
def restore_settings(admin: Admin, section: str, revision: str) -> Response:
    """Ask once, then publish an earlier revision again."""
    found = next((e for e in _known(admin, section) if str(e.revision) == revision), None)
    if found is None:
        raise NotFound("revision")
    back = f"/settings/{section}/history"
    if request.method == "POST":
        try:
            with write(admin.tenant.id) as session:
                settings_store.publish(session, admin.actor, section, found.document, owner=_OWNER)
        except BadSettings:
            return done(admin, back, "console.history.not_valid")
        return done(admin, back, "console.history.restored")
    about = Text("console.history.restore", {"section": _called(section), "revision": revision})
    return confirm(admin, _SECTION, about, back=back, danger=False)


def _called(section: str) -> str:
    """The name of the section on pages; the console speaks English."""
    return text.translate(text.SOURCE, f"console.policy.part.{section}")


def _known(admin: Admin, section: str) -> list[Revision]:
    if section not in SECTIONS:
        raise NotFound("section")
    with read(admin.tenant.id) as session:
        return settings_store.history(session, section)


def _past(known: list[Revision]) -> Iterator[Past]:
    for number, revision in enumerate(known):
        before = known[number + 1].document if number + 1 < len(known) else {}
        yield Past(revision, tuple(_changes(before, revision.document)))


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key in sorted({*before, *after}):
        was, became = before.get(key), after.get(key)
        if was != became:
            yield Change(key, _told(was), _told(became))


def _told(value: Any) -> str:
    """The value in one short line; empty for the default."""
    if value is None:
        return ""
    line = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
