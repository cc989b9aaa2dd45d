"""The password: set, changed, removed."""

from werkzeug.wrappers import Response

from app.account import password, profile, recent
from app.account.owner import Owner
from app.directory.errors import NotFound
from app.flow.screen import Action, Field, Screen, Text
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner

_CURRENT = Field("current_password", "password", "field.current_password", "", "current-password")


@blueprint.route("/password", methods=["GET", "POST"])
@for_owner()
def change_password(owner: Owner) -> Response:
    """Choose a new password, by the current one or after a recent sign-in."""
    if not password.is_offered(owner):
        raise NotFound("password")
    person = profile.of(owner)
    has_password = person.password_hash is not None
    asks_current = has_password and recent.is_strong(owner)
    if not asks_current:
        recent.demand(owner)

    def change(answers: forms.Answers) -> Response:
        current = answers.get("current_password") if asks_current else None
        password.change(owner, answers.get("password", ""), current=current)
        return forms.done("/security", "account.told.password_changed")

    about = "account.change_password" if has_password else "account.set_password"
    return forms.serve(
        owner,
        _choosing(owner, about, asks_current=asks_current),
        "security",
        "/security",
        change,
        template="change_password",
        identifier=person.email or person.username or person.phone or "",
    )


@blueprint.route("/password/remove", methods=["GET", "POST"])
@for_owner()
def remove_password(owner: Owner) -> Response:
    """Take the password away, after one question."""
    recent.demand(owner)
    if profile.of(owner).password_hash is None:
        raise NotFound("password")

    def remove(_: forms.Answers) -> Response:
        password.remove(owner)
        return forms.done("/security", "account.told.password_removed")

    screen = forms.confirming("account.remove_password", "action.remove")
    return forms.serve(owner, screen, "security", "/security", remove)


def _choosing(owner: Owner, about: str, *, asks_current: bool) -> Screen:
    hint = Text("sign_up.password_hint", {"count": owner.tenant.settings.passwords.min_length})
    new = Field("password", "new_password", "field.new_password", "", "new-password", hint=hint)
    return Screen(
        name=about.rpartition(".")[2],
        title=Text(f"{about}.title"),
        subtitle=Text("account.change_password.body"),
        fields=(_CURRENT, new) if asks_current else (new,),
        actions=(Action("continue", Text("action.set_password")),),
    )
