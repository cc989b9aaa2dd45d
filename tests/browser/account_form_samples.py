"""The forms of the account portal: as they begin, and as they come back with what was wrong."""

from collections.abc import Callable
from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from app import clock
from app.account.refused import Refused
from app.flow.screen import Action, Field, Screen, Text
from app.pages.account import forms
from tests.browser import samples
from tests.browser.account_owner import owner

_URI = "otpauth://totp/Acme:jane%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme"
_SECRET = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
_EMAIL = Field("email", "email", "field.email", "", "email")
_PHONE = Field("phone", "phone", "field.phone", "", "tel", hint=Text("field.phone.hint"))
_CODE = Field("code", "one_time_code", "field.code", "", "one-time-code", length=6)
_APP_CODE = Field("code", "one_time_code", "field.totp_code", "", "one-time-code", length=6)
_CURRENT = Field("current_password", "password", "field.current_password", "", "current-password")
_NEW = Field(
    "password",
    "new_password",
    "field.new_password",
    "",
    "new-password",
    hint=Text("sign_up.password_hint", {"count": 8}),
)
_ORGANIZATION = Field(
    "organization", "text", "field.organization", "", "off", hint=Text("field.organization.hint")
)
_USERNAME = Field(
    "username",
    "text",
    "field.username",
    "jane.doe",
    "username",
    hint=Text("field.username.hint"),
)
_CREDENTIAL = Field("credential", "credential", "field.passkey")
_OPTIONS = {"challenge": "AAAA", "rp": {"id": "localhost"}, "pubKeyCredParams": []}


def _screen(name: str, about: str, action: str, *fields: Field, body: str = "") -> Screen:
    return Screen(
        name,
        Text(f"{about}.title"),
        Text(body) if body else None,
        fields,
        actions=(Action("continue", Text(action)),),
    )


def _form(screen: Screen, section: str = "profile", **context: Any) -> Response:
    return forms.show(owner(), screen, section, "", **context)


def _refused(
    screen: Screen,
    refusal: Refused,
    typed: dict[str, str],
    section: str = "profile",
    **context: Any,
) -> Response:
    return forms.again(owner(), screen, section, "", typed, refusal, **context)


def _asking(about: str, action: str, subject: str = "", *, danger: bool = True) -> Screen:
    return forms.confirming(f"account.{about}", action, subject, danger=danger)


_PROFILE = _screen(
    "edit_profile",
    "account.edit_profile",
    "action.save",
    Field("display_name", "text", "field.display_name", "Jane Doe", "name", required=False),
)
_ADD_EMAIL = _screen(
    "add_email", "account.add_email", "action.send_code", _EMAIL, body="account.add_email.body"
)
_ADD_PHONE = _screen(
    "add_phone", "account.add_phone", "action.send_code", _PHONE, body="account.add_phone.body"
)
_CHANGE_USERNAME = _screen("edit_username", "account.edit_username", "action.save", _USERNAME)
_CHANGE_PASSWORD = _screen(
    "change_password",
    "account.change_password",
    "action.set_password",
    _CURRENT,
    _NEW,
    body="account.change_password.body",
)
_SET_PASSWORD = _screen(
    "set_password",
    "account.set_password",
    "action.set_password",
    _NEW,
    body="account.change_password.body",
)
_RENAME = _screen(
    "rename_passkey",
    "account.rename_passkey",
    "action.save",
    Field("label", "text", "field.name", samples.LONG_NAME, "off"),
)
_AUTHENTICATOR = _screen(
    "confirm_authenticator",
    "enrol_totp",
    "action.verify",
    _APP_CODE,
    Field("label", "text", "field.authenticator_label", "", "off", required=False),
    body="enrol_totp.subtitle",
)
_NEW_ORGANIZATION = _screen(
    "create_organization",
    "new_organization",
    "action.create_organization",
    Field("name", "text", "field.organization_name", "", "organization"),
    body="new_organization.subtitle",
)
_JOIN = _screen(
    "join_organization",
    "account.join_organization",
    "action.join_organization",
    _ORGANIZATION,
    body="account.join_organization.body",
)


def _passkey() -> Screen:
    label = Field(
        "label",
        "text",
        "field.passkey_label",
        "",
        "off",
        required=False,
        hint=Text("field.passkey_label.hint"),
    )
    return Screen(
        "add_passkey",
        Text("account.add_passkey.title"),
        Text("account.add_passkey.body"),
        (label, _CREDENTIAL),
        actions=(Action("continue", Text("action.create_passkey"), ceremony="create"),),
        display={"passkey": {"options": _OPTIONS}},
    )


def _add_passkey(refusal: Refused | None = None) -> Response:
    context = {"template": "add_passkey", "options_url": forms.url("/passkeys/options")}
    if refusal is None:
        return _form(_passkey(), "security", **context)
    return _refused(_passkey(), refusal, {}, "security", **context)


