"""What changes about a look: the draft against what is published, and every earlier revision."""

from flask import request
from werkzeug.wrappers import Response

from app.branding import differences
from app.branding.differences import NOT_SET
from app.console.actors import name_actors
from app.console.brand_place import BRAND, SECTION, Look, Place, at_every_level, look_at
from app.console.branding import draw_at
from app.console.door import Admin, confirm, done
from app.database import read, write
from app.directory import drafts, settings_store
from app.directory.settings_store import BadSettings, Revision
from app.flow.screen import Text
from app.models import Document

_DRAFT, _PUBLISHED = "draft", "published"


@at_every_level("/changes")
def brand_changes(admin: Admin, place: Place) -> Response:
    """Between the draft and what is published, or between any two: `?from=` and `?to=` are
    `draft`, `published` or the number of a revision."""
    look, revisions = look_at(admin, place), _revisions(admin, place)
    chosen = [request.args.get("from", _PUBLISHED), request.args.get("to", _DRAFT)]
    before, after = (_document(look, revisions, each) for each in chosen)
    return draw_at(
        admin,
        look,
        "changes",
        "/changes",
        found=differences.between(before, after),
        not_set=NOT_SET,
        revisions=revisions,
        chosen=chosen,
    )


@at_every_level("/history")
def brand_history(admin: Admin, place: Place) -> Response:
    """What was published, by whom and when, newest first."""
    return draw_at(
        admin,
        look_at(admin, place),
        "history",
        "/history",
        revisions=_revisions(admin, place),
        who=name_actors(admin),
    )


@at_every_level("/history/<revision>/restore", permission="brand.publish", methods=("GET", "POST"))
def restore_brand(admin: Admin, place: Place, revision: str) -> Response:
    """Ask once, then publish an earlier revision again."""
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
    with read(admin.tenant.id) as session:
        drafts.published(session, BRAND, number, place.subject)
    if request.method == "POST":
        try:
            with write(admin.tenant.id) as session:
                drafts.roll_back(session, admin.actor, BRAND, number, place.subject)
        except BadSettings:  # It was valid once; what a look may be has changed since.
            return done(admin, f"{place.path}/history", "console.history.not_valid")
        return done(admin, f"{place.path}/history", "console.branding.restored")
    about = Text("console.branding.restore", {"revision": number})
    return confirm(admin, SECTION, about, back=f"{place.path}/history", danger=False)


def _revisions(admin: Admin, place: Place) -> list[Revision]:
    with read(admin.tenant.id) as session:
        found = settings_store.history(session, BRAND, subject=place.subject)
    return [each for each in found if each.state in ("published", "superseded")]


def _document(look: Look, revisions: list[Revision], named: str) -> Document:
    if named == _DRAFT:
        return look.document
    if named == _PUBLISHED:
        return look.published_document
    return next((each.document for each in revisions if str(each.revision) == named), {})
