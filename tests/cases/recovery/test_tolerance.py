"""Who has still to be told how far opioid tolerance has fallen: the one owner is cases/recovery/tolerance.py."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import ToleranceWarning
from cases.panels import today_learning
from cases.recovery import overview, relapses, tolerance
from counseling import measures
from desk import needs as desk_needs
from staff.models.clinic import Setting
from staff.needs import Need, Urgency
from staff.reading import known, reads
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

D = datetime.date
NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
TODAY = D(2026, 5, 20)


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def residential(clinic):
    return factories.ProgramFactory(clinic=clinic, name="Residential", setting=Setting.RESIDENTIAL, level_code="3.5")


def used(client, by, started, ended=None, substance="heroin", **facts):
    return relapses.record(client=client, started_on=started, ended_on=ended, substances=[substance], by=by, **facts)


def stayed(client, program, by, since, until, level="3.5", reason="completed"):
    episode = admissions.admit(client=client, program=program, level_of_care=level, admitted_on=since, by=by)
    return admissions.discharge(episode=episode, discharged_on=until, reason=reason, by=by)


def told(client, by):
    due = tolerance.due(client, TODAY)
    assert due is not None
    tolerance.give(client=client, key=due.key, by=by)


def on_today(who):
    found = today_learning.needs(staff_member=who, now=timezone.now())
    return [need.client_name for need in found if need.title == "Warn about reduced opioid tolerance"]


def test_a_later_drink_does_not_hide_it(client_record, counselor):
    opioid = used(client_record, counselor, D(2026, 5, 1), D(2026, 5, 3))
    used(client_record, counselor, D(2026, 5, 15), D(2026, 5, 15), "alcohol")
    due = tolerance.due(client_record, TODAY)
    assert (due.relapse, due.since) == (opioid, D(2026, 5, 3))
    assert on_today(counselor) == ["Robin Sample"]
    assert overview.of(client_record, staff_member=counselor, on=TODAY).to_warn_about == due
    told(client_record, counselor)
    assert tolerance.due(client_record, TODAY) is None
    opioid.refresh_from_db()
    assert (opioid.tolerance_warned_by, opioid.tolerance_warned_at) == (counselor, NOW)


def test_what_was_said_during_use_is_said_again_of_the_break_after_it(client_record, counselor):
    going_on = used(client_record, counselor, D(2026, 5, 1))
    with time_machine.travel(datetime.datetime(2026, 5, 2, 16, tzinfo=datetime.UTC), tick=False):
        relapses.warn_of_tolerance(relapse=going_on, by=counselor)
    assert tolerance.due(client_record, TODAY) is None
    relapses.close(relapse=going_on, ended_on=D(2026, 5, 18), by=counselor)
    assert tolerance.due(client_record, TODAY).since == D(2026, 5, 18)
    told(client_record, counselor)
    assert tolerance.due(client_record, TODAY) is None


def test_each_break_asks_for_its_own_warning(client_record, counselor, residential):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    told(client_record, counselor)
    episode = stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 3, 1))
    due = tolerance.due(client_record, TODAY)
    assert (due.period.episode, due.since, due.relapse) == (episode, D(2026, 3, 1), None)
    assert due.words == "after leaving level 3.5 on Mar 1, 2026"
    told(client_record, counselor)
    assert tolerance.due(client_record, TODAY) is None
    warning = ToleranceWarning.objects.get()
    assert (warning.by, warning.at, warning.left_at) == (counselor, NOW, warning.period.ends_at)
    again = used(client_record, counselor, D(2026, 5, 2), D(2026, 5, 2))
    assert tolerance.due(client_record, TODAY).relapse == again


def test_a_warning_after_an_earlier_break_does_not_cover_a_later_one(client_record, counselor, residential):
    """Use that nobody closed, told at the time, hides no discharge afterwards."""
    used(client_record, counselor, D(2026, 1, 3))
    told(client_record, counselor)
    stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 3, 1))
    assert tolerance.due(client_record, TODAY).period is not None


@pytest.mark.parametrize(
    ("level", "setting", "reason", "is_due"),
    [
        ("3.5", Setting.RESIDENTIAL, "completed", True),
        ("4", Setting.HOSPITAL, "left", True),
        ("1-WM", Setting.OUTPATIENT, "completed", True),  # withdrawal management, wherever it is
        ("1", Setting.OUTPATIENT, "incarcerated", True),  # custody is a controlled setting
        ("1", Setting.OUTPATIENT, "completed", False),
        ("3.5", Setting.RESIDENTIAL, "died", False),
    ],
)
def test_which_settings_are_controlled(client_record, clinic, counselor, level, setting, reason, is_due):
    used(client_record, counselor, D(2025, 1, 3), D(2025, 1, 9))
    told(client_record, counselor)
    program = factories.ProgramFactory(clinic=clinic, name="Some program", setting=setting, level_code=level)
    stayed(client_record, program, counselor, D(2026, 4, 1), D(2026, 5, 1), level, reason)
    assert (tolerance.due(client_record, TODAY) is not None) is is_due
    assert (on_today(counselor) == ["Robin Sample"]) is is_due


def test_a_person_without_opioid_use_on_record_is_not_asked(client_record, counselor, residential):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9), "alcohol")
    stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 3, 1))
    assert tolerance.due(client_record, TODAY) is None
    assert not tolerance.is_asked_on_leaving(client_record)


def test_opioids_told_in_an_assessment_are_on_record(client_record, counselor, medical, residential):
    from cases import assessments

    assessments.record(client=client_record, by=counselor, substances=["fentanyl"])
    stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 3, 1))
    assert tolerance.due(client_record, TODAY) is not None


def test_stepping_down_inside_an_episode_leaves_and_going_on_elsewhere_does_not(
    client_record, counselor, residential, clinic
):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    told(client_record, counselor)
    episode = admissions.admit(
        client=client_record, program=residential, level_of_care="3.7", admitted_on=D(2026, 1, 10), by=counselor
    )
    for level, day in (("3.5", D(2026, 2, 1)), ("2.1", D(2026, 3, 1))):
        assert tolerance.due(client_record, TODAY) is None
        admissions.change_level_of_care(
            episode=episode, level_of_care=level, starts_at=day, reason="Better", by=counselor
        )
    assert tolerance.due(client_record, TODAY).since == D(2026, 2, 28)


def test_one_discharge_taken_back_and_recorded_anew_is_another_break(client_record, counselor, supervisor, residential):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    told(client_record, counselor)
    episode = stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 5, 18))
    told(client_record, counselor)
    episode = admissions.undo_discharge(episode=episode, reason="Wrong day", by=supervisor)
    assert tolerance.due(client_record, TODAY) is None
    admissions.discharge(episode=episode, discharged_on=D(2026, 5, 19), reason="completed", by=counselor)
    assert tolerance.due(client_record, TODAY).since == D(2026, 5, 19)


def test_voided_and_unconfirmed_use_asks_for_nothing(client_record, counselor):
    row = used(client_record, counselor, D(2026, 5, 1), D(2026, 5, 3))
    relapses.void(relapse=row, reason="Another person", by=counselor)
    used(client_record, counselor, D(2026, 5, 4), D(2026, 5, 4), is_confirmed=False)
    assert tolerance.due(client_record, TODAY) is None
    assert on_today(counselor) == []


def test_what_is_told_is_told_about_the_break_that_the_page_showed(client_record, counselor, administrator):
    used(client_record, counselor, D(2026, 5, 1), D(2026, 5, 3))
    shown = tolerance.due(client_record, TODAY)
    used(client_record, counselor, D(2026, 5, 10), D(2026, 5, 10))
    with pytest.raises(tolerance.NotDue):
        tolerance.give(client=client_record, key=shown.key, by=counselor)
    with pytest.raises(NotPermitted):
        tolerance.give(client=client_record, key=shown.key, by=administrator)


def test_it_waits_on_today_until_it_is_given_and_only_for_the_care_team(client_record, counselor, make_staff):
    used(client_record, counselor, D(2025, 5, 1), D(2025, 5, 3))
    assert on_today(counselor) == ["Robin Sample"]
    assert on_today(make_staff("counselor")) == []
    told(client_record, counselor)
    assert on_today(counselor) == []


def test_it_stands_before_dated_chores_on_today(client_record, counselor, program):
    """Undated danger comes before what is overdue; a GAD-7 that is late is a chore."""
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=D(2026, 1, 5)
    )
    used(client_record, counselor, D(2026, 5, 1), D(2026, 5, 3))
    found = desk_needs.needs_of(staff_member=counselor, now=timezone.now())
    titles = [need.title for need in found]
    assert titles[0] == "Warn about reduced opioid tolerance"
    assert len(titles) > 1


def test_no_warning_is_cut_off(clinic, counselor):
    for _ in range(22):
        used(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor, D(2026, 5, 1), D(2026, 5, 3))
    found = [need for need in today_learning.needs(staff_member=counselor, now=timezone.now()) if need.is_danger]
    assert len(found) == 22


def test_danger_without_a_date_is_danger_of_this_moment(counselor, monkeypatch):
    def need(title: str, **more):
        return Need(Urgency.NOW, title, "", "/", "Open", "x", **more)

    early, late = NOW - datetime.timedelta(days=3), NOW + datetime.timedelta(days=1)
    made = [
        need("overdue chore", due=early),
        need("danger to come", due=late, is_danger=True),
        need("danger", is_danger=True),
        need("danger that has waited", due=early, is_danger=True),
        need("chore"),
    ]
    monkeypatch.setattr(desk_needs, "SOURCES", (reads(lambda **_: known(made)),))
    found = [each.title for each in desk_needs.needs_of(staff_member=counselor, now=NOW)]
    assert found == ["danger that has waited", "danger", "danger to come", "overdue chore", "chore"]


def test_the_discharge_page_asks_and_keeps_it(client_record, counselor, residential, signed_in):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    told(client_record, counselor)
    episode = admissions.admit(
        client=client_record, program=residential, level_of_care="3.5", admitted_on=D(2026, 1, 10), by=counselor
    )
    office = signed_in(counselor)
    page = office.get(reverse("cases:episodes", args=[client_record.pk])).content.decode()
    assert "I warned them that their usual amount can now kill" in page
    at = reverse("cases:discharge", args=[client_record.pk, episode.pk])
    sent = {"discharged_on": "2026-05-20", "reason": "completed", "planned": "yes"}
    answer = office.post(at, sent, follow=True).content.decode()
    assert "Opioid tolerance is reduced: warn them before they leave." in answer
    assert tolerance.due(client_record, TODAY) is not None
    shown = office.get(reverse("cases:relapses", args=[client_record.pk])).content.decode()
    assert "Give this warning now, after leaving level 3.5 on May 20, 2026." in shown
    assert "Reduced opioid tolerance" in shown
    given = reverse("cases:tolerance_warn", args=[client_record.pk])
    office.post(given, {"break": "left-1000000"})
    assert tolerance.due(client_record, TODAY) is not None
    office.post(given, {"break": tolerance.due(client_record, TODAY).key})
    assert tolerance.due(client_record, TODAY) is None


def test_told_on_the_discharge_page_it_is_done(client_record, counselor, residential, signed_in):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    told(client_record, counselor)
    episode = admissions.admit(
        client=client_record, program=residential, level_of_care="3.5", admitted_on=D(2026, 1, 10), by=counselor
    )
    at = reverse("cases:discharge", args=[client_record.pk, episode.pk])
    sent = {"discharged_on": "2026-05-20", "reason": "completed", "planned": "yes", "told_of_tolerance": "on"}
    assert "warn them before they leave" not in signed_in(counselor).post(at, sent, follow=True).content.decode()
    assert ToleranceWarning.objects.get().by == counselor
    assert tolerance.due(client_record, TODAY) is None


def test_others_cannot_say_that_it_was_told(client_record, counselor, make_staff, signed_in):
    used(client_record, counselor, D(2026, 5, 1), D(2026, 5, 3))
    stranger = signed_in(make_staff("counselor"))
    at = reverse("cases:tolerance_warn", args=[client_record.pk])
    assert stranger.post(at, {"break": tolerance.due(client_record, TODAY).key}).status_code == 404
    assert tolerance.due(client_record, TODAY) is not None


def test_a_warning_stands(client_record, counselor, residential):
    used(client_record, counselor, D(2026, 1, 3), D(2026, 1, 9))
    stayed(client_record, residential, counselor, D(2026, 1, 10), D(2026, 3, 1))
    told(client_record, counselor)
    row = ToleranceWarning.objects.get()
    for change in (row.delete, lambda: ToleranceWarning.objects.update(at=NOW)):
        with as_owner(), pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="tolerance_warned_once_per_break"), transaction.atomic():
        ToleranceWarning.objects.create(period=row.period, left_at=row.left_at, at=NOW, by=counselor)


def test_a_phq9_that_asks_for_the_cssrs_is_danger(client_record, counselor):
    measures.record(client=client_record, instrument="phq-9", answers=[1] * 9, by=counselor)
    found = desk_needs.needs_of(staff_member=counselor, now=timezone.now())
    assert found[0].is_danger
