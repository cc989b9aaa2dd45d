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
_ENTRA_SAML, _ADFS = ("entra_saml",), ("adfs_saml",)
_OKTA_SAML, _GOOGLE_SAML = ("okta_saml",), ("google_saml",)
_ONELOGIN, _JUMPCLOUD = ("onelogin_saml",), ("jumpcloud_saml",)
_SAML = (*_ENTRA_SAML, *_ADFS, *_OKTA_SAML, *_GOOGLE_SAML, *_ONELOGIN, *_JUMPCLOUD, "generic_saml")
_ACS_URL = {
    "diagnosis.acs_url_entra": _ENTRA_SAML,
    "diagnosis.acs_url_okta": _OKTA_SAML,
    "diagnosis.acs_url_google": _GOOGLE_SAML,
    "diagnosis.acs_url_onelogin": _ONELOGIN,
    "diagnosis.acs_url_jumpcloud": _JUMPCLOUD,
    "diagnosis.acs_url_adfs": _ADFS,
}
"""Where our ACS URL is entered: what cures a wrong destination and a wrong recipient."""
_ATTRIBUTES = {
    "diagnosis.attribute_missing_entra": _ENTRA_SAML,
    "diagnosis.attribute_missing_okta": _OKTA_SAML,
    "diagnosis.attribute_missing_google": _GOOGLE_SAML,
    "diagnosis.attribute_missing_onelogin": _ONELOGIN,
    "diagnosis.attribute_missing_jumpcloud": _JUMPCLOUD,
    "diagnosis.attribute_missing_adfs": _ADFS,
}


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
    _row("diagnosis.replayed"),
    _row(
        "diagnosis.access_denied_upstream",
        {
            "diagnosis.access_denied_upstream_entra": _ENTRA + _ENTRA_SAML,
            "diagnosis.access_denied_upstream_google": _GOOGLE,
            "diagnosis.access_denied_upstream_okta": ("okta", "okta_saml"),
            "diagnosis.access_denied_upstream_saml_google": _GOOGLE_SAML,
        },
    ),
    _row(
        "diagnosis.provider_error",
        {
            "diagnosis.provider_error_entra": _ENTRA,
            "diagnosis.provider_error_saml_entra": _ENTRA_SAML,
            "diagnosis.provider_error_saml_adfs": _ADFS,
            "diagnosis.provider_error_okta": _OKTA_SAML,
            "diagnosis.provider_error_okta_openid": ("okta",),
        },
    ),
    _row("diagnosis.response_malformed", {"diagnosis.response_malformed_saml": _SAML}),
    _row("diagnosis.too_large"),
    # What the connection knows of the provider.
    _row(
        "diagnosis.discovery_unusable",
        {
            "diagnosis.discovery_unusable_saml": _SAML,
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
            "diagnosis.client_refused_google": _GOOGLE,
            "diagnosis.client_refused_okta": ("okta",),
            "diagnosis.client_refused_github": ("github",),
            "diagnosis.client_refused_facebook": ("facebook",),
            "diagnosis.client_refused_discord": ("discord",),
        },
    ),
    _row("diagnosis.code_refused", {"diagnosis.code_refused_github": ("github",)}),
    _row("diagnosis.connection_changed"),
    # Who speaks, and to whom.
    _row(
        "diagnosis.issuer_mismatch",
        {
            "diagnosis.issuer_mismatch_saml": _SAML,
            "diagnosis.issuer_mismatch_entra": _ENTRA,
            "diagnosis.issuer_mismatch_okta": ("okta",),
        },
    ),
    _row(
        "diagnosis.audience_mismatch",
        {
            "diagnosis.audience_mismatch_entra": _ENTRA_SAML,
            "diagnosis.audience_mismatch_okta": _OKTA_SAML,
            "diagnosis.audience_mismatch_google": _GOOGLE_SAML,
            "diagnosis.audience_mismatch_onelogin": _ONELOGIN,
            "diagnosis.audience_mismatch_jumpcloud": _JUMPCLOUD,
            "diagnosis.audience_mismatch_adfs": _ADFS,
        },
    ),
    _row("diagnosis.azp_mismatch"),
    _row("diagnosis.destination_mismatch", _ACS_URL),
    _row("diagnosis.recipient_mismatch", _ACS_URL),
    _row("diagnosis.in_response_to_mismatch"),
    _row("diagnosis.unsolicited_refused", {"diagnosis.unsolicited_refused_okta": _OKTA_SAML}),
    # Signatures and keys.
    _row(
        "diagnosis.signature_missing",
        {
            "diagnosis.signature_missing_adfs": _ADFS,
            "diagnosis.signature_missing_google": _GOOGLE_SAML,
        },
    ),
    _row("diagnosis.signature_invalid"),
    _row("diagnosis.algorithm_refused", {"diagnosis.algorithm_refused_adfs": _ADFS}),
    _row("diagnosis.key_unknown"),
    _row(
        "diagnosis.certificate_unknown",
        {
            "diagnosis.certificate_unknown_entra": _ENTRA_SAML,
            "diagnosis.certificate_unknown_okta": _OKTA_SAML,
            "diagnosis.certificate_unknown_google": _GOOGLE_SAML,
            "diagnosis.certificate_unknown_adfs": _ADFS,
        },
    ),
    _row("diagnosis.certificate_expired"),
    _row(
        "diagnosis.encryption_refused",
        {
            "diagnosis.encryption_refused_entra": _ENTRA_SAML,
            "diagnosis.encryption_refused_okta": _OKTA_SAML,
            "diagnosis.encryption_refused_adfs": _ADFS,
        },
    ),
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
    _row(
        "diagnosis.name_id_missing",
        {
            "diagnosis.name_id_missing_entra": _ENTRA_SAML,
            "diagnosis.name_id_missing_adfs": _ADFS,
        },
    ),
    _row("diagnosis.attribute_missing", _ATTRIBUTES),
    _row(
        "diagnosis.email_missing",
        {
            "diagnosis.email_missing_entra": ("entra",),
            "diagnosis.email_missing_github": ("github",),
            "diagnosis.email_missing_saml": _SAML,
            **_ATTRIBUTES,
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
