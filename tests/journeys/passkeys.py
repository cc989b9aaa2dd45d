"""Moves of people who have an authenticator."""

import json
from typing import Any

from app.actor import CLI
from app.database import read, write
from app.directory import people
from app.directory.tenants import Tenant
from app.methods import passkey_registration
from app.methods.base import Refused
from app.methods.passkey_origins import own
from app.methods.passkey_registration import Holder
from tests.doubles.authenticator import HONEST, Authenticator, Lies, Passkey
from tests.factories import MadeUser
from tests.visitors import HtmlVisitor, Visitor

_HERE = "a test"


def device(tenant: Tenant) -> Authenticator:
    """An authenticator in a browser on the tenant's pages."""
    return Authenticator(own(tenant))


def equip(tenant: Tenant, user: MadeUser, authenticator: Authenticator) -> Passkey:
    """A passkey of the user in that authenticator."""
    with read(tenant.id) as session:
        person = people.snapshot_of(session, user.id)
    assert person is not None
    options = passkey_registration.creation_options(
        tenant, Holder(person.handle, user.email, user.email), binding=_HERE
    )
    checked = passkey_registration.check(
        tenant,
        binding=_HERE,
        credential=authenticator.create(options),
        label=None,
        user_agent=None,
    )
    assert not isinstance(checked, Refused)
    with write(tenant.id) as session:
        passkey_registration.keeping(checked, CLI, user.id)(session)
    return authenticator.passkeys[-1]


def asked(visitor: Visitor, name: str = "options") -> dict[str, Any]:
    """What the screen asks the browser for."""
    if not isinstance(visitor, HtmlVisitor):
        return dict(visitor.shown["display"]["passkey"][name])
    fields = [each for each in visitor.page.all("input") if each.get("name") == "credential"]
    return dict(json.loads(fields[0].get(f"data-{name}")))


def present(
    visitor: Visitor,
    authenticator: Authenticator,
    action: str = "continue",
    lies: Lies = HONEST,
    **fields: Any,
) -> None:
    """Press the button and let the authenticator answer."""
    credential = authenticator.get(asked(visitor), lies)
    visitor.submit(action, credential=credential, **fields)


def make_one(visitor: Visitor, authenticator: Authenticator, **fields: Any) -> None:
    """Press the button and let the authenticator make a passkey."""
    visitor.submit(credential=authenticator.create(asked(visitor)), **fields)
