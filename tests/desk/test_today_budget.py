"""Today costs as many queries for a full caseload as for one client, whoever opens it."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment, AppointmentStep, ContinuingCareChoice, FollowUpCall
from cases import assessments
from cases.codes import DischargeReason, Substance
from cases.intake import inquiries
from cases.models import (
    CareTeamMember,
    Client,
    LevelOfCarePeriod,
    Relapse,
    RelapseSubstance,
    SafetyEvaluation,
    SobrietyStatement,
    TreatmentEpisode,
)
from cases.recovery import tolerance
from counseling import measures
from groups.models import Attendance, Group, GroupFacilitator, GroupSession, KeepApart, MentorPairing
from privacy import consents
from privacy.models import Consent
from referrals import referring
from referrals.models import FollowThrough
from referrals.models.followthrough import Step
from reminders.models import CrisisReply, StaffTask
from staff.models import Clinic, Role, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from tests import factories
from tests.plans import leave_only, plan_of

MOST = 12
DAY = datetime.timedelta(days=1)


@pytest.fixture
def group(clinic: Clinic, counselor: StaffMember) -> Group:
    group = factories.GroupFactory(clinic=clinic, program=factories.ProgramFactory(clinic=clinic))
    GroupFacilitator.objects.create(group=group, staff_member=counselor)
    return group


def add(counselor: StaffMember, group: Group, answers_calls: StaffMember) -> None:
    """A client about whom everything that Today tells of is due, and one more where one thing excludes another."""
    now = timezone.now()
    today = timezone.localdate(now, counselor.clinic.zone)
    client = _in_care(counselor, now)
    _danger_in_assessment_and_score(client, counselor)
    _call(client, counselor, answers_calls)
    _return_to_use(client, counselor, today)
    _mentor_and_mentee(client, group, counselor)
    _session(client, group, counselor, now)
    referral = referring.offer(client=client, fellowship="smart", by=counselor)
    FollowThrough.objects.create(
        referral=referral, step=Step.PLANNED, at=now - 10 * DAY, by=counselor, planned_for=now - 9 * DAY
    )
    StaffTask.objects.create(clinic=client.clinic, client=client, sentence="Call them.", created_at=now)
    CrisisReply.objects.create(
        clinic=client.clinic,
        client=client,
        contact_value=f"+1518555{client.pk:04}",
        words="I want to die",
        danger="suicide",
        received_at=now,
    )
    consents.draft(client=client, type=Consent.Type.TPO, by=counselor)
    _no_show(client, counselor, now)
    _after_discharge(counselor, now)
    other = _in_care(counselor, now)
    SobrietyStatement.objects.create(client=other, sobriety_date=today - 30 * DAY, stated_at=now, recorded_by=counselor)
    SafetyEvaluation.objects.create(
        client=other,
        evaluated_at=now - 3 * DAY,
        recorded_at=now - 3 * DAY,
        evaluated_by=counselor,
        found="Thoughts only.",
        done="Safety plan.",
        next_check_on=today - DAY,
        answers=[],
    )


def _in_care(counselor: StaffMember, now: datetime.datetime) -> Client:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    earlier = factories.TreatmentEpisodeFactory(
        client=client,
        admitted_on=datetime.date(2025, 3, 3),
        discharged_on=datetime.date(2025, 6, 2),
        discharge_reason="completed",
    )
    episode = factories.TreatmentEpisodeFactory(client=client, program=earlier.program)
    LevelOfCarePeriod.objects.create(
        episode=episode,
        level_code="2.1",
        setting=Setting.OUTPATIENT,
        starts_at=now - 40 * DAY,
        decided_by=counselor,
    )
    return client


def _danger_in_assessment_and_score(client: Client, by: StaffMember) -> None:
    row = assessments.record(client=client, by=by)
    assessments.decide(assessment=row, setting=1, medical=MedicalIntensity.EVALUATION, reason="Asked.", by=by)
    assessments.record(client=client, by=by, suicidal_intent=True)
    measures.record(client=client, instrument="ciwa-ar", answers=[7, 7, 7, 0, 0, 0, 0, 0, 0, 0], by=by)


def _call(client: Client, counselor: StaffMember, by: StaffMember) -> None:
    call = inquiries.take(by=by, given_name="Robin", danger_signs=["withdrawal", "violence"])
    inquiries.link(inquiry=call, client=client, assigned_to=counselor, by=by)
    inquiries.take(by=by, given_name="Nobody", danger_signs=["suicide"])


def _return_to_use(client: Client, by: StaffMember, today: datetime.date) -> None:
    relapse = factories.RelapseFactory(client=client, recorded_by=by, started_on=today - 20 * DAY)
    RelapseSubstance.objects.create(relapse=relapse, substance=Substance.HEROIN)


def _mentor_and_mentee(client: Client, group: Group, by: StaffMember) -> None:
    mentor = factories.MembershipFactory(group=group, client=client, mentor=True)
    mentee = factories.MembershipFactory(group=group, client__clinic=client.clinic)
    MentorPairing.objects.create(
        term=mentor.mentor_terms.get(), mentee=mentee, starts_on=datetime.date(2026, 2, 12), paired_by=by
    )
    KeepApart.objects.create(
        first=client, second=mentee.client, kind=KeepApart.Kind.LEGAL, recorded_at=timezone.now(), recorded_by=by
    )


def _session(client: Client, group: Group, by: StaffMember, now: datetime.datetime) -> None:
    number = group.sessions.count()
    GroupSession.objects.create(group=group, starts_at=now - DAY - datetime.timedelta(minutes=number))
    held = GroupSession.objects.create(group=group, starts_at=now - 2 * DAY - datetime.timedelta(minutes=number))
    Attendance.objects.create(
        session=held,
        membership=client.group_memberships.get(),
        mark="present",
        minutes_credited=90,
        taken_at=now,
        taken_by=by,
    )


def _no_show(client: Client, by: StaffMember, now: datetime.datetime) -> None:
    missed = Appointment.objects.create(
        clinic=client.clinic, client=client, staff_member=by, purpose="individual", starts_at=now - 3 * DAY
    )
    AppointmentStep.objects.create(appointment=missed, step="no_show", at=now - 3 * DAY, by=by)


def _after_discharge(by: StaffMember, now: datetime.datetime) -> None:
    """Someone to call, whose first visit is due, and who told of use; and one who was reached."""
    for outcome, said, counselor in (("reached", "yes", by), ("not_reached", "", by), ("not_reached", "", None)):
        client = factories.ClientFactory(clinic=by.clinic, counselor=counselor)
        today = timezone.localdate(now, by.clinic.zone)
        stay = factories.TreatmentEpisodeFactory(
            client=client,
            program__setting=Setting.RESIDENTIAL,
            admitted_on=today - 60 * DAY,
            discharged_on=today - 4 * DAY,
            discharge_reason="completed",
        )
        FollowUpCall.objects.create(client=client, episode=stay, at=now - DAY, by=by, outcome=outcome, said_use=said)
        ContinuingCareChoice.objects.create(client=client, episode=stay, pace="full", at=now - 2 * DAY, by=by)


def statements(who: StaffMember) -> list[str]:
    browser = Browser()
    browser.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        browser.get("/")
    return [each["sql"] for each in asked]


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.SUPERVISOR, Role.INTAKE_COORDINATOR, Role.MEDICAL])
def test_today_takes_as_many_queries_for_many_clients_as_for_one(
    role: Role,
    counselor: StaffMember,
    intake: StaffMember,
    group: Group,
    make_staff: Callable[..., StaffMember],
) -> None:
    who = {Role.COUNSELOR: counselor, Role.INTAKE_COORDINATOR: intake}.get(role) or make_staff(role)
    add(counselor, group, intake)
    few = statements(who)
    for _ in range(3):
        add(counselor, group, intake)
    many = statements(who)
    assert len(many) == len(few) <= MOST, "\n".join(each[:300] for each in many)


@pytest.mark.django_db
def test_breaks_are_found_by_the_day_they_ended() -> None:
    """What supervisors hear of starts from breaks of the last year, not from all there ever were."""
    lately = timezone.now() - 366 * DAY
    asked = {
        "relapse_by_last_day": Relapse.objects.filter(is_confirmed=True, ended_on__gte=lately.date()),
        "level_of_care_by_end": LevelOfCarePeriod.objects.filter(ends_at__isnull=False, ends_at__gte=lately),
    }
    for index, recent in asked.items():
        leave_only(index, recent.model)
        assert index in plan_of(recent.order_by())


@pytest.mark.django_db
def test_a_caseload_is_looked_up_by_its_own_indexes(counselor: StaffMember) -> None:
    """Who is led; who left a controlled setting or went into custody: not from all periods there ever were."""
    led = CareTeamMember.objects.current().filter(staff_member=counselor, part=CareTeamMember.Part.PRIMARY)
    by_level = LevelOfCarePeriod.objects.filter(tolerance.CONTROLLED, ends_at__isnull=False)
    into_custody = TreatmentEpisode.objects.filter(discharge_reason=DischargeReason.INCARCERATED)
    asked = {
        "care_team_by_part": (led.values("client"), CareTeamMember),
        "controlled_and_left": (by_level.values("episode"), LevelOfCarePeriod),
        "episode_into_custody": (into_custody.values("client"), TreatmentEpisode),
    }
    for index, (rows, model) in asked.items():
        leave_only(index, model)
        assert index in plan_of(rows.order_by())
