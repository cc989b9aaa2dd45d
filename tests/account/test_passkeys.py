"""Passkeys at the portal: made, named, renamed, removed, and never the last way in."""

import json
from typing import Any

from flask import Flask

from app import clock
from app.database import read
from app.directory import passkeys, recovery_codes
from app.directory.passkeys import ListedPasskey
from tests.account.resident import Resident, resident, settle
from tests.doubles.authenticator import Authenticator, Lies, unb64
from tests.factories import Factory
from tests.journeys.moves import audited
from tests.journeys.passkeys import asked, device, equip, present
from tests.journeys.second import shown_codes

PASSKEYS_ONLY = {"sign_in": ["passkey"], "sign_up": ["passkey"]}


def _kept(person: Resident) -> list[ListedPasskey]:
    with read(person.client.tenant.id) as session:
        return passkeys.list_of_user(session, person.user.id)


def _equipped(app: Flask, make: Factory, **sections: Any) -> tuple[Resident, Authenticator]:
    """Somebody with one passkey."""
    person = resident(app, make, **sections)
    authenticator = device(person.client.tenant)
    equip(person.client.tenant, person.user, authenticator)
    return person, authenticator


def _make(person: Resident, authenticator: Authenticator, **fields: str) -> None:
    person.go("/passkeys/new")
    person.submit(credential=authenticator.create(asked(person)), **fields)


def _come_back(person: Resident, authenticator: Authenticator) -> None:
    """Sign out, and in again with the passkey."""
    person.sign_out()
    present(person, authenticator, "passkey")
    assert person.url == f"{person.base}/account", (person.screen, person.message)


def _told_to_browser(person: Resident) -> dict[str, Any]:
    """What the page hands to the script that tells the password manager."""
    person.go("/security")
    (found,) = [each for each in person.page.all("section") if each.get("data-passkeys")]
    return dict(json.loads(found.get("data-passkeys")))


