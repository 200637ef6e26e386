"""Values that a merge changes, each with its previous value, so the merge can be undone exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class Change:
    """One value of one row, before and after."""

    label: str
    pk: int
    field: str
    before: str | None
    after: str | None

    def stored(self) -> list[Any]:
        """As the merge keeps it."""
        return [self.label, self.pk, self.field, self.before, self.after]

    @classmethod
    def read(cls, stored: list[Any]) -> Change:
        """Back from what the merge kept."""
        return cls(*stored)

    def undo(self) -> None:
        """Restore the row's value, unless someone has changed it since."""
        model = apps.get_model(self.label)
        row = model._base_manager.filter(pk=self.pk).first()
        if row is not None and _text(row, self.field) == self.after and not _is_superseded(row, self.field):
            field = model._meta.get_field(self.field)
            before = None if self.before is None else field.to_python(self.before)
            model._base_manager.filter(pk=self.pk).update(**{self.field: before})


def changed(row: models.Model, field: str, value: Any) -> Change:
    """Set a value on a row and return the previous one."""
    before = _text(row, field)
    setattr(row, field, value)
    type(row)._base_manager.filter(pk=row.pk).update(**{field: value})
    return Change(row._meta.label, row.pk, field, before, _text(row, field))


def _text(row: models.Model, field: str) -> str | None:
    value = getattr(row, field)
    return None if value is None else str(row._meta.get_field(field).value_to_string(row))  # type: ignore[union-attr]


def _is_superseded(row: models.Model, field: str) -> bool:
    """Whether someone has since entered a birth date that replaces the year to be restored."""
    return field == "birth_year" and getattr(row, "birth_date", None) is not None
