"""What the repository must not carry, and what its lock files must."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import ROOT, files_under, text_of, tracked_files

BINARY = {".png", ".jpg", ".webp", ".ico", ".woff2", ".gz", ".pdf"}
LOCKS = (Path("requirements.lock"), Path("requirements-dev.lock"))
# Written in halves, so that this file does not break its own rule.
REGISTRIES = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in (
            ("pypi", ".org"),
            ("pythonhosted", ".org"),
            ("npmjs", ".org"),
            ("deb.debian", ".org"),
            ("--index", "-url"),
            ("--find", "-links"),
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.~})/-])/(?:work|root|tmp|home/\w+|Users/\w+)(?=/\w)")
GENERATED = re.compile(
    r"(?:^|/)(?:__pycache__|node_modules|[^/]+\.egg-info)/|\.(?:pyc|mo|sqlite3)$"
)


def _texts() -> list[Path]:
    return [path for path in tracked_files() if path.suffix not in BINARY]


def _locked(path: Path) -> dict[str, str]:
    """The pinned version of each package in a lock file."""
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+)", text_of(path), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def _direct(extra: str | None = None) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return [Requirement(line) for line in lines]


def _strangers(path: Path) -> list[str]:
    text = text_of(path)
    # The Makefile switches off the index settings that a machine may have.
    registries = [] if path == Path("Makefile") else REGISTRIES.findall(text)
    return sorted({*MACHINE_PATHS.findall(text), *registries})


def test_no_file_names_a_machine_or_a_registry() -> None:
    wrong = [f"{path}: {', '.join(found)}" for path in _texts() if (found := _strangers(path))]
    assert not wrong, "\n".join(wrong) + (
        "\nTake folders from settings or tmp_path, and leave package indexes to the settings of"
        " the machine."
    )


def test_nothing_generated_is_committed() -> None:
    wrong = [str(path) for path in tracked_files() if GENERATED.search(str(path))]
    assert not wrong, f"{wrong}: let make or the program make it, and name it in .gitignore."


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_every_locked_package_has_hashes(path: Path) -> None:
    text = text_of(path)
    unhashed = re.findall(r"^([a-z0-9._-]+==\S+)(?! \\)(?:\s*;.*)?$", text, re.MULTILINE)
    assert len(_locked(path)) > len(_direct())
    assert not unhashed, f"{path}: {unhashed} have no hash: make it with `make lock`."


@pytest.mark.parametrize(("path", "extra"), [(LOCKS[0], None), (LOCKS[1], None), (LOCKS[1], "dev")])
def test_the_lock_meets_what_the_project_asks_for(path: Path, extra: str | None) -> None:
    locked = _locked(path)
    unmet = [
        str(wanted)
        for wanted in _direct(extra)
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"))
    ]
    assert not unmet, f"{path} does not meet {unmet}: run `make lock` and commit both files."


def test_tests_run_on_the_versions_that_people_get() -> None:
    run, dev = (_locked(path) for path in LOCKS)
    differing = {name for name, version in run.items() if dev.get(name) != version}
    assert not differing, f"The two lock files disagree on {differing}: run `make lock`."


def test_the_rules_see_what_they_forbid() -> None:
    assert MACHINE_PATHS.search("open('/" + "tmp/x')")
    assert MACHINE_PATHS.search("cd /" + "work/main")
    assert not MACHINE_PATHS.search("https://acme.example/work/main")
    assert not MACHINE_PATHS.search("`tests/tmp/x`")
    assert GENERATED.search("app/__pycache__/x.py")
    assert files_under("tests", suffix=".py")
