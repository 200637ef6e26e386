"""Chains of goals and homework that were carried over, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

from counseling.models import Goal, Homework
from staff.reading import Reading, query, reads, rows

Carried = TypeVar("Carried", Goal, Homework)


@reads
def lineages(carried: Sequence[Carried]) -> Reading[dict[int, list[Carried]]]:
    """Each row's chain of predecessors for one client; one query for all, none if nothing was carried over.

    Rows that belong to another person again after an unmerge are left out.
    """
    if not any(row.carried_from_id for row in carried):
        return {row.pk: [] for row in carried}
    known = yield from rows(query(_that_may_precede, kind=carried[0]._meta.model_name, client_id=carried[0].client_id))
    return chains(carried, known)


def _that_may_precede(kind: str, client_id: Any) -> QuerySet[Any]:
    """All that one client's chains are made of."""
    model: Any = {"goal": Goal, "homework": Homework}[kind]
    found: QuerySet[Any] = model._default_manager.filter(client=client_id).select_related("episode__program")
    return found


def chains(carried: Iterable[Carried], known: Iterable[Carried]) -> dict[int, list[Carried]]:
    """For each row, its chain of predecessors among those known; no query."""
    by_number = {row.pk: row for row in known}
    return {row.pk: _before(row, by_number) for row in carried}


def _before(row: Carried, known: dict[int, Carried]) -> list[Carried]:
    chain: list[Carried] = []
    parent = known.get(row.carried_from_id or 0)
    while parent is not None and parent not in chain:
        chain.append(parent)
        parent = known.get(parent.carried_from_id or 0)
    return chain[::-1]
