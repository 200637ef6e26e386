"""Values that a merge changes, each with its previous value, so the merge can be undone exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
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
        undo([self])


def undo(changes: Sequence[Change]) -> None:
    """Restore values, the last first, unless someone has changed them since.

    What was changed of one row at a time is restored together: alone, some values may not be.
    """
    for (label, pk), of_row in groupby(reversed(changes), key=lambda each: (each.label, each.pk)):
        model = apps.get_model(label)
        row = model._base_manager.filter(pk=pk).first()
        if row is None:
            continue
        restored: dict[str, Any] = {}
        texts: dict[str, str | None] = {}
        for each in of_row:
            is_still = (
                texts[each.field] == each.after if each.field in texts else _is_still(row, each.field, each.after)
            )
            if is_still and not _is_superseded(row, each.field, restored):
                field = model._meta.get_field(each.field)
                restored[each.field] = None if each.before is None else field.to_python(each.before)
                texts[each.field] = each.before
        _store(row, restored)


def changed(row: models.Model, field: str, value: Any) -> Change:
    """Set a value on a row and return the previous one."""
    (change,) = changed_together(row, **{field: value})
    return change


def changed_together(row: models.Model, **values: Any) -> list[Change]:
    """Set values that a row may only have together, and return the previous ones."""
    before = {field: _text(row, field) for field in values}
    for field, value in values.items():
        if before[field] and _is_encrypted(row, field):
            raise ValueError(f"{field} is encrypted: a merge fills it in where it is empty, and keeps no copy of it.")
        setattr(row, field, value)
    _store(row, values)
    return [Change(row._meta.label, row.pk, field, before[field], _text(row, field)) for field in values]


def _store(row: models.Model, values: Mapping[str, Any]) -> None:
    plain = {field: value for field, value in values.items() if not _is_encrypted(row, field)}
    if plain:
        type(row)._base_manager.filter(pk=row.pk).update(**plain)
    for field in values.keys() - plain.keys():
        setattr(row, field, values[field])
        row.save(update_fields=[field])


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


def _is_superseded(row: models.Model, field: str, restored: Mapping[str, Any]) -> bool:
    """Whether someone has since entered a birth date that replaces the year to be restored."""
    return field == "birth_year" and restored.get("birth_date", getattr(row, "birth_date", None)) is not None
