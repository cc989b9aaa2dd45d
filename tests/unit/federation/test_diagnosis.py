"""Every fault that federation names can be explained, in every language."""

import ast

import pytest

from app import text
from app.federation import providers
from app.federation.diagnosis import DIAGNOSES, Diagnosis
from tests.house.sources import files_under, tree_of


def _raised() -> set[str]:
    """What the code gives to `UpstreamRefused` by name."""
    calls = (
        node
        for path in files_under("app", suffix=".py")
        if path.parts[1] == "federation"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UpstreamRefused"
    )
    first = (part for call in calls if call.args for part in ast.walk(call.args[0]))
    constants = (node.value for node in first if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def test_every_named_fault_is_explained() -> None:
    raised = _raised()
    assert {"nonce_mismatch", "client_refused", "code_refused"} <= raised
    assert raised <= {*DIAGNOSES}, raised - {*DIAGNOSES}


@pytest.mark.parametrize("row", DIAGNOSES.values(), ids=lambda each: each.id)
def test_an_explanation_says_what_failed_and_what_to_do(row: Diagnosis) -> None:
    for text_id in (row.check, row.fix, *row.fix_by_provider.values()):
        sentences = {text.translate(locale, text_id) for locale in text.locales()}
        assert len(sentences) == len(text.locales())
        assert all(len(sentence) > 10 for sentence in sentences)


def test_a_fix_is_the_vendors_where_it_differs() -> None:
    row = DIAGNOSES["client_refused"]
    assert row.fix_for("apple") == "diagnosis.client_refused_apple.body"
    assert row.fix_for("entra") == row.fix_for("microsoft") != row.fix
    assert row.fix_for("custom_oidc") == row.fix


@pytest.mark.parametrize(
    "preset",
    [key for key in providers.PRESETS if key not in ("custom_oidc", "generic", "onelogin")],
)
def test_every_vendor_is_told_where_its_secret_is(preset: str) -> None:
    row = DIAGNOSES["client_refused"]
    assert row.fix_for(preset) != row.fix


def test_vendors_are_presets() -> None:
    named = {provider for row in DIAGNOSES.values() for provider in row.fix_by_provider}
    openid = {provider for provider in named if not provider.endswith("_saml")}
    assert openid <= {*providers.PRESETS}
