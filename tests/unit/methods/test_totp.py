"""Codes of authenticator apps: the vectors of RFC 6238, secrets at rest, and their pictures."""

import base64
import io
import re

import pyotp
import pytest
import qrcode
from PIL import Image
from sqlalchemy import select

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import authenticators
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.methods import qr_code, totp_enrolment
from app.methods.digits import digits
from app.methods.totp import STEP, matching_steps
from app.models import Credential, OneTime
from app.security import CannotUnseal
from tests.factories import Factory

VECTOR_SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
"""RFC 6238, appendix B, SHA-1: the last six of their eight digits."""
URI = f"otpauth://totp/Acme:jane@example.com?secret={VECTOR_SECRET}&issuer=Acme"


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_the_vectors_of_the_rfc(second: int, code: str) -> None:
    clock.move(second - clock.now_seconds())
    assert second // STEP in matching_steps(VECTOR_SECRET, code)


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("123-456", "123456"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "123456"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16", "123456"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("\u00b2" * 6, None),
        ("1" + " " * 200 + "23456", None),
        ("", None),
    ],
)
def test_codes_are_read_in_any_script(typed: str, read_as: str | None) -> None:
    assert digits(typed, 6) == read_as


def test_m03_a_secret_is_sealed_for_its_tenant_and_row(make: Factory) -> None:
    tenant, other = make.tenant(), make.tenant()
    secret = make.authenticator(tenant, make.user(tenant))
    with read(tenant.id) as session:
        row = session.scalars(
            select(Credential).where(Credential.tenant_id == tenant.id, Credential.kind == "totp")
        ).one()
    assert secret not in row.secret
    assert secret.encode() not in base64.b64decode(row.secret)
    with pytest.raises(CannotUnseal):
        authenticators._unsealed(other.id, row.id, row.secret)
    with pytest.raises(CannotUnseal):
        authenticators._unsealed(tenant.id, "crd_other", row.secret)


def test_m03_a_secret_that_waits_is_sealed_too(make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    with write(tenant.id) as session:
        row_id = totp_enrolment.prepare(session, tenant, user.id, user.email, binding="here")
    waiting = totp_enrolment.pending(tenant, row_id, binding="here")
    assert waiting is not None
    with read(tenant.id) as session:
        row = session.scalars(select(OneTime).where(OneTime.tenant_id == tenant.id)).one()
    assert len(base64.b32decode(waiting.secret)) * 8 == 160
    assert waiting.secret not in str(row.payload)
    assert user.email not in str(row.payload)
    assert totp_enrolment.pending(tenant, row_id, binding="elsewhere") is None


def test_only_its_owner_confirms_what_waits(make: Factory) -> None:
    tenant = make.tenant()
    jane, joe = make.user(tenant), make.user(tenant)
    with write(tenant.id) as session:
        row_id = totp_enrolment.prepare(session, tenant, jane.id, jane.email, binding="here")
    waiting = totp_enrolment.pending(tenant, row_id, binding="here")
    assert waiting is not None
    code = pyotp.TOTP(waiting.secret).at(clock.now_seconds())
    for user_id, binding in ((joe.id, "here"), (jane.id, "elsewhere")):
        result = totp_enrolment.confirm(
            tenant, CLI, user_id, row_id, binding=binding, code=code, label=None
        )
        assert not isinstance(result, tuple)
        assert result.code == "code_expired"


def test_one_person_touches_no_authenticator_of_another(make: Factory) -> None:
    tenant = make.tenant()
    jane, joe = make.user(tenant), make.user(tenant)
    make.authenticator(tenant, jane, "Phone")
    with read(tenant.id) as session:
        (kept,) = authenticators.list_of_user(session, jane.id)
    actor = Actor("user", joe.id)
    with write(tenant.id) as session:
        with pytest.raises(Forbidden):
            authenticators.remove(session, actor, jane.id, kept.id)
        with pytest.raises(NotFound):
            authenticators.remove(session, actor, joe.id, kept.id)
        with pytest.raises(NotFound):
            authenticators.rename(session, actor, joe.id, kept.id, "Mine")


def test_svg_and_picture_draw_the_same_code() -> None:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, mask_pattern=3)
    code.add_data(URI)
    code.make(fit=True)
    expected = [[bool(dark) for dark in row] for row in code.get_matrix()]
    assert _drawn(qr_code.svg(URI), len(expected)) == expected
    assert _pictured(qr_code.data_url(URI), len(expected)) == expected


def _drawn(svg: str, size: int) -> list[list[bool]]:
    rows = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        for column in range(int(x), int(x) + int(width)):
            rows[int(y)][column] = True
    return rows


def _pictured(url: str, size: int) -> list[list[bool]]:
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    pixels = picture.width // size
    return [
        [picture.getpixel((x * pixels + 1, y * pixels + 1)) == 0 for x in range(size)]
        for y in range(size)
    ]
