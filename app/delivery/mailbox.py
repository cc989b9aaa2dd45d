"""The mailbox of development: what would have been sent, kept as files for people to read.

Mails and text messages. The newest 200 stay. Production has no mailbox: it refuses to start without
a mail server.
"""

import os
import re
import sys
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from pathlib import Path

from app import clock
from app.config import Settings

KEPT = 200
_NAME = re.compile(r"[0-9]{14,17}-[0-9a-z_]{1,64}")
_CODE = re.compile(r"^[0-9]{4,8}$", re.MULTILINE)
_SMS_CODE = re.compile(r"^(?:@\S+ #)?([0-9]{4,8})\b", re.MULTILINE)
_PHONE = "X-Phone"
"""The header that stands where a mail has its `To`: a number is no address."""
_LINK = re.compile(r'<a class="button" href="([^"]+)"')


@dataclass(frozen=True)
class StoredMail:
    """A mail or text message in the mailbox."""

    name: str
    to: str
    sender: str
    subject: str
    sent_at: int
    text: str
    html: str
    """Empty in a text message."""

    @property
    def code(self) -> str | None:
        """The one-time code that it carries, if any."""
        found = _CODE.search(self.text) if self.html else _SMS_CODE.search(self.text)
        return found[found.lastindex or 0] if found else None

    @property
    def link(self) -> str | None:
        """The link of its button, if it has one."""
        found = _LINK.search(self.html)
        return unescape(found[1]) if found else None


def folder(settings: Settings) -> Path:
    """Where the mails lie."""
    return settings.data_dir / "mailbox"


def messages(settings: Settings, to: str | None = None) -> list[StoredMail]:
    """The mails, newest first; only those `to` one address when given, whatever its case."""
    names = sorted((each.stem for each in folder(settings).glob("*.eml")), reverse=True)
    mails = (find(settings, name) for name in names)
    wanted = to.lower() if to else None
    return [mail for mail in mails if mail and wanted in (None, mail.to.lower())]


def find(settings: Settings, name: str) -> StoredMail | None:
    """The mail of this name; None when there is none, or no longer."""
    if not _NAME.fullmatch(name):
        return None
    try:
        content = (folder(settings) / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    mail = message_from_bytes(content, policy=SMTP)
    return StoredMail(
        name=name,
        to=str(mail[_PHONE]) if _PHONE in mail else mail["To"].addresses[0].addr_spec,
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        sent_at=int(name.partition("-")[0]),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def clear(settings: Settings) -> None:
    """Throw every mail away."""
    for each in folder(settings).glob("*.eml"):
        each.unlink(missing_ok=True)


class MailboxSender:
    """The sender that puts mails into the mailbox, and says so on the terminal in development."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> "MailboxSender":
        folder(self._settings).mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for old in sorted(folder(self._settings).glob("*.eml"), reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)

    def keep_sms(self, to: str, body: str, message_id: str) -> None:
        """Keep one text message."""
        message = EmailMessage(policy=SMTP)
        message["From"] = "SMS"
        message[_PHONE] = to
        message["Subject"] = (
            "Text message"  # Of the text nothing: the subject goes to the terminal.
        )
        message["Message-ID"] = f"<{message_id}@localhost>"
        message.set_content(body)
        self.send(message, to)

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Keep one mail. Written beside and renamed, so that nobody reads half of it."""
        message_id = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        path = folder(self._settings) / f"{clock.now():014}-{message_id}.eml"
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(mail.as_bytes())
        part.rename(path)
        if self._settings.environment == "development":
            url = f"{self._settings.base_url}/mailbox"
            kind = "SMS" if _PHONE in mail else "Mail"
            sys.stderr.write(f"{kind} to {recipient}: {mail['Subject']} ({url})\n")

    def follow(self, _operation: str) -> None:
        """Whatever another sender took before is none of the mailbox's business."""


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content().replace("\r\n", "\n") if part else ""
