"""From screens to JSON: every sentence with its id, and in the language of the request."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app import text
from app.branding import Brand
from app.directory.tenants import Tenant
from app.flow.screen import Action, Choice, Field, Message, Screen, Text

Json = dict[str, Any]
_MOMENTS = ("expires_at", "resend_at")


class JsonRenderer:
    """Renders the screens of one tenant in one locale, in the words of a brand."""

    def __init__(self, tenant: Tenant, locale: str, brand: Brand) -> None:
        self._locale = locale
        self._overrides = brand.worded(tenant.settings.texts.overrides)
        self._tenant_name = brand.name

    def screen(self, screen: Screen) -> Json:
        """The screen as the OpenAPI document describes it."""
        return {
            "name": screen.name,
            "title": self.text(screen.title),
            "subtitle": self.text(screen.subtitle),
            "message": self.message(screen.message),
            "fields": [self._field(each) for each in screen.fields],
            "choices": [self._choice(each) for each in screen.choices],
            "actions": [self._action(each) for each in screen.actions],
            "display": {
                name: moment(value) if name in _MOMENTS else value
                for name, value in screen.display.items()
            },
        }

    def text(self, words: Text | None) -> Json | None:
        """A sentence with its id; None when there is none."""
        if words is None:
            return None
        return {"id": words.id, "text": self._say(words)}

    def message(self, message: Message | None) -> Json | None:
        """A message with its id and tone; None when there is none."""
        if message is None:
            return None
        return {"id": message.id, "text": self._say(message), "tone": message.tone}

    def _field(self, field: Field) -> Json:
        said = field.said or self._say(Text(field.label))
        shown = {**asdict(field), "label": {"id": field.label, "text": said}}
        del shown["said"]
        return {**shown, "error": self.text(field.error), "hint": self.text(field.hint)}

    def _choice(self, choice: Choice) -> Json:
        return {
            "value": choice.value,
            "title": choice.title,
            "subtitle": self.text(choice.subtitle),
        }

    def _action(self, action: Action) -> Json:
        return {
            "name": action.name,
            "label": self.text(action.label),
            "sends_fields": action.sends_fields,
            "waits_until": moment(action.waits_until) if action.waits_until else None,
            "ceremony": action.ceremony,
            "provider": action.provider,
            "last_used": action.is_last_used,
        }

    def _say(self, words: Text | Message) -> str:
        values = {"tenant_name": self._tenant_name, **words.values}
        return text.translate(self._locale, words.id, values, self._overrides)


def moment(milliseconds: int) -> str:
    """A time as RFC 3339 writes it, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat().replace("+00:00", "Z")
