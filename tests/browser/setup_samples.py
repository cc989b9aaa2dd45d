"""The setup portal as an IT admin in the middle of it would see it, without a database."""

from collections.abc import Callable
from typing import Any

from flask import g
from werkzeug.wrappers import Response

from app import clock
from app.actor import Actor
from app.directory import setup_access
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.directory.domain_claims import Claim
from app.directory.organizations import Organization
from app.directory.settings import OrganizationPolicy
from app.directory.setup_access import Link, OpenSession
from app.directory.upstream_reports import Report
from app.flow.screen import Text
from app.pages import rendering
from app.pages.setup import connect, door, home, policy
from app.pages.setup.domains import _SCREEN as DOMAINS
from app.setup import enforcing, guides
from app.setup.access import Access, Offer
from app.setup.connecting import Place
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


def _access() -> Access:
    session = OpenSession("otc_2", "org_1", "otc_1", "pages", clock.now() + DAY)
    actor = setup_access.admin("otc_1", "org_1", Actor("user"))
    return Access(g.tenant, actor, session, _organization())


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
    begun = Place("con_9", guides.find("okta_saml"), None)
    rows = [_place(1), _place(2, "draft", samples.LONG_NAME), _place(3, "disabled"), begun]
    return door.draw(
        _access(),
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
    return door.draw(_access(), "choose", "home", groups=groups)


def _guide(provider: str) -> Response:
    where = Place("con_9", guides.find(provider), None)
    return connect._page(_access(), where, connect._screen(where))


def _wrong() -> Response:
    where = _place(1)
    screen = connect._screen(where).with_errors({"issuer": Text("setup.bad_value")}, {})
    return connect._page(_access(), where, screen, 422)


def _finding(number: int, diagnosis: str, check: str, fix: str | None, **arrived: Any) -> Finding:
    report = Report(f"rep_{number}", "con_1", number < 3, diagnosis, arrived, clock.now())
    return Finding(report, Text(check), Text(fix) if fix else None)


def _trial() -> Response:
    findings = [
        _finding(1, "ok", "setup.finding_ok", None, subject="0e1f", email="jane@example.com"),
        _finding(
            2,
            "client_refused",
            "diagnosis.client_refused.title",
            "diagnosis.client_refused_entra.body",
            error="invalid_client",
        ),
        _finding(3, "provider_away", "setup.finding_away", "setup.finding_away_fix"),
    ]
    return door.draw(_access(), "trial", "home", where=_place(1), findings=findings)


def _domains() -> Response:
    return door.draw(
        _access(), "domains", "domains", claims=_claims(), **rendering.form_context(DOMAINS)
    )


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
    "setup-connect-saml": lambda: _guide("okta_saml"),
    "setup-connect-error": _wrong,
    "setup-test": _trial,
    "setup-domains": _domains,
    "setup-policy": lambda: policy._page(_access(), "members"),
}
