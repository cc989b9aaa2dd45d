"""Authenticator apps and recovery codes."""

from werkzeug.wrappers import Response

from app.account import profile, recent, recovery_codes, totp
from app.account.owner import Owner
from app.account.refused import Refused
from app.directory.errors import NotFound
from app.directory.recovery_codes import HOW_MANY, normal
from app.flow.screen import Action, Field, Screen, Text
from app.methods.totp import DIGITS
from app.pages import codes_file
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner


@blueprint.route("/authenticators/new", methods=["GET", "POST"])
@for_owner()
def add_authenticator(owner: Owner) -> Response:
    """Say what will happen, then make a secret; a GET makes none."""
    if not totp.is_offered(owner):
        raise NotFound("authenticator")
    recent.demand(owner)

    def begin(_: forms.Answers) -> Response:
        return forms.done(f"/authenticators/{totp.begin(owner).id}")

    screen = forms.confirming("account.add_authenticator", "action.continue", danger=False)
    return forms.serve(owner, screen, "security", "/security", begin)


@blueprint.route("/authenticators/<row_id>", methods=["GET", "POST"])
@for_owner()
def confirm_authenticator(owner: Owner, row_id: str) -> Response:
    """Scan the secret and type the first code; the first factor brings recovery codes."""
    recent.demand(owner)
    try:
        pending = totp.waiting(owner, row_id).pending
    except Refused as over:
        return forms.done("/authenticators/new", over.text.id)

    def confirm(answers: forms.Answers) -> Response:
        label = answers.get("label") or None
        confirmed = totp.confirm(owner, row_id, answers.get("code", ""), label)
        if confirmed.recovery_codes:
            return codes_shown_once(owner, confirmed.recovery_codes)
        return forms.done("/security", "account.told.authenticator_added")

    code = Field("code", "one_time_code", "field.totp_code", "", "one-time-code", length=DIGITS)
    label = Field("label", "text", "field.authenticator_label", "", "off", required=False)
    screen = Screen(
        name="confirm_authenticator",
        title=Text("enrol_totp.title"),
        subtitle=Text("enrol_totp.subtitle"),
        fields=(code, label),
        actions=(Action("continue", Text("action.verify")),),
    )
    return forms.serve(
        owner,
        screen,
        "security",
        "/security",
        confirm,
        template="confirm_authenticator",
        uri=pending.uri,
        secret=pending.secret_text,
    )


@blueprint.route("/authenticators/<authenticator_id>/rename", methods=["GET", "POST"])
@for_owner()
def rename_authenticator(owner: Owner, authenticator_id: str) -> Response:
    """Give an authenticator another name."""
    known = totp.get(owner, authenticator_id)

    def rename(answers: forms.Answers) -> Response:
        totp.rename(owner, authenticator_id, answers.get("label", ""))
        return forms.done("/security", "account.told.renamed")

    screen = Screen(
        name="rename_authenticator",
        title=Text("account.rename_authenticator.title"),
        fields=(Field("label", "text", "field.name", known.label or "", "off", required=False),),
        actions=(Action("continue", Text("action.save")),),
    )
    return forms.serve(owner, screen, "security", "/security", rename)


@blueprint.route("/authenticators/<authenticator_id>/remove", methods=["GET", "POST"])
@for_owner()
def remove_authenticator(owner: Owner, authenticator_id: str) -> Response:
    """Forget an authenticator, after one question."""
    recent.demand(owner)
    known = totp.get(owner, authenticator_id)

    def remove(_: forms.Answers) -> Response:
        totp.remove(owner, authenticator_id)
        return forms.done("/security", "account.told.authenticator_removed")

    subject = known.label or forms.say("authenticator.unnamed")
    screen = forms.confirming("account.remove_authenticator", "action.remove", subject)
    return forms.serve(owner, screen, "security", "/security", remove)


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
@for_owner()
def make_recovery_codes(owner: Owner) -> Response:
    """Make a new set, which kills the old one, and show it this once."""
    recent.demand(owner)

    def make(_: forms.Answers) -> Response:
        return codes_shown_once(owner, recovery_codes.regenerate(owner))

    screen = forms.confirming(
        "account.make_recovery_codes", "action.make_recovery_codes", danger=False
    )
    return forms.serve(owner, screen, "security", "/security", make)


@blueprint.post("/recovery-codes/file")
@for_owner(back="/security")
def download_recovery_codes(owner: Owner) -> Response:
    """The codes that the page before showed, as a file; the page sends them, nobody else has them
    any more."""
    sent = forms.typed().get("codes", "").split()
    codes = [code for code in sent[:HOW_MANY] if normal(code)]
    return codes_file.response(codes, _account_name(owner))


def codes_shown_once(owner: Owner, codes: tuple[str, ...]) -> Response:
    """New recovery codes. The page itself answers the POST: there is no address at which the codes
    could be read."""
    return forms.draw(
        owner,
        "recovery_codes",
        "security",
        "recovery_codes.title",
        codes=codes,
        account=_account_name(owner),
    )


def _account_name(owner: Owner) -> str:
    person = profile.of(owner)
    return person.email or person.username or person.phone or ""
