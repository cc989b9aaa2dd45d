"""SECURITY A05 to A08 and part I: what upstream OpenID and OAuth providers can make us believe.

Beside these, I01 is in `tests/unit/federation/test_authorization_requests.py`, I05 in
`test_provider_keys.py`, I07 in `test_providers.py`, and N in `tests/outgoing/test_federation.py`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from app import clock, outgoing
from app.federation import network, oidc_rp
from app.federation.identity import UpstreamAway, UpstreamRefused
from app.outgoing import Answer
from tests.doubles.oidc_browser import Returned, visit
from tests.doubles.oidc_party import CALLBACK, Meeting, meeting, reaching
from tests.doubles.oidc_people import DIRECTORY
from tests.doubles.oidc_provider import CLIENT_ID, REMOVED

Meet = Callable[..., Meeting]
_MARKUP = '<script>alert(1)</script> "quoted" \r\nSet-Cookie: a=b \x1b[31m'


@pytest.fixture
def meet() -> Iterator[Meet]:
    """Makes a provider for a preset, and a connection to it."""
    with ExitStack() as stack:

        def make(preset: str = "custom_oidc", **changed: Any) -> Meeting:
            return stack.enter_context(meeting(preset, **changed))

        yield make


def _refused(met: Meeting) -> UpstreamRefused:
    with pytest.raises(UpstreamRefused) as caught:
        met.party.sign_in()
    return caught.value


@pytest.mark.parametrize("told", [REMOVED, None, False, "false", 0, 1, "1", "yes", [True], "TRUE"])
@pytest.mark.parametrize("preset", ["custom_oidc", "google", "apple", "linkedin"])
def test_a05_only_a_clear_yes_verifies_an_address(meet: Meet, preset: str, told: object) -> None:
    met = meet(preset)
    met.provider.script.changed = met.provider.script.userinfo = {"email_verified": told}
    identity = met.party.sign_in()
    assert identity.email
    assert not identity.email_verified


@pytest.mark.parametrize(
    ("preset", "is_proof"),
    [("apple", True), ("linkedin", True), ("custom_oidc", False), ("google", False)],
)
def test_a05_yes_as_text_counts_where_the_provider_is_known_to_write_it_so(
    meet: Meet, preset: str, is_proof: bool
) -> None:
    met = meet(preset)
    met.provider.script.changed = met.provider.script.userinfo = {"email_verified": "true"}
    assert met.party.sign_in().email_verified is is_proof


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("microsoft", {"email_verified": True, "verified": True}),
        ("facebook", {"email_verified": True, "verified": True, "xms_edov": True}),
    ],
)
def test_a05_a_provider_that_does_not_check_verifies_nothing(
    meet: Meet, preset: str, said: dict[str, Any]
) -> None:
    met = meet(preset)
    met.provider.script.changed = met.provider.script.userinfo = said
    assert not met.party.sign_in().email_verified


@pytest.mark.parametrize(
    ("told", "is_proof"),
    [
        *[(yes, True) for yes in (True, "true", "1", 1)],
        *[(no, False) for no in (REMOVED, None, False, "false", 0, "0", 1.0, [True], "yes")],
    ],
    ids=repr,
)
def test_a06_microsoft_vouches_where_it_verified_who_owns_the_domain(
    meet: Meet, told: object, is_proof: bool
) -> None:
    met = meet("microsoft")
    met.provider.script.changed = {"xms_edov": told}
    assert met.party.sign_in().email_verified is is_proof


def test_a06_a_hostile_directory_may_write_any_address_and_gains_nothing(meet: Meet) -> None:
    met = meet("microsoft")
    honest = met.party.sign_in()
    hostile = "9188040d-6c67-4c5b-b112-36a304b66dad"
    met.provider.script.person |= {
        "tid": hostile,
        "oid": "11111111-0000-0000-0000-000000000000",
        "email": honest.email,
        "preferred_username": honest.email,
        "upn": honest.email,
        "email_verified": True,
    }
    forged = met.party.sign_in()
    assert forged.subject == f"{hostile}:11111111-0000-0000-0000-000000000000"
    assert forged.subject != honest.subject
    assert not forged.email_verified
    assert met.party.asked_for == []


def test_a06_the_same_object_id_in_another_directory_is_another_person(meet: Meet) -> None:
    met = meet("microsoft")
    honest = met.party.sign_in()
    met.provider.script.person["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad"
    assert met.party.sign_in().subject != honest.subject


def test_a06_a_token_cannot_claim_a_directory_that_did_not_issue_it(meet: Meet) -> None:
    met = meet("microsoft")
    met.provider.script.changed = {"tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}
    assert _refused(met).diagnosis == "issuer_mismatch"


def test_a06_one_directory_vouches_for_the_domains_of_its_organization(meet: Meet) -> None:
    met = meet("entra")
    identity = met.party.sign_in()
    assert (identity.email, identity.email_verified) == ("jane@acme.example", True)
    assert met.party.connection.settings.issuer.endswith(f"/{DIRECTORY}/v2.0")
    met.provider.script.changed = {"email": "victim@beta.example"}
    assert not met.party.sign_in().email_verified


@pytest.mark.parametrize(
    ("preset", "name"),
    [
        ("custom_oidc", "preferred_username"),
        ("microsoft", "preferred_username"),
        ("entra", "preferred_username"),
        ("github", "login"),
        ("discord", "username"),
    ],
)
def test_a07_a_name_that_is_given_away_leads_to_another_person(
    meet: Meet, preset: str, name: str
) -> None:
    met = meet(preset)
    person = met.provider.script.person
    person[name] = "octojane"
    first = met.party.sign_in()
    person[name] = "renamed"
    assert met.party.sign_in().subject == first.subject
    ids: dict[str, dict[str, Any]] = {"github": {"id": 999}, "discord": {"id": "999"}}
    person |= {name: "octojane", **ids.get(preset, {"sub": "another", "oid": "o-2"})}
    assert met.party.sign_in().subject != first.subject


_NOBODY = ["", " ", "0", "null", "None", "undefined", "NaN", "false", False, True, 0, 1.5, [], {}]


@pytest.mark.parametrize("subject", _NOBODY, ids=repr)
def test_a08_a_subject_that_is_nobody_is_refused(meet: Meet, subject: object) -> None:
    met = meet()
    met.provider.script.changed = {"sub": subject}
    assert _refused(met).diagnosis == "subject_unusable"


@pytest.mark.parametrize("subject", [*_NOBODY, "583231", -1, None], ids=repr)
def test_a08_githubs_number_is_a_number_and_never_text(meet: Meet, subject: object) -> None:
    met = meet("github")
    met.provider.script.userinfo = {"id": subject}
    expected = "subject_missing" if subject is None else "subject_unusable"
    assert _refused(met).diagnosis == expected


@pytest.mark.parametrize("subject", [80351110224678912, *_NOBODY], ids=repr)
@pytest.mark.parametrize("preset", ["discord", "facebook"])
def test_a08_a_number_is_not_the_text_that_it_looks_like(
    meet: Meet, preset: str, subject: object
) -> None:
    met = meet(preset)
    met.provider.script.userinfo = {"id": subject}
    assert _refused(met).diagnosis == "subject_unusable"


def test_a08_subjects_are_exact(meet: Meet) -> None:
    met = meet()
    found = set()
    for subject in ("abc", "ABC", "abc1", "\u0430bc", "0x0", "00"):
        met.provider.script.person["sub"] = subject
        found.add(met.party.sign_in().subject)
    assert found == {"abc", "ABC", "abc1", "\u0430bc", "0x0", "00"}


def test_a08_a_mapped_subject_must_be_signed(meet: Meet) -> None:
    met = meet("entra", reads_userinfo=True)
    met.provider.script.changed = {"oid": REMOVED}
    assert _refused(met).diagnosis == "subject_missing"


def test_i01_a_code_of_another_connection_is_worth_nothing_here(meet: Meet) -> None:
    honest, hostile = meet(), meet()
    with reaching(honest.provider.address, hostile.provider.address):
        request = hostile.party.start()
        code = visit(honest.party.start().url).parameters["code"]
        with pytest.raises(UpstreamRefused) as caught:
            hostile.party.finish(request, Returned(CALLBACK, {"code": code}, is_posted=False))
    assert caught.value.diagnosis == "code_refused"
    assert honest.provider.counts["token"] == 0


@pytest.mark.parametrize(
    ("claims", "diagnosis"),
    [
        ({"aud": [CLIENT_ID, "other"], "azp": "other"}, "azp_mismatch"),
        ({"aud": [CLIENT_ID, "other"]}, "azp_mismatch"),
        ({"aud": ["other"], "azp": CLIENT_ID}, "audience_mismatch"),
        ({"aud": {CLIENT_ID: 1}}, "audience_mismatch"),
        ({"aud": f"{CLIENT_ID} other"}, "audience_mismatch"),
    ],
    ids=str,
)
def test_i04_a_token_for_others_is_refused(
    meet: Meet, claims: dict[str, Any], diagnosis: str
) -> None:
    met = meet()
    met.provider.script.changed = claims
    assert _refused(met).diagnosis == diagnosis


def test_i04_userinfo_of_another_subject_is_refused(meet: Meet) -> None:
    met = meet()
    met.provider.script.userinfo = {"sub": "somebody-else"}
    refused = _refused(met)
    assert refused.diagnosis == "userinfo_mismatch"
    assert refused.arrived["sub"] == "somebody-else"


@pytest.mark.parametrize("what", ["discovery", "token", "jwks", "userinfo"])
@pytest.mark.parametrize("fault", ["hangs", "resets", "500"])
def test_i08_a_provider_that_is_not_there_ends_the_wait(
    meet: Meet, monkeypatch: pytest.MonkeyPatch, what: str, fault: str
) -> None:
    monkeypatch.setattr(oidc_rp, "Budget", lambda: network.Budget(0.4))
    met = meet()
    if fault == "500":
        met.provider.script.answers[what] = (500, "text/html", b"<h1>Oops</h1>")
    else:
        getattr(met.provider.script, fault).add(what)
    with pytest.raises(UpstreamAway) as caught:
        met.party.sign_in()
    assert "Oops" not in caught.value.reason


def test_i08_all_requests_of_a_sign_in_share_one_budget(
    meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    met, given, real = meet(), [], outgoing.fetch

    def fetch(url: str, **options: Any) -> Answer:
        given.append(options["deadline"])
        return real(url, **options)

    monkeypatch.setattr(outgoing, "fetch", fetch)
    met.party.sign_in()
    finishing = given[1:]
    assert len(finishing) == 3
    assert finishing == sorted(finishing, reverse=True)
    assert max(given) <= network.BUDGET == 5.0


def test_i09_words_of_a_provider_reach_admins_only_and_harmless(meet: Meet) -> None:
    met = meet()
    request = met.party.start()
    given = {"error": _MARKUP, "error_description": _MARKUP * 90, "error_uri": "javascript:1"}
    with pytest.raises(UpstreamRefused) as caught:
        met.party.finish(request, Returned(CALLBACK, given, is_posted=False))
    assert str(caught.value) == caught.value.diagnosis == "provider_error"
    shown = caught.value.arrived
    assert {*shown} == {"error", "error_description"}
    assert all(len(words) <= 300 and words.isprintable() for words in shown.values())
    assert json.dumps(shown)


@pytest.mark.parametrize(
    "said",
    [{}, {"acr": REMOVED, "amr": REMOVED, "auth_time": REMOVED}, {"acr": 7, "amr": {"a": 1}}],
)
def test_i10_what_a_provider_does_not_say_counts_as_weakest(
    meet: Meet, said: dict[str, Any]
) -> None:
    met = meet()
    met.provider.script.changed = said
    identity = met.party.sign_in(acr_values=("mfa",))
    assert (identity.acr, identity.amr) == (None, ())
    assert (identity.auth_time is None) is ("auth_time" in said)


def test_i10_how_and_when_the_person_was_proven_is_carried(meet: Meet) -> None:
    met = meet()
    an_hour_ago = clock.now_seconds() - 3_600
    met.provider.script.changed = {
        "acr": "urn:acme:mfa",
        "amr": ["pwd", "otp", 7],
        "auth_time": an_hour_ago,
        "sid": "s-1",
    }
    identity = met.party.sign_in()
    assert (identity.acr, identity.amr) == ("urn:acme:mfa", ("pwd", "otp"))
    assert identity.auth_time == an_hour_ago * 1_000
    assert identity.session_index == "s-1"


def test_i10_only_signed_claims_say_how_strong_a_sign_in_was(meet: Meet) -> None:
    met = meet()
    met.provider.script.userinfo = {"acr": "urn:acme:mfa", "amr": ["otp"]}
    identity = met.party.sign_in()
    assert (identity.acr, identity.amr) == (None, ())
    plain = meet("discord")
    plain.provider.script.userinfo = {"acr": "x", "amr": ["otp"], "iss": "https://x", "sid": "s"}
    told = plain.party.sign_in()
    assert (told.acr, told.amr, told.session_index) == (None, (), None)
    assert told.issuer == plain.party.connection.settings.issuer


def test_i10_an_old_sign_in_is_refused_where_a_fresh_one_was_asked_for(meet: Meet) -> None:
    met = meet()
    met.provider.script.changed = {"auth_time": clock.now_seconds() - 400}
    with pytest.raises(UpstreamRefused) as caught:
        met.party.sign_in(max_age=300)
    assert caught.value.diagnosis == "proof_too_old"
    assert met.party.sign_in(max_age=400).auth_time
    assert met.party.sign_in().auth_time
