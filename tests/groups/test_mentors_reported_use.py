"""A report of use pauses a peer mentor from when it is recorded until someone reviews it."""

import datetime

import pytest
from django.utils import timezone

from cases import assessments
from cases.intake import inquiries
from cases.models import Inquiry, LevelOfCareAssessment
from counseling import measures
from groups import mentoring
from groups.mentoring import MentorStatus

from .conftest import DAY
from .facts import (
    a_caller_says_so,
    a_caller_tells_of,
    a_minute_later,
    assessed_after_an_overdose,
    assessed_with_days_since,
    assessed_with_use,
    bam_with_use,
)

REPORTS = [
    assessed_with_use, assessed_with_days_since, assessed_after_an_overdose, a_caller_says_so,
    a_caller_tells_of("overdose_now"), a_caller_tells_of("withdrawal"), bam_with_use,
]  # fmt: skip


@pytest.mark.parametrize("record", REPORTS)
def test_a_report_of_use_pauses_until_somebody_has_looked(
    mentor, medical, counselor, facilitator, today, record, time_machine, client
):
    """The one owner of “something on record says that this person used” is cases.use_reports."""
    record(mentor.client, medical)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    client.force_login(counselor)
    page = client.get(f"/groups/{mentor.group_id}/members/{mentor.pk}/").content.decode()
    assert "A report of use needs review." in page
    client.force_login(facilitator)
    page = client.get(f"/groups/{mentor.group_id}/members/{mentor.pk}/").content.decode()
    assert "on break" in page
    assert "report of use" not in page
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=1))
    mentoring.resume(membership=mentor, by=counselor, review="Not so")
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def test_an_old_last_use_and_a_bam_without_use_pause_nobody(mentor, medical, today):
    LevelOfCareAssessment.objects.create(
        client=mentor.client, assessed_at=timezone.now(), assessed_by=medical, days_since_alcohol=500
    )
    Inquiry.objects.create(
        clinic=mentor.client.clinic,
        client=mentor.client,
        days_since_last_use=500,
        taken_at=timezone.now(),
        taken_by=medical,
    )
    measures.record(client=mentor.client, instrument="bam", answers={4: 0, 5: 0, 6: 0}, by=medical)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def an_assessment_amended(client, by, later):
    assessment = assessments.record(client=client, by=by, use_days=0, span_days=10)
    later()
    yield
    assessments.amend(assessment=assessment, by=by, use_days=2)


def a_call_of_use_linked_later(client, by, later):
    call = Inquiry.objects.create(clinic=client.clinic, taken_at=timezone.now(), taken_by=by, days_since_last_use=1)
    later()
    yield
    inquiries.link(inquiry=call, client=client, by=by)


def a_call_corrected_later(client, by, later):
    call = Inquiry.objects.create(clinic=client.clinic, client=client, taken_at=timezone.now(), taken_by=by)
    later()
    yield
    inquiries.amend(inquiry=call, by=by, days_since_last_use=1)


def a_bam_typed_in_late(client, by, later):
    filled_in = timezone.now()
    later()
    yield
    measures.record(client=client, instrument="bam", answers={6: 1}, by=by, taken_at=filled_in)


USE_HEARD_LATE = [an_assessment_amended, a_call_of_use_linked_later, a_call_corrected_later, a_bam_typed_in_late]


@pytest.mark.parametrize("story", USE_HEARD_LATE)
def test_a_report_of_use_counts_from_its_record_on(mentor, supervisor, today, story, time_machine):
    """The one owner of “recorded since” is staff.recorded.since: a row's own time, or an act that wrote it down."""
    told = story(mentor.client, supervisor, lambda: a_minute_later(time_machine))
    next(told)
    mentoring.resume(membership=mentor, by=supervisor, review="Fine")
    a_minute_later(time_machine)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    next(told, None)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    a_minute_later(time_machine)
    mentoring.resume(membership=mentor, by=supervisor, review="Looked into it")
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def test_a_decision_about_a_known_assessment_tells_nothing_new(mentor, supervisor, today, time_machine):
    assessment = assessments.record(client=mentor.client, by=supervisor, use_days=2, span_days=10)
    a_minute_later(time_machine)
    mentoring.resume(membership=mentor, by=supervisor, review="Not so")
    a_minute_later(time_machine)
    assessments.decide(assessment=assessment, setting=1, medical=0, reason="Talked it over", by=supervisor)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def test_a_bam_of_before_the_recovery_typed_in_late_pauses_nobody(mentor, supervisor, today):
    long_ago = timezone.now() - 200 * DAY
    measures.record(client=mentor.client, instrument="bam", answers={6: 1}, by=supervisor, taken_at=long_ago)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
