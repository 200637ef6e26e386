"""Triggers, warning signs and coping strategies. They belong to the client, not to an episode."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias, TypedDict, TypeVar, Unpack

from django.db import transaction
from django.utils import timezone

from cases.codes import WarningSignCategory
from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from cases.models.recovery.learning import Learned
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from .wording_merge import merge_wordings, separate_wordings

__all__ = [
    "add_strategy",
    "add_trigger",
    "add_warning_sign",
    "each_found_or_added",
    "found_or_added",
    "mark_no_longer_true",
    "mark_still_true",
    "merge_wordings",
    "rate",
    "separate_wordings",
    "true_again",
]

L = TypeVar("L", bound=Learned)
Named: TypeAlias = L | str | Mapping[str, object]  # a row, its wording, or a dict of the wording and facts


class Seen(TypedDict, total=False):
    """When something was first seen; without the episode, the one of that day."""

    first_seen_on: datetime.date | None
    first_seen_in: TreatmentEpisode | None


class TriggerFacts(Seen, total=False):
    """Facts about a trigger, including where it occurs and how strong it is, 0 to 10."""

    situation: str
    strength: int | None


class SignFacts(Seen, total=False):
    """Facts about a warning sign, including its category."""

    category: str


class Add(Protocol):
    """Any of the three functions that add something learned."""

    def __call__(self, *, client: Client, wording: str, by: StaffMember, **facts: Unpack[Seen]) -> Learned: ...


class WordingNeeded(Refusal):
    """Something learned without words."""

    sentence = "Enter a few words, ideally the client's own."


class NotInThePast(Refusal):
    """Something that stopped being true in the future."""

    sentence = "This date is in the future. Enter today or earlier."


class NotOnTheScale(Refusal):
    """A strength that is not from 0 to 10."""

    sentence = "Enter a strength from 0 to 10."


def add_trigger(*, client: Client, wording: str, by: StaffMember, **facts: Unpack[TriggerFacts]) -> Trigger:
    """Add a trigger, or return the one with that wording. `facts`: situation, strength 0–10, first_seen_on.

    A trigger that was marked past and is seen again becomes current; the same goes for the other two kinds.
    """
    return _add(Trigger, client, wording, by, facts)


def add_warning_sign(*, client: Client, wording: str, by: StaffMember, **facts: Unpack[SignFacts]) -> WarningSign:
    """Add a warning sign, or return the one that is worded so already. `facts`: category, first_seen_on."""
    return _add(WarningSign, client, wording, by, facts)


def add_strategy(*, client: Client, wording: str, by: StaffMember, **facts: Unpack[Seen]) -> CopingStrategy:
    """Add a coping strategy, or return the one that is worded so already. `facts`: first_seen_on."""
    return _add(CopingStrategy, client, wording, by, facts)


def mark_no_longer_true(*, item: L, on: datetime.date, by: StaffMember) -> L:
    """Say that something known is not current since a day. It stays on record, with its evidence."""
    demand(by, Permission.RELAPSE_RECORD, item.client)
    if on > item.client.today:
        raise NotInThePast
    check_possible(item.client, on)
    with act("cases.no_longer_true", by=by, client=item.client) as entry:
        item.no_longer_true_since = on
        item.save(update_fields=["no_longer_true_since"])
        entry.about(item)
    return item


def mark_still_true(*, item: L, by: StaffMember) -> L:
    """Mark it as current again."""
    demand(by, Permission.RELAPSE_RECORD, item.client)
    with act("cases.still_true", by=by, client=item.client) as entry:
        item.no_longer_true_since = None
        item.save(update_fields=["no_longer_true_since"])
        entry.about(item)
    return item


def true_again(*, items: Iterable[Learned], on: datetime.date, by: StaffMember) -> None:
    """Mark items current again if they are named for a day after they were marked past. Others don't change.

    Call it last in the caller's act: all rows are written before the first audit entry, because code that has written
    to the audit log must not wait for another row's lock.
    """
    past = {(item._meta.label, item.pk): item for item in items if _was_past(item, on)}
    turned = [past[place] for place in sorted(past)]
    for item in turned:
        item.no_longer_true_since = None
        item.save(update_fields=["no_longer_true_since"])
    for item in turned:
        with act("cases.still_true", by=by, client=item.client) as entry:
            entry.about(item)


def _was_past(item: Learned, on: datetime.date) -> bool:
    return item.no_longer_true_since is not None and item.no_longer_true_since <= on


def rate(*, trigger: Trigger, strength: int, by: StaffMember) -> Trigger:
    """Note how strong a trigger is now, 0 to 10, rated by the client. Earlier ratings stay in its history."""
    demand(by, Permission.RELAPSE_RECORD, trigger.client)
    if not 0 <= strength <= 10:
        raise NotOnTheScale
    with act("cases.rate_trigger", by=by, client=trigger.client) as entry:
        trigger.strength = strength
        trigger.save(update_fields=["strength"])
        entry.about(trigger, strength=strength)
    return trigger


def found_or_added(
    model: type[L], client: Client, named: Iterable[Named[L]], by: StaffMember, **facts: Unpack[Seen]
) -> list[L]:
    """What `each_found_or_added` returns, without repeats."""
    return list({row.pk: row for row in each_found_or_added(model, client, named, by, **facts)}.values())


def each_found_or_added(
    model: type[L], client: Client, named: Iterable[Named[L]], by: StaffMember, **facts: Unpack[Seen]
) -> list[L]:
    """Find or create the client's rows for these items: rows as they are, wordings (or dicts with `wording` and facts).

    Returns one row for each item, in order, in one query if all are known. Part of the caller's act, which checks the
    permission and writes the audit entry.
    """
    wanted = list(named)
    known = _known(model, client) if wanted else {}
    rows: list[L] = []
    for each in wanted:
        if isinstance(each, model):
            row = each
        else:
            own: dict[str, object] = dict(each) if isinstance(each, Mapping) else {"wording": each}
            wording = _tidy(str(own.pop("wording")))
            if "first_seen_on" in own:  # a day of its own: which episode that is in is still to be looked up
                own = {"first_seen_in": _episode_on(client, _seen_on(client, own)), **own}
            row = known.get(wording.casefold()) or _create(model, client, wording, by, {**facts, **own})
            known[wording.casefold()] = row
        if row.client_id != client.pk:
            raise Refusal("This belongs to another client.")
        rows.append(row)
    return rows


def _add(model: type[L], client: Client, wording: str, by: StaffMember, facts: Mapping[str, object]) -> L:
    demand(by, Permission.RELAPSE_RECORD, client)
    wording = _tidy(wording)
    with transaction.atomic():
        # two who add the same words at once take turns: the second finds what the first one added
        Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        if known := _known(model, client).get(wording.casefold()):
            if _was_past(known, _seen_on(client, facts)):
                mark_still_true(item=known, by=by)
            return known
        with act(f"cases.add_{model._meta.model_name}", by=by, client=client) as entry:
            row = _create(model, client, wording, by, facts)
            entry.about(row)
    return row


def _known(model: type[L], client: Client) -> dict[str, L]:
    """The client's rows by wording, and by the wordings of rows combined into them."""
    rows = {row.pk: row for row in model._base_manager.filter(client=client)}
    found = {}
    for row in rows.values():
        stands = row
        while stands.joined_into_id is not None:
            stands = rows[stands.joined_into_id]
        found[row.wording.casefold()] = stands
    return found


def _tidy(wording: str) -> str:
    wording = " ".join(wording.split())
    if not wording:
        raise WordingNeeded
    return wording[:200]


def _create(model: type[L], client: Client, wording: str, by: StaffMember, facts: Mapping[str, object]) -> L:
    given = {name: value for name, value in facts.items() if value is not None or name == "first_seen_in"}
    given.setdefault("first_seen_on", client.today)
    if model is WarningSign:
        given.setdefault("category", WarningSignCategory.THOUGHTS)
    if "first_seen_in" not in given:
        given["first_seen_in"] = _episode_on(client, _seen_on(client, given))
    return model._default_manager.create(
        client=client, wording=wording, recorded_by=by, recorded_at=timezone.now(), **given
    )


def _seen_on(client: Client, facts: Mapping[str, object]) -> datetime.date:
    """The day it was first seen; default: today."""
    day = facts.get("first_seen_on")
    return day if isinstance(day, datetime.date) else client.today


def _episode_on(client: Client, day: datetime.date) -> TreatmentEpisode | None:
    return TreatmentEpisode.objects.filter(client=client).covering(day).first()
