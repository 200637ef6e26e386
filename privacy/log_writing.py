"""Writes the rows of the access logs: one statement for a page, whichever logs it belongs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models.sql import InsertQuery

from privacy.models import ChartAccess, ListAccess


def write(charts: Sequence[ChartAccess], listed: ListAccess | None) -> None:
    """Insert all of them; triggers give each its place in the chain of its log."""
    if not charts or listed is None:
        if charts:
            ChartAccess.objects.bulk_create(charts)
        elif listed is not None:
            listed.save(force_insert=True)
        return
    first, first_values = _insertion(ChartAccess, charts)
    second, second_values = _insertion(ListAccess, [listed])
    with connection.cursor() as cursor:
        cursor.execute(f"WITH charts AS ({first}) {second}", [*first_values, *second_values])


def _insertion(model: type[models.Model], rows: Sequence[models.Model]) -> tuple[str, Sequence[Any]]:
    """Django's own statement that inserts these rows."""
    query: Any = InsertQuery(model)
    query.insert_values([each for each in model._meta.concrete_fields if not each.primary_key], rows)
    [(sql, values)] = query.get_compiler(connection=connection).as_sql()
    return sql, values
