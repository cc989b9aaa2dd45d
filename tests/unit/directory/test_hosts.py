"""X11: hosts that a tenant adds, proven by DNS and looked at again every day."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.audit.log import list_page
from app.config import settings
from app.database import EVERYWHERE, named, read, write
from app.directory import host_checks, hosts, tenants
from app.directory.errors import BadValue, NotFound, Taken
from app.directory.hosts import Host, NameServerAway, OwnerUnknown, PointsElsewhere
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.doubles.dns_server import DnsServer

DAYS = 24 * 3_600
TARGET, ADDRESS = "custom.authpage.example", "198.51.100.7"
OWNER = Actor("admin", "usr_admin", roles=frozenset({"owner"}))
_FORGET = named("DELETE FROM host_claim", everywhere=True)


@pytest.fixture
def world(dns: DnsServer, directory_app: Flask, monkeypatch: pytest.MonkeyPatch) -> DnsServer:
    """The DNS, where the target of the installation is known; no host of another test is due."""
    with write(EVERYWHERE) as session:
        session.execute(_FORGET)
    changed = settings().model_copy(update={"custom_domain_target": (TARGET,)})
    monkeypatch.setitem(directory_app.config, "AUTHPAGE", changed)
    dns.records[TARGET] = [[ADDRESS, "2001:db8::7"]]
    return dns


def name() -> str:
    return f"{new_id('h').replace('_', '')}.acme.example"


def added(tenant: Tenant, host: str) -> Host:
    with write(tenant.id) as session:
        return hosts.claim(session, OWNER, host)


def owned(dns: DnsServer, host: Host) -> None:
    record, value = host.owner_record
    dns.texts[record] = [*dns.texts.get(record, ()), value]


def served(tenant: Tenant, dns: DnsServer) -> Host:
    host = added(tenant, name())
    owned(dns, host)
    dns.aliases[host.host] = TARGET
    return hosts.verify(tenant.id, OWNER, host.host)


def again(tenant: Tenant, host: Host) -> Host:
    with read(tenant.id) as session:
        found = hosts.find(session, host.host)
    assert found is not None
    return found


def _after(seconds: int) -> int:
    clock.move(seconds)
    return host_checks.run_once()


def test_a_host_is_served_once_both_records_are_there(tenant: Tenant, world: DnsServer) -> None:
    host = added(tenant, f" {name().upper()}. ")
    assert (host.state, host.check_at) == ("pending", None)
    assert tenants.by_host(host.host) is None
    world.aliases[host.host] = TARGET
    with pytest.raises(OwnerUnknown):
        hosts.verify(tenant.id, OWNER, host.host)
    owned(world, host)
    assert hosts.verify(tenant.id, OWNER, host.host).state == "active"
    found = tenants.by_host(host.host)
    assert found is not None
    assert (found.id, found.issuer, found.rp_id) == (tenant.id, tenant.issuer, tenant.rp_id)
    assert added(tenant, host.host).token == host.token


@pytest.mark.parametrize(
    ("records", "leads"),
    [([ADDRESS], True), (["2001:db8::7"], True), ([ADDRESS, "203.0.113.9"], False), ([], False)],
)
def test_a_domain_s_own_name_leads_here_by_all_its_addresses(
    tenant: Tenant, world: DnsServer, records: list[str], leads: bool
) -> None:
    host = added(tenant, name())
    owned(world, host)
    world.records[host.host] = [records]
    if leads:
        assert hosts.verify(tenant.id, OWNER, host.host).state == "active"
        return
    with pytest.raises(PointsElsewhere) as refused:
        hosts.verify(tenant.id, OWNER, host.host)
    assert set(refused.value.leads_to) == set(records)


def test_x11_a_name_that_was_left_behind_is_no_one_else_s(
    tenant: Tenant, other_tenant: Tenant, world: DnsServer
) -> None:
    host = served(tenant, world)
    theirs = added(other_tenant, host.host)
    assert theirs.token != host.token
    with pytest.raises(OwnerUnknown):
        hosts.verify(other_tenant.id, OWNER, host.host)
    owned(world, theirs)
    with pytest.raises(Taken):
        hosts.verify(other_tenant.id, OWNER, host.host)
    with write(tenant.id) as session:
        hosts.remove(session, OWNER, host.host)
    assert tenants.by_host(host.host) is None
    assert hosts.verify(other_tenant.id, OWNER, host.host).state == "active"


def test_x11_a_host_that_leads_elsewhere_is_served_no_more_and_stays_the_tenant_s(
    tenant: Tenant, other_tenant: Tenant, world: DnsServer
) -> None:
    host = served(tenant, world)
    world.aliases[host.host] = "elsewhere.example"
    world.records["elsewhere.example"] = [["203.0.113.9"]]
    assert [_after(DAYS + 60), again(tenant, host).failures] == [1, 1]
    assert _after(DAYS) == 0
    assert [_after(DAYS), again(tenant, host).failures] == [1, 2]
    assert tenants.by_host(host.host) is not None
    assert _after(2 * DAYS) == 1
    assert again(tenant, host).state == "broken"
    assert tenants.by_host(host.host) is None
    assert tenants.by_id(tenant.id).hosts == ()  # type: ignore[union-attr]
    theirs = added(other_tenant, host.host)
    owned(world, theirs)
    world.aliases[host.host] = TARGET
    with pytest.raises(Taken):
        hosts.verify(other_tenant.id, OWNER, host.host)
    assert hosts.verify(tenant.id, OWNER, host.host).state == "active"
    assert tenants.by_host(host.host) is not None
    with read(tenant.id) as session:
        events = [each.event for each in list_page(session).items if "host." in each.event]
    assert events == ["host.verified", "host.stopped", "host.verified", "host.claimed"]


def test_a_dns_that_is_away_and_a_target_that_is_gone_take_nothing_back(
    tenant: Tenant, world: DnsServer
) -> None:
    host = served(tenant, world)
    world.fails = True
    assert [_after(2 * DAYS) for _ in range(4)] == [1] * 4
    world.fails = False
    del world.records[TARGET]
    assert [_after(2 * DAYS) for _ in range(4)] == [1] * 4
    assert (again(tenant, host).state, again(tenant, host).failures) == ("active", 0)
    with pytest.raises(NameServerAway):
        hosts.verify(tenant.id, OWNER, host.host)


def test_a_record_that_is_back_forgives(tenant: Tenant, world: DnsServer) -> None:
    host = served(tenant, world)
    del world.aliases[host.host]
    assert [_after(2 * DAYS), _after(2 * DAYS), again(tenant, host).failures] == [1, 1, 2]
    world.aliases[host.host] = TARGET
    assert [_after(2 * DAYS), again(tenant, host).failures] == [1, 0]


def test_a_worker_that_was_slower_leaves_the_host_alone(tenant: Tenant, world: DnsServer) -> None:
    host = served(tenant, world)
    clock.move(2 * DAYS)
    seen = again(tenant, host).check_at
    assert host_checks.run_once() == 1
    with read(EVERYWHERE) as session:
        (due,) = session.execute(named("SELECT id FROM host_claim", everywhere=True)).all()
    assert seen is not None
    assert not host_checks._look(tenant.id, due.id, host.host, seen)


HOSTILE = """
acme
127.0.0.1
[::1]
a@b.example
a b.example
login.acme.example:8443
https://login.acme.example
*.acme.example
-a.example
a..example
a.example/
localhost
a.localhost
\u202ea.example
"""


@pytest.mark.parametrize(
    "host", ["", "x" * 64 + ".example", TARGET, f"a.{TARGET}", *HOSTILE.strip().splitlines()]
)
def test_hostile_hosts_are_refused(tenant: Tenant, world: DnsServer, host: str) -> None:
    with pytest.raises(BadValue):
        added(tenant, host)


def test_a_host_in_other_letters_is_kept_as_the_dns_knows_it(
    tenant: Tenant, world: DnsServer
) -> None:
    assert added(tenant, "anmelden.bücher.example").host == "anmelden.xn--bcher-kva.example"


def test_nothing_is_added_before_the_operator_said_where_to_point(
    tenant: Tenant, dns: DnsServer
) -> None:
    with pytest.raises(BadValue):
        added(tenant, name())


def test_what_the_operator_added_and_the_issuer_stay(tenant: Tenant, world: DnsServer) -> None:
    host = name()
    with write(EVERYWHERE) as session:
        tenants.add_host(session, CLI, tenant.id, host)
        slug, own = new_id("t").replace("_", "-"), name()
        other = tenants.create(session, CLI, slug, "Globex", host=own)
    assert hosts.verify(tenant.id, OWNER, host).is_of_operator
    for owner, each in ((tenant.id, host), (other, own)):
        with pytest.raises(BadValue), write(owner) as session:
            hosts.remove(session, OWNER, each)
    with write(tenant.id) as session:
        hosts.remove(session, CLI, host)
        with pytest.raises(NotFound):
            hosts.remove(session, CLI, host)
    with pytest.raises(BadValue), write(other) as session:
        hosts.remove(session, CLI, own)


def test_a_tenant_adds_only_so_many(
    tenant: Tenant, world: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "MOST", 1)
    added(tenant, name())
    with pytest.raises(BadValue):
        added(tenant, name())
