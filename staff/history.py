"""History of every row, written by database triggers: bulk updates and raw SQL are recorded like any other change."""

from __future__ import annotations

from typing import TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def tracked(model: Model) -> Model:
    """Record each insert, update and delete in an append-only event table, with who did it (staff.acts)."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        append_only=True,
        exclude=[
            field.name
            for field in model._meta.local_fields
            if field.generated or field.name in ("password", "last_login")  # what is computed is in its columns already
        ],
    )(model)
