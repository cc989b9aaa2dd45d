"""Home-realm discovery: which identity providers an address may or must sign in with, and why.

Pure, and asked before any challenge is created, so that an address whose domain belongs to an
organization's connection never causes a code to be sent. Nothing here knows whether the address
has an account: what an organization asks of its members only is asked once somebody is proven.

The rules, in order; the first that settles it decides:

1. Only an address has a domain. Whoever signs in by number or name does so here.
2. The domain belongs to the longest proven claim of an active organization that covers it. What
   nobody has proven counts for nothing, however long it stands in the records: whoever typed it in
   would decide where others sign in.
3. That organization may have switched single sign-on off.
4. It must have a connection that people can sign in by; with several, the person picks one.
5. Single sign-on may be asked of everybody in the domain: then there is no way in here.
6. Asked of members only, or of nobody, it is offered beside the ways in here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

LOCAL = "local"
BREAK_GLASS = "break_glass"
"""By the ways in here that send nothing, for the owners whom an organization named."""
Sso = Literal["off", "optional", "members", "domain"]
Reason = Literal[
    "no_domain", "no_claim", "sso_off", "no_connection", "required", "members", "optional"
]


@dataclass(frozen=True)
class Candidate:
    """A connection of an organization, as buttons name it."""

    connection_id: str
    name: str
    is_usable: bool = True
    """Whether people may sign in by it now."""
    takes_new: bool = True
    """Whether it lets somebody in who has no account yet."""


@dataclass(frozen=True)
class DomainClaim:
    """An organization's claim to a domain that covers the address, with what serves it."""

    id: str
    domain: str
    organization_id: str
    organization_name: str
    connections: tuple[Candidate, ...]
    sso: Sso = "optional"
    has_subdomains: bool = False
    is_verified: bool = True
    is_active: bool = True
    """Whether the organization is."""
    has_break_glass: bool = False
    """Whether the organization named owners who may sign in without its connections."""

    def covers(self, domain: str) -> bool:
        """Whether `domain` is the claimed one, or below it where that is claimed too."""
        is_below = self.has_subdomains and domain.endswith(f".{self.domain}")
        return domain == self.domain or is_below


@dataclass(frozen=True)
class Rule:
    """One thing that a record says, and whether the result follows from it."""

    rule: str
    record: str
    """The id of the record; `-` where the rule found none."""
    says: str
    decided: bool


@dataclass(frozen=True)
class Realm:
    """Where an address signs in."""

    candidates: tuple[Candidate, ...]
    """The connections to choose from; none for the tenant's own methods alone."""
    is_required: bool
    """Whether there is no way in but by one of them."""
    reason: Reason
    record: str | None
    """The id of the record that decided."""
    rules: tuple[Rule, ...] = ()
    organization_id: str | None = None
    organization_name: str | None = None
    has_break_glass: bool = False
    """Whether a door that sends nothing must stay open, for owners whom nobody knows before they
    are proven. It is the same for every address of the domain."""

    @property
    def is_local(self) -> bool:
        """Whether only the tenant's own methods are offered."""
        return not self.candidates

    @property
    def id(self) -> str:
        """The connection that one must sign in with, the first of several; else `local`."""
        return self.candidates[0].connection_id if self.is_required else LOCAL

    @property
    def says(self) -> str:
        """What decided, in words."""
        return next((rule.says for rule in self.rules if rule.decided), _NO_DOMAIN)


Connections = Callable[[str, str], Sequence[DomainClaim]]
"""Given a tenant id and a domain, the claims that cover it, with their connections."""

_NO_DOMAIN = "only an address belongs to a domain"
NO_DOMAIN = Realm((), False, "no_domain", None, (Rule("address", "-", _NO_DOMAIN, True),))
"""The realm of a number or a username."""


def no_connections(_tenant_id: str, _domain: str) -> Sequence[DomainClaim]:
    """The connection table of a tenant that has no connections."""
    return ()


def discover(domain: str, claims: Sequence[DomainClaim]) -> Realm:
    """The realm of an address of `domain` (IDNA ASCII, lower case), given the claims to it."""
    seen, owner = _owner(domain, claims)
    if owner is None:
        says = f"nobody has proven a claim to {domain}" if seen else f"nobody claims {domain}"
        return _local("no_claim", None, (*seen, Rule("claim", "-", says, True)))
    if owner.sso == "off":
        says = f"{owner.organization_name} has switched single sign-on off"
        return _local("sso_off", owner, (*seen, _of_policy(owner, says, decided=True)))
    listed = tuple(_of_connection(each) for each in owner.connections)
    usable = tuple(each for each in owner.connections if each.is_usable)
    if not usable:
        says = f"{owner.organization_name} has no active connection"
        end = Rule("connection", owner.organization_id, says, True)
        return _local("no_connection", owner, (*seen, *listed, end))
    return _by_policy(owner, usable, (*seen, *listed))


def _owner(
    domain: str, claims: Sequence[DomainClaim]
) -> tuple[tuple[Rule, ...], DomainClaim | None]:
    """What each claim says, the longest first, and the one that the domain belongs to."""
    longest_first = sorted(claims, key=lambda each: (-len(each.domain), each.id))
    owner = next((each for each in longest_first if _passed_over(each, domain) is None), None)
    rules = [
        Rule("claim", each.id, _of_claim(each, domain, owner), False) for each in longest_first
    ]
    return tuple(rules), owner


def _of_claim(claim: DomainClaim, domain: str, owner: DomainClaim | None) -> str:
    """What becomes of a claim."""
    said = f"{claim.domain} is claimed by {claim.organization_name}"
    passed = _passed_over(claim, domain)
    if passed is None and claim is not owner:
        passed = "a longer claim comes first"
    return f"{said}, but {passed}" if passed else f"{said}, and proven"


def _passed_over(claim: DomainClaim, domain: str) -> str | None:
    """Why a claim does not count for `domain`; None where it does."""
    if not claim.covers(domain):
        return "not what is below it" if domain.endswith(f".{claim.domain}") else "not this domain"
    if not claim.is_verified:
        return "not proven"
    return None if claim.is_active else "the organization is disabled"


def _of_policy(owner: DomainClaim, says: str, *, decided: bool) -> Rule:
    return Rule("policy", owner.organization_id, says, decided)


def _of_connection(each: Candidate) -> Rule:
    says = f"{each.name} is active" if each.is_usable else f"{each.name} is not active"
    if not each.takes_new:
        says = f"{says}, and takes nobody who is new"
    return Rule("connection", each.connection_id, says, False)


_ASKED: dict[Sso, tuple[Reason, str]] = {
    "domain": ("required", "asks single sign-on of everybody in the domain"),
    "members": ("members", "asks single sign-on of its members, once they are proven"),
    "optional": ("optional", "offers single sign-on beside the ways in here"),
}


def _by_policy(
    owner: DomainClaim, usable: tuple[Candidate, ...], before: tuple[Rule, ...]
) -> Realm:
    """The connections, as what must or may be taken."""
    reason, says = _ASKED[owner.sso]
    return Realm(
        candidates=usable,
        is_required=owner.sso == "domain",
        reason=reason,
        record=owner.organization_id,
        rules=(*before, _of_policy(owner, f"{owner.organization_name} {says}", decided=True)),
        organization_id=owner.organization_id,
        organization_name=owner.organization_name,
        has_break_glass=owner.has_break_glass,
    )


def _local(reason: Reason, owner: DomainClaim | None, rules: tuple[Rule, ...]) -> Realm:
    owner_id = owner.organization_id if owner else None
    name = owner.organization_name if owner else None
    return Realm((), False, reason, owner_id, rules, owner_id, name)
