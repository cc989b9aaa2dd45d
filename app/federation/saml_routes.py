"""What a SAML provider needs of us beside sign-in: our metadata, a place for sign-ins of its own,
and single logout; also the way back from every provider's logout.

A LogoutRequest or LogoutResponse counts by its signature alone: it may come without any cookie.
(SAML profiles, section 4.4; OpenID Connect RP-Initiated Logout, section 3)
"""

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app import bodies, limits, single_use, tenancy, visitor
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import read, write
from app.directory import (
    clients,
    connections,
    setup_access,
    upstream_reports,
    upstream_sessions,
)
from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.federation import logout
from app.federation.identity import UpstreamRefused
from app.federation.providers.saml import SAML_PRESETS
from app.federation.routes import posted_fields
from app.federation.saml_logout import Arrived, LogoutMessage
from app.flow.continuation import Account
from app.limits import Limit
from app.pages import leaving, rendering, sign_out, start

blueprint = Blueprint("federation_saml", __name__)

_REPLAY = "logout_request"
_MOST_REPORTS = 20
"""An hour, of one connection, of what came without a flow."""


@blueprint.get("/connections/<connection_id>/metadata")
def metadata(connection_id: str) -> Response:
    """Our metadata for the provider's admin, whatever the connection's status, and before it is
    there in the setup portal; as a file with `?download`."""
    tenant = tenancy.current()
    with read(tenant.id) as session:
        connection = connections.get(session, connection_id)
    is_saml = connection is not None and isinstance(connection.settings, SamlSettings)
    if not is_saml and not setup_access.is_kept_for(tenant, connection_id, SAML_PRESETS):
        abort(404)
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    sp = saml_sp.service_provider(tenant.id, tenant.base_url, connection_id)
    response = make_response(saml_sp.metadata_of(sp, connection))
    response.content_type = "application/samlmetadata+xml"
    if "download" in request.args:
        name = f"{tenant.slug}-{connection_id}.xml"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/connections/<connection_id>/enter")
def enter(connection_id: str) -> Response:
    """Where a sign-in goes on that began at the provider. What the provider posted counts for
    nothing, as anybody can plant it: a sign-in of this browser's own begins (S10)."""
    connection = connections.find_usable(tenancy.current().id, connection_id)
    settings = connection.settings if connection else None
    if not isinstance(settings, SamlSettings) or not settings.takes_unsolicited:
        if connection is not None:
            _report(connection, UpstreamRefused("unsolicited_refused"))
        return rendering.error_page(
            "fault.unsolicited",
            403,
            next_url=url_for("sign_in.sign_in"),
            next_label="action.sign_in",
        )
    home_url = _home_url(settings.unsolicited_client_id)
    if "onward" in request.args and home_url and visitor.signed_in():
        return redirect(home_url, 303)
    path = f"/connections/{connection_id}/enter?onward=1" if home_url else "/account"
    flow = start.at_connection(connection_id, Account(path=path))
    return redirect(url_for("federation.start", connection_id=connection_id, flow=flow.id), 303)


@blueprint.route("/connections/<connection_id>/slo", methods=["GET", "POST"])
@bodies.takes_documents("message_too_large")
def single_logout(connection_id: str) -> Response:
    """The provider ends the person's sessions, or answers that it ended its own."""
    connection = connections.find_usable(tenancy.current().id, connection_id)
    if connection is None:
        return rendering.error_page("fault.unknown_flow", 404)
    given = posted_fields() if request.method == "POST" else request.args.to_dict()
    if not {"SAMLRequest", "SAMLResponse"} & {*given}:
        return _on(connection, given.get("state", ""))
    if connection.protocol != "saml":
        return rendering.error_page("fault.unknown_flow", 404)
    try:
        message = _verified(connection, given)
    except UpstreamRefused as refused:
        return _refused(connection, refused)
    if message.kind == "response":
        return _on(connection, message.relay_state, answers=message.in_response_to)
    return _end(connection, message)


def _home_url(client_id: str | None) -> str | None:
    """The first page of the client that sign-ins of the provider's own go on to."""
    client = clients.get(tenancy.current().id, client_id) if client_id else None
    return client.home_url if client else None


def _verified(connection: Connection, given: Mapping[str, str]) -> LogoutMessage:
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    tenant = tenancy.current()
    if request.method == "POST":
        arrived = Arrived(form=given)
    else:
        arrived = Arrived(query=request.query_string.decode("ascii", "replace"))
    sp = saml_sp.service_provider(tenant.id, tenant.base_url, connection.id)
    return saml_sp.parse_logout(connection, sp=sp, arrived=arrived)


def _end(connection: Connection, message: LogoutMessage) -> Response:
    """End what the request names, once, and say so to the provider."""
    tenant = tenancy.current()
    assert message.name_id is not None
    with write(tenant.id) as session:
        value = f"{connection.id} {message.id}"
        if not single_use.mark(session, _REPLAY, value, until=message.ends_at):
            return rendering.error_page("fault.logout_refused", 400)
        upstream_sessions.end(
            session, SYSTEM, connection.id, message.name_id, message.session_indexes
        )
    from app.federation import saml_sp  # noqa: PLC0415 (as above)

    answer = saml_sp.logout_response(
        connection,
        sp=saml_sp.service_provider(tenant.id, tenant.base_url, connection.id),
        in_response_to=message.id,
        relay_state=message.relay_state,
    )
    return leaving.to_provider(answer, connection.name) if answer else sign_out.done()


def _on(connection: Connection, name: str, answers: str | None = None) -> Response:
    """To where the sign-out was on its way; a SAML answer must be to the request that was sent."""
    sent = logout.sent(tenancy.current(), connection, name)
    is_ours = sent is not None and (answers is None or answers == sent["request_id"])
    if sent is None or not is_ours or "go_to" not in sent:
        return sign_out.done()
    return redirect(sent["go_to"], 303)


def _refused(connection: Connection, refused: UpstreamRefused) -> Response:
    _report(connection, refused)
    return rendering.error_page("fault.logout_refused", 400)


def _report(connection: Connection, refused: UpstreamRefused) -> None:
    """For whoever runs the connection; anybody can send such messages, so not without end."""
    if limits.count(tenancy.current().id, Limit("upstream.report", connection.id, _MOST_REPORTS)):
        return
    with write(tenancy.current().id) as session:
        upstream_reports.add(session, connection.id, refused.diagnosis, refused.arrived)
        record(
            session,
            events.UPSTREAM_FAILED,
            visitor.actor(),
            targets=[("connection", connection.id)],
            data={"diagnosis": refused.diagnosis},
        )
