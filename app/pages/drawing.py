"""From screens and templates to HTML, whoever asks: a browser, the console, the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from markupsafe import Markup

from app import clock, text
from app.branding import Brand
from app.directory.tenants import Tenant
from app.flow.screen import Action, Field, Message, Screen, Text, initials, tile_colour
from app.methods import qr_code
from app.text import Overrides

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True)
class Words:
    """The sentences of one page: its language, the tenant's own wording, and the tenant's name."""

    locale: str
    overrides: Overrides
    tenant_name: str

    def t(self, text_id: str, **values: Any) -> str:
        """The sentence with this id. Plain text: the template escapes it."""
        return text.translate(self.locale, text_id, self._isolated(values), self.overrides)

    def say(self, words: Text | Message) -> str:
        """The sentence of a screen's text or message."""
        return self.t(words.id, **words.values)

    def scope(self, text_id: str) -> str:
        """What a scope allows, in words; scopes that only the tenant knows are named."""
        if text.has_text(text_id):
            return self.t(text_id)
        return self.t("scope.other", scope=text_id.removeprefix("scope."))

    def moment(self, at: int) -> str:
        """A point in time (milliseconds), in UTC, as the language writes it."""
        return text.moment(at, self.locale)

    def day(self, at: int) -> str:
        """The day of a point in time (milliseconds), in UTC, as the language writes it."""
        return text.day(at, self.locale)

    def device(self, software: str | None, system: str | None) -> str:
        """The name of a device in the device list."""
        if software and system:
            return self.t("account.session_name", software=software, system=system)
        return software or system or self.t("account.session_unknown")

    def _isolated(self, values: dict[str, Any]) -> dict[str, Any]:
        """A Latin name or address must not disturb the order of a sentence that runs leftwards."""
        given = {"tenant_name": self.tenant_name, **values}
        if text.direction(self.locale) == "ltr":
            return given
        return {
            name: f"{_ISOLATE}{value}{_END_ISOLATE}" if _is_foreign(name, value) else value
            for name, value in given.items()
        }


@dataclass(frozen=True)
class Scene:
    """What a page stands before: whose it is, in which language, and where its files are."""

    tenant: Tenant | None
    brand: Brand
    words: Words
    locales: tuple[str, ...]
    """The languages that its menu offers."""
    base_path: str
    style_url: str
    icon_url: str
    script_url: str | None
    """None for a page that nobody can act on."""
    here: str
    url_in: Callable[[str, str], str]
    """From a URL and a locale to that page in that language."""


def draw_screen(scene: Scene, screen: Screen, flow_url: str, **context: Any) -> str:
    """The page of a flow's screen, whose form posts to `flow_url`."""
    title = scene.words.say(screen.title)
    if _has_error(screen):
        title = scene.words.t("page.error_title", title=title)
    about = {"flow_url": flow_url, "options_url": _options_url(flow_url), "here": flow_url}
    context = {**about, **form_context(screen), **context}
    return draw(scene, f"flow/{screen.name}.html", title=title, **context)


def draw(scene: Scene, template: str, *, title: str = "", **context: Any) -> str:
    """The page of a template; needs an application context.

    `title` names it in the window; without one, the text `<path of the template>.title` does, in
    which `client` is the context's `client_name`.
    """
    name = scene.brand.name
    client = context.get("client_name") or name
    named = title or scene.words.t(_title_id(template), client=client)
    page_title = named if name in named else scene.words.t("page.title", title=named)
    return render_template(template, **{**_frame(scene), **context, "page_title": page_title})


def form_context(screen: Screen) -> dict[str, Any]:
    """What the elements of a form need to know of its screen, on whichever page they stand."""
    return {
        "screen": screen,
        "focus": _focus(screen),
        "described_by": lambda field: _described_by(screen, field),
        "action_named": lambda name: next((a for a in screen.actions if a.name == name), None),
        "links_but": lambda name: _links(screen, name),
        "lead": _lead,
        "seconds_until": lambda moment: max(0, -(-(moment - clock.now()) // 1000)),
    }


def _frame(scene: Scene) -> dict[str, Any]:
    """What every template can use."""
    words = scene.words
    return {
        "tenant": scene.tenant,
        "brand": scene.brand,
        "base_path": scene.base_path,
        "style_url": scene.style_url,
        "icon_url": scene.icon_url,
        "script_url": scene.script_url,
        "here": scene.here,
        "t": words.t,
        "say": words.say,
        "scope_text": words.scope,
        "moment": words.moment,
        "day": words.day,
        "device_name": words.device,
        "initials": initials,
        "tile_colour": tile_colour,
        "locale": words.locale,
        "direction": text.direction(words.locale),
        "locales": scene.locales,
        "language_name": text.language_name,
        "url_in": scene.url_in,
        "qr_svg": _qr_code,
    }


def _options_url(flow_url: str) -> str:
    """Where a script gets the options of the screen's passkey ceremony anew."""
    path, question, query = flow_url.partition("?")
    return f"{path}/passkey{question}{query}"


def _qr_code(content: str) -> Markup:
    return Markup(qr_code.svg(content))  # noqa: S704 (it is made of numbers alone)


def _title_id(template: str) -> str:
    return template.removesuffix(".html").replace("/", ".") + ".title"


def _has_error(screen: Screen) -> bool:
    told = screen.message is not None and screen.message.tone == "error"
    return told or any(field.error for field in screen.fields)


def _focus(screen: Screen) -> str | None:
    """The first field that is wrong, else the first one, unless there are things to choose from."""
    wrong = [field.name for field in screen.fields if field.error]
    first = [] if screen.choices else [field.name for field in screen.fields]
    return next(iter(wrong or first), None)


def _described_by(screen: Screen, field: Field) -> str:
    ids = [f"{field.name}-error"] if field.error else []
    if field.hint:
        ids.append(f"{field.name}-hint")
    if screen.message and field.name == _focus(screen):
        ids.append("message")
    return " ".join(ids)


def _links(screen: Screen, but: str) -> list[Action]:
    return [each for each in screen.actions if each.style == "link" and each.name != but]


def _lead(action: Action) -> str | None:
    """The id of the few words before a link, such as `New here?`."""
    text_id = f"lead.{action.label.id.removeprefix('action.')}"
    return text_id if text.has_text(text_id) else None


def _is_foreign(name: str, value: Any) -> bool:
    """Whether a value may run against the sentence; a title is a sentence of the same language."""
    return isinstance(value, str) and bool(value) and name != "title"
