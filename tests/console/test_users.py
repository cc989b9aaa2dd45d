"""People in the console: found, looked at, added, and changed as far as an admin may."""

from typing import Any

import pytest
from sqlalchemy import select

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import contacts, people, required_passwords, sessions, support_recovery
from app.directory.tenants import Tenant
from app.models import Credential, User
from tests.console.staff import Staff
from tests.factories import PASSWORD, Factory, MadeUser

pytestmark = pytest.mark.one_database

HOSTILE = '<img src=x onerror=alert(1)>"\u202e\x1b[31m\nEve'


@pytest.fixture
def jane(make: Factory, tenant: Tenant) -> MadeUser:
    return make.user(tenant, "jane@example.com", display_name="Jane Doe")


def row_of(tenant: Tenant, user_id: str) -> User:
    with read(tenant.id) as session:
        row = people.get(session, user_id)
    assert row is not None
    return row


def session_of(tenant: Tenant, user_id: str) -> sessions.Opened:
    with write(tenant.id) as session:
        return sessions.open(
            session,
            Actor("user", user_id, "192.0.2.9"),
            tenant,
            cookie_value=None,
            user_id=user_id,
            amr=["pwd"],
            acr=None,
            auth_time=1_700_000_000_000,
        )


def named(staff: Staff) -> list[str]:
    """Who stands in the list."""
    return [each.text_content() for each in staff.page.all("td") if each.find("a") is not None]


