"""What proves a person is changed only by them, only lately, and never to nothing."""

import pytest
from flask import Flask

from app import clock
from app.account.owner import Owner
from app.actor import SYSTEM, Actor
from app.addresses import parse_email
from app.database import read, write
from app.directory import (
    authenticators,
    contacts,
    passkeys,
    pending_contacts,
    people,
    sessions,
    trusted_devices,
    ways_in,
)
from app.directory.ways_in import LastFactor, LastWayIn
from app.identifiers import of_email
from app.methods import totp_enrolment
from tests.account.resident import Resident, resident
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, PASSWORDS_ONLY

OTHER = "another horse with a battery"


def test_p09_a_changed_password_ends_every_other_session(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    elsewhere = Resident(app, person.client, person.user)
    person.go("/password")
    person.submit(current_password=PASSWORD, password=OTHER)
    assert person.told == "account.told.password_changed"
    assert elsewhere.get(f"{elsewhere.base}/account").status_code == 303
    assert person.get(f"{person.base}/account").status_code == 200
    purposes = [purpose for purpose, _ in make.mails(person.client.tenant)]
    assert "password_changed" in purposes


def test_a_wrong_current_password_changes_nothing(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    person.go("/password")
    person.submit(current_password="not mine at all", password=OTHER)
    assert person.status == 422
    assert person.errors == {"current_password": "error.current_password_wrong"}
    person.submit(current_password=PASSWORD, password="password1")
    assert person.errors == {"password": "error.password_common"}
    with read(person.client.tenant.id) as session:
        former = people.snapshot_of(session, person.user.id)
    person.submit(current_password=PASSWORD, password=OTHER)
    with read(person.client.tenant.id) as session:
        now = people.snapshot_of(session, person.user.id)
    assert former
    assert now
    assert former.password_hash != now.password_hash


def test_a_password_goes_only_while_another_way_in_is_left(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    person.go("/password/remove")
    person.submit()
    assert person.told == "account.told.password_removed"
    alone = resident(app, make, methods=PASSWORDS_ONLY)
    alone.go("/password/remove")
    alone.submit()
    assert (alone.status, alone.message) == (422, "error.last_way_in")


@pytest.mark.parametrize(
    "path", ["/passkeys/new", "/authenticators/new", "/recovery-codes", "/delete", "/emails/add"]
)
def test_k11_m09_an_old_session_is_stepped_up_first(app: Flask, make: Factory, path: str) -> None:
    person = resident(app, make)
    clock.move(700)
    for answer in (
        person.get(f"{person.base}/account{path}"),
        person.send(path, email="a@example.net"),
    ):
        assert answer.status_code == 303
        assert "/flow/" in answer.headers["Location"]
    person.go(path)
    person.pass_flow(person.user)
    assert person.url.partition("?")[0] == f"{person.base}/account{path}"


def test_m09_the_last_second_factor_stays_where_one_is_required(
    context: None, make: Factory
) -> None:
    tenant = make.tenant(policy={"mfa": "required"})
    user = make.user(tenant)
    with write(tenant.id) as session:
        only = authenticators.add(
            session,
            SYSTEM,
            user.id,
            secret="GEZDGNBVGY3TQOJQ",
            label="Phone",
            step=1,
        )
    with pytest.raises(LastFactor), write(tenant.id) as session:
        ways_in.demand_another(session, tenant, user.id, only)
    free = make.tenant()
    other = make.user(free)
    with write(free.id) as session:
        removable = authenticators.add(
            session,
            SYSTEM,
            other.id,
            secret="GEZDGNBVGY3TQOJQ",
            label=None,
            step=1,
        )
        ways_in.demand_another(session, free, other.id, removable)


def test_ways_in_count_only_what_the_tenant_takes(context: None, make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    user = make.user(tenant)
    with write(tenant.id) as session:
        (address,) = contacts.list_of_user(session, user.id)
        assert ways_in.remaining(session, tenant, user.id).first == {"email_code"}
    with pytest.raises(LastWayIn), write(tenant.id) as session:
        ways_in.demand_another(session, tenant, user.id, address.id)


def test_a03_the_first_proof_of_an_address_evicts_everything(context: None, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant, verified=False)
    thief = Actor("user", user.id)
    with write(tenant.id) as session:
        contacts.add(session, thief, user.id, of_email(parse_email("thief@example.net")))
        authenticators.add(
            session,
            thief,
            user.id,
            secret="GEZDGNBVGY3TQOJQ",
            label=None,
            step=1,
        )
        totp_enrolment.prepare(session, tenant, user.id, "x", binding="b")
        opened = sessions.open(
            session,
            thief,
            tenant,
            cookie_value=None,
            user_id=user.id,
            amr=["pwd"],
            acr=None,
            auth_time=clock.now(),
        )
        trusted_devices.trust(session, thief, tenant, opened.browser_id, user.id)
        person = people.snapshot_of(session, user.id)
        assert person
    clock.move(1)
    owned = [each for each in _addresses(tenant.id, user.id) if each != "thief@example.net"]
    with write(tenant.id) as session:
        ids = {each.value: each.id for each in contacts.list_of_user(session, user.id)}
        people.verify_email(session, SYSTEM, user.id, ids[owned[0]], proved_password=False)
    with read(tenant.id) as session:
        assert [each.value for each in contacts.list_of_user(session, user.id)] == owned
        assert authenticators.list_of_user(session, user.id) == ()
        assert passkeys.list_of_user(session, user.id) == []
        assert pending_contacts.list_of_user(session, user.id) == ()
        assert sessions.list_of_user(session, user.id) == []
        assert trusted_devices.list_of_user(session, tenant, user.id) == ()
        after = people.snapshot_of(session, user.id)
    assert after
    assert after.password_hash is None


def _addresses(tenant_id: str, user_id: str) -> list[str]:
    with read(tenant_id) as session:
        return [each.value for each in contacts.list_of_user(session, user_id)]


def test_the_owner_of_a_door_is_bound_to_its_session(context: None, make: Factory) -> None:
    tenant = make.tenant()
    first = Owner(tenant, SYSTEM, "usr_1", "ses_1", 0, None, "en")
    second = Owner(tenant, SYSTEM, "usr_1", "ses_2", 0, None, "en")
    assert first.binding != second.binding
