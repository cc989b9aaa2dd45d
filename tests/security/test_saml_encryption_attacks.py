"""Row S17 of SECURITY: encrypted assertions, those that are opened and those that are refused."""

import os
import re
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from app.federation.identity import UpstreamRefused
from tests.doubles import saml_forge, xml_encryption, xmlsec1
from tests.doubles.saml_stage import Stage, set_stage

RAW = f"{xmlsec1.DS}rawX509Certificate"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_what_our_metadata_offers_is_opened(stage: Stage, bits: int) -> None:
    plain, certificate = stage.response(), stage.sp.keys.certificate
    content = f"{xmlsec1.XENC11}aes{bits}-gcm"
    for document in (
        xmlsec1.encrypt(plain, certificate, content=content),
        xml_encryption.encrypt(plain, certificate, bits),
    ):
        assert stage.finish(document).identity.subject == "user-1"


def test_s17_response_signed_around_the_encryption(stage: Stage) -> None:
    template = stage.letter.changed(signs_response=True)
    inside = xmlsec1.sign(
        saml_forge.plain(template), stage.provider, saml_forge.ASSERTION_SIGNATURE
    )
    sealed = xmlsec1.encrypt(inside, stage.sp.keys.certificate)
    document = xmlsec1.sign(sealed, stage.provider, saml_forge.RESPONSE_SIGNATURE)
    assert stage.finish(document).identity.subject == "user-1"
    assert stage.diagnosis(document.replace('Version="2.0"', 'Version="2.0" Consent="x"', 1)) == (
        "signature_invalid"
    )
    by_stranger = xmlsec1.sign(sealed, stage.stranger, saml_forge.RESPONSE_SIGNATURE)
    assert stage.diagnosis(by_stranger) == "certificate_unknown"


def test_key_beside_the_data_is_found(stage: Stage) -> None:
    document = xmlsec1.encrypt(stage.response(), stage.sp.keys.certificate)
    key = re.search(r"<xenc:EncryptedKey>.*?</xenc:EncryptedKey>", document, re.DOTALL)
    assert key is not None
    there = '<ds:RetrievalMethod URI="#_key"/>'
    beside = key[0].replace(
        "<xenc:EncryptedKey>",
        f'<xenc:EncryptedKey xmlns:xenc="{xmlsec1.XENC}" xmlns:ds="{xmlsec1.DS}" Id="_key">',
    )
    moved = document.replace(key[0], there)
    for inside in (moved, moved.replace(f"<ds:KeyInfo>{there}</ds:KeyInfo>", "")):
        split = inside.replace("</saml:EncryptedAssertion>", f"{beside}</saml:EncryptedAssertion>")
        assert stage.finish(split).identity.subject == "user-1"


def test_s17_cbc(stage: Stage) -> None:
    document = xmlsec1.encrypt(
        stage.response(), stage.sp.keys.certificate, content=f"{xmlsec1.XENC}aes256-cbc"
    )
    assert stage.diagnosis(document) == "encryption_refused"


def test_s17_triple_des(stage: Stage) -> None:
    document = xmlsec1.encrypt(
        stage.response(), stage.sp.keys.certificate, content=f"{xmlsec1.XENC}tripledes-cbc"
    )
    assert stage.diagnosis(document) == "encryption_refused"


def test_s17_rsa_1_5(stage: Stage) -> None:
    document = xmlsec1.encrypt(
        stage.response(), stage.sp.keys.certificate, transport=f"{xmlsec1.XENC}rsa-1_5"
    )
    assert stage.diagnosis(document) == "encryption_refused"


def test_s17_broken_ciphertexts_all_look_the_same(stage: Stage) -> None:
    document = xmlsec1.encrypt(stage.response(), stage.sp.keys.certificate)
    values = re.findall(r"<xenc:CipherValue>([^<]+)", document)
    assert len(values) == 2
    for value in values:
        for place in (0, 20, -8):
            letter = "A" if value[place] != "A" else "B"
            at = place % len(value)
            broken = document.replace(value, value[:at] + letter + value[at + 1 :])
            assert stage.diagnosis(broken) == "encryption_refused"


def test_s17_encrypted_for_somebody_else(stage: Stage) -> None:
    document = xmlsec1.encrypt(stage.response(), stage.stranger.pem)
    assert stage.diagnosis(document) == "encryption_refused"


def test_s17_unsigned_inside_of_the_encryption(stage: Stage) -> None:
    document = xmlsec1.encrypt(stage.response(signs_assertion=False), stage.sp.keys.certificate)
    assert stage.diagnosis(document) == "signature_missing"


def test_s17_clear_assertion_where_encryption_is_wanted(stage: Stage) -> None:
    strict = stage.with_settings(wants_encryption=True)
    assert strict.diagnosis(stage.response()) == "encryption_refused"


def test_s17_clear_assertion_beside_an_encrypted_one(stage: Stage) -> None:
    document = xmlsec1.encrypt(stage.response(), stage.sp.keys.certificate)
    evil = saml_forge.assertion(stage.letter.changed(signs_assertion=False, assertion_id="_e"))
    both = document.replace("<saml:EncryptedAssertion", f"{evil}<saml:EncryptedAssertion")
    assert stage.diagnosis(both) == "signature_invalid"


@pytest.fixture
def pipe(tmp_path: Path) -> tuple[Path, threading.Event]:
    """A named pipe, and whether somebody opened it to read. Whoever does reads nothing."""
    path, opened = tmp_path / "pipe", threading.Event()
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb"):
            opened.set()

    threading.Thread(target=write, daemon=True).start()
    return path, opened


@pytest.mark.parametrize("element", ["RetrievalMethod", "KeyInfoReference"])
@pytest.mark.parametrize("place", ["data", "key", "signature"])
def test_s17_n_no_file_is_opened_that_a_message_names(
    stage: Stage, pipe: tuple[Path, threading.Event], element: str, place: str
) -> None:
    """xmlsec follows such references, even before any signature is checked."""
    path, opened = pipe
    space = xmlsec1.DS if element == "RetrievalMethod" else "http://www.w3.org/2009/xmldsig11#"
    evil = f'<e:{element} xmlns:e="{space}" URI="file://{path}" Type="{RAW}"/>'
    document = stage.response()
    if place != "signature":
        document = xmlsec1.encrypt(document, stage.sp.keys.certificate)
    if place == "key":
        evil = f"<ds:KeyInfo>{evil}</ds:KeyInfo>"
        changed = re.sub(r"(rsa-oaep-mgf1p\"/>)", lambda found: found[1] + evil, document)
    else:
        changed = document.replace("<ds:KeyInfo>", f"<ds:KeyInfo>{evil}")
    assert changed != document
    with suppress(UpstreamRefused):
        stage.finish_form(saml_forge.form(changed))
    assert not opened.is_set()