def _contact_code(wait: int = 0) -> Screen:
    subject: dict[str, str | int] = {"subject": "jane@new.example", "count": 6}
    resend = Action(
        "resend",
        Text("action.resend"),
        "link",
        sends_fields=False,
        waits_until=clock.now() + wait,
    )
    return Screen(
        "confirm_contact",
        Text("email_code.title"),
        Text("account.confirm_contact.body", subject),
        (_CODE,),
        actions=(Action("continue", Text("action.verify")), resend),
    )


def _resent() -> Response:
    flash("account.told.code_resent")
    return _form(_contact_code(24_000))


def _set_up(refusal: Refused | None = None) -> Response:
    context = {"template": "confirm_authenticator", "uri": _URI, "secret": _SECRET}
    if refusal is None:
        return _form(_AUTHENTICATOR, "security", **context)
    return _refused(_AUTHENTICATOR, refusal, {}, "security", **context)


def _password(screen: Screen, refusal: Refused | None = None) -> Response:
    context = {"template": "change_password", "identifier": "jane@example.com"}
    if refusal is None:
        return _form(screen, "security", **context)
    return _refused(screen, refusal, {}, "security", **context)


def _languages() -> Response:
    return _form(_PROFILE, template="edit_profile", languages=("en", "de", "ar"), language="de")


_WRONG_CODE = Refused("wrong_code", Text("error.code_wrong", {"count": 3}), "code")
_WRONG_APP_CODE = Refused("wrong_code", Text("error.totp_wrong"), "code")
_WRONG_PASSWORD = Refused(
    "wrong_password", Text("error.current_password_wrong"), "current_password"
)
_LIMITED = Refused("rate_limited", Text("error.too_many_tries", {"count": 12}), retry_after=720)
_TAKEN = Refused("username_taken", Text("error.username_taken"), "username")
_BAD_PHONE = Refused("invalid_phone", Text("error.phone_invalid"), "phone")
_BAD_EMAIL = Refused("invalid_email", Text("error.email_invalid"), "email")
_UNKNOWN = Refused("unknown_organization", Text("error.organization_unknown"), "organization")
_LAST = Refused("last_way_in", Text("error.last_way_in"))
_NOT_MADE = Refused("passkey_refused", Text("error.passkey_not_made"))

PAGES: dict[str, Callable[[], Response]] = {
    "account-edit": _languages,
    "account-email": lambda: _form(_ADD_EMAIL),
    "account-email-error": lambda: _refused(_ADD_EMAIL, _BAD_EMAIL, {"email": "jane@"}),
    "account-phone": lambda: _form(_ADD_PHONE),
    "account-phone-error": lambda: _refused(_ADD_PHONE, _BAD_PHONE, {"phone": "12"}),
    "account-code": lambda: _form(_contact_code()),
    "account-code-error": lambda: _refused(_contact_code(), _WRONG_CODE, {"code": "123456"}),
    "account-code-resent": _resent,
    "account-prefer": lambda: _form(
        _asking("prefer_contact", "action.make_primary", samples.LONG_EMAIL, danger=False)
    ),
    "account-remove": lambda: _form(_asking("remove_contact", "action.remove", samples.LONG_EMAIL)),
    "account-remove-error": lambda: _refused(
        _asking("remove_contact", "action.remove", "jane@example.com"), _LAST, {}
    ),
    "account-username-error": lambda: _refused(_CHANGE_USERNAME, _TAKEN, {"username": "jane"}),
    "account-password": lambda: _password(_SET_PASSWORD),
    "account-password-error": lambda: _password(_CHANGE_PASSWORD, _WRONG_PASSWORD),
    "account-password-limited": lambda: _password(_CHANGE_PASSWORD, _LIMITED),
    "account-password-remove": lambda: _form(
        _asking("remove_password", "action.remove"), "security"
    ),
    "account-passkey": _add_passkey,
    "account-passkey-error": lambda: _add_passkey(_NOT_MADE),
    "account-passkey-rename": lambda: _form(_RENAME, "security"),
    "account-passkey-remove": lambda: _form(
        _asking("remove_passkey", "action.remove", "iCloud Keychain"), "security"
    ),
    "account-authenticator-new": lambda: _form(
        _asking("add_authenticator", "action.continue", danger=False), "security"
    ),
    "account-authenticator": _set_up,
    "account-authenticator-error": lambda: _set_up(_WRONG_APP_CODE),
    "account-authenticator-remove": lambda: _form(
        _asking("remove_authenticator", "action.remove", "Work phone"), "security"
    ),
    "account-codes-new": lambda: _form(
        _asking("make_recovery_codes", "action.make_recovery_codes", danger=False), "security"
    ),
    "account-organization": lambda: _form(_NEW_ORGANIZATION, "organizations"),
    "account-join": lambda: _form(_JOIN, "organizations"),
    "account-join-error": lambda: _refused(
        _JOIN, _UNKNOWN, {"organization": "nobody"}, "organizations"
    ),
    "account-leave": lambda: _form(
        _asking("leave_organization", "action.leave", samples.LONG_NAME), "organizations"
    ),
    "account-delete": lambda: _form(_asking("delete_account", "action.delete"), "data"),
}
