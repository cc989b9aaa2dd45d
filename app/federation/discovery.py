"""Where a provider's endpoints are: from its discovery document, or as an admin wrote them down.

(OpenID Connect Discovery, sections 3 and 4)
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.config import settings as of_installation
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.federation import documents
from app.federation.identity import UpstreamRefused
from app.federation.masking import cleaned
from app.federation.network import Budget
from app.federation.providers import quirks_of
from app.federation.providers.microsoft import AUDIENCES

_WELL_KNOWN = "/.well-known/openid-configuration"
_LONGEST_URL = 2_048
_DIRECTORY = "{tenantid}"


@dataclass(frozen=True)
class Endpoints:
    """Where to send what, and what the provider announces of itself."""

    authorization: str
    token: str
    jwks: str
    userinfo: str | None = None
    end_session: str | None = None
    names_itself: bool = False
    """Whether every authorization response carries `iss` (RFC 9207, section 3)."""
    takes: tuple[str, ...] = ()
    """How clients may say who they are at the token endpoint; empty where that is not told."""


def find(connection: Connection, settings: OidcSettings, budget: Budget) -> Endpoints:
    """The endpoints. Raises `UpstreamAway`, and `UpstreamRefused` where they are of no use."""
    if not settings.discovers:
        return _written_down(settings)
    url = settings.issuer.rstrip("/") + _WELL_KNOWN
    document = documents.load(connection, url, budget)
    _demand_issuer(connection, settings, document)
    return Endpoints(
        authorization=_url(document, "authorization_endpoint"),
        token=_url(document, "token_endpoint"),
        jwks=_url(document, "jwks_uri"),
        userinfo=_optional_url(document, "userinfo_endpoint"),
        end_session=_optional_url(document, "end_session_endpoint"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        takes=_texts(document.get("token_endpoint_auth_methods_supported")),
    )


def issuer_template(connection: Connection, issuer: str) -> str:
    """The issuer that tokens must have: the connection's own, with `{tenantid}` in place of the
    audience for providers whose issuer differs by directory."""
    base, _, version = issuer.rpartition("/")
    start, _, audience = base.rpartition("/")
    if quirks_of(connection.provider).is_multi_directory and audience in AUDIENCES:
        return f"{start}/{_DIRECTORY}/{version}"
    return issuer


def issuer_for(connection: Connection, issuer: str, directory: object) -> str:
    """The issuer of a token from `directory`."""
    template = issuer_template(connection, issuer)
    return template.replace(_DIRECTORY, directory if isinstance(directory, str) else "")


def _demand_issuer(
    connection: Connection, settings: OidcSettings, document: dict[str, Any]
) -> None:
    """The document must be about just this issuer, else anybody's would do (section 4.3)."""
    wanted, found = issuer_template(connection, settings.issuer), document.get("issuer")
    if found != wanted:
        raise UpstreamRefused(
            "discovery_unusable", {"issuer": cleaned(found, ()), "expected_issuer": wanted}
        )


def _written_down(settings: OidcSettings) -> Endpoints:
    given = settings.model_dump()
    return Endpoints(
        authorization=_url(given, "authorization_endpoint"),
        token=_url(given, "token_endpoint"),
        jwks=_url(given, "jwks_uri"),
        userinfo=_optional_url(given, "userinfo_endpoint"),
        end_session=_optional_url(given, "end_session_endpoint"),
    )


def _texts(found: object) -> tuple[str, ...]:
    members = found if isinstance(found, list) else []
    return tuple(each for each in members if isinstance(each, str))


def _optional_url(document: dict[str, Any], name: str) -> str | None:
    return None if document.get(name) is None else _url(document, name)


def _url(document: dict[str, Any], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str) or not is_usable(found):
        raise UpstreamRefused("discovery_unusable", {name: cleaned(found, ())})
    return found


def is_usable(url: str) -> bool:
    """Whether a browser may be sent there: https, or what OUTBOUND_ALLOW lists for tests."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if len(url) > _LONGEST_URL or not parts.hostname or parts.fragment or parts.username:
        return False
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    allowed = of_installation().outbound_allow
    return parts.scheme == "https" or (
        parts.scheme == "http" and f"{parts.hostname}:{port or 80}" in allowed
    )
