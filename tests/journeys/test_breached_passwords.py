"""Signing in with a password that is known from a breach: a grace, then another one must be set."""

from collections.abc import Callable

import pytest

from app.database import read
from app.models import User
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import audited
from tests.visitors import Visit, Visitor

BREACHED = "password1"


def made(make: Factory, grace: int = 2) -> tuple[MadeClient, MadeUser]:
    client = make.client(make.tenant(passwords={"breached_sign_ins": grace}))
    return client, make.user(client.tenant, password=BREACHED)


def arriving(visit: Visit, client: MadeClient, user: MadeUser, password: str = BREACHED) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=password)
    return visitor


def counted(client: MadeClient, user: MadeUser) -> int:
    with read(client.tenant.id) as session:
        row = session.get(User, (client.tenant.id, user.id))
        assert row is not None
        return row.breached_sign_ins


def test_p06_a_breached_password_is_put_off_until_the_grace_is_used_up(
    make: Factory, visit: Visit
) -> None:
    client, user = made(make)
    for sign_in in (1, 2):
        visitor = arriving(visit, client, user)
        assert visitor.screen == "change_breached"
        assert "later" in visitor.actions
        visitor.submit("later")
        assert visitor.answer is not None
        assert counted(client, user) == sign_in
    assert [purpose for purpose, _ in make.mails(client.tenant)].count("breached") == 2

    visitor = arriving(visit, client, user)
    assert visitor.screen == "change_breached"
    assert "later" not in visitor.actions
    visitor.submit("later")
    assert (visitor.status, visitor.answer) == (422, None)
    kept = audited(client.tenant, "user.password.breach_put_off")
    assert kept == [{"sign_ins": 1, "most": 2}, {"sign_ins": 2, "most": 2}]


def test_p06_another_password_is_set_and_the_flow_goes_on(make: Factory, visit: Visit) -> None:
    client, user = made(make)
    arriving(visit, client, user).submit("later")
    visitor = arriving(visit, client, user)
    for refused, error in (
        (BREACHED, "error.password_common"),
        ("short", "error.password_short"),
        (user.email, "error.password_context"),
    ):
        visitor.submit(password=refused)
        assert visitor.status == 422
        assert visitor.errors == {"password": error}
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert counted(client, user) == 0
    assert "password_changed" in [purpose for purpose, _ in make.mails(client.tenant)]

    assert arriving(visit, client, user).errors == {"password": "error.password_wrong"}
    assert arriving(visit, client, user, PASSWORD).answer is not None


def test_without_a_grace_it_must_be_changed_at_once(make: Factory, visit: Visit) -> None:
    client, user = made(make, grace=0)
    visitor = arriving(visit, client, user)
    assert visitor.screen == "change_breached"
    assert "later" not in visitor.actions


def test_a_wrong_password_says_nothing_of_breaches(make: Factory, visit: Visit) -> None:
    client, user = made(make)
    visitor = arriving(visit, client, user, "password2")
    assert visitor.screen == "password"
    assert visitor.errors == {"password": "error.password_wrong"}


def test_whoever_knows_a_breached_password_does_not_change_it_before_the_second_factor(
    make: Factory, visit: Visit
) -> None:
    client, user = made(make)
    make.authenticator(client.tenant, user)
    assert arriving(visit, client, user).screen == "totp"


def test_a_grace_is_shared_by_all_who_ask_at_once(make: Factory, visit: Visit) -> None:
    """Two screens that both offer it: the second finds the grace used up."""
    client, user = made(make, grace=1)
    first, second = arriving(visit, client, user), arriving(visit, client, user)
    first.submit("later")
    second.submit("later")
    assert first.answer is not None
    assert second.answer is None
    assert second.screen == "change_breached"
    assert "later" not in second.actions


def signing_up(visit: Visit, make: Factory, client: MadeClient) -> dict[str, str]:
    visitor = visit(client, prompt="create")
    visitor.submit(email="new@example.com", password=BREACHED)
    return visitor.errors


def recovering(visit: Visit, make: Factory, client: MadeClient) -> dict[str, str]:
    user = make.user(client.tenant)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit("recover")
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.screen == "new_password"
    visitor.submit(password=BREACHED)
    return visitor.errors


@pytest.mark.parametrize("path", [signing_up, recovering])
def test_p06_no_path_of_a_flow_sets_a_breached_password(
    make: Factory, visit: Visit, path: Callable[[Visit, Factory, MadeClient], dict[str, str]]
) -> None:
    client = make.client(make.tenant())
    assert path(visit, make, client) == {"password": "error.password_common"}


def test_a25_who_signed_up_without_a_password_has_none_that_is_empty(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(methods={"sign_in": ["password", "email_code"]}))
    user = make.user(client.tenant, password=None)
    visitor = arriving(visit, client, user, "")
    assert visitor.errors == {"password": "error.password_wrong"}
