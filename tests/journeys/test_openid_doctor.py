"""The connection doctor, for OpenID: whatever is wrong with an answer has one name in the report,
which says what to do about it at this provider, and holds no secret."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from app import clock, text
from app.actor import CLI
from app.database import read, write
from app.directory import connections, upstream_reports
from app.federation.diagnosis import DIAGNOSES
from app.models import Session
from tests.doubles import oidc_browser
from tests.doubles.oidc_keys import sign_with
from tests.doubles.oidc_provider import CLIENT_ID, REMOVED, SECRET, Script
from tests.factories import Factory
from tests.journeys.federation import Meet, Upstream
from tests.journeys.moves import rows
from tests.visitors import HtmlVisitor

_JANE = "jane@acme.example"
_STRANGER = RSAKey.generate_key(2048, auto_kid=False)
OF_SAML = {
    "attribute_missing",
    "certificate_expired",
    "certificate_unknown",
    "context_mismatch",
    "destination_mismatch",
    "encryption_refused",
    "in_response_to_mismatch",
    "name_id_missing",
    "recipient_mismatch",
    "replayed",
    "signature_missing",
    "unsolicited_refused",
}
"""What only a SAML provider can be told; see its own corpus."""


def _in_an_hour() -> int:
    return clock.now_seconds() + 3_600


def _by_a_stranger(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return sign_with(_STRANGER, header, claims)


def _another_issuer(upstream: Upstream) -> None:
    settings = upstream.connection.settings.model_copy(update={"issuer": "https://b.example"})
    with write(upstream.connection.tenant_id) as session:
        connections.update(session, CLI, upstream.connection.id, settings=settings)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: with what the provider does, with what the browser brings, or with
    what happens while it is away."""

    script: Callable[[], dict[str, Any]] = dict
    brought: Callable[[dict[str, str]], dict[str, str]] = dict
    meanwhile: Callable[[Upstream], None] = lambda _: None
    preset: str = "custom_oidc"
    settings: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)


def _claim(preset: str = "custom_oidc", **changed: Any) -> Fault:
    return Fault(lambda: {"changed": changed, "userinfo": changed}, preset=preset)


def _token(**changed: Any) -> Fault:
    return Fault(lambda: {"changed": changed})


_HTML = (200, "text/html", b"<html></html>")
_FAULTS: dict[str, Fault] = {
    "state_unknown": Fault(brought=lambda given: {**given, "state": given["state"][:-1] + "~"}),
    "state_expired": Fault(meanwhile=lambda _: clock.move(601)),
    "access_denied_upstream": Fault(lambda: {"redirect": {"error": "access_denied"}}),
    "provider_error": Fault(lambda: {"redirect": {"error": "server_error"}}),
    "response_malformed": Fault(lambda: {"redirect": {"code": REMOVED}}),
    "too_large": Fault(lambda: {"answers": {"token": (200, "text/plain", b" " * 600_000)}}),
    "discovery_unusable": Fault(lambda: {"answers": {"jwks": _HTML}}),
    "client_refused": Fault(lambda: {"token_error": (401, {"error": "invalid_client"})}),
    "code_refused": Fault(brought=lambda given: {**given, "code": "another"}),
    "connection_changed": Fault(meanwhile=_another_issuer),
    "issuer_mismatch": _token(iss="https://other.example"),
    "audience_mismatch": _token(aud="other"),
    "azp_mismatch": _token(aud=[CLIENT_ID, "other"]),
    "signature_invalid": Fault(lambda: {"signs": _by_a_stranger}),
    "algorithm_refused": Fault(lambda: {"header": {"alg": "none"}}),
    "key_unknown": Fault(lambda: {"header": {"kid": "another"}}),
    "token_expired": _token(exp=1_000_000_000),
    "token_from_future": Fault(lambda: {"changed": {"iat": _in_an_hour()}}),
    "proof_too_old": Fault(
        lambda: {"changed": {"auth_time": clock.now_seconds() - 3_600}}, asked={"prompt": "login"}
    ),
    "nonce_mismatch": _token(nonce="another"),
    "at_hash_mismatch": _token(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "userinfo_mismatch": Fault(lambda: {"userinfo": {"sub": "another"}}),
    "subject_missing": _token(sub=REMOVED),
    "subject_unusable": _claim(sub="0"),
    "email_missing": _claim("okta", email=REMOVED),
    "email_not_theirs": _claim("okta", email="ceo@elsewhere.example"),
    "directory_not_allowed": _claim("google_workspace", hd="elsewhere.example"),
    "user_not_allowed": Fault(settings={"creates_users": False}),
}


def test_every_diagnosis_is_reached() -> None:
    assert {*_FAULTS} == {*DIAGNOSES} - OF_SAML
    assert {*DIAGNOSES} >= OF_SAML


@pytest.mark.parametrize("diagnosis", _FAULTS)
def test_each_fault_is_named_in_the_report_without_a_secret(
    app: Flask, make: Factory, meet: Meet, diagnosis: str
) -> None:
    fault, tenant = _FAULTS[diagnosis], make.tenant()
    is_company = fault.preset in ("okta", "google_workspace")
    company = make.organization(tenant, "Corp") if is_company else None
    if company is not None:
        make.domain(tenant, company, "acme.example", "domain")
    upstream = meet(tenant, fault.preset, company, **fault.settings)
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open(**fault.asked)
    if is_company:
        visitor.submit(email=_JANE)
    _go_wrong(upstream, visitor, fault)
    with read(tenant.id) as session:
        (report,) = upstream_reports.latest(session, upstream.connection.id)
    assert report.diagnosis == diagnosis
    assert rows(Session, tenant) == []
    row = DIAGNOSES[diagnosis]
    assert text.translate("en", row.check) != row.check
    assert text.translate("en", row.fix_for(fault.preset)) != row.fix_for(fault.preset)
    shown = json.dumps(report.arrived)
    assert [each for each in _secrets(upstream) if each in shown] == []


def _go_wrong(upstream: Upstream, visitor: HtmlVisitor, fault: Fault) -> None:
    provider = upstream.provider
    browser, url = upstream.leave(visitor)
    provider.script = Script(person=provider.script.person, **fault.script())
    returned = oidc_browser.visit(url)
    fault.meanwhile(upstream)
    browser.follow(
        browser.get(returned.target, query_string=fault.brought(dict(returned.parameters)))
    )
    assert browser.answer is None
    assert browser.status == 200


def _secrets(upstream: Upstream) -> list[str]:
    """Whatever nobody may learn from a report."""
    provider = upstream.provider
    asked = provider.last(provider.dialect.authorize).query
    posted = [each.form.get("code_verifier", "") for each in provider.asked]
    found = [SECRET, asked["nonce"], asked["state"], *provider.grants, *provider.tokens, *posted]
    return [each for each in found if each]
