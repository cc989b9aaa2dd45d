"""The headless API's own promises: its codes, its token, its ticket, its document."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import write
from app.directory import people_status
from app.headless.problems import CODES
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import CODES_ONLY, claims, claims_of
from tests.visitors import VERIFIER, JsonVisitor, authorization

NATIVE_URI = "com.example.app:/callback"


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def visitor(app: Flask, client: MadeClient) -> JsonVisitor:
    return JsonVisitor(app, client)


def _begin(visitor: JsonVisitor, body: Any, **options: Any) -> dict[str, Any]:
    url = f"{visitor.base}/headless/v1/flows"
    visitor.take(visitor.http.post(url, **({"json": body} | options)))
    return visitor.body


def _finish_url(visitor: JsonVisitor, make: Factory) -> str:
    user = make.user(visitor.client.tenant)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.take(visitor.post(password=PASSWORD))
    assert visitor.body["outcome"] == "finished"
    url: str = visitor.body["go_to"]
    return url


def test_the_start_answers_with_token_and_screen(visitor: JsonVisitor) -> None:
    begun = _begin(visitor, {"authorize": authorization(visitor.client)})
    assert visitor.status == 201
    assert set(begun) == {"flow_id", "flow_token", "expires_at", "outcome", "screen"}
    assert len(begun["flow_token"]) >= 22
    assert visitor.last is not None
    assert visitor.last.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in visitor.last.headers


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "cli_unknown"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/callback"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "invalid_request"),
    ],
)
def test_a_wrong_authorization_request_starts_nothing(
    visitor: JsonVisitor, changes: dict[str, str], code: str
) -> None:
    body = _begin(visitor, {"authorize": authorization(visitor.client, **changes)})
    assert (visitor.status, body["code"]) == (CODES[code].status, code)
    assert body["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"authorize": []},
        {"authorize": {"client_id": ["a", "b"]}},
        {"authorize": {}, "kind": "verify"},
        {"authorize": {}, "more": 1},
        [],
        "text",
        7,
    ],
)
def test_a_body_of_another_shape_is_refused(visitor: JsonVisitor, body: Any) -> None:
    answer = _begin(visitor, body)
    assert visitor.status == 400
    assert answer["code"] in CODES


def test_c09_only_json_is_taken(visitor: JsonVisitor) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        body = _begin(visitor, None, json=None, data=b"{}", content_type=kind)
        assert (visitor.status, body["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("value", [["123456"], 123456, {"a": "b"}, None, True])
def test_o11_fields_are_texts(visitor: JsonVisitor, value: Any) -> None:
    visitor.open()
    visitor.submit(email=value)
    assert (visitor.status, visitor.body["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic YTpi", "Bearer \xff"])
def test_a_flow_opens_only_with_its_own_token(visitor: JsonVisitor, header: str) -> None:
    visitor.open()
    url = f"{visitor.base}/headless/v1/flows/{visitor.flow_id}"
    other = JsonVisitor(visitor.http.application, visitor.client)
    other.open()
    for authorization_header in (header, f"Bearer {other.token}"):
        response = visitor.http.get(url, headers={"Authorization": authorization_header})
        assert (response.status_code, response.get_json()["code"]) == (404, "flow_unknown")
    unknown = visitor.http.get(f"{url}x", headers={"Authorization": f"Bearer {visitor.token}"})
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "flow_unknown")
    own = visitor.http.get(url, headers={"Authorization": f"Bearer {visitor.token}"})
    assert own.status_code == 200


def test_a_finished_flow_says_so(visitor: JsonVisitor, make: Factory) -> None:
    _finish_url(visitor, make)
    visitor.take(visitor.post(password=PASSWORD))
    assert (visitor.status, visitor.body["code"]) == (409, "flow_finished")


def test_a_ticket_is_good_once_and_for_a_minute(visitor: JsonVisitor, make: Factory) -> None:
    url = _finish_url(visitor, make)
    visitor.browser.follow(visitor.browser.get(url))
    assert visitor.browser.answer is not None
    spent = visitor.browser.get(url)
    assert spent.status_code == 400
    late = JsonVisitor(visitor.http.application, visitor.client)
    url = _finish_url(late, make)
    clock.move(61)
    assert late.browser.get(url).status_code == 400


def test_c11_a_look_at_the_ticket_does_not_spend_it(visitor: JsonVisitor, make: Factory) -> None:
    url = _finish_url(visitor, make)
    assert visitor.browser.http.head(url).status_code == 405
    visitor.browser.follow(visitor.browser.get(url))
    assert visitor.browser.answer is not None


def test_a_ticket_of_another_flow_is_refused(visitor: JsonVisitor, make: Factory) -> None:
    other = JsonVisitor(visitor.http.application, visitor.client)
    mine, foreign = _finish_url(visitor, make), _finish_url(other, make)
    mixed = f"{mine.partition('?')[0]}?{foreign.partition('?')[2]}"
    assert visitor.browser.get(mixed).status_code == 400
    assert visitor.browser.get(f"{mine[:-3]}xxx").status_code == 400


def test_third_parties_do_not_draw_the_flow(app: Flask, make: Factory) -> None:
    visitor = JsonVisitor(app, make.client(make.tenant(), is_first_party=False))
    body = _begin(visitor, {"authorize": authorization(visitor.client)})
    assert (visitor.status, body["code"]) == (403, "client_not_allowed")


def test_only_native_clients_take_the_code_as_json(visitor: JsonVisitor) -> None:
    body = {"authorize": authorization(visitor.client), "response": "code"}
    assert _begin(visitor, body)["code"] == "client_not_allowed"


def test_a_native_client_takes_the_code_as_json(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(), "native", redirect_uris=[NATIVE_URI])
    user = make.user(client.tenant)
    visitor = JsonVisitor(app, client)
    asked = authorization(client, redirect_uri=NATIVE_URI)
    begun = _begin(visitor, {"authorize": asked, "response": "code"})
    visitor.flow_id, visitor.token = begun["flow_id"], begun["flow_token"]
    visitor.take(visitor.post(email=user.email))
    visitor.take(visitor.post(password=PASSWORD))
    given = visitor.body["response"]
    assert (visitor.body["outcome"], given["state"]) == ("finished", "a-state")
    form = {
        "grant_type": "authorization_code",
        "code": given["code"],
        "redirect_uri": NATIVE_URI,
        "code_verifier": VERIFIER,
        "client_id": client.id,
    }
    response = app.test_client().post(f"{visitor.base}/oauth2/token", data=form)
    found = claims_of(response.get_json()["id_token"])
    assert (found["sub"], "sid" in found) == (user.id, False)


def test_m12_a_native_client_gets_no_code_for_a_disabled_user(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(), "native", redirect_uris=[NATIVE_URI])
    user = make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    visitor = JsonVisitor(app, client)
    asked = authorization(client, redirect_uri=NATIVE_URI)
    begun = _begin(visitor, {"authorize": asked, "response": "code"})
    visitor.flow_id, visitor.token = begun["flow_id"], begun["flow_token"]
    visitor.take(visitor.post(email=user.email))
    visitor.take(visitor.post(password=PASSWORD))
    with write(client.tenant.id) as session:
        people_status.disable(session, CLI, user.id)
    visitor.take(visitor.post(choice=visitor.choices[0]))
    assert (visitor.status, visitor.body["code"]) == (422, "account_disabled")


def test_limits_come_with_the_time_to_wait(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY, limits={"codes_per_address": 1})
    visitor = JsonVisitor(app, make.client(tenant))
    visitor.open()
    visitor.submit(email="jane@example.com")
    visitor.submit("resend")
    assert (visitor.status, visitor.body["code"]) == (429, "resend_cooldown")
    assert 0 < visitor.retry_after <= 30
    clock.move(30)
    visitor.submit("resend")
    assert (visitor.status, visitor.body["code"]) == (429, "rate_limited")
    assert 0 < visitor.retry_after <= 3_600


def test_a_refusal_tells_the_client_in_either_mode(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(organizations={"choice": "required"}))
    for mode in ("query", "form_post"):
        visitor = JsonVisitor(app, client)
        user = make.user(client.tenant)
        visitor.open(response_mode=mode)
        visitor.submit(email=user.email)
        visitor.submit(password=PASSWORD)
        visitor.take(visitor.post("cancel"))
        assert (visitor.body["outcome"], visitor.body["error"]) == ("refused", "access_denied")
        assert visitor.body["response"]["state"] == "a-state"


def test_o14_a_test_tenant_may_echo_codes(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant("test", codes={"echo": True}, methods=CODES_ONLY))
    user = make.user(client.tenant, password=None)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    assert make.mails(client.tenant) == []
    visitor.submit(code=visitor.shown["display"]["echo"])
    assert claims(app, visitor)["sub"] == user.id


def test_o14_a_live_tenant_never_echoes_codes(make: Factory, visitor: JsonVisitor) -> None:
    from app.directory.errors import Refused

    for section in ({"echo": True}, {"fixed": "123456"}):
        with pytest.raises(Refused):
            make.tenant(codes=section)
    user = make.user(visitor.client.tenant)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit("use:email_code")
    assert visitor.screen == "email_code"
    assert "echo" not in visitor.shown["display"]
    assert visitor.last is not None
    assert make.code(visitor.client.tenant, user.email) not in visitor.last.get_data(as_text=True)
