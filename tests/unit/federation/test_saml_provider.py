"""Signing in and out by an identity provider of another make, over its real pages."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from app.directory.connection_settings import SamlSettings
from app.federation import saml_sp
from app.federation.identity import UpstreamRefused
from app.federation.saml_logout import Arrived
from app.federation.saml_sp import Assertion
from tests.doubles import form_browser
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.saml_script import Script
from tests.doubles.saml_stage import Stage, set_stage


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SamlProvider, Stage]]:
    stage = set_stage(tmp_path_factory.mktemp("stage"))
    with SamlProvider(tmp_path_factory.mktemp("provider")) as provider:
        provider.trust(saml_sp.metadata(stage.sp, wants_encryption=True))
        found = saml_sp.parse_metadata(form_browser.fetch(provider.metadata_url).text.encode())
        settings = SamlSettings(
            issuer=found.entity_id,
            sso_url=found.sso_url,
            sso_binding=found.sso_binding,
            slo_url=found.slo_url,
            certificates=found.certificates,
            email_is_proof="domain",
        )
        yield provider, replace(stage, connection=replace(stage.connection, settings=settings))


@pytest.fixture(autouse=True)
def ordinary_script(running: tuple[SamlProvider, Stage]) -> None:
    running[0].act_out(Script())


def sign_in(stage: Stage, *, force_authn: bool = False) -> Assertion:
    """Take the whole way: our request, their login form, their answer."""
    request = saml_sp.start(
        stage.connection,
        sp=stage.sp,
        relay_state="our-state",
        force_authn=force_authn,
        login_hint="ada@example.com",
    )
    login = form_browser.form_of(request.url, request.form)
    answer = form_browser.form_of(login.action, login.fields)
    assert answer.action == stage.sp.acs_url
    assert answer.fields["RelayState"] == "our-state"
    return saml_sp.finish(
        stage.connection,
        sp=stage.sp,
        form=answer.fields,
        keep=request.keep,
        is_in_claimed_domain=lambda domain: domain == "example.com",
    )


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_sign_in(running: tuple[SamlProvider, Stage], binding: str) -> None:
    provider, stage = running
    taken = sign_in(stage.with_settings(sso_binding=binding), force_authn=True)
    assert taken.identity.subject == "user-1"
    assert taken.identity.email == "ada@example.com"
    assert taken.identity.email_verified
    request = provider.seen("authn_request")[-1]
    assert request["force_authn"] == "true"
    assert request["acs_url"] == stage.sp.acs_url
    assert request["name_id_format"].endswith("persistent")


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_request_under_another_key_is_refused_there(
    running: tuple[SamlProvider, Stage], binding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, stage = running
    other = set_stage(tmp_path_factory.mktemp("other"))
    forged = replace(
        stage.with_settings(sso_binding=binding), sp=replace(stage.sp, keys=other.sp.keys)
    )
    request = saml_sp.start(forged.connection, sp=forged.sp, relay_state="x")
    with pytest.raises(OSError, match=r"closed|reset|disconnected"):
        form_browser.fetch(request.url, request.form)


def test_signed_response_and_assertion(running: tuple[SamlProvider, Stage]) -> None:
    running[0].act_out(Script(signs_response=True))
    assert sign_in(running[1]).identity.subject == "user-1"


def test_encrypted_assertion(running: tuple[SamlProvider, Stage]) -> None:
    running[0].act_out(Script(encrypts=True))
    taken = sign_in(running[1].with_settings(wants_encryption=True))
    assert taken.identity.email == "ada@example.com"


def test_provider_that_could_not_sign_in_the_person(running: tuple[SamlProvider, Stage]) -> None:
    running[0].act_out(Script(refuses=True))
    with pytest.raises(UpstreamRefused, match="access_denied_upstream"):
        sign_in(running[1])


def test_unsolicited(running: tuple[SamlProvider, Stage]) -> None:
    provider, stage = running
    willing = stage.with_settings(takes_unsolicited=True)
    form = provider.unsolicited(stage.sp.acs_url, stage.sp.entity_id)
    assert willing.finish_form(form, is_asked=False).identity.subject == "user-1"
    assert stage.diagnosis_of_form(form, is_asked=False) == "unsolicited_refused"


def test_logout_that_we_begin(running: tuple[SamlProvider, Stage]) -> None:
    provider, stage = running
    identity = sign_in(stage).identity
    assert identity.name_id is not None
    request = saml_sp.logout_request(
        stage.connection,
        sp=stage.sp,
        name_id=identity.name_id,
        session_index=identity.session_index,
        relay_state="our-state",
    )
    assert request is not None
    answer = form_browser.fetch(request.url, request.form)
    asked = provider.seen("logout_request")[-1]
    assert (asked["name_id"], asked["session_indexes"]) == ("user-1", [identity.session_index])
    assert answer.location is not None
    query = urlsplit(answer.location).query
    message = saml_sp.parse_logout(stage.connection, sp=stage.sp, arrived=Arrived(query=query))
    assert message.kind == "response"
    assert message.is_success
    assert message.in_response_to == request.keep["request_id"]
    assert message.relay_state == "our-state"


def test_logout_that_the_provider_begins(running: tuple[SamlProvider, Stage]) -> None:
    provider, stage = running
    location = urlsplit(provider.logout_location("user-1", stage.sp.slo_url, "their-state"))
    by_query = Arrived(query=location.query)
    by_form = Arrived(form=provider.logout_form("user-1", stage.sp.slo_url))
    for arrived in (by_query, by_form):
        message = saml_sp.parse_logout(stage.connection, sp=stage.sp, arrived=arrived)
        assert (message.kind, message.name_id) == ("request", "user-1")
        assert message.session_indexes == ("_s1",)
        answer = saml_sp.logout_response(
            stage.connection, sp=stage.sp, in_response_to=message.id, relay_state="their-state"
        )
        assert answer is not None
        assert form_browser.fetch(answer.url, answer.form).text == "signed out"
        assert f'InResponseTo="{message.id}"' in provider.seen("logout_response")[-1]["document"]


def test_keys_roll_over(running: tuple[SamlProvider, Stage]) -> None:
    provider, stage = running
    provider.publish_next_key()
    both = saml_sp.parse_metadata(provider.metadata()).certificates
    assert len(both) == 2
    rolling = stage.with_settings(certificates=both)
    assert sign_in(rolling).identity.subject == "user-1"
    provider.sign_with_next_key()
    assert sign_in(rolling).identity.subject == "user-1"
    with pytest.raises(UpstreamRefused, match="certificate_unknown"):
        sign_in(stage)
