"""The OpenAPI document of the headless API: valid, and true of what is really answered."""

from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from app.flow import gallery
from app.headless.problems import CODES
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import wrong
from tests.visitors import JsonVisitor, authorization

Document = dict[str, Any]


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(organizations={"creation_open": True}))


@pytest.fixture
def document(app: Flask, client: MadeClient) -> Document:
    response = app.test_client().get(f"{client.tenant.issuer}/headless/v1/openapi.json")
    assert response.status_code == 200
    return dict(response.get_json())


def _check(document: Document, visitor: JsonVisitor, path: str, method: str = "post") -> None:
    """Whether the visitor's last answer is what the document promises for its status."""
    assert visitor.last is not None
    operation = document["paths"][path][method]
    promised = operation["responses"][str(visitor.status)]["content"]
    schema = promised[visitor.last.mimetype]["schema"]
    whole = {**schema, "components": document["components"]}
    faults = [each.message for each in OAS31Validator(whole).iter_errors(visitor.body)]
    assert faults == []


def test_the_document_is_valid(document: Document, client: MadeClient) -> None:
    validate(document)
    assert document["servers"] == [{"url": f"{client.tenant.issuer}/headless/v1"}]


def test_every_screen_and_code_is_in_it(document: Document, client: MadeClient) -> None:
    schemas = document["components"]["schemas"]
    names = {name.removeprefix("Screen_") for name in schemas if name.startswith("Screen_")}
    assert names == set(gallery.screens(client.tenant))
    assert {
        "identify",
        "password",
        "email_code",
        "sign_up",
        "choose_account",
        "choose_organization",
        "new_organization",
        "consent",
        "new_password",
        "change_breached",
        "enrol",
        "enrol_totp",
        "totp",
        "recovery_code",
        "recovery_codes",
        "notice",
    } <= names
    text = str(document)
    assert [code for code in CODES if code not in text] == []


def test_a_tenant_with_links_and_sms_has_their_screens(make: Factory) -> None:
    methods = {"sign_in": ["magic_link", "sms_code"], "sign_up": []}
    tenant = make.tenant(methods=methods, identifiers={"phone": "optional"})
    assert {"magic_link", "sms_code"} <= set(gallery.screens(tenant))


def test_a_tenant_that_closed_everything_still_asks_for_codes(make: Factory) -> None:
    methods = {"sign_up_open": False, "recovery_open": False}
    names = set(gallery.screens(make.tenant(methods=methods)))
    assert {"identify", "password", "email_code"} <= names
    assert not {"sign_up", "new_password"} & names


def test_real_answers_are_as_promised(
    app: Flask, make: Factory, client: MadeClient, document: Document
) -> None:
    user = make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    visitor = JsonVisitor(app, client)
    visitor.open()
    _check(document, visitor, "/flows")
    steps: list[tuple[str | None, dict[str, str]]] = [
        ("nonsense", {}),
        (None, {"email": "no address"}),
        (None, {"email": user.email}),
        (None, {"password": "not the right one"}),
        ("use:email_code", {}),
        ("resend", {}),
        (None, {"code": "12"}),
        (None, {"code": "{wrong}"}),
        ("use:password", {}),
        (None, {"password": PASSWORD}),
        ("new", {}),
        (None, {"name": ""}),
        ("back", {}),
        ("choose", {"choice": "{organization}"}),
    ]
    seen = set()
    for action, fields in steps:
        code = wrong(make.code(client.tenant, user.email)) if "{wrong}" in fields.values() else ""
        choice = visitor.choices[0] if "{organization}" in fields.values() else ""
        known = {"{wrong}": code, "{organization}": choice}
        visitor.take(visitor.post(action, **{k: known.get(v, v) for k, v in fields.items()}))
        _check(document, visitor, "/flows/{flow_id}")
        seen.add((visitor.status, visitor.body["outcome"]))
    assert seen == {(200, "show"), (422, "wrong"), (429, "wrong"), (200, "finished")}
    visitor.take(visitor.post())
    _check(document, visitor, "/flows/{flow_id}")
    assert visitor.body["code"] == "flow_finished"


def test_refusals_and_problems_are_as_promised(
    app: Flask, make: Factory, client: MadeClient, document: Document
) -> None:
    user = make.user(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open(organization="no-such-organization")
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    _check(document, visitor, "/flows/{flow_id}")
    visitor.take(visitor.post("cancel"))
    _check(document, visitor, "/flows/{flow_id}")
    assert visitor.body["outcome"] == "refused"
    url = f"{visitor.base}/headless/v1/flows"
    for options in (
        {"json": {"authorize": authorization(client, client_id="cli_unknown")}},
        {"data": b"{", "content_type": "application/json"},
        {"data": b"{}", "content_type": "text/plain"},
        {"data": b"{" + b" " * 70_000, "content_type": "application/json"},
    ):
        visitor.take(visitor.http.post(url, **options))
        _check(document, visitor, "/flows")
        assert visitor.body["code"] in CODES


def test_sign_up_and_recovery_screens_are_as_promised(
    app: Flask, make: Factory, client: MadeClient, document: Document
) -> None:
    visitor = JsonVisitor(app, client)
    visitor.open(prompt="create")
    _check(document, visitor, "/flows")
    visitor.submit(email="new@example.com", metadata={"plan": "gold"})
    _check(document, visitor, "/flows/{flow_id}")
    user = make.user(client.tenant)
    recovering = JsonVisitor(app, client)
    recovering.open_as("recover")
    recovering.submit(email=user.email)
    recovering.submit(code=make.code(client.tenant, user.email))
    assert recovering.screen == "new_password"
    _check(document, recovering, "/flows/{flow_id}")
