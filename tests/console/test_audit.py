"""Seeds' audit row, SECURITY X06 and X13: the audit log in the console."""

import csv
import io
import json

import pytest

from app import clock
from app.actor import CLI, Actor
from app.audit import events, sealing, search
from app.audit.log import list_page, record
from app.audit.search import Sought
from app.database import read, write
from app.directory.tenants import Tenant
from app.support_codes import of_id
from tests.console.staff import Staff
from tests.factories import Factory, MadeUser

VISITOR = Actor("user", None, "203.0.113.9", "Firefox", "7zkq0c4nk7qm3xpd")
HOSTILE = "=1+1\r\nevil\x1b[31m"


@pytest.fixture
def jane(make: Factory, tenant: Tenant) -> MadeUser:
    """A person to whom two things happened."""
    jane = make.user(tenant, password=None, display_name="Jane Müller")
    with write(tenant.id) as session:
        record(
            session,
            events.PASSWORD_FAILED,
            VISITOR,
            subject_id=jane.id,
            targets=[("client", "cli_1")],
            data={"note": HOSTILE, "town": "Köln"},
        )
        record(session, events.EMAIL_CODE_STARTED, CLI, subject_id=jane.id)
    return jane


def _shown(staff: Staff) -> list[str]:
    return [each.text_content() for each in staff.page.all("code")]


def test_audit_events_are_found_by_each_filter(staff: Staff, jane: MadeUser) -> None:
    failed, started = events.PASSWORD_FAILED, events.EMAIL_CODE_STARTED
    for query, expected in (
        ({"event": failed}, [failed]),
        ({"event": "user.*", "subject": jane.id, "actor": "cli"}, {started, events.USER_CREATED}),
        ({"target": "cli_1"}, [failed]),
        ({"code": of_id(VISITOR.request_id or "")}, [failed]),
        ({"code": VISITOR.request_id}, [failed]),
        ({"q": "müller"}, {failed, started, events.USER_CREATED}),
        ({"q": "köln"}, [failed]),
        ({"q": "wrong password"}, [failed]),
        ({"q": "nothing says this"}, []),
        ({"from": "2020-01-01", "to": "2020-01-02"}, []),
    ):
        staff.get("/audit", **query)
        assert staff.status == 200
        assert {*_shown(staff)} == {*expected}, query


@pytest.mark.one_database
def test_audit_days_that_are_none_are_refused(staff: Staff) -> None:
    staff.get("/audit", **{"from": "yesterday"})
    assert (staff.status, staff.messages) == (422, ["console.audit.day_wrong"])
    staff.get("/audit", **{"from": "2026-02-02", "to": "2026-02-01"})
    assert staff.messages == ["console.audit.days_turned"]


def test_audit_pages_go_on_by_key_and_a_search_ends_somewhere(
    staff: Staff, jane: MadeUser, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write(tenant.id) as session:
        for _ in range(120):
            record(session, events.PASSWORD_FAILED, VISITOR)
    seen, after = 0, None
    with read(tenant.id) as session:
        while True:
            page = search.search(session, Sought(), after=after, limit=500)
            assert len(page.items) <= search.LARGEST
            seen, after = seen + len(page.items), page.next_cursor
            if after is None:
                break
        assert seen == len(list_page(session, limit=500).items)
        monkeypatch.setattr(search, "SCANNED", 50)
        cut = search.search(session, Sought(target="cli_1"))
        assert (cut.items, cut.scanned_to is None) == ((), False)
        further = search.search(session, Sought(target="cli_1"), after=cut.next_cursor)
        assert further.items == ()
    staff.get("/audit", target="cli_1")
    assert "Searched back to" in staff.words
    staff.get("/audit")
    assert len(staff.page.all("td")) == 4 * 50


@pytest.mark.one_database
def test_x06_personal_data_is_for_those_who_may_see_it(
    staff: Staff, jane: MadeUser, tenant: Tenant
) -> None:
    with read(tenant.id) as session:
        event = search.search(session, Sought(event=events.PASSWORD_FAILED)).items[0]
    staff.get(f"/audit/{event.id}")
    assert "203.0.113.9" in staff.words
    assert "Jane Müller" in staff.words
    viewer = staff("viewer")
    viewer.get(f"/audit/{event.id}")
    assert viewer.status == 200
    assert "203.0.113.9" not in viewer.words
    viewer.post("/audit/export", {"format": "csv"})
    assert viewer.status == 403
    assert "Not sealed yet" in staff.words
    clock.move(120)
    while sealing.run_once():
        pass
    colleague = staff("support")
    colleague.get(f"/audit/{event.id}")
    assert "Sealed at place" in colleague.words
    staff("owner").get("/audit/evt_missing")


@pytest.mark.one_database
def test_x13_an_export_neutralises_formulas_and_lines_and_is_noted(
    staff: Staff, jane: MadeUser, tenant: Tenant
) -> None:
    with write(tenant.id) as session:
        hostile = Actor("user", "@SUM(A1)", "203.0.113.9", HOSTILE)
        record(session, events.PASSWORD_FAILED, hostile, subject_id=jane.id)
    answer = staff.post("/audit/export", {"format": "csv", "subject": jane.id})
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0]["actor_id"] == "'@SUM(A1)"
    assert rows[0]["user_agent"] == "'=1+1  evil [31m"
    assert not any("\n" in cell or "\x1b" in cell for row in rows for cell in row.values())
    assert answer.text.count("\r\n") == len(rows) + 1

    document = json.loads(staff.post("/audit/export", {"format": "json", "q": "köln"}).text)
    assert [each["data"]["town"] for each in document] == ["Köln"]
    with read(tenant.id) as session:
        noted = list_page(session, event=events.AUDIT_EXPORTED).items
    assert [each.data["filter"] for each in noted] == [["from", "q"], ["from", "subject"]]
    assert noted[0].actor_id == staff.user_id


@pytest.mark.one_database
def test_x13_an_export_spans_a_year_at_most(staff: Staff) -> None:
    staff.post("/audit/export", {"format": "csv", "from": "2020-01-01"})
    assert (staff.status, staff.messages) == (422, ["console.audit.export_too_long"])


@pytest.mark.one_database
def test_33_each_family_is_kept_as_long_as_the_tenant_says(staff: Staff) -> None:
    staff.get("/audit/retention")
    assert staff.status == 200
    staff.post("/audit/retention", {"user": "10"})
    assert (staff.status, staff.errors) == (422, {"user": "console.audit.days_wrong"})
    staff.press("/audit/retention", {"user": "90"})
    assert staff.told == "console.audit.kept_set"
    field = staff.page.by_id("user")
    assert field is not None
    assert field.get("value") == "90"
    viewer = staff("viewer")
    viewer.get("/audit/retention")
    assert "90" in viewer.words
    viewer.post("/audit/retention", {"user": "31"})
    assert viewer.status == 403


@pytest.mark.one_database
def test_41_the_signed_end_of_the_chain_is_shown(staff: Staff, jane: MadeUser) -> None:
    staff.get("/audit/chain")
    assert "Nothing is sealed yet" in staff.words
    clock.move(120)
    while sealing.run_once():
        pass
    staff = staff("owner")
    staff.get("/audit/chain")
    assert staff.page.by_id("head") is not None
