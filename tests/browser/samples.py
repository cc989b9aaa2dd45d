"""Every screen in the states that people meet, made of the same objects as in the product."""

from dataclasses import replace

from app import clock
from app.flow.screen import Action, Choice, Field, Message, Screen, Text, initials, tile_colour
from app.pages import link
from tests.browser import (
    factor_samples,
    invitation_samples,
    passkey_samples,
    sign_up_samples,
    upstream_samples,
)

LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung & Söhne, Zweigstelle Süd"
LONG_EMAIL = f"{'maximiliane-friederike' * 2}@a-rather-long-company-name.example.com"

_CONTINUE = Action("continue", Text("action.continue"))
_CHANGE = Action("change", Text("action.change"), "link", sends_fields=False)
_OTHER = Action("another_account", Text("action.another_account"), "link", sends_fields=False)
_TO_APP = Text("flow.to_continue", {"client": "Acme Dashboard"})
_EMAIL = Field("email", "email", "field.email", "", "username webauthn")
_HINT = Text("sign_up.password_hint", {"count": 8})


def _way(name: str, style: str = "secondary") -> Action:
    label = name.replace("use:", "use_")
    return Action(name, Text(f"action.{label}"), style, sends_fields=False)  # type: ignore[arg-type]


def _identify() -> Screen:
    return Screen(
        "identify",
        Text("identify.title"),
        _TO_APP,
        (_EMAIL,),
        actions=(_CONTINUE, _way("sign_up", "link")),
        display={"sign_up_open": True},
    )


def _identify_any() -> Screen:
    label = "field.email_or_phone_or_username"
    return replace(
        _identify(), fields=(Field("identifier", "text", label, "", "username webauthn"),)
    )


def _password() -> Screen:
    return Screen(
        "password",
        Text("password.title"),
        Text("password.subtitle", {"identifier": "jane@example.com"}),
        (Field("password", "password", "field.password", "", "current-password"),),
        actions=(
            Action("continue", Text("action.sign_in")),
            _way("use:email_code"),
            Action("recover", Text("action.forgot_password"), "link", sends_fields=False),
            _CHANGE,
        ),
        display={"identifier": "jane@example.com"},
    )


def _email_code(digits: int = 6, wait: int = 24_000) -> Screen:
    resend_at = clock.now() + wait
    return Screen(
        "email_code",
        Text("email_code.title"),
        Text("email_code.subtitle", {"count": digits}),
        (Field("code", "one_time_code", "field.code", "", "one-time-code", length=digits),),
        actions=(
            Action("continue", Text("action.verify")),
            Action(
                "resend", Text("action.resend"), "link", sends_fields=False, waits_until=resend_at
            ),
            _way("use:password"),
            _CHANGE,
        ),
        display={"masked": "j•••@example.com", "digits": digits, "resend_at": resend_at},
    )


def _sms_code() -> Screen:
    screen = replace(_email_code(), name="sms_code", title=Text("sms_code.title"))
    return replace(
        screen,
        subtitle=Text("sms_code.subtitle", {"count": 6}),
        display={**screen.display, "masked": "•••23"},
    )


def _magic_link(masked: str | None = "j•••@example.com") -> Screen:
    screen = replace(_email_code(), name="magic_link", title=Text("magic_link.title"))
    subtitle = "magic_link.subtitle" if masked else "magic_link.subtitle_unnamed"
    return replace(
        screen,
        subtitle=Text(subtitle, {"count": 6}),
        display={**screen.display, "masked": masked, "number": "47", "released": False},
    )


def _released() -> Screen:
    return Screen(
        "magic_link",
        Text("magic_link.released_title"),
        Text("magic_link.released_subtitle"),
        actions=(_CONTINUE,),
        display={"released": True},
    )


def _sign_up() -> Screen:
    return Screen(
        "sign_up",
        Text("sign_up.title"),
        _TO_APP,
        (
            Field("display_name", "text", "field.display_name", "", "name", required=False),
            _EMAIL,
            Field("password", "new_password", "field.new_password", "", "new-password", hint=_HINT),
        ),
        actions=(
            Action("continue", Text("action.create_account")),
            _way("have_account", "link"),
        ),
    )


def _organizations(names: tuple[str, ...], *, searchable: bool = False) -> Screen:
    search = Field("search", "search", "field.search", "", "off", required=False)
    return Screen(
        "choose_organization",
        Text("choose_organization.title"),
        Text("choose_organization.person", {"person": "Jane Doe"}),
        (search,) if searchable else (),
        tuple(_organization(name, number) for number, name in enumerate(names)),
        actions=(
            *((Action("search", Text("action.search"), "secondary"),) if searchable else ()),
            Action("new", Text("action.new_organization"), "secondary", sends_fields=False),
            _OTHER,
        ),
        display={"person": "Jane Doe", "searchable": searchable},
    )


def _organization(name: str, number: int) -> Choice:
    membership = Text("choose_organization.membership", {"roles": "owner", "count": number + 1})
    return Choice(f"org_{number}", name, membership, initials(name), number % 8)


def _accounts() -> Screen:
    people = (("Jane Doe", "jane@example.com"), ("ليلى حداد", "layla@example.com"))
    return Screen(
        "choose_account",
        Text("choose_account.title"),
        _TO_APP,
        choices=tuple(
            Choice(
                f"ses_{email}",
                name,
                Text("choose_account.address", {"email": email}),
                initials(name),
                tile_colour(email),
            )
            for name, email in people
        ),
        actions=(
            Action(
                "another_account", Text("action.another_account"), "secondary", sends_fields=False
            ),
        ),
    )


