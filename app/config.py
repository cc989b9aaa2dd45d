"""Every setting: its type, its default and one line of help. The only reader of the environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = ("localhost", "127.0.0.1", "::1")
TWILIO = "https://api.twilio.com"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _split(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


StringList = Annotated[tuple[str, ...], BeforeValidator(_split)]


class UnsafeSettings(Exception):
    """The settings cannot be used; `problems` says which and what to do, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """The settings of one process; the environment variable is the upper-case name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["development", "test", "production"] = Field(
        "development", description="development (loopback only, mailbox page), test or production"
    )
    port: int = Field(8000, description="Port that AuthPage listens on")
    demo_port: int = Field(8001, description="Port of the demo app that `make run` starts")
    data_dir: Path = Field(PROJECT / "var", description="Folder of the SQLite file and local key")
    base_url: str = Field("", description="Public base URL; default http://localhost:PORT")
    console_url: str = Field("", description="Base URL of the console's own host")
    database_url: str = Field("", description="SQLAlchemy URL; default a SQLite file in DATA_DIR")
    database_pool: int = Field(10, ge=1, description="PostgreSQL connections a process")
    redis_url: str = Field("", description="Redis for coarse rate limits; empty: in memory")
    root_keys: StringList = Field(
        (), description="Root keys as version:base64url(32 bytes), comma-separated; newest seals"
    )
    trusted_proxies: int = Field(
        0, ge=0, description="Reverse proxies whose forwarded headers count"
    )
    smtp_url: str = Field(
        "", description="smtp://, smtp+starttls:// or smtps://user:password@host:port"
    )
    mail_from: str = Field("no-reply@localhost", description="Sender address of mails")
    message_builder: str = Field(
        "", description="Your own function that writes mails, as module:function"
    )
    worker: Literal["embedded", "separate"] = Field(
        "embedded", description="Deliver mail from a thread here, or from `authpage worker`"
    )
    argon2_memory_kib: int = Field(19_456, ge=8, description="argon2id memory in KiB")
    argon2_iterations: int = Field(2, ge=1, description="argon2id iterations")
    argon2_parallelism: int = Field(1, ge=1, description="argon2id lanes")
    hash_threads: int = Field(0, ge=0, description="Threads that hash passwords; 0: one a core")
    hash_queue: int = Field(64, ge=1, description="Password checks that may wait; more get 503")
    breached_passwords: Path | None = Field(
        None, description="Sorted SHA-1:count list of breached passwords; empty: a bundled one"
    )
    sessions_kept: int = Field(
        90,
        ge=1,
        description="Days that sessions stay after their end, and browsers after their use",
    )
    audit_kept: int = Field(
        400,
        ge=0,
        description="Days that events of the audit log are kept where the tenant says nothing; "
        "0: for ever",
    )
    flows_kept: int = Field(
        7, ge=1, description="Days after its end that admins see why a sign-in went as it did"
    )
    reports_kept: int = Field(
        30, ge=1, description="Days that admins see what arrived in sign-ins that failed elsewhere"
    )
    coarse_limit: str = Field(
        "600 per minute", description="Requests that one network address may send"
    )
    twilio_url: str = Field(TWILIO, description="Where Twilio's API is; another one is for tests")
    outbound_allow: StringList = Field(
        (),
        description="Non-public host:port pairs that may be reached; not in production",
    )
    dns_resolver: str = Field("", description="DNS server as address:port; empty: the system's")
    custom_domain_target: StringList = Field(
        (), description="Name or addresses that tenants' own hosts must point to; empty: none added"
    )
    tls_ask_token: str = Field(
        "", description="Lets a proxy elsewhere ask for which hosts certificates may be made"
    )
    clock_offset: float = Field(0, description="Seconds added to the clock; not in production")
    log_format: Literal["json", "console"] = Field("json", description="Form of the log lines")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged"
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """The settings that the environment holds; raises `UnsafeSettings` for malformed ones."""
        source = os.environ if environ is None else environ
        given = {
            name: source[name.upper()] for name in cls.model_fields if source.get(name.upper())
        }
        try:
            return cls.model_validate(given).completed()
        except ValidationError as error:
            raise UnsafeSettings(
                [f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
            ) from None

    def completed(self) -> "Settings":
        """These settings with the defaults filled in that depend on other settings."""
        data_dir = self.data_dir.absolute()
        return self.model_copy(
            update={
                "data_dir": data_dir,
                "base_url": (self.base_url or f"http://localhost:{self.port}").rstrip("/"),
                "database_url": self.database_url or f"sqlite:///{data_dir / 'authpage.sqlite3'}",
            }
        )

    @property
    def base_host(self) -> str:
        """Host and port of the base URL, as a Host header carries them."""
        return urlsplit(self.base_url).netloc.lower()

    @property
    def is_production(self) -> bool:
        """Whether this process serves real users."""
        return self.environment == "production"

    def problems(self) -> list[str]:
        """What makes these settings unsafe, one sentence each; empty when they are fine."""
        url = urlsplit(self.base_url)
        problems = []
        if url.path or url.query or url.scheme not in ("http", "https") or not url.hostname:
            problems.append("BASE_URL must be an http(s) origin without a path.")
        if not self.is_production:
            if url.hostname not in LOOPBACK and not (url.hostname or "").endswith(".localhost"):
                problems.append("BASE_URL must be on localhost unless ENVIRONMENT=production.")
            return problems
        return problems + self._problems_in_production(url.scheme)

    def _problems_in_production(self, scheme: str) -> list[str]:
        checks = (
            (scheme != "https", "BASE_URL must use https."),
            (not self.root_keys, "ROOT_KEYS must be set; make one with `authpage key root`."),
            (bool(self.outbound_allow), "OUTBOUND_ALLOW is for tests and must be empty."),
            (self.twilio_url != TWILIO, "TWILIO_URL is for tests and must not be set."),
            (self.clock_offset != 0, "CLOCK_OFFSET is for tests and must be 0."),
            (not self.smtp_url, "SMTP_URL must name a mail server."),
            (
                0 < len(self.tls_ask_token) < 16,
                "TLS_ASK_TOKEN must have at least 16 characters, or be empty.",
            ),
            (
                not _ADDRESS.fullmatch(self.mail_from),
                "MAIL_FROM must be an address that people may see, such as no-reply@acme.example.",
            ),
            (self.argon2_memory_kib < 19_456, "ARGON2_MEMORY_KIB must be at least 19456."),
            (self.argon2_iterations < 2, "ARGON2_ITERATIONS must be at least 2."),
            (
                self.worker == "embedded" and not self.database_url.startswith("sqlite"),
                "WORKER must be separate with PostgreSQL; run `authpage worker`.",
            ),
            (
                bool(self.console_url) and urlsplit(self.console_url).netloc == self.base_host,
                "CONSOLE_URL must have a host of its own.",
            ),
        )
        return [sentence for wrong, sentence in checks if wrong]


def environment_of_child(**changed: str) -> dict[str, str]:
    """The environment for a process that this one starts: its own, with these variables changed."""
    return {**os.environ, **changed}


def settings() -> Settings:
    """The settings of the current application."""
    bound: Settings = current_app.config["AUTHPAGE"]
    return bound
