"""Ask the database many questions in one statement, so a page reads everything together and at one moment.

A function that reads is a generator: it yields its questions and gets the rows back.

    @reads
    def milestones(*, client: Client, staff_member: StaffMember) -> Reading[list[Milestone]]:
        returns, statements = yield from together(rows(returns_of(client)), rows(statements_of(client)))
        return ...

Called directly, `milestones(client=…, staff_member=…)` runs by itself. Inside another one,
`yield from milestones.part(client=…, staff_member=…)` sends its questions along with the others. `together` runs parts
side by side: all of their first questions are one statement, and all of their next questions are another. The number of
statements therefore shows how deeply a page's facts depend on each other, not how many facts there are. If two parts
ask the same question, it is asked once.

Rows come back as Django would have made them: its own compiler writes each query, its own iterables make the objects.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from django.db import connections
from django.db.models import ForeignKey, Model, Prefetch, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.query import get_prefetcher, normalize_prefetch_lookups, prefetch_one_level
from django.db.transaction import TransactionManagementError
from psycopg import Cursor
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as LoadersOf
from psycopg.pq import Format

from staff.prepared import (
    VARIANTS,
    CompiledQuery,
    Prepared,
    compile_once,
    current_values,
    fill,
    prepare,
    prepare_lookups,
    prepare_related,
)

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
T = TypeVar("T")
Row = TypeVar("Row", covariant=True)
P = ParamSpec("P")

WHOLE = ("AutoField", "BigAutoField", "IntegerField", "BigIntegerField")  # keys that one array of numbers holds
KEPT_COLUMN_TYPES = 2_000  # of so many kinds of query


class Query(Generic[Row]):
    """A queryset that was compiled once, with this time's values. Made by `query`."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], values: dict[str, Any]) -> None:
        self.build, self.values = build, values

    def prepared(self, variant: str = "") -> Prepared:
        """Compiled, or found compiled."""
        return prepare(self.build, self.values, variant)


def query(build: Callable[..., QuerySet[Any, T]], **values: Any) -> Query[T]:
    """A queryset that is built and compiled once for each role, and then only filled with values.

        query(lambda client, by: Trigger.objects.visible_to(by).filter(client=client), client=client, by=staff_member)

    `build` is called with stand-ins for rows, keys, days and moments (staff/prepared.py). It may only hand them to the
    ORM, and closes over no variable. Texts, choices and booleans are given as they are.
    """
    return Query(build, values)


@dataclass(frozen=True, eq=False)
class Question:
    """Rows that a function is waiting for. Its queryset prefetches nothing: `rows` asks for that next."""

    queryset: QuerySet[Any, Any]
    compiled: _Compiled | None = None


Reading = Generator[list[Question], list[list[Any]], T]


class Reads(Generic[P, T]):
    """A function that reads, called directly or as a `part` of another one."""

    def __init__(self, function: Callable[P, Reading[T]]) -> None:
        self.part = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return answer(self.part(*args, **kwargs))


def reads(function: Callable[P, Reading[T]]) -> Reads[P, T]:
    """Make a generator of questions callable like any function."""
    return Reads(function)


def answer(reading: Reading[T], *, keep_plan: bool = False) -> T:
    """Run a reading to its end: one statement for each round of questions from it and its parts.

    With `keep_plan` the server plans a statement of prepared queries once for each connection: for pages that are
    opened all day and ask about one client, where every client's plan is the same. For others, if EXPLAIN has shown
    with 100,000 clients that a plan for anyone is as good.
    """
    try:
        asked = next(reading)
        while True:
            asked = reading.send(_answers(asked, keep_plan=keep_plan))
    except StopIteration as end:
        return end.value


def rows(queryset: QuerySet[Any, T] | Query[T], variant: str = "") -> Reading[list[T]]:
    """All rows, with the queryset's prefetches. Works for models, `.values()` and `.values_list()`."""
    kept: dict[str, Prepared] | None = None
    if isinstance(queryset, Query):
        prepared = queryset.prepared(variant)
        if prepared.made is None:
            return []  # it can have no row
        lookups, kept = prepared.lookups, prepared.related
        asked = Question(prepared.queryset, _Compiled.filled(prepared, queryset.values))
    else:
        lookups = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
        asked = Question(queryset.prefetch_related(None) if lookups else queryset)
    (found,) = yield [asked]
    if found and lookups:
        yield from _prefetched(found, lookups, kept)
    return found


def first(queryset: QuerySet[Any, T] | Query[T]) -> Reading[T | None]:
    """The first row in the queryset's own order, or None."""
    found = yield from (rows(queryset, "first") if isinstance(queryset, Query) else rows(queryset[:1]))
    return found[0] if found else None


