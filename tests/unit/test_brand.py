"""Any accent gives a look that can be read; a logo comes out as a bare PNG or not at all."""

import io
import itertools
import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.actor import CLI
from app.branding import brand_of, logo, palette, sheet, tokens
from app.branding.brand import initials_of
from app.branding.colour import BLACK, WHITE, Colour, readable
from app.branding.palette import Palette
from app.branding.typefaces import TYPEFACES
from app.config import PROJECT
from app.database import write
from app.directory import settings_store
from app.directory.brand_settings import Brand
from tests.browser.gallery import tenant
from tests.factories import Factory

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert WHITE.contrast(BLACK) == pytest.approx(21)
    assert Colour.parse("#767676").contrast(WHITE) == pytest.approx(4.54, abs=0.01)
    assert Colour.parse("#4f46e5").contrast(WHITE) == pytest.approx(6.29, abs=0.01)


@pytest.mark.parametrize("text", ["4f46e5", "#4f46e", "#4f46e5;", "#gggggg", ""])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (int() words its own refusal)
        Colour.parse(text)


@given(colours)
def test_a_colour_comes_back_as_it_was_written(text: str) -> None:
    assert str(Colour.parse(text)) == text
    again = Colour.parse(text).at_lightness(Colour.parse(text).lightness)
    for mine, its in zip(again.channels, Colour.parse(text).channels, strict=True):
        assert mine == pytest.approx(its, abs=0.02)


@given(colours, st.none() | colours)
def test_every_accent_can_be_read_in_both_themes(accent: str, background: str | None) -> None:
    for theme in (palette.light(accent, background), palette.dark(accent)):
        _check(theme)


@given(colours)
def test_white_words_can_be_read_on_the_brand_panel(accent: str) -> None:
    panel = palette.panel(accent)
    for stop in (panel.top, panel.middle, panel.bottom):
        assert _shown(stop).contrast(WHITE) >= 4.5


def test_the_neutral_colours_can_be_read() -> None:
    for theme in (palette.LIGHT, palette.DARK):
        for words, ground in itertools.product(
            (theme.text, theme.muted), (theme.surface, theme.page, theme.info_surface)
        ):
            assert words.contrast(ground) >= 4.5
        assert theme.danger.contrast(theme.danger_surface) >= 4.5
        assert theme.danger.contrast(theme.surface) >= 4.5
        assert theme.success.contrast(theme.success_surface) >= 4.5
        assert theme.success.contrast(theme.surface) >= 4.5
        assert theme.control_line.contrast(theme.surface) >= 3


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert str(palette.light("#4f46e5").accent) == "#4f46e5"
    assert str(palette.light("#4f46e5").accent_text) == "#4f46e5"
    lifted = palette.dark("#4f46e5").accent
    assert lifted.lightness > Colour.parse("#4f46e5").lightness


def test_where_nothing_can_be_read_black_or_white_comes() -> None:
    grey = Colour.parse("#767676")
    assert readable(grey, (WHITE, BLACK), 7) in (BLACK, WHITE)


@given(
    colours,
    st.sampled_from(["square", "soft", "round"]),
    st.sampled_from([*TYPEFACES]),
    st.none() | st.just("0" * 32),
)
def test_b02_tokens_hold_nothing_but_lengths_colours_and_what_is_in_tables(
    accent: str, corners: str, typeface: str, picture: str | None
) -> None:
    shape = tokens.Shape(palette.panel(accent), corners, typeface, picture)
    css = tokens.css(palette.light(accent), palette.dark(accent), shape).decode()
    declared = dict(re.findall(r"--([a-z-]+):([^;}]*)", css))
    assert declared.pop("typeface") == TYPEFACES[typeface].stack
    panel = declared.pop("panel")
    assert ("url(" in panel) == (picture is not None)
    assert re.fullmatch(
        r"linear-gradient\([#0-9a-f, %deg]+\)(,url\(0{32}\.webp\) center/cover)?", panel
    )
    for value in declared.values():
        assert re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?|[0-9]+(px)?", value)
    assert "prefers-color-scheme:dark" in css


