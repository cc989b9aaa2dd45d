"""What a finished flow completes: the session opens, the client gets its code, in one commit."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app import single_use
from app.account import support_recovery as account_recovery
from app.audit import events
from app.audit.log import record
from app.delivery import notices
from app.delivery.outbox import queue_mail
from app.directory import (
    anonymous,
    devices,
    people,
    sessions,
    support_recovery,
    trusted_devices,
    upstream_sessions,
)
from app.directory.sessions import NotActive, Opened
from app.flow.assurance import acr_of
from app.flow.continuation import Authorize
from app.flow.run import Flow, Run
from app.flow.steps.demands import amr_of, methods_of, reached
from app.flow.steps.last_used import way_in
from app.flow.steps.organization import chosen_organization
from app.oidc import authorization
from app.oidc.authorization import SignedInAs
from app.oidc.destination import ToClient
from app.security import random_token

TICKET = "flow_ticket"
_TICKET_LIVES = 60
_NOTICE_LIVES = 86_400


@dataclass(frozen=True)
class Completed:
    """Where the browser goes, and the new value of its session cookie if it has one."""

    destination: ToClient | str
    """An answer to the client, or a path below the tenant's base URL."""
    cookie_value: str | None
    merged: "Merged | None" = None


@dataclass(frozen=True)
class Merged:
    """An anonymous user who turned out to be another user."""

    anonymous_id: str
    user_id: str


@dataclass(frozen=True)
class Ticket:
    """What a headless flow ends with: the secret that the person's browser turns in."""

    secret: str
    merged: Merged | None


class NoLongerAllowed(Exception):
    """The user was disabled, the session ended, or another password is required since the flow
    ran."""


class BadTicket(Exception):
    """The ticket of a headless flow is spent, too old, or not one."""


def in_browser(cookie_value: str | None) -> Callable[[Session, Run], Completed]:
    """The completion of a flow that ends in the browser whose session cookie is given."""

    def complete(session: Session, run: Run) -> Completed:
        merged = _merge(session, run)
        _recover(session, run)
        signed, opened = _signed_in(session, run, cookie_value)
        cookie = opened.cookie_value if opened else None
        return Completed(_destination(session, run, _telling(signed, merged)), cookie, merged)

    return complete


def ticket(session: Session, run: Run) -> Ticket:
    """The completion of a headless flow: the secret of a ticket that the person's browser turns in,
    once and within a minute, for its session and its way back."""
    _demand_active(session, run)
    merged = _merge(session, run)
    secret = random_token()
    row_id = single_use.issue(
        session,
        TICKET,
        subject=_user_id(run),
        binding=run.flow.id,
        secret=secret,
        lives=_TICKET_LIVES,
        epoch=run.tenant.epoch,
    )
    return Ticket(f"{row_id}.{secret}", merged)


def code_only(session: Session, run: Run) -> Completed:
    """The completion of a native client's flow: the code itself, and no session in any browser."""
    _demand_active(session, run)
    merged = _merge(session, run)
    signed = _telling(_signed_in_as(run, session_id=None), merged)
    user_id = _user_id(run)
    support_recovery.void(session, run.acting(user_id), user_id, "signed_in")
    _record_sign_in(session, run, None)
    _tell_of_new_device(session, run)  # There is no cookie to know the device again by.
    return Completed(_destination(session, run, signed), None, merged)


def ends_here(flow: Flow, is_bound: Callable[[str], bool]) -> bool:
    """Whether a headless flow may end in this browser: in any, unless it began in a certain one."""
    continuation = flow.continuation
    wanted = continuation.browser if isinstance(continuation, Authorize) else None
    return wanted is None or is_bound(wanted)


def turn_in(session: Session, run: Run, presented: str) -> None:
    """Spend a ticket of this flow in the caller's transaction; raises `BadTicket`, which rolls a
    ticket back whose secret was only guessed at."""
    row_id, _, secret = presented.partition(".")
    row = single_use.consume(session, TICKET, row_id, binding=run.flow.id, epoch=run.tenant.epoch)
    if row is None or not row.is_secret(secret):
        raise BadTicket


def _merge(session: Session, run: Run) -> Merged | None:
    """Close the anonymous user who was here, now that they proved to be somebody who was there
    already; None where there was nobody. Only an app that can be told both ids causes it."""
    known, user_id = run.asked.anonymous_id, _user_id(run)
    if known is None or known == user_id or run.asked.client_id is None:
        return None
    is_merged = anonymous.merge(session, run.acting(user_id), known, user_id)
    return Merged(known, user_id) if is_merged else None


def _recover(session: Session, run: Run) -> None:
    """Spend the recovery by support that the person came by, in place of what was lost."""
    row_id, user_id = run.facts.support_recovery, _user_id(run)
    if row_id is None:
        return
    began_at = min(proof.at for proof in run.facts.proofs)
    is_spent = account_recovery.finish(
        session, run.tenant, run.acting(user_id), row_id, began_at=began_at, locale=run.locale
    )
    if not is_spent:
        raise NoLongerAllowed


