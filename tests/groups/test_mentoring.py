"""Peer mentors: eligibility, pairings, and the end of the role."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import LevelOfCareAssessment
from cases.safety import SafetyFact
from counseling import measures
from groups import mentoring, rosters, sessions
from groups.mentor_criteria import Key, State
from groups.mentoring import MentorStatus
from groups.models import KeepApart, Membership, MentorPairing, MentorStep, MentorTerm
from groups.today import needs
from staff.models import ClinicThreshold
from staff.refusals import NotPermitted
from tests.ownership import as_owner

from .conftest import DAY, evaluated, in_recovery_since, returned_to_use


def criterion(member, on, key):
    return next(each for each in mentoring.eligibility(member, on).reasons if each.key is key)


def test_who_meets_every_criterion_can_be_a_mentor(make_ready, today):
    judged = mentoring.eligibility(make_ready(), today)
    assert judged.eligible
    assert [each.state for each in judged.reasons] == [State.MET] * 8


def test_each_criterion_that_is_not_met_says_why_with_its_number(make_member, attend, counselor, today):
    member = make_member()
    in_recovery_since(member.client, today - 89 * DAY, counselor)
    attend([member], 7)
    judged = mentoring.eligibility(member, today)
    assert not judged.eligible
    assert [str(each) for each in judged.unmet] == [
        "No written agreement yet.",
        "No counselor’s approval yet.",
        "89 of 90 recovery days: 1 to go.",
        "7 of 8 sessions attended.",
        "No C-SSRS on record. Complete one.",
        "Mentor orientation not completed.",
    ]
    assert criterion(member, today + DAY, Key.RECOVERY).met
    with pytest.raises(mentoring.NotEligible, match="7 of 8 sessions attended"):
        mentoring.appoint(membership=member, by=counselor)
    assert not MentorTerm.objects.exists()


def test_the_clinic_sets_its_own_numbers(make_member, attend, counselor, clinic, today):
    member = make_member()
    in_recovery_since(member.client, today - 60 * DAY, counselor)
    attend([member], 4)
    for key, value in (("groups.mentor_recovery_days", 60), ("groups.mentor_sessions", 4)):
        ClinicThreshold.objects.create(clinic=clinic, key=key, value=value, reason="Medical director, 2026")
    assert criterion(member, today, Key.RECOVERY).met
    assert criterion(member, today, Key.SESSIONS).met


def test_sessions_count_over_spells_and_not_when_the_clinic_cancelled(
    make_member, attend, make_session, counselor, facilitator, group, today
):
    member = make_member()
    attend([member], 3)
    rosters.leave(membership=member, left_on=today, reason="moved", by=counselor)
    again = rosters.join(group=group, client=member.client, joined_on=today, by=counselor)
    assert criterion(again, today, Key.SESSIONS).have == 3
    sessions.cancel(session=group.sessions.first(), by=facilitator, reason="Heating failed")
    assert criterion(again, today, Key.SESSIONS).have == 2


def test_an_approval_runs_out_after_ninety_days(mentor, counselor, today):
    step = mentor.mentor_steps.get(kind="approved")
    assert step.valid_until == today + 90 * DAY
    assert criterion(mentor, today + 90 * DAY, Key.APPROVAL).met
    assert criterion(mentor, today + 91 * DAY, Key.APPROVAL).state is State.NEEDED
    assert mentoring.standing(mentor, today + 90 * DAY) is MentorStatus.MENTOR
    assert mentoring.standing(mentor, today + 91 * DAY) is MentorStatus.BREAK


def test_suicide_risk_and_an_open_safety_flag_stand_in_the_way(make_ready, counselor, today):
    member = make_ready()
    LevelOfCareAssessment.objects.create(
        client=member.client, assessed_at=timezone.now(), assessed_by=counselor, suicidal_intent=True
    )
    assert {each.key for each in mentoring.eligibility(member, today).unmet} == {Key.SUICIDE_RISK, Key.SAFETY_FLAG}
    evaluated(member.client, counselor)
    assert {each.key for each in mentoring.eligibility(member, today).unmet} == {Key.SUICIDE_RISK}
    LevelOfCareAssessment.objects.create(
        client=member.client,
        assessed_at=timezone.now(),
        assessed_by=counselor,
        suicidal_intent=False,
        suicidal_behavior=False,
    )
    assert mentoring.eligibility(member, today).eligible


def test_somebody_using_or_with_an_unknown_date_is_not_counted(make_member, counselor, today):
    member = make_member()
    assert criterion(member, today, Key.RECOVERY).state is State.NEEDED
    returned_to_use(member.client, counselor, started_on=today - 200 * DAY)
    assert "is still ongoing" in criterion(member, today, Key.RECOVERY).sentence


def test_an_inexact_date_counts_only_where_it_cannot_matter(make_member, counselor, today):
    recent, long_ago = make_member(), make_member()
    for member, days in ((recent, 100), (long_ago, 600)):
        day = today - days * DAY
        returned_to_use(member.client, counselor, started_on=day, ended_on=day, ended_precision="month")
    assert criterion(recent, today, Key.RECOVERY).state is State.NEEDED
    assert criterion(long_ago, today, Key.RECOVERY).met


def test_appointing_marks_the_roster_once(mentor, counselor, today):
    assert mentoring.standing(mentor, today) is MentorStatus.MENTOR
    assert MentorStatus.MENTOR.label == "Peer mentor"
    assert mentoring.standing(mentor, today - DAY) is MentorStatus.NONE
    with pytest.raises(mentoring.AlreadyMentor):
        mentoring.appoint(membership=mentor, by=counselor)
    with pytest.raises(IntegrityError, match="mentor_term"), transaction.atomic():
        MentorTerm.objects.create(membership=mentor, started_on=today)


def test_only_who_sees_the_client_appoints(make_ready, facilitator, medical, counselor):
    member = make_ready()
    for nobody in (facilitator, medical):
        with pytest.raises(NotPermitted):
            mentoring.appoint(membership=member, by=nobody)
    mentoring.appoint(membership=member, by=counselor)
    assert MentorStep.objects.visible_to(facilitator).count() == 0
    assert MentorStep.objects.visible_to(counselor).count() == 4


def test_a_mentor_accompanies_at_most_three(mentor, make_member, counselor, today):
    mentees = [make_member() for _ in range(4)]
    for mentee in mentees[:3]:
        mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    with pytest.raises(mentoring.MentorHasEnough, match="already has 3 mentees"):
        mentoring.pair(mentor=mentor, mentee=mentees[3], by=counselor)
    mentoring.unpair(mentor=mentor, mentee=mentees[0], by=counselor)
    mentoring.pair(mentor=mentor, mentee=mentees[3], by=counselor)
    assert MentorPairing.objects.in_force(today).count() == 3
    assert not MentorPairing.objects.to_reassign(today).exists()


@pytest.mark.parametrize("kind", list(KeepApart.Kind))
def test_no_tie_of_any_kind_is_paired_and_the_sentence_is_neutral(mentor, make_member, supervisor, kind):
    mentee = make_member()
    rosters.keep_apart(client=mentee.client, other=mentor.client, kind=kind, by=supervisor)
    with pytest.raises(mentoring.CannotBePaired) as refusal:
        mentoring.pair(mentor=mentor, mentee=mentee, by=supervisor)
    assert refusal.value.sentence == "These two can’t be paired. Choose another mentor."


def test_nobody_mentors_themselves_or_another_group(mentor, make_member, clinic, counselor):
    from groups.models import Group

    elsewhere = make_member(group=Group.objects.create(clinic=clinic, name="Elsewhere", type="support"))
    for mentee in (mentor, elsewhere):
        with pytest.raises(mentoring.CannotBePaired):
            mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    term = mentor.mentor_terms.get()
    with pytest.raises(IntegrityError, match="two people of one group"), transaction.atomic():
        MentorPairing.objects.create(term=term, mentee=elsewhere, starts_on=term.started_on, paired_by=counselor)


def test_ending_keeps_the_place_and_leaving_ends_the_term(mentor, make_ready, counselor, today):
    mentoring.end(membership=mentor, reason="Finished a year", by=counselor)
    assert mentoring.standing(mentor, today) is MentorStatus.NONE
    assert mentor in Membership.objects.current(today)
    other = make_ready(sessions=0, given_name="Other")
    assert not mentoring.eligibility(other, today).eligible
    with pytest.raises(mentoring.NoMentor):
        mentoring.pause(membership=mentor, reason="", by=counselor)


def test_a_mentor_who_leaves_leaves_mentees_to_reassign(mentor, make_member, counselor, today):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    rosters.leave(membership=mentor, left_on=today, reason="completed", by=counselor)
    assert not MentorTerm.objects.filter(ended_on=None).exists()
    assert [each.mentee for each in MentorPairing.objects.to_reassign(today)] == [mentee]


def test_the_steps_of_a_mentor_are_only_ever_added(mentor):
    for statement in ("UPDATE groups_mentorstep SET note = 'x'", "DELETE FROM groups_mentorstep"):
        with (
            as_owner(),
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_measure_upstairs_stands_in_the_way_until_a_later_one_settles_it(make_ready, counselor, today):
    member = make_ready()
    measures.record(client=member.client, instrument="c-ssrs", answers={4: 1}, by=counselor)
    high, concern = mentoring.eligibility(member, today).unmet
    assert (high.key, concern.key) == (Key.SUICIDE_RISK, Key.SAFETY_FLAG)
    assert high.sentence.startswith("The C-SSRS of")
    evaluated(member.client, counselor)
    measures.record(
        client=member.client, instrument="c-ssrs", answers={1: 0}, by=counselor
    )  # broken off: settles nothing
    assert not mentoring.eligibility(member, today).eligible
    measures.record(client=member.client, instrument="c-ssrs", answers={1: 1, 2: 0, 6: 0}, by=counselor)
    assert not [each.sentence for each in mentoring.eligibility(member, today).unmet]
    measures.record(client=member.client, instrument="phq-9", answers=[0] * 8 + [1], by=counselor)
    (unmet,) = mentoring.eligibility(member, today).unmet
    assert (unmet.key, unmet.sentence[-18:]) == (Key.SAFETY_FLAG, "requires a C-SSRS.")


def test_a_later_screen_settles_an_earlier_one_of_another_source(make_ready, counselor, today):
    member = make_ready()
    LevelOfCareAssessment.objects.create(
        client=member.client,
        assessed_at=timezone.now() - DAY,
        assessed_by=counselor,
        suicidal_intent=True,
    )
    assert not mentoring.eligibility(member, today).eligible
    evaluated(member.client, counselor)
    measures.record(client=member.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    assert mentoring.eligibility(member, today).eligible


def test_a_concern_of_any_source_stands_in_the_way(make_ready, settings, today):
    member = make_ready()
    settings.SAFETY_SOURCES = ["tests.groups.test_mentoring.a_crisis_reply"]
    (unmet,) = mentoring.eligibility(member, today).unmet
    assert (unmet.key, unmet.sentence) == (Key.SAFETY_FLAG, "A reply of today speaks of wanting to die.")


def a_crisis_reply(*, clients):
    return [
        SafetyFact(client.pk, timezone.now(), "A reply of today speaks of wanting to die.", "/") for client in clients
    ]


def test_who_was_never_asked_is_not_eligible(make_member, today):
    asked = criterion(make_member(), today, Key.SUICIDE_RISK)
    assert (asked.state, asked.sentence) == (State.NEEDED, "No C-SSRS on record. Complete one.")


@pytest.mark.parametrize("kind", list(KeepApart.Kind))
def test_a_pair_to_keep_apart_made_after_the_pairing_asks_a_person(
    mentor, make_member, make_staff, counselor, facilitator, supervisor, today, kind, client
):
    mentee = make_member(given_name="Mina", family_name="Sample")
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    bystander = make_staff()
    rosters.keep_apart(client=mentee.client, other=mentor.client, kind=kind, by=supervisor)

    def asked(person):
        return [each for each in needs(staff_member=person, now=timezone.now()) if each.title.startswith("Unpair")]

    assert MentorPairing.objects.in_force(today).count() == 1  # nothing ends by itself
    for person in (facilitator, counselor):
        (need,) = asked(person)
        assert need.detail == "Dana E. and Mina S. in Tuesday skills should no longer be paired."
    assert not asked(bystander)
    client.force_login(facilitator)
    page = client.get(f"/groups/{mentor.group_id}/").content.decode()
    assert "Dana E. and Mina S. should no longer be paired." in page
    assert KeepApart.Kind(kind).label not in page
    mentoring.unpair(mentor=mentor, mentee=mentee, by=counselor)
    assert not asked(counselor)


def test_lifting_the_pair_to_keep_apart_ends_the_asking_too(mentor, make_member, counselor, supervisor, today):
    mentee = make_member()
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    pair = rosters.keep_apart(client=mentor.client, other=mentee.client, kind="romantic", by=supervisor)
    assert MentorPairing.objects.to_part(today).count() == 1
    rosters.lift_keep_apart(pair=pair, by=supervisor)
    assert not MentorPairing.objects.to_part(today).exists()
