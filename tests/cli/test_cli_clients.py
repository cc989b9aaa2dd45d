"""Clients on the command line."""

from app.directory import clients, tenants
from tests.cli.conftest import CommandLine

CALLBACK = "https://app.example/callback"


def _is_secret(authpage: CommandLine, client_id: str, secret: str) -> bool:
    with authpage.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        view = clients.get(tenant.id, client_id)
        assert view is not None
        return clients.check_secret(view, secret)


def test_create_prints_what_a_script_needs(acme: CommandLine) -> None:
    made = acme.json(
        *("client", "create", "--name", "Dashboard", "--redirect-uri", CALLBACK),
        *("--redirect-uri", "http://localhost:3000/callback"),
        *("--post-logout-redirect-uri", "https://app.example/"),
    )
    assert made["redirect_uris"] == [CALLBACK, "http://localhost:3000/callback"]
    assert made["post_logout_redirect_uris"] == ["https://app.example/"]
    assert made["issuer"] == "http://localhost:8000"
    assert _is_secret(acme, made["client_id"], made["client_secret"])


def test_a_public_client_has_no_secret(acme: CommandLine) -> None:
    made = acme.json("client", "create", "--name", "App", "--redirect-uri", CALLBACK, "--public")
    assert made["client_secret"] is None
    assert (made["kind"], made["auth_method"]) == ("spa", "none")


def test_a_secret_is_shown_once(acme: CommandLine) -> None:
    made = acme.json("client", "create", "--name", "App", "--redirect-uri", CALLBACK)
    shown = acme("client", "show", made["client_id"], "--json")
    assert shown.code == 0
    assert made["client_secret"] not in shown.out
    assert "digest" not in shown.out


def test_an_unsafe_redirect_uri_is_refused(acme: CommandLine) -> None:
    ran = acme(
        "client", "create", "--name", "App", "--redirect-uri", "http://evil.example/", "--json"
    )
    assert ran.error["error"] == "bad_value"
    assert acme.json("client", "list")["items"] == []


def test_update_replaces_lists_and_keeps_the_rest(acme: CommandLine) -> None:
    made = acme.json("client", "create", "--name", "App", "--redirect-uri", CALLBACK)
    changed = acme.json(
        *("client", "update", made["client_id"], "--redirect-uri", "https://new.example/cb"),
        *("--third-party", "--no-pkce"),
    )
    assert changed["redirect_uris"] == ["https://new.example/cb"]
    assert (changed["is_first_party"], changed["requires_pkce"]) == (False, False)
    assert changed["name"] == "App"


def test_links_may_lead_to_the_application(acme: CommandLine) -> None:
    link_url = "https://app.example/link"
    made = acme.json("client", "create", "--name", "App", "--link-url", link_url)
    assert made["link_url"] == link_url
    refused = acme("client", "update", made["client_id"], "--link-url", "http://app.example/")
    assert refused.code == 1
    assert acme.json("client", "update", made["client_id"], "--link-url", "")["link_url"] is None


def test_rotate_secret_with_overlap(acme: CommandLine) -> None:
    made = acme.json("client", "create", "--name", "App", "--redirect-uri", CALLBACK)
    client_id = made["client_id"]
    rotated = acme.json("client", "rotate-secret", client_id, "--overlap", "60")
    assert _is_secret(acme, client_id, made["client_secret"])
    assert _is_secret(acme, client_id, rotated["client_secret"])
    acme.json("client", "rotate-secret", client_id)
    assert not _is_secret(acme, client_id, made["client_secret"])


def test_disable_enable_remove(acme: CommandLine) -> None:
    client_id = acme.json("client", "create", "--name", "A", "--redirect-uri", CALLBACK)[
        "client_id"
    ]
    assert acme.json("client", "disable", client_id)["status"] == "disabled"
    assert acme.json("client", "enable", client_id)["status"] == "active"
    acme.json("client", "remove", client_id, "--yes")
    assert acme("client", "show", client_id, "--json").error["error"] == "not_found"
