"""Where each value of a look comes from, and which organizations and clients have their own."""

from flask import request
from werkzeug.wrappers import Response

from app.console.brand_place import BRAND, Place, at_every_level, look_at
from app.console.branding import draw_at
from app.console.door import Admin, done
from app.database import read, write
from app.directory import clients, drafts, organizations
from app.directory.brand_settings import Brand

_MOST = 100


@at_every_level("/values")
def brand_values(admin: Admin, place: Place) -> Response:
    """Every member, its value and the level that decided it."""
    look = look_at(admin, place)
    resolved = look.resolved
    values = resolved.look.model_dump(mode="json")
    return draw_at(
        admin,
        look,
        "values",
        "/values",
        values=[(name, values[name], resolved.origins[name]) for name in Brand.model_fields],
        own={*look.document},
        others=_others(admin) if place.level == "tenant" else [],
    )


@at_every_level("/reset", permission="brand.draft", methods=("POST",))
def reset_brand_value(admin: Admin, place: Place) -> Response:
    """Take one member back to what the levels below say, in the draft."""
    look = look_at(admin, place)
    member = request.form.get("member", "")
    document = {name: value for name, value in look.document.items() if name != member}
    with write(admin.tenant.id) as session:
        drafts.save(
            session,
            admin.actor,
            BRAND,
            document,
            subject=look.place.subject,
            expected=request.form.get("revision", 0, type=int),
        )
    return done(admin, f"{place.path}/values", "console.branding.reset")


def _others(admin: Admin) -> list[tuple[str, str, bool]]:
    """Path, name, and whether there is a look of its own: of organizations, then of clients."""
    with read(admin.tenant.id) as session:
        companies = organizations.list_page(session, limit=_MOST).items
        apps = clients.list_page(session, limit=_MOST).items
    found = [
        *((f"/organizations/{each.id}/branding", each.name, each.id) for each in companies),
        *((f"/applications/{each.id}/branding", each.name, each.id) for each in apps),
    ]
    looks = admin.tenant.looks
    named = [(path, name, subject in looks) for path, name, subject in found]
    return sorted(named, key=lambda each: not each[2])
