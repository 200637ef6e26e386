"""Rows by COPY: many at once, with what the models would have filled in.

`lean` is for a database that nobody uses yet: indexes and foreign keys are taken off the tables, their triggers are
switched off, and all of it is put back at the end. The foreign keys are checked when they return, the history rows that
the triggers would have written are copied in one statement a table. CHECK, UNIQUE and EXCLUDE constraints stay on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from psycopg import sql

from staff import row_security

Row = Sequence[Any]


def copy(model: type[models.Model], columns: str, rows: Iterable[Row]) -> None:
    """Insert rows that hold these columns, named as in SQL but without commas. JSON comes as text.

    The model's defaults fill the others.
    """
    given = columns.split()
    rest = {
        str(field.column): _default(field)
        for field in model._meta.concrete_fields
        if field.column not in given
        and not (field.generated or field.primary_key or field.has_db_default())  # PostgreSQL fills these
    }
    names: list[sql.Composable] = [sql.Identifier(each) for each in (*given, *rest)]
    filled = tuple(rest.values())
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), sql.SQL(", ").join(names))
    with connection.cursor() as cursor, cursor.copy(command) as copying:
        for row in rows:
            copying.write_row((*row, *filled))


def _default(field: models.Field[Any, Any]) -> Any:
    if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
        return timezone.now()
    value = field.get_default()
    return json.dumps(value) if isinstance(field, models.JSONField) and value is not None else value


def number_on(used: Iterable[type[models.Model]]) -> None:
    """Let the next row of each table have the number after the highest one."""
    with connection.cursor() as cursor:
        for model in used:
            table = model._meta.db_table
            cursor.execute(
                f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max(id), 0) + 1, false) FROM "{table}"',
                [table, "id"],
            )


def analyze() -> None:
    """As autovacuum would have done by then."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def history_of(model: type[models.Model]) -> type[models.Model] | None:
    """The table into which its triggers write."""
    return next((each for each in apps.get_models() if getattr(each, "pgh_tracked_model", None) is model), None)


@contextmanager
def copied(filled: Sequence[type[models.Model]]) -> Iterator[None]:
    """COPY fills no table whose policies bind who copies: they do not bind the owner meanwhile."""
    tables = [each._meta.db_table for each in filled]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


@contextmanager
def lean(filled: Sequence[type[models.Model]]) -> Iterator[None]:
    """Fill these tables without their indexes, foreign keys and triggers, then have everything as it was."""
    histories = [(model, event) for model in filled if (event := history_of(model))]
    tables = [each._meta.db_table for each in (*filled, *(event for _, event in histories))]
    bound = row_security.bindings()
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        keys, indexes = _foreign_keys(tables), _indexes(tables)
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        for _, name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER')
            if bound[table].parents:  # whose clinic it is stays the database's to say
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{row_security.TRIGGER}"')
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, event in histories:
            _copy_history(model, event)
        for _, _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER')
        cursor.execute("RESET maintenance_work_mem")


def _copy_history(model: type[models.Model], event: type[models.Model]) -> None:
    tracked = {field.column for field in model._meta.concrete_fields}
    kept = ", ".join(f'"{field.column}"' for field in event._meta.concrete_fields if field.column in tracked)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{event._meta.db_table}" (pgh_created_at, pgh_label, pgh_obj_id, {kept})'
            f" SELECT now(), 'insert', id, {kept} FROM \"{model._meta.db_table}\""
        )


def _foreign_keys(tables: Sequence[str]) -> list[tuple[str, str, str]]:
    return _rows(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        tables,
    )


def _indexes(tables: Sequence[str]) -> list[tuple[str, str, str]]:
    return _rows(
        "SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text = ANY(%s) AND NOT indisunique"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        tables,
    )


def _rows(query: str, tables: Sequence[str]) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [list(tables)])
        return [(str(first), str(second), str(third)) for first, second, third in cursor.fetchall()]
