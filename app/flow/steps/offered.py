"""Which methods a flow offers: before the first proof by what the tenant allows and what was typed,
so that nothing depends on the user; of a person who is known, those that they have."""

from app.database import read
from app.directory import factors, people
from app.flow.run import Run
from app.flow.steps.demands import allowed_methods, proven_categories
from app.methods import METHODS
from app.methods.base import Method

_BY_MAIL = ("email_code", "magic_link")


def first_factors(run: Run) -> list[Method]:
    """The methods for the first proof, in the tenant's order, the one to show first in front."""
    if run.flow.kind == "step_up":
        return _first_shown(_of_known_person(run))
    if run.flow.kind == "recover":
        return _for_recovery(run)
    keys = [key for key in allowed_methods(run) if _is_running(key)]
    kind = run.facts.identifier.kind if run.facts.identifier else None
    fitting = [METHODS[key] for key in keys if kind is None or kind in METHODS[key].kinds]
    return _first_shown(fitting or [METHODS[key] for key in keys])


def second_factors(run: Run) -> list[Method]:
    """The methods that the proven person has for one more proof, of another kind than before."""
    proven = proven_categories(run)
    keys = [*run.tenant.settings.methods.second, "recovery_code"]
    return [
        METHODS[key]
        for key in keys
        if key in run.facts.factors and _is_running(key) and METHODS[key].category not in proven
    ]


def _first_shown(methods: list[Method]) -> list[Method]:
    """A passkey needs a script, so where there is another way it is not what is shown first."""
    return sorted(methods, key=lambda method: method.key == "passkey")


def _for_recovery(run: Run) -> list[Method]:
    kind = run.facts.identifier.kind if run.facts.identifier else "email"
    if kind == "phone":
        return [METHODS["sms_code"]]
    by_link = "magic_link" in run.tenant.settings.methods.sign_in and "magic_link" in METHODS
    return [METHODS["magic_link" if by_link else "email_code"]]


def _of_known_person(run: Run) -> list[Method]:
    assert run.asked.subject is not None
    with read(run.tenant.id) as session:
        person = people.snapshot_of(session, run.asked.subject)
        has = set(factors.of_user(session, run.asked.subject).kinds)
    if person is not None and person.password_hash:
        has.add("password")
    if "email_code" in has:
        has.add("magic_link")
    keys = [key for key in run.tenant.settings.methods.sign_in if _is_running(key)]
    own = [METHODS[key] for key in keys if key in has]
    return own or [METHODS[key] for key in _BY_MAIL[:1] if key in has]


def _is_running(key: str) -> bool:
    """Whether what the method needs to run is there."""
    return key in METHODS
