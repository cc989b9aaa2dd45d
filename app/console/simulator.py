"""The simulator: who, where, on what device; and every rule that would decide how they sign in."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from app.console.door import Admin, blueprint, draw, for_admin
from app.database import Session, read
from app.directory import called, clients, organization_list, organizations
from app.flow import simulated
from app.flow.simulated import Imagined, Line, Simulated
from app.identifiers import BadIdentifier, Identifier, parse_identifier

SECTION = "simulator"
_DEVICES: tuple[simulated.Device, ...] = ("new", "known", "trusted")
_LONGEST = 320
_MOST = 100


@dataclass(frozen=True)
class _Given:
    """What was filled in."""

    address: str
    client: str
    organization: str
    device: simulated.Device


@dataclass(frozen=True)
class _Shown:
    """A rule as the page shows it; `link` is a path behind the slug."""

    line: Line
    name: str
    link: str | None


@blueprint.get("/<tenant_slug>/simulator")
@for_admin("settings.read")
def simulate(admin: Admin) -> Response:
    """The form, and what would happen. Nothing is written or sent."""
    given = _given()
    identifier, wrong = _identifier(admin, given)
    found = _simulated(admin, given, identifier) if identifier else None
    with read(admin.tenant.id) as session:
        known = clients.list_page(session, limit=_MOST).items
        places = organization_list.search(session, "", limit=_MOST).items
        names = _names(session, found)
        parts = _parts(session, found, names) if found else {}
    return draw(
        admin,
        "simulator/one",
        section=SECTION,
        given=given,
        wrong=wrong,
        clients=known,
        organizations=places,
        found=found,
        parts=parts,
        names=names,
        devices=_DEVICES,
        status=422 if wrong else 200,
    )


def _given() -> _Given:
    address, client, organization = (
        request.args.get(name, "").strip()[:_LONGEST]
        for name in ("address", "client", "organization")
    )
    asked = request.args.get("device")
    device: simulated.Device = next((each for each in _DEVICES if each == asked), "new")
    return _Given(address, client, organization, device)


def _identifier(admin: Admin, given: _Given) -> tuple[Identifier | None, str | None]:
    """What was typed, or the text id of what is wrong with it."""
    if not given.address:
        return None, None
    accepted = admin.tenant.settings.identifiers
    try:
        return parse_identifier(given.address, accepted.kinds, accepted.default_region), None
    except BadIdentifier:
        return None, "console.simulator.address_wrong"


def _simulated(admin: Admin, given: _Given, identifier: Identifier) -> Simulated:
    with read(admin.tenant.id) as session:
        place = organizations.by_slug_or_id(session, given.organization)
    imagined = Imagined(
        identifier=identifier,
        client=clients.get(admin.tenant.id, given.client) if given.client else None,
        organization_id=place.id if place and place.status == "active" else None,
        device=given.device,
        knows_people=admin.may("user.read"),
    )
    return simulated.simulate(admin.tenant, imagined)


def _names(session: Session, found: Simulated | None) -> dict[str, str]:
    if found is None:
        return {}
    ids = {each.record for each in (*found.on_realm, *found.on_policy)}
    ids |= {each.connection_id for each in found.realm.candidates}
    return called.names_of(session, ids, with_people=False)


def _parts(session: Session, found: Simulated, names: dict[str, str]) -> dict[str, list[_Shown]]:
    """The rules by what they are about."""
    listed = {
        "realm": found.on_realm,
        "methods": found.on_methods,
        "policy": found.on_policy,
    }
    owner = found.realm.organization_id
    return {
        part: [
            _Shown(each, names.get(each.record, each.record), _link(session, each, owner))
            for each in lines
        ]
        for part, lines in listed.items()
    }


def _link(session: Session, line: Line, owner: str | None) -> str | None:
    """Where the setting is that a rule stands in."""
    kind, _, called_so = line.record.partition(" ")
    if line.record.startswith("con_"):
        inside = f"/organizations/{owner}" if owner else ""
        return f"{inside}/connections/{line.record}"
    if line.record.startswith("org_"):
        return f"/organizations/{line.record}/policy"
    if line.setting == "claim":
        return f"/organizations/{owner}/domains" if owner else "/domains"
    if kind == "organization":
        place = organizations.by_slug_or_id(session, called_so)
        return f"/organizations/{place.id}/policy" if place else None
    if kind == "role":
        return "/roles"
    if line.record == "method" or line.setting.startswith("methods."):
        return "/policy/methods"
    return "/policy/policy" if line.setting.startswith("policy.") else None
