"""The setup portal as an IT admin in the middle of it would see it, without a database."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import g
from werkzeug.wrappers import Response

from app import clock
from app.account.refused import Refused
from app.actor import Actor
from app.directory import setup_access
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.directory.domain_claims import Claim
from app.directory.organizations import Organization
from app.directory.settings import OrganizationPolicy
from app.directory.setup_access import Link, OpenSession
from app.directory.upstream_reports import Report
from app.flow.screen import Message, Screen, Text
from app.pages import rendering
from app.pages.setup import connect, door, home, policy
from app.pages.setup.domains import _SCREEN as DOMAINS
from app.setup import enforcing, guides
from app.setup.access import Access, Offer
from app.setup.connecting import Place
from app.setup.progress import Progress
from app.setup.trial import Finding
from tests.browser import samples
from tests.browser.account_owner import DAY


def _organization() -> Organization:
    now = clock.now()
    return Organization(
        id="org_1",
        slug="northwind",
        name="Northwind Labs",
        status="active",
        parent_id=None,
        is_joinable=False,
        public_metadata={},
        private_metadata={},
        policy={},
        created_at=now,
        updated_at=now,
        row_version=1,
    )


def _access(*done: str) -> Access:
    session = OpenSession("otc_2", "org_1", "otc_1", "pages", clock.now() + DAY)
    actor = setup_access.admin("otc_1", "org_1", Actor("user"))
    return Access(g.tenant, actor, _organization(), session, Progress(frozenset(done), "con_1"))


def _connection(number: int, status: str, name: str) -> Connection:
    return Connection(
        id=f"con_{number}",
        tenant_id="ten_1",
        organization_id="org_1",
        organization_is_active=True,
        provider="entra",
        name=name,
        status=status,
        settings=OidcSettings(issuer="https://login.example/v2.0", client_id="client-4711"),
        generation=1,
        metadata_due_at=None,
        row_version=1,
    )


def _place(number: int, status: str = "active", name: str = "Northwind") -> Place:
    return Place(f"con_{number}", guides.find("entra"), _connection(number, status, name))


def _claim(number: int, domain: str, *, proven: bool) -> Claim:
    now = clock.now()
    return Claim(
        id=f"dom_{number}",
        tenant_id="ten_1",
        organization_id="org_1",
        organization_name="Northwind Labs",
        organization_slug="northwind",
        organization_is_active=True,
        policy=OrganizationPolicy(),
        domain=domain,
        has_subdomains=proven,
        token="3kTgLkq0c2mWfZ8yHnXoQ1",
        created_at=now,
        verified_at=now if proven else None,
        check_at=None,
        failures=0,
    )


def _claims() -> list[Claim]:
    return [
        _claim(1, "northwind.example", proven=True),
        _claim(2, samples.LONG_EMAIL.partition("@")[2], proven=False),
    ]


def _home(*, bare: bool = False) -> Response:
    begun = [Place(f"con_{key}", guides.find(key), None) for key in ("okta_saml", "generic")]
    rows = [_place(1), _place(2, "draft", samples.LONG_NAME), _place(3, "disabled"), *begun]
    return door.draw(
        _access() if bare else _access("provider", "domains", "test"),
        "home",
        "home",
        places=[] if bare else rows,
        claims=[] if bare else _claims(),
        sso=enforcing.MODES["optional"],
        statuses=home._STATUSES,
    )


def _choose() -> Response:
    rows = guides.GUIDES.values()
    groups = {
        label: [each for each in rows if each.protocol == protocol]
        for protocol, label in home._PROTOCOLS.items()
    }
    return door.draw(_access(), "choose", "provider", groups=groups)


def _guide(provider: str) -> Response:
    where = Place("con_9", guides.find(provider), None)
    return connect._page(_access(), where, connect._screen(where))


def _wrong() -> Response:
    where = _place(1)
    errors = {"client_id": Text("setup.needed"), "client_secret": Text("setup.secret_again")}
    screen = connect._screen(where).with_errors(errors, {"client_id": ""})
    return connect._page(_access("provider"), where, screen, 422)


def _no_metadata(field: str) -> Response:
    where = Place("con_9", guides.find("generic_saml"), None)
    refusal = Refused("metadata_unusable", Text("setup.metadata_unusable"), field)
    pasted = {"metadata": "<EntityDescriptor/>"}
    return connect._refused(
        _access(), where, connect._screen(where), refusal, pasted, is_file=field != "metadata"
    )


def _finding(number: int, diagnosis: str, check: str, fix: str | None, **arrived: Any) -> Finding:
    report = Report(f"rep_{number}", "con_1", number < 3, diagnosis, arrived, clock.now())
    return Finding(report, Text(check), Text(fix) if fix else None)


def _tested(
    status: str, findings: list[Finding], *done: str, refused: str | None = None
) -> Response:
    where = replace(_place(1, status), is_tested=bool(findings) and findings[0].is_good)
    return door.draw(
        _access("provider", *done),
        "trial",
        "test",
        status=422 if refused else 200,
        where=where,
        findings=findings,
        message=Message(refused) if refused else None,
    )


def _findings() -> list[Finding]:
    claims = {"subject": "0e1f" * 16, "email": samples.LONG_EMAIL, "email_verified": True}
    return [
        _finding(1, "ok", "setup.finding_ok", None, **claims, name="Jane <b>Doe</b>"),
        _finding(
            2,
            "client_refused",
            "diagnosis.client_refused.title",
            "diagnosis.client_refused_entra.body",
            error="invalid_client",
        ),
        _finding(3, "provider_away", "setup.finding_away", "setup.finding_away_fix"),
        _finding(4, "ok_before", "setup.finding_before", "setup.finding_before_fix"),
    ]


def _domains(
    screen: Screen = DOMAINS, status: int = 200, *, bare: bool = False, wrong: str | None = None
) -> Response:
    return door.draw(
        _access("provider") if bare else _access("provider", "domains"),
        "domains",
        "domains",
        status=status,
        claims=[] if bare else _claims(),
        wrong=wrong,
        **door.form_context(screen),
    )


def _no_record() -> Response:
    waiting = _claims()[1]
    missing = Message("setup.no_record", {"name": waiting.record_name})
    return _domains(DOMAINS.saying(missing), 422, wrong=waiting.id)


def _bad_domain() -> Response:
    errors = {"domain": Text("setup.bad_domain")}
    return _domains(DOMAINS.with_errors(errors, {"domain": "gmail.com"}), 422, bare=True)


def _refused_policy() -> Response:
    refusal = Refused("no_connection", Text("setup.no_connection"), "sso")
    return policy._page(_access("provider"), "domain", refusal)


PAGES: dict[str, Callable[[], Response]] = {
    "setup-link": lambda: rendering.page(
        "setup/look.html",
        offer=Offer(Link("otc_1", "org_1", "waiting", "cli", clock.now() + DAY), _organization()),
    ),
    "setup-left": lambda: rendering.page("setup/left.html", organization=_organization()),
    "setup-tested": lambda: rendering.page("setup/tested.html"),
    "setup": _home,
    "setup-bare": lambda: _home(bare=True),
    "setup-choose": _choose,
    "setup-connect": lambda: _guide("entra"),
    "setup-connect-saml": lambda: _guide("google_saml"),
    "setup-connect-any": lambda: _guide("generic"),
    "setup-connect-error": _wrong,
    "setup-connect-paste-error": lambda: _no_metadata("metadata"),
    "setup-test": lambda: _tested("draft", _findings(), "domains"),
    "setup-test-none": lambda: _tested("draft", []),
    "setup-test-error": lambda: _tested("draft", [], "domains", refused="setup.test_first"),
    "setup-domains": _domains,
    "setup-domains-error": _bad_domain,
    "setup-domains-record-error": _no_record,
    "setup-policy": lambda: policy._page(_access("provider", "domains", "test"), "members"),
    "setup-policy-error": _refused_policy,
    "setup-link-spent": lambda: rendering.error_page("fault.setup_link", 410),
}
