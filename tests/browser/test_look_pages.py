"""Every sample page, in every language, keeps the promises of all pages."""

import gzip
import re

import pytest
from flask import template_rendered
from flask.testing import FlaskClient

from app.branding import sheet
from tests.browser import gallery, samples
from tests.inspection import inspect

LOCALES = ("pt", "ja", "ar")
FIRST_VISIT_BYTES = 20 * 1024


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return gallery.create_gallery().test_client(use_cookies=False)


@pytest.mark.parametrize(("locale", "layout"), [*zip(LOCALES, gallery.LAYOUTS, strict=True)])
def test_every_page_is_sound(client: FlaskClient, locale: str, layout: str) -> None:
    for sample in gallery.names():
        page = client.get(f"/{sample}?locale={locale}&layout={layout}")
        assert page.status_code < 500 or sample.startswith("problem-"), sample
        inspect(page.text)
        assert f'<html lang="{locale}" dir="{"rtl" if locale == "ar" else "ltr"}">' in page.text
        # Values are put in before they are shown; what is left of a placeholder shows as this.
        assert "{{" not in page.text, sample


def test_every_screen_of_the_product_has_a_sample() -> None:
    shown = {screen.name for screen in samples.screens().values()}
    templates = gallery.create_gallery().jinja_env.list_templates()
    drawn = {name[5:-5] for name in templates if name.startswith("flow/")}
    assert shown == drawn


def test_every_template_of_a_page_has_a_sample() -> None:
    app = gallery.create_gallery()
    drawn: set[str] = set()
    with template_rendered.connected_to(lambda _, template, **__: drawn.add(template.name), app):
        for sample in gallery.names():
            app.test_client().get(f"/{sample}")
    others = ("elements/", "layouts/", "mail/", "console/")
    """Those of the console are drawn for every route of it by tests/console/test_matrix.py."""
    assert drawn >= {each for each in app.jinja_env.list_templates() if not each.startswith(others)}


def test_a_page_with_an_error_says_so_in_its_title(client: FlaskClient) -> None:
    for sample in gallery.names():
        page = client.get(f"/{sample}").text
        title = re.search("<title>(.*?)</title>", page)
        assert title is not None
        assert title[1].startswith("Error: ") == (
            'class="message error"' in page or 'class="field-error"' in page
        )


def test_an_error_is_tied_to_its_field_which_has_the_focus(client: FlaskClient) -> None:
    page = client.get("/sign_up-error").text
    email, password = _input(page, "email"), _input(page, "password")
    assert "autofocus" in email
    assert "autofocus" not in password
    assert 'aria-invalid="true"' in email
    assert 'aria-describedby="email-error"' in email
    assert 'aria-describedby="password-error password-hint"' in password


def test_a_message_describes_the_field_that_has_the_focus(client: FlaskClient) -> None:
    code = _input(client.get("/email_code-error").text, "code")
    assert "autofocus" in code
    assert 'aria-describedby="message"' in code


def test_enter_means_the_primary_action(client: FlaskClient) -> None:
    """A browser presses the first submit button of the form that the field belongs to."""
    for sample in ("identify-ways", "password", "email_code", "sign_up", "new_password"):
        page = client.get(f"/{sample}").text
        main = [
            button
            for button in re.findall(r"<button[^>]*>", page)
            if 'type="button"' not in button and 'form="aside"' not in button
        ]
        assert len(main) == 1
        assert 'value="continue"' in main[0]
        assert 'form="answer"' in main[0]


def test_password_managers_learn_whose_password_it_is(client: FlaskClient) -> None:
    for sample, kind in (("password", "current-password"), ("new_password", "new-password")):
        page = client.get(f"/{sample}").text
        assert f'autocomplete="{kind}"' in _input(page, "password")
        assert re.search(r'value="jane@example.com" autocomplete="username" readonly hidden', page)


def test_a_code_field_is_one_input_for_one_time_codes(client: FlaskClient) -> None:
    page = client.get("/email_code-8").text
    code = _input(page, "code")
    assert 'autocomplete="one-time-code"' in code
    assert 'inputmode="numeric"' in code
    assert page.count('class="cell"') == 8


def test_the_first_visit_is_small_and_takes_three_requests(client: FlaskClient) -> None:
    page = client.get("/identify-ways")
    loaded = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', page.text)
    assert len(loaded) == 2
    sizes = [len(gzip.compress(page.data))]
    for url in loaded:
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == client.get(url).data
        sizes.append(len(answer.data))
    assert sum(sizes) < FIRST_VISIT_BYTES


def test_what_a_digest_names_never_changes(client: FlaskClient) -> None:
    page = client.get("/identify").text
    for url in re.findall(r'="(/(?:brand|assets)/[^"]+)"', page):
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in answer.headers.get("Vary", "")
    file = sheet.font("inter")
    assert file
    font = client.get(f"/brand/inter-{file.digest}.woff2")
    assert font.data.startswith(b"wOF2")


def test_an_old_digest_still_dresses_the_page(client: FlaskClient) -> None:
    answer = client.get("/brand/0123456789abcdef.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_leaving_form_may_post_to_the_app_and_others_may_not(client: FlaskClient) -> None:
    policy = client.get("/form-post").headers["Content-Security-Policy"]
    assert "form-action https: http:" in policy
    assert "form-action 'self'" in client.get("/identify").headers["Content-Security-Policy"]


def test_every_page_carries_the_security_headers(client: FlaskClient) -> None:
    headers = client.get("/identify").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def _input(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert found is not None
    return found[0]
