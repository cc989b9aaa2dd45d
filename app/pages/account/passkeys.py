"""Passkeys: made by script, renamed, removed."""

from flask import jsonify
from werkzeug.wrappers import Response

from app.account import passkeys, recent
from app.account.owner import Owner
from app.directory.errors import NotFound
from app.flow.screen import Action, Field, Screen, Text
from app.pages.account import forms
from app.pages.account.authenticators import codes_shown_once
from app.pages.account.door import blueprint, for_owner

_LABEL = Field(
    "label",
    "text",
    "field.passkey_label",
    "",
    "off",
    required=False,
    hint=Text("field.passkey_label.hint"),
)


@blueprint.route("/passkeys/new", methods=["GET", "POST"])
@for_owner()
def add_passkey(owner: Owner) -> Response:
    """Make a passkey; the ceremony needs a script, and the page says so without one."""
    if not passkeys.is_offered(owner):
        raise NotFound("passkey")
    options = passkeys.begin(owner)

    def keep(answers: forms.Answers) -> Response:
        label = answers.get("label") or None
        made = passkeys.finish(owner, answers.get("credential", ""), label)
        if made.recovery_codes:
            return codes_shown_once(owner, made.recovery_codes)
        return forms.done("/security", "account.told.passkey_added")

    screen = Screen(
        name="add_passkey",
        title=Text("account.add_passkey.title"),
        subtitle=Text("account.add_passkey.body"),
        fields=(_LABEL, Field("credential", "credential", "field.passkey")),
        actions=(Action("continue", Text("action.create_passkey"), ceremony="create"),),
        display={"passkey": {"options": options}},
    )
    return forms.serve(
        owner,
        screen,
        "security",
        "/security",
        keep,
        template="add_passkey",
        options_url=forms.url("/passkeys/options"),
    )


@blueprint.get("/passkeys/options")
@for_owner(back="/security")
def passkey_options(owner: Owner) -> Response:
    """What the page for a new passkey asks the browser for, as JSON, with a new challenge."""
    return jsonify(options=passkeys.begin(owner))


@blueprint.route("/passkeys/<passkey_id>/rename", methods=["GET", "POST"])
@for_owner()
def rename_passkey(owner: Owner, passkey_id: str) -> Response:
    """Give a passkey another name; that opens nothing, so no recent sign-in is asked for."""
    known = passkeys.get(owner, passkey_id)

    def rename(answers: forms.Answers) -> Response:
        passkeys.rename(owner, passkey_id, answers.get("label", ""))
        return forms.done("/security", "account.told.renamed")

    screen = Screen(
        name="rename_passkey",
        title=Text("account.rename_passkey.title"),
        fields=(Field("label", "text", "field.name", known.label, "off"),),
        actions=(Action("continue", Text("action.save")),),
    )
    return forms.serve(owner, screen, "security", "/security", rename)


@blueprint.route("/passkeys/<passkey_id>/remove", methods=["GET", "POST"])
@for_owner()
def remove_passkey(owner: Owner, passkey_id: str) -> Response:
    """Forget a passkey, after one question."""
    recent.demand(owner)
    known = passkeys.get(owner, passkey_id)

    def remove(_: forms.Answers) -> Response:
        passkeys.remove(owner, passkey_id)
        return forms.done("/security", "account.told.passkey_removed")

    screen = forms.confirming("account.remove_passkey", "action.remove", known.label)
    return forms.serve(owner, screen, "security", "/security", remove)
