"""The look in the whole application: stylesheet, logo and faults, at the root and under a path."""

import io
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image

from app.actor import CLI
from app.branding import logo
from app.database import write
from app.directory import settings_store
from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.inspection import inspect

BASE = "http://localhost:8000"


def _logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 40), "#0e7490").save(out, "PNG")
    return out.getvalue()


def _with_logo(tenant: Tenant) -> str:
    with write(tenant.id) as session:
        asset_id = logo.store(session, CLI, _logo())
        assert logo.store(session, CLI, _logo()) == asset_id
        settings_store.publish(session, CLI, "brand", {"logo": asset_id, "name": "Drawn"})
    return asset_id


def _first_page(app: Flask, tenant: Tenant) -> str:
    page = app.test_client().get(
        f"{urlsplit(tenant.base_url).path}/sign-in", base_url=BASE, follow_redirects=True
    )
    assert page.status_code == 200
    return str(page.text)


def test_a_tenant_under_a_path_gets_its_own_look(app: Flask, make: Factory) -> None:
    tenant = make.tenant(brand={"name": "Northwind", "accent": "#0e7490"})
    page = _first_page(app, tenant)
    inspect(page)
    sheet = re.search(r'rel="stylesheet" href="([^"]+)"', page)
    assert sheet is not None
    assert sheet[1].startswith(f"/t/{tenant.slug}/brand/")
    css = app.test_client().get(sheet[1], base_url=BASE)
    assert "--accent:#0e7490" in css.text
    assert "immutable" in css.headers["Cache-Control"]
    assert "Set-Cookie" not in css.headers


def test_a_logo_is_shown_and_served_to_its_tenant_alone(app: Flask, make: Factory) -> None:
    tenant, other = make.tenant(), make.tenant()
    asset_id = _with_logo(tenant)
    page = _first_page(app, tenant)
    inspect(page)
    picture = f"/t/{tenant.slug}/brand/{asset_id}.png"
    assert f'<img class="logo" src="{picture}" alt="Drawn">' in page
    answer = app.test_client().get(picture, base_url=BASE)
    assert answer.content_type == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (80, 40)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    foreign = app.test_client().get(f"/t/{other.slug}/brand/{asset_id}.png", base_url=BASE)
    missing = app.test_client().get(f"/t/{other.slug}/brand/{'0' * 32}.png", base_url=BASE)
    assert (foreign.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("path", ["/nowhere", "/t/nobody-here/sign-in", "/flow/flw_none"])
def test_a_page_that_is_not_there_says_so_and_leads_on(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, base_url=BASE, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    inspect(answer.text)
    sheet = re.search(r'rel="stylesheet" href="([^"]+)"', answer.text)
    assert sheet is not None
    assert app.test_client().get(sheet[1], base_url=BASE).status_code == 200
    assert 'class="button primary" href="/"' in answer.text


def test_an_unknown_host_gets_a_page_that_does_not_name_it(app: Flask) -> None:
    answer = app.test_client().get(
        "/", base_url="http://evil.example", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 421
    inspect(answer.text)
    assert "evil.example" not in answer.text


def test_tenants_sentences_and_names_are_only_words(app: Flask, make: Factory) -> None:
    """Placeholders are plain substitution, and everything is escaped where it is shown."""
    tenant = make.tenant(
        brand={"name": "<b>Acme</b> {{ 7*7 }}", "tagline": "{{ config }}", "layout": "split"},
        texts={
            "overrides": {
                "en": {"identify.title": "Hi {{ tenant_name }} {{ config.SECRET_KEY }} <script>x"}
            }
        },
    )
    page = _first_page(app, tenant)
    inspect(page)
    assert "<script>x" not in page
    assert "Hi &lt;b&gt;Acme&lt;/b&gt; {{ 7*7 }} {{ config.SECRET_KEY }} &lt;script&gt;" in page
