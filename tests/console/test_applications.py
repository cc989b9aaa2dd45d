"""Applications in the console: added by type, changed, their secrets shown once and replaced."""

from dataclasses import replace
from typing import Any

import pytest

from app import clock
from app.actor import Actor
from app.database import read, write
from app.directory import client_secrets, clients
from app.directory.clients import ClientView
from app.directory.permissions import Forbidden
from tests.console.staff import Staff
from tests.factories import Factory

pytestmark = pytest.mark.one_database

CALLBACK = "https://shop.example/callback"


def _secret(staff: Staff) -> str:
    found = staff.page.by_id("client-secret")
    return "" if found is None else str(found.text)


def _add(staff: Staff, kind: str = "web", **fields: Any) -> Any:
    path = f"/applications/new?kind={kind}"
    staff.get(path)
    once = next(each.get("value") for each in staff.page.all("input") if each.get("name") == "once")
    given = {"name": "Shop", "redirect_uris": CALLBACK, "is_first_party": "y", "once": once}
    return staff.post(path, {**given, **fields})


def _only(staff: Staff) -> ClientView:
    with read(staff.tenant.id) as session:
        (found,) = clients.list_page(session).items
    return found


def test_every_type_says_what_it_is_for(staff: Staff) -> None:
    staff.get("/applications/new")
    links = [each.get("href") for each in staff.page.all("a") if "kind=" in str(each.get("href"))]
    assert [link.rpartition("=")[2] for link in links] == ["web", "spa", "native"]


def test_x06_a_secret_is_shown_once_and_never_again(staff: Staff) -> None:
    answer = _add(staff)
    secret, made = _secret(staff), _only(staff)
    assert answer.headers["Cache-Control"] == "no-store"
    assert clients.check_secret(made, secret)
    staff.get(f"/applications/{made.id}")
    for path in ("", "/edit", "/quick-start", "/secret"):
        assert secret not in staff.get(f"/applications/{made.id}{path}").text
        assert not any(
            digest.digest in staff.get(f"/applications/{made.id}{path}").text
            for digest in made.secret_digests
        )


def test_a_form_that_is_sent_twice_adds_one_application_and_shows_no_secret_again(
    staff: Staff,
) -> None:
    staff.get("/applications/new?kind=web")
    fields = {"name": "Shop", "redirect_uris": CALLBACK, "once": "one press of the button"}
    first = staff.post("/applications/new?kind=web", fields)
    second = staff.post("/applications/new?kind=web", fields)
    assert (first.status_code, second.status_code) == (200, 303)
    staff.follow(second)
    assert (staff.told, _secret(staff)) == ("console.clients.made", "")
    assert _only(staff).name == "Shop"


def test_d06_a_press_that_was_another_forms_is_told_so(staff: Staff) -> None:
    fields = {"name": "Shop", "redirect_uris": CALLBACK, "once": "one press of the button"}
    assert staff.post("/applications/new?kind=web", fields).status_code == 200
    assert staff.post("/applications/new?kind=native", fields).status_code == 409


@pytest.mark.parametrize("kind", ["spa", "native"])
def test_a_public_application_has_no_secret(staff: Staff, kind: str) -> None:
    staff.follow(_add(staff, kind))
    made = _only(staff)
    assert (made.kind, made.is_public, made.requires_pkce) == (kind, True, True)
    assert staff.get(f"/applications/{made.id}/secret").status_code in (200, 404)
    assert "client-secret" not in staff.get(f"/applications/{made.id}").text


def test_r14_every_wrong_line_is_named_by_its_number(staff: Staff) -> None:
    lines = [CALLBACK, "http://shop.example/callback", " ", "javascript:alert(1)"]
    answer = _add(staff, redirect_uris="\r\n".join(lines))
    assert answer.status_code == 422
    wrong = staff.errors["redirect_uris"]
    assert "Line 1" not in wrong
    assert "Line 2: 'http://shop.example/callback' must use https" in wrong
    assert "Line 3: 'javascript:alert(1)'" in wrong
    field = staff.page.by_id("redirect_uris")
    assert CALLBACK in field.text
    assert "alert(1)" in field.text


def _fields(staff: Staff, path: str) -> dict[str, Any]:
    """The fields of the form on a page, as a browser sends them unchanged."""
    staff.get(path)
    form = next(f for f in staff.page.all("form") if "console-form" in (f.get("class") or ""))
    return {
        name: form.fields[name]
        if not hasattr(form.inputs[name], "value_options")
        else list(form.fields[name])
        if not isinstance(form.fields[name], str)
        else form.fields[name]
        for name in form.fields
        if name and form.fields[name] is not None
    }


def test_what_is_saved_unchanged_stays_and_what_is_changed_counts(
    staff: Staff, make: Factory
) -> None:
    client = make.client(staff.tenant, origins=["https://shop.example"], scopes=["openid"])
    path = f"/applications/{client.id}/edit"
    before = client.view
    staff.press(path, _fields(staff, path))
    assert staff.told == "console.clients.changed"
    after = _only(staff)
    same = ("redirect_uris", "origins", "scopes", "grant_types", "is_first_party", "auth_method")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    changed = _fields(staff, path) | {"name": "Store", "access_token_format": "opaque"}
    del changed["is_first_party"], changed["stays"]
    staff.press(path, changed)
    saved = _only(staff)
    assert (saved.name, saved.access_token_format, saved.is_first_party) == (
        "Store",
        "opaque",
        False,
    )
    assert saved.grant_types == ("authorization_code",)


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(staff: Staff, make: Factory) -> None:
    client = make.client(staff.tenant)
    path = f"/applications/{client.id}/edit"
    read_before = _fields(staff, path)
    staff.press(path, {**read_before, "name": "Store"})
    assert staff.post(path, {**read_before, "name": "Mine"}).status_code == 409
    assert _only(staff).name == "Store"


