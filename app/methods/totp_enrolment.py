"""Setting up an authenticator app: its secret waits in a one-time row until a code confirms it."""

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pyotp
from sqlalchemy.orm import Session

from app import clock, single_use, text
from app.actor import Actor
from app.database import read
from app.delivery import notices
from app.directory import authenticators
from app.directory.authenticators import TooMany
from app.directory.tenants import Tenant
from app.flow.screen import Message, Text
from app.ids import new_id
from app.methods import qr_code
from app.methods.base import Effect, Refused, Spent
from app.methods.digits import digits
from app.methods.totp import DIGITS, STEP, matching_steps
from app.security import keyring, random_token
from app.single_use import OneTimeRow

KIND = "totp_enrolment"
_LIVES = 20 * 60
"""Seconds: the person may have to install an app first."""
_TRIES = 10
_BASE32_CHARACTERS = 32
"""160 bits, as RFC 4226, section 4 (R6) recommends."""
_LONGEST_NAME = 100
"""Longer names only make a QR code that no camera reads."""


@dataclass(frozen=True)
class PendingTotp:
    """A secret that is waiting to be confirmed, in every form that an app takes it in."""

    secret: str
    """Base 32."""
    uri: str
    """`otpauth:`, as authenticator apps read it."""
    expires_at: int

    @property
    def secret_text(self) -> str:
        """The secret in groups of four, to be typed."""
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))

    @property
    def data_url(self) -> str:
        """The QR code of the URI as a PNG picture."""
        return qr_code.data_url(self.uri)


def prepare(
    session: Session,
    tenant: Tenant,
    user_id: str,
    account_name: str,
    *,
    binding: str,
    row_id: str | None = None,
) -> str:
    """Make a secret that nobody has used yet and let it wait; returns the id of its row, which the
    caller may choose. An earlier one of the same binding is dead."""
    row_id = row_id or new_id("otc")
    single_use.supersede(session, KIND, subject=user_id, binding=binding)
    waiting = {"secret": pyotp.random_base32(_BASE32_CHARACTERS), "account": account_name}
    sealed = keyring().seal(json.dumps(waiting).encode(), _context(tenant.id, row_id))
    return single_use.issue(
        session,
        KIND,
        id=row_id,
        subject=user_id,
        binding=binding,
        secret=random_token(),
        lives=_LIVES,
        epoch=tenant.epoch,
        max_attempts=_TRIES,
        payload={"sealed": base64.b64encode(sealed).decode()},
    )


def pending(tenant: Tenant, row_id: str, *, binding: str) -> PendingTotp | None:
    """What is waiting in a row; None when it is too old, spent, tried too often, or another's."""
    row = single_use.find(tenant.id, KIND, row_id)
    if row is None or row.binding != binding or row.consumed_at is not None:
        return None
    if row.expires_at <= clock.now() or row.attempts >= row.max_attempts:
        return None
    secret, account_name = _opened(tenant, row)
    return PendingTotp(secret, _uri(tenant, account_name, secret), row.expires_at)


def was_begun(tenant: Tenant, row_id: str, *, binding: str) -> bool:
    """Whether a row is of this binding, whatever has become of it."""
    row = single_use.find(tenant.id, KIND, row_id)
    return row is not None and row.binding == binding


def was_begun_by(tenant: Tenant, user_id: str, row_id: str) -> bool:
    """The same, by this user in whatever session."""
    row = single_use.find(tenant.id, KIND, row_id)
    return row is not None and row.subject == user_id


def confirm(
    tenant: Tenant,
    actor: Actor,
    user_id: str,
    row_id: str,
    *,
    binding: str,
    code: str,
    label: str | None,
    locale: str | None = None,
) -> Refused | tuple[Effect, ...]:
    """Count one try, then compare `code`; what comes back makes the secret a factor of the user.

    The notice that tells of it is in `locale`, or else in the tenant's own.
    """
    plain = digits(code, DIGITS)
    if plain is None:
        error = Text("error.totp_digits", {"count": DIGITS})
        return Refused(errors={"code": error}, code="malformed_code")
    row = single_use.try_once(tenant.id, KIND, row_id, binding=binding, epoch=tenant.epoch)
    if row is None or row.subject != user_id:
        return Refused(message=Message("error.enrolment_expired"), code="code_expired")
    if _has_enough(tenant, user_id):
        enough = Message("error.authenticators_enough", {"count": authenticators.MOST})
        return Refused(message=enough, code="wrong_answer")
    secret, _ = _opened(tenant, row)
    steps = matching_steps(secret, plain)
    if not steps:
        return Refused(errors={"code": Text("error.totp_wrong")}, code="wrong_code")

    def add(session: Session) -> None:
        spent = single_use.consume(session, KIND, row_id, binding=binding, epoch=tenant.epoch)
        if spent is None:
            raise Spent
        try:
            authenticators.add(session, actor, user_id, secret=secret, label=label, step=max(steps))
        except TooMany:
            raise Spent from None

    def tell(session: Session) -> None:
        told_in = locale or tenant.settings.texts.default_locale
        values = {"label": shown_label(tenant, label, told_in)}
        kept = authenticators.list_of_user(session, user_id)[-1]
        notices.tell(session, tenant, user_id, "factor_added", values, told_in, about=kept.id)

    return add, tell


def shown_label(tenant: Tenant, label: str | None, locale: str) -> str:
    """What an authenticator is called where it is spoken of: its name, or that it has none."""
    return label or text.translate(
        locale, "authenticator.unnamed", overrides=tenant.settings.texts.overrides
    )


def _has_enough(tenant: Tenant, user_id: str) -> bool:
    with read(tenant.id) as session:
        return len(authenticators.list_of_user(session, user_id)) >= authenticators.MOST


def _opened(tenant: Tenant, row: OneTimeRow) -> tuple[str, str]:
    sealed = base64.b64decode(row.payload["sealed"])
    waiting = json.loads(keyring().unseal(sealed, _context(tenant.id, row.id)))
    return waiting["secret"], waiting["account"]


def _uri(tenant: Tenant, account_name: str, secret: str) -> str:
    """A colon separates issuer and account, so neither may have one."""
    issuer = _name(tenant.settings.brand.name or tenant.name)
    values = {
        "secret": secret,
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP,
    }
    label = f"{quote(issuer, safe='')}:{quote(_name(account_name), safe='@')}"
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"


def _name(name: str) -> str:
    return " ".join(name.replace(":", " ").split())[:_LONGEST_NAME]


def _context(tenant_id: str, row_id: str) -> str:
    return f"{tenant_id}/one_time/{row_id}"
