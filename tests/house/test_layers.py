"""Imports run downwards only, and only the edges know the web framework."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.house.layers import TOP, layer_of, upward
from tests.house.sources import files_under, imports_of, module_name, tree_of

APP = files_under("app", suffix=".py")
SDK = files_under("sdk", suffix=".py")
REQUEST_NAMES = {"request", "session", "g", "make_response", "Response", "after_this_request"}
WEB_PACKAGES = ("flask", "werkzeug", "jinja2", "wtforms", "markupsafe")


def _app_target(target: str) -> str:
    """`app.create_app` is a name in the package app; what is no module below it belongs to it."""
    first = ".".join(target.split(".")[:2])
    modules = {".".join(module_name(path).split(".")[:2]) for path in APP}
    return target if first in modules else "app"


def _upward_imports(importer: str, tree: ast.Module) -> Iterator[str]:
    for found in imports_of(tree):
        if found.target.split(".")[0] == "app":
            reason = upward(importer, _app_target(found.target))
            if reason:
                yield f"line {found.line}: {reason}"


def _request_imports(tree: ast.Module) -> Iterator[str]:
    for found in imports_of(tree):
        package, _, name = found.target.partition(".")
        if package == "flask" and name in REQUEST_NAMES:
            yield f"line {found.line}: {found.target}"
        if package == "werkzeug" and name.rpartition(".")[2] in {"Request", "Response"}:
            yield f"line {found.line}: {found.target}"


def _web_imports(tree: ast.Module) -> Iterator[str]:
    for found in imports_of(tree):
        if found.target.split(".")[0].startswith(WEB_PACKAGES):
            yield f"line {found.line}: {found.target}"


def _faults(paths: Iterable[Path], rule: Callable[[ast.Module], Iterator[str]]) -> list[str]:
    return [f"{path} {fault}" for path in paths for fault in rule(tree_of(path))]


def test_imports_run_downwards() -> None:
    wrong = [
        f"{path} {fault}"
        for path in APP
        for fault in _upward_imports(module_name(path), tree_of(path))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_edges_touch_the_request() -> None:
    inner = [path for path in APP if layer_of(module_name(path)) != TOP]
    wrong = _faults(inner, _request_imports)
    assert not wrong, "\n".join(wrong) + (
        "\nTake the values as arguments and return a result;"
        " a module of the top layer reads the request and builds the response."
    )


def test_flow_and_methods_know_no_web_framework() -> None:
    core = [path for path in APP if path.parts[1] in {"flow", "methods"}]
    wrong = _faults(core, _web_imports)
    assert not wrong, "\n".join(wrong) + (
        "\nReturn a Screen or an Outcome; pages/ and headless/ decide what it looks like."
    )


def test_product_and_sdk_do_not_import_each_other() -> None:
    wrong = [
        f"{path} line {found.line}: {found.target}"
        for paths, stranger in ((APP, "authpage"), (SDK, "app"))
        for path in paths
        for found in imports_of(tree_of(path))
        if found.target.split(".")[0] == stranger
    ]
    assert not wrong, "\n".join(wrong) + (
        "\nThe SDK is installed without the product: let the two meet in the protocol only."
    )


def test_the_rules_see_what_they_forbid() -> None:
    tree = ast.parse(
        "from flask import request, Flask\n"
        "def late() -> None:\n"
        "    from app.pages import sign_in\n"
        "    from app import clock\n"
    )
    assert len(list(_upward_imports("app.methods.password", tree))) == 1
    assert list(_upward_imports("app.pages.account", tree)) == []
    assert list(_request_imports(tree)) == ["line 1: flask.request"]
    assert len(list(_web_imports(tree))) == 2
    unknown = upward("app.cupboard", "app.clock")
    assert unknown is not None
    assert "give it one" in unknown
