"""What a tenant decides, section by section, with defaults and limits."""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    HttpUrl,
    StringConstraints,
    field_validator,
    model_validator,
)

from app.directory.audit_settings import Audit
from app.directory.brand_settings import Brand
from app.directory.mail_settings import Mail
from app.directory.section import Locale, Section
from app.patterns import check_pattern

Seconds = Annotated[int, Field(ge=0, le=400 * 86_400)]
MethodKey = Literal["password", "email_code", "magic_link", "sms_code", "passkey"]
SecondKey = Literal["passkey", "totp", "sms_code", "email_code"]
Sso = Literal["off", "optional", "members", "domain"]
UserId = Annotated[str, StringConstraints(pattern=r"^usr_[0-9A-Za-z]{1,60}$")]
Demand = Literal["required", "optional", "off"]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Methods(Section):
    """Which methods there are, in the order in which they are offered."""

    sign_in: Annotated[tuple[MethodKey, ...], Field(min_length=1)] = (
        "passkey",
        "password",
        "email_code",
    )
    sign_up: tuple[MethodKey, ...] = ("passkey", "password", "email_code")
    """With `password` a password may be chosen at sign-up, with `passkey` a passkey made; the
    address is proven in any case, by link where `magic_link` is named and else by code."""
    second: tuple[SecondKey, ...] = ("passkey", "totp")
    """What counts as a second factor. Codes by SMS or mail are weak: only who names them here
    accepts them."""
    sign_up_open: bool = True
    create_on_first_sign_in: bool = False
    """Whether a code or link that an unknown address or number proves makes the user."""
    recovery_open: bool = True

    @property
    def needs_password(self) -> bool:
        """Whether an account without a password could not be signed in to."""
        return not {"email_code", "magic_link", "sms_code", "passkey"} & {*self.sign_in}

    @property
    def takes_password_at_sign_up(self) -> bool:
        """Whether sign-up asks for a password: where it was switched on and will be of use, and
        where nobody could sign in later without one."""
        return "password" in self.sign_in and ("password" in self.sign_up or self.needs_password)


class Identifiers(Section):
    """What names a person at sign-up and sign-in."""

    email: Demand = "required"
    phone: Demand = "off"
    username: Demand = "off"
    default_region: Country = "US"
    """The country of numbers typed without their country's code."""

    @property
    def kinds(self) -> tuple[Literal["email", "phone", "username"], ...]:
        """What a person may be named by, in this order."""
        return tuple(
            kind for kind in ("email", "phone", "username") if getattr(self, kind) != "off"
        )


class Codes(Section):
    """One-time codes and links, sent by mail or SMS."""

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
    anonymous_per_network: Annotated[int, Field(ge=1)] = 60
    anonymous_per_client: Annotated[int, Field(ge=1)] = 1_000


class Passwords(Section):
    """Rules after NIST SP 800-63B-4: length and a block list, no composition."""

    min_length: Annotated[int, Field(ge=8, le=64)] = 8
    breached_sign_ins: Annotated[int, Field(ge=0, le=20)] = 3
    """How often a person may still sign in with a password that is known from a breach."""


class Policy(Section):
    """How strongly people must be proven. Organizations, roles and users may demand more."""

    mfa: Literal["off", "optional", "required"] = "optional"
    """`off`: no second factor is asked. `optional`: of those who have one. `required`: of all."""
    mfa_roles: tuple[str, ...] = ()
    """Roles whose bearers need a second factor, beside those that say so themselves."""
    enrolments_put_off: Annotated[int, Field(ge=0, le=20)] = 0
    """How often a person may put off a second factor that is required."""
    trusted_device_days: Annotated[int, Field(ge=0, le=365)] = 30
    """How long a browser may be trusted not to need a second factor; 0 switches it off."""
    trusted_people_per_browser: Annotated[int, Field(ge=1, le=20)] = 3
    recent_sign_in: Annotated[int, Field(ge=60, le=86_400)] = 600
    """Seconds for which a sign-in is recent enough for a sensitive change."""
    sensitive_actions: tuple[Word, ...] = ()
    """Names of actions of the tenant's own apps that a recent second factor is asked for."""
    support_recovery_delay: Annotated[int, Field(ge=0, le=30 * 86_400)] = 86_400
    """Seconds before a recovery that support started may be used."""
    deletion_delay: Annotated[int, Field(ge=0, le=90 * 86_400)] = 14 * 86_400
    """Seconds between a person's wish to delete the account and its erasure."""


class OrganizationPolicy(Section):
    """What an organization asks beyond its tenant; kept with the organization."""

    mfa: Literal["required"] | None = None
    methods: tuple[MethodKey, ...] | None = None
    """The only methods by which its members may act for it."""
    sso: Sso = "optional"
    """Who must sign in through its connections: with `off` nobody can by the domain alone, with
    `optional` whoever likes, with `members` its members, with `domain` everybody whose address is
    in a domain that it has proven."""
    break_glass: Annotated[tuple[UserId, ...], Field(max_length=10)] = ()
    """Owners who may sign in by the tenant's own methods all the same, as when the provider is
    away."""


class AndroidApp(Section):
    """An Android app that may use the tenant's passkeys."""

    package: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]{1,199}$")]
    fingerprints: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2}:){31}[0-9A-F]{2}$")], ...],
        Field(min_length=1),
    ]
    """SHA-256 of its signing certificates."""


