"""The apps with access to the account."""

from werkzeug.wrappers import Response

from app.account import apps
from app.account.owner import Owner
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner


@blueprint.get("/apps")
@for_owner()
def show_apps(owner: Owner) -> Response:
    """Each app, what it may do in words, and the way to take that back."""
    return forms.draw(owner, "apps", "apps", "account.apps.title", apps=apps.list_of(owner))


@blueprint.post("/apps/remove")
@for_owner(back="/apps")
def remove_app(owner: Owner) -> Response:
    """Take back what the signed-in person allowed an app, by the grant's id in the form."""
    apps.revoke(owner, forms.typed().get("grant", ""))
    return forms.done("/apps", "account.told.app_removed")
