"""A sensitive change needs a recent proof of the person, as strong as the person can give it."""

from app import clock
from app.account.owner import Owner
from app.account.refused import NotRecent
from app.database import Session, read
from app.directory import factors, policy, ways_in
from app.directory.factors import Factors
from app.flow.assurance import KNOWN, level_of

_STRONG = frozenset({"totp", "passkey"})
"""Factors of which everybody who has one can give a proof beside any first factor."""


def demand(owner: Owner) -> None:
    """Return when the owner signed in lately, with two factors if they have two; at most
    two statements.

    Raises `NotRecent` otherwise, which asks for exactly what is missing.
    """
    needed = level_needed(owner)
    max_age = owner.tenant.settings.policy.recent_sign_in
    if not _is_fresh(owner) or level_of(owner.acr) < needed:
        raise NotRecent(max_age, KNOWN[needed - 1 :] if needed > 1 else ())


def is_strong(owner: Owner) -> bool:
    """Whether the sign-in was strong enough for a sensitive change, however long ago it was."""
    return level_of(owner.acr) >= level_needed(owner)


def level_needed(owner: Owner) -> int:
    """The level of `assurance` that a sensitive change of this person takes."""
    with read(owner.tenant.id) as session:
        has = factors.of_user(session, owner.user_id)
        return 2 if _is_second_due(session, owner, has) else 1


def _is_fresh(owner: Owner) -> bool:
    max_age = owner.tenant.settings.policy.recent_sign_in
    return owner.auth_time > clock.now() - max_age * clock.SECOND


def _is_second_due(session: Session, owner: Owner, has: Factors) -> bool:
    """Only where the person can give it: who has no second factor yet must be able to add one. The
    account is one, so what any of its organizations asks counts, whichever the session acts for."""
    settings = owner.tenant.settings
    if not has.kinds & {*settings.methods.second} & _STRONG:
        return False
    if settings.policy.mfa == "optional" and policy.has_opted_in(settings, has.kinds):
        return True
    return ways_in.is_second_required(
        session, owner.tenant, owner.user_id, of_user=has.mfa_required
    )
