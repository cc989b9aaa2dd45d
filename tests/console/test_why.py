"""Issue 5, point 8: for any sign-in, what was asked, answered, sent and told; and no secret."""

from contextlib import ExitStack
from typing import Any

import lxml.html
import pytest
from flask import Flask

from app import clock
from app.database import read
from app.flow import trace
from app.models import Flow
from tests.console.staff import Staff
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.federation import met
from tests.journeys.moves import CODES_ONLY, rows, wrong
from tests.visitors import HtmlVisitor, Page, Visit

WRONG = "not the right one at all"


@pytest.fixture
def client(make: Factory, tenant: Any) -> MadeClient:
    return make.client(tenant)


@pytest.fixture
def jane(make: Factory, tenant: Any) -> MadeUser:
    return make.user(tenant)


def _flow_id(client: MadeClient) -> str:
    return str(rows(Flow, client.tenant)[-1].id)


def _lines(staff: Staff) -> list[str]:
    """The sentences of the timeline."""
    (listed,) = [each for each in staff.page.all("ol") if each.get("class") == "timeline"]
    return [each.text_content().strip() for each in listed.iter("p")]


def test_g24_why_tells_each_step_and_no_secret(
    staff: Staff, client: MadeClient, jane: MadeUser, visit: Visit
) -> None:
    visitor = visit(client)
    visitor.submit(email=jane.email)
    visitor.submit(password=WRONG)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    staff.get(f"/why/{_flow_id(client)}")
    lines = _lines(staff)
    told = [
        "Asked for a proof",
        "By: Password",
        "A wrong password was given.",
        "Proven by: Password",
        "Finished: the browser was sent on, signed in",
        "A user signed in.",
    ]
    assert [lines.index(each) for each in told] == sorted(lines.index(each) for each in told)
    assert "Reason: nothing was proven yet no_proof" in [" ".join(each.split()) for each in lines]
    assert jane.email in staff.words
    page = staff.page.tree.text_content()
    for secret in (WRONG, PASSWORD, visitor.answer.get("code") or "no code yet"):
        assert secret not in page


@pytest.mark.one_database
def test_why_tells_of_messages_and_wrong_codes(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=CODES_ONLY)
    staff, client, jane = Staff(app, tenant), make.client(tenant), make.user(tenant, password=None)
    visitor = HtmlVisitor(staff.app, client)
    visitor.open()
    visitor.submit(email=jane.email)
    code = make.code(tenant, jane.email)
    visitor.submit(code=wrong(code))
    staff.get(f"/why/{_flow_id(client)}")
    lines = _lines(staff)
    hidden = f"{jane.email[0]}•••@example.com"
    assert f"Message “sign_in_code” by mail to {hidden}: queued" in lines
    assert "A one-time code was wrong." in lines
    assert code not in staff.page.tree.text_content()
    assert "Still running" in staff.words
    clock.move(3_600)
    colleague = staff("support")
    colleague.get(f"/why/{_flow_id(client)}")
    assert _lines(colleague)[-1] == "The time was over before it was finished"


@pytest.mark.one_database
def test_why_tells_what_a_provider_answered_and_why_it_was_refused(
    app: Flask, staff: Staff, make: Factory, client: MadeClient, tenant: Any
) -> None:
    with ExitStack() as stack:
        google = stack.enter_context(met(app, make, tenant))
        google.provider.script.redirect = {"error": "access_denied"}
        visitor = HtmlVisitor(app, client)
        visitor.open()
        google.pass_through(visitor)
    staff.get(f"/why/{_flow_id(client)}")
    lines = _lines(staff)
    assert "The browser was sent to Google" in lines
    assert any(each.startswith("A provider's answer was refused") for each in lines)
    assert "Reason: access_denied_upstream" in [" ".join(each.split()) for each in lines]


@pytest.mark.one_database
def test_why_tells_with_which_error_somebody_was_sent_back(
    staff: Staff, make: Factory, jane: MadeUser, tenant: Any
) -> None:
    client = make.client(tenant, name="Planner", is_first_party=False)
    visitor = HtmlVisitor(staff.app, client)
    visitor.open()
    visitor.submit(email=jane.email)
    visitor.submit(password=PASSWORD)
    visitor.submit("deny")
    staff.get(f"/why/{_flow_id(client)}")
    assert "Sent back with the error access_denied" in _lines(staff)


def test_the_code_of_an_error_page_leads_to_its_sign_in(
    staff: Staff, client: MadeClient, jane: MadeUser
) -> None:
    visitor = HtmlVisitor(staff.app, client)
    visitor.open()
    visitor.submit(email=jane.email)
    flow_id = _flow_id(client)
    stranger = staff.app.test_client().get(f"{client.tenant.base_url}/flow/{flow_id}")
    assert stranger.status_code == 403
    code = Page(stranger.text).tree.text_content().partition("give this code:")[2].split()[0]
    found = staff.get("/why", code=code.lower().replace("-", " "))
    assert found.headers["Location"].endswith(f"/why/{flow_id}")
    for query in (
        {"q": jane.email.upper()},
        {"q": client.id},
        {"q": flow_id},
        {"code": flow_id},
        {},
    ):
        answer = staff.get("/why", **query)
        listed = answer.headers.get("Location", "") + answer.get_data(as_text=True)
        assert f"/why/{flow_id}" in listed, query
    staff.get("/why", q="nobody@example.com")
    assert "No sign-in fits" in staff.words
    visitor.submit(password=PASSWORD)
    staff.get("/why", q=jane.id)
    assert f"/why/{flow_id}" in staff.words + lxml.html.tostring(staff.page.tree).decode()


@pytest.mark.one_database
def test_a_code_outside_any_sign_in_says_where_else_to_look(
    staff: Staff, client: MadeClient
) -> None:
    lost = staff.app.test_client().get(f"{client.tenant.base_url}/flow/flw_unknown")
    code = Page(lost.text).tree.text_content().partition("give this code:")[2].split()[0]
    assert lost.headers["X-Request-Id"].endswith(code.replace("-", "").lower())
    staff.get("/why", code=code)
    assert "request_id" in staff.words


@pytest.mark.one_database
def test_a_trace_is_bounded(client: MadeClient, jane: MadeUser, app: Flask) -> None:
    visitor = HtmlVisitor(app, client)
    visitor.open()
    for _ in range(trace.MOST // 2 + 1):
        visitor.submit(email=jane.email)
        visitor.submit("change")
    (flow,) = rows(Flow, client.tenant)
    assert len(flow.trace) == trace.MOST
    with read(client.tenant.id):
        assert jane.email not in str(flow.trace)


@pytest.mark.one_database
def test_d05_a_trace_names_no_action_that_nobody_offers(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(methods=CODES_ONLY))
    user = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(code=make.code(client.tenant, user.email))
    clock.move(700)
    visitor.follow(visitor.get(f"{visitor.base}/account"))
    visitor.follow(visitor.get(f"{visitor.base}/account/emails/add"))
    assert visitor.screen == "notice"
    visitor.submit("typed-by-somebody" * 1_000)
    flow = rows(Flow, client.tenant)[-1]
    assert flow.trace
    assert "typed-by-somebody" not in str(flow.trace)
