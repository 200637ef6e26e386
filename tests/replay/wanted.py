"""What somebody wanted sent to a client in a month, and when, from the causes alone (oracle.py)."""

from __future__ import annotations

import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from appointments.models import Appointment, AppointmentStep, ContinuingCareChoice, FollowUpCall, NoShowContact
from cases.models import Relapse, SobrietyStatement
from cases.recovery import sobriety
from groups.models import GroupSession, Membership
from referrals.models import FollowThrough, MeetingVisit
from reminders.models import Reminder

from .facts import CANCELED, CLOSES, DAY, HOUR, OPENS, TO_COME, Facts, Message
from .life import Journal


def wanted(facts: Facts, begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> Iterator[Message]:
    """In the order in which the demo writes them."""
    yield from _meetings(facts, begin)
    yield from _appointments(facts, begin)
    yield from _demos_own(facts, begin)
    yield from _groups(facts, begin, end, journal)
    yield from _calls(facts, begin, end)
    yield from _milestones(facts, begin, end)


def _demos_own(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """The demo promises some reminders without an appointment behind them: what was asked for is the fact."""
    for row in Reminder.objects.filter(client=facts.client, dedupe_key__regex="^demo-(appointment|text):"):
        if row.sent_at is None or row.sent_at >= begin:
            words = _in_words(facts.local(row.not_after)) if row.not_after else ()
            yield Message("client_appointment", row.created_at, row.asked_for, row.not_after, words=words)


def _appointments(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """The day before at the same hour, two hours before, at once if booked, moved or canceled; after a no-show."""
    own = list(Appointment.objects.filter(client=facts.client))
    steps: dict[int, list[AppointmentStep]] = defaultdict(list)
    for step in AppointmentStep.objects.filter(appointment__in=own).order_by("pk"):
        steps[step.appointment_id].append(step)
    came_from = {each.moved_to_id for each in own if each.moved_to_id}

    def step_at(appointment: Appointment, at: datetime.datetime) -> str:
        return [each.step for each in steps[appointment.pk] if _recorded(each) <= at][-1]

    reached = [
        (each.appointment_id, each.at) for each in NoShowContact.objects.filter(appointment__in=own, outcome="reached")
    ]

    def another(missed: Appointment, at: datetime.datetime) -> bool:
        """They were reached about it or came later, or an appointment is ahead that was booked since."""
        if any(appointment == missed.pk and when <= at for appointment, when in reached):
            return True
        marked = max(_recorded(step) for step in steps[missed.pk] if step.step == "no_show")
        later = [each for each in own if each.starts_at > missed.starts_at and _recorded(steps[each.pk][0]) <= at]
        zone = missed.clinic.zone
        return any(
            step_at(each, at) in {"arrived", "kept"}
            or (
                step_at(each, at) in TO_COME
                and _recorded(steps[each.pk][0]) >= marked
                and each.starts_at.astimezone(zone).date() >= at.astimezone(zone).date()
            )
            for each in later
        )

    for appointment in own:
        starts, local = appointment.starts_at, facts.local(appointment.starts_at)
        words = _in_words(local)
        booked = _recorded(steps[appointment.pk][0])
        after_care = appointment.purpose in {"after_discharge", "checkup"}
        visit = partial(Message, booked=booked, for_after_care=after_care)

        def ahead(at: datetime.datetime, appointment: Appointment = appointment) -> bool:
            return step_at(appointment, at) in TO_COME

        def withdrawn(at: datetime.datetime, appointment: Appointment = appointment) -> bool:
            return step_at(appointment, at) in {*CANCELED, "moved"}

        zone = facts.planned_in if booked <= begin else facts.zone
        then = starts.astimezone(zone)
        day_before = datetime.datetime.combine(then.date() - DAY, then.time(), zone).astimezone(datetime.UTC)
        hours_before = starts - 2 * HOUR
        dues = [day_before] + ([hours_before] if OPENS <= hours_before.astimezone(zone).time() < CLOSES else [])
        dues = [each for each in dues if each > booked]
        if starts > booked and (booked > begin or appointment.series_id):  # the demo tells of its series alone
            if appointment.pk in came_from:
                yield visit("client_moved", booked, booked, starts, ahead, withdrawn, words)
            elif _is_first_told(appointment) and not any(each < booked + DAY for each in dues):
                yield visit("client_booked", booked, booked, starts, ahead, withdrawn, words)
        for due in dues:
            yield visit("client_appointment", booked, due, starts, ahead, withdrawn, words)
        for step in steps[appointment.pk]:
            at = _recorded(step)
            if at < begin:
                continue
            if step.step == "by_clinic" and starts > at:
                yield visit("client_canceled", at, at, starts, words=words)
            if step.step == "no_show":
                due = appointment.ends_at + 2 * HOUR
                if due + DAY >= at:

                    def still_missed(now: datetime.datetime, missed: Appointment = appointment) -> bool:
                        return step_at(missed, now) == "no_show" and not another(missed, now)

                    yield visit("client_missed_appointment", at, due, due + DAY, still_missed)


def _in_words(local: datetime.datetime) -> tuple[str, str]:
    """The day and the hour by the client's own clock, wherever they lived when it was planned."""
    return f"{local:%A, %b} {local.day}", f"{local:%-I:%M %p}"


def _recorded(step: AppointmentStep) -> datetime.datetime:
    return step.at


def _is_first_told(appointment: Appointment) -> bool:
    """Of a series, only the first appointment is told of at once."""
    if appointment.series_id is None:
        return True
    first = Appointment.objects.filter(series=appointment.series_id).order_by("starts_at").first()
    return first is not None and first.pk == appointment.pk


def _groups(facts: Facts, begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> Iterator[Message]:
    """The day before at the same hour, of the first session of each week (from Sunday) alone."""
    clinic = facts.client.clinic.zone
    spells = list(Membership.objects.filter(client=facts.client))
    weeks: dict[datetime.date, list[GroupSession]] = defaultdict(list)
    rows = GroupSession.objects.filter(group__in=[each.group_id for each in spells], starts_at__lt=end + 9 * DAY)
    for session in rows.order_by("starts_at", "pk"):
        day = session.starts_at.astimezone(clinic).date()
        if any(each.group_id == session.group_id and each.is_current(day) for each in spells):
            weeks[day - (day.weekday() + 1) % 7 * DAY].append(session)
    for sessions in weeks.values():
        for session in sessions:
            local = facts.local(session.starts_at)
            due = facts.at_local(local.date() - DAY, local.time())

            def is_first(
                at: datetime.datetime,
                session: GroupSession = session,
                sessions: list[GroupSession] = sessions,
            ) -> bool:
                held = [each for each in sessions if each.cancelled_at is None or each.cancelled_at > at]
                return bool(held) and held[0].pk == session.pk

            # Put into the outbox by the hour, 15 days ahead, and again when an earlier one was canceled.
            known = max(begin, journal.sessions.get(session.pk, begin), due - 15 * DAY)
            freed = [each.cancelled_at for each in sessions if each.cancelled_at and each.starts_at < session.starts_at]
            born = next((at for at in sorted(_strikes([known, *freed])) if is_first(at)), None)
            if born is None or due < max(born - 2 * DAY, begin):  # what was due before is the demo's past
                continue
            words = _in_words(local)
            yield Message("client_group", born, due, session.starts_at, is_first, words=words)


def _strikes(moments: list[datetime.datetime]) -> list[datetime.datetime]:
    """The first full hours from each of these moments on."""
    hours = [each.replace(minute=0, second=0, microsecond=0) for each in moments]
    return [hour if hour == each else hour + HOUR for hour, each in zip(hours, moments, strict=True)]


def _calls(facts: Facts, begin: datetime.datetime, end: datetime.datetime) -> Iterator[Message]:
    """After a discharge of this month: within 72 hours (24 after residential care), day 7, weekly, day 30 in week 4.

    The client hears of each at 10 AM the day before.
    """
    for stay, _ in facts.stays:
        if stay.discharged_on is None or stay.discharged_at is None or stay.discharged_at < begin:
            continue
        assert not ContinuingCareChoice.objects.filter(episode=stay).exclude(pace="full").exists()
        assert not FollowUpCall.objects.filter(episode=stay).exists()
        first = 1 if stay.program.setting in (3, 4) else 3
        for days in (first, 7, 14, 21, 30):
            on = stay.discharged_on + days * DAY
            due = facts.at_local(on - DAY, datetime.time(10))
            (born,) = _strikes([max(stay.discharged_at, due - 15 * DAY)])
            words = (f"{on:%A, %b} {on.day}",)
            if due >= born - 2 * DAY:
                yield Message("client_continuing_care", born, due, facts.at_local(on, datetime.time(9)), words=words)


def _meetings(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """At 10 AM on the day after a planned mutual-help meeting, for a week, while nothing came of it."""
    rows = list(FollowThrough.objects.filter(referral__client=facts.client).order_by("pk"))
    for row in rows:
        if row.step != "planned" or row.planned_for is None:
            continue
        zone = facts.planned_in if row.at <= begin else facts.zone
        day = row.planned_for.astimezone(zone).date() + DAY
        due = datetime.datetime.combine(day, datetime.time(10), zone).astimezone(datetime.UTC)
        if due + 7 * DAY < max(begin, row.at):
            continue
        later = [each for each in rows if each.pk > row.pk and each.referral_id == row.referral_id]
        visits = MeetingVisit.objects.filter(referral=row.referral_id, recorded_at__gte=row.at)
        ends = [each.at for each in later if each.step in {"planned", "declined", "ended", "engaged", "visited"}]
        # The one that a client's own plan came with is of an earlier day.
        ends += [
            each.recorded_at for each in visits if not each.own_report_id or each.own_report_id != row.own_report_id
        ]

        def goes_on(at: datetime.datetime, ends: list[datetime.datetime] = ends) -> bool:
            return not any(each <= at for each in ends)

        yield Message("client_meeting_followup", row.at, due, due + 7 * DAY, goes_on)


def _milestones(facts: Facts, begin: datetime.datetime, end: datetime.datetime) -> Iterator[Message]:
    """At 10 AM on the day itself, each once in a stretch, to who allows messages, and as long as it is true."""
    events = list(Relapse.objects.filter(client=facts.client).order_by("started_on", "pk"))
    stated = list(SobrietyStatement.objects.filter(client=facts.client).order_by("stated_at", "pk"))

    def sober_since(at: datetime.datetime) -> datetime.date | None:
        known = [each for each in events if each.recorded_at <= at], [each for each in stated if each.stated_at <= at]
        standing = sobriety.standing_from(*known, facts.local(at).date())
        return None if standing.approximate else standing.sobriety_date

    def days(at: datetime.datetime) -> set[tuple[datetime.date, str]]:
        date, last = sober_since(at), facts.local(end).date()
        found = sobriety.milestones_from(date, until=last) if date else []
        return {(each.on, each.label) for each in found if each.on >= facts.local(begin).date()}

    learned = [each.recorded_at for each in events] + [each.stated_at for each in stated]
    moments = sorted({begin, *(at for at in learned if begin < at < end)})
    done: set[str] = set()
    for on, label in sorted(set().union(*(days(at) for at in moments))):
        due, last = (facts.at_local(on, time) for time in (datetime.time(10), datetime.time(20, 59)))
        message = Message("client_milestone", begin, due)

        def holds(at: datetime.datetime, on: datetime.date = on, label: str = label) -> bool:
            return (on, label) in days(at)

        # Put into the outbox by the hour, 15 days ahead, as soon as it is one and somebody may be written to.
        hours = (max(begin, *_strikes([due - 15 * DAY])) + number * HOUR for number in itertools.count())
        born = next(
            (
                at
                for at in itertools.takewhile(lambda at, last=last: at < min(last, end), hours)
                if holds(at) and facts.in_right_care(message, at) and facts.written_to(at)
            ),
            None,
        )
        if born is None or label in done:
            continue
        if holds(due):
            done.add(label)
        yield Message("client_milestone", born, due, last, holds)
