"""What a connection is made of, by protocol: everything that an admin may see."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.directory.section import Section

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#]{1,2000}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""The name of a claim or attribute; dots lead into objects."""


class ClaimMapping(Section):
    """Under which names a provider tells what we want to know."""

    subject: Path = "sub"
    email: Path = "email"
    email_verified: Path | None = "email_verified"
    name: Path | None = "name"
    given_name: Path | None = "given_name"
    family_name: Path | None = "family_name"
    groups: Path | None = None
    answers: dict[Name, Path] = {}
    """The name of a question of the tenant's own at sign-up -> the claim that answers it."""


class Common(Section):
    """What connections of every protocol have."""

    mapping: ClaimMapping = ClaimMapping()
    email_is_proof: Literal["never", "claim", "domain", "always"] = "claim"
    """When the provider's word for an address counts: never; where it says so by `email_verified`;
    in domains that the connection's organization has proven; always, as for a provider that is
    known to check."""
    role_of_group: dict[Name, Name] = {}
    """Which role of the organization a group gives."""
    default_role: Name | None = None
    creates_users: bool = True
    """Whether somebody who is new may come in (just-in-time provisioning)."""
    trusts_mfa: bool = False
    """Whether the provider's own second factor counts as one here."""
    logs_out_upstream: bool = False


class OidcSettings(Common):
    """An OpenID provider."""

    protocol: Literal["oidc"] = "oidc"
    issuer: Url
    client_id: Name
    authentication: Literal[
        "client_secret_basic", "client_secret_post", "private_key_jwt", "apple", "none"
    ] = "client_secret_basic"
    key_id: Name | None = None
    """Of the private key, with `private_key_jwt` and `apple`."""
    team_id: Name | None = None
    """Apple's, with `apple`."""
    scopes: tuple[Name, ...] = ("openid", "email", "profile")
    response_mode: Literal["query", "form_post"] = "query"
    reads_userinfo: bool = False
    discovers: bool = True
    """Whether the endpoints come from the provider's discovery document."""
    authorization_endpoint: Url | None = None
    token_endpoint: Url | None = None
    userinfo_endpoint: Url | None = None
    jwks_uri: Url | None = None
    end_session_endpoint: Url | None = None
    directories: tuple[Name, ...] = ()
    """Microsoft: the only directories (`tid`) that may come in; empty for all of the issuer's."""


class OAuthSettings(Common):
    """A provider that speaks OAuth 2 and tells of the person at an API of its own."""

    protocol: Literal["oauth2"] = "oauth2"
    issuer: Url
    """A name for the provider, as it has none by itself."""
    client_id: Name
    authentication: Literal["client_secret_basic", "client_secret_post"] = "client_secret_post"
    scopes: tuple[Name, ...] = ()
    authorization_endpoint: Url
    token_endpoint: Url
    userinfo_endpoint: Url
    emails_endpoint: Url | None = None
    """Where GitHub lists the addresses."""
    uses_pkce: bool = True


class SamlSettings(Common):
    """A SAML 2.0 identity provider."""

    protocol: Literal["saml"] = "saml"
    issuer: Annotated[str, StringConstraints(min_length=1, max_length=1_024)]
    """Its entity id."""
    sso_url: Url
    sso_binding: Literal["redirect", "post"] = "redirect"
    slo_url: Url | None = None
    slo_binding: Literal["redirect", "post"] = "redirect"
    certificates: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]
    """PEM; several while the provider rolls over."""
    metadata_url: Url | None = None
    name_id_format: Literal["persistent", "emailAddress", "transient", "unspecified"] = "persistent"
    subject_attribute: Path | None = None
    """The attribute that is the subject, where NameID is transient or may change."""
    signs_requests: bool = True
    wants_encryption: bool = False
    takes_unsolicited: bool = False
    """Whether IdP-initiated sign-ins are taken."""
    unsolicited_client_id: Name | None = None
    """The client that an IdP-initiated sign-in goes on to."""
    requested_contexts: tuple[Name, ...] = ()


ConnectionSettings = Annotated[
    OidcSettings | OAuthSettings | SamlSettings, Field(discriminator="protocol")
]
