"""A tenant's own words in place of any shipped sentence, kept in the settings `texts`.

What is written is plain text: it is escaped wherever it is shown. A sentence that counts has an
own one for each plural form of its language.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app import changes, text
from app.actor import Actor
from app.database import Session
from app.delivery import message_catalogue
from app.directory import permissions, settings_store, wording_check
from app.directory.errors import BadValue, NotFound, StaleRow
from app.directory.settings import Texts

Own = dict[str, dict[str, str]]
"""Locale -> text id, or id of a form -> the tenant's own sentence."""
SECTION = "texts"


@dataclass(frozen=True)
class Sentence:
    """One sentence in one language, as it ships and as the tenant words it."""

    text_id: str
    locale: str
    shipped: tuple[str, ...]
    """Its plural forms, or its only one; English where the language has none."""
    own: tuple[str | None, ...]
    """The tenant's own, None for each form that is as shipped."""
    falls_back: bool
    """Whether people of this language read English."""

    @property
    def is_changed(self) -> bool:
        """Whether the tenant words it anew."""
        return any(each is not None for each in self.own)

    @property
    def shown(self) -> tuple[str, ...]:
        """What people read."""
        return tuple(
            shipped if own is None else own
            for shipped, own in zip(self.shipped, self.own, strict=True)
        )

    @property
    def version(self) -> str:
        """Another one whenever its own words are others."""
        return hashlib.sha256(json.dumps(self.own).encode()).hexdigest()[:16]


@cache
def ids() -> tuple[str, ...]:
    """Every sentence that a tenant may word, in the order of the catalogue."""
    catalogue = text.catalogue(text.SOURCE)
    return tuple(each for each in catalogue if not each.startswith(text.CONSOLE))


def locales(texts: Texts) -> tuple[str, ...]:
    """The languages that can be worded: those that are shipped, and what the tenant added."""
    return tuple(dict.fromkeys((*texts.locales, *text.locales(), *texts.overrides)))


def sentence(texts: Texts, locale: str, text_id: str) -> Sentence:
    """The sentence as it is now; raises `NotFound` for an unknown language or id."""
    if locale not in locales(texts):
        raise NotFound("language")
    if text_id.startswith(text.CONSOLE) or not text.has_text(text_id):
        raise NotFound("sentence")
    own = texts.overrides.get(locale, {})
    shipped = _shipped(locale, text_id)
    kept = [own.get(key, own.get(text_id)) for key in _keys(locale, text_id)]
    is_shipped = any(text_id in text.catalogue(each) for each in (locale, locale.partition("-")[0]))
    falls_back = not is_shipped and None in kept
    return Sentence(text_id, locale, shipped, tuple(kept), falls_back)


def stale_ids(own: Mapping[str, Mapping[str, str]], locale: str) -> tuple[str, ...]:
    """The ids of own sentences that nothing shows any more, as after an upgrade."""
    return tuple(each for each in own.get(locale, {}) if not _is_used(locale, each))


def changed_ids(texts: Texts, locale: str) -> frozenset[str]:
    """The sentences that the tenant words anew in a language."""
    own = texts.overrides.get(locale, {})
    return frozenset(key.partition("[")[0] for key in own if _is_used(locale, key)) & {*ids()}


def missing_ids(texts: Texts, locale: str) -> tuple[str, ...]:
    """The sentences that people of a language read in English."""
    translated = {*text.catalogue(locale), *text.catalogue(locale.partition("-")[0])}
    unworded = [each for each in ids() if each not in translated]
    return tuple(each for each in unworded if sentence(texts, locale, each).falls_back)


def save(
    session: Session,
    actor: Actor,
    locale: str,
    text_id: str,
    forms: Sequence[str],
    *,
    seen: str,
    is_sure: bool = False,
) -> None:
    """Publish the tenant's own words for each form; an empty one gives the shipped form back.

    `seen` is the `version` that was read: raises `StaleRow` when there is another one now. Raises
    `BadValue` with the number of the form as its field: `wording_check.Missing` for a placeholder
    that is left out, unless `is_sure`. Raises `NotFound`, and what `settings_store.publish` raises.
    """
    permissions.demand(actor, "text.edit")
    changes.note(session)
    now = sentence(current(session), locale, text_id)
    if now.version != seen:
        raise StaleRow
    if len(forms) != len(now.shipped):
        raise BadValue("0", f"It takes {len(now.shipped)} forms.")
    checked = [
        wording_check.check(text_id, each, field=str(form), is_sure=is_sure)
        for form, each in enumerate(forms)
    ]
    change(session, actor, lambda own: put(own, locale, text_id, checked))


