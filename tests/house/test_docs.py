"""What the documentation says is so: settings, codes, addresses, links, targets, examples."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pydantic import BaseModel
from werkzeug.exceptions import MethodNotAllowed, NotFound

from app import create_app, text
from app.cli import demo
from app.config import Settings
from app.directory.settings import SECTIONS
from app.headless.body import Answer, Start
from app.headless.problems import CODES
from tests.house.sources import ROOT, files_under, text_of

DOCS = files_under("docs", suffix=".md")
PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), *DOCS]
PICTURE = Path("docs/images/sign-in.png")
HEAVIEST_PICTURE = 150_000
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_OWN_URL = re.compile(r"http://localhost:8000(/[^\s`'\")|]*)?")
_PLACEHOLDERS = {"CLIENT_ID", "FLOW_ID", "FLOW_TOKEN", "TEXT_ID", "LOGIN_HOST", "POSTGRES_PASSWORD"}


def _blocks(path: Path, language: str) -> list[str]:
    return [body for kind, body in _BLOCK.findall(text_of(path)) if kind == language]


def _rows(path: Path) -> dict[str, list[str]]:
    """The rows of the page's tables that begin with a code word, by that word."""
    lines = [line.strip("| ") for line in text_of(path).splitlines() if line.startswith("| `")]
    cells = [re.split(r"\s*\|\s*", line) for line in lines]
    return {first.strip("`"): rest for first, *rest in cells}


def _plain(value: Any) -> str:
    """A default as the tables write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    return "none" if value in (None, "", {}) else str(value)


def _span(metadata: list[Any]) -> str:
    least = next((each.ge for each in metadata if hasattr(each, "ge")), None)
    most = next((each.le for each in metadata if hasattr(each, "le")), None)
    if least is None:
        return ""
    return f"{least} or more" if most is None else f"{least} to {most}"


def _fields_of(section: str) -> dict[str, Any]:
    model: type[BaseModel] = SECTIONS[section]
    return {**model.model_fields}


def test_every_setting_of_the_server_is_described() -> None:
    expected = {
        name.upper(): [
            "./var" if name == "data_dir" else _plain(field.default),
            field.description,
        ]
        for name, field in Settings.model_fields.items()
    }
    assert _rows(Path("docs/settings.md")) == expected


def test_every_setting_of_a_tenant_is_described() -> None:
    described = _rows(Path("docs/tenant-settings.md"))
    expected = {
        f"{section}.{name}": [_plain(field.default), _span(field.metadata)]
        for section in SECTIONS
        for name, field in _fields_of(section).items()
    }
    assert {name: cells[:2] for name, cells in described.items()} == expected
    assert [name for name, cells in described.items() if len(cells) != 3 or not cells[2]] == []


def test_every_code_of_the_headless_api_is_described() -> None:
    table = text_of(Path("docs/headless.md")).partition("## Error codes")[2]
    expected = [f"| `{name}` | {code.status} | {code.meaning} |" for name, code in CODES.items()]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == expected, "The table should be:\n" + "\n".join(expected)


def _named_settings(path: Path) -> Iterator[str]:
    for body in _blocks(path, "ini"):
        yield from re.findall(r"^([A-Z_]+)=", body, re.MULTILINE)
    for span in _SPAN.findall(text_of(path)):
        yield from re.findall(r"^([A-Z]+_[A-Z_]+)(?:=|$)", span)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {name.upper() for name in Settings.model_fields} | _PLACEHOLDERS
    assert {*_named_settings(path)} - known == set()


def test_the_settings_for_production_are_safe_ones() -> None:
    (block,) = _blocks(Path("docs/operators.md"), "ini")
    given = dict(line.split("=", 1) for line in block.split())
    assert Settings.from_environment(given).problems() == []


def test_the_containers_get_settings_and_files_that_exist() -> None:
    compose = text_of(Path("compose.yaml")).partition("services:")[0]
    given = {*re.findall(r"^    ([A-Z_]+):", compose, re.MULTILINE)}
    assert given
    assert given - {name.upper() for name in Settings.model_fields} == set()
    copied = re.findall(r"^COPY (.+) \S+$", text_of(Path("Dockerfile")), re.MULTILINE)
    missing = [name for line in copied for name in line.split() if not (ROOT / name).exists()]
    assert copied
    assert missing == []


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("docs")
    return create_app(Settings.from_environment({"ENVIRONMENT": "test", "DATA_DIR": str(folder)}))


def _paths(path: Path) -> Iterator[str]:
    content = text_of(path)
    for span in _SPAN.findall(content):
        found = re.fullmatch(r"(?:(?:GET|POST) )?(/\S+)", span)
        if found:
            yield found[1]
    for url in _OWN_URL.findall(content):
        yield url.rstrip(".,") or "/"


def _serves(app: Flask, path: str) -> bool:
    within = re.sub(r"^/t/[\w-]+", "", urlsplit(path).path) or "/"
    try:
        app.url_map.bind("localhost").match(within)
    except MethodNotAllowed:
        return True
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_address_that_is_named_exists(app: Flask, path: Path) -> None:
    assert [each for each in _paths(path) if not _serves(app, each)] == []


def _slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def _headings(path: Path) -> set[str]:
    return {_slug(found) for found in re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)}


def _leads_nowhere(path: Path, target: str) -> bool:
    url = urlsplit(target)
    if url.scheme:
        return False
    file = (ROOT / path.parent / url.path).resolve() if url.path else ROOT / path
    if not file.exists():
        return True
    return bool(url.fragment) and url.fragment not in _headings(file.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    assert [to for to in _LINK.findall(text_of(path)) if _leads_nowhere(path, to)] == []


def test_the_index_names_every_page() -> None:
    linked = set(_LINK.findall(text_of(Path("docs/README.md"))))
    assert {path.name for path in DOCS} - {"README.md"} == linked


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    code = [*_SPAN.findall(text_of(path)), *"\n".join(_blocks(path, "sh")).splitlines()]
    named = {found[1] for each in code if (found := re.match(r"make ([a-z-]+)", each))}
    targets = re.findall(r"^([a-z-]+):", text_of(Path("Makefile")), re.MULTILINE)
    assert named - {*targets} == set()


def _changes(path: Path) -> Iterator[tuple[str, str]]:
    """Section and key of each change of a tenant's settings in the examples."""
    for line in "\n".join(_blocks(path, "sh")).splitlines():
        if not line.startswith("authpage tenant settings"):
            continue
        words = shlex.split(line, comments=True)
        if "set" in words:
            section, *pairs = words[words.index("set") + 1 :]
            yield from ((section, pair.partition("=")[0]) for pair in pairs)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_key_that_an_example_sets_exists(path: Path) -> None:
    wrong = [
        f"{section}.{key}"
        for section, key in _changes(path)
        if key.split(".")[0] not in _fields_of(section)
    ]
    assert wrong == []


