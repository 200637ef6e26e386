"""Triggers, warning signs and strategies mentioned elsewhere in the record and not yet confirmed.

Derived each time from where it was reported: from returns to use here, and from apps above through
settings.TOLD_SOURCES (dotted paths of functions `(*, client, staff_member) -> Iterable[Said]`). Nothing is copied until
someone confirms it. It then becomes a row of its own and is no longer listed. If the client does not agree with an
item, it is declined, with who did so and when.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.codes import HighRiskSituation
from cases.models import Client, CopingStrategy, Relapse, ToldDeclined, Trigger, WarningSign
from cases.models.recovery.learning import Learned, LearnedKind
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import StaffMember
from staff.refusals import Refusal

from . import learning

LONGEST = 200  # of a wording
_MODELS: dict[LearnedKind, type[Learned]] = {
    LearnedKind.TRIGGER: Trigger,
    LearnedKind.SIGN: WarningSign,
    LearnedKind.STRATEGY: CopingStrategy,
}
_ADD: dict[LearnedKind, learning.Add] = {
    LearnedKind.TRIGGER: learning.add_trigger,
    LearnedKind.SIGN: learning.add_warning_sign,
    LearnedKind.STRATEGY: learning.add_strategy,
}
# What of a return to use says which kind of thing.
_OF_RETURNS = (
    ("precipitant", LearnedKind.TRIGGER, "what happened just before"),
    ("worked_before", LearnedKind.STRATEGY, "what had been working"),
    ("learned", LearnedKind.STRATEGY, "what was learned"),
)


class NotTold(Refusal):
    sentence = "This was already handled. Reload the page."


@dataclass(frozen=True)
class Said:
    """One item mentioned in one place. `item` is the known row that it names, if any."""

    kind: LearnedKind
    wording: str
    on: datetime.date
    where: str  # “Safety plan of Mar 2, 2026: what I can do on my own”
    url: str
    item: int | None = None

    @property
    def key(self) -> str:
        """Names it in an address without its words."""
        return hashlib.sha256(f"{self.kind}:{alike(self.wording)}".encode()).hexdigest()[:16]


def alike(wording: str) -> str:
    """How wordings are compared: case, spaces and a final period don't matter."""
    return " ".join(wording.casefold().split()).strip(" .,;!")


def lines(text: str) -> Iterator[str]:
    """The wordings in a text, one per line, each short enough to be one."""
    for line in text.splitlines():
        words = " ".join(line.strip(" -•*\t").split())
        if words:
            yield words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def said(client: Client, *, staff_member: StaffMember, returns: Iterable[Relapse] | None = None) -> list[Said]:
    """Everything mentioned anywhere that the person may see, latest first, including items already known.

    `returns` are the client's returns to use, if already loaded.
    """
    if returns is None:
        returns = Relapse.objects.visible_to(staff_member).filter(client=client)
    found = [*_of_returns(client, returns)]
    for path in settings.TOLD_SOURCES:
        found += import_string(path)(client=client, staff_member=staff_member)
    return sorted(found, key=lambda each: (each.on, each.wording), reverse=True)


def to_confirm(client: Client, everything: Iterable[Said]) -> dict[LearnedKind, list[Said]]:
    """Mentioned items that are neither known nor declined, each once, by kind. Four queries."""
    settled = {
        alike(wording)
        for model in _MODELS.values()
        for wording in model._base_manager.filter(client=client).values_list("wording", flat=True)
    }
    settled |= {
        alike(wording) for wording in ToldDeclined.objects.filter(client=client).values_list("wording", flat=True)
    }
    found: dict[LearnedKind, list[Said]] = {kind: [] for kind in LearnedKind}
    for each in everything:
        if each.item is None and alike(each.wording) not in settled:
            settled.add(alike(each.wording))
            found[each.kind].append(each)
    return found


def confirm(*, client: Client, key: str, by: StaffMember) -> Learned:
    """Keep a mentioned item as a trigger, warning sign or strategy, because the client agrees. Raises NotTold."""
    demand(by, Permission.RELAPSE_RECORD, client)
    each = _found(client, key, by)
    return _ADD[each.kind](client=client, wording=each.wording, by=by, first_seen_on=each.on)


def decline(*, client: Client, key: str, by: StaffMember) -> ToldDeclined:
    """Decline an item: the client does not agree, or it duplicates another one. Raises NotTold."""
    demand(by, Permission.RELAPSE_RECORD, client)
    with act("cases.decline_told", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        each = _found(client, key, by)
        row = ToldDeclined.objects.create(
            client=client, kind=each.kind, wording=each.wording, declined_at=timezone.now(), declined_by=by
        )
        entry.about(row, kind=each.kind)
    return row


def _found(client: Client, key: str, by: StaffMember) -> Said:
    waiting = to_confirm(client, said(client, staff_member=by))
    found = next((each for some in waiting.values() for each in some if each.key == key), None)
    if found is None:
        raise NotTold
    return found


def _of_returns(client: Client, returns: Iterable[Relapse]) -> Iterator[Said]:
    """The text in records of returns to use, and their situations; unconfirmed reports are left out."""
    for row in returns:
        if not row.counts:
            continue
        called = f"Return to use of {day_in_words(row.started_on)}"
        url = reverse("cases:relapse", args=[client.pk, row.pk])
        for field, kind, words in _OF_RETURNS:
            for wording in lines(getattr(row, field)):
                yield Said(kind, wording, row.started_on, f"{called}: {words}", url)
        if row.primary_situation and not row.precipitant.strip():
            label = str(HighRiskSituation(row.primary_situation).label)
            yield Said(LearnedKind.TRIGGER, label, row.started_on, f"{called}: the main situation", url)
