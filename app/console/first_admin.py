"""The first admin: whoever opens the one-time link that the operator was shown names themselves.

There is no default account (X10). The address is proven by the sign-in that follows.
"""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField

from app import tenancy, visitor
from app.actor import SYSTEM
from app.console import door, sign_in
from app.console.door import blueprint
from app.console.form import AtMost, Form, Needed
from app.directory import console, first_admin
from app.directory.errors import NotFound, Refused
from app.pages import rendering

_KEPT = "first-admin"


class FirstAdmin(Form):
    """Who it is."""

    name = StringField("console.first.name", validators=[Needed(), AtMost(200)])
    email = EmailField("console.first.email", validators=[Needed(), AtMost(320)])


@blueprint.get("/first")
def look_first() -> Response:
    """What the link is for; a look changes nothing. Its token leaves the address at once."""
    token = request.args.get("token")
    if token is not None:
        visitor.keep_link(_KEPT, token)
        return redirect(url_for("console.look_first"), 303)
    if not first_admin.is_open(tenancy.current(), visitor.kept_link(_KEPT)):
        return _gone()
    return _page(FirstAdmin())


@blueprint.post("/first")
def begin_first() -> Response:
    """Make the first admin, and on to the sign-in by which they prove the address."""
    form = FirstAdmin(request.form)
    if not form.validate():
        return _page(form, 422)
    try:
        first_admin.make(
            tenancy.current(),
            SYSTEM,
            visitor.kept_link(_KEPT),
            email=str(form.email.data),
            name=str(form.name.data),
        )
    except NotFound:
        return _gone()
    except Refused as refusal:
        form.refuse_as(refusal)
        return _page(form, 422)
    return sign_in.begin(console.HOME, hint=str(form.email.data))


def _page(form: Form, status: int = 200) -> Response:
    title = rendering.translate("console.first.title")
    return rendering.page(
        "console/first.html", title=title, status=status, form=form, **door.frame()
    )


def _gone() -> Response:
    url = url_for("console.home")
    return rendering.error_page(
        "fault.console_link", 410, next_url=url, next_label="action.to_console"
    )
