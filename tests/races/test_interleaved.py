"""F12: flows of many people, interleaved in one process; nobody becomes somebody else."""

import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import read
from app.models import Session as SignedInSession
from app.models import TokenFamily
from tests.factories import PASSWORD, REDIRECT_URI, Factory, MadeClient, MadeUser
from tests.races.crowd import at_once
from tests.visitors import VERIFIER, HtmlVisitor, JsonVisitor

PEOPLE, FEW, MANY = 20, 10, 50
"""Each of the threads takes this many flows; twenty threads make 200, or 1,000."""


def _identity(app: Flask, client: MadeClient, answer: dict[str, str]) -> str:
    """The address that the userinfo endpoint tells for the code of this answer."""
    outside, base = app.test_client(), client.tenant.base_url
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": client.id,
        "client_secret": str(client.secret),
    }
    tokens = outside.post(f"{base}/oauth2/token", data=form).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    claims: dict[str, Any] = outside.get(f"{base}/oauth2/userinfo", headers=headers).get_json()
    return str(claims["email"])


def _flow(app: Flask, client: MadeClient, user: MadeUser, state: str, as_json: bool) -> str:
    visitor = (JsonVisitor if as_json else HtmlVisitor)(app, client)
    visitor.open(state=state)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert visitor.answer["state"] == state
    assert visitor.answer["iss"] == client.tenant.issuer
    return _identity(app, client, visitor.answer)


def _interleave(app: Flask, make: Factory, each: int) -> None:
    generous = {"passwords_per_network": 100_000, "passwords_per_account_and_network": 100_000}
    tenants = [make.tenant(limits=generous) for _ in range(2)]
    clients = [make.client(tenant) for tenant in tenants]
    people = [
        [make.user(tenant, f"person{n}@example.com") for n in range(PEOPLE)] for tenant in tenants
    ]

    def work(thread: int) -> list[tuple[str, str]]:
        chance, told = random.Random(thread), []
        for number in range(each):
            side, person = chance.randrange(2), chance.randrange(PEOPLE)
            user = people[side][person]
            state = f"{thread}.{number}.{user.id}"
            email = _flow(app, clients[side], user, state, as_json=bool(number % 2))
            told.append((user.email, email))
        return told

    for told in at_once(app, work, PEOPLE):
        assert all(wanted == found for wanted, found in told)
    for tenant, members in zip(tenants, people, strict=True):
        with read(tenant.id) as session:
            rows = session.execute(
                select(TokenFamily.user_id, SignedInSession.user_id)
                .join(
                    SignedInSession,
                    (SignedInSession.tenant_id == TokenFamily.tenant_id)
                    & (SignedInSession.id == TokenFamily.session_id),
                )
                .where(TokenFamily.tenant_id == tenant.id)
            ).all()
        assert rows
        assert all(one == other for one, other in rows)
        assert {one for one, _ in rows} <= {user.id for user in members}


def test_f12_interleaved_flows_never_cross(app: Flask, make: Factory) -> None:
    _interleave(app, make, FEW)


@pytest.mark.slow
def test_f12_a_thousand_interleaved_flows_never_cross(app: Flask, make: Factory) -> None:
    _interleave(app, make, MANY)
