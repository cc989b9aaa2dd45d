"""Each provider by its dialect: who the person is, and whose word for an address counts."""

from collections.abc import Callable
from typing import Any

import pytest

from app.directory.errors import BadValue
from app.federation import providers
from app.federation.identity import UpstreamRefused
from tests.doubles.oidc_party import VALUES, Meeting, connection_to
from tests.doubles.oidc_people import DIRECTORY
from tests.doubles.oidc_provider import REMOVED, SECRET

Refusal = Callable[..., UpstreamRefused]
Meet = Callable[..., Meeting]
_OID = "00000000-0000-0000-66f3-3332eca7ea81"
_MAIL = "jane@acme.example"


@pytest.mark.parametrize(
    ("preset", "subject", "email", "is_proof"),
    [
        ("google", "110169484474386276334", _MAIL, True),
        ("apple", "001999.5f0e3f1c2c4b4a0f8d0e.0814", "kx7f2@privaterelay.appleid.com", True),
        ("microsoft", f"{DIRECTORY}:{_OID}", _MAIL, False),
        ("github", "583231", _MAIL, True),
        ("linkedin", "782bbtaQ", _MAIL, True),
        ("facebook", "10157261234567890", _MAIL, False),
        ("discord", "80351110224678912", _MAIL, True),
        ("custom_oidc", "248289761001", _MAIL, True),
        ("entra", _OID, _MAIL, True),
        ("okta", "248289761001", _MAIL, True),
        ("google_workspace", "110169484474386276334", _MAIL, True),
        ("onelogin", "248289761001", _MAIL, True),
        ("generic", "248289761001", _MAIL, True),
    ],
)
def test_everybody_can_sign_in_at_every_provider(
    meet: Meet, preset: str, subject: str, email: str, is_proof: bool
) -> None:
    identity = meet(preset).party.sign_in()
    assert (identity.subject, identity.email, identity.email_verified) == (subject, email, is_proof)
    assert identity.name == "Jane Doe"


def test_every_preset_is_met_above() -> None:
    marks = test_everybody_can_sign_in_at_every_provider.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} == {*providers.PRESETS}


@pytest.mark.parametrize("preset", ["entra", "okta", "google_workspace", "onelogin", "generic"])
def test_a13_a_company_vouches_for_its_proven_domains_only(meet: Meet, preset: str) -> None:
    met = meet(preset)
    met.party.domains = {"beta.example"}
    identity = met.party.sign_in()
    assert (identity.email, identity.email_verified) == (_MAIL, False)
    assert met.party.asked_for == ["acme.example"]


@pytest.mark.parametrize("rule", ["claim", "always"])
def test_a13_a_company_vouches_for_no_other_domain_whatever_its_settings_say(
    meet: Meet, rule: str
) -> None:
    met = meet("generic", email_is_proof=rule)
    met.party.domains = set()
    assert not met.party.sign_in().email_verified
    met.party.domains = {"acme.example"}
    assert met.party.sign_in().email_verified


def test_a_social_provider_proves_no_domain(meet: Meet) -> None:
    assert not meet("custom_oidc", email_is_proof="domain").party.sign_in().email_verified


def test_a_company_that_calls_an_address_unverified_is_believed(meet: Meet) -> None:
    met = meet("okta")
    met.provider.script.person["email_verified"] = False
    assert not met.party.sign_in().email_verified


def test_i07_apple_tells_the_name_once_and_later_none(meet: Meet) -> None:
    met = meet("apple")
    first, second = met.party.sign_in(), met.party.sign_in()
    assert (first.name, first.given_name, first.family_name) == ("Jane Doe", "Jane", "Doe")
    assert (second.name, second.given_name, second.family_name) == (None, None, None)
    assert second.subject == first.subject


@pytest.mark.parametrize(
    "posted",
    [
        "",
        "null",
        "[]",
        '{"name":7}',
        '{"name":{"firstName":["x"]}}',
        "{" * 4_000,
        '{"name":{"firstName":"' + "x" * 5_000 + '"}}',
        '{"email":"victim@acme.example","sub":"mallory","email_verified":true}',
    ],
    ids=lambda posted: posted[:20],
)
def test_apples_unsigned_field_proves_nothing(meet: Meet, posted: str) -> None:
    met = meet("apple")
    met.provider.script.redirect = {"user": posted}
    identity = met.party.sign_in()
    assert identity.subject == "001999.5f0e3f1c2c4b4a0f8d0e.0814"
    assert identity.email == "kx7f2@privaterelay.appleid.com"
    assert identity.name is None


