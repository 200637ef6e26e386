"""The scenarios of the case record, each told through the pages and then asked of the functions, with exact answers."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import merging, placement
from cases.episodes import admissions
from cases.intake import inquiries
from cases.models import Client, LevelOfCareAssessment, LevelOfCarePeriod, Relapse, SobrietyStatement, TreatmentEpisode
from cases.people import registration
from cases.recovery import sobriety
from counseling import notes, plans, signing
from counseling.codes import GoalStatus
from counseling.models import CarryOverItem, Goal, SessionNote
from reminders import opt_outs
from reminders.models import OptOut
from staff.models import AuditEntry, Program, StaffMember
from staff.models.clinic import Setting
from tests import factories
from tests.reading import as_read

from .house import at

D = datetime.date
SignIn = Callable[[StaffMember], Browser]
BORN = D(1985, 4, 3)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(D(2026, 3, 9), 12), tick=False) as clock:
        yield clock


@pytest.fixture
def residence(clinic: Any) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Residence", setting=Setting.RESIDENTIAL, level_code="3.5")


def words(answer: Any) -> str:
    return as_read(answer)


def tell(office: Browser, client: Client, **facts: str) -> None:
    answer = office.post(reverse("cases:relapse_new", args=[client.pk]), facts)
    assert answer.status_code == 302, words(answer)


def recovery(office: Browser, client: Client) -> str:
    return words(office.get(reverse("cases:relapses", args=[client.pk])))


def admit(office: Browser, client: Client, program: Program, level: str, on: D) -> TreatmentEpisode:
    answer = office.post(
        reverse("cases:admit", args=[client.pk]),
        {"program": program.pk, "level_of_care": level, "admitted_on": f"{on}"},
    )
    assert answer.status_code == 302, words(answer)
    return TreatmentEpisode.objects.filter(client=client).latest("pk")


def discharge(office: Browser, episode: TreatmentEpisode, on: D) -> None:
    url = reverse("cases:discharge", args=[episode.client_id, episode.pk])
    answer = office.post(url, {"discharged_on": f"{on}", "reason": "completed", "planned": "yes"})
    assert answer.status_code == 302, words(answer)


def test_1_a_year_since_a_leap_day(
    client_record: Client, counselor: StaffMember, signed_in: SignIn, clock: Any
) -> None:
    clock.move_to(at(D(2025, 2, 1), 12))
    office = signed_in(counselor)
    office.post(reverse("cases:state_sobriety_date", args=[client_record.pk]), {"sobriety_date": "2024-02-29"})
    assert SobrietyStatement.objects.get().sobriety_date == D(2024, 2, 29)
    assert "Next milestone: <strong>1 year</strong> on Feb 28, 2025" in recovery(office, client_record)
    marks = sobriety.milestones(client_record)
    assert [mark.on for mark in marks if mark.label == "1 year"] == [D(2025, 2, 28)]
    assert [mark.on for mark in marks if mark.label == "4 years"] == [D(2028, 2, 29)]


def test_2_two_slips_in_one_week(client_record: Client, counselor: StaffMember, signed_in: SignIn, clock: Any) -> None:
    office = signed_in(counselor)
    for day in ("2026-03-02", "2026-03-05"):
        tell(office, client_record, started_on=day, ended_on=day, days_used="1", kind="lapse", substance_0="cannabis")
    assert Relapse.objects.filter(client=client_record).count() == 2
    page = recovery(office, client_record)
    assert "since Mar 6, 2026" in page
    assert "<dt>days since last use</dt><dd>4</dd>" in page
    assert "<dt>recovery days</dt><dd>3</dd>" in page
    standing = sobriety.standing(client_record, D(2026, 3, 9))
    assert (standing.sobriety_date, standing.days_since_last_use, standing.recovery_days) == (D(2026, 3, 6), 4, 3)

    office.post(
        reverse("cases:assessment_new", args=[client_record.pk]),
        {
            "emergency_signs": "no", "suicidal_intent": "no", "suicidal_behavior": "no",
            "substances": ["cannabis"], "use_days": "2", "span_days": "4", "use_stopped": "yes",
        },
    )  # fmt: skip
    assessment = LevelOfCareAssessment.objects.get()
    suggestion = placement.suggest(assessment)
    assert (suggestion.rules, suggestion.setting, suggestion.medical) == (("D1",), 1, 0)
    shown = words(office.get(reverse("cases:assessment", args=[client_record.pk, assessment.pk])))
    assert "<strong>Outpatient or more</strong>" in shown


def test_3_what_comes_to_light_about_an_earlier_time(
    client_record: Client, counselor: StaffMember, signed_in: SignIn, clock: Any
) -> None:
    office = signed_in(counselor)
    tell(office, client_record, started_on="2025-01-01", ended_on="2025-01-31", days_used="20")
    tell(office, client_record, started_on="2026-02-01", ended_on="2026-02-03", days_used="3")
    before = sobriety.standing(client_record, D(2026, 3, 9))
    assert (before.sobriety_date, before.longest_streak) == (D(2026, 2, 4), 365)
    tell(office, client_record, started_on="2025-06-01", ended_on="2025-06-02", days_used="2")
    after = sobriety.standing(client_record, D(2026, 3, 9))
    assert after.sobriety_date == before.sobriety_date
    assert after.longest_streak == (D(2026, 2, 1) - D(2025, 6, 3)).days == 243
    page = recovery(office, client_record)
    assert "since Feb 4, 2026" in page
    assert "<dt>longest stretch, in days</dt><dd>243</dd>" in page
    # that no message goes out twice: tests/reminders/test_milestones.py


def test_4_still_using(client_record: Client, counselor: StaffMember, signed_in: SignIn, clock: Any) -> None:
    office = signed_in(counselor)
    tell(office, client_record, started_on="2026-03-05")
    page = recovery(office, client_record)
    assert "Currently using" in page
    for counter in ("<dt>recovery day<", "<dt>recovery days<", "since last use", "Next milestone"):
        assert counter not in page
    standing = sobriety.standing(client_record, D(2026, 3, 9))
    assert (standing.currently_using, standing.sobriety_date) == (True, None)
    assert (standing.days_since_last_use, standing.recovery_days) == (None, None)
    assert sobriety.milestones(client_record) == []


def test_5_from_the_residence_to_the_evenings_on_a_wednesday(
    client_record: Client, counselor: StaffMember, residence: Program, program: Program, signed_in: SignIn, clock: Any
) -> None:
    clock.move_to(at(D(2026, 5, 20), 15))
    office = signed_in(counselor)
    episode = admit(office, client_record, residence, "3.5", D(2026, 5, 4))
    plan = plans.start(episode=episode, by=counselor)
    goal = plans.add_goal(episode=episode, wording="See my daughter every week", by=counselor)
    answer = office.post(
        reverse("cases:change_level", args=[client_record.pk, episode.pk]),
        {"level_of_care": "2.1", "starts_at": "2026-05-20T09:00", "reason": "Safe home", "program": program.pk},
    )
    assert answer.status_code == 302, words(answer)
    nine = at(D(2026, 5, 20), 9)
    assert list(LevelOfCarePeriod.objects.order_by("starts_at").values_list("level_code", "starts_at", "ends_at")) == [
        ("3.5", at(D(2026, 5, 4), 0), nine),
        ("2.1", nine, None),
    ]
    assert [each.level_code for each in LevelOfCarePeriod.objects.at(nine)] == ["2.1"]
    episode.refresh_from_db()
    assert TreatmentEpisode.objects.get() == episode
    assert (episode.is_open, admissions.prior_count(episode), episode.program) == (True, 0, program)
    goal.refresh_from_db()
    plan.refresh_from_db()
    assert (goal.status, plan.episode_id) == (GoalStatus.ACTIVE, episode.pk)
    assert "1 episode of care" in words(office.get(reverse("cases:episodes", args=[client_record.pk])))
    assert "See my daughter every week" in words(office.get(reverse("counseling:plan", args=[client_record.pk])))


def test_6_back_after_nineteen_days(
    client_record: Client, counselor: StaffMember, program: Program, signed_in: SignIn, clock: Any
) -> None:
    clock.move_to(at(D(2026, 3, 30), 15))
    office = signed_in(counselor)
    first = admit(office, client_record, program, "1", D(2026, 1, 5))
    plans.start(episode=first, by=counselor)
    plans.add_goal(episode=first, wording="See my daughter every week", by=counselor)
    note = notes.start(
        client=client_record, episode=first, by=counselor,
        session_started_at=timezone.now() - datetime.timedelta(hours=1), session_ended_at=timezone.now(),
        sections={"subjective": "Work.", "objective": "Calm.", "assessment": "Steady.", "plan": "Go on."},
    )  # fmt: skip
    signing.sign(note=note, by=counselor)
    clock.move_to(at(D(2026, 4, 1), 15))
    office = signed_in(counselor)
    discharge(office, first, D(2026, 4, 1))
    clock.move_to(at(D(2026, 4, 20), 15))
    office = signed_in(counselor)
    second = admit(office, client_record, program, "1", D(2026, 4, 20))
    assert (second.prior_episode, admissions.prior_count(second)) == (first, 1)
    board = words(office.get(reverse("counseling:carry_over", args=[client_record.pk, second.pk])))
    assert "See my daughter every week" in board
    assert not CarryOverItem.objects.held().exists()
    assert not Goal.objects.filter(episode=second).exists()
    page = words(office.get(reverse("counseling:note_edit", args=[client_record.pk, note.pk])))
    assert "Steady." in page
    text = {"subjective": "Changed", "version": str(note.version)}
    office.post(reverse("counseling:note_edit", args=[client_record.pk, note.pk]), text)
    note = SessionNote.objects.get()
    assert note.sections["subjective"] == "Work."
    assert signing.verify(note).unchanged


def test_13_two_maria_lopez_born_on_one_day(
    intake: StaffMember, make_client: Callable[..., Client], signed_in: SignIn, clock: Any
) -> None:
    one, two = (make_client(given_name="Maria", family_name="Lopez", birth_date=BORN) for _ in range(2))
    for client, phone in ((one, "(555) 010-0111"), (two, "(555) 010-0122")):
        registration.add_contact(client=client, kind="phone", value=phone, by=intake)
    desk = signed_in(intake)
    found = words(desk.get(reverse("cases:clients"), {"q": "maria lopez"}))
    for client, ending in ((one, "0111"), (two, "0122")):
        assert reverse("cases:client_which", args=[client.pk]) in found
        assert ending in found
    which = words(desk.get(reverse("cases:client_which", args=[one.pk])))
    assert "2 people have this name and birth date" in which
    inquiry = inquiries.take(by=intake, given_name="Maria", family_name="Lopez", birth_date=BORN)
    assert inquiry.client is None
    assert not Client.objects.exclude(merged_into=None).exists()


def test_14_two_records_of_one_person_merged_and_taken_apart(
    make_client: Callable[..., Client],
    program: Program,
    counselor: StaffMember,
    intake: StaffMember,
    supervisor: StaffMember,
    signed_in: SignIn,
    clock: Any,
) -> None:
    """A is kept and wants messages; B, who is absorbed, has opted out."""
    number = "(555) 010-0142"
    keep = make_client(counselor=counselor, given_name="Maria", family_name="Lopez", birth_date=BORN)
    absorb = make_client(counselor=counselor, given_name="Maria", family_name="Lopes", birth_date=BORN)
    office = signed_in(counselor)
    for client, day in ((keep, D(2026, 1, 5)), (absorb, D(2025, 1, 6))):
        registration.add_contact(client=client, kind="phone", value=number, messages_ok=client == keep, by=intake)
        episode = admit(office, client, program, "1", day)
        discharge(office, episode, day + datetime.timedelta(days=30))
        tell(office, client, started_on=f"{day - datetime.timedelta(days=3)}", ended_on=f"{day}")
    opt_outs.record(client=absorb, contact_value="+15550100142", words="STOP", by=intake)

    def everything() -> dict[str, Any]:
        rows = {
            f"{model._meta.label}.{column}": list(model._base_manager.order_by("pk").values())
            for model, column in merging.relations()
        }
        return {**rows, "clients": list(Client.objects.order_by("pk").values())}

    before = everything()
    desk = signed_in(supervisor)
    page = reverse("cases:merge", args=[keep.pk])
    desk.post(page, {"other": absorb.pk, "keep": keep.pk, "merge": "1", "asked": "on"})
    absorb.refresh_from_db()
    assert absorb.merged_into == keep
    assert keep.episodes.count() == 2
    assert keep.contact_points.current().get(normalized="+15550100142").messages_ok is False
    assert OptOut.objects.in_force().filter(contact_value="+15550100142").exists()
    joined = keep.merges_kept.get()
    assert AuditEntry.objects.get(act="cases.merge").details["absorbed"] == absorb.pk
    assert desk.get(reverse("desk:chart", args=[absorb.pk]), follow=True).redirect_chain
    desk.post(reverse("cases:unmerge", args=[keep.pk, joined.pk]))
    assert everything() == before


def test_18_a_drink_today_and_a_withdrawal_seizure_years_ago(
    client_record: Client, counselor: StaffMember, signed_in: SignIn, clock: Any
) -> None:
    office = signed_in(counselor)
    office.post(
        reverse("cases:assessment_new", args=[client_record.pk]),
        {
            "emergency_signs": "no", "suicidal_intent": "no", "suicidal_behavior": "no", "substances": ["alcohol"],
            "use_days": "2", "span_days": "2", "use_stopped": "yes", "days_since_alcohol": "0", "alcohol_daily": "yes",
            "ciwa_ar": "8", "past_withdrawal_seizure": "yes", "intoxicated": "no", "complicating_illness": "no",
            "cannot_attend_visits": "no", "pregnant": "no",
        },
    )  # fmt: skip
    assessment = LevelOfCareAssessment.objects.get()
    suggestion = placement.suggest(assessment)
    assert (suggestion.setting, suggestion.medical) == (3, 2)
    assert set(suggestion.rules) >= {"W3", "D1"}
    shown = words(office.get(reverse("cases:assessment", args=[client_record.pk, assessment.pk])))
    assert "<strong>Residential or more</strong> <span>24-hour medical care</span>" in shown
    assert '<tr><th scope="row">W3</th>' in shown
    assert '<tr class="ow-muted"><th scope="row">D1</th>' in shown
    assert "A clinician decides." in shown
    assert assessment.decided_at is None
    assert not TreatmentEpisode.objects.exists()
