"""Methods and policy: the sections of the settings about signing in, a few on each page."""

from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app import text
from app.console import section_form
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.section_form import Filled
from app.directory import weak_settings
from app.directory.errors import NotFound
from app.directory.settings import SECTIONS
from app.flow.screen import Text

_SECTION = "policy"
MOVE = "up"
TABS: dict[str, tuple[str, ...]] = {
    "methods": ("methods", "identifiers"),
    "policy": ("policy",),
    "codes": ("codes", "limits"),
    "passwords": ("passwords",),
    "passkeys": ("passkeys",),
    "lifetimes": ("lifetimes", "tokens", "accounts"),
    "organizations": ("organizations",),
}
"""Page -> the sections that stand on it."""
_NOT_HERE = {"passkeys": {"android_apps"}, "codes": {"fixed", "echo"}}
"""What has a form of its own elsewhere, or is for test tenants alone."""


@dataclass(frozen=True)
class Part:
    """A section on a page."""

    filled: Filled
    defaults: dict[str, Any]
    weak: tuple[str, ...]
    """Keys of the weak choices that count now."""


@blueprint.get("/<tenant_slug>/policy")
@for_admin("settings.read")
def first_policy(admin: Admin) -> Response:
    """The first page of methods and policy."""
    return _page(admin, "methods")


@blueprint.get("/<tenant_slug>/policy/<section>")
@for_admin("settings.read")
def policy(admin: Admin, section: str) -> Response:
    """The page that the section stands on."""
    return _page(admin, _tab_of(section))


@blueprint.post("/<tenant_slug>/policy/<section>")
@for_admin("settings.publish")
def publish_policy(admin: Admin, section: str) -> Response:
    """Publish the section; or only move a method up, which draws the form again."""
    tab = _tab_of(section)
    filled = section_form.show(admin, section, _names(admin, section))
    if MOVE in request.form:
        section_form.move_up(filled.form, request.form[MOVE])
        return _page(admin, tab, filled)
    if section_form.save(admin, filled):
        return done(admin, f"/policy/{section}", "console.policy.saved")
    return _page(admin, tab, filled, status=422)


def _tab_of(section: str) -> str:
    for tab, names in TABS.items():
        if section in names:
            return tab
    raise NotFound("section")


def _page(admin: Admin, tab: str, sent: Filled | None = None, status: int = 200) -> Response:
    """A page with its sections, one of them as it was sent."""
    weak = weak_settings.of(admin.tenant.settings)
    parts = [
        Part(
            filled=sent
            if sent and sent.section == name
            else section_form.show(admin, name, _names(admin, name), is_sent=False),
            defaults=SECTIONS[name]().model_dump(mode="json"),
            weak=tuple(each.key for each in weak if each.section == name),
        )
        for name in TABS[tab]
    ]
    title = Text(f"console.policy.tab.{tab}")
    return draw(
        admin,
        "policy/page",
        section=_SECTION,
        title=title,
        status=status,
        tab=tab,
        tabs_of_policy=tuple(TABS),
        parts=parts,
        has_choice=lambda value: text.has_text(f"console.choice.{value}"),
    )


def _names(admin: Admin, section: str) -> tuple[str, ...]:
    """The members that the form of a section asks for."""
    hidden = set() if section == "codes" and admin.tenant.is_test else _NOT_HERE.get(section, set())
    return tuple(name for name in SECTIONS[section].model_fields if name not in hidden)
