"""Who leads a group, who says so, and what a leader reads: attacks on the notes about members, with notes to leak."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from appointments import spans
from appointments.models import BookedSpan
from groups import attendance, leading, organizing, rosters, session_import, sessions
from groups.models import Attendance, Group, GroupFacilitator, LeaveReason, Membership
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from tests.reading import as_read

from .conftest import DAY

SECRET = "Spoke of a bottle hidden in the garage."
NOTE = {"participation": "active", "response": SECRET}


@pytest.fixture
def written(make_member, make_session, facilitator):
    """A member note of last week, in a group that its leader leads."""
    member, session = make_member(given_name="Robin", family_name="Sample"), make_session(7)
    attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    row = Attendance.objects.get(session=session, membership=member)
    attendance.write_member_note(attendance=row, by=facilitator, **NOTE)
    attendance.sign_member_note(attendance=row, by=facilitator)
    return row


@pytest.fixture
def stranger(make_staff):
    """A counselor of the clinic on nobody's care team, who leads nothing."""
    return make_staff()


def notes_page(browser, row):
    return as_read(browser.get(reverse("groups:notes", args=[row.session.group_id, row.session_id])))


def edit_form(group, *leaders):
    return {
        "name": group.name, "type": group.type, "openness": group.openness, "weekday": group.weekday,
        "starts_at": "18:00", "minutes": 90, "room": group.room, "capacity": 12, "minimum": 2, "is_open": "on",
        "facilitators": [each.pk for each in leaders],
    }  # fmt: skip


def test_a_counselor_does_not_make_herself_leader_and_reads_nothing(written, group, stranger, signed_in, facilitator):
    browser = signed_in(stranger)
    browser.post(reverse("groups:edit", args=[group.pk]), edit_form(group, stranger, facilitator))
    assert not GroupFacilitator.objects.filter(staff_member=stranger).exists()
    assert SECRET not in notes_page(browser, written)
    with pytest.raises(leading.NotTheirsToSay):
        organizing.change(group=group, facilitators=[facilitator, stranger], by=stranger)
    with pytest.raises(leading.NotTheirsToSay):
        leading.set_leaders(group=group, facilitators=[facilitator, stranger], by=stranger)
    assert not Attendance.objects.notes_visible_to(stranger).exists()


def test_nor_leader_of_a_session(written, group, stranger, facilitator, signed_in):
    with pytest.raises(sessions.NotTheirNote):
        sessions.write_note(session=written.session, facilitators=[stranger], by=stranger)
    with pytest.raises(leading.NotTheirsToSay):
        sessions.set_leaders(session=written.session, facilitators=[facilitator, stranger], by=stranger)
    with pytest.raises(leading.NotTheirsToSay):
        sessions.plan(group=group, starts_at=timezone.now(), facilitators=[stranger], by=stranger)
    url = reverse("groups:session_leaders", args=[group.pk, written.session_id])
    assert signed_in(stranger).post(url, {"facilitators": [stranger.pk]}).status_code == 403
    assert SECRET not in notes_page(signed_in(stranger), written)


def test_nor_of_a_group_that_nobody_leads(written, group, stranger):
    GroupFacilitator.objects.filter(group=group).delete()
    with pytest.raises(sessions.NoFacilitator):
        sessions.plan(group=group, starts_at=timezone.now(), by=stranger)
    with pytest.raises(leading.NotTheirsToSay):
        organizing.change(group=group, facilitators=[stranger], by=stranger)


def test_an_administrator_sets_no_leader(written, group, administrator, stranger, signed_in):
    browser = signed_in(administrator)
    row = GroupFacilitator.objects.get(group=group)
    browser.post(
        reverse("admin:groups_group_change", args=[group.pk]),
        {
            **{key: value for key, value in edit_form(group).items() if key != "facilitators"},
            "facilitator_rows-TOTAL_FORMS": "2", "facilitator_rows-INITIAL_FORMS": "1",
            "facilitator_rows-0-id": row.pk, "facilitator_rows-0-group": group.pk,
            "facilitator_rows-0-staff_member": row.staff_member_id,
            "facilitator_rows-1-group": group.pk, "facilitator_rows-1-staff_member": stranger.pk,
        },
    )  # fmt: skip
    assert not GroupFacilitator.objects.filter(staff_member=stranger).exists()


