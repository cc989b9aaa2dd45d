"""Passwords given on the command line: checked as at sign-up, hashed outside of any transaction."""

import sys

from app.addresses import Email
from app.cli.failures import CommandFailed
from app.directory.tenants import Tenant
from app.hashing import hashing
from app.methods.password import objection, prepared
from app.text import SOURCE, translate


def given_password(password: str | None, *, from_stdin: bool) -> str | None:
    """The password of `--password`, or the first line of standard input; None without either."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return password


def hash_of(tenant: Tenant, email: Email | None, password: str) -> str:
    """The hash of a password that the tenant's rules allow; fails with the reason otherwise."""
    ready = prepared(password)
    address = email.value if email else ""
    problem = objection(
        ready,
        min_length=tenant.settings.passwords.min_length,
        context=(address, address.partition("@")[0], tenant.name),
    )
    if problem is not None:
        raise CommandFailed("bad_password", translate(SOURCE, problem.id, problem.values))
    return hashing().hash(ready)
