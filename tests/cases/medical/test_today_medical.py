"""What was promised of a medical provider stands on their Today with its clock until it is recorded as done.

The one owner is cases.today_medical; what counts as done is cases.medical_standings.as_they_stand, which withdrawal
score is dangerous cases.withdrawal_scores.dangerous.
"""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.episodes import admissions
from cases.intake import inquiries
from cases.medical import medical_needs
from cases.models import Client, MedicalEvaluation
from counseling import notes, signing
from desk.watched import watched
from staff.models import Program, Role, StaffMember
from staff.models.clinic import Setting
from staff.needs import Urgency
from tests import factories

from .medical_today import HOUR, NOW, M, asked, ciwa, clock, decided, scored, told_on_call, words

__all__ = ["clock"]  # a fixture

SignIn = Callable[[StaffMember], Browser]


def test_an_evaluation_within_a_day_is_on_the_medical_providers_today_with_its_clock(
    client_record: Client, counselor: StaffMember, medical: StaffMember, signed_in: SignIn, clock: Any
) -> None:
    row = decided(client_record, counselor)
    clock.shift(300)
    [need] = asked(medical, NOW + 5 * HOUR / 60)
    assert (need.title, need.urgency, need.due) == ("Get a medical evaluation", Urgency.TODAY, NOW + 24 * HOUR)
    assert need.client_name == "Robin Sample"
    browser = signed_in(medical)
    shown = words(browser.get(reverse("desk:today")))
    assert "Get a medical evaluation" in shown
    assert "tomorrow 12:00 PM" in shown
    assert "Nothing due" not in shown

    page = browser.get(need.url)
    assert "Residential" not in words(page)
    assert "Outpatient, medical evaluation within 24 hours" in words(page)
    refused = browser.post(need.url, {"found": "Alert, CIWA-Ar 4.", "done": ""})
    assert refused.status_code == 422
    assert "Alert, CIWA-Ar 4." in words(refused)
    browser.post(need.url, {"found": "Alert, CIWA-Ar 4.", "done": "Seen at noon.", "need": "0"})
    assert MedicalEvaluation.objects.get().by == medical
    assert asked(medical) == []
    assert "Alert, CIWA-Ar 4." in words(browser.get(reverse("cases:assessment", args=[client_record.pk, row.pk])))
    empty = words(browser.get(reverse("desk:today")))
    assert "Nothing due." in empty
    assert "medical evaluations, withdrawal scores, and callers in withdrawal" in empty
    assert "Everything that was promised is done" not in empty


def test_a_day_later_it_is_overdue_and_comes_first(
    client_record: Client, counselor: StaffMember, medical: StaffMember
) -> None:
    decided(client_record, counselor)
    [need] = asked(medical, NOW + 24 * HOUR)
    assert need.urgency == Urgency.NOW


@pytest.mark.parametrize(
    ("need", "title"), [(M.MANAGED, "Arrange 24-hour medical care"), (M.EMERGENCY, "Get emergency care now")]
)
def test_what_cannot_wait_is_for_the_care_team_too(
    client_record: Client, counselor: StaffMember, medical: StaffMember, make_staff: Any, need: M, title: str
) -> None:
    decided(client_record, counselor, need)
    for of in (medical, counselor):
        [found] = asked(of)
        assert (found.title, found.urgency, found.due) == (title, Urgency.NOW, NOW)
    assert asked(make_staff()) == [], "not for a counselor of other people"


def test_an_evaluation_is_not_for_those_who_cannot_do_it(
    client_record: Client, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember, other_clinic: Any
) -> None:
    decided(client_record, counselor)
    assert len(asked(medical)) == 1
    for of in (counselor, supervisor, factories.StaffMemberFactory(clinic=other_clinic, role=Role.MEDICAL)):
        assert asked(of) == []
    medical.is_active = False
    medical.save()
    assert [each.title for each in asked(supervisor)] == ["Get a medical evaluation"], "nobody else can"


