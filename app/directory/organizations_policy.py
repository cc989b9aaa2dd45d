"""What an organization asks of its members beyond what its tenant asks of everybody."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import memberships, permissions, settings_store
from app.directory.errors import BadValue, NotFound
from app.directory.settings import OrganizationPolicy
from app.directory.settings_store import BadSettings
from app.directory.wrong_values import sentence_of
from app.models import Membership, Organization


def load(session: Session, organization_id: str) -> OrganizationPolicy:
    """The policy of an organization. Raises `NotFound`."""
    query = select(Organization.policy).where(*_is(session, organization_id))
    document = session.scalar(query)
    if document is None:
        raise NotFound("organization")
    return OrganizationPolicy.model_validate(document)


def parse(document: Mapping[str, Any]) -> OrganizationPolicy:
    """The policy that `document` describes; raises `BadSettings`."""
    try:
        return OrganizationPolicy.model_validate(dict(document))
    except ValidationError as error:
        raise BadSettings([f"{e['loc'][0]}: {sentence_of(e)}" for e in error.errors()]) from None


def set_policy(
    session: Session, actor: Actor, organization_id: str, policy: OrganizationPolicy
) -> None:
    """Replace an organization's policy; it counts from the next sign-in or answer to an app on.

    Raises `NotFound`, and `BadValue` where nobody could sign in any more, because the tenant offers
    none of the methods, or the organizations above take none of them; and for a break-glass owner
    who is no owner.
    """
    permissions.demand(actor, "organization.set_policy", organization_id=organization_id)
    _demand_owners(session, organization_id, policy.break_glass)
    if policy.methods is not None:
        _demand_usable(session, organization_id, policy.methods)
    document = policy.model_dump(mode="json", exclude_none=True)
    changed = session.scalar(
        sa.update(Organization)
        .where(*_is(session, organization_id))
        .values(policy=document, updated_at=clock.now(), row_version=Organization.row_version + 1)
        .returning(Organization.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise NotFound("organization")
    targets = [("organization", organization_id)]
    record(session, events.ORGANIZATION_POLICY_SET, actor, targets=targets, data=document)


def _demand_owners(session: Session, organization_id: str, user_ids: Collection[str]) -> None:
    """Whoever comes in without the organization's provider has the role of its creator."""
    if not user_ids:
        return
    role = settings_store.load(session).organizations.creator_role
    query = select(Membership.user_id, Membership.roles).where(
        Membership.tenant_id == tenant_of(session),
        Membership.organization_id == organization_id,
        Membership.user_id.in_(user_ids),
    )
    owners = {user_id for user_id, roles in session.execute(query) if role in roles}
    for user_id in user_ids:
        if user_id not in owners:
            raise BadValue("break_glass", f"{user_id} is no {role} of the organization.")


def _demand_usable(session: Session, organization_id: str, methods: Collection[str]) -> None:
    offered = settings_store.load(session).methods.sign_in
    if not {*methods} & {*offered}:
        raise BadValue("methods", f"The tenant offers only {', '.join(offered)}.")
    for each in memberships.above(session, organization_id):
        if each.methods is not None:
            offered = tuple(method for method in offered if method in each.methods)
    if not {*methods} & {*offered}:
        raise BadValue("methods", f"The organizations above take only {', '.join(offered)}.")


def _is(session: Session, organization_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Organization.tenant_id == tenant_of(session), Organization.id == organization_id
