"""How strongly a person must be proven, and by what: one evaluation for whoever asks.

Four layers speak: the tenant, the organization that the person acts for, the roles there, and the
person's own row. Each may only add to what the others ask; the strictest wins. Pure: what the
records say comes in, what follows from it comes out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from app.directory.settings import TenantSettings

Mfa = Literal["off", "optional", "required"]
_STRICTNESS: tuple[Mfa, ...] = ("off", "optional", "required")
OPTING_IN = frozenset({"totp"})
"""Factors that somebody sets up for no other end than to be asked for them. A passkey, a phone and
a mailbox are first factors too, so whoever has them has not asked for two."""


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
    """The tenant's first factors that the organization takes too."""
    first = settings.methods.sign_in
    if acting is None or acting.methods is None:
        return first
    return tuple(method for method in first if method in acting.methods)


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
        if acting.requires_mfa:
            yield "required", f"organization {acting.slug}", "policy.mfa"
        for role in acting.demanding_roles:
            yield "required", f"role {role}", "mfa_required"
        for role in acting.roles:
            if role in settings.policy.mfa_roles:
                yield "required", f"tenant, for role {role}", "policy.mfa_roles"
    if user_requires_mfa:
        yield "required", "user", "mfa_required"


def _on_methods(settings: TenantSettings, acting: Acting | None) -> Iterator[Rule]:
    """Whose removal would change what is allowed."""
    first, allowed = settings.methods.sign_in, allowed_methods(settings, acting)
    own = acting.methods if acting else None
    tenant_decided = own is None or allowed == first or not {*own} <= {*first}
    yield Rule("tenant", "methods.sign_in", ", ".join(first), tenant_decided)
    if acting is not None and own is not None:
        record = f"organization {acting.slug}"
        yield Rule(record, "policy.methods", ", ".join(own), allowed != first)
