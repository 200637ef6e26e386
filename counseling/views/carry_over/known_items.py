"""Known facts about a client in an episode, shown beside the note editor and the plan."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import carry_over
from counseling.carry_over.effectiveness import tries_of
from counseling.carry_over.prior_knowledge import LEARNED
from counseling.codes import CarryOverKind, Verdict
from counseling.forms.plans.homework import HomeworkLine, HomeworkReviewForm
from counseling.models import CarryOverItem, Homework
from counseling.verdict_labels import words_of
from staff.access import StaffRequest
from staff.models import StaffMember
from staff.reading import Reading, each, query, reads, rows, together
from staff.reading import known as known_already

_LEARNED: dict[str, tuple[CarryOverKind, Any]] = {
    "triggers": (CarryOverKind.TRIGGER, Trigger),
    "warning_signs": (CarryOverKind.WARNING_SIGN, WarningSign),
    "strategies": (CarryOverKind.STRATEGY, CopingStrategy),
}
_LAID_OUT = (*LEARNED, CarryOverKind.GOAL, CarryOverKind.HOMEWORK)  # beside a note; plans have their own place there


@reads
def known_of(request: StaffRequest, client: Client, episode: TreatmentEpisode | None) -> Reading[dict[str, Any]]:
    """Known facts about the client in this episode, limited to what the reader may see.

    Triggers, warning signs and strategies are listed by name if they were learned in it or held from earlier. Items no
    one has reviewed yet are under `waiting`, and those that did not hold under `not_held`. In an episode that has ended
    nothing is waiting: everything still true is listed together.
    """
    nothing: list[CarryOverItem] = []
    items, learned, tries, homework = yield from together(
        carry_over.lay_out.part(episode) if episode is not None and episode.is_open else known_already(nothing),
        each(rows(query(_true_now, client=client, by=request.user, name=name)) for name in _LEARNED),
        tries_of.part(client, staff_member=request.user),
        open_homework.part(request, client, episode) if episode is not None else known_already([]),
    )
    apart = {(item.kind, item.source_id) for item in items if item.verdict != Verdict.HELD}
    known: dict[str, Any] = {}
    for (name, (kind, _)), true_now in zip(_LEARNED.items(), learned, strict=True):
        known[name] = [row for row in true_now if (kind, row.pk) not in apart]
    waiting = [item for item in items if not item.is_decided and item.kind in _LAID_OUT]
    not_held = [item for item in items if item.verdict in (Verdict.DID_NOT_HOLD, Verdict.NEVER_USED)]
    known["waiting"] = [(CarryOverKind(kind), list(own)) for kind, own in groupby(waiting, lambda item: item.kind)]
    known["learned_waiting"] = [(kind, own) for kind, own in known["waiting"] if kind in LEARNED]
    known["waiting_count"] = sum(not item.is_decided for item in items)
    known["not_held"] = [(item, words_of(item.verdict, item.kind)) for item in not_held if item.kind in LEARNED]
    known["board"] = reverse("counseling:carry_over", args=[client.pk, episode.pk]) if items and episode else ""
    strategies = [*known["strategies"], *(item.strategy for item in items if item.strategy is not None)]
    for row in strategies:
        row.tried = tries[row.pk].words if row.pk in tries else ""
    known["homework"] = homework
    return known


def _true_now(client: Any, by: StaffMember, name: str) -> QuerySet[Any]:
    found: QuerySet[Any] = _LEARNED[name][1].objects.visible_to(by).filter(client=client, no_longer_true_since=None)
    return found


@reads
def open_homework(
    request: StaffRequest, client: Client, episode: TreatmentEpisode, *, asked: HomeworkReviewForm | None = None
) -> Reading[list[HomeworkLine]]:
    """The episode's unreviewed homework, earliest due date first.

    `asked` is a form that was refused. It stays on the page with what was typed, even if its homework is no longer open
    because someone else reviewed it first.
    """
    today = timezone.localdate(timezone=client.clinic.zone)
    given = query(
        lambda episode, by: Homework.objects.visible_to(by).open().filter(episode=episode).for_reading(),
        episode=episode.pk,
        by=request.user,
    )
    shown = yield from rows(given)
    if asked is not None and asked.homework not in shown:
        shown.insert(0, asked.homework)
    return [
        HomeworkLine(
            row, row.is_overdue(today), asked if asked and asked.homework == row else HomeworkReviewForm(homework=row)
        )
        for row in shown
    ]
