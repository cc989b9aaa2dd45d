"""A tenant's own words: found, checked, published, taken back, and shown to whoever signs in."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from flask import Flask

from app import text
from app.actor import CLI
from app.database import read, write
from app.directory import settings_store, tenants, wording, wording_check, wording_file
from app.directory.errors import BadValue
from app.directory.settings import Texts
from tests.console.staff import Staff

TITLE = "/texts/en/identify.title"
TRIES = "error.code_wrong"


def _own(staff: Staff) -> dict[str, dict[str, str]]:
    with read(staff.tenant.id) as session:
        return wording.current(session).overrides


def _publish(staff: Staff, **document: Any) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "texts", document, owner="console")


def _seen(staff: Staff) -> str:
    """What the form says of the version that is on the page."""
    found = [each.get("value") for each in staff.page.all("input") if each.get("name") == "seen"]
    return str(found[0])


def _reword(staff: Staff, path: str, *forms: str, **more: str) -> int:
    """Write these forms on the page of a sentence; the status of the answer."""
    staff.get(path)
    seen = _seen(staff)
    fields = {f"form_{number}": form for number, form in enumerate(forms)}
    return staff.post(path, {"seen": seen, **fields, **more}).status_code


def test_a_sentence_is_found_by_its_words_and_worded_anew(staff: Staff) -> None:
    assert staff.follow(staff.get("/texts")).request.path.endswith("/texts/en")
    staff.get("/texts/en", q="SIGN IN to")
    assert "identify.title" in staff.words
    assert "password.title" not in staff.words
    assert _reword(staff, TITLE, "Welcome to {{ tenant_name }}") == 303
    assert _own(staff) == {"en": {"identify.title": "Welcome to {{ tenant_name }}"}}
    staff.get("/texts/en", show="changed")
    assert "Welcome to" in staff.words
    assert "Sentences: 1" in staff.words


def test_whoever_signs_in_reads_it_at_once_and_as_text(app: Flask, staff: Staff) -> None:
    words = '<b onclick="x()">{{ tenant_name }}</b>'
    assert _reword(staff, TITLE, words) == 303
    tenant = tenants.by_id(staff.tenant.id)
    assert tenant is not None
    page = app.test_client().get(f"{tenant.base_url}/sign-in", follow_redirects=True).text
    assert "&lt;b onclick=" in page
    assert "<b onclick" not in page


REFUSED = (
    ("Hello {{ password }}", "You can use {{ tenant_name }}"),
    ("Hello {{ tenant_name }} {% raw %}", "These braces mean nothing"),
    ("Hello {{ tenant_name.secret }} {{ tenant_name }}", "These braces mean nothing"),
    ("Welcome", "{{ tenant_name }} is left out"),
    ("Pay \u202e{{ tenant_name }}", "cannot be seen"),
    ("Ring\x07 {{ tenant_name }}", "cannot be seen"),
    ("x" * 200 + "{{ tenant_name }}", "At most 120 characters"),
)


def test_b01_what_is_no_sentence_is_refused_with_the_reason(staff: Staff) -> None:
    for sentence, why in REFUSED:
        assert _reword(staff, TITLE, sentence) == 422, sentence
        assert why in staff.errors["form_0"]
    assert _own(staff) == {}


def test_a_value_may_be_left_out_by_whoever_is_sure(staff: Staff) -> None:
    assert _reword(staff, TITLE, "Welcome") == 422
    assert staff.page.by_id("is_sure") is not None
    assert _reword(staff, TITLE, "Welcome", is_sure="y") == 303


def test_each_plural_form_has_its_own_words(staff: Staff) -> None:
    path = f"/texts/ar/{TRIES}"
    forms = [f"{number} {{{{ count }}}}" for number in "abcdef"]
    assert _reword(staff, path, *forms) == 303
    own = _own(staff)
    said = [text.translate("ar", TRIES, {"count": n}, own) for n in (0, 1, 2, 3, 100, 11)]
    assert said == ["a 0", "b 1", "c 2", "d 3", "e 100", "f 11"]
    assert text.translate("de", TRIES, {"count": 1}, own).endswith("1 Versuch.")
    staff.get(path)
    assert "3, 4, 5, 6" in staff.words
    staff.post(f"{path}/reset")
    assert _own(staff) == {}


def test_one_sentence_for_all_numbers_still_counts_for_all() -> None:
    own = {"de": {TRIES: "Falsch: {{ count }}"}}
    assert text.translate("de", TRIES, {"count": 2}, own) == "Falsch: 2"
    kept = wording.sentence(Texts(overrides=own), "de", TRIES)
    assert kept.own == ("Falsch: {{ count }}",) * 2


def test_the_shipped_words_come_back_one_by_one_or_all_at_once(staff: Staff) -> None:
    own = {"identify.title": "Hi {{ tenant_name }}", "page.home": "Start"}
    _publish(staff, overrides={"en": own, "de": {"page.home": "Los"}})
    assert _reword(staff, TITLE, "") == 303
    assert _own(staff)["en"] == {"page.home": "Start"}
    assert _reword(staff, "/texts/en/page.home", "Home") == 303
    assert _own(staff) == {"de": {"page.home": "Los"}}
    assert "1 of your own" in staff.get("/texts/de/reset").text
    staff.press("/texts/de/reset", confirmed="yes")
    assert staff.told == "console.texts.all_reset"
    assert _own(staff) == {}


def test_two_who_word_the_same_sentence_do_not_undo_each_other(staff: Staff) -> None:
    staff.get(TITLE)
    seen = _seen(staff)
    assert _reword(staff("admin"), TITLE, "Hi {{ tenant_name }}") == 303
    late = {"seen": seen, "form_0": "Hey {{ tenant_name }}"}
    assert staff.post(TITLE, late).status_code == 409
    assert _reword(staff, "/texts/en/page.home", "Start") == 303
    assert _own(staff)["en"] == {"identify.title": "Hi {{ tenant_name }}", "page.home": "Start"}


def test_what_a_file_owns_is_not_changed(staff: Staff) -> None:
    with write(staff.tenant.id) as session:
        settings_store.publish(session, CLI, "texts", {}, owner="file")
    assert _reword(staff, TITLE, "Hi {{ tenant_name }}") == 409
    assert _own(staff) == {}


def test_who_only_looks_cannot_write(staff: Staff) -> None:
    viewer = staff("viewer")
    assert _reword(viewer, TITLE, "Hi {{ tenant_name }}") == 403
    assert viewer.get("/texts/languages").status_code == 200
    assert "日本語" in viewer.words


def test_sentences_of_the_console_are_not_for_tenants(staff: Staff) -> None:
    assert staff.get("/texts/en/console.texts.list.title").status_code == 404
    assert staff.get("/texts/en/no.such").status_code == 404
    assert staff.get("/texts/tlh").status_code == 404
    staff.get("/texts/en", q="console.")
    assert "console.texts.saved" not in staff.words


def test_languages_are_switched_on_and_off(staff: Staff) -> None:
    staff.get("/texts/languages")
    seen = _seen(staff)
    staff.press("/texts/languages", {"seen": seen, "locales": ["ja", "pt"], "default_locale": "pt"})
    assert staff.told == "console.texts.languages_saved"
    with read(staff.tenant.id) as session:
        now = wording.current(session)
    assert (now.locales, now.default_locale) == (("pt", "ja"), "pt")
    late = {"seen": seen, "locales": ["en"], "default_locale": "en"}
    assert staff.post("/texts/languages", late).status_code == 409
    staff.get("/texts/languages")
    wrong = {"seen": _seen(staff), "locales": ["ja"], "default_locale": "en"}
    assert staff.post("/texts/languages", wrong).status_code == 422
    assert "switched on" in staff.errors["default_locale"]


def test_the_report_says_what_falls_back_and_what_nothing_shows(staff: Staff) -> None:
    stale = {"old.id": "Old", f"{TRIES}[7]": "Never"}
    own = {"page.home": "Koti"}
    _publish(staff, locales=["en", "fi"], overrides={"de": stale, "fi": own})
    staff.get("/texts/languages")
    assert "old.id" in staff.words
    assert f"{TRIES}[7]" in staff.words
    assert str(len(wording.ids()) - 1) in staff.words
    staff.get("/texts/fi", show="missing", q="page.")
    assert "page.terms" in staff.words
    assert "page.home" not in staff.words
    staff.press("/texts/de/forget")
    assert _own(staff) == {"fi": own}


def test_an_earlier_revision_comes_back(staff: Staff) -> None:
    for words in ("One {{ tenant_name }}", "Two {{ tenant_name }}"):
        assert _reword(staff, TITLE, words) == 303
    staff.get("/texts/history")
    staff.press("/texts/history/1/restore", confirmed="yes")
    assert staff.told == "console.texts.restored"
    assert _own(staff)["en"]["identify.title"].startswith("One")
    assert staff.get("/texts/history/99/restore").status_code == 404


def _send(staff: Staff, content: bytes, **more: str) -> int:
    file = (io.BytesIO(content), "texts.json")
    answer = staff.post("/texts/file", {"file": file, **more})
    answer.request.environ["wsgi.input"].close()  # The test client leaves large ones open.
    return answer.status_code


def test_own_words_travel_as_a_file(staff: Staff) -> None:
    own = {"identify.title": "Hi {{ tenant_name }}", f"{TRIES}[0]": "One: {{ count }}"}
    _publish(staff, overrides={"en": own, "ja": {"page.home": "家"}})
    exported = staff.get("/texts/export").data
    _publish(staff, overrides={"en": {"page.terms": "Rules"}})
    assert _send(staff, exported) == 303
    assert _own(staff)["en"] == {**own, "page.terms": "Rules"}
    assert _send(staff, exported, replaces="y") == 303
    assert _own(staff) == {"en": own, "ja": {"page.home": "家"}}


def test_a_catalogue_comes_back_from_a_translator(staff: Staff) -> None:
    catalogue = staff.get("/texts/de/export").data
    assert _send(staff, catalogue) == 303
    assert _own(staff) == {}
    assert _send(staff, catalogue.replace(b"{{ count }} Versuch.", b"{{ count }} Mal.")) == 303
    assert list(_own(staff)["de"]) == [f"{TRIES}[0]"]


HOSTILE = (
    b"\xff\xfe",
    b"{",
    b"[" * 50_000,
    b'{"format": "authpage-texts-1", "overrides": {"en": {"page.home": 7}}}',
    b'{"format": "authpage-texts-1", "overrides": {"xx": {}}}',
    b'{"format": "authpage-texts-1", "overrides": {"en": {"no.such": "x"}}}',
    b'{"format": "authpage-texts-1", "overrides": {"en": {"console.texts.saved": "x"}}}',
    b'{"format": "authpage-texts-1", "overrides": {"en": {"mail.welcome.footer": "{{ x }}"}}}',
    b'{"format": "another", "overrides": {}}',
    b'msgid "page.home"\nmsgstr "no language"\n',
    b"x" * (wording_file.LONGEST + 1),
    json.dumps(
        {
            "format": "authpage-texts-1",
            "overrides": {"en": {"page.home": "Good", "page.terms": "a\x00b"}},
        }
    ).encode(),
)


def test_b01_a_hostile_file_changes_nothing(staff: Staff) -> None:
    for content in HOSTILE:
        assert _send(staff, content) == 422, content[:80]
        assert staff.messages
    assert _own(staff) == {}


def test_b01_no_header_of_a_catalogue_says_how_much_is_made_of_it() -> None:
    bomb = (
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Plural-Forms: npl"\n'
        '"urals=3000000; plural=n;\\n"\n\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\n'
    )
    tracemalloc.start()
    with pytest.raises(wording_file.BadFile):
        wording_file.read(bomb.encode(), Texts())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000


def test_x04_who_may_only_look_sends_no_file(staff: Staff) -> None:
    viewer = staff("viewer")
    assert viewer.get("/texts/file").status_code == 200
    assert _send(viewer, b"{") == 403
    look = (io.BytesIO(b"{"), "brand.json")
    assert viewer.post("/branding/file", {"file": look}).status_code == 403


def test_what_the_console_writes_is_checked_below_the_pages(staff: Staff) -> None:
    with pytest.raises(BadValue):
        wording_check.check("sms.sign_in_code", "no code", field="0", is_sure=True)
    assert (
        wording_check.check("mail.sign_in_code.body", "At {{ when }}", field="0") == "At {{ when }}"
    )
