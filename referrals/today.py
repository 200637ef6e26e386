"""Referral items on Today, derived from the referral history."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from cases.models import CareTeamMember
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency, and_more
from staff.reading import Reading, query, reads, rows
from staff.thresholds import values_for

from .models import Referral
from .models.followthrough import Step
from .thresholds import FOLLOWUP_DAYS, OFFER_STALE_DAYS, SILENT_DAYS

_MOST = 30


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """What waits in own care teams: plans that are due or whose meeting is not held then, visits that did not happen
    and were not discussed, wishes to go again, offers without a plan, and people of whom nothing was heard since.
    """
    if not can(staff_member, Permission.REFERRAL_MAKE):
        return []
    limits = values_for(staff_member.clinic, [FOLLOWUP_DAYS, OFFER_STALE_DAYS, SILENT_DAYS])
    midnight = now.astimezone(staff_member.clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    asked_by = midnight - datetime.timedelta(days=limits[FOLLOWUP_DAYS.key] - 1)
    stale_by = now - datetime.timedelta(days=limits[OFFER_STALE_DAYS.key])
    silent_since = now - datetime.timedelta(days=limits[SILENT_DAYS.key])
    keys = {"by": staff_member, "now": now, "asked_by": asked_by, "stale_by": stale_by, "silent_since": silent_since}
    found = yield from rows(query(_due, **keys))
    lines = [_need(referral, now) for referral in found[:_MOST]]
    if len(found) > _MOST:
        everything = yield from rows(query(_numbers, **keys))
        lines.append(_more(len(everything) - _MOST))
    return lines


def _more(number: int) -> Need:
    return and_more(
        f"{number} more referral{'' if number == 1 else 's'} to mutual help",
        url=reverse("referrals:referrals"),
        button="See referrals",
        icon="handshake",
        kind="Mutual help",
    )


def _due(by: Any, now: Any, asked_by: Any, stale_by: Any, silent_since: Any) -> QuerySet[Referral]:
    waiting = _waiting(by, now, asked_by, stale_by, silent_since).select_related("client__clinic")
    return waiting.order_by(F("planned_for").asc(nulls_last=True), "pk")[: _MOST + 1]


def _numbers(by: Any, now: Any, asked_by: Any, stale_by: Any, silent_since: Any) -> QuerySet[Referral, int]:
    return (
        _waiting(by, now, asked_by, stale_by, silent_since)
        .order_by()
        .prefetch_related(None)
        .values_list("pk", flat=True)
    )


def _waiting(by: Any, now: Any, asked_by: Any, stale_by: Any, silent_since: Any) -> QuerySet[Referral]:
    own = CareTeamMember.objects.caseload(by, now).values("client")
    no_plan = Q(planned_for=None) | Q(is_answered=True)
    silent = Q(state__in=(Step.LINKED, Step.ATTENDED)) | Q(state=Step.PLANNED, went_last=False)
    return (
        Referral.objects.visible_to(by)
        .filter(client__in=own)
        .of_the_living()
        .open()
        .with_state()
        .with_wish()
        .with_miss()
        .with_lead()
        .filter(
            Q(planned_for__lt=asked_by, is_answered=False)
            | Q(planned_for__gte=now, is_answered=False, displaced__gt="")
            | no_plan & Q(missed_undiscussed=True)
            | Q(wishes_again=True) & (no_plan | Q(planned_for__gte=now))
            | Q(state=Step.OFFERED, state_at__lt=stale_by, planned_for=None)
            | no_plan & silent & Q(touched_at__lt=silent_since)
        )
    )


def _need(referral: Referral, now: datetime.datetime) -> Need:
    urgency, title, detail, action, due = _asked(referral, now)
    url = reverse("referrals:referral", args=[referral.client_id, referral.pk])
    return Need(
        urgency,
        title,
        detail,
        url,
        action,
        "handshake",
        due=due,
        client_name=referral.client.full_name,
        kind="Mutual help",
    )


def _asked(referral: Referral, now: datetime.datetime) -> tuple[Urgency, str, str, str, datetime.datetime]:
    """How urgent it is, what is asked, about what, the button's words, and since when."""
    what, planned_for = str(referral), referral.planned_for
    day = str(referral.say(planned_for)) if planned_for else ""
    if planned_for is not None and not referral.is_answered:
        if planned_for >= now and not referral.displaced:
            told = "Went" if referral.went_last else "Did not go"
            return (
                Urgency.SOON,
                "Means to go again: read what they said",
                f"{what}. {told}. Next on {day}",
                "Open referral",
                planned_for,
            )
        if planned_for >= now:
            return (
                Urgency.TODAY,
                "Set another date: the meeting has changed",
                f"{referral.displaced_words}. The plan is for {day}",
                "Set another date",
                planned_for,
            )
        return Urgency.TODAY, "Ask how the meeting went", f"{what}, planned for {day}", "Record the visit", planned_for
    if referral.wishes_again:
        return Urgency.SOON, "Wants to go again: set a date", what, "Set a date", referral.touched_at
    if referral.missed_undiscussed:
        since = planned_for or referral.touched_at
        return Urgency.SOON, "Discuss what got in the way and reconnect", what, "Open referral", since
    if referral.state == Step.OFFERED:
        return Urgency.SOON, "Set a date or close the referral", what, "Open referral", referral.offered_at
    if referral.state == Step.LINKED:
        return (
            Urgency.SOON,
            "Set a date with the client",
            f"{what}, with a volunteer",
            "Open referral",
            referral.touched_at,
        )
    if referral.state == Step.PLANNED:
        return Urgency.SOON, "Ask whether they want to try again", what, "Set a date", referral.touched_at
    return Urgency.SOON, "Ask whether they still go", what, "Open referral", referral.touched_at
