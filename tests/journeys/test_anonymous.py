"""Users who have not said who they are: made, upgraded in place, merged with proof of both."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.database import read
from app.directory import people
from app.flow.assurance import TWO_FACTORS
from app.models import User
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import claims, claims_of, tokens
from tests.visitors import HtmlVisitor, JsonVisitor, authorization

NEW = "new@example.com"


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(), allows_anonymous=True)


def starting(app: Flask, client: MadeClient, **body: Any) -> TestResponse:
    """A headless start, without any cookie."""
    sent = {"authorize": authorization(client), **body}
    return app.test_client().post(f"{client.tenant.base_url}/headless/v1/flows", json=sent)


def minted(app: Flask, client: MadeClient) -> tuple[HtmlVisitor, dict[str, Any]]:
    """An anonymous user's browser, and the tokens that the app got."""
    response = starting(app, client, anonymous=True)
    assert response.status_code == 201, response.text
    browser = HtmlVisitor(app, client)
    browser.follow(browser.get(response.get_json()["go_to"]))
    return browser, tokens(app, browser)


def refreshed(app: Flask, client: MadeClient, given: dict[str, Any]) -> int:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": given["refresh_token"],
        "client_id": client.id,
        "client_secret": client.secret or "",
    }
    return app.test_client().post(f"{client.tenant.base_url}/oauth2/token", data=form).status_code


def told(app: Flask, client: MadeClient, given: dict[str, Any]) -> TestResponse:
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    return app.test_client().get(f"{client.tenant.base_url}/oauth2/userinfo", headers=bearer)


def user_of(client: MadeClient, user_id: str) -> User:
    with read(client.tenant.id) as session:
        found = people.get(session, user_id)
        assert found is not None
        return found


def sign_up(make: Factory, visitor: HtmlVisitor | JsonVisitor, email: str = NEW) -> None:
    visitor.submit(email=email, display_name="Jane Doe", password=PASSWORD)
    assert visitor.screen == "email_code", (visitor.screen, visitor.errors)
    visitor.submit(code=make.code(visitor.client.tenant, email))


def test_a_user_without_a_name_has_a_stable_id_and_says_so(app: Flask, client: MadeClient) -> None:
    _, given = minted(app, client)
    found = claims_of(given["id_token"])
    assert found["is_anonymous"] is True
    assert claims_of(given["access_token"])["is_anonymous"] is True
    answer = told(app, client, given).get_json()
    assert (answer["sub"], answer["is_anonymous"]) == (found["sub"], True)
    assert found["amr"] == []
    assert "acr" not in found
    assert user_of(client, found["sub"]).is_anonymous
    assert refreshed(app, client, given) == 200


def test_a_native_app_gets_the_code_itself(app: Flask, make: Factory) -> None:
    native = make.client(make.tenant(), "native", allows_anonymous=True)
    answer = starting(app, native, anonymous=True, response="code").get_json()
    assert answer["outcome"] == "finished"
    visitor = JsonVisitor(app, native)
    visitor.answer = answer["response"]
    assert claims(app, visitor)["is_anonymous"] is True


def test_only_a_client_that_may_makes_anonymous_users(app: Flask, make: Factory) -> None:
    plain = make.client(make.tenant())
    response = starting(app, plain, anonymous=True)
    assert (response.status_code, response.get_json()["code"]) == (403, "anonymous_not_allowed")
    assert "user.created" not in make.events(plain.tenant)


