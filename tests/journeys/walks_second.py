"""Somebody who walks at random where a second factor is due, with an app or soon to have one."""

from dataclasses import dataclass, field
from typing import Any, Self

from app import clock
from app.methods.totp import STEP
from tests.factories import Factory
from tests.journeys.second import code_of, shown_codes, shown_secret
from tests.journeys.walks import Policy, Walker
from tests.visitors import Visit

METHODS = {
    "sign_in": ["password", "email_code"],
    "sign_up": ["password", "email_code"],
    "second": ["totp"],
}


@dataclass
class CarefulWalker(Walker):
    """A walker who keeps an authenticator app and the recovery codes that were shown."""

    secret: str = ""
    codes: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, make: Factory, visit: Visit, demands: dict[str, Any], has: bool) -> Self:
        """Somebody at the first screen of a tenant that makes these demands."""
        walker = cls.of(make, visit, Policy(methods=METHODS, policy=demands))
        if has:
            walker.secret = make.authenticator(walker.tenant, walker.user)
            walker.codes = list(make.recovery_codes(walker.tenant, walker.user))
        return walker

    def _send(self, action: str, fields: dict[str, str]) -> None:
        before, waiting = self.visitor.screen, ""
        if before == "enrol_totp":
            waiting = shown_secret(self.visitor)
        super()._send(action, fields)
        if waiting and self.visitor.screen == "recovery_codes":
            self.secret = waiting
            self.codes = shown_codes(self.visitor)

    def _right(self, name: str) -> str:
        screen = self.visitor.screen
        if name == "code" and screen == "enrol_totp":
            return code_of(shown_secret(self.visitor))
        if name == "code" and screen == "totp":
            return code_of(self.secret)
        if name == "code" and screen == "recovery_code":
            return self.codes.pop() if self.codes else ""
        return super()._right(name)

    def _sensible(self) -> tuple[str, dict[str, str]]:
        screen = self.visitor.screen
        if screen == "enrol":
            return "enrol:totp", {}
        if screen == "totp" and self.visitor.errors.get("code") == "error.totp_used":
            clock.move(STEP)
        if screen == "recovery_code" and not self.codes:
            return "use:totp", {}
        return super()._sensible()
