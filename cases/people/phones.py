"""Normalizes phone numbers (E.164), so the same line is recognized however it was typed."""

from __future__ import annotations

import phonenumbers

from staff.phones import REGION


def e164(number: str) -> str:
    """The number as +15550100100, or "" if it can't be a phone number."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
