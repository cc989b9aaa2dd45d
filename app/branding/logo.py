"""Uploaded logos: raster only, decoded under a cap and encoded anew, so nothing hides in them."""

import hashlib
import io
import warnings

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.database import tenant_of
from app.directory import permissions
from app.models import Asset

MAX_BYTES = 256 * 1024
MAX_PIXELS = 4_000_000
_STORED_EDGE = 512
_FORMATS = ("PNG", "JPEG", "WEBP")


class BadLogo(ValueError):
    """The bytes are not a picture that can be a logo; the text says why, for the person."""


def accept(upload: bytes) -> tuple[str, bytes]:
    """Media type and bytes of the logo as it will be served: always PNG, without metadata.

    PNG, JPEG and WebP are taken, at most 256 KB and 4 million pixels; it is shrunk to fit 512 by
    512. Raises `BadLogo`.
    """
    if len(upload) > MAX_BYTES:
        raise BadLogo("The file is larger than 256 KB.")
    try:
        return "image/png", _encoded(_decoded(upload))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadLogo(str(error) if isinstance(error, BadLogo) else _UNREADABLE) from None


def store(session: Session, actor: Actor, upload: bytes) -> str:
    """Keep a logo for the tenant of the open transaction; its asset id, the digest of its bytes.

    Raises `BadLogo`.
    """
    permissions.demand(actor, "logo.store")
    media_type, content = accept(upload)
    asset_id = hashlib.sha256(content).hexdigest()[:32]
    if load(session, asset_id) is None:
        tenant_id = tenant_of(session)
        session.add(
            Asset(
                tenant_id=tenant_id,
                id=asset_id,
                created_at=clock.now(),
                media_type=media_type,
                content=content,
            )
        )
        session.flush()
    return asset_id


def load(session: Session, asset_id: str) -> Asset | None:
    """The tenant's asset with this id, or None."""
    return session.scalar(
        select(Asset).where(Asset.tenant_id == tenant_of(session), Asset.id == asset_id)
    )


_UNREADABLE = "The file is not a PNG, JPEG or WebP picture."


def _decoded(upload: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(upload), formats=_FORMATS)
        # The header tells the size: a bomb is refused before a single pixel is decoded.
        if picture.width * picture.height > MAX_PIXELS:
            raise BadLogo("The picture has more than 4 million pixels.")
        upright = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA")


def _encoded(picture: Image.Image) -> bytes:
    picture.thumbnail((_STORED_EDGE, _STORED_EDGE))
    bare = Image.new("RGBA", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "PNG", optimize=True)
    return out.getvalue()
