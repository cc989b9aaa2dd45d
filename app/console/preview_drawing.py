"""Draws a preview: the real templates, with invented people and nothing that can be acted on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app import clock, language, text
from app.branding import brand_of, sheet, themed
from app.branding.themed import Theme
from app.console import preview_catalogue, preview_states
from app.console.preview_catalogue import Page
from app.console.preview_states import State
from app.delivery import mail_content
from app.delivery.message_catalogue import Message
from app.delivery.outbox import Payload
from app.directory.tenants import Tenant
from app.flow.screen import Screen
from app.pages import drawing
from app.pages.drawing import Scene, Words

_NOWHERE = "#"
_HEAD = "<head>"
_INERT = '<head>\n    <base target="_blank">'
"""A frame that may open no window then follows no link."""


@dataclass(frozen=True)
class Choices:
    """How a preview is looked at."""

    theme: Theme = "light"
    locale: str = "en"
    state: State = "empty"


class NoSuchPreview(LookupError):
    """There is no page of this name."""


def draw(tenant: Tenant, name: str, choices: Choices, files: str) -> str:
    """The HTML of a preview; its stylesheet and pictures are below `files`.

    `tenant` is a snapshot with the brand and texts to look at. There is no token, no session and
    no secret in it. Raises `NoSuchPreview`.
    """
    if not preview_catalogue.is_known(name):
        raise NoSuchPreview(name)
    return _draw(tenant, name, choices, files, preview_catalogue.screens(tenant, choices.locale))


def draw_all(tenant: Tenant, choices: Choices, files: str) -> dict[str, str]:
    """The HTML of every preview, by name."""
    screens = preview_catalogue.screens(tenant, choices.locale)
    names = preview_catalogue.names()
    return {name: _draw(tenant, name, choices, files, screens) for name in names}


def scene_of(tenant: Tenant, choices: Choices, files: str) -> Scene:
    """What the page stands before: no script, and links that lead nowhere."""
    brand = brand_of(tenant)
    texts = tenant.settings.texts
    return Scene(
        tenant=tenant,
        brand=brand,
        words=Words(choices.locale, brand.worded(texts.overrides), brand.name),
        locales=language.switched_on(texts),
        base_path=files,
        style_url=f"{files}/brand/{themed.stylesheet(brand, choices.theme).digest}.css",
        icon_url=f"{files}{brand.icon_path or f'/brand/{sheet.icon(brand).digest}.svg'}",
        script_url=None,
        here=_NOWHERE,
        url_in=lambda _here, _locale: _NOWHERE,
    )


def _draw(
    tenant: Tenant, name: str, choices: Choices, files: str, screens: Mapping[str, Screen]
) -> str:
    message = preview_catalogue.message_of(name)
    if message is not None:
        drawn = _mail(tenant, message, choices, files)
    elif name in preview_catalogue.PAGES:
        drawn = _page(scene_of(tenant, choices, files), preview_catalogue.PAGES[name])
    else:
        shown = preview_states.in_state(screens[name], choices.state)
        scene = scene_of(tenant, choices, files)
        drawn = drawing.draw_screen(
            scene, shown, _NOWHERE, csrf_token=_no_token, focus_by="data-focused"
        )
    return themed.only(drawn, choices.theme).replace(_HEAD, _INERT, 1)


def _page(scene: Scene, page: Page) -> str:
    title_id = page.context.get("title_id")
    title = scene.words.t(title_id) if title_id else ""
    return drawing.draw(scene, page.template, title=title, **page.context, csrf_token=_no_token)


def _mail(tenant: Tenant, message: Message, choices: Choices, files: str) -> str:
    values = dict(message.examples)
    if choices.state == "long":
        values |= {
            name: preview_states.LONG_NAME for name in ("label", "organization") if name in values
        }
    if message.template in ("link", "support_recovery", "invitation"):
        values["link"] = _NOWHERE
    if message.key.startswith("account_exists"):
        values["exists"] = "yes"
    payload = Payload(preview_states.ADDRESS, values, choices.locale)
    shown = replace(tenant, issuer=files)
    return mail_content.compose(shown, message.purpose, payload, clock.now()).html


def locale_of(tenant: Tenant, wanted: str | None) -> str:
    """`wanted` where the tenant offers it or there is a catalogue for it, else its default."""
    texts = tenant.settings.texts
    known = {*text.locales(), *language.switched_on(texts)}
    return wanted if wanted in known else texts.default_locale


def _no_token() -> str:
    return ""
