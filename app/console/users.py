"""People: the long list with its search and filters, and a new person."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import DateField, EmailField, RadioField, SelectField, StringField
from wtforms.validators import Optional as MayBeEmpty

from app import clock
from app.account import administered
from app.addresses import BadAddress, parse_email
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.console.user_frame import SECTION
from app.database import read, write
from app.directory import invitations, organizations, people_search
from app.directory.errors import BadValue, Refused
from app.directory.people import IdentifierTaken
from app.directory.people_search import Order, Status, Wish

_ALL = "/<tenant_slug>/users"
_LONGEST = 320
_STATUSES = ("", "active", "disabled", "leaving", "anonymous")
_FACTORS = ("", "mfa", "no_mfa", "passkey", "no_passkey")
_SIGNED_IN = ("", "7", "30", "not_90", "never")
_ORDERS = ("newest", "oldest", "signed_in")
_WAYS = ("account", "invitation")


def _offered(name: str, values: tuple[str, ...]) -> SelectField:
    label = f"console.users.{name}"
    named = [(value, f"{label}_{value or 'any'}") for value in values]
    return SelectField(label, choices=choices(named), validators=[OneOf(values)], default=values[0])


class Filters(Form):
    """What somebody asks of the list; stands in the address."""

    q = StringField("console.users.search", validators=[AtMost(_LONGEST)])
    status = _offered("status", _STATUSES)
    factors = _offered("factors", _FACTORS)
    signed_in = _offered("signed_in", _SIGNED_IN)
    organization = StringField("console.users.in_organization", validators=[AtMost(100)])
    since = DateField("console.users.created_since", validators=[MayBeEmpty()])
    until = DateField("console.users.created_until", validators=[MayBeEmpty()])
    order = _offered("order", _ORDERS)


class NewUser(Form):
    """Whom to add, and how they come in."""

    email = EmailField("console.users.email", validators=[Needed(), AtMost(_LONGEST)])
    name = StringField("console.users.name", validators=[AtMost(200)])
    locale = SelectField("console.users.locale", default="")
    way = RadioField(
        "console.users.way",
        choices=choices((way, f"console.users.way_{way}") for way in _WAYS),
        default="account",
        validators=[OneOf(_WAYS)],
        description="console.users.way_hint",
    )
    organization = StringField(
        "console.users.to_organization",
        validators=[AtMost(100)],
        description="console.users.to_organization_hint",
    )


@blueprint.get(_ALL)
@for_admin("user.read")
def list_users(admin: Admin) -> Response:
    """The people that fit what the address asks, a page of them."""
    form = Filters(request.args)
    is_right = form.validate()
    wish = _wish(admin, form) if is_right else Wish()
    with read(admin.tenant.id) as session:
        page = people_search.list_page(session, admin.tenant, wish, request.args.get("after"))
    return draw(
        admin,
        "users/list",
        section=SECTION,
        form=form,
        page=page,
        is_asked=wish != Wish(),
        has_more_filters=bool(_more(form)),
        next_url=_url(admin, page.next_cursor) if page.next_cursor else "",
        first_url=_url(admin, None) if request.args.get("after") else "",
        status=200 if is_right else 422,
    )


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@for_admin("user.create")
def create_user(admin: Admin) -> Response:
    """Add a person, who gets a mail: nobody chooses a password for them (X07)."""
    form = NewUser(request.form)
    form.locale.choices = choices(
        [("", "console.users.locale_any"), *((each, each) for each in _locales(admin))]
    )
    if request.method == "POST" and form.validate():
        path = _invited(admin, form) if form.way.data == "invitation" else _made(admin, form)
        if path is not None:
            return done(admin, path, f"console.users.added_{form.way.data}")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "users/new", section=SECTION, form=form, status=status)


def _made(admin: Admin, form: NewUser) -> str | None:
    """Where the new person's page is; None where the form now says what is wrong."""
    try:
        address = parse_email(str(form.email.data))
        user_id = administered.create(
            admin.tenant, admin.actor, address, form.name.data or "", form.locale.data or ""
        )
    except (BadAddress, IdentifierTaken) as error:
        is_taken = isinstance(error, IdentifierTaken)
        form.refuse("email", "console.users.taken" if is_taken else "error.email_invalid")
        return None
    return f"/users/{user_id}"


def _invited(admin: Admin, form: NewUser) -> str | None:
    named = (form.organization.data or "").strip()
    try:
        with write(admin.tenant.id) as session:
            found = organizations.by_slug_or_id(session, named) if named else None
            if found is None:
                raise BadValue("organization", "console.users.no_organization")
            invitations.invite(
                session,
                admin.actor,
                admin.tenant,
                found.id,
                str(form.email.data),
                locale=form.locale.data or None,
            )
    except Refused as refusal:
        form.refuse_as(refusal)
        return None
    return "/users"


def _wish(admin: Admin, form: Filters) -> Wish:
    now, chosen = clock.now(), str(form.signed_in.data)
    factors = str(form.factors.data)
    return Wish(
        text=form.q.data or "",
        status=cast(Status, form.status.data),
        mfa=_yes_or_no(factors, "mfa"),
        passkey=_yes_or_no(factors, "passkey"),
        organization_id=_organization_id(admin, (form.organization.data or "").strip()),
        signed_in_since=now - int(chosen) * clock.DAY if chosen.isdigit() else None,
        not_signed_in_since={"not_90": now - 90 * clock.DAY, "never": 0}.get(chosen),
        created_since=_midnight(form.since.data),
        created_before=_midnight(form.until.data, days=1),
        order=cast(Order, form.order.data),
    )


def _yes_or_no(chosen: str, word: str) -> bool | None:
    return {word: True, f"no_{word}": False}.get(chosen)


def _organization_id(admin: Admin, named: str) -> str | None:
    """The organization that was named; what names none has no members."""
    if not named:
        return None
    with read(admin.tenant.id) as session:
        found = organizations.by_slug_or_id(session, named)
    return found.id if found else ""


def _midnight(day: date | None, *, days: int = 0) -> int | None:
    """The beginning of a day, or of one `days` later, in milliseconds (UTC)."""
    if day is None or day.year > _LAST_YEAR:
        return None
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=days)
    return int(at.timestamp()) * clock.SECOND


_LAST_YEAR = 9_000


def _more(form: Filters) -> list[Any]:
    """The filters in use beyond the search and the state."""
    used = (form.factors, form.signed_in, form.organization, form.since, form.until)
    return [each for each in used if each.data]


def _url(admin: Admin, after: str | None) -> str:
    """This list, continued after the cursor or from its start."""
    kept: MultiDict[str, str] = MultiDict(
        (name, value) for name, value in request.args.items() if name != "after" and value
    )
    query: dict[str, Any] = {**kept, **({"after": after} if after else {})}
    return url_for("console.list_users", tenant_slug=admin.tenant.slug, **query)


def _locales(admin: Admin) -> tuple[str, ...]:
    return admin.tenant.settings.texts.locales
