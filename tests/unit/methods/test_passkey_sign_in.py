"""K01 to K07 and K10 for `navigator.credentials.get()`: one forged answer after the other."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app import clock
from app.database import read
from app.directory import passkeys
from app.methods import METHODS
from app.methods.base import Proved, Refused, Spent
from app.methods.passkey import request_options
from app.methods.passkey_origins import own
from tests.doubles.authenticator import BE, BS, UP, UV, Authenticator, Lies, b64
from tests.unit.methods.conftest import Bench


def _code(result: Proved | Refused) -> str:
    assert isinstance(result, Refused)
    return result.code


def test_a_passkey_says_whose_it_is_and_counts_as_two_factors(bench: Bench) -> None:
    bench.enrolled()
    proved = bench.prove()
    assert isinstance(proved, Proved)
    assert proved.person is not None
    assert proved.person.user_id == bench.user.id
    assert proved.amr == ("pop", "user", "mfa")
    bench.land(proved)
    assert bench.make.events(bench.tenant)[-1] == "passkey.succeeded"


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_every_algorithm_that_is_asked_for_verifies(bench: Bench, algorithm: int) -> None:
    made = bench.authenticator.create(bench.options(), algorithm=algorithm)
    assert bench.register(made) is None
    bench.land(bench.prove())


def test_k01_a_challenge_is_good_once(bench: Bench) -> None:
    bench.enrolled()
    at = bench.situation()
    credential = bench.authenticator.get(request_options(at))
    answers = {"credential": credential}
    bench.land(METHODS["passkey"].check(at, answers))
    with pytest.raises(Spent) as spent:
        bench.land(METHODS["passkey"].check(at, answers))
    assert spent.value.refused is not None
    assert spent.value.refused.code == "passkey_expired"


def test_k01_a_challenge_is_good_for_five_minutes(bench: Bench) -> None:
    bench.enrolled()
    options = request_options(bench.situation())
    credential = {"credential": bench.authenticator.get(options)}
    clock.move(299)
    assert isinstance(METHODS["passkey"].check(bench.situation(), credential), Proved)
    clock.move(2)
    assert _code(METHODS["passkey"].check(bench.situation(), credential)) == "passkey_expired"


def test_k01_a_registration_challenge_is_no_sign_in_challenge(bench: Bench) -> None:
    bench.enrolled()
    made_for = bench.options(binding="flow flw_here")["challenge"]
    assert _code(bench.prove(lies=Lies(challenge=str(made_for)))) == "passkey_refused"


def test_k01_the_type_of_the_ceremony_is_looked_at(bench: Bench) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(type="webauthn.create"))) == "passkey_refused"


@pytest.mark.parametrize("challenge", [b"", b"x" * 57, b"x" * 5_000])
def test_k01_a_challenge_that_is_not_ours_is_nothing(bench: Bench, challenge: bytes) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(challenge=b64(challenge)))).startswith("passkey_")


def test_k01_a_challenge_is_good_for_its_own_flow_tenant_and_epoch(bench: Bench) -> None:
    bench.enrolled()
    other = bench.make.tenant()
    for asked in (
        bench.situation(flow_id="flw_other"),
        replace(bench.situation(), tenant=replace(bench.tenant, epoch=bench.tenant.epoch + 1)),
        replace(bench.situation(), tenant=replace(other, rp_id=bench.tenant.rp_id)),
    ):
        credential = bench.authenticator.get(request_options(asked))
        answered = METHODS["passkey"].check(bench.situation(), {"credential": credential})
        assert _code(answered) == "passkey_expired"


def test_k02_a_passkey_of_somebody_else_does_not_prove_the_person_who_is_known(
    bench: Bench,
) -> None:
    victim = bench.make.user(bench.tenant)
    bench.enrolled()
    attacker = bench.authenticator.passkeys[-1]
    for situation in (
        bench.situation(email=victim.email),
        bench.situation("second", user_id=victim.id),
        bench.situation(email="nobody@example.com"),
    ):
        assert _code(bench.prove(situation, passkey=attacker)) == "passkey_refused"


def test_a_typed_identifier_changes_no_option(bench: Bench) -> None:
    bench.enrolled()
    asked = [
        request_options(bench.situation(email=email))
        for email in (bench.user.email, "nobody@example.com", None)
    ]
    for options in asked:
        assert options.pop("challenge")
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["allowCredentials"] == []


def test_a_known_person_is_asked_for_their_own_passkeys(bench: Bench) -> None:
    made = bench.enrolled()
    options: Any = request_options(bench.situation("second", user_id=bench.user.id))
    assert [each["id"] for each in options["allowCredentials"]] == [made.external_id]
    assert options["allowCredentials"][0]["transports"] == ["hybrid", "internal"]


@pytest.mark.parametrize(
    "lies",
    [Lies(no_user_handle=True), Lies(user_handle=b"x" * 64), Lies(user_handle=b"")],
    ids=["missing", "foreign", "empty"],
)
def test_k03_the_user_handle_must_be_the_owners(bench: Bench, lies: Lies) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=lies)) == "passkey_refused"


def test_k03_a_known_person_needs_no_user_handle_but_a_foreign_one_is_refused(
    bench: Bench,
) -> None:
    bench.enrolled()
    at = bench.situation("second", user_id=bench.user.id)
    assert isinstance(bench.prove(at, Lies(no_user_handle=True)), Proved)
    assert _code(bench.prove(at, Lies(user_handle=b"y" * 64))) == "passkey_refused"


def test_k04_alone_it_must_have_verified_its_user(bench: Bench) -> None:
    bench.enrolled()
    for situation in (
        bench.situation(),
        bench.situation(email=bench.user.email),
        replace(bench.situation("second", user_id=bench.user.id), session_id="ses_live"),
    ):
        assert request_options(situation)["userVerification"] == "required"
        assert _code(bench.prove(situation, Lies(flags=UP | BE | BS))) == "passkey_refused"


def test_k04_after_another_factor_it_says_that_nobody_was_verified(bench: Bench) -> None:
    bench.enrolled()
    at = bench.situation("second", user_id=bench.user.id)
    assert _code(bench.prove(at, Lies(flags=UP | BE | BS))) == "passkey_refused"
    proved = bench.prove(replace(at, has_proof=True), Lies(flags=UP | BE | BS))
    assert isinstance(proved, Proved)
    assert proved.amr == ("pop", "user")


def test_nobody_present_is_refused(bench: Bench) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(flags=UV | BE | BS))) == "passkey_refused"


@pytest.mark.parametrize(
    "told",
    [
        {"crossOrigin": True},
        {"crossOrigin": "false"},
        {"crossOrigin": 1},
        {"topOrigin": "https://evil.example"},
        {"crossOrigin": True, "topOrigin": "http://localhost:8000"},
    ],
)
def test_k05_no_answer_comes_from_a_foreign_frame(bench: Bench, told: dict[str, Any]) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(client_data=told))) == "passkey_refused"


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:8001",
        "https://localhost:8000",
        "http://localhost.:8000",
        "http://www.localhost:8000",
        "http://localhost:8000/",
        "http://LOCALHOST:8000",
        "http://localhost:8000.evil.example",
        "null",
        "",
        "android:apk-key-hash:" + b64(b"\x11" * 32),
    ],
)
def test_k06_every_other_origin_is_refused(bench: Bench, origin: str) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(origin=origin))) == "passkey_refused"


def test_k06_an_android_app_is_an_origin_once_the_settings_name_its_key(bench: Bench) -> None:
    app = {"package": "com.example.app", "fingerprints": [":".join(["11"] * 32)]}
    tenant = bench.make.tenant(passkeys={"android_apps": [app]})
    own_bench = bench.elsewhere(tenant, bench.make.user(tenant))
    own_bench.enrolled()
    named = Lies(origin="android:apk-key-hash:" + b64(b"\x11" * 32))
    assert isinstance(own_bench.prove(lies=named), Proved)
    other = Lies(origin="android:apk-key-hash:" + b64(b"\x12" * 32))
    assert _code(own_bench.prove(lies=other)) == "passkey_refused"


def test_k07_a_passkey_of_another_tenant_is_known_to_nobody(bench: Bench) -> None:
    bench.enrolled()
    neighbour = bench.make.tenant()
    assert neighbour.rp_id == bench.tenant.rp_id
    there = bench.elsewhere(neighbour, bench.make.user(neighbour))
    stranger = Authenticator(own(neighbour))
    stranger.create(there.options())
    known_elsewhere, known_nowhere = there.prove(), there.prove(passkey=stranger.passkeys[-1])
    assert _code(known_elsewhere) == _code(known_nowhere) == "passkey_unknown"
    assert isinstance(known_elsewhere, Refused)
    assert isinstance(known_nowhere, Refused)
    assert known_elsewhere.message == known_nowhere.message
    assert bench.make.events(neighbour).count("passkey.failed") == 0


def test_another_rp_id_is_refused(bench: Bench) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(rp_id="evil.example"))) == "passkey_refused"


def test_another_key_is_refused(bench: Bench) -> None:
    bench.enrolled()
    lies = Lies(signed_by=ec.generate_private_key(ec.SECP256R1()))
    assert _code(bench.prove(lies=lies)) == "passkey_refused"


def test_a_counter_only_grows(bench: Bench) -> None:
    made = bench.enrolled()
    bench.land(bench.prove(lies=Lies(counter=7)))
    for counter in (7, 6, 0):
        assert _code(bench.prove(lies=Lies(counter=counter))) == "passkey_refused"
    bench.land(bench.prove(lies=Lies(counter=8)))
    with read(bench.tenant.id) as session:
        stored = passkeys.find(session, made.external_id)
    assert stored is not None
    assert stored.counter == 8


def test_of_two_answers_with_one_counter_the_second_is_too_late(bench: Bench) -> None:
    bench.enrolled()
    first, second = (bench.prove(lies=Lies(counter=3)) for _ in range(2))
    bench.land(first)
    with pytest.raises(Spent):
        bench.land(second)


def _tampered(credential: str, **response: Any) -> str:
    document = json.loads(credential)
    document["response"] |= response
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '"text"',
        "[" * 15_000,
        "9" * 10_000,
        '{"id": "AA", "type": "public-key", "response": []}',
        '{"id": 7, "type": "public-key", "response": {}}',
        '{"id": "A", "rawId": "A", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AQ", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "private-key", "response": {}}',
        '{"id": "AA", "id": "AQ", "type": "public-key", "response": {}}',
        '{"id": "' + "A" * 2_000 + '", "type": "public-key", "response": {}}',
        "x" * 1_000_000,
    ],
)
def test_k10_what_is_no_answer_is_refused(bench: Bench, text: str) -> None:
    refused = METHODS["passkey"].check(bench.situation(), {"credential": text})
    assert _code(refused) == "passkey_refused"


@pytest.mark.parametrize(
    "response",
    [
        {"authenticatorData": b64(b"\xff" * 36)},
        {"authenticatorData": b64(b"\x00" * 60_000)},
        {"authenticatorData": "!!"},
        {"authenticatorData": 7},
        {"authenticatorData": None},
        {"signature": ""},
        {"signature": b64(b"\x30" * 2_000)},
        {"signature": b64(b"\x30\x06\x02\x01\x00\x02\x01\x00")},
        {"userHandle": b64(b"x" * 65)},
        {"userHandle": ["x"]},
        {"clientDataJSON": b64(b"\xff\xfe")},
        {"clientDataJSON": b64(b"[" * 4_000)},
        {"clientDataJSON": b64(b'{"type": "webauthn.get", "challenge": 1, "origin": null}')},
        {"clientDataJSON": b64(b'{"challenge": "AA", "challenge": "AQ"}')},
    ],
)
def test_k10_broken_parts_are_refused(bench: Bench, response: dict[str, Any]) -> None:
    bench.enrolled()
    at = bench.situation()
    credential = _tampered(bench.authenticator.get(request_options(at)), **response)
    refused = METHODS["passkey"].check(at, {"credential": credential})
    assert _code(refused) == "passkey_refused"


def test_k10_ten_thousand_extensions_are_not_parsed(bench: Bench) -> None:
    bench.enrolled()
    many = {f"extension{number}": True for number in range(10_000)}
    assert _code(bench.prove(lies=Lies(extensions=many))) == "passkey_refused"
    assert isinstance(bench.prove(lies=Lies(extensions={"credProtect": 2})), Proved)


def test_no_answer_at_all_says_what_to_do(bench: Bench) -> None:
    assert _code(METHODS["passkey"].check(bench.situation(), {})) == "passkey_missing"


def test_k_whether_a_passkey_may_be_backed_up_never_changes(bench: Bench) -> None:
    bench.enrolled()
    assert _code(bench.prove(lies=Lies(flags=UP | UV))) == "passkey_refused"
    kept = bench.prove(lies=Lies(flags=UP | UV | BE))
    bench.land(kept)
