"""Phone numbers: the one place that parses them; E.164 is the form that is stored and compared."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

NO_REGION = "ZZ"
"""The region of nowhere: only numbers that begin with + and a country's code are taken."""
_LONGEST = 40
_PREMIUM = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)


class BadPhone(ValueError):
    """The text is not one phone number that messages could go to."""


@dataclass(frozen=True)
class Phone:
    """One valid phone number."""

    key: str
    """E.164, such as `+14155550123`; messages go here."""
    value: str
    """As people of other countries write it, with spaces."""
    country: str
    """ISO 3166-1 alpha-2 code of its region; `ZZ` where there is none."""
    is_premium: bool = False
    """Whether who writes to it pays its owner, or nobody would read the message there."""


def parse_phone(text: object, region: str) -> Phone:
    """The number that `text` holds, of `region` when it does not begin with a country's code;
    raises `BadPhone`."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadPhone
    try:
        number = phonenumbers.parse(text.strip(), region)
    except NumberParseException as error:
        raise BadPhone from error
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise BadPhone
    return Phone(
        key=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        value=phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        country=phonenumbers.region_code_for_number(number) or NO_REGION,
        is_premium=phonenumbers.number_type(number) in _PREMIUM,
    )


def calling_code(region: str) -> int:
    """The country's code of a region, such as 49 for `DE`; 0 for nowhere."""
    return phonenumbers.country_code_for_region(region)


def mask_phone(key: str) -> str:
    """The number hidden but for its last two digits: `•••23`."""
    return f"•••{key[-2:]}"
