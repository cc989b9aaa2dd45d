"""The rows of the tenant matrix for the doors to and from providers."""

from werkzeug.test import TestResponse

from tests.security.attempts import Attempt, Door

_STATE = "a" * 36
_MESSAGE = {"SAMLRequest": "x", "RelayState": "y"}


def _get(door: Door, what: str, **query: str) -> TestResponse:
    path = f"/connections/{door.given.connection_id}/{what}"
    return door.ask_as_browser("GET", path, "session", "flow", query_string=query)


def _post(door: Door, what: str, **form: str) -> TestResponse:
    return door.ask("POST", f"/connections/{door.given.connection_id}/{what}", data=form)


def _state(door: Door) -> str:
    """What has the form of a state of the given flow."""
    return f"{door.given.flow_id}{0:013}{_STATE}"


CONNECTIONS: dict[tuple[str, str], list[Attempt]] = {
    ("federation.start", "GET"): [
        Attempt(lambda d: _get(d, "start", flow=d.given.flow_id), (404,)),
        Attempt(
            lambda d: _get(d, "start", flow=d.given.flow_id, request=d.given.flow_request), (404,)
        ),
        Attempt(lambda d: _get(d, "start", flow=d.given.headless_flow_id, handover="1.x"), (404,)),
    ],
    ("federation.callback", "GET"): [
        Attempt(lambda d: _get(d, "callback", state=_state(d), code="x"), (404,))
    ],
    ("federation.posted", "POST"): [
        Attempt(lambda d: _post(d, "callback", state=_state(d), code="x"), (404,)),
        Attempt(lambda d: _post(d, "acs", RelayState=_state(d), SAMLResponse="x"), (404,)),
        Attempt(lambda d: _post(d, "acs", SAMLResponse="x"), (404,)),
    ],
    ("federation.arrive", "GET"): [
        Attempt(lambda d: _get(d, "arrive", message=d.given.message_id), (404,))
    ],
    ("federation_saml.metadata", "GET"): [
        Attempt(lambda d: _get(d, "metadata"), (404,)),
        Attempt(lambda d: d.ask("GET", f"/connections/{d.given.place_id}/metadata"), (404,)),
    ],
    ("federation_saml.enter", "GET"): [Attempt(lambda d: _get(d, "enter"), (403,))],
    ("federation_saml.single_logout", "GET"): [
        Attempt(lambda d: _get(d, "slo", state=d.given.message_id), (404,)),
        Attempt(lambda d: _get(d, "slo", **_MESSAGE), (404,)),
    ],
    ("federation_saml.single_logout", "POST"): [
        Attempt(lambda d: _post(d, "slo", **_MESSAGE), (404,))
    ],
}
