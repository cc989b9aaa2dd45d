"""A client with sign-in pages of its own takes over the flow that the browser began."""

import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from app import clock
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import claims
from tests.visitors import HtmlVisitor, JsonVisitor, authorization

UI_URL = "https://app.example/sign-in?theme=dark"


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(), ui_url=UI_URL)


def _sent_to_the_client(browser: HtmlVisitor, **parameters: str) -> dict[str, str]:
    """What the client's page gets in its URL."""
    asked = authorization(browser.client, **parameters)
    response = browser.get(f"{browser.base}/oauth2/authorize", query_string=asked)
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location.startswith(f"{UI_URL}&flow=")
    return dict(parse_qsl(urlsplit(location).query))


def _taken_over(visitor: JsonVisitor, given: dict[str, str]) -> JsonVisitor:
    body = {"request": given["request"]} if "request" in given else {}
    url = f"{visitor.base}/headless/v1/flows/{given['flow']}/take-over"
    visitor.take(visitor.http.post(url, json=body))
    if visitor.status == 201:
        visitor.flow_id, visitor.token = visitor.body["flow_id"], visitor.body["flow_token"]
    return visitor


def _finish_url(visitor: JsonVisitor, user: MadeUser) -> str:
    visitor.take(visitor.post(email=user.email))
    visitor.take(visitor.post(password=PASSWORD))
    url: str = visitor.body["go_to"]
    return url


@pytest.mark.parametrize("state", ["a-state", secrets.token_urlsafe(3_200)])
def test_the_same_browser_ends_where_it_began(
    app: Flask, make: Factory, client: MadeClient, state: str
) -> None:
    user = make.user(client.tenant)
    browser = HtmlVisitor(app, client)
    given = _sent_to_the_client(browser, state=state)
    visitor = _taken_over(JsonVisitor(app, client), given)
    assert (visitor.status, visitor.screen) == (201, "identify")
    browser.follow(browser.get(_finish_url(visitor, user)))
    assert (browser.answer or {})["state"] == state
    assert claims(app, browser)["sub"] == user.id
    silent = authorization(client)
    response = browser.get(f"{browser.base}/oauth2/authorize", query_string=silent)
    assert response.headers["Location"].startswith("https://app.example/callback?code=")


def test_r17_another_browser_ends_nothing(app: Flask, make: Factory, client: MadeClient) -> None:
    user = make.user(client.tenant)
    browser = HtmlVisitor(app, client)
    visitor = _taken_over(JsonVisitor(app, client), _sent_to_the_client(browser))
    url = _finish_url(visitor, user)
    stranger = HtmlVisitor(app, client)
    refused = stranger.get(url)
    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers
    browser.follow(browser.get(url))
    assert browser.answer is not None


def test_what_is_not_ours_is_not_taken_over(app: Flask, client: MadeClient) -> None:
    given = _sent_to_the_client(HtmlVisitor(app, client))
    other = _sent_to_the_client(HtmlVisitor(app, client))
    for wrong in (
        {**given, "request": other["request"]},
        {**given, "request": given["request"][:-4] + "AAAA"},
        {"flow": given["flow"]},
        {"flow": "flw_unknown"},
    ):
        visitor = _taken_over(JsonVisitor(app, client), wrong)
        assert (visitor.status, visitor.body["code"]) == (404, "flow_unknown")


def test_an_old_flow_is_not_taken_over(app: Flask, client: MadeClient) -> None:
    given = _sent_to_the_client(HtmlVisitor(app, client))
    clock.move(1_801)
    visitor = _taken_over(JsonVisitor(app, client), given)
    assert (visitor.status, visitor.body["code"]) == (410, "flow_expired")


def test_a_flow_of_another_tenant_is_not_taken_over(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    given = _sent_to_the_client(HtmlVisitor(app, client))
    visitor = _taken_over(JsonVisitor(app, make.client(make.tenant())), given)
    assert (visitor.status, visitor.body["code"]) == (404, "flow_unknown")
