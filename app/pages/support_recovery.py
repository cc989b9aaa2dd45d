"""The page behind the link that support had sent: a look does nothing, the button lets the person
set a new way in, without what was lost."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app import clock, completion, tenancy, visitor
from app.account import support_recovery
from app.directory.people import Person
from app.flow import engine, envelope
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.envelope import Opening
from app.flow.facts import Facts, Named, Proof
from app.flow.run import Run
from app.flow.steps import landing
from app.identifiers import parse_as
from app.methods import METHODS
from app.pages import rendering, sign_in

blueprint = Blueprint("support_recovery", __name__, url_prefix="/recovery")
blueprint.before_request(visitor.refuse_other_sites)

_KEPT = "recovery"
_ENROLABLE = frozenset({"totp", "passkey"})


@blueprint.get("")
def look() -> Response:
    """Whose account it is, and what the button will do."""
    token = request.args.get("token")
    if token is not None:
        visitor.keep_link(_KEPT, token)
        return redirect(url_for("support_recovery.look"), 303)
    opened = support_recovery.opened(tenancy.current(), visitor.kept_link(_KEPT))
    if opened is None:
        return _gone()
    return rendering.page("support_recovery/confirm.html", person=opened.person.email)


@blueprint.post("")
def use() -> Response:
    """Go on with a recovery flow of this browser's own, at whose end the lost factors go: whoever
    breaks off loses nothing, and may press again."""
    tenant = tenancy.current()
    opened = support_recovery.opened(tenant, visitor.kept_link(_KEPT))
    if opened is None:
        return _gone()
    visitor.forget_running_flows()
    opening = Opening("recover", Account(), Asked(), visitor.binding())
    run = sign_in.run_of(envelope.start(tenant, opening))
    facts = _proven(run, opened.person).learn(support_recovery=opened.row_id)
    proven = run.learned(facts)
    complete = completion.in_browser(visitor.session_cookie())
    return sign_in.respond(run, engine.begin(proven, complete))


def _proven(run: Run, person: Person) -> Facts:
    """As after a mailed proof. Where a new factor can be set up, none of the old ones is asked for:
    they are what was lost."""
    assert person.email is not None
    method = METHODS["magic_link"]
    facts = run.facts.learn(
        identifier=Named.of(parse_as("email", person.email, "ZZ")),
        realm="local",
        user_id=person.user_id,
        person=person.display_name or person.email,
        address_verified=True,
        proofs=(Proof(method=method.key, amr=tuple(method.amr), at=clock.now()),),
        belongings=landing.belongings_of(run, person.user_id),
    )
    facts = landing.with_factors(run, facts, person.user_id)
    can_enrol = bool(_ENROLABLE & {*run.tenant.settings.methods.second})
    return facts.learn(factors=()) if can_enrol else facts


def _gone() -> Response:
    return rendering.error_page("fault.spent_recovery", 410)
