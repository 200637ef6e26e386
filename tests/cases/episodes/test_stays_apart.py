"""Two stays in one program never overlap unnoticed; each links to the one before. Owner: episodes/earlier_stays.py."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases import merging
from cases.episodes import admissions, earlier_stays
from cases.models import TreatmentEpisode
from cases.panels import today_data_set
from cases.teds import data_sets
from cases.teds.rows import admission_rows, discharge_rows
from staff.models.clinic import Setting
from tests import factories

D = datetime.date
NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def evening(clinic):
    return factories.ProgramFactory(clinic=clinic, name="Evening", setting=Setting.INTENSIVE, level_code="2.1")


def admit(client, program, by, on, level="1"):
    return admissions.admit(client=client, program=program, level_of_care=level, admitted_on=on, by=by)


def stayed(client, program, by, since, until, level="1"):
    episode = admit(client, program, by, since, level)
    return admissions.discharge(episode=episode, discharged_on=until, reason="completed", by=by)


def priors(client):
    return {each.pk: each.prior_episode_id for each in client.episodes.all()}


def test_a_backdated_stay_does_not_run_over_a_closed_one(client_record, program, counselor):
    stayed(client_record, program, counselor, D(2026, 2, 1), D(2026, 3, 1))
    with pytest.raises(admissions.DateNotPossible, match="admitted to Outpatient on Feb 1, 2026, after that date"):
        admit(client_record, program, counselor, D(2026, 1, 10))
    with pytest.raises(admissions.DateNotPossible, match="still in an earlier episode"):
        admit(client_record, program, counselor, D(2026, 2, 10))
    assert admit(client_record, program, counselor, D(2026, 3, 1)).is_open  # left and came again that day


@pytest.mark.parametrize(
    ("since", "until", "is_refused"),
    [
        (D(2026, 1, 10), None, True),
        (D(2026, 1, 10), D(2026, 2, 2), True),
        (D(2026, 1, 10), D(2026, 2, 1), False),  # half-open: out and in on one day
        (D(2026, 3, 1), D(2026, 3, 5), False),
        (D(2026, 2, 5), D(2026, 2, 6), True),
    ],
)
def test_the_table_holds_stays_of_one_program_apart(client_record, program, counselor, since, until, is_refused):
    stayed(client_record, program, counselor, D(2026, 2, 1), D(2026, 3, 1))

    def row():
        reason = "completed" if until else ""
        with transaction.atomic():
            TreatmentEpisode.objects.create(
                client=client_record, program=program, admitted_on=since, discharged_on=until,
                discharge_reason=reason, admitted_by=counselor,
            )  # fmt: skip

    if is_refused:
        with pytest.raises(IntegrityError, match="stays_in_a_program_never_overlap"):
            row()
    else:
        row()


def test_a_later_episode_follows_one_that_is_recorded_after_it(client_record, program, evening, clinic, counselor):
    first = stayed(client_record, program, counselor, D(2025, 1, 5), D(2025, 3, 1))
    last = admit(client_record, program, counselor, D(2026, 4, 1))
    assert priors(client_record) == {first.pk: None, last.pk: first.pk}
    between = stayed(client_record, evening, counselor, D(2025, 6, 1), D(2025, 8, 1), "2.1")
    assert priors(client_record) == {first.pk: None, between.pk: first.pk, last.pk: between.pk}
    day = factories.ProgramFactory(clinic=clinic, name="Day", setting=Setting.INTENSIVE, level_code="2.5")
    earliest = stayed(client_record, day, counselor, D(2024, 6, 1), D(2024, 8, 1), "2.5")
    assert priors(client_record)[first.pk] == earliest.pk


def test_a_transfer_into_a_program_where_they_were_meanwhile_says_so(client_record, program, evening, counselor):
    long = admit(client_record, evening, counselor, D(2026, 1, 5), "2.1")
    stayed(client_record, program, counselor, D(2026, 2, 1), D(2026, 3, 1))
    admissions.change_level_of_care(
        episode=long, level_of_care="1", starts_at=D(2026, 5, 1), reason="Stable", program=program, by=counselor
    )
    long.refresh_from_db()
    assert (long.program, long.overlap_noted) == (program, "Transferred from Evening")


def test_a_discharge_is_not_taken_back_over_a_later_stay(client_record, program, counselor, supervisor, evening):
    first = stayed(client_record, program, counselor, D(2026, 5, 1), D(2026, 5, 19))
    stayed(client_record, program, counselor, D(2026, 5, 19), D(2026, 5, 20))
    with pytest.raises(admissions.TooLate):
        admissions.undo_discharge(episode=first, reason="Mistake", by=supervisor)


def test_two_records_with_stays_at_one_time_are_joined_noted_and_taken_apart_as_they_were(
    client_record, make_client, program, counselor, supervisor
):
    other = make_client()
    factories.CareTeamMemberFactory(client=other, staff_member=counselor)
    one = stayed(client_record, program, counselor, D(2026, 2, 1), D(2026, 3, 1))
    two = stayed(other, program, counselor, D(2026, 2, 10), D(2026, 3, 10))
    three = stayed(client_record, program, counselor, D(2026, 4, 1), D(2026, 4, 5))
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    two.refresh_from_db()
    assert two.overlap_noted == f"Recorded under No. {other.pk} and No. {client_record.pk}"
    assert priors(client_record) == {one.pk: None, two.pk: one.pk, three.pk: two.pk}
    since = admit(client_record, program, counselor, D(2026, 5, 4))
    assert since.prior_episode == three
    merging.unmerge(merge=joined, by=supervisor)
    two.refresh_from_db()
    assert (two.overlap_noted, two.prior_episode) == ("", None)
    assert priors(client_record) == {one.pk: None, three.pk: one.pk, since.pk: three.pk}


def noprior(clinic, supervisor):
    rows = admission_rows(clinic=clinic, since=D(2020, 1, 1), until=D(2026, 5, 20), staff_member=supervisor)
    return {int(row["EPISODE"]): row["NOPRIOR"] for row in rows}


def test_a_second_program_at_the_same_time_is_no_prior_episode(
    client_record, program, evening, counselor, supervisor, clinic
):
    """TEDS counts times in treatment: a service beside another belongs to the same one."""
    one = stayed(client_record, program, counselor, D(2025, 1, 5), D(2025, 6, 1))
    beside = stayed(client_record, evening, counselor, D(2025, 2, 1), D(2025, 4, 1), "2.1")
    back = admit(client_record, program, counselor, D(2026, 4, 1))
    beside_now = admit(client_record, evening, counselor, D(2026, 5, 1), "2.1")
    episodes = (one, beside, back, beside_now)
    assert [admissions.prior_count(each) for each in episodes] == [0, 0, 1, 1]
    for each in episodes:
        data_sets.record(episode=each, point="admission", by=counselor, prior_elsewhere=0)
    assert [noprior(clinic, supervisor)[each.pk] for each in episodes] == ["0", "0", "1", "1"]


def test_out_and_in_on_one_day_is_a_prior_episode(client_record, program, counselor):
    stayed(client_record, program, counselor, D(2026, 2, 1), D(2026, 3, 1))
    assert admissions.prior_count(admit(client_record, program, counselor, D(2026, 3, 1))) == 1


def test_early_intervention_is_not_reported_and_is_no_prior_episode(
    client_record, program, counselor, clinic, supervisor
):
    early = stayed(client_record, program, counselor, D(2026, 1, 5), D(2026, 2, 1), "0.5")
    then = admit(client_record, program, counselor, D(2026, 3, 1))
    data_sets.record(episode=then, point="admission", by=counselor, prior_elsewhere=0)
    assert noprior(clinic, supervisor) == {then.pk: "0"}
    assert not list(discharge_rows(clinic=clinic, since=D(2020, 1, 1), until=D(2026, 5, 20), staff_member=supervisor))
    assert not earlier_stays.is_treatment(early.level_of_care_periods.all())


def test_a_stay_that_ended_before_early_intervention_became_treatment_is_a_prior_episode(
    client_record, program, evening, counselor, clinic, supervisor
):
    """NOPRIOR counts from the day that the row reports, not from the day of admission to early intervention."""
    early = admit(client_record, program, counselor, D(2026, 1, 5), "0.5")
    beside = stayed(client_record, evening, counselor, D(2026, 1, 10), D(2026, 2, 1), "2.1")
    admissions.change_level_of_care(
        episode=early, level_of_care="2.1", starts_at=D(2026, 3, 2), reason="More is needed", by=counselor
    )
    for each in (early, beside):
        data_sets.record(episode=each, point="admission", by=counselor, prior_elsewhere=0)
    assert noprior(clinic, supervisor) == {beside.pk: "0", early.pk: "1"}
    assert [admissions.prior_count(each) for each in (beside, early)] == [0, 1]


def test_who_begins_with_early_intervention_is_reported_from_when_it_became_treatment(
    client_record, program, counselor, clinic, supervisor
):
    episode = admit(client_record, program, counselor, D(2026, 1, 5), "0.5")
    assert today_data_set.needs(staff_member=counselor, now=timezone.now()) == []
    admissions.change_level_of_care(
        episode=episode, level_of_care="2.1", starts_at=D(2026, 3, 2), reason="More is needed", by=counselor
    )
    rows = list(admission_rows(clinic=clinic, since=D(2026, 3, 1), until=D(2026, 3, 31), staff_member=supervisor))
    assert [(row["ADMITTED"], row["SERVICES"]) for row in rows] == [("2026-03-02", "6")]
    assert not list(admission_rows(clinic=clinic, since=D(2026, 1, 1), until=D(2026, 1, 31), staff_member=supervisor))
    assert today_data_set.needs(staff_member=counselor, now=timezone.now()) != []
