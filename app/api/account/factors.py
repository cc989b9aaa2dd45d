"""`/totp`, `/recovery-codes` and `/passkeys`: what proves one beside a password."""

import json
from typing import Any

from pydantic import BaseModel, Field

from app.account import passkeys, recent, recovery_codes, totp
from app.account.owner import Owner
from app.api.account.door import Body, operation
from app.api.account.shapes import Label, Moment, Short
from app.directory.authenticators import Authenticator as AuthenticatorRow
from app.directory.passkeys import ListedPasskey

_CREDENTIAL = "PublicKeyCredential.toJSON() (WebAuthn Level 3, section 5.1)"


class Authenticator(BaseModel):
    """An authenticator app."""

    id: str
    label: str | None
    created_at: Moment
    last_used_at: Moment | None


class Authenticators(BaseModel):
    """The authenticator apps, oldest first."""

    items: list[Authenticator]


class PendingAuthenticator(BaseModel):
    """A secret that counts only once its first code has come."""

    id: str = Field(description="What to confirm")
    secret: str = Field(description="Base 32")
    otpauth_uri: str
    qr_code: str = Field(description="The URI as a picture: a data URL")
    expires_at: Moment


class FirstCode(Body):
    """The first code of a new authenticator, and what to call it."""

    code: Short
    label: Label | None = None


class ConfirmedAuthenticator(BaseModel):
    """An authenticator that is a factor now."""

    authenticator: Authenticator
    recovery_codes: list[str] = Field(
        description="New ones with the first factor, shown only now; else none"
    )


class Name(Body):
    """What something is to be called."""

    label: Label


class RecoveryCodes(BaseModel):
    """How many recovery codes are left."""

    left: int


class NewRecoveryCodes(BaseModel):
    """A new set, shown only now; any older one is dead."""

    codes: list[str]


class Passkey(BaseModel):
    """A passkey."""

    id: str
    label: str
    created_at: Moment
    last_used_at: Moment | None


class MadePasskey(BaseModel):
    """A passkey that was just made."""

    passkey: Passkey
    recovery_codes: list[str] = Field(
        description="New ones, shown only now, where a second factor is required; else none"
    )


class Passkeys(BaseModel):
    """The passkeys, and what the device's password manager may be told of them."""

    items: list[Passkey]
    known: dict[str, Any] = Field(description="For the Signal API (WebAuthn Level 3, 5.1.10)")


class CreationOptions(BaseModel):
    """What `navigator.credentials.create` takes, good for five minutes."""

    public_key: dict[str, Any] = Field(description="PublicKeyCredentialCreationOptionsJSON")


class NewPasskey(Body):
    """What the device made."""

    credential: dict[str, Any] = Field(description=_CREDENTIAL)
    label: Label | None = None


@operation("GET", "/totp", "Authenticator apps", answers=Authenticators)
def list_authenticators(owner: Owner) -> Authenticators:
    """Never with their secrets."""
    return Authenticators(items=[_authenticator(each) for each in totp.list_of(owner)])


@operation(
    "POST",
    "/totp",
    "Begin to add an authenticator app",
    answers=PendingAuthenticator,
    status=201,
    creates=True,
    sensitive=True,
    codes=("too_many_authenticators", "not_found"),
)
def begin_authenticator(owner: Owner) -> PendingAuthenticator:
    """Nothing changes until its first code comes."""
    waiting = totp.begin(owner)
    return PendingAuthenticator(
        id=waiting.id,
        secret=waiting.pending.secret,
        otpauth_uri=waiting.pending.uri,
        qr_code=waiting.pending.data_url,
        expires_at=waiting.pending.expires_at,
    )


@operation(
    "POST",
    "/totp/pending/{enrolment_id}/confirm",
    "Make it a factor by its first code",
    takes=FirstCode,
    answers=ConfirmedAuthenticator,
    sensitive=True,
    codes=("wrong_code", "malformed_code", "code_expired", "wrong_answer", "busy"),
)
def confirm_authenticator(
    owner: Owner, sent: FirstCode, enrolment_id: str
) -> ConfirmedAuthenticator:
    """Ten tries within twenty minutes."""
    recent.demand(owner)
    totp.waiting(owner, enrolment_id)
    confirmed = totp.confirm(owner, enrolment_id, sent.code, sent.label)
    return ConfirmedAuthenticator(
        authenticator=_authenticator(confirmed.authenticator),
        recovery_codes=[*confirmed.recovery_codes],
    )


