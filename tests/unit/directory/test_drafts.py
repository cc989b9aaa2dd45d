"""Drafts of settings: seen by nobody, stale ones refused, published once at their moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import clients, drafts, organizations, settings_store, tenants
from app.directory.drafts import Waiting
from app.directory.errors import BadValue, NotFound, OwnedByFile, StaleRow
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.models import AuditEvent

ORGANIZATION = "org_1"


def accent(tenant: Tenant, subject: str = "tenant") -> str:
    found = tenants.by_id(tenant.id)
    assert found is not None
    look = found.settings.brand if subject == "tenant" else found.looks[subject]
    return look.accent


def drafted(tenant: Tenant, colour: str = "#0e7490", subject: str = "tenant") -> int:
    with write(tenant.id) as session:
        return drafts.save(session, CLI, "brand", {"accent": colour}, subject=subject)


def at(tenant: Tenant, moment: int) -> None:
    with write(tenant.id) as session:
        drafts.schedule(session, CLI, "brand", moment)


def draft_of(tenant: Tenant) -> drafts.Draft | None:
    with read(tenant.id) as session:
        return drafts.load(session, "brand")


def events(tenant: Tenant) -> Iterator[str]:
    with read(tenant.id) as session:
        query = session.query(AuditEvent.event).filter(AuditEvent.tenant_id == tenant.id)
        yield from (row.event for row in query if row.event.startswith("settings."))


def test_a_draft_touches_nothing_that_users_see(tenant: Tenant) -> None:
    before = accent(tenant)
    first, second = drafted(tenant), drafted(tenant, "#15803d")
    assert accent(tenant) == before
    with read(tenant.id) as session:
        assert [each.state for each in settings_store.history(session, "brand")] == ["draft"]
    with pytest.raises(StaleRow), write(tenant.id) as session:
        drafts.publish(session, CLI, "brand", expected=first)
    with pytest.raises(StaleRow), write(tenant.id) as session:
        drafts.save(session, CLI, "brand", {}, expected=first)
    with write(tenant.id) as session:
        drafts.publish(session, CLI, "brand", expected=second)
    assert accent(tenant) == "#15803d"
    assert draft_of(tenant) is None
    assert [*events(tenant)] == ["settings.drafted", "settings.published"]


def test_a_draft_is_thrown_away_and_an_earlier_revision_comes_back(tenant: Tenant) -> None:
    for colour in ("#111111", "#222222"):
        with write(tenant.id) as session:
            settings_store.publish(session, CLI, "brand", {"accent": colour})
    drafted(tenant)
    with write(tenant.id) as session:
        drafts.discard(session, CLI, "brand")
        drafts.discard(session, CLI, "brand")
    assert draft_of(tenant) is None
    with write(tenant.id) as session:
        drafts.roll_back(session, CLI, "brand", 1)
    assert accent(tenant) == "#111111"
    with pytest.raises(NotFound), write(tenant.id) as session:
        drafts.roll_back(session, CLI, "brand", 99)


def test_what_is_scheduled_is_published_once_by_however_many_workers(
    directory_app: Flask, tenant: Tenant
) -> None:
    drafted(tenant)
    at(tenant, clock.now() + clock.HOUR)
    with pytest.raises(Waiting):
        drafted(tenant, "#000000")
    assert drafts.publish_due() == 0
    clock.move(3_601)

    def work(_: int) -> int:
        with directory_app.app_context():
            return drafts.publish_due()

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(work, range(3))) == 1
    assert accent(tenant) == "#0e7490"
    with read(tenant.id) as session:
        history = settings_store.history(session, "brand")
    assert [(each.state, each.actor) for each in history] == [("published", "cli")]
    assert [*events(tenant)].count("settings.published") == 1


def test_what_waits_may_be_moved_taken_back_or_published_at_once(tenant: Tenant) -> None:
    drafted(tenant)
    for moment in (clock.now() - 1, clock.now() + 400 * clock.DAY):
        with pytest.raises(BadValue):
            at(tenant, moment)
    at(tenant, clock.now() + clock.HOUR)
    at(tenant, clock.now() + 2 * clock.HOUR)
    with write(tenant.id) as session:
        drafts.unschedule(session, CLI, "brand")
    clock.move(3 * 3_600)
    assert drafts.publish_due() == 0
    at(tenant, clock.now() + clock.HOUR)
    with write(tenant.id) as session:
        drafts.publish(session, CLI, "brand")
    assert accent(tenant) == "#0e7490"
    clock.move(3_601)
    assert drafts.publish_due() == 0


def test_what_a_file_owns_by_then_is_a_draft_again(tenant: Tenant) -> None:
    drafted(tenant)
    at(tenant, clock.now() + clock.HOUR)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"accent": "#be123c"}, owner="file")
    clock.move(3_601)
    assert drafts.publish_due() == 0
    waiting = draft_of(tenant)
    assert waiting is not None
    assert waiting.publish_at is None
    assert accent(tenant) == "#be123c"
    assert [*events(tenant)][-1] == "settings.not_published"
    with pytest.raises(OwnedByFile):
        at(tenant, clock.now() + clock.HOUR)


def test_an_admin_of_one_organization_dresses_that_one_alone(tenant: Tenant) -> None:
    delegate = Actor(
        "admin", "usr_1", roles=frozenset({"organization_admin"}), organization_id=ORGANIZATION
    )
    with write(tenant.id) as session:
        drafts.save(session, delegate, "brand", {"accent": "#15803d"}, subject=ORGANIZATION)
        drafts.publish(session, delegate, "brand", ORGANIZATION)
    assert accent(tenant, ORGANIZATION) == "#15803d"
    for subject in ("tenant", "org_2", "a-client"):
        with pytest.raises(Forbidden), write(tenant.id) as session:
            drafts.save(session, delegate, "brand", {}, subject=subject)
        with pytest.raises(Forbidden), write(tenant.id) as session:
            settings_store.publish(session, delegate, "brand", {}, subject=subject)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        settings_store.publish(session, delegate, "policy", {}, subject=ORGANIZATION)


def test_a_look_goes_with_its_organization_and_its_client(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        company = organizations.create(session, CLI, name="Northwind")
        client, _ = clients.create(
            session, CLI, name="App", kind="web", redirect_uris=["https://app.example/callback"]
        )
        for subject in (company, client.id):
            settings_store.publish(session, CLI, "brand", {"accent": "#15803d"}, subject=subject)
            drafts.save(session, CLI, "brand", {}, subject=subject)
    with write(tenant.id) as session:
        organizations.remove(session, CLI, company)
        clients.remove(session, CLI, client.id)
    found = tenants.by_id(tenant.id)
    assert found is not None
    assert found.looks == {}
    with read(tenant.id) as session:
        assert drafts.load(session, "brand", company) is None
