"""The screen on which a passkey is made, and what comes of its answer, wherever a flow has it."""

from app.database import read
from app.directory import passkeys, people
from app.directory.passkeys import ListedPasskey
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.methods import passkey, passkey_registration
from app.methods.base import Answers, Effect, Refused
from app.methods.passkey_registration import Holder

MAKE = Action("continue", Text("action.create_passkey"), ceremony="create")
MISSING = passkey.MISSING
_TITLES = {
    "create_passkey": Text("create_passkey.title"),
    "offer_passkey": Text("offer_passkey.title"),
}
_SUBTITLES = {
    "create_passkey": Text("create_passkey.subtitle"),
    "offer_passkey": Text("offer_passkey.subtitle"),
}
_LABEL = Field("label", "text", "field.passkey_label", required=False)


def binding(run: Run) -> str:
    """What the challenges of this flow are bound to."""
    return f"flow {run.flow.id}"


def screen_for_new(run: Run, name: str, holder: Holder) -> Screen:
    """The screen for somebody who has no passkey yet."""
    return _screen(run, name, holder, [], automatic=False)


def screen_for(run: Run, name: str, *, automatic: bool = False) -> Screen:
    """The screen for the proven person; `automatic` lets a browser that can do so make one without
    being asked."""
    user_id = run.facts.user_id
    assert user_id is not None
    with read(run.tenant.id) as session:
        person = people.snapshot_of(session, user_id)
        known = passkeys.list_of_user(session, user_id)
    assert person is not None
    typed = run.facts.identifier
    named = (typed and typed.value) or person.email or person.username or person.phone or user_id
    holder = Holder(person.handle, named, person.display_name or named)
    return _screen(run, name, holder, known, automatic=automatic)


def made(
    run: Run, answers: Answers, *, may_be_silent: bool = False
) -> Refused | tuple[Effect, ...]:
    """What keeps the passkey that the proven person's browser made, asked or by itself."""
    user_id = run.facts.user_id
    assert user_id is not None
    if not answers.get("credential"):
        return MISSING
    return passkey_registration.register(
        run.tenant,
        run.acting(user_id),
        user_id,
        binding=binding(run),
        credential=answers["credential"],
        label=answers.get("label"),
        locale=run.locale,
        may_be_silent=may_be_silent,
    )


def _screen(
    run: Run, name: str, holder: Holder, known: list[ListedPasskey], *, automatic: bool
) -> Screen:
    def options(*, silently: bool) -> dict[str, object]:
        return passkey_registration.creation_options(
            run.tenant, holder, binding=binding(run), exclude=known, silently=silently
        )

    shown: dict[str, object] = {"options": options(silently=False)}
    if automatic:
        shown["automatic"] = options(silently=True)
    return Screen(
        name=name,
        title=_TITLES[name],
        subtitle=_SUBTITLES[name],
        fields=(passkey.FIELD, _LABEL),
        actions=(MAKE,),
        display={"passkey": shown},
    )
