"""Chains of goals and homework that were carried over, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from counseling.models import Goal, Homework

Carried = TypeVar("Carried", Goal, Homework)


def lineages(rows: Sequence[Carried]) -> dict[int, list[Carried]]:
    """Each row's chain of predecessors for one client; one query for all, none if nothing was carried over.

    Rows that belong to another person again after an unmerge are left out.
    """
    if not any(row.carried_from_id for row in rows):
        return {row.pk: [] for row in rows}
    of_client = type(rows[0])._default_manager.filter(client=rows[0].client_id).select_related("episode__program")
    known = {row.pk: row for row in of_client}
    return {row.pk: _before(row, known) for row in rows}


def _before(row: Carried, known: dict[int, Carried]) -> list[Carried]:
    chain: list[Carried] = []
    parent = known.get(row.carried_from_id or 0)
    while parent is not None and parent not in chain:
        chain.append(parent)
        parent = known.get(parent.carried_from_id or 0)
    return chain[::-1]
