"""A return to use in the middle of care: recorded, assessed from the record, decided, and carried out in one go.

Whichever fits the person comes next: care goes on, its level changes, or somebody who is not in care is admitted.
"""

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases import assessments
from cases.episodes import admissions
from cases.intake import inquiries
from cases.models import Client, ContinuedStayReview, LevelOfCareAssessment, LevelOfCarePeriod, Relapse
from cases.recovery import relapses
from counseling import measures
from staff.models import Program, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from tests import factories

D = datetime.date
NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)  # a Wednesday, noon in New York
SignIn = Callable[[StaffMember], Browser]
NO_DANGER = {"emergency_signs": "no", "suicidal_intent": "no", "suicidal_behavior": "no", "pregnant": "no"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def day_program(clinic: Any) -> Program:
    return factories.ProgramFactory(
        clinic=clinic,
        name="Partial hospitalization",
        setting=Setting.INTENSIVE,
        level_code="2.5",
        medical_intensity=MedicalIntensity.EVALUATION,
    )


@pytest.fixture
def residence(clinic: Any) -> Program:
    return factories.ProgramFactory(
        clinic=clinic,
        name="Residence",
        setting=Setting.RESIDENTIAL,
        level_code="3.5",
        medical_intensity=MedicalIntensity.EVALUATION,
    )


def words(answer: Any) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def page(name: str, row: LevelOfCareAssessment) -> str:
    return reverse(f"cases:{name}", args=[row.client_id, row.pk])


def in_day_program(client: Client, program: Program, by: StaffMember) -> Any:
    return admissions.admit(client=client, program=program, level_of_care="2.5", admitted_on=D(2026, 5, 4), by=by)


def record_return(browser: Browser, client: Client) -> Any:
    return browser.post(
        reverse("cases:relapse_new", args=[client.pk]),
        {
            "started_precision": "day", "started_on": "2026-05-17", "ended_precision": "day", "ended_on": "2026-05-18",
            "started_source": "client", "ended_source": "client", "kind": "lapse", "days_used": "2",
            "substance_0": "barbiturates", "medication_status": "unknown", "injected": "yes",
            "overdosed_on": "2026-05-18",
        },
        follow=True,
    )  # fmt: skip


def test_after_a_return_to_use_in_care_the_pages_lead_on_to_the_right_level(
    client_record: Client, day_program: Program, residence: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    episode = in_day_program(client_record, day_program, counselor)
    browser = signed_in(counselor)

    saved = words(record_return(browser, client_record))
    lapse = Relapse.objects.get()
    address = f"{reverse('cases:assessment_new', args=[client_record.pk])}?relapse={lapse.pk}"
    assert f'<a class="btn btn-primary" href="{address}">Assess placement</a>' in saved

    questions = words(browser.get(address))
    assert 'name="use_days" value="2"' in questions
    assert 'name="span_days" value="2"' in questions
    assert 'name="days_since_sedative" value="2"' in questions
    assert 'name="days_since_overdose" value="2"' in questions
    assert (
        '<option value="2" selected>Intensive outpatient (IOP) or partial hospitalization (PHP)</option>' in questions
    )
    assert 'name="substances" value="barbiturates"' in questions
    assert "(injected)" in questions
    assert "one step above that" in questions, "rule R1 speaks before anything is saved"

    browser.post(
        address,
        {
            **NO_DANGER, "substances": ["barbiturates"], "use_days": "2", "span_days": "2", "use_stopped": "yes",
            "days_since_sedative": "2", "sedative_stopped": "no", "sedative_severe": "no",
            "overdose_since_last_episode": "yes", "days_since_overdose": "2",
        },
    )  # fmt: skip
    row = LevelOfCareAssessment.objects.get()
    assert row.relapse == lapse
    shown = words(browser.get(page("assessment", row)))
    assert "<strong>Residential or more</strong> <span>Medical evaluation within 24 hours</span>" in shown
    assert '<small class="suggested__codes"> S3 · M1 </small>' in shown
    assert "Assess placement</a>" not in words(browser.get(reverse("cases:relapses", args=[client_record.pk])))

    decided = browser.post(
        page("assessment_decide", row),
        {"setting": "3", "medical": "1", "level_code": "3.5", "program": residence.pk},
        follow=True,
    )
    after = words(decided)
    assert "Change level" in after
    assert "> Admit </a>" not in after
    assert "Keep in" not in after
    change = f"{reverse('cases:episodes', args=[client_record.pk])}?decided={row.pk}#change-{episode.pk}"
    assert change in after

    form = words(browser.get(change.partition("#")[0]))
    assert '<option value="3.5" selected>' in form
    assert f'<option value="{residence.pk}" selected>' in form
    browser.post(
        reverse("cases:change_level", args=[client_record.pk, episode.pk]),
        {
            "level_of_care": "3.5", "starts_at": "2026-05-20T12:00", "program": residence.pk,
            "reason": "Decided today", "assessment": row.pk,
        },
    )  # fmt: skip
    period = LevelOfCarePeriod.objects.get(episode=episode, ends_at=None)
    assert (period.level_code, period.assessment) == ("3.5", row)
    assert "level 3.5 in Residence from May 20, 2026" in words(browser.get(page("assessment", row)))


def test_care_that_fits_goes_on_with_one_button_and_a_review_says_so(
    client_record: Client, day_program: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    in_day_program(client_record, day_program, counselor)
    browser = signed_in(counselor)
    record_return(browser, client_record)
    row = assessments.record(client=client_record, relapse=Relapse.objects.get(), by=counselor)
    sent = {"setting": "2", "medical": "1", "reason": "She came by herself the next day."}
    shown = words(browser.post(page("assessment_decide", row), sent, follow=True))
    assert "Keep in Partial hospitalization" in shown
    assert "Change level" not in shown
    kept = words(browser.post(page("assessment_keep", row), follow=True))
    review = ContinuedStayReview.objects.get()
    assert (review.outcome, review.assessment, review.reviewed_by) == ("continue", row, counselor)
    assert "She came by herself the next day." in review.reason
    assert "in Partial hospitalization, May 20, 2026, 12:00 PM, by" in kept
    assert "Keep in Partial hospitalization" not in kept
    again = words(browser.post(page("assessment_keep", row), follow=True))
    assert "No open episode matches this decision" in again
    assert ContinuedStayReview.objects.count() == 1


def test_who_is_not_in_care_is_admitted(
    client_record: Client, day_program: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser = signed_in(counselor)
    row = assessments.record(client=client_record, by=counselor)
    sent = {"setting": "2", "medical": "1", "program": day_program.pk, "reason": "Asked for it."}
    shown = words(browser.post(page("assessment_decide", row), sent, follow=True))
    assert f'href="{reverse("cases:admit", args=[client_record.pk])}"' in shown
    assert "Keep in" not in shown
    assert "Change level" not in shown


def test_a_call_about_somebody_in_care_does_not_end_in_an_admission(
    client_record: Client, day_program: Program, counselor: StaffMember, intake: StaffMember, signed_in: SignIn
) -> None:
    in_day_program(client_record, day_program, counselor)
    call = inquiries.take(by=intake, given_name="Robin")
    call = inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    row = assessments.record(client=client_record, inquiry=call, by=counselor)
    browser = signed_in(counselor)
    answer = browser.post(
        page("assessment_decide", row), {"setting": "2", "medical": "0", "reason": "Nothing changes."}
    )
    assert answer["Location"] == page("assessment", row)
    shown = words(browser.get(reverse("desk:today")))
    assert "Keep or change the level of care" in shown
    assert "Admit" not in shown.replace("Admission", "")


def test_care_that_no_longer_meets_the_need_is_not_kept(
    client_record: Client, day_program: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    """Decided as partial hospitalization with 24-hour care by a supervisor's hand is no stay that simply goes on."""
    in_day_program(client_record, day_program, counselor)
    row = assessments.record(client=client_record, by=counselor)
    browser = signed_in(counselor)
    refused = browser.post(
        page("assessment_decide", row),
        {"setting": "2", "medical": "2", "level_code": "2.5", "reason": "Wants to stay."},
    )
    assert refused.status_code == 422
    assert "provides no 24-hour medical care. Decided: 24-hour medical care." in words(refused)
    row.refresh_from_db()
    assert row.decided_at is None


def test_what_was_measured_decides_where_it_says_more(
    client_record: Client, day_program: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    in_day_program(client_record, day_program, counselor)
    lapse = relapses.record(
        client=client_record, started_on=D(2026, 5, 19), ended_on=D(2026, 5, 19), substances=["alcohol"], by=counselor
    )
    measures.record(client=client_record, instrument="ciwa-ar", answers=[3, 3, 3, 3, 3, 3, 3, 0, 0, 0], by=counselor)
    browser = signed_in(counselor)
    address = f"{reverse('cases:assessment_new', args=[client_record.pk])}?relapse={lapse.pk}"
    browser.post(
        address,
        {
            **NO_DANGER, "substances": ["alcohol"], "use_days": "1", "use_stopped": "yes", "days_since_alcohol": "1",
            "alcohol_daily": "no", "past_withdrawal_seizure": "no", "ciwa_ar": "5",
        },
    )  # fmt: skip
    shown = words(browser.get(page("assessment", LevelOfCareAssessment.objects.get())))
    assert "<strong>Residential or more</strong> <span>24-hour medical care</span>" in shown
    assert "CIWA-Ar is 21, which is 19 or more." in shown
