"""The command line `authpage`: Flask's, with the product's own nouns, for people and scripts."""

import sys
from collections.abc import Sequence
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo

from app.cli.commands import COMMANDS
from app.cli.failures import failure_of, tell
from app.cli.groups import Root

root = Root(COMMANDS)


def main(arguments: Sequence[str] | None = None, app: Flask | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 when it failed, 2 when it was called wrongly.

    Without `arguments` those of the process, and without `app` one made from the environment.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    start: dict[str, Any] = {}
    if app is not None:
        start["obj"] = ScriptInfo(create_app=lambda: app)
    try:
        code = root.main(given, prog_name="authpage", standalone_mode=False, **start)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        tell(failure, as_json="--json" in given)
        return failure.exit_code
    return code if isinstance(code, int) else 0
