"""Every sentence that the product names exists, and every sentence that exists is named."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app import text
from tests.house.sources import files_under, text_of, tree_of

TEMPLATES = files_under("templates", suffix=".html")
# Names of audit events and limits look like text ids; these parts of the product have no sentences.
CODE = [path for path in files_under("app", suffix=".py") if path.parts[1] not in {"audit", "cli"}]
IDS = frozenset(text.catalogue(text.SOURCE))
SPOKEN = ("Text", "Message", "translate", "t", "error_page", "has_text")
_ID = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_IN_TEMPLATE = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""")
_STEM_IN_TEMPLATE = re.compile(r"""["'](console\.[a-z_.]*[._])["']""")
_SPOKEN_IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([^"']+[^"'._])["']""")
_CODE = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<style.*?</style>|<[^>]*>|\"[^\"]*\"", re.DOTALL
)
_SENTENCE = re.compile(r"[A-Za-z]{2,}[ ,.!?']+[A-Za-z]{2,}|\b[A-Z][a-z]+")
_SPOKEN_ATTRIBUTE = re.compile(r"""\b(?:aria-label|placeholder|alt|title)=["']\s*[A-Za-z]+""")


def _strings(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _spoken(path: Path) -> Iterator[tuple[int, str]]:
    """The ids that code hands to what speaks, with their lines."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for argument in node.args if name in SPOKEN else ():
                if isinstance(argument, ast.Constant) and _ID.fullmatch(str(argument.value)):
                    yield node.lineno, str(argument.value)


def _sentences(source: str) -> Iterator[str]:
    for pattern, searched in ((_SENTENCE, _CODE.sub("\n", source)), (_SPOKEN_ATTRIBUTE, source)):
        yield from (found[0] for found in pattern.finditer(searched))


def test_code_names_only_sentences_that_exist() -> None:
    wrong = [
        f"{path} line {line}: {text_id}"
        for path in CODE
        for line, text_id in _spoken(path)
        if text_id not in IDS and f"{text_id}.title" not in IDS
    ]
    assert not wrong, "\n".join(wrong) + "\nWrite the sentence into every file of locales/."


def test_templates_name_only_sentences_that_exist() -> None:
    wrong = [
        f"{path}: {text_id}"
        for path in TEMPLATES
        for text_id in _SPOKEN_IN_TEMPLATE.findall(text_of(path))
        if text_id not in IDS
    ]
    assert not wrong, "\n".join(wrong) + "\nWrite the sentence into every file of locales/."


def test_every_sentence_is_used() -> None:
    named = {string for path in CODE for string in _strings(path)}
    for pattern in (_IN_TEMPLATE, _STEM_IN_TEMPLATE):
        named |= {found for path in TEMPLATES for found in pattern.findall(text_of(path))}
    unused = sorted(text_id for text_id in IDS - named if not _is_put_together(text_id, named))
    assert not unused, "\n".join(unused) + "\nNobody says these; remove them from locales/."


def _is_put_together(text_id: str, named: set[str]) -> bool:
    """Whether an id is made while the product runs, from a part that code does name."""
    family, _, rest = text_id.partition(".")
    stem, _, part = text_id.rpartition(".")
    match family:
        case "scope":
            return True  # By the scopes of a request.
        case "lead":
            return f"action.{rest}" in named  # By the action that it stands before.
        case "action":
            verb, _, method = rest.partition("_")
            return verb in ("use", "enrol") and method in named  # By the method.
        case "field":
            return "_or_" in rest  # By the kinds of identifier that a tenant takes.
        case "mail" | "sms":
            return rest.partition(".")[0] in named  # By the purpose.
        case "console":
            return _is_of_console(text_id, named)
        case "problem":
            return rest.partition(".")[0] in named  # By the code of the problem.
    drawn = {str(path.relative_to("templates")) for path in TEMPLATES}
    is_of_template = part == "title" and f"{stem.replace('.', '/')}.html" in drawn
    return is_of_template or (part in ("title", "body") and stem in named)


def _is_of_console(text_id: str, named: set[str]) -> bool:
    """By a stem that code or a template puts something behind, as the title, body and button of a
    question that is asked, or the name of a role."""
    stem, _, part = text_id.rpartition(".")
    if part in ("title", "body", "action") and stem in named:
        return True
    drawn = {str(path.relative_to("templates")) for path in TEMPLATES}
    if part == "title" and f"{stem.replace('.', '/')}.html" in drawn:
        return True
    stems = (each for each in named if each.startswith("console.") and each.endswith((".", "_")))
    return any(text_id.startswith(each) for each in stems if each != "console.")


def test_templates_hold_no_sentences_of_their_own() -> None:
    wrong = [f"{path}: {found}" for path in TEMPLATES for found in _sentences(text_of(path))]
    assert not wrong, "\n".join(wrong) + "\nGive the sentence an id and say it with t()."


def test_the_rule_sees_a_sentence() -> None:
    assert list(_sentences("<p>Go on</p>")) == ["Go on"]
    assert list(_sentences('<p class="a b">{{ t("x") }}, welcome back</p>')) == ["welcome back"]
    assert len(list(_sentences('<nav aria-label="Main">'))) == 1
    assert list(_sentences('<p class="a b" {% if c %}hidden{% endif %}>{{ t("x.y") }}</p>')) == []
