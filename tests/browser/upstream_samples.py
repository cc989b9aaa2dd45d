"""Ways in by other providers: buttons, the choice of one, the way there, and what was used last."""

from dataclasses import replace
from typing import Literal

from app import clock
from app.directory.connection_settings import OAuthSettings
from app.directory.connections import Connection
from app.directory.linked_identities import Linked
from app.flow.screen import Action, Field, Message, Screen, Text

_DAY = clock.DAY
LONG_NAME = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung & Söhne"
LONG_EMAIL = f"{'maximiliane-friederike' * 2}@a-rather-long-company-name.example.com"
SOCIAL = {
    "google": "Google",
    "apple": "Apple",
    "microsoft": "Microsoft",
    "github": "GitHub",
    "linkedin": "LinkedIn",
    "facebook": "Facebook",
    "discord": "Discord",
    "custom_oidc": LONG_NAME,
    "okta": "Okta",
    "onelogin": "OneLogin",
    "entra": "Entra ID",
    "generic": "حساب الجامعة",
}
_SETTINGS = OAuthSettings(
    issuer="https://github.com",
    client_id="acme",
    authorization_endpoint="https://github.com/login/oauth/authorize",
    token_endpoint="https://github.com/login/oauth/access_token",
    userinfo_endpoint="https://api.github.com/user",
)
_EMAIL = Field("email", "email", "field.email", "", "username webauthn")
_SIGN_UP = Action("sign_up", Text("action.sign_up"), "link", sends_fields=False)
_CHANGE = Action("change", Text("action.change"), "link", sends_fields=False)
_PASSKEY = Action("passkey", Text("action.use_passkey"), "secondary", ceremony="get")


def _to(
    provider: str,
    name: str,
    style: Literal["primary", "secondary"] = "secondary",
    label: str = "action.continue_with",
) -> Action:
    return Action(
        f"connect:con_{provider}",
        Text(label, {"name": name}),
        style,
        sends_fields=False,
        provider=provider,
    )


def _used(action: Action) -> Action:
    return replace(action, is_last_used=True)


def _identify(*actions: Action) -> Screen:
    return Screen(
        "identify",
        Text("identify.title"),
        Text("flow.to_continue", {"client": "Acme Dashboard"}),
        (_EMAIL,),
        actions=(*actions, _SIGN_UP),
        display={"sign_up_open": True},
    )


def _realm(*names: str, is_required: bool = False) -> Screen:
    words = "realm.required" if is_required else "realm.optional"
    organization = {"organization": names[0]}
    ways = tuple(
        _to(f"okta{n}", name, "secondary" if n else "primary", "action.continue_to")
        for n, name in enumerate(names)
    )
    here = Action("here", Text("action.another_way"), "link", sends_fields=False)
    return Screen(
        "realm",
        Text("realm.title", {**organization}),
        Text(words, {**organization}),
        actions=(*ways, *(() if is_required else (here,)), _CHANGE),
        display={"identifier": "jane@northwind.example"},
    )


def _upstream(name: str, identifier: str = "jane@northwind.example") -> Screen:
    return Screen(
        "upstream",
        Text("upstream.title", {"name": name}),
        Text("upstream.subtitle", {"name": name}),
        actions=(
            Action("continue", Text("action.continue_to", {"name": name})),
            Action("another_way", Text("action.another_way"), "link", sends_fields=False),
        ),
        display={"provider": "okta", "identifier": identifier},
    )


def _link() -> Screen:
    back = Action("another_way", Text("action.back_to_account"), "link", sends_fields=False)
    name: dict[str, str | int] = {"name": "GitHub"}
    return Screen(
        "upstream",
        Text("link.title", name),
        Text("link.subtitle", name),
        actions=(Action("continue", Text("action.continue_to", name)), back),
        display={"provider": "github", "identifier": ""},
    )


def _password() -> Screen:
    return Screen(
        "password",
        Text("password.title"),
        fields=(Field("password", "password", "field.password", "", "current-password"),),
        actions=(
            Action("continue", Text("action.sign_in")),
            Action("use:email_code", Text("action.use_email_code"), "secondary", False),
            Action("recover", Text("action.forgot_password"), "link", sends_fields=False),
            _CHANGE,
        ),
        display={"identifier": "jane@example.com"},
    )


def screens() -> dict[str, Screen]:
    """Name of the sample -> the screen."""
    onward = Action("continue", Text("action.continue"))
    every = [_to(*each) for each in SOCIAL.items()]
    company = _to("okta", "Northwind Labs", label="action.continue_to")
    confirm = Message("link.confirm", {"name": "GitHub"}, tone="info")
    marked = tuple(
        replace(each, is_last_used=each.name == "use:email_code") for each in _password().actions
    )
    return {
        "sign_up-providers": Screen(
            "sign_up",
            Text("sign_up.title"),
            fields=(_EMAIL,),
            actions=(Action("continue", Text("action.create_account")), *every),
            display={"proven": ""},
        ),
        "identify-providers": _identify(onward, _PASSKEY, *every[:3]),
        "identify-providers-many": _identify(onward, *every),
        "identify-last-provider": _identify(_used(every[0]), onward, *every[1:4]),
        "identify-last-company": _identify(_used(company), onward, every[7]),
        "identify-last-long": _identify(_used(every[7]), onward),
        "identify-last-passkey": _identify(_used(_PASSKEY), onward, every[0]),
        "identify-provider-failed": _identify(onward, every[0]).saying(
            Message("error.upstream_failed", {"name": "Google"})
        ),
        "password-last": _password().displaying(last_used=True),
        "password-last-other": replace(_password(), actions=marked),
        "password-link": _password().saying(confirm),
        "realm": _realm("Northwind Labs"),
        "realm-required": _realm("Northwind Labs", "Northwind Japan", is_required=True),
        "realm-long": _realm(LONG_NAME, "Northwind Japan"),
        "upstream": _upstream("Northwind Labs"),
        "upstream-long": _upstream(LONG_NAME, LONG_EMAIL),
        "upstream-link": _link(),
    }


def linked() -> list[Linked]:
    """The identities of a person who uses several."""
    now = clock.now()
    return [
        Linked("lid_1", "usr_1", "con_1", "Google", "google", "1", "jane@gmail.example", now, now),
        Linked(
            "lid_2",
            "usr_1",
            "con_2",
            LONG_NAME,
            "okta",
            "2",
            LONG_EMAIL,
            now - 90 * _DAY,
            now - _DAY,
        ),
    ]


def linkable() -> list[Connection]:
    """Providers that the person has no identity at."""
    return [_connection("github", "GitHub"), _connection("custom_oidc", LONG_NAME)]


def _connection(provider: str, name: str) -> Connection:
    return Connection(
        id=f"con_{provider}",
        tenant_id="ten_1",
        organization_id=None,
        organization_is_active=True,
        provider=provider,
        name=name,
        status="active",
        settings=_SETTINGS,
        generation=1,
        metadata_due_at=None,
        row_version=1,
    )
