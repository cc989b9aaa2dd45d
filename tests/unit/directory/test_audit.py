"""The audit log: written with the act, sealed for whom it is about, read in pages."""

import re

import pytest
from sqlalchemy import select

from app import clock
from app.actor import CLI, Actor
from app.audit import events, log
from app.database import EVERYWHERE, Session, read, write
from app.directory.tenants import Tenant
from app.models import AuditEvent
from tests.unit.directory.conftest import make_user

VISITOR = Actor("user", None, "203.0.113.9", "Firefox", "req_1")


def test_every_event_has_an_id_and_a_sentence() -> None:
    for name, event in events.REGISTRY.items():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)
        assert event.id == name
        assert event.description.endswith(".")


def _recorded_before_a_failure(session: Session) -> None:
    log.record(session, events.PASSWORD_FAILED, VISITOR)
    raise KeyError


def test_event_goes_with_the_act_that_is_rolled_back(tenant: Tenant) -> None:
    with read(tenant.id) as session:
        before = log.list_page(session).items
    with pytest.raises(KeyError), write(tenant.id) as session:
        _recorded_before_a_failure(session)
    with read(tenant.id) as session:
        assert log.list_page(session).items == before


def test_personal_data_is_sealed_and_opens_again(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        log.record(
            session,
            events.PASSWORD_FAILED,
            VISITOR,
            subject_id=jane.id,
            targets=[("client", "cli_1")],
            data={"tries": 3},
            personal={"email": jane.email},
        )
        log.record(session, events.PASSWORD_FAILED, VISITOR, personal={"email": "x@y.example"})
    with read(tenant.id) as session:
        failed, wrong = log.list_page(session, limit=2).items[::-1]
        query = select(AuditEvent).where(AuditEvent.tenant_id == tenant.id)
        stored = b"".join(row.personal or b"" for row in session.scalars(query))
    assert failed.personal == {
        "address": "203.0.113.9",
        "user_agent": "Firefox",
        "email": jane.email,
    }
    assert (failed.data, failed.request_id) == ({"tries": 3}, "req_1")
    assert failed.targets == ({"kind": "client", "id": "cli_1"},)
    assert wrong.personal["email"] == "x@y.example"
    for secret in (b"203.0.113.9", b"Firefox", b"example"):
        assert secret not in stored


def test_sealed_data_cannot_be_moved_to_another_event(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        for _ in range(2):
            log.record(session, events.PASSWORD_FAILED, VISITOR, subject_id=jane.id)
        session.flush()
        query = select(AuditEvent).where(
            AuditEvent.tenant_id == tenant.id, AuditEvent.event == events.PASSWORD_FAILED
        )
        one, two = session.scalars(query)
        one.personal = two.personal
    with read(tenant.id) as session:
        found = log.list_page(session, event=events.PASSWORD_FAILED).items
    assert sorted(len(entry.personal) for entry in found) == [0, 2]


def test_unknown_event_is_a_mistake(tenant: Tenant) -> None:
    with pytest.raises(KeyError), write(tenant.id) as session:
        log.record(session, "user.flew_away", CLI)


def test_pages_filters_and_since(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        for _ in range(3):
            log.record(session, events.PASSWORD_FAILED, VISITOR, subject_id=jane.id)
    clock.move(10)
    now = clock.now()
    with write(tenant.id) as session:
        log.record(session, events.USER_SIGNED_OUT, VISITOR, subject_id=jane.id)
    with read(tenant.id) as session:
        first = log.list_page(session, event=events.PASSWORD_FAILED, limit=2)
        second = log.list_page(
            session, event=events.PASSWORD_FAILED, limit=2, after=first.next_cursor
        )
        late = log.list_page(session, since=now).items
    assert (len(first.items), len(second.items), second.next_cursor) == (2, 1, None)
    assert [entry.event for entry in late] == [events.USER_SIGNED_OUT]


def test_no_event_shows_in_another_tenant(tenant: Tenant, other_tenant: Tenant) -> None:
    with write(EVERYWHERE) as session:
        log.record(session, events.TENANT_UPDATED, CLI, tenant_id=tenant.id)
    with read(tenant.id) as ours, read(other_tenant.id) as theirs:
        assert len(log.list_page(ours, event=events.TENANT_UPDATED).items) == 1
        assert log.list_page(theirs, event=events.TENANT_UPDATED).items == ()


def test_overlong_personal_data_is_cut(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        log.record(session, events.PASSWORD_FAILED, Actor("user", user_agent="x" * 65_536))
    with read(tenant.id) as session:
        (entry,) = log.list_page(session, event=events.PASSWORD_FAILED).items
    assert len(entry.personal["user_agent"]) == 500
