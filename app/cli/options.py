"""Options that many commands share."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from app.cli.failures import CommandFailed
from app.directory import tenants
from app.directory.listing import LARGEST
from app.directory.tenants import DEFAULT_SLUG, Tenant

Command = Callable[..., Any]

ON_OR_OFF = click.Choice(["on", "off"])

_CHOSEN = "authpage.tenant"


def for_tenant(command: Command) -> Command:
    """Give a command the option `--tenant`, and the tenant that it names as `tenant`."""

    @wraps(command)
    def with_tenant(*args: Any, tenant_slug: str | None, **values: Any) -> Any:
        return command(*args, tenant=tenant_called(tenant_slug), **values)

    return tenant_option(with_tenant)


def tenant_option(command: Command) -> Command:
    """The option `--tenant`, as `tenant_slug`."""
    text = f"The tenant's slug.  [default: {DEFAULT_SLUG}]"
    return click.option("--tenant", "tenant_slug", metavar="SLUG", help=text)(command)


def remember_tenant(slug: str | None) -> None:
    """Let the commands below a group take the tenant that the group was given."""
    click.get_current_context().meta[_CHOSEN] = slug


def tenant_called(slug: str | None) -> Tenant:
    """The tenant of this slug, of the group above, or the default one; fails without one."""
    wanted = slug or click.get_current_context().meta.get(_CHOSEN) or DEFAULT_SLUG
    tenant = tenants.by_slug(wanted)
    if tenant is None:
        advice = "See: authpage tenant list"
        if wanted == DEFAULT_SLUG:
            advice = "Run: authpage seed demo, or authpage tenant create --slug default --name NAME"
        raise CommandFailed("no_such_tenant", f"There is no tenant {wanted}. {advice}")
    return tenant


def pages(command: Command) -> Command:
    """Options of lists: `--after CURSOR` and `--limit`."""
    most = click.IntRange(1, LARGEST)
    command = click.option("--limit", type=most, default=50, show_default=True)(command)
    text = "Continue a list: the cursor that its last page gave."
    return click.option("--after", metavar="CURSOR", help=text)(command)


def confirmed(question: str) -> Callable[[Command], Command]:
    """Ask before a command that destroys something, unless it is given `--yes`."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def asking(*args: Any, yes: bool, **values: Any) -> Any:
            if not yes:
                click.confirm(question, abort=True, err=True)
            return command(*args, **values)

        return click.option("--yes", is_flag=True, help="Do not ask.")(asking)

    return decorate


class JsonObject(click.ParamType[dict[str, Any]]):
    """An option's value that is a JSON object."""

    name = "JSON"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """The object; fails for other text."""
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            self.fail("is not a JSON object.", param, ctx)
        return parsed
