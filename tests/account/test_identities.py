"""Linked identities at the portal: tied by their owner alone, undone, and never the last way in."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import connections, linked_identities, people
from app.directory.linked_identities import Linked
from tests.account.resident import Resident, resident, settle
from tests.doubles import oidc_browser
from tests.doubles.oidc_browser import Returned
from tests.factories import Factory
from tests.journeys.federation import Upstream, met


@pytest.fixture
def meeting() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def person(app: Flask, make: Factory) -> Resident:
    return resident(app, make)


@pytest.fixture
def google(app: Flask, make: Factory, person: Resident, meeting: ExitStack) -> Upstream:
    return meeting.enter_context(met(app, make, person.client.tenant))


def _linked(person: Resident) -> Sequence[Linked]:
    with read(person.client.tenant.id) as session:
        return linked_identities.of_user(session, person.user.id)


def _off(person: Resident, google: Upstream) -> str:
    """Ask for the link on the page, and go; the provider's URL."""
    person.go("/security")
    person.press(f"/identities/link/{google.connection.id}")
    assert person.screen == "upstream", (person.status, person.url)
    return _leave(person, google)


def _leave(person: Resident, google: Upstream) -> str:
    flow_id = person.url.rpartition("/")[2]
    response = person.get(f"{person.base}/connections/{google.connection.id}/start?flow={flow_id}")
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.headers["Location"]


def _tie(person: Resident, google: Upstream, **claims: object) -> None:
    url = _off(person, google)
    google.provider.script.person.update(claims)
    _come_back(person, oidc_browser.visit(url))


def _come_back(person: Resident, returned: Returned) -> None:
    person.follow(person.get(returned.target, query_string=returned.parameters))


def test_an_identity_is_tied_shown_told_of_and_undone(
    make: Factory, person: Resident, google: Upstream
) -> None:
    tenant = person.client.tenant
    _tie(person, google, sub="g-1", email="elsewhere@gmail.example")
    assert (person.url, person.told) == (
        f"{person.base}/account/security",
        "account.told.identity_added",
    )
    (kept,) = _linked(person)
    assert (kept.subject, kept.label) == ("g-1", "elsewhere@gmail.example")
    assert person.shows("elsewhere@gmail.example")
    assert f"/identities/link/{google.connection.id}" not in person.text
    person.go(f"/identities/{kept.id}/unlink")
    person.submit()
    assert person.told == "account.told.identity_removed"
    assert _linked(person) == []
    told = [purpose for purpose, _ in make.mails(tenant)]
    assert told[-2:] == ["identity_added", "identity_removed"]
    assert make.events(tenant).count("identity.linked") == 1
    assert make.events(tenant).count("identity.unlinked") == 1


def test_a_link_changes_neither_address_nor_session(person: Resident, google: Upstream) -> None:
    before = person.http.get_cookie("authpage_session")
    _tie(person, google, email="elsewhere@gmail.example")
    assert person.http.get_cookie("authpage_session") == before
    with read(person.client.tenant.id) as session:
        found = people.snapshot_of(session, person.user.id)
    assert found is not None
    assert found.email == person.user.email


def test_an_identity_of_somebody_else_stays_theirs(
    app: Flask, make: Factory, person: Resident, google: Upstream
) -> None:
    _tie(person, google, sub="g-1")
    other = Resident(app, person.client, make.user(person.client.tenant))
    _tie(other, google, sub="g-1")
    assert (other.screen, _linked(other)) == ("upstream", [])
    assert [each.subject for each in _linked(person)] == ["g-1"]
    other.submit("another_way")
    assert other.url == f"{other.base}/account/security"


def test_a09_a_proof_for_one_user_is_good_for_no_other(
    app: Flask, make: Factory, person: Resident, google: Upstream
) -> None:
    returned = oidc_browser.visit(_off(person, google))
    other = Resident(app, person.client, make.user(person.client.tenant))
    response = other.get(returned.target, query_string=returned.parameters)
    assert response.status_code == 403
    assert (_linked(person), _linked(other)) == ([], [])


def test_a09_another_account_in_the_same_browser_gets_nothing(
    make: Factory, person: Resident, google: Upstream
) -> None:
    returned = oidc_browser.visit(_off(person, google))
    person.sign_out()
    person.pass_flow(make.user(person.client.tenant))
    person.follow(person.get(returned.target, query_string=returned.parameters))
    assert _linked(person) == []


