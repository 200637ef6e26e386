"""Who hears of a safety concern, and where: on Today and on its page (what is one: test_safety_concerns.py)."""

from __future__ import annotations

import datetime
import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import assessments, placement, safety
from cases.models import CareTeamMember, Client, LevelOfCareAssessment, SafetyEvaluation
from cases.panels import chart_head
from cases.safety import safety_holds
from counseling import measures
from staff.models import Role
from staff.needs import Urgency
from staff.typed_days import FarAhead
from tests import factories
from tests.places import typed_moment

from .concerns import DAY, HIGH, HOUR, NONE, concerns, evaluate, on_today, screen, today_of

pytestmark = pytest.mark.django_db

# Today


def test_it_is_heard_by_the_care_team_who_recorded_it_and_every_supervisor(
    client_record, counselor, medical, supervisor, make_staff, other_clinic, intake
) -> None:
    second = make_staff(Role.SUPERVISOR)
    screen(client_record, medical)
    for reader in (counselor, medical, supervisor, second):
        [need] = on_today(reader)
        assert (need.urgency, need.title) == (Urgency.NOW, "Evaluate safety")
        assert need.client_name == client_record.full_name
        assert need.url == reverse("cases:safety", args=[client_record.pk])
        assert isinstance(need.due, datetime.datetime)
    for stranger in (
        make_staff(Role.COUNSELOR), make_staff(Role.MEDICAL), intake, make_staff(Role.PRIVACY_OFFICER),
        make_staff(Role.SUPERVISOR, clinic=other_clinic),
    ):  # fmt: skip
        assert on_today(stranger) == []
    evaluate(client_record, counselor)
    assert [on_today(reader) for reader in (counselor, medical, supervisor, second)] == [[]] * 4


def test_an_intake_coordinator_hears_of_what_they_recorded_and_no_more(client_record, counselor, intake) -> None:
    row = assessments.record(client=client_record, by=intake, suicidal_intent=True)
    screen(client_record, counselor)
    [need] = on_today(intake)
    assert need.title == "Get a clinician to evaluate safety"
    assert need.url == reverse("cases:assessment", args=[client_record.pk, row.pk])
    assert "C-SSRS" not in need.detail


def test_who_recorded_it_and_may_see_the_client_no_longer_hears_without_the_chart(client_record, counselor) -> None:
    screen(client_record, counselor)
    CareTeamMember.objects.filter(client=client_record).update(ends_at=timezone.now())
    [need] = on_today(counselor)
    assert need.detail.startswith("What you recorded on ")
    assert (need.client_name, need.url) == ("", "")


def test_none_is_left_out_and_many_cost_as_many_queries_as_one(make_client, counselor, supervisor) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            on_today(supervisor)
        return len(asked)

    screen(make_client(), supervisor)
    first = cost()
    for _ in range(40):
        screen(make_client(), supervisor)
    assert cost() == first <= 6
    assert len(on_today(supervisor)) == 41


def test_the_next_check_comes_up_on_its_day_and_is_answered_by_the_next_evaluation(
    client_record, counselor, medical, supervisor, make_staff, time_machine
) -> None:
    noon = datetime.datetime(2026, 3, 4, 17, tzinfo=datetime.UTC)
    time_machine.move_to(noon, tick=False)
    screen(client_record, counselor)
    evaluate(client_record, medical, next_check_on=datetime.date(2026, 3, 6))
    time_machine.move_to(noon + DAY, tick=False)
    assert on_today(counselor) == []
    time_machine.move_to(noon + 2 * DAY, tick=False)
    for reader in (counselor, medical):
        [need] = on_today(reader)
        assert (need.urgency, need.title, need.due) == (
            Urgency.TODAY, "Safety check due", datetime.date(2026, 3, 6),
        )  # fmt: skip
    assert on_today(supervisor) == on_today(make_staff(Role.COUNSELOR)) == []
    time_machine.move_to(noon + 3 * DAY, tick=False)
    assert [need.urgency for need in on_today(counselor)] == [Urgency.NOW]
    assert [need.urgency for need in on_today(supervisor)] == [Urgency.NOW]
    evaluate(client_record, counselor, next_check_on=None, no_check_because="Three good weeks; seen twice a week.")
    assert on_today(counselor) == on_today(medical) == on_today(supervisor) == []


def test_nobody_is_asked_about_a_person_who_died(client_record, program, counselor) -> None:
    screen(client_record, counselor)
    today = today_of(client_record)
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, discharged_on=today, discharge_reason="died",
        discharged_at=timezone.now(), discharged_by=counselor,
    )  # fmt: skip
    assert on_today(counselor) == []
    assert safety.open_concerns(client=client_record, on=today) == []
    assert chart_head.flags(client=client_record, staff_member=counselor, now=timezone.now()) == []
    measures.record(client=client_record, instrument="phq-9", answers=[0] * 8 + [3], by=counselor)
    assert safety_holds.holds(client=client_record, on=today) == []  # the last notes are signed without a word


# the page


