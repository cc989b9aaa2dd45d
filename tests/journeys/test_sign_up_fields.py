"""A tenant's own questions at sign-up, asked and answered as a page and headless."""

from typing import Any

import pytest
from flask import Flask

from app.database import read
from app.directory import people
from app.models import User
from tests.factories import Factory, MadeClient
from tests.journeys.moves import claims
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

NEW = "new@example.com"
COMPANY = {
    "name": "company",
    "kind": "text",
    "label": {"en": "Company", "de": "Firma"},
    "required": True,
    "max_length": 20,
    "pattern": "[A-Z].*",
}
PLAN = {
    "name": "plan",
    "kind": "choice",
    "label": {"en": "Plan"},
    "choices": ["Small", "Large & loud"],
}
NEWS = {"name": "news", "kind": "checkbox", "label": {"en": "Send me news"}}
TERMS = {
    "name": "terms",
    "kind": "consent",
    "label": {"en": "I accept the terms"},
    "required": True,
    "version": "2026-11",
    "url": "https://acme.example/terms",
}
RIGHT = {"email": NEW, "company": "Northwind", "plan": "Large & loud", "news": "yes"}


@pytest.fixture
def client(make: Factory) -> MadeClient:
    fields: list[dict[str, Any]] = [COMPANY, PLAN, NEWS, TERMS]
    return make.client(make.tenant(sign_up={"fields": fields}))


def user_of(client: MadeClient, user_id: str) -> User:
    with read(client.tenant.id) as session:
        found = people.get(session, user_id)
        assert found is not None
        return found


def finish(make: Factory, visitor: Visitor) -> None:
    assert visitor.screen == "email_code", visitor.errors
    visitor.submit(code=make.code(visitor.client.tenant, NEW))


def test_answers_are_public_and_consents_are_kept_with_what_was_agreed_to(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    visitor = visit(client, prompt="create")
    assert visitor.fields >= {"company", "plan", "news", "terms"}
    visitor.submit(**RIGHT, terms="yes")
    finish(make, visitor)
    user = user_of(client, claims(app, visitor)["sub"])
    assert user.public_metadata == {"company": "Northwind", "plan": "Large & loud", "news": True}
    (consent,) = user.private_metadata["consents"]
    assert consent.pop("at").endswith("Z")
    assert consent == {
        "name": "terms",
        "version": "2026-11",
        "locale": "en",
        "address": "127.0.0.1",
    }


def test_what_may_be_left_out_may_be_left_out(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    visitor = visit(client, prompt="create")
    visitor.submit(email=NEW, company="Northwind", terms="yes")
    finish(make, visitor)
    user = user_of(client, claims(app, visitor)["sub"])
    assert user.public_metadata == {"company": "Northwind", "news": False}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"terms": ""}, {"terms": "error.consent_missing"}),
        ({"terms": "no"}, {"terms": "error.consent_missing"}),
        ({"company": " "}, {"company": "error.field_missing"}),
        ({"company": "northwind"}, {"company": "error.field_form"}),
        ({"company": "N" * 21}, {"company": "error.field_long"}),
        ({"company": "N\u202enorthwind"}, {"company": "error.field_form"}),
        ({"plan": "Free"}, {"plan": "error.choice_unknown"}),
        ({"news": "perhaps"}, {"news": "error.field_form"}),
        (
            {"plan": "Free", "company": ""},
            {"plan": "error.choice_unknown", "company": "error.field_missing"},
        ),
    ],
)
def test_wrong_answers_are_said_at_their_fields(
    visit: Visit, client: MadeClient, given: dict[str, str], errors: dict[str, str]
) -> None:
    visitor = visit(client, prompt="create")
    visitor.submit(**{**RIGHT, "terms": "yes", **given})
    assert visitor.status == 422
    assert visitor.errors == errors
    assert visitor.value("email") == NEW


def test_the_page_asks_in_the_words_of_the_tenant(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    visitor = HtmlVisitor(app, client)
    visitor.open(prompt="create", ui_locales="de")
    labels = {label.get("for"): "".join(label.itertext()) for label in visitor.page.all("label")}
    assert labels["company"] == "Firma"
    options = [option.get("value") for option in visitor.page.all("option")]
    assert options[:3] == ["", "Small", "Large & loud"]
    (link,) = [a for a in visitor.page.all("a") if a.get("href") == TERMS["url"]]
    assert "".join(link.itertext()) == "Lesen: I accept the terms"
    visitor.submit(email=NEW, plan="Large & loud")
    (chosen,) = [o for o in visitor.page.all("option") if o.get("selected") is not None]
    assert chosen.get("value") == "Large & loud"


def test_an_app_gets_the_questions_as_data(app: Flask, client: MadeClient) -> None:
    visitor = JsonVisitor(app, client)
    visitor.open(prompt="create", ui_locales="de")
    fields = {each["name"]: each for each in visitor.shown["fields"]}
    assert fields["company"]["label"] == {"id": "sign_up.fields.company", "text": "Firma"}
    assert (fields["plan"]["kind"], fields["plan"]["options"]) == ("select", PLAN["choices"])
    assert fields["terms"]["kind"] == "checkbox"
    assert fields["terms"]["url"] == TERMS["url"]
    assert fields["news"]["required"] is False
    assert "said" not in fields["news"]


def test_answers_of_an_app_win_over_its_metadata(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    visitor = JsonVisitor(app, client)
    visitor.open(prompt="create")
    visitor.submit(**RIGHT, terms="yes", metadata={"company": "forged", "source": "app"})
    finish(make, visitor)
    user = user_of(client, claims(app, visitor)["sub"])
    assert user.public_metadata["company"] == "Northwind"
    assert user.public_metadata["source"] == "app"
