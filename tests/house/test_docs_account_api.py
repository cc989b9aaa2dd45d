"""The page about the account API names what there is."""

from app.api.account.problems import CODES
from app.api.account.routes import OPERATIONS
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "account-api.md").read_text()


def test_every_operation_of_the_account_api_is_described() -> None:
    missing = [
        f"{each.method} {each.path}"
        for each in OPERATIONS
        if f"| `{each.method}` | `{each.path.removeprefix('/')}` |" not in PAGE
    ]
    assert not missing, missing


def test_every_code_of_the_account_api_is_described() -> None:
    missing = [code for code, each in CODES.items() if f"| `{code}` | {each.status} |" not in PAGE]
    assert not missing, missing
