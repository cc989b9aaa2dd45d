"""Rows S07 to S12, S15 and S16 of SECURITY: responses that nobody may be signed in by, each with
its diagnosis."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app import clock, single_use
from app.database import write
from app.federation import saml_sp
from app.federation.identity import UpstreamRefused
from tests.doubles import saml_forge, xmlsec1
from tests.doubles.saml_stage import Stage, set_stage
from tests.factories import Factory

ASSERTION = saml_forge.ASSERTION_SIGNATURE


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


DOCUMENT_TYPES = {
    "plain": "<!DOCTYPE x>",
    "internal": '<!DOCTYPE x [<!ENTITY e "admin">]>',
    "external": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "network": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    "laughs": "<!DOCTYPE x ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>",
    "attribute_default": '<!DOCTYPE x [<!ATTLIST samlp:Response ID CDATA "_x">]>',
}


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_s07_document_type(stage: Stage, kind: str) -> None:
    document = DOCUMENT_TYPES[kind] + stage.response()
    assert stage.diagnosis(document) == "response_malformed"


@pytest.mark.parametrize("entity", ["e", "l9"])
def test_s07_entity_in_name_id(stage: Stage, entity: str) -> None:
    types = DOCUMENT_TYPES["internal" if entity == "e" else "laughs"]
    document = types + stage.response().replace("user-1", f"&{entity};")
    assert stage.diagnosis(document) == "response_malformed"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_s07_honest_response_in_another_encoding(stage: Stage, encoding: str) -> None:
    assert stage.diagnosis(stage.response().encode(encoding)) == "response_malformed"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "ebcdic-cp-us"])
def test_s07_unusual_encoding(stage: Stage, encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>{DOCUMENT_TYPES["laughs"]}'
    raw = (document + stage.response()).encode("cp037" if "ebcdic" in encoding else encoding)
    assert stage.diagnosis(raw) == "response_malformed"


def test_s08_attribute_of_one_name_twice(stage: Stage) -> None:
    twice = xmlsec1.attribute("email", "ada@example.com") + xmlsec1.attribute(
        "email", "admin@example.com"
    )
    assert stage.diagnosis(stage.response(attributes=twice)) == "response_malformed"


def test_s08_name_id_in_a_foreign_namespace_is_not_read(stage: Stage) -> None:
    document = stage.response(subject="user-1")
    polluted = document.replace(
        "<samlp:Status>", '<NameID xmlns="urn:evil">admin</NameID><samlp:Status>'
    )
    assert stage.diagnosis(polluted) == "response_malformed"


def test_s08_relative_namespace_canonicalises_to_nothing(stage: Stage) -> None:
    """Canonical XML refuses relative namespaces; who takes an empty string then has signed it."""
    empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    document = stage.response().replace(
        "<saml:AttributeStatement>", '<saml:AttributeStatement xmlns:x="1">'
    )
    forged = re.sub(r"(<ds:DigestValue>)[^<]+", lambda found: found[1] + empty, document)
    assert stage.diagnosis(forged) == "signature_invalid"


@pytest.mark.parametrize("names", [("", "_assertion"), (" _assertion", "_assertion")])
def test_s08_ids_that_look_alike(stage: Stage, names: tuple[str, str]) -> None:
    document = stage.response().replace(f'ID="{names[1]}"', f'ID="{names[0]}"')
    assert stage.diagnosis(document) == "signature_invalid"


def test_s09_assertion_counts_once(app: Flask, stage: Stage, make: Factory) -> None:
    tenant = make.tenant()
    value, until = stage.finish(stage.response()).replay
    again, _ = stage.finish(stage.response(signs_response=True)).replay
    assert value == again
    assert until > clock.now() + 5 * clock.MINUTE

    def mark(_number: int) -> bool:
        with app.app_context(), write(tenant.id) as session:
            return single_use.mark(session, "saml_assertion", value, until=until)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(mark, range(8))) == 1


def test_s10_no_in_response_to_while_a_request_is_pending(stage: Stage) -> None:
    document = stage.response(in_response_to=None)
    assert stage.diagnosis(document) == "in_response_to_mismatch"


def test_s10_answer_to_another_request(stage: Stage) -> None:
    document = stage.response(in_response_to="_other")
    assert stage.diagnosis(document) == "in_response_to_mismatch"


@pytest.mark.parametrize("confirmed", ["_other", None])
def test_s10_signed_part_answers_another_request(stage: Stage, confirmed: str | None) -> None:
    """The response around the assertion is not signed, so its own InResponseTo proves nothing."""
    document = stage.response(confirmed_in_response_to=confirmed)
    assert stage.diagnosis(document) == "in_response_to_mismatch"


def test_s10_unsolicited(stage: Stage) -> None:
    document = stage.response(in_response_to=None)
    assert stage.diagnosis(document, is_asked=False) == "unsolicited_refused"


def test_s10_unsolicited_where_the_connection_takes_it(stage: Stage) -> None:
    willing = stage.with_settings(takes_unsolicited=True)
    document = stage.response(in_response_to=None)
    assert willing.finish(document, is_asked=False).identity.subject == "user-1"


def test_s10_answer_where_no_request_is_pending(stage: Stage) -> None:
    willing = stage.with_settings(takes_unsolicited=True)
    diagnosis = willing.diagnosis(stage.response(), is_asked=False)
    assert diagnosis == "in_response_to_mismatch"


CONDITIONS = {
    "unknown": '<evil:Condition xmlns:evil="urn:evil"/>',
    "extended": '<saml:Condition xmlns:x="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    ' i:type="x:Never"/>',
}


@pytest.mark.parametrize("kind", CONDITIONS)
def test_s11_condition_that_we_do_not_understand(stage: Stage, kind: str) -> None:
    plain = saml_forge.plain(stage.letter).replace(
        "</saml:Conditions>", f"{CONDITIONS[kind]}</saml:Conditions>"
    )
    assert stage.diagnosis(xmlsec1.sign(plain, stage.provider, ASSERTION)) == "response_malformed"


@pytest.mark.parametrize("audience", ["https://login.example/connections/con_2/metadata", None])
def test_s11_audience(stage: Stage, audience: str | None) -> None:
    assert stage.diagnosis(stage.response(audience=audience)) == "audience_mismatch"


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example/connections/con_2/acs",
        "https://login.example/connections/con_1/acs/more",
        "https://login.example/connections/con_1/acs?x=1",
        "https://LOGIN.example.evil/connections/con_1/acs",
        "",
    ],
)
def test_s11_destination_and_recipient(stage: Stage, url: str) -> None:
    assert stage.diagnosis(stage.response(destination=url)) == "destination_mismatch"
    assert stage.diagnosis(stage.response(recipient=url)) == "recipient_mismatch"


def test_s11_no_recipient(stage: Stage) -> None:
    assert stage.diagnosis(stage.response(recipient=None)) == "recipient_mismatch"


def test_s11_signed_response_without_destination(stage: Stage) -> None:
    document = stage.response(destination=None, signs_response=True)
    assert stage.diagnosis(document) == "destination_mismatch"


@pytest.mark.parametrize("issuer", ["https://other.example/entity", "https://idp.example/entity/"])
def test_s11_issuer(stage: Stage, issuer: str) -> None:
    assert stage.diagnosis(stage.response(issuer=issuer)) == "issuer_mismatch"
    assert stage.diagnosis(stage.response(response_issuer=issuer)) == "issuer_mismatch"


SKEWED: dict[str, tuple[dict[str, Any], str]] = {
    "issued_ahead": ({"issued": 240}, "token_from_future"),
    "not_before_ahead": ({"not_before": 90}, "token_from_future"),
    "conditions_over": ({"not_on_or_after": -240}, "token_expired"),
    "conditions_just_over": ({"not_on_or_after": -90}, "token_expired"),
    "confirmation_over": ({"confirmation_ends": -90}, "token_expired"),
    "confirmation_endless": ({"confirmation_ends": None}, "token_expired"),
    "session_over": ({"session_ends": -90}, "token_expired"),
}


@pytest.mark.parametrize("case", SKEWED)
def test_s12_skew(stage: Stage, case: str) -> None:
    changes, diagnosis = SKEWED[case]
    assert stage.diagnosis(stage.response(**changes)) == diagnosis


def test_s12_a_little_skew_is_borne(stage: Stage) -> None:
    document = stage.response(issued=40, not_before=40, not_on_or_after=-40)
    assert stage.finish(document).identity.subject == "user-1"


def test_s12_the_clock_of_all_decides(stage: Stage) -> None:
    document = stage.response()
    clock.move(400)
    assert stage.diagnosis(document) == "token_expired"


@pytest.mark.parametrize(
    "instant", ["2026-11-21T10:00:00", "2026-11-21T10:00:00+01:00", "now", "2026-13-45T10:00:00Z"]
)
def test_s12_no_instant(stage: Stage, instant: str) -> None:
    letter = saml_forge.plain(stage.letter)
    changed = re.sub(r'(<saml:Conditions NotBefore=")[^"]+', lambda m: m[1] + instant, letter)
    signed = xmlsec1.sign(changed, stage.provider, ASSERTION)
    assert stage.diagnosis(signed) == "response_malformed"


def test_s15_twenty_megabytes(stage: Stage) -> None:
    filler = "<!--" + "x" * 20_000_000 + "-->"
    assert stage.diagnosis(filler + stage.response()) == "too_large"


def test_s15_base64_of_much(stage: Stage) -> None:
    assert stage.diagnosis_of_form({"SAMLResponse": "A" * 10_000_000}) == "too_large"


@pytest.mark.parametrize("depth", [300, 5_000])
def test_s15_deep_nesting(stage: Stage, depth: int) -> None:
    nested = "<a>" * depth + "</a>" * depth
    document = stage.response().replace("<samlp:Status>", f"{nested}<samlp:Status>")
    assert stage.diagnosis(document) == "response_malformed"


@pytest.mark.parametrize("element", ["samlp:Status", "saml:AttributeStatement"])
def test_s15_many_attributes(stage: Stage, element: str) -> None:
    many = " ".join(f'a{n}="1"' for n in range(2_000))
    document = stage.response().replace(f"<{element}>", f"<{element} {many}>")
    assert stage.diagnosis(document) == "response_malformed"


@pytest.mark.parametrize("method", ["ds:Transform", "ds:CanonicalizationMethod"])
def test_s15_many_prefixes(stage: Stage, method: str) -> None:
    """Each would be looked for at each element: minutes for one message of a stranger."""
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    prefixes = " ".join(f"p{n}" for n in range(2_000))
    inside = f'<InclusiveNamespaces xmlns="{exclusive}" PrefixList="{prefixes}"/>'
    method_of = f'<{method} Algorithm="{exclusive}"'
    document = stage.response().replace(f"{method_of}/>", f"{method_of}>{inside}</{method}>")
    assert prefixes in document
    assert stage.diagnosis(document) == "algorithm_refused"


@pytest.mark.parametrize(
    "value", ["", "%%%", "PD94", base64.b64encode(b"\x00" * 99).decode(), "<samlp:Response/>"]
)
def test_s15_nothing_readable(stage: Stage, value: str) -> None:
    assert stage.diagnosis_of_form({"SAMLResponse": value}) == "response_malformed"


def test_s15_not_a_response(stage: Stage) -> None:
    assert stage.diagnosis("<x/>") == "response_malformed"
    assert stage.diagnosis(saml_forge.assertion(stage.letter)) == "response_malformed"


def test_s16_relay_state_is_never_looked_at(stage: Stage) -> None:
    form = {**saml_forge.form(stage.response()), "RelayState": "https://evil.example/"}
    assert "evil" not in repr(stage.finish_form(form))


def test_a08_subjects_that_name_nobody(stage: Stage) -> None:
    for subject in ("", " ", "0", "null", "None", "ad\u200bmin", "x" * 2_000):
        assert stage.diagnosis(stage.response(subject=subject)) == "subject_unusable", subject


def test_i10_weaker_context_than_asked_for(stage: Stage) -> None:
    strict = stage.with_settings(requested_contexts=("https://refeds.org/profile/mfa",))
    assert strict.diagnosis(stage.response()) == "context_mismatch"
    done = stage.response(context="https://refeds.org/profile/mfa")
    assert strict.finish(done).identity.amr == ("mfa",)


def test_metadata_with_a_document_type() -> None:
    for prefix in DOCUMENT_TYPES.values():
        with pytest.raises(UpstreamRefused, match="discovery_unusable"):
            saml_sp.parse_metadata(f"{prefix}<x/>".encode())
