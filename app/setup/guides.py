"""Where to click at each provider, step by step, and what of it must be entered here."""

from dataclasses import dataclass
from typing import Literal

from app.directory.errors import NotFound
from app.federation.providers import PRESETS, Field
from app.federation.providers.saml import SAML_PRESETS
from app.setup.pictures import Picture, form, menu, people

_METADATA = (
    Field("metadata_url", "url", required=False),
    Field("metadata", "text", required=False),
)
_ASSIGN = ("Sales", "Support", "Everybody")


@dataclass(frozen=True)
class Step:
    """One numbered sentence, and its drawing where one helps."""

    text: str
    """A text id."""
    picture: Picture | None = None


@dataclass(frozen=True)
class Guide:
    """One way to connect one provider. Its key is the connection's `provider`."""

    key: str
    name: str
    protocol: Literal["oidc", "saml"]
    steps: tuple[Step, ...]

    @property
    def words(self) -> dict[str, str]:
        """The names of attributes that the sentences of a SAML guide speak of."""
        if self.protocol != "saml":
            return {}
        mapping = SAML_PRESETS[self.key].mapping
        return {
            "email": mapping.email,
            "given_name": mapping.given_name or "",
            "family_name": mapping.family_name or "",
        }

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """What can be entered here at the end."""
        return _METADATA if self.protocol == "saml" else PRESETS[self.key].fields

    @property
    def fields(self) -> tuple[Field, ...]:
        """What of it the pages ask for."""
        return tuple(each for each in self.all_fields if each.name in _ON_PAGES)


_ATTRIBUTES = Step(
    "setup.guide.saml_attributes", form("Email", "First name", "Last name", marked=0)
)

_ON_PAGES = frozenset(
    {
        "directory_id",
        "issuer",
        "hosted_domains",
        "client_id",
        "client_secret",
        "groups_claim",
        "metadata_url",
    }
)

