"""Whom an assertion names, by preset and by the rules for addresses."""

import re
from pathlib import Path

import pytest

from app.federation.diagnosis import DIAGNOSES
from app.federation.identity import Identity, UpstreamRefused
from app.federation.providers.saml import ADFS, ENTRA, SAML_PRESETS
from app.federation.saml_descriptors import SamlMetadata
from tests.doubles.saml_stage import ENTITY, Stage, set_stage
from tests.doubles.xmlsec1 import attribute

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
MICROSOFT = "http://schemas.microsoft.com"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


def preset_stage(stage: Stage, key: str) -> Stage:
    return stage.with_settings(**SAML_PRESETS[key].document())


def test_entra(stage: Stage) -> None:
    attributes = (
        attribute(f"{MICROSOFT}/identity/claims/objectidentifier", "oid-1")
        + attribute(f"{MICROSOFT}/identity/claims/displayname", "Ada Lovelace")
        + attribute(f"{CLAIMS}/emailaddress", "ada@example.com")
        + attribute(f"{CLAIMS}/givenname", "Ada")
        + attribute(f"{CLAIMS}/surname", "Lovelace")
        + attribute(f"{MICROSOFT}/ws/2008/06/identity/claims/groups", "g1", "g2", "g1")
        + attribute(
            f"{MICROSOFT}/claims/authnmethodsreferences",
            f"{MICROSOFT}/claims/multipleauthn",
        )
    )
    document = stage.response(subject="ada@example.com", attributes=attributes)
    identity = preset_stage(stage, ENTRA.key).finish(document).identity
    assert identity.subject == "oid-1"
    assert (identity.name, identity.given_name, identity.family_name) == (
        "Ada Lovelace",
        "Ada",
        "Lovelace",
    )
    assert identity.groups == ("g1", "g2")
    assert identity.amr == ("mfa",)
    assert identity.email_verified
    assert identity.session_index == "_s1"


def test_entra_without_the_object_id(stage: Stage) -> None:
    assert preset_stage(stage, ENTRA.key).diagnosis(stage.response()) == "attribute_missing"


def test_ad_fs(stage: Stage) -> None:
    attributes = attribute(f"{CLAIMS}/emailaddress", "Ada@EXAMPLE.com")
    identity = preset_stage(stage, ADFS.key).finish(stage.response(attributes=attributes)).identity
    assert (identity.subject, identity.email) == ("user-1", "Ada@example.com")
    assert identity.email_verified


@pytest.mark.parametrize("key", ["okta_saml", "google_saml", "onelogin_saml", "jumpcloud_saml"])
def test_names_that_an_admin_is_asked_to_give(stage: Stage, key: str) -> None:
    attributes = (
        attribute("email", "ada@example.com")
        + attribute("given_name", "Ada")
        + attribute("family_name", "Lovelace")
        + attribute("groups", "engineers")
    )
    identity = preset_stage(stage, key).finish(stage.response(attributes=attributes)).identity
    assert (identity.given_name, identity.family_name) == ("Ada", "Lovelace")
    assert identity.groups == ("engineers",)


def test_each_preset_makes_settings_of_metadata(stage: Stage) -> None:
    metadata = SamlMetadata(
        entity_id=ENTITY,
        sso_url="https://idp.example/sso",
        sso_binding="post",
        slo_url=None,
        slo_binding="redirect",
        certificates=(stage.provider.pem,),
    )
    for preset in SAML_PRESETS.values():
        settings = preset.settings(metadata, "https://idp.example/metadata")
        assert settings.issuer == ENTITY
        assert settings.sso_binding == "post"
        assert settings.email_is_proof == "domain"
        assert preset.settings(metadata, wants_encryption=True).wants_encryption


def email_of(stage: Stage, email: str, **settings: object) -> Identity:
    attributes = attribute("email", email) + attribute("email_verified", "true")
    return stage.with_settings(**settings).finish(stage.response(attributes=attributes)).identity


def test_a05_address_counts_only_as_the_connection_says(stage: Stage) -> None:
    assert email_of(stage, "ada@example.com", email_is_proof="domain").email_verified
    assert email_of(stage, "ada@example.com", email_is_proof="claim").email_verified
    assert email_of(stage, "ada@example.com", email_is_proof="always").email_verified
    assert not email_of(stage, "ada@example.com", email_is_proof="never").email_verified


@pytest.mark.parametrize("rule", ["claim", "domain", "always"])
def test_a13_organizations_provider_vouches_for_its_domains_only(stage: Stage, rule: str) -> None:
    identity = email_of(stage, "ada@other.example", email_is_proof=rule)
    assert identity.email == "ada@other.example"
    assert not identity.email_verified


def test_claim_that_is_not_made(stage: Stage) -> None:
    identity = stage.with_settings(email_is_proof="claim").finish(stage.response()).identity
    assert not identity.email_verified


@pytest.mark.parametrize("email", ["nobody", "a@b@example.com", "ada@example.com, b@example.com"])
def test_what_is_no_address(stage: Stage, email: str) -> None:
    assert email_of(stage, email).email is None


def test_name_id_as_the_address(stage: Stage) -> None:
    document = stage.response(
        subject="ada@example.com", name_id_format=EMAIL_ADDRESS, attributes=""
    )
    assert stage.finish(document).identity.email == "ada@example.com"


def test_friendly_name(stage: Stage) -> None:
    attributes = attribute("urn:oid:0.9.2342.19200300.100.1.3", "ada@example.com").replace(
        "<saml:Attribute ", '<saml:Attribute FriendlyName="email" '
    )
    assert stage.finish(stage.response(attributes=attributes)).identity.email == "ada@example.com"


def test_transient_name_id_names_nobody_for_good(stage: Stage) -> None:
    document = stage.response(name_id_format=TRANSIENT)
    assert stage.diagnosis(document) == "subject_unusable"
    attributes = attribute("uid", "ada")
    keyed = stage.with_settings(subject_attribute="uid")
    taken = keyed.finish(stage.response(name_id_format=TRANSIENT, attributes=attributes))
    assert taken.identity.subject == "ada"


def test_several_values_of_the_subject(stage: Stage) -> None:
    keyed = stage.with_settings(subject_attribute="uid")
    document = stage.response(attributes=attribute("uid", "ada", "bob"))
    assert keyed.diagnosis(document) == "subject_unusable"


def test_subjects_are_compared_exactly(stage: Stage) -> None:
    subjects = {
        stage.finish(stage.response(subject=each)).identity.subject for each in ("Ada", "ada")
    }
    assert subjects == {"Ada", "ada"}


def test_every_refusal_has_a_diagnosis() -> None:
    folder = Path(__file__).parents[3] / "app" / "federation"
    raised = {
        found
        for path in folder.glob("saml_*.py")
        for found in re.findall(r'UpstreamRefused\(\s*"(\w+)"', path.read_text())
    }
    assert len(raised) > 15
    assert raised <= set(DIAGNOSES)


def test_refusals_tell_admins_what_arrived_and_no_name(stage: Stage) -> None:
    document = stage.response(audience="https://other.example")
    with pytest.raises(UpstreamRefused) as caught:
        stage.finish(document)
    arrived = caught.value.arrived
    assert arrived["expected"] == stage.sp.entity_id
    assert arrived["arrived"] == ["https://other.example"]
    assert arrived["issuers"] == [ENTITY, ENTITY]
    assert "ada@example.com" not in str(arrived)
    assert "user-1" not in str(arrived)
