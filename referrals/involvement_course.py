"""What is known of a client's part in mutual help over time: each fact read once, for the picture and for the lists."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from cases.models import Client, Relapse, TreatmentEpisode
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, known, query, reads, rows, together

from .models import Involvement, MeetingVisit, Tie


@dataclass(frozen=True)
class Span:
    """Some time with a name: a tie, or a stay in treatment. Open while `until` is None."""

    name: str
    since: datetime.date
    until: datetime.date | None
    kind: str = ""

    def touches(self, first: datetime.date, last: datetime.date) -> bool:
        """Whether it shares a day with these."""
        return self.since <= last and (self.until is None or self.until >= first)


@dataclass(frozen=True)
class Facts:
    """What the reader may see of it."""

    visited: list[datetime.date]  # each attended meeting, once
    answers: list[Involvement]  # the latest first
    ties: list[Tie]  # those that were withdrawn, too
    tied: list[Span]  # the ties, from when they began or, where that isn't known, were recorded
    stays: list[Span]
    returns: list[datetime.date]  # on which a return to use began


@reads
def facts(*, client: Client, staff_member: StaffMember) -> Reading[Facts]:
    """All of it, in one statement, and one more where a home group is listed: for what leads.

    Stays and returns to use only for who may see those.
    """
    whose = {"client": client, "by": staff_member}
    visited, answers, ties, stays, returns = yield from together(
        rows(
            query(
                lambda client, by: MeetingVisit.objects.visible_to(by).filter(client=client, attended=True).each_once(),
                **whose,
            )
        ),
        rows(query(lambda client, by: Involvement.objects.visible_to(by).filter(client=client), **whose)),
        rows(
            query(
                lambda client, by: (
                    Tie.objects.visible_to(by).filter(client=client).with_lead().select_related("withdrawn_by")
                ),
                **whose,
            )
        ),
        rows(
            query(
                lambda client, by: (
                    TreatmentEpisode.objects.visible_to(by).filter(client=client).select_related("program")
                ),
                **whose,
            )
        )
        if can(staff_member, Permission.EPISODE_VIEW)
        else known([]),
        rows(query(lambda client, by: Relapse.objects.visible_to(by).filter(client=client), **whose))
        if can(staff_member, Permission.RELAPSE_VIEW)
        else known([]),
    )
    return Facts(
        visited=[day for _, day, *_ in visited],
        answers=list(answers),
        ties=list(ties),
        tied=[
            Span(tie.called, tie.since or timezone.localdate(tie.recorded_at, client.zone), tie.until, tie.kind)
            for tie in ties
            if tie.withdrawn_at is None
        ],
        stays=[Span(str(each.program), each.admitted_on, each.discharged_on) for each in stays],
        returns=sorted(each.started_on for each in returns if each.counts),
    )
