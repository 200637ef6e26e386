"""Days that nothing can have happened on: a mistyped year must not become a life of six hundred years."""

from __future__ import annotations

import datetime

from django.utils import formats

from cases.models import Client
from cases.models.client import EARLIEST_DAY
from staff.refusals import Refusal

# No clinic that keeps this record can have admitted anybody before.
FIRST_ADMISSIONS = datetime.date(1950, 1, 1)


class BeforeBirth(Refusal):
    """A day before the client was born."""

    sentence = "This day is before the client was born. Check the year."


class LongPast(Refusal):
    """A day that is longer ago than anybody lives."""

    sentence = "This day is before 1900. Check the year."


class BeforeTreatment(Refusal):
    """An admission before there was anything to be admitted to."""

    sentence = "No program like this was there before 1950. Check the year."


def check_possible(client: Client, *days: datetime.date | None) -> None:
    """Refuse days before the client's birth where it is known, and before 1900. Raises BeforeBirth, LongPast."""
    for day in days:
        if day is None:
            continue
        if day < EARLIEST_DAY:
            raise LongPast
        if client.birth_date is not None and day < client.birth_date:
            born = formats.date_format(client.birth_date, "j M Y")
            raise BeforeBirth(f"This day is before the client was born ({born}). Check the year.")


def check_admission(client: Client, day: datetime.date) -> None:
    """The same for an admission, which cannot be before 1950 either. Raises BeforeTreatment too."""
    if day < FIRST_ADMISSIONS:
        raise BeforeTreatment
    check_possible(client, day)
