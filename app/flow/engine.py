"""Runs flows: shows what is next, takes an answer, lands it with its effects in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.audit import events
from app.audit.log import record
from app.database import note_flow, write
from app.directory.anonymous import NoLongerAnonymous
from app.directory.people import IdentifierTaken
from app.flow import store, trace
from app.flow.facts import START, Notice
from app.flow.machine import back_to_start, next_step, permitted
from app.flow.outcome import Finished, GoTo, Outcome, Refuse, Show, Wrong
from app.flow.run import Flow, Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps import invited, linking, upstream
from app.flow.steps.account import continue_as, find_session
from app.flow.steps.base import Declined, Landed, Step
from app.flow.steps.demands import is_too_weak
from app.flow.steps.link_identity import LinkIdentity
from app.flow.steps.prove import Prove
from app.flow.store import Superseded
from app.identifiers import BadIdentifier, parse_identifier
from app.methods.base import Answers, Begun, Effect, Refused, Spent

Complete = Callable[[Session, Run], Any]
"""Runs inside the landing transaction of a finished flow; what it returns is the result."""


_ANYWHERE = ("continue", "change", "restart")
"""What there is to do where no step is shown; any other word was thought up by its sender."""


@dataclass(frozen=True)
class Turn:
    """What an answer led to, and the flow as it stands afterwards."""

    outcome: Outcome
    flow: Flow


def show(run: Run) -> Outcome:
    """What to show now. Writes nothing and sends nothing."""
    run = settled(run)
    found = next_step(run)
    if found is None:
        return Show(_signed_in_notice(run))
    step = found[0]
    if step.is_unbegun(run):
        return Show(_sending_notice(run))
    return Show(_noticed(run, step.screen(run)))


def answer(
    run: Run, action: str, answers: Answers, complete: Complete, *, seen: str | None = None
) -> Turn:
    """Handle one action on the screen named `seen`. A wrong answer, a lost race and a double submit
    each come back as a screen; nothing is raised but what the database or the hashing pool raises.
    """
    run = trace.doing(settled(run), action if action in _ANYWHERE else "other")
    try:
        if seen is not None and _is_elsewhere(run, seen):
            return _answer_late(run, seen, action, answers, complete)
        return _answer(run, action, answers, complete)
    except (IdentifierTaken, NoLongerAnonymous):
        # Two sign-ups of one address: the other was first, so this one now finds a person.
        return _answer_again(run, action, answers, complete)
    except Spent as spent:
        expired = Refused(Message("error.code_expired"), code="code_expired")
        return _refused(run, answers, spent.refused or expired)
    except Superseded:
        current = store.load(run.tenant.id, run.flow.id) or run.flow
        return Turn(show(replace(run, flow=current)), current)


def arrive(run: Run, answers: Answers, complete: Complete, action: str = upstream.ARRIVED) -> Turn:
    """Take what a provider had the browser bring. A flow that awaits no provider any more, such as
    by the back button, shows what it is at."""
    run = trace.doing(settled(run), action)
    found = next_step(run)
    is_awaiting = found is not None and isinstance(found[0], Prove | LinkIdentity)
    if found is None or not is_awaiting or upstream.awaited(run) is None:
        return Turn(show(run), run.flow)
    try:
        result = found[0].answer(run, action, answers)
        if isinstance(result, Landed):
            return _advance(run, result, {}, complete)
    except (Spent, IdentifierTaken, NoLongerAnonymous) as lost:
        # Somebody was first: the way to the provider is shown again, which now leads further.
        refused = lost.refused if isinstance(lost, Spent) else None
        if refused is not None:
            _keep(run, refused)
        return Turn(_saying(show(run), refused.message if refused else None), run.flow)
    except Superseded:
        current = store.load(run.tenant.id, run.flow.id) or run.flow
        return Turn(show(replace(run, flow=current)), current)
    raise TypeError("A provider's answer always lands.")


def _saying(outcome: Outcome, message: Message | None) -> Outcome:
    if message is None or not isinstance(outcome, Show):
        return outcome
    return Show(outcome.screen.saying(message))


def begin(run: Run, complete: Complete) -> Turn:
    """Start a flow whose first step must prepare something, such as a code to a known address."""
    return _advance(settled(run), Landed(run.facts), {}, complete)


def settled(run: Run) -> Run:
    """The run with what its live session says, or without it when that session has ended."""
    return permitted(_continued(run))


def _continued(run: Run) -> Run:
    facts = run.facts
    if facts.session_id and not find_session(run, facts.session_id) and not run.flow.is_headless:
        return run.learned(START.learn(hint=facts.hint))
    if run.flow.kind == "recover":
        return run  # A live session is no mailed proof.
    if facts.account and facts.user_id is None and facts.identifier is None:
        live = find_session(run, facts.account)
        if live:
            return run.learned(continue_as(run, facts, live))
    return run


def _answer(run: Run, action: str, answers: Answers, complete: Complete) -> Turn:
    if action == "restart":
        restarted = Landed(START.learn(hint=run.facts.hint, account="other"), kind="sign_in")
        return _advance(run, restarted, answers, complete)
    if action == "change" and run.flow.kind != "verify":
        return _advance(run, Landed(back_to_start(run).facts), answers, complete)
    found = next_step(run)
    if found is None or found[0].is_unbegun(run):
        return _advance(run, Landed(run.facts), answers, complete)
    step = found[0]
    run = trace.doing(run, action, step)
    if not _is_offered(step.screen(run), action):
        return _refused(run, answers, Refused(code="unknown_action"))
    result = step.answer(run, action, answers)
    if isinstance(result, Refused):
        return _refused(run, answers, result)
    if isinstance(result, Declined):
        return _declined(run, step, result)
    return _advance(run, result, answers, complete)


def _answer_again(run: Run, action: str, answers: Answers, complete: Complete) -> Turn:
    """The answer once more; to the account, where a form of somebody who has proven the address
    before cannot find out by itself that it is there."""
    try:
        return _answer(run, action, answers, complete)
    except IdentifierTaken:
        pending = run.facts.sign_up
        hint = pending.email.value if pending and pending.email else run.facts.hint
        facts = START.learn(hint=hint, account=run.facts.account)
        message = Message("sign_up.account_exists", tone="info")
        return _advance(run, Landed(facts, message=message, kind="sign_in"), answers, complete)


def _is_elsewhere(run: Run, seen: str) -> bool:
    shown = show(run)
    return isinstance(shown, Show) and shown.screen.name != seen


def _answer_late(run: Run, seen: str, action: str, answers: Answers, complete: Complete) -> Turn:
    """An answer to a screen that the flow has left, by a double click or the back button: the first
    screen's form counts until somebody is proven, any other shows what the flow is at."""
    first = permitted(back_to_start(run))
    kept: dict[str, Any] = {"account": run.facts.account}
    if _names_the_same(run, answers):
        kept |= {"method": run.facts.method, "challenge": run.facts.challenge}
    first = first.learned(first.facts.learn(**kept))
    is_first = not _is_elsewhere(first, seen)
    if action == "continue" and is_first and run.facts.user_id is None:
        return _answer(first, action, answers, complete)
    return Turn(show(run), run.flow)


