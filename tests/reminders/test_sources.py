"""Due dates make messages ahead of time, once each; once a date changes or the work is done, the old one stays."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone
from django.utils.module_loading import import_string

from appointments import booking, continuing_care, no_shows
from appointments.codes import NoShowStep, Outcome, Pace
from cases.episodes import admissions
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.people import care_team, registration
from counseling import notes, signing
from groups.models import GroupSession, MentorStep, MentorTerm, StepKind
from privacy import consents
from reminders import causes, delivery, sources, tasks, wordings
from reminders.kinds import KINDS, Kind
from reminders.models import Reminder
from staff.models import Clinic, ClinicThreshold, Program, StaffMember
from tests import factories

from .conftest import SIGNED, utc
from .passes import cause_gone

D = datetime.date
NOW = utc(2026, 3, 2, 15)  # Monday, 10 AM in New York


@pytest.fixture
def now() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def episode(now: Any, robin: Client, program: Program, counselor: StaffMember) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(
        client=robin, program=program, admitted_by=counselor, admitted_on=D(2026, 2, 20)
    )


def of_kind(kind: str) -> list[Reminder]:
    return list(
        Reminder.objects.filter(kind=kind).select_related("clinic", "client", "staff_member").order_by("due_at")
    )


def scheduled(kind: str) -> list[Reminder]:
    sources.schedule_due(timezone.now())
    return of_kind(kind)


def local(reminder: Reminder) -> tuple[D, int]:
    at = reminder.due_at.astimezone(reminder.clinic.zone)
    return at.date(), at.hour


def test_every_kind_has_a_cause_that_can_be_asked() -> None:
    """All but the kind that says itself what is to be done."""
    assert set(settings.REMINDER_CAUSES) == set(KINDS) - {Kind.STAFF_TASK}
    for path in (*settings.REMINDER_CAUSES.values(), *settings.REMINDER_SOURCES):
        assert callable(import_string(path))


def test_a_plan_is_told_of_before_it_is_due_until_it_is_written(
    episode: TreatmentEpisode, counselor: StaffMember
) -> None:
    (reminder,) = scheduled(Kind.STAFF_PLAN_DUE)
    due = 21  # days at level 1, counseling/thresholds.py
    assert local(reminder) == (episode.admitted_on + datetime.timedelta(days=due - 3), 8)
    assert reminder.staff_member == counselor
    assert cause_gone(reminder) == ""
    assert scheduled(Kind.STAFF_PLAN_DUE) == [reminder]  # once
    from counseling.plans import treatment_plans

    treatment_plans.start(episode=episode, by=counselor)
    assert cause_gone(reminder) == "the plan was written, reviewed or handed over"


def test_another_counselor_is_told_and_the_former_one_is_not(
    episode: TreatmentEpisode, robin: Client, supervisor: StaffMember, make_staff: Any
) -> None:
    (former,) = scheduled(Kind.STAFF_PLAN_DUE)
    colleague = make_staff()
    care_team.assign(client=robin, staff_member=colleague, by=supervisor)
    first, second = scheduled(Kind.STAFF_PLAN_DUE)
    assert {first.staff_member, second.staff_member} == {former.staff_member, colleague}
    assert set(causes.gone([first, second])) == {former.pk}


def test_a_discharge_ends_what_was_due(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    measures = scheduled(Kind.STAFF_MEASURE_DUE)
    assert measures
    admissions.discharge(episode=episode, discharged_on=D(2026, 3, 2), reason="completed", by=counselor, planned=True)
    assert set(causes.gone(measures)) == {each.pk for each in measures}
    assert sources.schedule_due(timezone.now())  # the calls after it


def test_calls_after_a_discharge_are_told_to_both(
    episode: TreatmentEpisode, counselor: StaffMember, robin: Client
) -> None:
    admissions.discharge(episode=episode, discharged_on=D(2026, 3, 2), reason="completed", by=counselor, planned=True)
    to_staff = scheduled(Kind.STAFF_CONTINUING_CARE)
    assert [local(each) for each in to_staff] == [(D(2026, 3, 5), 8), (D(2026, 3, 9), 8), (D(2026, 3, 16), 8)]
    to_client = of_kind(Kind.CLIENT_CONTINUING_CARE)
    assert [local(each) for each in to_client] == [(D(2026, 3, 4), 10), (D(2026, 3, 8), 10), (D(2026, 3, 15), 10)]
    assert to_client[0].context["day"] == "Thursday, Mar 5"
    assert causes.gone([*to_staff, *to_client]) == {}
    episode.refresh_from_db()
    continuing_care.record_call(episode=episode, outcome=Outcome.REACHED, by=counselor)
    gone = causes.gone([*to_staff, *to_client])
    assert {to_staff[0].pk, to_client[0].pk} <= set(gone)
    assert to_staff[2].pk not in gone
    continuing_care.choose(episode=episode, pace=Pace.NONE, reason="Wants no calls", by=counselor)
    assert len(causes.gone([*to_staff, *to_client])) == 6


def test_a_call_is_told_of_by_the_clients_clock_wherever_they_move(
    episode: TreatmentEpisode, counselor: StaffMember, robin: Client, clinic: Clinic
) -> None:
    admissions.discharge(episode=episode, discharged_on=D(2026, 3, 2), reason="completed", by=counselor, planned=True)
    first, *_ = scheduled(Kind.CLIENT_CONTINUING_CARE)
    assert (first.due_at, first.not_after) == (utc(2026, 3, 4, 15), utc(2026, 3, 5, 14))
    registration.change(client=robin, time_zone="America/Phoenix", by=counselor)
    Clinic.objects.filter(pk=clinic.pk).update(phone="5185550199")
    moved, *others = scheduled(Kind.CLIENT_CONTINUING_CARE)
    assert moved == first
    assert (moved.asked_for, moved.due_at) == (utc(2026, 3, 4, 17), utc(2026, 3, 4, 17))  # 10 AM there
    assert moved.not_after == utc(2026, 3, 5, 16)
    assert {each.context["number"] for each in (moved, *others)} == {"(518) 555-0199"}
    assert causes.gone([moved, *others]) == {}


def test_what_the_clinic_changes_moves_what_waits_if_its_kind_keeps_asking(
    session: Callable[[int], GroupSession], clinic: Clinic
) -> None:
    session(6)
    (reminder,) = scheduled(Kind.CLIENT_GROUP)
    assert local(reminder) == (D(2026, 3, 5), 18)
    ClinicThreshold.objects.create(clinic=clinic, key="groups.remind_days_before", value=2)
    (moved,) = scheduled(Kind.CLIENT_GROUP)
    assert (moved, local(moved)) == (reminder, (D(2026, 3, 4), 18))
    assert {kind for kind in KINDS if not sources.keeps_asking(kind)} == {
        Kind.CLIENT_APPOINTMENT,
        Kind.CLIENT_BOOKED,
        Kind.CLIENT_MOVED,
        Kind.CLIENT_CANCELED,
        Kind.CLIENT_MISSED_APPOINTMENT,
        Kind.CLIENT_MEETING_FOLLOWUP,
        Kind.STAFF_NOTE_UNSIGNED,
        Kind.STAFF_FOLLOWUP_CALL,
        Kind.STAFF_TASK,
    }


def test_a_checkup_is_told_of_as_a_checkup(episode: TreatmentEpisode, counselor: StaffMember, now: Any) -> None:
    admissions.discharge(episode=episode, discharged_on=D(2026, 3, 2), reason="completed", by=counselor, planned=True)
    now.move_to(utc(2026, 5, 25, 15))
    (checkup,) = scheduled(Kind.CLIENT_CHECKUP)
    assert local(checkup) == (D(2026, 6, 1), 10)
    assert cause_gone(checkup) == ""


def test_steps_after_a_missed_appointment(
    episode: TreatmentEpisode, robin: Client, counselor: StaffMember, now: Any
) -> None:
    missed = booking.book(
        client=robin, staff_member=counselor, starts_at=NOW - datetime.timedelta(hours=1), by=counselor
    )
    booking.no_show(appointment=missed, by=counselor)
    assert scheduled(Kind.STAFF_NO_SHOW_STEP) == []  # the call the same day comes first
    no_shows.record(appointment=missed, step=NoShowStep.CALL, outcome=Outcome.NOT_REACHED, by=counselor)
    (second,) = scheduled(Kind.STAFF_NO_SHOW_STEP)
    assert local(second) == (D(2026, 3, 4), 8)
    no_shows.record(appointment=missed, step=NoShowStep.SECOND_CHANNEL, outcome=Outcome.REACHED, by=counselor)
    assert cause_gone(second) == "the step was taken or is no longer needed"


def test_of_two_missed_appointments_the_latest_is_told_of(
    episode: TreatmentEpisode, robin: Client, counselor: StaffMember, now: Any
) -> None:
    hour = datetime.timedelta(hours=1)
    first = booking.book(client=robin, staff_member=counselor, starts_at=NOW - 2 * hour, by=counselor)
    booking.no_show(appointment=first, by=counselor)
    no_shows.record(appointment=first, step=NoShowStep.CALL, outcome=Outcome.NOT_REACHED, by=counselor)
    (of_first,) = scheduled(Kind.STAFF_NO_SHOW_STEP)
    assert cause_gone(of_first) == ""
    second = booking.book(client=robin, staff_member=counselor, starts_at=NOW - hour, by=counselor)
    booking.no_show(appointment=second, by=counselor)
    assert cause_gone(of_first) == "the step was taken or is no longer needed"


def test_a_consent_that_expires(episode: TreatmentEpisode, robin: Client, counselor: StaffMember) -> None:
    consent = consents.allow_reminders(
        client=robin, channel="sms", value="+15550100123", by=counselor, signed_on=SIGNED, expires_on=D(2026, 3, 25)
    )
    (reminder,) = scheduled(Kind.STAFF_CONSENT_EXPIRING)
    assert local(reminder) == (D(2026, 3, 11), 8)
    assert cause_gone(reminder) == ""
    consents.revoke(consent=consent, by=counselor)
    assert cause_gone(reminder) == "the consent was renewed, revoked or handed over"


def test_a_mentor_whose_approval_expires(now: Any, robin: Client, counselor: StaffMember, program: Program) -> None:
    spell = factories.MembershipFactory(client=robin, group__program=program)
    MentorTerm.objects.create(membership=spell, started_on=D(2026, 2, 10))
    step = {"membership": spell, "kind": StepKind.APPROVED, "on": D(2026, 2, 10), "at": NOW, "by": counselor}
    MentorStep.objects.create(**step, valid_until=D(2026, 3, 20))
    (reminder,) = scheduled(Kind.STAFF_MENTOR_REVIEW)
    assert local(reminder) == (D(2026, 3, 6), 8)
    MentorStep.objects.create(**step, valid_until=D(2026, 6, 20))
    assert "renewed" in cause_gone(reminder)


def test_a_supervisor_is_told_of_a_note_to_cosign(
    episode: TreatmentEpisode, robin: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    counselor.supervisor = supervisor
    counselor.save()
    note = notes.start(
        client=robin,
        episode=episode,
        by=counselor,
        session_started_at=NOW - datetime.timedelta(hours=2),
        session_ended_at=NOW - datetime.timedelta(hours=1),
        sections={"subjective": "Slept badly.", "plan": "Call on Friday."},
    )
    signing.sign(note=note, by=counselor)
    (reminder,) = scheduled(Kind.STAFF_COSIGN)
    assert reminder.staff_member == supervisor
    assert local(reminder) == (D(2026, 3, 3), 10)
    signing.cosign(note=note, by=supervisor)
    assert cause_gone(reminder) == "the note was cosigned or handed over"


def test_a_caller_is_called_back_and_the_law_kept(now: Any, clinic: Clinic, intake: StaffMember) -> None:
    call = Inquiry.objects.create(
        clinic=clinic, taken_at=NOW, taken_by=intake, given_name="Sam", injects=True, stage="waitlist",
        next_action_at=NOW + datetime.timedelta(hours=4), is_draft=False,
    )  # fmt: skip
    clocks = scheduled(Kind.STAFF_INTERIM_CLOCK)
    assert [each.due_at - NOW for each in clocks] == [datetime.timedelta(hours=24), datetime.timedelta(days=13)]
    assert of_kind(Kind.STAFF_INQUIRY_CALLBACK) == []
    Inquiry.objects.filter(pk=call.pk).update(interim_services_at=NOW)
    assert set(causes.gone(clocks)) == {each.pk for each in clocks}  # 120 days now
    Inquiry.objects.filter(pk=call.pk).update(stage="new")
    (back,) = scheduled(Kind.STAFF_INQUIRY_CALLBACK)
    assert back.due_at == NOW + datetime.timedelta(hours=4)
    Inquiry.objects.filter(pk=call.pk).update(stage="called_back")
    assert cause_gone(back) == "the inquiry has moved on"


@pytest.fixture
def session(
    episode: TreatmentEpisode, robin: Client, program: Program, clinic: Clinic
) -> Callable[[int], GroupSession]:
    spell = factories.MembershipFactory(client=robin, group__program=program)

    def make(day: int) -> GroupSession:
        at = datetime.datetime(2026, 3, day, 18, tzinfo=clinic.zone)
        return GroupSession.objects.create(group=spell.group, starts_at=at)

    return make


def test_a_member_is_told_of_the_first_group_of_each_week(
    session: Callable[[int], GroupSession], supervisor: StaffMember
) -> None:
    wednesday, _thursday, next_monday = session(4), session(5), session(9)
    first, second = scheduled(Kind.CLIENT_GROUP)
    assert [local(first), local(second)] == [(D(2026, 3, 3), 18), (D(2026, 3, 8), 18)]
    assert wordings.text_of(first).body.startswith("Reminder: you have an appointment on Wednesday, Mar 4 at 6:00 PM.")
    assert second.context["session_id"] == next_monday.pk
    assert causes.gone([first, second]) == {}
    GroupSession.objects.filter(pk=wednesday.pk).update(cancelled_at=NOW, cancelled_by=supervisor)
    assert set(causes.gone([first, second])) == {first.pk}
    assert len(scheduled(Kind.CLIENT_GROUP)) == 3  # Thursday is the first one now


def test_a_clinic_may_do_without(session: Callable[[int], GroupSession], clinic: Clinic, administrator: Any) -> None:
    session(4)
    ClinicThreshold.objects.create(clinic=clinic, key="groups.remind_days_before", value=0)
    assert scheduled(Kind.CLIENT_GROUP) == []


def test_what_is_switched_off_is_not_put_there(
    session: Callable[[int], GroupSession], clinic: Clinic, administrator: StaffMember
) -> None:
    from reminders import choices

    session(4)
    choices.switch(clinic=clinic, kind=Kind.CLIENT_GROUP, is_on=False, by=administrator)
    assert scheduled(Kind.CLIENT_GROUP) == []
    choices.switch(clinic=clinic, kind=Kind.CLIENT_GROUP, is_on=True, by=administrator)
    assert len(scheduled(Kind.CLIENT_GROUP)) == 1


def test_a_source_that_fails_does_not_silence_the_others(session: Callable[[int], GroupSession], settings: Any) -> None:
    session(4)
    settings.REMINDER_SOURCES = ["tests.reminders.test_sources.broken", *settings.REMINDER_SOURCES]
    assert tasks.schedule_upcoming() > 0


def broken(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Any:
    raise ValueError


def test_what_was_done_meanwhile_is_not_sent(
    session: Callable[[int], GroupSession], now: Any, supervisor: StaffMember
) -> None:
    session(4)
    (reminder,) = scheduled(Kind.CLIENT_GROUP)
    due = reminder.due_at
    now.move_to(due)
    [(pk, claim)] = [each for each in delivery.claim_due(due, 50) if each[0] == reminder.pk]
    assert delivery.deliver(pk, claim, due) == "sent"
    assert mail.outbox[-1].body.startswith("Reminder: you have an appointment on Wednesday, Mar 4 at 6:00 PM.")


def test_each_source_asks_the_same_number_of_queries_for_one_or_many(
    now: Any, program: Program, counselor: StaffMember, make_client: Any, django_assert_max_num_queries: Any
) -> None:
    """Counted with three clients of each kind, of whom each has something due."""
    for _ in range(3):
        client = make_client(counselor=counselor)
        factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor)
        ended = factories.TreatmentEpisodeFactory(client=make_client(counselor=counselor), program=program)
        TreatmentEpisode.objects.filter(pk=ended.pk).update(
            discharged_on=D(2026, 3, 1), discharged_at=NOW, discharge_reason="completed", discharged_by=counselor
        )
        factories.MembershipFactory(client=client, group__program=program, mentor=True)
    for path in settings.REMINDER_SOURCES:
        with django_assert_max_num_queries(7):
            list(import_string(path)(program.clinic, NOW - sources.BEHIND, NOW + sources.AHEAD))
