"""Who is asked for a second factor: by tenant, organization, role and user, and where a method is
not taken (M06, M07, M12, L08)."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import write
from app.directory import (
    organizations,
    organizations_policy,
    people_status,
    required_factors,
    settings_store,
)
from app.directory.settings import OrganizationPolicy
from app.directory.tenants import Tenant
from tests.factories import Factory, MadeClient, MadeUser
from tests.journeys.moves import claims, redeemed
from tests.journeys.second import after_password, code_of, shown_secret
from tests.visitors import HtmlVisitor, Visit, Visitor

ONE, TWO = "urn:authpage:acr:1fa", "urn:authpage:acr:2fa"
APPS_ONLY = {"second": ["totp"]}


def organization(
    make: Factory,
    tenant: Tenant,
    user: MadeUser,
    name: str = "Northwind",
    *roles: str,
    **policy: object,
) -> str:
    """An organization with this policy that the user belongs to."""
    made = make.organization(tenant, name, user, roles=roles or ("member",))
    with write(tenant.id) as session:
        asked = OrganizationPolicy.model_validate(policy)
        organizations_policy.set_policy(session, CLI, made, asked)
    return made


def arrived(app: Flask, visitor: Visitor) -> str:
    """The class that the app is told, once the person is back there."""
    assert visitor.answer is not None, (visitor.screen, visitor.message, visitor.errors)
    return str(claims(app, visitor)["acr"])


def enrolled(visitor: Visitor) -> str:
    """Set up an app where it is asked for; its secret."""
    assert visitor.screen == "enrol", (visitor.screen, visitor.message)
    visitor.submit("enrol:totp")
    secret = shown_secret(visitor)
    visitor.submit(code=code_of(secret))
    assert visitor.screen == "recovery_codes"
    visitor.submit()
    return secret


@pytest.mark.parametrize("mfa", ["off", "optional", "required"])
def test_the_tenant_asks_of_those_who_have_an_app(
    app: Flask, make: Factory, visit: Visit, mfa: str
) -> None:
    client = make.client(make.tenant(policy={"mfa": mfa}, methods=APPS_ONLY))
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    if mfa == "off":
        assert arrived(app, visitor) == ONE
        return
    assert visitor.screen == "totp"
    visitor.submit(code=code_of(secret))
    assert arrived(app, visitor) == TWO


@pytest.mark.parametrize("mfa", ["off", "optional", "required"])
def test_the_tenant_asks_of_those_who_have_none(
    app: Flask, make: Factory, visit: Visit, mfa: str
) -> None:
    client = make.client(make.tenant(policy={"mfa": mfa}, methods=APPS_ONLY))
    visitor = after_password(visit, client, make.user(client.tenant))
    if mfa != "required":
        assert arrived(app, visitor) == ONE
        return
    enrolled(visitor)
    assert arrived(app, visitor) == TWO


@pytest.mark.parametrize("by", ["organization", "role", "tenant's list of roles", "user"])
def test_a_single_record_may_require_it(app: Flask, make: Factory, visit: Visit, by: str) -> None:
    roles = ["member"] if by == "tenant's list of roles" else []
    client = make.client(make.tenant(policy={"mfa": "off", "mfa_roles": roles}, methods=APPS_ONLY))
    user = make.user(client.tenant)
    asked = {"mfa": "required"} if by == "organization" else {}
    organization(make, client.tenant, user, **asked)
    with write(client.tenant.id) as session:
        if by == "role":
            required_factors.of_role(session, CLI, "member", required=True)
        if by == "user":
            required_factors.of_user(session, CLI, user.id, required=True)
    visitor = after_password(visit, client, user)
    enrolled(visitor)
    assert arrived(app, visitor) == TWO


def test_an_organization_that_is_chosen_late_asks_then(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(methods=APPS_ONLY, policy={"mfa": "off"}))
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    organization(make, client.tenant, user, "Easy")
    organization(make, client.tenant, user, "Strict", mfa="required")
    for name, expected in (("Easy", ONE), ("Strict", TWO)):
        visitor = after_password(visit, client, user)
        assert visitor.screen == "choose_organization"
        visitor.choose(name)
        if name == "Strict":
            assert visitor.screen == "totp"
            visitor.submit(code=code_of(secret))
        assert arrived(app, visitor) == expected


def test_an_organization_asks_for_its_own_methods(app: Flask, make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods={"sign_in": ["password", "email_code"]}))
    user = make.user(client.tenant)
    organization(make, client.tenant, user, "Easy")
    organization(make, client.tenant, user, "Strict", methods=["email_code"])
    visitor = after_password(visit, client, user)
    visitor.choose("Strict")
    assert visitor.screen == "email_code", visitor.screen
    assert "use:password" not in visitor.actions
    visitor.submit(code=make.code(client.tenant, user.email))
    found = claims(app, visitor)
    assert found["amr"] == ["otp", "pwd"]
    assert found["acr"] == ONE


def test_nobody_acts_for_an_organization_whose_methods_are_all_switched_off(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(methods={"sign_in": ["password", "email_code"]}))
    user = make.user(client.tenant)
    made = organization(make, client.tenant, user, methods=["email_code"])
    with write(client.tenant.id) as session:
        settings_store.publish(session, CLI, "methods", {"sign_in": ["password"]})
    assert "org_id" not in claims(app, after_password(visit, client, user))
    visitor = after_password(visit, client, user, organization=made)
    assert (visitor.answer, visitor.message) == (None, "error.organization_not_theirs")


def test_m06_where_nothing_can_be_set_up_nobody_gets_in(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(policy={"mfa": "required"}, methods={"second": ["sms_code"]}))
    visitor = after_password(visit, client, make.user(client.tenant))
    assert visitor.answer is not None
    assert visitor.answer["error"] == "access_denied"
    assert "code" not in visitor.answer


def test_l08_recovery_asks_for_the_second_factor_before_the_new_password(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit("recover")
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    assert visitor.screen == "totp"
    assert "trust" not in visitor.fields
    visitor.submit(code=code_of(secret))
    assert visitor.screen == "new_password"
    visitor.submit(password="a wholly different sentence")
    assert arrived(app, visitor) == TWO


@pytest.mark.parametrize("who", ["user", "organization"])
def test_m12_disabled_between_the_factors_nobody_gets_tokens(
    app: Flask, make: Factory, visit: Visit, who: str
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    made = organization(make, client.tenant, user)
    visitor = after_password(visit, client, user, organization=made)
    assert visitor.screen == "totp"
    with write(client.tenant.id) as session:
        if who == "user":
            people_status.disable(session, CLI, user.id)
        else:
            organizations.disable(session, CLI, made)
    visitor.submit(code=code_of(secret))
    if who == "user":
        assert visitor.answer is None
        return
    answer = redeemed(app, visitor)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


class TestLiveSessions:
    """What is answered without a question is held to the same policy."""

    @pytest.fixture
    def client(self, make: Factory) -> MadeClient:
        return make.client(make.tenant(methods=APPS_ONLY))

    def signed_in(self, app: Flask, client: MadeClient, user: MadeUser) -> HtmlVisitor:
        """A browser on which the user signed in by password."""
        browser = HtmlVisitor(app, client)
        browser.open()
        browser.submit(email=user.email)
        browser.submit(password=user.password or "")
        assert browser.answer is not None, browser.screen
        return browser

    def test_an_app_set_up_since_is_asked_for(
        self, app: Flask, make: Factory, client: MadeClient
    ) -> None:
        user = make.user(client.tenant)
        browser = self.signed_in(app, client, user)
        secret = make.authenticator(client.tenant, user)
        browser.open(prompt="none")
        assert browser.answer is not None
        assert browser.answer["error"] == "login_required"
        browser.open()
        assert browser.screen == "totp"
        browser.submit(code=code_of(secret))
        assert arrived(app, browser) == TWO
        browser.open(prompt="none")
        assert arrived(app, browser) == TWO

    def test_an_organization_that_asks_more_is_not_entered_silently(
        self, app: Flask, make: Factory, client: MadeClient
    ) -> None:
        user = make.user(client.tenant)
        organization(make, client.tenant, user, "Easy")
        strict = organization(make, client.tenant, user, "Strict", mfa="required")
        browser = HtmlVisitor(app, client)
        browser.open(organization="easy")
        browser.submit(email=user.email)
        browser.submit(password=user.password or "")
        assert arrived(app, browser) == ONE
        browser.open(organization=strict, prompt="none")
        assert browser.answer is not None
        assert browser.answer["error"] == "login_required"
        browser.open(organization=strict)
        enrolled(browser)
        assert claims(app, browser)["org_id"] == strict

    def test_an_organizations_methods_are_asked_for(self, app: Flask, make: Factory) -> None:
        client = make.client(make.tenant(methods={"sign_in": ["password", "email_code"]}))
        user = make.user(client.tenant)
        strict = organization(make, client.tenant, user, "Strict")
        browser = self.signed_in(app, client, user)
        with write(client.tenant.id) as session:
            asked = OrganizationPolicy(methods=("email_code",))
            organizations_policy.set_policy(session, CLI, strict, asked)
        browser.open(prompt="none")
        assert (browser.answer or {})["error"] == "login_required"
        browser.open()
        browser.submit()
        assert browser.screen == "email_code"
        browser.submit(code=make.code(client.tenant, user.email))
        assert claims(app, browser)["org_id"] == strict
        browser.open(prompt="none")
        assert claims(app, browser)["org_id"] == strict

    def test_m09_an_old_session_sets_up_nothing_by_itself(
        self, app: Flask, make: Factory, client: MadeClient
    ) -> None:
        user = make.user(client.tenant)
        browser = self.signed_in(app, client, user)
        with write(client.tenant.id) as session:
            required_factors.of_user(session, CLI, user.id, required=True)
        browser.open()
        assert browser.screen == "enrol"
        clock.move(601)
        browser.open()
        assert browser.screen == "password", browser.screen
        browser.submit(password=user.password or "")
        enrolled(browser)
        assert arrived(app, browser) == TWO

    def test_what_was_put_off_is_not_asked_again_while_the_session_lives(
        self, app: Flask, make: Factory
    ) -> None:
        policy = {"mfa": "required", "enrolments_put_off": 1}
        client = make.client(make.tenant(policy=policy, methods=APPS_ONLY))
        user = make.user(client.tenant)
        browser = HtmlVisitor(app, client)
        browser.open()
        browser.submit(email=user.email)
        browser.submit(password=user.password or "")
        browser.submit("later")
        assert arrived(app, browser) == ONE
        browser.open(prompt="none")
        assert arrived(app, browser) == ONE
        other = HtmlVisitor(app, client)
        other.open()
        other.submit(email=user.email)
        other.submit(password=user.password or "")
        assert "later" not in other.actions


def test_an_organization_asks_what_the_one_above_it_asks(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(methods=APPS_ONLY, policy={"mfa": "off"}))
    user = make.user(client.tenant)
    holding = organization(make, client.tenant, make.user(client.tenant), mfa="required")
    with write(client.tenant.id) as session:
        below = organizations.create(session, CLI, name="Labs", parent_id=holding)
        organizations.join(session, CLI, below, user.id, ["member"])
    visitor = after_password(visit, client, user, organization="labs")
    enrolled(visitor)
    assert arrived(app, visitor) == TWO
