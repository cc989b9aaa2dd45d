"""What several journeys do on their way."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.database import read
from app.directory import people
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.extensions import db
from app.models import AuditEvent
from app.models.base import TenantOwned
from tests.factories import REDIRECT_URI, Factory, MadeClient
from tests.visitors import VERIFIER, Visit, Visitor

CODES_ONLY = {"sign_in": ["email_code"], "sign_up": ["email_code"]}
PASSWORDS_ONLY = {"sign_in": ["password"], "sign_up": ["password"]}
NOBODY = "nobody@example.com"


def awaiting_code(visit: Visit, client: MadeClient, email: str, **parameters: str) -> Visitor:
    """A visitor whose sign-in has sent a code to the address."""
    visitor = visit(client, **parameters)
    visitor.submit(email=email)
    if visitor.screen == "password":
        visitor.submit("use:email_code")
    return visitor


def signed_in(visit: Visit, make: Factory, client: MadeClient, email: str) -> Visitor:
    """A visitor who is back at the client, signed in by code."""
    visitor = awaiting_code(visit, client, email)
    visitor.submit(code=make.code(client.tenant, email))
    assert visitor.answer is not None, visitor.message
    return visitor


def person_of(client: MadeClient, user_id: str) -> Person:
    """The user as sign-in sees them."""
    with read(client.tenant.id) as session:
        found = people.snapshot_of(session, user_id)
    assert found is not None
    return found


def wrong(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def redeemed(app: Flask, visitor: Visitor) -> TestResponse:
    """The token endpoint's answer to the code that the visitor brought to the client."""
    assert visitor.answer is not None, (visitor.screen, visitor.message)
    client = visitor.client
    form = {
        "grant_type": "authorization_code",
        "code": visitor.answer["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": client.id,
        "client_secret": client.secret or "",
    }
    return app.test_client().post(f"{visitor.base}/oauth2/token", data=form)


def tokens(app: Flask, visitor: Visitor) -> dict[str, Any]:
    """What the token endpoint gives for the code that the visitor brought to the client."""
    response = redeemed(app, visitor)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def claims(app: Flask, visitor: Visitor) -> dict[str, Any]:
    """The claims of the visitor's ID token; who signed it, the protocol's tests check."""
    return claims_of(tokens(app, visitor)["id_token"])


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def rows(model: type[TenantOwned], tenant: Tenant) -> list[Any]:
    """Every row of that kind in the tenant, oldest first."""
    with read(tenant.id) as session:
        query = select(model).where(model.tenant_id == tenant.id).order_by(model.id)
        return list(session.scalars(query))


def audited(tenant: Tenant, name: str) -> list[dict[str, Any]]:
    """The data of each event of that kind, oldest first."""
    return [row.data for row in rows(AuditEvent, tenant) if row.event == name]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement that runs meanwhile, but for the look at the counter of changes that
    each process takes now and then."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM installation" not in statement:
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
