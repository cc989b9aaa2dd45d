"""Previews: every screen in a draft's look, in a frame that can do nothing and knows nobody."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from app.actor import CLI
from app.branding import accessibility, logo, themed
from app.console import preview_catalogue, preview_drawing
from app.console.preview_drawing import Choices
from app.console.preview_states import STATES
from app.database import write
from app.directory import drafts, settings_store
from app.directory.tenants import Tenant
from tests.console.staff import Staff
from tests.factories import Factory

ACCENT = "#0f766e"
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


def draft(tenant: Tenant, section: str = "brand", subject: str = "tenant", **members: Any) -> int:
    """Save a draft; its revision."""
    with write(tenant.id) as session:
        return drafts.save(session, CLI, section, members, subject=subject)


def _sheet_of(staff: Staff, html: str) -> str:
    """The stylesheet that a previewed page loads, fetched by somebody without a cookie."""
    answer = _fetched(staff, _SHEET.findall(html)[0])
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _fetched(staff: Staff, path: str) -> TestResponse:
    """What somebody without a cookie gets at this path of the console's host."""
    return staff.app.test_client().get(f"http://localhost:8000{path}")


def test_a_preview_can_do_nothing_and_nobody_else_may_frame_it(staff: Staff) -> None:
    answer = staff.get("/preview/identify", state="error")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "allow-" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script" not in answer.text
    assert staff.get("/preview/mail-sign_in_code").headers["Location"].rstrip("?").endswith("/html")
    mail = staff.get("/preview/mail-sign_in_code/html")
    assert mail.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "123456" in mail.text


def test_only_pages_of_the_console_may_show_frames_and_nobody_may_frame_them(staff: Staff) -> None:
    policy = staff.get("/gallery").headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    sign_in = staff.app.test_client().get(f"{staff.tenant.base_url}/sign-in")
    assert "frame-src" not in sign_in.headers["Content-Security-Policy"]


@pytest.mark.one_database
def test_no_preview_knows_a_token_a_session_or_the_admin(staff: Staff) -> None:
    for name in (*preview_catalogue.names(),):
        path = f"/preview/{name}" + ("/html" if name.startswith("mail-") else "")
        answer = staff.get(path, state="filled")
        assert answer.status_code == 200, name
        assert "Set-Cookie" not in answer.headers, name
        assert staff.email not in answer.text, name
        assert staff.csrf_token not in answer.text, name
        tokens = re.findall(r'name="csrf_token" value="([^"]*)"', answer.text)
        assert {*tokens} <= {""}, name
        assert "data-options" not in answer.text, name


def test_a_draft_is_seen_in_its_preview_and_nowhere_else(staff: Staff) -> None:
    number = draft(staff.tenant, name="Zenith", accent=ACCENT)
    drafted = staff.get("/preview/identify").text
    assert "Sign in to Zenith" in drafted
    assert "Zenith" not in staff.get("/preview/identify", of="published").text
    assert "Zenith" in staff.get("/preview/identify", of=str(number)).text
    assert staff.get("/preview/identify", of="999").status_code == 404
    assert f"--accent:{ACCENT}" in _sheet_of(staff, drafted)
    assert "Zenith" not in staff.app.test_client().get(f"{staff.tenant.base_url}/sign-in").text


def test_the_draft_of_an_organization_lies_over_the_look_of_its_tenant(
    staff: Staff, make: Factory
) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"name": "Zenith", "accent": ACCENT})
    organization = make.organization(staff.tenant, "Northwind")
    draft(staff.tenant, subject=organization, name="Northwind")
    shown = staff.get(f"/organizations/{organization}/preview/identify").text
    assert "Sign in to Northwind" in shown
    assert f"--accent:{ACCENT}" in _sheet_of(staff, shown)
    assert "Northwind" not in staff.get("/preview/identify").text
    delegate = staff("", organization)
    assert "Northwind" in delegate.get(f"/organizations/{organization}/preview/identify").text
    assert delegate.get(f"/organizations/{organization}/gallery").status_code == 200
    assert delegate.get("/preview/identify").status_code == 403


