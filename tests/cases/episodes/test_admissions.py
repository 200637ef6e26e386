"""Admission, change of level of care, discharge and coming back, as a counselor does them."""

import datetime

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases import assessments
from cases.codes import PresentingReason
from cases.episodes import admissions
from cases.intake import inquiries
from cases.models import Client, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, TreatmentEpisode
from staff.models import AuditEntry, Program, StaffMember
from staff.models.clinic import Setting
from staff.refusals import NotPermitted
from tests import factories

D = datetime.date
MAY_4 = D(2026, 5, 4)
NOON = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)  # a Wednesday, noon in New York


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def residential(clinic: object) -> Program:
    return factories.ProgramFactory(
        clinic=clinic, name="Residential", setting=Setting.RESIDENTIAL, level_code="3.5", capacity=1
    )


def admit(client: Client, program: Program, by: StaffMember, on: D = MAY_4, level: str = "1", **more: object):
    return admissions.admit(client=client, program=program, level_of_care=level, admitted_on=on, by=by, **more)


def levels_of(episode: TreatmentEpisode) -> list[tuple]:
    return list(episode.level_of_care_periods.values_list("level_code", "starts_at", "ends_at"))


def test_residential_to_intensive_outpatient_on_awednesday_stays_one_episode(
    client_record: Client, residential: Program, counselor: StaffMember
) -> None:
    episode = admit(client_record, residential, counselor, level="3.5")
    wednesday = datetime.datetime(2026, 5, 20, 13, tzinfo=datetime.UTC)
    admissions.change_level_of_care(
        episode=episode, level_of_care="2.1", starts_at=wednesday, reason="Stable, safe home", by=counselor
    )
    midnight = datetime.datetime(2026, 5, 4, 4, tzinfo=datetime.UTC)
    assert levels_of(episode) == [("3.5", midnight, wednesday), ("2.1", wednesday, None)]
    assert [period.level_code for period in LevelOfCarePeriod.objects.at(wednesday)] == ["2.1"]
    assert TreatmentEpisode.objects.filter(client=client_record).count() == 1
    assert admissions.prior_count(episode) == 0


def test_discharged_on_the_first_and_back_on_the_twentieth_is_a_second_episode(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    first = admit(client_record, program, counselor, on=D(2026, 1, 5))
    admissions.discharge(episode=first, discharged_on=D(2026, 4, 1), reason="completed", by=counselor)
    second = admit(client_record, program, counselor, on=D(2026, 4, 20))
    first.refresh_from_db()
    assert second.pk != first.pk
    assert second.prior_episode == first
    assert second.presenting_reason == PresentingReason.RETURN_AFTER_TREATMENT
    assert (admissions.prior_count(first), admissions.prior_count(second)) == (0, 1)
    assert levels_of(first)[0][2] == datetime.datetime(2026, 4, 2, 4, tzinfo=datetime.UTC)  # the day itself included
    assert client_record.care_team.current().get().staff_member == counselor


def test_one_open_episode_per_program(client_record: Client, program: Program, counselor: StaffMember) -> None:
    admit(client_record, program, counselor)
    with pytest.raises(admissions.AlreadyInProgram):
        admit(client_record, program, counselor, on=D(2026, 5, 6))
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)


def test_full_program_refuses_and_a_supervisor_gives_a_reason(
    client_record: Client, make_client: object, residential: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    admit(make_client(), residential, supervisor, level="3.5")
    with pytest.raises(admissions.ProgramFull, match=r"Residential is full \(1 of 1\)"):
        admit(client_record, residential, counselor, level="3.5")
    with pytest.raises(NotPermitted):
        admit(client_record, residential, counselor, level="3.5", over_capacity_reason="Nowhere else tonight")
    episode = admit(client_record, residential, supervisor, level="3.5", over_capacity_reason="Nowhere else tonight")
    assert episode.over_capacity_reason == "Nowhere else tonight"
    assert admissions.places_free(residential) == -1


def test_no_gap_between_levels_of_care_can_be_stored(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    episode = admit(client_record, program, counselor)
    episode.level_of_care_periods.update(ends_at=NOON - datetime.timedelta(days=3))
    LevelOfCarePeriod.objects.create(
        episode=episode,
        criteria_edition="asam-3",
        level_code="2.1",
        setting=Setting.INTENSIVE,
        starts_at=NOON - datetime.timedelta(days=2),
        decided_by=counselor,
    )
    with pytest.raises(IntegrityError, match="leave a gap"), transaction.atomic():
        connection.check_constraints()
    LevelOfCarePeriod.objects.filter(level_code="2.1").update(starts_at=NOON - datetime.timedelta(days=3))
    connection.check_constraints()


def test_level_of_care_cannot_go_on_after_the_discharge(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    episode = admit(client_record, program, counselor)
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharged_on=D(2026, 5, 19), discharge_reason="completed")
    with pytest.raises(IntegrityError, match="its level of care goes on"), transaction.atomic():
        connection.check_constraints()
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharged_on=None, discharge_reason="")
    connection.check_constraints()


def test_levels_of_care_never_overlap(client_record: Client, program: Program, counselor: StaffMember) -> None:
    episode = admit(client_record, program, counselor)
    with pytest.raises(IntegrityError, match="level_of_care_never_overlaps"), transaction.atomic():
        LevelOfCarePeriod.objects.create(
            episode=episode,
            criteria_edition="asam-3",
            level_code="2.1",
            setting=Setting.INTENSIVE,
            starts_at=NOON,
            decided_by=counselor,
        )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"starts_at": D(2026, 5, 3)}, "before the admission"),
        ({"starts_at": D(2026, 5, 21)}, "in the future"),
        ({"level_of_care": "1"}, "already the current level"),
        ({"reason": " "}, "Enter a reason"),
        ({"level_of_care": "9.9"}, "not a level of care"),
    ],
)
def test_a_change_of_level_that_makes_no_sense_is_refused(
    client_record: Client, program: Program, counselor: StaffMember, change: dict, sentence: str
) -> None:
    episode = admit(client_record, program, counselor)
    facts = {"level_of_care": "2.1", "starts_at": D(2026, 5, 18), "reason": "Needs more", "by": counselor}
    with pytest.raises(Exception, match=sentence):
        admissions.change_level_of_care(episode=episode, **{**facts, **change})
    assert len(levels_of(episode)) == 1


