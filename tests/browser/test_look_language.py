"""Which language a page comes in."""

import pytest
from flask.testing import FlaskClient

from app.directory.settings import Texts
from app.language import negotiate, switched_on
from tests.browser import gallery

OFFER = Texts(locales=("en", "de", "ar"), default_locale="de")


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        ([], "de"),
        (["fr", "ja"], "de"),
        (["fr", "ar"], "ar"),
        (["de-AT", "en"], "de"),
        (["en_GB"], "en"),
        (["AR"], "ar"),
        (["*", "en"], "en"),
        (["../../etc/passwd", "x" * 10_000, ""], "de"),
        (["fr"] * 100 + ["en"], "de"),
    ],
)
def test_the_first_wanted_language_that_is_switched_on_is_met(
    wanted: list[str], locale: str
) -> None:
    assert negotiate(OFFER, wanted) == locale


def test_a_language_that_is_not_switched_on_is_not_met() -> None:
    assert negotiate(Texts(locales=("en",)), ["de"]) == "en"


def test_a_language_without_sentences_is_not_offered() -> None:
    assert switched_on(Texts(locales=("fi", "de"), default_locale="fi")) == ("de",)
    assert switched_on(Texts(locales=("fi",), default_locale="fi")) == ("en",)
    assert negotiate(Texts(locales=("fi", "de"), default_locale="fi"), ["fi"]) == "de"


def _language(client: FlaskClient, url: str, accept: str = "") -> str:
    page = client.get(url, headers={"Accept-Language": accept}).text
    return page.partition('<html lang="')[2].partition('"')[0]


def test_the_browsers_languages_count() -> None:
    client = gallery.create_gallery().test_client()
    assert _language(client, "/identify") == "en"
    assert _language(client, "/identify", "fi;q=0.9, ar;q=0.8, de;q=0.1") == "ar"


def test_a_choice_from_the_menu_wins_and_is_remembered() -> None:
    client = gallery.create_gallery().test_client()
    assert _language(client, "/identify?locale=ar", "de") == "ar"
    assert _language(client, "/password", "de") == "ar"
    cookie = client.get_cookie("authpage_locale_root")
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("ar", True, "Lax")


@pytest.mark.parametrize("chosen", ["fi", "xx", "", "%00", "en%0d%0aSet-Cookie:a=b", "<script>"])
def test_a_language_that_is_not_offered_is_neither_used_nor_remembered(chosen: str) -> None:
    client = gallery.create_gallery().test_client()
    answer = client.get(f"/identify?locale={chosen}", headers={"Accept-Language": "de"})
    assert '<html lang="de"' in answer.text
    assert "Set-Cookie" not in answer.headers or "authpage_locale" not in str(
        answer.headers.getlist("Set-Cookie")
    )


def test_the_menu_keeps_the_rest_of_the_address() -> None:
    client = gallery.create_gallery().test_client()
    page = client.get("/signed-out?layout=plain&state=a%26b").text
    assert 'href="/signed-out?layout=plain&amp;state=a%26b&amp;locale=de"' in page
