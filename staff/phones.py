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
    parsed, _, dialed_after = _read(number)
    if parsed is None or "@" in number:
        return number
    formats = phonenumbers.PhoneNumberFormat
    style = formats.NATIONAL if parsed.country_code == 1 else formats.INTERNATIONAL
    return phonenumbers.format_number(parsed, style) + dialed_after


@lru_cache(4096)
def dialed(number: str) -> str:
    """As a tel: link takes it: +15185550130, an extension after a pause; digits alone where it is no whole number."""
    parsed, before, dialed_after = _read(number)
    if parsed is None:
        return _NO_DIGIT.sub("", before) + dialed_after
    after = dialed_after or (f",{parsed.extension}" if parsed.extension else "")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) + after


def _read(number: str) -> tuple[phonenumbers.PhoneNumber | None, str, str]:
    """The number if it is a possible one, what was written before the first pause, and what is dialed from there on."""
    pause = _PAUSE.search(number)
    before, after = (number[: pause.start()], number[pause.start() :]) if pause else (number, "")
    try:
        parsed = phonenumbers.parse(before, REGION)
    except phonenumbers.NumberParseException:
        return None, before, after
    return (parsed if phonenumbers.is_possible_number(parsed) else None), before, after
