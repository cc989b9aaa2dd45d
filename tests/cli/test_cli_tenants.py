"""Tenants and their settings on the command line."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from app.branding import logo
from app.database import read
from app.directory import tenants
from tests.cli.conftest import CommandLine


def test_create_makes_a_tenant_that_can_sign(acme: CommandLine) -> None:
    made = acme.json("tenant", "create", "--slug", "other", "--name", "Other")
    assert made["issuer"] == "http://localhost:8000/t/other"
    keys = acme.json("key", "list", "--tenant", "other")["items"]
    assert [(key["alg"], key["state"]) for key in keys] == [("RS256", "active")]
    roles = acme.json("org", "role", "list", "--tenant", "other")["items"]
    assert [role["key"] for role in roles] == ["owner", "admin", "member"]


def test_the_default_tenant_is_at_the_root(acme: CommandLine) -> None:
    assert acme.json("tenant", "show")["issuer"] == "http://localhost:8000"


def test_a_slug_is_taken_once(acme: CommandLine) -> None:
    ran = acme("tenant", "create", "--slug", "default", "--name", "Again", "--json")
    assert ran.error["error"] == "taken"


def test_an_unknown_tenant_says_where_to_look(acme: CommandLine) -> None:
    error = acme("user", "list", "--tenant", "nobody", "--json").error
    assert error["error"] == "no_such_tenant"
    assert "authpage tenant list" in error["detail"]


def test_without_any_tenant_the_advice_is_to_make_one(authpage: CommandLine) -> None:
    assert "authpage seed demo" in authpage("user", "list", "--json").error["detail"]


def test_rename_disable_enable_and_host(acme: CommandLine) -> None:
    assert acme.json("tenant", "update", "default", "--name", "Acme Inc")["name"] == "Acme Inc"
    acme.json("tenant", "create", "--slug", "other", "--name", "Other")
    assert acme.json("tenant", "disable", "other", "--yes")["status"] == "disabled"
    assert acme.json("tenant", "enable", "other")["status"] == "active"
    moved = acme.json("tenant", "add-host", "other", "login.other.example")
    assert moved["hosts"] == ["login.other.example"]
    assert moved["issuer"] == "http://localhost:8000/t/other"


def test_a_method_is_switched_off(acme: CommandLine) -> None:
    acme.json("tenant", "settings", "set", "methods", "sign_in=email_code", "sign_up=email_code")
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        assert tenant.settings.methods.sign_in == ("email_code",)


def test_values_are_read_as_what_the_key_holds(acme: CommandLine) -> None:
    document = acme.json(
        "tenant", "settings", "set", "methods", 'sign_in=["password"]', "sign_up_open=false"
    )["document"]
    assert document == {"sign_in": ["password"], "sign_up_open": False}
    shown = acme.json("tenant", "settings", "show", "methods")["items"]
    values = {item["key"]: (item["value"], item["is_set"]) for item in shown}
    assert values["methods.sign_up_open"] == (False, True)
    assert values["methods.recovery_open"] == (True, False)


def test_an_empty_value_takes_the_default_back(acme: CommandLine) -> None:
    acme.json("tenant", "settings", "set", "codes", "digits=8", "lives=300")
    assert acme.json("tenant", "settings", "set", "codes", "digits=")["document"] == {"lives": 300}


@pytest.mark.parametrize(
    ("section", "change", "code"),
    [
        ("codes", "digits=3", "bad_settings"),
        ("codes", "colour=red", "bad_settings"),
        ("codes", "digits", "bad_settings"),
        ("codes", "echo=true", "bad_settings"),
        ("methods", "sign_in=[", "bad_settings"),
        ("brand", "accent=red", "bad_settings"),
        ("texts", "overrides.en.no.such.text=Hi", "no_such_text"),
    ],
)
def test_what_a_section_does_not_take_is_refused(
    acme: CommandLine, section: str, change: str, code: str
) -> None:
    ran = acme("tenant", "settings", "set", section, change, "--json")
    assert ran.error["error"] == code
    assert acme.json("tenant", "settings", "export") == {}


def test_a_test_tenant_may_echo_codes(acme: CommandLine) -> None:
    acme.json("tenant", "create", "--slug", "lab", "--name", "Lab", "--kind", "test")
    acme.json("tenant", "settings", "--tenant", "lab", "set", "codes", "echo=true")
    exported = acme.json("tenant", "settings", "--tenant", "lab", "export")
    assert exported == {"codes": {"echo": True}}
    assert acme.json("tenant", "settings", "export") == {}


def test_texts_are_set_one_by_one(acme: CommandLine) -> None:
    set_text = ("tenant", "settings", "set", "texts")
    acme.json(*set_text, "overrides.en.identify.title=Welcome back")
    acme.json(*set_text, "overrides.de.identify.title=Willkommen")
    acme.json(*set_text, "overrides.en.identify.title=")
    exported = acme.json("tenant", "settings", "export")
    assert exported == {"texts": {"overrides": {"de": {"identify.title": "Willkommen"}}}}


def test_a_logo_is_uploaded_and_encoded_anew(acme: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "logo.jpg"
    Image.new("RGB", (40, 20), "red").save(path, "JPEG")
    published = acme.json("tenant", "settings", "set", "brand", f"logo=@{path}")
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with read(tenant.id) as session:
            asset = logo.load(session, published["document"]["logo"])
    assert asset is not None
    assert asset.media_type == "image/png"
    assert Image.open(io.BytesIO(asset.content)).size == (40, 20)


def test_a_file_that_is_no_picture_is_refused(acme: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text("<svg/>")
    ran = acme("tenant", "settings", "set", "brand", f"logo=@{path}", "--json")
    assert ran.error["error"] == "bad_logo"
    ran = acme("tenant", "settings", "set", "brand", f"logo=@{tmp_path / 'none.png'}", "--json")
    assert ran.error["error"] == "no_such_file"


def test_export_and_import_are_each_other_s_inverse(acme: CommandLine, tmp_path: Path) -> None:
    acme.json("tenant", "settings", "set", "brand", "accent=#112233", "layout=split")
    exported = acme.json("tenant", "settings", "export")
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(exported))
    acme.json("tenant", "create", "--slug", "copy", "--name", "Copy")
    acme.json("tenant", "settings", "import", str(path), "--tenant", "copy")
    assert acme.json("tenant", "settings", "export", "--tenant", "copy") == exported


def test_import_is_all_or_none(acme: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"brand": {"layout": "split"}, "codes": {"digits": 99}}))
    assert (
        acme("tenant", "settings", "import", str(path), "--json").error["error"] == "bad_settings"
    )
    assert acme.json("tenant", "settings", "export") == {}


def test_history_tells_every_revision(acme: CommandLine) -> None:
    acme.json("tenant", "settings", "set", "codes", "digits=8")
    acme.json("tenant", "settings", "set", "codes", "digits=7")
    found = acme.json("tenant", "settings", "history", "codes")["items"]
    assert [(each["revision"], each["state"], each["owner"]) for each in found] == [
        (2, "published", "cli"),
        (1, "superseded", "cli"),
    ]
