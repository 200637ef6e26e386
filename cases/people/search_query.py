"""Parse a search query into names, a birth date, a phone number and other digits."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from staff.outside import is_digits

from . import phones


@dataclass(frozen=True)
class Identifiers:
    """What is known about the person searched for; anything may be missing."""

    given_name: str = ""
    family_name: str = ""
    birth_date: datetime.date | None = None
    phone: str = ""  # E.164
    ssn_last4: str = ""
    birth_year: int | None = None  # if only the year is known
    year_is_guess: bool = False  # four digits in a search box, which may be something else

    @property
    def has_enough(self) -> bool:
        """Whether a search can say anything: a name, be it one word, or a fact that few people share."""
        return bool(self.family_name or self.given_name or self.birth_date or self.phone or self.ssn_last4)


@dataclass(frozen=True)
class Asked:
    """A parsed search. Bare digits may be a client number, and four digits also the last four of the SSN."""

    known: Identifiers
    number: int | None = None
    is_number: bool = False  # said to be a client number: “#42”, “No. 42”
    may_be_number: bool = False  # digits alone


_DAY = re.compile(r"(?<![\d/.-])(\d{1,4})([/.-])(\d{1,2})\2(\d{4}|\d{1,2})(?![/.-]?\d)")
_EIGHT = re.compile(r"(?<![\d#+/.-])\d{8}(?![/.-]?\d)")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?P<year>\d{4}|\d\d)\b"
_IN_WORDS = (
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", re.IGNORECASE),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{5,}\d")
_SAID_TO_BE_NUMBER = re.compile(r"(?:#|\b(?:no|nr|number)\b\.?:?)\s*#?\s*(\d{1,9})\b", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\w)(\d{1,9})(?!\w)")
_OLDEST = 1900


def read(text: str, *, today: datetime.date) -> Asked:
    """Parse a search text. A two-digit year is the latest one not after `today`, the clinic's date."""
    number, phone, last_four, birth_year = None, "", "", None
    is_number = False
    if found := _SAID_TO_BE_NUMBER.search(text):
        number, is_number = int(found.group(1)), True
        text = _without(text, found)
    birth_date, text = _birth_date(text, today)
    if (found := _PHONE.search(text)) and (phone := phones.e164(found.group())):
        if is_digits(found.group()) and len(found.group()) <= 9 and number is None:
            number = int(found.group())  # seven digits without a mark between them may be either
        text = _without(text, found)
    elif (found := _DIGITS.search(text)) and number is None:
        number = int(found.group(1))
        last_four = found.group(1) if len(found.group(1)) == 4 else ""
        birth_year = number if birth_date is None and _OLDEST <= number <= today.year else None
        text = _without(text, found)
    given, family = _names(text)
    known = Identifiers(given, family, birth_date, phone, last_four, birth_year, year_is_guess=birth_year is not None)
    return Asked(known, number, is_number, may_be_number=not (given or family or birth_date))


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _birth_date(text: str, today: datetime.date) -> tuple[datetime.date | None, str]:
    """The first date in the text, and the text without it. Anything that is not a date stays."""
    for pattern in _IN_WORDS:
        if found := pattern.search(text):
            month = _MONTHS.index(found["month"].lower()) + 1
            if day := _day(found["year"], month, int(found["day"]), today):
                return day, _without(text, found)
    if found := _DAY.search(text):
        if day := _written(found, today):
            return day, _without(text, found)
    elif found := _EIGHT.search(text):
        digits = found.group()
        if day := _day(digits[4:], int(digits[:2]), int(digits[2:4]), today):
            return day, _without(text, found)
    return None, text


def _written(found: re.Match[str], today: datetime.date) -> datetime.date | None:
    """5/14/88 and 1988-05-14; 14/5/88 too, which can mean only one thing."""
    first, _, second, third = found.groups()
    if len(first) == 4:
        return _day(first, int(second), int(third), today)
    return _day(third, int(first), int(second), today) or _day(third, int(second), int(first), today)


def _day(year: str, month: int, day: int, today: datetime.date) -> datetime.date | None:
    full = int(year)
    if len(year) <= 2:
        full += today.year // 100 * 100
    try:
        born = datetime.date(full, month, day)
        if len(year) <= 2 and born > today:
            born = datetime.date(full - 100, month, day)
    except ValueError:
        return None
    return born if born.year >= _OLDEST else None


def _names(text: str) -> tuple[str, str]:
    """Given and family name: “Lopez, Maria”, “Maria Lopez”, or one word that may be either."""
    if "," in text.strip().strip(","):
        family, _, given = text.partition(",")
        return " ".join(given.split()), " ".join(family.split())
    words = text.replace(",", " ").split()
    return (" ".join(words[:-1]), words[-1]) if words else ("", "")
