"""The account portal as a person with a full life would see it, without a database."""

from collections.abc import Callable
from typing import Any

from flask import g
from werkzeug.wrappers import Response

from app import clock
from app.account.activity import Happening
from app.account.owner import Owner
from app.account.refused import Refused
from app.actor import Actor
from app.directory.authenticators import Authenticator
from app.directory.contacts import Contact
from app.directory.grants import ListedGrant
from app.directory.organizations import MembershipView
from app.directory.passkeys import ListedPasskey
from app.directory.pending_contacts import PendingContact
from app.directory.people import Person
from app.directory.sessions import ListedSession, LiveSession, SignedIn
from app.directory.settings import Identifiers, Organizations
from app.directory.trusted_devices import TrustedDevice
from app.flow.screen import Action, Field, Screen, Text
from app.pages.account import forms
from tests.browser import samples

_DAY = 86_400_000
_CODES = (
    "K7QD-2MPA",
    "9XTR-4HBE",
    "W3FV-8NJC",
    "5ZYG-6SKT",
    "B2HM-7QRW",
    "D8PX-3VAN",
    "T4CJ-9EFG",
    "M6WK-5DYS",
    "R1BN-2XZH",
    "F9AE-8TQV",
)
_URI = "otpauth://totp/Acme:jane%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme"


def _live(number: int, name: str | None, email: str) -> LiveSession:
    now = clock.now()
    return LiveSession(
        id=f"ses_{number}",
        user_id=f"usr_{number}",
        browser_id="brw_1",
        auth_time=now - number,
        amr=("pwd",),
        acr=None,
        email=email,
        display_name=name,
        user_status="active",
        last_seen_at=now,
        expires_at=now + _DAY,
    )


def _owner() -> Owner:
    everybody = (
        _live(1, "Jane Doe", "jane@example.com"),
        _live(2, "ليلى حداد", "layla@example.com"),
        _live(3, None, samples.LONG_EMAIL),
    )
    g.signed_in = SignedIn("brw_1", everybody)
    return Owner(g.tenant, Actor("user", "usr_1"), "usr_1", "ses_1", clock.now(), None, "en")


def _person(*, bare: bool = False) -> Person:
    return Person(
        user_id="usr_1",
        status="active",
        display_name=None if bare else "Jane Doe",
        locale=None if bare else "en",
        email="jane@example.com",
        email_key="jane@example.com",
        identifier_id="idn_1",
        email_verified=True,
        password_hash=None if bare else "$argon2id$",
        username=None if bare else "jane.doe",
    )


def _profile() -> Response:
    now = clock.now()
    return forms.draw(
        _owner(),
        "profile",
        "profile",
        "account.profile.title",
        person=_person(),
        contacts=[
            Contact("idn_1", "email", "jane@example.com", "jane@example.com", True, now),
            Contact("idn_2", "email", samples.LONG_EMAIL, samples.LONG_EMAIL, False, now),
            Contact("idn_3", "phone", "+1 415-555-0123", "+14155550123", True, now),
            Contact("idn_4", "username", "jane.doe", "jane.doe", True, None),
        ],
        pending=[PendingContact("otc_1", "email", "jane@new.example", now, now + _DAY)],
        kinds=Identifiers(phone="optional", username="optional"),
        takes_phones=True,
        deletion_due=now + 14 * _DAY,
    )


def _bare_profile() -> Response:
    address = Contact("idn_1", "email", "jane@example.com", "jane@example.com", True, None)
    return forms.draw(
        _owner(),
        "profile",
        "profile",
        "account.profile.title",
        person=_person(bare=True),
        contacts=[address],
        pending=[],
        kinds=Identifiers(username="optional"),
        takes_phones=True,
        deletion_due=None,
    )


def _security() -> Response:
    now = clock.now()
    return forms.draw(
        _owner(),
        "security",
        "security",
        "account.security.title",
        person=_person(),
        offers_password=True,
        offers_passkeys=True,
        passkeys=[
            ListedPasskey("crd_1", "iCloud Keychain", "YWJj", {"backed_up": True}, now, now),
            ListedPasskey("crd_2", samples.LONG_NAME, "ZGVm", {}, now - 90 * _DAY, None),
        ],
        known={"rpId": "localhost", "userId": "dXNy", "allAcceptedCredentialIds": ["YWJj"]},
        offers_authenticators=True,
        authenticators=[
            Authenticator("crd_3", "Work phone", now - 30 * _DAY, now),
            Authenticator("crd_4", None, now - 60 * _DAY, None),
        ],
        codes_of_use=True,
        codes_left=8,
    )


def _devices() -> Response:
    now = clock.now()
    return forms.draw(
        _owner(),
        "devices",
        "devices",
        "account.devices.title",
        sessions=[
            _session("ses_1", "Firefox 140", "Linux", now),
            _session("ses_8", "Mobile Safari", "iOS", now - _DAY),
            _session("ses_9", None, None, now - 3 * _DAY),
        ],
        trusted=[
            TrustedDevice("trd_1", "brw_1", "Firefox 140, Linux", now, now, now + 30 * _DAY),
            TrustedDevice("trd_2", "brw_2", "Mobile Safari, iOS", now, now, now + 9 * _DAY),
        ],
    )


