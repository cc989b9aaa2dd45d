"""M: support lets somebody in who lost every factor: late, announced, once, and not by stealth."""

import threading

import pyotp
import pytest
from flask import Flask

from app import clock
from app.account import support_recovery as use_case
from app.account.support_recovery import Unreachable
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import (
    authenticators,
    contacts,
    passkeys,
    recovery_codes,
    sessions,
    support_recovery,
)
from app.directory.permissions import Forbidden
from app.identifiers import parse_as
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.passkeys import device, equip
from tests.visitors import HtmlVisitor

DELAY = 86_400


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(policy={"mfa": "optional"}))


@pytest.fixture
def locked_out(make: Factory, client: MadeClient) -> MadeUser:
    """Somebody whose authenticator is at the bottom of a lake."""
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    return user


def _link(make: Factory, client: MadeClient) -> str:
    links = [mail for purpose, mail in make.mails(client.tenant) if purpose == "support_recovery"]
    return str(links[-1].values["link"])


def _started(make: Factory, client: MadeClient, user: MadeUser) -> str:
    use_case.start(client.tenant, CLI, user.id, "called from a known number")
    return _link(make, client)


def _open(app: Flask, client: MadeClient, link: str) -> HtmlVisitor:
    visitor = HtmlVisitor(app, client)
    visitor.follow(visitor.get(link))
    return visitor


def _is_dead(visitor: HtmlVisitor) -> bool:
    assert visitor.last is not None
    return visitor.last.status_code == 410


