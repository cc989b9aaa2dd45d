"""Methods and policy in the console: every page draws and saves, weak choices are told, and what
was before comes back."""

from typing import Any

import pytest

from app.actor import CLI
from app.console.policy import TABS
from app.database import read, write
from app.directory import settings_store, tenants, weak_settings
from app.directory.settings import TenantSettings
from tests.console.staff import Staff

pytestmark = pytest.mark.one_database

SECTIONS = [section for names in TABS.values() for section in names]


def _settings(staff: Staff) -> TenantSettings:
    found = tenants.by_id(staff.tenant.id)
    assert found is not None
    return found.settings


def _publish(staff: Staff, section: str, document: dict[str, Any], owner: str = "cli") -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, section, document, owner=owner)


def _form(staff: Staff, section: str) -> dict[str, Any]:
    """The fields of a section's form, as a browser sends them unchanged."""
    staff.get(f"/policy/{section}")
    action = f"/policy/{section}"
    form = next(f for f in staff.page.all("form") if (f.get("action") or "").endswith(action))
    sent: dict[str, Any] = {}
    for field in form.iter("input", "textarea"):
        kind, name = field.get("type"), field.get("name")
        if name is None or (kind in ("checkbox", "radio") and field.get("checked") is None):
            continue
        value = field.text or "" if field.tag == "textarea" else field.get("value") or ""
        sent.setdefault(name, []).append(value.removeprefix("\n"))
    return sent


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_saved_unchanged_stays_what_it_was(staff: Staff, section: str) -> None:
    _publish(staff, "methods", {"sign_in": ["email_code", "passkey"], "second": ["totp"]})
    before = getattr(_settings(staff), section)
    staff.press(f"/policy/{section}", _form(staff, section))
    assert staff.told == "console.policy.saved"
    assert getattr(_settings(staff), section) == before


def test_every_field_says_what_it_is_and_its_default(staff: Staff) -> None:
    for tab in TABS:
        staff.get(f"/policy/{tab}")
        defaults = [e for e in staff.page.all("p") if e.get("class") == "default"]
        fields = [f for f in staff.page.all("div") if f.get("class") == "field"]
        fields += staff.page.all("fieldset")
        hints = [e for e in staff.page.all("p") if e.get("class") == "hint"]
        assert len(defaults) == len(fields) <= len(hints)
        assert "console." not in staff.page.by_id("main").text_content()


def test_methods_keep_their_order_and_move_up_without_a_script(staff: Staff) -> None:
    _publish(staff, "methods", {"sign_in": ["email_code", "passkey", "password"]})
    sent = _form(staff, "methods")
    assert sent["sign_in"] == ["email_code", "passkey", "password"]
    answer = staff.post("/policy/methods", {**sent, "up": "sign_in:passkey"})
    assert answer.status_code == 200
    order = [e.get("value") for e in staff.page.all("input") if e.get("name") == "sign_in"]
    assert order[:3] == ["passkey", "email_code", "password"]
    assert _settings(staff).methods.sign_in == ("email_code", "passkey", "password")
    staff.press("/policy/methods", {**sent, "sign_in": order[:3]})
    assert _settings(staff).methods.sign_in == ("passkey", "email_code", "password")
    hostile = staff.post("/policy/methods", {**sent, "up": "revision:1"})
    assert hostile.status_code == 200


def test_values_outside_their_limits_are_refused_at_their_field(staff: Staff) -> None:
    sent = _form(staff, "codes") | {"digits": "3", "lives": "x"}
    assert staff.post("/policy/codes", sent).status_code == 422
    assert staff.errors == {"lives": "console.form.whole_number"}
    assert staff.post("/policy/codes", sent | {"lives": "600"}).status_code == 422
    assert staff.errors == {"digits": "Must be 4 or more."}
    assert _settings(staff).codes.digits == 6
    nothing = {**_form(staff, "methods"), "sign_in": []}
    assert staff.post("/policy/methods", nothing).status_code == 422
    assert staff.errors == {"sign_in": "Choose 1 or more."}


def test_weak_choices_are_told_where_they_are_made(staff: Staff) -> None:
    assert weak_settings.of(_settings(staff)) == []
    _publish(staff, "codes", {"digits": 4})
    _publish(staff, "policy", {"mfa": "off"})
    _publish(staff, "methods", {"second": ["sms_code"]})
    told = []
    for tab in ("methods", "policy", "codes"):
        staff.get(f"/policy/{tab}")
        told += [
            e.get("data-text") for e in staff.page.all("div") if "warning" in e.get("class", "")
        ]
    assert told == ["console.weak.sms_second", "console.weak.no_mfa", "console.weak.few_digits"]


def test_whoever_may_only_look_is_told_why_everything_is_grey(staff: Staff) -> None:
    viewer = staff("viewer")
    for path in ("/policy", "/branding"):
        viewer.get(path)
        assert "console.only_look" in [each.get("data-text") for each in viewer.page.all("div")]
        staff.get(path)
        assert "console.only_look" not in [each.get("data-text") for each in staff.page.all("div")]


def test_what_a_file_owns_is_shown_and_not_changed(staff: Staff) -> None:
    _publish(staff, "codes", {"digits": 8}, owner="file")
    page = staff.get("/policy/codes").text
    assert "disabled" in page
    with read(staff.tenant.id) as session:
        (known,) = settings_store.history(session, "codes")
    sent = {"digits": "6", "revision": str(known.revision)}
    assert staff.post("/policy/codes", sent).status_code == 409
    assert _settings(staff).codes.digits == 8


def test_what_somebody_else_published_meanwhile_is_not_overwritten(staff: Staff) -> None:
    sent = _form(staff, "codes")
    _publish(staff, "codes", {"digits": 8})
    assert staff.post("/policy/codes", sent | {"digits": "7"}).status_code == 422
    assert staff.messages == ["console.form.stale"]
    assert _settings(staff).codes.digits == 8
    kept = staff.page.tree.xpath("//input[@name='revision']")[0]
    again = sent | {"digits": "7", "revision": kept.get("value")}
    assert staff.page.by_id("digits").get("value") == "7"
    assert staff.post("/policy/codes", again).status_code == 303
    assert _settings(staff).codes.digits == 7


def test_an_earlier_version_comes_back_as_a_new_one(staff: Staff) -> None:
    _publish(staff, "codes", {"digits": 7})
    _publish(staff, "codes", {"digits": 8, "lives": 300})
    staff.get("/settings/codes/history")
    assert "Command line" in staff.page.by_id("main").text_content()
    changed = [e.text_content() for e in staff.page.all("li") if e.find("del") is not None]
    assert [" ".join(each.split()) for each in changed] == [
        "digits: 7 → 8",
        "lives: default → 300",
        "digits: default → 7",
    ]
    assert staff.get("/settings/codes/history/1/restore").status_code == 200
    staff.press("/settings/codes/history/1/restore")
    assert staff.told == "console.history.restored"
    assert (_settings(staff).codes.digits, _settings(staff).codes.lives) == (7, 600)
    assert staff.get("/settings/codes/history/99/restore").status_code == 404
    assert staff.get("/settings/nothing/history").status_code == 404
    assert staff("viewer").post("/settings/codes/history/1/restore").status_code == 403
