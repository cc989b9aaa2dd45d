"""Trying a connection out: a real way to the provider and back that signs nobody in.

What came back is kept as a report, with what was wrong with it in words; nothing is linked, no
account is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import single_use
from app.actor import Actor
from app.addresses import BadAddress, parse_email
from app.database import Session, read, write
from app.directory import connections, domain_claims, setup_access, upstream_reports
from app.directory.connections import Connection
from app.directory.setup_access import OpenSession
from app.directory.tenants import Tenant
from app.directory.upstream_reports import Report
from app.federation import provider, state
from app.federation.diagnosis import DIAGNOSES
from app.federation.identity import Identity, UpstreamAway, UpstreamRefused
from app.federation.provider import Answered, Wishes
from app.federation.request import Request
from app.federation.state import State
from app.flow.screen import Text
from app.setup import access as behind
from app.setup.access import Access

OK, AWAY = upstream_reports.PASSED, "provider_away"
_SHOWN = ("issuer", "subject", "email", "email_verified", "name", "given_name", "family_name")
_MOST_GROUPS = 20


@dataclass(frozen=True)
class Finding:
    """A report with what it means. Times in milliseconds."""

    report: Report
    check: Text
    """Which check failed, or that none did."""
    fix: Text | None
    """What to do about it at this provider; None where nothing is wrong."""

    @property
    def is_good(self) -> bool:
        """Whether somebody could sign in like that."""
        return self.report.diagnosis == OK


@dataclass(frozen=True)
class Landed:
    """Where a test came to an end."""

    session: OpenSession
    connection_id: str


def begin(access: Access, connection_id: str, locale: str) -> Request | None:
    """Where to send the browser; None where the provider cannot even be asked, which is reported.
    Raises `NotFound`. May fetch from the provider."""
    found = behind.connection(access, connection_id)
    return _asked(access.tenant, found, access.session, locale)


def begin_as_admin(tenant: Tenant, actor: Actor, found: Connection, locale: str) -> Request | None:
    """The same for an admin, at any connection of the tenant, in a session for this test alone.
    Raises `Forbidden`."""
    with write(tenant.id) as session:
        opened = setup_access.open_trial(session, actor, tenant, found.id, found.organization_id)
    return _asked(tenant, found, opened, locale)


def is_running(tenant: Tenant, test_id: str) -> bool:
    """Whether somebody may be trying a connection out by this name, as states have it."""
    return _session_of(tenant, test_id) is not None


def land(
    tenant: Tenant, connection_id: str, answers: Mapping[str, str], held: str | None
) -> Landed | None:
    """Check what the provider sent, and report it. `held` is the id of the session that this
    browser has open. None where the answer is of no running test, came before, or is somebody
    else's: a test that was begun on pages ends in the same browser."""
    text = answers.get("state") or answers.get("RelayState") or ""
    found = _session_of(tenant, state.flow_of(text) or "")
    if found is None or (found.door == "pages" and found.id != held):
        return None
    with read(tenant.id) as session:
        connection = connections.get(session, connection_id)
    if connection is None or (connection.organization_id or "") != found.organization_id:
        return None
    opened = state.open_(connection, _binding(found), text)
    if opened is None or not _reported(tenant, connection, opened, answers):
        return None
    return Landed(found, connection.id)


def findings(access: Access, connection_id: str) -> list[Finding]:
    """What arrived lately in tests and in sign-ins that failed, newest first. Raises `NotFound`."""
    return findings_at(access.tenant, behind.connection(access, connection_id))


def findings_at(tenant: Tenant, found: Connection) -> list[Finding]:
    """The same of any connection of the tenant."""
    with read(tenant.id) as session:
        reports = upstream_reports.latest(session, found.id, 20)
    return [_finding(each, found.provider) for each in reports]


def _asked(tenant: Tenant, found: Connection, opened: OpenSession, locale: str) -> Request | None:
    made = state.issue(found, state.test_id(opened.id), _binding(opened))
    try:
        return provider.start(tenant, found, made, Wishes(locale=locale))
    except (UpstreamAway, UpstreamRefused) as fault:
        with write(tenant.id) as session:
            upstream_reports.add(session, found.id, *_of_fault(fault), is_test=True)
        return None


def _session_of(tenant: Tenant, test_id: str) -> OpenSession | None:
    return setup_access.running_session(tenant, "otc_" + test_id.partition("_")[2])


def _binding(found: OpenSession) -> str:
    return f"setup {found.id}"


def _reported(
    tenant: Tenant, connection: Connection, opened: State, answers: Mapping[str, str]
) -> bool:
    """Finish and keep the report; False when the answer came before."""
    answered: Answered | None = None
    try:
        answered = provider.finish(tenant, connection, opened, answers)
        told = _judged(tenant, connection, answered.identity), _shown(answered.identity)
    except (UpstreamRefused, UpstreamAway) as fault:
        told = _of_fault(fault)
    with write(tenant.id) as session:
        if not opened.spend(session):
            return False
        if answered and answered.assertion_id:
            value = f"{connection.id} {answered.assertion_id}"
            if not single_use.mark(session, "assertion", value, until=answered.expires_at):
                told = "replayed", {}
        if told[0] == OK and _was_changed(session, connection):
            told = upstream_reports.OUTDATED, told[1]
        upstream_reports.add(session, connection.id, *told, is_test=True)
    return True


def _was_changed(session: Session, connection: Connection) -> bool:
    """Whether somebody saved it while this test was under way."""
    now = connections.get(session, connection.id)
    return now is None or now.row_version != connection.row_version


def _judged(tenant: Tenant, connection: Connection, identity: Identity) -> str:
    """What would stand in the way of a sign-in by this identity (`linking`), or that nothing
    does: whoever comes by a social one without a proven address is asked for it."""
    if connection.is_social:
        return OK
    try:
        email = parse_email(identity.email) if identity.email else None
    except BadAddress:
        email = None
    if email is None:
        return "email_missing"
    with read(tenant.id) as session:
        is_own = domain_claims.is_of(session, connection.organization_id, email.domain)
    return OK if is_own and identity.email_verified else "email_not_theirs"


def _shown(identity: Identity) -> dict[str, Any]:
    """The claims as we understood them, in clear: it is the tester's own account."""
    told = {name: getattr(identity, name) for name in _SHOWN}
    told["groups"] = ", ".join(identity.groups[:_MOST_GROUPS])
    return {name: value for name, value in told.items() if value not in (None, "")}


def _of_fault(fault: UpstreamRefused | UpstreamAway) -> tuple[str, dict[str, Any]]:
    if isinstance(fault, UpstreamAway):
        return AWAY, {"reason": fault.reason}
    return fault.diagnosis, fault.arrived


def _finding(report: Report, key: str) -> Finding:
    if report.diagnosis == OK:
        return Finding(report, Text("setup.finding_ok"), None)
    if report.diagnosis == upstream_reports.OUTDATED:
        return Finding(report, Text("setup.finding_before"), Text("setup.finding_before_fix"))
    known = DIAGNOSES.get(report.diagnosis)
    if known is None:
        return Finding(report, Text("setup.finding_away"), Text("setup.finding_away_fix"))
    return Finding(report, Text(known.check), Text(known.fix_for(key)))
