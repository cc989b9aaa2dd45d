"""K01, K04 to K06 and K10 for `navigator.credentials.create()`, and what is kept of a passkey."""

from typing import Any

import cbor2
import pytest

from app import clock
from app.database import read
from app.directory import passkeys
from app.directory.passkeys import ListedPasskey
from app.methods import passkey_challenge, passkey_registration
from app.methods.base import Spent
from tests.doubles.authenticator import UP, UV, Authenticator, Lies, b64
from tests.unit.methods.conftest import BINDING, Bench


def _listed(bench: Bench) -> list[ListedPasskey]:
    with read(bench.tenant.id) as session:
        return passkeys.list_of_user(session, bench.user.id)


def _refusal(bench: Bench, lies: Lies, **options: Any) -> str:
    credential = bench.authenticator.create(bench.options(**options), lies)
    refused = bench.register(credential)
    assert refused is not None
    assert _listed(bench) == []
    return refused.code


def test_a_passkey_is_kept_with_a_name_and_told_of(bench: Bench) -> None:
    made = bench.enrolled()
    [kept] = _listed(bench)
    assert kept.external_id == made.external_id
    assert kept.label == "iCloud Keychain (Linux)"
    assert kept.details["aaguid"] == "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
    assert kept.is_backed_up
    assert bench.make.mails(bench.tenant)[-1][0] == "passkey_added"
    assert "passkey.added" in bench.make.events(bench.tenant)


def test_a_label_of_the_persons_own_is_made_harmless(bench: Bench) -> None:
    credential = bench.authenticator.create(bench.options())
    assert bench.register(credential, "  My\u202e phone\n ") is None
    assert _listed(bench)[0].label == "My phone"


def test_an_unknown_authenticator_is_named_after_the_device(bench: Bench) -> None:
    bench.authenticator = Authenticator(bench.authenticator.origin, b"\x07" * 16)
    bench.enrolled()
    assert _listed(bench)[0].label == "Firefox 140, Linux"


def test_the_options_exclude_what_the_person_has(bench: Bench) -> None:
    made = bench.enrolled()
    options = bench.options(exclude=_listed(bench))
    assert [each["id"] for each in options["excludeCredentials"]] == [made.external_id]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]


def test_k01_a_creation_challenge_is_good_once(bench: Bench) -> None:
    options = bench.options()
    assert bench.register(bench.authenticator.create(options)) is None
    with pytest.raises(Spent):
        bench.register(bench.authenticator.create(options))
    assert len(_listed(bench)) == 1


def test_k01_a_sign_in_challenge_makes_no_passkey(bench: Bench) -> None:
    asked = b64(passkey_challenge.issue(bench.tenant, "get", BINDING))
    assert _refusal(bench, Lies(challenge=asked)) == "passkey_refused"
    assert _refusal(bench, Lies(type="webauthn.get")) == "passkey_refused"


def test_k01_a_creation_challenge_is_good_at_its_own_place_and_time(bench: Bench) -> None:
    assert _refusal(bench, Lies(), binding="account ses_other") == "passkey_expired"
    credential = bench.authenticator.create(bench.options())
    clock.move(301)
    refused = bench.register(credential)
    assert refused is not None
    assert refused.code == "passkey_expired"


def test_k04_the_policy_is_checked_on_the_server(bench: Bench) -> None:
    for lies in (
        Lies(flags=0x41),
        Lies(flags=0x44),
        Lies(is_discoverable=False),
        Lies(algorithm=-65535),
        Lies(algorithm=-37),
        Lies(fmt="tpm"),
        Lies(fmt="android-safetynet", statement={"ver": "1", "response": b"x"}),
        Lies(fmt="none", statement={"x5c": [b"x"]}),
        Lies(fmt="packed", statement={"alg": -7, "sig": b"x" * 70}),
        Lies(flags=UP | UV),
    ):
        assert _refusal(bench, lies) == "passkey_refused", lies


