"""The questions at sign-up: added, changed, ordered and removed, with each refusal at its field."""

from typing import Any

import pytest

from app.actor import CLI
from app.database import write
from app.directory import settings_store, tenants
from app.directory.settings import SignUpField
from tests.console.staff import Staff
from tests.factories import Factory
from tests.visitors import HtmlVisitor

pytestmark = pytest.mark.one_database

TEXT = {
    "name": "team",
    "kind": "text",
    "label_en": "Your team",
    "required": "y",
    "max_length": "40",
}
TERMS = {
    "name": "terms",
    "kind": "consent",
    "label_en": "I accept the terms",
    "label_de": "Ich stimme den Bedingungen zu",
    "version": "2026-11",
    "url": "https://acme.example/terms",
}

TOO_SLOW = "The pattern could take too long; repeat less in it, or less deeply."


def asked(staff: Staff) -> tuple[SignUpField, ...]:
    found = tenants.by_id(staff.tenant.id)
    assert found is not None
    return found.settings.sign_up.fields


def revision(staff: Staff) -> dict[str, Any]:
    staff.get("/sign-up-fields/new")
    (seen,) = [each for each in staff.page.all("input") if each.get("name") == "revision"]
    return {"revision": seen.get("value")}


def add(staff: Staff, fields: dict[str, str]) -> None:
    staff.press("/sign-up-fields/new", {**fields, **revision(staff)})
    assert staff.told == "console.sign_up_fields.added"


def test_questions_are_added_ordered_changed_and_removed(staff: Staff) -> None:
    add(staff, TEXT)
    add(staff, TERMS)
    add(staff, {"name": "size", "kind": "choice", "label_en": "Size", "choices": "Small\n\n Big "})
    assert [each.name for each in asked(staff)] == ["team", "terms", "size"]
    assert asked(staff)[1].label == {"en": TERMS["label_en"], "de": TERMS["label_de"]}
    assert asked(staff)[2].choices == ("Small", "Big")
    staff.press("/sign-up-fields/size/move", {"to": "up", **revision(staff)})
    assert [each.name for each in asked(staff)] == ["team", "size", "terms"]
    staff.get("/sign-up-fields/terms")
    assert "Ich stimme" in staff.page.by_id("label_de").get("value")
    staff.press("/sign-up-fields/terms", {**TERMS, "version": "2027-01", **revision(staff)})
    assert [each.version for each in asked(staff)] == [None, None, "2027-01"]
    staff.get("/sign-up-fields/team/remove")
    assert "Answers that were given stay" in staff.words
    staff.press("/sign-up-fields/team/remove", revision(staff))
    assert [each.name for each in asked(staff)] == ["size", "terms"]


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"name": "Team"}, "name", "console.sign_up_fields.bad_name"),
    ({"name": "email"}, "name", "console.sign_up_fields.name_taken"),
    ({"name": ""}, "name", "console.form.needed"),
    ({"label_en": ""}, "label_en", "console.form.needed"),
    ({"label_de": "x" * 301}, "label_de", "console.form.too_long"),
    ({"max_length": "0"}, "max_length", "console.sign_up_fields.bad_max_length"),
    ({"pattern": "("}, "pattern", "The pattern is no regular expression."),
    ({"kind": "choice"}, "choices", "console.sign_up_fields.bad_choices"),
    ({"kind": "choice", "choices": "A\nA"}, "choices", "console.sign_up_fields.bad_choices"),
    ({"kind": "consent"}, "version", "console.sign_up_fields.bad_version"),
    ({**TERMS, "url": "javascript:alert(1)"}, "url", "console.sign_up_fields.bad_url"),
    ({**TERMS, "url": "http://acme.example"}, "url", "console.sign_up_fields.bad_url"),
    ({"pattern": "(a*)*b"}, "pattern", TOO_SLOW),
]
"""What is changed about a good question, and what is said at which field."""


def test_b07_what_is_wrong_is_said_at_the_field(staff: Staff) -> None:
    seen = revision(staff)
    for changed, field, sentence in WRONG:
        staff.post("/sign-up-fields/new", {**TEXT, **changed, **seen})
        assert (staff.status, staff.errors) == (422, {field: sentence}), changed
    assert asked(staff) == ()


def test_a_stale_page_and_a_file_change_nothing(staff: Staff) -> None:
    seen = revision(staff)
    add(staff, TEXT)
    staff.post("/sign-up-fields/new", {**TERMS, **seen})
    assert staff.status == 409
    document = {"fields": [asked(staff)[0].model_dump(mode="json", exclude_unset=True)]}
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "sign_up", document, owner="file")
    staff.get("/sign-up-fields")
    assert "managed by a file" in staff.words
    assert "Add field" not in staff.words
    staff.post("/sign-up-fields/new", {**TERMS, **revision(staff)})
    assert staff.status == 409
    assert len(asked(staff)) == 1


def test_who_signs_up_meets_the_questions(staff: Staff, make: Factory) -> None:
    add(staff, {**TEXT, "label_en": "<b>Your</b> team"})
    found = tenants.by_id(staff.tenant.id)
    assert found is not None
    visitor = HtmlVisitor(staff.app, make.client(found))
    visitor.open(prompt="create")
    assert "team" in visitor.fields


def test_x04_only_who_publishes_settings_changes_questions(staff: Staff) -> None:
    developer = staff("developer")
    developer.get("/sign-up-fields")
    assert (developer.status, "Add field" in developer.words) == (200, False)
    assert developer.get("/sign-up-fields/new").status_code == 403
