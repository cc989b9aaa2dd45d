"""New passkeys: what the browser is asked for, and what of its answer is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.actor import Actor
from app.database import read
from app.delivery import notices
from app.directory import passkeys
from app.directory.passkeys import ListedPasskey, NewPasskey
from app.directory.tenants import Tenant
from app.flow.screen import Message
from app.methods import passkey_ceremony, passkey_challenge, passkey_names
from app.methods.base import Effect, Refused, Spent
from app.methods.passkey_ceremony import Answer, BadAnswer, Created
from app.methods.passkey_challenge import Ceremony, Challenge, encoded

_EXPIRED = Refused(Message("error.passkey_expired"), code="passkey_expired")
_REFUSED = Refused(Message("error.passkey_not_made"), code="passkey_refused")
_KNOWN = Refused(Message("error.passkey_exists"), code="passkey_exists")
_FULL = Refused(Message("error.passkeys_full"), code="too_many_passkeys")


@dataclass(frozen=True)
class Holder:
    """For whom a passkey is made, as authenticators will show it."""

    handle: bytes
    """The user handle: 64 random bytes that name the person to nobody else."""
    name: str
    """The identifier that the person signs in with."""
    display_name: str


@dataclass(frozen=True)
class Checked:
    """A passkey that may be kept, with the challenge that it answers."""

    passkey: NewPasskey
    challenge: Challenge


def creation_options(
    tenant: Tenant,
    holder: Holder,
    *,
    binding: str,
    exclude: Sequence[ListedPasskey] = (),
    silently: bool = False,
) -> dict[str, object]:
    """`PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3, section 5.1.8).

    Every passkey must be discoverable and verify its user, since it may be the only factor.
    `silently` gives the options for conditional creation, whose answer proves less.
    """
    ceremony: Ceremony = "create_silently" if silently else "create"
    challenge = passkey_challenge.issue(tenant, ceremony, binding)
    return {
        "rp": {"id": tenant.rp_id, "name": tenant.settings.brand.name or tenant.name},
        "user": {
            "id": encoded(holder.handle),
            "name": holder.name,
            "displayName": holder.display_name,
        },
        "challenge": encoded(challenge),
        "pubKeyCredParams": [
            {"type": "public-key", "alg": algorithm} for algorithm in passkey_ceremony.ALGORITHMS
        ],
        "timeout": passkey_challenge.LIVES,
        "excludeCredentials": [
            {"type": "public-key", "id": each.external_id, "transports": each.transports}
            for each in exclude
        ],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        "extensions": {"credProps": True},
    }


def check(
    tenant: Tenant,
    *,
    binding: str,
    credential: str,
    label: str | None,
    user_agent: str | None,
    may_be_silent: bool = False,
) -> Checked | Refused:
    """Verify a browser's answer, which is the JSON text in `credential`, against what it was asked
    for; the policy counts here, not what the options said.

    Only where it `may_be_silent` does an answer do that verified nobody: it proves no person.
    """
    try:
        answer = passkey_ceremony.read(credential)
        challenge = _opened(tenant, binding, answer)
        if challenge is None:
            return _EXPIRED
        silently = challenge.ceremony == "create_silently"
        if silently and not may_be_silent:
            return _REFUSED
        created = passkey_ceremony.verify_new(tenant, answer, silently=silently)
    except BadAnswer:
        return _REFUSED
    if answer.is_discoverable is False:
        return _REFUSED
    with read(tenant.id) as session:
        if passkeys.find(session, created.credential_id):
            return _KNOWN
    return Checked(_kept(answer, created, label, user_agent), challenge)


def register(
    tenant: Tenant,
    actor: Actor,
    user_id: str,
    *,
    binding: str,
    credential: str,
    label: str | None,
    locale: str,
    may_be_silent: bool = False,
) -> Refused | tuple[Effect, ...]:
    """What keeps a new passkey of a person and tells them of it; raises nothing but `Spent`, in the
    transaction that lands it."""
    checked = check(
        tenant,
        binding=binding,
        credential=credential,
        label=label,
        user_agent=actor.user_agent,
        may_be_silent=may_be_silent,
    )
    if isinstance(checked, Refused):
        return checked
    with read(tenant.id) as session:
        if len(passkeys.list_of_user(session, user_id)) >= passkeys.MOST:
            return _FULL

    def tell(session: Session) -> None:
        values = {"label": checked.passkey.label}
        kept = passkeys.list_of_user(session, user_id)[-1]
        notices.tell(session, tenant, user_id, "passkey_added", values, locale, about=kept.id)

    return (keeping(checked, actor, user_id), tell)


def keeping(checked: Checked, actor: Actor, user_id: str) -> Effect:
    """The effect that spends the challenge and keeps the passkey; raises `Spent` when either was
    done before."""

    def keep(session: Session) -> None:
        if not checked.challenge.spend(session):
            raise Spent(_EXPIRED)
        if passkeys.add(session, actor, user_id, checked.passkey) is None:
            raise Spent(_KNOWN)

    return keep


def _opened(tenant: Tenant, binding: str, answer: Answer) -> Challenge | None:
    found = passkey_challenge.open_(tenant, binding, answer.challenge)
    if found is not None and (found.ceremony == "get" or answer.type != "webauthn.create"):
        raise BadAnswer("ceremony")
    return found


def _kept(
    answer: Answer, created: Created, label: str | None, user_agent: str | None
) -> NewPasskey:
    name = passkey_names.NAMES.get(created.aaguid)
    return NewPasskey(
        external_id=created.credential_id,
        public_key=encoded(created.public_key),
        counter=created.counter,
        label=(label or "").strip() or passkey_names.suggested(created.aaguid, user_agent),
        details={
            "aaguid": created.aaguid,
            "name": name,
            "transports": list(answer.transports),
            "device_type": created.device_type,
            "backed_up": created.backed_up,
            "uv": created.user_verified,
        },
    )
