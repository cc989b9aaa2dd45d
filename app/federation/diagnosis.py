"""Why nobody was signed in by a provider's message: each fault with a stable id, which check failed
in plain words, and what to do about it, at this provider where that differs.

These sentences are for admins. The person at the browser gets none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Diagnosis:
    """One fault. All members but the id are text ids."""

    id: str
    check: str
    """Which check failed."""
    fix: str
    fix_by_provider: Mapping[str, str] = field(default_factory=dict)
    """Preset key -> what to do at that provider."""

    def fix_for(self, provider: str) -> str:
        """What to do, at this provider."""
        return self.fix_by_provider.get(provider, self.fix)


_ENTRA = ("entra", "microsoft")
_GOOGLE = ("google", "google_workspace")


def _row(stem: str, by_provider: Mapping[str, tuple[str, ...]] | None = None) -> Diagnosis:
    """A row by the stem of its text ids; `by_provider` is the stem of another fix -> the presets
    that it is for."""
    special = {
        provider: f"{other}.body"
        for other, providers in (by_provider or {}).items()
        for provider in providers
    }
    return Diagnosis(stem.removeprefix("diagnosis."), f"{stem}.title", f"{stem}.body", special)


_ROWS = (
    # The way to the provider and back.
    _row("diagnosis.state_unknown"),
    _row("diagnosis.state_expired"),
    _row("diagnosis.other_browser"),
    _row("diagnosis.replayed"),
    _row(
        "diagnosis.access_denied_upstream",
        {
            "diagnosis.access_denied_upstream_entra": _ENTRA,
            "diagnosis.access_denied_upstream_google": _GOOGLE,
        },
    ),
    _row(
        "diagnosis.provider_error",
        {
            "diagnosis.provider_error_entra": _ENTRA,
            "diagnosis.provider_error_okta": ("okta", "okta_saml"),
        },
    ),
    _row("diagnosis.response_malformed"),
    _row("diagnosis.too_large"),
    # What the connection knows of the provider.
    _row(
        "diagnosis.discovery_unusable",
        {
            "diagnosis.discovery_unusable_entra": _ENTRA,
            "diagnosis.discovery_unusable_okta": ("okta",),
        },
    ),
    _row(
        "diagnosis.client_refused",
        {
            "diagnosis.client_refused_entra": _ENTRA,
            "diagnosis.client_refused_apple": ("apple",),
            "diagnosis.client_refused_linkedin": ("linkedin",),
        },
    ),
    _row("diagnosis.code_refused"),
    _row("diagnosis.connection_disabled"),
    # Who speaks, and to whom.
    _row(
        "diagnosis.issuer_mismatch",
        {"diagnosis.issuer_mismatch_entra": _ENTRA, "diagnosis.issuer_mismatch_okta": ("okta",)},
    ),
    _row(
        "diagnosis.audience_mismatch",
        {
            "diagnosis.audience_mismatch_entra": ("entra_saml",),
            "diagnosis.audience_mismatch_okta": ("okta_saml",),
        },
    ),
    _row("diagnosis.azp_mismatch"),
    _row("diagnosis.destination_mismatch"),
    _row("diagnosis.recipient_mismatch"),
    _row("diagnosis.in_response_to_mismatch"),
    _row("diagnosis.unsolicited_refused", {"diagnosis.unsolicited_refused_okta": ("okta_saml",)}),
    # Signatures and keys.
    _row(
        "diagnosis.signature_missing",
        {
            "diagnosis.signature_missing_adfs": ("adfs_saml",),
            "diagnosis.signature_missing_google": ("google_saml",),
        },
    ),
    _row("diagnosis.signature_invalid"),
    _row("diagnosis.algorithm_refused", {"diagnosis.algorithm_refused_adfs": ("adfs_saml",)}),
    _row("diagnosis.key_unknown"),
    _row("diagnosis.certificate_unknown", {"diagnosis.certificate_unknown_entra": ("entra_saml",)}),
    _row("diagnosis.certificate_expired"),
    _row("diagnosis.encryption_refused"),
    # Time.
    _row("diagnosis.token_expired"),
    _row("diagnosis.token_from_future"),
    _row("diagnosis.proof_too_old"),
    _row("diagnosis.context_mismatch"),
    # What ties the answer to this sign-in.
    _row("diagnosis.nonce_mismatch"),
    _row("diagnosis.at_hash_mismatch"),
    _row("diagnosis.userinfo_mismatch"),
    # Who it is.
    _row("diagnosis.subject_missing", {"diagnosis.subject_missing_entra": _ENTRA}),
    _row("diagnosis.subject_unusable"),
    _row("diagnosis.name_id_missing"),
    _row(
        "diagnosis.attribute_missing",
        {
            "diagnosis.attribute_missing_entra": ("entra_saml",),
            "diagnosis.attribute_missing_okta": ("okta_saml",),
        },
    ),
    _row(
        "diagnosis.email_missing",
        {
            "diagnosis.email_missing_entra": ("entra",),
            "diagnosis.email_missing_github": ("github",),
        },
    ),
    _row("diagnosis.email_not_theirs"),
    _row(
        "diagnosis.directory_not_allowed",
        {"diagnosis.directory_not_allowed_google": ("google_workspace",)},
    ),
    _row("diagnosis.user_not_allowed"),
)

DIAGNOSES: dict[str, Diagnosis] = {row.id: row for row in _ROWS}
