"""“Going to the next one? Yes”, by a private link: a plan for the same meeting's next start, by the client's word.

The page shows no day and no meeting, and nothing of the plan comes back to it. Where no plan can be made, the wish
stays on Today and on the referral's page until somebody takes it up (`ReferralQuerySet.with_wish`).
"""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.utils import timezone

from cases.possible_days import check_possible
from reminders import contacts
from staff.refusals import Refusal
from staff.typed_days import PLANS

from . import followups, private_links
from .models import FollowThrough, OwnReport, PrivateLink, Referral
from .models.followthrough import CLOSING_STEPS, Step
from .next_time import next_start_of


def plan_next(*, report: OwnReport) -> FollowThrough | None:
    """The plan that a client's “yes” makes, in the transaction of their report; None if there was no yes, or no plan
    can follow: the meeting has no listed time or is not held then any more, or another plan stands.

    The follow-up is as of any plan. A message goes out after it only where a consent allows one at present, and with a
    new private link only if it is a written one.
    """
    if not report.again:
        return None
    promises = FollowThrough.objects.filter(pk=report.link.follow_through_id).promises()
    asked = promises.select_related("referral__client__clinic", "referral__meeting").get()
    referral, client = asked.referral, asked.referral.client
    starts = next_start_of(referral.lead, max(asked.planned_for or report.said_at, report.said_at))
    if starts is None or asked.displaced or _another_stands(referral, starts, report.said_at):
        return None
    try:
        check_possible(client, timezone.localdate(starts, client.zone), ahead=PLANS)
    except Refusal:
        return None
    followups.cancel(referral, "a new date was set", by=None)
    plan = FollowThrough.objects.create(
        referral=referral, step=Step.PLANNED, at=report.said_at, planned_for=starts, own_report=report
    )
    ways = contacts.ways(client, report.said_at)
    followups.schedule(
        plan,
        remind_client=any(not way.why_not for way in ways),
        private_link=not private_links.why_none(ways),
    )
    return plan


def is_asked_again(report: OwnReport) -> bool:
    """Whether what the client said made a plan that a new private link follows."""
    return PrivateLink.objects.filter(follow_through__own_report=report).exists()


def _another_stands(referral: Referral, starts: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether they have a plan already: for this referral, or for another meeting at that moment."""
    of_client = FollowThrough.objects.filter(referral__client=referral.client_id).promises()
    closed = FollowThrough.objects.filter(step__in=CLOSING_STEPS).values("referral")
    ahead = of_client.filter(planned_for__gt=now, is_answered=False).exclude(referral__in=closed)  # type: ignore[misc]
    return ahead.filter(Q(referral=referral) | Q(planned_for=starts)).exists()
