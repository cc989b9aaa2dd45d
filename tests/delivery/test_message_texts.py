"""A tenant's own words in messages: placeholders that are known, nothing that runs, no links."""

from typing import get_args

import pytest

from app import text
from app.actor import CLI, Actor
from app.database import write
from app.delivery import message_catalogue, plain_text, trial
from app.delivery.message_catalogue import MESSAGES, Message
from app.delivery.outbox import Purpose, SmsPurpose
from app.directory import message_texts, settings_store, tenants
from app.directory.errors import BadValue
from app.directory.message_texts import BadTexts
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant

CODE_MAIL = MESSAGES["sign_in_code"]


def test_every_message_of_the_outbox_can_be_edited() -> None:
    mails = {each.purpose for each in MESSAGES.values() if each.channel == "mail"}
    assert mails == {*get_args(Purpose)}
    texts = {each.purpose for each in MESSAGES.values() if each.channel == "sms"}
    assert texts == {*get_args(SmsPurpose)}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=lambda each: each.key)
def test_the_default_words_keep_to_the_rules_in_every_language(message: Message) -> None:
    for part in message.parts:
        default_id = message.default_id(part)
        if default_id is None:
            continue
        for locale in text.locales():
            sentence = text.translate(locale, default_id)
            assert message_catalogue.check(message, part, sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ '%1000000000d' % 1 }}",
        "{% for a in range(9) %}x{% endfor %}",
        "{{ 9**9**9 }}",
        "{{ tenant_name.name }}",
        "{{ password }}",
        "{{ link }}",
        "{{",
        "{# comment #}",
    ],
)
def test_b01_what_is_no_known_placeholder_is_refused_and_the_known_ones_named(
    sentence: str,
) -> None:
    with pytest.raises(BadValue, match=r"You can use \{\{ tenant_name \}\}.*\{\{ minutes \}\}"):
        message_catalogue.check(CODE_MAIL, "body", f"Hello {sentence}")


@pytest.mark.parametrize(
    ("part", "sentence", "why"),
    [
        ("subject", "Your code is {{ code }}", "no {{ code }} here"),
        ("subject", "x" * 151, "At most 150"),
        ("body", "x" * 2_001, "At most 2000"),
        ("sender_name", "Bank https://evil.example", "no link"),
        ("sender_name", "support@bank.example", "no address"),
    ],
)
def test_b06_limits_of_each_part_are_kept(part: str, sentence: str, why: str) -> None:
    with pytest.raises(BadValue) as refusal:
        message_catalogue.check(CODE_MAIL, part, sentence)
    assert why in str(refusal.value)


def test_a_text_message_must_hold_the_code_and_no_line_break_makes_a_header() -> None:
    with pytest.raises(BadValue, match="Without"):
        message_catalogue.check(MESSAGES["sms_sign_in_code"], "sms", "Hello {{ tenant_name }}")
    kept = message_catalogue.check(CODE_MAIL, "subject", "Hi\r\nBcc: eve@evil.example\u2028x")
    assert kept == "Hi Bcc: eve@evil.example x"


def test_a_text_message_that_is_too_long_to_be_sent_is_refused() -> None:
    with pytest.raises(BadTexts, match="It takes 3 text messages"):
        message_texts.check(MESSAGES["sms_test"], {"sms": "م" * 140})
    assert message_texts.check(MESSAGES["sms_test"], {"sms": "م" * 130})


def _saved(tenant: Tenant, message: Message, **sentences: str) -> Tenant:
    with write(tenant.id) as session:
        message_texts.save(session, CLI, message, "en", sentences)
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found


def test_own_words_count_for_one_message_and_go_back_to_the_default(tenant: Tenant) -> None:
    changed = _saved(
        tenant,
        CODE_MAIL,
        subject="{{ app }}: your code",
        body="First.\n\nSecond <b>{{ minutes }}</b>.",
        footer="Sent with love by {{ tenant_name }}",
        sender_name="Acme Accounts",
        heading=text.translate("en", "mail.sign_in_code.heading"),
    )
    own = changed.settings.texts.overrides["en"]
    assert "mail.sign_in_code.heading" not in own
    said = trial.preview(changed, CODE_MAIL, "en")
    assert said.subject == "Acme Dashboard: your code"
    assert said.sender_name == "Acme Accounts"
    assert "<p>First.</p><p>Second &lt;b&gt;10&lt;/b&gt;.</p>" in said.html
    assert said.text.endswith("Sent with love by Acme\n")
    assert "love" not in trial.preview(changed, MESSAGES["sign_up_code"], "en").html
    assert "love" not in trial.preview(changed, CODE_MAIL, "de").html
    with write(tenant.id) as session:
        message_texts.reset(session, CLI, CODE_MAIL, "en")
        assert settings_store.load(session).texts.overrides == {}


def test_every_fault_is_named_at_once_and_nothing_is_kept(tenant: Tenant) -> None:
    with pytest.raises(BadTexts) as refusal:
        _saved(tenant, CODE_MAIL, subject="{{ nobody }}", body="{% x %}", footer="fine")
    assert {*refusal.value.faults} == {"subject", "body"}


def test_words_are_changed_by_admins_alone_and_beside_other_sentences(tenant: Tenant) -> None:
    viewer = Actor("admin", id="usr_1", roles=frozenset({"viewer", "support"}))
    with pytest.raises(Forbidden), write(tenant.id) as session:
        message_texts.save(session, viewer, CODE_MAIL, "en", {})
    with write(tenant.id) as session:
        other = {"de": {"identify.title": "Hallo"}}
        settings_store.publish(session, CLI, "texts", {"overrides": other})
    changed = _saved(tenant, CODE_MAIL, subject="Hi")
    assert changed.settings.texts.overrides == {
        **other,
        "en": {"mail.sign_in_code.subject": "Hi"},
    }


def test_every_message_can_be_looked_at(tenant: Tenant) -> None:
    for message in MESSAGES.values():
        if message.channel == "mail":
            for locale in text.locales():
                said = trial.preview(tenant, message, locale)
                assert "{{" not in said.subject + said.html + said.text
                assert said.text == plain_text.of_html(said.html)
