"""The column beside a form that shows what the form does to the pages: what its controls offer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request, url_for

from app import clock, language, text
from app.branding import brand_of
from app.branding.themed import THEMES
from app.console import preview_catalogue, preview_drawing
from app.console.door import Admin
from app.console.preview_drawing import Choices
from app.console.preview_source import Source
from app.console.preview_states import STATES
from app.directory.settings_store import OF_TENANT
from app.directory.tenants import Tenant
from app.pages import rendering

WIDTHS = ("desktop", "phone")
_OWN = ("screen", "theme", "width", "language", "state")
_WORDS = {
    "light": "console.preview.light",
    "dark": "console.preview.dark",
    "desktop": "console.preview.desktop",
    "phone": "console.preview.phone",
    "empty": "console.preview.empty",
    "filled": "console.preview.filled",
    "error": "console.preview.error",
    "long": "console.preview.long",
}
_DRAFT = Source()
_TABS = {
    "email_code": "console.preview.tab.code",
    "totp": "console.preview.tab.second",
    "mail-sign_in_code": "console.preview.tab.mail",
}
"""The tabs whose pages have longer names."""
_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True)
class Option:
    """Something to choose: its value, its words, and where it is chosen without a script."""

    value: str
    words: str
    url: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class Column:
    """All that the template draws."""

    frame_url: str
    frame_root: str
    """What a script puts the name of another screen behind."""
    screen: str
    width: str
    tabs: tuple[Option, ...]
    themes: tuple[Option, ...]
    widths: tuple[Option, ...]
    screens: tuple[tuple[str, tuple[Option, ...]], ...]
    """Heading and screens of each group."""
    languages: tuple[Option, ...]
    states: tuple[Option, ...]
    action: str
    kept: tuple[tuple[str, str], ...]
    """What the page's own address says beside the choices."""
    source: Mapping[str, str]
    """What the frame's address says of whose look it is."""
    subject: str = OF_TENANT
    all_url: str = ""
    """Where all screens are; empty for whoever may not see them."""


def column(
    admin: Admin, source: Source = _DRAFT, *, tabs: tuple[str, ...] = preview_catalogue.TABS
) -> Column:
    """The preview beside the page of this request, as its address chooses: `screen`, `theme`,
    `width`, `language` and `state`; what is unknown is as by default."""
    made = _column(admin.tenant, root_of(admin.tenant, source), about(source), tabs)
    return replace(made, subject=source.subject, all_url=gallery_url(admin.tenant, source))


def shared(tenant: Tenant, token: str) -> Column:
    """The same for somebody who has a link with this token."""
    root = url_for("preview_by_link.screen", screen="-")[:-1]
    return _column(tenant, root, {"token": token}, preview_catalogue.TABS)


def _column(tenant: Tenant, root: str, whose: Mapping[str, str], tabs: tuple[str, ...]) -> Column:
    given = request.args
    screen = given.get("screen", "")
    screen = screen if preview_catalogue.is_known(screen) else tabs[0]
    width = _among(WIDTHS, given.get("width"))
    choices = choices_of(tenant, given)
    chosen = {"screen": screen, "width": width, **as_arguments(choices)}
    kept = tuple((name, each) for name, each in given.items(multi=True) if name not in _OWN)

    def url(name: str) -> Callable[[str], str]:
        return lambda value: _url_with({**dict(kept), **chosen, name: value})

    return Column(
        frame_url=f"{root}{screen}?{urlencode({**as_arguments(choices), **whose})}",
        frame_root=root,
        screen=screen,
        width=width,
        tabs=_options(tabs, screen, lambda name: tab_label(tenant, name), url("screen")),
        themes=_options(THEMES, choices.theme, word, url("theme")),
        widths=_options(WIDTHS, width, word, url("width")),
        screens=groups(tenant, screen),
        languages=_options(offered(tenant), choices.locale, text.language_name),
        states=_options(STATES, choices.state, word),
        action=f"{request.script_root}{request.path}",
        kept=kept,
        source=whose,
    )


