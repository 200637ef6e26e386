"""What colleagues do in that month, so that each kind of message to them is called for, and some no longer are."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from appointments import continuing_care, no_shows
from appointments.models import Appointment
from cases.intake import inquiries
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.people import care_team
from counseling import measures, notes, plans, signing
from counseling.models import SessionNote, TreatmentPlan
from groups import mentoring
from groups.models import MentorTerm
from privacy import consents
from referrals import referring
from referrals.models import FollowThrough
from staff import own_numbers
from staff.models import StaffMember

from .life import DAY, HOUR, Life

MENTORS_NOTICE = "groups.mentor_approval_notice"


class Work:
    """Deeds, each at its moment, by the clinic's clock."""

    def __init__(self, life: Life) -> None:
        self.life, self.days, self.journal = life, life.days, life.journal

    def begin(self, number_of_days: int) -> None:
        """Put everything that will be done into the calendar of these days."""
        at, days = self.life.moment, self.days
        for day in range(1, number_of_days):
            days.at(at(day, 9, 5), self.calls_after_no_shows)
            days.at(at(day, 15, 35), self.takes_next_steps)

        # Notes: signed in time, forgotten, discarded, cosigned in time, waiting for a cosignature.
        for day, then in ((1, "sign"), (2, ""), (5, "discard"), (6, "cosign"), (7, "sign"), (8, "wait"), (11, "wait")):
            days.at(at(day, 14, 20), self.writes_a_note, then, supervised=then in {"cosign", "wait"})

        # Before they are due: a measure, a review of a plan. After them: another counselor.
        for day in (4, 13, 20):
            days.at(at(day, 16, 10), self.measures_someone)
        for day in (3, 18):
            days.at(at(day, 13, 15), self.reviews_a_plan)
        days.at(at(9, 11, 45), self.hands_over, 2)
        days.at(at(5, 12, 15), self.takes_in_newcomers)

        # Consents that end soon, one of them revoked before anyone is told; approvals of mentors.
        for day, for_days in ((2, 24), (4, 10), (6, 22)):
            days.at(at(day, 10, 50), self.records_a_consent, for_days)
        days.at(at(11, 10, 50), self.revokes_the_last_consent)
        days.at(at(1, 12, 30), self.wants_earlier_notice, 75)
        days.at(at(12, 12, 30), self.renews_a_mentor)

        # Callers: called back in time, too late, closed, with interim services, new.
        days.at(at(0, 16, 25), self.calls_back, 1)
        days.at(at(0, 17, 25), self.begins_interim_services, 3)
        days.at(at(8, 9, 55), self.closes, 6)
        days.at(at(6, 13, 40), self.takes_a_call, pregnant=True)
        days.at(at(7, 13, 40), self.takes_a_call, injects=True)

        # A meeting that they went to, told of before the colleague is to ask.
        days.at(at(8, 9, 15), self.hears_of_a_visit)

        # After a discharge: reached early, another day agreed on, a slower pace, no calls.
        days.at(at(2, 11, 20), self.calls, outcome="reached")
        days.at(at(3, 11, 20), self.calls, outcome="not_reached")
        days.at(at(6, 11, 20), self.calls, outcome="reached", ahead=9)
        days.at(at(7, 11, 20), self.agrees, "none")
        days.at(at(9, 11, 20), self.agrees, "monthly")

    # --- after a missed appointment ---

    def calls_after_no_shows(self) -> None:
        """The day after: every third is reached."""
        since = self.days.now - DAY
        missed = Appointment.objects.filter(steps__step="no_show", steps__at__gt=since, client__isnull=False)
        for place, appointment in enumerate(missed.order_by("pk").distinct()):
            outcome = "reached" if place % 3 == 2 else "not_reached"
            self._step(appointment, "call", outcome)

    def takes_next_steps(self) -> None:
        """The next way on day 2, the review a day late, after every second one."""
        today = self.days.now.astimezone(self.life.zone).date()
        missed = Appointment.objects.filter(steps__step="no_show", client__isnull=False).order_by("pk").distinct()
        for place, appointment in enumerate(missed):
            after = (today - appointment.starts_at.astimezone(self.life.zone).date()).days
            if place % 2 and after in (2, 8):
                self._step(appointment, "second" if after == 2 else "review", "message" if after == 2 else "")

    def _step(self, appointment: Appointment, step: str, outcome: str) -> None:
        client = appointment.client
        died = TreatmentEpisode.objects.filter(client=client, discharge_reason="died").exists()
        last = appointment.steps.order_by("-pk").values_list("step", flat=True)[0]
        if last == "no_show" and not died:
            no_shows.record(appointment=appointment, step=step, outcome=outcome, by=self.life.supervisor)

    # --- notes, measures, plans ---

    def writes_a_note(self, then: str, *, supervised: bool) -> None:
        """A note about a session that ended half an hour ago; what becomes of it follows in the evening."""
        author = StaffMember.objects.filter(role="counselor", supervisor__isnull=not supervised).order_by("pk")[0]
        stay = self._in_care(author)[0]
        over = self.days.now - HOUR / 2
        note = notes.start(
            client=stay.client,
            episode=stay,
            by=author,
            session_started_at=over - HOUR,
            session_ended_at=over,
            sections=dict.fromkeys(("subjective", "objective", "assessment", "plan"), "Sample"),
        )
        if then:
            self.days.at(self.days.now + 2 * HOUR, self.finishes, note, then)

    def finishes(self, note: SessionNote, then: str) -> None:
        """Sign or discard it."""
        if then == "discard":
            notes.discard(note=note, by=note.author)
            return
        signing.sign(note=note, by=note.author, went_on_because="Seen today")
        if then == "cosign":
            self.days.at(self.days.now + 15 * HOUR, self.cosigns, note)

    def cosigns(self, note: SessionNote) -> None:
        """As the author's supervisor."""
        assert note.author.supervisor is not None
        signing.cosign(note=note, by=note.author.supervisor)

    def measures_someone(self) -> None:
        """Whoever was not measured for longest fills in two."""
        stays = TreatmentEpisode.objects.filter(discharged_on=None).order_by("pk")
        client = min((each.client for each in stays), key=self._last_measured)
        for instrument, items in (("phq-9", 9), ("gad-7", 7)):
            by = self.life.counselor(client)
            measures.record(client=client, instrument=instrument, answers=[0] * items, by=by)

    @staticmethod
    def _last_measured(client: Client) -> datetime.datetime:
        last = client.measures.filter(instrument="phq-9").order_by("-taken_at").first()
        return last.taken_at if last else datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def reviews_a_plan(self) -> None:
        """The one that was reviewed longest ago."""
        open_plans = TreatmentPlan.objects.filter(episode__discharged_on=None).order_by("episode_id", "-version")
        latest = open_plans.distinct("episode_id").select_related("client")
        plan = min(latest, key=lambda each: max([each.started_at, *(one.reviewed_at for one in each.reviews.all())]))
        goals: Any = plan.goals.filter(status="active")
        by = self.life.counselor(plan.client)
        plans.review(plan=plan, by=by, summary="Sample", progress=dict.fromkeys(goals, "same"))

    def hands_over(self, number: int) -> None:
        """Some clients get another primary counselor."""
        new = StaffMember.objects.filter(role="counselor").order_by("-pk")[0]
        others = TreatmentEpisode.objects.filter(discharged_on=None).order_by("pk")
        others = [each.client for each in others if self.life.counselor(each.client) != new]
        for client in others[:number]:
            care_team.assign(client=client, staff_member=new, by=self.life.supervisor)

    def takes_in_newcomers(self) -> None:
        """Whoever was admitted this month has a primary counselor from now on."""
        counselor = StaffMember.objects.filter(role="counselor").order_by("pk")[0]
        for episode in TreatmentEpisode.objects.filter(pk__in=self.journal.admitted):
            care_team.assign(client=episode.client, staff_member=counselor, by=self.life.supervisor)

    def _in_care(self, counselor: StaffMember) -> list[TreatmentEpisode]:
        stays = TreatmentEpisode.objects.filter(discharged_on=None).select_related("client").order_by("pk")
        return [each for each in stays if self.life.counselor(each.client) == counselor]

    # --- consents and mentors ---

    def records_a_consent(self, for_days: int) -> None:
        """For the same address, beside the form that goes on."""
        stay = TreatmentEpisode.objects.filter(discharged_on=None, client__consents__type="reminder_contact")
        client = stay.order_by("-pk")[for_days % 5].client
        self.last_consent = consents.allow_reminders(
            client=client,
            channel="email",
            value=self.life.address(client),
            by=self.life.supervisor,
            expires_on=self.days.now.astimezone(self.life.zone).date() + for_days * DAY,
        )

    def revokes_the_last_consent(self) -> None:
        """That form alone."""
        others = [each.pk for each in consents.for_the_same(self.last_consent)]
        consents.revoke(consent=self.last_consent, by=self.life.supervisor, keep=others)

    def wants_earlier_notice(self, number: int) -> None:
        """The clinic sets a number of its own."""
        admin = StaffMember.objects.get(email="admin@demo.example")
        own_numbers.set_own(clinic=self.life.clinic, key=MENTORS_NOTICE, value=number, reason="Sample", by=admin)
        self.journal.numbers.append((self.days.now, MENTORS_NOTICE, number))

    def renews_a_mentor(self) -> None:
        """The first of them."""
        mentoring.approve(membership=MentorTerm.objects.order_by("pk")[0].membership, by=self.life.supervisor)

    # --- callers ---

    def _was(self, number: int) -> Inquiry:
        """The demo's first, third ... call as it is now, which the journal keeps."""
        inquiry = Inquiry.objects.order_by("pk")[number - 1]
        self.journal.inquiries.setdefault(inquiry.pk, []).append((self.days.now, copy.copy(inquiry)))
        return inquiry

    def calls_back(self, number: int) -> None:
        inquiries.move(inquiry=self._was(number), stage="called_back", by=self.life.intake)

    def begins_interim_services(self, number: int) -> None:
        inquiries.begin_interim_services(inquiry=self._was(number), by=self.life.intake)

    def closes(self, number: int) -> None:
        inquiries.move(inquiry=self._was(number), stage="closed", reason="Sample", by=self.life.intake)

    def takes_a_call(self, **facts: Any) -> None:
        inquiries.take(by=self.life.intake, given_name="Sample", reason="Sample", **facts)

    # --- after a meeting, after a discharge ---

    def hears_of_a_visit(self) -> None:
        """To the meeting that was planned last."""
        plan = FollowThrough.objects.filter(step="planned", planned_for__lt=self.days.now).order_by("-planned_for")[0]
        assert plan.planned_for is not None
        day = plan.planned_for.astimezone(plan.referral.client.zone).date()
        referring.record_visit(referral=plan.referral, visited_on=day, attended=True, by=self.life.supervisor)

    def _next_to_call(self) -> TreatmentEpisode:
        """Someone discharged before this month, each once."""
        self.called: set[int] = getattr(self, "called", set())
        back = TreatmentEpisode.objects.filter(discharged_on=None).values("client")
        gone = TreatmentEpisode.objects.exclude(client__in=back).exclude(discharge_reason="died")
        lately = gone.filter(discharged_on__lt=self.life.begun.date()).order_by("-discharged_on", "pk")
        stay = lately.exclude(pk__in=self.called)[0]
        self.called.add(stay.pk)
        return stay

    def calls(self, *, outcome: str, ahead: int = 0) -> None:
        answers: Any = {"how_they_are": "Sample"} if outcome == "reached" else {}
        if ahead:
            answers["next_on"] = self.days.now.astimezone(self.life.zone).date() + ahead * DAY
        continuing_care.record_call(episode=self._next_to_call(), outcome=outcome, by=self.life.supervisor, **answers)

    def agrees(self, pace: str) -> None:
        continuing_care.choose(episode=self._next_to_call(), pace=pace, reason="Sample", by=self.life.supervisor)
