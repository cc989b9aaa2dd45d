"""The sentences of pages, mails and text messages: found, and worded anew, language by language."""

from dataclasses import dataclass

from flask import redirect, request
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField

from app import text
from app.console import preview_catalogue, preview_column
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import Form
from app.console.preview_source import PUBLISHED, Source
from app.console.text_frame import SECTION, tabs, texts_of
from app.database import write
from app.directory import wording, wording_check
from app.directory.errors import BadValue, NotFound
from app.directory.settings import Texts
from app.directory.wording import Sentence
from app.flow.screen import Text

_PAGE = 40
_SHOWN = ("all", "changed", "missing")


@dataclass(frozen=True)
class Found:
    """One page of what a search found."""

    sentences: tuple[Sentence, ...]
    count: int
    """Of all that was found."""
    next: str | None
    """The id to go on after; None on the last page."""


class SentenceForm(Form):
    """What is left out on purpose; the forms of the sentence are fields of a class of its own."""

    is_sure = BooleanField("console.texts.is_sure")
    lacks_values = False
    """Whether it was refused for what is left out."""


@blueprint.get("/<tenant_slug>/texts")
@for_admin("text.read")
def texts(admin: Admin) -> Response:
    """On to the sentences of the tenant's default language, with what was searched for."""
    locale = texts_of(admin).default_locale
    sought = request.query_string.decode()
    here = f"{request.script_root}{admin.base}/texts/{locale}"
    return redirect(f"{here}?{sought}" if sought else here, 303)


@blueprint.get("/<tenant_slug>/texts/<locale>")
@for_admin("text.read")
def list_texts(admin: Admin, locale: str) -> Response:
    """The sentences of a language: `?q=` words or an id, `?show=`, `?screen=`, `?after=` an id."""
    now = texts_of(admin)
    if locale not in wording.locales(now):
        raise NotFound("language")
    return draw(
        admin,
        "texts/list",
        section=SECTION,
        locale_of_texts=locale,
        languages=wording.locales(now),
        tabs=tabs(admin, f"/{locale}"),
        found=_search(now, locale),
        screens=_screens(),
        shown=_SHOWN,
        after=request.args.get("after"),
        sought={each: request.args.get(each, "") for each in ("q", "show", "screen")},
        changed=len(now.overrides.get(locale, {})),
    )


@blueprint.route("/<tenant_slug>/texts/<locale>/<text_id>", methods=["GET", "POST"])
@for_admin("text.read")
def edit_text(admin: Admin, locale: str, text_id: str) -> Response:
    """One sentence, beside a page that says it."""
    found = wording.sentence(texts_of(admin), locale, text_id)
    form = _form_of(found)
    if request.method == "POST" and _is_saved(admin, found, form):
        path = f"/texts/{locale}/{text_id}?language={locale}"
        return done(admin, path, "console.texts.saved")
    screen = _screen_of(text_id)
    return draw(
        admin,
        "texts/edit",
        section=SECTION,
        title=Text("console.texts.edit_title", {"id": text_id}),
        status=422 if request.method == "POST" else 200,
        found=found,
        form=form,
        fields=[form[f"form_{number}"] for number in range(len(found.shipped))],
        numbers=text.plural_numbers(locale) if len(found.shipped) > 1 else (),
        known=[f"{{{{ {name} }}}}" for name in wording_check.known(text_id)],
        longest=wording_check.longest(text_id),
        english=text.catalogue(text.SOURCE)[text_id],
        can_write=admin.may("text.edit"),
        may_be_sure=form.is_sure.data or form.lacks_values,
        preview=preview_column.column(admin, Source(of=PUBLISHED), tabs=(screen,)),
    )


@blueprint.post("/<tenant_slug>/texts/<locale>/<text_id>/reset")
@for_admin("text.edit")
def reset_text(admin: Admin, locale: str, text_id: str) -> Response:
    """Give a sentence its shipped words back."""
    wording.sentence(texts_of(admin), locale, text_id)
    with write(admin.tenant.id) as session:
        wording.reset(session, admin.actor, locale, text_id)
    return done(admin, f"/texts/{locale}/{text_id}?language={locale}", "console.texts.is_reset")


@blueprint.route("/<tenant_slug>/texts/<locale>/reset", methods=["GET", "POST"])
@for_admin("text.edit")
def reset_texts(admin: Admin, locale: str) -> Response:
    """Ask once, then give every sentence of a language its shipped words back."""
    now = texts_of(admin)
    if locale not in wording.locales(now):
        raise NotFound("language")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            wording.reset_all(session, admin.actor, locale)
        return done(admin, f"/texts/{locale}", "console.texts.all_reset")
    changed = len(now.overrides.get(locale, {}))
    about = Text("console.texts.reset", {"language": text.language_name(locale), "count": changed})
    return confirm(admin, SECTION, about, back=f"/texts/{locale}")


def _is_saved(admin: Admin, found: Sentence, form: SentenceForm) -> bool:
    forms = [str(form[f"form_{number}"].data or "") for number in range(len(found.shipped))]
    try:
        with write(admin.tenant.id) as session:
            wording.save(
                session,
                admin.actor,
                found.locale,
                found.text_id,
                forms,
                seen=request.form.get("seen", ""),
                is_sure=bool(form.is_sure.data),
            )
    except BadValue as refusal:
        form.refuse(f"form_{refusal.field}", str(refusal))
        for number, written in enumerate(forms):
            form[f"form_{number}"].data = wording_check.visible(written)
        form.lacks_values = isinstance(refusal, wording_check.Missing)
        return False
    return True


def _form_of(found: Sentence) -> SentenceForm:
    fields = {
        f"form_{number}": TextAreaField("console.texts.sentence", default=shown)
        for number, shown in enumerate(found.shown)
    }
    made: type[SentenceForm] = type("OneSentenceForm", (SentenceForm,), fields)
    return made(request.form if request.method == "POST" else None)


def _search(now: Texts, locale: str) -> Found:
    words = request.args.get("q", "").casefold().strip()
    show, screen = request.args.get("show", ""), request.args.get("screen", "")
    matching = [
        each
        for text_id in wording.ids()
        if screen in ("", _group(text_id))
        and _is_wanted(each := wording.sentence(now, locale, text_id), words, show)
    ]
    after = request.args.get("after")
    begun = next((at + 1 for at, each in enumerate(matching) if each.text_id == after), 0)
    page = matching[begun : begun + _PAGE]
    more = len(matching) > begun + _PAGE
    return Found(tuple(page), len(matching), page[-1].text_id if more else None)


def _is_wanted(each: Sentence, words: str, show: str) -> bool:
    if show == "changed" and not each.is_changed:
        return False
    if show == "missing" and not each.falls_back:
        return False
    return words in "\n".join((each.text_id, *each.shipped, *each.shown)).casefold()


def _screens() -> list[tuple[str, str]]:
    """Every group of sentences, with words for it: what the ids begin with."""
    groups = dict.fromkeys(_group(each) for each in wording.ids())
    return sorted((each, each.replace("_", " ").capitalize()) for each in groups)


def _group(text_id: str) -> str:
    return text_id.partition(".")[0]


def _screen_of(text_id: str) -> str:
    """The preview that says a sentence, or else the first one."""
    group, _, rest = text_id.partition(".")
    tried = (
        f"mail-{rest.partition('.')[0]}" if group == "mail" else group,
        preview_catalogue.FIRST,
    )
    return next(each for each in tried if preview_catalogue.is_known(each))
