"""What pauses a peer mentor, whoever records it and however, and what brings them back."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from cases import assessments, inquiries, merging, safety
from cases.models import Inquiry, LevelOfCareAssessment
from cases.safety import SafetyFact
from counseling import measures, notes
from groups import mentoring
from groups.mentoring import Standing
from groups.models import Membership, MentorPairing, MentorTerm
from groups.today import needs
from tests import factories

from .conftest import DAY, evaluated, returned_to_use


def by_the_form(client, by, day):
    returned_to_use(client, by, started_on=day, ended_on=day)


def by_the_form_today(client, by):
    by_the_form(client, by, timezone.localdate(timezone=client.clinic.zone))


def by_sql(client, by, day):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_relapse (client_id, kind, started_on, started_precision, started_source, ended_on,"
            " ended_precision, ended_source, is_confirmed, situations, primary_situation, abstinence_violation,"
            " emotional_state, precipitant, worked_before, learned, plan_change, supports_contacted,"
            " medication_status, recorded_at, recorded_by_id)"
            " VALUES (%s, 'lapse', %s, 'day', 'client', %s, 'day', 'client', true, '{}', '', false, '', '', '', '',"
            " '', '', 'unknown', now(), %s)",
            [client.pk, day, day, by.pk],
        )


@pytest.mark.parametrize("record", [by_the_form, by_sql])
@pytest.mark.parametrize("days_ago", [0, 3, 100])
def test_scenario_7_a_mentors_return_to_use(mentor, make_member, medical, counselor, today, record, days_ago):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    record(mentor.client, medical, today - days_ago * DAY)
    # paused now
    assert not MentorTerm.objects.active(today).exists()
    assert mentoring.standing(mentor, today) is Standing.BREAK
    assert Standing.BREAK.label == "taking a break"  # the group sees no reason
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
    assert mentoring.standing(mentor, later) is Standing.MENTOR
    assert [each.mentee for each in MentorPairing.objects.to_reassign(later)] == [mentee]
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    assert not MentorPairing.objects.to_reassign(later).exists()
    assert MentorPairing.objects.in_force(later).count() == 1


def test_an_unconfirmed_report_pauses_too_until_somebody_has_looked(mentor, counselor, today, time_machine):
    returned_to_use(mentor.client, counselor, started_on=today - DAY, ended_on=today - DAY, is_confirmed=False)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=1))
    mentoring.resume(membership=mentor, by=counselor, review="Not so, says a test")
    assert mentoring.standing(mentor, today) is Standing.MENTOR
    mentor.client.relapses.update(is_confirmed=True)
    assert mentoring.standing(mentor, today) is Standing.BREAK


def test_use_that_was_known_at_the_appointment_does_not_pause(make_member, attend, counselor, today):
    member = make_member()
    day = today - 100 * DAY
    returned_to_use(member.client, counselor, started_on=day, ended_on=day)
    measures.record(client=member.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    attend([member], 8)
    for step in (mentoring.record_agreement, mentoring.approve, mentoring.record_orientation):
        step(membership=member, by=counselor)
    mentoring.appoint(membership=member, by=counselor)
    assert mentoring.standing(member, today) is Standing.MENTOR


def test_a_break_by_hand_and_back(mentor, make_member, counselor, today):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    mentoring.pause(membership=mentor, reason="Exams", by=counselor)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    assert MentorPairing.objects.to_reassign(today).count() == 1
    mentoring.unpair(mentor=mentor, mentee=mentee, by=counselor)
    assert not MentorPairing.objects.to_reassign(today).exists()
    mentoring.resume(membership=mentor, by=counselor)
    assert mentoring.standing(mentor, today) is Standing.MENTOR
    assert not MentorPairing.objects.in_force(today).exists()


def test_withdrawing_the_agreement_is_enough(mentor, counselor, today):
    mentoring.withdraw_agreement(membership=mentor, by=counselor)
    assert mentoring.standing(mentor, today) is Standing.BREAK


def test_a_return_to_use_on_a_duplicate_record_pauses_once_the_two_are_merged(
    mentor, make_client, supervisor, counselor, today
):
    duplicate = make_client(given_name="Dana", family_name="Example")
    returned_to_use(duplicate, supervisor, started_on=today, ended_on=today)
    assert mentoring.standing(mentor, today) is Standing.MENTOR
    joined = merging.merge(keep=mentor.client, absorb=duplicate, by=supervisor)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    merging.unmerge(merge=joined, by=supervisor)
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def high_c_ssrs(client, by):
    measures.record(client=client, instrument="c-ssrs", answers={4: 1}, by=by)


def phq9_question_9(client, by):
    measures.record(client=client, instrument="phq-9", answers=[0] * 8 + [1], by=by)


def assessment_in_danger(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, suicidal_behavior=True
    )


@pytest.mark.parametrize("record", [high_c_ssrs, phq9_question_9, assessment_in_danger])
def test_a_danger_pauses_a_mentor_from_its_record_on(
    mentor, make_member, medical, supervisor, counselor, today, record
):
    """The one owner of what pauses a mentor is MentorTermQuerySet.with_state, which asks groups.pauses."""
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    record(mentor.client, medical)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    assert [each.mentee for each in MentorPairing.objects.to_reassign(today)] == [mentee]
    with pytest.raises(mentoring.NotEligible):
        mentoring.resume(membership=mentor, by=counselor, review="Feels fine")
    assert mentoring.standing(mentor, today - DAY) is Standing.NONE


def test_after_the_danger_is_settled_a_person_reviews_and_resumes(mentor, counselor, today, time_machine):
    high_c_ssrs(mentor.client, counselor)
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=5))
    measures.record(client=mentor.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    with pytest.raises(mentoring.NotEligible, match="is high"):
        mentoring.resume(membership=mentor, by=counselor, review="A low screen is no evaluation")
    evaluated(mentor.client, counselor)
    assert mentoring.standing(mentor, today) is Standing.BREAK  # settled, and nobody has reviewed yet
    mentoring.resume(membership=mentor, by=counselor, review="Evaluated, safe")
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def assessed_with_use(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, use_days=2, span_days=3
    )


def assessed_with_days_since(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, days_since_alcohol=3
    )


def a_caller_says_so(client, by):
    Inquiry.objects.create(
        clinic=client.clinic,
        client=client,
        relation="sibling",
        days_since_last_use=1,
        taken_at=timezone.now(),
        taken_by=by,
    )


def bam_with_use(client, by):
    measures.record(client=client, instrument="bam", answers={6: 1}, by=by)


REPORTS = [assessed_with_use, assessed_with_days_since, a_caller_says_so, bam_with_use]


@pytest.mark.parametrize("record", REPORTS)
def test_a_report_of_use_pauses_until_somebody_has_looked(
    mentor, medical, counselor, facilitator, today, record, time_machine, client
):
    """The one owner of “something on record says that this person used” is cases.use_reports."""
    record(mentor.client, medical)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    client.force_login(counselor)
    page = client.get(f"/groups/{mentor.group_id}/members/{mentor.pk}/").content.decode()
    assert "A report of use waits for review." in page
    client.force_login(facilitator)
    page = client.get(f"/groups/{mentor.group_id}/members/{mentor.pk}/").content.decode()
    assert "taking a break" in page
    assert "report of use" not in page
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=1))
    mentoring.resume(membership=mentor, by=counselor, review="Not so")
    assert mentoring.standing(mentor, today) is Standing.MENTOR


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
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def test_the_standing_of_a_roster_is_two_queries_whatever_its_size(
    mentor, make_member, counselor, today, django_assert_num_queries
):
    members = [mentor, *(make_member() for _ in range(5))]
    high_c_ssrs(mentor.client, counselor)
    with django_assert_num_queries(2):
        mentoring.standings(members, today)


def a_minute_later(time_machine, minutes=1):
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=minutes))


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
    episode = factories.make_episode(client, factories.make_program(client.clinic), by=by)
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
    assert mentoring.standing(mentor, today) is Standing.MENTOR
    next(told, None)
    assert safety.open_concerns(client=mentor.client, on=today)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    a_minute_later(time_machine)
    evaluated(mentor.client, supervisor)
    assert mentoring.standing(mentor, today) is Standing.BREAK  # evaluated, and nobody has reviewed yet
    low_c_ssrs(mentor.client, supervisor)
    mentoring.resume(membership=mentor, by=supervisor, review="Looked into it")
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def low_c_ssrs(client, by):
    measures.record(client=client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=by)


def test_a_concern_of_a_source_that_is_a_function_pauses_too(mentor, settings, today):
    settings.SAFETY_SOURCES = ["tests.groups.test_mentor_pauses.somebody_heard_it"]
    assert mentoring.standing(mentor, today) is Standing.BREAK
    evaluated(mentor.client, mentor.mentor_terms.get().steps.first().by)
    assert mentoring.standing(mentor, today) is Standing.BREAK


def somebody_heard_it(*, clients):
    return [SafetyFact(client.pk, client.created_at, "Somebody heard it.", "/", record="heard 1") for client in clients]


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
    assert mentoring.standing(mentor, today) is Standing.MENTOR
    next(told, None)
    assert mentoring.standing(mentor, today) is Standing.BREAK
    a_minute_later(time_machine)
    mentoring.resume(membership=mentor, by=supervisor, review="Looked into it")
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def test_a_decision_about_a_known_assessment_tells_nothing_new(mentor, supervisor, today, time_machine):
    assessment = assessments.record(client=mentor.client, by=supervisor, use_days=2, span_days=10)
    a_minute_later(time_machine)
    mentoring.resume(membership=mentor, by=supervisor, review="Not so")
    a_minute_later(time_machine)
    assessments.decide(assessment=assessment, setting=1, medical=0, reason="Talked it over", by=supervisor)
    assert mentoring.standing(mentor, today) is Standing.MENTOR


def test_a_bam_of_before_the_recovery_typed_in_late_pauses_nobody(mentor, supervisor, today):
    long_ago = timezone.now() - 200 * DAY
    measures.record(client=mentor.client, instrument="bam", answers={6: 1}, by=supervisor, taken_at=long_ago)
    assert mentoring.standing(mentor, today) is Standing.MENTOR


AFTER_SUPPORT = [high_c_ssrs, assessment_in_danger, bam_with_use, a_caller_says_so, by_the_form_today]


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