@pytest.mark.parametrize(
    ("addresses", "email", "is_proof"),
    [
        ([{"email": "b@x.example", "primary": True, "verified": False}], "b@x.example", False),
        ([{"email": "b@x.example", "primary": True, "verified": "true"}], "b@x.example", False),
        ([{"email": "a@x.example", "primary": False, "verified": True}], None, False),
        ([{"email": None, "primary": True, "verified": True}], None, False),
        ([{"email": "a@x.example@y.example", "primary": True, "verified": True}], None, False),
        ([], None, False),
        ({"message": "odd"}, None, False),
    ],
    ids=str,
)
def test_i07_githubs_primary_address_counts_where_github_verified_it(
    meet: Meet, addresses: Any, email: str | None, is_proof: bool
) -> None:
    met = meet("github")
    met.provider.script.addresses = addresses
    identity = met.party.sign_in()
    assert (identity.email, identity.email_verified) == (email, is_proof)


def test_i07_github_without_leave_to_read_addresses_gives_none(meet: Meet) -> None:
    identity = meet("github", scopes=("read:user",)).party.sign_in()
    assert (identity.email, identity.email_verified) == (None, False)


def test_i07_facebook_may_have_no_address(meet: Meet) -> None:
    met = meet("facebook")
    del met.provider.script.person["email"]
    assert met.party.sign_in().email is None


@pytest.mark.parametrize("told", [False, "true", 1, None, REMOVED])
def test_i07_discords_word_counts_as_a_boolean_only(meet: Meet, told: object) -> None:
    met = meet("discord")
    met.provider.script.userinfo = {"verified": told}
    assert not met.party.sign_in().email_verified


def test_facebook_is_shown_that_we_know_the_secret(meet: Meet) -> None:
    met = meet("facebook")
    met.party.sign_in()
    asked = met.provider.last("/v24.0/me")
    assert len(asked.query["appsecret_proof"]) == 64
    assert asked.query["fields"] == "id,name,first_name,last_name,email"
    assert SECRET not in str(asked)


def test_a_report_about_facebook_does_not_repeat_the_proof(meet: Meet, refusal: Refusal) -> None:
    met = meet("facebook")
    met.provider.script.answers["userinfo"] = (200, "application/json", b" " * 600_000)
    refused = refusal(met)
    assert refused.diagnosis == "too_large"
    assert refused.arrived["url"] == f"{met.provider.url}/v24.0/me"


def test_linkedin_gets_no_pkce_and_its_tokens_need_no_nonce(meet: Meet, refusal: Refusal) -> None:
    met = meet("linkedin")
    assert met.party.sign_in().locale == "en-US"
    assert "code_challenge" not in met.provider.last("/oauth/v2/authorization").query
    assert "code_verifier" not in met.provider.last("/oauth/v2/accessToken").form
    met.provider.script.changed = {"nonce": "another"}
    assert refusal(met).diagnosis == "nonce_mismatch"


def test_microsofts_keys_sign_for_their_own_directories(meet: Meet, refusal: Refusal) -> None:
    met = meet("microsoft")
    other = f"{met.provider.url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
    met.provider.keys.members = {"issuer": other}
    assert refusal(met).diagnosis == "issuer_mismatch"
    met.provider.keys.members = {"issuer": f"{met.provider.url}/{{tenantid}}/v2.0"}
    object.__setattr__(met.party.connection, "row_version", 2)
    assert met.party.sign_in().subject


@pytest.mark.parametrize("missing", ["tid", "oid"])
def test_microsofts_people_have_directory_and_object_id(
    meet: Meet, refusal: Refusal, missing: str
) -> None:
    met = meet("microsoft")
    met.provider.script.changed = {missing: REMOVED}
    assert refusal(met).diagnosis in ("subject_missing", "issuer_mismatch")


@pytest.mark.parametrize(
    ("preset", "claim"), [("microsoft", "tid"), ("entra", "tid"), ("google_workspace", "hd")]
)
def test_only_listed_directories_come_in(
    meet: Meet, refusal: Refusal, preset: str, claim: str
) -> None:
    met = meet(preset, directories=("9188040d-6c67-4c5b-b112-36a304b66dad", "beta.example"))
    refused = refusal(met)
    assert refused.diagnosis == "directory_not_allowed"
    assert refused.arrived[claim] == met.provider.script.person[claim]


@pytest.mark.parametrize("preset", ["google", "google_workspace"])
def test_googles_issuer_may_be_written_without_its_scheme(meet: Meet, preset: str) -> None:
    met = meet(preset)
    met.provider.script.changed = {"iss": "accounts.google.com"}
    assert met.party.sign_in().issuer == met.party.connection.settings.issuer