@operation(
    "PATCH",
    "/totp/{authenticator_id}",
    "Rename an authenticator app",
    takes=Name,
    codes=("bad_value",),
)
def rename_authenticator(owner: Owner, sent: Name, authenticator_id: str) -> None:
    """An empty label takes the name away."""
    totp.rename(owner, authenticator_id, sent.label)


@operation(
    "DELETE",
    "/totp/{authenticator_id}",
    "Remove an authenticator app",
    sensitive=True,
    codes=("last_factor", "last_way_in"),
)
def remove_authenticator(owner: Owner, authenticator_id: str) -> None:
    """With the last factor go the recovery codes."""
    totp.remove(owner, authenticator_id)


@operation("GET", "/recovery-codes", "How many recovery codes are left", answers=RecoveryCodes)
def count_recovery_codes(owner: Owner) -> RecoveryCodes:
    """The codes themselves are never shown again."""
    return RecoveryCodes(left=recovery_codes.count(owner))


@operation(
    "POST",
    "/recovery-codes",
    "Make new recovery codes",
    answers=NewRecoveryCodes,
    status=201,
    creates=True,
    sensitive=True,
    codes=("no_second_factor", "busy", "not_found"),
)
def make_recovery_codes(owner: Owner) -> NewRecoveryCodes:
    """The older ones are dead at once."""
    return NewRecoveryCodes(codes=[*recovery_codes.regenerate(owner)])


@operation("GET", "/passkeys", "Passkeys", answers=Passkeys)
def list_passkeys(owner: Owner) -> Passkeys:
    """Oldest first."""
    items = [_passkey(each) for each in passkeys.list_of(owner)]
    return Passkeys(items=items, known=passkeys.known(owner).document())


@operation(
    "POST",
    "/passkeys/options",
    "Options for a new passkey",
    answers=CreationOptions,
    sensitive=True,
    codes=("not_found",),
)
def passkey_options(owner: Owner) -> CreationOptions:
    """Writes nothing."""
    return CreationOptions(public_key=passkeys.begin(owner))


@operation(
    "POST",
    "/passkeys",
    "Keep a passkey that the device made",
    takes=NewPasskey,
    answers=MadePasskey,
    status=201,
    creates=True,
    sensitive=True,
    codes=(
        "not_found",
        "passkey_missing",
        "passkey_refused",
        "passkey_expired",
        "passkey_exists",
        "too_many_passkeys",
        "wrong_answer",
        "busy",
    ),
)
def add_passkey(owner: Owner, sent: NewPasskey) -> MadePasskey:
    """Without a label it is named after where it is kept."""
    made = passkeys.finish(owner, json.dumps(sent.credential), sent.label)
    return MadePasskey(passkey=_passkey(made.passkey), recovery_codes=[*made.recovery_codes])


@operation(
    "PATCH",
    "/passkeys/{passkey_id}",
    "Rename a passkey",
    takes=Name,
    codes=("invalid_label",),
)
def rename_passkey(owner: Owner, sent: Name, passkey_id: str) -> None:
    """It keeps working."""
    passkeys.rename(owner, passkey_id, sent.label)


@operation(
    "DELETE",
    "/passkeys/{passkey_id}",
    "Remove a passkey",
    sensitive=True,
    codes=("last_factor", "last_way_in"),
)
def remove_passkey(owner: Owner, passkey_id: str) -> None:
    """Never the last way in."""
    passkeys.remove(owner, passkey_id)


def _authenticator(each: AuthenticatorRow) -> Authenticator:
    return Authenticator(
        id=each.id, label=each.label, created_at=each.created_at, last_used_at=each.last_used_at
    )


def _passkey(each: ListedPasskey) -> Passkey:
    return Passkey(
        id=each.id, label=each.label, created_at=each.created_at, last_used_at=each.last_used_at
    )
