"""Support codes: short, read aloud, and found however they were written down."""

from collections.abc import Callable

import pytest

from app import support_codes
from app.ids import new_id


@pytest.mark.parametrize("make", [lambda: new_id("flw"), support_codes.new_request_id])
def test_a_code_leads_back_to_the_end_of_its_id(make: Callable[[], str]) -> None:
    made = make()
    code = support_codes.of_id(made)
    assert len(code) == 9
    for written in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' - ')} "):
        assert support_codes.ending(written) == made[-8:]


def test_letters_that_look_like_digits_are_those_digits() -> None:
    assert support_codes.ending("oIlO-7xpd") == "01107xpd"


@pytest.mark.parametrize("given", ["", "K7QM", "K7QM-3XPDX", "K7QM-3XPU", "K7QM-3XPD\u0660"])
def test_what_is_no_code_is_none(given: str) -> None:
    assert support_codes.ending(given) is None


def test_an_id_of_a_proxy_is_its_own_code() -> None:
    assert support_codes.of_id("proxy-LOUD") == "proxy-LOUD"
