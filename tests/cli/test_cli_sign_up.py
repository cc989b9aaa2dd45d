"""Questions at sign-up, published on the command line."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import CommandLine

COMPANY: dict[str, Any] = {"name": "company", "kind": "text", "label": {"en": "Company"}}
TERMS = {**COMPANY, "name": "terms", "kind": "consent", "version": "2026-11"}


def test_labels_are_held_against_the_languages_that_an_import_brings(
    acme: CommandLine, tmp_path: Path
) -> None:
    german = {**COMPANY, "label": {"de": "Firma"}}
    document = {"sign_up": {"fields": [german]}, "texts": {"default_locale": "de"}}
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(document))
    assert acme.json("tenant", "settings", "import", str(file)) == {"sign_up": 1, "texts": 1}


def test_the_command_line_publishes_questions(acme: CommandLine) -> None:
    change = f"fields={json.dumps([COMPANY, TERMS])}"
    assert acme.json("tenant", "settings", "set", "sign_up", change)["revision"] == 1
    refused = acme("tenant", "settings", "set", "sign_up", 'fields=[{"name": "x"}]', "--json")
    assert refused.error["error"] == "bad_settings"
