"""Metadata: what ours says, and what is read in a provider's."""

import base64
from pathlib import Path

import onelogin.saml2
import pytest
from lxml import etree

from app import clock
from app.federation import saml_certificates, saml_sp, saml_xml
from app.federation.identity import UpstreamRefused
from tests.doubles.saml_keys import make_keys
from tests.doubles.saml_stage import Stage, set_stage

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return set_stage(tmp_path_factory.mktemp("saml"))


def key(pem: str, use: str | None = "signing") -> str:
    body = "".join(pem.strip().splitlines()[1:-1])
    of_use = f' use="{use}"' if use else ""
    return (
        f"<md:KeyDescriptor{of_use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def sso(location: str = "https://idp.example/sso", binding: str = "HTTP-Redirect") -> str:
    return f'<md:SingleSignOnService Binding="{BINDINGS}:{binding}" Location="{location}"/>'


def entity(*inside: str, id: str = "https://idp.example/entity", more: str = "") -> str:
    return (
        f'<md:EntityDescriptor entityID="{id}" {more}><md:IDPSSODescriptor'
        ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{''.join(inside)}</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def document(*entities: str) -> bytes:
    spaces = (
        'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    )
    if len(entities) == 1:
        return (
            entities[0].replace("<md:EntityDescriptor", f"<md:EntityDescriptor {spaces}").encode()
        )
    return f"<md:EntitiesDescriptor {spaces}>{''.join(entities)}</md:EntitiesDescriptor>".encode()


def refusal(raw: bytes) -> str:
    with pytest.raises(UpstreamRefused) as caught:
        saml_sp.parse_metadata(raw)
    return caught.value.diagnosis


def test_own_metadata_fits_the_schema(stage: Stage) -> None:
    schemas = Path(onelogin.saml2.__file__).parent / "schemas"
    schema = etree.XMLSchema(etree.parse(str(schemas / "saml-schema-metadata-2.0.xsd")))
    for wants_encryption in (True, False):
        ours = saml_sp.metadata(stage.sp, wants_encryption=wants_encryption)
        schema.assertValid(etree.fromstring(ours))


def test_own_metadata_has_no_private_key_and_one_certificate_per_use(stage: Stage) -> None:
    ours = saml_sp.metadata(stage.sp, signs_requests=False, wants_encryption=True)
    root = etree.fromstring(ours)
    assert root.get("entityID") == stage.sp.entity_id
    assert [each.get("use") for each in root.iter(f"{MD}KeyDescriptor")] == [
        "signing",
        "encryption",
    ]
    assert root.find(f"{MD}SPSSODescriptor").get("AuthnRequestsSigned") == "false"
    assert b"PRIVATE" not in ours


def test_encryption_is_not_offered_where_it_is_not_wanted(stage: Stage) -> None:
    root = etree.fromstring(saml_sp.metadata(stage.sp))
    assert [each.get("use") for each in root.iter(f"{MD}KeyDescriptor")] == ["signing"]


def test_redirect_is_chosen_before_post(stage: Stage) -> None:
    both = sso("https://idp.example/post", "HTTP-POST") + sso("https://idp.example/redirect")
    found = saml_sp.parse_metadata(document(entity(key(stage.provider.pem), both)))
    assert (found.sso_url, found.sso_binding) == ("https://idp.example/redirect", "redirect")
    only = sso("https://idp.example/post", "HTTP-POST")
    found = saml_sp.parse_metadata(document(entity(key(stage.provider.pem, None), only)))
    assert (found.sso_url, found.sso_binding) == ("https://idp.example/post", "post")
    assert found.slo_url is None


def test_service_provider_beside_the_provider(stage: Stage) -> None:
    """Entities that are no identity providers do not make the document ambiguous."""
    other = '<md:EntityDescriptor entityID="https://sp.example"/>'
    found = saml_sp.parse_metadata(document(other, entity(key(stage.provider.pem), sso())))
    assert found.entity_id == "https://idp.example/entity"


def test_several_providers(stage: Stage) -> None:
    one = entity(key(stage.provider.pem), sso())
    assert refusal(document(one, entity(key(stage.provider.pem), sso(), id="https://b"))) == (
        "discovery_unusable"
    )


@pytest.mark.parametrize(
    "location", ["javascript:alert(1)", "", "file:///x", "https://" + "x" * 2_000, "ftp://x"]
)
def test_sign_in_address_that_is_none(stage: Stage, location: str) -> None:
    raw = document(entity(key(stage.provider.pem), sso(location)))
    assert refusal(raw) == "discovery_unusable"


def test_binding_that_we_do_not_speak(stage: Stage) -> None:
    raw = document(entity(key(stage.provider.pem), sso(binding="SOAP")))
    assert refusal(raw) == "discovery_unusable"


def test_certificates(stage: Stage, tmp_path: Path) -> None:
    old = make_keys(tmp_path, "old", days=-1).pem
    weak = make_keys(tmp_path, "weak", bits=1_024).pem
    assert refusal(document(entity(sso()))) == "certificate_unknown"
    assert refusal(document(entity(key(stage.provider.pem, "encryption"), sso()))) == (
        "certificate_unknown"
    )
    assert refusal(document(entity(key(old), sso()))) == "certificate_expired"
    assert refusal(document(entity(key(weak), sso()))) == "certificate_unknown"
    both = key(old) + key(stage.provider.pem) + key(stage.provider.pem)
    found = saml_sp.parse_metadata(document(entity(both, sso())))
    assert found.certificates == (saml_certificates.read(stage.provider.pem).pem,)


def test_more_certificates_than_a_connection_holds(tmp_path: Path) -> None:
    made = [make_keys(tmp_path, f"k{days}", days=days).pem for days in range(10, 16)]
    found = saml_sp.parse_metadata(document(entity("".join(map(key, made)), sso())))
    ends = [saml_certificates.read(each).expires_at for each in found.certificates]
    assert ends == sorted(saml_certificates.read(each).expires_at for each in made)[:1:-1]


def test_document_whose_time_is_over(stage: Stage) -> None:
    until = f'validUntil="{saml_xml.instant(clock.now() + 60_000)}"'
    raw = document(entity(key(stage.provider.pem), sso(), more=until))
    assert saml_sp.parse_metadata(raw).entity_id == "https://idp.example/entity"
    clock.move(61)
    assert refusal(raw) == "discovery_unusable"


def test_warning_of_certificates(stage: Stage, tmp_path: Path) -> None:
    soon = make_keys(tmp_path, "soon", days=29).pem
    over = make_keys(tmp_path, "over", days=-3).pem
    found = saml_certificates.readable((soon, stage.provider.pem, "no certificate", over))
    assert [each.expires_soon() for each in found] == [True, True, False]
    assert [each.subject for each in found[:2]] == ["CN=over", "CN=soon"]
    clock.move(400 * 86_400)
    assert found[-1].expires_soon()


RSA_KEY = bytes.fromhex("06092a864886f70d010101")
"""The object identifier of RSA keys in DER."""


@pytest.mark.parametrize("last", [b"\x28", b"\x02"])
def test_key_of_a_kind_that_nobody_knows_is_no_certificate(stage: Stage, last: bytes) -> None:
    body = base64.b64decode("".join(stage.provider.pem.strip().splitlines()[1:-1]))
    strange = base64.b64encode(body.replace(RSA_KEY, RSA_KEY[:-1] + last)).decode()
    with pytest.raises(UpstreamRefused, match="certificate_unknown"):
        saml_certificates.read(strange)


def test_certificate_of_a_version_that_nobody_knows(stage: Stage) -> None:
    body = base64.b64decode("".join(stage.provider.pem.strip().splitlines()[1:-1]))
    strange = body.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020136"), 1)
    assert strange != body
    with pytest.raises(UpstreamRefused, match="certificate_unknown"):
        saml_certificates.read(base64.b64encode(strange).decode())


@pytest.mark.parametrize(
    "text", ["", "no", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(UpstreamRefused, match="certificate_unknown"):
        saml_certificates.read(text)
