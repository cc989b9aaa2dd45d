"""Refresh tokens: rotation, grace, theft, and every end."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import clock, purge
from tests.protocol.provider import Party, Provider

DAY = 86_400


class SignedIn:
    """A person signed in at a client."""

    def __init__(self, provider: Provider, **registration: Any) -> None:
        self.provider = provider
        self.party: Party = provider.party(**registration)
        self.user_id = provider.person()
        self.browser = provider.browser()
        self.session_id = provider.sign_in(self.browser, self.user_id)
        self.tokens = provider.tokens(self.browser, self.party)

    def refresh(self, token: str | None = None, **changes: str) -> TestResponse:
        form = self.party.refresh_form(token or self.tokens["refresh_token"], **changes)
        return self.provider.token(self.party, form)

    def succeed(self, token: str | None = None, **changes: str) -> dict[str, Any]:
        response = self.refresh(token, **changes)
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def fail(self, token: str | None = None, **changes: str) -> str:
        response = self.refresh(token, **changes)
        assert response.status_code == 400, response.text
        return str(response.get_json()["error"])


@pytest.fixture
def signed_in(provider: Provider) -> SignedIn:
    return SignedIn(provider)


def test_every_use_rotates(signed_in: SignedIn) -> None:
    first = signed_in.tokens["refresh_token"]
    tokens = [first]
    for _ in range(3):
        tokens.append(signed_in.succeed(tokens[-1])["refresh_token"])

    assert len(set(tokens)) == 4
    assert signed_in.provider.family_count() == 1


def test_a_refreshed_id_token_is_the_same_sign_in(signed_in: SignedIn) -> None:
    before = signed_in.provider.claims(signed_in.tokens["id_token"])
    clock.move(60)

    after = signed_in.provider.claims(signed_in.succeed()["id_token"])

    for name in ("iss", "sub", "aud", "auth_time", "sid", "amr", "acr"):
        assert after[name] == before[name]
    assert "nonce" not in after
    assert after["iat"] >= before["iat"] + 60


def test_f01_parallel_refreshes_agree(signed_in: SignedIn) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: signed_in.refresh(), range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.get_json()["refresh_token"] for answer in answers}) == 1
    assert signed_in.provider.family_count() == 1
    signed_in.succeed(answers[0].get_json()["refresh_token"])


def test_f04_a_lost_answer_is_given_again_within_the_grace(signed_in: SignedIn) -> None:
    lost = signed_in.succeed()["refresh_token"]
    clock.move(9)

    again = signed_in.succeed()["refresh_token"]

    assert again == lost
    signed_in.succeed(again)


def test_reuse_after_the_grace_ends_the_family(signed_in: SignedIn) -> None:
    successor = signed_in.succeed()
    clock.move(11)

    assert signed_in.fail() == "invalid_grant"
    assert signed_in.fail(successor["refresh_token"]) == "invalid_grant"
    assert signed_in.provider.userinfo(successor["access_token"]).status_code == 401
    assert signed_in.provider.events("refresh.reused") == 1
    assert signed_in.provider.tokens(signed_in.browser, signed_in.party, prompt="none")


def test_a_token_two_generations_old_is_reuse_even_at_once(signed_in: SignedIn) -> None:
    second = signed_in.succeed()["refresh_token"]
    third = signed_in.succeed(second)["refresh_token"]

    assert signed_in.fail() == "invalid_grant"
    assert signed_in.fail(third) == "invalid_grant"


def test_reuse_ends_every_session_where_the_tenant_says_so(provider: Provider) -> None:
    provider.settle("tokens", reuse_ends_sessions=True)
    signed_in = SignedIn(provider)
    elsewhere = provider.browser()
    provider.sign_in(elsewhere, signed_in.user_id)
    other = provider.tokens(elsewhere, signed_in.party)
    signed_in.succeed()
    clock.move(11)

    assert signed_in.fail() == "invalid_grant"

    assert signed_in.fail(other["refresh_token"]) == "invalid_grant"
    for browser in (signed_in.browser, elsewhere):
        request = signed_in.party.request(prompt="none")
        location = provider.authorize(browser, request).headers["Location"]
        assert "error=login_required" in location


def test_f05_without_grace_one_of_fifty_succeeds(provider: Provider) -> None:
    provider.settle("lifetimes", refresh_grace=0)
    signed_in = SignedIn(provider)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: signed_in.refresh(), range(50)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49


@pytest.mark.parametrize(
    "act", ["disable_user", "end_session", "end_all", "password", "end_everything"]
)
def test_f06_a_refresh_ends_with_what_it_came_from(signed_in: SignedIn, act: str) -> None:
    provider, user_id = signed_in.provider, signed_in.user_id
    acts = {
        "disable_user": lambda: provider.disable_user(user_id),
        "end_session": lambda: provider.end_session(signed_in.session_id),
        "end_all": lambda: provider.end_all_sessions(user_id),
        "password": lambda: provider.set_password(user_id),
        "end_everything": provider.end_everything,
    }

    acts[act]()

    assert signed_in.fail() == "invalid_grant"
    assert provider.userinfo(signed_in.tokens["access_token"]).status_code == 401


def test_f06_a_revoked_consent_ends_it(provider: Provider) -> None:
    party, user_id = provider.party(is_first_party=False), provider.person()
    grant_id = provider.consent(user_id, party, "openid", "profile", "email")
    browser = provider.browser()
    provider.sign_in(browser, user_id)
    tokens = provider.tokens(browser, party)

    provider.revoke_consent(grant_id)

    response = provider.token(party, party.refresh_form(tokens["refresh_token"]))
    assert response.get_json()["error"] == "invalid_grant"


def test_f06_a_member_who_left_gets_no_more_tokens(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    organization_id = provider.organization("Initech", user_id)
    provider.sign_in(browser, user_id)
    tokens = provider.tokens(browser, party)

    provider.leave(organization_id, user_id)

    response = provider.token(party, party.refresh_form(tokens["refresh_token"]))
    assert response.get_json()["error"] == "invalid_grant"


def test_f07_another_client_gets_nothing_and_spoils_nothing(signed_in: SignedIn) -> None:
    thief = signed_in.provider.party()

    stolen = signed_in.provider.token(thief, thief.refresh_form(signed_in.tokens["refresh_token"]))

    assert stolen.get_json()["error"] == "invalid_grant"
    signed_in.succeed()


def test_f07_the_scope_may_shrink_and_never_grow(signed_in: SignedIn) -> None:
    narrow = signed_in.succeed(scope="openid email")
    assert narrow["scope"] == "openid email"
    told = signed_in.provider.userinfo(narrow["access_token"]).get_json()
    assert set(told) == {"sub", "is_anonymous", "email", "email_verified"}

    assert signed_in.fail(narrow["refresh_token"], scope="openid organizations") == "invalid_scope"
    clock.move(60)

    whole = signed_in.succeed(narrow["refresh_token"])
    assert whole["scope"] == "openid profile email"


def test_f08_the_absolute_end_holds_however_often_it_slides(signed_in: SignedIn) -> None:
    token = signed_in.tokens["refresh_token"]
    for _ in range(5):
        clock.move(5 * DAY)
        token = signed_in.succeed(token)["refresh_token"]
    clock.move(5 * DAY + 1)

    assert signed_in.fail(token) == "invalid_grant"


def test_the_idle_end(signed_in: SignedIn) -> None:
    clock.move(7 * DAY + 1)

    assert signed_in.fail() == "invalid_grant"


def test_switching_the_organization(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    initech = provider.organization("Initech", user_id, "admin")
    provider.sign_in(browser, user_id)
    tokens = provider.tokens(browser, party)
    globex = provider.organization("Globex", user_id)
    strangers = provider.organization("Hooli", provider.person("bob@example.com"))

    def refresh(token: str, organization: str | None = None) -> TestResponse:
        return provider.token(party, party.refresh_form(token, organization=organization))

    refused = refresh(tokens["refresh_token"], strangers)
    switched = refresh(tokens["refresh_token"], "globex").get_json()
    kept = refresh(switched["refresh_token"]).get_json()

    assert provider.claims(tokens["access_token"])["org_id"] == initech
    assert refused.get_json()["error"] == "access_denied"
    for answer in (switched, kept):
        claims = provider.claims(answer["access_token"])
        assert (claims["org_id"], claims["roles"]) == (globex, ["member"])


@pytest.mark.parametrize("change", ["family", "generation", "signature", "tenant", "form"])
def test_a_changed_token_is_none(signed_in: SignedIn, change: str) -> None:
    family, generation, signature = signed_in.tokens["refresh_token"].split(".")
    changed = {
        "family": f"{family[::-1]}.{generation}.{signature}",
        "generation": f"{family}.1.{signature}",
        "signature": f"{family}.{generation}.{signature[::-1]}",
        "tenant": SignedIn(Provider(signed_in.provider.app)).tokens["refresh_token"],
        "form": "x",
    }

    assert signed_in.fail(changed[change]) == "invalid_grant"
    signed_in.succeed()


def test_dead_families_are_purged_and_living_ones_stay(signed_in: SignedIn) -> None:
    provider, party = signed_in.provider, signed_in.party
    provider.tokens(signed_in.browser, party)
    clock.move(29 * DAY)
    provider.sign_in(signed_in.browser, signed_in.user_id)
    provider.tokens(signed_in.browser, party)
    assert provider.family_count() == 3

    clock.move(3 * DAY)
    with provider.app.app_context():
        while purge.run_once():
            pass

    assert provider.family_count() == 1
