"""The look: drafted, previewed by nobody else, compared, scheduled, published, rolled back."""

import base64
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock
from app.actor import CLI
from app.branding import logo
from app.database import read, write
from app.directory import drafts, settings_store, tenants
from app.directory.brand_settings import Brand
from app.directory.tenants import Tenant
from app.models import Setting
from tests.console.staff import Staff
from tests.factories import Factory
from tests.visitors import HtmlVisitor

BASE = "http://localhost:8000"
FIELDS = {
    "revision": "0",
    "accent": "#0e7490",
    "layout": "centered",
    "corners": "soft",
    "typeface": "inter",
    "action": "save",
}
DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">
  <rect width="40" height="40" fill="#be123c"/></svg>"""


def png(colour: str = "#0e7490", size: tuple[int, int] = (40, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def upload(content: bytes, name: str = "logo.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def save(staff: Staff, path: str = "/branding", **fields: Any) -> TestResponse:
    return staff.post(f"{path}/save", {**FIELDS, **fields})


def published(tenant: Tenant) -> Brand:
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found.settings.brand


def drafted(tenant: Tenant, subject: str = "tenant") -> dict[str, Any]:
    with read(tenant.id) as session:
        found = drafts.load(session, "brand", subject)
    return found.document if found else {}


def test_a_draft_is_seen_by_nobody_until_it_is_published(
    app: Flask, make: Factory, staff: Staff
) -> None:
    client = make.client(staff.tenant)
    answer = save(staff, typeface="nunito", heading_en="Hello at {{ tenant_name }}")
    assert staff.follow(answer).status_code == 200
    assert staff.told == "console.branding.saved"
    visitor = HtmlVisitor(app, client)
    visitor.open()
    before = visitor.text
    assert "Hello at" not in before
    assert published(staff.tenant) == Brand()
    staff.get("/branding/changes")
    assert "Nunito" in staff.words
    assert "Hello at {{ tenant_name }}" in staff.words
    staff.press("/branding/publish", {"revision": "1"})
    assert staff.told == "console.branding.published"
    visitor.open()
    assert "Hello at Acme" in visitor.text
    assert published(staff.tenant).typeface == "nunito"
    assert drafted(staff.tenant) == {}


def test_what_is_not_changed_stays_inherited_and_is_taken_back(staff: Staff) -> None:
    save(staff)
    assert drafted(staff.tenant) == {"accent": "#0e7490"}
    save(staff, revision="1", layout="split", tagline="Hello")
    assert drafted(staff.tenant) == {"accent": "#0e7490", "layout": "split", "tagline": "Hello"}
    staff.get("/branding")
    staff.press("/branding/reset", {"revision": "2", "member": "layout"})
    assert staff.told == "console.branding.reset"
    assert drafted(staff.tenant) == {"accent": "#0e7490", "tagline": "Hello"}
    save(staff, revision="3", tagline="Hello", action="swatch:#be123c")
    assert drafted(staff.tenant)["accent"] == "#be123c"
    staff.get("/branding/discard")
    staff.press("/branding/discard")
    assert drafted(staff.tenant) == {}


def test_two_people_do_not_overwrite_each_other(staff: Staff) -> None:
    colleague = staff("admin")
    save(staff)
    assert save(colleague, accent="#be123c").status_code == 409
    assert staff.post("/branding/publish", {"revision": "7"}).status_code == 409
    assert drafted(staff.tenant) == {"accent": "#0e7490"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"accent": "red;}"}, {"accent": "console.branding.bad_colour"}),
        ({"background": "url(x)"}, {"background": "console.branding.bad_colour"}),
        ({"privacy_url": "javascript:alert(1)"}, {"privacy_url": "console.branding.bad_link"}),
        ({"support_url": "http://acme.example"}, {"support_url": "console.branding.bad_link"}),
        ({"heading_en": "{{ config }}"}, {"heading_en": "console.branding.bad_placeholder"}),
    ],
)
def test_b02_b07_what_may_not_be_is_said_at_its_field(
    staff: Staff, fields: dict[str, str], error: dict[str, str]
) -> None:
    assert save(staff, **fields).status_code == 422
    assert staff.errors == error
    assert drafted(staff.tenant) == {}


def test_b03_b04_uploads_are_drawn_anew_or_refused(app: Flask, staff: Staff) -> None:
    save(staff, logo=upload(DRAWING, "logo.svg"), icon=upload(png()), logo_dark=upload(png("#fff")))
    document = drafted(staff.tenant)
    with read(staff.tenant.id) as session:
        kept = [logo.load(session, document[name]) for name in ("logo", "icon", "logo_dark")]
    assert [each.media_type for each in kept if each] == ["image/png"] * 3
    page = staff.get("/branding")
    shown = [each.get("src") for each in staff.page.all("img")]
    assert len(shown) == 3
    assert b"<svg xmlns" not in page.data.replace(b'<svg class="chip"', b"")
    assert staff.http.get(shown[0], base_url=BASE).content_type == "image/png"
    save(
        staff,
        revision="1",
        logo=upload(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        icon=upload(b"GIF89a" + bytes(40)),
        panel_image=upload(png()[:60] + bytes(300_000)),
    )
    assert staff.status == 422
    assert {*staff.errors} == {"logo", "icon", "panel_image"}
    assert drafted(staff.tenant) == document
    save(staff, revision="1", action="reset:logo")
    assert "logo" not in drafted(staff.tenant)


def test_b06_words_with_markup_are_words(app: Flask, make: Factory, staff: Staff) -> None:
    client = make.client(staff.tenant)
    save(
        staff,
        name="<b>Acme</b>",
        tagline="<script>alert(1)</script>",
        layout="split",
        heading_en='"><img src=x> {{ tenant_name }}',
        action="publish",
    )
    assert staff.status == 303
    visitor = HtmlVisitor(app, client)
    visitor.open()
    assert "<script>alert" not in visitor.text
    assert "&#34;&gt;&lt;img src=x&gt; &lt;b&gt;Acme&lt;/b&gt;" in visitor.text
    for path in ("", "/changes", "/history", "/values"):
        assert "<script>alert" not in staff.get(f"/branding{path}").text


def test_the_script_of_the_page_is_told_what_was_saved(staff: Staff) -> None:
    def send(**fields: str) -> TestResponse:
        return staff.http.post(
            f"{staff.base}/branding/save",
            data={**FIELDS, "csrf_token": staff.csrf_token, **fields},
            headers={
                "Accept": "application/json",
                "Origin": BASE,
                "Sec-Fetch-Site": "same-origin",
            },
        )

    told = send(accent="#ffff00").get_json()
    assert told["revision"] == 1
    assert told["contrast"]["is_corrected"]
    assert told["contrast"]["findings"][0]["wanted"] == "#ffff00"
    wrong = send(revision="1", accent="nothing")
    assert (wrong.status_code, [*wrong.get_json()["errors"]]) == (422, ["accent"])
    assert send(revision="9").status_code == 409


def test_a_publication_is_scheduled_and_taken_back(staff: Staff) -> None:
    staff.get("/branding/schedule")
    save(staff)
    assert staff.post("/branding/schedule", {"at": "2020-01-01T10:00"}).status_code == 422
    later = datetime.fromtimestamp(clock.now() / clock.SECOND + 7_200, UTC)
    staff.press("/branding/schedule", {"at": later.strftime("%Y-%m-%dT%H:%M")})
    assert staff.told == "console.branding.scheduled"
    assert save(staff, revision="1", accent="#000000").status_code == 409
    page = staff.get("/branding")
    assert 'name="accent"' in page.text
    assert staff.page.by_id("accent").get("disabled") is not None
    staff.press("/branding/unschedule")
    assert staff.told == "console.branding.unscheduled"
    assert save(staff, revision="1", accent="#be123c").status_code == 303


def test_an_earlier_look_comes_back(staff: Staff) -> None:
    save(staff, action="publish")
    save(staff, accent="#be123c", action="publish")
    staff.get("/branding/history")
    assert staff.email in staff.words
    staff.get("/branding/changes", **{"from": "published", "to": "1"})
    assert "#be123c #0e7490" in staff.words
    staff.get("/branding/history/1/restore")
    staff.press("/branding/history/1/restore")
    assert staff.told == "console.branding.restored"
    assert published(staff.tenant).accent == "#0e7490"
    for revision in ("99", "x", "0"):
        assert staff.get(f"/branding/history/{revision}/restore").status_code == 404


def test_what_a_file_owns_is_looked_at_alone(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "brand", {"accent": "#15803d"}, owner="file")
    page = staff.get("/branding")
    assert "console.branding.publish" not in page.text
    assert staff.page.by_id("accent").get("disabled") is not None
    for path in ("/save", "/publish", "/reset"):
        assert staff.post(f"/branding{path}", FIELDS).status_code in (404, 409)
    assert published(staff.tenant).accent == "#15803d"


def test_organizations_and_applications_have_looks_of_their_own(
    app: Flask, make: Factory, staff: Staff
) -> None:
    tenant = staff.tenant
    client, other = make.client(tenant), make.client(tenant)
    company = make.organization(tenant, "Northwind")
    of_client = f"/applications/{client.id}/branding"
    save(staff, accent="#15803d", action="publish")
    save(staff, of_client, accent="#15803d", name="Dashboard", action="publish")
    save(staff, f"/organizations/{company}/branding", accent="#be123c", action="publish")
    found = tenants.by_id(tenant.id)
    assert found is not None
    assert {subject: look.model_fields_set for subject, look in found.looks.items()} == {
        client.id: {"name"},
        company: {"accent"},
    }
    staff.get(f"{of_client}/values")
    assert "Application" in staff.words
    staff.get("/branding/values")
    assert staff.words.count("Own look") == 2
    titles = []
    for each in (client, other):
        visitor = HtmlVisitor(app, each)
        visitor.open()
        titles.append(visitor.text.partition("<h1>")[2].partition("</h1>")[0])
        sheet = visitor.page.all("link")[0].get("href")
        css = app.test_client().get(sheet, base_url=BASE)
        assert "--accent:#15803d" in css.text
        assert "immutable" in css.headers["Cache-Control"]
    assert titles == ["Sign in to Dashboard", "Sign in to Acme"]
    for missing in ("/applications/nobody/branding", "/organizations/org_nobody/branding"):
        assert staff.get(missing).status_code == 404


def test_a_delegated_admin_dresses_their_organization_alone(make: Factory, staff: Staff) -> None:
    mine, theirs = (make.organization(staff.tenant, name) for name in ("Mine", "Theirs"))
    delegate = staff("", organization_id=mine)
    assert delegate.get(f"/organizations/{mine}/branding").status_code == 200
    save(delegate, f"/organizations/{mine}/branding", logo=upload(png()), action="publish")
    assert delegate.status == 303
    assert delegate.get("/branding").status_code in (403, 404)
    assert delegate.get(f"/organizations/{theirs}/branding").status_code in (403, 404)
    assert save(delegate, f"/organizations/{theirs}/branding").status_code in (403, 404)
    assert save(delegate).status_code in (403, 404)


def test_a_viewer_looks_and_changes_nothing(staff: Staff) -> None:
    viewer = staff("viewer")
    assert viewer.get("/branding").status_code == 200
    assert save(viewer).status_code == 403
    assert viewer.post("/branding/publish", {"revision": "0"}).status_code == 403


def test_b05_a_look_goes_along_as_a_file_and_comes_back_as_a_draft(
    make: Factory, staff: Staff
) -> None:
    save(staff, logo=upload(png()), panel_image=upload(png(size=(90, 60))), tagline="Hi")
    file = staff.get("/branding/export", of="draft")
    assert "attachment" in file.headers["Content-Disposition"]
    content = json.loads(file.data)
    assert (content["version"], content["brand"]["tagline"]) == (1, "Hi")
    assert base64.b64decode(content["pictures"]["logo"]["data"]).startswith(b"\x89PNG")
    other = Staff(staff.app, make.tenant())
    other.press("/branding/file", {"file": upload(file.data, "brand.json")})
    assert other.told == "console.branding.imported"
    assert drafted(other.tenant)["logo"] == drafted(staff.tenant)["logo"]
    assert published(other.tenant) == Brand()
    hostile = {**content, "brand": {"css": "body{}"}}
    other.post("/branding/file", {"file": upload(json.dumps(hostile).encode(), "b.json")})
    assert other.status == 422
    assert other.errors == {"file": "There is no brand.css in a brand."}
    assert other.post("/branding/file").status_code == 422


def test_d06_an_old_look_that_is_no_look_any_more_stays_where_it_is(staff: Staff) -> None:
    for accent in ("#111111", "#222222"):
        with write(staff.tenant.id) as session:
            settings_store.publish(session, CLI, "brand", {"accent": accent})
    with write(staff.tenant.id) as session:
        query = select(Setting).where(
            Setting.tenant_id == staff.tenant.id, Setting.revision == 1, Setting.section == "brand"
        )
        session.scalars(query).one().document = {"accent": "a colour of former times"}
    staff.press("/branding/history/1/restore")
    assert staff.told == "console.history.not_valid"
    assert published(staff.tenant).accent == "#222222"
