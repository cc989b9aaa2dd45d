"""X01, G13: every route, with everything that another tenant has, answers as if there were no such
thing, writes nothing, and tells the other tenant's audit log nothing."""

import re
from collections.abc import Iterator
from dataclasses import fields
from difflib import unified_diff

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from tests.factories import REDIRECT_URI, Factory
from tests.security.account_api_rows import ACCOUNT_API, LINKS
from tests.security.account_page_rows import ACCOUNT_PAGES
from tests.security.attempts import NOTHING, Attempt, Door, bearer, post_at_home, post_flow
from tests.security.belongings import (
    Belongings,
    Household,
    basic,
    household,
    made_up,
    rows_of,
)
from tests.security.connection_rows import CONNECTIONS
from tests.security.link_rows import LINK_ROWS
from tests.security.setup_rows import SETUP
from tests.visitors import VERIFIER, authorization


def _authorize(door: Door, method: str, **changes: str) -> TestResponse:
    parameters = authorization(door.host.client, **changes)
    key = "query_string" if method == "GET" else "data"
    first = door.ask(method, "/oauth2/authorize", **{key: parameters})
    if method == "GET" or first.status_code != 303:
        return first
    return door.client().get(first.headers["Location"])


def _redeem(door: Door, client: str) -> TestResponse:
    return door.token(
        client,
        grant_type="authorization_code",
        code=door.given.code,
        redirect_uri=REDIRECT_URI,
        code_verifier=VERIFIER,
    )


def _headless_start(door: Door, **changes: str) -> TestResponse:
    authorize = authorization(door.host.client, **changes)
    return door.ask("POST", "/headless/v1/flows", json={"authorize": authorize})


def _headless_invited(door: Door) -> TestResponse:
    link = {"id": door.given.invitation_id, "token": door.given.invitation_token}
    body = {"authorize": authorization(door.host.client), "invitation": link}
    return door.ask("POST", "/headless/v1/flows", json=body)


def _userinfo(method: str) -> list[Attempt]:
    path = "/oauth2/userinfo"
    return [
        Attempt(lambda d: d.ask(method, path, headers=bearer(d.given.access_token)), (401,)),
        Attempt(lambda d: d.ask(method, path, headers=bearer(d.given.opaque_token)), (401,)),
        Attempt(lambda d: d.ask(method, path, headers=bearer(d.given.id_token)), (401,)),
        Attempt(lambda d: d.ask(method, path, headers=bearer(d.given.refresh_token)), (401,)),
        Attempt(lambda d: d.ask(method, path, headers=bearer(d.given.headless_token)), (401,)),
    ]


def _logout(method: str) -> list[Attempt]:
    key = "query_string" if method == "GET" else "data"
    path = "/oauth2/logout"
    follows = (303,) if method == "POST" else (400,)
    return [
        Attempt(lambda d: d.ask(method, path, **{key: {"client_id": d.given.client_id}}), follows),
        Attempt(
            lambda d: d.ask(method, path, **{key: {"id_token_hint": d.given.id_token}}), follows
        ),
        Attempt(lambda d: d.ask_as_browser(method, path, "session"), (200, 303)),
    ]


def _authorizing(method: str) -> list[Attempt]:
    return [
        Attempt(lambda d: _authorize(d, method, client_id=d.given.client_id), (400,)),
        Attempt(lambda d: _authorize(d, method, id_token_hint=d.given.id_token), (303,)),
        Attempt(lambda d: _authorize(d, method, login_hint=d.given.email), (303,)),
        Attempt(lambda d: _authorize(d, method, organization=d.given.organization_id), (303,)),
    ]


def _only_of_the_console(path: str) -> list[Attempt]:
    return [Attempt(lambda d: d.ask("GET", path.format(asset=d.given.asset_id)), (404,))]


