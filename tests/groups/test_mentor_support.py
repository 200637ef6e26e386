"""A mentor on break is offered support, and again after anything new is recorded."""

import pytest
from django.utils import timezone

from cases import assessments
from cases.models import ContactPoint
from groups import mentoring
from groups.mentoring import MentorStatus
from groups.models import MentorTerm
from groups.today import needs
from reminders import crisis
from reminders.meaning import Asks, Danger, Reading

from .conftest import evaluated
from .facts import (
    a_caller_says_so,
    a_minute_later,
    assessment_in_danger,
    bam_with_use,
    by_the_form_today,
    high_c_ssrs,
    phq9_question_9,
)

AFTER_SUPPORT = [
    high_c_ssrs, phq9_question_9, assessment_in_danger, bam_with_use, a_caller_says_so, by_the_form_today,
]  # fmt: skip


@pytest.mark.parametrize("record", AFTER_SUPPORT)
def test_what_comes_after_support_asks_for_support_again(mentor, counselor, supervisor, today, record, time_machine):
    def asked():
        return [each for each in needs(staff_member=counselor, now=timezone.now()) if "Offer support" in each.title]

    a_minute_later(time_machine)
    bam_with_use(mentor.client, supervisor)
    assert len(asked()) == 1
    a_minute_later(time_machine)
    mentoring.record_support(membership=mentor, note="Talked", by=counselor)
    assert not asked()
    a_minute_later(time_machine)
    record(mentor.client, supervisor)
    assert len(asked()) == 1
    a_minute_later(time_machine)
    mentoring.record_support(membership=mentor, note="Talked again", by=counselor)
    assert not asked()


def the_decision(client, by):
    assessment = assessments.record(client=client, by=by, suicidal_behavior=True)
    evaluated(client, by)
    return lambda: assessments.decide(assessment=assessment, setting=1, medical=0, reason="Talked it over", by=by)


def what_was_done(client, by):
    ContactPoint.objects.create(
        client=client, kind=ContactPoint.Kind.PHONE, value="+15550100123", normalized="+15550100123"
    )
    reading = Reading(words="I want to die", asks=Asks.OTHER, danger=Danger.SUICIDE)
    [reply] = crisis.record(clinic=client.clinic, contact_value="+15550100123", reading=reading, at=timezone.now())
    return lambda: crisis.resolve(reply=reply, what_was_done="Reached them", by=by)


@pytest.mark.parametrize("story", [the_decision, what_was_done])
def test_an_act_on_a_known_danger_asks_for_no_support_again(mentor, counselor, supervisor, today, story, time_machine):
    act = story(mentor.client, supervisor)
    a_minute_later(time_machine)
    mentoring.record_support(membership=mentor, note="Talked", by=counselor)
    a_minute_later(time_machine)
    act()
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    assert not MentorTerm.objects.to_support(today).exists()
