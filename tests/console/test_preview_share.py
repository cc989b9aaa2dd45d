"""A preview that is shown to people without an account, by a link that is signed and ends."""

from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from app import clock
from app.actor import CLI
from app.branding import themed
from app.database import read, write
from app.directory import drafts, preview_links
from app.directory.brand_settings import Brand
from app.models import PreviewLink
from tests.console.staff import Staff
from tests.console.test_preview import ACCENT, draft


def _shared(staff: Staff, **fields: str) -> str:
    """A new link, as the page shows it once."""
    staff.post("/preview-links", {"days": "7", **fields})
    assert staff.status == 200, staff.errors
    link = staff.page.by_id("preview-link")
    assert link is not None
    return str(link.text_content())


def _looked(staff: Staff, url: str) -> TestResponse:
    """What a stranger sees there."""
    return staff.app.test_client().get(url)


def _screen(url: str, name: str) -> str:
    return url.replace("/preview?", f"/preview/{name}?")


def test_a_link_shows_the_draft_to_somebody_without_an_account(staff: Staff) -> None:
    draft(staff.tenant, name="Zenith", accent=ACCENT)
    url = _shared(staff)
    page = _looked(staff, url)
    assert page.status_code == 200
    assert "Zenith" in page.text
    assert staff.email not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "no-store"
    screen = _looked(staff, _screen(url, "identify"))
    assert "Sign in to Zenith" in screen.text
    assert screen.headers["Content-Security-Policy"].startswith("sandbox;")
    assert 'method="post"' not in page.text


def test_choices_are_links_and_a_form_where_there_is_no_script(staff: Staff) -> None:
    page = _looked(staff, f"{_shared(staff)}&theme=dark&screen=totp&width=phone&language=de")
    frame = page.text.partition("<iframe")[2].partition(">")[0]
    assert "/preview/totp?" in frame
    assert "theme=dark" in frame
    assert "language=de" in frame
    assert 'class="frame phone"' in page.text
    for theme in themed.THEMES:
        assert f"theme={theme}" in page.text
    assert 'name="token"' in page.text


def test_a_link_shows_what_was_shared_whatever_becomes_of_the_draft(staff: Staff) -> None:
    draft(staff.tenant, name="Zenith")
    url = _shared(staff)
    draft(staff.tenant, name="Nadir")
    with write(staff.tenant.id) as session:
        drafts.discard(session, CLI, "brand")
    assert "Sign in to Zenith" in _looked(staff, _screen(url, "identify")).text


def test_a_link_ends_by_itself_and_on_request(staff: Staff) -> None:
    first, second = _shared(staff, days="1"), _shared(staff, days="30")
    assert staff.words.count("Revision") == 2
    with read(staff.tenant.id) as session:
        newest = preview_links.list_good(session)[0]
    staff.press(f"/preview-links/{newest.id}/revoke")
    assert staff.told == "console.share.revoked"
    assert _looked(staff, second).status_code == 410
    assert staff.post(f"/preview-links/{newest.id}/revoke").status_code == 404
    assert _looked(staff, first).status_code == 200
    clock.move(86_401)
    assert _looked(staff, first).status_code == 410
    assert _looked(staff, _screen(first, "identify")).status_code == 410


def test_x03_a_token_opens_only_the_link_that_it_was_signed_for(staff: Staff) -> None:
    url = _shared(staff)
    (token,) = parse_qs(urlsplit(url).query)["token"]
    for wrong in ("", "x", token[:-3] + "abc", f"{token}x", "a" * 5_000):
        assert _looked(staff, url.replace(token, wrong)).status_code == 410
    elsewhere = url.replace("/t/console/", f"/t/{staff.tenant.slug}/")
    assert _looked(staff, elsewhere).status_code == 404
    with write(staff.tenant.id) as session:
        row = session.query(PreviewLink).filter_by(tenant_id=staff.tenant.id).one()
        row.revision = 99
    assert _looked(staff, url).status_code == 410


def test_only_admins_share_and_only_within_limits(staff: Staff) -> None:
    assert staff("viewer").post("/preview-links", {"days": "7"}).status_code == 403
    for days in ("0", "31", "many", ""):
        staff.post("/preview-links", {"days": days})
        assert staff.status == 422
        assert staff.errors["days"] == (
            "console.share.days_range" if days.isdecimal() else _none(days)
        )


def test_there_are_not_more_links_than_somebody_can_oversee(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        for _ in range(preview_links.MOST_LINKS):
            preview_links.create(session, CLI, "tenant", 0, Brand())
    staff.post("/preview-links", {"days": "7"})
    assert staff.status == 422


def _none(days: str) -> str:
    return "console.form.needed" if not days else "console.form.whole_number"
