"""Choices of a tenant that make signing in weaker than it need be, each with a stable key."""

from dataclasses import dataclass

from app.directory.settings import TenantSettings

LONG_ACCESS = 3_600
"""Seconds of an access token after which a revocation shows too late to be of use."""
LONG_TRUST = 90
"""Days for which a browser may go without a second factor before that is long."""


@dataclass(frozen=True)
class Weakness:
    """A choice that is allowed and worth a second thought."""

    key: str
    """Stable; `console.weak.<key>` says what it means."""
    section: str


def of(settings: TenantSettings) -> list[Weakness]:
    """The tenant's weak choices, by section."""
    methods, policy, lifetimes = settings.methods, settings.policy, settings.lifetimes
    is_weak = {
        ("sms_second", "methods"): "sms_code" in methods.second,
        ("email_second", "methods"): "email_code" in methods.second,
        ("sms_first", "methods"): "sms_code" in methods.sign_in,
        ("first_sign_in", "methods"): methods.create_on_first_sign_in,
        ("few_digits", "codes"): settings.codes.digits < 6,
        ("fixed_code", "codes"): bool(settings.codes.fixed or settings.codes.echo),
        ("no_mfa", "policy"): policy.mfa == "off",
        ("long_trust", "policy"): policy.trusted_device_days > LONG_TRUST,
        ("long_access", "lifetimes"): lifetimes.access_token > LONG_ACCESS,
        ("breached", "passwords"): settings.passwords.breached_sign_ins > 10,
    }
    return [Weakness(*which) for which, is_so in is_weak.items() if is_so]