def _telling(signed: SignedInAs, merged: Merged | None) -> SignedInAs:
    return replace(signed, merged_from=merged.anonymous_id) if merged else signed


def _signed_in(
    session: Session, run: Run, cookie_value: str | None
) -> tuple[SignedInAs, Opened | None]:
    if run.facts.session_id:
        _demand_active(session, run)
        return _signed_in_as(run, session_id=run.facts.session_id), None
    opened = _open(session, run, cookie_value)
    _record_sign_in(session, run, opened)
    if opened.is_new_browser:
        _tell_of_new_device(session, run)
    _keep_trust(session, run, opened)
    _keep_logins(session, run, opened)
    return _signed_in_as(run, session_id=opened.session_id), opened


def _open(session: Session, run: Run, cookie_value: str | None) -> Opened:
    try:
        return sessions.open(
            session,
            run.acting(_user_id(run)),
            run.tenant,
            cookie_value=cookie_value,
            user_id=_user_id(run),
            amr=amr_of(run),
            acr=acr_of(reached(run)),
            auth_time=run.facts.auth_time,
            methods=methods_of(run),
            last_method=way_in(run),
            proven_since=_proven_since(run),
        )
    except NotActive:
        raise NoLongerAllowed from None


def _user_id(run: Run) -> str:
    assert run.facts.user_id is not None
    return run.facts.user_id


def _demand_active(session: Session, run: Run) -> None:
    user = people.get(session, _user_id(run))
    if user is None or user.status != "active":
        raise NoLongerAllowed
    due = user.new_password_required_at
    if due is not None and not run.facts.session_id and due >= _proven_since(run):
        raise NoLongerAllowed


def _proven_since(run: Run) -> int:
    """When the first proof of the flow was given, in milliseconds."""
    return min((proof.at for proof in run.facts.proofs), default=0)


def _signed_in_as(run: Run, *, session_id: str | None) -> SignedInAs:
    return SignedInAs(
        user_id=_user_id(run),
        session_id=session_id,
        auth_time=run.facts.auth_time,
        amr=tuple(amr_of(run)),
        acr=acr_of(reached(run)),
        organization_id=chosen_organization(run),
    )


def _destination(session: Session, run: Run, signed: SignedInAs) -> ToClient | str:
    continuation = run.flow.continuation
    if not isinstance(continuation, Authorize):
        return continuation.path
    request = authorization.read_again(run.tenant, continuation.payload)
    code = authorization.issue_code(
        session, run.tenant, request, signed=signed, scopes=run.asked.scopes
    )
    return authorization.answer(request, code)


def _record_sign_in(session: Session, run: Run, opened: Opened | None) -> None:
    record(
        session,
        events.USER_SIGNED_IN,
        run.acting(_user_id(run)),
        subject_id=_user_id(run),
        targets=[("session", opened.session_id)] if opened else [],
        data={
            "amr": amr_of(run),
            "methods": methods_of(run),
            "flow": run.flow.kind,
            "client_id": run.asked.client_id,
            "new_browser": opened is not None and opened.is_new_browser,
        },
    )


def _keep_trust(session: Session, run: Run, opened: Opened) -> None:
    """Trust the browser where the person asked for that, and note when that was of use."""
    actor, user_id = run.acting(_user_id(run)), _user_id(run)
    if run.facts.trusts_browser:
        trusted_devices.trust(session, actor, run.tenant, opened.browser_id, user_id)
    elif run.facts.trusted and reached(run) < 2:
        trusted_devices.note_use(session, actor, opened.browser_id, user_id)


def _keep_logins(session: Session, run: Run, opened: Opened) -> None:
    """Note which sessions at providers this one came from, so that they can end together."""
    for proof in run.facts.proofs:
        if proof.login is not None:
            upstream_sessions.keep(
                session, run.tenant, opened.session_id, _user_id(run), proof.login
            )


def _tell_of_new_device(session: Session, run: Run) -> None:
    """A notice to the person, unless the account is as new as the device; where no address is
    proven, to the one that was typed."""
    if run.facts.is_new_user:
        return
    values = {
        "device": str(devices.of_user_agent(run.actor.user_agent)),
        "app": run.asked.client_name or run.tenant.name,
    }
    told = notices.tell(session, run.tenant, _user_id(run), "new_device", values, run.locale)
    typed = run.facts.identifier
    if told or typed is None or typed.email is None:
        return
    queue_mail(
        session,
        run.tenant,
        "new_device",
        to=typed.email.value,
        values=values,
        locale=run.locale,
        carries_secret=False,
        lives=_NOTICE_LIVES,
        organization_id=run.organization_id,
        client_id=run.asked.client_id,
    )
