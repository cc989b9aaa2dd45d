"""F15 of SECURITY, and rows S for the messages of single logout."""

import base64
import re
import zlib
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from app import clock
from app.federation import saml_sp
from app.federation.identity import UpstreamRefused
from app.federation.request import Request
from app.federation.saml_logout import Arrived
from tests.doubles import saml_forge, xmlsec1
from tests.doubles.saml_stage import ENTITY, Stage, set_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


def logout_request(stage: Stage, issuer: str = ENTITY, at: str = "") -> str:
    """One that the provider signed."""
    destination = at or stage.sp.slo_url
    return saml_forge.logout_request(issuer, destination, stage.provider)


def posted(document: str) -> Arrived:
    return Arrived(form={"SAMLRequest": base64.b64encode(document.encode()).decode()})


def deflated(document: bytes) -> str:
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(document) + packer.flush()).decode()


def diagnosis(stage: Stage, arrived: Arrived) -> str:
    with pytest.raises(UpstreamRefused) as caught:
        saml_sp.parse_logout(stage.connection, sp=stage.sp, arrived=arrived)
    return caught.value.diagnosis


def own_redirect(stage: Stage) -> str:
    """A query that is signed rightly: ours, which the connection below takes for its provider's."""
    request = saml_sp.logout_request(
        stage.connection,
        sp=stage.sp,
        name_id='{"value": "user-1"}',
        session_index="_s1",
        relay_state="state",
    )
    assert isinstance(request, Request)
    return urlsplit(request.url).query


@pytest.fixture
def mirror(stage: Stage) -> Stage:
    """Whose provider has our own key, name and logout URL, so that our messages come back."""
    return stage.with_settings(
        issuer=stage.sp.entity_id,
        certificates=(stage.sp.keys.certificate,),
        slo_url=stage.sp.slo_url,
    )


def test_f15_signed_request_is_taken(stage: Stage) -> None:
    arrived = posted(logout_request(stage))
    message = saml_sp.parse_logout(stage.connection, sp=stage.sp, arrived=arrived)
    assert (message.kind, message.name_id, message.session_indexes) == (
        "request",
        "user-1",
        ("_s1",),
    )


def test_f15_unsigned_form(stage: Stage) -> None:
    document = saml_forge.logout_request(ENTITY, stage.sp.slo_url, None)
    assert diagnosis(stage, posted(document)) == "signature_missing"


def test_f15_unsigned_query(stage: Stage) -> None:
    document = saml_forge.logout_request(ENTITY, stage.sp.slo_url, None).encode()
    assert diagnosis(stage, Arrived(query=urlencode({"SAMLRequest": deflated(document)}))) == (
        "signature_missing"
    )


def test_f15_signature_inside_of_a_query_does_not_count(stage: Stage) -> None:
    document = logout_request(stage).encode()
    query = urlencode({"SAMLRequest": deflated(document)})
    assert diagnosis(stage, Arrived(query=query)) == "signature_missing"


def test_f15_another_key(stage: Stage) -> None:
    document = saml_forge.logout_request(ENTITY, stage.sp.slo_url, stage.stranger)
    arrived = posted(document)
    assert diagnosis(stage, arrived) == "certificate_unknown"


def test_f15_another_subject_after_signing(stage: Stage) -> None:
    document = logout_request(stage).replace("user-1", "user-2")
    assert diagnosis(stage, posted(document)) == "signature_invalid"


def test_s11_another_issuer(stage: Stage) -> None:
    document = logout_request(stage, "https://other.example")
    assert diagnosis(stage, posted(document)) == "issuer_mismatch"


def test_s11_another_destination(stage: Stage) -> None:
    document = logout_request(stage, at=f"{stage.sp.slo_url}/")
    assert diagnosis(stage, posted(document)) == "destination_mismatch"


def test_s12_old_request(stage: Stage) -> None:
    arrived = posted(logout_request(stage))
    clock.move(361)
    assert diagnosis(stage, arrived) == "token_expired"
    clock.move(-700)
    assert diagnosis(stage, arrived) == "token_from_future"


def test_response_in_place_of_a_logout(stage: Stage) -> None:
    assert diagnosis(stage, posted(stage.response(signs_response=True))) == "signature_invalid"


def test_query_that_we_signed_comes_back(stage: Stage, mirror: Stage) -> None:
    arrived = Arrived(query=own_redirect(mirror))
    message = saml_sp.parse_logout(mirror.connection, sp=mirror.sp, arrived=arrived)
    assert (message.name_id, message.relay_state) == ("user-1", "state")


def changed(query: str, name: str, value: str) -> str:
    return urlencode({**dict(parse_qsl(query)), name: value})


ALTERED: dict[str, tuple[Callable[[str], str], str]] = {
    "relay_state": (lambda query: changed(query, "RelayState", "evil"), "signature_invalid"),
    "relay_state_dropped": (
        lambda query: re.sub("&RelayState=[^&]+", "", query),
        "signature_invalid",
    ),
    "signature": (lambda query: changed(query, "Signature", "AAAA"), "signature_invalid"),
    "signature_text": (lambda query: changed(query, "Signature", "%%%"), "signature_invalid"),
    "sha1": (
        lambda query: changed(query, "SigAlg", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        "algorithm_refused",
    ),
    "hmac": (
        lambda query: changed(query, "SigAlg", f"{xmlsec1.MORE}hmac-sha256"),
        "algorithm_refused",
    ),
    "no_algorithm": (lambda query: re.sub("&SigAlg=[^&]+", "", query), "algorithm_refused"),
    "twice": (lambda query: f"{query}&SAMLRequest=x", "response_malformed"),
    "both": (lambda query: f"{query}&SAMLResponse=x", "response_malformed"),
    "neither": (lambda query: query.replace("SAMLRequest", "x"), "response_malformed"),
    "not_deflated": (
        lambda query: changed(query, "SAMLRequest", base64.b64encode(b"<x/>").decode()),
        "response_malformed",
    ),
}


@pytest.mark.parametrize("how", ALTERED)
def test_altered_query(mirror: Stage, how: str) -> None:
    alter, expected = ALTERED[how]
    assert diagnosis(mirror, Arrived(query=alter(own_redirect(mirror)))) == expected


def test_s15_deflate_bomb(mirror: Stage) -> None:
    bomb = deflated(b"<x>" + b" " * 100_000_000 + b"</x>")
    assert len(bomb) < 200_000
    query = changed(own_redirect(mirror), "SAMLRequest", bomb)
    assert diagnosis(mirror, Arrived(query=query)) == "too_large"


def test_s15_large_query(mirror: Stage) -> None:
    query = f"SAMLRequest={quote('A' * 300_000)}&Signature=x"
    assert diagnosis(mirror, Arrived(query=query)) == "too_large"


def test_s15_large_form(mirror: Stage) -> None:
    assert diagnosis(mirror, Arrived(form={"SAMLRequest": "A" * 300_000})) == "too_large"


def test_entity_and_document_type(stage: Stage) -> None:
    document = "<!DOCTYPE x>" + logout_request(stage)
    assert diagnosis(stage, posted(document)) == "response_malformed"


def test_nothing_arrived(stage: Stage) -> None:
    assert diagnosis(stage, Arrived(query="")) == "response_malformed"
    assert diagnosis(stage, Arrived(form={})) == "response_malformed"
