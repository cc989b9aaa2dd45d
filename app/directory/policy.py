"""How strongly a person must be proven, and by what: one evaluation for whoever asks.

Four layers speak: the tenant, the organization that the person acts for with those above it, the
roles there, and the person's own row. Each may only add to what the others ask; the strictest wins.
Pure: what the records say comes in, what follows from it comes out.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.directory.settings import TenantSettings

Mfa = Literal["off", "optional", "required"]
_STRICTNESS: tuple[Mfa, ...] = ("off", "optional", "required")
OPTING_IN = frozenset({"totp"})
"""Factors that somebody sets up for no other end than to be asked for them. A passkey, a phone and
a mailbox are first factors too, so whoever has them has not asked for two."""


class Above(Protocol):
    """An organization above the one that a person acts for."""

    @property
    def slug(self) -> str:
        """Its short name."""

    @property
    def requires_mfa(self) -> bool:
        """Whether it asks a second factor of whoever acts for one below it."""

    @property
    def methods(self) -> tuple[str, ...] | None:
        """The only methods by which one below it may be acted for; None for all."""


class Acting(Protocol):
    """The membership that a person acts by."""

    @property
    def slug(self) -> str:
        """The organization's."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The person's roles there."""

    @property
    def requires_mfa(self) -> bool:
        """Whether the organization asks a second factor of whoever acts for it."""

    @property
    def demanding_roles(self) -> tuple[str, ...]:
        """Those of the roles that ask for one by themselves."""

    @property
    def methods(self) -> tuple[str, ...] | None:
        """The only methods by which it may be acted for; None for all that the tenant has."""

    @property
    def inherited(self) -> Sequence[Above]:
        """What the organizations above it ask, the nearest first."""


@dataclass(frozen=True)
class Rule:
    """One thing that a record says, and whether the decision follows from it."""

    record: str
    """The kind of the record and what it is called, such as `organization northwind`."""
    setting: str
    says: str
    decided: bool


@dataclass(frozen=True)
class Decision:
    """What the layers amount to."""

    mfa: Mfa
    methods: tuple[str, ...]
    """The first factors that will do, in the tenant's order; maybe none."""
    rules: tuple[Rule, ...]


def decide(
    settings: TenantSettings, *, user_requires_mfa: bool = False, acting: Acting | None = None
) -> Decision:
    """What is asked of a person who acts by this membership, or as themselves."""
    said = [*_on_mfa(settings, user_requires_mfa, acting)]
    mfa = max((each[0] for each in said), key=_STRICTNESS.index)
    methods = allowed_methods(settings, acting)
    rules = [Rule(record, setting, says, says == mfa) for says, record, setting in said]
    return Decision(mfa, methods, (*rules, *_on_methods(settings, acting)))


def allowed_methods(settings: TenantSettings, acting: Acting | None) -> tuple[str, ...]:
    """The tenant's first factors that the organization takes too, and every one above it."""
    takes = [methods for _, methods in _taken(acting)]
    return tuple(
        method for method in settings.methods.sign_in if all(method in each for each in takes)
    )


def takes_all(acting: Acting | None) -> bool:
    """Whether whatever method the tenant has will do."""
    return not any(_taken(acting))


def has_opted_in(settings: TenantSettings, factors: Collection[str]) -> bool:
    """Whether somebody with these factors wants to be asked for one where it is optional."""
    return bool(OPTING_IN & {*factors} & {*settings.methods.second})


def is_second_due(decision: Decision, *, opted_in: bool, is_trusted: bool = False) -> bool:
    """Whether one factor is too few: for everybody where a second is required, where it is optional
    for those who opted in; on a browser that the person trusts for nobody."""
    if is_trusted:
        return False
    return decision.mfa == "required" or (decision.mfa == "optional" and opted_in)


def _on_mfa(
    settings: TenantSettings, user_requires_mfa: bool, acting: Acting | None
) -> Iterator[tuple[Mfa, str, str]]:
    """What each layer says, with its record and the setting there."""
    yield settings.policy.mfa, "tenant", "policy.mfa"
    if acting is not None:
        for each in (acting, *acting.inherited):
            if each.requires_mfa:
                yield "required", f"organization {each.slug}", "policy.mfa"
        for role in acting.demanding_roles:
            yield "required", f"role {role}", "mfa_required"
        for role in acting.roles:
            if role in settings.policy.mfa_roles:
                yield "required", f"tenant, for role {role}", "policy.mfa_roles"
    if user_requires_mfa:
        yield "required", "user", "mfa_required"


def _on_methods(settings: TenantSettings, acting: Acting | None) -> Iterator[Rule]:
    """Whoever takes less than the tenant offers has decided; the tenant where nobody does, or where
    somebody takes what it does not offer."""
    first, taken = settings.methods.sign_in, [*_taken(acting)]
    is_narrowed = allowed_methods(settings, acting) != first
    is_wider = any(not {*methods} <= {*first} for _, methods in taken)
    yield Rule("tenant", "methods.sign_in", ", ".join(first), is_wider or not is_narrowed)
    for slug, methods in taken:
        decided = not {*first} <= {*methods}
        yield Rule(f"organization {slug}", "policy.methods", ", ".join(methods), decided)


def _taken(acting: Acting | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The organizations that take only some methods, with those."""
    for each in (acting, *acting.inherited) if acting else ():
        if each.methods is not None:
            yield each.slug, each.methods
