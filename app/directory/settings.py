"""What a tenant decides, section by section, with defaults and limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

Seconds = Annotated[int, Field(ge=0, le=400 * 86_400)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
MethodKey = Literal["password", "email_code"]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class Section(BaseModel):
    """A section is frozen and knows no other members."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Methods(Section):
    """Which methods there are, in the order in which they are offered."""

    sign_in: Annotated[tuple[MethodKey, ...], Field(min_length=1)] = ("password", "email_code")
    sign_up: tuple[MethodKey, ...] = ("password", "email_code")
    """With `password` a password may be chosen at sign-up; the address is proven by code always."""
    sign_up_open: bool = True
    recovery_open: bool = True

    @property
    def needs_password(self) -> bool:
        """Whether an account without a password could not be signed in to."""
        return "email_code" not in self.sign_in

    @property
    def takes_password_at_sign_up(self) -> bool:
        """Whether sign-up asks for a password: where it was switched on and will be of use, and
        where nobody could sign in later without one."""
        return "password" in self.sign_in and ("password" in self.sign_up or self.needs_password)


class Codes(Section):
    """One-time codes sent by mail."""

    digits: Annotated[int, Field(ge=4, le=8)] = 6
    lives: Annotated[int, Field(ge=120, le=900)] = 600
    """Seconds."""
    resend_after: Annotated[int, Field(ge=10, le=300)] = 30
    """Seconds."""
    fixed: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")] | None = None
    """Test tenants only: the code that is always right; no mail is sent."""
    echo: bool = False
    """Test tenants only: headless answers carry the code; no mail is sent."""

    @property
    def tries(self) -> int:
        """Wrong answers that a code survives: five, or three when it is shorter than six digits."""
        return 5 if self.digits >= 6 else 3


class Limits(Section):
    """How often things may be tried within an hour."""

    codes_per_address: Annotated[int, Field(ge=1)] = 5
    codes_per_network: Annotated[int, Field(ge=1)] = 60
    codes_per_client: Annotated[int, Field(ge=1)] = 200
    wrong_codes_per_account: Annotated[int, Field(ge=1)] = 10
    passwords_per_account_and_network: Annotated[int, Field(ge=1)] = 10
    passwords_per_account: Annotated[int, Field(ge=1)] = 100
    passwords_per_network: Annotated[int, Field(ge=1)] = 100


class Passwords(Section):
    """Rules after NIST SP 800-63B-4: length and a block list, no composition."""

    min_length: Annotated[int, Field(ge=8, le=64)] = 8


class Lifetimes(Section):
    """In seconds."""

    access_token: Seconds = 300
    id_token: Seconds = 300
    refresh_idle: Seconds = 7 * 86_400
    refresh_absolute: Seconds = 30 * 86_400
    refresh_grace: Annotated[int, Field(ge=0, le=60)] = 10
    session_idle: Seconds = 86_400
    session_absolute: Seconds = 30 * 86_400
    flow: Annotated[int, Field(ge=60, le=86_400)] = 1_800
    code: Annotated[int, Field(ge=10, le=600)] = 60


class Tokens(Section):
    """What happens when a spent refresh token comes back."""

    reuse_ends_sessions: bool = False
    """End every session of the user, beside the family of the token."""


class Organizations(Section):
    """Whether people act for organizations, and what they may do by themselves."""

    choice: Literal["off", "optional", "required"] = "optional"
    """`off`: never asked. `optional`: members choose. `required`: nobody gets in without one."""
    creation_open: bool = False
    joining_open: bool = False
    default_role: str = "member"
    creator_role: str = "owner"


class Accounts(Section):
    """Browsers with several people."""

    chooser: bool = True
    """Offer the accounts that are signed in on the browser."""


class Brand(Section):
    """How pages and mails look."""

    name: Annotated[str, StringConstraints(max_length=80)] | None = None
    """Shown instead of the tenant's name."""
    logo: str | None = None
    """Id of an asset."""
    accent: Colour = "#4f46e5"
    background: Colour | None = None
    layout: Literal["centered", "split", "plain"] = "centered"
    corners: Literal["square", "soft", "round"] = "soft"
    tagline: Annotated[str, StringConstraints(max_length=160)] | None = None
    """On the brand panel of the split layout."""
    privacy_url: HttpUrl | None = None
    terms_url: HttpUrl | None = None
    support_url: HttpUrl | None = None


class Texts(Section):
    """Languages and the tenant's own sentences."""

    locales: tuple[Locale, ...] = ("en", "de", "ar")
    default_locale: Locale = "en"
    overrides: dict[Locale, dict[str, Annotated[str, StringConstraints(max_length=2_000)]]] = {}
    """Locale -> text id -> sentence with `{{ placeholder }}`s."""


class Mail(Section):
    """Who mails come from."""

    sender_name: Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\r\n]*$")] | None = (
        None
    )


class TenantSettings(Section):
    """Every section, published."""

    methods: Methods = Methods()
    codes: Codes = Codes()
    limits: Limits = Limits()
    passwords: Passwords = Passwords()
    lifetimes: Lifetimes = Lifetimes()
    tokens: Tokens = Tokens()
    organizations: Organizations = Organizations()
    accounts: Accounts = Accounts()
    brand: Brand = Brand()
    texts: Texts = Texts()
    mail: Mail = Mail()


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation  # type: ignore[misc]
    for name, field in TenantSettings.model_fields.items()
}
