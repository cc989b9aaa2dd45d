"""Complaint 41 and SECURITY X13: the chain of the audit log, on both databases."""

import json
import threading
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.audit import chain_row, head, sealing, verifying
from app.audit.chain import Link, digest
from app.audit.chain_row import ChainBroken
from app.database import read
from app.directory.tenants import Tenant
from app.security import Keyring, RootKey, keyring
from tests.delivery.chains import (
    CHANGE_EVENT,
    change,
    edited,
    exported,
    faults,
    happen,
    seal,
    sealed_ids,
    verdict,
)


def test_x13_events_are_sealed_once_they_have_settled(tenant: Tenant) -> None:
    happen(tenant, 2)
    assert sealing.run_once() == 0
    assert seal() == 3
    happen(tenant, 1)
    assert seal() == 1
    found = verdict(tenant)
    assert (found.events, found.faults, found.late) == (4, (), ())
    assert found.head is not None
    assert found.head.sequence == 4


def test_41_several_workers_seal_each_event_once(app: Flask, tenant: Tenant) -> None:
    happen(tenant, sealing.BATCH + 20)
    clock.move(120)
    counts: list[int] = []

    def work() -> None:
        with app.app_context():
            counts.extend(sealing.run_once() for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == sealing.BATCH + 21
    assert verdict(tenant).faults == ()


def test_41_a_late_commit_is_sealed_behind_the_others_and_named(chain: Tenant) -> None:
    clock.move(-3_600)
    happen(chain, 1)
    clock.move(3_600)
    assert seal() == 1
    found = verdict(chain)
    assert found.faults == ()
    assert found.late == (sealed_ids(chain)[-1],)


def test_41_a_changed_event_is_found(chain: Tenant) -> None:
    event_id = sealed_ids(chain)[3]
    change(chain, CHANGE_EVENT.format("actor_id = 'usr_somebody'"), id=event_id)
    assert faults(verdict(chain)) == [("changed", 4)]
    assert verdict(chain).faults[0].event_id == event_id


@pytest.mark.one_database
def test_41_a_changed_event_with_a_hash_of_its_own_is_found(chain: Tenant) -> None:
    lines = exported(chain)
    told = json.loads(lines[4])
    link = Link(chain.id, told["id"], told["at"], "user.created", "0" * 64, 4, told["previous"])

    def forge(event: dict[str, object]) -> None:
        event.update(event="user.created", emptied="0" * 64, hash=link.hash)
        del event["content"], event["sealed"]

    kinds = faults(verifying.verify(edited(lines, 4, forge)))
    assert kinds == [("emptied", 4), ("changed", 5)]


def test_41_removed_events_are_found_in_the_middle_and_at_the_end(chain: Tenant) -> None:
    ids = sealed_ids(chain)
    change(chain, "DELETE FROM audit_event WHERE tenant_id = :tenant_id AND id = :id", id=ids[2])
    assert faults(verdict(chain)) == [("removed", 3)]
    change(chain, "DELETE FROM audit_event WHERE tenant_id = :tenant_id AND id = :id", id=ids[7])
    assert faults(verdict(chain)) == [("removed", 3), ("removed", 8)]


@pytest.mark.one_database
def test_41_an_inserted_event_is_found(chain: Tenant) -> None:
    lines = exported(chain)
    twice = edited([*lines[:4], lines[3], *lines[4:]], 4, lambda told: told.update(id="evt_new"))
    assert faults(verifying.verify(twice)) == [("changed", 3), ("inserted", 3)]


def test_41_moved_events_are_found_in_the_file_and_in_the_database(chain: Tenant) -> None:
    lines = exported(chain)
    swapped = [*lines[:3], lines[4], lines[3], *lines[5:]]
    assert faults(verifying.verify(swapped)) == [("moved", 3)]
    third, fourth = sealed_ids(chain)[2:4]
    swap = CHANGE_EVENT.format("sequence = :place")
    for event_id, place in ((third, 99), (fourth, 3), (third, 4)):
        change(chain, swap, id=event_id, place=place)
    kinds = faults(verdict(chain))
    assert [each for each in kinds if each[0] == "moved"] == [("moved", 3), ("moved", 4)]


@pytest.mark.one_database
def test_41_whoever_seals_everything_anew_contradicts_the_head(chain: Tenant) -> None:
    lines = exported(chain)
    before = json.loads(lines[0])["head"]
    change(chain, CHANGE_EVENT.format("data = '{}'"), id=sealed_ids(chain)[6])
    change(
        chain,
        """UPDATE audit_event SET sequence = NULL, hash = NULL, previous_hash = NULL
           WHERE tenant_id = :tenant_id""",
    )
    change(chain, "DELETE FROM audit_chain WHERE tenant_id = :tenant_id")
    seal()
    assert verdict(chain).faults == ()
    assert faults(verdict(chain, earlier=[before])) == [("head", 8)]


def test_41_a_head_that_we_did_not_sign_stops_the_sealer(chain: Tenant) -> None:
    with read(chain.id) as session:
        known = chain_row.load(session)
    change(chain, "UPDATE audit_chain SET hash = :hash WHERE tenant_id = :tenant_id", hash="f" * 64)
    happen(chain, 1)
    assert seal() == 0
    with read(chain.id) as session, pytest.raises(ChainBroken):
        chain_row.load(session)
    change(
        chain, "UPDATE audit_chain SET hash = :hash WHERE tenant_id = :tenant_id", hash=known.hash
    )
    assert seal() == 1


@pytest.mark.one_database
def test_41_a_head_of_another_key_is_refused(chain: Tenant) -> None:
    lines = exported(chain)
    stranger = head.public_keys(Keyring([RootKey(1, b"x" * 32)]))
    assert faults(verifying.verify(lines, keys=stranger))[0] == ("head", None)
    assert verifying.verify(lines, keys=head.public_keys(keyring())).faults == ()
    with pytest.raises(ValueError, match="no export"):
        verifying.verify(["{}"])
    cut = faults(verifying.verify([*lines[:2], "{\n", *lines[3:]]))
    assert cut == [("unreadable", None), ("removed", 2)]


@pytest.mark.one_database
def test_x13_personal_data_that_was_exchanged_is_found(chain: Tenant) -> None:
    change(chain, CHANGE_EVENT.format("personal = :other"), id=sealed_ids(chain)[4], other=b"other")
    assert faults(verdict(chain)) == [("personal", 5)]


@pytest.mark.one_database
def test_x13_the_content_of_personal_data_may_go_without_a_fault(chain: Tenant) -> None:
    change(chain, "UPDATE audit_event SET personal = NULL WHERE tenant_id = :tenant_id")
    assert verdict(chain).faults == ()


@pytest.mark.one_database
def test_41_nothing_unverified_stands_in_a_file_for_others_to_read(chain: Tenant) -> None:
    lines = exported(chain)
    twice = lines[3].replace('{"at"', '{"content": {"data": {"number": 99}}, "at"')
    assert twice != lines[3]
    shown = edited(lines, 3, lambda event: event.update(emptied=digest(event["content"])))
    more = edited(lines, 3, lambda event: event.update(says="nothing happened"))
    later = edited(lines, 3, lambda event: event.update(at=event["at"] + 0.9))
    for crafted in ([*lines[:3], twice, *lines[4:]], shown, more, later):
        assert ("unreadable", None) in faults(verifying.verify(crafted))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "line", ["[]", "null", "NaN", '{"at": 1e999}', "[" * 100_000, '{"sequence": {}}', "{"]
)
def test_d01_a_line_of_nonsense_is_named(chain: Tenant, line: str) -> None:
    lines = exported(chain)
    assert ("unreadable", None) in faults(verifying.verify([*lines, line]))
    with pytest.raises(ValueError, match="no export"):
        verifying.verify([line])
    for name in ("tenant", "head", "keys"):
        with pytest.raises(ValueError, match="no export"):
            verifying.verify(edited(lines, 0, partial(_drop, name)))


def _drop(name: str, about: dict[str, Any]) -> None:
    del about[name]
