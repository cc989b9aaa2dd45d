"""Whose server sends a mail: the operator's, or one that its tenant has of its own."""

from contextlib import ExitStack

from app.config import Settings
from app.database import read
from app.delivery import azure, smtp
from app.delivery.azure import AzureSender
from app.delivery.mail_content import MailTenant
from app.delivery.mailbox import MailboxSender
from app.delivery.sender import Away, Sender
from app.delivery.smtp import Server, SmtpSender
from app.directory import secrets
from app.security import CannotUnseal

_SCHEMES = {"none": "smtp", "starttls": "smtp+starttls", "tls": "smtps"}


class NotSetUp(Away):
    """The tenant's own server is named, but not all that it needs."""


def platform(settings: Settings) -> Sender:
    """The sender that the operator set up: a mail server, or without one the mailbox."""
    if settings.smtp_url:
        return SmtpSender(smtp.parse_url(settings.smtp_url), settings.mail_from)
    return MailboxSender(settings)


def own(tenant: MailTenant) -> Sender | None:
    """The sender of the tenant's own server; None where the operator's sends its mails.

    Raises `NotSetUp` and `Away`. Opens its own transaction to read the secret.
    """
    mail = tenant.settings.mail
    if mail.sender == "platform":
        return None
    if mail.address is None:
        raise NotSetUp("no sender address")
    if mail.sender == "azure":
        return _azure(tenant, mail.address)
    server = Server(
        scheme=_SCHEMES[mail.smtp_security],
        host=mail.smtp_host or "",
        port=mail.smtp_port or smtp.PORTS[_SCHEMES[mail.smtp_security]],
        user=mail.smtp_user,
        password=_secret(tenant, secrets.OF_SMTP) if mail.smtp_user else None,
    )
    return SmtpSender(server, mail.address, is_guarded=True)


class Senders:
    """The senders of one round of delivery; a context manager that lets them all go."""

    def __init__(self, platform: Sender) -> None:
        self._platform = platform
        self._own: dict[str, Sender] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Senders":
        self._open.enter_context(self._platform)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, tenant: MailTenant) -> Sender:
        """The one that sends this tenant's mails, opened at its first; raises `Away`."""
        if tenant.settings.mail.sender == "platform":
            return self._platform
        if tenant.id not in self._own:
            found = own(tenant)
            assert found is not None
            self._own[tenant.id] = self._open.enter_context(found)
        return self._own[tenant.id]


def _azure(tenant: MailTenant, address: str) -> AzureSender:
    try:
        return AzureSender(azure.parse(_secret(tenant, secrets.OF_AZURE)), address)
    except azure.BadConnectionString:
        raise NotSetUp("unusable connection string") from None


def _secret(tenant: MailTenant, name: str) -> str:
    try:
        with read(tenant.id) as session:
            found = secrets.get(session, name)
    except CannotUnseal:
        raise Away("cannot unseal the password") from None
    if found is None:
        raise NotSetUp("no password")
    return found
