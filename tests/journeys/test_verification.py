"""An address that nobody has proven yet, and whom its first proof evicts."""

from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import people, sessions
from app.directory.people import Person
from app.models import Session
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import CODES_ONLY, awaiting_code, rows
from tests.visitors import HtmlVisitor, Visit


def _person(client: MadeClient, user: MadeUser) -> Person:
    with read(client.tenant.id) as session:
        found = people.snapshot_of(session, user.id)
    assert found is not None
    return found


def test_a_password_alone_is_not_enough_for_an_unproven_address(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, verified=False)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert (visitor.screen, visitor.answer) == ("email_code", None)
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["verify_email_code"]
    assert rows(Session, client.tenant) == []
    visitor.submit(code="000000")
    assert (visitor.screen, visitor.answer) == ("email_code", None)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.answer is not None
    found = _person(client, user)
    assert found.email_verified
    assert found.password_hash is not None
    assert "user.evicted" not in make.events(client.tenant)


def test_a01_the_owner_of_an_address_evicts_who_used_it_unproven(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    planted = make.user(client.tenant, verified=False)
    visitor = awaiting_code(visit, client, planted.email)
    visitor.submit(code=make.code(client.tenant, planted.email))
    assert visitor.answer is not None
    found = _person(client, planted)
    assert found.email_verified
    assert found.password_hash is None
    assert make.events(client.tenant).count("user.evicted") == 1
    attacker = visit(client)
    attacker.submit(email=planted.email)
    attacker.submit(password=PASSWORD)
    assert attacker.errors == {"password": "error.password_wrong"}


def test_a01_a_sign_up_of_an_unproven_address_evicts_too(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    planted = make.user(client.tenant, verified=False)
    visitor = visit(client, prompt="create")
    visitor.submit(email=planted.email)
    visitor.submit(code=make.code(client.tenant, planted.email))
    assert visitor.answer is not None
    assert _person(client, planted).password_hash is None
    assert make.events(client.tenant).count("user.evicted") == 1


def _open_session(visitor: HtmlVisitor, user: MadeUser, amr: str) -> None:
    """A session from before addresses had to be proven."""
    tenant = visitor.client.tenant
    with write(tenant.id) as session:
        opened = sessions.open(
            session,
            CLI,
            tenant,
            cookie_value=None,
            user_id=user.id,
            amr=[amr],
            acr=None,
            auth_time=clock.now(),
        )
    path = "/" + tenant.issuer.split("/", 3)[3]
    visitor.http.set_cookie("authpage_session", opened.cookie_value, path=path)


def _verifying(app: Flask, make: Factory, amr: str = "pwd") -> tuple[HtmlVisitor, MadeUser]:
    """Somebody signed in who asks for a code on the account page."""
    client = make.client(make.tenant())
    user = make.user(client.tenant, verified=False)
    visitor = HtmlVisitor(app, client)
    _open_session(visitor, user, amr)
    visitor.follow(visitor.get(f"{visitor.base}/account"))
    visitor.url = f"{visitor.base}/account/verify-email"
    visitor.submit()
    assert visitor.screen == "email_code"
    return visitor, user


def test_a_signed_in_person_verifies_from_the_account_page(app: Flask, make: Factory) -> None:
    visitor, user = _verifying(app, make)
    client = visitor.client
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["verify_email_code"]
    visitor.submit("resend")
    assert visitor.message == "error.resend_wait"
    clock.move(31)
    visitor.submit("resend")
    assert len(make.mails(client.tenant)) == 2
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.url == f"{visitor.base}/account"
    assert visitor.status == 200
    assert _person(client, user).email_verified
    assert _person(client, user).password_hash is not None


def test_a02_a_session_without_the_password_is_evicted_by_the_proof(
    app: Flask, make: Factory
) -> None:
    visitor, user = _verifying(app, make, amr="otp")
    visitor.submit(code=make.code(visitor.client.tenant, user.email))
    assert _person(visitor.client, user).email_verified
    assert _person(visitor.client, user).password_hash is None
    assert visitor.screen == "identify"


def test_a_verification_does_not_skip_the_wait_between_codes(app: Flask, make: Factory) -> None:
    visitor, _ = _verifying(app, make)
    visitor.submit("change")
    assert visitor.status == 422
    assert len(make.mails(visitor.client.tenant)) == 1


def test_a_verification_whose_session_ended_is_a_sign_in(app: Flask, make: Factory) -> None:
    visitor, user = _verifying(app, make)
    with write(visitor.client.tenant.id) as session:
        sessions.end_all_of_user(session, CLI, user.id, "test")
    visitor.submit(code=make.code(visitor.client.tenant, user.email))
    assert visitor.screen == "identify"
    assert not _person(visitor.client, user).email_verified


def test_a_verification_that_took_too_long_starts_again(app: Flask, make: Factory) -> None:
    visitor, user = _verifying(app, make)
    clock.move(1_801)
    visitor.submit(code=make.code(visitor.client.tenant, user.email))
    assert visitor.screen == "identify"
    visitor.submit("continue", email="")
    assert visitor.errors == {"email": "error.email_invalid"}


def test_there_is_nothing_to_verify_twice(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(methods=CODES_ONLY))
    user = make.user(client.tenant, password=None)
    visitor = HtmlVisitor(app, client)
    _open_session(visitor, user, "otp")
    visitor.follow(visitor.get(f"{visitor.base}/account"))
    visitor.url = f"{visitor.base}/account/verify-email"
    visitor.submit()
    assert visitor.url == f"{visitor.base}/account"
    assert make.mails(client.tenant) == []
