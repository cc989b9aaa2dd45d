"""Authenticator apps and recovery codes at the portal: set up, renamed, removed, shown once."""

import re

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.directory import authenticators, recovery_codes
from app.methods.totp import STEP
from tests.account.resident import Resident, resident, settle
from tests.factories import Factory, MadeUser
from tests.journeys.moves import audited, wrong
from tests.journeys.second import after_password, code_of, new_step, shown_codes, shown_secret
from tests.visitors import HtmlVisitor, Visitor


@pytest.fixture(autouse=True)
def early_in_a_step() -> None:
    new_step()


@pytest.fixture
def person(app: Flask, make: Factory) -> Resident:
    return resident(app, make)


def _kept(person: Resident) -> list[str | None]:
    with read(person.client.tenant.id) as session:
        return [each.label for each in authenticators.list_of_user(session, person.user.id)]


def _only_id(person: Resident) -> str:
    with read(person.client.tenant.id) as session:
        (only,) = authenticators.list_of_user(session, person.user.id)
    return only.id


def _codes_left(person: Resident) -> int:
    with read(person.client.tenant.id) as session:
        return recovery_codes.count(session, person.user.id)


def _begin(person: Resident) -> str:
    """Begin to add an app; its secret."""
    person.go("/authenticators/new")
    person.submit()
    assert person.fields == {"code", "label"}, (person.screen, person.message)
    return shown_secret(person)


def _add(person: Resident, label: str = "") -> tuple[str, list[str]]:
    """An app that is a factor now: its secret, and the recovery codes that came with it."""
    secret = _begin(person)
    person.submit(code=code_of(secret), label=label)
    assert person.heading == "Save your recovery codes", (person.message, person.errors)
    return secret, shown_codes(person)


def _prove(person: Resident, secret: str) -> None:
    """Give the second factor that a sensitive change asks for, once the next code has come."""
    assert person.screen == "totp", person.screen
    clock.move(STEP)
    person.submit(code=code_of(secret))


def _signing_in(app: Flask, person: Resident, user: MadeUser) -> Visitor:
    """The same person elsewhere, after the password."""

    def visit(client: object, **asked: str) -> Visitor:
        visitor = HtmlVisitor(app, person.client)
        visitor.open(**asked)
        return visitor

    return after_password(visit, person.client, user)


def test_an_app_counts_once_its_first_code_came(
    app: Flask, make: Factory, person: Resident
) -> None:
    secret = _begin(person)
    assert person.shows("<svg")
    assert _kept(person) == []
    person.submit(code=code_of(secret), label="Work phone")
    assert _kept(person) == ["Work phone"]
    assert "factor_added" in [purpose for purpose, _ in make.mails(person.client.tenant)]
    clock.move(STEP)
    visitor = _signing_in(app, person, person.user)
    assert visitor.screen == "totp"
    visitor.submit(code=code_of(secret))
    assert visitor.answer is not None


def test_m02_a_wrong_code_leaves_the_secret_where_it_was(person: Resident) -> None:
    secret = _begin(person)
    person.submit(code=wrong(code_of(secret, steps=50)), label="Kept")
    assert (person.status, person.errors) == (422, {"code": "error.totp_wrong"})
    assert person.value("label") == "Kept"
    assert shown_secret(person) == secret
    person.submit(code="12")
    assert person.errors == {"code": "error.totp_digits"}
    assert _kept(person) == []
    person.submit(code=code_of(secret), label="Kept")
    assert _kept(person) == ["Kept"]


def test_m02_a_secret_that_waited_too_long_is_made_anew(person: Resident) -> None:
    former = _begin(person)
    clock.move(1201)
    person.submit(code=code_of(former))
    person.pass_flow(person.user)
    assert (person.screen, person.told) == ("add_authenticator", "error.enrolment_expired")
    assert _kept(person) == []
    person.submit()
    secret = shown_secret(person)
    assert secret != former
    person.submit(code=code_of(secret))
    assert _kept(person) == [None]


def test_m02_ten_wrong_codes_end_a_secret(person: Resident) -> None:
    secret = _begin(person)
    for _ in range(10):
        person.submit(code=wrong(code_of(secret, steps=50)))
    person.submit(code=code_of(secret))
    assert (person.screen, person.told) == ("add_authenticator", "error.enrolment_expired")
    assert _kept(person) == []


def test_m03_a_secret_is_never_shown_again(person: Resident) -> None:
    secret = _begin(person)
    former = person.url
    person.submit(code=code_of(secret))
    person.follow(person.get(former))
    assert person.fields != {"code", "label"}
    for path in ("", "/security"):
        person.go(path)
        assert secret not in person.text.replace(" ", "")


def test_a_secret_belongs_to_the_session_that_asked_for_it(app: Flask, person: Resident) -> None:
    _begin(person)
    elsewhere = Resident(app, person.client, person.user)
    elsewhere.follow(elsewhere.get(person.url))
    assert elsewhere.fields != {"code", "label"}


def test_an_app_is_renamed(person: Resident) -> None:
    _add(person, "Old")
    person.go(f"/authenticators/{_only_id(person)}/rename")
    assert person.value("label") == "Old"
    person.submit(label="New <phone>")
    assert person.told == "account.told.renamed"
    assert _kept(person) == ["New <phone>"]
    assert person.shows("New &lt;phone&gt;")
    person.go(f"/authenticators/{_only_id(person)}/rename")
    person.submit(label="")
    assert _kept(person) == [None], "Without a name it has the one of its kind."


