"""A look as a file: JSON with its pictures inside, read as carefully as any upload."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.branding import logo
from app.branding.logo import BadLogo, Picture
from app.database import Session
from app.directory.brand_settings import PICTURES, Brand

FORMAT = "authpage-brand"
VERSION = 1
LONGEST = 2_000_000
"""Bytes of a file that is still read."""
_MEMBERS = {"format", "version", "brand", "pictures"}


class BadFile(ValueError):
    """The file cannot be taken; the text says why, for the person."""


@dataclass(frozen=True)
class Imported:
    """What a file holds: a document without its pictures, and the pictures, accepted anew."""

    document: dict[str, Any]
    pictures: dict[str, Picture | None]
    """Member -> its picture; None where the file says that there is none."""


def export(session: Session, document: Mapping[str, Any]) -> str:
    """The document of a look as a file, with its pictures."""
    pictures = {
        member: _written(session, document[member]) for member in PICTURES if member in document
    }
    words = {name: value for name, value in document.items() if name not in PICTURES}
    content = {"format": FORMAT, "version": VERSION, "brand": words, "pictures": pictures}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_file(upload: bytes) -> Imported:
    """What such a file holds; takes time, so no transaction should be open. Raises `BadFile`."""
    content = _parsed(upload)
    words, pictures = _object(content, "brand"), _object(content, "pictures")
    _refuse_unknown(words, {*Brand.model_fields} - {*PICTURES}, "brand.")
    _refuse_unknown(pictures, {*PICTURES}, "pictures.")
    try:
        Brand.model_validate(words)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFile(f"brand.{where}: {first['msg']}.") from None
    return Imported(words, {name: _accepted(name, each) for name, each in pictures.items()})


def _parsed(upload: bytes) -> dict[str, Any]:
    if len(upload) > LONGEST:
        raise BadFile("The file is larger than 2 MB.")
    try:
        content = json.loads(upload)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadFile("The file is not a brand that AuthPage exported.")
    if content.get("version") != VERSION:
        raise BadFile(f"The file has version {content.get('version')!r:.20}; this one reads 1.")
    _refuse_unknown(content, _MEMBERS, "")
    return content


def _object(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        raise BadFile(f"{name} is not an object.")
    return value


def _refuse_unknown(given: Mapping[str, Any], known: set[str], before: str) -> None:
    unknown = sorted({*given} - known)
    if unknown:
        raise BadFile(f"There is no {before}{unknown[0][:60]} in a brand.")


def _written(session: Session, asset_id: str | None) -> dict[str, str] | None:
    asset = logo.load(session, asset_id) if asset_id else None
    if asset is None:
        return None
    data = base64.b64encode(asset.content).decode()
    return {"media_type": asset.media_type, "data": data}


def _accepted(member: str, given: Any) -> Picture | None:
    """The picture, by the same way as an upload; what the file says of its type counts nothing."""
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("data"), str):
        raise BadFile(f"pictures.{member} has no data.")
    _refuse_unknown(given, {"media_type", "data"}, f"pictures.{member}.")
    use = logo.USES[member]
    if len(given["data"]) > use.max_bytes * 4 // 3 + 4:
        raise BadFile(f"pictures.{member} is larger than {use.max_bytes // 1024} KB.")
    try:
        return logo.accept(base64.b64decode(given["data"], validate=True), use)
    except (binascii.Error, ValueError) as error:
        reason = str(error) if isinstance(error, BadLogo) else "It is not base64."
        raise BadFile(f"pictures.{member}: {reason}") from None
