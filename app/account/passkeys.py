"""Passkeys of one's own account: made, renamed, removed, and told to the browser."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused, in_words
from app.actor import Actor
from app.database import read, write
from app.delivery import notices
from app.directory import factors, passkeys, people, recovery_codes, ways_in
from app.directory.errors import BadValue, NotFound
from app.directory.passkeys import ListedPasskey
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.methods import passkey_registration
from app.methods.base import Refused as NotMade
from app.methods.base import Spent
from app.methods.passkey_challenge import encoded
from app.methods.passkey_registration import Holder


@dataclass(frozen=True)
class Made:
    """A passkey that is kept now."""

    passkey: ListedPasskey
    recovery_codes: tuple[str, ...]
    """New ones, to be shown this once, where a second factor is required of the owner, passkeys are
    one, and there are no codes yet; else none."""


@dataclass(frozen=True)
class Known:
    """What a browser's password manager may be told of the owner's passkeys
    (WebAuthn Level 3, section 5.1.10)."""

    rp_id: str
    user_id: str
    """The user handle, in base64url."""
    credential_ids: tuple[str, ...]
    name: str
    display_name: str

    def document(self) -> dict[str, object]:
        """The members of `signalAllAcceptedCredentials` and `signalCurrentUserDetails` together."""
        return {
            "rpId": self.rp_id,
            "userId": self.user_id,
            "allAcceptedCredentialIds": list(self.credential_ids),
            "name": self.name,
            "displayName": self.display_name,
        }


def is_offered(owner: Owner) -> bool:
    """Whether the tenant takes passkeys, alone or as a second factor."""
    methods = owner.tenant.settings.methods
    return "passkey" in (*methods.sign_in, *methods.second)


def list_of(owner: Owner) -> list[ListedPasskey]:
    """The owner's passkeys, oldest first."""
    with read(owner.tenant.id) as session:
        return passkeys.list_of_user(session, owner.user_id)


def get(owner: Owner, id: str) -> ListedPasskey:
    """One of them; raises `NotFound`."""
    for each in list_of(owner):
        if each.id == id:
            return each
    raise NotFound("passkey")


def known(owner: Owner) -> Known:
    """What the owner's browser may be told."""
    holder, found = _holder(owner), list_of(owner)
    return Known(
        rp_id=owner.tenant.rp_id,
        user_id=encoded(holder.handle),
        credential_ids=tuple(each.external_id for each in found),
        name=holder.name,
        display_name=holder.display_name,
    )


def begin(owner: Owner) -> dict[str, object]:
    """`PublicKeyCredentialCreationOptionsJSON` for a new passkey, good for five minutes; writes
    nothing. Raises `NotRecent` (SECURITY K11), and `NotFound` where the tenant takes none."""
    _demand_offered(owner)
    recent.demand(owner)
    return passkey_registration.creation_options(
        owner.tenant, _holder(owner), binding=owner.binding, exclude=list_of(owner)
    )


def finish(owner: Owner, credential: str, label: str | None = None) -> Made:
    """Keep what the browser made, under `label` or a name that tells where it is kept.

    Raises `Refused`, `NotRecent` and `app.hashing.Busy`.
    """
    _demand_offered(owner)
    recent.demand(owner)
    made = passkey_registration.register(
        owner.tenant,
        owner.actor,
        owner.user_id,
        binding=owner.binding,
        credential=credential,
        label=label,
        locale=owner.locale,
    )
    if isinstance(made, NotMade):
        raise _in_words(made)
    new = recovery_codes.new_codes() if _brings_codes(owner) else None
    try:
        with write(owner.tenant.id) as session:
            for effect in made:
                effect(session)
            if new:
                recovery_codes.replace(session, owner.actor, owner.user_id, new)
            kept = passkeys.list_of_user(session, owner.user_id)[-1]
            return Made(kept, new.codes if new else ())
    except Spent as spent:
        raise _in_words(spent.refused or NotMade()) from None


def rename(owner: Owner, id: str, label: str) -> None:
    """Give one another name; raises `Refused` for an empty one, and `NotFound`."""
    try:
        with write(owner.tenant.id) as session:
            passkeys.rename(session, owner.actor, owner.user_id, id, label)
    except BadValue:
        raise Refused("invalid_label", Text("error.label_missing"), "label") from None


def remove(owner: Owner, id: str) -> None:
    """Forget one, unless it is the last way in; tells the owner. Raises `Refused`, `NotRecent` and
    `NotFound`."""
    recent.demand(owner)
    get(owner, id)
    with in_words(), write(owner.tenant.id) as session:
        ways_in.demand_another(session, owner.tenant, owner.user_id, id)
        forget(session, owner.tenant, owner.actor, owner.user_id, id, locale=owner.locale)


def forget(
    session: Session,
    tenant: Tenant,
    actor: Actor,
    user_id: str,
    id: str,
    *,
    locale: str,
    reason: str | None = None,
) -> None:
    """Take a passkey from its owner, who is told. Raises `NotFound`."""
    label = passkeys.remove(session, actor, user_id, id, reason=reason)
    notices.tell(session, tenant, user_id, "passkey_removed", {"label": label}, locale)


def _brings_codes(owner: Owner) -> bool:
    """A passkey is a first factor too, so codes come with it only where two are asked for."""
    if "passkey" not in owner.tenant.settings.methods.second:
        return False
    with read(owner.tenant.id) as session:
        has = factors.of_user(session, owner.user_id)
        return recovery_codes.KIND not in has.kinds and ways_in.is_second_required(
            session, owner.tenant, owner.user_id, of_user=has.mfa_required
        )


def _demand_offered(owner: Owner) -> None:
    if not is_offered(owner):
        raise NotFound("passkey")


def _holder(owner: Owner) -> Holder:
    person = _person(owner)
    name = person.email or person.username or person.phone or owner.user_id
    return Holder(person.handle, name, person.display_name or name)


def _person(owner: Owner) -> Person:
    with read(owner.tenant.id) as session:
        person = people.snapshot_of(session, owner.user_id)
    if person is None:
        raise NotFound("user")
    return person


def _in_words(refused: NotMade) -> Refused:
    said = refused.message
    return Refused(
        refused.code, Text(said.id, said.values) if said else Text("error.passkey_not_made")
    )
