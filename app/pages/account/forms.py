"""Pages of the portal: the frame around them, and forms that come back with what was wrong."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, get_flashed_messages, request
from werkzeug.wrappers import Response

from app.account.owner import Owner
from app.account.refused import Refused
from app.directory.names import clean
from app.flow.screen import Action, Message, Screen, Text, visible
from app.pages import leaving, rendering
from app.pages.account import door

_MOST_FIELDS = 20
Answers = dict[str, str]


def draw(owner: Owner, template: str, section: str, title: str, **context: Any) -> Response:
    """A page of the portal; `section` is its place in the navigation, `title` a text id."""
    everybody = door.signed_in()
    me = next((each for each in everybody if each.id == owner.session_id), None)
    words = context.pop("title_words", None) or rendering.translate(title)
    return rendering.page(
        f"account/{template}.html",
        title=words,
        section=section,
        me=me,
        others=[each for each in everybody if each.id != owner.session_id],
        told=next(iter(get_flashed_messages()), None),
        skip_text="page.skip_to_content",
        **context,
    )


def serve(
    owner: Owner,
    screen: Screen,
    section: str,
    back: str,
    then: Callable[[Answers], Response],
    **context: Any,
) -> Response:
    """A form at one URL: GET shows it, filled in from the query; POST hands what was typed to
    `then`, and what that refuses comes back at the field it is about, with status 422 or 429."""
    if request.method != "POST":
        filled = screen.with_errors({}, _given(request.args.to_dict()))
        return show(owner, filled, section, back, **context)
    answers = typed()
    try:
        return then(answers)
    except Refused as refusal:
        return again(owner, screen, section, back, answers, refusal, **context)


def confirming(about: str, action: str, subject: str = "", *, danger: bool = True) -> Screen:
    """A page that asks before it does something: `about` names its texts, `action` that of its
    button, `subject` what it is done to."""
    return Screen(
        name=about.rpartition(".")[2],
        title=Text(f"{about}.title"),
        subtitle=Text(f"{about}.body", {"subject": subject}),
        actions=(Action("continue", Text(action), "primary"),),
        display={"danger": danger},
    )


def typed() -> Answers:
    """The fields of the form, each given once and without NUL."""
    if len(request.form) > _MOST_FIELDS:
        abort(400)
    return _given({name: _only(values) for name, values in request.form.lists()})


def done(path: str, text_id: str | None = None) -> Response:
    """On to a page of the portal, which says once that it was done."""
    if text_id:
        flash(text_id)
    return leaving.to_path(f"/account{path}")


def say(text_id: str) -> str:
    """A sentence in the language of the page."""
    return rendering.translate(text_id)


def url(path: str) -> str:
    """The address of a page of the portal, for this very host."""
    return f"{request.script_root}/account{path}"


def _only(values: list[str]) -> str:
    if len(values) != 1 or "\x00" in values[0]:
        abort(400)
    return values[0]


def _given(values: dict[str, str]) -> Answers:
    return {name: value for name, value in values.items() if "\x00" not in value}


def show(
    owner: Owner, screen: Screen, section: str, back: str, status: int = 200, **context: Any
) -> Response:
    """A form as it is, without looking at the request."""
    title = rendering.translate(screen.title.id, **screen.title.values)
    if status != 200:
        title = rendering.translate("page.error_title", title=title)
    response = draw(
        owner,
        context.pop("template", "form"),
        section,
        screen.title.id,
        title_words=title,
        back=f"/account{back}",
        **rendering.form_context(screen),
        **context,
    )
    response.status_code = status
    return response


def again(
    owner: Owner,
    screen: Screen,
    section: str,
    back: str,
    answers: Answers,
    refusal: Refused,
    **context: Any,
) -> Response:
    """The form with what was wrong at its field, and what was typed kept, secrets excepted."""
    shown = {name: visible(clean(value)) for name, value in answers.items()}
    is_field = any(field.name == refusal.field for field in screen.fields)
    errors = {refusal.field: refusal.text} if is_field and refusal.field else {}
    again = screen.with_errors(errors, shown)
    if not errors:
        again = again.saying(Message(refusal.text.id, refusal.text.values))
    status = 429 if refusal.retry_after else 422
    response = show(owner, again, section, back, status, **context)
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
