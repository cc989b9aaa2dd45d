"""From screens and faults to HTML."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, g, make_response, render_template, request
from markupsafe import Markup

from app import clock, language, text
from app.branding import Brand, brand_of, platform_brand, sheet
from app.config import settings
from app.directory.tenants import Tenant
from app.flow.screen import Action, Field, Message, Screen, Text, initials, tile_colour
from app.methods import qr_code
from app.text import Overrides

_PROBLEM_OF_STATUS = {
    403: "problem.forbidden",
    404: "problem.not_found",
    405: "problem.method_not_allowed",
    413: "problem.body_too_large",
    429: "problem.too_many_requests",
    503: "problem.unavailable",
}
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


def render_screen(screen: Screen, flow_url: str, status: int = 200) -> Response:
    """The page of a flow's screen, whose form posts to `flow_url`."""
    words = _words()
    title = words.say(screen.title)
    if _has_error(screen):
        title = words.t("page.error_title", title=title)
    return page(
        f"flow/{screen.name}.html",
        status=status,
        title=title,
        flow_url=flow_url,
        options_url=_options_url(flow_url),
        here=flow_url,
        **form_context(screen),
    )


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


def page(template: str, *, title: str = "", status: int = 200, **context: Any) -> Response:
    """A page of the tenant, in the language of the request.

    `title` names it in the window; without one, the text `<path of the template>.title` does, in
    which `client` is the context's `client_name`.
    """
    words = _words()
    brand, base_path = _brand(), request.script_root if "tenant" in g else ""
    frame = _frame(words, brand, base_path) | {"here": f"{request.script_root}{request.path}"}
    context = {**frame, **context}
    client = context.get("client_name") or brand.name
    named = title or words.t(_title_id(template), client=client)
    is_named = brand.name in named
    context["page_title"] = named if is_named else words.t("page.title", title=named)
    return make_response(render_template(template, **context), status)


def error_page(
    text_id: str,
    status: int = 400,
    *,
    next_url: str | None = None,
    next_label: str = "page.home",
    request_id: str | None = None,
    **values: str | int,
) -> Response:
    """A page that says what went wrong, with one way on and a code for support.

    `text_id` names the texts `<text_id>.title` and `<text_id>.body`; where there are none, the
    status decides. Without `next_url` the way on is the tenant's start page.
    """
    if not text.has_text(f"{text_id}.title"):
        text_id = _PROBLEM_OF_STATUS.get(
            status, "problem.bad_request" if status < 500 else "problem.internal_error"
        )
    return page(
        "errors/error.html",
        title=_words().t(f"{text_id}.title", **values),
        status=status,
        here=_home(),
        title_id=f"{text_id}.title",
        body_id=f"{text_id}.body",
        next_url=next_url or _home(),
        next_label=next_label,
        support_code=request_id,
        values=values,
    )


def translate(text_id: str, **values: Any) -> str:
    """A sentence in the language of the request, with the tenant's own wording."""
    return _words().t(text_id, **values)


def _frame(words: Words, brand: Brand, base_path: str) -> dict[str, Any]:
    """What every template can use."""
    return {
        "tenant": _tenant(),
        "brand": brand,
        "base_path": base_path,
        "style_url": f"{base_path}/brand/{sheet.stylesheet(brand).digest}.css",
        "icon_url": f"{base_path}/brand/{sheet.icon(brand).digest}.svg",
        "script_url": f"{base_path}/assets/pages-{sheet.script().digest}.js",
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
        "locales": language.switched_on(language.texts()),
        "language_name": text.language_name,
        "url_in": _url_in,
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


def _url_in(here: str, locale: str) -> str:
    """The page at `here` in another language. Another page than the one asked for, such as the way
    on from an error, gets nothing of the request's query: there may be secrets in it."""
    path, _, query = here.partition("?")
    is_same = path == f"{request.script_root}{request.path}"
    kept = parse_qsl(query) if query or not is_same else list(request.args.items(multi=True))
    asked = [(name, value) for name, value in kept if name != language.PARAMETER]
    return f"{path}?{urlencode([*asked, (language.PARAMETER, locale)])}"


def _tenant() -> Tenant | None:
    tenant: Tenant | None = g.get("tenant")
    return tenant


def _brand() -> Brand:
    tenant = _tenant()
    return brand_of(tenant) if tenant else platform_brand()


def _home() -> str:
    """The tenant's start page; where there is no tenant, that of the base host."""
    if _tenant():
        return f"{request.script_root}/"
    return "/" if request.host == settings().base_host else f"{settings().base_url}/"


def _words() -> Words:
    return Words(language.current_locale(), language.texts().overrides, _brand().name)


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