def test_another_look_has_another_digest() -> None:
    one, other = brand_of(tenant()), brand_of(tenant(Brand(accent="#0e7490")))
    assert one.digest != other.digest
    assert sheet.stylesheet(one).digest != sheet.stylesheet(other).digest
    assert sheet.stylesheet(one) is sheet.stylesheet(brand_of(tenant()))


def test_every_token_of_the_styles_is_declared() -> None:
    css = sheet.stylesheet(brand_of(tenant())).content.decode()
    used, declared = set(re.findall(r"var\((--[a-z-]+)", css)), set(re.findall(r"--[a-z-]+:", css))
    assert {f"{name}:" for name in used} <= declared


@pytest.mark.parametrize(
    ("name", "letter"), [("Acme", "A"), ("  élan", "É"), ("<b>", "B"), ("…", "•"), ("ليلى", "ل")]
)
def test_the_tile_shows_the_first_letter(name: str, letter: str) -> None:
    assert initials_of(name) == letter


def test_the_icon_of_a_hostile_name_stays_a_picture() -> None:
    icon = sheet.icon(brand_of(tenant(Brand(name="<script>")))).content.decode()
    assert "<script" not in icon


def _picture(kind: str, size: tuple[int, int] = (64, 32), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#4f46e5").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_comes_out_as_png(kind: str) -> None:
    accepted = logo.accept(_picture(kind))
    made = Image.open(io.BytesIO(accepted.content))
    assert (accepted.media_type, made.format, made.size) == ("image/png", "PNG", (64, 32))


def test_a_large_logo_is_shrunk() -> None:
    content = logo.accept(_picture("PNG", (1800, 900))).content
    assert Image.open(io.BytesIO(content)).size == (512, 256)


def test_nothing_but_the_picture_is_kept() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    png = _picture("PNG", pnginfo=notes) + b"<script>tail</script>"
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    for upload in (png, _picture("JPEG", exif=exif)):
        content = logo.accept(upload).content
        assert b"script" not in content
        assert b"taken" not in content
        assert Image.open(io.BytesIO(content)).info == {}


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"not a picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(64),
        _picture("PNG")[:60],
        _picture("GIF"),
        _picture("PNG") + bytes(logo.MAX_BYTES),
        _picture("PNG", (2001, 2000)),
    ],
)
def test_what_is_no_logo_is_refused(upload: bytes) -> None:
    with pytest.raises(logo.BadLogo):
        logo.accept(upload)


def test_a_bomb_is_refused_before_its_pixels_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _picture("PNG", (30_000, 200))
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("the pixels were decoded"))
    with pytest.raises(logo.BadLogo, match="4 million"):
        logo.accept(bomb)


def _check(theme: Palette) -> None:
    surface, page = theme.neutrals.surface, theme.page
    accent = _shown(theme.accent)
    assert accent.contrast(surface) >= 3
    assert accent.contrast(_shown(theme.on_accent)) >= 4.5
    assert _shown(theme.accent_hover).contrast(_shown(theme.on_accent)) >= 4.5
    for ground in (surface, theme.neutrals.info_surface):
        assert _shown(theme.accent_text).contrast(ground) >= 4.5
    assert _shown(theme.page_text).contrast(page) >= 4.5


def _shown(colour: Colour) -> Colour:
    """The colour as the stylesheet writes it, rounded."""
    return Colour.parse(str(colour))


@pytest.mark.parametrize("layout", ["centered", "split", "plain"])
def test_a_logo_stands_on_every_layout(app: Flask, make: Factory, layout: str) -> None:
    """The panel of the split layout shows the name alone, so the card keeps the logo."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "#4f46e5").save(picture, "PNG")
    made = make.tenant()
    with write(made.id) as session:
        stored = logo.store(session, CLI, picture.getvalue())
        settings_store.publish(session, CLI, "brand", {"layout": layout, "logo": stored})
    page = app.test_client().get(f"{made.base_url}/sign-in", follow_redirects=True).text
    assert re.search(
        rf'<header class="with-logo">\s*<img class="logo" src="[^"]*{stored}.png"', page
    )
    hidden = re.findall(r"([^}]*)header[^{]*\{\s*display: none", _css("layouts.css"))
    assert len(hidden) == 1
    assert "header:not(.with-logo)" in _css("layouts.css")


def _css(name: str) -> str:
    return (PROJECT / "static" / "css" / name).read_text()
