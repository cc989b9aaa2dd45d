"""M09, K11: what whoever finds an old session open can do with it, page by page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import contacts, linked_identities
from app.models import Credential, Identifier, LinkedIdentity, OneTime, User
from tests.account.resident import resident
from tests.factories import Factory, MadeClient
from tests.journeys.passkeys import device, equip

OIDC = {"protocol": "oidc", "issuer": "https://idp.example", "client_id": "authpage"}
SENSITIVE = {
    "add_authenticator",
    "add_email",
    "add_passkey",
    "add_phone",
    "confirm_authenticator",
    "delete_account",
    "edit_username",
    "export_data",
    "link_identity",
    "make_recovery_codes",
    "passkey_options",
    "prefer_contact",
    "remove_authenticator",
    "remove_contact",
    "remove_passkey",
    "remove_password",
    "unlink_identity",
}
HARMLESS = {
    "accept_invitation": "It proves and names nobody.",
    "add_account": "It begins with a sign-in.",
    "change_password": "It takes the current password in place of a recent sign-in.",
    "confirm_contact": "The code was asked for by somebody who signed in lately.",
    "create_organization": "It proves and names nobody.",
    "decline_invitation": "The organization may invite again.",
    "download_recovery_codes": "It gives back what was sent.",
    "edit_profile": "A name and a language open nothing.",
    "end_other_sessions": "It only ends.",
    "end_session": "It only ends.",
    "home": "It only shows.",
    "join_organization": "It proves and names nobody.",
    "keep_account": "It only keeps.",
    "leave_organization": "It only ends.",
    "remove_app": "It only ends.",
    "rename_authenticator": "It opens nothing.",
    "rename_passkey": "It opens nothing.",
    "show_activity": "It only shows.",
    "show_apps": "It only shows.",
    "show_data": "It only shows.",
    "show_devices": "It only shows.",
    "show_organizations": "It only shows.",
    "show_security": "It only shows, and no secret.",
    "sign_out_everywhere": "It only ends.",
    "switch_account": "To an account that is signed in here too.",
    "trust_no_more": "It only ends.",
    "verify_email": "It sends a code to an address that the account has.",
}


def test_every_page_is_said_to_be_sensitive_or_why_not(app: Flask) -> None:
    found = {
        rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("account.")
    }
    assert found == SENSITIVE | {*HARMLESS}


def _ids(make: Factory, client: MadeClient, user_id: str) -> dict[str, str]:
    """An id for each parameter of the addresses."""
    tied, free = (make.connection(client.tenant, OIDC) for _ in range(2))
    with write(client.tenant.id) as session:
        identity_id = linked_identities.link(
            session,
            CLI,
            user_id,
            connection_id=tied.id,
            generation=tied.generation,
            subject="jane",
            label=None,
        )
    assert identity_id is not None
    with read(client.tenant.id) as session:
        query = select(Credential).where(
            Credential.tenant_id == client.tenant.id, Credential.user_id == user_id
        )
        by_kind = {row.kind: row.id for row in session.scalars(query)}
        (email,) = contacts.list_of_user(session, user_id)
    return {
        "contact_id": email.id,
        "passkey_id": by_kind["passkey"],
        "authenticator_id": by_kind["totp"],
        "connection_id": free.id,
        "identity_id": identity_id,
        "row_id": "otc_01m00000000000000000000000",
    }


def _kept(client: MadeClient) -> list[object]:
    """Whatever names or proves the person, and what waits to do so."""
    found: list[object] = []
    with read(client.tenant.id) as session:
        for model in (Identifier, Credential, LinkedIdentity, OneTime):
            query = select(model.id).where(model.tenant_id == client.tenant.id)
            found.append(sorted(session.scalars(query)))
        query_of_user = select(User.deletion_due_at).where(User.tenant_id == client.tenant.id)
        found.append(session.scalars(query_of_user).all())
    return found


def _requests(app: Flask, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[2] in SENSITIVE and rule.endpoint.startswith("account."):
            values = {name: ids[name] for name in rule.arguments if name in ids}
            path = rule.rule
            for name, value in values.items():
                path = path.replace(f"<{name}>", value)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, path.removeprefix("/account")


@pytest.mark.parametrize("seconds", [3_600, 0], ids=["old", "by a password alone"])
def test_m09_nothing_that_names_or_proves_changes_without_a_proof(
    app: Flask, make: Factory, seconds: int
) -> None:
    person = resident(app, make, identifiers={"username": "optional", "phone": "optional"})
    client, user = person.client, person.user
    make.authenticator(client.tenant, user)
    equip(client.tenant, user, device(client.tenant))
    person.go()
    clock.move(seconds)
    ids = _ids(make, client, user.id)
    before = _kept(client)
    tried = 0
    for method, path in _requests(app, ids):
        if method == "GET":
            answer = person.get(f"{person.base}/account{path}")
        else:
            answer = person.send(path, email="thief@example.net", username="thief", code="123456")
        assert (answer.status_code, "/flow/" in answer.headers.get("Location", "")) in (
            (303, True),
            (404, False),
        ), (method, path, answer.status_code)
        tried += answer.status_code == 303
    assert tried >= 2 * len(SENSITIVE) - 6, "Some pages have no form, and phones need a sender."
    assert _kept(client) == before
    assert "export_data" not in make.events(client.tenant)


def test_m09_an_old_session_and_the_wrong_password_change_no_password(
    app: Flask, make: Factory
) -> None:
    person = resident(app, make)
    person.go("/password")
    clock.move(3_600)
    before = _kept(person.client)
    person.press("/password", password="a password of the thief's own")
    assert person.screen in ("password", "identify", "email_code"), person.screen
    person.go("/password")
    person.submit(current_password="a guess of the thief", password="the thief's own password")
    assert person.status == 422
    assert _kept(person.client)[:2] == before[:2]
