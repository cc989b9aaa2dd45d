"""D06, G15: random and nearly right requests on every route; none is answered with 500, and what is
refused is a problem document for programs and a page for people."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import Factory
from tests.security.belongings import household
from tests.security.insider import Insider
from tests.security.stranger import Stranger

SEED = 20_261_121
FEW, MANY = 4_000, 100_000
FEW_INSIDE = 1_000
ONE_LIFE = 200
"""Requests of one insider: in the end most of what it had is removed."""
_PROGRAMS = ("/headless/", "/api/", "/.well-known/")
_OAUTH = ("/oauth2/token", "/oauth2/revoke")


def _path(response: TestResponse) -> str:
    """The path below the tenant's base URL."""
    path = response.request.path
    return "/" + path.split("/", 3)[3] if path.startswith("/t/") and path.count("/") > 2 else path


def _form_of(response: TestResponse) -> str | None:
    """What is wrong with the form of a refusal; None for a good one."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return None
    if response.status_code == 405 and not response.headers.get("Allow"):
        return "does not say what is allowed"
    if response.status_code in (401, 403) and "WWW-Authenticate" in response.headers:
        return None  # RFC 6750: the challenge is the answer.
    if _path(response) in _OAUTH:
        return None if (response.get_json(silent=True) or {}).get("error") else "has no error"
    if _path(response).startswith(_PROGRAMS):
        return _problem_of_json(response)
    if response.mimetype == "text/html":
        return None if "<h1" in response.text else "is a page without a heading"
    return _problem_of_json(response)


def _problem_of_json(response: TestResponse) -> str | None:
    document = response.get_json(silent=True)
    if not isinstance(document, dict):
        return f"is {response.mimetype} and no document"
    if document.get("outcome") == "wrong":
        return None
    if response.mimetype != "application/problem+json":
        return f"is {response.mimetype}"
    known = document.get("status") == response.status_code and document.get("code")
    return None if known else "has neither status nor code"


def _sent(send: Callable[[], TestResponse], requests: int, note: str) -> Counter[int]:
    statuses: Counter[int] = Counter()
    for number in range(requests):
        response = send()
        statuses[response.status_code] += 1
        asked = response.request
        wrong = "failed" if response.status_code >= 500 else _form_of(response)
        assert wrong is None, (
            f"Request {number} of {note}: {asked.method} {asked.url[:500]!r}"
            f" answered {response.status_code}, which {wrong}: {response.text[:300]}"
        )
    return statuses


def _by_strangers(app: Flask, make: Factory, requests: int, seed: int) -> Counter[int]:
    stranger = Stranger(app, household(app, make), seed)
    return _sent(stranger.send, requests, f"stranger {seed}")


def _by_insiders(app: Flask, make: Factory, requests: int, seed: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    for life in range(requests // ONE_LIFE):
        insider = Insider(app, make, seed * 1_000 + life)
        statuses += _sent(insider.send, ONE_LIFE, f"insider {seed * 1_000 + life}")
    return statuses


def test_d06_no_route_answers_500(app: Flask, make: Factory) -> None:
    statuses = _by_strangers(app, make, FEW, SEED)
    assert statuses[200] > FEW / 50, "Some of the requests must be right."
    assert statuses[303] > FEW / 100


def test_d06_nobody_who_is_signed_in_gets_a_500(app: Flask, make: Factory) -> None:
    statuses = _by_insiders(app, make, FEW_INSIDE, SEED)
    done = statuses[200] + statuses[201] + statuses[204] + statuses[303]
    assert done > FEW_INSIDE / 3, "Many of the requests must be right."
    assert statuses[422] > FEW_INSIDE / 50
    assert statuses[401] < FEW_INSIDE / 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_d06_no_route_answers_500_for_long(app: Flask, make: Factory, seed: int) -> None:
    _by_strangers(app, make, MANY, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_d06_nobody_signed_in_gets_a_500_for_long(app: Flask, make: Factory, seed: int) -> None:
    _by_insiders(app, make, MANY, seed)
