"""Rows S02 to S06, S13, S14 and S18 of SECURITY: signatures that prove nothing, each with its
diagnosis."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from app.directory.connections import parse_settings
from app.directory.errors import BadValue
from tests.doubles import saml_forge, xmlsec1
from tests.doubles.saml_keys import make_keys
from tests.doubles.saml_stage import Stage, set_stage
from tests.security import saml_wrapping

SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
HMAC = f"{xmlsec1.MORE}hmac-sha256"
ASSERTION = saml_forge.ASSERTION_SIGNATURE


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


def test_honest_response_is_taken(stage: Stage) -> None:
    taken = stage.finish(stage.response())
    assert taken.identity.subject == "user-1"
    assert taken.assertion_id == "_assertion"


@pytest.mark.parametrize("wrap", saml_wrapping.SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("signs_response", [False, True], ids=["assertion", "both"])
def test_s02_wrapped_assertion(
    stage: Stage, wrap: Callable[[Any], Any], signs_response: bool
) -> None:
    if wrap in saml_wrapping.SHAPES[:2]:
        signs_response = True
    root = etree.fromstring(stage.response(signs_response=signs_response).encode())
    assert stage.diagnosis(etree.tostring(wrap(root))) == "signature_invalid"


@pytest.mark.parametrize("is_first", [True, False], ids=["evil_first", "evil_last"])
def test_s03_same_id_twice(stage: Stage, is_first: bool) -> None:
    root = etree.fromstring(stage.response().encode())
    assertion = root.find(f"{saml_wrapping.SAML}Assertion")
    evil = saml_wrapping.evil_copy(assertion, "_assertion")
    assertion.addprevious(evil) if is_first else root.append(evil)
    assert stage.diagnosis(etree.tostring(root)) == "signature_invalid"


@pytest.mark.parametrize("attribute", ["Id", "id", "AssertionID"])
def test_s03_same_id_under_another_name(stage: Stage, attribute: str) -> None:
    document = stage.response().replace(
        "<samlp:Status>", f'<samlp:Status {attribute}="_assertion">'
    )
    assert stage.diagnosis(document) == "signature_invalid"


def test_s04_unsigned(stage: Stage) -> None:
    assert stage.diagnosis(stage.response(signs_assertion=False)) == "signature_missing"


def test_s04_response_signed_but_not_the_assertion(stage: Stage) -> None:
    document = stage.response(signs_assertion=False, signs_response=True)
    assert stage.diagnosis(document) == "signature_missing"


def test_s04_signed_by_the_key_that_it_carries(stage: Stage) -> None:
    document = saml_forge.response(stage.letter, stage.stranger)
    assert "<ds:X509Certificate>" in document
    assert stage.diagnosis(document) == "certificate_unknown"


def test_s04_own_certificate_carried_by_another_key(stage: Stage) -> None:
    document = saml_forge.response(stage.letter, stage.stranger)
    carried = "".join(stage.provider.pem.splitlines()[1:-1])
    forged = re.sub(r"(<ds:X509Certificate>)[^<]+", lambda found: found[1] + carried, document)
    assert stage.diagnosis(forged) == "signature_invalid"


def test_s04_carried_certificate_that_nobody_can_read(stage: Stage) -> None:
    document = saml_forge.response(stage.letter, stage.stranger)
    strange = base64.b64encode(
        base64.b64decode("".join(stage.stranger.pem.strip().splitlines()[1:-1])).replace(
            bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d010128")
        )
    ).decode()
    forged = re.sub(r"(<ds:X509Certificate>)[^<]+", lambda found: found[1] + strange, document)
    assert stage.diagnosis(forged) == "signature_invalid"


def test_s04_key_without_certificate(stage: Stage) -> None:
    document = saml_forge.response(stage.letter, stage.stranger)
    bare = re.sub(r"<ds:KeyInfo>.*?</ds:KeyInfo>", "", document, flags=re.DOTALL)
    assert stage.diagnosis(bare) == "signature_invalid"


def test_s04_valid_assertion_under_a_response_signed_by_a_stranger(stage: Stage) -> None:
    letter = stage.letter.changed(signs_response=True)
    document = xmlsec1.sign(saml_forge.plain(letter), stage.provider, ASSERTION)
    signed = xmlsec1.sign(document, stage.stranger, saml_forge.RESPONSE_SIGNATURE)
    assert stage.diagnosis(signed) == "certificate_unknown"


def test_s04_altered_after_signing(stage: Stage) -> None:
    assert stage.diagnosis(stage.response().replace("user-1", "admin")) == "signature_invalid"


def test_s05_comment_in_digest_value(stage: Stage) -> None:
    document = re.sub(r"(<ds:DigestValue>)", r"\1<!--x-->", stage.response())
    assert stage.diagnosis(document) == "signature_invalid"


def test_s05_comment_in_signed_info(stage: Stage) -> None:
    document = stage.response().replace("<ds:SignedInfo>", "<ds:SignedInfo><!--x-->")
    assert stage.diagnosis(document) == "signature_invalid"


def test_s05_two_signed_infos(stage: Stage) -> None:
    document = stage.response()
    info = re.search(r"<ds:SignedInfo>.*?</ds:SignedInfo>", document, re.DOTALL)
    assert info is not None
    assert stage.diagnosis(document.replace(info[0], info[0] * 2)) == "signature_invalid"


def test_s05_two_references(stage: Stage) -> None:
    assert stage.diagnosis(stage.response(signature={"references": 2})) == "signature_invalid"


def test_s05_empty_uri(stage: Stage) -> None:
    document = saml_forge.plain(stage.letter).replace('URI="#_assertion"', 'URI=""')
    signed = xmlsec1.sign(document, stage.provider, ASSERTION)
    assert stage.diagnosis(signed) == "signature_invalid"


def test_s05_reference_to_the_response(stage: Stage) -> None:
    document = saml_forge.plain(stage.letter).replace('URI="#_assertion"', 'URI="#_response"')
    signed = xmlsec1.sign(document, stage.provider, ASSERTION)
    assert stage.diagnosis(signed) == "signature_invalid"


def test_s05_two_signatures(stage: Stage) -> None:
    document = stage.response()
    signature = re.search(r"<ds:Signature .*?</ds:Signature>", document, re.DOTALL)
    assert signature is not None
    assert stage.diagnosis(document.replace(signature[0], signature[0] * 2)) == "signature_invalid"


def test_s06_comment_in_name_id_is_read_over(stage: Stage) -> None:
    document = stage.response(subject="admin@example.com<!---->.evil.example")
    assert stage.finish(document).identity.subject == "admin@example.com.evil.example"


def test_s06_comment_in_attribute_is_read_over(stage: Stage) -> None:
    attribute = xmlsec1.attribute("email", "ada@example.com").replace(
        "ada@example.com", "ada@example.com<!-- -->.evil"
    )
    identity = stage.finish(stage.response(attributes=attribute)).identity
    assert identity.email == "ada@example.com.evil"
    assert not identity.email_verified


def test_s06_comment_put_in_later_changes_nothing(stage: Stage) -> None:
    document = stage.response(subject="admin@example.com.evil.example")
    commented = document.replace("example.com.evil", "example.com<!-- -->.evil")
    assert stage.finish(commented).identity.subject == "admin@example.com.evil.example"


def test_s06_processing_instruction_in_name_id(stage: Stage) -> None:
    document = stage.response(subject="admin<?x y?>-not")
    assert stage.diagnosis(document) == "response_malformed"


def test_s06_element_in_name_id(stage: Stage) -> None:
    document = stage.response(subject="admin<saml:x/>-not")
    assert stage.diagnosis(document) == "response_malformed"


@pytest.mark.parametrize("method", [{"method": RSA_SHA1}, {"digest": SHA1}], ids=["rsa", "digest"])
def test_s13_sha1(stage: Stage, method: dict[str, str]) -> None:
    assert stage.diagnosis(stage.response(signature=method)) == "algorithm_refused"


def test_s14_hmac_with_the_certificate_as_its_key(stage: Stage) -> None:
    letter = stage.letter.changed(signature={"method": HMAC})
    plain = saml_forge.plain(letter).replace("<ds:X509Data/>", "")
    document = xmlsec1.sign_with_hmac(plain, stage.provider.pem.encode(), ASSERTION)
    assert stage.diagnosis(document) == "algorithm_refused"


def test_s14_signature_method_swapped(stage: Stage) -> None:
    document = stage.response().replace(xmlsec1.RSA_SHA256, HMAC)
    assert stage.diagnosis(document) == "algorithm_refused"


XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"
)
XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
    '<xsl:template match="/"><x/></xsl:template></xsl:stylesheet></ds:Transform>'
)
BASE64 = '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/>'
WITH_COMMENTS = f'<ds:Transform Algorithm="{xmlsec1.EXCLUSIVE}WithComments"/>'


@pytest.mark.parametrize(
    "transform", [XPATH, XSLT, BASE64, WITH_COMMENTS], ids=["xpath", "xslt", "base64", "comments"]
)
def test_s14_transforms(stage: Stage, transform: str) -> None:
    document = stage.response().replace("</ds:Transforms>", f"{transform}</ds:Transforms>")
    assert stage.diagnosis(document) == "algorithm_refused"


def test_s14_signed_with_an_xpath_transform(stage: Stage) -> None:
    enveloped = f'<ds:Transform Algorithm="{xmlsec1.ENVELOPED}"/>'
    document = stage.response(signature={"transforms": enveloped + XPATH})
    assert stage.diagnosis(document) == "algorithm_refused"


def test_s18_no_certificate_is_no_setting(stage: Stage) -> None:
    document = {**stage.connection.settings.model_dump(mode="json"), "certificates": []}
    with pytest.raises(BadValue) as caught:
        parse_settings(document)
    assert caught.value.field == "certificates"


def test_s18_certificate_replaced_on_the_connection(stage: Stage) -> None:
    other = stage.with_settings(certificates=(stage.stranger.pem,))
    assert other.diagnosis(stage.response()) == "certificate_unknown"


def test_s18_certificate_over(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    old = make_keys(tmp_path_factory.mktemp("old"), "old", days=-1)
    late = stage.with_settings(certificates=(old.pem,))
    assert late.diagnosis(saml_forge.response(stage.letter, old)) == "certificate_expired"
    both = stage.with_settings(certificates=(old.pem, stage.provider.pem))
    assert both.diagnosis(saml_forge.response(stage.letter, old)) == "certificate_expired"
    assert both.finish(stage.response()).identity.subject == "user-1"


def test_s18_weak_key_is_no_certificate(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    weak = make_keys(tmp_path_factory.mktemp("weak"), "weak", bits=1_024)
    document = saml_forge.response(stage.letter, weak)
    assert stage.with_settings(certificates=(weak.pem,)).diagnosis(document) == (
        "certificate_unknown"
    )