def reset(session: Session, actor: Actor, locale: str, text_id: str) -> None:
    """Give one sentence its shipped words back; harmless where it has them."""
    permissions.demand(actor, "text.edit")
    change(session, actor, lambda own: put(own, locale, text_id, ()))


def reset_all(session: Session, actor: Actor, locale: str) -> None:
    """Give every sentence of a language its shipped words back."""
    permissions.demand(actor, "text.edit")
    change(session, actor, lambda own: own.pop(locale, None))


def forget_stale(session: Session, actor: Actor, locale: str) -> None:
    """Throw away the own sentences of a language that nothing shows any more."""
    permissions.demand(actor, "text.edit")

    def forget(own: Own) -> None:
        for each in stale_ids(own, locale):
            del own[locale][each]

    change(session, actor, forget)


def set_languages(
    session: Session, actor: Actor, chosen: Sequence[str], default: str, *, seen: str
) -> None:
    """Switch these languages on, and all others off.

    `seen` is what `languages_version` said: raises `StaleRow` when it says another thing now.
    Raises `BadValue`, and what `settings_store.publish` raises.
    """
    permissions.demand(actor, "text.edit")
    changes.note(session)
    now = current(session)
    if languages_version(now) != seen:
        raise StaleRow
    if not chosen:
        raise BadValue("locales", "Switch at least one language on.")
    if default not in chosen:
        raise BadValue("default_locale", "The default language has to be switched on.")
    if not {*chosen} <= {*locales(now)}:
        raise BadValue("locales", "There is no such language.")
    ordered = [each for each in locales(now) if each in chosen]
    _publish(session, actor, now, {"locales": ordered, "default_locale": default})


def languages_version(texts: Texts) -> str:
    """Another one whenever other languages are switched on."""
    return " ".join((*texts.locales, texts.default_locale))


def current(session: Session) -> Texts:
    """The languages and own sentences as they are published."""
    return settings_store.load(session).texts


def change(session: Session, actor: Actor, edit: Callable[[Own], object]) -> None:
    """Publish the own sentences as `edit` leaves them; whoever does the same meanwhile waits."""
    permissions.demand(actor, "text.edit")
    changes.note(session)
    now = current(session)
    own = {locale: dict(sentences) for locale, sentences in now.overrides.items()}
    edit(own)
    kept = {locale: sentences for locale, sentences in own.items() if sentences}
    if kept != {locale: dict(each) for locale, each in now.overrides.items()}:
        _publish(session, actor, now, {"overrides": kept})


def put(own: Own, locale: str, text_id: str, forms: Sequence[str]) -> None:
    """Set the own forms of a sentence; what is empty, or as shipped, is none."""
    kept = own.setdefault(locale, {})
    for each in (text_id, *_keys(locale, text_id)):
        kept.pop(each, None)
    for key, form, shipped in zip(
        _keys(locale, text_id), forms, _shipped(locale, text_id), strict=False
    ):
        if form and form != shipped:
            kept[key] = form


def _publish(session: Session, actor: Actor, now: Texts, changed: dict[str, object]) -> None:
    document = {**now.model_dump(mode="json", exclude_unset=True), **changed}
    settings_store.publish(session, actor, SECTION, document, owner="console")


def _shipped(locale: str, text_id: str) -> tuple[str, ...]:
    for each in (locale, locale.partition("-")[0]):
        if text_id in text.catalogue(each):
            return text.catalogue(each)[text_id]
    english = text.catalogue(text.SOURCE)[text_id]
    forms = len(_keys(locale, text_id))
    return (*english, *[english[-1]] * forms)[:forms] if forms > 1 else english[-1:]


def _keys(locale: str, text_id: str) -> tuple[str, ...]:
    forms = len(text.plural_numbers(locale))
    if forms == 1 or len(text.catalogue(text.SOURCE).get(text_id, ())) < 2:
        return (text_id,)
    return tuple(text.form_id(text_id, form) for form in range(forms))


def _is_used(locale: str, key: str) -> bool:
    text_id = key.partition("[")[0]
    if message_catalogue.is_own_text(key):
        return True
    if text_id.startswith(text.CONSOLE) or not text.has_text(text_id):
        return False
    return key in (text_id, *_keys(locale, text_id))