MATRIX: dict[tuple[str, str], list[Attempt]] = {
    **ACCOUNT_API,
    **LINKS,
    **ACCOUNT_PAGES,
    **CONNECTIONS,
    ("sign_in.home", "GET"): NOTHING,
    ("sign_in.sign_in", "GET"): NOTHING,
    ("sign_in.sign_up", "GET"): NOTHING,
    ("oidc.metadata", "GET"): NOTHING,
    ("oidc.jwks", "GET"): NOTHING,
    ("headless.document", "GET"): NOTHING,
    ("health.healthz", "GET"): NOTHING,
    ("health.readyz", "GET"): NOTHING,
    ("health.metrics", "GET"): NOTHING,
    ("tls.ask", "GET"): NOTHING,  # Of this machine's proxy, about a host and no tenant.
    # Only in the console's tenant: tests/console/test_preview_share.py tries links of others there.
    ("preview_by_link.look", "GET"): _only_of_the_console("/preview?token=x"),
    ("preview_by_link.screen", "GET"): _only_of_the_console("/preview/identify?token=x"),
    ("preview_files.stylesheet", "GET"): _only_of_the_console("/preview/files/x/brand/0.css"),
    ("preview_files.icon", "GET"): _only_of_the_console("/preview/files/x/brand/0.svg"),
    ("preview_files.picture", "GET"): _only_of_the_console("/preview/files/x/brand/{asset}.png"),
    ("preview_files.font", "GET"): _only_of_the_console("/preview/files/x/brand/inter-0.woff2"),
    ("mailbox.inbox", "GET"): NOTHING,  # Only on a development machine, for all its tenants.
    ("mailbox.mail", "GET"): NOTHING,
    ("mailbox.html_part", "GET"): NOTHING,
    ("static", "GET"): NOTHING,
    ("brand.script", "GET"): NOTHING,
    ("brand.font", "GET"): NOTHING,
    ("brand.stylesheet", "GET"): NOTHING,  # Any digest gets the stylesheet of the tenant asked.
    ("brand.icon", "GET"): NOTHING,
    ("brand.picture", "GET"): [
        Attempt(lambda d: d.ask("GET", f"/brand/{d.given.asset_id}.png"), (404,))
    ],
    ("sign_out.confirm", "GET"): [
        Attempt(lambda d: d.ask_as_browser("GET", "/sign-out", "session"), (200,))
    ],
    ("sign_out.sign_out", "POST"): [Attempt(lambda d: post_flow(d, "/sign-out"), (400,))],
    ("sign_in.page", "GET"): [
        Attempt(lambda d: d.ask_as_browser("GET", f"/flow/{d.given.flow_id}", "flow"), (404,)),
        Attempt(
            lambda d: d.ask_as_browser(
                "GET",
                f"/flow/{d.given.flow_id}",
                "flow",
                query_string={"request": d.given.flow_request},
            ),
            (404,),
        ),
    ],
    ("sign_in.recovery_codes", "GET"): [
        Attempt(
            lambda d: d.ask_as_browser(
                "GET", f"/flow/{d.given.flow_id}/recovery-codes.txt", "flow"
            ),
            (404,),
        )
    ],
    ("sign_in.answer", "POST"): [
        Attempt(lambda d: post_flow(d, f"/flow/{d.given.flow_id}"), (400,)),
        Attempt(lambda d: post_at_home(d, f"/flow/{d.given.flow_id}"), (404,)),
        Attempt(
            lambda d: post_at_home(d, f"/flow/{d.given.flow_id}?request={d.given.flow_request}"),
            (404,),
        ),
        Attempt(lambda d: post_at_home(d, f"/flow/{d.given.headless_flow_id}"), (404,)),
        Attempt(
            lambda d: post_flow(d, f"/flow/{d.given.flow_id}?request={d.given.flow_request}"),
            (400, 404),
        ),
    ],
    ("passkey.options", "GET"): [
        Attempt(
            lambda d: d.ask_as_browser(
                "GET",
                f"/flow/{d.given.flow_id}/passkey",
                "flow",
                query_string={"request": d.given.flow_request},
            ),
            (404,),
        ),
    ],
    ("well_known.change_password", "GET"): NOTHING,
    ("well_known.passkey_endpoints", "GET"): NOTHING,
    ("well_known.related_origins", "GET"): NOTHING,
    ("well_known.ios_apps", "GET"): NOTHING,
    ("well_known.android_apps", "GET"): NOTHING,
    **LINK_ROWS,
    **SETUP,
    ("sign_in.finish", "GET"): [
        Attempt(
            lambda d: d.ask(
                "GET",
                f"/flow/{d.given.finished_flow_id}/finish",
                query_string={"ticket": d.given.ticket},
            ),
            (404,),
        ),
        Attempt(
            lambda d: d.ask(
                "GET",
                f"/flow/{d.host.has.finished_flow_id}/finish",
                query_string={"ticket": d.given.ticket},
            ),
            (400,),
        ),
    ],
    ("headless.start", "POST"): [
        Attempt(lambda d: _headless_start(d, client_id=d.given.client_id), (400,)),
        Attempt(lambda d: _headless_start(d, id_token_hint=d.given.id_token), (400,)),
        Attempt(_headless_invited, (422,)),
    ],
    ("headless.show", "GET"): [
        Attempt(
            lambda d: d.ask(
                "GET",
                f"/headless/v1/flows/{d.given.headless_flow_id}",
                headers=bearer(d.given.headless_token),
            ),
            (404,),
        ),
        Attempt(
            lambda d: d.ask(
                "GET",
                f"/headless/v1/flows/{d.host.has.headless_flow_id}",
                headers=bearer(d.given.headless_token),
            ),
            (404,),
        ),
    ],
    ("headless.answer", "POST"): [
        Attempt(
            lambda d: d.ask(
                "POST",
                f"/headless/v1/flows/{d.given.headless_flow_id}",
                headers=bearer(d.given.headless_token),
                json={"email": "jane@example.com"},
            ),
            (404,),
        )
    ],
    ("headless.take_over", "POST"): [
        Attempt(
            lambda d: d.ask(
                "POST",
                f"/headless/v1/flows/{d.given.handed_flow_id}/take-over",
                json={"request": d.given.handed_request},
            ),
            (404,),
        )
    ],
    ("oidc.authorize", "GET"): _authorizing("GET"),
    ("oidc.authorize", "POST"): _authorizing("POST"),
    ("oidc.end_session", "GET"): _logout("GET"),
    ("oidc.end_session", "POST"): _logout("POST"),
    ("oidc.user", "GET"): _userinfo("GET"),
    ("oidc.user", "POST"): _userinfo("POST"),
    ("oidc.token", "POST"): [
        Attempt(lambda d: _redeem(d, "host"), (400,)),
        Attempt(lambda d: _redeem(d, "given"), (401,)),
        Attempt(
            lambda d: d.token(grant_type="refresh_token", refresh_token=d.given.refresh_token),
            (400,),
        ),
        Attempt(
            lambda d: d.token(
                "given", grant_type="refresh_token", refresh_token=d.given.refresh_token
            ),
            (401,),
        ),
    ],
    ("oidc.revoke", "POST"): [
        Attempt(lambda d: _revoke(d, "given", d.given.refresh_token), (401,)),
        Attempt(lambda d: _revoke(d, "host", d.given.refresh_token), (200,)),
        Attempt(lambda d: _revoke(d, "host", d.given.access_token), (200,)),
        Attempt(lambda d: _revoke(d, "host", d.given.opaque_token), (200,)),
    ],
}


