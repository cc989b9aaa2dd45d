"""G2, L04: an invitation that many answer at the same moment is answered once."""

from collections import Counter

from flask import Flask
from sqlalchemy import func, select

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import invitation_answers, invitations
from app.directory.errors import NotFound
from app.directory.invitation_answers import NotOpen
from app.models import Invitation, Membership, User
from tests.factories import Factory
from tests.journeys.invitations import INVITED, begun, invite, link_of, state_of
from tests.races.crowd import MANY, SOME, at_once
from tests.visitors import HtmlVisitor, JsonVisitor

FEW = 10
"""All wait for one row, which a database on a busy machine lets nobody do for long."""


def _count(tenant_id: str, model: type[User | Membership | Invitation]) -> int:
    with read(tenant_id) as session:
        query = select(func.count()).select_from(model).where(model.tenant_id == tenant_id)
        return session.scalar(query) or 0


def test_g2_it_is_accepted_once_of_two_hundred_times(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, INVITED)
    made = invite(tenant, make.organization(tenant, "Northwind Labs"))

    def accept(_: int) -> str:
        try:
            with write(tenant.id) as session:
                actor = Actor("user", jane.id)
                invitation_answers.accept(session, actor, tenant, jane.id, made.id)
        except NotOpen:
            return "late"
        return "accepted"

    assert Counter(at_once(app, accept)) == {"accepted": 1, "late": MANY - 1}
    assert _count(tenant.id, Membership) == 1
    assert make.events(tenant).count("invitation.accepted") == 1


def test_it_is_accepted_declined_or_taken_back_but_one_of_them(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    jane = make.user(tenant, INVITED)
    made = invite(tenant, make.organization(tenant, "Northwind Labs"))
    actor = Actor("user", jane.id)

    def answer(number: int) -> str:
        try:
            with write(tenant.id) as session:
                match number % 3:
                    case 0:
                        invitation_answers.accept(session, actor, tenant, jane.id, made.id)
                        return "accepted"
                    case 1:
                        invitation_answers.decline(session, actor, tenant, jane.id, made.id)
                        return "declined"
                    case _:
                        invitations.revoke(session, CLI, made.id)
                        return "revoked"
        except (NotOpen, NotFound):
            return "late"

    answered = Counter(at_once(app, answer, SOME))
    assert answered.pop("late") == SOME - 1
    (what,) = answered
    assert state_of(tenant, made) == what
    assert _count(tenant.id, Membership) == (what == "accepted")


def test_sign_ups_by_one_link_at_once_make_one_member(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    client = make.client(tenant)
    invite(tenant, make.organization(tenant, "Northwind Labs"))
    link = link_of(make, tenant)
    kinds = (HtmlVisitor, JsonVisitor)
    visitors = [begun(app, kinds[number % 2], client, link) for number in range(10)]
    answers = at_once(
        app, lambda n: visitors[n].post(password="a long enough sentence").status_code, 10
    )
    assert max(answers) < 500
    assert (_count(tenant.id, User), _count(tenant.id, Membership)) == (1, 1)
    assert make.events(tenant).count("invitation.accepted") == 1
    assert make.events(tenant).count("user.signed_up") == 1


def test_inviting_an_address_many_times_at_once_leaves_one_open(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    labs = make.organization(tenant, "Northwind Labs")
    made = at_once(app, lambda _: invite(tenant, labs).id, FEW)
    assert len(set(made)) == 1
    assert _count(tenant.id, Invitation) == 1
    with read(tenant.id) as session:
        (left,) = invitations.list_page(session, tenant).items
    assert (left.state, left.row_version) == ("open", FEW)
