"""Finding people in a long list: by how a key begins, filtered, ordered, a page at a time."""

import re
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import update

from app import clock
from app.actor import CLI
from app.addresses import parse_email
from app.database import EVERYWHERE, Session, read, write
from app.directory import (
    anonymous,
    authenticators,
    contacts,
    deletion,
    organizations,
    people,
    people_search,
    people_status,
)
from app.directory.people_search import Wish
from app.directory.tenants import Tenant
from app.extensions import db
from app.identifiers import parse_as
from app.models import User


@dataclass(frozen=True)
class Crowd:
    """People of one tenant by a short name, and where to look for them."""

    tenant: Tenant
    ids: dict[str, str]

    def found(self, typed: str = "", **wish: object) -> list[str]:
        """The short names of who is listed, in order."""
        named = {user_id: name for name, user_id in self.ids.items()}
        return [named[each] for each in self.ids_for(Wish(text=typed, **wish))]  # type: ignore[arg-type]

    def ids_for(self, wish: Wish) -> list[str]:
        """Every page of one each, so that all cursors are used."""
        found: list[str] = []
        after: str | None = None
        while True:
            with read(self.tenant.id) as session:
                page = people_search.list_page(session, self.tenant, wish, after, limit=1)
            found += [each.id for each in page.items]
            after = page.next_cursor
            if after is None:
                return found


PEOPLE = {
    "ada": ("ada@example.com", "Ada King Lovelace"),
    "jorg": ("joerg@müller.example", "Jörg Müller"),
    "percent": ("100%_sure@example.com", "100%_Sure"),
    "hostile": ("x'--@example.com", "<b>Bob</b>\nRm \u202e-rf"),
    "bare": (None, None),
}


@pytest.fixture
def crowd(tenant: Tenant, other_tenant: Tenant) -> Crowd:
    ids: dict[str, str] = {}
    with write(tenant.id) as session:
        for name, (address, shown) in PEOPLE.items():
            email = parse_email(address) if address else None
            ids[name] = people.create(session, CLI, email=email, display_name=shown)
        phone = parse_as("phone", "+4915123456789", "ZZ")
        contacts.add(session, CLI, ids["bare"], phone)
        contacts.set_username(session, CLI, ids["bare"], parse_as("username", "Nobody.7", ""))
        ids["guest"] = people.create(session, CLI, is_anonymous=True, display_name="Ada Guest")
        erased = people.create(session, CLI, email=parse_email("ada2@example.com"))
        people_status.erase(session, CLI, erased)
    with write(other_tenant.id) as session:
        people.create(
            session, CLI, email=parse_email("ada@example.com"), display_name="Ada King Lovelace"
        )
    return Crowd(tenant, ids)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada", ["ada"]),
        ("ADA@Example.com", ["ada"]),
        ("love", ["ada"]),
        ("lovelace a", ["ada"]),
        ("king", []),
        ("jorg", ["jorg"]),
        ("MÜLL", ["jorg"]),
        ("joerg@müller.example", ["jorg"]),
        ("nobody", ["bare"]),
        ("+49 151", ["bare"]),
        ("+4915123456789", ["bare"]),
        ("usr_", ["bare", "hostile", "percent", "jorg", "ada"]),
        ("100%", ["percent"]),
        ("%", []),
        ("_", []),
        ("1__", []),
        ("' OR 1=1 --", []),
        ("x'-", ["hostile"]),
        ("<b>bob", ["hostile"]),
        ("\x00\x1b[31m\ud800", []),
        ("\U0010ffff", []),
        ("z" * 5_000, []),
    ],
)
def test_b06_what_is_typed_is_a_beginning_and_never_a_pattern(
    crowd: Crowd, typed: str, expected: list[str]
) -> None:
    assert crowd.found(typed) == expected


def test_an_id_is_found_whole_and_by_how_it_begins(crowd: Crowd) -> None:
    assert crowd.found(crowd.ids["ada"]) == ["ada"]
    assert "ada" in crowd.found(crowd.ids["ada"][:14])


def test_a_number_is_found_without_its_countrys_code(crowd: Crowd) -> None:
    settings = crowd.tenant.settings
    german = settings.model_copy(
        update={"identifiers": settings.identifiers.model_copy(update={"default_region": "DE"})}
    )
    here = Crowd(replace(crowd.tenant, settings=german), crowd.ids)
    assert here.found("0151 234") == ["bare"]
    assert here.found("0151 23456789") == ["bare"]


