"""Sentences: filled in, counted, overridden, and the same in every language."""

from string import ascii_letters

import pytest
from babel.core import Locale
from hypothesis import given
from hypothesis import strategies as st

from app import text
from app.directory.settings import Texts


def _sentences(locale: str) -> dict[str, tuple[str, ...]]:
    """Those for everybody: the console speaks English alone so far."""
    catalogue = text.catalogue(locale).items()
    return {each: forms for each, forms in catalogue if not each.startswith(text.CONSOLE)}


SOURCE = _sentences(text.SOURCE)
OTHERS = [locale for locale in text.locales() if locale != text.SOURCE]
SAME_IN_EVERY_LANGUAGE = {
    # Nothing but values, or an address that is only an example.
    "page.title",
    "setup.picture_value",
    "password.subtitle",
    "choose_organization.person",
    "choose_account.address",
    "field.email.placeholder",
}
SHARED_WITH_ENGLISH = {
    "de": {
        "account.organizations",
        "account.apps.nav",
        "account.apps.title",
        "account.passkeys",
        "field.name",
        "field.passkey",
    },
    "es": {"page.error_title"},
}
"""Words that a language writes as English does."""
PLURAL_FORMS = {"en": 2, "de": 2, "fr": 2, "es": 2, "pt": 2, "ja": 1, "ar": 6}


ABOUT_PROVIDERS = ("setup.", "diagnosis.")
"""Sentences that name menus and fields of consoles, which stand there in English."""


def test_seven_languages_are_there() -> None:
    assert set(text.locales()) == PLURAL_FORMS.keys()
    assert text.locales()[0] == "en"


def test_a_new_tenant_offers_all_of_them() -> None:
    assert set(Texts().locales) == set(text.locales())


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_has_every_sentence_and_no_other(locale: str) -> None:
    translated = _sentences(locale)
    assert SOURCE.keys() - translated.keys() == set(), "these are missing"
    assert translated.keys() - SOURCE.keys() == set(), "English does not have these"


@pytest.mark.parametrize("locale", text.locales())
def test_every_form_has_the_placeholders_of_the_source(locale: str) -> None:
    for text_id, forms in _sentences(locale).items():
        expected = text.placeholders(SOURCE[text_id][0])
        for form in forms:
            assert text.placeholders(form) == expected, f"{locale} {text_id}: {form}"
            left = text.fill(form, dict.fromkeys(expected, ""))
            assert "{" not in left, f"{locale} {text_id}: a broken placeholder in {form}"


@pytest.mark.parametrize("locale", text.locales())
def test_what_counts_has_every_plural_form_of_the_language(locale: str) -> None:
    for text_id, written in _sentences(locale).items():
        expected = PLURAL_FORMS[locale] if len(SOURCE[text_id]) > 1 else 1
        assert len(written) == expected, f"{locale} {text_id}"
        assert all(written), f"{locale} {text_id} has an empty form"


@pytest.mark.parametrize("locale", OTHERS)
def test_no_english_is_left_in_a_translation(locale: str) -> None:
    same = SAME_IN_EVERY_LANGUAGE | SHARED_WITH_ENGLISH.get(locale, set())
    left = {
        text_id
        for text_id, forms in _sentences(locale).items()
        if forms == SOURCE[text_id] and text_id not in same
    }
    assert not left


@pytest.mark.parametrize(("locale", "share"), [("ar", 1 / 4), ("ja", 1 / 2)])
def test_a_language_of_other_letters_is_written_in_them(locale: str, share: float) -> None:
    """Names such as QR stay Latin, and weigh more where a word is two letters long."""
    for text_id, forms in _sentences(locale).items():
        if text_id in SAME_IN_EVERY_LANGUAGE:
            continue
        words = text.fill(forms[0], dict.fromkeys(text.placeholders(forms[0]), ""))
        latin = sum(letter in ascii_letters for letter in words)
        most = 4 / 5 if text_id.startswith(ABOUT_PROVIDERS) else share
        assert latin <= len(words) * most, f"{text_id}: {words}"


def test_a_count_chooses_the_form() -> None:
    left = [text.translate("en", "error.code_wrong", {"count": n}) for n in (1, 3)]
    assert left[0].endswith("1 try left.")
    assert left[1].endswith("3 tries left.")
    arabic = {text.translate("ar", "error.code_wrong", {"count": n}) for n in (1, 2, 3, 11)}
    assert len(arabic) == 4
    french = [text.translate("fr", "error.code_wrong", {"count": n}) for n in (0, 1, 2)]
    assert [words.endswith("essai.") for words in french] == [True, True, False]
    japanese = [text.translate("ja", "error.code_wrong", {"count": n}) for n in (1, 3)]
    assert ["1 回" in japanese[0], "3 回" in japanese[1]] == [True, True]


def test_a_region_meets_its_language_and_an_unknown_one_english() -> None:
    assert text.translate("de-AT", "action.sign_in") == "Anmelden"
    assert text.translate("pt-BR", "action.sign_in") == "Entrar"
    assert text.translate("fi", "action.sign_in") == "Sign in"


def test_an_unknown_id_is_refused() -> None:
    assert not text.has_text("action.fly")
    with pytest.raises(text.UnknownText):
        text.translate("en", "action.fly")


def test_the_tenants_own_sentence_wins_in_its_language_only() -> None:
    own = {"en": {"identify.title": "Welcome to {{ tenant_name }}"}}
    values = {"tenant_name": "Acme"}
    assert text.translate("en", "identify.title", values, own) == "Welcome to Acme"
    assert text.translate("de", "identify.title", values, own) == "Bei Acme anmelden"


def test_a_placeholder_without_a_value_stays_visible() -> None:
    assert text.fill("Hello {{ nobody }}", {}) == "Hello {{ nobody }}"


@given(st.text(), st.text())
def test_values_are_never_looked_into(before: str, value: str) -> None:
    """A name that looks like a placeholder, a tag or a template is shown as it is."""
    kept = before.replace("{", "")
    filled = text.fill(kept + "{{ name }}", {"name": value, "other": "leaked"})
    assert filled == kept + value


@pytest.mark.parametrize("sentence", ["{{ 7 * 7 }}", "{{ a.b }}", "{% raw %}", "{{ x|safe }}"])
def test_a_sentence_is_no_template(sentence: str) -> None:
    assert text.fill(sentence, {"a": "1", "x": "2", "b": "3"}) == sentence


def test_languages_say_their_name_and_direction() -> None:
    assert text.language_name("de") == "Deutsch"
    assert text.language_name("ar") == "العربية"
    assert text.language_name("ja") == "日本語"
    assert text.language_name("pt") == "Português"
    assert [locale for locale in text.locales() if text.direction(locale) == "rtl"] == ["ar"]
    assert all(Locale.parse(locale) for locale in text.locales())


def test_times_are_written_as_the_language_does() -> None:
    written = {locale: text.moment(1_763_700_000_000, locale) for locale in text.locales()}
    assert written["ja"] == "2025/11/21 4:40 UTC"
    assert written["pt"] == "21 de nov. de 2025 04:40 UTC"
    assert len({*written.values()}) == len(written)
