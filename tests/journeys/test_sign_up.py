"""A new account: nothing of it exists before its address is proven."""

from typing import Any

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import people, people_status
from app.models import Credential, User
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, PASSWORDS_ONLY, audited, claims, rows
from tests.visitors import HtmlVisitor, JsonVisitor, Visit

NEW = "new@example.com"


def test_s3_there_is_no_user_before_the_code(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    assert visitor.screen == "sign_up"
    visitor.submit(email=NEW)
    assert visitor.screen == "email_code"
    assert rows(User, client.tenant) == []
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["sign_up_code"]
    visitor.submit(code=make.code(client.tenant, NEW))
    (user,) = rows(User, client.tenant)
    assert claims(app, visitor)["sub"] == user.id
    assert rows(Credential, client.tenant) == []
    events = make.events(client.tenant)
    for event in ("user.created", "user.signed_up", "user.signed_in", "email_code.succeeded"):
        assert events.count(event) == 1


def test_a_password_chosen_at_sign_up_works_afterwards(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, password=PASSWORD, display_name="  Jane  Doe ")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert visitor.answer is not None
    assert [user.display_name for user in rows(User, client.tenant)] == ["Jane Doe"]
    again = visit(client)
    again.submit(email=NEW)
    again.submit(password=PASSWORD)
    assert again.answer is not None


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("short", "error.password_short"),
        ("password1", "error.password_common"),
        ("ÄÄÄÄÄÄÄÄÄÄ", "error.password_common"),
        ("New@Example.com", "error.password_context"),
        ("ü" * 513, "error.password_long"),
    ],
)
def test_a_weak_password_is_refused(make: Factory, visit: Visit, password: str, error: str) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, password=password)
    assert (visitor.status, visitor.errors) == (422, {"password": error})
    assert visitor.value("email") == NEW
    assert visitor.value("password") == ""
    assert make.mails(client.tenant) == []


@pytest.mark.parametrize("password", ["zzgrplqwvn", "12 34 98 76", "         z      ", "aü" * 341])
def test_there_are_no_rules_of_composition(make: Factory, visit: Visit, password: str) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, password=password)
    assert visitor.screen == "email_code"


@pytest.mark.parametrize(
    "name",
    [
        "Click http://evil.example now",
        "WWW.evil.example",
        "two\r\nlines",
        "Bcc:\nme@example.com",
        "turned \u202e around",
        "x" * 81,
    ],
)
def test_b06_a_name_is_no_message(make: Factory, visit: Visit, name: str) -> None:
    client = make.client(make.tenant(organizations={"creation_open": True}))
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, display_name=name, organization_name=name)
    assert visitor.status == 422
    assert visitor.errors == {
        "display_name": "error.name_invalid",
        "organization_name": "error.name_invalid",
    }
    assert make.mails(client.tenant) == []


def test_b06_markup_in_a_name_is_only_text(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    visitor = HtmlVisitor(app, client)
    visitor.open(prompt="create")
    visitor.submit(email=NEW, display_name="<b onclick=x>Jane</b>")
    visitor.submit(code=make.code(client.tenant, NEW))
    account = visitor.get(f"{visitor.base}/account").get_data(as_text=True)
    assert "&lt;b onclick=x&gt;Jane&lt;/b&gt;" in account
    assert "<b onclick" not in account


@pytest.mark.parametrize("name", ["Zo\u00eb\u00a0d'Arc", "\u0645\u06cc\u200c\u062e"])
def test_names_of_all_languages_are_names(make: Factory, visit: Visit, name: str) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, display_name=name)
    assert visitor.screen == "email_code"