@pytest.mark.parametrize(
    ("preset", "iss"),
    [
        ("custom_oidc", "accounts.google.com"),
        ("google", "https://accounts.google.com.evil.example"),
    ],
)
def test_nobody_elses_issuer_may(meet: Meet, refusal: Refusal, preset: str, iss: str) -> None:
    met = meet(preset)
    met.provider.script.changed = {"iss": iss}
    assert refusal(met).diagnosis == "issuer_mismatch"


def test_a_private_google_account_has_no_hosted_domain(meet: Meet, refusal: Refusal) -> None:
    met = meet("google_workspace")
    met.provider.script.changed = {"hd": REMOVED}
    assert refusal(met).diagnosis == "directory_not_allowed"


def test_groups_are_texts_and_not_too_many(meet: Meet) -> None:
    met = meet("okta")
    assert met.party.sign_in().groups == ("staff", "admins")
    met.provider.script.changed = {"groups": ["a", 7, None, {"b": 1}, *map(str, range(900))]}
    groups = met.party.sign_in().groups
    assert len(groups) == 497
    assert groups[:2] == ("a", "0")
    met.provider.script.changed = {"groups": "staff"}
    assert met.party.sign_in().groups == ("staff",)


def test_claims_may_have_other_names(meet: Meet) -> None:
    mapping = {"email": "https://acme.example/mail", "groups": "realm_access.roles"}
    met = meet("generic")
    settings = met.party.connection.settings
    named = settings.mapping.model_copy(update=mapping)
    changed = settings.model_copy(update={"mapping": named})
    object.__setattr__(met.party.connection, "settings", changed)
    met.provider.script.changed = {
        "https://acme.example/mail": "jd@acme.example",
        "realm_access": {"roles": ["one"]},
    }
    identity = met.party.sign_in()
    assert (identity.email, identity.groups) == ("jd@acme.example", ("one",))


def test_an_address_is_not_verified_by_what_was_said_of_another(meet: Meet) -> None:
    met = meet()
    met.provider.script.changed = {"email": "victim@acme.example", "email_verified": REMOVED}
    met.provider.script.userinfo = {"email": "mine@evil.example", "email_verified": True}
    identity = met.party.sign_in()
    assert (identity.email, identity.email_verified) == ("victim@acme.example", False)


def test_names_are_shortened_and_have_no_line_breaks(meet: Meet) -> None:
    met = meet()
    met.provider.script.changed = {"name": "Jane\r\nBcc: \x00x " + "y" * 900, "given_name": ["x"]}
    identity = met.party.sign_in()
    assert identity.name is not None
    assert len(identity.name) <= 200
    assert identity.name.isprintable()
    assert identity.given_name is None


@pytest.mark.parametrize("key", ["x", "twitter"])
def test_x_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(BadValue, match="verified address"):
        providers.find(key)


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(BadValue, match="google"):
        providers.find("myspace")


@pytest.mark.parametrize("preset", providers.PRESETS.values(), ids=lambda each: each.key)
def test_a_preset_says_what_it_needs(preset: providers.Preset) -> None:
    for field in preset.fields:
        if field.required:
            with pytest.raises(BadValue) as caught:
                preset.settings({**VALUES, field.name: " "})
            assert caught.value.field == field.name
    settings = preset.settings(VALUES)
    assert settings.client_id == VALUES["client_id"]
    assert preset.secret(VALUES)
    urls = [value for value in settings.model_dump().values() if "://" in str(value)]
    assert all(str(url).startswith("https://") for url in urls)


def test_microsofts_settings_say_whose_accounts() -> None:
    preset = providers.find("microsoft")
    listed = {**VALUES, "audience": "organizations", "directories": f"{DIRECTORY}, other"}
    settings = preset.settings(listed)
    assert settings.issuer == "https://login.microsoftonline.com/organizations/v2.0"
    assert getattr(settings, "directories", ()) == (DIRECTORY, "other")


def test_a_custom_provider_is_discovered_or_written_down(meet: Meet) -> None:
    met = meet()
    url = "https://idp.acme.example"
    endpoints = {"authorization_endpoint": f"{url}/a", "token_endpoint": f"{url}/t"}
    preset = providers.find("custom_oidc")
    written = preset.settings({**VALUES, **endpoints, "jwks_uri": f"{url}/j", "scopes": "email"})
    assert getattr(written, "discovers", None) is False
    assert written.scopes == ("openid", "email")
    assert getattr(preset.settings(VALUES), "discovers", None) is True
    assert connection_to(met.provider, "custom_oidc").settings.issuer.startswith("http://127.0.0.1")
