"""Follow-up on Today, derived: after a no-show, after a discharge, and a visit that is due soon after one."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from appointments import addresses, calendar, calls_due, closed_times, no_show_steps, said_use, unmarked, visits
from appointments.call_plan import CallKind
from appointments.calls_due import FollowedUp
from appointments.codes import NoShowStep, Step
from appointments.follow_up_filters import NOBODY
from appointments.follow_up_windows import SEVEN, THIRTY, WindowStanding, standing
from appointments.models import Appointment, AppointmentStep, FollowUpCall
from appointments.no_show_steps import Protocol
from cases.models import CareTeamMember, TreatmentEpisode
from cases.models.visibility import of_clients_visible_to
from staff.access import Permission, can
from staff.days import beginning_of, day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, each, query, reads, rows, together

KIND = "Follow-up"
MOST = 6  # calls one by one; the list has them all
SOON = 2  # days left in a window


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """What appointments, calls after a discharge, and windows ask for, and use that was told.

    Of appointments: steps after a no-show, those that nobody marked, those in time off or on a holiday. Of own clients
    only, and for whoever assigns care teams of those who have no counselor.
    """
    today = timezone.localdate(now, staff_member.clinic.zone)
    parts: list[Reading[list[Need]]] = []
    if can(staff_member, Permission.APPOINTMENT_BOOK):
        parts += [
            _no_shows(staff_member, now, today),
            unmarked.needs.part(staff_member=staff_member, now=now),
            closed_times.needs.part(staff_member=staff_member, now=now),
        ]
    if can(staff_member, Permission.FOLLOW_UP_RECORD):
        parts += [_after_discharge(staff_member, today), _said_use(staff_member)]
        if can(staff_member, Permission.CARE_TEAM_ASSIGN):
            parts.append(_without_counselor(staff_member, today))
    found = yield from each(parts)
    return [need for own in found for need in own]


def _no_shows(staff_member: StaffMember, now: datetime.datetime, today: datetime.date) -> Reading[list[Need]]:
    """The step that is due after each client's or caller's latest no-show."""
    since = no_show_steps.looks_back_to(staff_member.clinic, now)
    missed, by_callers = yield from together(
        rows(query(_missed, by=staff_member, since=since)),
        rows(query(_missed_by_callers, by=staff_member, since=since)),
    )
    latest: dict[tuple[int | None, int | None], Appointment] = {(each.client_id, None): each for each in missed}
    latest |= {(None, each.inquiry_id): each for each in by_callers}
    found = yield from no_show_steps.protocols.part(list(latest.values()), clinic=staff_member.clinic, on=today)
    return [_step(protocol, staff_member, today) for protocol in found if protocol.to_do(today)]


def _step(protocol: Protocol, staff_member: StaffMember, today: datetime.date) -> Need:
    step, appointment = protocol.to_do(today), protocol.appointment
    assert step is not None
    titles = {
        NoShowStep.CALL: "Call about a missed appointment",
        NoShowStep.SECOND_CHANNEL: "Try another way after a missed appointment",
        NoShowStep.REVIEW: "Review a missed appointment",
        NoShowStep.LETTER: "Send a letter after a missed appointment",
    }
    start = timezone.localtime(appointment.starts_at, staff_member.clinic.zone)
    return Need(
        urgency=Urgency.TODAY,
        title=titles[step.step],
        detail=f"{appointment.get_purpose_display()}, {start:%a, %b} {start.day}, {start:%-I:%M %p}",
        url=addresses.of(appointment, "no_show"),
        button="Open",
        icon="phone-missed" if step.step == NoShowStep.CALL else "user-round-search",
        due=step.due_on,
        client_name=calendar.name_of(appointment, reader=staff_member),
        kind="Appointments",
    )


def _after_discharge(staff_member: StaffMember, today: datetime.date) -> Reading[list[Need]]:
    """Calls and windows of the clients whose primary counselor the person is."""
    followed = yield from calls_due.of_caseload.part(staff_member=staff_member, on=today)
    windows = yield from _windows(followed, staff_member, today)
    followed.sort(key=lambda each: (each.plan.discharged_on, each.client.pk), reverse=True)  # soon after it first
    calls = [need for each in followed if (need := _call(each, today)) is not None]
    due = [need for need in calls if need.urgency == Urgency.TODAY]
    ahead = [need for need in calls if need.urgency == Urgency.SOON]
    return [*due[:MOST], *_more(due[MOST:]), *ahead, *windows]


def _without_counselor(staff_member: StaffMember, today: datetime.date) -> Reading[list[Need]]:
    """What no one would do, to whoever assigns care teams: one line for the calls, and one for each visit's window."""
    found = yield from calls_due.without_counselor.part(staff_member=staff_member, on=today)
    windows = yield from _windows(found, staff_member, today)
    own = [replace(each, detail=f"{each.detail} No primary counselor: assign one.") for each in windows]
    due = [each.plan.due(today)[-1].due_on for each in found if not each.why_not and each.plan.due(today)]
    if not due:
        return own
    number = len(due)
    return [
        *own,
        Need(
            urgency=Urgency.TODAY,
            title=f"{number} follow-up call{'' if number == 1 else 's'} without a counselor",
            detail="Assign a primary counselor, who is asked to call.",
            url=f"{reverse('appointments:follow_ups')}?counselor={NOBODY}",
            button="See calls",
            icon="phone-outgoing",
            due=min(due),
            kind=KIND,
        ),
    ]


