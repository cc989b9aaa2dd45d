"""The mail domains: claim one, copy the TXT record, have it checked."""

from flask import request
from werkzeug.wrappers import Response

from app.account.refused import Refused
from app.flow.screen import Action, Field, Message, Screen, Text
from app.pages import leaving
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import access, domains
from app.setup.access import Access

_SCREEN = Screen(
    name="domains",
    title=Text("setup.domains.title"),
    fields=(
        Field("domain", "text", "setup.field_domain", "", "off"),
        Field("has_subdomains", "checkbox", "setup.field_subdomains", required=False),
    ),
    actions=(Action("continue", Text("setup.claim")),),
)


@blueprint.route("/domains", methods=["GET", "POST"])
@for_access
def show_domains(found: Access) -> Response:
    """The claims with their records, and the form for one more."""
    if request.method != "POST":
        return _page(found, _SCREEN)
    answers = typed()
    try:
        domains.claim(
            found, answers.get("domain", ""), has_subdomains=bool(answers.get("has_subdomains"))
        )
    except Refused as refusal:
        return _page(found, door.refused(_SCREEN, refusal, answers), 422)
    return door.done("/domains", "setup.told_claimed")


@blueprint.route("/domains/<claim_id>/check", methods=["GET", "POST"])
@for_access
def check_domain(found: Access, claim_id: str) -> Response:
    """Look at the record now. Whoever changes the language of a page that says what is wrong asks
    for its address, and is led back to the claims."""
    if request.method != "POST":
        access.claim(found, claim_id)
        return leaving.to_path("/setup/domains")
    try:
        domains.check(found, claim_id)
    except Refused as refusal:
        message = Message(refusal.text.id, refusal.text.values)
        return _page(found, _SCREEN.saying(message), 422, wrong=claim_id)
    return door.done("/domains", "setup.told_proven")


@blueprint.post("/domains/<claim_id>/remove")
@for_access
def remove_domain(found: Access, claim_id: str) -> Response:
    """Give a claim up."""
    domains.remove(found, claim_id)
    return door.done("/domains", "setup.told_removed")


def _page(found: Access, screen: Screen, status: int = 200, wrong: str | None = None) -> Response:
    return door.draw(
        found,
        "domains",
        "domains",
        status=status,
        claims=domains.list_of(found),
        wrong=wrong,
        **door.form_context(screen),
    )
