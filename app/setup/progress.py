"""How far an organization has come with its single sign-on, and what comes next."""

from dataclasses import dataclass
from typing import Final

from app.database import read
from app.directory import connections, domain_claims, organizations_policy, setup_access
from app.directory.connections import Connection
from app.directory.setup_access import KeptId
from app.directory.tenants import Tenant

PROVIDER, DOMAINS, TEST, POLICY = "provider", "domains", "test", "policy"
STEPS: Final = (PROVIDER, DOMAINS, TEST, POLICY)
"""In the order in which they are best taken: a test needs a provider, and goes well only for an
address in a proven domain."""
_REQUIRED = ("members", "domain")


@dataclass(frozen=True)
class Progress:
    """The steps that are done, and the connection that they are about."""

    done: frozenset[str]
    """`provider`: its values are entered. `domains`: one is proven. `test`: tested and active.
    `policy`: somebody must use it."""
    connection_id: str | None
    """One that people sign in by, else the newest; None where no provider was chosen."""

    @property
    def next(self) -> str | None:
        """The first step that is not done; None when all are."""
        return next((each for each in STEPS if each not in self.done), None)


def load(tenant: Tenant, organization_id: str) -> Progress:
    """How far the organization is."""
    with read(tenant.id) as session:
        there = connections.list_all(session, organization_id)
        kept = setup_access.kept_ids(session, tenant, organization_id)
        claims = domain_claims.list_all(session, organization_id)
        mode = organizations_policy.load(session, organization_id).sso
    facts = {
        PROVIDER: bool(there),
        DOMAINS: any(each.is_verified for each in claims),
        TEST: any(each.is_usable for each in there),
        POLICY: mode in _REQUIRED,
    }
    return Progress(frozenset(step for step, is_done in facts.items() if is_done), _of(there, kept))


def _of(there: list[Connection], kept: list[KeptId]) -> str | None:
    usable = [each.id for each in there if each.is_usable]
    waiting = [each.connection_id for each in kept[:1]]
    return next(iter([*usable, *(each.id for each in reversed(there)), *waiting]), None)