def _more(calls: Sequence[Need]) -> Iterable[Need]:
    """One line for the calls that are not shown one by one."""
    if calls:
        number = len(calls)
        yield Need(
            urgency=Urgency.TODAY,
            title=f"{number} more follow-up call{'' if number == 1 else 's'}",
            detail="Clients discharged longer ago.",
            url=reverse("appointments:follow_ups"),
            button="See calls",
            icon="phone-outgoing",
            due=min(calls, key=_due).due,
            kind=KIND,
        )


def _call(followed: FollowedUp, today: datetime.date) -> Need | None:
    if followed.why_not:
        return None
    due, ahead = followed.plan.due(today), followed.plan.next_call(today)
    call = due[-1] if due else ahead if ahead is not None and ahead.kind == CallKind.FIRST else None
    if call is None:
        return None
    assert followed.episode.discharged_on is not None
    return Need(
        urgency=Urgency.TODAY if due else Urgency.SOON,
        title="Recovery checkup" if call.kind == CallKind.CHECKUP else "Follow-up call",
        detail=f"{call.kind.label}. Discharged {day_in_words(followed.episode.discharged_on)}.",
        url=f"{reverse('appointments:follow_up', args=[followed.client.pk])}#call",
        button="Call",
        icon="phone-outgoing",
        due=call.due_on,
        client_name=followed.client.full_name,
        kind=KIND,
    )


def _stay_with_window(followed: FollowedUp, today: datetime.date) -> TreatmentEpisode | None:
    """The last stay of high intensity, if its 30 days are not over and someone still follows up."""
    since = today - datetime.timedelta(days=THIRTY)
    return followed.high_intensity_stay(since) if followed.is_followed_up else None


def _windows(followed: Sequence[FollowedUp], staff_member: StaffMember, today: datetime.date) -> Reading[list[Need]]:
    """The open windows of these clients, each until a visit meets it."""
    zone, may_book = staff_member.clinic.zone, can(staff_member, Permission.APPOINTMENT_BOOK)
    inside = [
        (one, stay.discharged_on)
        for one in followed
        if (stay := _stay_with_window(one, today)) is not None and stay.discharged_on is not None
    ]
    if not inside:
        return []
    first = min(discharged_on for _, discharged_on in inside)
    clients = [one.client.pk for one, _ in inside]
    seen = yield from visits.since.part(clients=clients, since=beginning_of(first, zone))
    found = []
    for one, discharged_on in inside:
        days = [timezone.localdate(at, zone) for at in seen.get(one.client.pk, [])]
        own = standing(discharged_on=discharged_on, visits=days)
        if (ends := own.ends_on(today)) is not None:
            found.append(_window(one, own, ends, today, may_book=may_book))
    return found


