"""What would happen if somebody signed in now: the real rules of realm, methods and policy, asked
for a moment that does not take place. Nothing is written and nothing is sent.

Whether the address has an account is looked at only where the caller may know it. Otherwise the
answer is that for somebody with one first factor and nothing else, whoever has the address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app import clock
from app.actor import SYSTEM
from app.database import read
from app.delivery import sms_readiness
from app.directory import people, policy
from app.directory.clients import ClientView
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.flow import realm
from app.flow.asked import Asked
from app.flow.claimed import every_claim_to
from app.flow.continuation import Account, Authorize
from app.flow.facts import START, Named, Proof
from app.flow.machine import SIGN_IN
from app.flow.realm import BREAK_GLASS, LOCAL, Realm
from app.flow.run import Flow, Run
from app.flow.steps.demands import acting_for, decision, demanded, demanded_connection, reached
from app.flow.steps.landing import place_to_be, proven
from app.flow.steps.offered import first_factors
from app.identifiers import Identifier
from app.methods import METHODS
from app.methods.base import Method, Proved
from app.methods.passkey import VERIFIED

Device = Literal["new", "known", "trusted"]
_NOBODY = "usr_simulated"


@dataclass(frozen=True)
class Imagined:
    """Who would sign in, where, and on what. `knows_people`: whether accounts may be looked at."""

    identifier: Identifier
    client: ClientView | None = None
    organization_id: str | None = None
    device: Device = "new"
    knows_people: bool = False


@dataclass(frozen=True)
class Line:
    """One rule: the record that it stands in, what it says, and whether the outcome follows."""

    record: str
    """The id of a record or, for settings, whose they are; `-` for none."""
    setting: str
    says: str
    decided: bool


@dataclass(frozen=True)
class Way:
    """One way in, and what would still be asked after it."""

    method: str
    """A method's key, or `enterprise`."""
    connection: str | None
    is_second_due: bool
    steps: tuple[tuple[str, str], ...]
    """Steps in their order, each with its machine reason."""


@dataclass(frozen=True)
class Simulated:
    """What would happen."""

    realm: Realm
    ways: tuple[Way, ...]
    """Providers first where the domain has any, then the methods in the order of their offer."""
    on_realm: tuple[Line, ...]
    on_methods: tuple[Line, ...]
    on_policy: tuple[Line, ...]
    account: str | None
    """`none`, or the status of the account; None where that was not looked at."""


def simulate(tenant: Tenant, imagined: Imagined) -> Simulated:
    """What the rules say now."""
    run = _run(tenant, imagined)
    found = _realm(tenant, imagined)
    run = run.learned(run.facts.learn(realm=BREAK_GLASS if found.is_required else LOCAL))
    offered = [] if found.is_required and not found.has_break_glass else first_factors(run)
    person = _person(tenant, imagined)
    first = [(METHODS["enterprise"], each.connection_id) for each in found.candidates]
    ways = [*first, *((method, None) for method in offered)]
    afters = [_after(run, imagined, person, *way) for way in ways]
    after = afters[0] if afters else run
    return Simulated(
        realm=found,
        ways=tuple(_way(*way, then) for way, then in zip(ways, afters, strict=True)),
        on_realm=(*_on_realm(found), *_on_members(after)),
        on_methods=tuple(_on_methods(run, after, found, offered)),
        on_policy=tuple(_on_policy(after, imagined)),
        account=_account(imagined, person),
    )


def _run(tenant: Tenant, imagined: Imagined) -> Run:
    client = imagined.client
    asked = Asked(
        client_id=client.id if client else None,
        client_name=client.name if client else None,
        third_party=client is not None and not client.is_first_party,
        organization=imagined.organization_id,
    )
    flow = Flow(
        id="flw_simulated",
        kind="sign_in",
        binding="",
        continuation=Authorize(payload={}) if client else Account(),
        asked=asked,
        epoch=tenant.epoch,
        expires_at=clock.now() + clock.HOUR,
        facts=START.learn(identifier=Named.of(imagined.identifier)),
    )
    return Run(
        tenant=tenant,
        flow=flow,
        actor=SYSTEM,
        locale="en",
        is_known_device=lambda _user_id: imagined.device != "new",
        is_trusted_device=lambda _user_id: imagined.device == "trusted",
    )


