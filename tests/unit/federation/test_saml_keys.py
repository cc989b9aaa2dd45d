"""The key of a tenant for SAML is made once, sealed, and with its certificate."""

from concurrent.futures import ThreadPoolExecutor

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Flask
from sqlalchemy import select

from app.database import read
from app.federation import saml_keys
from app.models import TenantSecret
from tests.factories import Factory


def test_key_and_certificate_belong_together(make: Factory) -> None:
    tenant = make.tenant()
    pair = saml_keys.of_tenant(tenant.id)
    key = serialization.load_pem_private_key(pair.key.encode(), None)
    certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
    assert certificate.public_key() == key.public_key()
    assert saml_keys.of_tenant(tenant.id) == pair


def test_each_tenant_has_its_own(make: Factory) -> None:
    assert saml_keys.of_tenant(make.tenant().id) != saml_keys.of_tenant(make.tenant().id)


def test_many_ask_first(app: Flask, make: Factory) -> None:
    tenant = make.tenant()

    def ask(_number: int) -> saml_keys.KeyPair:
        with app.app_context():
            return saml_keys.of_tenant(tenant.id)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_two_processes_ask_first(make: Factory) -> None:
    """The lock of one process does not hold another; the row does."""
    tenant = make.tenant()
    kept = saml_keys._make(tenant.id)
    assert saml_keys._make(tenant.id) == kept


def test_key_is_sealed(make: Factory) -> None:
    tenant = make.tenant()
    pair = saml_keys.of_tenant(tenant.id)
    with read(tenant.id) as session:
        query = select(TenantSecret.sealed).where(TenantSecret.tenant_id == tenant.id)
        (sealed,) = session.scalars(query)
    body = "".join(pair.key.splitlines()[1:-1])
    assert body[:40].encode() not in sealed
