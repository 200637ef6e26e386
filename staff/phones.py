"""How a phone number is shown: (518) 555-0130. The typed number and its E.164 form are stored."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

REGION = "US"  # the product's rules are those of the United States; numbers from elsewhere need their + and code
_NO_DIGIT = re.compile(r"[^0-9+]")
_PAUSE = re.compile(r"[,;]")  # what a phone dials after the call is answered: “+15185550130,,123#”


@lru_cache(4096)
def spoken(number: str) -> str:
    """A US number as (518) 555-0130, with its extension; an international one as +44 20 7946 0018.

    Anything that is not a phone number (an email address, 988, half a number) is returned unchanged.
    """
    pause = _PAUSE.search(number)
    number, dialed_after = (number[: pause.start()], number[pause.start() :]) if pause else (number, "")
    if "@" in number:
        return number + dialed_after
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number + dialed_after
    if not phonenumbers.is_possible_number(parsed):
        return number + dialed_after
    formats = phonenumbers.PhoneNumberFormat
    style = formats.NATIONAL if parsed.country_code == 1 else formats.INTERNATIONAL
    return phonenumbers.format_number(parsed, style) + dialed_after


@lru_cache(4096)
def dialed(number: str) -> str:
    """As a tel: link takes it: +15185550130, an extension after a pause; digits alone where it is no whole number."""
    pause = _PAUSE.search(number)
    number, dialed_after = (number[: pause.start()], number[pause.start() :]) if pause else (number, "")
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return _NO_DIGIT.sub("", number) + dialed_after
    if not phonenumbers.is_possible_number(parsed):
        return _NO_DIGIT.sub("", number) + dialed_after
    after = dialed_after or (f",{parsed.extension}" if parsed.extension else "")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) + after
