"""Whose a row is that was made while two records were one, once they are two again: it goes where its ties go.

One rule over Django's relations, so this app needs to know nothing of the apps above it. A row in an episode is of the
episode's client. Any other goes with the rows that it points to (a visit with its referral, a disclosure with its
consent), also by way of rows that name no client (a report with the plan of its private link); or else with those that
point to it (a disclosure with the step of a referral). What hangs on nothing, or on rows of both, stays. What is known
by other means than a relation is asked of the apps above (settings.MERGE_FOLLOWERS).

Only rows made since the merge move: each one's primary key is above the highest that the joined record had then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from django.conf import settings
from django.db import models
from django.db.models import Max
from django.utils.module_loading import import_string

from cases.models import Client, ClientMerge, TreatmentEpisode

from .moving import move, relations

Rows = dict[str, list[int]]
# A row's key, the row that it hangs on, and whose that is.
_Tie = tuple[int, tuple[type[models.Model], int], int]
# Which stay came before is derived anew (cases.episodes.earlier_stays), and says nothing of whose the later one is.
_DERIVED = {(TreatmentEpisode, "prior_episode")}


def marks(client_id: int) -> dict[str, int]:
    """The highest key in each relation of a joined record: what is above it was made later."""
    found = {}
    for model, column in relations():
        last = model._base_manager.filter(**{column: client_id}).aggregate(last=Max("pk"))["last"]
        found[name_of(model, column)] = last or 0
    return found


def name_of(model: type[models.Model], column: str) -> str:
    """How a relation is called in `ClientMerge.moved`."""
    return f"{model._meta.label}.{column}"


def follow(*, keep_id: int, absorb_id: int, since: Mapping[str, int]) -> Rows:
    """Move what was made since the merge and hangs on a row of the absorbed record, which is back by now.

    `since` are the `marks` of the merge. Returns what moved, by relation.
    """
    open_ = _Open(keep_id, absorb_id, since)
    while open_.decide():
        pass
    return {name: sorted(ids) for name, ids in open_.went.items()}


class _Open:
    """The rows of the kept record of which it is not decided yet whose they are."""

    def __init__(self, keep_id: int, absorb_id: int, since: Mapping[str, int]) -> None:
        self.keep, self.absorb = keep_id, absorb_id
        self.went: dict[str, set[int]] = defaultdict(set)
        self.rows: dict[tuple[type[models.Model], str], set[int]] = {}
        for model, column in relations():
            if (last := since.get(name_of(model, column))) is not None:
                made = model._base_manager.filter(**{column: keep_id}, pk__gt=last)
                if ids := set(made.values_list("pk", flat=True)):
                    self.rows[model, column] = ids

    def decide(self) -> bool:
        """One round. False if it decided nothing: then what is left stays."""
        return self._by_rows(_pointed_to) or self._by_rows(_pointing) or self._by_apps()

    def _by_rows(self, hangs_on: Callable[[type[models.Model], set[int]], Iterator[_Tie]]) -> bool:
        """By the rows that each hangs on, as far as it is known whose those are."""
        decided = False
        for (model, column), ids in self.rows.items():
            owners: dict[int, set[int]] = defaultdict(set)
            for pk, (parent, parent_pk), owner in hangs_on(model, ids):
                if owner == self.absorb or (owner == self.keep and not self._is_open(parent, parent_pk)):
                    owners[pk].add(owner)
            if owners:
                decided = True
                ids.difference_update(owners)
                self._go(model, column, {pk for pk, whose in owners.items() if whose == {self.absorb}})
        return decided

    def _by_apps(self) -> bool:
        """By what the apps above know (settings.MERGE_FOLLOWERS)."""
        told: dict[str, set[int]] = defaultdict(set)
        for path in settings.MERGE_FOLLOWERS:
            for name, ids in import_string(path)(here=self.keep, there=self.absorb).items():
                told[name].update(ids)
        before = sum(len(ids) for ids in self.went.values())
        for (model, column), ids in self.rows.items():
            found = ids & told[name_of(model, column)]
            ids -= found
            self._go(model, column, found)
        return sum(len(ids) for ids in self.went.values()) > before

    def _go(self, model: type[models.Model], column: str, ids: set[int]) -> None:
        move(model, column, self.keep, self.absorb, sorted(ids))
        if ids:
            self.went[name_of(model, column)] |= ids

    def _is_open(self, model: type[models.Model], pk: int) -> bool:
        return any(pk in ids for (other, _), ids in self.rows.items() if other is model)


def _pointed_to(model: type[models.Model], ids: set[int]) -> Iterator[_Tie]:
    """What rows point to. In an episode, that alone."""
    paths = paths_of(model)
    if "episode" in paths:
        yield from _read(model, "pk", ids, "episode", TreatmentEpisode)
        ids = set(model._base_manager.filter(pk__in=ids, episode=None).values_list("pk", flat=True))
    for path, other in paths.items():
        if path != "episode" and (model, path) not in _DERIVED:
            yield from _read(model, "pk", ids, path, other)


def _pointing(model: type[models.Model], ids: set[int]) -> Iterator[_Tie]:
    """What points to rows: rows with a client, and those of others that name none, by what else they point to."""
    for relation in model._meta.get_fields(include_hidden=True):
        other = relation.related_model
        if relation.concrete or not (relation.one_to_many or relation.one_to_one) or not isinstance(other, type):
            continue
        if hasattr(other, "pgh_tracked_model") or other in (Client, ClientMerge):
            continue
        back = relation.field.name  # type: ignore[union-attr]
        if (other, back) in _DERIVED:
            continue
        if other in of_clients():
            yield from _read(other, back, ids, "", other)
        else:
            for path, parent in paths_of(other).items():
                if path.split("__")[0] != back:
                    yield from _read(other, back, ids, path, parent)


def _read(
    model: type[models.Model], which: str, ids: set[int], path: str, parent: type[models.Model]
) -> Iterator[_Tie]:
    """For each of these ids, found in the column `which`: the row at `path`, and its client."""
    if not ids:
        return
    key, client = (f"{path}__pk", f"{path}__{of_clients()[parent]}") if path else ("pk", of_clients()[parent])
    found = model._base_manager.filter(**{f"{which}__in": ids, f"{client}__isnull": False})
    for pk, parent_pk, owner in found.order_by().values_list(which, key, client):
        yield pk, (parent, parent_pk), owner


@cache
def of_clients() -> dict[type[models.Model], str]:
    """The models whose rows are a client's, with the column that says whose."""
    found: dict[type[models.Model], str] = {}
    for model, column in relations():
        found.setdefault(model, column)
    return found


@cache
def paths_of(model: type[models.Model]) -> dict[str, type[models.Model]]:
    """Each path from a model to a client's row besides the client itself; by way of rows without a client, too, as far
    as each of those has to point on.
    """
    return dict(_walk(model, "", (model,)))


def _walk(
    model: type[models.Model], path: str, by_way_of: tuple[type[models.Model], ...]
) -> Iterator[tuple[str, type[models.Model]]]:
    for field in model._meta.concrete_fields:
        other = field.related_model
        if not isinstance(other, type) or other is Client or (path and field.null):
            continue
        here = f"{path}__{field.name}" if path else field.name
        if other in of_clients():
            yield here, other
        elif other not in by_way_of:
            yield from _walk(other, here, (*by_way_of, other))
