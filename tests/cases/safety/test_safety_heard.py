"""Who recorded a danger hears of it, whoever answers calls is told to get a clinician, and old answers cost nothing."""

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import assessments, safety
from cases.intake import inquiries
from cases.models import CareTeamMember, Client, Inquiry, Relapse, SafetyEvaluation
from cases.panels import chart_head, today_learning, today_safety
from cases.people import care_team
from cases.recovery import relapses
from counseling import measures
from staff.days import day_in_words
from staff.models import Program, Role, StaffMember
from staff.needs import Need, Urgency
from tests import factories
from tests.ownership import as_owner

from .concerns import evaluate

HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
SignIn = Callable[[StaffMember], Browser]


def heard(reader: StaffMember) -> list[Need]:
    return today_safety.needs(staff_member=reader, now=timezone.now())


def lost_sight(client: Client, of: StaffMember) -> None:
    CareTeamMember.objects.filter(client=client, staff_member=of).update(ends_at=timezone.now())


def evaluated(client: Client, by: StaffMember) -> None:
    safety.evaluate(
        client=client, found="No plan.", done="Plan.", next_check_on=None, no_check_because="Seen daily", by=by
    )


# who recorded it


@pytest.mark.parametrize("recorded", ["screener", "call"])
def test_who_recorded_it_hears_without_the_chart(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_staff: Any, recorded: str
) -> None:
    if recorded == "call":
        call = inquiries.take(by=counselor, given_name="Robin", danger_signs=["suicide"])
        Inquiry.objects.filter(pk=call.pk).update(client=client_record)
    else:
        measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    lost_sight(client_record, counselor)
    assert not Client.objects.visible_to(counselor).exists()
    [need] = heard(counselor)
    today = timezone.localdate(timezone=counselor.clinic.zone)
    assert need.title == "Get a clinician to evaluate safety"
    assert f"What you recorded on {day_in_words(today)} needs a safety evaluation." in need.detail
    assert (need.urgency, need.is_danger, need.client_name) == (Urgency.NOW, True, "")
    said = f"{need.title} {need.detail} {need.url}"
    assert f"/clients/{client_record.pk}/" not in said
    for hidden in (client_record.given_name, client_record.family_name, "C-SSRS", "suicide"):
        assert hidden not in said
    assert heard(make_staff(role=Role.COUNSELOR)) == []
    evaluated(client_record, supervisor)
    assert heard(counselor) == []


