"""A plan's follow-up: a neutral message to the client and a reminder to the person who made the plan, or neither."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.utils import timezone

from cases.people import primary_counselors
from reminders import outbox, standing
from reminders.models import Reminder
from staff import office_hours, phones
from staff.models import StaffMember
from staff.reading import Reading, reads, rows, together

from . import private_links
from .models import FollowThrough, PrivateLink, Referral
from .models.followthrough import CLOSING_STEPS, Step
from .thresholds import FOLLOWUP_DAYS

# Long after the plan there is no sense in asking how it went by message; staff still see it on Today.
_OF_USE = datetime.timedelta(days=7)
_ASKED_AT = datetime.time(10)  # on the client's clock, some days after the meeting


def schedule(plan: FollowThrough, *, remind_client: bool, private_link: bool = True) -> list[Reminder]:
    """Put the follow-up of a plan into the outbox, in the plan's transaction. A plan long past gets none.

    With `private_link`, a written message to the client leads to a page where they say how it was.
    """
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
            client_or_staff=_asks(plan),
            due_at=office_hours.next_open(due_at, client.clinic),
            not_after=not_after,
            dedupe_key=_key(plan.pk, "staff"),
            context=cause,
            by=plan.by,
        )
    ]
    if remind_client:
        if private_link:
            private_links.make(plan, from_day=due_at)
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


def ask_again(link: PrivateLink, *, by: StaffMember) -> Reminder:
    """Ask the client once more, by a message with this new private link, at a good hour from now on."""
    client = link.follow_through.referral.client
    return outbox.schedule(
        kind="client_meeting_followup",
        client_or_staff=client,
        due_at=link.made_at,
        not_after=link.expires_at,
        dedupe_key=link.reminder_key,
        context={
            "referral_id": link.follow_through.referral_id,
            "follow_through_id": link.follow_through_id,
            "number": phones.spoken(client.clinic.phone),
        },
        by=by,
    )


def cancel(referral: Referral, reason: str, *, by: StaffMember | None, answered: bool = False) -> None:
    """Cancel what is still scheduled for this referral, and turn off the private links of what was promised.

    With `answered`, only for the promises that a visit answered, but those of the client's other referrals to the same
    meeting, too: nobody turned those links off, the answer did.
    """
    promises = FollowThrough.objects.filter(referral=referral).promises()
    if answered:
        of_client = FollowThrough.objects.filter(referral__client=referral.client_id)
        promises = of_client.promises().filter(is_answered=True)  # type: ignore[misc]
    plans = list(promises.values_list("pk", flat=True))
    links = private_links.turn_off_all(plans, by=None if answered else by)
    keys = [*keys_of(plans), *(link.reminder_key for link in links)]
    waiting = Reminder.objects.filter(dedupe_key__in=keys).waiting()
    for key in waiting.values_list("dedupe_key", flat=True):
        outbox.cancel(dedupe_key=key, reason=reason, by=by)


def keys(referral: Referral) -> list[str]:
    """The keys of all follow-ups that this referral ever had."""
    return keys_of(FollowThrough.objects.filter(referral=referral).promises().values_list("pk", flat=True))


def keys_of(plans: Iterable[int]) -> list[str]:
    """The keys of the follow-ups of these plans, by id."""
    return [_key(plan, whom) for plan in plans for whom in ("staff", "client")]


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which follow-ups are no longer needed, with the reason, asked just before sending; in a few queries for all."""
    promised = FollowThrough.objects.select_related("referral").promises()
    asked = yield from rows(promised.filter(pk__in=[_plan(each) for each in reminders]))
    plans = {plan.pk: plan for plan in asked}
    referrals = {plan.referral_id for plan in asked}
    taken, statuses = yield from together(
        rows(FollowThrough.objects.filter(referral__in=referrals).only("referral", "step").order_by("pk")),
        standing.standings.part({plan.referral.client_id for plan in asked}),
    )
    steps: dict[int, list[FollowThrough]] = defaultdict(list)
    for step in taken:
        steps[step.referral_id].append(step)
    found = {}
    for each in reminders:
        plan = plans.get(_plan(each))
        if plan is not None:
            later = [step for step in steps[plan.referral_id] if step.pk > plan.pk]
            why = standing.why_not_now(each.kind, statuses[plan.referral.client_id]) or _why_gone(plan, later)
        else:
            why = "the plan no longer exists" if "follow_through_id" in each.context else ""
        if why:
            found[each.pk] = why
    return found


def _asks(plan: FollowThrough) -> StaffMember:
    """Who is reminded to ask: whoever made the plan; for a client's own, whoever planned with them last.

    Where nobody of them works here any more, nor who offered it, it is the primary counselor.
    """
    if plan.by is not None:
        return plan.by
    planned = FollowThrough.objects.filter(referral=plan.referral_id, by__is_active=True, planned_for__isnull=False)
    last = planned.select_related("by").order_by("pk").last()
    if last is not None and last.by is not None:
        return last.by
    referral = plan.referral
    if referral.offered_by.is_active:
        return referral.offered_by
    return primary_counselors.of([referral.client_id], plan.at).get(referral.client_id, referral.offered_by)


def _plan(reminder: Reminder) -> int:
    number: int = reminder.context.get("follow_through_id", 0)
    return number


def _why_gone(plan: FollowThrough, later: Sequence[FollowThrough]) -> str:
    if plan.attends_on_own:
        return "the client attends on their own"
    if plan.is_answered:
        return "the visit was discussed"
    taken = {step.step for step in later}
    if Step.PLANNED in taken:
        return "a new date was set"
    return "the referral was closed" if taken & set(CLOSING_STEPS) else ""


def _key(plan_id: int, whom: str) -> str:
    return f"referral-plan-{plan_id}-{whom}"


@reads
def clients(referrals: Collection[int]) -> Reading[dict[int, int]]:
    """Whose referrals these are, by referral id."""
    return dict((yield from rows(Referral.objects.filter(pk__in=referrals).values_list("pk", "client"))))
