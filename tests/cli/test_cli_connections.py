"""Connections on the command line: made, shown, changed; their secrets never seen."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.database import read, write
from app.directory import connections, tenants, upstream_reports
from app.federation.diagnosis import DIAGNOSES
from app.text import translate
from tests.cli.conftest import CommandLine
from tests.doubles.web_server import WebServer

SECRET = "a-very-secret-client-secret"
ISSUER = "https://idp.corp.example"
Type = Callable[[str], None]


@pytest.fixture
def corp(acme: CommandLine) -> CommandLine:
    """Acme with the organization corp."""
    acme.json("org", "create", "--name", "Corp")
    return acme


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    return lambda text: monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()))
    )


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return str(path)


@pytest.fixture(scope="module")
def certificate() -> str:
    """PEM of a certificate that ends in twenty days."""
    key = rsa.generate_private_key(65_537, 2_048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.corp.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=20))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _metadata(certificate: str) -> str:
    bare = "".join(certificate.split("-----")[2].split())
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    return f"""<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}/saml">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
        <X509Certificate>{bare}</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="{redirect}" Location="{ISSUER}/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>"""


def _secret_of(corp: CommandLine, connection_id: str) -> str | None:
    with corp.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with read(tenant.id) as session:
            return connections.secret_of(session, connection_id)


def _oidc(corp: CommandLine, *more: str) -> dict[str, Any]:
    given = ("corp", f"issuer={ISSUER}", "client_id=authpage", *more)
    made: dict[str, Any] = corp.json("connection", "create-oidc", *given)
    return made


def test_a_social_connection_is_made_from_its_preset(corp: CommandLine, secret_file: str) -> None:
    made = corp.json(
        "connection", "create-social", "google", "client_id=abc", "--secret-file", secret_file
    )
    assert (made["provider"], made["name"], made["status"]) == ("google", "Google", "draft")
    assert made["organization_id"] is None
    assert made["has_secret"] is True
    assert made["settings"]["issuer"] == "https://accounts.google.com"
    base = "http://localhost:8000/connections"
    assert made["redirect_uri"] == f"{base}/{made['id']}/callback"
    assert _secret_of(corp, made["id"]) == SECRET


def test_a_secret_is_no_argument_and_never_shown(corp: CommandLine, secret_file: str) -> None:
    ran = corp("connection", "create-social", "google", "client_id=a", f"client_secret={SECRET}")
    assert ran.code == 1
    assert SECRET not in ran.out + ran.err
    given = ("google", "client_id=abc", "--secret-file", secret_file)
    made = corp.json("connection", "create-social", *given)["id"]
    seen = [
        corp("connection", "show", made, "--json"),
        corp("connection", "list"),
        corp("audit", "list", "--json"),
    ]
    assert SECRET not in "".join(each.out + each.err for each in seen)


def test_what_a_preset_needs_is_said(corp: CommandLine, type_in: Type) -> None:
    type_in("")
    ran = corp("connection", "create-social", "google", "client_id=abc", "--json")
    assert ran.error == {"error": "bad_value", "detail": "client_secret: This is needed."}
    unknown = corp("connection", "create-social", "google", "colour=red", "--json").error
    assert unknown["detail"] == "There is no colour; there are client_id."
    assert corp.json("connection", "list")["items"] == []


@pytest.mark.parametrize("provider", ["x", "twitter"])
def test_x_is_refused_with_its_reason(corp: CommandLine, provider: str) -> None:
    ran = corp("connection", "create-social", provider, "client_id=abc", "--json")
    assert "no verified address" in ran.error["detail"]


def test_an_enterprise_preset_is_not_for_everybody(corp: CommandLine) -> None:
    ran = corp("connection", "create-social", "okta", "client_id=abc", "--json")
    assert ran.error["error"] == "bad_value"
    assert corp("connection", "create-social", "nobody", "--json").error["error"] == "bad_value"


