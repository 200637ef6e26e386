"""Queries that are built and compiled once, and then only filled with values.

Building a queryset and writing its SQL takes longer than the database takes to answer it. So a page's questions are
written once for each role, with stand-ins for rows, keys, days and moments; asking is filling in. None of the first
reader's values can stay in it: a stand-in has no value and knows only what visibility asks of the signed-in person.
A day or moment that got in by itself is refused. A query may not decide anything in Python by a stand-in.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    Model,
    Prefetch,
    QuerySet,
    Value,
)
from django.utils import timezone
from psycopg import sql
from psycopg.types.numeric import Int8
from psycopg.types.range import Range

from staff.instances import quickly

NOW = "now()"
MOST_KEPT = 5_000  # queries, of so many kinds and roles
_preparing: ContextVar[bool] = ContextVar("preparing", default=False)

VARIANTS: dict[str, Callable[[Any], Any]] = {
    "": lambda queryset: queryset,
    "first": lambda queryset: queryset[:1],
    "exists": lambda queryset: queryset.order_by().values_list("pk")[:1],
    "locked": lambda queryset: queryset.select_for_update(of=("self",), no_key=True),
}


@dataclass(frozen=True)
class Placeholder:
    """A place in the parameters of a query, to be filled."""

    name: str


class Blank(Expression):
    """Stands in for a value that is known each time the query is asked."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002
        """A parameter."""
        return "%s", [Placeholder(self.name)]

    def get_group_by_cols(self) -> list[Any]:
        """None: it is the same for all rows."""
        return []


class BlankRow(Blank):
    """Stands in for a row, by its key."""

    def __init__(self, name: str) -> None:
        super().__init__(name, BigIntegerField())

    @property
    def pk(self) -> BlankRow:
        """Itself: all that is known of a row is its key."""
        return self

    id = pk


class BlankReader(BlankRow):
    """Stands in for whoever is signed in: their role is known, who they are and of which clinic is not."""

    def __init__(self, name: str, role: str, is_active: bool) -> None:
        super().__init__(name)
        self.role, self.is_active = role, is_active

    @property
    def clinic_id(self) -> Blank:
        """Their clinic."""
        return Blank(f"{self.name}.clinic_id", BigIntegerField())


class IsOneOf(Func):
    """Whether a column is one of many keys. They are one parameter, so that a query of them can be prepared."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("

    def __init__(self, column: str, keys: Any, of: Field[Any, Any] | None = None) -> None:
        of_keys = ArrayField(of or BigIntegerField())
        given = keys if hasattr(keys, "resolve_expression") else Value(list(keys), of_keys)
        super().__init__(F(column), given, output_field=BooleanField())


class Moment(Expression):
    """Now, each time a query is asked, whenever it was written."""

    def __init__(self) -> None:
        super().__init__(output_field=DateTimeField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002
        """A parameter: the present moment, or its place in a query that is prepared."""
        return "%s", [Placeholder(NOW) if _preparing.get() else timezone.now()]

    def get_group_by_cols(self) -> list[Any]:
        """None: it is the same for all rows."""
        return []


@dataclass
class CompiledQuery:
    """SQL with its parameters, and Django's compiler, which makes objects of the rows."""

    compiler: Any
    sql: str
    params: Sequence[Any]
    columns: int
    types_key: object
    _stable_sql: str = ""
    _converters: Any = None

    def converters(self, expressions: Any) -> Any:
        """How Django's fields make values of the columns, looked up once."""
        if self._converters is None:
            self._converters = self.compiler.get_converters(expressions)
        return self._converters

    def stable_sql(self, connection: Any) -> str:
        """The SQL with a place for each value that changes, and everything else written into it.

        So the server can keep its plan: the text is the same whoever asks.
        """
        if not self._stable_sql:
            given = iter(self.params)
            parts = re.split(r"(%s|%%)", self.sql)
            self._stable_sql = "".join(_written(next(given), connection) if part == "%s" else part for part in parts)
        return self._stable_sql


def _written(param: Any, connection: Any) -> str:
    return "%s" if isinstance(param, Placeholder) else sql.Literal(param).as_string(connection).replace("%", "%%")


@dataclass(frozen=True)
class Prepared:
    """A queryset with its SQL; `made` is None if it can have no row. What it prefetches is asked next.

    `related` keeps the queries of what is prefetched, by the path that leads to it (`prepare_related`).
    """

    queryset: QuerySet[Any, Any]
    lookups: tuple[Any, ...]
    made: CompiledQuery | None
    related: dict[str, Prepared] = field(default_factory=dict)


def compile_once(queryset: QuerySet[Any, Any], *, locks: bool = False) -> CompiledQuery | None:
    """Write the SQL of a queryset. None if it can have no row."""
    assert locks or not queryset.query.select_for_update, "rows to be locked are asked for by themselves"
    compiler = queryset.query.get_compiler(queryset.db)
    try:
        text, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    compiler.klass_info = quickly(compiler.klass_info)
    if queryset.query.combinator:
        types_key: object = text
    else:
        tables = tuple((alias, table.table_name) for alias, table in queryset.query.alias_map.items())
        chosen = tuple((column, *map(type, given)) for _, (column, given), _ in compiler.select)
        types_key = chosen, tables
    return CompiledQuery(compiler, text, params, len(compiler.select), types_key)


_kept: dict[object, Prepared] = {}


