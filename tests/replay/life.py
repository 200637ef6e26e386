"""Life at the demo clinic for a month: what people do, each at its moment. Chance decides as little as possible."""

from __future__ import annotations

import datetime
import random
import zoneinfo
from dataclasses import dataclass, field

from appointments import booking
from appointments.codes import Mode
from appointments.models import Appointment
from cases.episodes import admissions
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.people import registration
from cases.recovery import relapses
from groups import sessions
from groups.models import Group, GroupSession
from privacy import consents
from privacy.models import Consent
from reminders import opt_outs
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

from .clockwork import HOUR, Days

DAY = datetime.timedelta(days=1)


@dataclass
class Journal:
    """When what was laid out in this month came onto the record: rows that don't say so themselves."""

    admitted: dict[int, datetime.datetime] = field(default_factory=dict)
    zones: dict[int, zoneinfo.ZoneInfo] = field(default_factory=dict)  # of who has moved, before
    sessions: dict[int, datetime.datetime] = field(default_factory=dict)
    inquiries: dict[int, list[tuple[datetime.datetime, Inquiry]]] = field(default_factory=dict)  # until when as it was
    numbers: list[tuple[datetime.datetime, str, int]] = field(default_factory=list)  # what the clinic set for itself
    did: list[str] = field(default_factory=list)  # what may come to nothing, by name