def test_k04_clients_may_leave_unsaid_that_a_passkey_is_discoverable(bench: Bench) -> None:
    credential = bench.authenticator.create(bench.options(), Lies(is_discoverable=None))
    assert bench.register(credential) is None


def test_what_the_browser_makes_by_itself_needs_neither_presence_nor_verification(
    bench: Bench,
) -> None:
    lies = Lies(flags=0x40)
    assert _refusal(bench, lies) == "passkey_refused"
    credential = bench.authenticator.create(bench.options(silently=True), lies)
    refused = bench.register(credential)
    assert refused is not None, "Only where a browser was let to do so."
    assert bench.register(credential, may_be_silent=True) is None
    assert _listed(bench)[0].details["uv"] is False


@pytest.mark.parametrize(
    "told",
    [{"crossOrigin": True}, {"topOrigin": "https://evil.example"}, {"origin": "http://localhost"}],
)
def test_k05_k06_no_passkey_is_made_elsewhere(bench: Bench, told: dict[str, Any]) -> None:
    assert _refusal(bench, Lies(client_data=told)) == "passkey_refused"


def test_another_rp_id_makes_no_passkey(bench: Bench) -> None:
    assert _refusal(bench, Lies(rp_id="evil.example")) == "passkey_refused"


def test_one_credential_is_kept_once_whoever_brings_it(bench: Bench) -> None:
    made = bench.enrolled()
    other = bench.elsewhere(bench.tenant, bench.make.user(bench.tenant))
    copied = _same_id(other, made.id)
    for each in (bench, other):
        refused = each.register(copied)
        assert refused is None or refused.code in ("passkey_exists", "passkey_refused")
    assert _listed(other) == []
    assert len(_listed(bench)) == 1


def _same_id(bench: Bench, wanted: bytes) -> str:
    """An honest answer for the same credential id, with another key."""
    import os
    from unittest.mock import patch

    real = os.urandom
    with patch("tests.doubles.authenticator.os.urandom", lambda n: wanted if n == 16 else real(n)):
        return bench.authenticator.create(bench.options())


def test_a_credential_kept_meanwhile_is_refused_in_the_landing(bench: Bench) -> None:
    first = bench.authenticator.create(bench.options())
    second = _same_id(bench, bench.authenticator.passkeys[-1].id)
    checked = [
        passkey_registration.check(
            bench.tenant,
            binding="account ses_here",
            credential=each,
            label=None,
            user_agent=None,
        )
        for each in (first, second)
    ]
    assert all(isinstance(each, passkey_registration.Checked) for each in checked)
    assert bench.register(first) is None
    refused = bench.register(second)
    assert refused is not None
    assert refused.code == "passkey_exists"


def test_nobody_has_more_passkeys_than_there_is_room_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "MOST", 2)
    bench.enrolled()
    bench.enrolled()
    refused = bench.register(bench.authenticator.create(bench.options()))
    assert refused is not None
    assert refused.code == "too_many_passkeys"


@pytest.mark.parametrize(
    "attestation",
    [
        b"",
        b"\xff",
        b"\xa1" * 300,
        b"\x81" * 9_000,
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        cbor2.dumps({"fmt": "none", "attStmt": {}}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"x" * 36}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": 5}),
        cbor2.dumps({"fmt": ["none"], "attStmt": {}, "authData": b"x" * 100}),
        b"x" * 1_000_000,
    ],
)
def test_k10_broken_attestations_are_refused(bench: Bench, attestation: bytes) -> None:
    import json

    document = json.loads(bench.authenticator.create(bench.options()))
    document["response"]["attestationObject"] = b64(attestation)
    refused = bench.register(json.dumps(document))
    assert refused is not None
    assert refused.code == "passkey_refused"


def test_k10_ten_thousand_extensions_make_no_passkey(bench: Bench) -> None:
    many = {f"extension{number}": True for number in range(10_000)}
    assert _refusal(bench, Lies(extensions=many)) == "passkey_refused"
