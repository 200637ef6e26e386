"""The form fields for days, moments, times, years and numbers that people type; every form uses these.

They use the zone of the reader's clinic, which is current on every page. A form about one person narrows them to what
is possible for that person: `cases.possible_days.ask_about`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from staff.outside import LARGEST_COUNT, LARGEST_KEY
from staff.refusals import Refusal
from staff.typed_days import (
    EARLIEST_DAY,
    LONG_TERM,
    PLANS,
    check_days,
    check_past,
    check_year,
    wall_clock,
)


class DayInput(forms.DateInput):
    """A calendar day in the browser's own date field: typed as 04031985 or picked."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """A day and a time in the browser's own field."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class ClockInput(forms.TimeInput):
    """A time of day in the browser's own field."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")


class DayField(forms.DateField):
    """A day from 1900 to 2199, for filters and for days before or after today."""

    widget = DayInput
    ahead: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today: datetime.date | None = None  # today where the person lives; else on the reader's clock
        self.born: datetime.date | None = None  # the first day that may be their birthday
        self.born_words = ""

    def to_python(self, value: Any) -> datetime.date | None:
        """The day, or an explanation of what is wrong with it."""
        day = super().to_python(value)
        _explain(check_days, day, ahead=self.ahead, today=self.today or timezone.localdate())
        if day is not None and self.born is not None and day < self.born:
            raise ValidationError(before_birth(self.born_words), code="before_birth")
        return day


class PastDayField(DayField):
    """A day on which something has happened: today at the latest."""

    ahead = 0


class PlannedDayField(DayField):
    """A planned day: at most five years ahead."""

    ahead = PLANS


class LongTermDayField(DayField):
    """A day until which something lasts, such as a consent: at most fifty years ahead."""

    ahead = LONG_TERM


class MomentField(forms.DateTimeField):
    """A day and a time on the clinic's clock, from 1900 to 2199.

    A time that occurs twice means its first occurrence; a skipped one gets an explanation.
    """

    widget = MomentInput
    ahead: int | None = None

    def to_python(self, value: Any) -> datetime.datetime | None:
        """The aware moment."""
        if value in self.empty_values:
            return None
        moment = self._read(value)
        is_aware = timezone.is_aware(moment)
        if is_aware:
            _explain(check_days, moment.date())  # before it is converted: the first and last day of all overflow
            moment = timezone.localtime(moment)
        _explain(check_days, moment.date(), ahead=self.ahead or None, today=timezone.localdate())
        if not is_aware:
            moment = _explain(wall_clock, moment.date(), moment.time(), timezone.get_current_timezone())
        if self.ahead == 0:
            _explain(check_past, moment, now=timezone.now())
        return moment

    def _read(self, value: Any) -> datetime.datetime:
        if isinstance(value, datetime.datetime):
            return value
        if isinstance(value, datetime.date):
            return datetime.datetime.combine(value, datetime.time())
        try:
            if found := parse_datetime(str(value).strip()):
                return found
        except ValueError:
            pass
        for format_ in self.input_formats or ():
            try:
                return self.strptime(str(value).strip(), format_)
            except (ValueError, TypeError):
                continue
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class PastMomentField(MomentField):
    """A moment at which something has happened."""

    ahead = 0


class PlannedMomentField(MomentField):
    """A planned moment: at most five years ahead."""

    ahead = PLANS


CLOCK_FORMATS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I %p")


class ClockField(forms.TimeField):
    """A time of day. `typed_days.wall_clock` checks whether it exists on a given day.

    A browser sends 18:00; without a picker, people may also type 6:00 PM.
    """

    widget = ClockInput

    def __init__(self, *, input_formats: Sequence[str] = CLOCK_FORMATS, **kwargs: Any) -> None:
        super().__init__(input_formats=input_formats, **kwargs)


class NumberField(forms.IntegerField):
    """A whole number between two bounds; without a bound, the column's limit applies."""

    def __init__(self, *, max_value: int | None = None, min_value: int | None = 0, **kwargs: Any) -> None:
        most = LARGEST_COUNT if max_value is None else max_value
        super().__init__(max_value=most, min_value=min_value, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The bounds for the browser, if they mean something to a person."""
        bounds = super().widget_attrs(widget)
        return {name: value for name, value in bounds.items() if value not in (LARGEST_COUNT, LARGEST_KEY)}

    def to_python(self, value: Any) -> int | None:
        """The number; digits other than 0 to 9 are none."""
        if isinstance(value, str) and not value.strip().isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class KeyField(NumberField):
    """The number of a record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_KEY, **kwargs})


def number_fields(model: type[models.Model]) -> dict[str, type[forms.Field]]:
    """For `field_classes` of a form of `model`: its whole numbers are NumberFields."""
    numbers = [each for each in model._meta.concrete_fields if isinstance(each, models.IntegerField)]
    return {each.name: NumberField for each in numbers if not each.is_relation and not each.primary_key}


class YearField(NumberField):
    """A year of four digits in which something has happened."""

    def __init__(self, **kwargs: Any) -> None:
        own = {"min_value": None, "widget": forms.NumberInput(attrs={"min": EARLIEST_DAY.year})}
        super().__init__(**{**kwargs, **own})

    def to_python(self, value: Any) -> int | None:
        """The year, or which one is likely meant."""
        year = super().to_python(value)
        if year is not None:
            _explain(check_year, year, today=timezone.localdate())
        return year


def before_birth(born: str) -> str:
    """The error for a day before someone's birth; `born` is the birth date or year in words."""
    return f"This date is before the client was born ({born}). Check the year."


def _explain(check: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the owner's function and show what it refuses beside the field."""
    try:
        return check(*args, **kwargs)
    except Refusal as refusal:
        raise ValidationError(refusal.sentence, code="not_possible") from refusal
