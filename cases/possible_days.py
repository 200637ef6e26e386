"""Dates that are impossible for a client: refused by `staff.typed_days`, or before birth."""

from __future__ import annotations

import datetime

from django import forms
from django.utils import timezone

from cases.models import Client
from staff.refusals import Refusal
from staff.typed_days import LongPast, check_days
from staff.typed_fields import DayField, before_birth

__all__ = [
    "BeforeBirth",
    "BeforeTreatment",
    "LongPast",
    "ask_about",
    "check_admission",
    "check_possible",
    "latest_today",
]

# No clinic that keeps this record can have admitted anyone before.
FIRST_ADMISSIONS = datetime.date(1950, 1, 1)


class BeforeBirth(Refusal):
    """A day before the client was born."""

    sentence = "This date is before the client’s birth. Check the year."


class BeforeTreatment(Refusal):
    """An admission before there was anything to be admitted to."""

    sentence = "Enter a year of 1950 or later."


def check_possible(client: Client, *days: datetime.date | None, ahead: int | None = None) -> None:
    """Refuse days before the client's birth (if known), impossible days, and days too far ahead.

    `ahead` is in days after today where the client lives. Raises BeforeBirth, LongPast, FarAhead, StillAhead.
    """
    check_days(*days, ahead=ahead, today=client.today if ahead is not None else None)
    for day in days:
        if day is not None and client.born_at_earliest is not None and day < client.born_at_earliest:
            raise BeforeBirth(before_birth(client.birth_words))


def latest_today(client: Client) -> datetime.date:
    """Today at the clinic or where the client lives, whichever is later: for acts that may happen in either."""
    return max(timezone.localdate(timezone=client.clinic.zone), client.today)


def ask_about(form: forms.BaseForm, client: Client, *, today: datetime.date | None = None) -> None:
    """Make a form's day fields refuse days impossible for this client: before birth, or after their own today.

    Pass another `today` for values on the clinic's clock, such as a session.
    """
    for field in form.fields.values():
        if isinstance(field, DayField):
            field.today, field.born = today or client.today, client.born_at_earliest
            field.born_words = client.birth_words


def check_admission(client: Client, day: datetime.date) -> None:
    """The same for an admission, which cannot be before 1950 either. Raises BeforeTreatment too."""
    if day < FIRST_ADMISSIONS:
        raise BeforeTreatment
    check_possible(client, day)
