"""The sign-in state machine: what a flow of each kind may still have to learn, in order.

`next_step` is asked again after every answer, so a fact that is learned late reopens whatever it
makes necessary.
"""

from app.flow.run import Kind, Run
from app.flow.steps import invited
from app.flow.steps.account import ChooseAccount
from app.flow.steps.base import Step
from app.flow.steps.change_breached import ChangeBreached
from app.flow.steps.change_required import ChangeRequired
from app.flow.steps.choose_realm import ChooseRealm
from app.flow.steps.consent import Consent
from app.flow.steps.contact import VerifyContact
from app.flow.steps.create_passkey import CreatePasskey
from app.flow.steps.demands import goes_on_as
from app.flow.steps.enrol import Enrol
from app.flow.steps.identify import Identify
from app.flow.steps.invited import RightAddress, StillInvited
from app.flow.steps.link_identity import LinkIdentity
from app.flow.steps.new_password import NewPassword
from app.flow.steps.offer_passkey import OfferPasskey
from app.flow.steps.organization import ChooseOrganization
from app.flow.steps.prove import Prove
from app.flow.steps.register import Register
from app.flow.steps.second import ProveAgain
from app.flow.steps.show_recovery_codes import ShowRecoveryCodes

_STRENGTHEN: tuple[Step, ...] = (ProveAgain(), Enrol(), ShowRecoveryCodes())
"""An organization that is chosen later and demands more opens these again by itself."""
SIGN_IN: tuple[Step, ...] = (
    StillInvited(),
    ChooseAccount(),
    Identify(),
    ChooseRealm(),
    Prove(),
    VerifyContact(),
    RightAddress(),
    *_STRENGTHEN,
    ChangeRequired(),
    ChangeBreached(),
    ChooseOrganization(),
    OfferPasskey(),
    Consent(),
)
SIGN_UP: tuple[Step, ...] = (
    StillInvited(),
    Register(),
    VerifyContact(),
    CreatePasskey(),
    RightAddress(),
    *_STRENGTHEN,
    ChooseOrganization(),
    Consent(),
)
RECOVER: tuple[Step, ...] = (
    StillInvited(),
    Identify(),
    Prove(),
    RightAddress(),
    *_STRENGTHEN,
    NewPassword(),
    ChooseOrganization(),
    Consent(),
)
VERIFY: tuple[Step, ...] = (VerifyContact(),)
STEP_UP: tuple[Step, ...] = (Prove(), *_STRENGTHEN)
LINK: tuple[Step, ...] = (LinkIdentity(),)

STEPS: dict[Kind, tuple[Step, ...]] = {
    "sign_in": SIGN_IN,
    "sign_up": SIGN_UP,
    "recover": RECOVER,
    "verify": VERIFY,
    "step_up": STEP_UP,
    "link": LINK,
}


def next_step(run: Run) -> tuple[Step, str] | None:
    """The first step still needed, with its reason; None when the flow may finish."""
    for step in STEPS[run.flow.kind]:
        reason = step.needed(run)
        if reason:
            return step, reason
    return None


def permitted(run: Run) -> Run:
    """The run as a sign-in when the tenant does not offer what it was started as, or when nobody
    is signed in whose address could be verified, session strengthened or identity tied; with what
    its invitation says, if it has one."""
    methods = run.tenant.settings.methods
    is_here = run.asked.subject in {live.user_id for live in run.sessions}
    closed = {
        "sign_up": not invited.is_sign_up_open(run),
        "recover": not methods.recovery_open or "password" not in methods.sign_in,
        "verify": run.facts.user_id is None,
        "step_up": not is_here,
        "link": run.facts.linking is None or not is_here,
    }
    prepared = invited.prepared(run.switched("sign_in") if closed.get(run.flow.kind) else run)
    return prepared.switched("sign_in") if _is_elsewhere_too(prepared) else prepared


def _is_elsewhere_too(run: Run) -> bool:
    """Whether somebody has signed up for a place whose organization takes none of their proofs, as
    by its invitation."""
    is_new = run.flow.kind == "sign_up" and run.facts.user_id is not None
    return is_new and goes_on_as(run) is not None


def back_to_start(run: Run) -> Run:
    """The run with everything forgotten that its steps landed; what was typed stays as a hint."""
    facts = run.facts
    for step in reversed(STEPS[run.flow.kind]):
        facts = step.forget(facts)
    return run.learned(facts)