@pytest.mark.parametrize("who", ["supervisor", "facilitator"])
def test_a_supervisor_or_a_leader_says_who_leads_and_the_audit_names_them(
    written, group, stranger, facilitator, request, signed_in, who
):
    by = request.getfixturevalue(who)
    answer = signed_in(by).post(reverse("groups:edit", args=[group.pk]), edit_form(group, facilitator, stranger))
    assert answer.status_code == 302
    [entry] = AuditEntry.objects.filter(act="groups.set_leaders")
    assert entry.staff_member == by
    assert entry.details == {"added": [stranger.pk], "removed": []}
    assert GroupFacilitator.objects.get(staff_member=stranger).set_by == by
    organizing.change(group=group, facilitators=[stranger], by=by)
    entry = AuditEntry.objects.filter(act="groups.set_leaders").latest("pk")
    assert entry.details == {"added": [], "removed": [facilitator.pk]}


def test_a_new_leader_reads_from_the_day_on_and_nothing_earlier(
    written, group, stranger, facilitator, supervisor, make_session, signed_in
):
    organizing.change(group=group, facilitators=[facilitator, stranger], by=supervisor)
    assert SECRET not in notes_page(signed_in(stranger), written)
    today = make_session(0, facilitators=[facilitator])
    attendance.take(session=today, marks={written.membership_id: "present"}, by=facilitator)
    row = Attendance.objects.get(session=today)
    assert list(Attendance.objects.notes_visible_to(stranger)) == [row]
    organizing.change(group=group, facilitators=[facilitator], by=supervisor)
    assert not Attendance.objects.notes_visible_to(stranger).exists()


def test_who_covers_a_session_reads_that_one(
    written, make_session, group, stranger, facilitator, supervisor, signed_in
):
    earlier = make_session(14)
    attendance.take(session=earlier, marks={written.membership_id: "present"}, by=facilitator)
    url = reverse("groups:session_leaders", args=[group.pk, earlier.pk])
    page = signed_in(supervisor)
    assert page.get(url).status_code == 200
    assert page.post(url, {"facilitators": [facilitator.pk, stranger.pk]}).status_code == 302
    [entry] = AuditEntry.objects.filter(act="groups.session.set_leaders")
    assert (entry.staff_member, entry.details["added"]) == (supervisor, [stranger.pk])
    assert list(Attendance.objects.notes_visible_to(stranger).values_list("session", flat=True)) == [earlier.pk]
    assert SECRET not in notes_page(signed_in(stranger), written)


def test_a_leader_who_left_reads_the_sessions_they_led_and_no_later_ones(
    written, group, stranger, facilitator, supervisor, make_session
):
    organizing.change(group=group, facilitators=[stranger], by=supervisor)
    today = make_session(0)
    attendance.take(session=today, marks={written.membership_id: "present"}, by=stranger)
    assert list(Attendance.objects.notes_visible_to(facilitator)) == [written]
    assert [each.session_id for each in Attendance.objects.notes_visible_to(stranger)] == [today.pk]


def test_a_leader_who_left_leads_no_session_that_is_planned(
    written, group, stranger, facilitator, supervisor, make_session
):
    ahead, shared = make_session(-7), make_session(-14)
    sessions.set_leaders(session=shared, facilitators=[facilitator, stranger], by=supervisor)
    organizing.change(group=group, facilitators=[supervisor], by=supervisor)
    assert list(ahead.facilitators.all()) == [supervisor]
    assert list(shared.facilitators.all()) == [stranger]
    assert list(written.session.facilitators.all()) == [facilitator]
    taken = BookedSpan.objects.filter(held_by=spans.HeldBy.GROUP_SESSION, staff_member__isnull=False)
    assert set(taken.values_list("holder_id", "staff_member")) == {
        (ahead.pk, supervisor.pk),
        (shared.pk, stranger.pk),
    }
    Attendance.objects.create(
        session=ahead,
        membership=written.membership,
        mark="present",
        minutes_credited=90,
        taken_at=timezone.now(),
        taken_by=supervisor,
    )
    assert list(Attendance.objects.notes_visible_to(facilitator)) == [written]


