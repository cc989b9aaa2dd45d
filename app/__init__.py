"""AuthPage: a hosted login portal."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings, UnsafeSettings

_LONGEST_BODY = 64 * 1024
_REDIS_PATIENCE = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": None}
"""A Redis that hangs must not hang every request: after 200 ms the limits go on in memory."""


def create_app(settings: Settings | None = None, *, pages: bool = True) -> Flask:
    """The application for these settings, or for those of the environment.

    Without `pages` it has the groundwork alone, as most commands need it: that spares them the
    import of everything that serves requests. Raises `UnsafeSettings` rather than start with
    settings that would endanger anybody.
    """
    settings = settings or Settings.from_environment()
    problems = settings.problems()
    if problems:
        raise UnsafeSettings(problems)
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    if settings.is_production and app.debug:
        raise UnsafeSettings(["FLASK_DEBUG must not be set: the debugger runs code for anybody."])
    app.config.update(_flask_config(settings))
    _bind_groundwork(app, settings)
    if pages:
        _bind_edges(app, settings)
        _register_pages(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "AUTHPAGE": settings,
        "TESTING": settings.environment == "test",
        "MAX_CONTENT_LENGTH": _LONGEST_BODY,
        "MAX_FORM_MEMORY_SIZE": _LONGEST_BODY,
        "MAX_FORM_PARTS": 64,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # Origin and Sec-Fetch-Site are checked by app.visitor.
        "RATELIMIT_DEFAULT": settings.coarse_limit,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": _REDIS_PATIENCE if settings.redis_url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(settings.redis_url),
    }


def _bind_groundwork(app: Flask, settings: Settings) -> None:
    from app import clock, database, hashing, log, security  # noqa: PLC0415
    from app.delivery import smtp  # noqa: PLC0415

    if settings.smtp_url:
        smtp.parse_url(settings.smtp_url)  # Refused here, not when the first mail is due.
    if settings.message_builder:
        from app.delivery import message_builder  # noqa: PLC0415

        message_builder.load(settings.message_builder)
    log.configure(settings)
    log.init_app(app)
    security.bind_keyring(app, settings)
    oldest, *newer = security.signing_secrets(app)
    app.secret_key = newer[-1] if newer else oldest
    app.config["SECRET_KEY_FALLBACKS"] = [oldest, *newer[:-1]] if newer else None
    database.bind(app, settings.database_url, settings.database_pool)
    hashing.bind(app, settings)
    if settings.clock_offset:
        clock.move(settings.clock_offset)


def _bind_edges(app: Flask, settings: Settings) -> None:
    from app import bodies, errors, headers, language, tenancy, visitor  # noqa: PLC0415
    from app.extensions import csrf, limiter  # noqa: PLC0415

    bodies.init_app(app)
    errors.init_app(app)
    tenancy.init_app(app)
    app.session_interface = visitor.FlowCookie()
    csrf.init_app(app)
    limiter.init_app(app)
    language.init_app(app)
    headers.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _register_pages(app: Flask) -> None:
    from app import console, health, tls  # noqa: PLC0415
    from app.api.account import routes as account_api  # noqa: PLC0415
    from app.api.setup import routes as setup_api  # noqa: PLC0415
    from app.console import preview_by_link, preview_files  # noqa: PLC0415
    from app.extensions import csrf  # noqa: PLC0415
    from app.federation import routes as federation  # noqa: PLC0415
    from app.federation import saml_routes as federation_saml  # noqa: PLC0415
    from app.headless import invitations as headless_invitations  # noqa: PLC0415
    from app.headless import links as headless_links  # noqa: PLC0415
    from app.headless import routes as headless  # noqa: PLC0415
    from app.oidc import routes as oidc  # noqa: PLC0415
    from app.pages import (  # noqa: PLC0415
        account,
        brand,
        invitations,
        link,
        mailbox,
        not_me,
        passkey,
        setup,
        sign_in,
        sign_out,
        support_recovery,
        well_known,
    )

    of_flows = (sign_in, passkey, link, invitations, not_me, support_recovery, sign_out)
    for module in (*of_flows, account, setup, console, brand, mailbox, well_known, health, tls):
        app.register_blueprint(module.blueprint)
    for module in (preview_files, preview_by_link):
        app.register_blueprint(module.blueprint)
    programs = (oidc, headless, headless_links, headless_invitations, account_api)
    for module in (*programs, setup_api, federation, federation_saml):
        app.register_blueprint(module.blueprint)
        csrf.exempt(module.blueprint)
