"""Who is let into the account API: F10, T07, T09, X03, C09, M09."""

import json
from collections.abc import Callable

import pytest

from app import clock
from app.api.account.door import Operation
from app.api.account.routes import OPERATIONS
from app.directory.clients import SCOPES
from app.identifiers import IdentifierKind
from tests.api.caller import ROOT, Caller, caller, code_of
from tests.api.contacts import has_contact, has_pending
from tests.protocol.provider import Provider

GOOD = 200


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_an_access_token_with_the_scope_opens_the_account(
    provider: Provider, token_format: str
) -> None:
    asked = caller(provider, access_token_format=token_format)
    response = asked.get("/self")
    assert response.status_code == GOOD
    assert response.get_json()["id"] == asked.user_id
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_token_there_is_a_bare_challenge(jane: Caller) -> None:
    client = jane.provider.app.test_client()
    client.set_cookie("authpage_session", "x" * 43, path=jane.provider.path)
    response = client.get(jane.provider.url(f"{ROOT}/self"))
    assert (response.status_code, code_of(response)) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_c09_a_session_cookie_alone_opens_nothing(jane: Caller) -> None:
    response = jane.browser.get(jane.provider.url(f"{ROOT}/self"))
    assert response.status_code == 401


def test_c09_a_form_or_text_is_never_taken_for_a_request(jane: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/deletion", "/sessions/end-all", "/emails"):
            response = jane.post(path, headers={"Content-Type": kind}, data=b'{"email": "a@b.c"}')
            assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")
    assert jane.get("/self").get_json()["deletion_due_at"] is None


def test_t07_other_tokens_of_the_tenant_open_nothing(provider: Provider) -> None:
    party = provider.party(scopes=[*SCOPES])
    browser = provider.browser()
    provider.sign_in(browser, provider.person())
    tokens = provider.tokens(browser, party, scope="openid account offline_access")
    asked = caller(provider, provider.person("eve@example.com"))
    for name in ("id_token", "refresh_token"):
        response = asked.get("/self", token=tokens[name])
        assert (response.status_code, code_of(response)) == (401, "invalid_token")
    assert asked.get("/self", token=tokens["access_token"]).status_code == GOOD


def test_t09_a_token_of_another_tenant_opens_nothing(app_providers: list[Provider]) -> None:
    here, there = app_providers
    asked, foreign = caller(here), caller(there)
    response = asked.get("/self", token=foreign.token)
    assert (response.status_code, code_of(response)) == (401, "invalid_token")


@pytest.fixture
def app_providers(provider: Provider) -> list[Provider]:
    return [provider, Provider(provider.app)]


def test_a_token_without_the_scope_is_told_which_one(provider: Provider) -> None:
    response = caller(provider, scope="openid").get("/self")
    assert (response.status_code, code_of(response)) == (403, "insufficient_scope")
    challenge = response.headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="account"'


def test_clients_get_the_scope_only_when_they_are_registered_for_it(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    tokens = provider.tokens(browser, party, scope="openid account")
    assert tokens["scope"] == "openid"


def test_f10_what_was_ended_is_refused_at_once(provider: Provider) -> None:
    ways: dict[str, Callable[[Caller], object]] = {
        "session": lambda asked: provider.end_session(asked.session_id),
        "all sessions": lambda asked: provider.end_all_sessions(asked.user_id),
        "user": lambda asked: provider.disable_user(asked.user_id),
        "client": lambda asked: provider.disable(asked.party),
        "epoch": lambda asked: provider.end_everything(),
    }
    for number, (name, end) in enumerate(ways.items()):
        asked = caller(provider, provider.person(f"person{number}@example.com"))
        assert asked.get("/self").status_code == GOOD
        end(asked)
        response = asked.get("/self")
        assert (name, response.status_code) == (name, 401)
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_past_its_time_is_refused(jane: Caller) -> None:
    clock.move(301)
    assert jane.get("/self").status_code == 401


def test_a_session_that_was_replaced_by_a_later_sign_in_goes_on(jane: Caller) -> None:
    session_id = jane.provider.sign_in(jane.browser, jane.user_id)
    current = jane.get("/sessions/current")
    assert current.get_json()["id"] == session_id


SENSITIVE = [each for each in OPERATIONS if each.is_sensitive]
_BODIES = {
    "set_password": {"new_password": "a fine new password"},
    "set_username": {"username": "jane"},
    "add_email": {"email": "other@example.com"},
    "add_phone": {"phone": "+14155550123"},
    "confirm_authenticator": {"code": "123456"},
    "add_passkey": {"credential": {}},
}


def test_m09_every_change_of_what_names_or_proves_is_marked_as_sensitive() -> None:
    unmarked = {each.name for each in OPERATIONS if each.method != "GET" and not each.is_sensitive}
    assert unmarked == UNMARKED, "A sensitive change? Then let it demand a recent sign-in."


UNMARKED = {
    "update_self",
    "end_current_session",
    "end_session",
    "end_other_sessions",
    "end_all_sessions",
    "remove_trusted_device",
    "remove_trusted_devices",
    "confirm_email",  # Both were begun after a recent sign-in.
    "confirm_phone",
    "rename_authenticator",
    "rename_passkey",
    "remove_app",
    "create_organization",
    "join_organization",
    "leave_organization",
    "accept_invitation",  # Bound to a proven address; it proves and names nobody.
    "decline_invitation",
    "cancel_deletion",
}


@pytest.mark.parametrize("operation", SENSITIVE, ids=[each.name for each in SENSITIVE])
def test_m09_a_sensitive_change_asks_for_a_recent_sign_in(
    provider: Provider, operation: Operation
) -> None:
    provider.settle("identifiers", username="optional", phone="optional")
    asked = caller(provider, ago=700)
    response = asked.call(operation.method, _path(asked, operation), _BODIES.get(operation.name))
    assert (response.status_code, code_of(response)) == (403, "recent_sign_in_required")
    challenge = response.headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_user_authentication", max_age="600"'
    assert response.get_json()["max_age"] == 600


def _path(asked: Caller, operation: Operation) -> str:
    """The route with ids of things that the person has."""
    kind: IdentifierKind = "phone" if operation.path.startswith("/phones") else "email"
    ids: dict[str, Callable[[], str]] = {
        "{contact_id}": lambda: has_contact(asked, kind),
        "{pending_id}": lambda: has_pending(asked, kind),
        "{enrolment_id}": lambda: "otc_x",
        "{authenticator_id}": lambda: "crd_x",
        "{passkey_id}": lambda: "crd_x",
    }
    path = operation.path
    for name, make in ids.items():
        path = path.replace(name, make()) if name in path else path
    return path


def test_bodies_are_read_strictly(jane: Caller) -> None:
    wrong = {
        b'{"display_name": 5}': "invalid_request",
        b'{"display_name": "a", "display_name": "b"}': "invalid_json",
        b"[]": "invalid_json",
        b'{"email_verified": true}': "invalid_request",
    }
    for body, code in wrong.items():
        headers = {"Content-Type": "application/json"}
        response = jane.patch("/self", headers=headers, data=body)
        assert (body, code_of(response)) == (body, code)
    assert json.loads(jane.get("/self").text)["display_name"] == "Jane Doe"


def test_a15_what_is_proven_cannot_be_claimed(jane: Caller) -> None:
    for member in ("email_verified", "phone_verified", "email", "phone", "id", "has_password"):
        response = jane.patch("/self", {member: True})
        assert (member, code_of(response)) == (member, "invalid_request")
    body = {"email": "other@example.com", "verified_at": 1}
    assert code_of(jane.post("/emails", body)) == "invalid_request"
    assert len(jane.get("/emails").get_json()["items"]) == 1