def test_the_list_is_searched_filtered_and_paged(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    make.user(tenant, "bob@example.com", display_name=HOSTILE)
    staff.get("/users")
    assert len(named(staff)) == 2
    for query in ("jane", "doe", "JANE@example.com", jane.id):
        staff.get("/users", q=query)
        assert named(staff) == ["Jane Doe"], query
    for query in ("%", "_", "' OR 1=1 --", "\ud7ff", "x" * 300):
        staff.get("/users", q=query)
        assert (staff.status, named(staff)) == (200, [])
    staff.get("/users", status="disabled")
    assert named(staff) == []
    staff.get("/users", factors="no_mfa", signed_in="never", order="oldest", since="2020-01-01")
    assert named(staff)[0] == "Jane Doe"
    for wrong in ({"status": "erased"}, {"since": "soon"}, {"q": "x" * 400}):
        staff.get("/users", **wrong)
        assert staff.status == 422


def test_pages_follow_each_other(staff: Staff, tenant: Tenant) -> None:
    with write(tenant.id) as session:
        for number in range(53):
            people.create(session, CLI, display_name=f"Person {number:02}")
    staff.get("/users", q="person")
    assert len(named(staff)) == 50
    (onwards,) = [each for each in staff.page.all("a") if each.get("rel") == "next"]
    staff.get("/users" + onwards.get("href").partition("/users")[2])
    assert named(staff) == ["Person 02", "Person 01", "Person 00"]


def test_x13_hostile_names_are_words_and_nothing_else(
    staff: Staff, make: Factory, tenant: Tenant
) -> None:
    eve = make.user(tenant, display_name=HOSTILE)
    for path in ("", "/block", "/edit", "/delete", "/activity", "/export"):
        answer = staff.get(f"/users/{eve.id}{path}")
        text = answer.get_data(as_text=True)
        assert "<img" not in text
        assert not {"\x1b", "\u202e"} & set(text)
        assert "[31m Eve" in staff.words


def test_x07_a_new_user_chooses_the_password_by_mail(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    staff.get("/users/new")
    assert not [each for each in staff.page.all("input") if each.get("type") == "password"]
    staff.post("/users/new", {"email": jane.email, "way": "account"})
    assert staff.errors == {"email": "console.users.taken"}
    staff.post("/users/new", {"email": "nonsense", "way": "account"})
    assert staff.errors == {"email": "error.email_invalid"}
    given = {"email": "new@example.com", "name": "New One", "locale": "de", "password": PASSWORD}
    staff.press("/users/new", {**given, "way": "account"})
    assert staff.told == "console.users.added_account"
    with read(tenant.id) as session:
        person = people.find_by_email(session, "new@example.com")
    assert person is not None
    assert (person.password_hash, person.email_verified, person.locale) == (None, False, "de")
    ((purpose, mail),) = make.mails(tenant)
    assert (purpose, mail.to, mail.locale) == ("welcome", "new@example.com", "de")
    assert mail.values == {"link": f"{tenant.base_url}/recover"}
    staff.press(f"/users/{person.user_id}/welcome")
    assert [each for each, _ in make.mails(tenant)] == ["welcome", "welcome"]


def test_somebody_is_invited_to_an_organization(
    staff: Staff, make: Factory, tenant: Tenant
) -> None:
    organization_id = make.organization(tenant, "Acme")
    given = {"email": "new@example.com", "way": "invitation"}
    staff.post("/users/new", given)
    assert staff.errors == {"organization": "console.users.no_organization"}
    staff.press("/users/new", {**given, "organization": organization_id})
    assert [each for each, _ in make.mails(tenant)] == ["invitation"]
    with read(tenant.id) as session:
        assert people.find_by_email(session, "new@example.com") is None


def test_x06_credentials_are_listed_without_what_they_are_made_of(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    make.authenticator(tenant, jane, "My phone")
    codes = make.recovery_codes(tenant, jane)
    with read(tenant.id) as session:
        query = select(Credential.secret).where(Credential.tenant_id == tenant.id)
        secrets = [*session.scalars(query), *codes]
    staff.get(f"/users/{jane.id}/credentials")
    assert "My phone" in staff.words
    assert "10 left" in staff.words
    for tab in ("", "/credentials", "/sessions", "/activity"):
        text = staff.get(f"/users/{jane.id}{tab}").get_data(as_text=True)
        assert not [each for each in secrets if each in text]
    document = staff.post(f"/users/{jane.id}/export").get_data(as_text=True)
    assert not [each for each in secrets if each in document]


def test_x06_every_field_of_a_credential_is_out_of_reach(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    """No form has such a field, and one that is sent along changes nothing."""
    before = row_of(tenant, jane.id)
    with read(tenant.id) as session:
        known = people.snapshot_of(session, jane.id)
    assert known is not None
    sent = {"name": "Jane", "row_version": before.row_version, "locale": ""}
    staff.press(
        f"/users/{jane.id}/edit",
        {**sent, "password_hash": "x", "secret": "x", "status": "erased", "mfa_required": "1"},
    )
    after = row_of(tenant, jane.id)
    assert (after.display_name, after.status, after.mfa_required) == ("Jane", "active", False)
    with read(tenant.id) as session:
        now = people.snapshot_of(session, jane.id)
    assert now is not None
    assert now.password_hash == known.password_hash


def test_metadata_is_json_and_a_stale_form_changes_nothing(
    staff: Staff, tenant: Tenant, jane: MadeUser
) -> None:
    path = f"/users/{jane.id}/metadata"
    version = {"row_version": row_of(tenant, jane.id).row_version}
    for wrong in ("[1]", "{", '"x"', "{'a': 1}", "[" * 5_000):
        staff.post(path, {"public_metadata": wrong, "private_metadata": "", **version})
        assert staff.errors == {"public_metadata": "console.form.not_json"}, wrong
    right = {"public_metadata": '{"plan": "<b>"}', "private_metadata": '{"risk": 1}'}
    staff.press(path, {**right, **version})
    row = row_of(tenant, jane.id)
    assert (row.public_metadata, row.private_metadata) == ({"plan": "<b>"}, {"risk": 1})
    staff.post(path, {**right, **version})
    assert staff.status == 409
    support = staff("support")
    support.get(f"/users/{jane.id}")
    assert '"plan"' in support.words
    assert '"risk"' not in support.words


def test_blocking_says_what_happens_and_is_undone(
    staff: Staff, tenant: Tenant, jane: MadeUser
) -> None:
    session_of(tenant, jane.id)
    support = staff("support")
    support.get(f"/users/{jane.id}/block")
    assert "Jane Doe is signed out everywhere" in support.words
    assert row_of(tenant, jane.id).status == "active", "looking changes nothing"
    support.press(f"/users/{jane.id}/block", confirmed="yes")
    assert (support.told, row_of(tenant, jane.id).status) == ("console.users.blocked", "disabled")
    with read(tenant.id) as session:
        assert sessions.list_of_user(session, jane.id) == []
    support.press(f"/users/{jane.id}/unblock")
    assert row_of(tenant, jane.id).status == "active"


def test_x07_a_new_password_is_required_but_never_set(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    session_of(tenant, jane.id)
    staff.press(f"/users/{jane.id}/require-password", ends_sessions="y")
    assert staff.told == "console.users.password_required"
    with read(tenant.id) as session:
        assert required_passwords.since(session, jane.id) is not None
        assert sessions.list_of_user(session, jane.id) == []
    staff.press(f"/users/{jane.id}/keep-password")
    without = make.user(tenant, password=None)
    staff.post(f"/users/{without.id}/require-password")
    assert (staff.status, staff.messages) == (422, ["This person has no password."])
    assert not [rule for rule in staff.app.url_map.iter_rules() if "set-password" in rule.rule]


def test_all_sessions_end_only_as_they_were_seen(
    staff: Staff, tenant: Tenant, jane: MadeUser
) -> None:
    session_of(tenant, jane.id)
    path = f"/users/{jane.id}/sessions/end"
    staff.get(path)
    assert "sessions: 1, applications with access: 0" in staff.words
    seen = staff.page.all("form")[-1].find(".//input[@name='expected']").get("value")
    session_of(tenant, jane.id)
    staff.post(path, expected=seen)
    assert staff.status == 409
    assert "sessions: 2" in staff.words
    with read(tenant.id) as session:
        assert len(sessions.list_of_user(session, jane.id)) == 2
    again = staff.page.all("form")[-1].find(".//input[@name='expected']").get("value")
    staff.press(path, expected=again)
    assert staff.told == "console.users.all_ended"
    with read(tenant.id) as session:
        assert sessions.list_of_user(session, jane.id) == []


def test_one_session_ends_and_no_other_persons(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    opened, bob = session_of(tenant, jane.id), make.user(tenant)
    staff.get(f"/users/{jane.id}/sessions")
    assert "192.0.2.9" in staff.words
    assert staff.post(f"/users/{bob.id}/sessions/{opened.session_id}/end").status_code == 404
    staff.press(f"/users/{jane.id}/sessions/{opened.session_id}/end")
    assert staff.told == "console.users.session_ended"


def test_support_starts_a_recovery_and_the_person_finishes_it(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    """The rule of two steps: nothing of the person's changes by what support does."""
    make.authenticator(tenant, jane)
    support = staff("support")
    path = f"/users/{jane.id}/recovery"
    support.post(path)
    assert support.errors == {"reason": "console.form.needed"}
    support.press(path, reason="She called, and knew her contract number")
    assert support.told == "console.users.recovery_started"
    assert "She called" in support.words
    assert "recovery_started" in [purpose for purpose, _ in make.mails(tenant)]
    with read(tenant.id) as session:
        query = select(Credential.kind).where(
            Credential.tenant_id == tenant.id, Credential.user_id == jane.id
        )
        assert sorted(session.scalars(query)) == ["password", "totp"]
        assert [each.user_id for each in support_recovery.list_open(session, tenant)] == [jane.id]
    support.press(f"{path}/cancel")
    with read(tenant.id) as session:
        assert support_recovery.list_open(session, tenant) == []
    unreachable = make.user(tenant, verified=False)
    support.post(f"/users/{unreachable.id}/recovery", reason="x")
    assert support.messages == ["The user has no verified email address."]


def test_identifiers_are_added_only_where_nobody_has_proven_one(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    """Whoever proves an address owns the account: an admin must not hand it to somebody else."""
    path = f"/users/{jane.id}/contacts/new"
    staff.post(path, kind="email", value="attacker@example.com")
    assert staff.errors == {"kind": "console.users.has_proven"}
    for kind, value, wrong in (("phone", "12", "bad_phone"), ("username", "admin", "bad_username")):
        staff.post(path, kind=kind, value=value)
        assert staff.errors == {"value": f"console.users.{wrong}"}
    staff.press(path, kind="username", value="Jane.7")
    mistyped = make.user(tenant, "jhon@example.com", None, verified=False)
    staff.post(f"/users/{mistyped.id}/contacts/new", kind="email", value=jane.email)
    assert staff.errors == {"value": "console.users.taken"}
    staff.press(f"/users/{mistyped.id}/contacts/new", kind="email", value="john@example.com")
    with read(tenant.id) as session:
        by_value = {each.value: each for each in contacts.list_of_user(session, mistyped.id)}
    assert not by_value["john@example.com"].is_verified
    staff.press(f"/users/{mistyped.id}/contacts/{by_value['jhon@example.com'].id}/remove")
    staff.post(f"/users/{mistyped.id}/contacts/{by_value['john@example.com'].id}/remove")
    assert staff.status == 409, "whoever has proven nothing keeps the address to prove"
    staff.press(f"/users/{mistyped.id}/contacts/{by_value['john@example.com'].id}/verify")
    with read(tenant.id) as session:
        (left,) = contacts.list_of_user(session, mistyped.id)
    assert (left.value, left.is_verified, left.is_primary) == ("john@example.com", True, True)
    staff.post(f"/users/{mistyped.id}/contacts/{left.id}/remove")
    assert staff.status == 409, "the last way in stays"


def test_deletion_waits_or_takes_the_typed_address(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    path = f"/users/{jane.id}/delete"
    staff.press(path, when="later")
    assert row_of(tenant, jane.id).deletion_due_at is not None
    assert "deletion_asked" in [purpose for purpose, _ in make.mails(tenant)]
    staff.press(f"/users/{jane.id}/keep")
    assert row_of(tenant, jane.id).deletion_due_at is None
    staff.post(path, when="now", typed="somebody else")
    assert staff.errors == {"typed": "console.users.not_typed"}
    staff.press(path, when="now", typed="JANE@example.com")
    assert (staff.told, row_of(tenant, jane.id).status) == ("console.users.deleted", "erased")
    assert staff.get(f"/users/{jane.id}").status_code == 404
    staff.get("/users")
    assert "Jane Doe" not in staff.words


def test_the_export_is_a_file_and_is_written_down(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    staff.get(f"/users/{jane.id}/export")
    assert "user.exported" not in make.events(tenant)
    answer = staff.post(f"/users/{jane.id}/export")
    document: dict[str, Any] = answer.get_json()
    assert document["profile"]["id"] == jane.id
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{jane.id}.json"'
    assert make.events(tenant).count("user.exported") == 1


def test_what_takes_a_fresh_sign_in_asks_for_one(staff: Staff, jane: MadeUser) -> None:
    staff.grow_old()
    for path in ("delete", "export"):
        answer = staff.get(f"/users/{jane.id}/{path}")
        assert "/oauth2/authorize" in answer.headers["Location"]
    assert staff.get(f"/users/{jane.id}").status_code == 200


def test_x04_support_deletes_and_exports_nobody_and_developers_see_nobody(
    staff: Staff, jane: MadeUser
) -> None:
    support, developer, viewer = staff("support"), staff("developer"), staff("viewer")
    for path in ("delete", "export", "metadata", "contacts/new"):
        assert support.get(f"/users/{jane.id}/{path}").status_code == 403
    assert "Delete user" not in support.get(f"/users/{jane.id}").get_data(as_text=True)
    assert developer.get("/users").status_code == 403
    assert developer.get(f"/users/{jane.id}").status_code == 403
    assert viewer.get(f"/users/{jane.id}").status_code == 200
    for path in ("block", "require-password", "sessions/end", "recovery"):
        assert viewer.get(f"/users/{jane.id}/{path}").status_code == 403


def test_every_tab_shows_what_there_is(
    staff: Staff, make: Factory, tenant: Tenant, jane: MadeUser
) -> None:
    make.organization(tenant, "Northwind Labs", jane)
    session_of(tenant, jane.id)
    expected = {
        "": "jane@example.com",
        "/credentials": "Password",
        "/sessions": "192.0.2.9",
        "/identities": "No account at another provider",
        "/organizations": "Northwind Labs",
        "/apps": "allowed no application",
        "/activity": "A user was created.",
    }
    for path, words in expected.items():
        staff.get(f"/users/{jane.id}{path}")
        assert words in staff.words
    staff.press(f"/users/{jane.id}/require-mfa", required="yes")
    assert row_of(tenant, jane.id).mfa_required
    staff.press(f"/users/{jane.id}/require-mfa", required="no")
    assert not row_of(tenant, jane.id).mfa_required
