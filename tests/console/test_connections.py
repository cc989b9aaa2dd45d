"""Connections at the console: social ones of the tenant, and an organization's own."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select

from app.actor import CLI
from app.database import read, write
from app.directory import connections, domain_claims, upstream_reports
from app.directory.connection_settings import OidcSettings, SamlSettings
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.models import LinkedIdentity, Session, User
from app.setup import guides
from tests.console.staff import Staff
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.doubles.saml_keys import make_keys
from tests.factories import Factory
from tests.visitors import Page

VALUES = {"client_id": "the-client", "client_secret": "a-very-secret-value"}


@pytest.fixture
def provider(app: Flask) -> Iterator[OidcProvider]:
    """A provider that may be reached."""
    with OidcProvider("oidc") as running:
        chosen = app.config["AUTHPAGE"]
        allowed = (*chosen.outbound_allow, running.address)
        app.config["AUTHPAGE"] = chosen.model_copy(update={"outbound_allow": allowed})
        yield running
        app.config["AUTHPAGE"] = chosen


def begun(staff: Staff, provider: str, of: str = "") -> str:
    """Begin a connection to a provider; its path behind the tenant's slug."""
    staff.press(f"{of}/connections/new", {"provider": provider})
    actions = [str(each.get("action") or "") for each in staff.page.all("form")]
    one = next(each for each in actions if "/connections/con_" in each)
    path: str = one.partition(staff.tenant.slug)[2]
    return path


def found(tenant: Tenant, path: str) -> Connection:
    with read(tenant.id) as session:
        made = connections.get(session, path.rpartition("/")[2])
    assert made is not None
    return made


def try_out(staff: Staff, path: str) -> str:
    """Test a sign-in there and back; what the doctor says."""
    left = staff.post(f"{path}/test")
    assert left.status_code == 200, left.text
    url = Page(left.text).refresh_url
    assert url is not None
    returned = oidc_browser.visit(url)
    ended = staff.app.test_client().get(returned.target, query_string=returned.parameters)
    assert "The test is over" in ended.text
    staff.get(f"{path}/test")
    said = [str(e.get("data-diagnosis") or "") for e in staff.page.all("h2")]
    return next(filter(None, said))


@pytest.mark.parametrize("key", ["google", "github", "microsoft", "linkedin"])
def test_a_social_provider_is_connected_by_its_guide(
    staff: Staff, tenant: Tenant, key: str
) -> None:
    path = begun(staff, key)
    callback = f"{tenant.base_url}{path}/callback"
    assert staff.page.by_id("our-redirect_uri").text_content().strip() == callback
    steps = [each for each in staff.page.all("ol") if each.get("class") == "guide"]
    assert len(steps[0].findall("li")) == len(guides.SOCIAL_GUIDES[key].steps)
    staff.post(path, {"client_id": ""})
    assert staff.errors == {
        "client_id": "console.form.needed",
        "client_secret": "console.form.needed",
    }
    staff.press(path, VALUES)
    assert staff.told == "console.connections.saved"
    made = found(tenant, path)
    assert (made.name, made.status, made.is_social) == (guides.of(key).name, "draft", True)
    staff.press(f"{path}/status", {"status": "active"})
    assert [each.id for each in connections.usable(tenant.id)] == [made.id]
    staff.press(f"{path}/status", {"status": "disabled"})
    assert connections.usable(tenant.id) == ()


def test_apples_key_comes_as_a_file(staff: Staff, tenant: Tenant) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = begun(staff, "apple")
    values: dict[str, Any] = {"client_id": "com.acme.web", "team_id": "TEAM", "key_id": "KEY"}
    staff.post(path, values)
    assert staff.errors == {"private_key": "setup.needed"}
    staff.press(path, {**values, "private_key_file": (BytesIO(key), "AuthKey_KEY.p8")})
    made = found(tenant, path)
    with read(tenant.id) as session:
        assert connections.secret_of(session, made.id) == key.decode().strip()
    staff.press(path, {**values, "key_id": "OTHER"})
    assert isinstance(kept := found(tenant, path).settings, OidcSettings)
    assert (kept.key_id, kept.team_id) == ("OTHER", "TEAM")