def test_the_person_hears_at_once_and_gets_in_after_the_delay(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    link = _started(make, client, locked_out)
    assert "recovery_started" in [purpose for purpose, _ in make.mails(client.tenant)]
    assert _is_dead(_open(app, client, link))
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    assert locked_out.email in visitor.text
    visitor.submit()
    assert visitor.screen == "new_password", visitor.text
    visitor.submit(password="a wholly new passphrase")
    with read(client.tenant.id) as session:
        assert authenticators.list_of_user(session, locked_out.id) == ()
        assert len(sessions.list_of_user(session, locked_out.id)) == 1
    assert make.events(client.tenant).count("user.support_recovery.used") == 1
    assert make.events(client.tenant).count("user.support_recovery.voided") == 0
    assert _is_dead(_open(app, client, link))


def test_looking_at_the_link_does_nothing(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    link = _started(make, client, locked_out)
    clock.move(DELAY + 1)
    for method in ("HEAD", "GET"):
        app.test_client().open(link, method=method, follow_redirects=True)
    with read(client.tenant.id) as session:
        assert len(authenticators.list_of_user(session, locked_out.id)) == 1


def test_where_a_second_factor_is_required_a_new_one_is_set_up(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(policy={"mfa": "required"}, methods={"second": ["totp"]}))
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    link = _started(make, client, user)
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    visitor.submit()
    assert visitor.screen in ("enrol", "enrol_totp"), visitor.text


def test_any_sign_in_meanwhile_voids_it_and_its_mail(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    link = _started(make, client, user)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    visitor.submit(code=pyotp.TOTP(secret).at(clock.now_seconds()))
    assert visitor.answer is not None, visitor.text
    assert make.events(client.tenant).count("user.support_recovery.voided") == 1
    assert "support_recovery" not in [purpose for purpose, _ in make.mails(client.tenant)]
    clock.move(DELAY + 1)
    assert _is_dead(_open(app, client, link))


def test_the_link_of_the_notice_calls_it_off(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    link = _started(make, client, locked_out)
    (told,) = [mail for each, mail in make.mails(client.tenant) if each == "recovery_started"]
    objecting = _open(app, client, f"{client.tenant.base_url}/not-me?token={told.values['not_me']}")
    objecting.submit()
    clock.move(DELAY + 1)
    assert _is_dead(_open(app, client, link))


def test_a_second_start_replaces_the_first(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    first = _started(make, client, locked_out)
    second = _started(make, client, locked_out)
    with read(client.tenant.id) as session:
        assert len(support_recovery.list_open(session, client.tenant)) == 1
    clock.move(DELAY + 1)
    assert _is_dead(_open(app, client, first))
    assert not _is_dead(_open(app, client, second))


def test_only_support_may_start_one(make: Factory, client: MadeClient) -> None:
    user = make.user(client.tenant)
    with pytest.raises(Forbidden):
        use_case.start(client.tenant, Actor("user", user.id), user.id, "mine")
    unverified = make.user(client.tenant, verified=False)
    with pytest.raises(Unreachable):
        use_case.start(client.tenant, CLI, unverified.id, "no address")


def test_of_many_uses_at_once_one_gets_in(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    token = _started(make, client, locked_out).partition("token=")[2]
    clock.move(DELAY + 1)
    opened = use_case.opened(client.tenant, token)
    assert opened is not None
    let_in: list[bool] = []

    def use() -> None:
        with app.app_context(), write(client.tenant.id) as session:
            actor = Actor("user", locked_out.id)
            now = clock.now()
            let_in.append(
                use_case.finish(
                    session, client.tenant, actor, opened.row_id, began_at=now, locale="en"
                )
            )

    crowd = [threading.Thread(target=use) for _ in range(20)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert (len(let_in), let_in.count(True)) == (20, 1)
    assert [purpose for purpose, _ in make.mails(client.tenant)].count("recovery_used") == 1


def test_who_breaks_off_loses_nothing_and_may_come_back(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    link = _started(make, client, locked_out)
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    visitor.submit()
    assert visitor.screen == "new_password", visitor.text
    with read(client.tenant.id) as session:
        assert len(authenticators.list_of_user(session, locked_out.id)) == 1
    again = _open(app, client, link)
    again.submit()
    again.submit(password="a wholly new passphrase")
    with read(client.tenant.id) as session:
        assert authenticators.list_of_user(session, locked_out.id) == ()
    visitor.submit(password="another new passphrase")
    assert visitor.screen == "identify", "One link lets in once."
    assert make.events(client.tenant).count("user.support_recovery.used") == 1


def test_one_that_is_called_off_on_the_way_lets_nobody_in(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    link = _started(make, client, locked_out)
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    visitor.submit()
    with write(client.tenant.id) as session:
        assert support_recovery.void(session, CLI, locked_out.id, "cancelled")
    visitor.submit(password="a wholly new passphrase")
    assert visitor.screen == "identify"
    with read(client.tenant.id) as session:
        assert len(authenticators.list_of_user(session, locked_out.id)) == 1
        assert sessions.list_of_user(session, locked_out.id) == []


def test_whose_recovery_it_is_cannot_be_changed_on_the_way(
    app: Flask, make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    mallory = make.user(client.tenant)
    link = _started(make, client, mallory)
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    visitor.submit()
    visitor.submit("change")
    visitor.submit("restart")
    visitor.submit(email=locked_out.email)
    if visitor.screen != "password":
        visitor.submit("use:password")
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "totp", (visitor.screen, visitor.status)


def test_where_passkeys_are_the_only_way_in_the_lost_one_stays(app: Flask, make: Factory) -> None:
    only = ["passkey"]
    tenant = make.tenant(methods={"sign_in": only, "sign_up": only, "second": only})
    client, user = make.client(tenant), make.user(tenant, password=None)
    equip(tenant, user, device(tenant))
    make.recovery_codes(tenant, user)
    link = _started(make, client, user)
    clock.move(DELAY + 1)
    visitor = _open(app, client, link)
    visitor.submit()
    with read(tenant.id) as session:
        assert len(sessions.list_of_user(session, user.id)) == 1, visitor.text
        assert len(passkeys.list_of_user(session, user.id)) == 1
        assert recovery_codes.count(session, user.id) == 0
    assert visitor.get(f"{visitor.base}/account/passkeys/new").status_code == 200


def test_every_verified_address_and_number_hears_of_the_start(
    make: Factory,
) -> None:
    tenant = make.tenant(policy={"mfa": "optional"})
    user = make.user(tenant)
    make.phone(tenant, user, "+12025550123")
    make.phone(tenant, user, "+12025550124")
    make.phone(tenant, user, "+12025550125", verified=False)
    with write(tenant.id) as session:
        second = parse_as("email", "jane@second.example", "ZZ")
        contacts.add(session, CLI, user.id, second)
    use_case.start(tenant, CLI, user.id, "called from a known number")
    told = {mail.to for purpose, mail in make.mails(tenant) if purpose == "recovery_started"}
    assert told == {user.email, "jane@second.example", "+12025550123", "+12025550124"}
    links = [mail.to for purpose, mail in make.mails(tenant) if purpose == "support_recovery"]
    assert links == [user.email]


def test_cancelling_by_support_is_told_in_the_log(
    make: Factory, client: MadeClient, locked_out: MadeUser
) -> None:
    _started(make, client, locked_out)
    with write(client.tenant.id) as session:
        assert support_recovery.void(session, CLI, locked_out.id, "cancelled")
        assert not support_recovery.void(session, CLI, locked_out.id, "cancelled")
    assert make.events(client.tenant).count("user.support_recovery.voided") == 1
