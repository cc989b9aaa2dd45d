"""What a tenant may ask at sign-up: questions that can be asked, answered and kept."""

from typing import Any

import pytest

from app.actor import CLI
from app.database import write
from app.directory import settings_store
from app.directory.settings_store import BadSettings
from tests.factories import Factory

COMPANY: dict[str, Any] = {"name": "company", "kind": "text", "label": {"en": "Company"}}
PLAN = {**COMPANY, "name": "plan", "kind": "choice", "choices": ["small", "large"]}
TERMS = {**COMPANY, "name": "terms", "kind": "consent", "version": "2026-11"}


def publish(make: Factory, *fields: dict[str, Any]) -> None:
    tenant = make.tenant()
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "sign_up", {"fields": [*fields]})


def test_every_kind_of_question_can_be_published(make: Factory) -> None:
    news = {**COMPANY, "name": "news", "kind": "checkbox"}
    publish(make, {**COMPANY, "pattern": "[A-Z].*"}, PLAN, TERMS, news)


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ((COMPANY, COMPANY), "another name"),
        (({**COMPANY, "name": "email"},), "another name"),
        (({**COMPANY, "name": "csrf_token"},), "another name"),
        (({**COMPANY, "name": "Not a name"},), "pattern"),
        (({**COMPANY, "pattern": "(a+)+"},), "too long"),
        (({**COMPANY, "pattern": "("},), "no regular expression"),
        (({**COMPANY, "choices": ["a"]},), "only a choice"),
        (({**PLAN, "choices": []},), "needs choices"),
        (({**PLAN, "choices": ["a", "a"]},), "needs choices"),
        (({**PLAN, "pattern": "a"},), "only a text"),
        (({**TERMS, "version": None},), "needs a version"),
        (({**COMPANY, "version": "1"},), "only a consent"),
        (({**COMPANY, "label": {}},), "label"),
        (({**COMPANY, "label": {"de": "Firma"}},), "label in en"),
        (tuple({**COMPANY, "name": f"n{n}"} for n in range(21)), "20"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    make: Factory, fields: tuple[dict[str, Any], ...], because: str
) -> None:
    with pytest.raises(BadSettings, match=because):
        publish(make, *fields)
