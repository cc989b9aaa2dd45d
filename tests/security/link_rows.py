"""The rows of the tenant matrix for mailed links; a real link at another tenant is walked in
`tests/journeys/test_magic_link_purposes.py`."""

from werkzeug.test import TestResponse

from tests.security.attempts import Attempt, Door, post_at_home, post_flow

_TOKEN = "t" * 43


def _confirm(door: Door, flow_id: str) -> TestResponse:
    body = {"flow_id": flow_id, "token": _TOKEN, "number": "47"}
    return door.ask("POST", "/headless/v1/links", json=body)


LINK_ROWS: dict[tuple[str, str], list[Attempt]] = {
    ("link.look", "GET"): [
        Attempt(lambda d: d.ask("GET", f"/flow/{d.given.headless_flow_id}/link"), (410,)),
        Attempt(lambda d: d.ask_as_browser("GET", f"/flow/{d.given.flow_id}/link", "flow"), (410,)),
    ],
    ("link.use", "POST"): [
        Attempt(lambda d: post_flow(d, f"/flow/{d.given.headless_flow_id}/link"), (400,)),
        Attempt(lambda d: post_at_home(d, f"/flow/{d.given.headless_flow_id}/link"), (410,)),
    ],
    ("headless_links.confirm", "POST"): [
        Attempt(lambda d: _confirm(d, d.given.headless_flow_id), (422,)),
        Attempt(lambda d: _confirm(d, d.given.finished_flow_id), (422,)),
    ],
}
