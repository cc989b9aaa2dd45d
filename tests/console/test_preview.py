"""Previews: every screen in a draft's look, in a frame that can do nothing and knows nobody."""

from tests.console.staff import Staff


def test_a_preview_is_drawn(staff: Staff) -> None:
    staff.get("/preview/identify")
    assert staff.status == 200
    staff.get("/gallery")
    assert staff.status == 200
    staff.get("/preview-links")
    assert staff.status == 200
