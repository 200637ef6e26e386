from __future__ import annotations

import datetime

from django.db import models

from staff.days import day_in_words
from staff.typed_days import EARLIEST_DAY, LATEST_DAY


class KnownBirth(models.Model):
    """What is known of a birth: the date, the year alone, or nothing. Never both: the date includes the year."""

    birth_date = models.DateField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Only if the date is not known.")

    class Meta:
        abstract = True

    @property
    def year_of_birth(self) -> int | None:
        """The year, whether or not the day is known."""
        return self.birth_year if self.birth_date is None else self.birth_date.year

    @property
    def birth_words(self) -> str:
        """“May 14, 1984”, or “1984”; empty if nothing is known."""
        return str(self.birth_year or "") if self.birth_date is None else day_in_words(self.birth_date)

    @property
    def birth_in_code(self) -> str:
        """The same as HTML's <time> reads it: “1984-05-14”, or “1984”."""
        return str(self.birth_year or "") if self.birth_date is None else self.birth_date.isoformat()

    @property
    def born_at_earliest(self) -> datetime.date | None:
        """The first day that may be the birthday."""
        if self.birth_date is None and self.birth_year is not None:
            return datetime.date(self.birth_year, 1, 1)
        return self.birth_date

    def ages_on(self, day: datetime.date) -> tuple[int, int] | None:
        """Age in full years on a day, lowest and highest: they differ by one if only the year of birth is known.

        Born on Feb 29, a year is full on Mar 1.
        """
        if self.birth_date is not None:
            born = self.birth_date
            years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            return years, years
        if self.birth_year is not None:
            years = day.year - self.birth_year
            return years - ((day.month, day.day) < (12, 31)), years
        return None

    def born_like(self, other: KnownBirth) -> bool:
        """Whether nothing known distinguishes the two births; an unknown birth is a category of its own."""
        if self.birth_date is not None and other.birth_date is not None:
            return self.birth_date == other.birth_date
        return self.year_of_birth == other.year_of_birth


def year_alone(prefix: str) -> models.CheckConstraint:
    """A rule for the column birth_year: empty beside a birth date, or else a year in the allowed range.

    `staff.typed_days.check_year` checks that it is not in the future: a database rule on the current year would refuse
    a correction.
    """
    may_be = models.Q(birth_date=None, birth_year__gte=EARLIEST_DAY.year, birth_year__lte=LATEST_DAY.year)
    return models.CheckConstraint(
        condition=models.Q(birth_year=None) | may_be,
        name=f"{prefix}_birth_year_stands_alone",
        violation_error_message="Enter a birth year of 1900 or later, only if there is no birth date.",
    )
