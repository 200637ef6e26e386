"""Birth date, or birth year alone: validation shared by forms and functions."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from staff.refusals import Refusal
from staff.typed_days import check_days, check_year

FIELDS = ("birth_date", "birth_year")
YEAR_LABEL = "Or year only"


class YearDiffers(Refusal):
    """A birth date whose year differs from the year entered."""

    sentence = "The birth date and year don’t match. Enter the date, or only the year."


def settled(facts: dict[str, Any], *, today: datetime.date, stands: Any = None) -> dict[str, Any]:
    """Birth facts as they can be stored: a year that only repeats the date is dropped.

    `stands` is the row they change; any fact not given is read from it. Raises YearDiffers, LongPast, StillAhead,
    FarAhead.
    """
    if not facts.keys() & set(FIELDS):
        return facts
    day = facts.get("birth_date", getattr(stands, "birth_date", None))
    year = facts.get("birth_year") if "birth_year" in facts or day else getattr(stands, "birth_year", None)
    check_days(day, ahead=0, today=today)
    if year is not None:
        check_year(year, today=today)
    if day is not None and year is not None and day.year != year:
        raise YearDiffers(f"The birth date is in {day.year}. Enter the date, or only the year.")
    return {**facts, "birth_date": day, "birth_year": None if day else year}


def clean(form: forms.BaseForm, said: dict[str, Any]) -> None:
    """Report a year that contradicts the date; drop one that only repeats it."""
    day, year = said.get("birth_date"), said.get("birth_year")
    if day is None or year is None:
        return
    try:
        said |= settled({"birth_date": day, "birth_year": year}, today=datetime.date.max)
    except YearDiffers as refusal:
        form.add_error("birth_year", str(refusal))