def test_a_passkey_is_made_and_named_after_its_keeper(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _make(person, device(person.client.tenant))
    assert person.told == "account.told.passkey_added"
    assert [each.label for each in _kept(person)] == ["iCloud Keychain (Linux)"]
    assert person.shows("iCloud Keychain (Linux)")
    assert "passkey_added" in [purpose for purpose, _ in make.mails(person.client.tenant)]


def test_a_passkey_may_be_given_a_name_when_it_is_made(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _make(person, device(person.client.tenant), label="  My <b>phone</b> ")
    assert [each.label for each in _kept(person)] == ["My <b>phone</b>"]
    assert person.shows("My &lt;b&gt;phone&lt;/b&gt;")


def test_k01_a_challenge_makes_one_passkey_and_only_in_its_session(
    app: Flask, make: Factory
) -> None:
    person = resident(app, make)
    authenticator = device(person.client.tenant)
    person.go("/passkeys/new")
    options = asked(person)
    elsewhere = Resident(app, person.client, person.user)
    elsewhere.go("/passkeys/new")
    elsewhere.submit(credential=authenticator.create(options))
    assert (elsewhere.status, elsewhere.message) == (422, "error.passkey_expired")
    person.submit(credential=authenticator.create(options))
    person.go("/passkeys/new")
    person.submit(credential=authenticator.create(options))
    assert (person.status, person.message) == (422, "error.passkey_expired")
    assert len(_kept(person)) == 1


def test_a_broken_or_unverified_answer_leaves_the_form(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    authenticator = device(person.client.tenant)
    person.go("/passkeys/new")
    person.submit(label="Kept", credential="{}")
    assert (person.status, person.message) == (422, "error.passkey_not_made")
    assert person.value("label") == "Kept"
    person.submit(credential=authenticator.create(asked(person), Lies(flags=0x41)))
    assert (person.status, person.message) == (422, "error.passkey_not_made")
    assert _kept(person) == []
    person.submit(credential=authenticator.create(asked(person)))
    assert len(_kept(person)) == 1


def test_passkeys_that_one_has_are_excluded(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    _come_back(person, authenticator)
    person.go("/passkeys/new")
    excluded = [each["id"] for each in asked(person)["excludeCredentials"]]
    assert excluded == [authenticator.passkeys[0].external_id]


def test_a_renamed_passkey_keeps_working(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    (kept,) = _kept(person)
    person.go(f"/passkeys/{kept.id}/rename")
    assert person.value("label") == kept.label
    person.submit(label="  ")
    assert (person.status, person.errors) == (422, {"label": "error.label_missing"})
    person.submit(label="Blue laptop")
    assert person.told == "account.told.renamed"
    assert [each.label for each in _kept(person)] == ["Blue laptop"]
    assert len(audited(person.client.tenant, "passkey.renamed")) == 1
    _come_back(person, authenticator)


def test_a_name_is_cut_and_made_harmless(app: Flask, make: Factory) -> None:
    person, _ = _equipped(app, make)
    (kept,) = _kept(person)
    person.go(f"/passkeys/{kept.id}/rename")
    person.submit(label="\u202e" + "x" * 100)
    assert [each.label for each in _kept(person)] == ["x" * 60]


def test_a_removed_passkey_opens_nothing_and_its_owner_hears_of_it(
    app: Flask, make: Factory
) -> None:
    person, authenticator = _equipped(app, make)
    _come_back(person, authenticator)
    (kept,) = _kept(person)
    person.go(f"/passkeys/{kept.id}/remove")
    assert person.shows(kept.label)
    person.submit()
    assert person.told == "account.told.passkey_removed"
    assert _kept(person) == []
    removed = [
        mail for purpose, mail in make.mails(person.client.tenant) if purpose == "passkey_removed"
    ]
    assert [mail.values["label"] for mail in removed] == [kept.label]
    person.sign_out()
    present(person, authenticator, "passkey")
    assert (person.screen, person.message) == ("identify", "error.passkey_unknown")


def test_m09_who_must_have_two_factors_gives_both_before_one_is_removed(
    app: Flask, make: Factory
) -> None:
    person, authenticator = _equipped(app, make)
    make.authenticator(person.client.tenant, person.user)
    settle(person, "policy", mfa="required")
    (kept,) = _kept(person)
    person.go(f"/passkeys/{kept.id}/remove")
    assert person.screen == "passkey", "The sign-in was by password alone."
    present(person, authenticator)
    assert person.url == f"{person.base}/account/passkeys/{kept.id}/remove"
    person.submit()
    assert _kept(person) == []


def test_m09_the_last_second_factor_stays_where_one_is_required(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    _come_back(person, authenticator)
    settle(person, "methods", sign_in=["password", "passkey"], second=["passkey", "totp"])
    settle(person, "policy", mfa="required")
    person.go(f"/passkeys/{_kept(person)[0].id}/remove")
    person.submit()
    assert (person.status, person.message) == (422, "error.last_factor")
    assert len(_kept(person)) == 1


def test_m09_the_last_passkey_stays_where_it_is_the_last_way_in(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    _come_back(person, authenticator)
    settle(person, "methods", **PASSKEYS_ONLY)
    (kept,) = _kept(person)
    person.go(f"/passkeys/{kept.id}/remove")
    person.submit()
    assert (person.status, person.message) == (422, "error.last_way_in")
    assert len(_kept(person)) == 1


def test_x01_the_passkey_of_another_person_does_not_exist(app: Flask, make: Factory) -> None:
    person, _ = _equipped(app, make)
    (kept,) = _kept(person)
    eve = Resident(app, person.client, make.user(person.client.tenant))
    for path in (f"/passkeys/{kept.id}/rename", f"/passkeys/{kept.id}/remove"):
        assert eve.get(f"{eve.base}/account{path}").status_code == 404
        assert eve.send(path, label="Mine").status_code == 404
    assert [each.label for each in _kept(person)] == [kept.label]


def test_the_page_tells_the_browser_which_passkeys_there_are(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    told = _told_to_browser(person)
    (passkey,) = authenticator.passkeys
    assert told["rpId"] == person.client.tenant.rp_id
    assert unb64(told["userId"]) == passkey.user_handle
    assert told["allAcceptedCredentialIds"] == [passkey.external_id]
    assert (told["name"], told["displayName"]) == (person.user.email, "Jane Doe")
    _come_back(person, authenticator)
    person.go(f"/passkeys/{_kept(person)[0].id}/remove")
    person.submit()
    assert _told_to_browser(person)["allAcceptedCredentialIds"] == []


def test_options_are_renewed_for_the_same_session_and_lately_only(
    app: Flask, make: Factory
) -> None:
    person = resident(app, make)
    person.go("/passkeys/new")
    clock.move(290)
    renewed = person.get(f"{person.base}/account/passkeys/options").get_json()["options"]
    assert renewed["challenge"] != asked(person)["challenge"]
    clock.move(20)
    person.submit(credential=device(person.client.tenant).create(renewed))
    assert len(_kept(person)) == 1
    clock.move(700)
    answer = person.get(f"{person.base}/account/passkeys/options")
    assert answer.status_code == 303, "The script reloads the page, which asks to sign in again."


def test_a_tenant_without_passkeys_offers_none(app: Flask, make: Factory) -> None:
    methods = {"sign_in": ["password"], "sign_up": ["password"], "second": ["totp"]}
    person = resident(app, make, methods=methods)
    assert person.get(f"{person.base}/account/passkeys/new").status_code == 404
    assert person.get(f"{person.base}/account/passkeys/options").status_code == 404
    person.go("/security")
    assert not person.shows("/account/passkeys/new")


def test_the_first_passkey_brings_recovery_codes_where_a_second_factor_is_required(
    app: Flask, make: Factory
) -> None:
    methods = {"sign_in": ["password", "passkey"], "second": ["passkey"]}
    person = resident(app, make, methods=methods)
    settle(person, "policy", mfa="required", enrolments_put_off=1)
    _make(person, device(person.client.tenant))
    codes = shown_codes(person)
    assert len(codes) == 10
    assert recovery_codes_left(person) == 10
    person.go("/security")
    assert not person.shows(codes[0])


def test_with_the_last_passkey_go_the_recovery_codes(app: Flask, make: Factory) -> None:
    person, authenticator = _equipped(app, make)
    make.recovery_codes(person.client.tenant, person.user)
    equip(person.client.tenant, person.user, device(person.client.tenant))
    _come_back(person, authenticator)
    for left, kept in zip((10, 0), _kept(person), strict=True):
        person.go(f"/passkeys/{kept.id}/remove")
        person.submit()
        assert person.told == "account.told.passkey_removed"
        assert recovery_codes_left(person) == left


def recovery_codes_left(person: Resident) -> int:
    """How many codes the person has."""
    with read(person.client.tenant.id) as session:
        return recovery_codes.count(session, person.user.id)
