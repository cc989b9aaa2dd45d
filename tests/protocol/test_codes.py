"""Authorization codes: once, for their client, with its verifier."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import clock
from app.oidc import families
from tests.protocol.provider import REDIRECT_URI, Provider


def error_of(response: object) -> str:
    body: dict[str, str] = response.get_json()  # type: ignore[attr-defined]
    return body["error"]


def test_r04_another_client_cannot_redeem_a_code_nor_spoil_it(provider: Provider) -> None:
    party, thief, browser = provider.party(), provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    stolen = provider.token(thief, party.code_form(code))
    owned = provider.token(party, party.code_form(code))

    assert error_of(stolen) == "invalid_grant"
    assert owned.status_code == 200


def test_r04_a_client_of_another_tenant_cannot_either(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)
    other = Provider(provider.app)
    thief = other.party()

    assert error_of(other.token(thief, party.code_form(code))) == "invalid_grant"
    assert provider.token(party, party.code_form(code)).status_code == 200


def test_r05_a_code_that_comes_back_ends_what_was_made_of_it(provider: Provider) -> None:
    """oidcc-codereuse and oidcc-codereuse-30seconds."""
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)
    tokens = provider.token(party, party.code_form(code)).get_json()
    assert provider.userinfo(tokens["access_token"]).status_code == 200

    clock.move(30)
    again = provider.token(party, party.code_form(code))
    refreshed = provider.token(party, party.refresh_form(tokens["refresh_token"]))

    assert error_of(again) == "invalid_grant"
    assert error_of(refreshed) == "invalid_grant"
    assert provider.userinfo(tokens["access_token"]).status_code == 401
    assert provider.events("code.reused") == 1


def test_r05_a_stranger_with_a_spent_code_ends_nothing(provider: Provider) -> None:
    party, thief, browser = provider.party(), provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)
    tokens = provider.token(party, party.code_form(code)).get_json()

    forged = f"{code.split('.')[0]}.{'x' * 43}"
    assert error_of(provider.token(thief, party.code_form(code))) == "invalid_grant"
    assert error_of(provider.token(party, party.code_form(forged))) == "invalid_grant"

    assert provider.userinfo(tokens["access_token"]).status_code == 200


def test_a_guessed_secret_spoils_nothing(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    forged = f"{code.split('.')[0]}.{'x' * 43}"

    assert error_of(provider.token(party, party.code_form(forged))) == "invalid_grant"
    assert provider.token(party, party.code_form(code)).status_code == 200


def test_r07_one_code_by_fifty_at_once_gives_one_answer(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    form = party.code_form(provider.code(browser, party))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: provider.token(party, form), range(50)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    assert {error_of(answer) for answer in answers if answer.status_code == 400} == {
        "invalid_grant"
    }
    assert provider.family_count() == 1


@pytest.mark.parametrize("verifier", [None, "", "a" * 42, "a" * 129, "a" * 43, "é" * 43])
def test_r08_a_wrong_verifier_burns_the_code(provider: Provider, verifier: str | None) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    wrong = provider.token(party, party.code_form(code, code_verifier=verifier))
    right = provider.token(party, party.code_form(code))

    assert wrong.status_code == 400
    assert error_of(wrong) in ("invalid_grant", "invalid_request")
    assert error_of(right) == "invalid_grant"
    assert provider.family_count() == 0


@pytest.mark.parametrize("uri", [None, f"{REDIRECT_URI}/", "https://evil.example/"])
def test_another_redirect_uri_burns_the_code(provider: Provider, uri: str | None) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    wrong = provider.token(party, party.code_form(code, redirect_uri=uri))
    right = provider.token(party, party.code_form(code))

    assert error_of(wrong) == "invalid_grant"
    assert error_of(right) == "invalid_grant"


def test_r09_an_injected_code_does_not_fit_the_victims_verifier(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    injected = provider.code(browser, party)
    party.verifier = "v" * 64

    assert error_of(provider.token(party, party.code_form(injected))) == "invalid_grant"


def test_a_code_lives_for_its_seconds_only(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    clock.move(61)

    assert error_of(provider.token(party, party.code_form(code))) == "invalid_grant"


def test_an_epoch_kills_codes(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    code = provider.code(browser, party)

    provider.end_everything()

    assert error_of(provider.token(party, party.code_form(code))) == "invalid_grant"


@pytest.mark.parametrize("act", ["disable_user", "sign_out", "leave"])
def test_a_code_is_worth_nothing_to_whoever_may_no_longer_sign_in(
    provider: Provider, act: str
) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    organization_id = provider.organization("Initech", user_id)
    session_id = provider.sign_in(browser, user_id)
    code = provider.code(browser, party)

    if act == "disable_user":
        provider.disable_user(user_id)
    elif act == "sign_out":
        provider.end_session(session_id)
    else:
        provider.leave(organization_id, user_id)

    assert error_of(provider.token(party, party.code_form(code))) == "invalid_grant"


def test_a_second_tab_that_signs_in_spoils_no_code(provider: Provider) -> None:
    """The newer sign-in replaces the session that the code was issued in."""
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.sign_in(browser, user_id)
    code = provider.code(browser, party)

    provider.sign_in(browser, user_id)

    assert provider.token(party, party.code_form(code)).status_code == 200


def test_z02_a_code_is_not_spent_without_its_family(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the two is a rollback of both: they are one transaction."""
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    form = party.code_form(provider.code(browser, party))

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(families, "open_family", crash)
        crashed = provider.token(party, form)
    again = provider.token(party, form)

    assert crashed.status_code == 500
    assert crashed.get_json()["error"] == "server_error"
    assert again.status_code == 200


def test_codes_are_long_and_random(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    secrets = [provider.code(browser, party).split(".")[1] for _ in range(8)]

    assert len(set(secrets)) == 8
    assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in secrets)


@pytest.mark.parametrize("code", ["", ".", "a", "a.b.c", "x" * 10_000, "otc_1.2", "é.é"])
def test_nonsense_is_no_code(provider: Provider, code: str) -> None:
    party = provider.party()

    response = provider.token(party, party.code_form(code))

    assert response.status_code == 400
    assert error_of(response) in ("invalid_grant", "invalid_request")
