"""Encrypts what is already in the database: once for a column that becomes encrypted, and anew with a newer key.

Histories and signed rows refuse every change, and the database can't tell a new ciphertext from another text. So this
is for the tables' owner alone, as a migration is: in one transaction the table is locked against other writers, its
triggers are switched off, rows are changed, and the triggers are switched on again. Nobody else can do so, and a crash
undoes all of it. What is written is read back before it counts.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from staff import field_keys
from staff.encrypted_fields import Column

AT_ONCE = 1_000  # rows of a statement


@dataclass
class Batch:
    """Some rows of a column: how many were encrypted, which could not be, and where the next ones begin."""

    done: int = 0
    last: int = 0
    is_over: bool = True
    faults: list[str] = field(default_factory=list)


@contextlib.contextmanager
def unguarded(cursor: Any, table: str) -> Iterator[None]:
    """Without the table's own triggers, for its owner, within a transaction."""
    name = sql.Identifier(table)
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(name))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing is switched off with checks outstanding
    cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    yield
    cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))


def encrypt_all(cursor: Any, columns: Iterable[Column]) -> None:
    """For migrations: encrypt every text in these columns that isn't yet."""
    for column in columns:
        with unguarded(cursor, column.table):
            found = _rows(cursor, column, "{column} <> '' AND {column} !~ {stored}", stored=field_keys.STORED)
            _write(cursor, column, ((key, _encrypted(column, row, text)) for key, row, text in found))


def decrypt_all(cursor: Any, columns: Iterable[Column]) -> None:
    """For migrations that are taken back: the texts as they were before."""
    for column in columns:
        with unguarded(cursor, column.table):
            found = _rows(cursor, column, "{column} <> ''")
            _write(
                cursor,
                column,
                ((key, field_keys.decrypt(stored, column=column.of, row=row)) for key, row, stored in found),
            )


def under_other_keys(cursor: Any, column: Column) -> int:
    """How many values are not under the newest key."""
    cursor.execute(
        sql.SQL("SELECT count(*) FROM {table} WHERE {column} <> '' AND {column} NOT LIKE {newest}").format(
            table=sql.Identifier(column.table), column=sql.Identifier(column.column), newest=sql.Literal(_newest())
        )
    )
    return int(cursor.fetchone()[0])


def rotate_batch(cursor: Any, column: Column, *, after: int, most: int) -> Batch:
    """Encrypt the next values anew that are not under the newest key. The caller's transaction is the batch."""
    with unguarded(cursor, column.table):
        found = _rows(
            cursor,
            column,
            "{column} <> '' AND {column} NOT LIKE {newest} AND {key} > {after}",
            most=most,
            newest=_newest(),
            after=after,
        )
        batch = Batch(last=found[-1][0] if found else after, is_over=len(found) < most)
        anew = []
        for key, row, stored in found:
            try:
                text = field_keys.decrypt(stored, column=column.of, row=row)
            except field_keys.Unreadable as fault:
                batch.faults.append(f"{column.table} {key}: {fault}")
            else:
                anew.append((key, _encrypted(column, row, text)))
        _write(cursor, column, anew)
        batch.done = len(anew)
    return batch


def unreadable(cursor: Any, column: Column) -> Iterator[str]:
    """Read every value of a column; what can't be read, in words."""
    after = 0
    while found := _rows(cursor, column, "{column} <> '' AND {key} > {after}", most=AT_ONCE, after=after):
        for key, row, stored in found:
            try:
                field_keys.decrypt(stored, column=column.of, row=row)
            except field_keys.Unreadable as fault:
                yield f"{column.table} {key}: {fault}"
        after = found[-1][0]


def _rows(cursor: Any, column: Column, where: str, *, most: int | None = None, **values: Any) -> list[Any]:
    """Keys, rows and values, in the order of keys."""
    names = {"key": sql.Identifier(column.key), "column": sql.Identifier(column.column)}
    cursor.execute(
        sql.SQL("SELECT {key}, {row}, {column} FROM {table} WHERE {where} ORDER BY {key} LIMIT {most}").format(
            **names,
            row=sql.Identifier(column.row),
            table=sql.Identifier(column.table),
            where=sql.SQL(where).format(**names, **{name: sql.Literal(value) for name, value in values.items()}),
            most=sql.Literal(most),
        )
    )
    return list(cursor.fetchall())


def _write(cursor: Any, column: Column, values: Iterable[tuple[int, str]]) -> None:
    rest = iter(values)
    statement = sql.SQL(
        "UPDATE {table} AS t SET {column} = v.value FROM unnest(%s::bigint[], %s::text[]) AS v (key, value)"
        " WHERE t.{key} = v.key"
    ).format(table=sql.Identifier(column.table), column=sql.Identifier(column.column), key=sql.Identifier(column.key))
    while some := list(itertools.islice(rest, AT_ONCE)):
        cursor.execute(statement, [[key for key, _ in some], [value for _, value in some]])


def _encrypted(column: Column, row: int, text: str) -> str:
    stored = field_keys.encrypt(text, column=column.of, row=row, is_findable=column.is_findable)
    if field_keys.decrypt(stored, column=column.of, row=row) != text:
        raise field_keys.Unreadable(column.of, row, "it was not encrypted as it was")
    return stored


def _newest() -> str:
    return f"{field_keys.VERSION}.{field_keys.newest()}.%"
