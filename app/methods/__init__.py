"""The ways of proving who you are: one module each, one row here."""

from app.methods.base import Method
from app.methods.email_code import EmailCode
from app.methods.magic_link import MagicLink
from app.methods.passkey import Passkey
from app.methods.password import Password
from app.methods.recovery_code import RecoveryCode
from app.methods.sms_code import SmsCode
from app.methods.totp import Totp
from app.methods.upstream import Upstream

METHODS: dict[str, Method] = {
    method.key: method
    for method in (
        Password(),
        EmailCode(),
        Passkey(),
        MagicLink(),
        SmsCode(),
        Totp(),
        RecoveryCode(),
        Upstream("social"),
        Upstream("enterprise"),
    )
}
