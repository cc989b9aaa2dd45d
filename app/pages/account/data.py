"""What happened lately, all that is kept, and the end of the account."""

import json

from flask import request
from werkzeug.wrappers import Response

from app.account import activity, deletion, export, recent
from app.account.owner import Owner
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner

_PAGE = 25


@blueprint.get("/activity")
@for_owner()
def show_activity(owner: Owner) -> Response:
    """What happened to the account, newest first, a page at a time."""
    found = activity.recent(owner, after=request.args.get("after"), limit=_PAGE)
    return forms.draw(
        owner,
        "activity",
        "activity",
        "account.activity.title",
        happenings=found.items,
        next_cursor=found.next_cursor,
    )


@blueprint.get("/data")
@for_owner()
def show_data(owner: Owner) -> Response:
    """Download everything, or delete the account."""
    return forms.draw(owner, "data", "data", "account.data.title", deletion_due=deletion.due(owner))


@blueprint.post("/export")
@for_owner(back="/data")
def export_data(owner: Owner) -> Response:
    """Everything that is kept of the person, as a file."""
    document = json.dumps(export.of(owner), ensure_ascii=False, indent=2)
    answer = Response(document + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/delete", methods=["GET", "POST"])
@for_owner()
def delete_account(owner: Owner) -> Response:
    """Ask for the end of the account, after one question; it waits the tenant's days."""
    recent.demand(owner)

    def ask(_: forms.Answers) -> Response:
        deletion.ask(owner)
        return forms.done("/data", "account.told.deletion_asked")

    screen = forms.confirming("account.delete_account", "action.delete")
    return forms.serve(owner, screen, "data", "/data", ask)


@blueprint.post("/delete/cancel")
@for_owner(back="/data")
def keep_account(owner: Owner) -> Response:
    """Take the wish back."""
    deletion.cancel(owner)
    return forms.done("/data", "account.told.deletion_cancelled")
