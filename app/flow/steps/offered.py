"""Which methods a flow offers: before the first proof by what the tenant allows and what was typed,
so that nothing depends on the user; of a person who is known, those that they have."""

from app.database import read
from app.delivery import sms_readiness
from app.directory import factors, people
from app.directory.tenants import Tenant
from app.flow.realm import BREAK_GLASS
from app.flow.run import Run
from app.flow.steps import last_used
from app.flow.steps.demands import decision, demanded, proven_categories, reached
from app.methods import METHODS
from app.methods.base import Method

_BY_MAIL = ("email_code", "magic_link")
_ENROLABLE = ("totp", "passkey")


def first_factors(run: Run) -> list[Method]:
    """The methods for the first proof, in the tenant's order, but the one to show first in front:
    what was used last on this browser, if it is among them."""
    if run.flow.kind == "step_up":
        return _first_shown(_of_known_person(run))
    if run.flow.kind == "recover":
        return [contact_method(run)]
    keys = [key for key in decision(run).methods if _is_running(run.tenant, key)]
    if run.facts.realm == BREAK_GLASS:
        keys = [key for key in keys if not METHODS[key].sends_challenge] or ["password"]
    kind = run.facts.identifier.kind if run.facts.identifier else None
    fitting = [METHODS[key] for key in keys if kind is None or kind in METHODS[key].kinds]
    return _first_shown(last_used.first(run, fitting or [METHODS[key] for key in keys]))


def second_factors(run: Run) -> list[Method]:
    """The methods that the proven person has for one more proof, of another kind than before."""
    proven = proven_categories(run)
    return [
        METHODS[key]
        for key in _helpful(run)
        if key in run.facts.factors
        and _is_running(run.tenant, key)
        and METHODS[key].category not in proven
    ]


def enrolable(run: Run) -> list[str]:
    """The factors that may be set up to reach what is demanded."""
    return [key for key in _helpful(run) if key in _ENROLABLE]


def is_enrolment_due(run: Run) -> bool:
    """Whether more is demanded than was proven, and the person has nothing to prove it with."""
    if run.facts.user_id is None or reached(run) >= demanded(run):
        return False
    return not second_factors(run) and bool(enrolable(run))


def contact_method(run: Run) -> Method:
    """What proves an address or number that was typed: an SMS code, or by mail a link where links
    are switched on, at sign-up or for signing in, and else a code. A username leads to the mailbox
    too, but where the tenant knows people by their phones alone."""
    identifiers, typed = run.tenant.settings.identifiers, run.facts.identifier
    has_phones_alone = identifiers.email == "off" and identifiers.phone != "off"
    if typed and (typed.kind == "phone" or (typed.kind == "username" and has_phones_alone)):
        return METHODS["sms_code"]
    methods = run.tenant.settings.methods
    is_new = run.flow.kind == "sign_up" or run.facts.sign_up is not None
    by_link = "magic_link" in (methods.sign_up if is_new else methods.sign_in)
    return METHODS["magic_link" if by_link else "email_code"]


def _helpful(run: Run) -> list[str]:
    """The second factors that the tenant takes. Where a client asks for what only passkeys can
    give, those, and others only while one factor is all there is."""
    methods = run.tenant.settings.methods
    keys = [*methods.second, "recovery_code"]
    if demanded(run) < 3:
        return keys
    has_passkeys = "passkey" in (*methods.sign_in, *methods.second)
    others = [key for key in keys if key != "passkey"] if reached(run) < 2 else []
    return ["passkey", *others] if has_passkeys else others


def _first_shown(methods: list[Method]) -> list[Method]:
    """A passkey needs a script, so where there is another way it is not what is shown first."""
    return sorted(methods, key=lambda method: method.key == "passkey")


def _of_known_person(run: Run) -> list[Method]:
    assert run.asked.subject is not None
    with read(run.tenant.id) as session:
        person = people.snapshot_of(session, run.asked.subject)
        has = set(factors.of_user(session, run.asked.subject).kinds)
    if person is not None and person.password_hash:
        has.add("password")
    if "email_code" in has:
        has.add("magic_link")
    keys = [key for key in run.tenant.settings.methods.sign_in if _is_running(run.tenant, key)]
    own = [METHODS[key] for key in keys if key in has]
    return own or [METHODS[key] for key in _BY_MAIL[:1] if key in has]


def _is_running(tenant: Tenant, key: str) -> bool:
    """Whether what the method needs to run is there."""
    is_ready = key != "sms_code" or sms_readiness.is_ready(tenant)
    return key in METHODS and is_ready