def test_an_admission_that_gives_the_care_is_the_end_of_it(
    client_record: Client, clinic: Any, counselor: StaffMember, medical: StaffMember
) -> None:
    row = decided(client_record, counselor, M.MANAGED)
    managed = factories.ProgramFactory(
        clinic=clinic, name="Detox", setting=Setting.RESIDENTIAL, level_code="3.7", medical_intensity=M.MANAGED
    )
    admissions.admit(
        client=client_record, program=managed, level_of_care="3.7", admitted_on=NOW.date(), assessment=row, by=counselor
    )
    assert asked(medical) == []


def test_an_admission_that_does_not_give_it_is_not(
    client_record: Client, program: Program, counselor: StaffMember, supervisor: StaffMember, medical: StaffMember
) -> None:
    row = decided(client_record, counselor)
    admissions.admit(
        client=client_record,
        program=program,
        level_of_care="1",
        admitted_on=NOW.date(),
        assessment=row,
        unmet_need_reason="The nurse practitioner comes tomorrow.",
        by=supervisor,
    )
    assert [each.title for each in asked(medical)] == ["Get a medical evaluation"]


def test_a_signed_session_of_a_medical_provider_is_an_evaluation(
    client_record: Client, program: Program, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    decided(client_record, counselor)
    clock.shift(HOUR)
    for by in (counselor, medical):
        note = notes.start(client=client_record, episode=episode, format="soap", by=by, session_started_at=NOW + HOUR)
        note = notes.save_draft(note=note, version=note.version, by=by, sections={"subjective": "Shaky since noon."})
        assert len(asked(medical, NOW + HOUR)) == 1
        signing.sign(note=note, by=by)
    assert asked(medical, NOW + HOUR) == []


def test_a_later_decision_takes_its_place(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    decided(client_record, counselor)
    clock.shift(HOUR)
    decided(client_record, counselor, M.NONE)
    assert asked(medical, NOW + HOUR) == []


def test_what_is_still_needed_after_an_evaluation_has_a_new_clock(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor)
    clock.shift(HOUR)
    medical_needs.record_evaluation(assessment=row, found="A", done="B", need=M.EVALUATION, by=medical)
    [need] = asked(medical, NOW + HOUR)
    assert need.due == NOW + 25 * HOUR


def test_nobody_is_asked_about_a_person_who_died(
    client_record: Client, program: Program, counselor: StaffMember, medical: StaffMember
) -> None:
    factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    decided(client_record, counselor)
    episode = client_record.episodes.get()
    type(episode).objects.filter(pk=episode.pk).update(discharged_on=NOW.date(), discharge_reason="died")
    assert asked(medical) == []


# --- a caller's sign of withdrawal


def test_a_callers_withdrawal_is_on_the_medical_providers_today_until_it_is_recorded(
    intake: StaffMember, medical: StaffMember, signed_in: SignIn
) -> None:
    call = inquiries.take(by=intake, given_name="Kit", call_back_phone="555 0101", danger_signs=["withdrawal"])
    inquiries.take(by=intake, given_name="Lee", danger_signs=["violence"])
    inquiries.move(inquiry=call, stage="screening", by=intake)
    [need] = asked(medical)
    assert (need.title, need.urgency, need.client_name) == ("Medical provider today", Urgency.NOW, "Kit")
    assert need.due == NOW.date()
    shown = words(signed_in(medical).get(reverse("desk:today"), HTTP_HOST="localhost"))
    assert "Medical provider today" in shown
    with time_machine.travel(NOW + 24 * HOUR, tick=False):
        assert "since yesterday" in words(signed_in(medical).get(reverse("desk:today")))
    browser = signed_in(medical)
    assert "555-0101" in words(browser.get(need.url))
    browser.post(need.url, {"found": "Tremor, CIWA-Ar 9.", "done": "Called at one; comes in today.", "need": "0"})
    assert asked(medical) == []
    assert "Tremor, CIWA-Ar 9." in words(browser.get(reverse("cases:inquiry", args=[call.pk])))


def test_a_call_that_led_to_a_decision_or_was_ended_is_no_promise_any_more(
    client_record: Client, intake: StaffMember, counselor: StaffMember, medical: StaffMember
) -> None:
    ended = inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
    inquiries.move(inquiry=ended, stage="referred", reason="Went to the emergency department.", by=intake)
    led = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    led = inquiries.link(inquiry=led, client=client_record, assigned_to=counselor, by=intake)
    assert [each.client_name for each in asked(medical)] == ["Robin"]
    decided(client_record, counselor, M.EVALUATION)
    assert [each.title for each in asked(medical)] == ["Get a medical evaluation"]


def test_who_may_open_the_pages(
    client_record: Client, intake: StaffMember, counselor: StaffMember, other_clinic: Any, signed_in: SignIn
) -> None:
    row = decided(client_record, counselor)
    call = inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
    pages = [
        reverse("cases:medical_evaluation", args=[client_record.pk, row.pk]),
        reverse("cases:inquiry_evaluation", args=[call.pk]),
    ]
    for page in pages:
        assert signed_in(counselor).get(page).status_code == 403
        assert (
            signed_in(factories.StaffMemberFactory(clinic=other_clinic, role=Role.MEDICAL)).get(page).status_code == 404
        )


# --- an empty page claims no more than was looked at


@pytest.mark.parametrize("role", Role.values)
def test_an_empty_today_says_what_was_looked_at(role: str, make_staff: Any, signed_in: SignIn) -> None:
    person = make_staff(role)
    shown = words(signed_in(person).get(reverse("desk:today")))
    assert "Everything that was promised is done" not in shown
    assert f"Checked: {watched(person)}." in shown


def test_today_asks_as_little_however_many_needs_there_are(
    clinic: Any, counselor: StaffMember, medical: StaffMember, intake: StaffMember
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            decided(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor, M.MANAGED)
            inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
        with CaptureQueriesContext(connection) as captured:
            asked(medical)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 6


# --- what a medical provider recorded, whatever it was recorded about


def test_a_need_found_on_the_call_after_a_decision_of_none_is_on_today(
    client_record: Client, intake: StaffMember, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    call = told_on_call(client_record, intake, counselor)
    clock.shift(HOUR)
    decided(client_record, counselor, M.NONE)
    assert asked(medical, NOW + HOUR) == []
    clock.shift(HOUR)
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 20.", done="Called.", need=M.MANAGED, by=medical)
    for of in (medical, counselor):
        [need] = asked(of, NOW + 2 * HOUR)
        assert (need.title, need.urgency, need.is_danger) == ("Arrange 24-hour medical care", Urgency.NOW, True)
        assert need.due == NOW + 2 * HOUR
        assert "evaluated by" in need.detail
        assert need.client_name == "Robin Sample"
    clock.shift(HOUR)
    decided(client_record, counselor, M.NONE)
    assert asked(medical, NOW + 3 * HOUR) == [], "a later decision takes its place"


def test_a_need_found_on_a_call_stands_as_what_was_found_with_no_decision_at_all(
    client_record: Client, intake: StaffMember, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    linked = told_on_call(client_record, intake, counselor)
    nobodys = inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
    clock.shift(HOUR)
    for call in (linked, nobodys):
        medical_needs.record_evaluation(inquiry=call, found="A", done="B", need=M.MANAGED, by=medical)
    assert {(each.title, each.client_name) for each in asked(medical, NOW + HOUR)} == {
        ("Arrange 24-hour medical care", "Robin Sample"),
        ("Arrange 24-hour medical care", "Kit"),
    }
    assert [each.title for each in asked(counselor, NOW + HOUR)] == ["Arrange 24-hour medical care"]
    inquiries.move(inquiry=nobodys, stage="referred", reason="Went to the hospital.", by=intake)
    assert [each.client_name for each in asked(medical, NOW + HOUR)] == ["Robin Sample"]


def test_a_lesser_need_found_on_a_call_has_the_clock_of_an_evaluation(
    intake: StaffMember, medical: StaffMember, clock: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
    clock.shift(HOUR)
    medical_needs.record_evaluation(inquiry=call, found="A", done="B", need=M.EVALUATION, by=medical)
    [need] = asked(medical, NOW + HOUR)
    assert (need.title, need.urgency, need.due) == ("Get a medical evaluation", Urgency.TODAY, NOW + 25 * HOUR)


def test_an_evaluation_renews_a_need_that_was_decided_long_ago(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor, M.MANAGED)
    clock.shift(60 * 24 * HOUR)
    medical_needs.record_evaluation(assessment=row, found="A", done="B", need=M.MANAGED, by=medical)
    clock.shift(60 * 24 * HOUR)
    for of in (medical, counselor):
        assert [each.title for each in asked(of, NOW + 120 * 24 * HOUR)] == ["Arrange 24-hour medical care"]
    clock.shift(31 * 24 * HOUR)
    assert asked(medical, NOW + 151 * 24 * HOUR) == [], "nobody looked into it since"


def test_what_was_found_of_another_clinics_people_or_of_the_dead_is_nobodys(
    client_record: Client, program: Program, intake: StaffMember, counselor: StaffMember, medical: StaffMember,
    other_clinic: Any, make_staff: Any,
) -> None:  # fmt: skip
    call = told_on_call(client_record, intake, counselor)
    medical_needs.record_evaluation(inquiry=call, found="A", done="B", need=M.MANAGED, by=medical)
    assert len(asked(medical)) == 1
    assert asked(factories.StaffMemberFactory(clinic=other_clinic, role=Role.MEDICAL)) == []
    assert asked(make_staff()) == [], "not for a counselor of other people"
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    type(episode).objects.filter(pk=episode.pk).update(discharged_on=NOW.date(), discharge_reason="died")
    assert "Arrange 24-hour medical care" not in [each.title for each in asked(medical)]


# --- what is late, and what is never cut off


def test_a_supervisor_hears_of_what_is_late_while_somebody_evaluates(
    client_record: Client, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember, intake: StaffMember
) -> None:
    decided(client_record, counselor)
    inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
    assert medical.is_active
    assert asked(supervisor) == []
    assert [each.client_name for each in asked(supervisor, NOW + 23 * HOUR)] == ["Kit"], "the day of the call is over"
    late = asked(supervisor, NOW + 24 * HOUR)
    assert {each.title for each in late} == {"Get a medical evaluation", "Medical provider today"}
    assert {each.urgency for each in late} == {Urgency.NOW}
    assert {each.button for each in late} == {"Open"}


def test_no_medical_need_is_cut_off(clinic: Any, counselor: StaffMember, medical: StaffMember) -> None:
    """Chores are cut by the page alone, which says how many more there are and where."""
    for _ in range(45):
        decided(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor)
    assert len(asked(medical)) == 45, "due tomorrow"
    assert len(asked(medical, NOW + 24 * HOUR)) == 45, "late"
    decided(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor, M.MANAGED)
    assert [each.urgency for each in asked(medical)][:2] == [Urgency.NOW, Urgency.TODAY]


def test_today_asks_as_little_however_many_scores_and_evaluations_there_are(
    clinic: Any, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember, intake: StaffMember
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            scored(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor, ciwa(12))
            call = inquiries.take(by=intake, given_name="Kit", danger_signs=["withdrawal"])
            medical_needs.record_evaluation(inquiry=call, found="A", done="B", need=M.MANAGED, by=medical)
            decided(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor)
        for of in (medical, supervisor, counselor):
            with CaptureQueriesContext(connection) as captured:
                assert asked(of)
            counts.append(len(captured))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 10
