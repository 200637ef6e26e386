"""Today items for continued stay reviews: due, overdue, or with an outcome not acted on."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.episodes import continued_stay_reviews
from cases.episodes.continued_stay_reviews import Due
from cases.episodes.review_thresholds import SHOWN_BEFORE
from cases.models import CareTeamMember, LevelOfCarePeriod
from staff.access import Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

SHOWN = 20


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For the lead counselor of each client in an open episode, in a fixed number of queries.

    If no one leads the care, a supervisor gets the item, so every review has someone.
    """
    if not can(staff_member, Permission.LEVEL_OF_CARE_DECIDE):
        return []
    periods = yield from rows(query(_current, by=staff_member, now=now))
    today = timezone.localdate(now, timezone=staff_member.clinic.zone)
    until = today + datetime.timedelta(days=SHOWN_BEFORE.for_clinic(staff_member.clinic))
    found = continued_stay_reviews.due(periods, staff_member.clinic)
    return [_need(each, today) for each in found if each.on <= until][:SHOWN]


def _current(by: Any, now: Any) -> QuerySet[LevelOfCarePeriod]:
    leads = CareTeamMember.objects.current().filter(part=CareTeamMember.Part.PRIMARY)
    own = Q(episode__client__in=CareTeamMember.objects.current().led_by(by).values("client"))
    if can(by, Permission.EPISODE_OVERRIDE):
        own |= ~Q(Exists(leads.filter(client=OuterRef("episode__client"))))
    return (
        LevelOfCarePeriod.objects.visible_to(by)
        .filter(ends_at=None, starts_at__lte=now, episode__discharged_on=None)
        .filter(own, episode__client__merged_into=None)
        .select_related("episode__client")
        .prefetch_related(continued_stay_reviews.with_reviews())
    )


def _need(due: Due, today: datetime.date) -> Need:
    client = due.period.episode.client
    review = address("cases:review_stay", client.pk, due.period.episode_id)
    if due.waits_for_a_change:
        assert due.latest is not None
        leaving = due.latest.outcome == continued_stay_reviews.Outcome.DISCHARGE
        found = "ready for discharge" if leaving else "needs another level"
        return Need(
            urgency=Urgency.TODAY,
            title="Plan the discharge" if leaving else "Change the level of care",
            detail=f"Level {due.period.level_code}, {found} on {due.on:%b %-d}",
            url=address("cases:episodes", client.pk),
            button="Open",
            icon="arrow-left-right",
            due=due.on,
            client_name=client.full_name,
            kind="Continued stay reviews",
        )
    return Need(
        urgency=Urgency.TODAY if due.on <= today else Urgency.SOON,
        title="Continued stay review",
        detail=f"Level {due.period.level_code}" + (" · payer authorization ends" if due.by_payer else ""),
        url=review,
        button="Review",
        icon="calendar-check",
        due=due.on,
        client_name=client.full_name,
        kind="Continued stay reviews",
    )
