"""Magic links: a mail with a link and a code, of which whichever is used first spends the other.

The link proves the mailbox only to the browser or app that began the flow. Opened anywhere else it
asks for the two digits that are shown there, has one try, and then merely releases that flow.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app import clock, single_use
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import write
from app.delivery.outbox import Purpose as MailPurpose
from app.directory import clients
from app.directory.tenants import Tenant
from app.flow.screen import Action, Message, Screen, Text
from app.ids import new_id
from app.methods.base import (
    Answers,
    Challenge,
    Effect,
    Proved,
    Purpose,
    Refused,
    Situation,
    Spent,
)
from app.methods.digits import digits
from app.methods.email_code import EmailCode
from app.methods.sent_code import Events, Target, binding, is_about, place_of, spend, subject
from app.security import random_token
from app.single_use import OneTimeRow

LINK, RELEASE = "magic_link", "magic_link_release"
State = Literal["good", "released", "gone"]
Confirmed = Literal["released", "wrong_number", "malformed", "gone"]

_OPEN = Action("link", Text("action.open_link"), "hidden")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_DIGITS = 2


class MagicLink(EmailCode):
    """A link and a code, mailed together; who uses either reads that mailbox."""

    key = "magic_link"
    subtitles = ("magic_link.subtitle", "magic_link.subtitle_unnamed")
    events = Events(
        started=events.MAGIC_LINK_STARTED,
        succeeded=events.MAGIC_LINK_SUCCEEDED,
        failed=events.MAGIC_LINK_FAILED,
        limited=events.MAGIC_LINK_LIMITED,
    )
    mails: Mapping[Purpose, MailPurpose] = {
        "sign_in": "sign_in_link",
        "sign_up": "sign_up_link",
        "verify": "verify_email_link",
        "recover": "recovery_link",
        "second": "second_link",
    }

    def screen(self, situation: Situation) -> Screen:
        """Shows the number that another browser is asked for and takes the code; once the link was
        confirmed elsewhere, only the way on."""
        challenge = situation.challenge
        assert challenge is not None
        if _is_released(situation.tenant, challenge):
            return Screen(
                name=self.key,
                title=Text("magic_link.released_title"),
                subtitle=Text("magic_link.released_subtitle"),
                actions=(Action("continue", Text("action.continue")),),
                display={"released": True, "expires_at": challenge.expires_at},
            )
        asking = super().screen(situation)
        shown = {**asking.display, "number": challenge.number, "released": False}
        return replace(asking, display=shown).offering(_OPEN)

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Take the link's token, or the release, or else the code."""
        challenge = situation.challenge
        assert challenge is not None
        if "token" in answers:
            return self._by_link(situation, challenge, answers["token"])
        if _is_released(situation.tenant, challenge):
            return self._proved(situation, challenge, RELEASE)
        return super().check(situation, answers)

    def challenge(self, situation: Situation, target: Target, code: str) -> Challenge:
        """The code's challenge with a number and the link's row."""
        made = super().challenge(situation, target, code)
        number = f"{secrets.randbelow(90) + 10}"
        return made.model_copy(update={"number": number, "link_row_id": new_id("otl")})

    def issuing(
        self, situation: Situation, target: Target, challenge: Challenge, code: str
    ) -> tuple[Effect, ...]:
        """The effects that make code and link and mail both."""
        token = random_token()
        values = {"code": code, "link": _url(situation, token)}
        return (
            self.making(situation, target, challenge, code),
            _making_link(situation, target, challenge, token),
            self.sending(situation, target, values),
        )

    def consume(
        self, session: Session, situation: Situation, challenge: Challenge, by: str
    ) -> None:
        """Spend code, link and release, always in this order; raises `Spent` when the one that
        proved was spent before."""
        assert challenge.link_row_id is not None
        ids = {
            self.channel: challenge.row_id,
            LINK: challenge.link_row_id,
            RELEASE: _release_id(challenge.link_row_id),
        }
        spent = {kind: spend(session, kind, row_id, situation) for kind, row_id in ids.items()}
        if spent[by] is None:
            raise Spent

    def _by_link(self, situation: Situation, challenge: Challenge, token: str) -> Proved | Refused:
        if state_of(situation.tenant, situation.flow_id, challenge, token) == "good":
            return self._proved(situation, challenge, LINK)
        return self._spent(situation)

    def _proved(self, situation: Situation, challenge: Challenge, by: str) -> Proved | Refused:
        target = self.target(situation)
        row = single_use.find(situation.tenant.id, LINK, str(challenge.link_row_id))
        if row is None or not is_about(row, situation, target):
            return self._spent(situation)
        effects = self.landing(situation, challenge, target, by)
        return Proved(target.person, effects, proves_address=target.is_typed)

    def _spent(self, situation: Situation) -> Refused:
        effects = (self.failure(situation, "link_spent"),)
        return Refused(message=Message("error.link_spent"), effects=effects, code="link_spent")


