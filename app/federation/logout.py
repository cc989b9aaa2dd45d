"""Signing out at the provider too, after the own session ended (OpenID Connect RP-Initiated Logout;
SAML profiles, section 4.4).

Where the browser goes afterwards is put down in a row of ours, which the provider returns only the
name of: nobody else's address is ever followed (SECURITY S16).
"""

from collections.abc import Collection

from app import clock
from app.database import read, write
from app.directory import connections, upstream_messages, upstream_sessions
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.directory.upstream_sessions import Kept
from app.federation.request import Request
from app.ids import new_id

_LIVES = 10 * clock.MINUTE


def return_url(tenant: Tenant, connection: Connection) -> str:
    """The address of a connection that its provider's logout comes back to."""
    return f"{tenant.base_url}/connections/{connection.id}/slo"


def farewell(
    tenant: Tenant, session_ids: Collection[str], go_to: str | None
) -> tuple[Connection, Request] | None:
    """Where to send the browser so that the provider behind one of these sessions of ours signs the
    person out too, and then back to us and on to `go_to`; None where no connection asks for that.

    May call the provider: no transaction may be open.
    """
    with read(tenant.id) as session:
        logins = upstream_sessions.of_sessions(session, session_ids) if session_ids else ()
    for login in logins:
        connection = connections.find_usable(tenant.id, login.connection_id)
        if connection is not None and connection.settings.logs_out_upstream:
            request = _request(tenant, connection, login, go_to)
            if request is not None:
                return connection, request
    return None


def sent(tenant: Tenant, connection: Connection, name: str) -> dict[str, str] | None:
    """What was put down when the browser was sent to the provider: `request_id`, and `go_to` where
    it has somewhere to go; None when `name` is of nothing that we sent."""
    return upstream_messages.find(tenant.id, _place(connection), name)


def _request(
    tenant: Tenant, connection: Connection, login: Kept, go_to: str | None
) -> Request | None:
    request_id = new_id("_saml")
    fields = {"request_id": request_id} | ({"go_to": go_to} if go_to else {})
    with write(tenant.id) as session:
        name = upstream_messages.put_down(session, _place(connection), fields, _LIVES)
    if connection.protocol == "saml":
        return _by_saml(tenant, connection, login, request_id, name)
    from app.federation import oidc_rp  # noqa: PLC0415 (loads HTTP, which few need)

    url = oidc_rp.logout_url(
        connection,
        id_token_hint=login.id_token,
        post_logout_redirect_uri=return_url(tenant, connection),
        state=name,
    )
    return Request(url) if url else None


def _by_saml(
    tenant: Tenant, connection: Connection, login: Kept, request_id: str, name: str
) -> Request | None:
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    if login.name_id is None:
        return None
    return saml_sp.logout_request(
        connection,
        sp=saml_sp.service_provider(tenant.id, tenant.base_url, connection.id),
        name_id=login.name_id,
        session_index=login.session_index,
        relay_state=name,
        request_id=request_id,
    )


def _place(connection: Connection) -> str:
    """Apart from what anybody may post to the connection."""
    return f"{connection.id} logout"
