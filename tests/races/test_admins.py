"""X04: of the owners of everything who take the role from one another at the same moment, one
stays."""

from flask import Flask

from app.actor import CLI, Actor
from app.database import EVERYWHERE, read, write
from app.directory import admins
from app.directory.admins import AdminRole
from app.directory.errors import BadValue
from tests.console.staff import Staff
from tests.factories import Factory
from tests.races.crowd import at_once


def _owners(staff: Staff) -> list[AdminRole]:
    with read(EVERYWHERE) as session:
        found = admins.list_of(session, staff.console, staff.tenant.id)
    return [each for each in found if each.administered_id is None and each.role == "owner"]


def _revoke(staff: Staff, actor: Actor, role_id: str) -> bool:
    try:
        with write(EVERYWHERE) as session:
            admins.revoke(session, actor, staff.console, role_id, administered_id=None)
    except BadValue:
        return False
    return True


def test_x04_the_last_owner_of_everything_stays(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    two = [Staff(app, tenant, everywhere=True) for _ in range(2)]
    kept = {each.user_id for each in two}
    for each in _owners(two[0]):
        if each.user_id not in kept:
            assert _revoke(two[0], CLI, each.id)
    role_of = {each.user_id: each.id for each in _owners(two[0])}

    def revoke_the_other(number: int) -> bool:
        roles = frozenset({"owner", "platform"})
        actor = Actor("admin", two[number].user_id, roles=roles)
        return _revoke(two[0], actor, role_of[two[1 - number].user_id])

    assert sorted(at_once(app, revoke_the_other, 2)) == [False, True]
    assert len(_owners(two[0])) == 1