def is_token(text: str) -> bool:
    """Whether `text` has the form of a link's token, to the character."""
    return bool(_TOKEN.fullmatch(text))


def state_of(tenant: Tenant, flow_id: str, challenge: Challenge | None, token: str) -> State:
    """What the link with this token is good for now: `released` when it was confirmed in another
    browser and the flow waits to go on, `gone` when it is unknown, too old, used or replaced."""
    if challenge is None or challenge.link_row_id is None or not is_token(token):
        return "gone"
    row = single_use.find(tenant.id, LINK, challenge.link_row_id)
    if row is None or row.binding != _binding(flow_id, challenge) or not row.is_secret(token):
        return "gone"
    if _is_open(row):
        return "good"
    return "released" if _is_released(tenant, challenge) else "gone"


def confirm(
    tenant: Tenant, actor: Actor, flow_id: str, challenge: Challenge, token: str, number: str
) -> Confirmed:
    """Confirm the link from elsewhere with the number that stands where the flow began. It has one
    try: a wrong number spends the link. Signs nobody in."""
    typed = digits(number, _DIGITS)
    if state_of(tenant, flow_id, challenge, token) != "good":
        return "gone"
    if typed is None:
        return "malformed"
    bound, link_row_id = _binding(flow_id, challenge), str(challenge.link_row_id)
    tried = single_use.try_once(tenant.id, LINK, link_row_id, binding=bound, epoch=tenant.epoch)
    if tried is None:
        return "gone"
    is_right = secrets.compare_digest(typed, str(challenge.number))
    with write(tenant.id) as session:
        epoch = tenant.epoch
        if single_use.consume(session, LINK, link_row_id, binding=bound, epoch=epoch) is None:
            return "gone"
        if is_right:
            _release(session, tenant, tried, challenge)
        event = events.MAGIC_LINK_RELEASED if is_right else events.MAGIC_LINK_FAILED
        reason = {} if is_right else {"reason": "wrong_number"}
        record(session, event, actor, data={"purpose": challenge.purpose, **reason})
    return "released" if is_right else "wrong_number"


def _release(session: Session, tenant: Tenant, link: OneTimeRow, challenge: Challenge) -> None:
    single_use.issue(
        session,
        RELEASE,
        id=_release_id(link.id),
        subject=link.subject,
        binding=link.binding,
        secret=random_token(),
        lives=max(1, (challenge.expires_at - clock.now()) // clock.SECOND),
        epoch=tenant.epoch,
    )


def _making_link(situation: Situation, target: Target, challenge: Challenge, token: str) -> Effect:
    def make(session: Session) -> None:
        about, bound = subject(situation, target), binding(situation)
        single_use.supersede(session, LINK, subject=about, binding=bound)
        single_use.issue(
            session,
            LINK,
            id=challenge.link_row_id,
            subject=about,
            binding=bound,
            secret=token,
            lives=situation.tenant.settings.codes.lives,
            epoch=situation.tenant.epoch,
            payload=place_of(target),
        )

    return make


def _url(situation: Situation, token: str) -> str:
    """Where the link leads: our page, or that of a client of the tenant's own that redeems links
    by itself. Nothing of the request has a say in it."""
    client_id = situation.client_id
    client = clients.get(situation.tenant.id, client_id) if client_id else None
    own = client.link_url if client and client.is_first_party else None
    if own is None:
        query = urlencode({"token": token})
        return f"{situation.tenant.base_url}/flow/{situation.flow_id}/link?{query}"
    query = urlencode({"flow": situation.flow_id, "token": token})
    return f"{own}{'&' if '?' in own else '?'}{query}"


def _is_released(tenant: Tenant, challenge: Challenge) -> bool:
    if challenge.link_row_id is None:
        return False
    row = single_use.find(tenant.id, RELEASE, _release_id(challenge.link_row_id))
    return row is not None and _is_open(row)


def _is_open(row: OneTimeRow) -> bool:
    is_alive = row.consumed_at is None and row.expires_at > clock.now()
    return is_alive and row.attempts < row.max_attempts


def _release_id(link_row_id: str) -> str:
    return f"otr_{link_row_id.removeprefix('otl_')}"


def _binding(flow_id: str, challenge: Challenge) -> str:
    return f"{flow_id} {challenge.purpose}"
