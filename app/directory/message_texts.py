"""A tenant's own words in its messages, kept among its other sentences (settings `texts`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from app import changes, text
from app.actor import Actor
from app.database import Session
from app.delivery import message_catalogue, sms_message
from app.delivery.message_catalogue import Message, Part
from app.directory import permissions, settings_store
from app.directory.errors import BadValue, NotFound, Refused
from app.directory.settings import TenantSettings


class BadTexts(Refused):
    """Parts that cannot be kept; `faults` says why, one sentence for each."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class PartText:
    """One part of a message in one language."""

    part: Part
    default: str
    """What stands there without an own sentence, its placeholders open."""
    own: str | None

    @property
    def shown(self) -> str:
        """What stands there now."""
        return self.default if self.own is None else self.own


def parts(found: TenantSettings, brand_name: str, message: Message, locale: str) -> list[PartText]:
    """Every part of the message; the sender's name is the brand's where nothing else is set."""
    own = found.texts.overrides.get(locale, {})
    sender_name = found.mail.sender_name or brand_name
    result = []
    for part in message.parts:
        default_id = message.default_id(part)
        default = text.translate(locale, default_id) if default_id else sender_name
        result.append(PartText(part, default, own.get(message.text_id(part))))
    return result


def is_changed(found: TenantSettings, message: Message, locale: str) -> bool:
    """Whether the tenant has words of its own in it."""
    own = found.texts.overrides.get(locale, {})
    return any(message.text_id(part) in own for part in message.parts)


def check(message: Message, sentences: Mapping[str, str]) -> dict[str, str]:
    """The sentences as they may be kept; raises `BadTexts` that names every fault."""
    faults: dict[str, str] = {}
    kept: dict[str, str] = {}
    for part in message.parts:
        try:
            kept[part] = message_catalogue.check(message, part, sentences.get(part, ""))
            _demand_short(part, kept[part])
        except BadValue as error:
            faults[part] = str(error)
    if faults:
        raise BadTexts(faults)
    return kept


def _demand_short(part: str, sentence: str) -> None:
    """Refuse a text message that would be sent in the default words instead, as it is too long."""
    if part == "sms":
        needed = sms_message.segments(text.fill(sentence, message_catalogue.MEANINGS))
        if needed > sms_message.MOST_SEGMENTS:
            most = sms_message.MOST_SEGMENTS
            raise BadValue(part, f"It takes {needed} text messages, and at most {most} are sent.")


def preview(
    found: TenantSettings, message: Message, locale: str, sentences: Mapping[str, str]
) -> TenantSettings:
    """The settings as they would be with these sentences; raises `BadTexts`."""
    overrides = _merged(found, message, locale, check(message, sentences))
    texts = found.texts.model_copy(update={"overrides": overrides})
    return found.model_copy(update={"texts": texts})


def save(
    session: Session, actor: Actor, message: Message, locale: str, sentences: Mapping[str, str]
) -> None:
    """Publish these sentences; an empty one, or one that says what the default says, gives the
    default back. Raises `BadTexts`, `NotFound` for a language that is none, and what
    `settings_store.publish` raises."""
    permissions.demand(actor, "message.edit")
    if locale not in text.locales():
        raise NotFound("language")
    kept = check(message, sentences)
    changes.note(session)  # Whoever saves another message meanwhile waits here.
    found = settings_store.load(session)
    overrides = _merged(found, message, locale, kept)
    document = found.texts.model_dump(mode="json", exclude_unset=True)
    settings_store.publish(
        session, actor, "texts", {**document, "overrides": overrides}, owner="console"
    )


def reset(session: Session, actor: Actor, message: Message, locale: str) -> None:
    """Give the message its default words back in this language; raises as `save` does."""
    permissions.demand(actor, "message.edit")
    save(session, actor, message, locale, {})


def _merged(
    found: TenantSettings, message: Message, locale: str, sentences: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    overrides = {name: dict(own) for name, own in found.texts.overrides.items()}
    own = overrides.setdefault(locale, {})
    for part in message.parts:
        sentence, default_id = sentences.get(part, ""), message.default_id(part)
        if sentence and (default_id is None or sentence != text.translate(locale, default_id)):
            own[message.text_id(part)] = sentence
        else:
            own.pop(message.text_id(part), None)
    return {name: own for name, own in overrides.items() if own}