class Life:
    """The clinic, its people in care who may be written to, and what they do."""

    def __init__(self, days: Days) -> None:
        self.days, self.journal, self.begun = days, Journal(), days.now
        self.clinic = Clinic.objects.get()
        self.zone = self.clinic.zone
        self.supervisor = StaffMember.objects.get(email="supervisor@demo.example")
        self.intake = StaffMember.objects.get(email="intake@demo.example")
        self.chance = random.Random(31)
        reachable = Consent.objects.filter(type="reminder_contact").values("client")
        self.cast = list(
            Client.objects.filter(pk__in=reachable, episodes__discharged_on=None)
            .exclude(given_name="Rosalind")
            .distinct()
            .order_by("pk")
        )

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime.datetime:
        """A time of the clinic's clock, so many days from the first."""
        first = self.days.now.astimezone(self.zone).date()
        at = datetime.datetime.combine(first + day * DAY, datetime.time(hour, minute), self.zone)
        return at.astimezone(datetime.UTC)

    def counselor(self, client: Client) -> StaffMember:
        """Who mostly sees this client."""
        return StaffMember.objects.get(
            pk=client.care_team.filter(part="primary", ends_at=None).values_list("staff_member", flat=True)[0]
        )

    def address(self, client: Client) -> str:
        """Their email address for messages."""
        return client.contact_points.get(kind="email", ended_at=None).normalized

    def begin(self, number_of_days: int) -> None:
        """Put everything that will happen into the calendar of these days."""
        at, days = self.moment, self.days
        cast = iter(self.cast)
        for day in range(number_of_days):
            days.at(at(day, 18, 2), self.evening)
        days.at(at(13, 12, 7), self.lay_out_groups)

        # Other time zones: booked by the clinic's clock, reminded by the client's.
        zones = (("Pacific/Honolulu", 11), ("America/Los_Angeles", 9), ("America/Phoenix", 15))
        for zone, hour in zones:
            client = next(cast)
            self.journal.zones[client.pk] = client.zone
            client.time_zone = zone
            client.save()
            days.at(at(1, 9, 30), self.book, client, at(17, hour), mode=Mode.VIDEO)
            days.at(at(1, 9, 31), self.book, client, at(20, hour), mode=Mode.VIDEO)
        days.at(at(2, 10), self.weekly, next(cast), 10)  # ten o'clock, before and after the clocks change

        # Moved twice; canceled by the clinic, by the client in time and late; two on one day.
        mover = next(cast)
        days.at(at(1, 11), self.book, mover, at(8, 14))
        days.at(at(4, 16, 20), self.move, mover, at(11, 9))
        days.at(at(10, 12), self.move, mover, at(12, 16))
        for who, hour in (("client", 15), ("clinic", 10)):
            client = next(cast)
            days.at(at(2, 13), self.book, client, at(9, hour))
            days.at(at(6, 22, 15), self.cancel, client, by_client=who == "client")  # at night: heard in the morning
        late = next(cast)
        days.at(at(3, 9), self.book, late, at(7, 13))
        days.at(at(7, 9, 30), self.cancel, late, by_client=True)
        days.at(at(8, 10), self.book, late, at(8, 14))  # the same day
        busy = next(cast)
        for day in range(14, 20):
            days.at(at(12, 10, day), self.book, busy, at(day, 16))  # more than three in a week

        # Answers to messages.
        for words in ("C", "R", "X"):
            client = next(cast)
            days.at(at(1, 15), self.book, client, at(6, 15))
            days.at(at(5, 17, 40), self.answer, client, words)
        silent = next(cast)
        days.at(at(1, 16), self.book, silent, at(9, 11))
        days.at(at(1, 16, 1), self.book, silent, at(15, 11))
        days.at(at(1, 16, 2), self.book, silent, at(27, 11))
        days.at(at(5, 12, 12), self.answer, silent, "STOP")
        days.at(at(24, 12, 12), self.answer, silent, "START")

        # Missed: with nothing ahead, with another appointment ahead, and one that came later.
        missing, again = next(cast), next(cast)
        days.at(at(1, 12), self.book, missing, at(4, 10))
        days.at(at(4, 10, 30), self.no_show, missing)
        days.at(at(1, 12), self.book, again, at(4, 11))
        days.at(at(4, 11, 30), self.no_show, again)
        days.at(at(4, 11, 40), self.book, again, at(5, 11))

        # What ends or changes care, and what does not.
        revoking = next(cast)
        days.at(at(1, 14), self.book, revoking, at(10, 9))
        days.at(at(9, 8, 59), self.revoke, revoking)  # a minute before its reminder
        leaving = next(cast)
        days.at(at(3, 15), self.book, leaving, at(21, 15))
        days.at(at(8, 15, 3), self.discharge, leaving, "completed")
        dying = next(cast)
        days.at(at(3, 14), self.book, dying, at(14, 14))
        days.at(at(12, 9, 10), self.discharge, dying, "died")
        using = next(cast)
        days.at(at(10, 9, 20), self.use, using)
        elsewhere = late
        days.at(at(3, 14, 5), self.book, elsewhere, at(13, 14))
        days.at(at(9, 9, 10), self.discharge, elsewhere, "transferred")

        # Someone new: a first visit, then care.
        days.at(at(2, 9, 45), self.arrives_first)

    # --- what they do ---

    def book(self, client: Client, starts_at: datetime.datetime, **facts: object) -> None:
        """Book, whatever else is then: the test is not about free rooms."""
        booking.book(
            client=client,
            staff_member=self.counselor(client),
            starts_at=starts_at,
            by=self.supervisor,
            outside_hours_reason="As agreed",
            overlap_reason="As agreed",
            **facts,  # type: ignore[arg-type]
        )

    def weekly(self, client: Client, hour: int) -> None:
        """A standing hour for the rest of the month."""
        today = self.days.now.astimezone(self.zone).date()
        for weekday in range(5):
            first = today + (1 + weekday) * DAY
            try:
                made = booking.book_series(
                    client=client,
                    staff_member=self.counselor(client),
                    first_day=first,
                    last_day=first + 28 * DAY,
                    time=datetime.time(hour),
                    by=self.supervisor,
                )
            except Refusal:
                continue
            if len(made.appointments) >= 3:
                self.journal.did.append("weekly")
                return

    def latest(self, client: Client) -> Appointment:
        """The appointment booked last that is still open."""
        found = Appointment.objects.filter(client=client).ahead().order_by("-pk").select_related("clinic").first()
        assert found is not None
        return found

    def move(self, client: Client, to: datetime.datetime) -> None:
        booking.move(
            appointment=self.latest(client),
            starts_at=to,
            by=self.supervisor,
            outside_hours_reason="As agreed",
            overlap_reason="As agreed",
        )

    def cancel(self, client: Client, *, by_client: bool) -> None:
        reason = "" if by_client else "The counselor is ill"
        booking.cancel(appointment=self.latest(client), by=self.supervisor, by_client=by_client, reason=reason)

    def no_show(self, client: Client) -> None:
        booking.no_show(appointment=self.latest(client), by=self.supervisor)

    def answer(self, client: Client, words: str) -> None:
        """A reply to their last message."""
        opt_outs.receive(clinic=self.clinic, contact_value=self.address(client), words=words, at=self.days.now)
        self.journal.did.append(words)

    def revoke(self, client: Client) -> None:
        for consent in Consent.objects.filter(client=client, type="reminder_contact"):
            if not consent.statuses.filter(status="revoked").exists():
                consents.revoke(consent=consent, by=self.supervisor)

    def discharge(self, client: Client, reason: str) -> None:
        for episode in TreatmentEpisode.objects.filter(client=client, discharged_on=None):
            admissions.discharge(
                episode=episode,
                discharged_on=self.days.now.astimezone(self.zone).date(),
                reason=reason,
                by=self.supervisor,
                went_on_because="Seen this morning",
            )

    def use(self, client: Client) -> None:
        """A return to use of yesterday, one day."""
        yesterday = self.days.now.astimezone(self.zone).date() - DAY
        relapses.record(client=client, started_on=yesterday, ended_on=yesterday, days_used=1, by=self.supervisor)

    def arrives_first(self) -> None:
        """Someone new, in Chicago: registered, consented, booked for a first visit; admitted there."""
        client = registration.register(
            by=self.intake,
            given_name="Robin",
            family_name="Sampleworth",
            birth_date=datetime.date(1990, 2, 3),
            email="robin@person.example",
            messages_ok=True,
            time_zone="America/Chicago",
        )
        consents.allow_reminders(client=client, channel="email", value="robin@person.example", by=self.supervisor)
        booking.book(
            client=client,
            staff_member=self.supervisor,
            starts_at=self.moment_after(3, 11),
            by=self.supervisor,
            outside_hours_reason="As agreed",
            overlap_reason="As agreed",
        )
        self.days.at(self.moment_after(3, 11, 30), self.is_admitted, client)

    def is_admitted(self, client: Client) -> None:
        booking.keep(appointment=self.latest(client), by=self.supervisor)
        program = self.clinic.programs.get(level_code="1")
        episode = admissions.admit(
            client=client,
            program=program,
            level_of_care="1",
            admitted_on=self.days.now.astimezone(self.zone).date(),
            by=self.supervisor,
        )
        self.journal.admitted[episode.pk] = self.days.now
        booking.book(
            client=client,
            staff_member=self.supervisor,
            starts_at=self.moment_after(7, 11),
            by=self.supervisor,
            outside_hours_reason="As agreed",
            overlap_reason="As agreed",
        )

    def moment_after(self, days: int, hour: int, minute: int = 0) -> datetime.datetime:
        """So many days from today, by the clinic's clock."""
        day = self.days.now.astimezone(self.zone).date() + days * DAY
        return datetime.datetime.combine(day, datetime.time(hour, minute), self.zone).astimezone(datetime.UTC)

    def evening(self) -> None:
        """The counselors mark what became of the day; the clinic cancels a group now and then."""
        now = self.days.now
        for appointment in (
            Appointment.objects.filter(starts_at__lt=now - HOUR, starts_at__gt=now - DAY).ahead().order_by("pk")
        ):
            if appointment.client_id is not None and self.chance.random() < 0.3:
                booking.no_show(appointment=appointment, by=self.supervisor)
            else:
                booking.keep(appointment=appointment, by=self.supervisor)
        if now.astimezone(self.zone).weekday() == 2:
            ahead = GroupSession.objects.held().filter(starts_at__gt=now + DAY).order_by("starts_at", "pk")
            if session := ahead.first():
                sessions.cancel(session=session, by=self.supervisor, reason="The room is closed")
                self.journal.did.append("group canceled")

    def lay_out_groups(self) -> None:
        """The next sessions of every group."""
        known = set(GroupSession.objects.values_list("pk", flat=True))
        today = self.days.now.astimezone(self.zone).date()
        for group in Group.objects.order_by("pk"):
            sessions.generate(group=group, until=today + 30 * DAY, by=self.supervisor)
        for session in GroupSession.objects.exclude(pk__in=known):
            self.journal.sessions[session.pk] = self.days.now