def test_nobody_imports_sessions_that_they_or_strangers_led(
    group, stranger, facilitator, supervisor, make_staff, other_clinic
):
    past = [session_import.PastSession(starts_at=timezone.now() - 20 * DAY, marks={})]
    with pytest.raises(leading.NotTheirsToSay):
        session_import.import_sessions(group=group, past=past, led_by=[stranger], by=stranger)
    for nobody in (make_staff(clinic=other_clinic), make_staff("administrator")):
        with pytest.raises(leading.CannotLead):
            session_import.import_sessions(group=group, past=past, led_by=[facilitator, nobody], by=supervisor)
    left = make_staff(is_active=False)
    [made] = session_import.import_sessions(group=group, past=past, led_by=[left], by=supervisor)
    assert list(made.facilitators.all()) == [left]


def test_nobody_leads_who_is_not_of_the_clinic_or_treats_nobody(
    group, facilitator, supervisor, make_staff, other_clinic, administrator
):
    for nobody in (make_staff(clinic=other_clinic), administrator, make_staff(is_active=False)):
        with pytest.raises(leading.CannotLead):
            organizing.change(group=group, facilitators=[facilitator, nobody], by=supervisor)


def test_only_leaders_and_the_care_team_take_somebody_off_a_roster(
    written, group, stranger, facilitator, counselor, make_member, signed_in, today
):
    spell = written.membership
    url = reverse("groups:leave", args=[group.pk, spell.pk])
    form = {"left_on": today.isoformat(), "reason": LeaveReason.OTHER}
    signed_in(stranger).post(url, form)
    assert Membership.objects.get(pk=spell.pk).is_open
    with pytest.raises(NotPermitted):
        rosters.leave(membership=spell, left_on=today, reason=LeaveReason.OTHER, by=stranger)
    assert "Remove from" not in as_read(signed_in(stranger).get(reverse("groups:member", args=[group.pk, spell.pk])))
    rosters.leave(membership=spell, left_on=today, reason=LeaveReason.OTHER, by=facilitator)
    other = make_member()
    rosters.leave(membership=other, left_on=today, reason=LeaveReason.OTHER, by=counselor)


def test_only_who_led_a_session_signs_its_group_note(written, stranger, facilitator):
    sessions.write_note(session=written.session, group_note="The group practiced.", by=facilitator)
    with pytest.raises(sessions.NotTheirSession):
        sessions.sign_note(session=written.session, by=stranger)
    sessions.sign_note(session=written.session, by=facilitator)


def test_who_starts_a_group_says_who_leads_it(counselor):
    group = organizing.start(facilitators=[counselor], by=counselor, name="New", type="support")
    [row] = GroupFacilitator.objects.filter(group=group)
    assert (row.staff_member, row.set_by) == (counselor, counselor)
    assert AuditEntry.objects.get(act="groups.set_leaders").details == {"added": [counselor.pk], "removed": []}
    assert row.since <= timezone.now() < row.since + datetime.timedelta(days=1)
    assert Group.objects.facilitated_by(counselor).get() == group
    assert DAY


def test_nobody_cancels_or_rewrites_a_session_of_a_group_they_do_not_lead(
    group, make_session, facilitator, stranger, supervisor, signed_in, make_staff
):
    """Any counselor canceled it, and overwrote the draft of its note."""
    held, ahead = make_session(1), make_session(-3)
    sessions.write_note(session=held, group_note="The group practiced.", by=facilitator)
    browser = signed_in(stranger)
    for session in (held, ahead):
        with pytest.raises(sessions.NotTheirsToCancel):
            sessions.cancel(session=session, reason="Because", by=stranger)
        browser.post(reverse("groups:cancel", args=[group.pk, session.pk]), {"reason": "Because"})
        browser.post(reverse("groups:group_note", args=[group.pk, session.pk]), {"group_note": "Overwritten"})
        session.refresh_from_db()
        assert (session.cancelled_at, session.group_note) in ((None, "The group practiced."), (None, ""))
        url = reverse("groups:roll_call", args=[group.pk, session.pk])
        assert "Cancel session" not in browser.get(url).content.decode()
        assert "Cancel session" in signed_in(facilitator).get(url).content.decode()
    sessions.set_leaders(session=ahead, facilitators=[make_staff(), stranger], by=supervisor)
    sessions.cancel(session=ahead, reason="No room", by=stranger)  # covers it
    sessions.cancel(session=held, reason="Fire alarm", by=supervisor)
    assert held.cancelled_by_clinic


def marks(row):
    row.refresh_from_db()
    return row.mark