def test_m09_an_app_is_removed_after_its_own_code_and_takes_the_recovery_codes(
    app: Flask, make: Factory, person: Resident
) -> None:
    secret, _ = _add(person, "Work phone")
    person.go(f"/authenticators/{_only_id(person)}/remove")
    _prove(person, secret)
    assert person.url.endswith("/remove")
    assert person.shows("Work phone")
    person.submit()
    assert person.told == "account.told.authenticator_removed"
    assert (_kept(person), _codes_left(person)) == ([], 0)
    removed = [m for purpose, m in make.mails(person.client.tenant) if purpose == "factor_removed"]
    assert [mail.values["label"] for mail in removed] == ["Work phone"]
    assert _signing_in(app, person, person.user).answer is not None


def test_m09_the_last_app_stays_where_a_second_factor_is_required(person: Resident) -> None:
    secret, _ = _add(person)
    settle(person, "policy", mfa="required")
    settle(person, "methods", second=["totp"])
    person.go(f"/authenticators/{_only_id(person)}/remove")
    _prove(person, secret)
    person.submit()
    assert (person.status, person.message) == (422, "error.last_factor")
    assert _kept(person) == [None]


def test_five_apps_are_enough(make: Factory, person: Resident) -> None:
    secret = make.authenticator(person.client.tenant, person.user)
    for _ in range(4):
        make.authenticator(person.client.tenant, person.user)
    person.go("/authenticators/new")
    _prove(person, secret)
    person.submit()
    assert (person.status, person.message) == (422, "error.authenticators_enough")


def test_x01_the_app_of_another_person_does_not_exist(app: Flask, person: Resident) -> None:
    _add(person, "Mine")
    eve = Resident(app, person.client, Factory().user(person.client.tenant))
    for way in ("rename", "remove"):
        path = f"/authenticators/{_only_id(person)}/{way}"
        assert eve.get(f"{eve.base}/account{path}").status_code == 404
        assert eve.send(path, label="Eve").status_code == 404
    assert _kept(person) == ["Mine"]


def test_a_tenant_without_apps_offers_none(app: Flask, make: Factory) -> None:
    person = resident(app, make, methods={"sign_in": ["password"], "second": ["passkey"]})
    assert person.get(f"{person.base}/account/authenticators/new").status_code == 404
    person.go("/security")
    assert not person.shows("/authenticators/new")


def test_m04_recovery_codes_come_with_the_first_app_and_are_shown_once(person: Resident) -> None:
    secret, codes = _add(person)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", each) for each in codes)
    assert person.last is not None
    assert "no-store" in person.last.headers["Cache-Control"]
    for path in ("", "/security", "/data"):
        person.go(path)
        assert not any(code in person.text for code in codes), path
    person.go("/recovery-codes")
    _prove(person, secret)
    assert not any(code in person.text for code in codes)
    assert _codes_left(person) == 10


def test_recovery_codes_are_downloaded_without_a_script(person: Resident) -> None:
    _, codes = _add(person)
    (form,) = [
        each
        for each in person.page.all("form")
        if (each.get("action") or "").endswith("/recovery-codes/file")
    ]
    (sent,) = [each.get("value") for each in form.iter("input") if each.get("name") == "codes"]
    answer = person.send("/recovery-codes/file", codes=sent)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/plain"
    lines = answer.text.split("\r\n")
    assert [line for line in lines if line in codes] == codes
    assert person.user.email in lines[0]


def test_the_file_holds_codes_and_nothing_that_somebody_else_put_there(person: Resident) -> None:
    _add(person)
    sent = "<script>alert(1)</script> ABCD-EFGH " + "K7QD-2MPA " * 30
    answer = person.send("/recovery-codes/file", codes=sent)
    assert "script" not in answer.text
    assert answer.text.count("K7QD-2MPA") <= 10
    assert _codes_left(person) == 10


def test_m04_new_recovery_codes_kill_the_old_ones(
    app: Flask, make: Factory, person: Resident
) -> None:
    secret, old = _add(person)
    person.go("/recovery-codes")
    _prove(person, secret)
    person.submit()
    new = shown_codes(person)
    assert len(new) == 10
    assert not {*old} & {*new}
    assert _codes_left(person) == 10
    assert "recovery_codes_made" in [purpose for purpose, _ in make.mails(person.client.tenant)]
    visitor = _signing_in(app, person, person.user)
    visitor.submit(code=old[0])
    assert (visitor.status, visitor.answer) == (422, None)
    visitor.submit(code=new[0])
    assert visitor.answer is not None
    assert _codes_left(person) == 9
    person.go("/security")
    assert person.shows("9 codes")


def test_recovery_codes_without_a_second_factor_are_refused(person: Resident) -> None:
    person.go("/security")
    assert not person.shows("/recovery-codes")
    person.go("/recovery-codes")
    person.submit()
    assert (person.status, person.message) == (422, "error.no_second_factor")
    assert audited(person.client.tenant, "recovery_codes.made") == []
