"""What people say of themselves: the name that is shown and the language."""

from app import text
from app.account.owner import Owner
from app.account.refused import Refused
from app.database import read, write
from app.directory import people
from app.directory.errors import NotFound
from app.directory.people import Person, Profile
from app.flow.screen import Text

LONGEST_NAME = 200


def of(owner: Owner) -> Person:
    """The person; raises `NotFound` when the account is gone."""
    with read(owner.tenant.id) as session:
        person = people.snapshot_of(session, owner.user_id)
    if person is None:
        raise NotFound("user")
    return person


def change(
    owner: Owner,
    *,
    display_name: str | None = None,
    locale: str | None = None,
    row_version: int | None = None,
) -> None:
    """Change what is given; an empty text clears it. Raises `Refused` for a language that there is
    none of, and `StaleRow` when `row_version` is no longer the person's."""
    changes: Profile = {}
    if display_name is not None:
        if len(display_name) > LONGEST_NAME:
            raise Refused("name_too_long", Text("error.name_too_long"), "display_name")
        changes["display_name"] = display_name
    if locale is not None:
        changes["locale"] = _known(owner, locale)
    with write(owner.tenant.id) as session:
        people.update(session, owner.actor, owner.user_id, row_version=row_version, **changes)


def locales(owner: Owner) -> tuple[str, ...]:
    """The languages that may be chosen."""
    offered = owner.tenant.settings.texts.locales
    return tuple(each for each in offered if each in text.locales())


def _known(owner: Owner, locale: str) -> str | None:
    if locale and locale not in locales(owner):
        raise Refused("unknown_locale", Text("error.locale_unknown"), "locale")
    return locale or None
