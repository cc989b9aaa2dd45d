"""The first page: name, language, and what names the person."""

from flask import request
from werkzeug.wrappers import Response

from app import completion, tenancy, visitor
from app.account import contacts, deletion, passkeys, profile
from app.account.owner import Owner
from app.addresses import parse_email
from app.directory.people import Person
from app.flow import engine, envelope
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.envelope import Opening
from app.flow.facts import Named
from app.flow.screen import Action, Field, Screen, Text
from app.identifiers import of_email
from app.pages import leaving, sign_in
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner


@blueprint.get("")
@for_owner()
def home(owner: Owner) -> Response:
    """Name and language, addresses, numbers and the username."""
    return forms.draw(
        owner,
        "profile",
        "profile",
        "account.profile.title",
        person=profile.of(owner),
        contacts=contacts.list_of(owner),
        pending=contacts.pending_of(owner),
        kinds=owner.tenant.settings.identifiers,
        takes_phones=contacts.takes(owner, "phone"),
        deletion_due=deletion.due(owner),
        known=_known_passkeys(owner),
    )


@blueprint.route("/profile", methods=["GET", "POST"])
@for_owner()
def edit_profile(owner: Owner) -> Response:
    """Change the name and the language."""
    person = profile.of(owner)

    def change(answers: forms.Answers) -> Response:
        profile.change(
            owner,
            display_name=answers.get("display_name", ""),
            locale=answers.get("language", ""),
        )
        return forms.done("", "account.told.profile_changed")

    return forms.serve(
        owner,
        _editing(person),
        "profile",
        "",
        change,
        template="edit_profile",
        languages=profile.locales(owner),
        language=request.form.get("language", person.locale or ""),
    )


@blueprint.post("/verify-email")
@for_owner(back="")
def verify_email(owner: Owner) -> Response:
    """Send a code to the signed-in person's own unproven address, and ask for it."""
    person = profile.of(owner)
    if person.email is None or person.email_verified:
        return leaving.to_path("/account")
    opening = Opening("verify", Account(), Asked(), visitor.binding(), account=owner.session_id)
    run = sign_in.run_of(envelope.start(tenancy.current(), opening))
    facts = engine.settled(run).facts.learn(
        identifier=Named.of(of_email(parse_email(person.email))), address_verified=False
    )
    complete = completion.in_browser(visitor.session_cookie())
    return sign_in.respond(run, engine.begin(run.learned(facts), complete))


def _known_passkeys(owner: Owner) -> dict[str, object] | None:
    """What a password manager may be told, so that it shows today's name; None without passkeys."""
    known = passkeys.known(owner)
    return known.document() if known.credential_ids else None


def _editing(person: Person) -> Screen:
    name = Field(
        "display_name",
        "text",
        "field.display_name",
        person.display_name or "",
        "name",
        required=False,
    )
    return Screen(
        name="edit_profile",
        title=Text("account.edit_profile.title"),
        fields=(name,),
        actions=(Action("continue", Text("action.save")),),
    )