def test_filters_say_who_is_listed(crowd: Crowd) -> None:
    ids, now = crowd.ids, clock.now()
    with write(crowd.tenant.id) as session:
        people_status.disable(session, CLI, ids["jorg"])
        deletion.ask(session, CLI, ids["percent"], due=now + clock.DAY)
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        authenticators.add(session, CLI, ids["ada"], secret=secret, label=None, step=0)
        acme = organizations.create(session, CLI, name="Acme")
        organizations.join(session, CLI, acme, ids["ada"], ["member"])
        for name, days in (("ada", 1), ("jorg", 100)):
            signed_in(session, crowd.tenant, ids[name], now - days * clock.DAY)
    everybody = ["bare", "hostile", "percent", "jorg", "ada"]
    assert crowd.found() == everybody
    assert crowd.found(status="active") == ["bare", "hostile", "percent", "ada"]
    assert crowd.found(status="disabled") == ["jorg"]
    assert crowd.found(status="leaving") == ["percent"]
    assert crowd.found("ada", status="anonymous") == ["guest"]
    assert crowd.found(mfa=True) == ["ada"]
    assert crowd.found("j", mfa=False) == ["jorg"]
    assert crowd.found(passkey=True) == []
    assert crowd.found(passkey=False) == everybody
    assert crowd.found(organization_id=acme) == ["ada"]
    assert crowd.found(organization_id="org_elsewhere") == []
    month = now - 30 * clock.DAY
    assert crowd.found(signed_in_since=month) == ["ada"]
    assert crowd.found(not_signed_in_since=month) == ["bare", "hostile", "percent", "jorg"]
    assert crowd.found(created_before=now - clock.HOUR) == []
    assert crowd.found(created_since=now - clock.HOUR) == everybody


def test_orders_keep_their_pages_apart(crowd: Crowd) -> None:
    with write(crowd.tenant.id) as session:
        for name, at in (("ada", 5), ("jorg", 5), ("bare", 9)):
            signed_in(session, crowd.tenant, crowd.ids[name], at)
    assert crowd.found(order="oldest") == ["ada", "jorg", "percent", "hostile", "bare"]
    assert crowd.found(order="signed_in") == ["bare", "jorg", "ada"]
    with read(crowd.tenant.id) as session:
        for after in ("~", "x~usr_1", "\x00", "9" * 40 + "~usr_1", "' OR 1"):
            wish = Wish(order="signed_in")
            people_search.list_page(session, crowd.tenant, wish, after)


def signed_in(session: Session, tenant: Tenant, user_id: str, at: int) -> None:
    query = update(User).where(User.tenant_id == tenant.id, User.id == user_id)
    session.execute(query.values(last_signed_in_at=at))


def test_a_name_is_found_as_it_is_changed(crowd: Crowd) -> None:
    with write(crowd.tenant.id) as session:
        people.update(session, CLI, crowd.ids["ada"], display_name="Grace Hopper")
        anonymous.upgrade(
            session,
            CLI,
            crowd.ids["guest"],
            display_name="Zoë Guest",
            locale=None,
            public_metadata={},
            private_metadata={},
        )
    assert crowd.found("hopper") == ["ada"]
    assert crowd.found("love") == []
    assert crowd.found("zoe") == ["guest"]


def test_no_search_reads_the_whole_table(crowd: Crowd) -> None:
    """Each way of looking is a walk along an index, as the databases say themselves."""
    wishes = [
        Wish(text="ada"),
        Wish(text="+49 151"),
        Wish(text="usr_01"),
        Wish(order="signed_in"),
        Wish(status="disabled", mfa=True, organization_id="org_x"),
    ]
    for wish in wishes:
        with read(crowd.tenant.id) as session:
            query = people_search.statement(session, crowd.tenant, wish)
            sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        steps = explained(sql.replace("%", "%%"))
        assert not [each for each in steps if re.search(r"^SCAN|Seq Scan", each)], steps


def explained(sql: str) -> list[str]:
    """How the database would answer, if no table were too small for its indexes."""
    with read(EVERYWHERE) as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {sql}").all()
            connection.exec_driver_sql("RESET enable_seqscan")
    return [str(row[-1]) for row in rows]