def test_the_line_leads_to_a_page_that_they_may_open(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    lost_sight(client_record, counselor)
    [need] = heard(counselor)
    assert need.url == ""  # every page of that chart is closed to them
    call = inquiries.take(by=counselor, given_name="Sam", danger_signs=["suicide"])
    Inquiry.objects.filter(pk=call.pk).update(client=client_record, stage=Inquiry.Stage.CALLED_BACK)
    [need] = heard(counselor)
    browser = signed_in(counselor)
    assert browser.get(need.url).status_code == 200
    page = html.unescape(browser.get(reverse("desk:today")).content.decode())
    assert "needs a safety evaluation" in page
    assert str(client_record) not in page
    assert client_record.full_name not in page


def test_of_what_others_recorded_about_that_person_they_hear_nothing(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    lost_sight(client_record, counselor)
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=supervisor)
    assert heard(counselor) == []


# beside the name, for those who answer calls


def test_who_answers_calls_is_told_to_get_a_clinician_and_no_more(
    client_record: Client, counselor: StaffMember, intake: StaffMember, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    now = timezone.now()
    assert chart_head.flags(client=client_record, staff_member=intake, now=now) == []
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    [flag] = chart_head.flags(client=client_record, staff_member=intake, now=now)
    assert (flag.text, flag.tone, flag.url) == ("Get a clinician now", "danger", "")
    assert chart_head.flags(client=client_record, staff_member=privacy_officer, now=now) == []
    page = signed_in(intake).get(reverse("cases:episodes", args=[client_record.pk])).content.decode()
    assert "Get a clinician now" in page
    assert reverse("cases:safety", args=[client_record.pk]) not in page
    assert "C-SSRS" not in page
    evaluated(client_record, counselor)
    assert chart_head.flags(client=client_record, staff_member=intake, now=now) == []


def test_so_is_who_opens_the_call_about_that_person(
    client_record: Client, counselor: StaffMember, intake: StaffMember, signed_in: SignIn
) -> None:
    call = inquiries.take(by=counselor, given_name="Robin")
    inquiries.link(inquiry=call, client=client_record, by=counselor)
    page = reverse("cases:inquiry", args=[call.pk])
    assert "Get a clinician now" not in signed_in(intake).get(page).content.decode()
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    shown = signed_in(intake).get(page).content.decode()
    assert "Get a clinician now" in shown
    assert "C-SSRS" not in shown
    assert "Safety concern: evaluate now" in signed_in(counselor).get(page).content.decode()
    lost_sight(client_record, counselor)
    assert "Safety concern" not in signed_in(counselor).get(page).content.decode()


# tolerance warnings


def used(client: Client, by: StaffMember, ended: int = 3) -> Relapse:
    day = timezone.localdate(timezone=client.clinic.zone)
    return relapses.record(
        client=client,
        started_on=day - datetime.timedelta(days=ended + 2),
        ended_on=day - datetime.timedelta(days=ended),
        substances=["heroin"],
        by=by,
    )


def warnings(reader: StaffMember) -> list[Need]:
    found = today_learning.needs(staff_member=reader, now=timezone.now())
    return [each for each in found if each.title == "Warn about reduced opioid tolerance"]


def test_a_tolerance_warning_that_no_care_team_hears_is_the_supervisors(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_staff: Any
) -> None:
    used(client_record, counselor)
    assert len(warnings(counselor)) == 1
    assert warnings(supervisor) == []  # somebody hears
    lost_sight(client_record, counselor)
    assert len(warnings(supervisor)) == 1
    for other in (make_staff(role=Role.COUNSELOR), make_staff(role=Role.PRIVACY_OFFICER)):
        assert warnings(other) == []
    relapse = Relapse.objects.get()
    Relapse.objects.filter(pk=relapse.pk).update(tolerance_warned_at=timezone.now(), tolerance_warned_by=supervisor)
    assert warnings(supervisor) == []


def test_a_team_that_may_not_record_it_or_does_not_work_here_any_more_hears_nothing(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_staff: Any
) -> None:
    used(client_record, counselor)
    counselor.is_active = False
    counselor.save(update_fields=["is_active"])
    officer = make_staff(role=Role.PRIVACY_OFFICER)
    CareTeamMember.objects.create(
        client=client_record, staff_member=officer, part="counselor", starts_at=timezone.now(), assigned_by=supervisor
    )
    assert len(warnings(supervisor)) == 1


def test_of_people_who_left_long_ago_supervisors_hear_only_where_they_are_in_care(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, program: Program
) -> None:
    used(client_record, counselor, ended=800)
    assert len(warnings(counselor)) == 1
    lost_sight(client_record, counselor)
    assert warnings(supervisor) == []
    factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=supervisor)
    assert len(warnings(supervisor)) == 1


def test_what_cannot_wait_is_never_cut(counselor: StaffMember, make_client: Any) -> None:
    for _ in range(23):
        used(make_client(counselor=counselor), counselor)
    found = warnings(counselor)
    assert len(found) == 23
    assert {each.urgency for each in found} == {Urgency.NOW}


# rows read


def rows_read(reader: StaffMember) -> tuple[int, int]:
    """How many rows reading a reader's safety needs brings back, and in how many queries."""
    with CaptureQueriesContext(connection) as queries:
        heard(reader)
    rows = 0
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(query["sql"])
            rows += len(cursor.fetchall())
    return rows, len(queries)


def answered_before(client: Client, taken_by: StaffMember, number: int = 2000) -> None:
    """So many calls about a client that told of suicide, each followed by an evaluation."""
    now = timezone.now()
    calls = Inquiry.objects.bulk_create(
        Inquiry(
            clinic=client.clinic, client=client, taken_at=now, taken_by=taken_by, reason="x",
            danger_signs=["suicide"], stage=Inquiry.Stage.CLOSED, closing_reason="Evaluated",
        )
        for _ in range(number)
    )  # fmt: skip
    SafetyEvaluation.objects.bulk_create(
        SafetyEvaluation(
            client=client, evaluated_at=now, evaluated_by=taken_by, recorded_at=now, found="No plan.",
            done="Plan.", no_check_because="Seen daily", answers=[f"call {call.pk}"],
        )
        for call in calls
    )  # fmt: skip


def test_a_supervisors_today_reads_open_dangers_and_not_all_there_ever_were(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_client: Any
) -> None:
    still_open = make_client(counselor=counselor)
    measures.record(client=still_open, instrument="c-ssrs", answers=HIGH, by=counselor)
    before, asked = rows_read(supervisor)
    answered_before(client_record, counselor)
    assert rows_read(supervisor) == (before, asked)
    assert rows_read(counselor)[0] <= before + 5
    assert len(heard(supervisor)) == 1


def test_only_its_own_answer_answers_a_danger(client_record: Client, counselor: StaffMember, make_client: Any) -> None:
    other = make_client(counselor=counselor)
    call = inquiries.take(by=counselor, given_name="Robin", danger_signs=["suicide"])
    inquiries.link(inquiry=call, client=client_record, by=counselor)
    evaluated(other, counselor)
    care_team.join(client=other, by=counselor)
    assert len(safety.open_by_client(clients=Client.objects.all())[client_record.pk]) == 1


LARGE = (
    "cases_inquiry", "cases_levelofcareassessment", "cases_safetyevaluation", "counseling_measure",
    "counseling_sessionnote", "reminders_crisisreply",
)  # fmt: skip


@pytest.mark.parametrize("asked", ["one chart", "a care team and what they recorded"])
def test_neither_a_chart_nor_a_counselor_reads_a_whole_table(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_client: Any, asked: str
) -> None:
    """With a million rows in each, every table is entered by an index on the client or on who recorded it."""
    answered_before(make_client(), supervisor)
    with CaptureQueriesContext(connection) as queries:
        if asked == "one chart":
            safety.open_concerns(client=client_record, on=timezone.localdate(timezone=counselor.clinic.zone))
        else:
            everybody = Client.objects.filter(clinic=counselor.clinic)
            safety.open_by_client(clients=everybody, told_to=safety.Listener(counselor, {client_record.pk}))
    [query] = queries.captured_queries
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_inquiry, cases_safetyevaluation, cases_client")
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table is read whole only where no index helps
        cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"])
        plan = cursor.fetchone()[0][0]["Plan"]
    entered = [node for node in nodes_of(plan) if node.get("Relation Name") in LARGE]
    assert {node["Relation Name"] for node in entered} == set(LARGE)
    assert [node for node in entered if node["Node Type"] == "Seq Scan"] == []
    # what was answered is left out by a join, not looked up for one row after the other
    assert "Anti" in {node.get("Join Type") for node in nodes_of(plan)}
    calls = [node for node in entered if node["Relation Name"] == "cases_inquiry"]
    assert [node for node in calls if not node.keys() & {"Index Cond", "Recheck Cond"}] == []


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes_of(part))]


def test_an_evaluation_keeps_the_names_of_the_rows_that_it_answers(
    client_record: Client, counselor: StaffMember, program: Program
) -> None:
    """Names that stand in evaluations of years ago: another wording would open each of those dangers again."""
    screener = measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    assessment = assessments.record(client=client_record, by=counselor, suicidal_intent=True, suicidal_behavior=True)
    call = inquiries.take(by=counselor, given_name="Robin", danger_signs=["suicide"])
    inquiries.link(inquiry=call, client=client_record, by=counselor)
    evaluation = evaluate(client_record, counselor)
    assert evaluation.answers == [
        f"assessment {assessment.pk}: intent and behavior", f"call {call.pk}", f"screener {screener.pk}",
    ]  # fmt: skip
