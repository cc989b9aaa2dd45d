"""The guides for OpenID Connect. What is in quotes stands on the providers' own pages."""

from app.setup.guide import Guide, Step
from app.setup.pictures import chosen, form, menu, ours, people, theirs

ASSIGN = people("Sales", "Support", "Everybody")
_ENTRA = (
    Step(
        "setup.guide.entra_register",
        menu("Overview", "Users", "App registrations", marked=2, button="New registration"),
    ),
    Step(
        "setup.guide.entra_redirect",
        form(
            chosen("Supported account types", "Single tenant"),
            chosen("Platform", "Web"),
            ours("Redirect URI", "redirect_uri"),
        ),
    ),
    Step(
        "setup.guide.entra_ids",
        form(
            theirs("Application (client) ID", "client_id"),
            theirs("Directory (tenant) ID", "directory_id"),
        ),
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
    Step("setup.guide.entra_value", form(theirs("Value", "client_secret"))),
    Step(
        "setup.guide.entra_claims",
        form(chosen("Token type", "ID"), chosen("Claim", "email")),
    ),
)
_OKTA = (
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
        "setup.guide.okta_oidc",
        form(
            chosen("Sign-in method", "OIDC - OpenID Connect"),
            chosen("Application type", "Web Application"),
        ),
    ),
    Step("setup.guide.okta_redirect", form(ours("Sign-in redirect URIs", "redirect_uri"))),
    Step("setup.guide.assign", ASSIGN),
    Step(
        "setup.guide.okta_values",
        form(
            theirs("Client ID", "client_id"),
            theirs("Client secret", "client_secret"),
            theirs("Issuer", "issuer"),
        ),
    ),
)
_GOOGLE_WORKSPACE = (
    Step(
        "setup.guide.google_consent",
        menu("Branding", "Audience", "Clients", marked=1, button="Internal"),
    ),
    Step(
        "setup.guide.google_client",
        menu("Branding", "Audience", "Clients", marked=2, button="Create client"),
    ),
    Step(
        "setup.guide.google_redirect",
        form(
            chosen("Application type", "Web application"),
            ours("Authorized redirect URIs", "redirect_uri"),
        ),
    ),
    Step(
        "setup.guide.google_values",
        form(theirs("Client ID", "client_id"), theirs("Client secret", "client_secret")),
    ),
)
_ONELOGIN = (
    Step(
        "setup.guide.onelogin_oidc",
        menu("Users", "Applications", "Security", marked=1, button="Add App"),
    ),
    Step(
        "setup.guide.onelogin_redirect",
        form(ours("Redirect URI's", "redirect_uri"), chosen("Authentication Method", "Basic")),
    ),
    Step("setup.guide.assign", ASSIGN),
    Step(
        "setup.guide.onelogin_values",
        form(
            theirs("Client ID", "client_id"),
            theirs("Client Secret", "client_secret"),
            theirs("Issuer URL", "issuer"),
        ),
    ),
)
GENERIC = (
    Step("setup.guide.oidc_create", menu("Applications", "Users", marked=0, button="New")),
    Step("setup.guide.oidc_redirect", form(ours("Redirect URI", "redirect_uri"))),
    Step(
        "setup.guide.oidc_values",
        form(
            theirs("Issuer", "issuer"),
            theirs("Client ID", "client_id"),
            theirs("Client secret", "client_secret"),
        ),
    ),
)
OIDC_GUIDES = (
    Guide("entra", "Microsoft Entra ID", "oidc", _ENTRA),
    Guide("okta", "Okta", "oidc", _OKTA),
    Guide("google_workspace", "Google Workspace", "oidc", _GOOGLE_WORKSPACE),
    Guide("onelogin", "OneLogin", "oidc", _ONELOGIN),
    Guide("generic", "OpenID Connect", "oidc", GENERIC),
)
