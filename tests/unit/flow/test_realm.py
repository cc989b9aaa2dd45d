"""Home-realm discovery: pure, with its reason in words."""

import pytest

from app.flow.realm import LOCAL, DomainClaim, discover, no_connections


def _claim(**changes: object) -> DomainClaim:
    values: dict[str, object] = {
        "domain": "corp.example",
        "connection_id": "con_1",
        "organization_id": "org_1",
        "is_enabled": True,
        "sso": "required",
        **changes,
    }
    return DomainClaim(**values)  # type: ignore[arg-type]


def test_a_required_connection_takes_its_domain() -> None:
    realm = discover("corp.example", [_claim()])
    assert (realm.id, realm.is_local) == ("con_1", False)
    assert realm.reason == "corp.example is claimed and single sign-on is required"


@pytest.mark.parametrize(
    "claim", [_claim(sso="optional"), _claim(is_enabled=False)], ids=["optional", "off"]
)
def test_an_optional_or_disabled_connection_takes_nobody(claim: DomainClaim) -> None:
    realm = discover("corp.example", [claim])
    assert (realm.id, realm.is_local) == (LOCAL, True)
    assert realm.reason == "corp.example is claimed, but single sign-on is off or optional"


@pytest.mark.parametrize(
    "domain", ["example", "other.example", "sub.corp.example", "corp.example.evil.example"]
)
def test_a18_only_the_very_domain_is_taken(domain: str) -> None:
    realm = discover(domain, [_claim()])
    assert realm.is_local
    assert realm.reason == f"nobody claims {domain}"


def test_the_one_that_is_required_wins() -> None:
    claims = [_claim(connection_id="con_2", sso="optional"), _claim()]
    assert discover("corp.example", claims).id == "con_1"


def test_there_are_no_connections_yet() -> None:
    assert list(no_connections("ten_1", "corp.example")) == []