def _window(
    followed: FollowedUp, own: WindowStanding, ends: datetime.date, today: datetime.date, *, may_book: bool
) -> Need:
    left = own.days_left(today) or 0
    which = SEVEN if ends == own.windows.seven_ends else THIRTY
    return Need(
        urgency=Urgency.TODAY if left <= SOON else Urgency.SOON,
        title=f"Visit within {which} days of discharge",
        detail=f"{left} day{'' if left == 1 else 's'} left. Book a visit, or sign its note.",
        url=addresses.to_book_a_visit(followed.client) if may_book else addresses.windows_of(followed.client),
        button="Book a visit" if may_book else "Open",
        icon="calendar-clock",
        due=ends,
        client_name=followed.client.full_name,
        kind=KIND,
    )


def _said_use(staff_member: StaffMember) -> Reading[list[Need]]:
    """Use that was told of in a call, until someone records it or a way back in begins; one line a client."""
    calls = yield from rows(query(_told, by=staff_member))
    latest = {call.client_id: call for call in calls}
    return [
        Need(
            urgency=Urgency.TODAY,
            title="Use reported in a follow-up call",
            detail="Record the return to use, or open the way back in.",
            url=reverse("appointments:follow_up_call", args=[call.client_id, call.pk]),
            button="Open",
            icon="door-open",
            due=call.at,
            client_name=call.client.full_name,
            kind=KIND,
        )
        for call in latest.values()
    ]


def _due(need: Need) -> datetime.date:
    return need.due.date() if isinstance(need.due, datetime.datetime) else need.due or datetime.date.max


def _own(by: Any) -> QuerySet[CareTeamMember, Any]:
    rows = CareTeamMember.objects.current().led_by(by)
    return rows.values("client")


def _missed(by: Any, since: Any) -> QuerySet[Appointment]:
    """No-shows of those the person was to meet, and of those whose primary counselor they are."""
    told = AppointmentStep.objects.filter(step=Step.NO_SHOW, at__gt=since).values("appointment")
    mine = Q(staff_member=by) | Q(client__in=_own(by))
    found = Appointment.objects.visible_to(by).filter(mine, of_clients_visible_to(by, "client"))
    found = found.filter(pk__in=told, starts_at__gt=since, client__isnull=False).with_step()
    found = found.filter(step=Step.NO_SHOW)  # type: ignore[misc]  # annotated
    return found.select_related("client").order_by("starts_at", "pk")


def _missed_by_callers(by: Any, since: Any) -> QuerySet[Appointment]:
    """No-shows of callers: for the intake desk, whoever follows the call, and whoever was to be met."""
    told = AppointmentStep.objects.filter(step=Step.NO_SHOW, at__gt=since).values("appointment")
    found = Appointment.objects.visible_to(by)
    if not (can(by, Permission.INQUIRY_TAKE) and can(by, Permission.CLIENT_VIEW_ALL)):
        found = found.filter(Q(staff_member=by) | Q(inquiry__assigned_to=by) | Q(inquiry__taken_by=by))
    found = found.filter(pk__in=told, starts_at__gt=since, client=None).with_step()
    found = found.filter(step=Step.NO_SHOW)  # type: ignore[misc]  # annotated
    return found.select_related("client", "inquiry__client").order_by("starts_at", "pk")


def _told(by: Any) -> QuerySet[FollowUpCall]:
    own = FollowUpCall.objects.visible_to(by).filter(client__in=_own(by))
    return said_use.unanswered(own).select_related("client").order_by("at", "pk")
