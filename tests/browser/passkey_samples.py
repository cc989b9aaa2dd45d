"""Screens of passkeys, in the states that people meet."""

from dataclasses import replace

from app.flow.screen import Action, Field, Message, Screen, Text
from app.flow.steps.base import RESTART
from app.methods.passkey import FIELD

_OPTIONS = {"challenge": "AAAA", "rpId": "localhost", "userVerification": "required"}
_DISPLAY = {"passkey": {"options": _OPTIONS}}
_LABEL = Field("label", "text", "field.passkey_label", required=False)
_MAKE = Action("continue", Text("action.create_passkey"), ceremony="create")
_SKIP = Action("skip", Text("action.not_now"), "link", sends_fields=False)
_WITHOUT = Action("skip", Text("action.without_passkey"), "link", sends_fields=False)


def _passkey() -> Screen:
    other = Action("use:password", Text("action.use_password"), "secondary", sends_fields=False)
    return Screen(
        "passkey",
        Text("passkey.title"),
        Text("passkey.subtitle"),
        (FIELD,),
        actions=(Action("continue", Text("action.use_passkey"), ceremony="get"), other, RESTART),
        display=_DISPLAY,
    )


def _identify() -> Screen:
    """The first page with its button; its challenge is never answered here."""
    email = Field("email", "email", "field.email", "", "username webauthn")
    passkey = Action("passkey", Text("action.use_passkey"), "secondary", ceremony="get")
    return Screen(
        "identify",
        Text("identify.title"),
        None,
        (email, FIELD),
        actions=(Action("continue", Text("action.continue")), passkey),
        display={"sign_up_open": True, **_DISPLAY},
    )


def _making(name: str, title: Text, subtitle: Text, way: Action) -> Screen:
    return Screen(name, title, subtitle, (FIELD, _LABEL), (), (_MAKE, way), None, _DISPLAY)


def screens() -> dict[str, Screen]:
    """Name of the sample -> the screen."""
    offer = _making(
        "offer_passkey", Text("offer_passkey.title"), Text("offer_passkey.subtitle"), _SKIP
    )
    create = _making(
        "create_passkey", Text("create_passkey.title"), Text("create_passkey.subtitle"), _WITHOUT
    )
    return {
        "identify-passkey": replace(_identify(), subtitle=Text("passkey.subtitle")),
        "passkey": _passkey(),
        "passkey-error": _passkey().saying(Message("error.passkey_refused")),
        "offer_passkey": offer,
        "create_passkey": create,
        "create_passkey-error": create.saying(Message("error.passkey_not_made")),
    }