def form(client: Client, **given: str) -> dict[str, str]:
    return {
        "evaluated_at": typed_moment(client.zone),
        "found": "Thoughts, no plan.",
        "done": "Safety plan.",
        "next_check_on": (today_of(client) + DAY).isoformat(),
        "no_check_because": "",
        **given,
    }


def test_the_page_shows_what_is_open_and_what_was_found_before(client_record, counselor, signed_in) -> None:
    evaluate(client_record, counselor, found="Calm that day.")
    screen(client_record, counselor)
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    page = html.unescape(browser.get(url).content.decode())
    assert concerns(client_record)[0] in page
    assert "Calm that day." in page
    assert "988" in page
    assert reverse("counseling:safety_plan", args=[client_record.pk]) in page
    assert browser.post(url, form(client_record)).status_code == 302
    assert "No open safety concerns." in browser.get(url).content.decode()


def test_a_refused_form_keeps_what_was_typed_and_says_it_at_the_field(client_record, counselor, signed_in) -> None:
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    answer = browser.post(url, form(client_record, next_check_on=""))
    assert answer.status_code == 422
    assert "Thoughts, no plan." in answer.content.decode()
    assert answer.context["form"].errors["next_check_on"] == [safety.NextCheckOrWhyNone.sentence]
    late = browser.post(url, form(client_record, evaluated_at="9999-12-31T23:30"))
    assert late.context["form"].errors["evaluated_at"] == [FarAhead.sentence]
    client_record.birth_date = datetime.date(1985, 5, 17)
    client_record.save()
    for field, typed, said in (
        ("evaluated_at", "2999-01-01T10:00", "too far in the future"),
        ("evaluated_at", "1985-05-16T10:00", "before the client was born"),
        ("evaluated_at", "0026-03-01T10:00", "Did you mean 2026?"),
        ("next_check_on", "1985-05-16", "before the client was born"),
        ("next_check_on", "2150-01-01", "in the future"),
    ):
        refused = browser.post(url, form(client_record, **{field: typed})).context["form"]
        assert said in refused.errors[field][0]
        assert list(refused.errors) == [field]
    assert not SafetyEvaluation.objects.exists()


def test_the_page_says_when_something_came_later(client_record, counselor, signed_in) -> None:
    screen(client_record, counselor)
    before = timezone.localtime(timezone=client_record.clinic.zone) - 2 * HOUR
    url = reverse("cases:safety", args=[client_record.pk])
    sent = form(client_record, evaluated_at=before.strftime("%Y-%m-%dT%H:%M"))
    page = signed_in(counselor).post(url, sent, follow=True).content.decode()
    assert "one concern came later" in page


def test_a_form_that_was_sent_twice_is_one_evaluation(client_record, counselor, signed_in) -> None:
    browser, url, sent = signed_in(counselor), reverse("cases:safety", args=[client_record.pk]), form(client_record)
    assert [browser.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert SafetyEvaluation.objects.count() == 1
    screen(client_record, counselor, at=timezone.now() - DAY)  # and one about another danger is another
    browser.post(url, sent)
    assert SafetyEvaluation.objects.count() == 2
    assert concerns(client_record) == []


def test_the_page_leads_back_inside_the_house_only(client_record, counselor, signed_in) -> None:
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    assert browser.post(url, form(client_record, next="//evil.example/"))["Location"] == url
    assert browser.post(url, form(client_record, next="/"))["Location"] == "/"


def test_another_clinics_clinician_and_intake_find_nothing(
    client_record, counselor, intake, other_clinic, signed_in
) -> None:
    screen(client_record, counselor)
    url = reverse("cases:safety", args=[client_record.pk])
    assert (
        signed_in(factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)).get(url).status_code == 404
    )
    assert signed_in(intake).get(url).status_code == 403


def test_the_page_asks_few_queries(client_record, counselor, signed_in) -> None:
    screen(client_record, counselor)
    evaluate(client_record, counselor)
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for _ in range(3):
        screen(client_record, counselor)
        evaluate(client_record, counselor)
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few) <= 20


def test_a_high_screener_leads_to_the_evaluation_at_once(client_record, counselor, signed_in) -> None:
    url = reverse("counseling:measure_new", args=[client_record.pk, "c-ssrs"])
    day = today_of(client_record).isoformat()
    for answers, name in ((HIGH, "cases:safety"), (NONE, "counseling:measures")):
        data = {f"item_{key}": str(value) for key, value in answers.items()}
        answer = signed_in(counselor).post(url, {**data, "taken_on": day})
        assert answer["Location"] == reverse(name, args=[client_record.pk])


def test_what_is_only_typed_locks_the_suggestion_and_a_saved_answer_until_it_is_evaluated(
    client_record, counselor
) -> None:
    typed = LevelOfCareAssessment(client=client_record, suicidal_intent=True)
    evaluate(client_record, counselor)
    assert placement.suggest(typed).locked
    row = assessments.record(client=client_record, by=counselor, suicidal_intent=True)
    assert placement.suggest(row).locked
    evaluate(client_record, counselor)
    assert not placement.suggest(row).locked
    assert placement.suggest(typed).locked
