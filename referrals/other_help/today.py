"""Referrals to places that have been open too long, on the Today of whoever follows them.

That is who made the referral. Nothing has to be handed over when a caseload changes: where the maker is no longer on
the client's care team, it is on the Today of the primary counselor; who covers for the maker sees it meanwhile.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember
from cases.people.deaths import has_died
from referrals.models import ServiceReferral, ServiceStep
from referrals.models.service_referral import ServiceReferralQuerySet
from referrals.thresholds import ACCEPTED_UNSEEN_DAYS, SEEN_NO_RESULT_DAYS, SENT_UNANSWERED_DAYS
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import Clinic, StaffMember
from staff.needs import Need, Urgency, and_more
from staff.reading import Reading, query, reads, rows
from staff.thresholds import values_for

_MOST = 30
_LIMITS = {
    ServiceStep.SENT: SENT_UNANSWERED_DAYS,
    ServiceStep.ACCEPTED: ACCEPTED_UNSEEN_DAYS,
    ServiceStep.SEEN: SEEN_NO_RESULT_DAYS,
}
_ASKS = {
    ServiceStep.SENT: ("Ask whether the referral was taken", "Record the answer"),
    ServiceStep.ACCEPTED: ("Ask whether they were seen", "Record it"),
    ServiceStep.SEEN: ("Ask what came of the referral", "Record the result"),
}


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line for each referral that has waited longer than the clinic says, the longest first."""
    if not can(staff_member, Permission.REFERRAL_MAKE):
        return []
    day = timezone.localdate(now, staff_member.clinic.zone)
    last = last_days(staff_member.clinic, day)
    sent, accepted, was_seen = last.values()
    keys = {"by": staff_member, "now": now, "day": day, "sent": sent, "accepted": accepted, "was_seen": was_seen}
    found = yield from rows(query(_due, **keys))
    lines = [_need(referral, day - last[ServiceStep(referral.state)]) for referral in found[:_MOST]]
    if len(found) > _MOST:
        everything = yield from rows(query(_numbers, **keys))
        lines.append(_more(len(everything) - _MOST))
    return lines


def _more(number: int) -> Need:
    return and_more(
        f"{number} more referral{'' if number == 1 else 's'} to places",
        url=reverse("referrals:services"),
        button="See referrals",
        icon="building-2",
        kind="Referrals to places",
    )


def last_days(clinic: Clinic, today: datetime.date) -> dict[ServiceStep, datetime.date]:
    """For each status, the day on which a referral must have been heard of last to have waited too long."""
    limits = values_for(clinic, _LIMITS.values())
    return {step: today - datetime.timedelta(days=limits[limit.key]) for step, limit in _LIMITS.items()}


def waits_too_long(*, day: Any, sent: Any, accepted: Any, was_seen: Any) -> Q:
    """Condition on referrals with their state: nothing was heard for the clinic's number of days.

    An appointment is waited for. The day after it, the referral waits too long unless something was heard since.
    """
    missed = Q(appointment_on__lt=day, heard_on__lte=F("appointment_on"))
    nothing_ahead = Q(appointment_on=None) | Q(appointment_on__lt=day)
    return (
        Q(state=ServiceStep.SENT) & (missed | nothing_ahead & Q(heard_on__lte=sent))
        | Q(state=ServiceStep.ACCEPTED) & (missed | nothing_ahead & Q(heard_on__lte=accepted))
        | Q(state=ServiceStep.SEEN, heard_on__lte=was_seen)
    )


def followed_by(referrals: ServiceReferralQuerySet, by: Any, now: Any) -> ServiceReferralQuerySet:
    """Those that this person follows now: the one owner of who that is."""
    team = CareTeamMember.objects.current(now).exclude(part=CareTeamMember.Part.EMERGENCY)
    maker = team.filter(client=OuterRef("client"), staff_member=OuterRef("made_by"), staff_member__is_active=True)
    covered = CareTeamMember.objects.caseload(by, now).filter(client=OuterRef("client"), covers_for=OuterRef("made_by"))
    led = CareTeamMember.objects.led_by(by).current(now).values("client")
    return referrals.filter(
        Q(made_by=by) | Q(Exists(covered)) | (Q(client__in=led) & ~Q(Exists(maker))), client__merged_into=None
    )


def _due(by: Any, now: Any, day: Any, sent: Any, accepted: Any, was_seen: Any) -> QuerySet[ServiceReferral]:
    waiting = _waiting(by, now, day, sent, accepted, was_seen).select_related("client", "place")
    return waiting.order_by(F("heard_on").asc(), "pk")[: _MOST + 1]


def _numbers(by: Any, now: Any, day: Any, sent: Any, accepted: Any, was_seen: Any) -> QuerySet[ServiceReferral, int]:
    return _waiting(by, now, day, sent, accepted, was_seen).order_by().values_list("pk", flat=True)


def _waiting(by: Any, now: Any, day: Any, sent: Any, accepted: Any, was_seen: Any) -> QuerySet[ServiceReferral]:
    return (
        followed_by(ServiceReferral.objects.visible_to(by).open(), by, now)
        .exclude(has_died("client"))
        .with_state()
        .filter(waits_too_long(day=day, sent=sent, accepted=accepted, was_seen=was_seen))
    )


def _need(referral: ServiceReferral, wait: datetime.timedelta) -> Need:
    title, button = _ASKS[ServiceStep(referral.state)]
    detail = f"{referral}, {referral.state_label.lower()} {day_in_words(referral.state_on)}"
    due = referral.heard_on + wait
    met = referral.appointment_on
    if met is not None and referral.state != ServiceStep.SEEN and referral.heard_on <= met:
        detail, due = f"{referral}, appointment on {day_in_words(met)}", met + datetime.timedelta(days=1)
    return Need(
        Urgency.SOON,
        title,
        detail,
        reverse("referrals:service", args=[referral.client_id, referral.pk]),
        button,
        "building-2",
        due=due,
        client_name=referral.client.full_name,
        kind="Referrals to places",
    )
