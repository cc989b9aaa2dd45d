"""How strongly a person must be proven for a sensitive change of the account (M07, M09)."""

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import organizations_policy, required_factors
from app.directory.settings import OrganizationPolicy
from tests.account.resident import Resident
from tests.factories import Factory, MadeClient
from tests.journeys.second import code_of
from tests.visitors import HtmlVisitor


def _client(make: Factory) -> MadeClient:
    """Of a tenant that asks nobody for a second factor."""
    return make.client(make.tenant(policy={"mfa": "off"}, methods={"second": ["totp"]}))


@pytest.mark.parametrize("by", ["organization", "role"])
def test_m09_what_any_organization_asks_counts_for_the_account(
    app: Flask, make: Factory, by: str
) -> None:
    client = _client(make)
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    make.organization(client.tenant, "Easy", user, roles=("member",))
    strict = make.organization(client.tenant, "Strict", user, roles=("owner",))
    with write(client.tenant.id) as session:
        if by == "organization":
            asked = OrganizationPolicy(mfa="required")
            organizations_policy.set_policy(session, CLI, strict, asked)
        else:
            required_factors.of_role(session, CLI, "owner", required=True)
    thief = HtmlVisitor(app, client)
    thief.open(organization="easy")
    thief.submit(email=user.email)
    thief.submit(password=user.password or "")
    assert thief.answer is not None, "For the easy organization a password is enough."
    for path in ("/authenticators/new", "/passkeys/new", "/emails/add", "/delete"):
        thief.follow(thief.get(f"{thief.base}/account{path}"))
        assert thief.screen == "totp", (path, thief.screen)
    thief.submit(code=code_of(secret))
    assert thief.url == f"{thief.base}/account/delete"


def test_m09_nobody_is_asked_for_a_factor_that_nobody_asks_for(app: Flask, make: Factory) -> None:
    client = _client(make)
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    person = Resident(app, client, user)
    person.go("/emails/add")
    assert person.screen == "add_email"
