"""An admin requires another password: the person chooses it, after every proof, at a sign-in."""

from flask import Flask

from app import clock
from app.actor import Actor
from app.database import read, write
from app.directory import required_passwords, sessions
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.second import code_of
from tests.visitors import HtmlVisitor, Visit, Visitor

SUPPORT = Actor("admin", "usr_support", roles=frozenset({"support"}))
ANOTHER = "another horse battery staple"


def required(make: Factory, *, ends_sessions: bool = False) -> tuple[MadeClient, MadeUser]:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    require(client, user, ends_sessions=ends_sessions)
    return client, user


def require(client: MadeClient, user: MadeUser, *, ends_sessions: bool) -> None:
    with write(client.tenant.id) as session:
        required_passwords.require(session, SUPPORT, user.id, ends_sessions=ends_sessions)


def arriving(visit: Visit, client: MadeClient, user: MadeUser, password: str) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=password)
    return visitor


def test_x07_the_person_chooses_the_new_password_at_the_next_sign_in(
    make: Factory, visit: Visit
) -> None:
    client, user = required(make)
    visitor = arriving(visit, client, user, PASSWORD)
    assert visitor.screen == "new_password"
    for refused, error in (
        (PASSWORD, "error.password_same"),
        ("short", "error.password_short"),
        ("password1", "error.password_common"),
    ):
        visitor.submit(password=refused)
        assert (visitor.status, visitor.errors) == (422, {"password": error})
    visitor.submit(password=ANOTHER)
    assert visitor.answer is not None

    assert arriving(visit, client, user, PASSWORD).errors == {"password": "error.password_wrong"}
    assert arriving(visit, client, user, ANOTHER).answer is not None, "it is asked only once"
    assert "password_changed" in [purpose for purpose, _ in make.mails(client.tenant)]


def test_it_comes_after_the_second_factor_and_also_after_a_code(
    make: Factory, visit: Visit
) -> None:
    client, user = required(make)
    make.authenticator(client.tenant, user)
    assert arriving(visit, client, user, PASSWORD).screen == "totp"
    by_code = make.user(client.tenant)
    require(client, by_code, ends_sessions=False)
    visitor = visit(client)
    visitor.submit(email=by_code.email)
    visitor.submit("use:email_code")
    visitor.submit(code=make.code(client.tenant, by_code.email))
    assert visitor.screen == "new_password"


def test_o07_nobody_slips_in_who_gave_the_old_password_before(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = arriving(visit, client, user, PASSWORD)
    assert visitor.screen == "totp"
    clock.move(1)
    require(client, user, ends_sessions=True)
    visitor.submit(code=code_of(secret))
    assert visitor.answer is None
    with read(client.tenant.id) as session:
        assert sessions.list_of_user(session, user.id) == []


def test_a_live_session_goes_on_unless_all_are_ended(app: Flask, make: Factory) -> None:
    """Whoever finds a session open must not choose a password by it."""
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    require(client, user, ends_sessions=False)
    assert visitor.answer is not None
    before = visitor.answer["code"]
    visitor.open()
    assert visitor.answer["code"] != before
    require(client, user, ends_sessions=True)
    with read(client.tenant.id) as session:
        assert sessions.list_of_user(session, user.id) == []
    visitor.open()
    assert visitor.screen == "identify"


def test_where_passwords_are_of_no_use_nobody_chooses_one(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods={"sign_in": ["email_code"]}))
    user = make.user(client.tenant)
    require(client, user, ends_sessions=False)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.answer is not None


def test_a_demand_can_be_taken_back_and_ends_with_a_recovery(make: Factory, visit: Visit) -> None:
    client, user = required(make)
    with write(client.tenant.id) as session:
        assert required_passwords.withdraw(session, SUPPORT, user.id)
        assert not required_passwords.withdraw(session, SUPPORT, user.id)
    assert arriving(visit, client, user, PASSWORD).answer is not None

    require(client, user, ends_sessions=False)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit("recover")
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    visitor.submit(password=ANOTHER)
    assert visitor.answer is not None
    with read(client.tenant.id) as session:
        assert required_passwords.since(session, user.id) is None
