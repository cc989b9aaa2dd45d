"""Uploaded pictures: decoded under a cap and encoded anew, so nothing hides in them."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.branding import svg
from app.database import tenant_of
from app.directory import permissions
from app.models import Asset

MAX_BYTES = 256 * 1024
MAX_PIXELS = 4_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")
_UNREADABLE = "The file is not a PNG, JPEG, WebP or SVG picture."


class BadLogo(ValueError):
    """The bytes are not a picture that can be a logo; the text says why, for the person."""


@dataclass(frozen=True)
class Use:
    """What a picture is for."""

    max_bytes: int = MAX_BYTES
    edge: int = 512
    """It is shrunk to fit a square of so many pixels."""
    is_square: bool = False
    """Whether it is laid in the middle of a square."""
    media_type: str = "image/png"


LOGO = Use()
ICON = Use(edge=256, is_square=True)
PANEL_IMAGE = Use(max_bytes=2 * MAX_BYTES, edge=1_600, media_type="image/webp")
USES = {"logo": LOGO, "logo_dark": LOGO, "icon": ICON, "panel_image": PANEL_IMAGE}
"""Members of the brand -> what their picture is for."""


@dataclass(frozen=True)
class Picture:
    """A picture as it will be served."""

    media_type: str
    content: bytes

    @property
    def id(self) -> str:
        """The id of its asset: the digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def accept(upload: bytes, use: Use = LOGO) -> Picture:
    """The picture as it will be served: without metadata, one frame, PNG (WebP behind the panel).

    PNG, JPEG, WebP and SVG are taken, at most 256 KB (512 KB for the panel) and 4 million pixels.
    Takes time, so no transaction should be open. Raises `BadLogo`.
    """
    if len(upload) > use.max_bytes:
        raise BadLogo(f"The file is larger than {use.max_bytes // 1024} KB.")
    try:
        raster = svg.rasterised(upload) if svg.is_svg(upload) else upload
        return Picture(use.media_type, _encoded(_decoded(raster), use))
    except (BadLogo, svg.BadDrawing) as error:
        raise BadLogo(str(error)) from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise BadLogo(_UNREADABLE) from None


def store(session: Session, actor: Actor, upload: bytes, use: Use = LOGO) -> str:
    """Keep an uploaded picture for the tenant of the open transaction; its asset id. Raises
    `BadLogo`."""
    permissions.demand(actor, "logo.store")
    return keep(session, actor, accept(upload, use))


def keep(
    session: Session, actor: Actor, picture: Picture, *, organization_id: str | None = None
) -> str:
    """Keep an accepted picture for the tenant of the open transaction; its asset id.

    `organization_id` says whose look it is for, where it is for one of them.
    """
    permissions.demand(actor, "logo.store", organization_id=organization_id)
    if load(session, picture.id) is None:
        session.add(
            Asset(
                tenant_id=tenant_of(session),
                id=picture.id,
                created_at=clock.now(),
                media_type=picture.media_type,
                content=picture.content,
            )
        )
        session.flush()
    return picture.id


def load(session: Session, asset_id: str) -> Asset | None:
    """The tenant's asset with this id, or None."""
    return session.scalar(
        select(Asset).where(Asset.tenant_id == tenant_of(session), Asset.id == asset_id)
    )


def _decoded(upload: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(upload), formats=_FORMATS)
        # The header tells the size: a bomb is refused before a single pixel is decoded.
        if picture.width * picture.height > MAX_PIXELS:
            raise BadLogo("The picture has more than 4 million pixels.")
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        if upright.getchannel("A").getextrema() == (0, 0):
            raise BadLogo("There is nothing to see in the picture.")
        return upright


def _encoded(picture: Image.Image, use: Use) -> bytes:
    """Small enough to be taken again, as from an exported file."""
    edge = use.edge
    while len(content := _written(picture, use, edge)) > use.max_bytes:
        edge = edge * 3 // 4
    return content


def _written(picture: Image.Image, use: Use, edge: int) -> bytes:
    picture.thumbnail((edge, edge))
    side = max(picture.size)
    bare = Image.new("RGBA", (side, side) if use.is_square else picture.size)
    bare.paste(picture, ((bare.width - picture.width) // 2, (bare.height - picture.height) // 2))
    out = io.BytesIO()
    if use.media_type == "image/webp":
        bare.convert("RGB").save(out, "WEBP", quality=82)
    else:
        bare.save(out, "PNG", optimize=True)
    return out.getvalue()
