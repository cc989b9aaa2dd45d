"""X11: custom domains in the console, from the first record to the last look."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import clock
from app.directory import host_checks, tenants
from app.ids import new_id
from tests.console.staff import Staff
from tests.doubles.dns_server import DnsServer
from tests.factories import Factory

pytestmark = pytest.mark.one_database

TARGET = "custom.authpage.example"


@pytest.fixture
def dns(app: Flask, context: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """The name server that the application asks, which knows where hosts must point to."""
    with DnsServer() as server:
        changed = {"dns_resolver": server.address, "custom_domain_target": (TARGET, "192.0.2.7")}
        chosen = app.config["AUTHPAGE"].model_copy(update=changed)
        monkeypatch.setitem(app.config, "AUTHPAGE", chosen)
        server.records[TARGET] = [["192.0.2.7"]]
        yield server


def _name() -> str:
    return f"{new_id('h').replace('_', '')}.acme.example"


def _added(staff: Staff, host: str) -> None:
    staff.press("/hosts/new", {"host": host})
    assert staff.told == "console.hosts.added"


def test_a_domain_goes_from_pending_to_active_to_broken_and_back(
    staff: Staff, dns: DnsServer
) -> None:
    host = _name()
    _added(staff, host)
    value = staff.page.by_id("owner-value").text
    assert staff.page.by_id("cname-1").text == TARGET
    assert staff.page.by_id("address-1").text == "192.0.2.7"
    assert staff.post(f"/hosts/{host}/check").status_code == 422
    assert "no such TXT record" in staff.messages[0]
    dns.texts[staff.page.by_id("owner-name").text] = [value]
    assert staff.post(f"/hosts/{host}/check").status_code == 422
    assert "leads nowhere" in staff.messages[0]
    dns.aliases[host] = TARGET
    staff.press(f"/hosts/{host}/check")
    assert staff.told == "console.hosts.served"
    assert tenants.by_host(host) is not None
    del dns.aliases[host]
    for _ in range(3):
        clock.move(2 * 24 * 3_600)
        while host_checks.run_once():
            pass
    assert tenants.by_host(host) is None
    staff = Staff(staff.app, staff.tenant)
    assert host in staff.get("/hosts").text
    dns.aliases[host] = TARGET
    staff.press(f"/hosts/{host}/check")
    assert tenants.by_host(host) is not None


def test_a_domain_is_removed_after_asking(staff: Staff, dns: DnsServer) -> None:
    host = _name()
    _added(staff, host)
    assert staff.get(f"/hosts/{host}/remove").status_code == 200
    staff.press(f"/hosts/{host}/remove")
    assert staff.told == "console.hosts.removed"
    assert staff.get(f"/hosts/{host}").status_code == 404


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "127.1", "0x7f.1", "a b", TARGET, "https://a.example", "x" * 300]
)
def test_hostile_domains_are_refused_at_the_field(staff: Staff, dns: DnsServer, host: str) -> None:
    assert staff.post("/hosts/new", {"host": host}).status_code == 422
    assert staff.errors["host"]


def test_without_a_target_nothing_can_be_added(staff: Staff) -> None:
    assert "CUSTOM_DOMAIN_TARGET" in staff.get("/hosts").text
    assert staff.post("/hosts/new", {"host": _name()}).status_code == 422


def test_another_tenant_s_domain_stays_theirs(staff: Staff, dns: DnsServer, make: Factory) -> None:
    host = _name()
    _added(staff, host)
    dns.texts[staff.page.by_id("owner-name").text] = [staff.page.by_id("owner-value").text]
    dns.aliases[host] = TARGET
    staff.press(f"/hosts/{host}/check")
    other = Staff(staff.app, make.tenant())
    _added(other, host)
    dns.texts[f"_authpage-host.{host}"].append(other.page.by_id("owner-value").text)
    assert other.post(f"/hosts/{host}/check").status_code == 422
    assert other.messages == ["console.hosts.taken"]
    found = tenants.by_host(host)
    assert found is not None
    assert found.id == staff.tenant.id
