"""Rows S15, S16 and S20 of SECURITY at the doors themselves: what strangers post there."""

import base64

import pytest
from flask import Flask

from app.models import AuditEvent, UpstreamMessage, UpstreamReport
from tests.doubles import saml_forge
from tests.doubles.saml_stage import ENTITY
from tests.factories import Factory
from tests.journeys.moves import rows
from tests.journeys.saml_forger import Forger, Keys, forger_of, make_forger_keys
from tests.visitors import Page

EVIL = "\"><script src='https://evil.example/x.js'></script>\r\nX-Evil: 1"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_forger_keys(tmp_path_factory.mktemp("saml"))


@pytest.fixture
def forger(app: Flask, make: Factory, keys: Keys) -> Forger:
    return forger_of(app, make, keys, slo_binding="post")


def logout(forger: Forger, keys: Keys | None, relay_state: str) -> dict[str, str]:
    key = keys.provider if keys else None
    document = saml_forge.logout_request(ENTITY, f"{forger.url}/slo", key)
    return {
        "SAMLRequest": base64.b64encode(document.encode()).decode(),
        "RelayState": relay_state,
    }


def test_s20_what_was_posted_is_not_in_the_answer(forger: Forger) -> None:
    http = forger.app.test_client()
    for door in ("acs", "callback", "slo"):
        for name in ("SAMLResponse", "SAMLRequest", "state", "RelayState", EVIL):
            posted = {"SAMLResponse": "PHgvPg==", "RelayState": EVIL, name: EVIL}
            answer = http.post(f"{forger.url}/{door}", data=posted)
            assert answer.status_code in (303, 400, 403, 404), (door, name)
            assert "evil" not in answer.get_data(as_text=True) + str(answer.headers)


def test_s20_a_relay_state_goes_back_as_text(forger: Forger, keys: Keys) -> None:
    form = logout(forger, keys, EVIL)
    answer = forger.app.test_client().post(f"{forger.url}/slo", data=form)
    assert answer.status_code == 200
    page = Page(answer.get_data(as_text=True))
    told = {each.get("name"): each.get("value") for each in page.all("input")}
    assert told["RelayState"].split() == EVIL.split()
    assert [each for each in page.all("script") if "evil" in (each.get("src") or "")] == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_s15_a_relay_state_of_any_length_does_not_go_back(forger: Forger, keys: Keys) -> None:
    form = logout(forger, keys, "x" * 1_025)
    assert forger.app.test_client().post(f"{forger.url}/slo", data=form).status_code == 400
    (report,) = rows(UpstreamReport, forger.tenant)
    assert report.diagnosis == "response_malformed"


def test_s15_strangers_do_not_fill_the_log(forger: Forger) -> None:
    form, http = logout(forger, None, ""), forger.app.test_client()
    for _ in range(25):
        assert http.post(f"{forger.url}/slo", data=form).status_code == 400
        assert http.get(f"{forger.url}/enter").status_code == 403
    reports = rows(UpstreamReport, forger.tenant)
    assert {each.diagnosis for each in reports} == {"signature_missing", "unsolicited_refused"}
    failed = [each for each in rows(AuditEvent, forger.tenant) if each.event == "upstream.failed"]
    assert len(reports) == len(failed) == 20


def test_s15_strangers_do_not_fill_the_disk(forger: Forger) -> None:
    http, asked = forger.app.test_client(), forger.ask()
    posted = {"SAMLResponse": "PHgvPg==", "RelayState": asked.relay_state}
    for name in ("flw_", "tst_"):
        of_nobody = posted | {"RelayState": f"{name}{0:026}{0:013}{'a' * 36}"}
        assert http.post(f"{forger.url}/acs", data=of_nobody).status_code == 404
    assert rows(UpstreamMessage, forger.tenant) == []
    answers = [http.post(f"{forger.url}/acs", data=posted).status_code for _ in range(25)]
    assert answers == [303] * 20 + [429] * 5
    assert len(rows(UpstreamMessage, forger.tenant)) == 20


def test_s16_no_relay_state_leads_anywhere(forger: Forger) -> None:
    http = forger.app.test_client()
    for url in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        given = {"RelayState": url, "state": url, "go_to": url, "next": url}
        for door in ("acs", "callback", "slo", "enter", "start", "arrive"):
            posted = http.post(f"{forger.url}/{door}", data=given)
            asked = http.get(f"{forger.url}/{door}", query_string=given)
            for answer in (posted, asked):
                assert "evil" not in (answer.headers.get("Location") or ""), door
                assert answer.status_code < 500