@pytest.mark.parametrize("limit", ["anonymous_per_network", "anonymous_per_client"])
def test_a_network_and_a_client_make_so_many(app: Flask, make: Factory, limit: str) -> None:
    few = make.client(make.tenant(limits={limit: 2}), allows_anonymous=True)
    answers = [starting(app, few, anonymous=True) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a23_signing_up_in_the_browser_keeps_the_id_and_ends_what_was_there(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    browser, before = minted(app, client)
    anonymous_id = claims_of(before["id_token"])["sub"]
    browser.open(prompt="create")
    sign_up(make, browser)
    after = tokens(app, browser)
    found = claims_of(after["id_token"])
    assert found["sub"] == anonymous_id
    assert found["is_anonymous"] is False
    assert "merged_from" not in found
    assert found["sid"] != claims_of(before["id_token"])["sid"]
    assert refreshed(app, client, before) == 400
    assert told(app, client, before).status_code == 401
    assert refreshed(app, client, after) == 200
    user = user_of(client, anonymous_id)
    assert (user.is_anonymous, user.display_name) == (False, "Jane Doe")
    assert make.events(client.tenant).count("user.upgraded") == 1


def test_a23_a_session_planted_in_another_browser_ends_with_the_upgrade(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    """Two browsers with one anonymous user: whoever signs up alone keeps the account."""
    victim, before = minted(app, client)
    attacker = HtmlVisitor(app, client)
    attacker.http._cookies = dict(victim.http._cookies or {})
    victim.open(prompt="create")
    sign_up(make, victim)
    assert victim.answer is not None
    attacker.open(prompt="none")
    assert attacker.answer is not None
    assert attacker.answer["error"] == "login_required"
    assert refreshed(app, client, before) == 400


def test_a23_headless_the_token_of_the_anonymous_user_is_proof(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    _, before = minted(app, client)
    visitor = headless(app, client, "sign_up", before["access_token"])
    sign_up(make, visitor)
    found = claims(app, visitor)
    assert found["sub"] == claims_of(before["id_token"])["sub"]
    assert found["is_anonymous"] is False
    assert refreshed(app, client, before) == 400


def test_a23_a_token_of_nobody_or_of_another_client_upgrades_nothing(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    _, given = minted(app, client)
    other = make.client(client.tenant, allows_anonymous=True)
    person = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=person.email)
    visitor.submit(password=PASSWORD)
    named = tokens(app, visitor)
    for sender, token in (
        (client, "forged"),
        (other, given["access_token"]),
        (client, named["access_token"]),
        (client, given["id_token"]),
    ):
        response = starting(app, sender, anonymous_token=token)
        assert (response.status_code, response.get_json()["code"]) == (
            400,
            "anonymous_token_invalid",
        )


def test_a23_signing_in_to_an_account_merges_and_tells_both_ids(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    person = make.user(client.tenant)
    browser, before = minted(app, client)
    anonymous_id = claims_of(before["id_token"])["sub"]
    browser.open()
    assert browser.screen == "identify"
    browser.submit(email=person.email)
    browser.submit(password=PASSWORD)
    after = tokens(app, browser)
    found = claims_of(after["id_token"])
    assert (found["sub"], found["merged_from"]) == (person.id, anonymous_id)
    closed = user_of(client, anonymous_id)
    assert (closed.merged_into, closed.status) == (person.id, "disabled")
    assert refreshed(app, client, before) == 400
    assert told(app, client, before).status_code == 401
    assert make.events(client.tenant).count("user.merged") == 1
    browser.open(prompt="login")
    browser.submit(email=person.email)
    browser.submit(password=PASSWORD)
    assert "merged_from" not in claims(app, browser)


def test_headless_the_answer_tells_both_ids(app: Flask, make: Factory, client: MadeClient) -> None:
    person = make.user(client.tenant)
    _, before = minted(app, client)
    anonymous_id = claims_of(before["id_token"])["sub"]
    visitor = headless(app, client, "sign_in", before["access_token"])
    visitor.submit(email=person.email)
    visitor.submit(password=PASSWORD)
    assert (visitor.body["user_id"], visitor.body["merged_from"]) == (person.id, anonymous_id)
    assert claims(app, visitor)["merged_from"] == anonymous_id
    assert user_of(client, anonymous_id).merged_into == person.id


def test_a23_an_address_that_has_an_account_is_merged_only_by_its_owner(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    person = make.user(client.tenant)
    browser, before = minted(app, client)
    anonymous_id = claims_of(before["id_token"])["sub"]
    browser.open(prompt="create")
    browser.submit(email=person.email, password="another good password")
    assert user_of(client, anonymous_id).merged_into is None
    browser.submit(code=make.code(client.tenant, person.email))
    found = claims(app, browser)
    assert (found["sub"], found["merged_from"]) == (person.id, anonymous_id)


def test_a_client_that_makes_no_such_users_leaves_them_alone(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    person = make.user(client.tenant)
    browser, before = minted(app, client)
    browser.client = make.client(client.tenant)
    browser.open()
    browser.submit(email=person.email)
    browser.submit(password=PASSWORD)
    assert "merged_from" not in claims(app, browser)
    assert user_of(client, claims_of(before["id_token"])["sub"]).merged_into is None


def test_an_anonymous_session_answers_only_where_nobody_is_asked(
    app: Flask, client: MadeClient, make: Factory
) -> None:
    browser, before = minted(app, client)
    browser.open(prompt="none")
    assert claims(app, browser)["sub"] == claims_of(before["id_token"])["sub"]
    browser.open()
    assert browser.screen == "identify"
    browser.client = make.client(client.tenant)
    browser.open(prompt="none")
    assert browser.answer is not None
    assert browser.answer["error"] == "login_required"


def test_the_account_asks_an_anonymous_user_to_sign_up(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    browser, before = minted(app, client)
    browser.follow(browser.get(f"{browser.base}/account"))
    assert browser.screen == "sign_up"
    sign_up(make, browser)
    assert browser.last is not None
    assert browser.last.request.path.endswith("/account")
    anonymous_id = claims_of(before["id_token"])["sub"]
    assert user_of(client, anonymous_id).is_anonymous is False


def test_signing_out_ends_the_anonymous_session_too(app: Flask, client: MadeClient) -> None:
    browser, before = minted(app, client)
    browser.follow(browser.get(f"{browser.base}/sign-out"))
    data = {"csrf_token": browser.page.csrf_token}
    browser.http.post(f"{browser.base}/sign-out", data=data)
    browser.open(prompt="none")
    assert browser.answer is not None
    assert browser.answer["error"] == "login_required"
    assert refreshed(app, client, before) == 400


def headless(app: Flask, client: MadeClient, kind: str, token: str) -> JsonVisitor:
    """An app that begins a flow for its anonymous user."""
    visitor = JsonVisitor(app, client)
    visitor.take(starting(app, client, kind=kind, anonymous_token=token))
    visitor.flow_id, visitor.token = visitor.body["flow_id"], visitor.body["flow_token"]
    return visitor


def test_r18_an_anonymous_user_stays_where_people_need_a_second_factor_and_an_organization(
    app: Flask, make: Factory
) -> None:
    """They were let in without, and there is nobody whom a second factor could protect."""
    tenant = make.tenant(policy={"mfa": "required"}, organizations={"choice": "required"})
    client = make.client(tenant, allows_anonymous=True)
    browser, before = minted(app, client)
    browser.open(prompt="none")
    assert claims(app, browser)["sub"] == claims_of(before["id_token"])["sub"]
    strong = json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO_FACTORS]}}})
    browser.open(prompt="none", claims=strong)
    assert browser.answer is not None
    assert browser.answer["error"] == "login_required"


def test_m06_an_upgraded_user_is_asked_for_the_second_factor(app: Flask, make: Factory) -> None:
    tenant = make.tenant(policy={"mfa": "required"})
    client = make.client(tenant, allows_anonymous=True)
    browser, _ = minted(app, client)
    browser.open(prompt="create")
    sign_up(make, browser)
    assert browser.screen == "enrol"
    browser.open(prompt="none")
    assert browser.answer is not None
    assert "error" in browser.answer