def _names_the_same(run: Run, answers: Answers) -> bool:
    """Whether the form says who it is in the same way as before: then its code is out already."""
    accepted, known = run.tenant.settings.identifiers, run.facts.identifier
    typed = answers.get("identifier") or answers.get("email") or answers.get("phone") or ""
    try:
        found = parse_identifier(typed, accepted.kinds, accepted.default_region)
    except BadIdentifier:
        return False
    return known is not None and (found.kind, found.key) == (known.kind, known.key)


def _advance(run: Run, landed: Landed, answers: Answers, complete: Complete) -> Turn:
    """Land the facts, prepare the next step, and commit both with every effect."""
    after = permitted(_landed(run, landed))
    if _is_somebody_else(after):
        refuse = Refuse("login_required", "Another person than the one asked for.")
        return _ended(run, refuse)
    effects = list(landed.effects)
    found = next_step(after)
    if found is None and is_too_weak(after):
        return _ended(run, _too_weak(after))
    if found:
        begun = found[0].begin(after)
        if isinstance(begun, Refused):
            return _refused(run, answers, begun)
        if isinstance(begun, Begun):
            after = after.learned(after.facts.learn(challenge=begun.challenge))
            effects += begun.effects
    after = trace.landed(run, after, found, landed)
    turn = _commit(after, effects, complete, finished=found is None)
    return Turn(GoTo(landed.away), turn.flow) if landed.away else turn


def _is_somebody_else(run: Run) -> bool:
    """Whether the client named one person and another one is at the screen."""
    return run.asked.subject is not None and run.facts.user_id not in (None, run.asked.subject)