def _realm(tenant: Tenant, imagined: Imagined) -> Realm:
    email = imagined.identifier.email
    if email is None:
        return realm.NO_DOMAIN
    with read(tenant.id) as session:
        return realm.discover(email.domain, every_claim_to(session, email.domain))


def _account(imagined: Imagined, person: Person | None) -> str | None:
    if not imagined.knows_people:
        return None
    return person.status if person else "none"


def _on_realm(found: Realm) -> list[Line]:
    return [Line(each.record, each.rule, each.says, each.decided) for each in found.rules]


def _on_members(after: Run) -> list[Line]:
    """What the organization that is acted for asks of its members."""
    demanded_way, acting = demanded_connection(after), acting_for(after)
    if acting is None or demanded_way is None:
        return []
    says = f"{acting.name} lets people act for it by its own provider alone"
    return [Line(acting.organization_id, "policy.sso", says, True)]


def _person(tenant: Tenant, imagined: Imagined) -> Person | None:
    if not imagined.knows_people:
        return None
    with read(tenant.id) as session:
        return people.find(session, imagined.identifier)


def _after(
    run: Run, imagined: Imagined, person: Person | None, method: Method, connection: str | None
) -> Run:
    """The run after this first proof, of the person or of somebody new in the organization."""
    amr = VERIFIED if method.key == "passkey" else method.amr
    proof = Proof(method=method.key, amr=amr, at=clock.now(), connection=connection)
    if person is not None:
        facts = proven(run, person, method, Proved(person))
        return run.learned(facts.learn(proofs=(proof,)))
    places = place_to_be(run, run.asked.organization, ()) if run.asked.organization else ()
    return run.learned(
        run.facts.learn(
            user_id=_NOBODY,
            person=run.facts.identifier.value if run.facts.identifier else None,
            address_verified=True,
            proofs=(proof,),
            belongings=places,
            trusted=imagined.device == "trusted",
        )
    )


def _way(method: Method, connection: str | None, after: Run) -> Way:
    found = [(step.key, step.needed(after)) for step in SIGN_IN]
    return Way(
        method=method.key,
        connection=connection,
        is_second_due=demanded(after) > reached(after),
        steps=tuple((key, reason) for key, reason in found if reason),
    )


def _on_methods(run: Run, after: Run, found: Realm, offered: Sequence[Method]) -> list[Line]:
    rules = [
        each for each in decision(after).rules if each.setting.endswith(("methods", "sign_in"))
    ]
    said = [Line(each.record, each.setting, each.says, each.decided) for each in rules]
    places = {method.key: place for place, method in enumerate(offered, start=1)}
    for key in run.tenant.settings.methods.sign_in:
        reason = (
            f"offered as number {places[key]}" if key in places else _why_not(after, key, found)
        )
        said.append(Line("method", key, reason, key in places))
    return said


def _why_not(after: Run, key: str, found: Realm) -> str:
    """Why a method of the tenant's is not offered."""
    typed = after.facts.identifier
    if found.is_required:
        return "not offered: everybody in the domain signs in by the provider"
    if key == "sms_code" and not sms_readiness.is_ready(after.tenant):
        return "not offered: text messages are not set up"
    if typed is not None and typed.kind not in METHODS[key].kinds:
        return f"not offered: it does not go with a {typed.kind}"
    if key not in policy.allowed_methods(after.tenant.settings, acting_for(after)):
        return "not offered: the organization does not take it"
    return "not offered"


def _on_policy(after: Run, imagined: Imagined) -> list[Line]:
    decided = decision(after)
    rules = [each for each in decided.rules if "mfa" in each.setting]
    said = [Line(each.record, each.setting, each.says, each.decided) for each in rules]
    has_opted_in = policy.has_opted_in(after.tenant.settings, after.facts.factors)
    if decided.mfa == "optional":
        says = "has set up a second factor" if has_opted_in else "has set up no second factor"
        said.append(Line("user", "factors", says, has_opted_in))
    is_due = policy.is_second_due(decided, opted_in=has_opted_in)
    if is_due and imagined.device == "trusted":
        is_spared = after.facts.trusted
        says = "is trusted: no second factor is asked" if is_spared else "is not trusted after all"
        said.append(Line("device", "policy.trusted_device_days", says, is_spared))
    if imagined.device == "new":
        said.append(Line("device", "-", "is new: a mail tells the person of it", False))
    return said