def test_metadata_waits_with_the_sign_up(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    visitor = JsonVisitor(app, client)
    visitor.open(prompt="create")
    visitor.submit(email=NEW, metadata={"plan": "gold", "seats": 3})
    visitor.submit(code=make.code(client.tenant, NEW))
    (user,) = rows(User, client.tenant)
    assert user.public_metadata == {"plan": "gold", "seats": 3}
    assert user.private_metadata == {}


@pytest.mark.parametrize("metadata", ["[1]", "{", '{"a":', "7", "[" * 4_000, "x" * 4_097])
def test_metadata_that_is_no_small_object_is_refused(
    app: Flask, make: Factory, metadata: str
) -> None:
    client = make.client(make.tenant())
    visitor = HtmlVisitor(app, client)
    visitor.open(prompt="create")
    visitor.submit(email=NEW, metadata=metadata)
    assert (visitor.status, visitor.message) == (422, "error.metadata_invalid")
    assert make.mails(client.tenant) == []


@pytest.mark.parametrize("metadata", ["text", ["list"], 7, True])
def test_headless_metadata_must_be_an_object(app: Flask, make: Factory, metadata: Any) -> None:
    visitor = JsonVisitor(app, make.client(make.tenant()))
    visitor.open(prompt="create")
    visitor.submit(email=NEW, metadata=metadata)
    assert (visitor.status, visitor.body["code"]) == (400, "invalid_request")


def test_a_known_address_walks_the_same_screens_into_its_account(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, NEW)
    visitor, stranger = visit(client, prompt="create"), visit(client, prompt="create")
    visitor.submit(email=NEW, password="another good password", display_name="Mallory")
    stranger.submit(email="other@example.com", password="another good password")
    assert visitor.screen == stranger.screen == "email_code"
    assert visitor.actions == stranger.actions
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["sign_up_code"] * 2
    visitor.submit(code=make.code(client.tenant, NEW))
    assert claims(app, visitor)["sub"] == user.id
    assert len(rows(User, client.tenant)) == 1
    again = visit(client)
    again.submit(email=NEW)
    again.submit(password="another good password")
    assert again.errors == {"password": "error.password_wrong"}


def test_a_known_address_goes_to_sign_in_where_codes_are_off(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods=PASSWORDS_ONLY))
    make.user(client.tenant, NEW)
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, password="another good password")
    visitor.submit(code=make.code(client.tenant, NEW))
    assert (visitor.screen, visitor.message) == ("identify", "sign_up.account_exists")
    assert visitor.value("email") == NEW
    visitor.submit(email=NEW)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert len(rows(User, client.tenant)) == 1


def test_a_disabled_account_is_not_signed_up_again(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, NEW)
    with write(client.tenant.id) as session:
        people_status.disable(session, CLI, user.id)
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW)
    visitor.submit(code=make.code(client.tenant, NEW))
    assert (visitor.status, visitor.message) == (422, "error.account_disabled")
    assert len(rows(User, client.tenant)) == 1


def test_two_sign_ups_of_one_address_make_one_user(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    one, other = visit(client, prompt="create"), visit(client, prompt="create")
    one.submit(email=NEW)
    code_of_one = make.code(client.tenant, NEW)
    other.submit(email=NEW.upper())
    code_of_other = make.code(client.tenant, NEW.upper().replace("EXAMPLE.COM", "example.com"))
    one.submit(code=code_of_one)
    other.submit(code=code_of_other)
    assert claims(app, one)["sub"] == claims(app, other)["sub"]
    assert len(rows(User, client.tenant)) == 1


def test_a_sign_up_that_lost_the_race_enters_the_account_of_the_winner(
    app: Flask, make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make.client(make.tenant())
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW)
    user = make.user(client.tenant, NEW)
    find, seen = people.find_by_email, []

    def late(session: Any, key: str) -> Any:
        """The first look finds nobody: the other's commit is not there yet."""
        seen.append(key)
        return None if len(seen) == 1 else find(session, key)

    monkeypatch.setattr(people, "find_by_email", late)
    visitor.submit(code=make.code(client.tenant, NEW))
    monkeypatch.undo()
    assert claims(app, visitor)["sub"] == user.id
    assert len(rows(User, client.tenant)) == 1


def test_a_closed_sign_up_is_a_sign_in(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods={**CODES_ONLY, "sign_up_open": False}))
    visitor = visit(client, prompt="create")
    assert visitor.screen == "identify"
    assert "sign_up" not in visitor.actions
    visitor.submit("sign_up")
    assert (visitor.status, visitor.screen) == (422, "identify")
    visitor.submit(email=NEW, password=PASSWORD)
    visitor.submit(code="000000")
    assert rows(User, client.tenant) == []
    assert audited(client.tenant, "email_code.started") == [{"purpose": "sign_in"}]


def test_from_sign_in_to_sign_up_and_back(make: Factory, visit: Visit) -> None:
    visitor = visit(make.client(make.tenant()))
    visitor.submit("sign_up", email="half typed")
    assert (visitor.screen, visitor.value("email")) == ("sign_up", "half typed")
    visitor.submit("sign_in")
    assert (visitor.screen, visitor.value("email")) == ("identify", "half typed")
