"""What may be weak at a tenant, a rule for each: it looks at what was read, and says what it finds.

A new rule is a function in `RULES`, a sentence `console.posture.rule.<name>`, and for one click to
mend it a row in `MENDS` with its `console.posture.mend.<name>`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app import clock
from app.delivery import mail_doctor
from app.directory.connections import Connection
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant
from app.federation import saml_certificates
from app.keys.rotation import ListedKey

Severity = Literal["high", "medium", "low"]
ORDER: tuple[Severity, ...] = ("high", "medium", "low")
IDLE_AFTER = 90 * clock.DAY
KEY_AGE = 365 * clock.DAY
SOON = 30 * clock.DAY
_LONG_TOKEN = 3_600
_LONG_TRUST_DAYS = 90
_LONG_SESSION_DAYS = 90
_LENGTH_ALONE = 12


@dataclass(frozen=True)
class IdleAdmin:
    """Somebody with a role here, and when they last signed in to the console (milliseconds)."""

    email: str
    seen_at: int


@dataclass(frozen=True)
class Expiring:
    """A client whose only secret ends."""

    client_id: str
    name: str
    expires_at: int


@dataclass(frozen=True)
class Seen:
    """What the rules look at; read once, with few statements."""

    tenant: Tenant
    connections: tuple[Connection, ...] = ()
    keys: tuple[ListedKey, ...] = ()
    idle: tuple[IdleAdmin, ...] = ()
    expiring: tuple[Expiring, ...] = ()
    owners: int = 2
    dns: tuple[mail_doctor.Finding, ...] = ()
    """What the DNS says of the sender's domain; empty where nobody asked it."""

    @property
    def settings(self) -> TenantSettings:
        """The published settings."""
        return self.tenant.settings


@dataclass(frozen=True)
class Finding:
    """Something weak."""

    rule: str
    severity: Severity
    path: str
    """The page of the console that is about it, behind the tenant's slug."""
    values: Mapping[str, str | int] = field(default_factory=dict)
    about: str = ""
    """The id of the thing, where a rule may find several."""

    @property
    def mends(self) -> bool:
        """Whether one click mends it."""
        return self.rule in MENDS


Rule = Callable[[Seen], Iterable[Finding]]


def mfa_off(seen: Seen) -> Iterator[Finding]:
    """Nobody is asked for a second factor, not even who has one."""
    if seen.settings.policy.mfa == "off":
        yield Finding("mfa_off", "high", "/policy/policy")


def no_second_way(seen: Seen) -> Iterator[Finding]:
    """Second factors are asked for, and codes by SMS or email are all that counts."""
    strong = {"passkey", "totp"} & {*seen.settings.methods.second}
    if seen.settings.policy.mfa != "off" and not strong:
        yield Finding("no_second_way", "medium", "/policy/methods")


def no_passkeys(seen: Seen) -> Iterator[Finding]:
    """People cannot sign in with a passkey, which no imitated page can ask for."""
    if "passkey" not in seen.settings.methods.sign_in:
        yield Finding("no_passkeys", "medium", "/policy/methods")


def short_passwords(seen: Seen) -> Iterator[Finding]:
    """Passwords that may stand alone are better long."""
    length = seen.settings.passwords.min_length
    stands_alone = seen.settings.policy.mfa != "required"
    if "password" in seen.settings.methods.sign_in and stands_alone and length < _LENGTH_ALONE:
        values = {"count": length, "better": _LENGTH_ALONE}
        yield Finding("short_passwords", "low", "/policy/passwords", values)


def breached_passwords(seen: Seen) -> Iterator[Finding]:
    """A password that is known from a breach stays good for long."""
    count = seen.settings.passwords.breached_sign_ins
    if "password" in seen.settings.methods.sign_in and count > 3:
        yield Finding("breached_passwords", "medium", "/policy/passwords", {"count": count})


