"""Signing in by password: what is right, what is wrong, and what is refused unseen."""

import unicodedata
from typing import Any

import pytest
from flask import Flask

from app import hashing
from app.database import read
from app.directory import people
from app.hashing import Busy
from app.models import Credential
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import (
    CODES_ONLY,
    NOBODY,
    PASSWORDS_ONLY,
    audited,
    rows,
    statements,
)
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

WRONG = "not the right one at all"


def _asked_for_password(visit: Visit, client: MadeClient, email: str) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=email)
    assert visitor.screen == "password"
    return visitor


def _hash_of(client: MadeClient, user: MadeUser) -> str | None:
    with read(client.tenant.id) as session:
        person = people.snapshot_of(session, user.id)
    assert person is not None
    return person.password_hash


def test_a_wrong_password_is_said_at_its_field(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _asked_for_password(visit, client, user.email)
    visitor.submit(password=WRONG)
    assert visitor.status == 422
    assert visitor.errors == {"password": "error.password_wrong"}
    assert visitor.value("password") == ""
    assert make.events(client.tenant).count("password.failed") == 1
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_o12_an_unknown_address_has_a_wrong_password(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    work, said = {}, {}
    _asked_for_password(visit, client, "first@example.com").submit(password=WRONG)
    for email in (user.email, NOBODY):
        visitor = _asked_for_password(visit, client, email)
        with statements(app) as work[email]:
            visitor.submit(password=WRONG)
        said[email] = (visitor.status, visitor.errors, visitor.message, visitor.actions)
    assert said[NOBODY] == said[user.email]
    assert work[NOBODY] == work[user.email]
    assert make.mails(client.tenant) == []


@pytest.mark.parametrize("password", ["", " "])
def test_a25_a_person_without_a_password_has_no_empty_one(
    make: Factory, visit: Visit, password: str
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, password=None)
    visitor = _asked_for_password(visit, client, user.email)
    visitor.submit(password=password)
    assert visitor.errors == {"password": "error.password_wrong"}
    assert rows(Credential, client.tenant) == []


def test_1024_bytes_are_the_most(make: Factory, visit: Visit, monkeypatch: Any) -> None:
    client = make.client(make.tenant())
    longest = make.user(client.tenant, password="ü" * 512)
    visitor = _asked_for_password(visit, client, longest.email)
    hashed: list[str] = []
    pool = hashing.hashing()
    verify = pool.verify

    def watched(stored: str | None, password: str) -> bool:
        hashed.append(password)
        return verify(stored, password)

    monkeypatch.setattr(pool, "verify", watched)
    visitor.submit(password="ü" * 512 + "!")
    assert visitor.errors == {"password": "error.password_wrong"}
    assert hashed == []
    visitor.submit(password="ü" * 512)
    assert visitor.answer is not None


def test_p02_a_huge_body_is_refused_before_any_hash(
    make: Factory, visit: Visit, monkeypatch: Any
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _asked_for_password(visit, client, user.email)
    monkeypatch.delattr(hashing.Hashing, "verify")
    assert visitor.post(password="x" * 10_000_000).status_code == 413
    many = visitor.post(password="x", **{f"field{number}": "" for number in range(9_000)})
    assert many.status_code in (400, 413)


def test_p07_both_unicode_forms_of_a_password_are_one(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    composed = unicodedata.normalize("NFC", "Pässwörter sind süß")
    user = make.user(client.tenant, password=composed)
    visitor = _asked_for_password(visit, client, user.email)
    visitor.submit(password=unicodedata.normalize("NFD", composed))
    assert visitor.answer is not None


def test_p08_spaces_around_a_password_are_part_of_it(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, password="  spaces around it  ")
    visitor = _asked_for_password(visit, client, user.email)
    visitor.submit(password="spaces around it")
    assert visitor.errors == {"password": "error.password_wrong"}
    visitor.submit(password="  spaces around it  ")
    assert visitor.answer is not None


def test_p08_nul_and_lone_surrogates_are_refused(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _asked_for_password(visit, client, user.email)
    assert visitor.post(password=f"{PASSWORD}\0").status_code == 400
    if isinstance(visitor, JsonVisitor):
        body = b'{"action":"continue","password":"\\ud800"}'
        kind = "application/json"
        headers = {"Authorization": f"Bearer {visitor.token}"}
        url = f"{visitor.base}/headless/v1/flows/{visitor.flow_id}"
    else:
        body = b"action=continue&password=%ED%A0%80&csrf_token=" + visitor.page.csrf_token.encode()
        kind, headers, url = "application/x-www-form-urlencoded", {}, visitor.form_url
    response = visitor.http.post(url, data=body, content_type=kind, headers=headers)
    assert response.status_code == 400


def test_a_hash_of_old_parameters_is_made_anew(
    app: Flask, make: Factory, visit: Visit, monkeypatch: Any
) -> None:
    from argon2 import PasswordHasher

    client = make.client(make.tenant())
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1)
    hashing_pool = hashing.hashing()
    with monkeypatch.context() as patch:
        patch.setattr(hashing_pool, "_hasher", old)
        user = make.user(client.tenant)
    before = _hash_of(client, user)
    visitor = _asked_for_password(visit, client, user.email)
    visitor.submit(password=WRONG)
    assert _hash_of(client, user) == before
    visitor.submit(password=PASSWORD)
    after = _hash_of(client, user)
    assert visitor.answer is not None
    assert before is not None
    assert after is not None
    assert hashing_pool.is_outdated(before)
    assert not hashing_pool.is_outdated(after)
    assert make.events(client.tenant).count("user.password.rehashed") == 1


def test_p04_a_full_hashing_pool_asks_to_come_back(
    make: Factory, visit: Visit, monkeypatch: Any
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = _asked_for_password(visit, client, user.email)

    def busy(*_: Any) -> bool:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(hashing.Hashing, "verify", busy)
        response = visitor.post(password=PASSWORD)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_a_tenant_without_passwords_never_asks_for_one(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods=CODES_ONLY))
    user = make.user(client.tenant)
    visitor = visit(client)
    visitor.submit(email=user.email)
    assert visitor.screen == "email_code"
    assert not {"use:password", "recover"} & visitor.actions
    visitor.submit("use:password")
    assert visitor.status == 422
    visitor.submit("recover")
    assert visitor.status == 422
    visitor.submit("continue", password=PASSWORD)
    assert visitor.errors == {"code": "error.code_form"}
    signing_up = visit(client, prompt="create")
    assert signing_up.screen == "sign_up"
    assert "password" not in signing_up.fields
    signing_up.submit(email="new@example.com", password=PASSWORD)
    signing_up.submit(code=make.code(client.tenant, "new@example.com"))
    assert signing_up.answer is not None
    assert len(rows(Credential, client.tenant)) == 1


def test_a_tenant_with_only_passwords_sends_no_code_to_sign_in(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(methods=PASSWORDS_ONLY))
    user = make.user(client.tenant)
    visitor = _asked_for_password(visit, client, user.email)
    assert "use:email_code" not in visitor.actions
    visitor.submit("use:email_code")
    assert visitor.status == 422
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert audited(client.tenant, "email_code.started") == []
    signing_up = visit(client, prompt="create")
    signing_up.submit(email="new@example.com")
    assert signing_up.errors == {"password": "error.password_missing"}


def test_m10_a_name_written_otherwise_is_the_same_person(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant, "jane@example.com")
    visitor = _asked_for_password(visit, client, "  JANE@Example.com ")
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert isinstance(visitor, HtmlVisitor | JsonVisitor)
    with read(client.tenant.id) as session:
        assert people.find_by_email(session, "jane@example.com") == people.snapshot_of(
            session, user.id
        )
    assert make.events(client.tenant).count("user.created") == 1
