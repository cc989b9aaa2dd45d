"""How each provider speaks: its paths, its forms, and where it leaves its protocol."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """A provider's ways, as its documentation and its answers show them."""

    people: str
    issuer_path: str = ""
    authorize: str = "/authorize"
    token: str = "/token"
    userinfo: str = "/userinfo"
    jwks: str = "/jwks"
    addresses: str | None = None
    """GitHub: where the addresses are listed."""
    has_id_token: bool = True
    knows_pkce: bool = True
    refuses_verifier: bool = False
    """LinkedIn: a PKCE verifier beside a client secret is an error of the client."""
    echoes_nonce: bool = True
    claims_in_token: bool = True
    posts: bool = False
    """Apple: the answer is posted, whatever was asked, as soon as a scope is."""
    posts_user: bool = False
    signed_secret: bool = False
    """Apple: the client secret is a JWT."""
    errors_are_fine: bool = False
    """GitHub: errors of the token endpoint come with status 200."""
    errors_are_objects: bool = False
    """Facebook."""
    proves_secret: bool = False
    """Facebook: `appsecret_proof` is demanded."""
    wants_name: bool = False
    """GitHub: requests without a User-Agent are refused."""
    takes: tuple[str, ...] = ("client_secret_basic", "client_secret_post", "private_key_jwt")
    discovery_issuer: str | None = None
    """Microsoft: what the discovery document says in place of the issuer's path."""


DIALECTS: dict[str, Dialect] = {
    "oidc": Dialect("oidc"),
    "google": Dialect(
        "google",
        authorize="/o/oauth2/v2/auth",
        jwks="/oauth2/v3/certs",
        userinfo="/v1/userinfo",
        takes=("client_secret_basic", "client_secret_post"),
    ),
    "apple": Dialect(
        "apple",
        authorize="/auth/authorize",
        token="/auth/token",
        jwks="/auth/keys",
        posts=True,
        posts_user=True,
        signed_secret=True,
        takes=("client_secret_post",),
    ),
    "microsoft": Dialect(
        "microsoft",
        issuer_path="/common/v2.0",
        authorize="/common/oauth2/v2.0/authorize",
        token="/common/oauth2/v2.0/token",
        jwks="/common/discovery/v2.0/keys",
        discovery_issuer="/{tenantid}/v2.0",
    ),
    "entra": Dialect(
        "microsoft",
        issuer_path="/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        authorize="/common/oauth2/v2.0/authorize",
        token="/common/oauth2/v2.0/token",
        jwks="/common/discovery/v2.0/keys",
    ),
    "linkedin": Dialect(
        "linkedin",
        issuer_path="/oauth",
        authorize="/oauth/v2/authorization",
        token="/oauth/v2/accessToken",
        userinfo="/v2/userinfo",
        jwks="/oauth/openid/jwks",
        refuses_verifier=True,
        echoes_nonce=False,
        takes=("client_secret_post",),
    ),
    "github": Dialect(
        "github",
        authorize="/login/oauth/authorize",
        token="/login/oauth/access_token",
        userinfo="/user",
        addresses="/user/emails",
        has_id_token=False,
        errors_are_fine=True,
        wants_name=True,
        takes=("client_secret_post",),
    ),
    "facebook": Dialect(
        "facebook",
        authorize="/v24.0/dialog/oauth",
        token="/v24.0/oauth/access_token",
        userinfo="/v24.0/me",
        has_id_token=False,
        errors_are_objects=True,
        proves_secret=True,
        takes=("client_secret_post",),
    ),
    "discord": Dialect(
        "discord",
        authorize="/oauth2/authorize",
        token="/api/oauth2/token",
        userinfo="/api/users/@me",
        has_id_token=False,
        takes=("client_secret_basic",),
    ),
}
