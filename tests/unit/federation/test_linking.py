"""The linking table, row by row (A01 to A13)."""

from typing import Any

import pytest

from app.directory.people import Person
from app.federation.linking import Known, decide


def person(**more: Any) -> Person:
    values: dict[str, Any] = {
        "user_id": "usr_1",
        "status": "active",
        "display_name": None,
        "locale": None,
        "email": "jane@corp.example",
        "email_key": "jane@corp.example",
        "identifier_id": "idn_1",
        "email_verified": True,
        "password_hash": "hash",
    }
    return Person(**{**values, **more})


SOCIAL: dict[str, Any] = {
    "linked": None,
    "owner": None,
    "has_email": True,
    "is_vouched": True,
    "is_enterprise": False,
    "is_own_domain": False,
    "creates_users": True,
}
COMPANY = {**SOCIAL, "is_enterprise": True, "is_own_domain": True}
DISABLED, UNPROVEN = person(status="disabled"), person(email_verified=False)


@pytest.mark.parametrize(
    ("known", "move", "rule"),
    [
        ({**SOCIAL, "linked": person()}, "sign_in", "linked"),
        ({**SOCIAL, "linked": person(), "has_email": False}, "sign_in", "linked"),
        ({**SOCIAL, "linked": DISABLED}, "refuse", "account_disabled"),
        ({**SOCIAL, "linked": person(), "creates_users": False}, "sign_in", "linked"),
        (SOCIAL, "create", "address_is_new"),
        ({**SOCIAL, "creates_users": False}, "refuse", "user_not_allowed"),
        ({**SOCIAL, "owner": person()}, "confirm", "address_has_an_account"),
        ({**SOCIAL, "owner": person(password_hash=None)}, "confirm", "address_has_an_account"),
        ({**SOCIAL, "owner": UNPROVEN}, "evict", "account_unproven"),
        ({**SOCIAL, "owner": DISABLED}, "refuse", "account_disabled"),
        ({**SOCIAL, "is_vouched": False}, "ask_email", "address_unproven"),
        ({**SOCIAL, "is_vouched": False, "owner": person()}, "ask_email", "address_unproven"),
        ({**SOCIAL, "is_vouched": False, "owner": UNPROVEN}, "ask_email", "address_unproven"),
        ({**SOCIAL, "has_email": False}, "ask_email", "address_unproven"),
        ({**SOCIAL, "has_email": False, "creates_users": False}, "refuse", "user_not_allowed"),
        (COMPANY, "create", "address_is_new"),
        ({**COMPANY, "owner": person()}, "confirm", "address_has_an_account"),
        ({**COMPANY, "owner": UNPROVEN}, "evict", "account_unproven"),
        ({**COMPANY, "is_own_domain": False}, "refuse", "email_not_theirs"),
        ({**COMPANY, "is_own_domain": False, "owner": person()}, "refuse", "email_not_theirs"),
        ({**COMPANY, "is_own_domain": False, "linked": person()}, "sign_in", "linked"),
        ({**COMPANY, "is_vouched": False}, "refuse", "email_not_theirs"),
        ({**COMPANY, "has_email": False}, "refuse", "email_missing"),
        ({**COMPANY, "creates_users": False}, "refuse", "user_not_allowed"),
    ],
)
def test_a13_the_table_decides(known: dict[str, Any], move: str, rule: str) -> None:
    decision = decide(Known(**known))
    assert (decision.move, decision.rule) == (move, rule)