def test_x06_a_secret_is_written_and_never_read(
    staff: Staff, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    path = begun(staff, "google")
    staff.post(path, {"client_id": "", "client_secret": VALUES["client_secret"]})
    assert VALUES["client_secret"] not in staff.page.tree.text_content()
    assert staff.page.by_id("client_secret").get("value") in (None, "")
    staff.press(path, VALUES)
    for page in (path, f"{path}/people", f"{path}/test", "/connections"):
        assert VALUES["client_secret"] not in staff.get(page).text
    staff.press(path, {"client_id": "another-client", "client_secret": "", "name": "G"})
    made = found(tenant, path)
    assert made.name == "G"
    with read(tenant.id) as session:
        assert connections.secret_of(session, made.id) == VALUES["client_secret"]
    assert VALUES["client_secret"] not in caplog.text


def test_a_test_sign_in_tells_what_arrived_and_signs_nobody_in(
    staff: Staff, tenant: Tenant, provider: OidcProvider
) -> None:
    path = begun(staff, "custom_oidc")
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID}
    staff.press(path, {**values, "client_secret": "wrong"})
    assert try_out(staff, path) == "client_refused"
    staff.press(path, {**values, "client_secret": SECRET})
    assert try_out(staff, path) == "ok"
    assert "jane@acme.example" in staff.words
    with read(tenant.id) as session:
        for rows in (User, Session, LinkedIdentity):
            assert session.scalars(select(rows.id).where(rows.tenant_id == tenant.id)).all() == []
    assert SECRET not in staff.page.tree.text_content()


def test_nobody_else_ends_a_test_or_does_it_twice(
    staff: Staff, tenant: Tenant, provider: OidcProvider
) -> None:
    path = begun(staff, "custom_oidc")
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}
    staff.press(path, values)
    other = begun(staff, "google")
    staff.press(other, VALUES)
    url = Page(staff.post(f"{path}/test").text).refresh_url
    assert url is not None
    returned = oidc_browser.visit(url)
    http = staff.app.test_client()
    elsewhere = returned.target.replace(found(tenant, path).id, found(tenant, other).id)
    answers = [
        http.get(target, query_string=returned.parameters)
        for target in (elsewhere, returned.target, returned.target)
    ]
    assert [each.status_code for each in answers] == [400, 200, 400]


def test_faults_of_sign_ins_come_with_a_diagnosis(staff: Staff, tenant: Tenant) -> None:
    path = begun(staff, "google")
    staff.press(path, VALUES)
    with write(tenant.id) as session:
        upstream_reports.add(
            session, found(tenant, path).id, "audience_mismatch", {"aud": "somebody"}
        )
    staff.get(f"{path}/test")
    assert "somebody" in staff.words
    assert staff.page.by_id("main") is not None
    assert [e.get("data-diagnosis") for e in staff.page.all("h2") if e.get("data-diagnosis")] == [
        "audience_mismatch"
    ]


def test_an_organizations_provider_must_be_tried_before_it_counts(
    staff: Staff, tenant: Tenant, provider: OidcProvider, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme")
    of = f"/organizations/{acme}"
    path = begun(staff, "generic", of)
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}
    staff.press(path, values)
    staff.post(f"{path}/status", {"status": "active"})
    assert (staff.status, staff.messages) == (422, ["setup.prove_first"])
    with write(tenant.id) as session:
        claim = domain_claims.claim(session, CLI, acme, "acme.example")
        domain_claims.take_for_example(session, CLI, claim.id)
    staff.post(f"{path}/status", {"status": "active"})
    assert staff.messages == ["setup.test_first"]
    assert try_out(staff, path) == "ok"
    staff.press(f"{path}/status", {"status": "active"})
    assert found(tenant, path).is_usable
    staff.get(f"{of}/domains")
    assert "Leads to: Acme" in staff.words
    staff.get("/domains", q="jane@acme.example")
    assert "may sign in by Acme" in staff.words


