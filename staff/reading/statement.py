"""One statement of many questions: each is a subquery, and its answer is an array of text rows.

The driver's own loaders make values of the texts, and Django's compiler makes objects of the values.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db import connections
from django.db.models import QuerySet
from psycopg import Cursor
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as LoadersOf
from psycopg.pq import Format

from staff import clinic_scope
from staff.prepared import CompiledQuery, Prepared, compile_once, current_values, fill

KEPT_COLUMN_TYPES = 2_000  # of so many kinds of query


@dataclass
class Compiled:
    """One question as SQL, and the database's answer."""

    compiler: Any
    sql: str
    params: tuple[Any, ...]
    columns: int
    types_key: object
    lines: list[tuple[Any, ...]] | None = None
    prepared: CompiledQuery | None = None
    current: tuple[Any, ...] = ()

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Compiled | None:
        """None if the queryset can have no row."""
        made = compile_once(queryset)
        return None if made is None else cls(made.compiler, made.sql, tuple(made.params), made.columns, made.types_key)

    @classmethod
    def filled(cls, prepared: Prepared, values: dict[str, Any]) -> Compiled | None:
        """A prepared question with its values of this time."""
        made = prepared.made
        if made is None:
            return None
        compiler = copy.copy(made.compiler)
        compiler.connection = connections[compiler.using]
        compiler.get_converters = made.converters
        return cls(
            compiler,
            made.sql,
            fill(made.params, values),
            made.columns,
            made.types_key,
            prepared=made,
            current=current_values(made.params, values),
        )

    @property
    def key(self) -> tuple[str, str]:
        """Equal for identical questions."""
        return self.sql, repr(self.params)

    def objects(self, queryset: QuerySet[Any, Any], lines: list[tuple[Any, ...]]) -> list[Any]:
        """The objects Django makes of these rows: its compiler gets them instead of fetching."""
        if not lines:
            return []
        self.compiler.execute_sql = lambda *args, **kwargs: [lines]  # noqa: ARG005
        own = queryset.all()
        own.query.get_compiler = lambda *args, **kwargs: self.compiler  # type: ignore[method-assign]  # noqa: ARG005
        return list(own)


_column_types: dict[object, tuple[int, ...]] = {}


@dataclass(frozen=True)
class _Executed:
    """A statement whose plan was kept, for logs: the driver forgets its text."""

    text: str
    params: Any

    @property
    def query(self) -> bytes:
        """The text, with its values behind it."""
        return f"{self.text} -- {self.params}".encode()


class _PlannedCursor(Cursor[Any]):
    """Lets the server keep the plan of what it executes (settings.DATABASES has `plan_cache_mode`)."""

    says_clinic = True

    def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
        """As a prepared statement of this connection, sent together with the clinic: one transaction."""
        with self.connection.pipeline():
            self.connection.execute(clinic_scope.statement())
            super().execute(query, params, prepare=True)
        self._query = self._query or _Executed(query, params)  # type: ignore[assignment]
        return self


def _cursor(connection: Any, *, planned: bool) -> Any:
    """Django's own cursor, or one in its wrapper that keeps plans: both are logged and watched alike."""
    if not planned:
        return connection.cursor()
    own = _PlannedCursor(connection.connection)
    return connection.make_debug_cursor(own) if connection.queries_logged else connection.make_cursor(own)


def ask(questions: Sequence[Compiled], *, keep_plan: bool = False) -> None:
    """Put all questions in one statement. Each is a subquery, and its answer is one array of text rows."""
    if not questions:
        return
    connection = connections[questions[0].compiler.using]
    parts: list[str] = []
    results: list[str] = []
    params: list[Any] = []
    types_of = [_column_types.get(question.types_key) for question in questions]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    prepared = [question.prepared for question in questions if question.prepared is not None]
    planned = keep_plan and len(prepared) == len(questions) and None not in types_of
    for place, question in enumerate(questions):
        names = [f"c{column}" for column in range(question.columns)]
        sql = prepared[place].stable_sql(connection.connection) if planned else question.sql
        parts.append(f"q{place} ({', '.join(names)}) AS MATERIALIZED ({sql})")
        params += question.current if planned else question.params
        texts = ", ".join(f"{name}::text" for name in names)
        results.append(f"(SELECT json_agg(ARRAY[{texts}]) FROM q{place})")  # noqa: S608  # nosec B608
        if types_of[place] is None:
            oids = ", ".join(f"pg_typeof({name})::oid::int8" for name in names)
            none = f"(VALUES (1)) one (row) LEFT JOIN q{place} ON false"
            results.append(f"(SELECT ARRAY[{oids}] FROM {none})")  # noqa: S608  # nosec B608
    with _cursor(connection, planned=planned) as cursor:
        # inside a SELECT: pghistory sets its context before what begins otherwise
        text = f"SELECT * FROM (WITH {', '.join(parts)} SELECT {', '.join(results)}) answers"  # noqa: S608  # nosec B608
        cursor.execute(text, params)
        found = iter(cursor.fetchone())
    transformer = LoadersOf.from_context(connection.connection)
    for place, question in enumerate(questions):
        lines = next(found)
        types = types_of[place]
        if types is None:
            if len(_column_types) >= KEPT_COLUMN_TYPES:
                _column_types.clear()
            types = _column_types[question.types_key] = tuple(next(found))
        question.lines = _lines(lines, types, transformer)


def _lines(said: Any, types: Sequence[int], transformer: Transformer) -> list[tuple[Any, ...]]:
    """Convert texts to values with the driver's own loaders."""
    if not said:
        return []
    texts = json.loads(said) if isinstance(said, str) else said
    columns = [
        _values(column, _loader(oid, transformer)) for column, oid in zip(zip(*texts, strict=True), types, strict=True)
    ]
    return list(zip(*columns, strict=True))


BOOL, INT8, INT2, INT4, TEXT, INET, VARCHAR = 16, 20, 21, 23, 25, 869, 1043


def _loader(oid: int, transformer: Transformer) -> Callable[[str], Any] | None:
    """The loader for text written by `::text`; None if the text is the value."""
    if oid in (TEXT, VARCHAR):
        return None
    if oid in (INT8, INT4, INT2):
        return int
    if oid == BOOL:
        return "true".__eq__
    if oid == INET:
        return _host
    load = transformer.get_loader(oid, Format.TEXT).load
    return lambda text: load(text.encode())


def _host(text: str) -> str:
    """A host address without its mask, which the driver does not get either."""
    address, _, mask = text.partition("/")
    return address if mask == ("128" if ":" in address else "32") else text


def _values(column: Sequence[str | None], load: Callable[[str], Any] | None) -> Sequence[Any]:
    return column if load is None else [None if text is None else load(text) for text in column]
