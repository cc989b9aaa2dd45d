"""Where the account is signed in, and the browsers that are trusted."""

from werkzeug.wrappers import Response

from app import visitor
from app.account import devices
from app.account.owner import Owner
from app.pages import sign_out
from app.pages.account import door, forms
from app.pages.account.door import blueprint, for_owner


@blueprint.get("/devices")
@for_owner()
def show_devices(owner: Owner) -> Response:
    """Every live session and every trusted browser, each with its end."""
    return forms.draw(
        owner,
        "devices",
        "devices",
        "account.devices.title",
        sessions=devices.sessions_of(owner),
        trusted=devices.trusted_of(owner),
    )


@blueprint.post("/sessions/end")
@for_owner(back="/devices")
def end_session(owner: Owner) -> Response:
    """End one session of the signed-in person, by its id in the form."""
    session_id = forms.typed().get("session", "")
    devices.end(owner, session_id)
    return forms.done("/devices", "account.told.session_ended")


@blueprint.post("/sessions/end-others")
@for_owner(back="/devices")
def end_other_sessions(owner: Owner) -> Response:
    """End every session but this one."""
    devices.end_others(owner)
    return forms.done("/devices", "account.told.others_ended")


@blueprint.post("/trusted-devices/end")
@for_owner(back="/devices")
def trust_no_more(owner: Owner) -> Response:
    """Ask for the second factor on a browser again, by its id in the form; on all without one."""
    device_id = forms.typed().get("device", "")
    if device_id:
        devices.trust_no_more(owner, device_id)
    else:
        devices.trust_none(owner)
    return forms.done("/devices", "account.told.trust_ended")


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """End every session of the signed-in person, on every browser, with all their tokens."""
    live = door.current()
    if live is not None:
        devices.end_all(door.owner_of(live))
        visitor.forget_running_flows()
    return sign_out.done()
