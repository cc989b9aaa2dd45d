"""What a person does with the account by its API: contacts, profile, factors, life and death."""

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pyotp
import pytest
from flask import Flask
from openapi_spec_validator import validate

from app import clock
from app.api.account.openapi import codes_of
from app.api.account.problems import CODES
from app.api.account.routes import OPERATIONS
from app.directory import deletion
from tests.api.caller import ROOT, Caller, caller, code_of, document
from tests.api.contacts import CODE, has_contact, has_pending
from tests.protocol.provider import Provider


def test_the_document_is_valid_and_names_every_code(provider: Provider) -> None:
    described = document(provider.app, provider.issuer)
    validate(described)
    assert described["servers"] == [{"url": f"{provider.issuer}{ROOT}"}]
    promised = {code for each in OPERATIONS for code in codes_of(each)}
    assert promised == set(CODES)


def test_the_profile_is_changed_only_as_it_was_read(jane: Caller) -> None:
    read = jane.get("/self")
    changed = jane.patch(
        "/self", {"display_name": "Jane Roe"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert changed.get_json()["display_name"] == "Jane Roe"
    assert changed.headers["ETag"] != read.headers["ETag"]
    for stale in (read.headers["ETag"], '"nonsense"', "garbage"):
        late = jane.patch("/self", {"display_name": "Eve"}, headers={"If-Match": stale})
        assert (late.status_code, code_of(late)) == (412, "precondition_failed")
    assert jane.patch("/self", {"locale": "xx"}).status_code == 422
    assert jane.patch("/self", {"display_name": None}).get_json()["display_name"] is None


def test_an_address_counts_once_its_code_came_back(jane: Caller) -> None:
    pending = has_pending(jane, "email")
    assert [each["id"] for each in jane.get("/emails").get_json()["pending"]] == [pending]
    wrong = jane.post(f"/emails/pending/{pending}/confirm", {"code": "000000"})
    assert (wrong.status_code, code_of(wrong)) == (422, "wrong_code")
    assert code_of(jane.post(f"/phones/pending/{pending}/confirm", {"code": CODE})) == "not_found"
    added = jane.post(f"/emails/pending/{pending}/confirm", {"code": CODE})
    assert jane.post(f"/emails/{added.get_json()['id']}/primary").status_code == 204
    listed = {each["value"]: each for each in jane.get("/emails").get_json()["items"]}
    assert listed["second@example.com"]["is_primary"]
    assert not listed["jane@example.com"]["is_primary"]


def test_the_last_way_in_stays(jane: Caller) -> None:
    (only,) = jane.get("/emails").get_json()["items"]
    response = jane.delete(f"/emails/{only['id']}")
    assert (response.status_code, code_of(response)) == (409, "last_way_in")
    has_contact(jane, "email")
    assert jane.delete(f"/emails/{only['id']}").status_code == 204


def test_an_authenticator_is_added_and_brings_recovery_codes(jane: Caller) -> None:
    begun = jane.post("/totp").get_json()
    assert begun["qr_code"].startswith("data:image/png;base64,")
    code = pyotp.TOTP(begun["secret"]).at(clock.now_seconds())
    confirmed = jane.post(f"/totp/pending/{begun['id']}/confirm", {"code": code, "label": "Phone"})
    assert len(confirmed.get_json()["recovery_codes"]) == 10
    (listed,) = jane.get("/totp").get_json()["items"]
    assert listed["label"] == "Phone"
    assert begun["secret"] not in jane.get("/totp").text
    assert jane.get("/recovery-codes").get_json() == {"left": 10}
    stronger = jane.post("/recovery-codes")  # One factor no longer is enough.
    assert code_of(stronger) == "recent_sign_in_required"
    assert 'acr_values="urn:authpage:acr:2fa' in stronger.headers["WWW-Authenticate"]


def test_a_request_sent_again_with_its_key_acts_once(jane: Caller) -> None:
    key = {"Idempotency-Key": "a key"}
    first, second = (jane.post("/totp", headers=key) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    other = jane.post("/deletion", headers=key)
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")
    assert code_of(jane.post("/totp", headers={"Idempotency-Key": "é"})) == "invalid_request"


def test_a_refused_request_may_come_again_with_its_key(jane: Caller) -> None:
    key = {"Idempotency-Key": "again"}
    assert code_of(jane.post("/emails", {"email": "nonsense"}, headers=key)) == "invalid_email"
    assert jane.post("/emails", {"email": "nonsense"}, headers=key).status_code == 422
    assert jane.provider.events("contact.asked") == 0


def test_of_parallel_requests_with_one_key_one_acts(jane: Caller) -> None:
    statuses: list[int] = []
    jane.get("/self")

    def send() -> None:
        response = jane.post("/totp", headers={"Idempotency-Key": "race"})
        statuses.append(response.status_code)

    crowd = [threading.Thread(target=send) for _ in range(12)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    answers = {jane.post("/totp", headers={"Idempotency-Key": "race"}).text for _ in range(2)}
    assert len(answers) == 1


def test_sessions_are_listed_and_ended(provider: Provider) -> None:
    jane = caller(provider)
    elsewhere = caller(provider, jane.user_id)
    listed = jane.get("/sessions").get_json()["items"]
    assert {each["id"] for each in listed} == {jane.session_id, elsewhere.session_id}
    assert jane.get("/sessions/current").get_json()["id"] == jane.session_id
    assert jane.post("/sessions/end-others").get_json() == {"ended": 1}
    assert (elsewhere.get("/self").status_code, jane.get("/self").status_code) == (401, 200)
    assert jane.delete("/sessions/current").status_code == 204
    assert jane.get("/self").status_code == 401


def test_signing_out_everywhere_ends_this_token_too(provider: Provider) -> None:
    jane = caller(provider)
    elsewhere = caller(provider, jane.user_id)
    assert jane.post("/sessions/end-all").get_json() == {"ended": 2}
    assert (elsewhere.get("/self").status_code, jane.get("/self").status_code) == (401, 401)


def test_x01_the_session_of_another_person_does_not_exist(provider: Provider) -> None:
    jane, eve = caller(provider), caller(provider, provider.person("eve@example.com"))
    response = eve.delete(f"/sessions/{jane.session_id}")
    assert (response.status_code, code_of(response)) == (404, "not_found")
    assert jane.get("/self").status_code == 200


def test_activity_comes_in_pages_and_words(jane: Caller) -> None:
    for name in ("A", "B", "C"):
        jane.patch("/self", {"display_name": name})
    first = jane.get("/activity?limit=2").get_json()
    rest = jane.get(f"/activity?limit=2&after={first['next_cursor']}").get_json()
    assert [each["event"] for each in first["items"]] == ["user.updated"] * 2
    assert {each["text"] for each in first["items"]} == {"Your profile was changed."}
    assert not {each["id"] for each in first["items"]} & {each["id"] for each in rest["items"]}
    assert code_of(jane.get("/activity?limit=0")) == "invalid_request"
    assert code_of(jane.get("/activity?what=x")) == "invalid_request"


def test_the_export_holds_everything_but_secrets(jane: Caller) -> None:
    secret = jane.post("/totp").get_json()["secret"]
    jane.provider.set_password(jane.user_id)
    again = caller(jane.provider, jane.user_id)
    response = again.get("/export")
    assert response.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    data = response.get_json()["data"]
    assert data["profile"]["id"] == jane.user_id
    assert [each["value"] for each in data["identifiers"]] == ["jane@example.com"]
    assert [each["kind"] for each in data["credentials"]] == ["password"]
    assert data["sessions"]
    assert data["activity"]
    for hidden in (secret, "argon2", "personal_key", again.token):
        assert hidden not in response.text
    assert again.provider.events("user.exported") == 1


def test_deletion_waits_and_can_be_taken_back(app: Flask, jane: Caller) -> None:
    asked = jane.post("/deletion")
    assert asked.get_json() == jane.post("/deletion").get_json()  # The earlier moment stays.
    assert jane.get("/self").get_json()["deletion_due_at"] == asked.get_json()["due_at"]
    assert jane.delete("/deletion").status_code == 204
    assert code_of(jane.delete("/deletion")) == "not_found"
    clock.move(15 * 86_400)
    _erase_due(app)
    assert jane.provider.events("user.erased") == 0


def test_a24_an_account_is_erased_when_its_time_has_come(app: Flask, jane: Caller) -> None:
    jane.post("/deletion")
    clock.move(13 * 86_400)
    _erase_due(app)
    assert jane.provider.events("user.erased") == 0
    clock.move(86_400 + 1)
    _erase_due(app)
    assert jane.provider.events("user.erased") == 1
    assert jane.get("/self").status_code == 401
    assert jane.provider.person() != jane.user_id  # The address is free, the id is not.


def test_deletion_and_its_cancelling_at_one_moment_end_in_one_way(
    app: Flask, provider: Provider
) -> None:
    provider.settle("policy", deletion_delay=0)
    for number in range(6):
        asked = caller(provider, provider.person(f"person{number}@example.com"))
        asked.post("/deletion")
        _in_parallel(lambda: _erase_due(app), partial(asked.delete, "/deletion"))
    ended = provider.events("user.erased") + provider.events("user.deletion.cancelled")
    assert ended == 6


def _in_parallel(*acts: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _erase_due(app: Flask) -> None:
    with app.app_context():
        deletion.erase_due()


@pytest.mark.parametrize("kind", ["application/json", None])
def test_bodies_that_are_not_needed_need_not_come(jane: Caller, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert jane.post("/sessions/end-others", headers=headers).status_code == 200
    assert json.loads(jane.get("/self").text)["id"] == jane.user_id


def test_registered_origins_may_read_and_change(provider: Provider) -> None:
    asked = caller(provider, origins=["https://app.example"])
    client = provider.app.test_client()
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    preflight = client.options(provider.url(f"{ROOT}/self"), headers=headers)
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "Content-Type", "If-Match", "Idempotency-Key"):
        assert name in preflight.headers["Access-Control-Allow-Headers"]
    answer = asked.get("/self", headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    strange = asked.get("/self", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in strange.headers
