"""The ways out of a page of the portal that says what is wrong: its address asked for again, as by
whoever changes the language there."""

import pytest

from app.setup import guides
from tests.setup.admin import Admin


@pytest.fixture
def place(admin: Admin) -> str:
    """The path of a connection that was saved, and not tested."""
    admin.press("/setup/providers", provider="generic")
    path = f"/setup{admin.path.removeprefix('/setup')}"
    admin.press(path, issuer="https://idp.example", client_id="portal", client_secret="s3cret-4711")
    assert admin.told == "setup.told_saved"
    return path


def test_another_language_of_a_refused_activation_is_the_test(admin: Admin, place: str) -> None:
    admin.press(f"{place}/status", status="active")
    assert (admin.status, admin.message) == (422, "setup.prove_first")
    admin.go(f"{place}/status?locale=de")
    assert (admin.status, admin.path) == (200, f"{place}/test")


def test_another_language_of_a_missing_record_is_the_claims(admin: Admin) -> None:
    admin.press("/setup/domains", domain="acme.example")
    ids = [each.get("id") or "" for each in admin.page.all("textarea")]
    check = f"/setup/domains/{ids[0].removesuffix('-name')}/check"
    admin.go(f"{check}?locale=de")
    assert (admin.status, admin.path) == (200, "/setup/domains")


def test_the_address_behind_leaving_leaves_nothing(admin: Admin) -> None:
    admin.go("/setup/leave")
    assert (admin.status, admin.path) == (200, "/setup/home")


def test_a_place_that_is_gone_leads_back_to_the_overview(admin: Admin) -> None:
    admin.go("/setup/connections/con_none")
    assert admin.status == 404
    assert any((each.get("href") or "").endswith("/setup/home") for each in admin.page.all("a"))


def test_all_that_is_missing_is_said_at_once(admin: Admin) -> None:
    admin.press("/setup/providers", provider="generic")
    path = admin.path
    admin.press(path)
    assert admin.status == 422
    assert admin.errors == dict.fromkeys(("issuer", "client_id"), "setup.needed")
    admin.press("/setup/domains", domain=" ")
    assert admin.errors == {"domain": "setup.needed"}


@pytest.mark.parametrize("provider", ["generic", "generic_saml"])
def test_no_standard_is_taken_for_a_provider(admin: Admin, provider: str) -> None:
    admin.press("/setup/providers", provider=provider)
    assert "Connect your provider" in admin.text
    assert "At your provider" in admin.text.replace("\u2068", "").replace("\u2069", "")
    standard = guides.find(provider).standard
    assert f"At {standard}" not in admin.text
    admin.go("/setup/home")
    assert (admin.text.count("Another provider"), admin.text.count(f">{standard}<")) == (1, 1)


def test_two_ways_to_one_provider_are_told_apart(admin: Admin) -> None:
    for provider in ("okta", "okta_saml"):
        admin.press("/setup/providers", provider=provider)
    admin.go("/setup/home")
    assert admin.text.count(">Okta<") == 2
    assert ">OpenID Connect<" in admin.text
    assert ">SAML 2.0<" in admin.text
