"""Passkeys through the account API: from the options to the credential that a device made."""

import json
from typing import Any

import pytest

from app import clock
from tests.api.caller import Caller, caller, code_of
from tests.doubles.authenticator import HONEST, Authenticator, Lies, unb64
from tests.journeys.passkeys import device
from tests.protocol.provider import Provider

FINGERPRINT = ":".join(["AB"] * 32)
ANDROID = "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"


def _options(asked: Caller) -> dict[str, Any]:
    return dict(asked.post("/passkeys/options").get_json()["public_key"])


def _made(
    asked: Caller, options: dict[str, Any], lies: Lies = HONEST, origin: str | None = None
) -> dict[str, Any]:
    """What the device answers to these options."""
    authenticator = device(asked.provider.tenant)
    if origin:
        authenticator = Authenticator(origin)
    return dict(json.loads(authenticator.create(options, lies)))


def test_a_passkey_is_made_named_renamed_and_removed(jane: Caller) -> None:
    options = _options(jane)
    assert options["rp"]["id"] == jane.provider.tenant.rp_id
    assert options["user"]["name"] == "jane@example.com"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    credential = _made(jane, options)
    added = jane.post("/passkeys", {"credential": credential})
    assert added.status_code == 201
    made = added.get_json()["passkey"]
    assert made["label"].startswith("iCloud Keychain")
    assert added.get_json()["recovery_codes"] == []
    listed = jane.get("/passkeys").get_json()
    assert listed["items"] == [made]
    assert listed["known"]["allAcceptedCredentialIds"] == [credential["id"]]
    assert listed["known"]["userId"] == options["user"]["id"]
    assert len(unb64(listed["known"]["userId"])) == 64
    path = f"/passkeys/{made['id']}"
    assert code_of(jane.patch(path, {"label": " "})) == "invalid_label"
    assert jane.patch(path, {"label": "Blue laptop"}).status_code == 204
    assert [each["label"] for each in jane.get("/passkeys").get_json()["items"]] == ["Blue laptop"]
    excluded = [each["id"] for each in _options(jane)["excludeCredentials"]]
    assert excluded == [credential["id"]]
    assert jane.delete(path).status_code == 204
    assert jane.get("/passkeys").get_json()["items"] == []
    events = ("passkey.added", "passkey.renamed", "passkey.removed")
    assert [jane.provider.events(each) for each in events] == [1, 1, 1]


def test_the_label_given_stays(jane: Caller) -> None:
    body = {"credential": _made(jane, _options(jane)), "label": "My phone"}
    assert jane.post("/passkeys", body).get_json()["passkey"]["label"] == "My phone"


def test_k01_options_make_one_passkey_for_whom_they_were_made(provider: Provider) -> None:
    jane, eve = caller(provider), caller(provider, provider.person("eve@example.com"))
    options = _options(jane)
    stolen = eve.post("/passkeys", {"credential": _made(eve, options)})
    assert code_of(stolen) == "passkey_expired"
    assert jane.post("/passkeys", {"credential": _made(jane, options)}).status_code == 201
    again = jane.post("/passkeys", {"credential": _made(jane, options)})
    assert code_of(again) == "passkey_expired"
    assert len(jane.get("/passkeys").get_json()["items"]) == 1
    assert eve.get("/passkeys").get_json()["items"] == []


@pytest.mark.parametrize(
    "lies",
    [
        Lies(origin="https://evil.example"),
        Lies(type="webauthn.get"),
        Lies(rp_id="evil.example"),
        Lies(flags=0x41),
        Lies(client_data={"crossOrigin": True}),
        Lies(is_discoverable=False),
    ],
    ids=["k_origin", "k_type", "k_rp_id", "k_user_not_verified", "k_cross_origin", "k_not_kept"],
)
def test_k_what_an_authenticator_must_not_say_is_refused(jane: Caller, lies: Lies) -> None:
    response = jane.post("/passkeys", {"credential": _made(jane, _options(jane), lies)})
    assert code_of(response) == "passkey_refused"
    assert jane.get("/passkeys").get_json()["items"] == []


def test_k01_an_empty_or_late_answer_is_refused(jane: Caller) -> None:
    assert code_of(jane.post("/passkeys", {"credential": {}})) == "passkey_refused"
    early, late = (_made(jane, _options(jane)) for _ in range(2))
    clock.move(240)
    assert jane.post("/passkeys", {"credential": early}).status_code == 201
    clock.move(61)
    token = jane.provider.tokens(jane.browser, jane.party, scope="openid account")["access_token"]
    response = jane.post("/passkeys", {"credential": late}, token=token)
    assert code_of(response) == "passkey_expired"


def test_a_request_sent_again_with_its_key_makes_one(jane: Caller) -> None:
    body, key = {"credential": _made(jane, _options(jane))}, {"Idempotency-Key": "a key"}
    first, second = (jane.post("/passkeys", body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert len(jane.get("/passkeys").get_json()["items"]) == 1


def test_an_android_app_of_the_settings_may_make_one(jane: Caller) -> None:
    refused = jane.post("/passkeys", {"credential": _made(jane, _options(jane), origin=ANDROID)})
    assert code_of(refused) == "passkey_refused"
    app = {"package": "com.example.app", "fingerprints": [FINGERPRINT]}
    jane.provider.settle("passkeys", android_apps=[app])
    body = {"credential": _made(jane, _options(jane), origin=ANDROID)}
    assert jane.post("/passkeys", body).status_code == 201


def test_m09_the_last_way_in_stays(jane: Caller) -> None:
    body = {"credential": _made(jane, _options(jane))}
    passkey_id = jane.post("/passkeys", body).get_json()["passkey"]["id"]
    jane.provider.settle("methods", sign_in=["passkey"], sign_up=["passkey"])
    assert code_of(jane.delete(f"/passkeys/{passkey_id}")) == "last_way_in"
    assert len(jane.get("/passkeys").get_json()["items"]) == 1


def test_a_tenant_without_passkeys_makes_none(jane: Caller) -> None:
    credential = _made(jane, _options(jane))
    jane.provider.settle("methods", sign_in=["password"], sign_up=["password"], second=["totp"])
    assert code_of(jane.post("/passkeys/options")) == "not_found"
    assert code_of(jane.post("/passkeys", {"credential": credential})) == "not_found"
