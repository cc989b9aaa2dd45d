"""What we ask a SAML provider, read from the message itself."""

import base64
import zlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from app.federation import saml_sp
from app.federation.request import Request
from app.federation.saml_identity import NAME_ID_FORMATS
from tests.doubles.saml_stage import Stage, set_stage

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
MFA = "https://refeds.org/profile/mfa"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


def asked(stage: Stage, **how: Any) -> Request:
    return saml_sp.start(stage.connection, sp=stage.sp, relay_state="our-state", **how)


def parameters(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def message(request: Request) -> Any:
    raw = zlib.decompress(base64.b64decode(parameters(request)["SAMLRequest"]), -15)
    return etree.fromstring(raw)


@pytest.mark.parametrize("kind", NAME_ID_FORMATS)
def test_kind_of_name_is_asked_for_unless_it_is_the_providers_to_choose(
    stage: Stage, kind: str
) -> None:
    policy = message(asked(stage.with_settings(name_id_format=kind))).find(f"{SAMLP}NameIDPolicy")
    if kind == "unspecified":
        assert policy is None, "AD FS fails when it is asked for another than it was set to."
    else:
        assert policy.get("Format") == NAME_ID_FORMATS[kind]


def test_contexts_are_asked_for(stage: Stage) -> None:
    wanted = message(asked(stage.with_settings(requested_contexts=(MFA,))))
    assert [each.text for each in wanted.iter(f"{SAML}AuthnContextClassRef")] == [MFA]
    assert list(message(asked(stage)).iter(f"{SAML}AuthnContextClassRef")) == []


def test_fresh_sign_in_is_asked_for(stage: Stage) -> None:
    assert message(asked(stage, force_authn=True)).get("ForceAuthn") == "true"
    assert message(asked(stage)).get("ForceAuthn") is None


def test_where_the_answer_goes(stage: Stage) -> None:
    root, request = message(asked(stage, request_id="_own")), asked(stage, request_id="_own")
    assert root.get("AssertionConsumerServiceURL") == stage.sp.acs_url
    assert root.get("ProtocolBinding").endswith("HTTP-POST")
    assert root.findtext(f"{SAML}Issuer") == stage.sp.entity_id
    assert (root.get("ID"), request.keep) == ("_own", {"request_id": "_own"})
    assert parameters(request)["RelayState"] == "our-state"


def test_unsigned_where_the_connection_says_so(stage: Stage) -> None:
    assert {"SigAlg", "Signature"} <= {*parameters(asked(stage))}
    bare = stage.with_settings(signs_requests=False)
    assert {*parameters(asked(bare))} == {"SAMLRequest", "RelayState"}
    posted = asked(stage.with_settings(signs_requests=False, sso_binding="post")).form
    assert posted is not None
    assert b"Signature" not in base64.b64decode(posted["SAMLRequest"])


def test_address_with_a_query_keeps_it_and_the_hint_stays_outside_the_signature(
    stage: Stage,
) -> None:
    there = stage.with_settings(sso_url="https://idp.example/sso?app=7")
    found = parameters(asked(there, login_hint="ada+x@example.com"))
    assert (found["app"], found["login_hint"]) == ("7", "ada+x@example.com")
    query = urlsplit(asked(there, login_hint="ada@example.com").url).query
    assert query.index("Signature=") < query.index("login_hint=")
