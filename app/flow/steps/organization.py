"""For which organization the person acts."""

from sqlalchemy.orm import Session

from app.directory import organizations
from app.flow.facts import START, Belonging, Facts
from app.flow.run import Run
from app.flow.screen import (
    Action,
    Choice,
    Field,
    Message,
    Screen,
    Text,
    initials,
    tile_colour,
    visible,
)
from app.flow.steps.account import OTHER
from app.flow.steps.base import Declined, Landed, Result, Unprepared
from app.flow.steps.demands import goes_on_as
from app.flow.steps.landing import belongings_of, place_to_be
from app.flow.steps.sign_up_form import is_fit_name
from app.ids import new_id
from app.methods.base import Answers, Refused

_SEARCHABLE_FROM = 8
_NEW = Action("new", Text("action.new_organization"), "secondary", sends_fields=False)
_SEARCH = Action("search", Text("action.search"), "secondary")
_OTHER_ACCOUNT = Action(
    "another_account", Text("action.another_account"), "link", sends_fields=False
)
_CANCEL = Action("cancel", Text("action.back_to_app"), "link", sends_fields=False)
_BACK = Action("back", Text("action.back"), "link", sends_fields=False)
_CREATE = Action("continue", Text("action.create_organization"))


class ChooseOrganization(Unprepared):
    """Skipped when there is nothing to choose."""

    key = "organization"

    def needed(self, run: Run) -> str | None:
        """When several would do, when the one asked for is not theirs, or when one must be."""
        facts, choice = run.facts, run.tenant.settings.organizations.choice
        if run.is_for_oneself:
            return None
        if facts.creating_organization:
            return "organization_to_be_named"
        if facts.organization is not None:
            return None
        if run.asked.organization:
            return "organization_not_theirs" if _is_not_theirs(run) else None
        if choice == "off" or len(facts.belongings) == 1:
            return None
        if facts.belongings:
            return "organization_choice"
        return "organization_required" if choice == "required" else None

    def screen(self, run: Run) -> Screen:
        """The list, the form for a new one, or the sentence that there is none."""
        return _naming() if run.facts.creating_organization else _choosing(run)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Choose, search, create, or leave."""
        facts = run.facts
        match action:
            case "another_account":
                return Landed(START.learn(account=OTHER), kind="sign_in")
            case "cancel":
                return Declined("access_denied", "No organization was chosen.")
            case "new":
                return Landed(facts.learn(creating_organization=True))
            case "back":
                return Landed(facts.learn(creating_organization=False))
            case "search":
                return Landed(facts.learn(search=visible(answers.get("search", ""))[:100]))
            case "choose":
                return _chosen(run, answers.get("choice", ""))
        return _created(run, answers.get("name", "").strip())

    def forget(self, facts: Facts) -> Facts:
        """Choose again."""
        return facts.learn(organization=None, creating_organization=False, search="")


def chosen_organization(run: Run) -> str | None:
    """The id of the organization that the finished flow acts for; None for acting as oneself."""
    if run.is_for_oneself:
        return None
    if run.facts.organization:
        return run.facts.organization
    if run.asked.organization:
        asked = _asked_for(run)
        return asked.organization_id if asked else None
    if run.tenant.settings.organizations.choice != "off" and len(run.facts.belongings) == 1:
        return run.facts.belongings[0].organization_id
    return None


def _asked_for(run: Run) -> Belonging | None:
    wanted = run.asked.organization
    return next((b for b in run.facts.belongings if wanted in (b.organization_id, b.slug)), None)


def _is_not_theirs(run: Run) -> bool:
    """Whether the client asks for one organization, which the person does not belong to. Then no
    other will do."""
    return run.asked.organization is not None and _asked_for(run) is None


def _choosing(run: Run) -> Screen:
    facts, is_stuck = run.facts, _is_not_theirs(run)
    searchable = len(facts.belongings) >= _SEARCHABLE_FROM and not is_stuck
    found = [b for b in facts.belongings if facts.search.casefold() in b.name.casefold()]
    creation_open = run.tenant.settings.organizations.creation_open and not is_stuck
    empty = not facts.belongings
    title = "choose_organization.none_title" if empty else "choose_organization.title"
    return Screen(
        name="choose_organization",
        title=Text(title),
        subtitle=Text("choose_organization.person", {"person": facts.person or ""}),
        fields=(Field("search", "search", "field.search", facts.search, "off", required=False),)
        if searchable
        else (),
        choices=() if is_stuck else tuple(_choice(b) for b in found),
        actions=(
            *((_SEARCH,) if searchable else ()),
            *((_NEW,) if creation_open else ()),
            _OTHER_ACCOUNT,
            _CANCEL,
        ),
        message=_objection(run),
        display={"person": facts.person or "", "searchable": searchable, "found": len(found)},
    )


def _objection(run: Run) -> Message | None:
    if run.asked.organization and _is_not_theirs(run):
        return Message("error.organization_not_theirs", {"organization": run.asked.organization})
    return None if run.facts.belongings else Message("choose_organization.none", tone="info")


def _choice(belonging: Belonging) -> Choice:
    return Choice(
        value=belonging.organization_id,
        title=belonging.name,
        subtitle=Text(
            "choose_organization.membership",
            {"roles": ", ".join(belonging.roles), "count": belonging.member_count},
        ),
        initials=initials(belonging.name),
        colour=tile_colour(belonging.organization_id),
    )


def _chosen(run: Run, organization_id: str) -> Result:
    assert run.facts.user_id is not None
    belongings = belongings_of(run, run.facts.user_id)  # The list on the screen may be old.
    if any(b.organization_id == organization_id for b in belongings):
        facts = run.facts.learn(organization=organization_id, belongings=belongings)
        return Landed(facts, kind=goes_on_as(run.learned(facts)))
    return Refused(message=Message("error.choice_unknown"), code="unknown_choice")


def _naming() -> Screen:
    return Screen(
        name="new_organization",
        title=Text("new_organization.title"),
        subtitle=Text("new_organization.subtitle"),
        fields=(Field("name", "text", "field.organization_name", "", "organization"),),
        actions=(_CREATE, _BACK),
    )


def _created(run: Run, name: str) -> Result:
    if not name or not is_fit_name(name):
        return Refused(errors={"name": Text("error.name_invalid")}, code="invalid_fields")
    organization_id, user_id = new_id("org"), run.facts.user_id
    assert user_id is not None
    roles = [run.tenant.settings.organizations.creator_role]

    def create(session: Session) -> None:
        organizations.create(
            session,
            run.acting(user_id),
            organization_id=organization_id,
            name=name,
            creator_id=user_id,
            creator_roles=roles,
        )

    facts = run.facts.learn(
        organization=organization_id,
        creating_organization=False,
        belongings=(*run.facts.belongings, *place_to_be(run, organization_id, roles, name)),
    )
    return Landed(facts, (create,), kind=goes_on_as(run.learned(facts)))
