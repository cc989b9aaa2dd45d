"""What the doctor looks at: one function for each part, which returns what it found."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import redis
from sqlalchemy.exc import SQLAlchemyError

from app import breaches, clock, migration
from app.cli import statements
from app.config import Settings, UnsafeSettings
from app.database import EVERYWHERE, read
from app.delivery import mail_senders, sms_guard, sms_readiness, smtp
from app.delivery.sender import Failure
from app.directory import installation, tenants
from app.directory.tenants import ListedTenant, Tenant
from app.extensions import db
from app.keys import key_pair
from app.keys import statements as key_statements
from app.security import CannotUnseal

State = Literal["ok", "warn", "fail"]

_LATE = 5 * clock.MINUTE
_OLDEST_POSTGRESQL = (14,)


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it."""

    part: str
    state: State
    sentence: str
    advice: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def settings(chosen: Settings) -> Iterator[Finding]:
    """Whether the settings are safe."""
    problems = chosen.problems()
    for problem in problems:
        yield Finding("settings", "fail", problem, "Change it in the environment.")
    if not problems:
        yield Finding("settings", "ok", f"Safe for {chosen.environment}, at {chosen.base_url}.")


def data_dir(chosen: Settings) -> Iterator[Finding]:
    """Whether the local key, where there is one, is hidden from others."""
    path = chosen.data_dir / "root.key"
    if chosen.root_keys or not path.exists():
        return
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("root key", "warn", f"Others can read {path}.", f"Run: chmod 600 {path}")


def database(_chosen: Settings) -> Iterator[Finding]:
    """Whether the database answers, and is new enough."""
    dialect = db.engine.dialect
    try:
        with db.engine.connect():
            version = dialect.server_version_info or ()
    except SQLAlchemyError as error:
        reason = type(error).__name__
        yield Finding(
            "database",
            "fail",
            f"{dialect.name} cannot be reached ({reason}).",
            "Check DATABASE_URL, and whether the server runs.",
        )
        return
    name = f"{dialect.name} {'.'.join(map(str, version))}"
    if dialect.name == "postgresql" and version < _OLDEST_POSTGRESQL:
        yield Finding("database", "warn", f"{name} is old.", "Use PostgreSQL 14 or newer.")
    else:
        yield Finding("database", "ok", f"{name} answers.")


def migrations(_chosen: Settings) -> Iterator[Finding]:
    """Whether the schema is the one that this version needs."""
    current, newest = migration.current(), migration.newest()
    if current == newest:
        yield Finding("migrations", "ok", f"The schema is at {newest}.")
    else:
        found = f"The schema is at {current or 'nothing'}, this version needs {newest}."
        yield Finding("migrations", "fail", found, "Run: authpage migrate")


def root_key(_chosen: Settings) -> Iterator[Finding]:
    """Whether the database was made with this root key."""
    with read(EVERYWHERE) as session:
        is_right = installation.has_right_key(session)
    if is_right:
        yield Finding("root key", "ok", "It is the one that the database was made with.")
    else:
        yield Finding(
            "root key",
            "fail",
            "The database was made with another root key.",
            "Set ROOT_KEYS, or DATA_DIR with its root.key, to what it was.",
        )


def signing_keys(_chosen: Settings) -> Iterator[Finding]:
    """Whether every active tenant can sign."""
    found = list(_active_tenants())
    if not found:
        advice = "Run: authpage tenant create --slug default --name NAME"
        yield Finding("tenants", "warn", "There is no tenant yet.", advice)
    failing = [tenant.slug for tenant in found if not _can_sign(tenant.id)]
    for slug in failing:
        advice = f"Run: authpage key create --tenant {slug}"
        yield Finding("keys", "fail", f"The tenant {slug} has no usable signing key.", advice)
    if found and not failing:
        yield Finding("keys", "ok", f"All {len(found)} active tenants can sign.")


def breached_passwords(chosen: Settings) -> Iterator[Finding]:
    """Whether the list of breached passwords can be searched, where one is named."""
    if chosen.breached_passwords is None:
        yield Finding("breaches", "ok", "The list that comes with AuthPage is used.")
        return
    try:
        breaches.check_list(chosen.breached_passwords)
    except breaches.BadList as error:
        advice = "Point BREACHED_PASSWORDS at the sorted download, or leave it empty."
        yield Finding("breaches", "fail", str(error), advice)
    else:
        yield Finding("breaches", "ok", f"{chosen.breached_passwords} can be searched.")


