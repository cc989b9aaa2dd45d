"""Somebody who walks through a flow at random, and who can still find the way out at the end."""

from dataclasses import dataclass, field
from typing import Any, Self

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from app import clock
from app.directory.tenants import Tenant
from app.flow import gallery
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import NOBODY, wrong
from tests.visitors import HtmlVisitor, Visit, Visitor

STRANGE = ["", "x", "no address", "000000", "\u0661" * 6, "http://evil.example", "-" * 300]
GENEROUS = dict.fromkeys(
    (
        "codes_per_address",
        "codes_per_network",
        "codes_per_client",
        "wrong_codes_per_account",
        "passwords_per_account_and_network",
        "passwords_per_account",
        "passwords_per_network",
    ),
    100_000,
)
"""Limits end a walk for an hour, and have tests of their own."""


def walks(examples: int) -> settings:
    """As many random walks, the same in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@dataclass(frozen=True)
class Policy:
    """What a tenant, a client and a request demand."""

    methods: dict[str, Any] = field(default_factory=dict)
    organizations: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    client: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    memberships: int = 0
    verified: bool = True


@dataclass
class Walker:
    """A person with an account, who knows its password and reads its mails."""

    make: Factory
    client: MadeClient
    user: MadeUser
    visitor: Visitor
    password: str = PASSWORD
    typed: str = ""
    began_at: int = 0
    waited: int = 0
    organizations: tuple[str, ...] = ()

    @classmethod
    def of(cls, make: Factory, visit: Visit, policy: Policy) -> Self:
        """Somebody at the first screen of a tenant with that policy."""
        tenant = make.tenant(
            limits=GENEROUS,
            methods=policy.methods,
            organizations=policy.organizations,
            policy=policy.policy,
        )
        client = make.client(tenant, **policy.client)
        user = make.user(tenant, verified=policy.verified)
        made = [
            make.organization(tenant, f"Company {number}", user)
            for number in range(policy.memberships)
        ]
        began_at = clock.now_seconds()
        visitor = visit(client, **policy.asked)
        return cls(make, client, user, visitor, began_at=began_at, organizations=tuple(made))

    @property
    def tenant(self) -> Tenant:
        """Where all this happens."""
        return self.client.tenant

    def wander(self, data: st.DataObject, least: int = 2, most: int = 9) -> None:
        """Stray for some steps, always finished or at a screen that we know and that offers
        something; then find the way out."""
        for _ in range(data.draw(st.integers(least, most), "steps")):
            self.stray(data)
            self._assert_alive()
            if self.visitor.answer is not None:
                break
        self.find_the_way_out()

    def _assert_alive(self) -> None:
        visitor = self.visitor
        assert visitor.status in (200, 201, 422, 429), visitor.status
        if visitor.answer is None:
            assert visitor.screen in gallery.screens(self.tenant)
            assert visitor.actions or visitor.choices

    def stray(self, data: st.DataObject) -> None:
        """One action that is offered, or was, or never is, with right or wrong answers."""
        moves = sorted(self.visitor.actions) + [f"choice:{c}" for c in self.visitor.choices]
        moves += ["reload", "wait", "nonsense"]
        move = data.draw(st.sampled_from(moves), "move")
        if move == "wait":
            seconds = data.draw(st.sampled_from([1, 31, 601]))
            if self.waited + seconds < 1_500:  # Expiry of the flow has tests of its own.
                self.waited += seconds
                clock.move(seconds)
        elif move == "reload":
            self._reload()
        elif move.startswith("choice:"):
            self.visitor.submit(choice=move.removeprefix("choice:"))
        else:
            fields = {name: self._drawn(name, data) for name in sorted(self.visitor.fields)}
            self._send(move, fields)

    def find_the_way_out(self) -> None:
        """Do what a patient person does, until the flow is over."""
        for _ in range(16):
            if self.visitor.answer is not None:
                return
            action, fields = self._sensible()
            self._send(action, fields)
        raise AssertionError(f"no way out of {self.visitor.screen}: {self.visitor.message}")

    def _send(self, action: str, fields: dict[str, str]) -> None:
        if action == "continue":
            self.typed = fields.get("email", self.typed).strip()
        at_new_password = self.visitor.screen == "new_password"
        if action == "choose":
            self.visitor.submit(choice=fields["choice"])
        else:
            self.visitor.submit(action, **fields)
        if at_new_password and self.visitor.status == 200 and "password" in fields:
            self.password = fields["password"]

    def _reload(self) -> None:
        if isinstance(self.visitor, HtmlVisitor):
            self.visitor.follow(self.visitor.get(self.visitor.url))
        else:
            url = f"{self.visitor.base}/headless/v1/flows/{self.visitor.flow_id}"
            bearer = {"Authorization": f"Bearer {self.visitor.token}"}
            self.visitor.take(self.visitor.http.get(url, headers=bearer))

    def _drawn(self, name: str, data: st.DataObject) -> str:
        right = self._right(name)
        likely = [right] * 3 if name != "email" else [right] * 3 + [NOBODY, "new@example.com"]
        return data.draw(st.sampled_from([*likely, wrong("123456"), *STRANGE]), name)

    def _right(self, name: str) -> str:
        if name == "email":
            return self.user.email
        if name == "password":
            return self.password
        if name == "code":
            return self._newest_code()
        return "Northwind Labs" if name in ("name", "organization_name") else ""

    def _newest_code(self) -> str:
        mails = [mail for _, mail in self.make.mails(self.tenant) if mail.to == self.typed]
        return mails[-1].values.get("code", "000000") if mails else "000000"

    def _sensible(self) -> tuple[str, dict[str, str]]:
        visitor = self.visitor
        actions = visitor.actions
        if visitor.screen == "email_code":
            return self._sensible_about_codes()
        if visitor.screen == "identify" and "sign_in" not in actions:
            return "continue", {"email": self.user.email}
        if visitor.screen == "password" and self.typed != self.user.email:
            return "change", {}
        if visitor.choices:
            return "choose", {"choice": visitor.choices[0]}
        # Nobody here has an authenticator, so a page that asks for one is left.
        others = ("skip", "use:password", "use:email_code", "change", "restart")
        ways = others if "passkey" in (visitor.screen or "") else ("sign_in", "allow", "new")
        for action in ways:
            if action in actions:
                return action, {}
        if "continue" in actions:
            return "continue", {name: self._right(name) for name in visitor.fields}
        return ("cancel", {}) if "cancel" in actions else ("another_account", {})

    def _sensible_about_codes(self) -> tuple[str, dict[str, str]]:
        stuck = self.visitor.message in ("error.code_locked", "error.code_expired")
        code = self._newest_code()
        if stuck or code == "000000":
            return "restart", {}
        return "continue", {"code": code}
