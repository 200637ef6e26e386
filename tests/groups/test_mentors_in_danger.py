"""A danger on record pauses a peer mentor until a person has evaluated it and reviewed them, whatever its date."""

import datetime

import pytest
from django.utils import timezone

from cases import assessments, safety
from cases.intake import inquiries
from cases.models import Inquiry
from cases.safety import SafetyFact
from counseling import measures, notes
from groups import mentoring
from groups import today as groups_today
from groups.mentoring import MentorStatus
from groups.models import MentorPairing
from tests import factories

from .conftest import DAY, evaluated
from .facts import (
    a_minute_later,
    assessment_in_danger,
    high_c_ssrs,
    low_c_ssrs,
    phq9_question_9,
)


@pytest.mark.parametrize("record", [high_c_ssrs, phq9_question_9, assessment_in_danger])
def test_a_danger_pauses_a_mentor_from_its_record_on(
    mentor, make_member, medical, supervisor, counselor, today, record
):
    """The one owner of what pauses a mentor is MentorTermQuerySet.with_state, which asks groups.pauses."""
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    record(mentor.client, medical)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    assert [each.mentee for each in MentorPairing.objects.to_reassign(today)] == [mentee]
    with pytest.raises(mentoring.NotEligible):
        mentoring.resume(membership=mentor, by=counselor, review="Feels fine")
    assert mentoring.standing(mentor, today - DAY) is MentorStatus.NONE


def test_after_the_danger_is_settled_a_person_reviews_and_resumes(mentor, counselor, today, time_machine):
    high_c_ssrs(mentor.client, counselor)
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=5))
    measures.record(client=mentor.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    with pytest.raises(mentoring.NotEligible, match="is high"):
        mentoring.resume(membership=mentor, by=counselor, review="A low screen is no evaluation")
    evaluated(mentor.client, counselor)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK  # settled, and nobody has reviewed yet
    mentoring.resume(membership=mentor, by=counselor, review="Evaluated, safe")
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def amended_to_intent(client, by, later):
    """After the evaluation the assessment says something worse: its answers are part of what was evaluated."""
    assessment = assessments.record(client=client, by=by, suicidal_behavior=True)
    later()
    evaluated(client, by)
    later()
    yield
    assessments.amend(assessment=assessment, by=by, suicidal_intent=True)


def a_call_linked_later(client, by, later):
    call = Inquiry.objects.create(clinic=client.clinic, taken_at=timezone.now(), taken_by=by, danger_signs=["suicide"])
    later()
    evaluated(client, by)
    later()
    yield
    inquiries.link(inquiry=call, client=client, by=by)


def a_high_note_written_down_late(client, by, later):
    held = timezone.now()
    later()
    evaluated(client, by)
    later()
    yield
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=client.clinic), admitted_by=by
    )
    notes.start(client=client, episode=episode, session_started_at=held, by=by, risk_screen="high")


def a_high_c_ssrs_typed_in_late(client, by, later):
    asked = timezone.now()
    later()
    measures.record(client=client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=by)
    later()
    yield
    measures.record(client=client, instrument="c-ssrs", answers={4: 1}, by=by, taken_at=asked)


HEARD_LATE = [amended_to_intent, a_call_linked_later, a_high_note_written_down_late, a_high_c_ssrs_typed_in_late]


@pytest.mark.parametrize("story", HEARD_LATE)
def test_a_danger_heard_after_the_review_pauses_whatever_its_date(mentor, supervisor, today, story, time_machine):
    """The one owner of “this danger is answered” is cases.safety: by what was on record, never by its time."""
    told = story(mentor.client, supervisor, lambda: a_minute_later(time_machine))
    next(told)
    low_c_ssrs(mentor.client, supervisor)
    mentoring.resume(membership=mentor, by=supervisor, review="Safe")
    a_minute_later(time_machine)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    next(told, None)
    assert safety.open_concerns(client=mentor.client, on=today)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    a_minute_later(time_machine)
    evaluated(mentor.client, supervisor)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK  # evaluated, and nobody has reviewed yet
    low_c_ssrs(mentor.client, supervisor)
    mentoring.resume(membership=mentor, by=supervisor, review="Looked into it")
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def test_a_concern_of_a_source_that_is_a_function_pauses_too(mentor, counselor, settings, today):
    assert list(groups_today.needs(staff_member=counselor, now=timezone.now())) == []
    settings.SAFETY_SOURCES = ["tests.groups.test_mentors_in_danger.somebody_heard_it"]
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    (need,) = groups_today.needs(staff_member=counselor, now=timezone.now())
    assert need.title == "Offer support to a peer mentor on break"
    evaluated(mentor.client, mentor.mentor_terms.get().steps.first().by)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK


def somebody_heard_it(*, clients):
    return [SafetyFact(client.pk, client.created_at, "Somebody heard it.", "/", record="heard 1") for client in clients]
