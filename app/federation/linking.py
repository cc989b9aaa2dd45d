"""Who a verified identity is here: one table for every connection and every door.

A tie of connection and subject decides alone. An address never does: it leads to an account only
when the provider may vouch for it, and then the account's owner confirms by a way in that they had
before. An organization's connection speaks only for domains that the organization proved.
(SECURITY A01 to A13)
"""

from dataclasses import dataclass
from typing import Literal

from app.directory.people import Person

Move = Literal["sign_in", "confirm", "evict", "create", "ask_email", "link", "refuse"]


@dataclass(frozen=True)
class Known:
    """What the records say about an identity."""

    linked: Person | None
    """Whom the subject is tied to."""
    owner: Person | None
    """Who has the address that the provider told."""
    has_email: bool
    is_vouched: bool
    """Whether the provider may vouch for that address, and did."""
    is_enterprise: bool
    is_own_domain: bool
    """Whether the connection's organization proved the address's domain."""
    creates_users: bool
    """Whether the connection lets new people in, and the tenant too; or a place waits for this
    one."""
    asked_by: str | None = None
    """Who asked at the own account to be tied to whomever the provider proves, by user id."""


@dataclass(frozen=True)
class Decision:
    """What follows, and by which rule of the table."""

    move: Move
    rule: str
    """A stable id; of a refusal, the diagnosis."""


def decide(known: Known) -> Decision:
    """The first rule that fits.

    `sign_in` as `linked`; `confirm`: the owner of the address signs in by an own way first, then is
    tied; `evict`: nobody ever proved that account's address, so all that it held goes, and it is
    tied; `create` a user with the address proven; `ask_email`: an address has to be given and
    proven; `link` to the signed-in person who asked for it; `refuse`.
    """
    if known.asked_by is not None:
        return _as_asked(known.asked_by, known.linked)
    if known.linked is not None:
        return _as_linked(known.linked)
    if known.is_enterprise and known.has_email and not known.is_own_domain:
        return Decision("refuse", "email_not_theirs")
    if known.is_enterprise and not known.has_email:
        return Decision("refuse", "email_missing")
    if known.has_email and known.is_vouched:
        return _vouched(known)
    if known.is_enterprise:
        return Decision("refuse", "email_not_theirs")
    return _new("ask_email", "address_unproven", known)


def _as_asked(user_id: str, linked: Person | None) -> Decision:
    """Whoever has the subject keeps it: a link never takes it from them."""
    if linked is not None and linked.user_id != user_id:
        return Decision("refuse", "identity_taken")
    return Decision("link", "asked_for")


def _as_linked(person: Person) -> Decision:
    if person.status != "active":
        return Decision("refuse", "account_disabled")
    return Decision("sign_in", "linked")


def _vouched(known: Known) -> Decision:
    owner = known.owner
    if owner is None:
        return _new("create", "address_is_new", known)
    if owner.status != "active":
        return Decision("refuse", "account_disabled")
    if not owner.email_verified:
        return Decision("evict", "account_unproven")
    return Decision("confirm", "address_has_an_account")


def _new(move: Move, rule: str, known: Known) -> Decision:
    return Decision(move, rule) if known.creates_users else Decision("refuse", "user_not_allowed")
