"""People: eviction at first verification (A01, A03), passwords (P09), erasure, versions, pages."""

import pytest
from sqlalchemy import func, select

from app import clock
from app.actor import CLI, SYSTEM, Actor
from app.addresses import parse_email
from app.audit import log
from app.database import read, write
from app.directory import clients, grants, organizations, people, people_status, sessions
from app.directory.errors import NotFound, StaleRow
from app.directory.people import IdentifierTaken
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import Credential, Grant, Identifier, Membership, TokenFamily, User
from app.models import Session as SessionRow
from tests.unit.directory.conftest import Somebody, make_user


def sign_in(tenant: Tenant, user: Somebody, address: str = "203.0.113.9") -> str:
    """A session of `user`, with a refresh-token family at a client; returns the session's id."""
    actor = Actor("user", user.id, address=address, user_agent="Mozilla/5.0 Firefox/128.0")
    with write(tenant.id) as session:
        opened = sessions.open(
            session,
            actor,
            tenant,
            cookie_value=None,
            user_id=user.id,
            amr=["pwd"],
            acr=None,
            auth_time=clock.now(),
        )
        client, _ = clients.create(session, CLI, name="Shop", redirect_uris=["https://a.example"])
        grant = grants.remember(session, actor, user.id, client.id, ["openid"])
        session.flush()
        session.add(_family(tenant, user, client.id, grant.id, opened.session_id))
    return opened.session_id


def _family(
    tenant: Tenant, user: Somebody, client_id: str, grant_id: str, session_id: str
) -> TokenFamily:
    now = clock.now()
    return TokenFamily(
        tenant_id=tenant.id,
        id=new_id("fam"),
        created_at=now,
        user_id=user.id,
        client_id=client_id,
        grant_id=grant_id,
        session_id=session_id,
        scopes=["openid"],
        claims={},
        audience=[],
        auth_time=now,
        amr=["pwd"],
        generation=1,
        rotated_at=now,
        idle_until=now + clock.DAY,
        expires_at=now + clock.DAY,
        epoch=0,
    )


def live_sessions(tenant: Tenant, user: Somebody) -> list[str]:
    with read(tenant.id) as session:
        return [each.id for each in sessions.list_of_user(session, user.id)]


def live_families(tenant: Tenant, user: Somebody) -> int:
    query = select(func.count(TokenFamily.id)).where(
        TokenFamily.tenant_id == tenant.id,
        TokenFamily.user_id == user.id,
        TokenFamily.revoked_at.is_(None),
    )
    with read(tenant.id) as session:
        return session.scalar(query) or 0


def events_of(tenant: Tenant, user: Somebody) -> list[str]:
    with read(tenant.id) as session:
        return [entry.event for entry in log.list_page(session, subject_id=user.id).items]


def test_person_is_found_by_the_key_of_the_address(tenant: Tenant) -> None:
    jane = make_user(tenant, "Jane", password="$argon2id$x")
    with read(tenant.id) as session:
        person = people.find_by_email(session, parse_email("JANE@EXAMPLE.com").key)
        assert person == people.snapshot_of(session, jane.id)
    assert person is not None
    assert person.email == "Jane@example.com"
    assert person.email_verified is True
    assert person.password_hash == "$argon2id$x"
    assert person.is_active


def test_person_without_address_has_a_snapshot(tenant: Tenant) -> None:
    with write(tenant.id) as session:
        user_id = people.create(session, CLI, is_anonymous=True)
    with read(tenant.id) as session:
        person = people.snapshot_of(session, user_id)
    assert person is not None
    assert (person.email, person.email_verified, person.password_hash) == (None, False, None)


