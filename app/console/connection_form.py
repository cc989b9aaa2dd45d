"""The form for what an identity provider told: made of the fields of its guide."""

from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import FileField, PasswordField, StringField, TextAreaField, URLField

from app.account.refused import Refused
from app.console.form import AtMost, Form, Needed
from app.federation.providers import Field
from app.setup import connecting
from app.setup.connecting import Place
from app.setup.guides import SOCIAL_GUIDES

METADATA_FILE, KEY_FILE = "metadata_file", "private_key_file"
_LONGEST = 200
_NAME = {True: "console.connections.name_field", False: "setup.field_name"}
_LABELS = {
    "directory_id": "setup.field_directory_id",
    "issuer": "setup.field_issuer",
    "hosted_domains": "setup.field_hosted_domains",
    "client_id": "setup.field_client_id",
    "client_secret": "setup.field_client_secret",
    "groups_claim": "setup.field_groups_claim",
    "metadata_url": "setup.field_metadata_url",
    "team_id": "console.connections.field.team_id",
    "key_id": "console.connections.field.key_id",
    "private_key": "console.connections.field.private_key",
    "audience": "console.connections.field.audience",
    "directories": "console.connections.field.directories",
}
_HINTS = {
    "audience": "console.connections.field.audience_hint",
    "directories": "console.connections.field.directories_hint",
}
OUR_LABELS = {
    "redirect_uri": "setup.our_redirect_uri",
    "acs_url": "setup.our_acs_url",
    "entity_id": "setup.our_entity_id",
    "metadata_url": "setup.our_metadata_url",
}
ALL_LABELS = {**OUR_LABELS, **_LABELS, METADATA_FILE: "setup.metadata_file"}
"""Text ids for what drawings of a provider's pages speak of."""


def form_of(where: Place) -> Form:
    """The form, with what was entered before; secrets are never in it (X06)."""
    fields = {each.name: _field(each, where) for each in where.guide.fields}
    if "private_key" in fields:
        fields[KEY_FILE] = FileField("console.connections.field.private_key_file")
    if where.guide.protocol == "saml":
        fields[METADATA_FILE] = FileField("setup.field_metadata_file")
        fields["metadata"] = TextAreaField("setup.field_metadata", render_kw={"rows": 6})
    fields["name"] = StringField(_NAME[where.guide.key in SOCIAL_GUIDES], validators=[AtMost(80)])
    made: type[Form] = type("ProviderValues", (Form,), fields)
    told = connecting.their_values(where) | {"name": where.name}
    return made(request.form if request.method == "POST" else None, data=told)


def values_of(form: Form) -> dict[str, str]:
    """What was typed and uploaded, as `connecting.save` takes it; a file wins over what was
    typed."""
    given = {name: field.data for name, field in form._fields.items()}
    values = {name: data for name, data in given.items() if isinstance(data, str)}
    for upload, name in ((METADATA_FILE, "metadata"), (KEY_FILE, "private_key")):
        text = _uploaded(upload)
        if text:
            values[name] = text
    return values


def refuse(form: Form, refusal: Refused) -> None:
    """Say what was wrong, at its field: at that of the file where one was sent."""
    field = refusal.field
    if field == "metadata" and _uploaded(METADATA_FILE):
        field = METADATA_FILE
    form.refuse(field, refusal.text.id)


def _field(each: Field, where: Place) -> Any:
    is_secret = each.kind in ("secret", "private_key")
    is_kept = is_secret and where.connection is not None
    common: dict[str, Any] = {
        "label": _LABELS[each.name],
        "description": "setup.secret_kept" if is_kept else _HINTS.get(each.name, ""),
        "render_kw": {"autocomplete": "off", "spellcheck": "false"},
    }
    if each.kind == "private_key":  # Its file may come instead; `connecting.save` asks for one.
        return _WriteOnly(**common)
    needed = [Needed()] if each.required and not is_kept else []
    if each.kind == "secret":
        return PasswordField(validators=needed, **common)
    kind = URLField if each.kind == "url" else StringField
    longest = 2_000 if each.kind == "url" else _LONGEST
    return kind(validators=[*needed, AtMost(longest)], **common)


class _WriteOnly(TextAreaField):
    """Text that never comes back."""

    def _value(self) -> str:
        return ""


def _uploaded(name: str) -> str:
    """The file as text; `?` for what is none, and empty where none was sent."""
    file: FileStorage | None = request.files.get(name)
    raw = file.stream.read() if file else b""
    if file:
        file.stream.seek(0)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "?"