def test_what_becomes_of_people_is_set_by_claims_and_groups(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme")
    path = begun(staff, "okta", f"/organizations/{acme}")
    staff.press(path, {"issuer": "https://acme.okta.example", **VALUES})
    wishes = {
        "subject": "sub",
        "email": "mail",
        "name": "",
        "groups": "groups",
        "email_is_proof": "domain",
        "creates_users": "y",
        "default_role": "member",
        "role_of_group": "Bosses = owner\nSales, EMEA = member\n",
    }
    staff.press(f"{path}/people", wishes)
    kept = found(tenant, path).settings
    assert kept.role_of_group == {"Bosses": "owner", "Sales, EMEA": "member"}
    assert (kept.mapping.email, kept.mapping.name, kept.default_role) == ("mail", None, "member")
    assert not kept.trusts_mfa
    for wrong in ("Bosses", "Bosses = emperor"):
        staff.post(f"{path}/people", wishes | {"role_of_group": wrong})
        assert list(staff.errors) == ["role_of_group"]
    delegated = staff("organization_admin", acme)
    delegated.press(f"{path}/people", wishes)
    for beyond in ({"trusts_mfa": "y"}, {"role_of_group": "Cleaners = owner"}):
        assert delegated.post(f"{path}/people", wishes | beyond).status_code == 403
    delegated.post(f"{path}/people", wishes | {"email_is_proof": "always"})
    assert delegated.status == 422
    assert found(tenant, path).settings == kept


def test_saml_is_told_by_metadata_and_certificates_show_their_end(
    staff: Staff, tenant: Tenant, make: Factory, tmp_path: Path
) -> None:
    acme = make.organization(tenant, "Acme")
    path = begun(staff, "generic_saml", f"/organizations/{acme}")
    assert staff.page.by_id("our-acs_url") is not None
    staff.post(path, {"metadata": "<no/>"})
    assert staff.errors == {"metadata": "setup.metadata_unusable"}
    assert staff.page.by_id("metadata").text_content().strip() == "<no/>"
    staff.press(path, {"metadata_file": (BytesIO(_metadata(tmp_path)), "metadata.xml")})
    kept = found(tenant, path).settings
    assert isinstance(kept, SamlSettings)
    assert (kept.issuer, kept.sso_url) == ("urn:idp", "https://idp.example/sso")
    staff.get(f"{path}/people")
    assert "CN=idp" in staff.words
    assert "Certificate ends soon" in staff.words
    wishes = {"subject": "sub", "email": "email", "email_is_proof": "domain", "default_role": ""}
    staff.press(f"{path}/people", wishes | {"takes_unsolicited": "y"})
    kept = found(tenant, path).settings
    assert isinstance(kept, SamlSettings)
    assert (kept.takes_unsolicited, kept.signs_requests) == (True, False)
    ours = staff.get(f"{path}/metadata.xml")
    assert ours.mimetype == "application/samlmetadata+xml"


def test_a_connection_is_removed_once_asked(staff: Staff, tenant: Tenant) -> None:
    path = begun(staff, "google")
    staff.press(path, VALUES)
    staff.get(f"{path}/remove")
    assert "everybody's link to it is forgotten" in staff.words
    staff.press(f"{path}/remove")
    assert staff.get(path).status_code == 404
    dropped = begun(staff, "github")
    staff.press(f"{dropped}/remove")
    assert staff.get(dropped).status_code == 404


def test_a_setup_link_is_shown_once_and_taken_back(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme, other = make.organization(tenant, "Acme"), make.organization(tenant, "Other")
    of = f"/organizations/{acme}"
    staff.post(f"{of}/setup-links/new", {"days": "400"})
    assert staff.errors == {"days": "console.setup_links.days_wrong"}
    staff.post(f"{of}/setup-links/new", {"days": "7"})
    link = staff.page.by_id("link").text_content().strip()
    assert link.startswith(f"{tenant.base_url}/setup?token=")
    staff.get(f"{of}/connections")
    assert link.partition("=")[2] not in staff.page.tree.text_content()
    opens = staff.app.test_client().get(link)
    assert opens.status_code == 303
    revoke = f"{of}/setup-links/{link.partition('=')[2].partition('.')[0]}/revoke"
    assert staff.post(revoke.replace(acme, other)).status_code == 404
    staff.press(revoke)
    assert staff.told == "console.setup_links.revoked"
    http = staff.app.test_client()
    http.get(link)
    assert http.get(f"{tenant.base_url}/setup").status_code == 410


def _metadata(folder: Path) -> bytes:
    """What a provider tells of itself; its certificate ends in ten days."""
    pem = make_keys(folder, "idp", days=10).pem
    encoded = "".join(line for line in pem.splitlines() if "CERTIFICATE" not in line)
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="urn:idp">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{encoded}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Location="https://idp.example/sso"'
        ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    ).encode()
