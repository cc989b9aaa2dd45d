"""`authpage doctor`: looks at everything and says what to do."""

from collections.abc import Sequence

import click
from flask.cli import ScriptInfo
from sqlalchemy.exc import SQLAlchemyError

from app.cli import checks
from app.cli.checks import Check, Finding
from app.cli.output import Record, members_of, show
from app.config import Settings, UnsafeSettings
from app.config import settings as bound_settings

_ALWAYS: tuple[Check, ...] = (
    checks.data_dir,
    checks.breached_passwords,
    checks.mail,
    checks.redis_server,
)
_WITH_SCHEMA: tuple[Check, ...] = (
    checks.root_key,
    checks.signing_keys,
    checks.own_mail_servers,
    checks.text_messages,
    checks.backlog,
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Check settings, database, migrations, keys, mail and worker, and say what to do.

    The exit code is 1 when something fails.
    """
    findings = examine(ctx.ensure_object(ScriptInfo))
    is_well = _are_well(findings)
    if as_json:
        members = {"ok": is_well, "checks": [members_of(each) for each in findings]}
        show(Record(members), as_json=True)
    else:
        click.echo("\n".join(_lines(findings)))
    return 0 if is_well else 1


def examine(info: ScriptInfo) -> list[Finding]:
    """Every finding; what cannot be looked at for want of something else is left out."""
    try:
        app = info.load_app()
    except UnsafeSettings as error:
        advice = "Change it in the environment; see: authpage settings"
        return [Finding("settings", "fail", problem, advice) for problem in error.problems]
    with app.app_context():
        return _examine(bound_settings())


def _examine(chosen: Settings) -> list[Finding]:
    findings = list(checks.settings(chosen))
    for check in (checks.database, checks.migrations):
        found = list(check(chosen))
        findings += found
        if not _are_well(found):
            break
    else:
        findings += _found(_WITH_SCHEMA, chosen)
    return findings + _found(_ALWAYS, chosen)


def _are_well(findings: Sequence[Finding]) -> bool:
    return all(each.state != "fail" for each in findings)


def _found(wanted: Sequence[Check], chosen: Settings) -> list[Finding]:
    found: list[Finding] = []
    for check in wanted:
        try:
            found += check(chosen)
        except SQLAlchemyError as error:
            part = check.__name__.replace("_", " ")
            reason = type(error).__name__
            found.append(Finding(part, "fail", f"The database refuses ({reason}).", "Look there."))
    return found


def _lines(findings: Sequence[Finding]) -> list[str]:
    width = max(len(each.part) for each in findings)
    lines = []
    for each in findings:
        lines.append(f"{each.state:<5} {each.part:<{width}}  {each.sentence}")
        if each.advice:
            lines.append(f"{'':<5} {'':<{width}}  -> {each.advice}")
    return lines
