"""In which language a request is answered."""

from collections.abc import Iterable

from babel.core import negotiate_locale
from flask import Flask, Response, g, request

from app import visitor
from app.directory.settings import Texts
from app.text import locales as translated

PARAMETER = "locale"
_COOKIE = "authpage_locale"
_REMEMBERED = 365 * 86_400  # Seconds.
_MOST = 10
"""More languages than this in one header or parameter are not looked at."""


def init_app(app: Flask) -> None:
    """Remember the language that somebody chose from the menu."""
    app.after_request(_remember)


def current_locale(ui_locales: Iterable[str] = ()) -> str:
    """The locale of this request, settled at the first call that names `ui_locales`.

    What the person chose wins, now (`?locale=`) or earlier (a cookie); then what the client asked
    for (`ui_locales`; OpenID Connect Core, section 3.1.2.1), the browser's Accept-Language, and
    the tenant's default.
    """
    asked = tuple(ui_locales)[:_MOST]
    if "locale" not in g or asked:
        accepted = [tag for tag, _ in request.accept_languages]
        wanted = [request.args.get(PARAMETER), _remembered(), *asked, *accepted]
        g.locale = negotiate(texts(), [tag for tag in wanted if tag])
    locale: str = g.locale
    return locale


def negotiate(offer: Texts, wanted: list[str]) -> str:
    """The first wanted locale that the tenant switched on, else its default; `de-AT` meets `de`."""
    available = switched_on(offer)
    for tag in wanted[: 2 * _MOST]:
        met = negotiate_locale([tag.replace("_", "-")], available, sep="-")
        if met:  # Babel answers in the letters of the question.
            return next(locale for locale in available if locale.lower() == met.lower())
    return offer.default_locale if offer.default_locale in available else available[0]


def switched_on(offer: Texts) -> tuple[str, ...]:
    """The locales that the tenant offers and that we have, in the tenant's order."""
    available = tuple(locale for locale in offer.locales if locale in translated())
    return available or (translated()[0],)


def texts() -> Texts:
    """The languages and sentences of this request's tenant; the defaults where there is none."""
    return g.tenant.settings.texts if "tenant" in g else Texts()


def _remembered() -> str | None:
    return request.cookies.get(visitor.cookie_name(_COOKIE)) if "tenant" in g else None


def _remember(response: Response) -> Response:
    if response.cache_control.public:
        return response  # A shared cache would hand the cookie to everybody.
    chosen = request.args.get(PARAMETER)
    if "tenant" in g and chosen in switched_on(texts()) and chosen != _remembered():
        visitor.set_cookie(response, _COOKIE, chosen, _REMEMBERED)
    return response
