"""Somebody's work here ends: two people want it, everything goes to a colleague, and what can't stays on a list."""

import datetime

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from appointments import booking
from appointments.models import WorkingHours
from cases.models import CareTeamMember, Client, Inquiry
from cases.people import covering, restrictions
from counseling import notes, signing
from counseling.models import SessionNote
from groups import attendance, rosters, sessions, signatures, verifying
from groups.models import Attendance, GroupFacilitator, GroupSession, SessionFacilitator
from reminders import outbox
from reminders.models import Kind, Reminder, StaffTask
from staff import account_changes, leaving
from staff.models import AccountChange, AuditEntry, Role, Session
from staff.refusals import NotPermitted, Refusal
from tests.factories import PASSWORD, GroupFactory, TreatmentEpisodeFactory
from tests.reading import as_read

WHY = "Her last day is today, she told me herself"
SECTIONS = {"data": "She spoke.", "assessment": "Steady.", "plan": "Go on."}


@pytest.fixture
def successor(make_staff):
    return make_staff(family_name="Successor")


@pytest.fixture
def draft(client_record, counselor):
    episode = TreatmentEpisodeFactory(client=client_record)
    started = timezone.now() - datetime.timedelta(hours=2)
    note = notes.start(client=client_record, episode=episode, by=counselor, format="dap")
    return notes.save_draft(
        note=note, version=note.version, by=counselor, sections=SECTIONS, session_started_at=started
    )


def leave(counselor, successor, administrator, supervisor):
    asked = account_changes.ask_for_departure(
        staff_member=counselor, takes_over=successor, reason=WHY, by=administrator
    )
    account_changes.approve(change=asked, by=supervisor, request=RequestFactory().get("/"))
    counselor.refresh_from_db()
    return asked


def open_work(person):
    return {line.label: line.count for line in leaving.still_open(person) if line.count}


def test_everything_goes_to_the_colleague_and_the_account_is_off(
    clinic, client_record, draft, counselor, successor, administrator, supervisor, make_staff, signed_in
):
    trainee = make_staff(Role.COUNSELOR, supervisor=counselor)
    group = GroupFactory(clinic=clinic)
    GroupFacilitator.objects.create(group=group, staff_member=counselor)
    ahead = GroupSession.objects.create(group=group, starts_at=timezone.now() + datetime.timedelta(days=3), minutes=60)
    past = GroupSession.objects.create(group=group, starts_at=timezone.now() - datetime.timedelta(days=3), minutes=60)
    for session in (ahead, past):
        SessionFacilitator.objects.create(session=session, staff_member=counselor)
    call = Inquiry.objects.create(clinic=clinic, taken_at=timezone.now(), taken_by=supervisor, assigned_to=counselor)
    covering.cover(
        away=counselor, covering=make_staff(), by=counselor,
        starts_at=timezone.now() + datetime.timedelta(days=1), ends_at=timezone.now() + datetime.timedelta(days=3),
    )  # fmt: skip
    for day in range(7):
        WorkingHours.objects.create(
            staff_member=successor, weekday=day, first_day="2020-01-01",
            opens_at=datetime.time(0, 0), closes_at=datetime.time(23, 59),
        )  # fmt: skip
    soon = timezone.localtime(timezone=clinic.zone).replace(hour=11, minute=0) + datetime.timedelta(days=2)
    outside = {"outside_hours_reason": "Only time", "overlap_reason": "Only time"}
    meeting = booking.book(client=client_record, staff_member=counselor, starts_at=soon, by=counselor, **outside)
    task = StaffTask.objects.create(
        clinic=clinic, client=client_record, kind=StaffTask.Kind.choices[0][0], sentence="Call them",
        created_at=timezone.now(),
    )  # fmt: skip
    outbox.schedule(
        kind=Kind.STAFF_NOTE_UNSIGNED,
        client_or_staff=counselor,
        due_at=soon,
        dedupe_key="one",
        context={},
        by=counselor,
    )
    browser = signed_in(counselor)
    assert browser.get("/").status_code == 200
    before = open_work(counselor)
    assert set(before) >= {
        "Clients", "Draft notes", "Groups that they facilitate", "Group sessions ahead that they facilitate",
        "Calls assigned to them", "Colleagues whom they supervise", "Appointments ahead", "Tasks", "Reminders to them",
        "Browsers in which they are signed in", "Account that can sign in",
    }  # fmt: skip

    successor.role = Role.SUPERVISOR
    successor.save()
    leave(counselor, successor, administrator, supervisor)

    assert open_work(counselor) == {}
    assert not counselor.is_active
    assert not Session.objects.filter(staff_member=counselor).exists()
    assert browser.get("/").status_code == 302
    assert CareTeamMember.objects.current().get(client=client_record, part="primary").staff_member == successor
    trainee.refresh_from_db()
    call.refresh_from_db()
    assert (trainee.supervisor, call.assigned_to) == (successor, successor)
    assert list(group.facilitators.all()) == [successor]
    assert [row.staff_member for row in SessionFacilitator.objects.filter(session=ahead)] == [successor]
    assert [row.staff_member for row in SessionFacilitator.objects.filter(session=past)] == [counselor]  # who led it
    meeting.refresh_from_db()
    assert (meeting.moved_to.staff_member, meeting.moved_to.starts_at) == (successor, meeting.starts_at)
    assert StaffTask.objects.open().with_owner().get(pk=task.pk).owner_id == successor.pk
    assert Reminder.objects.get(dedupe_key="one").staff_member == successor
    later = timezone.now() + datetime.timedelta(days=2)
    assert not CareTeamMember.objects.current(later).filter(part="covering").exists()
    [entry] = AuditEntry.objects.filter(act="staff.hand_over_work")
    assert entry.details["still_open"] == {}


