"""What is learned about a person: triggers, warning signs, coping strategies. It belongs to them, not to an episode."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, TypeVar

from django.utils import timezone

from cases.codes import WarningSignCategory
from cases.models import Client, CopingStrategy, Trigger, WarningSign
from cases.models.learning import Learned
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

L = TypeVar("L", bound=Learned)


class WordingNeeded(Refusal):
    """Something learned without words."""

    sentence = "Write it down in a few words, best in the client's own."


class NotInThePast(Refusal):
    """Something that stopped being true in the future."""

    sentence = "This day is still to come."


def add_trigger(*, client: Client, wording: str, by: StaffMember, **facts: Any) -> Trigger:
    """Add a trigger, or return the one that is worded so already. `facts`: situation, strength 0–10, first_seen_on."""
    return _add(Trigger, client, wording, by, facts)


def add_warning_sign(*, client: Client, wording: str, by: StaffMember, **facts: Any) -> WarningSign:
    """Add a warning sign, or return the one that is worded so already. `facts`: category, first_seen_on."""
    return _add(WarningSign, client, wording, by, {"category": WarningSignCategory.THOUGHTS, **facts})


def add_strategy(*, client: Client, wording: str, by: StaffMember, **facts: Any) -> CopingStrategy:
    """Add a coping strategy, or return the one that is worded so already. `facts`: first_seen_on."""
    return _add(CopingStrategy, client, wording, by, facts)


def mark_no_longer_true(*, item: L, on: datetime.date, by: StaffMember) -> L:
    """Say that something known is no longer true since a day. It stays on record, with its evidence."""
    demand(by, Permission.RELAPSE_RECORD, item.client)
    if on > timezone.localdate(timezone=item.client.clinic.zone):
        raise NotInThePast
    with act("cases.no_longer_true", by=by, client=item.client) as entry:
        item.no_longer_true_since = on
        item.save(update_fields=["no_longer_true_since"])
        entry.about(item)
    return item


def mark_still_true(*, item: L, by: StaffMember) -> L:
    """Take that back: it is true after all, or again."""
    demand(by, Permission.RELAPSE_RECORD, item.client)
    with act("cases.still_true", by=by, client=item.client) as entry:
        item.no_longer_true_since = None
        item.save(update_fields=["no_longer_true_since"])
        entry.about(item)
    return item


def found_or_added(model: type[L], client: Client, named: Iterable[L | str], by: StaffMember, **facts: Any) -> list[L]:
    """Rows as they are, wordings as the client's row of that wording, made where there is none. Without repeats."""
    rows: dict[int, L] = {}
    for each in named:
        row = _add(model, client, each, by, facts) if isinstance(each, str) else each
        if row.client_id != client.pk:
            raise Refusal("This was learned about another person.")
        rows.setdefault(row.pk, row)
    return list(rows.values())


def _add(model: type[L], client: Client, wording: str, by: StaffMember, facts: dict[str, Any]) -> L:
    demand(by, Permission.RELAPSE_RECORD, client)
    wording = " ".join(wording.split())
    if not wording:
        raise WordingNeeded
    manager = model._default_manager
    with act(f"cases.add_{model._meta.model_name}", by=by, client=client) as entry:
        row = manager.filter(client=client, wording__iexact=wording).first()
        if row is None:
            facts = {name: value for name, value in facts.items() if value is not None}
            facts.setdefault("first_seen_on", timezone.localdate(timezone=client.clinic.zone))
            row = manager.create(
                client=client,
                wording=wording[:200],
                first_seen_in=_episode_on(client, facts["first_seen_on"]),
                recorded_by=by,
                recorded_at=timezone.now(),
                **facts,
            )
        entry.about(row)
    return row


def _episode_on(client: Client, day: datetime.date) -> Any:
    from cases.models import TreatmentEpisode

    return TreatmentEpisode.objects.filter(client=client).covering(day).first()
