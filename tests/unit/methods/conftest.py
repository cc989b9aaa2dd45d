"""An authenticator in front of a tenant, and a moment in a flow."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.actor import Actor
from app.database import read, write
from app.directory import people
from app.directory.tenants import Tenant
from app.identifiers import Identifier, parse_as
from app.methods import METHODS, passkey_registration
from app.methods.base import Proved, Purpose, Refused, Situation
from app.methods.passkey import request_options
from app.methods.passkey_origins import own
from app.methods.passkey_registration import Holder, creation_options
from tests.doubles.authenticator import Authenticator, Lies, Passkey
from tests.factories import Factory, MadeUser

BINDING = "account ses_here"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Bench:
    """A tenant, a person of it, and the person's authenticator."""

    make: Factory
    tenant: Tenant
    user: MadeUser
    authenticator: Authenticator

    @property
    def actor(self) -> Actor:
        """The person."""
        return Actor(
            "user",
            self.user.id,
            user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        )

    def holder(self) -> Holder:
        """The person as authenticators show them."""
        with read(self.tenant.id) as session:
            person = people.snapshot_of(session, self.user.id)
        assert person is not None
        return Holder(person.handle, self.user.email, "Jane Doe")

    def options(self, **changes: Any) -> dict[str, Any]:
        """What a browser is asked to create."""
        return creation_options(self.tenant, self.holder(), **{"binding": BINDING, **changes})

    def register(
        self, credential: str, label: str | None = None, *, may_be_silent: bool = False
    ) -> Refused | None:
        """Send the answer in; None when the passkey is kept."""
        done = passkey_registration.register(
            self.tenant,
            self.actor,
            self.user.id,
            binding=BINDING,
            credential=credential,
            label=label,
            locale="en",
            may_be_silent=may_be_silent,
        )
        if isinstance(done, Refused):
            return done
        with write(self.tenant.id) as session:
            for effect in done:
                effect(session)
        return None

    def enrolled(self) -> Passkey:
        """A passkey of the person, kept."""
        assert self.register(self.authenticator.create(self.options())) is None
        return self.authenticator.passkeys[-1]

    def elsewhere(self, tenant: Tenant, user: MadeUser) -> "Bench":
        """The same authenticator for another person or tenant."""
        return replace(self, tenant=tenant, user=user)

    def situation(
        self,
        purpose: Purpose = "sign_in",
        *,
        email: str | None = None,
        user_id: str | None = None,
        flow_id: str = "flw_here",
    ) -> Situation:
        """A moment in a flow, in which that much is known."""
        identifier: Identifier | None = parse_as("email", email, "US") if email else None
        return Situation(
            tenant=self.tenant,
            actor=Actor("user"),
            flow_id=flow_id,
            purpose=purpose,
            identifier=identifier,
            locale="en",
            client_id=None,
            client_name=None,
            is_known_device=lambda _user_id: False,
            user_id=user_id,
        )

    def prove(
        self, situation: Situation | None = None, lies: Lies | None = None, **how: Any
    ) -> Proved | Refused:
        """What the method says of the authenticator's answer in that moment."""
        at = situation or self.situation()
        credential = self.authenticator.get(request_options(at), lies or Lies(), **how)
        return METHODS["passkey"].check(at, {"credential": credential})

    def land(self, proved: Proved | Refused) -> None:
        """Let the effects of a proof happen; raises `Spent`."""
        assert isinstance(proved, Proved), proved
        with write(self.tenant.id) as session:
            for effect in proved.effects:
                effect(session)


@pytest.fixture
def bench(make: Factory) -> Bench:
    """A person with an authenticator."""
    tenant = make.tenant()
    return Bench(make, tenant, make.user(tenant), Authenticator(own(tenant)))
