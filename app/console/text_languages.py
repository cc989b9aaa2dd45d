"""Which languages a tenant offers, what is missing in each, and its own sentences as they were."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app import text
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import Form, choices
from app.console.text_frame import SECTION, tabs, texts_of
from app.database import read, write
from app.directory import drafts, settings_store, wording
from app.directory.errors import BadValue, NotFound
from app.directory.settings import Texts
from app.directory.settings_store import Revision
from app.flow.screen import Text


class Languages(Form):
    """Languages that are switched on, and the one for everybody whose own is not."""

    locales = SelectMultipleField(
        "console.texts.locales",
        description="console.texts.locales_hint",
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    default_locale = SelectField(
        "console.texts.default_locale", description="console.texts.default_locale_hint"
    )


@dataclass(frozen=True)
class Report:
    """How complete a language is at the tenant."""

    locale: str
    is_offered: bool
    changed: int
    falls_back: int
    """Sentences that are read in English."""
    stale: tuple[str, ...]
    """Ids of own sentences that nothing shows any more."""


@blueprint.route("/<tenant_slug>/texts/languages", methods=["GET", "POST"])
@for_admin("text.read")
def text_languages(admin: Admin) -> Response:
    """Switch languages on and off, and see how complete each is."""
    now = texts_of(admin)
    form = _form_of(now)
    if request.method == "POST" and _is_saved(admin, form):
        return done(admin, "/texts/languages", "console.texts.languages_saved")
    return draw(
        admin,
        "texts/languages",
        section=SECTION,
        status=422 if request.method == "POST" else 200,
        tabs=tabs(admin, "/languages"),
        form=form,
        seen=wording.languages_version(now),
        reports=[_report(now, each) for each in wording.locales(now)],
        can_write=admin.may("text.edit"),
    )


@blueprint.post("/<tenant_slug>/texts/<locale>/forget")
@for_admin("text.edit")
def forget_texts(admin: Admin, locale: str) -> Response:
    """Throw away the own sentences of a language that nothing shows any more."""
    if locale not in wording.locales(texts_of(admin)):
        raise NotFound("language")
    with write(admin.tenant.id) as session:
        wording.forget_stale(session, admin.actor, locale)
    return done(admin, "/texts/languages", "console.texts.forgotten")


@blueprint.get("/<tenant_slug>/texts/history")
@for_admin("text.read")
def text_history(admin: Admin) -> Response:
    """What was published, newest first."""
    return draw(
        admin,
        "texts/history",
        section=SECTION,
        tabs=tabs(admin, "/history"),
        revisions=[(each, _counted(each)) for each in _published(admin)],
        can_write=admin.may("text.edit"),
    )


@blueprint.route("/<tenant_slug>/texts/history/<revision>/restore", methods=["GET", "POST"])
@for_admin("text.edit")
def restore_texts(admin: Admin, revision: str) -> Response:
    """Ask once, then publish an earlier revision again."""
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
    with read(admin.tenant.id) as session:
        drafts.published(session, wording.SECTION, number)
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            drafts.roll_back(session, admin.actor, wording.SECTION, number)
        return done(admin, "/texts/history", "console.texts.restored")
    about = Text("console.texts.restore", {"revision": number})
    return confirm(admin, SECTION, about, back="/texts/history", danger=False)


def _form_of(now: Texts) -> Languages:
    data = {"locales": [*now.locales], "default_locale": now.default_locale}
    form = Languages(request.form if request.method == "POST" else None, data=data)
    known = choices((each, text.language_name(each)) for each in wording.locales(now))
    form.locales.choices = known
    form.default_locale.choices = known
    return form


def _is_saved(admin: Admin, form: Languages) -> bool:
    if not form.validate():
        return False
    try:
        with write(admin.tenant.id) as session:
            wording.set_languages(
                session,
                admin.actor,
                form.locales.data or [],
                str(form.default_locale.data),
                seen=request.form.get("seen", ""),
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True


def _report(now: Texts, locale: str) -> Report:
    return Report(
        locale=locale,
        is_offered=locale in now.locales,
        changed=len(wording.changed_ids(now, locale)),
        falls_back=len(wording.missing_ids(now, locale)),
        stale=wording.stale_ids(now.overrides, locale),
    )


def _published(admin: Admin) -> list[Revision]:
    with read(admin.tenant.id) as session:
        found = settings_store.history(session, wording.SECTION)
    return [each for each in found if each.state in ("published", "superseded")]


def _counted(revision: Revision) -> int:
    """How many own sentences a revision has."""
    overrides = revision.document.get("overrides", {})
    return sum(len(each) for each in overrides.values())
