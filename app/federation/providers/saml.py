"""SAML providers of companies: how each names people, and under which names it tells of them.

None vouches for an address outside the domains that its organization proved. Only Entra is asked
for a kind of NameID: elsewhere the provider's admin has set one, and AD FS fails when it is asked
for another.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.directory.connection_settings import ClaimMapping, SamlSettings

if TYPE_CHECKING:  # It loads libxml2, which whoever only lists the presets does not need.
    from app.federation.saml_descriptors import SamlMetadata

NameIdFormat = Literal["persistent", "emailAddress", "transient", "unspecified"]
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_MICROSOFT = "http://schemas.microsoft.com"


@dataclass(frozen=True)
class SamlPreset:
    """A provider as data."""

    key: str
    name: str
    mapping: ClaimMapping
    name_id_format: NameIdFormat = "unspecified"
    subject_attribute: str | None = None
    """The attribute that never changes, where the provider has one."""

    def settings(
        self, metadata: "SamlMetadata", metadata_url: str | None = None, **chosen: Any
    ) -> SamlSettings:
        """The settings of a connection to the provider that the metadata describes; `chosen` are
        members of the settings that win over the preset's."""
        values: dict[str, Any] = {
            "issuer": metadata.entity_id,
            "sso_url": metadata.sso_url,
            "sso_binding": metadata.sso_binding,
            "slo_url": metadata.slo_url,
            "slo_binding": metadata.slo_binding,
            "certificates": metadata.certificates,
            "metadata_url": metadata_url,
            **self.document(),
        }
        return SamlSettings.model_validate({**values, **chosen})

    def document(self) -> dict[str, Any]:
        """What of the settings the preset decides."""
        return {
            "mapping": self.mapping.model_dump(),
            "name_id_format": self.name_id_format,
            "subject_attribute": self.subject_attribute,
            "email_is_proof": "domain",
        }


def _named(email: str, given: str, family: str, name: str, groups: str) -> ClaimMapping:
    return ClaimMapping(
        email=email,
        email_verified=None,
        name=name,
        given_name=given,
        family_name=family,
        groups=groups,
    )


_AS_ASKED = _named("email", "given_name", "family_name", "name", "groups")
"""The names that our guides ask an admin to give, where attributes are the admin's to name."""

ENTRA = SamlPreset(
    "entra_saml",
    "Microsoft Entra ID",
    _named(
        f"{_CLAIMS}/emailaddress",
        f"{_CLAIMS}/givenname",
        f"{_CLAIMS}/surname",
        f"{_MICROSOFT}/identity/claims/displayname",
        f"{_MICROSOFT}/ws/2008/06/identity/claims/groups",
    ),
    name_id_format="persistent",
    subject_attribute=f"{_MICROSOFT}/identity/claims/objectidentifier",
)
OKTA = SamlPreset("okta_saml", "Okta", _AS_ASKED)
GOOGLE = SamlPreset("google_saml", "Google Workspace", _AS_ASKED)
ONELOGIN = SamlPreset("onelogin_saml", "OneLogin", _AS_ASKED)
JUMPCLOUD = SamlPreset("jumpcloud_saml", "JumpCloud", _AS_ASKED)
ADFS = SamlPreset(
    "adfs_saml",
    "AD FS",
    _named(
        f"{_CLAIMS}/emailaddress",
        f"{_CLAIMS}/givenname",
        f"{_CLAIMS}/surname",
        f"{_CLAIMS}/name",
        "http://schemas.xmlsoap.org/claims/Group",
    ),
)
GENERIC = SamlPreset(
    "generic_saml",
    "SAML 2.0",
    _AS_ASKED,
    name_id_format="persistent",
)

SAML_PRESETS: dict[str, SamlPreset] = {
    preset.key: preset for preset in (ENTRA, OKTA, GOOGLE, ONELOGIN, JUMPCLOUD, ADFS, GENERIC)
}
