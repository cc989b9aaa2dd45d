"""P16: what a first visit to the sign-in page downloads."""

import gzip
from urllib.parse import urljoin

from flask import Flask

from tests.factories import Factory
from tests.inspection import faults_of
from tests.visitors import HtmlVisitor, Page

MOST_BYTES = 20_000
MOST_REQUESTS = 3


def test_p16_the_sign_in_page_is_light(app: Flask, make: Factory) -> None:
    page = HtmlVisitor(app, make.client(make.tenant()))
    page.open()
    loaded = _needed(page.page)
    assert len(loaded) + 1 <= MOST_REQUESTS, loaded
    sizes = {"page": len(gzip.compress(page.text.encode()))}
    for url in loaded:
        response = app.test_client().get(
            urljoin("http://localhost:8000", url), headers={"Accept-Encoding": "gzip"}
        )
        assert response.status_code == 200, url
        assert "immutable" in response.headers["Cache-Control"], url
        sizes[url] = len(response.data)
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert not list(faults_of(page.text)), "No third party is asked."


def _needed(page: Page) -> list[str]:
    """The addresses of what the page cannot do without; icons come later and by themselves."""
    styles = [each.get("href") for each in page.all("link") if "stylesheet" in each.get("rel")]
    scripts = [each.get("src") for each in page.all("script") if each.get("src")]
    images = [each.get("src") for each in page.all("img")]
    return [*styles, *scripts, *images]
