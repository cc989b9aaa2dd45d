"""Load with a ledger: what was sent, what was acknowledged, and what the database holds then."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import clock
from app.database import read, write
from app.directory.tenants import Tenant
from app.models import Identifier, OneTime, TokenFamily
from app.models import Session as SignedInSession
from app.oidc import codes
from app.oidc.claims_request import ClaimsRequest
from app.oidc.codes import Content
from tests.factories import REDIRECT_URI, MadeClient, MadeUser
from tests.faults.client import LOST, Caller
from tests.visitors import CHALLENGE

CODE = "123456"
_PATIENCE = 1_500
"""Looks at a hundredth of a second each."""
UNAVAILABLE = (LOST, 503)
"""What a caller may see of a fault; it tries again."""


@dataclass
class Ledger:
    """Every reply that somebody received."""

    statuses: Counter[int] = field(default_factory=Counter)
    redeemed: Counter[str] = field(default_factory=Counter)
    """Authorization code -> how often tokens came back for it."""
    asked: set[str] = field(default_factory=set)
    """Codes that were sent at least once."""
    signed_up: set[str] = field(default_factory=set)
    """Addresses whose sign-up was acknowledged."""
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, what: str, *expected: int) -> None:
        """Write a status down; one that was not expected with what it answered."""
        with self.lock:
            self.statuses[status] += 1
            if status not in (*expected, *UNAVAILABLE):
                self.unexpected.append(f"{status} {what}")
        if status == LOST:
            time.sleep(0.05)  # Callers wait a little before they knock again.


@dataclass(frozen=True)
class Target:
    """The tenant under load."""

    tenant: Tenant
    client: MadeClient
    user: MadeUser

    def code(self) -> str:
        """A fresh authorization code."""
        content = Content(
            client_id=self.client.id,
            user_id=self.user.id,
            session_id=None,
            grant_id=None,
            organization_id=None,
            redirect_uri=REDIRECT_URI,
            scopes=("openid",),
            claims=ClaimsRequest(),
            auth_time=clock.now(),
            amr=("pwd",),
            acr=None,
            nonce=None,
            code_challenge=None,
        )
        with write(self.tenant.id) as session:
            return codes.issue(session, self.tenant, content)

    @property
    def path(self) -> str:
        """The path of the tenant."""
        return f"/t/{self.tenant.slug}"


class Load:
    """Threads that redeem codes, each twice, and sign new people up, until they are stopped."""

    def __init__(self, app: Flask, port: int, target: Target) -> None:
        self.ledger = Ledger()
        self._app, self._caller, self._target = app, Caller(port), target
        self._stop = threading.Event()
        self._numbers = itertools.count(1)
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def start(self, redeemers: int = 4, newcomers: int = 2) -> None:
        """Let them go."""
        work: list[Callable[[], None]] = [self._redeem] * redeemers + [self._sign_up] * newcomers
        for each in work:
            thread = threading.Thread(target=self._repeat, args=[each])
            thread.start()
            self._threads.append(thread)

    def stop(self) -> Ledger:
        """Wait for all of them; the ledger. Raises what went wrong in a thread."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
        return self.ledger

    def wait_for(self, more: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Return when so many more were acknowledged; fails when nothing comes any more."""
        wanted = self.acknowledged + more
        for _ in range(_PATIENCE):
            if self.acknowledged >= wanted:
                return
            if self._failures:
                raise self._failures[0]
            meanwhile()
            time.sleep(0.01)
        raise AssertionError(f"Nobody is served any more: {self.ledger.statuses}")

    @property
    def acknowledged(self) -> int:
        """How much was acknowledged so far."""
        return sum(self.ledger.redeemed.values()) + len(self.ledger.signed_up)

    def _repeat(self, work: Callable[[], None]) -> None:
        try:
            with self._app.app_context():
                while not self._stop.is_set():
                    self._try(work)
        except BaseException as error:
            self._failures.append(error)

    def _try(self, work: Callable[[], None]) -> None:
        """Work; when the database is away from us too, try again."""
        try:
            work()
        except OperationalError:
            time.sleep(0.05)

    def _redeem(self) -> None:
        code = self._target.code()
        self.ledger.asked.add(code)
        for _ in range(2):
            reply = self._caller.form(
                f"{self._target.path}/oauth2/token",
                grant_type="authorization_code",
                code=code,
                redirect_uri=REDIRECT_URI,
                client_id=self._target.client.id,
                client_secret=str(self._target.client.secret),
            )
            self.ledger.note(reply.status, f"token {reply.body[:200]!r}", 200, 400)
            if reply.status == 200:
                with self.ledger.lock:
                    self.ledger.redeemed[code] += 1

    def _sign_up(self) -> None:
        email = f"newcomer{next(self._numbers)}@example.com"
        flow = self._step("", {"authorize": self._authorization(), "kind": "sign_up"})
        if "flow_id" not in flow:
            return
        path, token = f"/{flow['flow_id']}", flow["flow_token"]
        self._step(path, {"email": email}, token)
        for _ in range(3):
            if self._step(path, {"code": CODE}, token).get("outcome") == "finished":
                self.ledger.signed_up.add(email)
                return

    def _step(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        reply = self._caller.json(f"{self._target.path}/headless/v1/flows{path}", body, token)
        expected = (200, 201, 404, 409, 422)
        self.ledger.note(reply.status, f"flows{path} {reply.body[:200]!r}", *expected)
        return reply.json if reply.status in (200, 201) else {}

    def _authorization(self) -> dict[str, str]:
        return {
            "client_id": self._target.client.id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid",
            "code_challenge": CHALLENGE.decode(),
            "code_challenge_method": "S256",
        }


def demand_nothing_lost(ledger: Ledger, target: Target) -> None:
    """Compare the ledger with the database (G3): nothing doubled, missing, or half done."""
    tenant_id = target.tenant.id
    with read(tenant_id) as session:
        spent = set(
            session.scalars(
                select(OneTime.id).where(
                    OneTime.tenant_id == tenant_id,
                    OneTime.kind == codes.KIND,
                    OneTime.consumed_at.is_not(None),
                )
            )
        )
        families = set(
            session.scalars(select(TokenFamily.id).where(TokenFamily.tenant_id == tenant_id))
        )
        known = set(
            session.scalars(select(Identifier.key).where(Identifier.tenant_id == tenant_id))
        )
        assert (
            session.scalars(
                select(SignedInSession.id).where(SignedInSession.tenant_id == tenant_id)
            ).all()
            == []
        ), "Nobody turned a ticket in."
    doubled = {code: count for code, count in ledger.redeemed.items() if count > 1}
    acknowledged = {f"otc_{code.partition('.')[0]}" for code in ledger.redeemed}
    assert not doubled, "Codes that gave tokens twice"
    assert acknowledged <= spent, "Tokens were given for a code that is not spent"
    assert {each.replace("otc_", "fam_") for each in spent} == families, "Spent without a family"
    assert ledger.signed_up <= known, "Sign-ups that were acknowledged and are gone"
    assert not ledger.unexpected, ledger.unexpected[:5]