_ROWS = (
    Guide(
        "entra",
        "Microsoft Entra ID",
        "oidc",
        (
            Step(
                "setup.guide.entra_register",
                menu("Overview", "Users", "App registrations", marked=2, button="New registration"),
            ),
            Step(
                "setup.guide.entra_redirect",
                form("Name", "Supported account types", "Redirect URI: Web", marked=2),
            ),
            Step(
                "setup.guide.entra_ids",
                form("Application (client) ID", "Directory (tenant) ID", marked=1),
            ),
            Step(
                "setup.guide.entra_secret",
                menu(
                    "Overview",
                    "Authentication",
                    "Certificates & secrets",
                    marked=2,
                    button="New client secret",
                ),
            ),
            Step("setup.guide.entra_claims", form("email", "upn", marked=0)),
        ),
    ),
    Guide(
        "okta",
        "Okta",
        "oidc",
        (
            Step(
                "setup.guide.okta_create",
                menu(
                    "Dashboard",
                    "Directory",
                    "Applications",
                    marked=2,
                    button="Create App Integration",
                ),
            ),
            Step(
                "setup.guide.okta_oidc", form("OIDC - OpenID Connect", "Web Application", marked=0)
            ),
            Step("setup.guide.okta_redirect", form("Sign-in redirect URIs", marked=0)),
            Step("setup.guide.assign", people(*_ASSIGN)),
            Step("setup.guide.okta_values", form("Client ID", "Client secret", "Issuer", marked=0)),
        ),
    ),
    Guide(
        "google_workspace",
        "Google Workspace",
        "oidc",
        (
            Step(
                "setup.guide.google_consent",
                menu("Credentials", "OAuth consent screen", marked=1, button="Internal"),
            ),
            Step(
                "setup.guide.google_client",
                menu("Credentials", "OAuth consent screen", marked=0, button="Create credentials"),
            ),
            Step("setup.guide.google_redirect", form("Name", "Authorised redirect URIs", marked=1)),
            Step("setup.guide.google_values", form("Client ID", "Client secret", marked=0)),
        ),
    ),
    Guide(
        "onelogin",
        "OneLogin",
        "oidc",
        (
            Step(
                "setup.guide.onelogin_oidc",
                menu("Users", "Applications", "Settings", marked=1, button="Add App"),
            ),
            Step("setup.guide.onelogin_redirect", form("Login Url", "Redirect URI's", marked=1)),
            Step("setup.guide.assign", people(*_ASSIGN)),
            Step(
                "setup.guide.onelogin_values",
                form("Client ID", "Client Secret", "Issuer URL", marked=2),
            ),
        ),
    ),
    Guide(
        "generic",
        "OpenID Connect",
        "oidc",
        (
            Step("setup.guide.oidc_create", menu("Applications", marked=0, button="New")),
            Step("setup.guide.oidc_redirect", form("Redirect URI", marked=0)),
            Step("setup.guide.oidc_values", form("Issuer", "Client ID", "Client secret", marked=0)),
        ),
    ),
    Guide(
        "entra_saml",
        "Microsoft Entra ID",
        "saml",
        (
            Step(
                "setup.guide.entra_saml_create",
                menu(
                    "Overview",
                    "Enterprise applications",
                    marked=1,
                    button="New application",
                ),
            ),
            Step(
                "setup.guide.entra_saml_basic",
                form("Identifier (Entity ID)", "Reply URL (ACS URL)", marked=0),
            ),
            Step("setup.guide.assign", people(*_ASSIGN)),
            Step(
                "setup.guide.entra_saml_metadata",
                form("Certificate (Base64)", "App Federation Metadata Url", marked=1),
            ),
        ),
    ),
    Guide(
        "okta_saml",
        "Okta",
        "saml",
        (
            Step(
                "setup.guide.okta_saml_create",
                menu(
                    "Dashboard",
                    "Directory",
                    "Applications",
                    marked=2,
                    button="Create App Integration",
                ),
            ),
            Step(
                "setup.guide.okta_saml_basic",
                form("Single sign-on URL", "Audience URI (SP Entity ID)", marked=0),
            ),
            _ATTRIBUTES,
            Step("setup.guide.assign", people(*_ASSIGN)),
            Step("setup.guide.okta_saml_metadata", form("Metadata URL", marked=0)),
        ),
    ),
    Guide(
        "google_saml",
        "Google Workspace",
        "saml",
        (
            Step(
                "setup.guide.google_saml_create",
                menu(
                    "Users",
                    "Apps",
                    "Web and mobile apps",
                    marked=2,
                    button="Add custom SAML app",
                ),
            ),
            Step("setup.guide.google_saml_metadata", form("Download Metadata", marked=0)),
            Step("setup.guide.google_saml_basic", form("ACS URL", "Entity ID", marked=0)),
            _ATTRIBUTES,
            Step("setup.guide.google_saml_on", people("ON for everyone")),
        ),
    ),
    Guide(
        "onelogin_saml",
        "OneLogin",
        "saml",
        (
            Step(
                "setup.guide.onelogin_saml_create",
                menu("Users", "Applications", "Settings", marked=1, button="Add App"),
            ),
            Step(
                "setup.guide.onelogin_saml_basic",
                form("Audience (EntityID)", "ACS (Consumer) URL", marked=0),
            ),
            _ATTRIBUTES,
            Step("setup.guide.onelogin_saml_metadata", form("Issuer URL", marked=0)),
        ),
    ),
    Guide(
        "jumpcloud_saml",
        "JumpCloud",
        "saml",
        (
            Step(
                "setup.guide.jumpcloud_create",
                menu("Users", "SSO Applications", marked=1, button="Add New Application"),
            ),
            Step("setup.guide.jumpcloud_basic", form("SP Entity ID", "ACS URL", marked=0)),
            _ATTRIBUTES,
            Step("setup.guide.assign", people(*_ASSIGN)),
            Step("setup.guide.jumpcloud_metadata", form("Export Metadata", marked=0)),
        ),
    ),
    Guide(
        "adfs_saml",
        "AD FS",
        "saml",
        (
            Step(
                "setup.guide.adfs_trust",
                menu("Service", "Relying Party Trusts", marked=1, button="Add Relying Party Trust"),
            ),
            Step("setup.guide.adfs_import", form("Federation metadata address", marked=0)),
            Step(
                "setup.guide.adfs_claims",
                form("E-Mail-Addresses", "Given-Name", "Surname", marked=0),
            ),
            Step("setup.guide.adfs_metadata", form("FederationMetadata.xml", marked=0)),
        ),
    ),
    Guide(
        "generic_saml",
        "SAML 2.0",
        "saml",
        (
            Step("setup.guide.saml_create", menu("Applications", marked=0, button="New")),
            Step("setup.guide.saml_basic", form("Entity ID", "ACS URL", marked=0)),
            _ATTRIBUTES,
            Step("setup.guide.saml_metadata", form("Metadata", marked=0)),
        ),
    ),
)

GUIDES: dict[str, Guide] = {each.key: each for each in _ROWS}


def find(key: str) -> Guide:
    """The guide for this provider; raises `NotFound`."""
    if key not in GUIDES:
        raise NotFound("provider")
    return GUIDES[key]
