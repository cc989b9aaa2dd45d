"""A23: one anonymous user is upgraded or merged once, however many ask at the same moment."""

from flask import Flask

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import anonymous, people
from app.directory.anonymous import NoLongerAnonymous
from app.ids import new_id
from tests.factories import Factory, MadeClient
from tests.journeys.moves import claims_of
from tests.journeys.test_anonymous import headless, minted
from tests.races.crowd import at_once
from tests.visitors import JsonVisitor

FEW = 12
GENEROUS = {"codes_per_address": 1000, "codes_per_network": 1000, "codes_per_client": 1000}


def _somebody(client: MadeClient) -> str:
    user_id = new_id("usr")
    with write(client.tenant.id) as session:
        return people.create(session, CLI, user_id=user_id, is_anonymous=True)


def test_a23_of_200_upgrades_exactly_one_wins(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    user_id = _somebody(client)

    def upgrade(number: int) -> bool:
        try:
            with write(client.tenant.id) as session:
                anonymous.upgrade(
                    session,
                    Actor("user", user_id),
                    user_id,
                    display_name=f"Jane {number}",
                    locale="en",
                    public_metadata={},
                    private_metadata={},
                )
        except NoLongerAnonymous:
            return False
        return True

    assert at_once(app, upgrade).count(True) == 1
    assert make.events(client.tenant).count("user.upgraded") == 1


def test_a23_an_upgrade_and_a_merge_never_both_happen(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    person, user_id = make.user(client.tenant), _somebody(client)

    def merge_or_upgrade(number: int) -> bool:
        try:
            with write(client.tenant.id) as session:
                if number % 2:
                    actor = Actor("user", person.id)
                    return anonymous.merge(session, actor, user_id, person.id)
                anonymous.upgrade(
                    session,
                    Actor("user", user_id),
                    user_id,
                    display_name=None,
                    locale=None,
                    public_metadata={},
                    private_metadata={},
                )
        except NoLongerAnonymous:
            return False
        return True

    at_once(app, merge_or_upgrade, 50)
    events = make.events(client.tenant)
    assert events.count("user.upgraded") + events.count("user.merged") == 1


def test_a23_of_parallel_sign_ups_one_keeps_the_id_and_nobody_is_lost(
    app: Flask, make: Factory
) -> None:
    client = make.client(make.tenant(limits=GENEROUS), allows_anonymous=True)
    _, before = minted(app, client)
    anonymous_id = claims_of(before["id_token"])["sub"]
    visitors: list[JsonVisitor] = []
    for number in range(FEW):
        visitor = headless(app, client, "sign_up", before["access_token"])
        visitor.submit(email=f"new{number}@example.com")
        assert visitor.screen == "email_code"
        visitors.append(visitor)
    codes = [make.code(client.tenant, f"new{number}@example.com") for number in range(FEW)]

    statuses = at_once(app, lambda n: visitors[n].post(code=codes[n]).status_code, FEW)

    assert statuses == [200] * FEW
    with read(client.tenant.id) as session:
        found = people.list_page(session).items
        kept = people.snapshot_of(session, anonymous_id)
    assert len(found) == FEW
    assert len({each.email for each in found}) == FEW
    assert kept is not None
    assert kept.email is not None
    assert make.events(client.tenant).count("user.upgraded") == 1
