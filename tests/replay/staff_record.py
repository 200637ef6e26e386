"""What is on record at a moment, read anew for the second opinion on messages to colleagues (staff_wanted.py).

Rows are read once, after the month; each question asks what was known by then.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F

from appointments.models import Appointment, AppointmentStep, ContinuingCareChoice, FollowUpCall, NoShowContact
from cases.models import CareTeamMember, Client, Inquiry, LevelOfCarePeriod, TreatmentEpisode
from counseling.models import Measure, PlanReview, SessionNote, TreatmentPlan
from groups.models import Attendance, MentorStep, MentorTerm
from privacy.models import Consent, ConsentStatus
from referrals.models import FollowThrough, MeetingVisit
from reminders.models import DeliveryAttempt
from staff.models import AuditEntry, Clinic, StaffMember

from .facts import DAY, ended
from .life import Journal

OFFICE_OPENS, OFFICE_CLOSES, MONDAY_TO_FRIDAY = datetime.time(8), datetime.time(17), range(5)


def by(name: str, rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _stands(member: CareTeamMember, at: datetime.datetime) -> bool:
    return member.starts_at <= at and (not member.ends_at or member.ends_at > at)


class Record:
    """The whole clinic's rows, and the few questions that several kinds of message share."""

    def __init__(self, begin: datetime.datetime, journal: Journal) -> None:
        self.begin, self.journal = begin, journal
        self.clinic = Clinic.objects.get()
        before = DeliveryAttempt.objects.filter(outcome="sent", started_at__lt=begin, reminder__client=None)
        told = before.values_list("reminder__kind", "reminder__staff_member", "reminder__asked_for")
        self.told_before = set(told)  # by the demo, in its past
        self.zone = self.clinic.zone
        acts = AuditEntry.objects.filter(at__gte=begin).exclude(act__startswith="reminders.")
        self.acts = sorted(set(acts.values_list("at", flat=True)))
        self.team = by("client_id", CareTeamMember.objects.filter(part="primary").order_by("starts_at", "pk"))
        self.covers = by("client_id", CareTeamMember.objects.filter(part="covering").order_by("starts_at", "pk"))
        assert not StaffMember.objects.filter(is_active=False).exists(), "nobody leaves in this month"
        self.supervisors = dict(StaffMember.objects.values_list("pk", "supervisor"))
        self.clients = {each.pk: each for each in Client.objects.select_related("clinic")}
        self.stays = by("client_id", TreatmentEpisode.objects.select_related("program").order_by("pk"))
        self.levels = by("episode_id", LevelOfCarePeriod.objects.order_by("starts_at"))
        self.plans = by("episode_id", TreatmentPlan.objects.order_by("started_at"))
        reviews = PlanReview.objects.annotate(episode_id=F("plan__episode")).order_by("reviewed_at", "pk")
        self.reviews = by("episode_id", reviews)
        self.measures: dict[tuple[int, str], list[Measure]] = defaultdict(list)
        for each in Measure.objects.select_related("withdrawal").order_by("taken_at"):
            if each.total is not None or each.band or each.subscales:  # every question was answered
                self.measures[each.client_id, each.instrument].append(each)
        self.notes = list(SessionNote.objects.defer("words"))
        self.notes_of = by("client_id", self.notes)
        self.inquiries = list(Inquiry.objects.filter(is_draft=False))
        self.consents = list(Consent.objects.all())
        self.statuses = by("consent_id", ConsentStatus.objects.all())
        self.terms = list(MentorTerm.objects.select_related("membership"))
        self.mentor_steps = by("membership_id", MentorStep.objects.filter(kind="approved"))
        self.appointments = by("client_id", Appointment.objects.order_by("starts_at", "pk"))
        self.appointment_steps = by("appointment_id", AppointmentStep.objects.order_by("pk"))
        self.contacts = by("appointment_id", NoShowContact.objects.order_by("at", "pk"))
        attended = Attendance.objects.filter(mark__in=["present", "late", "left_early"])
        attended = attended.annotate(client_id=F("membership__client"), at=F("session__starts_at"))
        self.attended = by("client_id", attended)
        self.calls = by("episode_id", FollowUpCall.objects.order_by("at", "pk"))
        self.choices = by("episode_id", ContinuingCareChoice.objects.order_by("at", "pk"))
        self.referral_steps = by("referral_id", FollowThrough.objects.select_related("referral").order_by("pk"))
        self.visits = by("referral_id", MeetingVisit.objects.all())

    def day(self, at: datetime.datetime) -> datetime.date:
        return at.astimezone(self.zone).date()

    def at_local(self, day: datetime.date, time: datetime.time) -> datetime.datetime:
        return datetime.datetime.combine(day, time, self.zone).astimezone(datetime.UTC)

    def morning(self, day: datetime.date) -> datetime.datetime:
        """When colleagues are reminded of a day."""
        return self.at_local(day, datetime.time(8))

    def in_office(self, at: datetime.datetime) -> datetime.datetime:
        """That moment, or when the office opens next."""
        local = at.astimezone(self.zone)
        if local.weekday() in MONDAY_TO_FRIDAY and OFFICE_OPENS <= local.time() < OFFICE_CLOSES:
            return at
        day = local.date() + (DAY if local.time() >= OFFICE_OPENS else 0 * DAY)
        while day.weekday() not in MONDAY_TO_FRIDAY:
            day += DAY
        return self.at_local(day, OFFICE_OPENS)

    def primary(self, client: int, at: datetime.datetime) -> int | None:
        """Their primary counselor then, or who covers while that colleague is away."""
        now = [each for each in self.team[client] if _stands(each, at)]
        if not now:
            return None
        lead = now[-1].staff_member_id
        covers = [each for each in self.covers[client] if each.covers_for_id == lead and _stands(each, at)]
        return covers[-1].staff_member_id if covers else lead

    def known_stays(self, client: int, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each in self.stays[client] if self.journal.admitted.get(each.pk, self.begin) <= at]

    def open_stays(self, client: int, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each in self.known_stays(client, at) if not ended(each, at)]

    def last_ended(self, client: int, at: datetime.datetime) -> TreatmentEpisode | None:
        past = [each for each in self.known_stays(client, at) if ended(each, at)]
        return max(past, key=lambda each: (each.discharged_on, each.pk), default=None)

    def is_alive(self, client: int, at: datetime.datetime) -> bool:
        return not any(each.discharge_reason == "died" and ended(each, at) for each in self.known_stays(client, at))

    def step_at(self, appointment: int, at: datetime.datetime) -> tuple[str, datetime.datetime]:
        """The last step of an appointment by then, and since when."""
        last = [each for each in self.appointment_steps[appointment] if each.at <= at][-1:]
        return (last[0].step, last[0].at) if last else ("", at)
