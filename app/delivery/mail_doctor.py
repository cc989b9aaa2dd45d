"""Looks at the DNS of a sender's domain: may its mails be believed?

SPF (RFC 7208) says which servers may send for a domain, DKIM (RFC 6376) holds the key of their
signatures, DMARC (RFC 7489) says what becomes of mails that have neither. Each finding is one
sentence, with the record to add.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app import name_server
from app.delivery import mail_message
from app.delivery.mail_content import MailTenant
from app.name_server import NoAnswer

State = Literal["ok", "warn", "fail"]
Part = Literal["SPF", "DKIM", "DMARC"]
Kind = Literal["platform", "smtp", "azure"]

OF_AZURE = "spf.protection.outlook.com"
SELECTORS_OF_AZURE = ("selector1-azurecomm-prod-net", "selector2-azurecomm-prod-net")
_MOST_LOOKUPS = 10
"""RFC 7208, section 4.6.4."""
_LOOKED_UP = re.compile(r"[+~?-]?(include:|a\b|mx\b|ptr\b|exists:)|redirect=", re.IGNORECASE)
_INCLUDED = re.compile(r"[+~?-]?include:(\S+)|redirect=(\S+)", re.IGNORECASE)
_TAG = re.compile(r"\s*([a-z]+)\s*=\s*([^;]*)")


@dataclass(frozen=True)
class Record:
    """A record for the DNS."""

    name: str
    kind: Literal["TXT", "CNAME"]
    value: str


@dataclass(frozen=True)
class Finding:
    """What was found out about one part."""

    part: Part
    state: State
    sentence: str
    add: Record | None = None


@dataclass(frozen=True)
class Sender:
    """Whose DNS is looked at, and how its mails leave."""

    domain: str
    kind: Kind = "platform"
    host: str | None = None
    """The mail server's name."""
    selector: str | None = None
    """The name of its DKIM key."""


def sender_of(tenant: MailTenant) -> Sender:
    """The sender of a tenant's mails."""
    mail = tenant.settings.mail
    domain = mail_message.sender_address(tenant).rpartition("@")[2]
    host = mail.smtp_host if mail.sender == "smtp" else None
    return Sender(domain, mail.sender, host, mail.dkim_selector)


def examine(sender: Sender) -> list[Finding]:
    """What the DNS says about SPF, DKIM and DMARC, one finding or more of each.

    Opens no connection inside a transaction.
    """
    looks = (("SPF", _spf), ("DKIM", _dkim), ("DMARC", _dmarc))
    found: list[Finding] = []
    for part, look in looks:
        try:
            found += look(sender)
        except NoAnswer:
            sentence = "The DNS gives no answer just now. Look again in a minute."
            found.append(Finding(part, "warn", sentence))  # type: ignore[arg-type]
    return found


def guide(domain: str) -> tuple[Record, ...]:
    """Every record that a domain of one's own needs in Azure. The first one's value is shown by
    the Azure portal alone."""
    keys = (
        Record(f"{name}._domainkey.{domain}", "CNAME", f"{name}._domainkey.azurecomm.net")
        for name in SELECTORS_OF_AZURE
    )
    return (
        Record(domain, "TXT", "ms-domain-verification=..."),
        Record(domain, "TXT", f"v=spf1 include:{OF_AZURE} -all"),
        *keys,
        _wanted_policy(domain),
    )


def _spf(sender: Sender) -> Iterator[Finding]:
    records = _beginning(sender.domain, "v=spf1")
    wanted = Record(sender.domain, "TXT", _wanted_spf(sender))
    if not records:
        yield Finding("SPF", "fail", "No record says which servers may send for it.", wanted)
        return
    if len(records) > 1:
        yield Finding("SPF", "fail", "There are several SPF records, so none counts. Keep one.")
        return
    (record,) = records
    if re.search(r"(^|\s)\+?all(\s|$)", record, re.IGNORECASE):
        yield Finding("SPF", "fail", "It lets every server in the world send for it.", wanted)
    elif sender.kind == "azure" and f"include:{OF_AZURE}" not in record.lower():
        yield Finding("SPF", "fail", "It does not let Azure send for it.", _widened(sender, record))
    elif (lookups := _lookups(record, {sender.domain})) > _MOST_LOOKUPS:
        said = f"It needs {lookups} look-ups, and receivers stop at {_MOST_LOOKUPS}. Take some out."
        yield Finding("SPF", "fail", said)
    elif not re.search(r"[~-]all(\s|$)|redirect=", record, re.IGNORECASE):
        yield Finding("SPF", "warn", "It does not end with ~all or -all, so it refuses nobody.")
    else:
        yield Finding("SPF", "ok", "A record says which servers may send for it.")


