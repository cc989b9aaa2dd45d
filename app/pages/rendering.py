"""From screens and faults to HTML."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, g, make_response, request

from app import language, support_codes, text
from app.branding import sheet
from app.config import settings
from app.directory.tenants import Tenant
from app.flow.screen import Screen
from app.pages import drawing, wardrobe
from app.pages.drawing import Scene, Words, form_context

__all__ = ["Words", "error_page", "form_context", "page", "render_screen", "translate"]

_PROBLEM_OF_STATUS = {
    403: "problem.forbidden",
    404: "problem.not_found",
    405: "problem.method_not_allowed",
    413: "problem.body_too_large",
    429: "problem.too_many_requests",
    503: "problem.unavailable",
}


def render_screen(screen: Screen, flow_url: str, status: int = 200) -> Response:
    """The page of a flow's screen, whose form posts to `flow_url`."""
    return make_response(drawing.draw_screen(_scene(), screen, flow_url), status)


def page(template: str, *, title: str = "", status: int = 200, **context: Any) -> Response:
    """A page of the tenant, in the language of the request.

    `title` names it in the window; without one, the text `<path of the template>.title` does, in
    which `client` is the context's `client_name`.
    """
    return make_response(drawing.draw(_scene(), template, title=title, **context), status)


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
        support_code=support_codes.of_id(g.get("flow_id") or request_id or _request_id()),
        values=values,
    )


def _request_id() -> str:
    return str(g.get("request_id", ""))


def translate(text_id: str, **values: Any) -> str:
    """A sentence in the language of the request, with the tenant's own wording."""
    return _words().t(text_id, **values)


def _scene() -> Scene:
    brand, base_path = wardrobe.brand(), request.script_root if "tenant" in g else ""
    style = f"{sheet.stylesheet(brand).digest}.css{wardrobe.query()}"
    drawn_icon = f"/brand/{sheet.icon(brand).digest}.svg{wardrobe.query()}"
    return Scene(
        tenant=_tenant(),
        brand=brand,
        words=_words(),
        locales=language.switched_on(language.texts()),
        base_path=base_path,
        style_url=f"{base_path}/brand/{style}",
        icon_url=f"{base_path}{brand.icon_path or drawn_icon}",
        script_url=f"{base_path}/assets/pages-{sheet.script().digest}.js",
        here=f"{request.script_root}{request.path}",
        url_in=_url_in,
    )


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


def _home() -> str:
    """The tenant's start page; where there is no tenant, that of the base host."""
    if _tenant():
        return f"{request.script_root}/"
    return "/" if request.host == settings().base_host else f"{settings().base_url}/"


def _words() -> Words:
    brand, own = wardrobe.brand(), language.texts().overrides
    return Words(language.current_locale(), brand.worded(own), brand.name)
