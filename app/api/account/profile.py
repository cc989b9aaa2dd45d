"""`/self`: who one is."""

from typing import Any

from flask import request
from pydantic import BaseModel, Field

from app.account import profile
from app.account.owner import Owner
from app.api.account.door import Body, Reply, operation
from app.api.account.shapes import Moment, Short
from app.database import read
from app.directory import people
from app.directory.errors import NotFound, StaleRow
from app.models import User


class Self(BaseModel):
    """The person whose token it is."""

    id: str
    display_name: str | None
    locale: str | None
    email: str | None
    email_verified: bool
    phone: str | None = Field(description="E.164")
    phone_verified: bool
    username: str | None
    is_anonymous: bool
    has_password: bool
    public_metadata: dict[str, Any]
    created_at: Moment
    updated_at: Moment
    last_signed_in_at: Moment | None
    deletion_due_at: Moment | None = Field(
        description="When the account will be deleted, because the person asked for it"
    )


class SelfChanges(Body):
    """What may be changed; what is not given stays."""

    display_name: Short | None = None
    locale: Short | None = None


@operation("GET", "/self", "Who the person is", answers=Self)
def get_self(owner: Owner) -> Reply:
    """The person, with an ETag for `If-Match`."""
    return _reply(owner)


@operation(
    "PATCH",
    "/self",
    "Change the name or the language; with If-Match only what was read",
    takes=SelfChanges,
    answers=Self,
    codes=("precondition_failed", "name_too_long", "unknown_locale"),
)
def update_self(owner: Owner, changes: SelfChanges) -> Reply:
    """Null clears a value."""
    given = {name: value or "" for name, value in changes if name in changes.model_fields_set}
    expected = _expected_version(owner)
    if given:
        profile.change(owner, row_version=expected, **given)
    return _reply(owner)


def _reply(owner: Owner) -> Reply:
    person, row = profile.of(owner), _row(owner)
    shown = Self(
        id=person.user_id,
        display_name=person.display_name,
        locale=person.locale,
        email=person.email,
        email_verified=person.email_verified,
        phone=person.phone,
        phone_verified=person.phone_verified,
        username=person.username,
        is_anonymous=person.is_anonymous,
        has_password=person.password_hash is not None,
        public_metadata=row.public_metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_signed_in_at=row.last_signed_in_at,
        deletion_due_at=row.deletion_due_at,
    )
    return Reply(shown, {"ETag": f'"{row.row_version}"'})


def _expected_version(owner: Owner) -> int | None:
    """The version that the row must still have; None where the request does not say."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    version = _row(owner).row_version
    if not request.if_match.contains(str(version)):
        raise StaleRow
    return version


def _row(owner: Owner) -> User:
    with read(owner.tenant.id) as session:
        row = people.get(session, owner.user_id)
    if row is None:
        raise NotFound("user")
    return row
