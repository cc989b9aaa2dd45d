"""The notice of a sign-in on a browser that the person never used before."""

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from tests.factories import Factory, MadeClient, MadeUser
from tests.visitors import HtmlVisitor, JsonVisitor, authorization


def _sign_in(visitor: HtmlVisitor, user: MadeUser, **asked: str) -> None:
    visitor.open(**asked)
    if visitor.screen == "choose_account":
        visitor.submit("another_account")
    visitor.submit(email=user.email)
    visitor.submit(password=user.password or "")
    assert visitor.answer is not None, (visitor.screen, visitor.message)


def _told(make: Factory, tenant: Tenant, user: MadeUser) -> int:
    found = [mail for purpose, mail in make.mails(tenant) if purpose == "new_device"]
    return len([mail for mail in found if mail.to == user.email])


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


def test_a_browser_is_new_once(app: Flask, make: Factory, client: MadeClient) -> None:
    jane = make.user(client.tenant)
    browser = HtmlVisitor(app, client)
    _sign_in(browser, jane)
    assert _told(make, client.tenant, jane) == 1
    _sign_in(browser, jane, prompt="login")
    assert _told(make, client.tenant, jane) == 1
    _sign_in(HtmlVisitor(app, client), jane)
    assert _told(make, client.tenant, jane) == 2


def test_a_browser_that_somebody_else_used_is_new_to_me(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    thief, victim = make.user(client.tenant), make.user(client.tenant)
    browser = HtmlVisitor(app, client)
    _sign_in(browser, thief)
    _sign_in(browser, victim, prompt="login")
    assert _told(make, client.tenant, victim) == 1, "A thief's own sign-in must hide no other."


def test_every_verified_address_hears_of_it_with_a_way_to_object(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    jane = make.user(client.tenant)
    _sign_in(HtmlVisitor(app, client), jane)
    (mail,) = [mail for purpose, mail in make.mails(client.tenant) if purpose == "new_device"]
    assert mail.values["not_me"]


def test_a_native_app_cannot_be_known_again_so_the_person_is_told(
    app: Flask, make: Factory
) -> None:
    """Else a thief would only have to sign in as such an app does."""
    uri = "com.example.app:/callback"
    native = make.client(make.tenant(), "native", redirect_uris=[uri])
    jane = make.user(native.tenant)
    visitor = JsonVisitor(app, native)
    asked = {**authorization(native, redirect_uri=uri), "state": "s"}
    body = {"authorize": asked, "response": "code"}
    answer = visitor.http.post(f"{visitor.base}/headless/v1/flows", json=body)
    visitor.take(answer)
    visitor.flow_id, visitor.token = visitor.body["flow_id"], visitor.body["flow_token"]
    visitor.take(visitor.post(email=jane.email))
    visitor.take(visitor.post(password=jane.password))
    assert visitor.body["outcome"] == "finished", visitor.body
    assert _told(make, native.tenant, jane) == 1
