"""Merge two records of one person, and undo a merge exactly.

Every row that belongs to the absorbed client moves to the kept one. The relations are Django's own, so this app needs
to know nothing of the apps above it. Locked rows (signed notes, disclosures, consents) allow a change of client and
nothing else; logs (audit, chart access) stay where they are. Rows that two records may have but one may not are
resolved first (cases.merging.merge_conflicts). `ClientMerge.moved` stores what moved and what changed.

Rows that belong to a treatment episode follow the episode, even if they were recorded while the records were merged:
the episode says whose care it was. Other rows recorded meanwhile go where the row goes that they hang on
(cases.merging.made_meanwhile).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models
from django.utils import timezone
from django.utils.module_loading import import_string

from cases import row_changes
from cases.episodes import earlier_stays
from cases.models import Client, ClientMerge, TreatmentEpisode
from cases.people import restrictions
from cases.row_changes import Change
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal

from . import made_meanwhile
from .merge_conflicts import settle_conflicts
from .moving import CannotStandTogether, ids_of, move, relations

EPISODES = f"{TreatmentEpisode._meta.label}.client"


class NotTwoRecords(Refusal):
    """A merge needs two active records."""

    sentence = "Choose two active records."


class NotTheLatest(Refusal):
    """Merges must be undone in reverse order."""

    sentence = "One of these records was merged again later. Undo that merge first."


def _in_an_episode() -> Iterator[tuple[type[models.Model], str]]:
    """Relations whose rows belong to an episode; every app uses the same column name."""
    for model, column in relations():
        names = {field.name for field in model._meta.concrete_fields if field.related_model is TreatmentEpisode}
        if "episode" in names:
            yield model, column


def merge(*, keep: Client, absorb: Client, by: StaffMember) -> ClientMerge:
    """Merge two records of one person. The stricter privacy setting wins; nothing is deleted.

    Raises NotPermitted, NotTwoRecords, CannotStandTogether, and what settings.RECORD_HOLDS refuse.
    """
    demand(by, Permission.CLIENT_MERGE, keep)
    demand(by, Permission.CLIENT_MERGE, absorb)
    if keep.pk == absorb.pk:
        raise NotTwoRecords
    if keep.clinic_id != absorb.clinic_id:
        raise NotPermitted
    with act("cases.merge", by=by, client=keep, on_merged=True) as entry:
        keep, absorb = _locked(keep, absorb)
        if keep.merged_into_id or absorb.merged_into_id:
            raise NotTwoRecords
        _check_not_held(keep, absorb)
        now = timezone.now()
        merged = ClientMerge.objects.create(keep=keep, absorb=absorb, merged_at=now, merged_by=by)
        changes = settle_conflicts(keep=keep, absorb=absorb, by=by, now=now)
        rows: dict[str, list[int]] = {}
        for model, column in relations():
            moved = move(model, column, absorb.pk, keep.pk, ids_of(model, column, absorb.pk))
            if moved:
                rows[f"{model._meta.label}.{column}"] = moved
        _check_now()
        Client.objects.filter(pk=absorb.pk).update(merged_into=keep)
        merged.moved = {
            "rows": rows,
            "changes": [change.stored() for change in changes],
            "last": made_meanwhile.marks(keep.pk),
        }
        merged.save(update_fields=["moved"])
        entry.about(merged, absorbed=absorb.pk, moved={name: len(ids) for name, ids in rows.items()})
    return merged


def unmerge(*, merge: ClientMerge, by: StaffMember) -> ClientMerge:
    """Undo a merge, restoring each row and value.

    Rows recorded since then follow their episode or, if they have none, what they hang on; the others stay with the
    kept record. A value that someone changed since then stays changed. `moved` lists what followed an episode, what
    stayed with one, and what went with other rows. Raises NotPermitted, NotTheLatest.
    """
    demand(by, Permission.CLIENT_MERGE, merge.keep)
    with act("cases.unmerge", by=by, client=merge.keep, on_merged=True) as entry:
        merge = ClientMerge.objects.select_for_update().get(pk=merge.pk)
        keep, absorb = _locked(merge.keep, merge.absorb)
        if merge.undone_at is not None:
            raise NotTwoRecords("This merge was already undone.")
        if keep.merged_into_id or absorb.merged_into_id != keep.pk:
            raise NotTheLatest
        _check_not_held(keep, absorb)
        rows = merge.moved.get("rows", {})
        move(TreatmentEpisode, "client", keep.pk, absorb.pk, rows.get(EPISODES, []))
        went, stayed = _by_episode(keep.pk, absorb.pk, rows)
        for name, ids in [*rows.items(), *went.items()]:
            label, _, column = name.rpartition(".")
            staying = set(stayed.get(name, ()))
            move(apps.get_model(label), column, keep.pk, absorb.pk, [pk for pk in ids if pk not in staying])
        since = merge.moved.get("last", {})
        followed = made_meanwhile.follow(keep_id=keep.pk, absorb_id=absorb.pk, since=since)
        row_changes.undo([Change.read(stored) for stored in merge.moved.get("changes", [])])
        for each in (keep, absorb):
            earlier_stays.relink_strays(each)
        _check_now()
        Client.objects.filter(pk=absorb.pk).update(merged_into=None)
        restrictions.follow(client=keep, into=absorb, since=merge.merged_at)
        _untangle(keep, absorb)
        merge.moved |= {"went_with_episode": went, "stayed_with_episode": stayed, "went_with_others": followed}
        merge.undone_at, merge.undone_by = timezone.now(), by
        merge.save(update_fields=["moved", "undone_at", "undone_by"])
        entry.about(merge, absorbed=absorb.pk)
    return merge


def what_would_move(absorb: Client) -> list[tuple[str, int]]:
    """Counts of what is attached to a record, shown before a merge.

    Separately held records move too, but the counts must not reveal that there are any.
    """
    found = []
    for model, column in relations():
        if getattr(model, "is_held_apart", False):
            continue
        count = model._base_manager.filter(**{column: absorb.pk}).count()
        if count:
            words = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            found.append((str(words), count))
    return sorted(found)


def _check_not_held(*clients: Client) -> None:
    """Records that have to stay as they are, as apps above know (settings.RECORD_HOLDS)."""
    for path in settings.RECORD_HOLDS:
        import_string(path)(*clients)


def _untangle(keep: Client, absorb: Client) -> None:
    """Let the apps above part what still ties rows of two records that are two again (settings.UNMERGED)."""
    for path in settings.UNMERGED:
        import_string(path)(keep, absorb)


def _locked(keep: Client, absorb: Client) -> tuple[Client, Client]:
    """Lock both rows, always in the same order, to prevent deadlocks between merges."""
    rows = {
        row.pk: row for row in Client.objects.select_for_update().filter(pk__in=(keep.pk, absorb.pk)).order_by("pk")
    }
    return rows[keep.pk], rows[absorb.pk]


def _by_episode(
    keep_id: int, absorb_id: int, rows: dict[str, list[int]]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """With episodes restored: newer rows whose episode moved back, and moved rows whose episode stays."""
    went, stayed = {}, {}
    for model, column in _in_an_episode():
        name = f"{model._meta.label}.{column}"
        here = model._base_manager.filter(**{column: keep_id}).order_by("pk")
        moved = rows.get(name, [])
        if ids := list(here.filter(episode__client=absorb_id).exclude(pk__in=moved).values_list("pk", flat=True)):
            went[name] = ids
        if ids := list(here.filter(episode__client=keep_id, pk__in=moved).values_list("pk", flat=True)):
            stayed[name] = ids
    return went, stayed


def _check_now() -> None:
    """Let the rules that the database checks at commit speak while the act can still be refused."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        raise CannotStandTogether(
            "These records conflict. Nothing was changed. Ask an administrator to check the log."
        ) from error
