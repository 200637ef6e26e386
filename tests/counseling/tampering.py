"""Helpers that change signed rows with the triggers disabled, as only the owner of the tables can."""

from __future__ import annotations

from django.db import connection

from tests.ownership import as_owner


def behind_the_triggers(table: str, sql: str, *params: object) -> None:
    """Run one statement on a table as its owner could, and leave the table guarded as it was."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
