"""The rows of the tenant matrix for the account API and for the links of notices."""

from collections.abc import Callable

from werkzeug.test import TestResponse

from app.api.account.routes import OPERATIONS, Operation
from tests.security.attempts import NOTHING, Attempt, Door, bearer
from tests.security.belongings import Belongings

ROOT = "/api/v1/account"
IDS: dict[str, Callable[[Belongings], str]] = {
    "session_id": lambda has: has.other_session_id,
    "device_id": lambda has: has.device_id,
    "contact_id": lambda has: has.contact_id,
    "pending_id": lambda has: has.pending_id,
    "enrolment_id": lambda has: has.pending_id,
    "app_id": lambda has: has.grant_id,
    "organization_id": lambda has: has.organization_id,
    "authenticator_id": lambda has: has.authenticator_id,
    "passkey_id": lambda has: has.passkey_id,
    "identity_id": lambda has: has.identity_id,
    "invitation_id": lambda has: has.invitation_id,
}
BODIES: dict[str, dict[str, object]] = {
    "set_password": {"new_password": "a fine new password"},
    "set_username": {"username": "jane"},
    "add_email": {"email": "other@example.com"},
    "add_phone": {"phone": "+14155550123"},
    "confirm_email": {"code": "123456"},
    "confirm_phone": {"code": "123456"},
    "update_self": {"display_name": "Jane"},
    "create_organization": {"name": "Mine"},
    "join_organization": {"organization": "umbrella"},
    "confirm_authenticator": {"code": "123456"},
    "rename_authenticator": {"label": "Mine"},
    "add_passkey": {"credential": {}},
    "rename_passkey": {"label": "Mine"},
}


def _ask(door: Door, operation: Operation, token: str) -> TestResponse:
    """The route with the given things in its path, and a body that would be taken."""
    path = operation.path
    for name, of in IDS.items():
        path = path.replace(f"{{{name}}}", of(door.given))
    options = {"json": BODIES[operation.name]} if operation.name in BODIES else {}
    return door.ask(operation.method, f"{ROOT}{path}", headers=bearer(token), **options)


def _row(operation: Operation) -> list[Attempt]:
    tokens: list[Callable[[Door], str]] = [
        lambda door: door.given.account_token,
        lambda door: door.given.access_token,
        lambda door: door.given.id_token,
    ]
    foreign = [
        Attempt(lambda d, of=of: _ask(d, operation, of(d)), (401,))  # type: ignore[misc]
        for of in tokens
    ]
    if "{" not in operation.path:
        return foreign
    return [*foreign, Attempt(lambda d: _ask(d, operation, d.host.has.account_token), (404,))]


ACCOUNT_API: dict[tuple[str, str], list[Attempt]] = {
    ("account_api.document", "GET"): NOTHING,
    **{(f"account_api.{each.name}", each.method): _row(each) for each in OPERATIONS},
}


def _follow(door: Door, path: str, token: str, *, post: bool = False) -> TestResponse:
    """Open a mailed link as a browser does, and press its button."""
    client = door.client()
    looked = client.get(door.url(f"{path}?token={token}"), follow_redirects=True)
    if not post:
        return looked
    home = door.host.has
    client.set_cookie("authpage_flow", home.flow_cookie, path=door.host.path)
    client.get(door.url(f"{path}?token={token}"), follow_redirects=True)
    return client.post(door.url(path), data={"csrf_token": home.csrf_token})


def _invitation(door: Door) -> str:
    return f"/invitations/{door.given.invitation_id}"


LINKS: dict[tuple[str, str], list[Attempt]] = {
    ("sign_in.recover", "GET"): NOTHING,
    ("not_me.look", "GET"): [
        Attempt(lambda d: _follow(d, "/not-me", d.given.not_me_token), (410,)),
    ],
    ("not_me.undo", "POST"): [
        Attempt(lambda d: _follow(d, "/not-me", d.given.not_me_token, post=True), (410,)),
    ],
    ("invitations.look", "GET"): [
        Attempt(lambda d: _follow(d, _invitation(d), d.given.invitation_token), (410,)),
    ],
    ("invitations.begin", "POST"): [
        Attempt(lambda d: _follow(d, _invitation(d), d.given.invitation_token, post=True), (410,)),
    ],
    ("invitations.done", "GET"): [
        Attempt(lambda d: d.ask("GET", f"{_invitation(d)}/done"), (303,)),
    ],
    ("headless_invitations.show", "GET"): [
        Attempt(
            lambda d: d.ask(
                "GET",
                f"/headless/v1{_invitation(d)}",
                headers=bearer(d.given.invitation_token),
            ),
            (422,),
        ),
    ],
    ("support_recovery.look", "GET"): [
        Attempt(lambda d: _follow(d, "/recovery", d.given.recovery_token), (410,)),
    ],
    ("support_recovery.use", "POST"): [
        Attempt(lambda d: _follow(d, "/recovery", d.given.recovery_token, post=True), (410,)),
    ],
}
