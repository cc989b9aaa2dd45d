"""Where values come from, what colours become, what differs: B02, B05, B07, B08."""

import base64
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from app.branding import brand_of, cascade, contrast, differences, exchange
from app.branding.cascade import Layer
from app.branding.exchange import BadFile
from app.branding.palette import SHAPE, TEXT
from app.console.brand_form import SWATCHES
from app.directory.brand_settings import Brand
from tests.browser.gallery import tenant

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def look(**members: Any) -> Brand:
    return Brand.model_validate(members)


def test_the_nearest_level_wins_member_by_member() -> None:
    layers = (
        Layer("tenant", look(accent="#111111", layout="split", logo="a" * 32)),
        Layer("organization", look(accent="#222222", logo=None)),
        Layer("client", look(layout="centered")),
    )
    found = cascade.resolve(layers)
    assert (found.look.accent, found.look.layout, found.look.logo) == ("#222222", "centered", None)
    wanted = {
        "accent": "organization",
        "logo": "organization",
        "layout": "client",
        "corners": "platform",
    }
    assert {name: found.origins[name] for name in wanted} == wanted
    assert {*found.origins} == {*Brand.model_fields}


def test_a_value_set_to_what_it_is_anyway_still_overrides() -> None:
    """Two models are equal whichever of their members were set; their effect is not the same."""
    shown = tenant(look(accent="#be123c"))
    usual = Brand().accent
    for own, expected in ((look(), "#be123c"), (look(accent=usual), usual), (look(), "#be123c")):
        dressed = replace(shown, looks={"org_1": own})
        assert cascade.look_of(dressed, "org_1").accent == expected


def test_an_unknown_organization_or_client_has_the_tenants_look() -> None:
    shown = replace(tenant(), looks={"org_1": look(name="Corp"), "app": look(accent="#0e7490")})
    assert brand_of(shown, "org_2", "other") is brand_of(shown)
    both = brand_of(shown, "org_1", "app")
    assert (both.name, str(both.light.accent)) == ("Corp", "#0e7490")


def test_a_heading_stands_in_place_of_the_tenants_own_sentence() -> None:
    brand = brand_of(tenant(look(heading={"de": "Hallo bei {{ tenant_name }}"})))
    own = {"en": {"identify.title": "Hi"}, "de": {"identify.title": "Hallo", "action.back": "Weg"}}
    assert brand.worded(own) == {
        "en": {"identify.title": "Hi"},
        "de": {"identify.title": "Hallo bei {{ tenant_name }}", "action.back": "Weg"},
    }


@pytest.mark.parametrize(
    "members",
    [
        {"accent": "red"},
        {"accent": "#fff;} body{display:none"},
        {"accent": "#12345g"},
        {"background": "url(https://evil.example)"},
        {"background": "#ffffff\n"},
        {"typeface": "Comic Sans"},
        {"typeface": "inter;}@import url(x)"},
        {"corners": "12px"},
        {"layout": "</style>"},
        {"logo": "https://evil.example/a.png"},
        {"logo": "data:image/png;base64,AAAA"},
        {"panel_image": "x);background:url(y"},
        {"heading": {"en": "{{ config }}"}},
        {"heading": {"en": "a\nb"}},
        {"heading": {"../en": "a"}},
        {"css": "body{}"},
    ],
)
def test_b02_nothing_like_css_is_taken(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Brand.model_validate(members)


@pytest.mark.parametrize("member", ["privacy_url", "terms_url", "support_url"])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://acme.example",
        "//acme.example",
        "https:",
        "mailto:help@acme.example",
        f"https://acme.example/{'a' * 500}",
    ],
)
def test_b07_links_are_https_alone(member: str, url: str) -> None:
    with pytest.raises(ValidationError):
        Brand.model_validate({member: url})


@given(colours, st.none() | colours)
def test_b08_every_colour_ends_as_one_that_can_be_read(accent: str, ground: str | None) -> None:
    report = contrast.report(accent, ground)
    for each in report.findings:
        assert each.after >= each.needed, each
        assert each.needed in (SHAPE, TEXT)
        if not each.is_corrected:
            assert each.before == each.after
    assert report.on_white >= TEXT


