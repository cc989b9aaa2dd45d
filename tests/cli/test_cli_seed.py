"""The demo on the command line."""

import stat

from flask import Flask

from app.cli import demo, demo_file
from app.config import Settings
from app.database import read
from app.directory import clients, people, tenants
from app.directory.tenants import Tenant
from app.hashing import hashing
from tests.cli.conftest import CommandLine


def _move(app: Flask, **changed: int | str) -> Settings:
    """The application as it is when it is started with other settings."""
    moved: Settings = app.config["AUTHPAGE"].model_copy(update=changed)
    app.config["AUTHPAGE"] = moved
    return moved


def _tenant(slug: str) -> Tenant:
    tenant = tenants.by_slug(slug)
    assert tenant is not None
    return tenant


def test_the_demo_has_what_it_promises(authpage: CommandLine, settings: Settings) -> None:
    told = authpage.json("seed", "demo")
    assert told["tenants"] == {
        "default": "http://localhost:8000",
        "passwordless": "http://localhost:8000/t/passwordless",
        "strict": "http://localhost:8000/t/strict",
        "mobile": "http://localhost:8000/t/mobile",
        "sandbox": "http://localhost:8000/t/sandbox",
    }
    jane = authpage.json("user", "show", "jane@example.com")
    assert {each["slug"]: each["roles"] for each in jane["organizations"]} == {
        "northwind-labs": ["owner"],
        "contoso": ["member"],
        "fabrikam-trading": ["admin"],
    }
    sam = authpage.json("user", "show", "sam@example.com")
    assert len(sam["organizations"]) == 1
    third_party = authpage.json("client", "show", told["third_party_client_id"])
    assert third_party["is_first_party"] is False
    with authpage.app.app_context():
        with read(_tenant("default").id) as session:
            person = people.find_by_email(session, "jane@example.com")
        assert person is not None
        assert hashing().verify(person.password_hash, told["password"])
        assert _tenant("default").settings.organizations.creation_open
        assert _tenant("passwordless").settings.methods.sign_in == ("passkey", "magic_link")
        assert _tenant("passwordless").settings.methods.sign_up == ("passkey", "magic_link")
        assert _tenant("sandbox").is_test
        assert _tenant("sandbox").settings.codes.echo


def test_the_demo_has_providers_that_need_no_internet(authpage: CommandLine) -> None:
    authpage.json("seed", "demo")
    found = {each["name"]: each for each in authpage.json("connection", "list")["items"]}
    assert {*found} == {"Tailspin Toys", "Demo ID"}
    explained = authpage.json("realm", "explain", "kim@tailspin.example")
    assert explained["reason"] == "required"
    _move(authpage.app, base_url="http://localhost:9000", port=9000)
    authpage.json("seed", "demo")
    for name, slug in (("Tailspin Toys", "tailspin"), ("Demo ID", "demo-id")):
        shown = authpage.json("connection", "show", found[name]["id"])
        assert shown["status"] == "active"
        assert shown["settings"]["issuer"] == f"http://localhost:9000/t/{slug}"
        client = authpage.json("client", "list", "--tenant", slug)["items"][0]
        callback = f"http://localhost:9000/connections/{found[name]['id']}/callback"
        assert client["redirect_uris"] == [callback]


def test_the_demo_app_is_told_a_secret_that_works(
    authpage: CommandLine, settings: Settings
) -> None:
    authpage.json("seed", "demo")
    told = demo_file.load(settings)
    assert stat.S_IMODE(demo_file.path_of(settings).stat().st_mode) == 0o600
    with authpage.app.app_context():
        view = clients.get(_tenant("default").id, told["OIDC_CLIENT_ID"])
        assert view is not None
        assert clients.check_secret(view, told["OIDC_CLIENT_SECRET"])
    assert view.redirect_uris == ("http://localhost:8001/auth/callback",)


def test_seeding_twice_changes_nothing(authpage: CommandLine, settings: Settings) -> None:
    authpage.json("seed", "demo")
    told, before = demo_file.load(settings), authpage.json("audit", "list", "--limit", "200")
    authpage.json("seed", "demo")
    assert demo_file.load(settings) == told
    assert authpage.json("audit", "list", "--limit", "200") == before


def test_what_a_developer_changed_stays(authpage: CommandLine) -> None:
    authpage.json("seed", "demo")
    authpage.json("tenant", "settings", "set", "brand", "accent=#ff0000")
    authpage.json("user", "update", "jane@example.com", "--name", "Janet")
    authpage.json("seed", "demo")
    exported = authpage.json("tenant", "settings", "export")
    assert exported["brand"]["accent"] == "#ff0000"
    assert authpage.json("user", "show", "jane@example.com")["display_name"] == "Janet"


def test_other_ports_move_issuer_and_redirect_uris(
    authpage: CommandLine, settings: Settings
) -> None:
    client_id = authpage.json("seed", "demo")["client_id"]
    extra = "https://dashboard.example/callback"
    uris = ("http://localhost:8001/auth/callback", extra)
    flags = [part for uri in uris for part in ("--redirect-uri", uri)]
    authpage.json("client", "update", client_id, *flags)
    authpage.json("tenant", "create", "--slug", "own", "--name", "Own", "--host", "own.localhost")
    _move(authpage.app, base_url="http://localhost:9000", port=9000, demo_port=9001)
    assert authpage.json("seed", "demo")["client_id"] == client_id
    assert authpage.json("tenant", "show")["issuer"] == "http://localhost:9000"
    moved = authpage.json("tenant", "show", "passwordless")
    assert moved["issuer"] == "http://localhost:9000/t/passwordless"
    assert authpage.json("tenant", "show", "own")["issuer"] == "http://own.localhost"
    client = authpage.json("client", "show", client_id)
    assert client["redirect_uris"] == ["http://localhost:9001/auth/callback", extra]
    assert client["post_logout_redirect_uris"] == ["http://localhost:9001/"]
    assert demo_file.load(settings)["OIDC_ISSUER"] == "http://localhost:9000"
    assert demo_file.load(settings)["PORT"] == "9001"


def test_a_lost_file_gives_the_same_client_a_new_secret(
    authpage: CommandLine, settings: Settings
) -> None:
    client_id = authpage.json("seed", "demo")["client_id"]
    demo_file.path_of(settings).unlink()
    assert authpage.json("seed", "demo")["client_id"] == client_id
    told = demo_file.load(settings)
    with authpage.app.app_context():
        view = clients.get(_tenant("default").id, client_id)
        assert view is not None
        assert clients.check_secret(view, told["OIDC_CLIENT_SECRET"])


def test_production_refuses_the_demo(authpage: CommandLine) -> None:
    _move(authpage.app, environment="production")
    assert authpage("seed", "demo", "--json").error["error"] == "production"
    assert authpage.json("tenant", "list")["items"] == []


def test_the_demo_password_is_one_that_people_could_choose(acme: CommandLine) -> None:
    acme.json("user", "create", "--email", "a@example.com", "--password", demo.PASSWORD)
