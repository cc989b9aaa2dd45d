"""Open redirects (SECURITY C08): no return address leaves the app."""

from urllib.parse import quote

import pytest
from authpage import safe_return_to

from sdk.tests.conftest import Browser

LEAVING = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "///evil.example",
    "https:///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%0d%0aLocation: https://evil.example",
    "https:evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app@evil.example",
    "http://localhost:8001@evil.example",
    "/a\r\nSet-Cookie: a=b",
    "/a\x00",
    "/\u2028/evil.example",
    "/é",
    "evil",
    "",
    "/" + "a" * 600,
]

STAYING = ["/", "/reports", "/reports?tab=2&x=%2F%2Fevil", "/a//b", "/a#b", "/@evil", "/a:b"]


@pytest.mark.parametrize("value", LEAVING)
def test_c08_return_to_never_leaves_the_app(browser: Browser, value: str) -> None:
    assert safe_return_to(value, "/start") == "/start"
    done = browser.sign_in(f"?return_to={quote(value, safe='')}")
    assert (done.status_code, done.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("value", STAYING)
def test_c08_a_page_of_the_app_is_returned_to(browser: Browser, value: str) -> None:
    done = browser.sign_in(f"?return_to={quote(value, safe='')}")
    assert done.headers["Location"] == value
