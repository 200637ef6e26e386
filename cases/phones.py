"""Normalize phone numbers so that the same line always matches."""

from __future__ import annotations

import phonenumbers

REGION = "US"  # the product's rules are those of the United States; numbers from elsewhere need their + and code


def e164(number: str) -> str:
    """The number as +15550100100, or "" where it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def spoken(number: str) -> str:
    """The number as people here write it: (555) 010-0100. What cannot be read is given back as it is."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == 1
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)
