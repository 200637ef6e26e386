"""When use started and ended, to the precision known; no day is invented for a month or year.

A month is stored as its first day for the start and its last day for the end, so anything that happened within “June to
June” fits between them.
"""

from __future__ import annotations

import calendar
import datetime
from typing import Any

from django import forms
from django.utils.dates import MONTHS

from cases.codes import Precision
from cases.models import Client
from staff.typed_fields import PastDayField, YearField

STILL_USING = "open"
_KNOWN = [(Precision.DAY, "Exact date"), (Precision.MONTH, "Month only"), (Precision.YEAR, "Year only")]
_BEGINS = [(value.value, label) for value, label in _KNOWN]
_ENDS = [
    (STILL_USING, "Still using, as of last report"),
    *_BEGINS,
    (Precision.UNKNOWN.value, "Stopped, date unknown"),
]
_MONTHS = [("", "Month"), *((str(number), str(name)) for number, name in MONTHS.items())]


def _month(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=_MONTHS, coerce=int, empty_value=None)


def _year(label: str) -> YearField:
    return YearField(label=label)


class WhenForm(forms.ModelForm):
    """The part of a form that asks for start and end. The radio buttons say which input counts."""

    client: Client

    started_precision = forms.ChoiceField(label="How exactly it is known", choices=_BEGINS, widget=forms.RadioSelect)
    started_on = PastDayField(label="First day of use")
    started_month = _month("Month it began")
    started_year = _year("Year it began")
    ended_precision = forms.ChoiceField(label="How exactly it is known", choices=_ENDS, widget=forms.RadioSelect)
    ended_on = PastDayField(label="Last day of use")
    ended_month = _month("Month it ended")
    ended_year = _year("Year it ended")

    def show_when(self) -> None:
        """Fill in the dates on record, only to the precision known."""
        row = self.instance
        known = row.pk is not None
        self.initial.update(started_precision=Precision.DAY.value, ended_precision=STILL_USING)
        if known:
            self._show("started", row.started_on, Precision(row.started_precision))
        if known and row.ended_on is not None:
            self._show("ended", row.ended_on, Precision(row.ended_precision))

    def read_when(self, given: dict[str, Any]) -> None:
        """Turn the choices and typed values into days and their precision; report what is missing at its field."""
        today = self.client.today
        began = self._read("started", given)
        ended = self._read("ended", given)
        if began is not None:
            given["started_on"], given["started_precision"] = began[0], began[2]
        if ended is not None:
            first, last, precision = ended
            last = min(last, today) if precision != Precision.DAY and first <= today else last
            given["ended_on"], given["ended_precision"] = last, precision
        elif given.get("ended_precision") == Precision.UNKNOWN:
            # The last day is unknown. The field holds the first one, and its precision says it is unknown.
            given["ended_on"] = given.get("started_on")
        else:
            given["ended_on"], given["ended_precision"] = None, Precision.DAY

    def _show(self, edge: str, day: datetime.date, precision: Precision) -> None:
        if precision == Precision.UNKNOWN and edge == "started":
            precision = Precision.MONTH  # “not known, perhaps March”: it has to be somewhere
        shown = {
            "on": day if precision == Precision.DAY else None,
            "precision": precision.value,
            "month": day.month if precision == Precision.MONTH else None,
            "year": day.year if precision in {Precision.MONTH, Precision.YEAR} else None,
        }
        self.initial.update({f"{edge}_{part}": value for part, value in shown.items()})

    def _read(self, edge: str, given: dict[str, Any]) -> tuple[datetime.date, datetime.date, Precision] | None:
        """The first and last possible day, or None if there is no day."""
        day, month, year = (given.get(f"{edge}_{part}") for part in ("on", "month", "year"))
        chosen = self._chosen(edge, given) or _meant(day, month, year)
        if chosen == STILL_USING and (day or month or year):
            self.add_error("ended_precision", "You chose “Still using” and entered an end date. Choose one.")
        if self.has_error(f"{edge}_on") or chosen in {STILL_USING, Precision.UNKNOWN}:
            return None
        month, year = month or (day and day.month), year or (day and day.year)
        if chosen == Precision.MONTH and month and year:
            last = calendar.monthrange(year, month)[1]
            return datetime.date(year, month, 1), datetime.date(year, month, last), Precision.MONTH
        if chosen == Precision.YEAR and year:
            return datetime.date(year, 1, 1), datetime.date(year, 12, 31), Precision.YEAR
        if chosen == Precision.DAY and day:
            return day, day, Precision.DAY
        if chosen or edge == "started":
            self._say_what_is_missing(edge, chosen)
        return None

    def _chosen(self, edge: str, given: dict[str, Any]) -> str:
        """The precision that was chosen. An unchanged choice whose fields are blank does not count."""
        chosen = given.get(f"{edge}_precision") or ""
        left = chosen == self.initial.get(f"{edge}_precision")
        typed = _meant(*(given.get(f"{edge}_{part}") for part in ("on", "month", "year")))
        if left and typed and (chosen == STILL_USING or (chosen == Precision.DAY and not given.get(f"{edge}_on"))):
            return typed
        return chosen

    def _say_what_is_missing(self, edge: str, chosen: str) -> None:
        field, sentence = {
            Precision.MONTH: ("month", "Enter the month and year."),
            Precision.YEAR: ("year", "Enter the year."),
        }.get(Precision(chosen or "day"), ("on", "Enter the date, or choose month only or year only."))
        self.add_error(f"{edge}_{field}", sentence)


def _meant(day: Any, month: Any, year: Any) -> str:
    """The precision if none was chosen, from the fields that were filled in."""
    if day:
        return Precision.DAY
    if month:
        return Precision.MONTH
    return Precision.YEAR if year else ""
