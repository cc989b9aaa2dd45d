"""Who a tenant's mails come from, and by which server."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.addresses import BadAddress, parse_email
from app.directory.section import Section


def _one_address(value: str) -> str:
    try:
        return parse_email(value).deliverable
    except BadAddress:
        raise ValueError("That is no email address.") from None


Address = Annotated[str, AfterValidator(_one_address)]


class Mail(Section):
    """Who mails come from, and by which server. Its password (`mail.smtp_password`) and connection
    string (`mail.azure_connection`) are secrets."""

    sender: Literal["platform", "smtp", "azure"] = "platform"
    """Whose server sends them: the operator's, or one of the tenant's own."""
    address: Address | None = None
    """The sender's address, at a server of the tenant's own."""
    sender_name: (
        Annotated[
            str, StringConstraints(max_length=80, pattern=r"^[^\r\n@]*$", strip_whitespace=True)
        ]
        | None
    ) = None
    reply_to: Address | None = None
    smtp_host: (
        Annotated[
            str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")
        ]
        | None
    ) = None
    smtp_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """0: the usual one."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    dkim_selector: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,63}$")] | None = (
        None
    )
    """Under which name the key of the server's signatures is in the DNS; the mail doctor asks."""

    @model_validator(mode="after")
    def _can_send(self) -> Self:
        if self.sender != "platform" and self.address is None:
            raise ValueError("A server of your own needs the sender's address.")
        if self.sender == "smtp" and self.smtp_host is None:
            raise ValueError("Name the mail server.")
        if self.smtp_security == "none" and self.smtp_user is not None:
            raise ValueError("A password is sent over an encrypted connection only.")
        return self