def test_an_undecided_assessment_holds_the_admission_back(
    client_record: Client, program: Program, counselor: StaffMember, intake: StaffMember
) -> None:
    inquiry = inquiries.take(by=intake, given_name="Robin", family_name="Sample")
    inquiries.link(inquiry=inquiry, client=client_record, assigned_to=counselor, by=intake)
    assessment = LevelOfCareAssessment.objects.create(
        client=client_record, inquiry=inquiry, assessed_at=timezone.now(), assessed_by=counselor
    )
    inquiry.refresh_from_db()
    with pytest.raises(admissions.NotDecided):
        admit(client_record, program, counselor, inquiry=inquiry)
    assessment.decided_setting, assessment.decided_at, assessment.decided_by = 1, timezone.now(), counselor
    assessment.save()
    episode = admit(client_record, program, counselor, inquiry=inquiry, assessment=assessment)
    inquiry.refresh_from_db()
    assert (inquiry.stage, inquiry.client, episode.inquiry) == (Inquiry.Stage.ADMITTED, client_record, inquiry)


def test_discharge_is_taken_back_by_a_supervisor_within_a_day(
    client_record: Client, program: Program, counselor: StaffMember, supervisor: StaffMember, wednesday: object
) -> None:
    episode = admit(client_record, program, counselor)
    episode = admissions.discharge(episode=episode, discharged_on=D(2026, 5, 20), reason="left", by=counselor)
    with pytest.raises(NotPermitted):
        admissions.undo_discharge(episode=episode, reason="Wrong person", by=counselor)
    episode = admissions.undo_discharge(episode=episode, reason="Wrong person", by=supervisor)
    assert episode.is_open
    assert [ends for _, _, ends in levels_of(episode)] == [None]
    episode = admissions.discharge(episode=episode, discharged_on=D(2026, 5, 20), reason="left", by=counselor)
    wednesday.shift(datetime.timedelta(days=1, seconds=1))
    with pytest.raises(admissions.TooLate):
        admissions.undo_discharge(episode=episode, reason="Wrong person", by=supervisor)


def test_who_may_admit(
    client_record: Client,
    program: Program,
    intake: StaffMember,
    make_staff: object,
    other_clinic: object,
    supervisor: StaffMember,
) -> None:
    stranger = make_staff("counselor")  # of the clinic, but not on this person's care team
    elsewhere = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    for person in (intake, stranger, elsewhere):
        with pytest.raises(NotPermitted):
            admit(client_record, program, person)
    with pytest.raises(NotPermitted):
        admit(client_record, factories.ProgramFactory(clinic=other_clinic), supervisor)
    assert not TreatmentEpisode.objects.exists()


def test_the_admission_is_in_the_audit_log(client_record: Client, program: Program, counselor: StaffMember) -> None:
    episode = admit(client_record, program, counselor)
    entry = AuditEntry.objects.get(act="cases.admit")
    assert (entry.subject_id, entry.client_id, entry.staff_member) == (episode.pk, client_record.pk, counselor)


def test_a_discharge_on_which_a_later_admission_rests_stays(
    client_record: Client, program: Program, counselor: StaffMember, supervisor: StaffMember, wednesday: object
) -> None:
    first = admit(client_record, program, counselor)
    admissions.discharge(episode=first, discharged_on=D(2026, 5, 20), reason="completed", by=counselor)
    second = admit(client_record, program, counselor, on=D(2026, 5, 20))
    admissions.discharge(episode=second, discharged_on=D(2026, 5, 20), reason="left", by=counselor)
    with pytest.raises(admissions.TooLate, match="later admission"):
        admissions.undo_discharge(episode=first, reason="By mistake", by=supervisor)
    assert admissions.undo_discharge(episode=second, reason="By mistake", by=supervisor).is_open


def test_the_level_is_of_the_setting_that_was_decided(
    client_record: Client, program: Program, residential: Program, counselor: StaffMember
) -> None:
    assessment = assessments.record(client=client_record, by=counselor)
    assessment = assessments.decide(assessment=assessment, setting=3, reason="No safe home", by=counselor)
    with pytest.raises(admissions.NotAsDecided, match="Residential was decided, but level 1 is a different setting"):
        admit(client_record, program, counselor, assessment=assessment)
    assert not TreatmentEpisode.objects.exists()
    assert admit(client_record, residential, counselor, level="3.1", assessment=assessment).is_open
