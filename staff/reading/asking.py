"""Asking for the rows of a queryset, prepared once or written each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Prefetch, QuerySet
from django.db.transaction import TransactionManagementError

from staff.prepared import VARIANTS, Prepared, prepare, prepare_lookups
from staff.reading.parts import Question, Reading
from staff.reading.prefetching import prefetched
from staff.reading.statement import Compiled

T = TypeVar("T")
Row = TypeVar("Row", covariant=True)


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


def rows(queryset: QuerySet[Any, T] | Query[T], variant: str = "") -> Reading[list[T]]:
    """All rows, with the queryset's prefetches. Works for models, `.values()` and `.values_list()`."""
    kept: dict[str, Prepared] | None = None
    if isinstance(queryset, Query):
        prepared = queryset.prepared(variant)
        if prepared.made is None:
            return []  # it can have no row
        lookups, kept = prepared.lookups, prepared.related
        asked = Question(prepared.queryset, Compiled.filled(prepared, queryset.values))
    else:
        lookups = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
        asked = Question(queryset.prefetch_related(None) if lookups else queryset)
    (found,) = yield [asked]
    if found and lookups:
        yield from prefetched(found, lookups, kept)
    return found


def first(queryset: QuerySet[Any, T] | Query[T]) -> Reading[T | None]:
    """The first row in the queryset's own order, or None."""
    found = yield from (rows(queryset, "first") if isinstance(queryset, Query) else rows(queryset[:1]))
    return found[0] if found else None


def locked(asked: Query[T]) -> list[T]:
    """All rows of a prepared query, locked until the transaction ends: asked now and by themselves."""
    prepared = asked.prepared("locked")
    assert not prepared.lookups, "what hangs on locked rows is asked for after"
    filled = Compiled.filled(prepared, asked.values)
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
        yield from prefetched(instances, kept.lookups, kept.related)
    return instances
