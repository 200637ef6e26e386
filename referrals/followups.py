"""A plan's follow-up: a neutral message to the client and a reminder to the person who made the plan, or neither."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import timezone

from reminders import outbox, standing
from reminders.models import Reminder
from staff import office_hours, phones
from staff.models import StaffMember

from .models import FollowThrough, MeetingVisit, Referral
from .models.followthrough import CLOSING_STEPS, Step
from .thresholds import FOLLOWUP_DAYS

# Long after the plan there is no sense in asking how it went by message; staff still see it on Today.
_OF_USE = datetime.timedelta(days=7)
_ASKED_AT = datetime.time(10)  # on the client's clock, some days after the meeting


def schedule(plan: FollowThrough, *, remind_client: bool) -> list[Reminder]:
    """Put the follow-up of a plan into the outbox, in the plan's transaction. A plan long past gets none."""
    if plan.planned_for is None:
        raise ValueError("Set a date before scheduling a follow-up.")
    client = plan.referral.client
    morning = datetime.datetime.combine(timezone.localdate(plan.planned_for, client.zone), _ASKED_AT)
    due_at = outbox.wall_clock(morning, zone=client.zone, days=FOLLOWUP_DAYS.for_clinic(client.clinic))
    not_after = due_at + _OF_USE
    if not_after < timezone.now():
        return []
    cause = {"referral_id": plan.referral_id, "follow_through_id": plan.pk}
    scheduled = [
        outbox.schedule(
            kind="staff_followup_call",
            client_or_staff=plan.by,
            due_at=office_hours.next_open(due_at, client.clinic),
            not_after=not_after,
            dedupe_key=_key(plan.pk, "staff"),
            context=cause,
            by=plan.by,
        )
    ]
    if remind_client:
        scheduled.append(
            outbox.schedule(
                kind="client_meeting_followup",
                client_or_staff=client,
                due_at=due_at,
                not_after=not_after,
                dedupe_key=_key(plan.pk, "client"),
                context={**cause, "number": phones.spoken(client.clinic.phone)},
                by=plan.by,
            )
        )
    return scheduled


def cancel(referral: Referral, reason: str, *, by: StaffMember, answered: bool = False) -> None:
    """Cancel what is still scheduled for this referral; with `answered`, for the promises that a visit answered."""
    promises = FollowThrough.objects.filter(referral=referral).promises()
    if answered:
        promises = promises.filter(is_answered=True)  # type: ignore[misc]
    waiting = Reminder.objects.filter(dedupe_key__in=_keys(promises.values_list("pk", flat=True))).waiting()
    for key in waiting.values_list("dedupe_key", flat=True):
        outbox.cancel(dedupe_key=key, reason=reason, by=by)


def keys(referral: Referral) -> list[str]:
    """The keys of all follow-ups that this referral ever had."""
    return _keys(FollowThrough.objects.filter(referral=referral).promises().values_list("pk", flat=True))


def _keys(plans: Iterable[int]) -> list[str]:
    return [_key(plan, whom) for plan in plans for whom in ("staff", "client")]


def gone(reminder: Reminder) -> str:
    """Why a follow-up is no longer needed, checked just before sending; empty if it is."""
    rows = FollowThrough.objects.select_related("referral__client")
    plan = rows.filter(pk=reminder.context.get("follow_through_id")).promises().first()
    if plan is None:
        return "" if "follow_through_id" not in reminder.context else "the plan no longer exists"
    if why_not := standing.why_not_about(reminder.kind, plan.referral.client):
        return why_not
    if plan.is_answered:
        return "the visit was discussed"
    later = FollowThrough.objects.filter(referral=plan.referral_id, pk__gt=plan.pk)
    if later.filter(step=Step.PLANNED).exists():
        return "a new date was set"
    if later.filter(step__in=CLOSING_STEPS).exists():
        return "the referral was closed"
    told = MeetingVisit.objects.filter(referral=plan.referral_id).values("recorded_at")  # these keep what was engaged
    by_judgement = later.filter(step=Step.ENGAGED).exclude(at__in=told)
    return "the client attends on their own" if by_judgement.exists() else ""


def _key(plan_id: int, whom: str) -> str:
    return f"referral-plan-{plan_id}-{whom}"
