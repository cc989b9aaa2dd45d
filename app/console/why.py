"""Why? For any sign-in, what was asked, why, what was answered, sent and told, and how it ended."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app import support_codes
from app.addresses import mask_email
from app.audit import search
from app.audit.events import REGISTRY
from app.audit.log import Entry
from app.audit.search import Sought
from app.console.door import Admin, blueprint, draw, for_admin
from app.database import Session, read
from app.directory import called
from app.directory.errors import NotFound
from app.federation.diagnosis import DIAGNOSES
from app.flow import explained
from app.flow.explained import Asked, Explained, Happening
from app.flow.screen import visible
from app.identifiers import BadIdentifier, parse_identifier
from app.pages import rendering
from app.phones import mask_phone
from app.text import has_text

SECTION = "why"
_LONGEST = 200


@dataclass(frozen=True)
class _Line:
    """One line of the timeline as the page shows it."""

    at: int
    tone: str
    title: str
    """A text id."""
    values: dict[str, str]
    reason: str | None = None
    """A machine reason."""
    detail: str | None = None
    """A text id of what more there is to say."""
    link: str | None = None
    said: str | None = None
    """What a server said, as it is."""


@blueprint.get("/<tenant_slug>/why")
@for_admin("flow.read")
def list_flows(admin: Admin) -> Response:
    """Find a sign-in: by its code at once, else the newest that fit."""
    given = {name: request.args.get(name, "").strip()[:_LONGEST] for name in ("code", "q")}
    with read(admin.tenant.id) as session:
        flows = explained.find(session, _asked(admin, given))
        events = _events_of_request(session, given["code"]) if given["code"] and not flows else ()
        names = _names(session, admin, flows)
    if given["code"] and len(flows) == 1:
        return redirect(f"{request.path}/{flows[0].id}", 303)
    return draw(
        admin,
        "why/list",
        section=SECTION,
        flows=[_masked(admin, each) for each in flows],
        events=events,
        names=names,
        given=given,
    )


@blueprint.get("/<tenant_slug>/why/<flow_id>")
@for_admin("flow.read")
def explain_flow(admin: Admin, flow_id: str) -> Response:
    """The timeline of one sign-in."""
    with read(admin.tenant.id) as session:
        found = explained.explain(session, flow_id)
        if found is None:
            raise NotFound("flow")
        names = _names(session, admin, [found]) | _names_in(session, found)
    return draw(
        admin,
        "why/one",
        section=SECTION,
        flow=_masked(admin, found),
        lines=[line for each in found.happened for line in _lines(each, names)],
        names=names,
        clock_time=_clock_time,
    )


def _asked(admin: Admin, given: dict[str, str]) -> Asked:
    """What the search means: an id by what it begins with, else an address, number or name. Who
    has an account is for those alone who may see people."""
    words = given["q"]
    if given["code"]:
        return Asked(code=given["code"])
    if words.startswith("usr_"):
        return Asked(user_id=words) if admin.may("user.read") else Asked(code="-")
    if words.startswith("cli_"):
        return Asked(client_id=words)
    if words.startswith("flw_"):
        return Asked(code=words)
    return Asked(address=_key(admin, words)) if words else Asked()


def _key(admin: Admin, typed: str) -> str:
    accepted = admin.tenant.settings.identifiers
    try:
        return parse_identifier(typed, accepted.kinds, accepted.default_region).key
    except BadIdentifier:
        return typed


def _events_of_request(session: Session, code: str) -> tuple[Entry, ...]:
    """What the audit log knows of a request outside any flow."""
    ending = support_codes.ending(code) or code
    return search.search(session, Sought(request=ending), limit=20).items


def _names(session: Session, admin: Admin, flows: list[Explained]) -> dict[str, str]:
    ids = {each for flow in flows for each in (flow.user_id, flow.client_id, flow.organization)}
    return called.names_of(session, ids, with_people=admin.may("user.read"))


def _names_in(session: Session, flow: Explained) -> dict[str, str]:
    """Of the connections that the timeline names."""
    ids = {str(each.told.get("away")) for each in flow.happened if each.told.get("away")}
    ids |= {str(target["id"]) for each in flow.happened for target in each.told.get("targets", ())}
    return called.names_of(session, ids, with_people=False)


def _masked(admin: Admin, flow: Explained) -> Explained:
    """What was typed, in full for those who may see people."""
    typed = flow.identifier
    if typed is None:
        return flow
    if not admin.may("user.read"):
        typed = mask_email(typed) if "@" in typed else mask_phone(typed)
    return replace(flow, identifier=visible(typed))


def _clock_time(at: int) -> str:
    """The time of day to the second, in UTC."""
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%H:%M:%S")


def _lines(each: Happening, names: dict[str, str]) -> list[_Line]:
    """What an answer proved stands before what it led to."""
    proven = ", ".join(_method(key) for key in each.told.get("proven") or ())
    said = [_Line(each.at, "success", "console.why.proven", {"proven": proven})] if proven else []
    return [*said, _line(each, names)]


def _line(each: Happening, names: dict[str, str]) -> _Line:
    told = each.told
    match each.kind:
        case "start":
            return _Line(each.at, "shown", "console.why.started", {"kind": each.name})
        case "step":
            return _of_step(each, names)
        case "end":
            tone = "success" if each.name == "finished" else "danger"
            values = {"error": str(told.get("error", "")), "why": str(told.get("why", ""))}
            return _Line(each.at, tone, f"console.why.{each.name}", values)
        case "message":
            return _of_message(each)
    return _of_event(each, names)


def _of_step(each: Happening, names: dict[str, str]) -> _Line:
    told = each.told
    says, is_away = str(told.get("says") or ""), bool(told.get("away"))
    by = told.get("method") if each.name in ("prove", "prove_again") else None
    values = {"method": _method(by) if by else "", "name": names.get(str(told.get("away")), "")}
    title = "console.why.away" if is_away else f"console.why.step.{each.name}"
    detail = "console.why.by" if by else None
    if has_text(says) and not is_away:
        detail = says
    reason = None if is_away else str(told.get("why") or "") or None
    return _Line(each.at, "shown", title, values, reason, detail)


def _method(key: str) -> str:
    """What a method is called; a provider's has its connection behind a colon."""
    return rendering.translate(f"console.method.{key.partition(':')[0]}")


def _of_message(each: Happening) -> _Line:
    told = each.told
    tone = {"sent": "success", "queued": ""}.get(str(told["state"]), "danger")
    values = {
        "purpose": each.name,
        "channel": str(told["channel"]),
        "recipient": str(told["recipient"]),
        "state": str(told["state"]),
    }
    said = visible(str(told["error"] or "")) or None
    return _Line(each.at, tone, "console.why.message", values, said=said)


def _of_event(each: Happening, names: dict[str, str]) -> _Line:
    known = REGISTRY.get(each.name)
    diagnosis = DIAGNOSES.get(str(each.told["data"].get("diagnosis", "")))
    targets = [str(target["id"]) for target in each.told.get("targets", ())]
    connection = next((each for each in targets if each.startswith("con_")), None)
    values = {
        "event": known.description if known else each.name,
        "name": names.get(connection or "", ""),
    }
    return _Line(
        each.at,
        _tone(each.name),
        "console.why.event",
        values,
        str(each.told["data"].get("diagnosis") or "") or None,
        diagnosis.check if diagnosis else None,
        f"/audit/{each.told['id']}",
    )


def _tone(event: str) -> str:
    if event.endswith((".failed", ".limited", ".refused", ".send_failed", ".reused")):
        return "danger"
    return "success" if event.endswith((".succeeded", ".signed_in", ".signed_up")) else ""
