"""Chromium's virtual authenticator: passkeys of a real browser, without anybody's finger."""

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.browser.person import Person
from tests.doubles.authenticator import Passkey

_INTERNAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualAuthenticator:
    """The authenticator of one tab. Present, it answers by itself; absent, it lets the page wait;
    while it does not recognise its user, it refuses."""

    def __init__(self, person: Person, **options: Any) -> None:
        self._tab = person.context.new_cdp_session(person.page)
        self._tab.send("WebAuthn.enable", {"enableUI": False})
        added = self._tab.send(
            "WebAuthn.addVirtualAuthenticator", {"options": {**_INTERNAL, **options}}
        )
        self._id = str(added["authenticatorId"])

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """The passkeys that it keeps."""
        return list(self._ask("getCredentials")["credentials"])

    def give_to(self, other: "VirtualAuthenticator") -> None:
        """Copy the passkeys to another authenticator, as a cloud would."""
        for credential in self.credentials:
            other._ask("addCredential", credential=credential)

    def take(self, passkey: Passkey) -> None:
        """Keep a passkey that an authenticator in software made."""
        private = passkey.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        credential = {
            "credentialId": b64encode(passkey.id).decode(),
            "isResidentCredential": True,
            "rpId": passkey.rp_id,
            "privateKey": b64encode(private).decode(),
            "userHandle": b64encode(passkey.user_handle).decode(),
            "signCount": passkey.counter,
            "backupEligibility": True,
            "backupState": True,
        }
        self._ask("addCredential", credential=credential)

    def is_present(self, present: bool) -> None:
        """Whether somebody touches it when asked."""
        self._ask("setAutomaticPresenceSimulation", enabled=present)

    def recognises(self, recognised: bool) -> None:
        """Whether it recognises the finger."""
        self._ask("setUserVerified", isUserVerified=recognised)

    def _ask(self, command: str, **parameters: Any) -> Any:
        return self._tab.send(f"WebAuthn.{command}", {"authenticatorId": self._id, **parameters})