def _dkim(sender: Sender) -> Iterator[Finding]:
    selectors = SELECTORS_OF_AZURE if sender.kind == "azure" else (sender.selector,)
    for selector in selectors:
        if selector is None:
            sentence = (
                "Which key your mail server signs with is not known here. Set dkim_selector to the"
                " name that your provider gives it."
            )
            yield Finding("DKIM", "warn", sentence)
            continue
        yield _key(sender, selector)


def _key(sender: Sender, selector: str) -> Finding:
    name = f"{selector}._domainkey.{sender.domain}"
    texts = name_server.texts(name)
    keys = [tags for text in texts if "p" in (tags := _tags(text))]
    if not keys:
        sentence = f"There is no key under {selector}, so signatures cannot be checked."
        return Finding("DKIM", "fail", sentence, _wanted_key(sender, selector, name))
    if not keys[0]["p"]:
        return Finding("DKIM", "fail", f"The key under {selector} is revoked: it is empty.")
    if "y" in keys[0].get("t", "").split(":"):
        sentence = f"The key under {selector} is marked as a test (t=y). Take that out."
        return Finding("DKIM", "warn", sentence)
    return Finding("DKIM", "ok", f"The key under {selector} can be read.")


def _dmarc(sender: Sender) -> Iterator[Finding]:
    wanted = _wanted_policy(sender.domain)
    for domain in _upwards(sender.domain):
        records = _beginning(f"_dmarc.{domain}", "v=DMARC1")
        if len(records) > 1:
            yield Finding("DMARC", "fail", "There are several DMARC records, so none counts.")
            return
        if records:
            yield _policy(_tags(records[0]), domain != sender.domain, wanted)
            return
    said = "No record says what becomes of mails that only pretend to be yours."
    yield Finding("DMARC", "fail", said, wanted)


def _policy(tags: dict[str, str], is_inherited: bool, wanted: Record) -> Finding:
    policy = tags.get("sp", tags.get("p", "")) if is_inherited else tags.get("p", "")
    match policy.lower():
        case "quarantine" | "reject":
            return Finding("DMARC", "ok", f"Mails that only pretend to be yours: {policy.lower()}.")
        case "none":
            said = "It only watches (p=none): forged mails are still delivered."
            return Finding("DMARC", "warn", said, wanted)
    return Finding("DMARC", "fail", "Its policy cannot be read.", wanted)


def _upwards(domain: str) -> Iterator[str]:
    """The domain, and those above it with two labels or more: a record there counts below too."""
    labels = domain.split(".")
    for first in range(max(1, len(labels) - 1)):
        yield ".".join(labels[first:])


def _beginning(name: str, version: str) -> list[str]:
    texts = name_server.texts(name)
    pattern = re.compile(rf"{re.escape(version)}(\s|;|$)", re.IGNORECASE)
    return [text for text in texts if pattern.match(text)]


def _lookups(record: str, seen: set[str]) -> int:
    """How many further questions a receiver asks the DNS; it stops counting beyond the most."""
    count = 0
    for term in record.split()[1:]:
        count += bool(_LOOKED_UP.match(term))
        found = _INCLUDED.match(term)
        name = (found[1] or found[2]).lower() if found else ""
        if not name or name in seen or "%" in name or count > _MOST_LOOKUPS:
            continue
        seen.add(name)
        below = _beginning(name, "v=spf1")
        count += _lookups(below[0], seen) if len(below) == 1 else 0
    return count


def _tags(text: str) -> dict[str, str]:
    found = (_TAG.match(part) for part in text.split(";"))
    return {each[1]: re.sub(r"\s+", "", each[2]) for each in found if each}


def _wanted_spf(sender: Sender) -> str:
    if sender.kind == "azure":
        return f"v=spf1 include:{OF_AZURE} -all"
    return f"v=spf1 a:{sender.host} -all" if sender.host else "v=spf1 mx -all"


def _widened(sender: Sender, record: str) -> Record:
    version, _, rest = record.partition(" ")
    return Record(sender.domain, "TXT", f"{version} include:{OF_AZURE} {rest}".strip())


def _wanted_key(sender: Sender, selector: str, name: str) -> Record | None:
    if sender.kind != "azure":
        return None
    return Record(name, "CNAME", f"{selector}._domainkey.azurecomm.net")


def _wanted_policy(domain: str) -> Record:
    value = f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"
    return Record(f"_dmarc.{domain}", "TXT", value)