def locked(asked: Query[T]) -> list[T]:
    """All rows of a prepared query, locked until the transaction ends: asked now and by themselves."""
    prepared = asked.prepared("locked")
    assert not prepared.lookups, "what hangs on locked rows is asked for after"
    filled = _Compiled.filled(prepared, asked.values)
    if filled is None:
        return []
    connection = filled.compiler.connection
    if not connection.in_atomic_block:
        raise TransactionManagementError("Rows are locked inside a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(filled.sql, filled.params)
        return filled.objects(prepared.queryset, cursor.fetchall())


def exists(queryset: QuerySet[Any, Any] | Query[Any]) -> Reading[bool]:
    """Whether there is one."""
    if isinstance(queryset, Query):
        found: list[Any] = yield from rows(queryset, "exists")
    else:
        found = yield from rows(VARIANTS["exists"](queryset))
    return bool(found)


def attached(instances: list[T], build: Callable[[], Sequence[Prefetch[Any, Any, Any]]]) -> Reading[list[T]]:
    """These rows, with what the lookups prefetch: for rows whose own query is another one each time.

    `build` is called once and takes no values, so that its queries are written once.
    """
    if instances:
        kept = prepare_lookups(build)
        yield from _prefetched(instances, kept.lookups, kept.related)
    return instances


def known(value: T) -> Reading[T]:
    """A part that needs no question: returns the value at once."""
    return value
    yield []


@overload
def together(one: Reading[A], two: Reading[B], /) -> Reading[tuple[A, B]]: ...
@overload
def together(one: Reading[A], two: Reading[B], three: Reading[C], /) -> Reading[tuple[A, B, C]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], /
) -> Reading[tuple[A, B, C, D]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], five: Reading[E], /
) -> Reading[tuple[A, B, C, D, E]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], five: Reading[E], six: Reading[F], /
) -> Reading[tuple[A, B, C, D, E, F]]: ...
def together(*readings: Reading[Any]) -> Reading[tuple[Any, ...]]:
    """Run several side by side, each with its own type; returns the answers in order."""
    found = yield from each(readings)
    return tuple(found)


def each(readings: Iterable[Reading[T]]) -> Reading[list[T]]:
    """Run any number side by side; returns the answers in order."""
    running = list(readings)
    ended: dict[int, T] = {}
    waiting: dict[int, list[Question]] = {}
    for place, reading in enumerate(running):
        _step(reading, None, place, waiting, ended)
    while waiting:
        asked = waiting
        answers = yield [question for questions in asked.values() for question in questions]
        waiting, start = {}, 0
        for place, questions in asked.items():
            own, start = answers[start : start + len(questions)], start + len(questions)
            _step(running[place], own, place, waiting, ended)
    return [ended[place] for place in range(len(running))]


def _step(
    reading: Reading[T],
    answers: list[list[Any]] | None,
    place: int,
    waiting: dict[int, list[Question]],
    ended: dict[int, T],
) -> None:
    try:
        waiting[place] = next(reading) if answers is None else reading.send(answers)
    except StopIteration as end:
        ended[place] = end.value


def _answers(asked: Sequence[Question], *, keep_plan: bool = False) -> list[list[Any]]:
    """The rows of each question."""
    if len(asked) == 1 and asked[0].compiled is None:
        return [list(asked[0].queryset)]
    compiled = [question.compiled or _Compiled.of(question.queryset) for question in asked]
    _ask(list({each.key: each for each in compiled if each is not None}.values()), keep_plan=keep_plan)
    by_key = {each.key: each for each in compiled if each is not None and each.lines is not None}
    return [
        [] if made is None else made.objects(question.queryset, by_key[made.key].lines or [])
        for question, made in zip(asked, compiled, strict=True)
    ]


@dataclass
class _Compiled:
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
    def of(cls, queryset: QuerySet[Any, Any]) -> _Compiled | None:
        """None if the queryset can have no row."""
        made = compile_once(queryset)
        return None if made is None else cls(made.compiler, made.sql, tuple(made.params), made.columns, made.types_key)

    @classmethod
    def filled(cls, prepared: Prepared, values: dict[str, Any]) -> _Compiled | None:
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

    def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
        """As a prepared statement of this connection."""
        super().execute(query, params, prepare=True)
        self._query = self._query or _Executed(query, params)  # type: ignore[assignment]
        return self


def _cursor(connection: Any, *, planned: bool) -> Any:
    """Django's own cursor, or one in its wrapper that keeps plans: both are logged and watched alike."""
    if not planned:
        return connection.cursor()
    own = _PlannedCursor(connection.connection)
    return connection.make_debug_cursor(own) if connection.queries_logged else connection.make_cursor(own)


def _ask(questions: Sequence[_Compiled], *, keep_plan: bool = False) -> None:
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


