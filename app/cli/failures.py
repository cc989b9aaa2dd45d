"""What went wrong, in one line that says what to do."""

import json
import re
from dataclasses import dataclass

import click
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.addresses import BadAddress
from app.config import UnsafeSettings
from app.directory.errors import Refused
from app.directory.installation import WrongRootKey
from app.hashing import Busy
from app.phones import BadPhone

_MISSING_TABLE = re.compile(r"no such (table|column)|(relation|column) .* does not exist")


class CommandFailed(Exception):
    """A command could not do what it was asked; `code` is stable, the sentence is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Failure:
    """A failure as it is told."""

    code: str
    detail: str
    exit_code: int = 1


def failure_of(error: Exception) -> Failure | None:
    """What an exception means to whoever runs the command; None when it is a fault of ours."""
    match error:
        case CommandFailed():
            return Failure(error.code, error.detail)
        case click.Abort():
            return Failure("aborted", "Nothing was changed.")
        case click.UsageError():
            return Failure("usage", _usage(error), error.exit_code)
        case click.ClickException():
            return Failure("failed", error.format_message())
        case Refused():
            return Failure(_snake(type(error).__name__), str(error))
        case BadAddress():
            return Failure("bad_address", "That is not an email address.")
        case BadPhone():
            return Failure("bad_number", "That is no phone number with + and country code.")
        case UnsafeSettings():
            return Failure("unsafe_settings", " ".join(error.problems))
        case WrongRootKey():
            return Failure("wrong_root_key", WRONG_ROOT_KEY)
        case Busy():
            return Failure("busy", "Too many passwords are being hashed. Try again.")
        case DBAPIError() | PoolTimeout():
            return _of_database(error)
    return None


WRONG_ROOT_KEY = (
    "The database was made with another root key. Set ROOT_KEYS (or DATA_DIR) to what it was."
)


def tell(failure: Failure, *, as_json: bool) -> None:
    """Say it on standard error, in one line."""
    if as_json:
        line = json.dumps({"error": failure.code, "detail": failure.detail}, ensure_ascii=False)
    else:
        line = f"Error: {failure.detail}"
    click.echo(line, err=True)


def _usage(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "authpage"
    return f"{error.format_message()} Try: {command} --help"


def _of_database(error: DBAPIError | PoolTimeout) -> Failure | None:
    if _MISSING_TABLE.search(str(error)):
        return Failure("not_migrated", "The database is not up to date. Run: authpage migrate")
    if "locked" in str(error):
        return Failure("database_busy", "The database is busy. Try again.")
    if isinstance(error, OperationalError | PoolTimeout):
        return Failure(
            "database_unavailable", "The database cannot be reached. See: authpage doctor"
        )
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