def choices_of(tenant: Tenant, given: Mapping[str, str]) -> Choices:
    """How an address wants a preview to be looked at; what is unknown is as by default."""
    wanted = given.get("language")
    return Choices(
        theme=_among(THEMES, given.get("theme")),
        locale=preview_drawing.locale_of(tenant, wanted),
        state=_among(STATES, given.get("state")),
    )


def as_arguments(choices: Choices) -> dict[str, str]:
    """The choices as an address has them."""
    return {"theme": choices.theme, "language": choices.locale, "state": choices.state}


def root_of(tenant: Tenant, source: Source) -> str:
    """Behind what the name of a previewed page stands; an organization's is at an address of its
    own, for whoever sees nothing else."""
    place = _place_of(source)
    return url_for("console.preview", tenant_slug=tenant.slug, screen="-", **place)[:-1]


def gallery_url(tenant: Tenant, source: Source) -> str:
    """Where all screens of that look are."""
    path = url_for("console.gallery", tenant_slug=tenant.slug, **_place_of(source))
    return f"{path}?{urlencode(about(source))}"


def frame_url(tenant: Tenant, screen: str, choices: Choices, source: Source) -> str:
    """The address of a previewed page."""
    asked = urlencode({**as_arguments(choices), **about(source)})
    return f"{root_of(tenant, source)}{screen}?{asked}"


def groups(tenant: Tenant, chosen: str = "") -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """Every preview under the heading of its group."""
    pages = [
        (
            rendering.translate(preview_catalogue.HEADINGS[group]),
            _options(tuple(labels), chosen, lambda name: label(tenant, name)),
        )
        for group, labels in preview_catalogue.LABELS.items()
    ]
    mails = _options(tuple(preview_catalogue.mails()), chosen, lambda name: label(tenant, name))
    return (*pages, (rendering.translate(preview_catalogue.HEADINGS["mails"]), mails))


def label(tenant: Tenant, name: str) -> str:
    """What a preview is called: a mail by its subject, with examples in it."""
    message = preview_catalogue.message_of(name)
    if message is None:
        return next(
            rendering.translate(group[name])
            for group in preview_catalogue.LABELS.values()
            if name in group
        )
    when = text.moment(clock.now(), text.SOURCE)
    values = {**message.examples, "tenant_name": brand_of(tenant).name, "when": when}
    return text.translate(text.SOURCE, message.text_id("subject"), values)


def tab_label(tenant: Tenant, name: str) -> str:
    """The one or two words of a tab."""
    return rendering.translate(_TABS[name]) if name in _TABS else label(tenant, name)


def offered(tenant: Tenant) -> tuple[str, ...]:
    """The languages in which previews are offered: those of the tenant."""
    return language.switched_on(tenant.settings.texts)


def about(source: Source) -> dict[str, str]:
    """Whose look it is, as an address says it beside its path."""
    is_in_path = source.subject == OF_TENANT or "organization_id" in _place_of(source)
    return {"of": source.of} | ({} if is_in_path else {"subject": source.subject})


def _place_of(source: Source) -> dict[str, Any]:
    is_organization = source.subject.startswith("org_")
    return {"organization_id": source.subject} if is_organization else {}


def word(value: str) -> str:
    """The words of a theme, a width or a state."""
    return rendering.translate(_WORDS[value])


def _options(
    values: tuple[str, ...],
    chosen: str,
    words: Callable[[str], str],
    url: Callable[[str], str] = lambda _value: "",
) -> tuple[Option, ...]:
    return tuple(Option(each, words(each), url(each), each == chosen) for each in values)


def _among(known: tuple[_Word, ...], wanted: str | None) -> _Word:
    return next((each for each in known if each == wanted), known[0])


def _url_with(arguments: Mapping[str, str]) -> str:
    return f"{request.script_root}{request.path}?{urlencode(arguments)}"