def test_address_is_taken_once_in_a_tenant_but_free_in_another(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_user(tenant, "jane")
    make_user(other_tenant, "jane")
    with pytest.raises(IdentifierTaken), write(tenant.id) as session:
        people.create(session, CLI, email=parse_email("JANE@example.com"))
    with read(tenant.id) as session:
        assert len(people.list_page(session).items) == 1


def test_a01_first_verification_takes_the_account_from_whoever_made_it(tenant: Tenant) -> None:
    """The password that a stranger set before, and what the stranger is signed in to, end."""
    jane = make_user(tenant, verified=False, password="$attackers")
    sign_in(tenant, jane)
    with write(tenant.id) as session:
        first = people.verify_email(
            session,
            Actor("user", jane.id),
            jane.id,
            jane.identifier_id,
            proved_password=False,
        )
    assert first
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
        assert session.scalars(select(Grant).where(Grant.tenant_id == tenant.id)).all() == []
    assert person is not None
    assert person.email_verified
    assert person.password_hash is None
    assert live_sessions(tenant, jane) == []
    assert live_families(tenant, jane) == 0
    assert {"user.evicted", "user.email.verified"} <= set(events_of(tenant, jane))


def test_a03_what_was_added_before_the_first_verification_goes(tenant: Tenant) -> None:
    jane = make_user(tenant, verified=False)
    with write(tenant.id) as session:
        now = clock.now()
        session.add(
            Identifier(
                tenant_id=tenant.id,
                id=new_id("idn"),
                created_at=now,
                user_id=jane.id,
                kind="phone",
                value="+491700000000",
                key="+491700000000",
                is_primary=True,
                verified_at=now,
            )
        )
        session.add(
            Credential(
                tenant_id=tenant.id,
                id=new_id("crd"),
                created_at=now,
                user_id=jane.id,
                kind="passkey",
                secret="{}",
                row_version=1,
            )
        )
    with write(tenant.id) as session:
        people.verify_email(session, SYSTEM, jane.id, jane.identifier_id, proved_password=False)
    with read(tenant.id) as session:
        left = select(Identifier.id).where(Identifier.tenant_id == tenant.id)
        assert session.scalars(left).all() == [jane.identifier_id]
        kept = select(Credential.id).where(Credential.tenant_id == tenant.id)
        assert session.scalars(kept).all() == []


def test_verification_along_with_the_password_keeps_everything(tenant: Tenant) -> None:
    jane = make_user(tenant, verified=False, password="$own")
    kept = sign_in(tenant, jane)
    with write(tenant.id) as session:
        people.verify_email(session, SYSTEM, jane.id, jane.identifier_id, proved_password=True)
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
    assert person is not None
    assert (person.email_verified, person.password_hash) == (True, "$own")
    assert live_sessions(tenant, jane) == [kept]


def test_second_verification_evicts_nobody(tenant: Tenant) -> None:
    jane = make_user(tenant, verified=True, password="$own")
    kept = sign_in(tenant, jane)
    with write(tenant.id) as session:
        assert not people.verify_email(
            session, SYSTEM, jane.id, jane.identifier_id, proved_password=False
        )
    assert live_sessions(tenant, jane) == [kept]


def test_p09_new_password_ends_all_other_sessions_and_every_family(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane", password="$old"), make_user(tenant, "bob")
    kept, _ = sign_in(tenant, jane), sign_in(tenant, jane)
    bobs = sign_in(tenant, bob)
    with write(tenant.id) as session:
        people.set_password(session, Actor("user", jane.id), jane.id, "$new", keep_session_id=kept)
    assert live_sessions(tenant, jane) == [kept]
    assert live_families(tenant, jane) == 0
    assert live_sessions(tenant, bob) == [bobs]
    assert live_families(tenant, bob) == 1
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
    assert person is not None
    assert person.password_hash == "$new"


def test_rehash_ends_nothing_and_never_brings_an_old_password_back(tenant: Tenant) -> None:
    jane = make_user(tenant, password="$old")
    kept = sign_in(tenant, jane)
    with write(tenant.id) as session:
        assert people.rehash_password(session, SYSTEM, jane.id, "$old2", replaces="$old")
    assert live_sessions(tenant, jane) == [kept]
    with write(tenant.id) as session:
        people.set_password(session, CLI, jane.id, "$new")
    with write(tenant.id) as session:
        assert not people.rehash_password(session, SYSTEM, jane.id, "$old3", replaces="$old2")
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
    assert person is not None
    assert person.password_hash == "$new"


def test_disabling_ends_what_the_user_is_signed_in_to(tenant: Tenant) -> None:
    jane = make_user(tenant)
    sign_in(tenant, jane)
    with write(tenant.id) as session:
        people_status.disable(session, CLI, jane.id)
        people_status.disable(session, CLI, jane.id)
    assert live_sessions(tenant, jane) == []
    assert live_families(tenant, jane) == 0
    assert events_of(tenant, jane).count("user.disabled") == 1
    with write(tenant.id) as session:
        people_status.enable(session, CLI, jane.id)
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
    assert person is not None
    assert person.is_active


def test_erasing_leaves_a_bare_row(tenant: Tenant) -> None:
    jane = make_user(tenant, password="$x")
    sign_in(tenant, jane)
    with write(tenant.id) as session:
        org = organizations.create(session, CLI, name="Acme", creator_id=jane.id)
        people.update(session, CLI, jane.id, display_name="Jane", locale="de")
        people.update_metadata(session, CLI, jane.id, private_metadata={"plan": "gold"})
    with write(tenant.id) as session:
        people_status.erase(session, CLI, jane.id)
    with read(tenant.id) as session:
        row = people.get(session, jane.id)
        assert row is not None
        assert (row.status, row.display_name, row.locale) == ("erased", None, None)
        assert (row.public_metadata, row.private_metadata, row.personal_key) == ({}, {}, None)
        for model in (Identifier, Credential, Grant, Membership):
            query = select(model).where(model.tenant_id == tenant.id)
            assert session.scalars(query).all() == []
        assert people.list_page(session).items == ()
        assert organizations.get(session, org) is not None
    assert live_sessions(tenant, jane) == []
    assert live_families(tenant, jane) == 0


def test_a24_erased_address_signs_up_as_somebody_new(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        people_status.erase(session, CLI, jane.id)
    assert make_user(tenant).id != jane.id
    with pytest.raises(NotFound), write(tenant.id) as session:
        people_status.erase(session, CLI, jane.id)
    for change in (people_status.disable, people_status.enable):
        with pytest.raises(NotFound), write(tenant.id) as session:
            change(session, CLI, jane.id)


def test_erasing_makes_personal_data_of_the_audit_log_unreadable(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        visitor = Actor("user", jane.id, address="203.0.113.9", user_agent="Firefox")
        people.update(session, visitor, jane.id, display_name="Jane")
    with read(tenant.id) as session:
        updated = log.list_page(session, subject_id=jane.id, event="user.updated").items[0]
    assert updated.personal == {"address": "203.0.113.9", "user_agent": "Firefox"}
    with write(tenant.id) as session:
        people_status.erase(session, visitor, jane.id)
    with read(tenant.id) as session:
        entries = log.list_page(session, subject_id=jane.id).items
    assert "user.erased" in {entry.event for entry in entries}
    assert all(entry.personal == {} for entry in entries)


def test_stale_row_version_is_refused(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        assert people.update(session, CLI, jane.id, row_version=1, display_name="Jane") == 2
    with pytest.raises(StaleRow), write(tenant.id) as session:
        people.update(session, CLI, jane.id, row_version=1, display_name="Joan")
    with pytest.raises(NotFound), write(tenant.id) as session:
        people.update(session, CLI, "usr_nobody", row_version=1, display_name="Joan")


def test_names_lose_what_cannot_be_seen(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        people.update(session, CLI, jane.id, display_name="Ja\r\nne\x00 \u202eDoe\ud800 ")
    with read(tenant.id) as session:
        person = people.snapshot_of(session, jane.id)
    assert person is not None
    assert person.display_name == "Ja ne Doe"


def test_pages_follow_each_other_without_gap_or_repeat(tenant: Tenant) -> None:
    made = [make_user(tenant, f"user{number}").id for number in range(5)]
    seen: list[str] = []
    cursor = None
    with read(tenant.id) as session:
        while True:
            found = people.list_page(session, after=cursor, limit=2)
            seen += [item.id for item in found.items]
            cursor = found.next_cursor
            if cursor is None:
                break
    assert seen == sorted(made, reverse=True)


def test_a_new_row_does_not_shift_the_next_page(tenant: Tenant) -> None:
    made = [make_user(tenant, f"user{number}").id for number in range(3)]
    with read(tenant.id) as session:
        first = people.list_page(session, limit=2)
    make_user(tenant, "late")
    with read(tenant.id) as session:
        second = people.list_page(session, after=first.next_cursor, limit=2)
    assert [item.id for item in second.items] == [min(made)]


def test_search_takes_wildcards_for_what_they_are(tenant: Tenant) -> None:
    make_user(tenant, "jane")
    make_user(tenant, "j_ne")
    with read(tenant.id) as session:
        found = people.list_page(session, email_contains="J_NE").items
        assert [item.email for item in found] == ["j_ne@example.com"]
        assert people.list_page(session, email_contains="%").items == ()


def test_user_handles_are_64_random_bytes(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    with read(tenant.id) as session:
        query = select(User.handle).where(User.tenant_id == tenant.id)
        handles = session.scalars(query.where(User.id.in_([jane.id, bob.id]))).all()
    assert [len(handle) for handle in handles] == [64, 64]
    assert handles[0] != handles[1]


def test_sessions_of_others_survive(tenant: Tenant, other_tenant: Tenant) -> None:
    ours, theirs = make_user(tenant), make_user(other_tenant)
    sign_in(tenant, ours)
    kept = sign_in(other_tenant, theirs)
    with write(tenant.id) as session:
        people_status.erase(session, CLI, ours.id)
    assert live_sessions(other_tenant, theirs) == [kept]
    with read(other_tenant.id) as session:
        row = session.get(SessionRow, (other_tenant.id, kept))
    assert row is not None
    assert row.ended_at is None