def test_attendance_is_taken_by_who_holds_the_session_or_supervises(
    make_member, make_session, group, stranger, facilitator, supervisor, counselor, signed_in
):
    member, session = make_member(given_name="Robin", family_name="Sample"), make_session(7)
    [row] = attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    url = reverse("groups:roll_call", args=[group.pk, session.pk])
    form = {f"mark-{member.pk}": "unexcused"}
    for nobody in (stranger, counselor):  # the member's own counselor reads it on the chart, and does not rewrite it
        with pytest.raises(attendance.NotTheirsToTake):
            attendance.take(session=session, marks={member.pk: "unexcused"}, by=nobody)
        browser = signed_in(nobody)
        assert browser.post(url, form).status_code == 403
        assert browser.get(url).status_code == 403  # who was there is a date of treatment
        for page in ("groups", "group", "sessions"):
            here = reverse(f"groups:{page}", args=[group.pk][: page != "groups"])
            assert f'href="{url}"' not in browser.get(here).content.decode(), page
        assert marks(row) == "present"
    assert signed_in(supervisor).post(url, {f"mark-{member.pk}": "excused"}).status_code == 302
    assert marks(row) == "excused"
    sessions.set_leaders(session=session, facilitators=[facilitator, stranger], by=supervisor)  # who covers
    assert url in as_read(signed_in(stranger).get(reverse("groups:sessions", args=[group.pk])))
    assert signed_in(stranger).post(url, form).status_code == 302
    assert marks(row) == "unexcused"


def test_pages_lead_to_the_attendance_of_those_who_take_it(
    make_member, make_session, group, stranger, facilitator, supervisor, signed_in
):
    make_member()
    past, ahead = make_session(1), make_session(-7)
    for page, session in (("group", past), ("group", ahead), ("sessions", past), ("groups", ahead)):
        url = reverse("groups:roll_call", args=[group.pk, session.pk])
        here = reverse(f"groups:{page}", args=[group.pk][: page != "groups"])
        assert f'href="{url}"' not in signed_in(stranger).get(here).content.decode(), page
        for reader in (facilitator, supervisor):
            assert f'href="{url}"' in signed_in(reader).get(here).content.decode(), (page, reader)


def test_the_roster_tells_no_date_of_treatment_to_a_colleague(
    make_member, make_session, group, stranger, facilitator, supervisor, counselor, signed_in
):
    member = make_member(given_name="Robin", family_name="Sample")
    first, second = make_session(14), make_session(7)
    for session, mark in ((first, "present"), (second, "unexcused")):
        attendance.take(session=session, marks={member.pk: mark}, by=facilitator)
    pages = [reverse("groups:member", args=[group.pk, member.pk]), reverse("groups:group", args=[group.pk])]
    told = "1 present, 1 unexcused"
    for page in pages:
        seen = as_read(signed_in(stranger).get(page))
        assert "Robin S." in seen
        assert "Last 2 sessions" not in seen
        assert told not in seen
        for reader in (facilitator, supervisor, counselor):
            assert told in signed_in(reader).get(page).content.decode(), (page, reader)
    assert f"{second.local_date:%a, %b %-d, %Y}" not in as_read(signed_in(stranger).get(pages[0]))
    sessions.set_leaders(session=first, facilitators=[facilitator, stranger], by=supervisor)
    for page in pages:  # of the session they cover, and of no other
        assert "Last 1 session: 1 present" in signed_in(stranger).get(page).content.decode()


def test_a_new_leader_writes_nothing_about_sessions_before_their_time(
    written, group, stranger, facilitator, supervisor, make_session, signed_in
):
    text = "We practiced saying no to a friend."
    sessions.write_note(session=written.session, group_note=text, by=facilitator)
    organizing.change(group=group, facilitators=[facilitator, stranger], by=supervisor)
    with pytest.raises(sessions.NotTheirNote):
        sessions.write_note(session=written.session, group_note="Nothing happened.", by=stranger)
    with pytest.raises(sessions.NotTheirsToCancel):
        sessions.cancel(session=written.session, by=stranger)
    url = reverse("groups:group_note", args=[group.pk, written.session_id])
    assert signed_in(stranger).post(url, {"group_note": "Nothing happened."}).status_code == 403
    written.session.refresh_from_db()
    assert written.session.group_note == text
    today = make_session(0, facilitators=[facilitator])
    sessions.write_note(session=today, group_note="Role play.", by=stranger)
    written.session.facilitator_rows.update(taken_over_by=stranger)
    sessions.write_note(session=written.session, group_note=text, by=stranger)
