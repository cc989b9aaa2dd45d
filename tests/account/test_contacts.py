"""Addresses of one's own account: proven first, never confused, never the last one."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import contacts, people, sessions, trusted_devices
from tests.account.resident import Resident, resident
from tests.factories import Factory
from tests.journeys.moves import wrong

NEW = "jane@new.example"


def _values(person: Resident) -> dict[str, bool]:
    """The addresses of the account, and whether each is the primary one."""
    with read(person.client.tenant.id) as session:
        found = contacts.list_of_user(session, person.user.id)
    return {each.value: each.is_primary for each in found if each.is_verified}


def _ask(person: Resident, address: str) -> None:
    person.go("/emails/add")
    person.submit(email=address)


def _code(person: Resident, make: Factory, address: str) -> str:
    return make.code(person.client.tenant, address)


def test_a15_an_address_counts_only_once_its_code_came_back(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _ask(person, NEW)
    assert person.fields == {"code"}
    assert NEW not in _values(person)
    person.submit(code=wrong(_code(person, make, NEW)))
    assert (person.status, person.errors) == (422, {"code": "error.code_wrong"})
    person.submit(code=_code(person, make, NEW))
    assert person.told == "account.told.contact_added"
    assert _values(person) == {person.user.email: True, NEW: False}
    told = [
        mail.to for purpose, mail in make.mails(person.client.tenant) if purpose == "email_added"
    ]
    assert sorted(told) == sorted([person.user.email, NEW])


def test_a14_a_code_confirms_the_address_that_it_went_to(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _ask(person, "mine@example.net")
    mine = person.url
    _ask(person, "victim@example.net")
    theirs = person.url
    code = _code(person, make, "mine@example.net")
    if code == _code(person, make, "victim@example.net"):
        return  # One in a million.
    person.url = theirs
    person.submit(code=code)
    assert person.status == 422
    person.go(mine.removeprefix(f"{person.base}/account"))
    person.submit(code=code)
    assert set(_values(person)) == {person.user.email, "mine@example.net"}


def test_o_codes_of_contacts_have_five_tries(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _ask(person, NEW)
    code = _code(person, make, NEW)
    for _ in range(5):
        person.submit(code=wrong(code))
    person.submit(code=code)
    assert person.errors == {"code": "error.code_locked"}
    assert NEW not in _values(person)


def test_an_address_of_another_account_is_told_only_to_its_owner(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    make.user(person.client.tenant, NEW)
    _ask(person, NEW)
    assert person.fields == {"code"}, "Before the proof nothing is told."
    person.submit(code=_code(person, make, NEW))
    assert person.message == "error.identifier_taken"
    assert NEW not in _values(person)


def test_a_recovery_voids_what_waits_for_its_code(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _ask(person, NEW)
    with write(person.client.tenant.id) as session:
        people.set_password(session, CLI, person.user.id, "$argon2id$other", keep_session_id=None)
    with read(person.client.tenant.id) as session:
        from app.directory import pending_contacts

        assert pending_contacts.list_of_user(session, person.user.id) == ()


def test_the_primary_address_changes_and_the_other_goes(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    _ask(person, NEW)
    person.submit(code=_code(person, make, NEW))
    ids = _ids(person)
    person.go(f"/contacts/{ids[NEW]}/primary")
    person.submit()
    assert person.told == "account.told.primary_changed"
    person.go(f"/contacts/{ids[person.user.email]}/remove")
    person.submit()
    assert person.told == "account.told.contact_removed"
    assert _values(person) == {NEW: True}
    removed = [
        m.to for purpose, m in make.mails(person.client.tenant) if purpose == "email_removed"
    ]
    assert person.user.email in removed, "The address that went hears of it."


def test_m09_the_last_way_in_stays(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    (only,) = _ids(person).values()
    person.go(f"/contacts/{only}/remove")
    person.submit()
    assert person.status == 422
    assert person.message in ("error.last_way_in", "error.contact_required")
    assert _values(person) == {person.user.email: True}


def test_an_old_sign_in_is_asked_for_again_and_keeps_what_was_typed(
    app: Flask, make: Factory
) -> None:
    person = resident(app, make)
    person.go("/emails/add")
    clock.move(700)
    person.submit(email=NEW)
    assert person.screen in ("password", "email_code"), person.screen
    person.pass_flow(person.user)
    assert person.url.startswith(f"{person.base}/account/emails/add")
    assert person.value("email") == NEW
    person.submit(email=NEW)
    assert person.fields == {"code"}


def _ids(person: Resident) -> dict[str, str]:
    with read(person.client.tenant.id) as session:
        found = contacts.list_of_user(session, person.user.id)
    return {each.value: each.id for each in found}


@pytest.mark.parametrize("is_verified", [True, False])
def test_a_number_that_goes_takes_the_trust_of_browsers_along(
    app: Flask, make: Factory, is_verified: bool
) -> None:
    """Codes to it may have been the second factor that the browsers were spared."""
    person = resident(app, make)
    tenant, actor = person.client.tenant, Actor("user", person.user.id)
    make.phone(tenant, person.user, "+12025550123", verified=is_verified)
    with write(tenant.id) as session:
        (browser_id,) = {each.browser_id for each in sessions.list_of_user(session, actor.id or "")}
        trusted_devices.trust(session, actor, tenant, browser_id, person.user.id)
        (phone,) = [c for c in contacts.list_of_user(session, person.user.id) if c.kind == "phone"]
    person.press(f"/contacts/{phone.id}/remove")
    assert person.told == "account.told.contact_removed"
    with read(tenant.id) as session:
        left = trusted_devices.list_of_user(session, tenant, person.user.id)
    assert len(left) == (0 if is_verified else 1)
