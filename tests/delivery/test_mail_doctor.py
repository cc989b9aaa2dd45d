"""The mail doctor against a DNS peer: each finding is one sentence, with the record to add."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import name_server
from app.config import Settings
from app.delivery import mail_doctor
from app.delivery.mail_doctor import Finding, Sender
from tests.doubles.dns_server import DnsServer

DOMAIN = "acme.example"
AZURE = Sender(DOMAIN, "azure")
OWN = Sender(DOMAIN, "smtp", "mail.acme.example", "k1")
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBg"


@pytest.fixture
def names(tmp_path: Path) -> Iterator[DnsServer]:
    with DnsServer() as server:
        app = Flask("doctor")
        app.config["AUTHPAGE"] = Settings.model_validate(
            {"environment": "test", "data_dir": tmp_path, "dns_resolver": server.address}
        ).completed()
        with app.app_context():
            yield server


def _part(sender: Sender, part: str) -> Finding:
    return next(each for each in mail_doctor.examine(sender) if each.part == part)


def test_a_domain_without_records_is_told_each_of_them(names: DnsServer) -> None:
    found = mail_doctor.examine(AZURE)
    assert [(each.part, each.state) for each in found] == [
        ("SPF", "fail"),
        ("DKIM", "fail"),
        ("DKIM", "fail"),
        ("DMARC", "fail"),
    ]
    added = [each.add for each in found if each.add]
    assert [(each.name, each.kind) for each in added] == [
        (DOMAIN, "TXT"),
        (f"selector1-azurecomm-prod-net._domainkey.{DOMAIN}", "CNAME"),
        (f"selector2-azurecomm-prod-net._domainkey.{DOMAIN}", "CNAME"),
        (f"_dmarc.{DOMAIN}", "TXT"),
    ]
    assert added[0].value == "v=spf1 include:spf.protection.outlook.com -all"
    assert added[1].value == "selector1-azurecomm-prod-net._domainkey.azurecomm.net"


def test_a_domain_with_all_records_is_well(names: DnsServer) -> None:
    names.texts = {
        DOMAIN: ["unrelated", "v=spf1 a:mail.acme.example -all"],
        f"k1._domainkey.{DOMAIN}": [KEY],
        f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject; rua=mailto:x@acme.example"],
    }
    assert {each.state for each in mail_doctor.examine(OWN)} == {"ok"}


@pytest.mark.parametrize(
    ("records", "state", "said"),
    [
        (["v=spf1 -all", "v=spf1 mx -all"], "fail", "several"),
        (["v=spf1 +all"], "fail", "every server"),
        (["v=spf1 all"], "fail", "every server"),
        (["v=spf1 mx ?all"], "warn", "refuses nobody"),
        (["v=spf10 -all"], "fail", "No record"),
        ([f"v=spf1 {' '.join(f'a:h{n}.example' for n in range(11))} -all"], "fail", "look-ups"),
        (["v=spf1 include:loop.example -all"], "ok", "says which"),
    ],
)
def test_faults_of_spf_are_told_apart(
    names: DnsServer, records: list[str], state: str, said: str
) -> None:
    names.texts = {DOMAIN: records, "loop.example": ["v=spf1 include:loop.example -all"]}
    found = _part(OWN, "SPF")
    assert (found.state, said in found.sentence) == (state, True), found.sentence


def test_an_spf_record_is_widened_for_azure_not_replaced(names: DnsServer) -> None:
    names.texts = {DOMAIN: ["v=spf1 include:other.example -all"]}
    found = _part(AZURE, "SPF")
    assert found.add is not None
    assert found.add.value == (
        "v=spf1 include:spf.protection.outlook.com include:other.example -all"
    )


@pytest.mark.parametrize(
    ("key", "state"), [("v=DKIM1; p=", "fail"), (f"{KEY}; t=y", "warn"), ("nothing", "fail")]
)
def test_faults_of_dkim_are_told_apart(names: DnsServer, key: str, state: str) -> None:
    names.texts = {f"k1._domainkey.{DOMAIN}": [key]}
    assert _part(OWN, "DKIM").state == state
    assert _part(Sender(DOMAIN), "DKIM").state == "warn"


@pytest.mark.parametrize(
    ("domain", "record", "state"),
    [
        (DOMAIN, "v=DMARC1; p=none", "warn"),
        (DOMAIN, "v=DMARC1; p=quarantine", "ok"),
        (f"mail.{DOMAIN}", "v=DMARC1; p=reject", "ok"),
        (f"mail.{DOMAIN}", "v=DMARC1; p=reject; sp=none", "warn"),
        (DOMAIN, "v=DMARC1; p=maybe", "fail"),
    ],
)
def test_a_dmarc_policy_is_read_also_from_the_domain_above(
    names: DnsServer, domain: str, record: str, state: str
) -> None:
    names.texts = {f"_dmarc.{DOMAIN}": [record]}
    assert _part(Sender(domain), "DMARC").state == state


def test_a_dns_that_cannot_say_is_no_missing_record(
    names: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_server, "SECONDS", 0.1)
    names.fails = True
    found = mail_doctor.examine(OWN)
    assert {(each.state, each.add) for each in found} == {("warn", None)}
