"""A20, A21: invitations are rows, and are answered once, by the owner of their address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app import clock, purge
from app.actor import CLI, Actor
from app.database import read, write
from app.delivery import outbox
from app.directory import (
    clients,
    invitation_answers,
    invitations,
    memberships,
    organizations,
    people,
    people_status,
    roles,
    tenants,
)
from app.directory.errors import BadValue, NotFound
from app.directory.invitation_answers import Accepted, NotOpen, OtherAddress
from app.directory.invitations import Invitation
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.models import AuditEvent, OutboxMessage
from app.models import Invitation as InvitationRow
from tests.unit.directory.conftest import Somebody, make_user


@pytest.fixture
def acme(tenant: Tenant) -> str:
    """An organization with two roles to give."""
    with write(tenant.id) as session:
        roles.create_role(session, CLI, "billing", "Billing")
        return organizations.create(session, CLI, name="Acme")


def invited(tenant: Tenant, organization: str, email: str, **more: object) -> Invitation:
    with write(tenant.id) as session:
        return invitations.invite(session, CLI, tenant, organization, email, **more)  # type: ignore[arg-type]


def tokens(tenant: Tenant) -> list[str]:
    """The tokens of the mails that were sent, oldest first."""
    with read(tenant.id) as session:
        query = select(OutboxMessage).where(
            OutboxMessage.tenant_id == tenant.id, OutboxMessage.purpose == "invitation"
        )
        rows = session.scalars(query.order_by(OutboxMessage.id)).all()
    links = [outbox.unseal(tenant.id, each.id, each.sealed_payload or b"") for each in rows]
    return [parse_qs(urlsplit(each.values["link"]).query)["token"][0] for each in links]


def accepted(tenant: Tenant, user: Somebody, made: Invitation, version: int = 0) -> Accepted:
    with write(tenant.id) as session:
        actor = Actor("user", user.id)
        return invitation_answers.accept(session, actor, tenant, user.id, made.id, version=version)


def roles_of(tenant: Tenant, user: Somebody) -> dict[str, tuple[str, ...]]:
    with read(tenant.id) as session:
        return {m.organization_id: m.roles for m in memberships.of_user(session, user.id)}


def state_of(tenant: Tenant, made: Invitation) -> str:
    with read(tenant.id) as session:
        found = invitations.get(session, tenant, made.id)
    assert found is not None
    return found.state


def events_of(tenant: Tenant) -> list[str]:
    with read(tenant.id) as session:
        query = select(AuditEvent.event).where(AuditEvent.tenant_id == tenant.id)
        return [each for each in session.scalars(query) if each.startswith("invitation.")]


def test_the_owner_of_the_address_gets_the_place_and_its_roles(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, "Jane@Example.com", roles=["billing"])
    assert accepted(tenant, jane, made) == Accepted(made.id, acme, True)
    assert roles_of(tenant, jane) == {acme: ("billing",)}
    assert state_of(tenant, made) == "accepted"
    assert events_of(tenant) == ["invitation.created", "invitation.accepted"]


def test_it_is_accepted_once(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email)
    accepted(tenant, jane, made)
    with pytest.raises(NotOpen):
        accepted(tenant, jane, made)


def test_a21_another_address_is_refused(tenant: Tenant, acme: str) -> None:
    bob = make_user(tenant, "bob")
    made = invited(tenant, acme, "jane@example.com")
    with pytest.raises(OtherAddress):
        accepted(tenant, bob, made)
    assert roles_of(tenant, bob) == {}
    assert state_of(tenant, made) == "open"


def test_a21_an_address_that_was_never_proven_is_refused(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant, verified=False)
    made = invited(tenant, acme, jane.email)
    with pytest.raises(OtherAddress):
        accepted(tenant, jane, made)


def test_a21_after_its_time_it_is_refused(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email)
    clock.move(invitations.LIVES)
    assert state_of(tenant, made) == "expired"
    with pytest.raises(NotOpen):
        accepted(tenant, jane, made)


def test_what_was_taken_back_is_refused(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email)
    with write(tenant.id) as session:
        invitations.revoke(session, CLI, made.id)
    with pytest.raises(NotOpen):
        accepted(tenant, jane, made)
    with pytest.raises(NotFound), write(tenant.id) as session:
        invitations.revoke(session, CLI, made.id)
    assert state_of(tenant, made) == "revoked"


def test_a_raised_epoch_ends_it(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email)
    with write(tenant.id) as session:
        tenants.end_everything(session, CLI, tenant.id)
    now = tenants.by_id(tenant.id)
    assert now is not None
    with pytest.raises(NotOpen):
        accepted(now, jane, made)


def test_nobody_joins_a_disabled_organization(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email)
    with write(tenant.id) as session:
        organizations.disable(session, CLI, acme)
    assert state_of(tenant, made) == "closed"
    with pytest.raises(NotOpen):
        accepted(tenant, jane, made)


def test_inviting_again_replaces_token_and_roles(tenant: Tenant, acme: str) -> None:
    first = invited(tenant, acme, "jane@example.com")
    second = invited(tenant, acme, "jane@EXAMPLE.com", roles=["billing"])
    assert (second.id, second.roles) == (first.id, ("billing",))
    older, newer = tokens(tenant)
    with read(tenant.id) as session:
        assert invitations.by_token(session, tenant, first.id, older) is None
        found = invitations.by_token(session, tenant, first.id, newer)
        listed = invitations.list_page(session, tenant, acme).items
    assert found is not None
    assert [each.id for each in listed] == [first.id]


def test_a_link_that_was_replaced_is_good_for_nothing(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    first = invited(tenant, acme, jane.email)
    second = invited(tenant, acme, jane.email)
    with pytest.raises(NotOpen):
        accepted(tenant, jane, first, version=first.row_version)
    accepted(tenant, jane, second, version=second.row_version)


def test_after_an_answer_a_new_one_can_be_made(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    first = invited(tenant, acme, jane.email)
    with write(tenant.id) as session:
        invitation_answers.decline(session, Actor("user", jane.id), tenant, jane.id, first.id)
    second = invited(tenant, acme, jane.email)
    assert second.id != first.id
    assert (state_of(tenant, first), state_of(tenant, second)) == ("declined", "open")


def test_only_the_owner_of_the_address_declines(tenant: Tenant, acme: str) -> None:
    bob = make_user(tenant, "bob")
    made = invited(tenant, acme, "jane@example.com")
    with pytest.raises(NotFound), write(tenant.id) as session:
        invitation_answers.decline(session, Actor("user", bob.id), tenant, bob.id, made.id)
    assert state_of(tenant, made) == "open"


@pytest.mark.parametrize("changed", ["", "x", "short", "y" * 43, "é" * 43])
def test_a20_l11_only_the_token_to_the_character_opens_it(
    tenant: Tenant, acme: str, changed: str
) -> None:
    made = invited(tenant, acme, "jane@example.com")
    other = invited(tenant, acme, "bob@example.com")
    (token, others) = tokens(tenant)
    wrong = (changed, token[:-1], f"{token}=", f" {token}", token.swapcase(), others)
    with read(tenant.id) as session:
        assert invitations.by_token(session, tenant, made.id, token) is not None
        assert [t for t in wrong if invitations.by_token(session, tenant, made.id, t)] == []
        assert invitations.by_token(session, tenant, other.id, token) is None
        assert invitations.by_token(session, tenant, f"{made.id}\x00", token) is None


def test_a20_another_tenant_knows_nothing_of_it(
    tenant: Tenant, other_tenant: Tenant, acme: str
) -> None:
    made = invited(tenant, acme, "jane@example.com")
    (token,) = tokens(tenant)
    jane = make_user(other_tenant)
    with read(other_tenant.id) as session:
        assert invitations.by_token(session, other_tenant, made.id, token) is None
    with pytest.raises(NotOpen):
        accepted(other_tenant, jane, made)


def test_l13_no_row_holds_the_token(tenant: Tenant, acme: str) -> None:
    invited(tenant, acme, "jane@example.com")
    (token,) = tokens(tenant)
    with read(tenant.id) as session:
        row = session.scalars(
            select(InvitationRow).where(InvitationRow.tenant_id == tenant.id)
        ).one()
    assert token not in str(vars(row))


def test_a_member_stays_what_they_are(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email, roles=["billing"])
    with write(tenant.id) as session:
        organizations.join(session, CLI, acme, jane.id, ["member"])
    assert not accepted(tenant, jane, made).is_new_member
    assert roles_of(tenant, jane) == {acme: ("member",)}
    with pytest.raises(BadValue, match="member already"):
        invited(tenant, acme, jane.email)


def test_a_role_that_is_gone_by_then_is_left_out(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    made = invited(tenant, acme, jane.email, roles=["billing"])
    with write(tenant.id) as session:
        roles.delete_role(session, CLI, "billing")
    accepted(tenant, jane, made)
    assert roles_of(tenant, jane) == {acme: ("member",)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "nobody"}, "email address"),
        ({"email": "jane@example.com, eve@example.com"}, "email address"),
        ({"roles": ["nonsense"]}, "no role"),
        ({"lives": 9}, "lives"),
        ({"lives": 91 * 86_400}, "lives"),
    ],
)
def test_what_cannot_be_an_invitation(
    tenant: Tenant, acme: str, changed: dict[str, object], message: str
) -> None:
    with pytest.raises(BadValue, match=message):
        invited(tenant, acme, **{"email": "jane@example.com", **changed})  # type: ignore[arg-type]
    assert tokens(tenant) == []


def test_the_application_to_go_on_to_has_a_first_page(tenant: Tenant, acme: str) -> None:
    with write(tenant.id) as session:
        bare, _ = clients.create(session, CLI, name="Bare", redirect_uris=["https://a.example/c"])
        app, _ = clients.create(
            session,
            CLI,
            name="App",
            redirect_uris=["https://a.example/c"],
            home_url="https://a.example/",
            link_url="https://a.example/link?kind=invited",
        )
    with pytest.raises(BadValue, match="home_url"):
        invited(tenant, acme, "jane@example.com", client_id=bare.id)
    with pytest.raises(NotFound):
        invited(tenant, acme, "jane@example.com", client_id="cli_nobody")
    made = invited(tenant, acme, "jane@example.com", client_id=app.id)
    with read(tenant.id) as session:
        query = select(OutboxMessage).where(OutboxMessage.tenant_id == tenant.id)
        row = session.scalars(query).one()
    link = outbox.unseal(tenant.id, row.id, row.sealed_payload or b"").values["link"]
    assert link.startswith(f"https://a.example/link?kind=invited&invitation={made.id}&token=")


def test_the_mail_is_in_the_language_of_whoever_gets_it(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        people.update(session, CLI, jane.id, locale="de")
    assert invited(tenant, acme, jane.email).locale == "de"
    assert invited(tenant, acme, jane.email, locale="ar").locale == "ar"
    with pytest.raises(BadValue, match="language"):
        invited(tenant, acme, jane.email, locale="xx")


def test_only_admins_and_the_command_line_invite(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    actor, eve = Actor("user", jane.id), Actor("user", "usr_eve")
    with pytest.raises(Forbidden), write(tenant.id) as session:
        invitations.invite(session, actor, tenant, acme, "bob@example.com")
    made = invited(tenant, acme, jane.email)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        invitation_answers.accept(session, eve, tenant, jane.id, made.id)


def test_a_person_sees_what_waits_for_their_proven_addresses(tenant: Tenant, acme: str) -> None:
    jane, bob = make_user(tenant), make_user(tenant, "bob", verified=False)
    made = invited(tenant, acme, jane.email)
    invited(tenant, acme, bob.email)
    with read(tenant.id) as session:
        mine = invitations.open_to_user(session, tenant, jane.id)
        assert [(each.id, each.organization) for each in mine] == [(made.id, "Acme")]
        assert invitations.open_to_user(session, tenant, bob.id) == []


def test_an_organizations_own_connection_takes_what_waits_there(tenant: Tenant, acme: str) -> None:
    with write(tenant.id) as session:
        other = organizations.create(session, CLI, name="Other")
    jane = make_user(tenant)
    made = invited(tenant, acme, "jane.doe@acme.example", roles=["billing"])
    invited(tenant, other, "jane.doe@acme.example")
    with write(tenant.id) as session:
        taken = invitation_answers.accept_for(
            session,
            Actor("user", jane.id),
            tenant,
            jane.id,
            ["not an address", "Jane.Doe@acme.example"],
            acme,
        )
        none = invitation_answers.accept_for(
            session, Actor("user", jane.id), tenant, jane.id, [], acme
        )
    assert [each.invitation_id for each in taken] == [made.id]
    assert none == ()
    assert roles_of(tenant, jane) == {acme: ("billing",)}


def test_it_goes_with_its_organization_and_with_its_person(tenant: Tenant, acme: str) -> None:
    jane = make_user(tenant)
    invited(tenant, acme, jane.email)
    invited(tenant, acme, "bob@example.com")
    with write(tenant.id) as session:
        people_status.erase(session, CLI, jane.id)
    with read(tenant.id) as session:
        left = invitations.list_page(session, tenant).items
    assert [each.email for each in left] == ["bob@example.com"]
    with write(tenant.id) as session:
        organizations.remove(session, CLI, acme)
    with read(tenant.id) as session:
        assert invitations.list_page(session, tenant).items == ()


def test_old_ones_are_deleted(tenant: Tenant, acme: str) -> None:
    made = invited(tenant, acme, "jane@example.com")
    clock.move(invitations.LIVES + 89 * 86_400)
    purge.run_once()
    assert state_of(tenant, made) == "expired"
    clock.move(2 * 86_400)
    purge.run_once()
    with read(tenant.id) as session:
        assert invitations.get(session, tenant, made.id) is None
