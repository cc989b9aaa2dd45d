"""What text messages say: the code first, the line for browsers last, two segments at most."""

from dataclasses import replace
from itertools import product

import pytest

from app import text
from app.delivery.outbox import Payload
from app.delivery.sms_message import build, segments
from app.directory.tenants import Tenant

VALUES = {"code": "123456", "minutes": "10"}
CODES = ("sign_in_code", "sign_up_code", "verify_phone_code", "recovery_code", "second_code")


def _named(tenant: Tenant, name: str, issuer: str = "https://login.acme.example") -> Tenant:
    return replace(tenant, name=name, issuer=issuer)


def _with_text(tenant: Tenant, locale: str, purpose: str, sentence: str) -> Tenant:
    texts = tenant.settings.texts.model_copy(
        update={"overrides": {locale: {f"sms.{purpose}": sentence}}}
    )
    return replace(tenant, settings=tenant.settings.model_copy(update={"texts": texts}))


@pytest.mark.parametrize("locale", text.locales())
@pytest.mark.parametrize("purpose", CODES)
def test_a_code_comes_first_and_is_bound_to_the_site(
    tenant: Tenant, locale: str, purpose: str
) -> None:
    said = build(_named(tenant, "Acme"), purpose, Payload("+4915123456789", VALUES, locale))
    assert said.startswith("123456 ")
    assert said.endswith("\n\n@login.acme.example #123456")
    assert "{{" not in said
    assert segments(said) <= 2


@pytest.mark.parametrize("locale", text.locales())
@pytest.mark.parametrize("purpose", ["recovery_started", "test"])
def test_notices_carry_no_line_for_browsers(tenant: Tenant, locale: str, purpose: str) -> None:
    said = build(_named(tenant, "Acme"), purpose, Payload("+4915123456789", {}, locale))
    assert "Acme" in said
    assert "@" not in said
    assert segments(said) <= 2


def test_a_port_is_no_part_of_the_site(tenant: Tenant) -> None:
    local = _named(tenant, "Acme", "http://localhost:8000/t/acme")
    said = build(local, "sign_in_code", Payload("+4915123456789", VALUES, "en"))
    assert said.endswith("\n\n@localhost #123456")


@pytest.mark.parametrize(
    "name",
    ["A" * 200, "Łódź " * 40, "🦊" * 40, "a\n\nb"],
    ids=["long", "Polish", "foxes", "lines"],
)
def test_a_long_name_or_site_never_makes_a_third_segment(tenant: Tenant, name: str) -> None:
    long = _named(tenant, name, f"https://{'login.' * 20}example")
    for purpose, locale in product(CODES, text.locales()):
        said = build(long, purpose, Payload("+4915123456789", VALUES, locale))
        assert segments(said) <= 2, (purpose, locale)
        assert said.startswith("123456 ")
        assert "\n" not in said.partition("\n\n@")[0]


def test_a_tenants_own_sentence_is_said(tenant: Tenant) -> None:
    own = _with_text(_named(tenant, "Acme"), "en", "sign_in_code", "{{ code }}: shh!")
    said = build(own, "sign_in_code", Payload("+4915123456789", VALUES, "en"))
    assert said == "123456: shh!\n\n@login.acme.example #123456"


def test_a_tenants_own_sentence_that_is_too_long_is_not(tenant: Tenant) -> None:
    own = _with_text(_named(tenant, "Acme"), "en", "sign_in_code", "{{ code }}" + " shh" * 100)
    said = build(own, "sign_in_code", Payload("+4915123456789", VALUES, "en"))
    assert said.startswith("123456 is your code to sign in to Acme.")


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ر" * 70, 1),
        ("ر" * 71, 2),
        ("ر" * 134, 2),
        ("ر" * 135, 3),
        ("🦊" * 35, 1),
        ("🦊" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_network_does(message: str, count: int) -> None:
    assert segments(message) == count