def long_tokens(seen: Seen) -> Iterator[Finding]:
    """Access tokens cannot be taken back, so they should not live long."""
    lives = seen.settings.lifetimes.access_token
    if lives > _LONG_TOKEN:
        yield Finding("long_tokens", "medium", "/policy/lifetimes", {"count": lives // 60})


def long_sessions(seen: Seen) -> Iterator[Finding]:
    """A session that lives for months outlives its device."""
    days = seen.settings.lifetimes.session_absolute // 86_400
    if days > _LONG_SESSION_DAYS:
        yield Finding("long_sessions", "low", "/policy/lifetimes", {"count": days})


def long_trust(seen: Seen) -> Iterator[Finding]:
    """A browser is trusted for months not to need a second factor."""
    days = seen.settings.policy.trusted_device_days
    if days > _LONG_TRUST_DAYS:
        yield Finding("long_trust", "medium", "/policy/policy", {"count": days})


def saml_certificates_end(seen: Seen) -> Iterator[Finding]:
    """The last certificate of a SAML connection in use ends soon, or has ended."""
    for each in seen.connections:
        known = saml_certificates.readable(getattr(each.settings, "certificates", ()))
        if each.status == "active" and known and known[-1].expires_soon():
            rule = "certificate_ended" if known[-1].is_expired() else "certificate_ends"
            path = f"/connections/{each.id}"
            if each.organization_id:
                path = f"/organizations/{each.organization_id}/connections/{each.id}"
            yield Finding(rule, "high", path, {"name": each.name}, each.id)


def client_secrets_end(seen: Seen) -> Iterator[Finding]:
    """An application has no secret that stays."""
    for each in seen.expiring:
        path = f"/applications/{each.client_id}"
        yield Finding("secret_ends", "high", path, {"name": each.name}, each.client_id)


def idle_admins(seen: Seen) -> Iterator[Finding]:
    """Somebody may do much here, and has not been here for long."""
    for each in seen.idle:
        days = (clock.now() - each.seen_at) // clock.DAY
        values: dict[str, str | int] = {"email": each.email, "count": days}
        yield Finding("idle_admin", "medium", "/admins", values, each.email)


def one_owner(seen: Seen) -> Iterator[Finding]:
    """Whoever loses the only owner's account loses the tenant."""
    if seen.owners == 1:
        yield Finding("one_owner", "low", "/admins")


def old_keys(seen: Seen) -> Iterator[Finding]:
    """A key that signs has done so for more than a year."""
    for each in seen.keys:
        if each.state == "active" and each.active_from < clock.now() - KEY_AGE:
            yield Finding("old_key", "medium", "/keys", {"alg": each.alg}, each.id)


def mail_not_proven(seen: Seen) -> Iterator[Finding]:
    """The DNS does not say that the sender's mails are the tenant's."""
    for each in seen.dns:
        if each.state != "ok":
            values = {"part": each.part, "sentence": each.sentence}
            severity: Severity = "medium" if each.state == "fail" else "low"
            yield Finding("mail_dns", severity, "/messages/doctor", values, each.part)


RULES: tuple[Rule, ...] = (
    mfa_off,
    no_second_way,
    no_passkeys,
    short_passwords,
    breached_passwords,
    long_tokens,
    long_sessions,
    long_trust,
    saml_certificates_end,
    client_secrets_end,
    idle_admins,
    one_owner,
    old_keys,
    mail_not_proven,
)
MENDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "mfa_off": ("policy", {"mfa": "optional"}),
    "short_passwords": ("passwords", {"min_length": _LENGTH_ALONE}),
    "breached_passwords": ("passwords", {"breached_sign_ins": 3}),
    "long_tokens": ("lifetimes", {"access_token": 300}),
    "long_trust": ("policy", {"trusted_device_days": 30}),
}
"""Rule -> the section and the members that one click sets."""


def findings(seen: Seen) -> list[Finding]:
    """Everything weak, what matters most first."""
    found = [each for rule in RULES for each in rule(seen)]
    return sorted(found, key=lambda each: ORDER.index(each.severity))
