"""Database rules for columns that hold typed days and moments, in addition to the forms and functions of `typed_days`.

A rule applies when such a day is written, not to stored rows. A row from before the rule may hold a day in the year 26
in a signed note that no one may correct; it can still be merged, discharged and moved like any other. A CHECK
constraint, even one added NOT VALID, would refuse every later change of such a row.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import CheckConstraint, DateTimeField, Model, Q, Value

from staff.typed_days import EARLIEST_DAY, FIRST_DAY_TOO_LATE

_GRACE = datetime.timedelta(days=1)  # for moments, on either side: a zone may be ahead


class DayWritten(CheckConstraint):
    """A column whose day, when inserted or changed, is from 1900 to 2199, or empty, or `unless_set` is filled.

    In the database these are two triggers that call staff_day_not_possible() (migration staff 0001_initial); forms
    check it like any check constraint.
    """

    says: ClassVar[str] = "A date is before 1900 or after 2199. Check the year."

    def __init__(self, *, column: str, name: str, unless_set: str = "", **kwargs: Any) -> None:
        early, late = self._bounds()
        condition = Q(**{f"{column}__gte": early, f"{column}__lt": late})
        if unless_set:
            condition |= Q(**{f"{unless_set}__isnull": False})
        self.column, self.unless_set = column, unless_set
        super().__init__(condition=condition, name=name, **{"violation_error_message": self.says, **kwargs})

    def deconstruct(self) -> Any:
        """Its form in a migration."""
        path, args, kwargs = super().deconstruct()
        for known in ("condition", "violation_error_message"):
            kwargs.pop(known, None)
        return (
            path,
            args,
            {"column": self.column, **kwargs} | ({"unless_set": self.unless_set} if self.unless_set else {}),
        )

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """Not part of the table itself: triggers are added after the table exists."""
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """After the row is written, as a check would be; the function is called for a violation only."""
        assert model is not None
        assert schema_editor is not None
        quote, value = schema_editor.quote_name, schema_editor.quote_value
        table, column = quote(model._meta.db_table), quote(self.column)
        early, late = (value(each.isoformat()) for each in self._days())
        wrong = f"NEW.{column} < {early} OR NEW.{column} >= {late}"
        if self.unless_set:
            wrong = f"({wrong}) AND NEW.{quote(self.unless_set)} IS NULL"
        call = f"EXECUTE FUNCTION staff_day_not_possible({value(self.name)})"
        return (
            f"CREATE TRIGGER {quote(self.name + '_new')} AFTER INSERT ON {table} FOR EACH ROW WHEN ({wrong}) {call};"
            f" CREATE TRIGGER {quote(self.name)} AFTER UPDATE ON {table} FOR EACH ROW"
            f" WHEN (NEW.{column} IS DISTINCT FROM OLD.{column} AND ({wrong})) {call}"
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """Both triggers go."""
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table)
        return f"DROP TRIGGER {quote(self.name + '_new')} ON {table}; DROP TRIGGER {quote(self.name)} ON {table}"

    @classmethod
    def _days(cls) -> tuple[datetime.date | datetime.datetime, datetime.date | datetime.datetime]:
        return EARLIEST_DAY, FIRST_DAY_TOO_LATE

    @classmethod
    def _bounds(cls) -> tuple[Any, Any]:
        return cls._days()


class MomentWritten(DayWritten):
    """The same for a column that holds a moment; a day of grace on either side."""

    says: ClassVar[str] = "A time is before 1900 or after 2199. Check the year."

    @classmethod
    def _days(cls) -> tuple[datetime.date | datetime.datetime, datetime.date | datetime.datetime]:
        early, late = EARLIEST_DAY - _GRACE, FIRST_DAY_TOO_LATE + _GRACE
        return (
            datetime.datetime.combine(early, datetime.time(), datetime.UTC),
            datetime.datetime.combine(late, datetime.time(), datetime.UTC),
        )

    @classmethod
    def _bounds(cls) -> tuple[Any, Any]:
        early, late = (Value(each, output_field=DateTimeField()) for each in cls._days())
        return early, late


def since_1900(*names: str, prefix: str, unless_set: str = "") -> list[DayWritten]:
    """Rules for columns that hold typed days: each from 1900 to 2199, or empty, or the other column is filled."""
    return [DayWritten(column=name, name=f"{prefix}_{name}_since_1900", unless_set=unless_set) for name in names]


def moments_since_1900(*names: str, prefix: str) -> list[MomentWritten]:
    """The same for columns that hold moments."""
    return [MomentWritten(column=name, name=f"{prefix}_{name}_since_1900") for name in names]
