"""Every page of a tenant as files, from the command line."""

import re
from pathlib import Path

from app.console import preview_catalogue
from tests.cli.conftest import CommandLine

_LOADED = re.compile(r'<(?:link|img|script)[^>]*\s(?:href|src)="([^"]+)"')


def test_every_page_and_mail_is_written_with_its_files(acme: CommandLine, tmp_path: Path) -> None:
    acme.json("tenant", "settings", "set", "brand", "accent=#0f766e")
    written = acme.json("preview", str(tmp_path), "--theme", "dark", "--state", "long")
    folder = tmp_path / "dark-en-long"
    assert {page.stem for page in folder.iterdir()} == set(preview_catalogue.names())
    assert written["pages"] == len(preview_catalogue.names())
    for page in folder.iterdir():
        html = page.read_text(encoding="utf-8")
        assert all((folder / each).exists() for each in _LOADED.findall(html)), page.name
        assert "{{" not in html
        assert "localhost" not in html
    assert "identify.html" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_language_that_is_switched_off_is_refused(acme: CommandLine, tmp_path: Path) -> None:
    refused = acme("preview", str(tmp_path), "--locale", "xx", "--json")
    assert refused.code == 1
    assert "locale_unknown" in refused.err
