"""A small application that shows every sample without a running flow or a database."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, abort, current_app, g, request
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from app import clock, headers, language
from app.config import Settings
from app.delivery.mailbox import StoredMail
from app.directory.brand_settings import Brand
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant
from app.extensions import csrf
from app.oidc.destination import ToClient
from app.pages import brand, leaving, rendering
from tests.browser import (
    account_samples,
    fault_samples,
    invitation_samples,
    mail_samples,
    samples,
    setup_samples,
)

LAYOUTS = ("centered", "split", "plain")
_SETTINGS = Settings.from_environment({"ENVIRONMENT": "test"})
_LINKS = {"privacy_url": "https://acme.example/p", "terms_url": "https://acme.example/t"}


def tenant(look: Brand | None = None) -> Tenant:
    """Acme, as in the pictures that set the bar."""
    look = look or Brand.model_validate(
        {**_LINKS, "name": "Acme", "tagline": "Everything your team ships, in one place."}
    )
    settings = TenantSettings(brand=look)
    return Tenant(
        id="ten_1",
        slug="default",
        name="Acme Corporation",
        kind="live",
        status="active",
        issuer="http://localhost:8000",
        rp_id="localhost",
        epoch=1,
        settings=settings,
    )


def create_gallery(shown: Tenant | None = None) -> Flask:
    """`/<sample>` shows one, `/mails/<name>` a mail; `?layout=` and `?locale=` choose how.
    Answers are kept."""
    app = Flask("app", template_folder="../templates")
    app.config.update(AUTHPAGE=_SETTINGS, SECRET_KEY="gallery")
    csrf.init_app(app)
    language.init_app(app)
    headers.init_app(app)
    app.register_blueprint(brand.blueprint)
    app.add_url_rule("/<sample>", "sample", show)
    app.add_url_rule("/<sample>", "answer", answer, methods=["POST"])
    app.add_url_rule("/mails/<name>", "mail", mail_samples.show)
    app.add_url_rule("/landing", "landing", csrf.exempt(landing), methods=["POST"])
    app.extensions["answers"] = []

    @app.before_request
    def bind() -> None:
        look = (shown or tenant()).settings.brand
        layout = request.args.get("layout")
        if layout:
            look = look.model_copy(update={"layout": layout})
        g.tenant = tenant(look)

    return app


def show(sample: str) -> Response:
    """One sample."""
    if sample in PAGES:
        return PAGES[sample]()
    screen = samples.screens().get(sample) or abort(404)
    status = 422 if sample.endswith("-error") else 200
    return rendering.render_screen(screen, f"/{sample}", status)


def answer(sample: str) -> Response:
    """Keep what was posted, as `answers` of the application, and show the sample again."""
    current_app.extensions["answers"].append(request.form.to_dict())
    return show(sample)


def landing() -> Response:
    """The app that a form posts to; it knows no token of ours."""
    return answer("signed-out")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application on a free port of the loopback; its origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _form_post() -> Response:
    url = f"{request.host_url}landing"
    answer = ToClient("form_post", url, {"code": "c", "state": "s"})
    return leaving.to_client(answer, after_post=True, client_name="Acme Dashboard")


def _leaving() -> Response:
    url = f"{request.host_url}signed-out?a=1&b=%22%3E"
    return leaving.to_url(url, after_post=True, name="Acme Dashboard")


def _mail() -> StoredMail:
    return StoredMail(
        name="1-msg_1",
        to=samples.LONG_EMAIL,
        sender="Acme <no-reply@localhost>",
        subject="Your code to sign in to Acme",
        sent_at=clock.now(),
        text="Your sign-in code\n\n482913\n\nThe code is good for 10 minutes.",
        html="<p>482913</p>",
    )


PAGES: dict[str, Callable[[], Response]] = {
    **account_samples.PAGES,
    "sign-out": lambda: rendering.page("sign_out/confirm.html", client_name="Acme Dashboard"),
    "signed-out": lambda: rendering.page("sign_out/done.html", sign_in_url="/sign-in"),
    "not-me": lambda: rendering.page("not_me/confirm.html"),
    "not-me-done": lambda: rendering.page("not_me/done.html", is_left=False),
    "not-me-left": lambda: rendering.page("not_me/done.html", is_left=True),
    "support-recovery": lambda: rendering.page(
        "support_recovery/confirm.html", person="jane@example.com"
    ),
    "link-confirmed": lambda: rendering.page("link_confirmed.html"),
    **fault_samples.PAGES,
    **invitation_samples.PAGES,
    **setup_samples.PAGES,
    "form-post": _form_post,
    "leaving": _leaving,
    "mailbox": lambda: rendering.page("mailbox/inbox.html", mails=[_mail(), _mail()]),
    "mailbox-empty": lambda: rendering.page("mailbox/inbox.html", mails=[]),
    "mail": lambda: rendering.page("mailbox/mail.html", title=_mail().subject, mail=_mail()),
}


def names() -> list[str]:
    """Every sample there is."""
    return [*samples.screens(), *PAGES]


def staying() -> list[str]:
    """The samples that a browser stays on: one leaves by itself, script or not."""
    return [name for name in names() if name != "leaving"]
