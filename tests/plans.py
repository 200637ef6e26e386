"""Query plans on tables of a few rows, where any index would do: only the one in question is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from tests.ownership import as_owner


def plan_of(rows: QuerySet[Model]) -> str:
    """How the database would read it. A table is read whole only if no index helps."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.explain())


def leave_only(index: str, model: type[Model], *, besides: str = "") -> None:
    """Drop the model's other indexes, but for keys and constraints, until the test's transaction is rolled back.

    `besides` is a column whose own index stays, too. What autovacuum learned from the rows of earlier tests is
    forgotten: with a single row known, the primary key looks as good as any index.
    """
    with as_owner(), connection.cursor() as cursor:
        if connection.pg_version >= 180000:  # type: ignore[attr-defined]  # before, nobody but a superuser can
            cursor.execute(
                "SELECT pg_clear_relation_stats(n.nspname::text, c.relname::text),"
                " pg_clear_attribute_stats(n.nspname::text, c.relname::text, a.attname::text, false)"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_attribute a ON a.attrelid = c.oid"
                " WHERE c.oid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
                [model._meta.db_table],
            )
        cursor.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass"
            " AND NOT i.indisunique AND NOT i.indisexclusion AND c.relname <> %s"
            " AND pg_get_indexdef(c.oid) NOT LIKE %s",
            [model._meta.db_table, index, f"%({besides})" if besides else ""],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')


@contextmanager
def only(index: str, model: type[Model]) -> Iterator[None]:
    """The same for a few lines: afterwards all indexes are there again."""
    with transaction.atomic():
        leave_only(index, model)
        yield
        transaction.set_rollback(True)
