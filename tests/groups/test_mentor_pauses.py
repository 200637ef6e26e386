"""What pauses a peer mentor, whoever records it and however, and what brings them back."""

import datetime

import pytest
from django.utils import timezone

from cases import merging
from counseling import measures
from groups import mentoring
from groups.mentoring import MentorStatus
from groups.models import Membership, MentorPairing, MentorTerm

from .conftest import DAY, returned_to_use
from .facts import (
    by_sql,
    by_the_form,
    high_c_ssrs,
)


@pytest.mark.parametrize("record", [by_the_form, by_sql])
@pytest.mark.parametrize("days_ago", [0, 3, 100])
def test_scenario_7_a_mentors_return_to_use(mentor, make_member, medical, counselor, today, record, days_ago):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    record(mentor.client, medical, today - days_ago * DAY)
    # paused now
    assert not MentorTerm.objects.active(today).exists()
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    assert MentorStatus.BREAK.label == "on break"  # the group sees no reason
    # mentees unassigned, and somebody is to decide
    assert not MentorPairing.objects.in_force(today).exists()
    assert [each.mentee for each in MentorPairing.objects.to_reassign(today)] == [mentee]
    # roster place kept
    assert mentor in Membership.objects.current(today)
    with pytest.raises(mentoring.NotMentoringNow):
        mentoring.pair(mentor=mentor, mentee=make_member(), by=counselor)
    # no way back before the criteria are met again
    if days_ago < 90:
        with pytest.raises(mentoring.NotEligible, match="recovery days"):
            mentoring.resume(membership=mentor, by=counselor, review="Wants to go on")


def test_after_a_review_the_mentor_is_back_and_the_mentee_still_waits_for_a_person(
    mentor, make_member, make_ready, counselor, today, time_machine
):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    returned_to_use(mentor.client, counselor, started_on=today, ended_on=today)
    later = today + 91 * DAY
    time_machine.move_to(datetime.datetime.combine(later, datetime.time(12), mentor.group.clinic.zone))
    mentoring.approve(membership=mentor, by=counselor)
    mentoring.resume(membership=mentor, by=counselor, review="Steady again, wants to go on")
    assert mentoring.standing(mentor, later) is MentorStatus.MENTOR
    assert [each.mentee for each in MentorPairing.objects.to_reassign(later)] == [mentee]
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    assert not MentorPairing.objects.to_reassign(later).exists()
    assert MentorPairing.objects.in_force(later).count() == 1


def test_an_unconfirmed_report_pauses_too_until_somebody_has_looked(mentor, counselor, today, time_machine):
    returned_to_use(mentor.client, counselor, started_on=today - DAY, ended_on=today - DAY, is_confirmed=False)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=1))
    mentoring.resume(membership=mentor, by=counselor, review="Not so, says a test")
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    mentor.client.relapses.update(is_confirmed=True)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK


def test_use_that_was_known_at_the_appointment_does_not_pause(make_member, attend, counselor, today):
    member = make_member()
    day = today - 100 * DAY
    returned_to_use(member.client, counselor, started_on=day, ended_on=day)
    measures.record(client=member.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    attend([member], 8)
    for step in (mentoring.record_agreement, mentoring.approve, mentoring.record_orientation):
        step(membership=member, by=counselor)
    mentoring.appoint(membership=member, by=counselor)
    assert mentoring.standing(member, today) is MentorStatus.MENTOR


def test_a_break_by_hand_and_back(mentor, make_member, counselor, today):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    mentoring.pause(membership=mentor, reason="Exams", by=counselor)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    assert MentorPairing.objects.to_reassign(today).count() == 1
    mentoring.unpair(mentor=mentor, mentee=mentee, by=counselor)
    assert not MentorPairing.objects.to_reassign(today).exists()
    mentoring.resume(membership=mentor, by=counselor)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    assert not MentorPairing.objects.in_force(today).exists()


def test_withdrawing_the_agreement_is_enough(mentor, counselor, today):
    mentoring.withdraw_agreement(membership=mentor, by=counselor)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK


def test_a_return_to_use_on_a_duplicate_record_pauses_once_the_two_are_merged(
    mentor, make_client, supervisor, counselor, today
):
    duplicate = make_client(given_name="Dana", family_name="Example")
    returned_to_use(duplicate, supervisor, started_on=today, ended_on=today)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    joined = merging.merge(keep=mentor.client, absorb=duplicate, by=supervisor)
    assert mentoring.standing(mentor, today) is MentorStatus.BREAK
    merging.unmerge(merge=joined, by=supervisor)
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR


def test_the_standing_of_a_roster_is_two_queries_whatever_its_size(
    mentor, make_member, counselor, today, django_assert_num_queries
):
    members = [mentor, *(make_member() for _ in range(5))]
    high_c_ssrs(mentor.client, counselor)
    with django_assert_num_queries(2):
        mentoring.standings(members, today)
