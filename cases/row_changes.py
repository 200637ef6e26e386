"""Values that a merge changes, each with its previous value, so the merge can be undone exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from staff import seals
from staff.encrypted_fields import Encrypted


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
        if row is not None and _is_still(row, self.field, self.after) and not _is_superseded(row, self.field):
            field = model._meta.get_field(self.field)
            _store(row, self.field, None if self.before is None else field.to_python(self.before))


def changed(row: models.Model, field: str, value: Any) -> Change:
    """Set a value on a row and return the previous one."""
    before = _text(row, field)
    if before and _is_encrypted(row, field):
        raise ValueError(f"{field} is encrypted: a merge fills it in where it is empty, and keeps no copy of it.")
    setattr(row, field, value)
    _store(row, field, value)
    return Change(row._meta.label, row.pk, field, before, _text(row, field))


def _store(row: models.Model, field: str, value: Any) -> None:
    if _is_encrypted(row, field):
        setattr(row, field, value)
        row.save(update_fields=[field])
    else:
        type(row)._base_manager.filter(pk=row.pk).update(**{field: value})


def _text(row: models.Model, field: str) -> str | None:
    """The value as it is kept with a merge: of what is encrypted only what recognizes it, and no copy."""
    value = getattr(row, field)
    if value and _is_encrypted(row, field):
        return seals.mark(_recognized(row, field))
    return None if value is None else str(row._meta.get_field(field).value_to_string(row))  # type: ignore[union-attr]


def _is_still(row: models.Model, field: str, after: str | None) -> bool:
    if after and _is_encrypted(row, field):
        return seals.is_mark(_recognized(row, field), after)
    return _text(row, field) == after


def _recognized(row: models.Model, field: str) -> str:
    return f"value|{row._meta.label}|{row.pk}|{field}|{getattr(row, field)}"


def _is_encrypted(row: models.Model, field: str) -> bool:
    return isinstance(row._meta.get_field(field), Encrypted)


def _is_superseded(row: models.Model, field: str) -> bool:
    """Whether someone has since entered a birth date that replaces the year to be restored."""
    return field == "birth_year" and getattr(row, "birth_date", None) is not None
