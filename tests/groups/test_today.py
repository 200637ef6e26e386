"""What groups put on Today, on the chart's overview and in the administration."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from groups import attendance, chart, mentoring, rosters, sessions
from groups import today as groups_today
from groups.models import Group, KeepApart, MentorPairing
from staff.needs import Urgency
from tests.counseling.tampering import behind_the_triggers

from .conftest import DAY, returned_to_use


def titles(staff_member, now=None):
    return [need.title for need in groups_today.needs(staff_member=staff_member, now=now or timezone.now())]


def test_a_roll_that_nobody_took_and_the_notes_that_follow(make_member, make_session, facilitator, counselor, group):
    member, session = make_member(), make_session(1)
    assert titles(facilitator) == [f"Take attendance: {group}"]
    assert titles(counselor) == []  # leads no group
    attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    assert titles(facilitator) == [f"1 member note to sign: {group}"]
    row = session.attendances.get()
    attendance.write_member_note(attendance=row, by=facilitator, participation="some", response="Listened.")
    assert titles(facilitator) == [f"1 member note to sign: {group}"]
    attendance.sign_member_note(attendance=row, by=facilitator)
    assert titles(facilitator) == []


def test_a_session_later_today_and_a_cancelled_one(group, facilitator, time_machine):
    noon = datetime.datetime(2026, 6, 2, 12, tzinfo=group.clinic.zone)
    time_machine.move_to(noon)
    session = sessions.plan(group=group, starts_at=noon + datetime.timedelta(hours=6), by=facilitator)
    assert titles(facilitator) == [f"Session today: {group}"]
    sessions.cancel(session=session, by=facilitator)
    assert titles(facilitator) == []


def test_scenario_7_on_today(mentor, make_member, make_staff, facilitator, counselor, intake, today, group):
    mentee = make_member(given_name="Ada", family_name="Pupil")
    mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    colleague = make_staff()
    returned_to_use(mentor.client, counselor, started_on=today, ended_on=today)
    needs = groups_today.needs(staff_member=counselor, now=timezone.now())
    assert [each.title for each in needs] == ["Reassign mentee", "Offer support to a peer mentor on break"]
    assert needs[1].client_name == mentor.client.full_name
    # who leads the group is asked to reassign, in words that say nothing of why
    (told,) = [
        each for each in groups_today.needs(staff_member=facilitator, now=timezone.now()) if "mentee" in each.title
    ]
    assert told.detail == f"Ada P. in {group} has no mentor now."
    assert told.client_name == ""
    assert not any("peer mentor" in title or "approval" in title for title in titles(facilitator))
    assert titles(colleague) == titles(intake) == []
    mentoring.record_support(membership=mentor, note="Talked on the phone", by=counselor)
    mentoring.unpair(mentor=mentor, mentee=mentee, by=counselor)
    assert titles(counselor) == []
    assert not MentorPairing.objects.to_reassign(today).exists()


@pytest.mark.parametrize(
    ("days", "title"),
    [(70, None), (80, "Renew a peer mentor’s approval"), (95, "Peer mentor’s approval expired")],
)
def test_an_approval_that_runs_out(mentor, counselor, time_machine, days, title):
    time_machine.move_to(timezone.now() + days * DAY)
    assert titles(counselor) == ([title] if title else [])


def test_two_who_must_not_meet_and_share_a_group(make_member, supervisor, counselor, facilitator, group, today):
    one, two = make_member(), make_member()
    rosters.keep_apart(client=one.client, other=two.client, kind=KeepApart.Kind.LEGAL, by=supervisor)
    for person in (supervisor, counselor):
        (need,) = groups_today.needs(staff_member=person, now=timezone.now())
        assert (need.urgency, need.title) == (Urgency.NOW, f"Two members of {group} must be kept separate")
    assert titles(facilitator) == []  # sees neither chart
    rosters.leave(membership=two, left_on=today, reason="safety", by=counselor)
    assert titles(supervisor) == []


def test_what_cannot_wait_is_never_cut_off(
    mentor, make_member, supervisor, counselor, facilitator, group, today, monkeypatch
):
    monkeypatch.setattr(groups_today, "MOST", 1)
    mentees = [make_member() for _ in range(2)]
    for mentee in mentees:
        mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
    for mentee in mentees:
        rosters.keep_apart(client=mentee.client, other=mentor.client, kind=KeepApart.Kind.LEGAL, by=supervisor)
    assert titles(facilitator).count("Unpair a mentor and a mentee") == 2
    assert titles(supervisor).count(f"Two members of {group} must be kept separate") == 2


def test_support_for_a_mentor_is_not_cut_off_by_approvals_that_run_out(
    make_ready, attend, counselor, monkeypatch, time_machine
):
    monkeypatch.setattr(groups_today, "MOST", 1)
    mentors = [make_ready(sessions=0) for _ in range(3)]
    attend(mentors, 8)
    for mentor in mentors:
        mentoring.appoint(membership=mentor, by=counselor)
    time_machine.move_to(timezone.now() + datetime.timedelta(days=80))
    day = timezone.localdate(timezone=counselor.clinic.zone)
    returned_to_use(mentors[2].client, counselor, started_on=day, ended_on=day)
    asked = titles(counselor)
    assert asked.count("Offer support to a peer mentor on break") == 1
    assert asked.count("Renew a peer mentor’s approval") == 1


def test_no_pair_to_part_is_cut_off(make_member, supervisor, group, monkeypatch):
    monkeypatch.setattr(groups_today, "MOST", 2)
    one = make_member()
    for _ in range(4):
        rosters.keep_apart(client=one.client, other=make_member().client, kind=KeepApart.Kind.LEGAL, by=supervisor)
    assert len(list(groups_today.needs(staff_member=supervisor, now=timezone.now()))) == 4


def test_today_asks_the_same_number_of_questions_however_much_there_is(
    mentor, make_member, make_session, facilitator, counselor, today, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def questions():
        with CaptureQueriesContext(connection) as seen:
            groups_today.needs(staff_member=facilitator, now=timezone.now())
        return len(seen)

    for number in range(3):
        mentee = make_member()
        mentoring.pair(mentor=mentor, mentee=mentee, by=counselor)
        session = make_session(number + 1)
        make_session(number + 10)
        attendance.take(session=session, marks={mentee.pk: "present"}, by=facilitator)
        if number == 0:
            returned_to_use(mentor.client, counselor, started_on=today, ended_on=today)
            one = questions()
            behind_the_triggers("cases_relapse", "DELETE FROM cases_relapse WHERE client_id = %s", mentor.client_id)
    returned_to_use(mentor.client, counselor, started_on=today, ended_on=today)
    assert questions() == one


def test_the_panel_of_the_chart(mentor, counselor, intake, facilitator):
    now = timezone.now()
    panel = chart.panel(client=mentor.client, staff_member=counselor, now=now)
    assert panel is not None
    (spell,) = panel.context["spells"]
    assert spell.standing is mentoring.MentorStatus.MENTOR
    assert (spell.attended, spell.sessions, spell.minutes) == (8, 8, 720)
    for nobody in (intake, facilitator):
        assert chart.panel(client=mentor.client, staff_member=nobody, now=now) is None


def test_the_administration_keeps_the_timetable_and_sees_nobody_in_it(
    make_member, group, administrator, counselor, other_clinic, signed_in
):
    make_member(given_name="Robin", family_name="Sanderson")
    Group.objects.create(clinic=other_clinic, name="Theirs", type="support")
    desk = signed_in(administrator)
    page = desk.get(reverse("admin:groups_group_changelist")).content.decode()
    assert "Tuesday skills" in page
    assert "Theirs" not in page
    page = desk.get(reverse("admin:groups_group_change", args=[group.pk])).content.decode()
    assert "Robin" not in page
    assert desk.get("/admin/groups/membership/").status_code == 404