def test_apples_key_comes_by_file(corp: CommandLine, tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIG...\n-----END PRIVATE KEY-----"
    (tmp_path / "AuthKey.p8").write_text(key)
    made = corp.json(
        *("connection", "create-social", "apple", "client_id=com.example", "team_id=T1"),
        *("key_id=K1", "--secret-file", str(tmp_path / "AuthKey.p8")),
    )
    assert made["settings"]["authentication"] == "apple"
    assert _secret_of(corp, made["id"]) == key


def test_an_organizations_connection_is_made_listed_and_switched(
    corp: CommandLine, secret_file: str
) -> None:
    made = _oidc(corp, "--name", "Corp ID", "--secret-file", secret_file)
    assert (made["name"], made["provider"], made["protocol"]) == ("Corp ID", "generic", "oidc")
    assert made["organization_id"] == corp.json("org", "show", "corp")["id"]
    assert made["settings"]["email_is_proof"] == "domain"
    corp.json("connection", "create-social", "custom_oidc", f"issuer={ISSUER}", "client_id=b")
    mine = corp.json("connection", "list", "--organization", "corp")["items"]
    assert [each["id"] for each in mine] == [made["id"]]
    assert len(corp.json("connection", "list")["items"]) == 2
    assert corp.json("connection", "activate", made["id"])["status"] == "active"
    assert corp.json("connection", "disable", made["id"])["status"] == "disabled"
    assert corp("connection", "show", "con_nothing", "--json").error["error"] == "not_found"


def test_further_settings_come_as_json(corp: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"trusts_mfa": True, "mapping": {"groups": "roles"}}))
    made = _oidc(corp, "--settings", str(file), "--active")
    assert made["status"] == "active"
    assert made["settings"]["trusts_mfa"] is True
    assert made["settings"]["mapping"]["groups"] == "roles"
    assert made["settings"]["mapping"]["email"] == "email"
    for wrong in ('{"trust": 1}', '{"mapping": 3}', "[]", "{"):
        file.write_text(wrong)
        ran = corp(
            *("connection", "create-oidc", "corp", f"issuer={ISSUER}", "client_id=a"),
            *("--settings", str(file), "--json"),
        )
        assert ran.error["error"] in ("bad_value", "bad_settings")
    assert len(corp.json("connection", "list")["items"]) == 1


def test_update_changes_what_is_given(corp: CommandLine, type_in: Type) -> None:
    made = _oidc(corp)
    type_in(json.dumps({"default_role": "admin"}))
    changed = corp.json("connection", "update", made["id"], "--settings", "-", "--name", "New")
    assert (changed["name"], changed["settings"]["default_role"]) == ("New", "admin")
    assert changed["settings"]["client_id"] == "authpage"
    type_in(json.dumps({"protocol": "saml"}))
    ran = corp("connection", "update", made["id"], "--settings", "-", "--json")
    assert ran.error["error"] == "bad_value"


def test_a_secret_is_replaced_from_standard_input(corp: CommandLine, type_in: Type) -> None:
    made = _oidc(corp)
    assert made["has_secret"] is False
    type_in(f"{SECRET}\n")
    ran = corp("connection", "set-secret", made["id"])
    assert ran.code == 0, ran.err
    assert SECRET not in ran.out + ran.err
    assert _secret_of(corp, made["id"]) == SECRET
    type_in("")
    assert corp("connection", "set-secret", made["id"], "--json").error["error"] == "bad_value"
    assert corp("connection", "set-secret", made["id"], SECRET).code == 2


def test_where_the_provider_s_logout_comes_back_to_is_shown_when_it_is_asked_for(
    corp: CommandLine, type_in: Type
) -> None:
    made = _oidc(corp)
    assert "post_logout_redirect_uri" not in made
    type_in('{"logs_out_upstream": true}')
    changed = corp.json("connection", "update", made["id"], "--settings", "-")
    assert changed["post_logout_redirect_uri"].endswith(f"/connections/{made['id']}/slo")


def test_a_private_key_and_its_id_change_at_once(corp: CommandLine, type_in: Type) -> None:
    made = _oidc(corp)
    type_in("a-new-key\n")
    changed = corp.json("connection", "set-secret", made["id"], "--key-id", "key-2")
    assert changed["settings"]["key_id"] == "key-2"
    assert changed["settings"]["client_id"] == made["settings"]["client_id"]
    assert _secret_of(corp, made["id"]) == "a-new-key"