def _prefetched(
    instances: list[Any], lookups: Sequence[Any], kept: dict[str, Prepared] | None, path: str = ""
) -> Reading[None]:
    """Load the related rows of these rows and attach them, as prefetch_related does.

    `kept` has what the same lookups asked before, by path: a prepared query always prefetches the same.
    """
    pending = normalize_prefetch_lookups(lookups)
    starts: dict[str, tuple[Prefetch[Any, Any, Any] | None, list[Prefetch[Any, Any, Any]]]] = {}
    for lookup in pending:
        name, _, rest = lookup.prefetch_through.partition(LOOKUP_SEP)
        own, later = starts.get(name, (None, []))
        if rest:
            to_attr = lookup.prefetch_to.rpartition(LOOKUP_SEP)[2]
            to_attr = "" if to_attr == lookup.prefetch_through.rpartition(LOOKUP_SEP)[2] else to_attr
            later = [*later, Prefetch(rest, queryset=lookup.queryset, to_attr=to_attr or None)]
            starts[name] = (own, later)
        elif lookup.prefetch_to != name:
            starts[f"{name} {lookup.to_attr}"] = (lookup, [])
        else:
            starts[name] = (lookup, later)
    yield from each(
        _one_level(instances, key.partition(" ")[0], *how, kept, f"{path}/{key}") for key, how in starts.items()
    )


def _one_level(
    instances: list[Any],
    name: str,
    lookup: Prefetch[Any, Any, Any] | None,
    later: list[Prefetch[Any, Any, Any]],
    kept: dict[str, Prepared] | None,
    path: str,
) -> Reading[None]:
    lookup = lookup or Prefetch(name)
    for instance in instances:
        instance.__dict__.setdefault("_prefetched_objects_cache", {})
    to_attr = lookup.get_current_to_attr(0)[0]
    prefetcher, _, _, is_fetched = get_prefetcher(instances[0], name, to_attr)
    if prefetcher is None or all(is_fetched(instance) for instance in instances):  # type: ignore[operator]
        related = [_value(instance, to_attr) for instance in instances]
        found = [one for some in related for one in some]
    else:
        given = lookup.get_current_querysets(0)
        base: Any = given[0] if given else _related(prefetcher, instances[0])
        # a row by itself, of two parts, is no loop over rows: the N+1 watch of the tests would take it for one
        instances = instances if len(instances) > 1 else instances * 2
        link = None if kept is None else _link(prefetcher, base)
        if kept is not None and link is not None:
            found = yield from _kept_rows(kept, path, *link, instances)
        else:
            narrowed = prefetcher.get_prefetch_querysets(instances, [_whose_rows_are([], base)])[0]
            found = yield from rows(_like(narrowed, base.__class__))
        lookup = Prefetch(name, queryset=_whose_rows_are(found, base), to_attr=to_attr if to_attr != name else None)
        prefetch_one_level(instances, prefetcher, lookup, 0)
        later = [*base._prefetch_related_lookups, *later]
    if found and later:
        yield from _prefetched(found, later, kept, path)


def _link(prefetcher: Any, base: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], str, str] | None:
    """How related rows are found by one number: which rows, their column, whose attribute it is. None if otherwise."""
    related = getattr(prefetcher, "field", None)
    if not isinstance(related, ForeignKey) or base.query.is_sliced:
        return None
    key = related.foreign_related_fields[0]
    if key.get_internal_type() not in WHOLE:
        return None
    if hasattr(prefetcher, "is_cached"):  # to one, whose order does not matter
        return (base.order_by(), key.attname, related.attname) if key.model is base.model else None
    return (base, related.attname, key.attname) if related.model is base.model else None


def _kept_rows(
    kept: dict[str, Prepared], path: str, base: QuerySet[Any, Any], column: str, attribute: str, instances: list[Any]
) -> Reading[list[Any]]:
    """The related rows of these, by a query that is written once."""
    prepared = kept.get(path)
    if prepared is None:
        prepared = kept[path] = prepare_related(base, column)
    keys = {getattr(instance, attribute) for instance in instances} - {None}
    (found,) = yield [Question(prepared.queryset, _Compiled.filled(prepared, {"keys": sorted(keys)}))]
    return found


def _related(prefetcher: Any, instance: Model) -> QuerySet[Any, Any]:
    """All rows of a prefetched relation: to-one relations are descriptors, to-many relations are managers."""
    if hasattr(prefetcher, "model"):
        return prefetcher.model._default_manager.get_queryset()
    return prefetcher.get_queryset(instance=instance)


def _whose_rows_are(found: list[Any], queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The same queryset with its rows already read: Django filters it without querying the database again.

    A prefetch reads immediately. So it runs once on no rows, to learn what it would ask, and once more on the answer.
    """

    def fetch_all(self: Any) -> None:
        if self._result_cache is None:
            self._result_cache = list(found)

    return _like(queryset, type(f"Read{type(queryset).__name__}", (type(queryset),), {"_fetch_all": fetch_all}))


def _like(queryset: Any, of_class: type[Any]) -> QuerySet[Any, Any]:
    """The same question by a queryset of a class, without what was hung on the instance (zeal does, in tests)."""
    own = of_class(model=queryset.model, query=queryset.query.chain(), using=queryset._db, hints=queryset._hints)
    own._known_related_objects = queryset._known_related_objects
    own._iterable_class, own._fields = queryset._iterable_class, queryset._fields
    return own


def _value(instance: Model, name: str) -> list[Any]:
    value = getattr(instance, name)
    if value is None:
        return []
    return [value] if isinstance(value, Model) else list(value.all() if hasattr(value, "all") else value)
