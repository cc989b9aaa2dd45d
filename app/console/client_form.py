"""The form of an application: what may be said about it, each wrong line named by its number."""

from collections.abc import Callable
from typing import Any

import wtforms
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from app.console.form import AtMost, Form, Needed, choices
from app.console.section_form import ListField
from app.directory import web_addresses
from app.directory.clients import SCOPES, ClientView
from app.directory.errors import BadValue

KINDS = ("web", "spa", "native")
REFRESH = "refresh_token"
_URLS = ("home_url", "logo_url", "policy_url", "terms_url", "ui_url", "link_url")
_OF_WEB = ("auth_method", "requires_pkce")


def _checked(field: wtforms.Field, check: Callable[[str], None]) -> None:
    """Raise `ValidationError` that names every wrong line by its number."""
    wrong = []
    for number, line in enumerate(field.data or (), start=1):
        try:
            check(line)
        except BadValue as refusal:
            wrong.append(f"Line {number}: {refusal}")
    if wrong:
        raise ValidationError(" ".join(wrong))


class EditClient(Form):
    """What an application is registered with."""

    name = StringField(
        "console.clients.name",
        description="console.clients.name_hint",
        validators=[Needed(), AtMost(80)],
    )
    redirect_uris = ListField(
        "console.clients.redirect_uris", description="console.clients.redirect_uris_hint"
    )
    post_logout_redirect_uris = ListField(
        "console.clients.post_logout_redirect_uris",
        description="console.clients.post_logout_redirect_uris_hint",
    )
    origins = ListField("console.clients.origins", description="console.clients.origins_hint")
    is_first_party = BooleanField(
        "console.clients.is_first_party", description="console.clients.is_first_party_hint"
    )
    scopes = SelectMultipleField(
        "console.clients.scopes",
        description="console.clients.scopes_hint",
        choices=choices((scope, f"console.clients.scope.{scope}") for scope in SCOPES),
        option_widget=wtforms.widgets.CheckboxInput(),
        widget=wtforms.widgets.ListWidget(prefix_label=False),
    )
    stays = BooleanField("console.clients.stays", description="console.clients.stays_hint")
    allows_anonymous = BooleanField(
        "console.clients.allows_anonymous", description="console.clients.allows_anonymous_hint"
    )
    auth_method = RadioField(
        "console.clients.auth_method",
        description="console.clients.auth_method_hint",
        choices=choices(
            (
                ("client_secret_basic", "console.clients.auth_method.basic"),
                ("client_secret_post", "console.clients.auth_method.post"),
            )
        ),
    )
    requires_pkce = BooleanField(
        "console.clients.requires_pkce", description="console.clients.requires_pkce_hint"
    )
    access_token_format = RadioField(
        "console.clients.access_token_format",
        description="console.clients.access_token_format_hint",
        choices=choices(
            (
                ("jwt", "console.clients.access_token_format.jwt"),
                ("opaque", "console.clients.access_token_format.opaque"),
            )
        ),
    )
    id_token_alg = RadioField(
        "console.clients.id_token_alg",
        description="console.clients.id_token_alg_hint",
        choices=choices((alg, alg) for alg in ("RS256", "ES256", "EdDSA")),
    )
    scope_claims_in_id_token = BooleanField(
        "console.clients.scope_claims_in_id_token",
        description="console.clients.scope_claims_in_id_token_hint",
    )
    home_url = StringField("console.clients.home_url")
    logo_url = StringField("console.clients.logo_url")
    policy_url = StringField("console.clients.policy_url")
    terms_url = StringField("console.clients.terms_url")
    ui_url = StringField("console.clients.ui_url", description="console.clients.ui_url_hint")
    link_url = StringField("console.clients.link_url", description="console.clients.link_url_hint")
    row_version = HiddenField()

    kind = "web"
    """What the application is; set for each form."""

    def validate_redirect_uris(self, field: wtforms.Field) -> None:
        """Where browsers may be sent with a code."""
        _checked(field, lambda line: self._check_uri("redirect_uris", line))

    def validate_post_logout_redirect_uris(self, field: wtforms.Field) -> None:
        """Where browsers may be sent after a sign-out."""
        _checked(field, lambda line: self._check_uri("post_logout_redirect_uris", line))

    def validate_origins(self, field: wtforms.Field) -> None:
        """From where browsers may call us."""
        _checked(field, lambda line: web_addresses.check_origin("origins", line))

    def _check_uri(self, field: str, line: str) -> None:
        web_addresses.check_redirect_uri(field, line, is_native=self.kind == "native")

    def registration(self) -> dict[str, Any]:
        """What it says, as the directory takes it."""
        values = {name: field.data for name, field in self._fields.items()}
        for name in ("row_version", "once"):
            values.pop(name, None)
        if "stays" in values:
            grants = ["authorization_code", REFRESH]
            values["grant_types"] = grants if values.pop("stays") else grants[:1]
        return values | {name: values[name] or None for name in _URLS if name in values}


class CreateClient(EditClient):
    """The first form of an application: what it cannot do without."""

    once = HiddenField()


_LATER = frozenset(EditClient()._fields) - {
    *("name", "redirect_uris", "origins", "is_first_party", "row_version")
}


def editing(view: ClientView, sent: Any) -> EditClient:
    """The form of an application that there is, as its kind allows."""
    filled = {name: getattr(view, name) for name in EditClient()._fields if hasattr(view, name)}
    form = EditClient(sent, data={**filled, "stays": REFRESH in view.grant_types})
    _fit(form, view.kind)
    return form


def creating(kind: str, sent: Any, once: str) -> CreateClient:
    """The form of a new application; `once` tells a second press of its button from another one."""
    form = CreateClient(sent, data={"is_first_party": True, "once": once})
    for name in (*_LATER, "row_version", *(() if kind == "spa" else ("origins",))):
        del form[name]
    _fit(form, kind)
    return form


def _fit(form: EditClient, kind: str) -> None:
    form.kind = kind
    for name in _OF_WEB:
        if kind != "web" and name in form:
            del form[name]
