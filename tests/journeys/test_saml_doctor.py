"""The connection doctor, for SAML: whatever is wrong with an answer has one name in the report,
which says what to do about it at this provider, and holds no secret and nobody's name."""

import json
import re

import pytest
from flask import Flask

from app import text
from app.database import read
from app.directory import upstream_reports
from app.directory.upstream_reports import Report
from app.federation.diagnosis import DIAGNOSES
from app.federation.providers.saml import SAML_PRESETS
from app.models import Session
from tests.doubles import saml_forge
from tests.factories import Factory
from tests.journeys.moves import rows
from tests.journeys.saml_faults import FAULTS, FIRST, answer_of
from tests.journeys.saml_forger import Forger, Keys, forger_of, make_forger_keys
from tests.journeys.test_openid_doctor import OF_SAML

_BY_NAME = {"unsolicited_refused", "replayed"}
"""Those that take more than one answer, in tests of their own below."""
_VENDORS = {
    "entra_saml": "Entra",
    "okta_saml": "Okta",
    "google_saml": "Google",
    "onelogin_saml": "OneLogin",
    "jumpcloud_saml": "JumpCloud",
    "adfs_saml": "AD FS",
    "generic_saml": "SAML",
}
_OF_OPENID = re.compile(r"openid|jwks|ID token|max_age|userinfo|client secret|scope", re.IGNORECASE)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_forger_keys(tmp_path_factory.mktemp("saml"))


def reports_of(forger: Forger) -> list[Report]:
    with read(forger.tenant.id) as session:
        return list(upstream_reports.latest(session, forger.connection.id))


def test_every_diagnosis_of_saml_is_reached() -> None:
    reached = {fault.diagnosis for fault in FAULTS.values()} | _BY_NAME
    assert reached >= OF_SAML
    assert reached <= {*DIAGNOSES}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if FIRST[fault.diagnosis] == name else pytest.mark.slow)
        for name, fault in FAULTS.items()
    ],
)
def test_each_fault_is_named_in_the_report_without_a_secret(
    app: Flask, make: Factory, keys: Keys, name: str
) -> None:
    fault = FAULTS[name]
    forger = forger_of(app, make, keys, fault.provider, **fault.settings)
    asked = forger.ask(**fault.asked)
    document = answer_of(fault, forger, asked)
    fault.before(asked)
    fault.meanwhile(forger)
    browser = forger.bring(asked, document)
    assert (browser.answer, browser.status) == (None, 200)
    assert [each.diagnosis for each in reports_of(forger)] == [fault.diagnosis]
    assert rows(Session, forger.tenant) == []
    shown = json.dumps(reports_of(forger)[0].arrived)
    secrets = [asked.letter.in_response_to, asked.relay_state, "user-1", "ada@example.com"]
    assert [each for each in secrets if each and each in shown] == []


def test_an_honest_answer_has_no_report(app: Flask, make: Factory, keys: Keys) -> None:
    forger = forger_of(app, make, keys)
    asked = forger.ask()
    browser = forger.bring(asked, saml_forge.response(asked.letter, keys.provider))
    assert browser.answer is not None
    assert reports_of(forger) == []


def test_s10_an_answer_that_nobody_asked_for_is_reported(
    app: Flask, make: Factory, keys: Keys
) -> None:
    forger = forger_of(app, make, keys)
    asked = forger.ask()
    asked.relay_state = "https://idp.example/tile"
    letter = asked.letter.changed(in_response_to=None)
    browser = forger.bring(asked, saml_forge.response(letter, keys.provider))
    assert browser.status == 403
    assert [each.diagnosis for each in reports_of(forger)] == ["unsolicited_refused"]


def test_s09_an_assertion_that_was_used_is_reported(app: Flask, make: Factory, keys: Keys) -> None:
    """The provider uses an assertion's id again, in an answer to another request."""
    forger = forger_of(app, make, keys)
    first, second = forger.ask(), forger.ask()
    assert forger.bring(first, saml_forge.response(first.letter, keys.provider)).answer
    browser = forger.bring(second, saml_forge.response(second.letter, keys.provider))
    assert (browser.answer, len(rows(Session, forger.tenant))) == (None, 1)
    assert [each.diagnosis for each in reports_of(forger)] == ["replayed"]


@pytest.mark.parametrize("provider", SAML_PRESETS)
def test_the_fix_speaks_of_saml_and_of_this_vendor(provider: str) -> None:
    reached = {fault.diagnosis for fault in FAULTS.values()} | _BY_NAME
    fixes = {each: text.translate("en", DIAGNOSES[each].fix_for(provider)) for each in reached}
    assert [each for each, fix in fixes.items() if fix.startswith("diagnosis.")] == []
    assert [each for each, fix in fixes.items() if _OF_OPENID.search(fix)] == ["proof_too_old"]
    told = [each for each, fix in fixes.items() if _VENDORS[provider] in fix]
    assert len(told) >= (0 if provider == "generic_saml" else 4), told