def test_the_bodies_of_the_headless_example_are_taken() -> None:
    blocks = [json.loads(body) for body in _blocks(Path("docs/headless.md"), "json")]
    start, *answers = [block for block in blocks if "outcome" not in block]
    Start.model_validate(start)
    assert len(answers) >= 2
    for answer in answers:
        Answer.model_validate(answer)


def test_quoted_faults_are_those_that_people_see() -> None:
    sentences = {" ".join(forms) for forms in text.catalogue(text.SOURCE).values()}
    rows = re.findall(r'^\| "([^"]+)" \|', text_of(Path("docs/app-developers.md")), re.MULTILINE)
    assert rows
    assert [row for row in rows if row not in sentences] == []


def test_the_readme_names_the_people_and_tenants_of_the_demo() -> None:
    content = text_of(Path("README.md"))
    wanted = [*demo.PEOPLE, demo.PASSWORD, *(f"/t/{each.slug}" for each in demo.TENANTS[1:])]
    assert [each for each in wanted if each not in content] == []


def test_the_picture_is_small() -> None:
    assert f"({PICTURE})" in text_of(Path("README.md"))
    for picture in files_under("docs", suffix=".png"):
        assert 0 < (ROOT / picture).stat().st_size <= HEAVIEST_PICTURE, picture
        shown = f"(images/{picture.name})"
        is_shown = any(shown in text_of(path) for path in DOCS)
        assert picture == PICTURE or is_shown, f"{picture}: no page shows it"


def test_the_rules_see_what_they_forbid(app: Flask) -> None:
    assert not _serves(app, "/nowhere")
    assert _serves(app, "/t/acme/oauth2/token")
    assert _leads_nowhere(Path("docs/README.md"), "nothing.md")
    assert _leads_nowhere(Path("docs/README.md"), "#nothing")
    assert not _leads_nowhere(Path("docs/README.md"), "#words")
