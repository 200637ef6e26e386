"""Combine two wordings of one trigger, warning sign or strategy, and undo it exactly.

Every row that refers to the other wording then refers to the kept one. The relations are Django's own, as in
cases.merging, so this app needs to know nothing of the apps above it. The other row stays as an alias that nothing
refers to. The exception: if one place noted both, the other's note stays there, hidden, until the two are separated.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import formats, timezone

from cases.models import CopingStrategy, LearnedJoin, LearnedKind, Relapse, RelapseCoping, Trigger, WarningSign
from cases.models.recovery.learning import Learned
from cases.row_changes import Change, changed
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

MODELS: dict[LearnedKind, type[Trigger] | type[WarningSign] | type[CopingStrategy]] = {
    LearnedKind.TRIGGER: Trigger,
    LearnedKind.SIGN: WarningSign,
    LearnedKind.STRATEGY: CopingStrategy,
}
_FILLED_IF_EMPTY = ("situation", "strength")


class NotTheSameKind(Refusal):
    """A trigger and a strategy, say."""

    sentence = "Combine two of the same kind: two triggers, two warning signs or two strategies."


class NotTheSamePerson(Refusal):
    """The wordings belong to two people."""

    sentence = "These belong to two different clients and can’t be combined."


class NotTwoWordings(Refusal):
    """Fewer than two rows, or one already combined."""

    sentence = "Choose two that have not been combined."


class TriedWithTwoOutcomes(Refusal):
    """Both were tried in one return to use with different results."""


class AlreadySeparated(Refusal):
    """A join that was undone."""

    sentence = "These are already separate."


class MergedFurther(Refusal):
    """Combined wordings must be separated in reverse order."""

    sentence = "The wording you kept was later combined with another. Separate those first."


def kind_of(item: Learned) -> LearnedKind:
    """Which list it belongs to."""
    return next(kind for kind, model in MODELS.items() if isinstance(item, model))


def relations(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every table and column that points to rows of one list, in any app; history is left alone."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        related = relation.related_model
        if isinstance(related, type) and not hasattr(related, "pgh_tracked_model"):
            yield related, relation.field.name  # type: ignore[union-attr]


def merge_wordings(*, keep: Learned, other: Learned, by: StaffMember) -> LearnedJoin:
    """Combine two wordings of one item. The other stays as an alias; entering it again finds the kept one.

    The earlier first day counts; the item is current if either is. Raises NotPermitted, NotTheSameKind,
    NotTheSamePerson, NotTwoWordings, TriedWithTwoOutcomes.
    """
    demand(by, Permission.RELAPSE_RECORD, keep.client)
    demand(by, Permission.RELAPSE_RECORD, other.client)
    if type(keep) is not type(other):
        raise NotTheSameKind
    if keep.client_id != other.client_id:
        raise NotTheSamePerson
    model = type(keep)
    with act("cases.join_learned", by=by, client=keep.client) as entry:
        rows = _locked(model, keep.pk, other.pk)
        if keep.pk == other.pk or any(row.joined_into_id for row in rows.values()):
            raise NotTwoWordings
        kept, joined = rows[keep.pk], rows[other.pk]
        _check_outcomes(kept, joined)
        changes = _bring_together(kept, joined)
        moved = {
            f"{related._meta.label}.{column}": ids
            for related, column in relations(model)
            if (ids := _move(related, column, joined.pk, kept.pk))
        }
        model._base_manager.filter(pk=joined.pk).update(joined_into=kept.pk)
        record = LearnedJoin.objects.create(
            client_id=kept.client_id, kind=kind_of(kept), kept_id=kept.pk, joined_id=joined.pk, wording=joined.wording,
            moved={"rows": moved, "changes": [change.stored() for change in changes]},
            joined_at=timezone.now(), joined_by=by,
        )  # fmt: skip
        entry.about(record, kept=kept.pk, joined=joined.pk, moved={name: len(ids) for name, ids in moved.items()})
    keep.refresh_from_db(from_queryset=model._base_manager.all())
    return record


def separate_wordings(*, join: LearnedJoin, by: StaffMember) -> LearnedJoin:
    """Separate two wordings: each row and each value goes back to what it was.

    Anything noted since then stays with the kept one; a value that someone changed since then stays changed. Raises
    NotPermitted, AlreadySeparated, MergedFurther.
    """
    demand(by, Permission.RELAPSE_RECORD, join.client)
    with act("cases.separate_learned", by=by, client=join.client) as entry:
        join = LearnedJoin.objects.select_for_update().get(pk=join.pk)
        if join.undone_at is not None:
            raise AlreadySeparated
        model = MODELS[LearnedKind(join.kind)]
        rows = _locked(model, join.kept_id, join.joined_id)
        if rows[join.kept_id].joined_into_id is not None:
            raise MergedFurther
        model._base_manager.filter(pk=join.joined_id).update(joined_into=None)
        for name, ids in join.moved.get("rows", {}).items():
            label, _, column = name.rpartition(".")
            related = apps.get_model(label)
            related._base_manager.filter(pk__in=ids, **{column: join.kept_id}).update(**{column: join.joined_id})
        for stored in reversed(join.moved.get("changes", [])):
            Change.read(stored).undo()
        join.undone_at, join.undone_by = timezone.now(), by
        join.save(update_fields=["undone_at", "undone_by"])
        entry.about(join, kept=join.kept_id, joined=join.joined_id)
    return join


def _locked(model: type[Learned], *ids: int) -> dict[int, Learned]:
    """Lock the rows, always in the same order, to prevent deadlocks."""
    found = model._base_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in found}


def _check_outcomes(kept: Learned, joined: Learned) -> None:
    if not isinstance(kept, CopingStrategy):
        return
    outcomes = dict(RelapseCoping.objects.filter(strategy=kept.pk).values_list("relapse", "outcome"))
    for relapse, outcome in RelapseCoping.objects.filter(strategy=joined.pk).values_list("relapse", "outcome"):
        if outcomes.get(relapse, outcome) != outcome:
            day = formats.date_format(Relapse.everything.get(pk=relapse).started_on, "M j, Y")
            raise TriedWithTwoOutcomes(
                f"Both were tried in the return to use of {day}, with different results. Correct one first."
            )


def _bring_together(kept: Learned, joined: Learned) -> list[Change]:
    """Move to the kept row what it takes over from the other."""
    changes = [
        changed(kept, name, getattr(joined, name))
        for name in _FILLED_IF_EMPTY
        if getattr(kept, name, 0) in (None, "") and getattr(joined, name) not in (None, "")
    ]
    if joined.first_seen_on < kept.first_seen_on:
        changes.append(changed(kept, "first_seen_on", joined.first_seen_on))
        if joined.first_seen_in_id != kept.first_seen_in_id:
            changes.append(changed(kept, "first_seen_in", joined.first_seen_in))
    if kept.no_longer_true_since is not None:
        since = joined.no_longer_true_since and max(joined.no_longer_true_since, kept.no_longer_true_since)
        if since != kept.no_longer_true_since:
            changes.append(changed(kept, "no_longer_true_since", since))
    return changes


def _move(model: type[models.Model], column: str, source: int, target: int) -> list[int]:
    """Point rows from one item to the other. Where the target is noted in the same place already, the row stays."""
    ids = list(model._base_manager.filter(**{column: source}).order_by("pk").values_list("pk", flat=True))
    if not ids or _update(model, column, target, ids):
        return ids
    return [pk for pk in ids if _update(model, column, target, [pk])]


def _update(model: type[models.Model], column: str, target: int, ids: list[int]) -> bool:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=ids).update(**{column: target})
    except IntegrityError:
        return False
    return True
