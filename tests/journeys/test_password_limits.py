"""How often passwords are tried, and that a stranger's tries lock nobody out."""

from typing import Any

import pytest

from app import clock
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import audited
from tests.visitors import HtmlVisitor, Visit, Visitor

WRONG = "not the right one at all"
ELSEWHERE = "198.51.100.7"


def _at(visitor: Visitor, address: str) -> Visitor:
    visitor.http.environ_base["REMOTE_ADDR"] = address
    return visitor


def _guesses(visitor: Visitor, email: str, count: int, password: str = WRONG) -> Visitor:
    visitor.submit(email=email)
    for _ in range(count):
        visitor.submit(password=password)
    return visitor


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(
        make.tenant(
            limits={
                "passwords_per_account_and_network": 3,
                "passwords_per_account": 6,
                "passwords_per_network": 5,
            }
        )
    )


def test_an_account_is_tried_so_often_from_a_network(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = _guesses(visit(client), user.email, 3)
    assert visitor.errors == {"password": "error.password_wrong"}
    visitor.submit(password=PASSWORD)
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert 0 < visitor.retry_after <= 3_600
    limited: list[dict[str, Any]] = audited(client.tenant, "password.limited")
    assert limited == [{"limit": "password.account_network"}]
    clock.move(3_601)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_an_unknown_address_is_limited_alike(visit: Visit, client: MadeClient) -> None:
    visitor = _guesses(visit(client), "nobody@example.com", 4)
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")


def test_a_network_tries_so_many_accounts(make: Factory, visit: Visit, client: MadeClient) -> None:
    for number in range(5):
        _guesses(_at(visit(client), ELSEWHERE), f"p{number}@example.com", 1)
    spraying = _guesses(_at(visit(client), ELSEWHERE), "p5@example.com", 1)
    assert spraying.status == 429
    assert audited(client.tenant, "password.limited") == [{"limit": "password.network"}]


def test_h04_addresses_of_one_ipv6_network_are_one(visit: Visit, client: MadeClient) -> None:
    for number in range(5):
        address = f"2001:db8:1:2::{number + 1}"
        _guesses(_at(visit(client), address), f"p{number}@example.com", 1)
    spraying = _guesses(_at(visit(client), "2001:db8:1:2:ffff::9"), "p5@example.com", 1)
    assert spraying.status == 429


def test_o10_a_stranger_elsewhere_locks_nobody_out(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    assert _guesses(_at(visit(client), ELSEWHERE), user.email, 4).status == 429
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_o10_a_success_clears_what_the_person_mistyped(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    for wrong_tries in (2, 1):
        visitor = _guesses(visit(client), user.email, wrong_tries)
        visitor.submit(password=PASSWORD)
        assert visitor.answer is not None


def test_o10_a_known_device_goes_on_under_attack(
    app: Any, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    known = HtmlVisitor(app, client)
    known.open()
    _guesses(known, user.email, 1, PASSWORD)
    assert known.answer is not None
    for number in range(4):
        stranger = _at(HtmlVisitor(app, client), f"198.51.100.{number}")
        stranger.open()
        _guesses(stranger, user.email, 2)
    unknown = _at(HtmlVisitor(app, client), "198.51.100.99")
    unknown.open()
    _guesses(unknown, user.email, 1, PASSWORD)
    assert unknown.status == 429
    known.open(prompt="login")
    _guesses(known, user.email, 1, PASSWORD)
    assert known.answer is not None


def test_o10_a_known_device_goes_on_beside_an_attacker(app: Any, make: Factory) -> None:
    client = make.client(make.tenant(limits={"passwords_per_account_and_network": 3}))
    user = make.user(client.tenant)
    known = HtmlVisitor(app, client)
    known.open()
    _guesses(known, user.email, 1, PASSWORD)
    stranger = HtmlVisitor(app, client)
    stranger.open()
    assert _guesses(stranger, user.email, 4).status == 429
    known.open(prompt="login")
    _guesses(known, user.email, 1, PASSWORD)
    assert known.answer is not None