def prepare(build: Callable[..., QuerySet[Any, Any]], values: dict[str, Any], variant: str) -> Prepared:
    """The query of these stand-ins, written now or before. Raises TypeError for one that can't be prepared."""
    # Django writes the name of the current time zone into `__date` and its like
    key = (
        build.__module__,
        build.__code__,
        variant,
        timezone.get_current_timezone_name(),
        tuple((name, _shape(value)) for name, value in values.items()),
    )
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        if build.__closure__ or build.__defaults__ or build.__kwdefaults__:
            raise TypeError("A prepared query gets all values by its arguments.")
        token = _preparing.set(True)
        try:
            queryset = VARIANTS[variant](build(**{name: _stand_in(name, value) for name, value in values.items()}))
            lookups = queryset._prefetch_related_lookups
            made = compile_once(queryset.prefetch_related(None) if lookups else queryset, locks=variant == "locked")
        finally:
            _preparing.reset(token)
        if any(map(_is_dated, made.params if made else ())) or any(map(_stays_dated, lookups)):
            raise TypeError("A prepared query got a day or a moment that would stay in it. Hand it in as a value.")
        found = _kept[key] = Prepared(queryset.prefetch_related(None) if lookups else queryset, tuple(lookups), made)
    return found


@dataclass(frozen=True)
class Lookups:
    """What is prefetched for rows that are already there, and the queries of it, by path (`prepare_related`)."""

    lookups: tuple[Any, ...]
    related: dict[str, Prepared] = field(default_factory=dict)


_kept_lookups: dict[object, Lookups] = {}


def prepare_lookups(build: Callable[[], Sequence[Any]]) -> Lookups:
    """These lookups, made now or before. Raises TypeError for ones that can't be kept."""
    key = (build.__module__, build.__code__, timezone.get_current_timezone_name())
    found = _kept_lookups.get(key)
    if found is None:
        lookups = tuple(build())
        if build.__closure__ or any(map(_stays_dated, lookups)):
            raise TypeError("What is prefetched by a kept query takes no values.")
        found = _kept_lookups[key] = Lookups(lookups)
    return found


def prepare_related(queryset: QuerySet[Any, Any], column: str) -> Prepared:
    """The rows of a queryset whose column is one of many keys, to be filled in as `keys`."""
    narrowed = queryset.prefetch_related(None).filter(IsOneOf(column, Blank("keys", ArrayField(BigIntegerField()))))
    return Prepared(narrowed, (), _compiled_for_any_time(narrowed))


def _compiled_for_any_time(queryset: QuerySet[Any, Any]) -> CompiledQuery | None:
    token = _preparing.set(True)
    try:
        return compile_once(queryset)
    finally:
        _preparing.reset(token)


def _is_dated(param: Any) -> bool:
    """Whether a parameter is a day or a moment, or holds one."""
    if isinstance(param, Range):
        return _is_dated([param.lower, param.upper])
    if isinstance(param, (list, tuple, set)):
        return any(map(_is_dated, param))
    return isinstance(param, datetime.date)


def _stays_dated(lookup: Any) -> bool:
    """The same of what is prefetched, which is kept as it is. It takes no values but the present moment."""
    if not isinstance(lookup, Prefetch) or lookup.queryset is None:
        return False
    made = _compiled_for_any_time(lookup.queryset.prefetch_related(None))
    return any(map(_stays_dated, lookup.queryset._prefetch_related_lookups)) or (
        made is not None
        and any(param.name != NOW if isinstance(param, Placeholder) else _is_dated(param) for param in made.params)
    )


def fill(params: Sequence[Any], values: dict[str, Any]) -> tuple[Any, ...]:
    """The parameters with the values of this time, all of them at one moment."""
    now = timezone.now()
    return tuple(_value(param.name, values, now) if isinstance(param, Placeholder) else param for param in params)


def current_values(params: Sequence[Any], values: dict[str, Any]) -> tuple[Any, ...]:
    """Only the values of this time, in their order, as types that don't depend on how large a number is."""
    now = timezone.now()
    filled = (_value(param.name, values, now) for param in params if isinstance(param, Placeholder))
    return tuple(
        [Int8(key) for key in value] if isinstance(value, list) else Int8(value) if isinstance(value, int) else value
        for value in filled
    )


def _value(name: str, values: dict[str, Any], now: datetime.datetime) -> Any:
    if name == NOW:
        return now
    name, _, attribute = name.partition(".")
    value = values[name]
    if attribute:
        return getattr(value, attribute)
    return value.pk if isinstance(value, Model) else value


def _shape(value: Any) -> object:
    """What the SQL depends on: the kind of a value, or what is given as it is."""
    if isinstance(value, Model):
        return type(value), getattr(value, "role", ""), getattr(value, "is_active", True)
    if isinstance(value, (bool, str)) or value is None:
        return type(value), value
    return type(value)


def _stand_in(name: str, value: Any) -> Any:
    if isinstance(value, Model):
        if hasattr(value, "role"):
            return BlankReader(name, value.role, getattr(value, "is_active", False))
        return BlankRow(name)
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, int):
        return Blank(name, BigIntegerField())
    if isinstance(value, datetime.datetime):
        return Blank(name, DateTimeField())
    if isinstance(value, datetime.date):
        return Blank(name, DateField())
    if isinstance(value, list):
        return Blank(name, ArrayField(BigIntegerField()))
    raise TypeError(f"{name}: {type(value).__name__} has no place in a prepared query.")
