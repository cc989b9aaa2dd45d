"""The page about the setup API names what there is."""

from app.api.setup.problems import CODES
from app.api.setup.routes import OPERATIONS
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "setup-api.md").read_text()


def test_every_operation_of_the_setup_api_is_described() -> None:
    missing = [
        f"{each.method} {each.path}"
        for each in OPERATIONS
        if f"| `{each.method}` | `{each.path.removeprefix('/') or '/'}` |" not in PAGE
    ]
    assert not missing, missing


def test_every_code_of_the_setup_api_is_described() -> None:
    missing = [code for code, each in CODES.items() if f"| `{code}` | {each.status} |" not in PAGE]
    assert not missing, missing
