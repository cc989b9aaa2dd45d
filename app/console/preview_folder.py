"""Previews as files in a folder: to look at without a server, or to keep in a repository."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from app.branding import Brand, brand_of, logo, sheet, themed
from app.branding.typefaces import TYPEFACES
from app.console import preview_drawing
from app.console.preview_drawing import Choices
from app.database import read
from app.directory.brand_settings import PICTURES
from app.directory.tenants import Tenant

_ABOVE = ".."
"""From a page to the folder, where the files of the look are."""


@dataclass(frozen=True)
class Written:
    """What was written."""

    pages: int
    index: Path


def write_all(tenant: Tenant, folder: Path, choices: list[Choices]) -> Written:
    """Write every preview of the tenant in each of these ways, with stylesheets, letters and
    pictures, and an index. Files that are there already are written anew; others stay. Raises
    `OSError`."""
    links: list[str] = []
    for each in choices:
        below = folder / f"{each.theme}-{each.locale}-{each.state}"
        below.mkdir(parents=True, exist_ok=True)
        for name, html in preview_drawing.draw_all(tenant, each, _ABOVE).items():
            page = below / f"{name}.html"
            page.write_text(html, encoding="utf-8")
            links.append(page.relative_to(folder).as_posix())
    _write_files(tenant, folder / "brand", choices)
    index = folder / "index.html"
    index.write_text(_index(tenant, links), encoding="utf-8")
    return Written(len(links), index)


def _write_files(tenant: Tenant, folder: Path, choices: list[Choices]) -> None:
    folder.mkdir(exist_ok=True)
    brand = brand_of(tenant)
    for theme in {each.theme for each in choices}:
        found = themed.stylesheet(brand, theme)
        (folder / f"{found.digest}.css").write_bytes(found.content)
    icon = sheet.icon(brand)
    (folder / f"{icon.digest}.svg").write_bytes(icon.content)
    _write_letters(brand, folder)
    _write_pictures(tenant, folder)


def _write_letters(brand: Brand, folder: Path) -> None:
    font = sheet.font(brand.typeface)
    if font is not None:
        (folder / f"{TYPEFACES[brand.typeface].key}-{font.digest}.woff2").write_bytes(font.content)


def _write_pictures(tenant: Tenant, folder: Path) -> None:
    look = tenant.settings.brand
    with read(tenant.id) as session:
        for member in PICTURES:
            asset = logo.load(session, getattr(look, member) or "")
            if asset is not None:
                suffix = asset.media_type.rpartition("/")[2]
                (folder / f"{asset.id}.{suffix}").write_bytes(asset.content)


def _index(tenant: Tenant, links: list[str]) -> str:
    name = escape(brand_of(tenant).name)
    items = "\n".join(f'<li><a href="{each}">{each}</a></li>' for each in links)
    head = f'<meta charset="utf-8"><title>{name}</title>'
    return (
        f'<!DOCTYPE html>\n<html lang="en" dir="ltr"><head>{head}</head>'
        f"<body><main><h1>{name}</h1>\n<ul>\n{items}\n</ul></main></body></html>\n"
    )
