"""The checker of drawn pages sees what it says that it checks."""

import pytest

from app.branding import accessibility, drawn
from app.branding.accessibility import contrasts_of, faults_of
from app.directory.brand_settings import Brand

_GOOD = (
    '<!DOCTYPE html><html lang="en" dir="ltr"><head><title>Sign in</title></head><body><main>'
    '<h1>Sign in</h1><h2>More</h2><form><label for="email">Email</label>'
    '<input id="email" type="email" autocomplete="email" aria-describedby="hint">'
    '<p id="hint">Yours</p><label><input type="checkbox"> <span>Stay</span></label>'
    '<input type="hidden" name="x"><button>Go on</button></form>'
    '<a href="/"><img src="/logo.png" alt="Acme"></a>'
    '<button aria-label="Close"><svg aria-hidden="true"></svg></button>'
    "</main></body></html>"
)


def test_a_good_page_has_no_fault() -> None:
    assert faults_of(_GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "criterion"),
    [
        ('lang="en"', "", "3.1.1"),
        ('dir="ltr"', 'dir="up"', "1.3.2"),
        ("<title>Sign in</title>", "", "2.4.2"),
        ("<h1>Sign in</h1>", "", "1.3.1"),
        ("<h2>More</h2>", "<h1>More</h1>", "1.3.1"),
        ("<h2>More</h2>", "<h4>More</h4>", "1.3.1"),
        ("<h2>More</h2>", "<h2> </h2>", "2.4.6"),
        ("<main>", "<div>", "1.3.1"),
        ('<p id="hint">', '<p id="email">', "4.1.2"),
        ('id="hint"', 'id="other"', "1.3.1"),
        ('for="email"', 'for="hint"', "3.3.2"),
        ("<span>Stay</span>", "", "3.3.2"),
        ('autocomplete="email" ', "", "1.3.5"),
        ("Go on", "", "4.1.2"),
        ('alt="Acme"', 'alt=""', "2.4.4"),
        ('alt="Acme"', "", "1.1.1"),
        ('aria-label="Close"', "", "4.1.2"),
        ('<svg aria-hidden="true">', "<svg>", "1.1.1"),
    ],
)
def test_each_fault_is_seen(good: str, bad: str, criterion: str) -> None:
    assert good in _GOOD
    found = faults_of(_GOOD.replace(good, bad, 1))
    assert criterion in {each.criterion for each in found}


def test_a_mail_needs_no_main_part() -> None:
    mail = _GOOD.replace("<main>", "<div>").replace("</main>", "</div>")
    assert faults_of(mail, is_mail=True) == []


@pytest.mark.parametrize("accent", ["#ffffff", "#ffd400", "#000000", "#00ff00", "#8a8a94"])
def test_b08_every_pair_of_colours_can_be_read_whatever_the_accent(accent: str) -> None:
    pairs = contrasts_of(drawn(Brand(accent=accent, background=accent), "Acme"))
    assert {each.theme for each in pairs} == {"light", "dark"}
    assert [each for each in pairs if not each.is_enough] == []


def test_a_pair_that_cannot_be_read_would_be_told() -> None:
    one = contrasts_of(drawn(Brand(), "Acme"))[0]
    same = accessibility.Contrast(one.name, one.theme, one.front, one.front, one.least)
    assert not same.is_enough