def test_a10_sibling_proofs_die_when_one_came_true(person: Resident, google: Upstream) -> None:
    first = _off(person, google)
    google.provider.script.person["sub"] = "g-1"
    early = oidc_browser.visit(first)
    _tie(person, google, sub="g-2")
    _come_back(person, early)
    assert [each.subject for each in _linked(person)] == ["g-2"]


def test_a10_and_when_the_identity_was_unlinked(person: Resident, google: Upstream) -> None:
    tenant, early = person.client.tenant, oidc_browser.visit(_off(person, google))
    with write(tenant.id) as session:
        linked_identities.link(
            session,
            CLI,
            person.user.id,
            connection_id=google.connection.id,
            generation=google.connection.generation,
            subject="g-9",
            label=None,
        )
    (kept,) = _linked(person)
    with write(tenant.id) as session:
        linked_identities.unlink(session, CLI, person.user.id, kept.id)
    _come_back(person, early)
    assert (person.screen, _linked(person)) == ("upstream", [])


def test_a11_no_link_starts_it_and_none_can_be_made_up(person: Resident, google: Upstream) -> None:
    path = f"/identities/link/{google.connection.id}"
    assert person.get(f"{person.base}/account{path}").status_code == 405
    assert person.http.post(f"{person.base}/account{path}").status_code == 400
    made_up = person.get(f"{person.base}/connections/{google.connection.id}/start?flow=flw_{0:026}")
    assert made_up.status_code == 404


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a12_another_site_starts_nothing(
    person: Resident, google: Upstream, headers: dict[str, str]
) -> None:
    person.go("/security")
    path = f"{person.base}/account/identities/link/{google.connection.id}"
    token = {"csrf_token": person.page.csrf_token}
    assert person.http.post(path, data=token, headers=headers).status_code == 403
    assert person.http.post(path, headers=headers).status_code == 400


def test_a12_an_old_sign_in_is_asked_again_first(person: Resident, google: Upstream) -> None:
    clock.move(3_600)
    person.go("/security")
    person.press(f"/identities/link/{google.connection.id}")
    assert person.screen == "password"
    person.submit(password=person.user.password or "")
    assert person.url == f"{person.base}/account/security"
    _tie(person, google)
    assert len(_linked(person)) == 1


def test_i03_the_answer_is_good_once(person: Resident, google: Upstream) -> None:
    returned = oidc_browser.visit(_off(person, google))
    _come_back(person, returned)
    (kept,) = _linked(person)
    person.go(f"/identities/{kept.id}/unlink")
    person.submit()
    _come_back(person, returned)
    assert _linked(person) == []


def test_i06_a_disabled_connection_ties_nobody(person: Resident, google: Upstream) -> None:
    returned = oidc_browser.visit(_off(person, google))
    with write(person.client.tenant.id) as session:
        connections.set_status(session, CLI, google.connection.id, "disabled")
    _come_back(person, returned)
    assert (person.screen, _linked(person)) == ("upstream", [])
    assert person.actions == {"another_way"}


def test_the_last_way_in_stays(person: Resident, google: Upstream) -> None:
    _tie(person, google)
    (kept,) = _linked(person)
    settle(person, "methods", sign_in=["passkey"], sign_up=["passkey"])
    person.go(f"/identities/{kept.id}/unlink")
    person.submit()
    assert (person.status, person.message) == (422, "error.last_way_in")
    assert len(_linked(person)) == 1


def test_a_linked_identity_is_a_way_in_that_lets_the_password_go(
    person: Resident, google: Upstream
) -> None:
    settle(person, "methods", sign_in=["password"], sign_up=["password"])
    person.go("/password/remove")
    person.submit()
    assert person.message == "error.last_way_in"
    _tie(person, google)
    person.go("/password/remove")
    person.submit()
    assert person.told == "account.told.password_removed"


def test_the_link_in_the_notice_undoes_it(
    make: Factory, person: Resident, google: Upstream
) -> None:
    _tie(person, google)
    (mail,) = [
        mail for purpose, mail in make.mails(person.client.tenant) if purpose == "identity_added"
    ]
    person.follow(person.get(f"{person.base}/not-me?token={mail.values['not_me']}"))
    person.submit()
    assert _linked(person) == []


def test_the_export_has_them(person: Resident, google: Upstream) -> None:
    _tie(person, google, sub="g-1")
    person.go("/data")
    response = person.send("/export")
    assert response.status_code == 200
    assert [each["subject"] for each in response.get_json()["identities"]] == ["g-1"]
