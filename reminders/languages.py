"""The language in which a client is written to, and how a day is said in it."""

from __future__ import annotations

import datetime
import re

from django.db import models

from cases.models import Client
from reminders.revealing import as_read


class Language(models.TextChoices):
    """Languages that messages are written in."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"


_SPANISH = re.compile(r"(?:spanish|espanol|castellano|castilian)\b", re.IGNORECASE)
_ENGLISH = re.compile(r"(?:english|ingles)\b", re.IGNORECASE)
_BILINGUAL = re.compile(r"^(?:bilingual|bilingue)\W*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[,;/&+-]\s*|\s+(?:and|or|y|o|e)\s+", re.IGNORECASE)
_DAYS = dict(
    zip(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        strict=True,
    )
)
_MONTHS = dict(
    zip(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
        strict=True,
    )
)
_DAY = re.compile(rf"({'|'.join(_DAYS)}), ({'|'.join(_MONTHS)}) (\d\d?)")


def of(client: Client | None) -> Language:
    """The language on the client's record if messages are written in it, else English; English for staff.

    The record keeps the language as someone typed it, with its history. “Spanish, some English” is Spanish.
    """
    return (recorded(client) if client is not None else None) or Language.ENGLISH


def recorded(client: Client) -> Language | None:
    """The same without a fallback: None where the record is blank, or names a language that no message is in."""
    return next(iter(named(client)), None)


def named(client: Client) -> tuple[Language, ...]:
    """All languages on the client's record that messages are written in, as named: “English and Spanish” are both."""
    parts = _BETWEEN.split(_BILINGUAL.sub("", as_read(client.language)))
    found = (
        Language.SPANISH if _SPANISH.match(part) else Language.ENGLISH if _ENGLISH.match(part) else None
        for part in parts
    )
    return tuple(dict.fromkeys(each for each in found if each is not None))


def day_words(day: datetime.date) -> str:
    """A day as messages say it in English, without a year: “Tuesday, Mar 3”."""
    return f"{day:%A, %b} {day.day}"


def day_in(language: Language, words: str) -> str:
    """What `day_words` says, in another language: “martes 3 de mar”. Other words stay."""
    if language == Language.ENGLISH:
        return words
    return _DAY.sub(lambda found: f"{_DAYS[found[1]]} {found[3]} de {_MONTHS[found[2]]}", words)
