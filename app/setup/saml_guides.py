"""The guides for SAML 2.0. What is in quotes stands on the providers' own pages."""

from app.setup.guide import Guide, Step
from app.setup.oidc_guides import ASSIGN
from app.setup.pictures import chosen, form, menu, ours, people, theirs


def _attributes(email: str, given_name: str, family_name: str) -> Step:
    """What the attributes are filled with there, under the names that we ask for."""
    return Step(
        "setup.guide.saml_attributes",
        form(
            chosen("email", email),
            chosen("given_name", given_name),
            chosen("family_name", family_name),
        ),
    )


_ENTRA = (
    Step(
        "setup.guide.entra_saml_create",
        menu("Overview", "Enterprise applications", marked=1, button="New application"),
    ),
    Step(
        "setup.guide.entra_saml_basic",
        form(ours("Identifier (Entity ID)", "entity_id"), ours("Reply URL (ACS URL)", "acs_url")),
    ),
    Step("setup.guide.assign", ASSIGN),
    Step(
        "setup.guide.entra_saml_metadata",
        form(theirs("App Federation Metadata Url", "metadata_url")),
    ),
)
_OKTA = (
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
        form(
            ours("Single sign-on URL", "acs_url"),
            ours("Audience URI (SP Entity ID)", "entity_id"),
        ),
    ),
    _attributes("user.email", "user.firstName", "user.lastName"),
    Step("setup.guide.assign", ASSIGN),
    Step("setup.guide.okta_saml_metadata", form(theirs("Metadata URL", "metadata_url"))),
)
_GOOGLE = (
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
    Step("setup.guide.google_saml_metadata", form(theirs("Download metadata", "metadata_file"))),
    Step(
        "setup.guide.google_saml_basic",
        form(ours("ACS URL", "acs_url"), ours("Entity ID", "entity_id")),
    ),
    _attributes("Primary email", "First name", "Last name"),
    Step("setup.guide.google_saml_on", people("ON for everyone")),
)
_ONELOGIN = (
    Step(
        "setup.guide.onelogin_saml_create",
        menu("Users", "Applications", "Security", marked=1, button="Add App"),
    ),
    Step(
        "setup.guide.onelogin_saml_basic",
        form(
            ours("Audience (EntityID)", "entity_id"),
            chosen("ACS (Consumer) URL Validator", r"https://login\.example\.com/..."),
            ours("ACS (Consumer) URL", "acs_url"),
        ),
    ),
    _attributes("Email", "First Name", "Last Name"),
    Step("setup.guide.assign", ASSIGN),
    Step("setup.guide.onelogin_saml_metadata", form(theirs("Issuer URL", "metadata_url"))),
)
_JUMPCLOUD = (
    Step(
        "setup.guide.jumpcloud_create",
        menu("Users", "SSO Applications", marked=1, button="Add New Application"),
    ),
    Step(
        "setup.guide.jumpcloud_basic",
        form(
            chosen("IdP Entity ID", "JumpCloud"),
            ours("SP Entity ID", "entity_id"),
            ours("ACS URL", "acs_url"),
        ),
    ),
    _attributes("email", "firstname", "lastname"),
    Step("setup.guide.assign", ASSIGN),
    Step("setup.guide.jumpcloud_metadata", form(theirs("Export Metadata", "metadata_file"))),
)
_ADFS = (
    Step(
        "setup.guide.adfs_trust",
        menu("Service", "Relying Party Trusts", marked=1, button="Add Relying Party Trust"),
    ),
    Step(
        "setup.guide.adfs_import",
        form(chosen("Federation metadata file location", "authpage-metadata.xml")),
    ),
    Step(
        "setup.guide.adfs_claims",
        form(
            chosen("E-Mail-Addresses", "E-Mail Address"),
            chosen("E-Mail-Addresses", "Name ID"),
            chosen("Given-Name", "Given Name"),
            chosen("Surname", "Surname"),
        ),
    ),
    Step("setup.guide.adfs_metadata", form(theirs("FederationMetadata.xml", "metadata_url"))),
)
_GENERIC = (
    Step("setup.guide.saml_create", menu("Applications", "Users", marked=0, button="New")),
    Step(
        "setup.guide.saml_basic",
        form(ours("Entity ID", "entity_id"), ours("ACS URL", "acs_url")),
    ),
    _attributes("Email address", "First name", "Last name"),
    Step("setup.guide.saml_metadata", form(theirs("Metadata URL", "metadata_url"))),
)
SAML_GUIDES = (
    Guide("entra_saml", "Microsoft Entra ID", "saml", _ENTRA),
    Guide("okta_saml", "Okta", "saml", _OKTA),
    Guide("google_saml", "Google Workspace", "saml", _GOOGLE),
    Guide("onelogin_saml", "OneLogin", "saml", _ONELOGIN),
    Guide("jumpcloud_saml", "JumpCloud", "saml", _JUMPCLOUD),
    Guide("adfs_saml", "AD FS", "saml", _ADFS),
    Guide("generic_saml", "SAML 2.0", "saml", _GENERIC),
)
