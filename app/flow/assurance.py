"""How strongly a person was proven, in the words of OpenID Connect Core, section 2 (acr)."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.directory.settings import Methods
from app.methods import METHODS

ONE_FACTOR = "urn:authpage:acr:1fa"
TWO_FACTORS = "urn:authpage:acr:2fa"
PHISHING_RESISTANT = "urn:authpage:acr:phr"
"""A passkey whose authenticator verified its user: two factors that no other site can ask for."""
ANONYMOUS = "anonymous"
"""What stands in place of a method for a user who proved nothing."""
KNOWN = (ONE_FACTOR, TWO_FACTORS, PHISHING_RESISTANT)


class Proven(Protocol):
    """A proof, as the flow keeps it."""

    @property
    def method(self) -> str:
        """The method, or `session`."""

    @property
    def amr(self) -> tuple[str, ...]:
        """Its references."""

    @property
    def by(self) -> tuple[str, ...]:
        """The methods that it stands for."""

    @property
    def acr(self) -> str | None:
        """What a session amounted to."""


def level(proofs: Sequence[Proven], second: Iterable[str]) -> int:
    """0 without any proof, 1 for one factor, 2 for two of different kinds of which one is named in
    `second`, 3 where a passkey verified its user."""
    alone = max((_alone(proof) for proof in proofs), default=0)
    if alone != 1:
        return alone
    accepted = {*second, "recovery_code"}
    kinds = {method: _category(method) for proof in proofs for method in proof.by}
    has_second = any(
        method in accepted and any(kind != other for other in kinds.values())
        for method, kind in kinds.items()
    )
    return 2 if has_second else 1


def acr_of(reached: int) -> str | None:
    """The authentication context class of a level; None without any proof."""
    return KNOWN[reached - 1] if reached else None


def level_of(acr: str | None) -> int:
    """The level that a context class stands for; 0 for one that is not ours."""
    return KNOWN.index(acr) + 1 if acr in KNOWN else 0


def possible(methods: Methods) -> tuple[str, ...]:
    """The context classes that somebody could be proven to with a tenant's methods."""
    has_passkeys = "passkey" in (*methods.sign_in, *methods.second)
    if has_passkeys:
        return KNOWN
    return KNOWN[:2] if methods.second else KNOWN[:1]


def demanded(acrs: Iterable[str]) -> int:
    """The lowest level that would do where any of these classes is asked for; 0 where none of them
    is ours."""
    return min((level_of(acr) for acr in acrs if level_of(acr)), default=0)


def _alone(proof: Proven) -> int:
    if proof.method == ANONYMOUS:
        return 0
    if proof.method == "session":
        return max(1, level_of(proof.acr))
    if proof.method == "passkey" and "mfa" in proof.amr:
        return 3
    if _category(proof.method) == "upstream" and "mfa" in proof.amr:
        return 2  # Only a connection that is trusted to may say so.
    return 1


def _category(method: str) -> str:
    key = method.partition(":")[0]
    return METHODS[key].category if key in METHODS else key