def _revoke(door: Door, client: str, token: str) -> TestResponse:
    known = door.host.has if client == "host" else door.given
    headers = {"Authorization": basic(known.client_id, known.client_secret)}
    return door.ask("POST", "/oauth2/revoke", data={"token": token}, headers=headers)


@pytest.fixture(scope="module")
def households(app: Flask) -> Iterator[tuple[Household, Household]]:
    """The tenant that is asked, and the one whose things are presented. The clock stands still, so
    that nothing gets too old meanwhile, however slow the machine."""
    stands_at = clock.of_machine()
    with pytest.MonkeyPatch.context() as patch, app.app_context():
        patch.setattr(clock, "of_machine", lambda: stands_at)
        yield household(app, Factory()), household(app, Factory())


def test_every_route_has_its_row(app: Flask) -> None:
    routes = {
        (str(rule.endpoint), method)
        for rule in app.url_map.iter_rules()
        if not str(rule.endpoint).startswith("console.")  # See tests/console/test_matrix.py.
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    missing, gone = sorted(routes - MATRIX.keys()), sorted(MATRIX.keys() - routes)
    assert not missing, (
        f"{missing}: add a row to MATRIX in this file, with one Attempt for each id, token"
        " or cookie that the route takes; or NOTHING, if it takes none."
    )
    assert not gone, f"{gone}: these routes are gone; take their rows out of MATRIX."


@pytest.mark.parametrize(("endpoint", "method"), [key for key, row in MATRIX.items() if row])
def test_x01_what_belongs_to_another_tenant_is_as_if_it_did_not_exist(
    households: tuple[Household, Household], endpoint: str, method: str
) -> None:
    host, other = households
    nobodys = made_up(other.has)
    for number, attempt in enumerate(MATRIX[endpoint, method]):
        before = rows_of(other.tenant), rows_of(host.tenant)
        foreign = attempt.send(Door(host, other.has))
        after = rows_of(other.tenant), rows_of(host.tenant)
        missing = attempt.send(Door(host, nobodys))
        named = f"{endpoint} {method}, attempt {number + 1}"
        assert foreign.status_code in attempt.statuses, (named, foreign.text[:300])
        assert missing.status_code == foreign.status_code, named
        told = _plain(foreign, other.has), _plain(missing, nobodys)
        assert told[0] == told[1], f"{named}:\n" + "\n".join(unified_diff(*told, n=0))
        assert after[0] == before[0], f"{named} changed the other tenant"
        assert after[1] == before[1], f"{named} wrote"


def test_the_things_are_good_at_home(households: tuple[Household, Household]) -> None:
    """What was refused above would have been taken where it belongs."""
    home = Door(households[1], households[1].has)
    sent = {
        "brand.picture": home.ask("GET", f"/brand/{home.given.asset_id}.png"),
        "oidc.user": home.ask("GET", "/oauth2/userinfo", headers=bearer(home.given.access_token)),
        "opaque": home.ask("GET", "/oauth2/userinfo", headers=bearer(home.given.opaque_token)),
        "headless.show": MATRIX["headless.show", "GET"][0].send(home),
        "account.home": MATRIX["account.home", "GET"][0].send(home),
        "sign_in.page": MATRIX["sign_in.page", "GET"][1].send(home),
        "authorize": _authorize(home, "GET", id_token_hint=home.given.id_token),
        "take_over": MATRIX["headless.take_over", "POST"][0].send(home),
        "invited": _headless_invited(home),
        "invitation": MATRIX["headless_invitations.show", "GET"][0].send(home),
        "look": MATRIX["invitations.look", "GET"][0].send(home),
        "finish": MATRIX["sign_in.finish", "GET"][0].send(home),
        "code": _redeem(home, "host"),
        "refresh": MATRIX["oidc.token", "POST"][2].send(home),
        "remove_app": MATRIX["account.remove_app", "POST"][1].send(home),
        "end_session": MATRIX["account.end_session", "POST"][1].send(home),
    }
    statuses = {name: response.status_code for name, response in sent.items()}
    expected = dict.fromkeys(sent, 200) | {
        "authorize": 303,
        "take_over": 201,
        "invited": 201,
        "finish": 303,
        "remove_app": 303,
        "end_session": 303,
    }
    assert statuses == expected


def _plain(response: TestResponse, given: Belongings) -> list[str]:
    """Target and body without what differs at every request, and without what was sent."""
    target = re.sub(r"[?].*|flw_\w+", "", response.headers.get("Location", ""))
    body = "" if target else re.sub(r'[?][^"<\s]*', "", response.text)
    for value in (getattr(given, each.name) for each in fields(given)):
        body = body.replace(value, "(given)").replace(value.replace("@", "%40"), "(given)")
    body = re.sub(r'name="csrf_token" value="[^"]*"', "", body)
    body = re.sub(r'"request_id": ?"\w{16}"', "(request)", body)
    return [target, *re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", "(code)", body).splitlines()]
