"""What rows prefetch, as questions of the next round: to-one and to-many relations, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import ForeignKey, Model, Prefetch, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.query import get_prefetcher, normalize_prefetch_lookups, prefetch_one_level

from staff.prepared import Prepared, prepare_related
from staff.reading.parts import Question, Reading, each
from staff.reading.statement import Compiled

WHOLE = ("AutoField", "BigAutoField", "IntegerField", "BigIntegerField")  # keys that one array of numbers holds


def prefetched(
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
            (found,) = yield [Question(_like(narrowed, base.__class__))]
        lookup = Prefetch(name, queryset=_whose_rows_are(found, base), to_attr=to_attr if to_attr != name else None)
        prefetch_one_level(instances, prefetcher, lookup, 0)
        later = [*base._prefetch_related_lookups, *later]
    if found and later:
        yield from prefetched(found, later, kept, path)


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
    (found,) = yield [Question(prepared.queryset, Compiled.filled(prepared, {"keys": sorted(keys)}))]
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
