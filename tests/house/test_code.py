"""Rules for Python that no linter here knows."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.house.sources import files_under, text_of, tree_of

LONGEST = 400
ENVIRONMENT = {"environ", "environb", "getenv"}
APP = files_under("app", suffix=".py")
TESTS = [path for path in files_under("tests", "sdk", suffix=".py") if "tests" in path.parts]
CODE = files_under("app", "sdk", "tests", "bench", "migrations", suffix=".py")
SCRIPTS = [*files_under("static", "sdk", suffix=".js"), *files_under("static", suffix=".css")]


def _environment_reads(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in ENVIRONMENT:
                yield node.lineno
            case ast.ImportFrom(module="os", names=names):
                if ENVIRONMENT & {name.name for name in names}:
                    yield node.lineno


def _prints(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno


def _skips(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=owner, attr="skip" | "skipif" | "importorskip"):
                if ast.unparse(owner) in {"pytest", "pytest.mark"}:
                    yield node.lineno


def _places(paths: Iterable[Path], rule: Callable[[ast.Module], Iterator[int]]) -> str:
    """The lines that break the rule, one `path:line` each; empty when none does."""
    return "\n".join(f"{path}:{line}" for path in paths for line in rule(tree_of(path)))


def test_a_file_has_one_subject() -> None:
    lengths = {path: text_of(path).count("\n") for path in (*CODE, *SCRIPTS)}
    wrong = {str(path): lines for path, lines in lengths.items() if lines > LONGEST}
    assert not wrong, f"{wrong}: split these by subject, below {LONGEST} lines each."


def test_only_config_reads_the_environment() -> None:
    others = [path for path in APP if path != Path("app/config.py")]
    wrong = _places(others, _environment_reads)
    assert not wrong, (
        f"{wrong}\nAdd a setting to app/config.py, with type, default and help, and read it there."
    )


def test_only_the_command_line_prints() -> None:
    wrong = _places([path for path in APP if path.parts[1] != "cli"], _prints)
    assert not wrong, f"{wrong}\nLog an event with structlog instead."


def test_no_test_is_skipped() -> None:
    wrong = _places(TESTS, _skips)
    assert not wrong, (
        f"{wrong}\nA skipped test hides a missing part. Let it fail and say what is missing,"
        " or mark it slow."
    )


def test_the_rules_see_what_they_forbid() -> None:
    tree = ast.parse("import os\nos.environ['A']\nos.getenv('B')\nprint('C')\npytest.skip('D')\n")
    assert list(_environment_reads(tree)) == [2, 3]
    assert list(_environment_reads(ast.parse("from os import environ"))) == [1]
    assert list(_prints(tree)) == [4]
    assert list(_skips(tree)) == [5]
