"""What a database holds, so that two can be compared: of each table the number of rows and a hash over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

WHOLE = ("int2", "int4", "int8")


@dataclass(frozen=True)
class Contents:
    """Tables with rows and hash, sequences with their last number."""

    tables: dict[str, tuple[int, str]]
    sequences: dict[str, int]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Self:
        """Read every table of the connection's database, row by row, in the transaction that it is in."""
        tables = {table: _hashed(connection, table) for table in _tables(connection)}
        found = connection.execute(
            "SELECT sequencename::text, coalesce(last_value, 0) FROM pg_sequences"
            " WHERE schemaname = 'public' ORDER BY 1"
        )
        return cls(tables, {str(name): int(last) for name, last in found})

    def stored(self) -> dict[str, Any]:
        """For the backup."""
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """Back from it."""
        return cls({name: (int(rows), str(end)) for name, (rows, end) in stored["tables"].items()}, stored["sequences"])

    @property
    def rows(self) -> int:
        """In all tables."""
        return sum(rows for rows, _ in self.tables.values())


def differences(before: Contents, now: Contents) -> Iterator[str]:
    """What is not as it was, a sentence for each table."""
    for table in sorted({*before.tables, *now.tables}):
        was, found = before.tables.get(table), now.tables.get(table)
        if found is None:
            yield f"{table}: the table is missing."
        elif was is None:
            yield f"{table}: the backup has no such table."
        elif was[0] != found[0]:
            yield f"{table}: {found[0]} rows, the backup has {was[0]}."
        elif was[1] != found[1]:
            yield f"{table}: {found[0]} rows as in the backup, but not the same ones."
    for name, last in sorted(before.sequences.items()):
        if now.sequences.get(name, -1) < last:
            yield f"{name}: the next number would be one that was given already."


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """Whether nobody has made anything in the database yet; what belongs to extensions doesn't count."""
    found = connection.execute(
        """
        SELECT EXISTS (
            SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        )
        """
    ).fetchone()
    return found is not None and not found[0]


def server_version(connection: psycopg.Connection[Any]) -> int:
    """The server's major version."""
    return connection.info.server_version // 10_000


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [str(name) for (name,) in found]


def _hashed(connection: psycopg.Connection[Any], table: str) -> tuple[int, str]:
    """In the order of its key, whatever the database's language; in the order of whole rows if there is none."""
    key = connection.execute(
        """
        SELECT a.attname::text, t.typname::text FROM pg_index i
        JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) ON true
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE i.indrelid = format('public.%%I', %s::text)::regclass AND i.indisprimary ORDER BY k.place
        """,
        [table],
    ).fetchall()
    order: list[sql.Composable] = [
        sql.SQL("{}" if kind in WHOLE else '{}::text COLLATE "C"').format(sql.Identifier("t", name))
        for name, kind in key
    ] or [sql.SQL('t::text COLLATE "C"')]
    asked = sql.SQL("COPY (SELECT t.* FROM {} AS t ORDER BY {}) TO STDOUT").format(
        sql.Identifier("public", table), sql.SQL(", ").join(order)
    )
    digest, rows = hashlib.sha256(), 0
    with connection.cursor() as cursor, cursor.copy(asked) as copying:
        for some in copying:
            digest.update(some)
            rows += bytes(some).count(b"\n")  # COPY writes a line end in a value as two characters
    return rows, digest.hexdigest()
