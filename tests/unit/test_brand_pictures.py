"""B03, B04: a picture comes out as bare pixels or not at all, whatever was sent."""

import io
import struct
import zlib

import pytest
from PIL import Image

from app.branding import logo, svg
from app.branding.logo import ICON, PANEL_IMAGE, BadLogo

SIZE = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"'
RECTANGLE = '<rect width="100" height="50" fill="#0e7490"/>'


def svg_of(inside: str, attributes: str = "", before: str = "") -> bytes:
    return f"{before}<svg {SIZE} {attributes}>{inside}</svg>".encode()


def bytes_of(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def header_of_png(width: int, height: int) -> bytes:
    """A PNG that says how large it is, with next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(40_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("side", [2_100, 10_000, 30_000])
def test_b04_a_bomb_is_refused_by_its_header(side: int) -> None:
    """10,000 is where Pillow warns, 30,000 where it refuses by itself."""
    with pytest.raises(BadLogo):
        logo.accept(header_of_png(side, side))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_b04_of_many_frames_one_is_kept(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in range(60)]
    moving = bytes_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=10)
    still = opened(logo.accept(moving).content)
    assert (getattr(still, "n_frames", 1), still.size) == (1, (20, 20))


def test_b04_where_it_was_taken_is_forgotten_and_how_it_was_held_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Held upright: to be turned by a quarter.
    exif.get_ifd(0x8825)[1] = "N"
    taken = logo.accept(bytes_of(Image.new("RGB", (80, 40), "#0e7490"), "JPEG", exif=exif))
    made = opened(taken.content)
    assert made.size == (40, 80)
    assert dict(made.getexif()) == {}
    assert made.info == {}


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04zip", b"%PDF-1.7"])
def test_b03_of_a_polyglot_the_pixels_alone_stay(tail: bytes) -> None:
    content = logo.accept(bytes_of(Image.new("RGB", (20, 20), "#0e7490")) + tail).content
    assert tail not in content
    assert content.startswith(b"\x89PNG")


def test_an_svg_is_drawn_and_never_kept() -> None:
    doctype = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"'
        ' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    gradient = '<linearGradient id="g"><stop stop-color="#0e7490"/></linearGradient>'
    style = "<style>.a{fill:url(#g)}</style>"
    drawn = svg_of(f'{style}<defs>{gradient}</defs><rect class="a" width="100" height="50"/>')
    accepted = logo.accept(doctype.encode() + drawn)
    made = opened(accepted.content).convert("RGBA")
    assert (accepted.media_type, made.size) == ("image/png", (512, 256))
    assert made.getpixel((200, 100)) == (14, 116, 144, 255)


@pytest.mark.parametrize(
    "upload",
    [
        svg_of("<script>alert(1)</script>"),
        svg_of(RECTANGLE, 'onload="alert(1)"'),
        svg_of('<image href="file:///etc/passwd"/>'),
        svg_of('<image href="data:image/png;base64,AAAA"/>'),
        svg_of('<use href="https://evil.example/a.svg#b"/>'),
        svg_of('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="other.svg#b"/>'),
        svg_of('<a href="javascript:alert(1)"><rect width="9" height="9"/></a>'),
        svg_of("<style>@import 'https://evil.example';</style>"),
        svg_of("<style>@\\69mport 'https://evil.example';</style>"),
        svg_of('<rect width="9" height="9" style="fill:url(https://evil.example/#a)"/>'),
        svg_of('<rect width="9" height="9" fill="url(&quot;https://evil.example&quot;)"/>'),
        svg_of("<foreignObject><p>x</p></foreignObject>"),
        svg_of('<set attributeName="href" to="x"/>'),
        svg_of("<text>Acme</text>"),
    ],
)
def test_b03_an_svg_that_runs_or_fetches_something_is_refused(
    upload: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svg, "_drawn", lambda *_: pytest.fail("it was drawn"))
    with pytest.raises(BadLogo, match=r"script|pictures|outlines"):
        logo.accept(upload)


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "<title>&a;</title>"),
        ('<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>', "<title>&b;&b;</title>"),
        ('<!DOCTYPE svg [<!ENTITY % p SYSTEM "https://evil.example/x">%p;]>', RECTANGLE),
    ],
)
def test_b03_an_svg_with_entities_is_refused(before: str, inside: str) -> None:
    with pytest.raises(BadLogo, match=r"entities|damaged"):
        logo.accept(svg_of(inside, before=before))


def test_b04_drawings_that_are_bombs_are_refused() -> None:
    nested = "".join(
        f'<g id="a{depth}">' + f'<use href="#a{depth - 1}"/>' * 10 + "</g>" for depth in range(1, 9)
    )
    laughs = f'<defs><g id="a0">{RECTANGLE}</g>{nested}</defs><use href="#a8"/>'
    for upload in (
        svg_of(laughs),
        svg_of(RECTANGLE * (svg.MOST_ELEMENTS + 1)),
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 100000"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        svg_of(""),
        b"<svg" + b"<g>" * 400,
    ):
        with pytest.raises(BadLogo):
            logo.accept(upload)


def test_an_icon_is_square_and_a_panel_is_small_enough_to_come_back() -> None:
    wide = bytes_of(Image.new("RGB", (400, 100), "#0e7490"))
    icon = opened(logo.accept(wide, ICON).content).convert("RGBA")
    assert icon.size == (256, 256)
    assert icon.getpixel((128, 4)) == (0, 0, 0, 0)
    noise = Image.effect_noise((700, 700), 90).convert("RGB")
    photo = bytes_of(noise, "JPEG", quality=70)
    panel = logo.accept(photo, PANEL_IMAGE)
    assert panel.media_type == "image/webp"
    assert logo.accept(panel.content, PANEL_IMAGE).media_type == "image/webp"
    assert len(logo.accept(bytes_of(noise, "JPEG", quality=40)).content) <= logo.MAX_BYTES
