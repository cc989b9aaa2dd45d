"""Several signed-in accounts on one browser: which one the pages are about."""

from werkzeug.wrappers import Response

from app import clock
from app.account.owner import Owner
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.pages import start
from app.pages.account import door, forms
from app.pages.account.door import blueprint, for_owner


@blueprint.post("/accounts/switch")
@for_owner(back="")
def switch_account(_owner: Owner) -> Response:
    """Show another of the signed-in accounts from now on, by its session's id in the form."""
    door.choose(forms.typed().get("session", ""))
    return forms.done("")


@blueprint.post("/accounts/add")
def add_account() -> Response:
    """Sign in to one more account, beside those that are signed in here."""
    return start.begin("sign_in", Account(), Asked(fresh_after=clock.now()))