def mail(chosen: Settings) -> Iterator[Finding]:
    """Whether the mail server answers and lets us in; nothing is sent."""
    if not chosen.smtp_url:
        yield Finding("mail", "ok", f"Mails stay in the mailbox: {chosen.base_url}/mailbox")
        return
    try:
        with smtp.SmtpSender(smtp.parse_url(chosen.smtp_url), chosen.mail_from) as sender:
            sender.check()
    except UnsafeSettings as error:
        yield Finding("mail", "fail", str(error), "Change SMTP_URL.")
    except Failure as error:
        advice = "Check SMTP_URL, and whether the mail server runs."
        yield Finding("mail", "fail", f"The mail server cannot be used: {error.reason}.", advice)
    else:
        yield Finding("mail", "ok", "The mail server answers.")


def own_mail_servers(_chosen: Settings) -> Iterator[Finding]:
    """Whether each tenant that sends by a server of its own has given all that it needs."""
    for listed in _active_tenants():
        tenant = tenants.by_id(listed.id)
        try:
            if tenant is not None:
                mail_senders.own(tenant)
        except Failure as error:
            advice = f"Run: authpage mail test-send ADDRESS --tenant {listed.slug}"
            sentence = f"{listed.slug} cannot send by its own server: {error.reason}."
            yield Finding("mail", "warn", sentence, advice)


def text_messages(_chosen: Settings) -> Iterator[Finding]:
    """Whether each tenant whose methods send text messages can send them, and all of them."""
    for listed in _active_tenants():
        tenant = tenants.by_id(listed.id)
        if tenant is None or not _offers_sms(tenant):
            continue
        missing = sms_readiness.missing(tenant)
        if not sms_readiness.is_ready(tenant):
            sentence = f"{tenant.slug} offers codes by SMS, but lacks {', '.join(missing)}."
            advice = f"See: authpage sms status --tenant {tenant.slug}"
            yield Finding("sms", "warn", f"{sentence} People are not offered them.", advice)
            continue
        with read(tenant.id) as session:
            blocked = len(sms_guard.blocked_prefixes(session))
        if blocked:
            advice = f"See: authpage sms status --tenant {tenant.slug}"
            yield Finding("sms", "warn", f"Blocked prefixes at {tenant.slug}: {blocked}.", advice)
        else:
            yield Finding("sms", "ok", f"{tenant.slug} can send text messages.")


def _offers_sms(tenant: Tenant) -> bool:
    methods = tenant.settings.methods
    return "sms_code" in {*methods.sign_in, *methods.sign_up, *methods.second}


def redis_server(chosen: Settings) -> Iterator[Finding]:
    """Whether Redis answers, where it is used."""
    if not chosen.redis_url:
        yield Finding("redis", "ok", "Not used: each process counts coarse limits for itself.")
        return
    try:
        with redis.Redis.from_url(chosen.redis_url, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        sentence = f"Redis cannot be reached ({type(error).__name__})."
        advice = "Check REDIS_URL. Until then each process counts for itself."
        yield Finding("redis", "warn", sentence, advice)
    else:
        yield Finding("redis", "ok", "Redis answers.")


def backlog(chosen: Settings) -> Iterator[Finding]:
    """Whether mails wait longer than a worker would let them, or were given up."""
    with read(EVERYWHERE) as session:
        waiting = session.execute(statements.WAITING, {"due_before": clock.now() - _LATE}).one()
        dead = session.execute(statements.DEAD, {"since": clock.now() - clock.DAY}).scalar_one()
    if waiting.late:
        advice = "Run: authpage worker" if chosen.worker == "separate" else "Start AuthPage."
        yield Finding("worker", "warn", f"{waiting.late} mails wait too long.", advice)
    if dead:
        advice = "See: authpage mail list --state dead"
        yield Finding("worker", "warn", f"{dead} mails were given up since yesterday.", advice)
    if not waiting.late and not dead:
        yield Finding("worker", "ok", f"{waiting.queued} mails wait, none for long.")


def _active_tenants() -> Iterator[ListedTenant]:
    after: str | None = None
    while True:
        with read(EVERYWHERE) as session:
            page = tenants.list_page(session, after)
        yield from (each for each in page.items if each.status == "active")
        after = page.next_cursor
        if after is None:
            return


def _can_sign(tenant_id: str) -> bool:
    now = clock.now()
    with read(tenant_id) as session:
        rows = session.execute(key_statements.KEYS, {"tenant_id": tenant_id, "now": now}).all()
    for row in rows:
        if row.active_from <= now and (row.retired_at is None or now < row.retired_at):
            try:
                key_pair.open_private(tenant_id, row)
            except CannotUnseal:
                continue
            return True
    return False
