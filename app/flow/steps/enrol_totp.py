"""Setting up an authenticator app on the way: show its secret, take the code that confirms it."""

from sqlalchemy.orm import Session

from app import clock
from app.database import read
from app.directory import people
from app.flow.facts import Facts, Proof
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.flow.steps import show_recovery_codes
from app.flow.steps.base import Landed, Result
from app.ids import new_id
from app.methods import totp_enrolment
from app.methods.base import Answers, Refused
from app.methods.totp import DIGITS, Totp
from app.methods.totp_enrolment import PendingTotp


def begun(run: Run) -> Landed:
    """A fresh secret starts to wait for its code."""
    user_id, row_id = _user_id(run), new_id("otc")
    account_name = _account_name(run)

    def prepare(session: Session) -> None:
        totp_enrolment.prepare(
            session, run.tenant, user_id, account_name, binding=run.flow.id, row_id=row_id
        )

    return Landed(run.facts.learn(enrolling="totp", enrolment=row_id), (prepare,))


def screen(run: Run) -> Screen | None:
    """The secret that waits, in every form; None when it waits no more."""
    if run.facts.enrolment is None:
        return None
    waiting = totp_enrolment.pending(run.tenant, run.facts.enrolment, binding=run.flow.id)
    return screen_of(waiting) if waiting else None


def screen_of(waiting: PendingTotp) -> Screen:
    """The screen that shows a secret and asks for its first code."""
    return Screen(
        name="enrol_totp",
        title=Text("enrol_totp.title"),
        subtitle=Text("enrol_totp.subtitle"),
        fields=(
            Field("code", "one_time_code", "field.totp_code", "", "one-time-code", length=DIGITS),
            Field("label", "text", "field.authenticator_label", required=False),
        ),
        actions=(Action("continue", Text("action.confirm")),),
        display={
            "secret": waiting.secret_text,
            "uri": waiting.uri,
            "data_url": waiting.data_url,
            "expires_at": waiting.expires_at,
        },
    )


def confirmed(run: Run, answers: Answers) -> Result:
    """The app is a factor when its code is right, and the first factor brings recovery codes."""
    user_id = _user_id(run)
    result = totp_enrolment.confirm(
        run.tenant,
        run.acting(user_id),
        user_id,
        run.facts.enrolment or "",
        binding=run.flow.id,
        code=answers.get("code", ""),
        label=answers.get("label"),
        locale=run.locale,
    )
    if isinstance(result, Refused):
        return result
    return show_recovery_codes.with_codes(run, Landed(_enrolled(run), result))


def _enrolled(run: Run) -> Facts:
    proof = Proof(method=Totp.key, amr=Totp.amr, at=clock.now())
    return run.facts.learn(
        factors=tuple(sorted({*run.facts.factors, Totp.key})),
        proofs=(*run.facts.proofs, proof),
        session_id=None,
        enrolling=None,
        enrolment=None,
    )


def _account_name(run: Run) -> str:
    """What the app lists the account under: what the person signs in with."""
    if run.facts.identifier:
        return run.facts.identifier.value
    with read(run.tenant.id) as session:
        person = people.snapshot_of(session, _user_id(run))
    named = (person.email or person.phone or person.username) if person else None
    return named or run.facts.person or _user_id(run)


def _user_id(run: Run) -> str:
    assert run.facts.user_id is not None
    return run.facts.user_id
