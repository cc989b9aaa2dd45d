"""A tenant's own sentences as a file, and back: JSON of what was changed, or a catalogue (.po) of
one language for a translator."""

import json
from io import BytesIO, StringIO
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, PoFileParser, write_po
from pydantic import BaseModel, ConfigDict, ValidationError

from app import text
from app.actor import Actor
from app.database import Session
from app.directory import permissions, wording, wording_check
from app.directory.errors import BadValue, Refused
from app.directory.settings import Texts
from app.directory.wording import Own

LONGEST = 1_000_000
"""Bytes of a file."""
FORMAT = "authpage-texts-1"
_MOST_FAULTS = 20
_MOST_FORMS = 10
"""Of one sentence by number; Arabic has six."""


class BadFile(Refused):
    """A file that cannot be brought in; `faults` says why, one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class _Modest(Catalog):
    """A catalogue that takes no header's word for how many forms a sentence has, as a list of so
    many is made for each."""

    @property
    def num_plurals(self) -> int:
        """How many forms there are."""
        return min(super().num_plurals, _MOST_FORMS)


class _Exported(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: str
    overrides: dict[str, dict[str, str]]


def export(texts: Texts) -> str:
    """Every own sentence, as JSON."""
    document = {"format": FORMAT, "overrides": texts.overrides}
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def export_catalogue(texts: Texts, locale: str) -> bytes:
    """Every sentence of a language as people read it now, the English one beside each as a
    comment; raises `NotFound` for an unknown language."""
    catalog = Catalog(locale=locale.replace("-", "_"), fuzzy=False)
    for text_id in wording.ids():
        shown = wording.sentence(texts, locale, text_id).shown
        english = " / ".join(text.catalogue(text.SOURCE)[text_id])
        message_id: Any = (text_id, text_id) if len(shown) > 1 else text_id
        catalog.add(message_id, shown if len(shown) > 1 else shown[0], user_comments=[english])
    written = BytesIO()
    write_po(written, catalog, width=0, omit_header=False)
    return written.getvalue()


def read(content: bytes, texts: Texts) -> Own:
    """The own sentences that a file holds, each checked; raises `BadFile`."""
    if len(content) > LONGEST:
        raise BadFile(["The file is larger than 1 MB."])
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(["The file is no text in UTF-8."]) from None
    found = _of_json(written) if written.lstrip().startswith("{") else _of_catalogue(written)
    return _checked(found, texts)


def bring_in(session: Session, actor: Actor, found: Own, *, replaces: bool) -> None:
    """Publish what `read` found: beside the own sentences that there are, or in place of all."""
    permissions.demand(actor, "text.edit")

    def edit(own: Own) -> None:
        if replaces:
            own.clear()
        for locale, sentences in found.items():
            own.setdefault(locale, {}).update(sentences)

    wording.change(session, actor, edit)


def _of_json(written: str) -> Own:
    try:
        found = _Exported.model_validate_json(written)
    except (ValidationError, RecursionError):
        raise BadFile(["This is no file that was exported here."]) from None
    if found.format != FORMAT:
        raise BadFile(["This file is of another version of AuthPage."])
    return found.overrides


def _of_catalogue(written: str) -> Own:
    catalog = _Modest()
    try:
        # As text: no header says then by which codec it would be read.
        PoFileParser(catalog, abort_invalid=True).parse(StringIO(written))
    except (PoFileError, ValueError, LookupError):
        raise BadFile(["This is neither a JSON file nor a catalogue (.po)."]) from None
    locale = str(catalog.locale_identifier or "").replace("_", "-")
    own: Own = {locale: {}}
    for message in catalog:
        if message.id and message.string:
            text_id = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string
            forms = [string] if isinstance(string, str) else [*string]
            if text.has_text(text_id):
                wording.put(own, locale, text_id, forms)
            else:
                own[locale][text_id] = forms[0]  # Unknown, and refused with its name.
    return own


def _checked(found: Own, texts: Texts) -> Own:
    faults: list[str] = []
    for locale, sentences in found.items():
        if locale not in wording.locales(texts):
            faults.append(f"There is no language {locale[:20]!r}.")
            continue
        unknown = wording.stale_ids(found, locale)
        faults += [f"{locale}: there is no sentence {each[:60]!r}." for each in unknown]
        faults += [
            fault for key in sentences.keys() - {*unknown} if (fault := _fault(locale, key, found))
        ]
    if faults:
        raise BadFile(sorted(faults)[:_MOST_FAULTS])
    return found


def _fault(locale: str, key: str, found: Own) -> str | None:
    """What is wrong with a sentence, which is kept as it may be kept where nothing is."""
    text_id = key.partition("[")[0]
    try:
        found[locale][key] = wording_check.check(
            text_id, found[locale][key], field=key, is_sure=True
        )
    except BadValue as refusal:
        return f"{locale}, {key}: {refusal}"
    return None
