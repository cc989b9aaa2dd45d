"""Signing keys in the console: seen without their private half, and the next one made once."""

import pytest

from app import clock
from app.database import read
from app.keys import rotation
from tests.console.staff import Staff

pytestmark = pytest.mark.one_database


def test_t12_the_next_key_is_made_once_and_told_in_advance(staff: Staff) -> None:
    staff.get("/keys")
    assert staff.page.by_id("jwks").text == f"{staff.tenant.issuer}/oauth2/jwks"
    assert staff.get("/keys/rotate").status_code == 200
    staff.press("/keys/rotate", {"alg": "RS256"})
    assert staff.told == "console.keys.rotated"
    staff.press("/keys/rotate", {"alg": "RS256"})
    assert staff.told == "console.keys.waiting_already"
    with read(staff.tenant.id) as session:
        assert [each.state for each in rotation.list_keys(session)] == ["next", "active"]
    clock.move(rotation.PUBLISHED_AHEAD + 1)
    with read(staff.tenant.id) as session:
        assert [each.state for each in rotation.list_keys(session)] == ["active", "retired"]


def test_t13_no_private_part_is_on_the_page(staff: Staff) -> None:
    page = staff.get("/keys").text
    assert "PRIVATE" not in page
    with read(staff.tenant.id) as session:
        (key,) = rotation.list_keys(session)
    assert key.id in page
    assert not hasattr(key, "sealed_private_key")


def test_only_what_there_is_can_be_rotated_and_by_admins_alone(staff: Staff) -> None:
    assert staff.get("/keys/rotate", alg="ES256").status_code == 404
    assert staff.post("/keys/rotate", {"alg": "none"}).status_code == 404
    developer = staff("developer")
    assert developer.get("/keys").status_code == 200
    assert developer.post("/keys/rotate", {"alg": "RS256"}).status_code == 403