def test_a_draft_is_finished_and_signed_by_who_took_over_and_its_author_stays(
    client_record, draft, counselor, successor, administrator, supervisor, make_staff, signed_in
):
    stranger = make_staff()
    page = reverse("counseling:note_edit", args=[client_record.pk, draft.pk])
    assert not SessionNote.objects.visible_to(successor).exists()
    leave(counselor, successor, administrator, supervisor)
    assert list(SessionNote.objects.visible_to(successor)) == [draft]
    assert not SessionNote.objects.visible_to(stranger).exists()
    draft.refresh_from_db()
    assert signed_in(successor).get(page).status_code == 200
    worklist = signed_in(successor).get(reverse("counseling:worklist")).content.decode()
    assert client_record.full_name in worklist
    saved = notes.save_draft(
        note=draft, version=draft.version, by=successor, sections={**SECTIONS, "plan": "Go on, twice a week."}
    )
    with pytest.raises((notes.NotTheAuthor, NotPermitted)):
        notes.save_draft(note=saved, version=saved.version, by=supervisor, sections=SECTIONS)
    signing.sign(note=saved, by=successor)
    saved.refresh_from_db()
    assert (saved.author, saved.signed_by) == (counselor, successor)
    assert signing.verify(saved).unchanged
    text = " ".join(signed_in(successor).get(page, follow=True).content.decode().split())
    assert f"Written by {counselor.signature_name}, finished and signed by {successor.signature_name}" in text


def test_nobody_signs_a_draft_that_they_did_not_take_over(draft, supervisor):
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionNote.objects.filter(pk=draft.pk).update(signed_by=supervisor, signed_at=timezone.now())


def test_clients_who_restricted_the_colleague_stay_on_the_list(
    client_record, draft, make_client, counselor, successor, administrator, supervisor
):
    other = make_client(family_name="Other", counselor=counselor)
    restrictions.restrict(client=client_record, staff_member=successor, reason="Not my cousin", by=supervisor)
    leave(counselor, successor, administrator, supervisor)
    assert open_work(counselor) == {"Clients": 1, "Draft notes": 1}
    seen = Client.objects.visible_to(successor)
    assert list(seen) == [other]


def test_what_the_colleague_may_not_do_stays_on_the_list(
    client_record, draft, counselor, intake, administrator, supervisor, make_staff
):
    make_staff(supervisor=counselor)
    leave(counselor, intake, administrator, supervisor)
    left = open_work(counselor)
    assert {"Clients", "Draft notes", "Colleagues whom they supervise"} <= set(left)
    assert not counselor.is_active
    # and can be handed over later
    leave(counselor, supervisor, administrator, make_staff(Role.PRIVACY_OFFICER))
    assert open_work(counselor) == {}


@pytest.fixture
def group_notes(clinic, counselor, make_client):
    """Two held sessions: notes about two members of each that the counselor wrote and has not signed."""
    group = GroupFactory(clinic=clinic)
    GroupFacilitator.objects.create(group=group, staff_member=counselor)
    members = [
        rosters.join(
            group=group, client=make_client(counselor=counselor), by=counselor,
            joined_on=timezone.localdate(timezone=clinic.zone) - datetime.timedelta(days=60),
        )
        for _ in range(2)
    ]  # fmt: skip
    for days in (3, 10):
        session = sessions.plan(group=group, starts_at=timezone.now() - datetime.timedelta(days=days), by=counselor)
        attendance.take(session=session, marks={each.pk: "present" for each in members}, by=counselor)
        for row in session.attendances.all():
            attendance.write_member_note(
                attendance=row, participation="active", response="Spoke of the garage.", by=counselor
            )
        sessions.write_note(session=session, group_note="The group practiced.", by=counselor)
    return list(Attendance.objects.order_by("session__starts_at", "pk"))


