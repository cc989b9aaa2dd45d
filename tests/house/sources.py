"""The files of the repository, and what a Python module imports."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Import:
    """One imported name: `target` is its full dotted path, `line` where it is imported."""

    target: str
    line: int


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that is committed or about to be, relative to the root; ignored ones are not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def files_under(*folders: str, suffix: str) -> list[Path]:
    """The tracked files with this suffix below any of the folders."""
    return [path for path in tracked_files() if path.parts[0] in folders and path.suffix == suffix]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def module_name(path: Path) -> str:
    """`app/oidc/routes.py` is app.oidc.routes; a package's __init__.py is the package."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.Module) -> Iterator[Import]:
    """Every import, those inside functions and for types only included.

    `from app import clock` yields app.clock: each imported name stands for itself.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(name.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield Import(f"{node.module}.{name.name}", node.lineno)
