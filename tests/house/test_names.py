"""Names say what a thing does; a drawer for everything else is not a subject."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import files_under, tracked_files, tree_of

DRAWERS = {
    "util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff", "shared"
}  # fmt: skip
CLASS_ENDINGS = ("Util", "Utils", "Helper", "Helpers", "Manager", "Managers")
CODE = files_under("app", "sdk", "tests", "bench", "migrations", suffix=".py")


def _drawer_parts(path: Path) -> Iterator[str]:
    for part in path.with_suffix("").parts:
        if DRAWERS.intersection(part.lower().replace("-", "_").split("_")):
            yield part


def _drawer_classes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(CLASS_ENDINGS):
            yield node.name


def test_no_file_or_folder_is_a_drawer() -> None:
    wrong = [f"{path} ({part})" for path in tracked_files() for part in _drawer_parts(path)]
    assert not wrong, (
        f"{', '.join(wrong)}: name it after the one thing it does, and put the rest where it"
        " is used."
    )


def test_no_class_is_a_drawer() -> None:
    wrong = [f"{path} ({name})" for path in CODE for name in _drawer_classes(tree_of(path))]
    assert not wrong, f"{', '.join(wrong)}: name the class after what it is or promises."


def test_the_rules_see_what_they_forbid() -> None:
    assert list(_drawer_parts(Path("app/mail_utils.py"))) == ["mail_utils"]
    assert list(_drawer_parts(Path("app/delivery/outbox.py"))) == []
    assert list(_drawer_classes(ast.parse("class TokenManager: ..."))) == ["TokenManager"]
