"""Groups of commands on top of Flask's: loaded when used, with an application that starts fast."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version

import click
from flask import Flask
from flask.cli import AppGroup, FlaskGroup

from app.cli.commands import Command

Group = AppGroup
"""A group whose commands run inside the application's context."""


class Root(FlaskGroup):
    """The command `authpage` itself."""

    def __init__(self, table: Mapping[str, Command]) -> None:
        super().__init__(
            name="authpage",
            help="Runs and manages AuthPage. Settings come from the environment; see"
            " `authpage settings`.",
            create_app=application,
            add_default_commands=False,
            add_version_option=False,
            load_dotenv=False,
            set_debug_flag=False,
        )
        # Flask's own options would choose another application or change how this one behaves.
        self.params = [_version_option()]
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name, its module imported; None when there is none."""
        known = self._table.get(name)
        if known is None:
            return None
        command: click.Command = getattr(import_module(known.module), known.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table: no module is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, known.help) for name, known in self._table.items()])


def application() -> Flask:
    """The application for a command: the groundwork, and only warnings on standard error."""
    from app import create_app  # noqa: PLC0415 (this package is a part of app)
    from app.config import Settings  # noqa: PLC0415

    settings = Settings.from_environment()
    return create_app(settings.model_copy(update={"log_level": "warning"}), pages=False)


def _version_option() -> click.Option:
    def show(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
        if asked and not ctx.resilient_parsing:
            click.echo(f"authpage {version('authpage-server')}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version.",
    )
