"""Screens of authenticator apps and recovery codes, in the states that people meet."""

from dataclasses import replace

from app import clock
from app.flow.screen import Action, Field, Message, Screen, Text
from app.flow.steps import enrol_totp
from app.flow.steps.base import RESTART
from app.methods.totp import Totp
from app.methods.totp_enrolment import PendingTotp

_SEED = "EXAMPLEONLYNOTASECRET234567ABCDE"
_URI = f"otpauth://totp/Acme:jane@example.com?secret={_SEED}&issuer=Acme"
_TRUST = Field("trust", "checkbox", "field.trust_device", required=False)
_CODES = tuple(f"7K{number}M-WX{number}Q" for number in range(10))


def _way(name: str, label: str, style: str = "secondary") -> Action:
    return Action(name, Text(label), style, sends_fields=False)  # type: ignore[arg-type]


def _totp() -> Screen:
    field = Field("code", "one_time_code", "field.totp_code", "", "one-time-code", length=6)
    return Screen(
        Totp.key,
        Text("totp.title"),
        Text("totp.subtitle"),
        (field, _TRUST),
        actions=(
            Action("continue", Text("action.verify")),
            _way("use:recovery_code", "action.use_recovery_code"),
            RESTART,
        ),
        display={"digits": 6},
    )


def _recovery_code() -> Screen:
    return Screen(
        "recovery_code",
        Text("recovery_code.title"),
        Text("recovery_code.subtitle"),
        (Field("code", "text", "field.recovery_code", "", "off"), _TRUST),
        actions=(
            Action("continue", Text("action.verify")),
            _way("use:totp", "action.use_totp"),
            RESTART,
        ),
    )


def _enrol() -> Screen:
    return Screen(
        "enrol",
        Text("enrol.title"),
        Text("enrol.subtitle"),
        actions=(
            _way("enrol:totp", "action.enrol_totp"),
            _way("later", "action.later", "link"),
            RESTART,
        ),
        display={"put_offs_left": 1},
    )


def _enrol_totp() -> Screen:
    return enrol_totp.screen_of(PendingTotp(_SEED, _URI, clock.HOUR)).offering(RESTART)


def _recovery_codes() -> Screen:
    return Screen(
        "recovery_codes",
        Text("recovery_codes.title"),
        Text("recovery_codes.subtitle"),
        actions=(Action("continue", Text("action.codes_kept")),),
        display={"codes": _CODES, "account": "jane@example.com"},
    )


def screens() -> dict[str, Screen]:
    """Name of the sample -> the screen."""
    wrong = {"code": Text("error.totp_wrong")}
    return {
        "totp": _totp(),
        "totp-error": _totp().with_errors(wrong, {}),
        "recovery_code": _recovery_code(),
        "recovery_code-error": _recovery_code().with_errors(
            {"code": Text("error.recovery_code_wrong")}, {"code": "ABCD-EFGH"}
        ),
        "enrol": _enrol(),
        "enrol-ways": _enrol().offering(_way("enrol:passkey", "action.enrol_passkey")),
        "enrol-expired": replace(_enrol(), message=Message("error.enrolment_expired")),
        "enrol_totp": _enrol_totp(),
        "enrol_totp-error": _enrol_totp().with_errors(wrong, {}),
        "recovery_codes": _recovery_codes(),
    }