def test_a_theme_is_forced_whatever_the_device_prefers(staff: Staff) -> None:
    sheets = {
        theme: _sheet_of(staff, staff.get("/preview/identify", theme=theme).text)
        for theme in themed.THEMES
    }
    assert sheets["light"] != sheets["dark"]
    for theme, rules in sheets.items():
        assert "prefers-color-scheme" not in rules
        assert f":root{{color-scheme:{theme};" in rules


def test_a_logo_of_the_draft_is_shown_and_no_other_picture(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        ids = [logo.store(session, CLI, _png(colour)) for colour in ("red", "blue")]
    draft(staff.tenant, logo=ids[0])
    found = re.search(r'<img class="logo"[^>]*src="([^"]+)"', staff.get("/preview/identify").text)
    assert found
    assert _fetched(staff, found[1]).status_code == 200
    assert _fetched(staff, found[1].replace(ids[0], ids[1])).status_code == 404


def test_b02_no_stylesheet_is_made_of_a_look_that_we_did_not_sign(staff: Staff) -> None:
    url = _SHEET.findall(staff.get("/preview/identify").text)[0]
    head, _, rest = url.partition("/files/")
    assert _fetched(staff, url).status_code == 200
    assert _fetched(staff, f"{head}/files/x{rest}").status_code == 404
    elsewhere = url.replace("/t/console/", f"/t/{staff.tenant.slug}/")
    assert _fetched(staff, elsewhere).status_code == 404


def test_b01_b06_drafted_words_are_shown_as_they_are_written(staff: Staff) -> None:
    own = {"en": {"identify.title": "{{ 7*7 }} <b>{{ tenant_name }}</b> {{ config }}"}}
    draft(staff.tenant, "texts", overrides=own)
    shown = staff.get("/preview/identify").text
    assert "{{ 7*7 }} &lt;b&gt;" in shown
    assert "{{ config }}" in shown
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", shown)[0]


@pytest.mark.one_database
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_every_screen_is_drawn_in_every_state_without_a_fault(tenant: Tenant, locale: str) -> None:
    for theme, state in zip(themed.THEMES * 2, STATES, strict=True):
        drawn = preview_drawing.draw_all(tenant, Choices(theme, locale, state), "/files")
        for name, html in drawn.items():
            is_mail = name.startswith("mail-")
            assert accessibility.faults_of(html, is_mail=is_mail) == [], (name, state)
            assert "{{" not in html, (name, state)
            assert "prefers-color-scheme" not in html, (name, state)


def test_a_tenant_that_switched_almost_everything_off_sees_every_screen(make: Factory) -> None:
    strict = make.tenant(
        methods={"sign_in": ["email_code"], "sign_up_open": False, "recovery_open": False},
        organizations={"choice": "off"},
        policy={"mfa": "off"},
        passkeys={"offer": False},
        accounts={"chooser": False},
    )
    drawn = preview_drawing.draw_all(strict, Choices(), "/files")
    assert set(drawn) == set(preview_catalogue.names())
    used = preview_catalogue.in_use(strict)
    assert "email_code" in used
    assert "password" not in used


def test_states_differ_where_a_screen_can(staff: Staff) -> None:
    pages = {state: staff.get("/preview/identify", state=state).text for state in STATES}
    assert len(set(pages.values())) == len(STATES)
    assert 'value="jane@example.com"' in pages["filled"]
    assert 'aria-invalid="true"' in pages["error"]
    assert staff.get("/preview/nothing").status_code == 404


def test_the_gallery_shows_every_screen_once_with_what_was_found(staff: Staff) -> None:
    staff.get("/gallery", theme="dark", language="ar")
    frames = [each.get("src") for each in staff.page.all("iframe")]
    assert len(frames) == len(preview_catalogue.names())
    assert all("theme=dark" in src and "language=ar" in src for src in frames)
    assert {each.get("loading") for each in staff.page.all("iframe")} == {"lazy"}
    assert {each.get("sandbox") for each in staff.page.all("iframe")} == {""}
    assert "No faults found" in staff.words
    assert "Not in use" in staff.words  # Text messages are switched off.


def _png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    return out.getvalue()
