"""The rows of the tenant matrix for the account portal."""

from werkzeug.test import TestResponse

from tests.security.attempts import Attempt, Door, post_at_home, post_flow

_SHOWN = {
    "home": "",
    "show_security": "/security",
    "show_devices": "/devices",
    "show_apps": "/apps",
    "show_organizations": "/organizations",
    "show_activity": "/activity",
    "show_data": "/data",
    "passkey_options": "/passkeys/options",
}
_PRESSED = {
    "verify_email": "/verify-email",
    "sign_out_everywhere": "/sign-out-everywhere",
    "end_other_sessions": "/sessions/end-others",
    "add_account": "/accounts/add",
    "export_data": "/export",
    "keep_account": "/delete/cancel",
    "download_recovery_codes": "/recovery-codes/file",
}
_FORMS = {
    "edit_profile": "/profile",
    "edit_username": "/username",
    "add_email": "/emails/add",
    "add_phone": "/phones/add",
    "change_password": "/password",
    "remove_password": "/password/remove",
    "add_passkey": "/passkeys/new",
    "add_authenticator": "/authenticators/new",
    "make_recovery_codes": "/recovery-codes",
    "create_organization": "/organizations/new",
    "join_organization": "/organizations/join",
    "delete_account": "/delete",
}
_OF_THINGS = {
    "confirm_contact": ("pending_id", "/contacts/{}"),
    "prefer_contact": ("contact_id", "/contacts/{}/primary"),
    "remove_contact": ("contact_id", "/contacts/{}/remove"),
    "unlink_identity": ("identity_id", "/identities/{}/unlink"),
    "rename_passkey": ("passkey_id", "/passkeys/{}/rename"),
    "remove_passkey": ("passkey_id", "/passkeys/{}/remove"),
    "confirm_authenticator": ("pending_id", "/authenticators/{}"),
    "rename_authenticator": ("authenticator_id", "/authenticators/{}/rename"),
    "remove_authenticator": ("authenticator_id", "/authenticators/{}/remove"),
    "accept_invitation": ("invitation_id", "/invitations/{}/accept"),
    "decline_invitation": ("invitation_id", "/invitations/{}/decline"),
    "leave_organization": ("organization_id", "/organizations/{}/leave"),
}
_NAMED = {
    "end_session": ("/sessions/end", "session", "session_id"),
    "remove_app": ("/apps/remove", "grant", "grant_id"),
    "switch_account": ("/accounts/switch", "session", "session_id"),
    "trust_no_more": ("/trusted-devices/end", "device", "device_id"),
}


def _look(path: str) -> Attempt:
    """A page asked for by whoever is signed in elsewhere: they sign in here first."""
    url = f"/account{path}"
    return Attempt(lambda d: d.ask_as_browser("GET", url, "session", "flow"), (303,))


def _press(path: str) -> Attempt:
    """A form with the token of whoever is signed in elsewhere."""
    return Attempt(lambda d: post_flow(d, f"/account{path}"), (400,))


def _at_home(path: str, **fields: str) -> Attempt:
    """A form about somebody else's thing; `fields` are names of belongings."""

    def send(door: Door) -> TestResponse:
        form = {name: getattr(door.given, thing) for name, thing in fields.items()}
        return post_at_home(door, f"/account{path}", **form)

    return Attempt(send, (404,))


def _thing(thing: str, path: str, *, posts: bool) -> list[Attempt]:
    def url(door: Door) -> str:
        return f"/account{path.format(getattr(door.given, thing))}"

    if not posts:
        return [Attempt(lambda d: d.ask_as_browser("GET", url(d), "session", "flow"), (303,))]
    return [
        Attempt(lambda d: post_flow(d, url(d)), (400,)),
        Attempt(lambda d: post_at_home(d, url(d)), (404,)),
    ]


def _rows() -> dict[tuple[str, str], list[Attempt]]:
    rows = {(name, "GET"): [_look(path)] for name, path in (_SHOWN | _FORMS).items()}
    rows |= {(name, "POST"): [_press(path)] for name, path in (_PRESSED | _FORMS).items()}
    for name, (thing, path) in _OF_THINGS.items():
        rows[name, "GET"] = _thing(thing, path, posts=False)
        rows[name, "POST"] = _thing(thing, path, posts=True)
    rows["link_identity", "POST"] = _thing("connection_id", "/identities/link/{}", posts=True)
    for name, (path, field, thing) in _NAMED.items():
        rows[name, "POST"] = [_press(path), _at_home(path, **{field: thing})]
    return rows


ACCOUNT_PAGES = {(f"account.{name}", method): found for (name, method), found in _rows().items()}
