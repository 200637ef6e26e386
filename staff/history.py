"""History of every row, written by database triggers: bulk updates and raw SQL are recorded like any other change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def tracked(model: Model) -> Model:
    """Record each insert, update and delete in an append-only event table, with who did it (staff.acts)."""
    return _tracked(model, pghistory.UpdateEvent())


def tracked_unless(sql: str) -> Callable[[Model], Model]:
    """The same, without updates that leave the row in a state which is recorded elsewhere, e.g. `NEW.busy`."""
    condition = pgtrigger.Condition(f"OLD.* IS DISTINCT FROM NEW.* AND NOT ({sql})")
    return lambda model: _tracked(model, pghistory.UpdateEvent(condition=condition))


def _tracked(model: Model, updates: pghistory.UpdateEvent) -> Model:
    return pghistory.track(
        pghistory.InsertEvent(),
        updates,
        pghistory.DeleteEvent(),
        append_only=True,
        exclude=[
            field.name
            for field in model._meta.local_fields
            if field.generated or field.name in ("password", "last_login")  # what is computed is in its columns already
        ],
    )(model)