def _session(id: str, software: str | None, system: str | None, at: int) -> ListedSession:
    return ListedSession(id, "brw_1", software, system, "192.0.2.7", at, ("pwd",), at, at, at)


def _apps() -> Response:
    now = clock.now()
    scopes = ("openid", "profile", "email", "offline_access", "invoices:read")
    return forms.draw(
        _owner(),
        "apps",
        "apps",
        "account.apps.title",
        apps=[
            ListedGrant("grt_1", "cli_1", "Northwind Reports", scopes, now - 40 * _DAY),
            ListedGrant("grt_2", "cli_2", samples.LONG_NAME, ("openid",), now - 9 * _DAY),
        ],
    )


def _organizations() -> Response:
    return forms.draw(
        _owner(),
        "organizations",
        "organizations",
        "account.organizations.title",
        memberships=[
            MembershipView("org_1", "Northwind Labs", "northwind", ("owner",), 24),
            MembershipView("org_2", samples.LONG_NAME, "long", ("member", "billing"), 1),
        ],
        rules=Organizations(creation_open=True, joining_open=True),
    )


def _activity() -> Response:
    now = clock.now()
    seen = [
        ("activity.signed_in", "user", "Chrome 156", "Linux"),
        ("activity.passkey_added", "user", "Mobile Safari", "iOS"),
        ("activity.password_failed", "user", None, None),
        ("activity.disabled", "admin", None, None),
    ]
    return forms.draw(
        _owner(),
        "activity",
        "activity",
        "account.activity.title",
        happenings=[
            Happening(f"evt_{n}", now - n * _DAY, "e", text_id, by, software, system, "192.0.2.7")
            for n, (text_id, by, software, system) in enumerate(seen)
        ],
        next_cursor="evt_3",
    )


def _data(due: int | None) -> Response:
    return forms.draw(_owner(), "data", "data", "account.data.title", deletion_due=due)


def _codes() -> Response:
    return forms.draw(
        _owner(),
        "recovery_codes",
        "security",
        "recovery_codes.title",
        codes=_CODES,
        account="jane@example.com",
    )


def _nobody(_: forms.Answers) -> Response:
    raise AssertionError("a sample takes no answers")


_PASSWORD = Screen(
    "change_password",
    Text("account.change_password.title"),
    Text("account.change_password.body"),
    (
        Field("current_password", "password", "field.current_password", "", "current-password"),
        Field(
            "password",
            "new_password",
            "field.new_password",
            "",
            "new-password",
            hint=Text("sign_up.password_hint", {"count": 8}),
        ),
    ),
    actions=(Action("continue", Text("action.set_password")),),
)


def _change_password() -> Response:
    refusal = Refused("wrong_password", Text("error.current_password_wrong"), "current_password")
    return forms.again(
        _owner(),
        _PASSWORD,
        "security",
        "/security",
        {},
        refusal,
        template="change_password",
        identifier="jane@example.com",
    )


def _form(screen: Screen, **context: Any) -> Response:
    return forms.show(_owner(), screen, "profile", "", **context)


def _edit_profile() -> Response:
    name = Field("display_name", "text", "field.display_name", "Jane Doe", "name", required=False)
    screen = Screen(
        "edit_profile",
        Text("account.edit_profile.title"),
        fields=(name,),
        actions=(Action("continue", Text("action.save")),),
    )
    return _form(screen, template="edit_profile", languages=("en", "de", "ar"), language="de")


def _confirm_contact() -> Response:
    subject: dict[str, str | int] = {"subject": "jane@new.example", "count": 6}
    code = Field("code", "one_time_code", "field.code", "", "one-time-code", length=6)
    resend = Action("resend", Text("action.resend"), "link", sends_fields=False)
    screen = Screen(
        "confirm_contact",
        Text("email_code.title"),
        Text("account.confirm_contact.body", subject),
        (code,),
        actions=(Action("continue", Text("action.verify")), resend),
    )
    return _form(screen)


def _remove_contact() -> Response:
    about = "account.remove_contact"
    return _form(forms.confirming(about, "action.remove", samples.LONG_EMAIL))


def _confirm_authenticator() -> Response:
    code = Field("code", "one_time_code", "field.totp_code", "", "one-time-code", length=6)
    label = Field("label", "text", "field.authenticator_label", "", "off", required=False)
    screen = Screen(
        "confirm_authenticator",
        Text("enrol_totp.title"),
        Text("enrol_totp.subtitle"),
        (code, label),
        actions=(Action("continue", Text("action.verify")),),
    )
    secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    return _form(screen, template="confirm_authenticator", uri=_URI, secret=secret)


PAGES: dict[str, Callable[[], Response]] = {
    "account": _profile,
    "account-bare": _bare_profile,
    "account-security": _security,
    "account-devices": _devices,
    "account-apps": _apps,
    "account-organizations": _organizations,
    "account-activity": _activity,
    "account-data": lambda: _data(None),
    "account-data-due": lambda: _data(clock.now() + 14 * _DAY),
    "account-codes": _codes,
    "account-password-error": _change_password,
    "account-edit": _edit_profile,
    "account-code": _confirm_contact,
    "account-remove": _remove_contact,
    "account-authenticator": _confirm_authenticator,
}
