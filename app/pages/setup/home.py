"""Where things stand, and which provider it shall be."""

from werkzeug.wrappers import Response

from app.pages import leaving
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import connecting, domains, enforcing, guides
from app.setup.access import Access

_PROTOCOLS = {"oidc": "setup.by_oidc", "saml": "setup.by_saml"}
_STATUSES = {
    "begun": "setup.status_begun",
    "draft": "setup.status_draft",
    "active": "setup.status_active",
    "disabled": "setup.status_disabled",
}


@blueprint.get("/home")
@for_access
def home(found: Access) -> Response:
    """What is set up, and what comes next."""
    return door.draw(
        found,
        "home",
        "home",
        places=connecting.places(found),
        claims=domains.list_of(found),
        sso=enforcing.MODES[enforcing.policy(found).sso],
        statuses=_STATUSES,
    )


@blueprint.get("/providers")
@for_access
def choose(found: Access) -> Response:
    """The providers that there are guides for."""
    rows = guides.GUIDES.values()
    groups = {
        label: [each for each in rows if each.protocol == protocol]
        for protocol, label in _PROTOCOLS.items()
    }
    return door.draw(found, "choose", "provider", groups=groups)


@blueprint.post("/providers")
@for_access
def chosen(found: Access) -> Response:
    """Begin with one of them."""
    connection_id = connecting.choose(found, typed().get("provider", ""))
    return leaving.to_path(f"/setup/connections/{connection_id}")
