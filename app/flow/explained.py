"""Explains a flow: everything that is known of it, in the order in which it happened.

Put together from what others keep anyhow: the flow's own trace, the audit events and the messages
that name the flow. Nothing here was typed by anybody, and there is no secret in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select

from app import clock, support_codes
from app.audit import search as audit
from app.audit.log import Entry
from app.database import Session, tenant_of
from app.flow.store import address_hash
from app.models import Document, Flow, OutboxMessage

Kind = Literal["start", "step", "event", "message", "end"]
MOST = 50
_SCANNED = 5_000


@dataclass(frozen=True)
class Happening:
    """One line of the timeline. `at` is in milliseconds."""

    at: int
    kind: Kind
    name: str
    """A step, an event's id, or what a message is for."""
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Explained:
    """A flow as an admin sees it. Times in milliseconds."""

    id: str
    code: str
    """Its support code."""
    kind: str
    state: Literal["finished", "running", "expired"]
    is_headless: bool
    started_at: int
    expires_at: int
    client_id: str | None
    organization: str | None
    user_id: str | None
    identifier: str | None
    """What was typed to say who it is."""
    destination: str
    """Where it leads, without its query."""
    happened: tuple[Happening, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What flows to look for; what is empty asks nothing."""

    code: str = ""
    """As somebody wrote it down."""
    address: str = ""
    """The canonical form of what was typed to say who it is."""
    user_id: str = ""
    client_id: str = ""


def explain(session: Session, flow_id: str) -> Explained | None:
    """The flow with its timeline; None where there is none any more."""
    row = session.scalars(_select(session, Flow.id == flow_id)).first()
    if row is None:
        return None
    said = _seen(row)
    moments = row.trace or []
    began_at = min([row.created_at, *(int(moment["at"]) for moment in moments)])
    happened = [
        Happening(began_at, "start", said.kind),
        *(_of_moment(moment) for moment in moments),
        *(_of_event(entry) for entry in audit.of_flow(session, flow_id)),
        *_messages(session, flow_id),
    ]
    if said.state == "expired" and not _is_refused(row):
        happened.append(Happening(row.expires_at, "end", "expired"))
    return Explained(**{**vars(said), "happened": tuple(sorted(happened, key=lambda h: h.at))})


def find(session: Session, asked: Asked) -> list[Explained]:
    """The newest flows that fit, without their timelines. By application, among a bounded number of
    the newest flows."""
    conditions: list[ColumnElement[bool]] = []
    if asked.code:
        ending = support_codes.ending(asked.code)
        found = Flow.support_code == ending if ending else Flow.id == asked.code
        conditions.append(found)
    if asked.address:
        hashed = address_hash(tenant_of(session), asked.address)
        conditions.append(Flow.address_hash == hashed)
    if asked.user_id:
        conditions.append(Flow.id.in_(_flows_of_user(session, asked.user_id)))
    if asked.client_id:
        recent = select(Flow.id).where(Flow.tenant_id == tenant_of(session))
        newest = recent.order_by(Flow.id.desc()).limit(_SCANNED).correlate(None)
        conditions += [Flow.client_id == asked.client_id, Flow.id.in_(newest)]
    query = _select(session, *conditions).order_by(Flow.id.desc()).limit(MOST)
    return [_seen(row) for row in session.scalars(query)]


def _select(session: Session, *conditions: ColumnElement[bool]) -> Any:
    return select(Flow).where(Flow.tenant_id == tenant_of(session), *conditions)


def _flows_of_user(session: Session, user_id: str) -> Sequence[str]:
    """By what the audit log says of the user, newest first."""
    found = audit.search(session, audit.Sought(subject=user_id), limit=audit.LARGEST)
    return [each.flow_id for each in found.items if each.flow_id]


def _seen(row: Flow) -> Explained:
    facts, about = row.facts, row.continuation
    named = facts.get("identifier") or (facts.get("sign_up") or {}).get("email") or {}
    asked = about.get("asked", {})
    return Explained(
        id=row.id,
        code=support_codes.of_id(row.id),
        kind=row.kind,
        state=_state(row),
        is_headless=row.is_headless,
        started_at=row.created_at,
        expires_at=row.expires_at,
        client_id=row.client_id,
        organization=facts.get("organization") or asked.get("organization"),
        user_id=facts.get("user_id"),
        identifier=named.get("value"),
        destination=_destination(about.get("completes", {})),
    )


def _state(row: Flow) -> Literal["finished", "running", "expired"]:
    if row.state == "finished":
        return "finished"
    return "expired" if row.expires_at <= clock.now() else "running"


def _destination(completes: Document) -> str:
    """The redirect URI, or the path of our own; never with a query, where codes and states are."""
    target = completes.get("payload", {}).get("redirect_uri") or completes.get("path") or ""
    url = urlsplit(str(target))
    return f"{url.scheme}://{url.netloc}{url.path}" if url.netloc else url.path or str(target)


def _of_moment(moment: Document) -> Happening:
    then = str(moment.get("then", ""))
    is_end = then in ("finished", "refused")
    return Happening(int(moment["at"]), "end" if is_end else "step", then, moment)


def _is_refused(row: Flow) -> bool:
    return any(moment.get("then") == "refused" for moment in (row.trace or ())[-1:])


def _of_event(entry: Entry) -> Happening:
    told = {"id": entry.id, "data": entry.data, "targets": entry.targets}
    return Happening(entry.at, "event", entry.event, told)


def _messages(session: Session, flow_id: str) -> list[Happening]:
    query = select(OutboxMessage).where(
        OutboxMessage.tenant_id == tenant_of(session), OutboxMessage.flow_id == flow_id
    )
    return [
        Happening(
            row.created_at,
            "message",
            row.purpose,
            {
                "id": row.id,
                "channel": row.channel,
                "recipient": row.recipient,
                "state": row.state,
                "attempts": row.attempts,
                "error": row.last_error,
                "sent_at": row.sent_at,
            },
        )
        for row in session.scalars(query.order_by(OutboxMessage.id).limit(MOST))
    ]
