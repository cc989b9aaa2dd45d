"""A refresh may switch to another organization, but not past what that one asks for (M07)."""

import pytest

from app.actor import CLI
from app.directory import connections, organizations_policy, required_factors
from app.directory.settings import OrganizationPolicy
from tests.protocol.provider import Provider


class Member:
    """Somebody signed in by password alone for one of two organizations."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.party = provider, provider.party()
        self.user_id, self.browser = provider.person(), provider.browser()
        self.first = provider.organization("First", self.user_id)
        self.strict = provider.organization("Strict", self.user_id)
        provider.sign_in(self.browser, self.user_id)
        self.tokens = provider.tokens(self.browser, self.party, organization=self.first)

    def set_policy(self, **policy: object) -> None:
        """Let the strict organization ask this."""
        with self.provider.writing() as session:
            asked = OrganizationPolicy.model_validate(policy)
            organizations_policy.set_policy(session, CLI, self.strict, asked)

    def switch(self) -> tuple[int, str]:
        """Switch at a refresh: the status, and the organization or the error."""
        form = self.party.refresh_form(self.tokens["refresh_token"], organization=self.strict)
        response = self.provider.token(self.party, form)
        body = response.get_json()
        if response.status_code != 200:
            return response.status_code, str(body["error"])
        return 200, str(self.provider.claims(body["id_token"])["org_id"])


@pytest.fixture
def member(provider: Provider) -> Member:
    return Member(provider)


def test_an_organization_that_asks_nothing_more_is_switched_to(member: Member) -> None:
    assert member.switch() == (200, member.strict)


@pytest.mark.parametrize("policy", [{"mfa": "required"}, {"methods": ["email_code"]}])
def test_what_the_organization_asks_is_not_skipped(
    member: Member, policy: dict[str, object]
) -> None:
    member.set_policy(**policy)
    assert member.switch() == (400, "access_denied")
    member.set_policy()
    assert member.switch() == (200, member.strict), "The refused switch must spend no token."


def test_single_sign_on_that_the_organization_asks_is_not_skipped(member: Member) -> None:
    settings = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}
    with member.provider.writing() as session:
        connections.create(
            session,
            CLI,
            provider="custom_oidc",
            name="Corp",
            settings=connections.parse_settings(settings),
            organization_id=member.strict,
            secret="upstream-secret",
            status="active",
        )
    assert member.switch() == (200, member.strict)
    member.set_policy(sso="members")
    assert member.switch() == (400, "access_denied")


def test_what_a_role_there_asks_is_not_skipped(member: Member) -> None:
    with member.provider.writing() as session:
        required_factors.of_role(session, CLI, "member", required=True)
    assert member.switch() == (400, "access_denied")


def test_what_the_tenant_asks_of_everybody_is_no_matter_of_the_organization(
    member: Member,
) -> None:
    member.provider.settle("policy", mfa="required")
    assert member.switch() == (200, member.strict)