class Passkeys(Section):
    """Passkeys, beyond whether there are any."""

    offer: bool = True
    """Offer to make one after a sign-in without."""
    offer_again_after: Annotated[int, Field(ge=0, le=3_650)] = 30
    """Days."""
    related_origins: tuple[HttpUrl, ...] = ()
    """Other origins, among the tenant's own hosts, that may use its passkeys."""
    ios_apps: tuple[
        Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{10}\.[\w.-]{1,155}$")], ...
    ] = ()
    """Team and bundle ids, such as `ABCDE12345.com.example.app`."""
    android_apps: tuple[AndroidApp, ...] = ()


class Sms(Section):
    """Text messages, by the tenant's own Twilio. Its auth token is a secret: `sms.auth_token`."""

    account_sid: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$")] | None = None
    sender: (
        Annotated[
            str,
            StringConstraints(pattern=r"^(\+[1-9][0-9]{6,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$"),
        ]
        | None
    ) = None
    """A number, a messaging service, or a name of at most eleven characters."""
    allow_countries: tuple[Country, ...] = ()
    """The only countries that messages go to; empty for all that are not denied."""
    deny_countries: tuple[Country, ...] = ()
    most_a_day: Annotated[int, Field(ge=0)] = 1_000
    """Messages that the tenant pays for on one day at most."""
    least_conversion: Annotated[int, Field(ge=0, le=100)] = 10
    """Percent of codes that must come back from the numbers of a prefix, or it is blocked."""


OWN_FIELDS = frozenset(
    (
        *("action", "choice", "credential", "csrf_token", "screen", "metadata", "search"),
        *("email", "phone", "username", "password", "code", "identifier", "trust", "locale"),
        *("display_name", "organization_name", "organization", "method", "ui_locales"),
    )
)
"""Names that our own forms use."""


class SignUpField(Section):
    """A question of the tenant's own at sign-up; the answer goes to the public metadata."""

    name: Word
    kind: Literal["text", "choice", "checkbox", "consent"]
    label: Annotated[dict[Locale, Sentence], Field(min_length=1)]
    """Locale -> what is asked; the tenant's default locale must be among them."""
    required: bool = False
    max_length: Annotated[int, Field(ge=1, le=1_000)] = 200
    pattern: Annotated[str, StringConstraints(max_length=200)] | None = None
    """A regular expression that the whole text must match."""
    choices: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = ()
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    """Of what is consented to; noted with the answer and its time."""
    url: HttpUrl | None = None
    """Where what is consented to can be read."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        wrong = {
            "only a text has a pattern": self.pattern is not None and self.kind != "text",
            "a choice needs choices, each once": self.kind == "choice"
            and not 0 < len(self.choices) == len({*self.choices}),
            "only a choice has choices": bool(self.choices) and self.kind != "choice",
            "a consent needs a version": self.kind == "consent" and self.version is None,
            "only a consent has a version": self.version is not None and self.kind != "consent",
            "only a consent has a url": self.url is not None and self.kind != "consent",
        }
        for sentence, is_wrong in wrong.items():
            if is_wrong:
                raise ValueError(f"{self.name}: {sentence}.")
        if self.pattern is not None:
            check_pattern(self.pattern, self.max_length)
        return self

    def label_in(self, locale: str, default_locale: str) -> str:
        """What is asked, in this language or else the tenant's default one."""
        told = self.label.get(locale) or self.label.get(default_locale)
        return told or next(iter(self.label.values()))


class SignUp(Section):
    """What a new person is asked beside name, address and password."""

    fields: Annotated[tuple[SignUpField, ...], Field(max_length=20)] = ()

    @field_validator("fields")
    @classmethod
    def _named_once(cls, fields: tuple[SignUpField, ...]) -> tuple[SignUpField, ...]:
        names = [each.name for each in fields]
        taken = sorted({name for name in names if names.count(name) > 1 or name in OWN_FIELDS})
        if taken:
            raise ValueError(f"{', '.join(taken)}: choose another name, this one is taken.")
        return fields


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
    anonymous_user: Seconds = 90 * 86_400
    """Without activity, after which an anonymous user is erased; 0: never."""
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


class Texts(Section):
    """Languages and the tenant's own sentences."""

    locales: tuple[Locale, ...] = ("en", "de", "fr", "es", "pt", "ja", "ar")
    default_locale: Locale = "en"
    overrides: dict[Locale, dict[str, Annotated[str, StringConstraints(max_length=2_000)]]] = {}
    """Locale -> text id -> sentence with `{{ placeholder }}`s."""


class TenantSettings(Section):
    """Every section, published."""

    methods: Methods = Methods()
    identifiers: Identifiers = Identifiers()
    codes: Codes = Codes()
    limits: Limits = Limits()
    passwords: Passwords = Passwords()
    policy: Policy = Policy()
    passkeys: Passkeys = Passkeys()
    sms: Sms = Sms()
    sign_up: SignUp = SignUp()
    lifetimes: Lifetimes = Lifetimes()
    tokens: Tokens = Tokens()
    organizations: Organizations = Organizations()
    accounts: Accounts = Accounts()
    brand: Brand = Brand()
    texts: Texts = Texts()
    mail: Mail = Mail()
    audit: Audit = Audit()


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation  # type: ignore[misc]
    for name, field in TenantSettings.model_fields.items()
}