def _consent() -> Screen:
    scopes = ("openid", "profile", "email", "offline_access", "invoices:read")
    return Screen(
        "consent",
        Text("consent.title", {"client": "Northwind Reports"}),
        Text("consent.person", {"person": "Jane Doe"}),
        actions=(
            Action("allow", Text("action.allow")),
            Action("deny", Text("action.deny"), "secondary", sends_fields=False),
            _OTHER,
        ),
        display={
            "client_name": "Northwind Reports",
            "person": "Jane Doe",
            "scopes": [f"scope.{scope}" for scope in scopes],
        },
    )


def _change_breached() -> Screen:
    return Screen(
        "change_breached",
        Text("change_breached.title"),
        Text("change_breached.subtitle"),
        (Field("password", "new_password", "field.new_password", "", "new-password", hint=_HINT),),
        actions=(
            Action("continue", Text("action.set_password")),
            _way("later", "link"),
            Action("restart", Text("action.start_again"), "link", sends_fields=False),
        ),
        display={"identifier": LONG_EMAIL, "sign_ins_left": 2},
    )


def _new_password() -> Screen:
    return Screen(
        "new_password",
        Text("new_password.title"),
        Text("new_password.subtitle"),
        (Field("password", "new_password", "field.new_password", "", "new-password", hint=_HINT),),
        actions=(Action("continue", Text("action.set_password")),),
        display={"identifier": "jane@example.com"},
    )


def _new_organization() -> Screen:
    return Screen(
        "new_organization",
        Text("new_organization.title"),
        Text("new_organization.subtitle"),
        (Field("name", "text", "field.organization_name", "", "organization"),),
        actions=(
            Action("continue", Text("action.create_organization")),
            Action("back", Text("action.back"), "link", sends_fields=False),
        ),
    )


def _notice() -> Screen:
    return Screen(
        "notice",
        Text("notice.send_code_title"),
        Text("notice.send_code", {"email": "jane@example.com"}),
        actions=(
            Action("continue", Text("action.send_code")),
            Action("restart", Text("action.start_again"), "link", sends_fields=False),
        ),
    )


def _remembering() -> Screen:
    """A checkbox, which no screen of today has, so that the element is looked at too."""
    box = Field("agree", "checkbox", "page.terms", "", required=True)
    return replace(_identify(), fields=(_EMAIL, box))


def screens() -> dict[str, Screen]:
    """Name of the sample -> the screen, with times that count from now."""
    wrong_code = Message("error.code_wrong", {"count": 3})
    bad_email = {"email": Text("error.email_invalid")}
    short = {"password": Text("error.password_short", {"count": 8})} | bad_email
    many = tuple(f"Company {number}" for number in range(24))
    return {
        "identify": _identify(),
        "identify-ways": _identify().offering(_way("use:email_code"), _way("use:password")),
        "identify-error": _identify().with_errors(bad_email, {"email": "jane@"}),
        "identify-any": _identify_any(),
        "identify-any-error": _identify_any().with_errors(
            {"identifier": Text("error.identifier_invalid")}, {"identifier": "?"}
        ),
        "identify-long": replace(_identify(), fields=(replace(_EMAIL, value=LONG_EMAIL),)),
        "identify-checkbox": _remembering(),
        "recover": replace(
            _identify(), title=Text("recover.title"), subtitle=Text("recover.subtitle")
        ),
        "password": _password(),
        "password-error": _password().with_errors(
            {"password": Text("error.password_wrong")}, {"password": "wrong"}
        ),
        "password-limited": _password().saying(Message("error.too_many_tries", {"count": 12})),
        "password-long": replace(_password(), display={"identifier": LONG_EMAIL}),
        "email_code": _email_code(),
        "email_code-error": _email_code().saying(wrong_code),
        "email_code-locked": _email_code().saying(Message("error.code_locked")),
        "email_code-resent": _email_code(wait=0).saying(
            Message("email_code.resent", tone="success")
        ),
        "email_code-4": _email_code(digits=4),
        "email_code-8": _email_code(digits=8),
        "sms_code": _sms_code(),
        "magic_link": _magic_link(),
        "magic_link-unnamed": _magic_link(None),
        "magic_link-released": _released(),
        "open_link": link.opened("jane@example.com"),
        "open_link-long": link.opened(LONG_EMAIL),
        "match_number": link.matching("jane@example.com"),
        "match_number-error": link.matching("jane@example.com").with_errors(
            {"number": Text("error.number_form")}, {"number": "4"}
        ),
        "sign_up": _sign_up(),
        "sign_up-error": _sign_up().with_errors(short, {"email": "jane@", "display_name": "Jane"}),
        "choose_account": _accounts(),
        "choose_organization": _organizations(("Northwind Labs", "Contoso", "Fabrikam Trading")),
        "choose_organization-new": _organizations(()).saying(
            Message("choose_organization.none", tone="info")
        ),
        "choose_organization-many": _organizations((LONG_NAME, *many), searchable=True),
        "choose_organization-none": _organizations((), searchable=True),
        "new_organization": _new_organization(),
        "consent": _consent(),
        "new_password": _new_password(),
        "change_breached": _change_breached(),
        "notice": _notice(),
        **factor_samples.screens(),
        **invitation_samples.screens(),
        **passkey_samples.screens(),
        **sign_up_samples.screens(),
        **upstream_samples.screens(),
    }
