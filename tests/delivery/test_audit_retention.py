"""Complaint 33: what is over in the audit log goes, the chain stays whole; on both databases."""

import json

import pytest

from app import clock, purge
from app.actor import CLI
from app.audit import events
from app.audit.chain import digest
from app.audit.log import list_page, record
from app.database import read, write
from app.directory import people_status, settings_store
from app.directory.tenants import Tenant
from tests.delivery.chains import (
    CHANGE_EVENT,
    VISITOR,
    change,
    exported,
    faults,
    happen,
    seal,
    sealed_ids,
    verdict,
)
from tests.factories import Factory


def _purge() -> None:
    while purge.run_once():
        pass


def test_33_what_is_over_goes_by_family_and_the_chain_stays_whole(chain: Tenant) -> None:
    with write(chain.id) as session:
        settings_store.publish(session, CLI, "audit", {"kept": {"user": 30}})
    clock.move(31 * 86_400)
    happen(chain, 1, events.USER_UPDATED)
    seal()
    _purge()
    with read(chain.id) as session:
        left = [each.event for each in list_page(session).items]
    # The chain begins with the tenant's creation, which is kept for longer.
    assert left.count(events.PASSWORD_FAILED) == 0
    assert events.USER_UPDATED in left
    found = verdict(chain)
    assert (found.faults, found.events) == ((), len(sealed_ids(chain)))


def test_33_what_is_over_from_the_beginning_is_replaced_by_an_anchor(chain: Tenant) -> None:
    clock.move(401 * 86_400)
    happen(chain, 2)
    seal()
    _purge()
    found = verdict(chain)
    assert (found.faults, len(sealed_ids(chain))) == ((), 2)
    assert found.head is not None
    assert found.head.anchor_sequence == 8


@pytest.mark.one_database
def test_33_content_that_went_before_its_time_is_a_fault(chain: Tenant) -> None:
    event_id = sealed_ids(chain)[5]
    told = json.loads(exported(chain)[6])
    change(
        chain,
        CHANGE_EVENT.format("emptied = :content"),
        id=event_id,
        content=digest(told["content"]),
    )
    assert faults(verdict(chain)) == [("emptied", 6)]


@pytest.mark.one_database
def test_33_an_event_that_was_changed_stays_as_evidence(chain: Tenant) -> None:
    event_id = sealed_ids(chain)[2]
    change(chain, CHANGE_EVENT.format("actor_id = 'usr_somebody'"), id=event_id)
    clock.move(401 * 86_400)
    _purge()
    assert event_id in sealed_ids(chain)
    assert ("changed", 3) in faults(verdict(chain))


def test_z23_what_is_not_sealed_yet_is_never_deleted(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        record(session, events.PASSWORD_FAILED, VISITOR)
    clock.move(500 * 86_400)
    _purge()
    with read(tenant.id) as session:
        assert len(list_page(session).items) == 2


def test_41_erasing_a_person_keeps_the_chain_valid(tenant: Tenant, make: Factory) -> None:
    jane = make.user(tenant, password=None)
    with write(tenant.id) as session:
        record(session, events.PASSWORD_FAILED, VISITOR, subject_id=jane.id)
    seal()
    with read(tenant.id) as session:
        assert list_page(session, subject_id=jane.id, limit=1).items[0].personal

    with write(tenant.id) as session:
        people_status.erase(session, CLI, jane.id)
    seal()

    with read(tenant.id) as session:
        assert not any(each.personal for each in list_page(session, subject_id=jane.id).items)
    assert verdict(tenant).faults == ()
