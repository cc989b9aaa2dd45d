"""AuthPage as a SAML 2.0 service provider: what the flow and the routes call.

Everything here is protocol: it reads and makes messages, and knows neither requests nor flows.
Each connection is a service provider of its own, with its own entity id and addresses, so a
response for one never fits another (SECURITY S11).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.federation import (
    saml_binding,
    saml_descriptors,
    saml_identity,
    saml_keys,
    saml_logout,
    saml_request,
    saml_response,
)
from app.federation.identity import Identity, UpstreamRefused
from app.federation.request import Request
from app.federation.saml_binding import Sending
from app.federation.saml_descriptors import SamlMetadata
from app.federation.saml_keys import KeyPair
from app.federation.saml_logout import Arrived, LogoutMessage
from app.federation.saml_response import Expected
from app.ids import new_id


@dataclass(frozen=True)
class ServiceProvider:
    """We, as one connection's provider knows us."""

    entity_id: str
    acs_url: str
    slo_url: str
    keys: KeyPair
    """For signatures and for encryption."""


@dataclass(frozen=True)
class Assertion:
    """A verified assertion: whom it names, and how to see that it counts once."""

    identity: Identity
    assertion_id: str
    expires_at: int
    """When it could not be presented again anyway, in milliseconds."""

    @property
    def replay(self) -> tuple[str, int]:
        """Value and end for `single_use.mark` in the landing transaction (S09)."""
        return f"{self.identity.connection_id} {self.assertion_id}", self.expires_at


def service_provider(tenant_id: str, base_url: str, connection_id: str) -> ServiceProvider:
    """We, for a connection below the tenant's base URL; the entity id is where our metadata lies.

    Makes the tenant's key at first use: never call it inside a transaction.
    """
    base = f"{base_url.rstrip('/')}/connections/{connection_id}"
    keys = saml_keys.of_tenant(tenant_id)
    return ServiceProvider(f"{base}/metadata", f"{base}/acs", f"{base}/slo", keys)


def start(
    connection: Connection,
    *,
    sp: ServiceProvider,
    relay_state: str,
    request_id: str | None = None,
    force_authn: bool = False,
    login_hint: str | None = None,
) -> Request:
    """The authentication request, as a redirect or a form; `keep` holds its `request_id`.

    `request_id` must be an NCName; one is made where none is given. The hint goes into the URL
    beside the signed parameters, as providers take it there and refuse a Subject.
    """
    settings, own_id = _settings(connection), request_id or new_id("_saml")
    root = saml_request.authn_request(
        settings, id=own_id, entity_id=sp.entity_id, acs_url=sp.acs_url, force_authn=force_authn
    )
    sending = Sending(
        url=settings.sso_url,
        binding=settings.sso_binding,
        relay_state=relay_state,
        key=sp.keys.key if settings.signs_requests else None,
        certificate=sp.keys.certificate,
    )
    return _hinted(saml_binding.send(root, sending, {"request_id": own_id}), login_hint)


def finish(
    connection: Connection,
    *,
    sp: ServiceProvider,
    form: Mapping[str, str],
    keep: Mapping[str, str] | None,
    is_in_claimed_domain: Callable[[str], bool],
) -> Assertion:
    """Whom the response that was posted to `sp.acs_url` names; raises `UpstreamRefused`.

    `keep` is what `start` gave; None stands for a response that nobody asked for, which the
    connection must allow. `is_in_claimed_domain` says whether the connection's organization
    proved a domain (IDNA ASCII). The caller marks `replay` before anybody is signed in.
    """
    settings = _settings(connection)
    if keep is None and not settings.takes_unsolicited:
        raise UpstreamRefused("unsolicited_refused")
    request_id = None if keep is None else keep["request_id"]
    expected = Expected(settings, sp.entity_id, sp.acs_url, sp.keys, request_id)
    proven = saml_response.verify(form, expected)
    identity = saml_identity.identity(connection, settings, proven.element, is_in_claimed_domain)
    return Assertion(identity, proven.id, proven.ends_at)


def metadata(
    sp: ServiceProvider, *, signs_requests: bool = True, wants_encryption: bool = False
) -> bytes:
    """Our metadata for a provider's admin, as XML.

    The certificate for encryption is in it only where encryption is wanted: AD FS uses it unasked,
    and by a mode that is refused here.
    """
    return saml_descriptors.own(
        entity_id=sp.entity_id,
        acs_url=sp.acs_url,
        slo_url=sp.slo_url,
        certificate=sp.keys.certificate,
        signs_requests=signs_requests,
        wants_encryption=wants_encryption,
    )


def metadata_of(sp: ServiceProvider, connection: Connection | None) -> bytes:
    """Our metadata as a connection is set up; with None, as it is when it is new."""
    if connection is None:
        return metadata(sp)
    settings = _settings(connection)
    return metadata(
        sp, signs_requests=settings.signs_requests, wants_encryption=settings.wants_encryption
    )


def parse_metadata(xml: bytes) -> SamlMetadata:
    """What a provider's metadata says, however it came; raises `UpstreamRefused`."""
    return saml_descriptors.parse(xml)


def logout_request(
    connection: Connection,
    *,
    sp: ServiceProvider,
    name_id: str,
    session_index: str | None,
    relay_state: str,
    request_id: str | None = None,
) -> Request | None:
    """The signed request to end the person's session at the provider; None where it has no such
    service. `name_id` is `Identity.name_id`; `keep` holds the `request_id`."""
    settings, own_id = _settings(connection), request_id or new_id("_saml")
    if settings.slo_url is None:
        return None
    root = saml_logout.request(
        settings, id=own_id, entity_id=sp.entity_id, name_id=name_id, session_index=session_index
    )
    sending = _to_logout(settings, settings.slo_url, sp, relay_state, "SAMLRequest")
    return saml_binding.send(root, sending, {"request_id": own_id})


def logout_response(
    connection: Connection, *, sp: ServiceProvider, in_response_to: str, relay_state: str
) -> Request | None:
    """The signed answer to a provider's LogoutRequest; None where nothing would take it."""
    settings = _settings(connection)
    if settings.slo_url is None:
        return None
    root = saml_logout.response(
        settings, id=new_id("_saml"), entity_id=sp.entity_id, in_response_to=in_response_to
    )
    sending = _to_logout(settings, settings.slo_url, sp, relay_state, "SAMLResponse")
    return saml_binding.send(root, sending, {})


def parse_logout(connection: Connection, *, sp: ServiceProvider, arrived: Arrived) -> LogoutMessage:
    """The provider's signed message that arrived at `sp.slo_url`; raises `UpstreamRefused`.

    The caller compares `in_response_to` of a response with the request that it sent, and marks
    the id of a request so that it counts once.
    """
    return saml_logout.verify(_settings(connection), arrived, sp.slo_url)


def _to_logout(
    settings: SamlSettings,
    url: str,
    sp: ServiceProvider,
    relay_state: str,
    parameter: Literal["SAMLRequest", "SAMLResponse"],
) -> Sending:
    return Sending(
        url=url,
        binding=settings.slo_binding,
        relay_state=relay_state,
        key=sp.keys.key,
        certificate=sp.keys.certificate,
        parameter=parameter,
    )


def _hinted(request: Request, login_hint: str | None) -> Request:
    if not login_hint:
        return request
    hint = urlencode({"login_hint": login_hint})
    joint = "&" if "?" in request.url else "?"
    return Request(f"{request.url}{joint}{hint}", request.form, request.keep)


def _settings(connection: Connection) -> SamlSettings:
    if not isinstance(connection.settings, SamlSettings):
        raise TypeError("no SAML connection")
    return connection.settings