def _too_weak(run: Run) -> Refuse:
    """No step is left that could give what is owed: the person has nothing for it, and the tenant
    nothing that could be set up."""
    error = "unmet_authentication_requirements" if run.asked.essential_acr else "access_denied"
    return Refuse(error, "The person cannot be proven as strongly as is asked.")


def _commit(run: Run, effects: list[Effect], complete: Complete, *, finished: bool) -> Turn:
    with write(run.tenant.id) as session:
        note_flow(session, run.flow.id)
        flow = store.save(session, run.flow, finished=finished)
        for effect in effects:
            effect(session)
        result = _completed(session, run, complete) if finished else None
    outcome = Finished(result) if finished else show(replace(run, flow=flow))
    return Turn(outcome, flow)


def _completed(session: Session, run: Run, complete: Complete) -> Any:
    linking.tie(session, run)
    invited.accept(session, run)
    return complete(session, run)


def _landed(run: Run, landed: Landed) -> Run:
    notice = Notice.of(landed.message) if landed.message else None
    after = run.learned(landed.facts.learn(notice=notice))
    return after.switched(landed.kind) if landed.kind else after


def _refused(run: Run, answers: Answers, refused: Refused) -> Turn:
    _keep(run, refused)
    shown = show(run)
    if not isinstance(shown, Show):
        return Turn(shown, run.flow)
    screen = shown.screen.with_errors(dict(refused.errors or {}), dict(answers))
    screen = screen.saying(refused.message or _summary(refused, screen))
    return Turn(Wrong(screen, refused.code, refused.retry_after), run.flow)


def _keep(run: Run, refused: Refused) -> None:
    if refused.effects:
        with write(run.tenant.id) as session:
            note_flow(session, run.flow.id)
            for effect in refused.effects:
                effect(session)


def _summary(refused: Refused, screen: Screen) -> Message | None:
    """The sentence above a form with several wrong fields, or whose action nobody offered. What is
    wrong with something that is no field of the screen stands there itself."""
    if not refused.errors:
        return Message("error.choice_unknown")
    shown = {each.name for each in screen.fields}
    hidden = [text for name, text in refused.errors.items() if name not in shown]
    if hidden:
        return Message(hidden[0].id, hidden[0].values)
    several = len(refused.errors) > 1
    return Message("error.check_fields", {"count": len(refused.errors)}) if several else None


def _declined(run: Run, step: Step, declined: Declined) -> Turn:
    def note(session: Session) -> None:
        targets = [("client", run.asked.client_id or "")]
        record(
            session,
            events.CONSENT_DENIED,
            run.actor,
            subject_id=run.facts.user_id,
            targets=targets,
        )

    effects = [note] if step.key == "consent" else []
    return _ended(run, Refuse(declined.error, declined.description), effects)


def _ended(run: Run, refuse: Refuse, effects: Sequence[Effect] = ()) -> Turn:
    """The refusal that its client is told, noted in the flow; that somebody was faster with the
    flow itself changes nothing about it."""
    with write(run.tenant.id) as session:
        note_flow(session, run.flow.id)
        with suppress(Superseded):
            store.save(session, trace.refused(run, refuse).flow)
        for effect in effects:
            effect(session)
    return Turn(refuse, run.flow)


def _is_offered(screen: Screen, action: str) -> bool:
    return any(each.name == action for each in screen.actions) or (
        action == "choose" and bool(screen.choices)
    )


def _noticed(run: Run, screen: Screen) -> Screen:
    notice = run.facts.notice
    return screen.saying(notice.message) if notice and screen.message is None else screen


def _signed_in_notice(run: Run) -> Screen:
    return Screen(
        name="notice",
        title=Text("notice.signed_in_title"),
        subtitle=Text("notice.signed_in_as", {"person": run.facts.person or ""}),
        actions=(Action("continue", Text("action.continue")),),
    )


def _sending_notice(run: Run) -> Screen:
    typed = run.facts.identifier
    known = typed is not None and run.facts.user_id is None
    subtitle = Text("notice.send_code", {"email": typed.value if typed else ""})
    return Screen(
        name="notice",
        title=Text("notice.send_code_title"),
        subtitle=subtitle if known else Text("notice.send_code_to_you"),
        actions=(
            Action("continue", Text("action.send_code")),
            Action("change", Text("action.change"), "link", sends_fields=False),
        ),
    )