def test_notes_of_sessions_that_were_held_are_finished_by_who_took_over(
    group_notes, counselor, successor, administrator, supervisor, make_staff, signed_in
):
    """They stayed behind: nobody else could sign them, and nothing said so."""
    before = open_work(counselor)
    names = ("Notes about group members, not signed", "Group notes of sessions that were held, not signed")
    assert [before.get(name) for name in names] == [4, 2]
    assert not Attendance.objects.notes_visible_to(successor).exists()
    leave(counselor, successor, administrator, supervisor)
    assert open_work(counselor) == {}
    assert Attendance.objects.notes_visible_to(successor).count() == 4
    with pytest.raises(Refusal):  # nobody else finishes what they did not take over
        attendance.sign_member_note(attendance=group_notes[0], by=supervisor)
    stranger = make_staff()
    with pytest.raises(NotPermitted):
        attendance.sign_member_note(attendance=group_notes[0], by=stranger)
    session = group_notes[0].session
    browser = signed_in(successor)
    assert "2 member notes to sign" in browser.get("/").content.decode()
    page = reverse("groups:sign_notes", args=[session.group_id, session.pk])
    assert browser.get(page).content.decode().count("Spoke of the garage.") == 2
    ticked = [f"{row.pk}:{signatures.shown(row)}" for row in session.attendances.all()]
    ticked.append(f"group:{signatures.shown(session)}")
    assert browser.post(page, {"note": ticked, "password": PASSWORD}).status_code == 302
    row = session.attendances.first()
    assert (row.written_by, row.signed_by) == (counselor, successor)
    session.refresh_from_db()
    assert session.note_signed_by == successor
    assert [each.staff_member for each in session.facilitator_rows.all()] == [counselor]  # who led it
    assert all(each.holds for each in verifying.check(session=session))
    text = as_read(browser.get(reverse("groups:notes", args=[session.group_id, session.pk])))
    assert f"Written by {counselor.signature_name}, finished by {successor.signature_name}" in text


def test_group_notes_that_nobody_could_take_stay_on_the_list(
    group_notes, counselor, intake, successor, administrator, supervisor
):
    name = "Notes about group members, not signed"
    leave(counselor, intake, administrator, supervisor)
    assert open_work(counselor)[name] == 4
    barred = group_notes[0].membership.client
    restrictions.restrict(client=barred, staff_member=successor, reason="Not my cousin", by=supervisor)
    leave(counselor, successor, administrator, supervisor)
    assert open_work(counselor)[name] == 2
    assert not Attendance.objects.notes_visible_to(successor).filter(membership__client=barred).exists()
    with pytest.raises(NotPermitted):
        attendance.sign_member_note(attendance=group_notes[0], by=successor)


def test_it_needs_two_people_of_whom_none_is_who_leaves(
    client_record, counselor, successor, administrator, supervisor, make_staff, other_clinic
):
    ask = account_changes.ask_for_departure
    with pytest.raises(NotPermitted):
        ask(staff_member=counselor, takes_over=successor, reason=WHY, by=supervisor)
    with pytest.raises(NotPermitted):
        ask(staff_member=counselor, takes_over=make_staff(clinic=other_clinic), reason=WHY, by=administrator)
    with pytest.raises(account_changes.OwnDeparture):
        ask(staff_member=administrator, takes_over=successor, reason=WHY, by=administrator)
    for nobody in (counselor, make_staff(is_active=False)):
        with pytest.raises(account_changes.CantTakeOver):
            ask(staff_member=counselor, takes_over=nobody, reason=WHY, by=administrator)
    asked = ask(staff_member=counselor, takes_over=successor, reason=WHY, by=administrator)
    for by in (administrator, counselor):
        with pytest.raises((account_changes.NeedsAnother, NotPermitted)):
            account_changes.approve(change=asked, by=by, request=RequestFactory().get("/"))
    assert AccountChange.objects.waiting().count() == 1
    counselor.refresh_from_db()
    assert counselor.is_active
    assert open_work(counselor)["Clients"] == 1


def test_the_pages(client_record, counselor, successor, administrator, supervisor, signed_in):
    page = reverse("staff:leave", args=[counselor.pk])
    desk = signed_in(administrator)
    shown = desk.get(page).content.decode()
    assert "Still theirs" in shown
    assert client_record.given_name not in shown  # an administrator reads no chart
    assert signed_in(supervisor).get(page).status_code == 403
    assert desk.post(page, {"takes_over": successor.pk, "reason": WHY}).status_code == 302
    asked = AccountChange.objects.get()
    change = reverse("staff:change", args=[asked.pk])
    assert f"work handed over to {successor}" in signed_in(supervisor).get(change).content.decode()
    signed_in(supervisor).post(change, {"password": PASSWORD})
    counselor.refresh_from_db()
    assert not counselor.is_active
    assert "Everything was handed over" in desk.get(page).content.decode()
    assert any(counselor.email in message.to for message in mail.outbox)
