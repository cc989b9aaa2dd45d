"""The guides for providers that everybody may sign in by. What is in quotes stands on the
providers' own pages. They are read by a tenant's admins, in the console."""

from app.setup.guide import Guide, Step
from app.setup.oidc_guides import GENERIC
from app.setup.pictures import chosen, form, menu, ours, theirs

_GOOGLE = (
    Step(
        "console.guide.google_consent",
        menu("Branding", "Audience", "Clients", marked=1, button="External"),
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
        "console.guide.values",
        form(theirs("Client ID", "client_id"), theirs("Client secret", "client_secret")),
    ),
)
_APPLE = (
    Step(
        "console.guide.apple_app",
        menu("Certificates", "Identifiers", "Keys", marked=1, button="App IDs"),
    ),
    Step(
        "console.guide.apple_services",
        form(theirs("Identifier (Services ID)", "client_id")),
    ),
    Step("console.guide.apple_return", form(ours("Return URLs", "redirect_uri"))),
    Step(
        "console.guide.apple_key",
        menu("Certificates", "Identifiers", "Keys", marked=2, button="Download"),
    ),
    Step(
        "console.guide.apple_values",
        form(
            theirs("Key ID", "key_id"), theirs("Team ID", "team_id"), theirs(".p8", "private_key")
        ),
    ),
)
_MICROSOFT = (
    Step(
        "setup.guide.entra_register",
        menu("Overview", "Users", "App registrations", marked=2, button="New registration"),
    ),
    Step(
        "console.guide.microsoft_accounts",
        form(
            chosen("Supported account types", "Any directory and personal Microsoft accounts"),
            chosen("Platform", "Web"),
            ours("Redirect URI", "redirect_uri"),
        ),
    ),
    Step("console.guide.microsoft_id", form(theirs("Application (client) ID", "client_id"))),
    Step("setup.guide.entra_value", form(theirs("Value", "client_secret"))),
    Step(
        "console.guide.microsoft_claims",
        form(chosen("Token type", "ID"), chosen("Claim", "email, xms_edov")),
    ),
)
_GITHUB = (
    Step(
        "console.guide.github_create",
        menu("GitHub Apps", "OAuth Apps", marked=1, button="New OAuth App"),
    ),
    Step("console.guide.github_redirect", form(ours("Authorization callback URL", "redirect_uri"))),
    Step(
        "console.guide.values",
        form(theirs("Client ID", "client_id"), theirs("Client secret", "client_secret")),
    ),
)
_LINKEDIN = (
    Step(
        "console.guide.linkedin_create",
        menu(
            "Settings",
            "Auth",
            "Products",
            marked=2,
            button="Sign In with LinkedIn using OpenID Connect",
        ),
    ),
    Step("console.guide.linkedin_redirect", form(ours("Authorized redirect URLs", "redirect_uri"))),
    Step(
        "console.guide.values",
        form(theirs("Client ID", "client_id"), theirs("Primary Client Secret", "client_secret")),
    ),
)
_FACEBOOK = (
    Step(
        "console.guide.facebook_create",
        menu("Dashboard", "Use cases", "App settings", marked=1, button="Facebook Login"),
    ),
    Step(
        "console.guide.facebook_redirect",
        form(ours("Valid OAuth Redirect URIs", "redirect_uri")),
    ),
    Step(
        "console.guide.facebook_values",
        form(theirs("App ID", "client_id"), theirs("App secret", "client_secret")),
    ),
    Step("console.guide.facebook_live", form(chosen("App mode", "Live"))),
)
_DISCORD = (
    Step(
        "console.guide.discord_create",
        menu("General Information", "OAuth2", "Bot", marked=1, button="New Application"),
    ),
    Step("console.guide.discord_redirect", form(ours("Redirects", "redirect_uri"))),
    Step(
        "console.guide.values",
        form(theirs("Client ID", "client_id"), theirs("Client Secret", "client_secret")),
    ),
)
SOCIAL = (
    Guide("google", "Google", "oidc", _GOOGLE),
    Guide("apple", "Apple", "oidc", _APPLE),
    Guide("microsoft", "Microsoft", "oidc", _MICROSOFT),
    Guide("github", "GitHub", "oidc", _GITHUB),
    Guide("linkedin", "LinkedIn", "oidc", _LINKEDIN),
    Guide("facebook", "Facebook", "oidc", _FACEBOOK),
    Guide("discord", "Discord", "oidc", _DISCORD),
    Guide("custom_oidc", "OpenID Connect", "oidc", GENERIC),
)
