"""Asking a provider and reading its answer, whatever protocol it speaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app import clock
from app.database import read
from app.directory import connections, domain_claims
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation.identity import Identity, UpstreamRefused
from app.federation.request import Request
from app.federation.state import State

_SKEW = clock.MINUTE
"""By which a provider's clock may be off, in milliseconds."""


@dataclass(frozen=True)
class Wishes:
    """What is passed on of what the client and the person asked for."""

    login_hint: str | None = None
    prompt: str | None = None
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    """How old the person's sign-in there may be, in seconds."""
    locale: str = "en"


@dataclass(frozen=True)
class Answered:
    """Whom the provider proved, and what must be marked so that its message counts once."""

    identity: Identity
    assertion_id: str | None = None
    expires_at: int = 0
    """Milliseconds."""


def callback_url(tenant: Tenant, connection: Connection) -> str:
    """The redirect URI of this connection alone (RFC 9700, section 4.4.2.1)."""
    return f"{tenant.base_url}/connections/{connection.id}/callback"


def start(tenant: Tenant, connection: Connection, state: State, wishes: Wishes) -> Request:
    """What to ask of the provider. Raises `UpstreamAway` and `UpstreamRefused` when its endpoints
    cannot be had."""
    if connection.protocol == "saml":
        from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

        return saml_sp.start(
            connection,
            sp=saml_sp.service_provider(tenant.id, tenant.base_url, connection.id),
            relay_state=state.text,
            request_id=state.request_id,
            force_authn=wishes.prompt == "login",
            login_hint=wishes.login_hint,
        )
    from app.federation import oidc_rp  # noqa: PLC0415 (the same for HTTP)

    return oidc_rp.start(
        connection,
        redirect_uri=callback_url(tenant, connection),
        state=state.text,
        nonce=state.nonce,
        code_verifier=state.code_verifier,
        login_hint=wishes.login_hint,
        prompt=wishes.prompt,
        acr_values=wishes.acr_values,
        max_age=wishes.max_age,
        locale=wishes.locale,
    )


def finish(
    tenant: Tenant,
    connection: Connection,
    state: State | None,
    answers: Mapping[str, str],
    *,
    fresh_after: int | None = None,
) -> Answered:
    """Whom the provider's message proves. No transaction may be open: this may call the provider.

    With `fresh_after`, in milliseconds, a sign-in there that was earlier will not do; a provider
    that does not say when it was is believed to have asked again, as it was told to (I10).
    Raises `UpstreamRefused` and `UpstreamAway`.
    """
    if state is None:
        raise UpstreamRefused("state_unknown")
    if state.is_late:
        raise UpstreamRefused("state_expired")
    if state.generation != connection.generation:
        raise UpstreamRefused("connection_changed", {"issuer": connection.settings.issuer})
    is_saml = connection.protocol == "saml"
    answered = (_by_saml if is_saml else _by_oidc)(tenant, connection, state, answers)
    _demand_fresh(answered.identity, fresh_after)
    return answered


def _demand_fresh(identity: Identity, fresh_after: int | None) -> None:
    proven_at = identity.auth_time
    if proven_at is None or fresh_after is None or proven_at >= fresh_after - _SKEW:
        return
    told = {"auth_time": proven_at // clock.SECOND, "needed_after": fresh_after // clock.SECOND}
    raise UpstreamRefused("proof_too_old", told)


def _by_saml(
    tenant: Tenant, connection: Connection, state: State, answers: Mapping[str, str]
) -> Answered:
    from app.federation import saml_sp  # noqa: PLC0415 (as above)

    asserted = saml_sp.finish(
        connection,
        sp=saml_sp.service_provider(tenant.id, tenant.base_url, connection.id),
        form=answers,
        keep={"request_id": state.request_id},
        is_in_claimed_domain=_own_domains(connection),
    )
    return Answered(asserted.identity, asserted.assertion_id, asserted.expires_at)


def _by_oidc(
    tenant: Tenant, connection: Connection, state: State, answers: Mapping[str, str]
) -> Answered:
    from app.federation import oidc_rp  # noqa: PLC0415 (as above)

    with read(connection.tenant_id) as session:
        secret = connections.secret_of(session, connection.id)
    identity = oidc_rp.finish(
        connection,
        secret,
        redirect_uri=callback_url(tenant, connection),
        parameters=answers,
        keep={"nonce": state.nonce, "code_verifier": state.code_verifier},
        is_in_claimed_domain=_own_domains(connection),
    )
    return Answered(identity)


def _own_domains(connection: Connection) -> Callable[[str], bool]:
    """Whether the connection's organization proved a domain, by a transaction of its own."""

    def is_own(domain: str) -> bool:
        with read(connection.tenant_id) as session:
            return domain_claims.is_of(session, connection.organization_id, domain)

    return is_own