def test_b08_what_is_said_of_a_colour_is_true() -> None:
    good, bad = contrast.report("#4f46e5"), contrast.report("#ffff00")
    assert (good.on_white, good.is_corrected) == (6.3, False)
    assert bad.is_corrected
    button = bad.findings[0]
    assert (button.theme, button.role, button.wanted) == ("light", "button", "#ffff00")
    assert button.before < SHAPE <= button.after


def test_differences_tell_not_set_from_none() -> None:
    before = {"accent": "#111111", "logo": None, "heading": {"en": "Hi", "de": "Hallo"}}
    after = {"accent": "#222222", "heading": {"en": "Hi", "fr": "Salut"}}
    found = [
        (each.member, each.before, each.after, each.locale)
        for each in differences.between(before, after)
    ]
    assert found == [
        ("logo", None, "not set", None),
        ("accent", "#111111", "#222222", None),
        ("heading", "Hallo", "not set", "de"),
        ("heading", "not set", "Salut", "fr"),
    ]
    assert differences.between(after, after) == []


def file_of(**changes: Any) -> bytes:
    whole = {"format": "authpage-brand", "version": 1, "brand": {}, "pictures": {}, **changes}
    return json.dumps(whole).encode()


def picture(colour: str = "#0e7490") -> str:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_b05_pictures_of_a_file_go_the_way_of_uploads() -> None:
    tail = base64.b64encode(base64.b64decode(picture()) + b"<script>").decode()
    given_ = {"logo": {"media_type": "text/html", "data": tail}, "icon": None}
    imported = exchange.read_file(file_of(brand={"accent": "#0e7490"}, pictures=given_))
    assert imported.document == {"accent": "#0e7490"}
    assert imported.pictures["icon"] is None
    logo = imported.pictures["logo"]
    assert logo is not None
    assert logo.media_type == "image/png"
    assert b"script" not in logo.content


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (b"", "not a brand"),
        (b"[]", "not a brand"),
        (b"\xff\xfe", "not a brand"),
        (b"[" * 100_000, "not a brand"),
        (b"{}" + b" " * 2_000_000, "larger than 2 MB"),
        (file_of(version=2), "version 2"),
        (file_of(css="a{}"), "There is no css"),
        (file_of(brand={"css": "a{}"}), "There is no brand.css"),
        (file_of(brand={"logo": "a" * 32}), "There is no brand.logo"),
        (file_of(brand={"accent": "red"}), "brand.accent"),
        (file_of(brand={"privacy_url": "javascript:alert(1)"}), "brand.privacy_url"),
        (file_of(brand=[]), "brand is not an object"),
        (file_of(pictures={"css": None}), "There is no pictures.css"),
        (file_of(pictures={"logo": "https://evil.example/a.png"}), "has no data"),
        (file_of(pictures={"logo": {"data": "AAAA", "url": "x"}}), "There is no pictures.logo.url"),
        (file_of(pictures={"logo": {"data": "not base64!"}}), "not base64"),
        (file_of(pictures={"logo": {"data": "AAAA"}}), "not a PNG"),
        (file_of(pictures={"logo": {"data": "A" * 400_000}}), "larger than 256 KB"),
    ],
)
def test_b05_a_file_that_is_not_right_is_refused_with_a_sentence(
    upload: bytes, sentence: str
) -> None:
    with pytest.raises(BadFile, match=sentence):
        exchange.read_file(upload)


def test_the_colours_that_are_offered_need_no_correction() -> None:
    assert not any(contrast.report(each).is_corrected for each in SWATCHES)


def test_b06_a_look_says_nothing_that_cannot_be_seen() -> None:
    hostile = "Acme\x00 \u202egnp\r\nB"
    words = {
        "name": hostile,
        "tagline": hostile,
        "heading": {"en": "Hi\u2028\u202e {{ tenant_name }}"},
    }
    file = json.dumps({"format": "authpage-brand", "version": 1, "brand": words, "pictures": {}})
    look = Brand.model_validate(exchange.read_file(file.encode()).document)
    assert (look.name, look.tagline) == ("Acme gnp B", "Acme gnp B")
    assert look.heading == {"en": "Hi {{ tenant_name }}"}
