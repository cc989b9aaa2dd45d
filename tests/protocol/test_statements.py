"""How often the database is asked once all that is cached was seen (PERFORMANCE, row P10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.oidc import documents
from tests.protocol.provider import Provider


@contextmanager
def counted(provider: Provider) -> Iterator[list[str]]:
    """The statements that run meanwhile, without the look at the change counter that each process
    takes twice a second and without the savepoints of nobody."""
    with provider.app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SELECT changes FROM installation" not in statement and "BEGIN" not in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oauth2/jwks"])
def test_documents_ask_nothing(provider: Provider, path: str) -> None:
    provider.browser().get(provider.url(path))

    with counted(provider) as statements:
        assert provider.browser().get(provider.url(path)).status_code == 200

    assert statements == []
    with provider.app.app_context():
        tenant = provider.tenant
        assert documents.metadata(tenant) is documents.metadata(tenant)


def test_a_first_visit_asks_nothing(provider: Provider) -> None:
    party = provider.party()
    provider.authorize(provider.browser(), party.request())

    with counted(provider) as statements:
        assert provider.authorize(provider.browser(), party.request()).status_code == 303

    assert statements == []


def test_a_silent_sign_in_asks_three_times(provider: Provider) -> None:
    """The session, the memberships, and the code that is written."""
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    provider.code(browser, party)

    with counted(provider) as statements:
        provider.code(browser, party)

    assert len(statements) == 3


def test_a_code_costs_two_statements(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    provider.tokens(browser, party)
    form = party.code_form(provider.code(browser, party))

    with counted(provider) as statements:
        assert provider.token(party, form).status_code == 200

    assert len(statements) == 2


def test_a_refresh_costs_one_statement_and_so_does_userinfo(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    tokens = provider.tokens(browser, party)

    with counted(provider) as refreshing:
        provider.token(party, party.refresh_form(tokens["refresh_token"]))
    with counted(provider) as reading:
        assert provider.userinfo(tokens["access_token"]).status_code == 200

    assert len(refreshing) == 1
    assert len(reading) == 1
