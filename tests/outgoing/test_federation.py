"""SECURITY N01 to N04, N06: where a provider that is hostile, or ill described, can make us connect
to. Proven at the socket."""

import socket
from collections.abc import Iterator

import pytest

from app.federation import oidc_rp, providers
from app.federation.identity import UpstreamAway, UpstreamRefused
from tests.doubles.oidc_browser import visit
from tests.doubles.oidc_party import CALLBACK, Meeting, meeting
from tests.outgoing.sockets import watched

_INSIDE = (
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x",
    "https://100.64.0.1/x",
    "https://localhost/x",
    "https://metadata.internal/x",
    "https://idp.example:22/x",
    "https://user:password@idp.example/x",
    "http://idp.example/x",
)


@pytest.fixture
def met() -> Iterator[Meeting]:
    with meeting() as made:
        yield made


@pytest.mark.parametrize(
    "preset", [each.key for each in providers.PRESETS.values() if each.is_social]
)
def test_n01_a_sign_in_connects_to_the_provider_alone_and_through_the_guard(preset: str) -> None:
    with meeting(preset) as met:
        host, port = met.provider.address.split(":")
        with watched() as first:
            request = met.party.start()
        returned = visit(request.url)
        with watched() as second:
            met.party.finish(request, returned)
        made = first.targets + second.targets
        assert len(made) == len(met.provider.asked) - 1  # One was the browser's.
        assert {*made} == {(host, int(port))}
        assert first.unguarded + second.unguarded == []
        assert set(first.looked_up + second.looked_up) <= {host}


@pytest.mark.parametrize("inside", _INSIDE)
@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_n02_n03_a_discovery_document_leads_nowhere_inside(
    met: Meeting, endpoint: str, inside: str
) -> None:
    met.provider.script.discovery = {endpoint: inside}
    host, port = met.provider.address.split(":")
    with watched() as opened, pytest.raises((UpstreamRefused, UpstreamAway)):
        met.party.sign_in()
    assert {*opened.targets} == {(host, int(port))}


@pytest.mark.parametrize("inside", _INSIDE)
def test_n02_n03_an_issuer_is_nowhere_inside(met: Meeting, inside: str) -> None:
    settings = met.party.connection.settings.model_copy(update={"issuer": inside})
    object.__setattr__(met.party.connection, "settings", settings)
    with watched() as opened, pytest.raises((UpstreamRefused, UpstreamAway)) as caught:
        met.party.start()
    assert opened.targets == []
    if isinstance(caught.value, UpstreamRefused):
        assert caught.value.diagnosis == "discovery_unusable"


def test_n05_a_provider_cannot_send_us_on(met: Meeting) -> None:
    met.provider.script.answers["jwks"] = (302, "application/json", b'{"keys": []}')
    with pytest.raises(UpstreamRefused) as caught:
        met.party.sign_in()
    assert caught.value.diagnosis == "discovery_unusable"


@pytest.mark.parametrize("what", ["discovery", "token", "jwks", "userinfo"])
def test_n06_no_answer_is_read_beyond_its_cap(met: Meeting, what: str) -> None:
    met.provider.script.answers[what] = (200, "application/json", b" " * 600_000)
    with pytest.raises(UpstreamRefused) as caught:
        met.party.sign_in()
    assert caught.value.diagnosis == "too_large"


def test_nothing_is_asked_when_the_answer_is_an_error(met: Meeting) -> None:
    request = met.party.start()
    with watched() as opened, pytest.raises(UpstreamRefused):
        oidc_rp.finish(
            met.party.connection,
            met.party.secret,
            redirect_uri=CALLBACK,
            parameters={"error": "access_denied"},
            keep=request.keep,
            is_in_claimed_domain=met.party.claims,
        )
    assert opened.targets == []


def test_the_watch_sees_what_goes_past_the_guard(met: Meeting) -> None:
    host, port = met.provider.address.split(":")
    with watched() as opened:
        socket.create_connection((host, int(port))).close()
    assert opened.targets == [(host, int(port))]
    assert opened.unguarded == [socket.__file__]