def test_x06_a_new_secret_overlaps_and_the_old_one_can_be_ended(
    staff: Staff, make: Factory
) -> None:
    client = make.client(staff.tenant)
    path = f"/applications/{client.id}"
    staff.get(f"{path}/secret")
    fields = {"overlap": "3600", "once": "a press"}
    staff.post(f"{path}/secret", fields)
    new = _secret(staff)
    again = staff.post(f"{path}/secret", fields)
    assert again.status_code == 303
    old = str(client.secret)
    assert [clients.check_secret(_only(staff), each) for each in (old, new)] == [True, True]
    assert staff.get(f"{path}/old-secret/end").status_code == 200
    staff.press(f"{path}/old-secret/end")
    assert staff.told == "console.clients.old_secret_ended"
    assert [clients.check_secret(_only(staff), each) for each in (old, new)] == [False, True]
    assert staff.get(f"{path}/old-secret/end").status_code == 404


def test_an_overlap_that_is_not_offered_is_refused(staff: Staff, make: Factory) -> None:
    client = make.client(staff.tenant)
    answer = staff.post(f"/applications/{client.id}/secret", {"overlap": "999999999", "once": "x"})
    assert answer.status_code == 422
    with read(staff.tenant.id) as session:
        assert len(client_secrets.list_good(session, client.id)) == 1


def test_disable_enable_and_remove_ask_and_say_what_happens(staff: Staff, make: Factory) -> None:
    client = make.client(staff.tenant)
    path = f"/applications/{client.id}"
    for verb in ("disable", "remove"):
        assert staff.get(f"{path}/{verb}").status_code == 200
        assert _only(staff).is_active
    staff.press(f"{path}/disable")
    assert (staff.told, _only(staff).is_active) == ("console.clients.disabled", False)
    staff.press(f"{path}/enable")
    assert (staff.told, _only(staff).is_active) == ("console.clients.enabled", True)
    staff.press(f"{path}/remove")
    assert staff.told == "console.clients.removed"
    assert staff.get(path).status_code == 404


def test_applications_are_searched_and_hostile_names_are_text(staff: Staff, make: Factory) -> None:
    make.client(staff.tenant, name="<script>alert(1)</script>")
    other = make.client(staff.tenant, name="Reports")
    page = staff.get("/applications").text
    assert "<script>alert" not in page
    assert other.id in page
    assert other.id in staff.get("/applications", q="repo").text
    assert other.id not in staff.get("/applications", q="nothing of it").text


def test_secrets_need_a_fresh_sign_in_and_a_developer_may_make_them(
    staff: Staff, make: Factory
) -> None:
    client = make.client(staff.tenant)
    developer = staff("developer")
    assert developer.get(f"/applications/{client.id}/secret").status_code == 200
    assert developer.get(f"/applications/{client.id}/remove").status_code == 403
    assert staff("support").get(f"/applications/{client.id}/secret").status_code == 403
    clock.move(3_600)
    sent = developer.post(f"/applications/{client.id}/secret", {"overlap": "0", "once": "x"})
    assert sent.status_code == 303
    assert clients.check_secret(_only(staff), str(client.secret))


@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_the_quick_start_is_filled_in(staff: Staff, make: Factory, kind: str) -> None:
    uri = "com.example.app:/callback" if kind == "native" else CALLBACK
    client = make.client(staff.tenant, kind=kind, redirect_uris=[uri])
    page = staff.get(f"/applications/{client.id}/quick-start").text
    assert client.id in page
    assert staff.tenant.issuer in page
    libraries = {
        each.get("href").rpartition("=")[2]
        for each in staff.page.all("a")
        if "library=" in str(each.get("href"))
    }
    assert len(libraries) == (7 if kind == "web" else 1)
    assert staff.get(f"/applications/{client.id}/quick-start", library="nobody").status_code == 200


def test_x04_a_developer_makes_no_application_that_may_do_everything_with_an_account(
    staff: Staff, make: Factory
) -> None:
    made, everything = make.client(staff.tenant, scopes=["openid"]).id, ["openid", "account"]
    actor = Actor("admin", "usr_developer", roles=frozenset({"developer"}))
    with write(staff.tenant.id) as session, pytest.raises(Forbidden):
        clients.create(session, actor, name="Mine", kind="spa", scopes=everything)
    with write(staff.tenant.id) as session, pytest.raises(Forbidden):
        clients.update(session, actor, made, scopes=everything)
    with write(staff.tenant.id) as session:
        clients.update(session, actor, made, scopes=["openid", "email"])
        clients.update(session, replace(actor, roles=frozenset({"admin"})), made, scopes=everything)
        clients.update(session, actor, made, name="Renamed", scopes=everything)
