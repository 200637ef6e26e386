"""Referral items on Today, derived from the referral history."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows
from staff.thresholds import values_for

from .models import Referral
from .models.followthrough import Step
from .thresholds import FOLLOWUP_DAYS, OFFER_STALE_DAYS

_MOST = 30


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Plans that are due, visits that did not happen, offers without a plan; own care teams only."""
    if not can(staff_member, Permission.REFERRAL_MAKE):
        return []
    limits = values_for(staff_member.clinic, [FOLLOWUP_DAYS, OFFER_STALE_DAYS])
    midnight = now.astimezone(staff_member.clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    asked_by = midnight - datetime.timedelta(days=limits[FOLLOWUP_DAYS.key] - 1)
    stale_by = now - datetime.timedelta(days=limits[OFFER_STALE_DAYS.key])
    due = query(_due, by=staff_member, now=now, asked_by=asked_by, stale_by=stale_by)
    found = yield from rows(due)
    return [_need(referral, staff_member) for referral in found]


def _due(by: Any, now: Any, asked_by: Any, stale_by: Any) -> QuerySet[Referral]:
    own = CareTeamMember.objects.caseload(by, now).values("client")
    return (
        Referral.objects.visible_to(by)
        .filter(client__in=own)
        .open()
        .with_state()
        .filter(
            Q(planned_for__lt=asked_by, is_answered=False)
            | Q(is_answered=True, went_last=False)
            | Q(state=Step.OFFERED, state_at__lt=stale_by, planned_for=None)
        )
        .select_related("client", "meeting")
        .order_by(F("planned_for").asc(nulls_last=True), "pk")[:_MOST]
    )


def _need(referral: Referral, staff_member: StaffMember) -> Need:
    url = reverse("referrals:referral", args=[referral.client_id, referral.pk])
    name = referral.client.full_name
    what = str(referral)
    planned_for = referral.planned_for
    if planned_for is None:
        return Need(
            Urgency.SOON,
            "Set a date or close the referral",
            what,
            url,
            "Open referral",
            "handshake",
            due=referral.offered_at,
            client_name=name,
            kind="Mutual help",
        )
    if referral.is_answered:
        return Need(
            Urgency.SOON,
            "Discuss what got in the way and reconnect",
            what,
            url,
            "Open referral",
            "handshake",
            due=planned_for,
            client_name=name,
            kind="Mutual help",
        )
    day = timezone.localtime(planned_for, staff_member.clinic.zone)
    return Need(
        Urgency.TODAY,
        "Ask how the meeting went",
        f"{what}, planned for {day:%a, %b %-d, %-I:%M %p}",
        url,
        "Record the visit",
        "handshake",
        due=planned_for,
        client_name=name,
        kind="Mutual help",
    )
