"""Passkeys as proof: found by their own id, by a typed identifier, or of a person known already."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import passkeys, people
from app.directory.passkeys import StoredPasskey
from app.directory.people import Person
from app.flow.screen import Action, Field, Message, Screen, Text
from app.identifiers import IdentifierKind
from app.methods import passkey_ceremony, passkey_challenge, passkey_origins
from app.methods.base import (
    Answers,
    Begun,
    Category,
    Effect,
    Proved,
    Refused,
    Situation,
    Spent,
)
from app.methods.passkey_ceremony import Answer, BadAnswer, Verified
from app.methods.passkey_challenge import Challenge

VERIFIED = ("pop", "user", "mfa")
"""The user was verified by the authenticator: something one has and something one is or knows."""
PRESENT = ("pop", "user")
FIELD = Field("credential", "credential", "field.passkey", required=False)
"""Where the answer of the browser goes: JSON text, as `PublicKeyCredential.toJSON()` gives it."""
MISSING = Refused(Message("error.passkey_missing"), code="passkey_missing")


class Passkey:
    """A key pair in an authenticator, bound to this site by the browser."""

    key = "passkey"
    amr = PRESENT
    category: Category = "key"
    kinds: frozenset[IdentifierKind] = frozenset(("email", "phone", "username"))
    sends_challenge = False

    def begin(self, situation: Situation) -> Begun | Refused:
        """Its challenges are signed and need no row; raises TypeError."""
        raise TypeError("A passkey's challenge is not prepared.")

    def screen(self, situation: Situation) -> Screen:
        """Asks for a passkey; only a script can fetch it."""
        return Screen(
            name="passkey",
            title=Text("passkey.title"),
            subtitle=Text("passkey.subtitle"),
            fields=(FIELD,),
            actions=(Action("continue", Text("action.use_passkey"), ceremony="get"),),
            display={
                "passkey": {
                    "options": request_options(situation),
                    "forgets": passkey_origins.is_alone(situation.tenant),
                }
            },
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Verify the answer in `credential`, and that it is by a passkey of the right person."""
        if not answers.get("credential"):
            return MISSING
        try:
            answer = passkey_ceremony.read(answers["credential"])
            challenge = _opened(situation, answer)
        except BadAnswer as bad:
            return _refused(situation, bad, None)
        if challenge is None:
            return Refused(Message("error.passkey_expired"), code="passkey_expired")
        with read(situation.tenant.id) as session:
            stored = passkeys.find(session, answer.credential_id)
            owner = people.snapshot_of(session, stored.user_id) if stored else None
        meant = situation.find() if _is_somebody_meant(situation) else owner
        if stored is None or owner is None:
            return _unknown(situation)
        try:
            verified = _verified(situation, answer, stored, meant)
        except BadAnswer as bad:
            return _refused(situation, bad, stored)
        landing = _landing(situation, challenge, stored, verified)
        return Proved(owner, landing, amr=VERIFIED if verified.user_verified else PRESENT)


def request_options(situation: Situation) -> dict[str, object]:
    """`PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.1.9).

    The passkeys of a person are named only when that person was proven already; until then every
    page has the same options, but for the challenge.
    """
    challenge = passkey_challenge.issue(situation.tenant, "get", _binding(situation))
    return {
        "challenge": passkey_challenge.encoded(challenge),
        "timeout": passkey_challenge.LIVES,
        "rpId": situation.tenant.rp_id,
        "userVerification": "required" if _needs_user(situation) else "preferred",
        "allowCredentials": _allowed(situation) if situation.user_id else [],
    }


def _allowed(situation: Situation) -> list[dict[str, object]]:
    assert situation.user_id is not None
    with read(situation.tenant.id) as session:
        found = passkeys.list_of_user(session, situation.user_id)
    return [
        {"type": "public-key", "id": each.external_id, "transports": each.transports}
        for each in found
    ]


def _binding(situation: Situation) -> str:
    return f"flow {situation.flow_id}"


def _needs_user(situation: Situation) -> bool:
    """Whether the authenticator must verify its user: always, but where another factor was just
    proven in the same flow."""
    is_second = situation.purpose == "second" and situation.user_id is not None
    return not is_second or not situation.has_proof or situation.session_id is not None


def _is_somebody_meant(situation: Situation) -> bool:
    return situation.user_id is not None or situation.identifier is not None


def _opened(situation: Situation, answer: Answer) -> Challenge | None:
    """The challenge that was answered; None when it is not for this flow, or too old."""
    found = passkey_challenge.open_(situation.tenant, _binding(situation), answer.challenge)
    if found is not None and (found.ceremony != "get" or answer.type != "webauthn.get"):
        raise BadAnswer("ceremony")
    return found


def _verified(
    situation: Situation, answer: Answer, stored: StoredPasskey, meant: Person | None
) -> Verified:
    """Verify the answer and that passkey, handle and person belong together; raises `BadAnswer`."""
    if meant is None or meant.user_id != stored.user_id:
        raise BadAnswer("other_person")
    if answer.user_handle is None and situation.user_id is None:
        raise BadAnswer("no_user_handle")
    if answer.user_handle not in (None, stored.handle):
        raise BadAnswer("other_user_handle")
    verified = passkey_ceremony.verify(
        situation.tenant,
        answer,
        public_key=passkey_challenge.decoded(stored.public_key),
        needs_user=_needs_user(situation),
    )
    if verified.device_type != stored.details.get("device_type", verified.device_type):
        raise BadAnswer("backup_eligibility")  # It never changes (section 6.1.3): another device.
    if verified.counter <= stored.counter and (verified.counter or stored.counter):
        raise BadAnswer("counter")
    return verified


def _landing(
    situation: Situation, challenge: Challenge, stored: StoredPasskey, verified: Verified
) -> tuple[Effect, ...]:
    def land(session: Session) -> None:
        actor = replace(situation.actor, id=stored.user_id)
        used = challenge.spend(session) and passkeys.use(
            session, actor, stored, verified.counter, verified.backed_up
        )
        if not used:
            raise Spent(Refused(Message("error.passkey_expired"), code="passkey_expired"))
        record(
            session,
            events.PASSKEY_SUCCEEDED,
            actor,
            subject_id=stored.user_id,
            targets=[("credential", stored.id)],
            data={"purpose": situation.purpose, "user_verified": verified.user_verified},
        )

    return (land,)


def _unknown(situation: Situation) -> Refused:
    """Nobody here has that passkey. Only where nobody was named does the answer say so, and then
    the browser may be told to forget it."""
    if _is_somebody_meant(situation):
        return _refused(situation, BadAnswer("unknown"), None)
    return Refused(Message("error.passkey_unknown"), code="passkey_unknown")


def _refused(situation: Situation, bad: BadAnswer, stored: StoredPasskey | None) -> Refused:
    """One answer, whatever was wrong; the audit log knows more."""
    event = events.PASSKEY_COPIED if bad.reason == "counter" else events.PASSKEY_FAILED

    def note(session: Session) -> None:
        record(
            session,
            event,
            situation.actor,
            subject_id=stored.user_id if stored else None,
            targets=[("credential", stored.id)] if stored else [],
            data={"purpose": situation.purpose, "reason": bad.reason},
        )

    return Refused(Message("error.passkey_refused"), effects=(note,), code="passkey_refused")
