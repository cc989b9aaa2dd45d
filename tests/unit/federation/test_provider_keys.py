"""CONFORMANCE, RP plan, and SECURITY I05: keys and discovery documents, and how long they serve."""

from collections.abc import Callable

import pytest
from joserfc.jwk import ECKey, RSAKey

from app import clock
from app.federation import breaker, documents
from app.federation.identity import UpstreamAway, UpstreamRefused
from tests.doubles.oidc_party import Meeting
from tests.doubles.oidc_provider import REMOVED

Refusal = Callable[..., UpstreamRefused]
_HOUR = 3_600


def test_documents_are_fetched_once_an_hour(met: Meeting) -> None:
    for _ in range(3):
        met.party.sign_in()
    assert (met.provider.counts["discovery"], met.provider.counts["jwks"]) == (1, 1)
    clock.move(_HOUR + 1)
    met.party.sign_in()
    assert (met.provider.counts["discovery"], met.provider.counts["jwks"]) == (2, 2)


def test_a_rotated_key_is_found_without_waiting(met: Meeting) -> None:
    met.party.sign_in()
    met.provider.keys.rotate()
    clock.move(2)
    assert met.party.sign_in().subject
    assert met.provider.counts["jwks"] == 2


def test_a_withdrawn_key_proves_nothing_after_the_next_look(met: Meeting, refusal: Refusal) -> None:
    met.party.sign_in()
    withdrawn = met.provider.keys.private["first"]
    met.provider.keys.rotate()
    clock.move(_HOUR + 1)
    met.party.sign_in()
    met.provider.keys.private["first"], met.provider.keys.signing = withdrawn, "first"
    assert refusal(met).diagnosis == "key_unknown"


def test_unknown_keys_do_not_make_us_ask_again_and_again(met: Meeting, refusal: Refusal) -> None:
    met.provider.script.header = {"kid": "nobody"}
    for _ in range(4):
        assert refusal(met).diagnosis == "key_unknown"
    assert met.provider.counts["jwks"] == 1
    clock.move(2)
    assert refusal(met).diagnosis == "key_unknown"
    assert met.provider.counts["jwks"] == 2


def test_no_kid_is_fine_where_one_key_fits(met: Meeting) -> None:
    met.provider.keys.add("curve", ECKey.generate_key("P-256", auto_kid=False))
    met.provider.keys.signing = "first"
    met.provider.script.header = {"kid": REMOVED}
    assert met.party.sign_in().subject


def test_no_kid_is_refused_where_several_keys_fit(met: Meeting, refusal: Refusal) -> None:
    met.provider.keys.add("second", RSAKey.generate_key(2048, auto_kid=False))
    met.provider.script.header = {"kid": REMOVED}
    refused = refusal(met)
    assert (refused.diagnosis, refused.arrived["fitting_keys"]) == ("key_unknown", 2)


@pytest.mark.parametrize(
    "answer",
    [
        (500, "text/plain", b"oops"),
        (200, "text/html", b"<html>sign in</html>"),
        (200, "application/json", b"[]"),
        (200, "application/json", b"{" * 100_000),
        (200, "application/json", b" " * 10_000_000),
        (404, "application/json", b'{"keys": []}'),
    ],
    ids=["500", "html", "list", "deep", "10 MB", "404"],
)
def test_i05_a_copy_serves_until_it_is_a_day_old_and_then_nobody_comes_in(
    met: Meeting, answer: tuple[int, str, bytes]
) -> None:
    met.party.sign_in()
    met.provider.script.answers["jwks"] = answer
    clock.move(23 * _HOUR)
    met.party.sign_in()
    met.party.sign_in()
    assert met.provider.counts["jwks"] == 2
    clock.move(_HOUR + 1)
    with pytest.raises((UpstreamAway, UpstreamRefused)):
        met.party.sign_in()


@pytest.mark.parametrize("what", ["discovery", "jwks"])
def test_i05_html_in_place_of_a_document_is_named(
    met: Meeting, refusal: Refusal, what: str
) -> None:
    met.provider.script.answers[what] = (200, "text/html", b"<html></html>")
    refused = refusal(met)
    assert refused.diagnosis == "discovery_unusable"
    assert refused.arrived["content_type"] == "text/html"
    assert b"html>" not in str(refused.arrived).encode()


def test_i05_a_huge_document_is_named(met: Meeting, refusal: Refusal) -> None:
    met.provider.script.answers["jwks"] = (200, "application/json", b" " * 10_000_000)
    assert refusal(met).diagnosis == "too_large"


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://another.example"},
        {"issuer": REMOVED},
        {"token_endpoint": REMOVED},
        {"jwks_uri": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://plain.example/authorize"},
        {"authorization_endpoint": "https://user:password@idp.example/authorize"},
        {"authorization_endpoint": "https://idp.example/a b"},
        {"end_session_endpoint": "data:text/html,x"},
    ],
    ids=str,
)
def test_a_discovery_document_must_be_about_its_issuer_and_lead_somewhere(
    met: Meeting, refusal: Refusal, changed: dict[str, object]
) -> None:
    met.provider.script.discovery = changed
    assert refusal(met).diagnosis == "discovery_unusable"


def test_endpoints_may_be_written_down(meet: Callable[..., Meeting]) -> None:
    met = meet()
    url = met.provider.url
    given = {
        "discovers": False,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
        "reads_userinfo": False,
    }
    changed = met.party.connection.settings.model_copy(update=given)
    object.__setattr__(met.party.connection, "settings", changed)
    assert met.party.sign_in().subject == "248289761001"
    assert met.provider.counts["discovery"] == 0


def test_copies_do_not_grow_without_bounds(met: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    documents.forget_all()
    met.party.sign_in()
    assert len(documents._copies) == 2
    monkeypatch.setattr(documents, "_MOST_BYTES", 100)
    clock.move(_HOUR + 1)
    assert met.party.sign_in().subject
    assert len(documents._copies) == 0


def test_one_connection_is_not_served_what_another_fetched(meet: Callable[..., Meeting]) -> None:
    met = meet()
    met.party.sign_in()
    object.__setattr__(met.party.connection, "row_version", 2)
    met.party.sign_in()
    assert met.provider.counts["discovery"] == 2


def test_i08_a_provider_that_fails_is_left_alone_for_a_while(met: Meeting) -> None:
    request = met.party.start()
    met.provider.script.answers["token"] = (503, "text/plain", b"")
    for _ in range(breaker.MOST_FAILURES):
        with pytest.raises(UpstreamAway):
            met.party.sign_in()
    asked = len(met.provider.asked)
    with pytest.raises(UpstreamAway):
        met.party.start()
    assert len(met.provider.asked) == asked
    met.provider.reset()
    clock.move(31)
    assert met.party.sign_in().subject
    assert request.keep["nonce"]


def test_i08_a_provider_that_refuses_is_not_away(met: Meeting, refusal: Refusal) -> None:
    met.provider.script.changed = {"aud": "another"}
    for _ in range(2 * breaker.MOST_FAILURES):
        assert refusal(met).diagnosis == "audience_mismatch"


def test_everything_kept_can_be_forgotten(met: Meeting) -> None:
    met.party.sign_in()
    documents.forget_all()
    breaker.forget_all()
    met.party.sign_in()
    assert met.provider.counts["jwks"] == 2
