"""The rows of the tenant matrix for the setup portal and its API."""

import re

from werkzeug.test import TestResponse

from app.api.setup.routes import OPERATIONS, Operation
from tests.security.attempts import NOTHING, Attempt, Door, bearer, post_flow

ROOT = "/api/v1/setup"
_CONNECTION = "/connections/{}"
_SHOWN = {
    "home": "/home",
    "choose": "/providers",
    "connect": _CONNECTION,
    "our_metadata": f"{_CONNECTION}/metadata.xml",
    "show_test": f"{_CONNECTION}/test",
    "show_domains": "/domains",
    "show_policy": "/policy",
    "leave": "/leave",
    "set_status": f"{_CONNECTION}/status",
    "check_domain": "/domains/{}/check",
}
_PRESSED = {
    "leave": "/leave",
    "chosen": "/providers",
    "connect": _CONNECTION,
    "set_status": f"{_CONNECTION}/status",
    "drop": f"{_CONNECTION}/drop",
    "begin_test": f"{_CONNECTION}/test",
    "show_domains": "/domains",
    "check_domain": "/domains/{}/check",
    "remove_domain": "/domains/{}/remove",
    "show_policy": "/policy",
}
_BODIES: dict[str, dict[str, object]] = {
    "choose_provider": {"provider": "okta"},
    "save_connection": {"values": {}},
    "set_connection_status": {"status": "active"},
    "claim_domain": {"domain": "corp.example"},
    "set_policy": {"sso": "optional"},
}


def _thing(door: Door, path: str) -> str:
    return door.given.claim_id if path.startswith("/domains") else door.given.place_id


def _url(door: Door, path: str) -> str:
    return f"/setup{path.format(_thing(door, path))}"


def _look(path: str) -> list[Attempt]:
    rows = [Attempt(lambda d: d.ask_as_browser("GET", _url(d, path), "setup"), (403,))]
    if "{}" in path:
        rows.append(Attempt(lambda d: _at_home(d, "GET", path), (404,)))
    return rows


def _press(path: str) -> list[Attempt]:
    rows = [Attempt(lambda d: post_flow(d, _url(d, path)), (400,))]
    if "{}" in path:
        rows.append(Attempt(lambda d: _at_home(d, "POST", path), (404,)))
    return rows


def _at_home(door: Door, method: str, path: str) -> TestResponse:
    """Somebody else's thing, asked for by an admin of the asked tenant."""
    client, home = door.client(), door.host
    client.set_cookie("authpage_setup", home.has.setup_cookie, path=home.path)
    client.set_cookie("authpage_flow", home.has.flow_cookie, path=home.path)
    form = {"csrf_token": home.has.csrf_token, "status": "active"}
    url = door.url(_url(door, path))
    return client.post(url, data=form) if method == "POST" else client.get(url)


def _open_link(door: Door, *, press: bool) -> TestResponse:
    client, home = door.client(), door.host
    client.set_cookie("authpage_flow", home.has.flow_cookie, path=home.path)
    url = door.url(f"/setup?token={door.given.setup_link}")
    looked = client.get(url, follow_redirects=True)
    if not press:
        return looked
    return client.post(door.url("/setup"), data={"csrf_token": home.has.csrf_token})


def _ask(door: Door, operation: Operation, token: str) -> TestResponse:
    path = re.sub(r"\{\w+\}", _thing(door, operation.path), operation.path)
    options = {"json": _BODIES[operation.name]} if operation.takes else {}
    return door.ask(operation.method, f"{ROOT}{path}", headers=bearer(token), **options)


def _open_by_api(door: Door) -> TestResponse:
    return door.ask("POST", f"{ROOT}/sessions", json={"token": door.given.setup_link})


def _row(operation: Operation) -> list[Attempt]:
    if operation.is_open:
        return [Attempt(_open_by_api, (410,))]
    rows = [Attempt(lambda d: _ask(d, operation, d.given.setup_token), (401,))]
    if "{" in operation.path:
        rows.append(Attempt(lambda d: _ask(d, operation, d.host.has.setup_token), (404,)))
    return rows


SETUP: dict[tuple[str, str], list[Attempt]] = {
    ("setup.look", "GET"): [Attempt(lambda d: _open_link(d, press=False), (410,))],
    ("setup.enter", "POST"): [Attempt(lambda d: _open_link(d, press=True), (410,))],
    ("setup_api.document", "GET"): NOTHING,
    **{(f"setup.{name}", "GET"): _look(path) for name, path in _SHOWN.items()},
    **{(f"setup.{name}", "POST"): _press(path) for name, path in _PRESSED.items()},
    **{(f"setup_api.{each.name}", each.method): _row(each) for each in OPERATIONS},
}
