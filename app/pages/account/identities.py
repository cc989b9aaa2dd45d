"""Identities at providers: tied from here, undone here."""

from werkzeug.wrappers import Response

from app import visitor
from app.account import identities, recent
from app.account.owner import Owner
from app.pages import leaving
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner

_BACK = "/security"


@blueprint.post("/identities/link/<connection_id>")
@for_owner(back=_BACK)
def link_identity(owner: Owner, connection_id: str) -> Response:
    """Go to the provider, to tie whoever one is there to this account. No link and no other site's
    page starts that (A12)."""
    flow = identities.begin_link(
        owner, connection_id, binding=visitor.binding(), back=f"/account{_BACK}"
    )
    return leaving.to_path(f"/flow/{flow.id}")


@blueprint.route("/identities/<identity_id>/unlink", methods=["GET", "POST"])
@for_owner()
def unlink_identity(owner: Owner, identity_id: str) -> Response:
    """Undo it, after one question."""
    recent.demand(owner)
    known = identities.get(owner, identity_id)

    def unlink(_: forms.Answers) -> Response:
        identities.unlink(owner, identity_id)
        return forms.done(_BACK, "account.told.identity_removed")

    screen = forms.confirming("account.unlink_identity", "action.unlink", known.connection_name)
    return forms.serve(owner, screen, "security", _BACK, unlink)
