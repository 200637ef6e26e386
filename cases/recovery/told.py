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
from django.db.models import Model, QuerySet
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
from staff.reading import Reading, each, known, query, reads, rows, together
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


@reads
def said(client: Client, *, staff_member: StaffMember, returns: Iterable[Relapse] | None = None) -> Reading[list[Said]]:
    """Everything told anywhere that the person may see, the latest first; also what is known by now.

    `returns` are the client's returns to use, if already loaded.
    """
    asked = known(list(returns)) if returns is not None else rows(_returns(client, staff_member))
    found, told = yield from together(asked, elsewhere.part(client, staff_member=staff_member))
    return in_order(client, found, told)


@reads
def elsewhere(client: Client, *, staff_member: StaffMember) -> Reading[list[Said]]:
    """What was told anywhere but in returns to use."""
    sources = [import_string(path) for path in settings.TOLD_SOURCES]
    found = yield from each(source.part(client=client, staff_member=staff_member) for source in sources)
    return [one for some in found for one in some]


def in_order(client: Client, returns: Iterable[Relapse], told: Iterable[Said]) -> list[Said]:
    """The same from what a page has read: returns to use, and what was told elsewhere."""
    return sorted([*_of_returns(client, returns), *told], key=lambda one: (one.on, one.wording), reverse=True)


@reads
def to_confirm(client: Client, everything: Iterable[Said]) -> Reading[dict[LearnedKind, list[Said]]]:
    """Of what was told what is not known yet and was not declined, each once, by its kind."""
    return waiting(everything, (yield from settled.part(client)))


@reads
def settled(client: Client) -> Reading[set[str]]:
    """The wordings, as they are compared, that are known by now or were declined."""
    wordings = yield from rows(query(_wordings, client=client))
    return {alike(wording) for (wording,) in wordings}


def _wordings(client: Client) -> QuerySet[Model, tuple[str]]:
    """All in one query: triggers, warning signs, strategies, and what was declined."""
    models: list[type[Model]] = [*_MODELS.values(), ToldDeclined]
    known, *others = [model._base_manager.filter(client=client).order_by().values_list("wording") for model in models]
    return known.union(*others, all=True)


def waiting(everything: Iterable[Said], settled: Iterable[str]) -> dict[LearnedKind, list[Said]]:
    """`to_confirm` from what a page has read."""
    done = set(settled)
    found: dict[LearnedKind, list[Said]] = {kind: [] for kind in LearnedKind}
    for one in everything:
        if one.item is None and alike(one.wording) not in done:
            done.add(alike(one.wording))
            found[one.kind].append(one)
    return found


def confirm(*, client: Client, key: str, by: StaffMember) -> Learned:
    """Keep a mentioned item as a trigger, warning sign or strategy, because the client agrees. Raises NotTold."""
    demand(by, Permission.RELAPSE_RECORD, client)
    one = _found(client, key, by)
    return _ADD[one.kind](client=client, wording=one.wording, by=by, first_seen_on=one.on)


def decline(*, client: Client, key: str, by: StaffMember) -> ToldDeclined:
    """Decline an item: the client does not agree, or it duplicates another one. Raises NotTold."""
    demand(by, Permission.RELAPSE_RECORD, client)
    with act("cases.decline_told", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        one = _found(client, key, by)
        row = ToldDeclined.objects.create(
            client=client, kind=one.kind, wording=one.wording, declined_at=timezone.now(), declined_by=by
        )
        entry.about(row, kind=one.kind)
    return row


def _found(client: Client, key: str, by: StaffMember) -> Said:
    unconfirmed = to_confirm(client, said(client, staff_member=by))
    found = next((one for some in unconfirmed.values() for one in some if one.key == key), None)
    if found is None:
        raise NotTold
    return found


def _returns(client: Client, staff_member: StaffMember) -> QuerySet[Relapse]:
    return Relapse.objects.visible_to(staff_member).filter(client=client)


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