def test_saml_by_metadata(corp: CommandLine, tmp_path: Path, certificate: str) -> None:
    (tmp_path / "idp.xml").write_text(_metadata(certificate))
    made = corp.json("connection", "create-saml", "corp", "--metadata", str(tmp_path / "idp.xml"))
    assert (made["name"], made["protocol"], made["has_secret"]) == ("Corp", "saml", False)
    assert made["settings"]["issuer"] == f"{ISSUER}/saml"
    assert made["settings"]["sso_url"] == f"{ISSUER}/sso"
    base = f"http://localhost:8000/connections/{made['id']}"
    assert made["acs_url"] == f"{base}/acs"
    assert made["entity_id"] == f"{base}/metadata"
    (shown,) = made["certificates"]
    assert (shown["subject"], shown["expires_soon"]) == ("CN=idp.corp.example", True)
    (tmp_path / "more.json").write_text(json.dumps({"certificates": ["no certificate"]}))
    more = ("--settings", str(tmp_path / "more.json"), "--json")
    assert corp("connection", "update", made["id"], *more).error["error"] == "bad_value"


def test_saml_by_preset(corp: CommandLine, tmp_path: Path, certificate: str) -> None:
    (tmp_path / "idp.xml").write_text(_metadata(certificate))
    given = ("corp", "--metadata", str(tmp_path / "idp.xml"), "--provider", "entra_saml")
    made = corp.json("connection", "create-saml", *given)
    assert made["provider"] == "entra_saml"
    assert made["settings"]["subject_attribute"].endswith("/claims/objectidentifier")
    assert made["settings"]["email_is_proof"] == "domain"
    assert corp("connection", "create-saml", "corp", "--provider", "okta").code == 2


def test_saml_by_single_values(corp: CommandLine, tmp_path: Path, certificate: str) -> None:
    (tmp_path / "idp.pem").write_text(certificate)
    given = (f"issuer={ISSUER}/saml", f"sso_url={ISSUER}/sso", "sso_binding=post")
    made = corp.json(
        "connection", "create-saml", "corp", *given, "--certificate", str(tmp_path / "idp.pem")
    )
    assert made["settings"]["sso_binding"] == "post"
    assert made["settings"]["certificates"] == [certificate]
    ran = corp("connection", "create-saml", "corp", *given, "--json")
    assert ran.error["error"] == "bad_value"


@pytest.mark.parametrize("text", ["", "<a/>", "no metadata"])
def test_what_is_no_metadata_is_refused(corp: CommandLine, type_in: Type, text: str) -> None:
    type_in(text)
    ran = corp("connection", "create-saml", "corp", "--metadata", "-", "--json")
    assert ran.error["error"] == "discovery_unusable"
    assert corp.json("connection", "list")["items"] == []


def test_saml_metadata_is_fetched_by_the_guarded_client(
    corp: CommandLine, certificate: str
) -> None:
    with WebServer() as web:
        url = f"http://127.0.0.1:{web.port}/idp.xml"
        blocked = corp("connection", "create-saml", "corp", "--metadata-url", url, "--json")
        assert blocked.error["error"] == "metadata_away"
        assert web.received == []
        chosen = corp.app.config["AUTHPAGE"]
        changed = {"outbound_allow": (f"127.0.0.1:{web.port}",)}
        corp.app.config["AUTHPAGE"] = chosen.model_copy(update=changed)
        body = _metadata(certificate).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        web.answers["/idp.xml"] = head.encode() + body
        made = corp.json("connection", "create-saml", "corp", "--metadata-url", url)
    assert made["settings"]["metadata_url"] == url
    assert made["settings"]["issuer"] == f"{ISSUER}/saml"


def test_reports_are_listed(corp: CommandLine) -> None:
    made = _oidc(corp)
    assert corp.json("connection", "reports", made["id"])["items"] == []
    assert corp("connection", "reports", "con_nothing", "--json").error["error"] == "not_found"
    with corp.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with write(tenant.id) as session:
            upstream_reports.add(session, made["id"], "audience_mismatch", {"aud": "other"})
            upstream_reports.add(session, made["id"], upstream_reports.PASSED, {}, is_test=True)
    well, wrong = corp.json("connection", "reports", made["id"])["items"]
    assert (well["check"], well["fix"]) == ("", "")
    row = DIAGNOSES["audience_mismatch"]
    assert wrong["check"] == translate("en", row.check)
    assert wrong["fix"] == translate("en", row.fix_for(made["provider"]))


def test_a_connection_is_removed_for_good(corp: CommandLine) -> None:
    made = _oidc(corp)
    assert corp.json("connection", "remove", made["id"], "--yes")["status"] == "removed"
    assert corp("connection", "show", made["id"], "--json").error["error"] == "not_found"
