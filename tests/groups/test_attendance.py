"""Attendance, member notes, and group notes."""

import datetime
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from groups import attendance, naming, rosters, sessions
from groups.attendance import RollMark
from groups.member_notes import MemberNote, MemberNoteSigned, NoNoteDue, NoteIncomplete, NotTheAuthor
from groups.mentor_criteria import sessions_attended
from groups.models import Attendance, GroupSession, Mark
from groups.session_import import PastSession, import_sessions
from staff.models import AuditEntry
from staff.refusals import NotPermitted, Refusal
from tests.ownership import as_owner

from .conftest import DAY

NOTE = {"participation": "active", "response": "Spoke about a hard week and took feedback well."}


def test_one_save_for_the_whole_group_and_a_second_one_amends(make_member, make_session, facilitator):
    present, late, early, excused = (make_member() for _ in range(4))
    session = make_session(1)
    attendance.take(
        session=session,
        marks={present.pk: "present", late.pk: ("late", 15), early.pk: ("left_early", 30), excused.pk: Mark.EXCUSED},
        by=facilitator,
    )
    assert dict(session.attendances.values_list("membership", "minutes_credited")) == {
        present.pk: 90,
        late.pk: 75,
        early.pk: 60,
        excused.pk: 0,
    }
    attendance.take(session=session, marks={excused.pk: RollMark(Mark.LATE, 20, 10)}, by=facilitator)
    assert session.attendances.count() == 4
    assert session.attendances.get(membership=excused).minutes_credited == 60
    assert AuditEntry.objects.filter(act="groups.attendance.take", subject_id=session.pk).count() == 2


def test_the_number_of_statements_does_not_grow_with_the_group(
    make_member, make_session, facilitator, django_assert_num_queries
):
    def statements(members, session):
        with connection.execute_wrapper(count):
            seen.clear()
            attendance.take(session=session, marks={each.pk: "present" for each in members}, by=facilitator)
            return len(seen)

    seen = []

    def count(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    one = statements([make_member()], make_session(7))
    ten = statements([make_member() for _ in range(10)], make_session(14))
    assert one == ten


def test_marks_and_minutes_fit_each_other(make_member, make_session, facilitator):
    member, session = make_member(), make_session(1)
    for wrong in ("late", "left_early", ("late", 91), RollMark(Mark.PRESENT, 5), RollMark(Mark.LATE, -5), "asleep"):
        with pytest.raises(Refusal):
            attendance.take(session=session, marks={member.pk: wrong}, by=facilitator)
    assert not Attendance.objects.exists()
    attendance.take(session=session, marks={member.pk: "removed"}, by=facilitator)
    assert Attendance.objects.get().minutes_credited == 0
    attendance.take(session=session, marks={member.pk: ("removed", 40)}, by=facilitator)
    assert Attendance.objects.get().minutes_credited == 50


def test_only_who_is_on_the_roll_of_that_day_is_marked(
    make_member, make_session, make_client, facilitator, counselor, today
):
    gone = make_member()
    rosters.leave(membership=gone, left_on=today - 10 * DAY, reason="moved", by=counselor)
    came_later = make_member(joined_on=today)
    session = make_session(3)
    for nobody in (gone, came_later):
        assert nobody not in attendance.roll(session, staff_member=counselor)
        with pytest.raises(attendance.NotOnRoll):
            attendance.take(session=session, marks={nobody.pk: "present"}, by=facilitator)


def test_no_roll_for_a_session_that_was_not(make_member, make_session, facilitator):
    member, canceled, tomorrow = make_member(), make_session(1), make_session(-1)
    sessions.cancel(session=canceled, by=facilitator, reason="Facilitator ill")
    for session in (canceled, tomorrow):
        with pytest.raises(sessions.NotHeld):
            attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)


@pytest.mark.parametrize("role", ["intake", "administrator", "privacy_officer", "medical"])
def test_other_roles_take_no_roll(request, role, make_member, make_session):
    member, session = make_member(), make_session(1)
    with pytest.raises(NotPermitted):
        attendance.take(session=session, marks={member.pk: "present"}, by=request.getfixturevalue(role))


@pytest.fixture
def attended(make_member, make_session, facilitator):
    """Two members were there yesterday: Robin's row comes back, Kim's is the other one."""
    robin, kim = make_member(given_name="Robin", family_name="Sample"), make_member(given_name="Kim", family_name="Doe")
    session = make_session(1)
    attendance.take(session=session, marks={robin.pk: "present", kim.pk: "present"}, by=facilitator)
    return session.attendances.get(membership=robin)


def test_present_late_and_left_early_need_a_note(attended):
    assert Attendance.objects.without_signed_note().count() == 2
    Attendance.objects.filter(pk=attended.pk).update(mark="unexcused", minutes_credited=0)
    assert Attendance.objects.without_signed_note().count() == 1


def test_a_note_is_written_then_signed_and_then_stays(attended, facilitator, counselor):
    with pytest.raises(NoteIncomplete):
        attendance.sign_member_note(attendance=attended, by=facilitator)
    attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    with pytest.raises(NotTheAuthor):
        attendance.sign_member_note(attendance=attended, by=counselor)
    attendance.sign_member_note(attendance=attended, by=facilitator)
    with pytest.raises(MemberNoteSigned):
        attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    with pytest.raises(MemberNoteSigned):
        attendance.take(session=attended.session, marks={attended.membership_id: "excused"}, by=facilitator)
    # the same mark again changes nothing and is no reason to refuse the rest of the group
    attendance.take(session=attended.session, marks={attended.membership_id: "present"}, by=facilitator)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE groups_attendance SET response = 'other'",
        "UPDATE groups_attendance SET signed_at = NULL, signed_by_id = NULL",
        "DELETE FROM groups_attendance",
        "TRUNCATE groups_attendance CASCADE",
        "UPDATE groups_groupsession SET minutes = 30",
    ],
)
def test_nobody_rewrites_a_signed_note_with_sql(attended, facilitator, statement):
    attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    attendance.sign_member_note(attendance=attended, by=facilitator)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=r"refused|stays"), transaction.atomic():
            cursor.execute(statement)


def test_an_addendum_stands_beside_the_original(attended, facilitator):
    with pytest.raises(Refusal, match="isn’t signed yet"):
        attendance.add_addendum(attendance=attended, text="More", reason="Typo", by=facilitator)
    attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    attendance.sign_member_note(attendance=attended, by=facilitator)
    addendum = attendance.add_addendum(
        attendance=attended, text="Left the room once.", reason="Left out", by=facilitator
    )
    attended.refresh_from_db()
    assert attended.response == NOTE["response"]
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        type(addendum).objects.filter(pk=addendum.pk).update(text="x")


def test_a_note_never_names_another_member(attended, facilitator):
    for text in ("Argued with Kim.", "argued with kim", "Sat beside K.D. all along", "Doe helped"):
        with pytest.raises(naming.NamesSomebody, match="other members"):
            attendance.write_member_note(attendance=attended, by=facilitator, participation="some", response=text)
    attendance.write_member_note(
        attendance=attended, by=facilitator, participation="some", response="Robin asked another member for help."
    )


def test_there_is_no_note_about_somebody_absent(attended, facilitator):
    Attendance.objects.filter(pk=attended.pk).update(mark="excused", minutes_credited=0)
    with pytest.raises(NoNoteDue):
        attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)


def test_what_was_typed_about_somebody_marked_absent_meanwhile_is_shown(attended, facilitator, signed_in):
    session = attended.session
    Attendance.objects.filter(pk=attended.pk).update(mark="excused", minutes_credited=0)
    url = reverse("groups:member_note", args=[session.group_id, session.pk, attended.pk])
    said = {f"note-{attended.pk}-{name}": value for name, value in NOTE.items()}
    page = signed_in(facilitator).post(url, said)
    assert page.status_code == 422
    assert NoNoteDue.sentence in page.content.decode()
    assert NOTE["response"] in page.content.decode()


def test_what_was_typed_about_a_note_that_was_signed_meanwhile_is_shown(attended, facilitator, signed_in):
    session = attended.session
    attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    attendance.sign_member_note(attendance=attended, by=facilitator)
    url = reverse("groups:member_note", args=[session.group_id, session.pk, attended.pk])
    said = {f"note-{attended.pk}-{name}": value for name, value in {**NOTE, "response": "Left in tears."}.items()}
    page = signed_in(facilitator).post(url, said).content.decode()
    assert "What you typed isn’t saved:" in page
    assert "Left in tears." in page
    sessions.write_note(session=session, by=facilitator, group_note="Talked about holidays.")
    sessions.sign_note(session=session, by=facilitator)
    url = reverse("groups:group_note", args=[session.group_id, session.pk])
    page = signed_in(facilitator).post(url, {"group_note": "Talked about the storm."}).content.decode()
    assert "What you typed isn’t saved:" in page
    assert "Talked about the storm." in page
    attended.refresh_from_db()
    assert attended.response == NOTE["response"]


def test_who_neither_leads_nor_treats_reads_no_note(attended, facilitator, counselor, make_staff, intake, medical):
    attendance.write_member_note(attendance=attended, by=facilitator, **NOTE)
    colleague = make_staff()
    assert Attendance.objects.visible_to(colleague).count() == 2  # the marks of the clinic's groups
    assert not Attendance.objects.notes_visible_to(colleague).exists()
    assert not Attendance.objects.visible_to(intake).exists()
    for reader in (facilitator, counselor, medical):
        assert Attendance.objects.notes_visible_to(reader).count() == 2
    with pytest.raises(NotPermitted):
        attendance.write_member_note(attendance=attended, by=colleague, **NOTE)
    with pytest.raises(NotPermitted):
        attendance.sign_member_note(attendance=attended, by=colleague)


def test_scenario_17_a_member_bars_being_named(make_member, make_session, facilitator, signed_in):
    barred = make_member(given_name="Rosalind", family_name="Example", named_by_others=False)
    other = make_member(given_name="Kim", family_name="Doe")
    session = make_session(1)
    attendance.take(session=session, marks={barred.pk: "present", other.pk: "present"}, by=facilitator)
    for text in (
        "Rosalind led the check-in.",
        "R.E. led the check-in",
        "RE and others",
        "Ms Example spoke",
        "ROSALIND",
    ):
        with pytest.raises(naming.NamesSomebody):
            sessions.write_note(session=session, group_note=text, by=facilitator)
    note = "Two members practiced refusing a drink. A member led the check-in."
    sessions.write_note(session=session, topic="Saying no", method="Role play", group_note=note, by=facilitator)
    sessions.sign_note(session=session, by=facilitator)
    # the own note exists
    own = session.attendances.get(membership=barred)
    attendance.write_member_note(attendance=own, by=facilitator, **NOTE)
    attendance.sign_member_note(attendance=own, by=facilitator)
    # the count includes them
    assert sessions.attended_count(session) == 2
    # and no export carries a name or initials
    assert barred.client.roster_name == "A member"


def test_a_group_note_names_nobody_who_may_be_named_either(make_member, make_session, facilitator):
    make_member(given_name="José", family_name="García-López", preferred_name="Pepe")
    session = make_session(1)
    for text in ("Jose spoke", "PEPE spoke", "Lopez spoke", "J.G. spoke", "P. G. spoke"):
        with pytest.raises(naming.NamesSomebody):
            sessions.write_note(session=session, group_note=text, by=facilitator)
    sessions.write_note(session=session, group_note="The group read from the AA Big Book.", by=facilitator)


def test_a_word_that_is_also_a_name_passes_in_lower_case(make_member, make_session, facilitator):
    make_member(given_name="Will", family_name="Young")
    session = make_session(1)
    sessions.write_note(session=session, group_note="The group will meet young adults.", by=facilitator)
    with pytest.raises(naming.NamesSomebody):
        sessions.write_note(session=session, group_note="Then Will spoke.", by=facilitator)


def test_a_signed_group_note_stays(make_session, facilitator):
    session = make_session(1)
    with pytest.raises(Refusal, match="blank"):
        sessions.sign_note(session=session, by=facilitator)
    sessions.write_note(session=session, group_note="The group practiced.", by=facilitator)
    sessions.sign_note(session=session, by=facilitator)
    with pytest.raises(sessions.SessionNoteSigned):
        sessions.write_note(session=session, group_note="Otherwise", by=facilitator)
    with pytest.raises(IntegrityError, match="is signed"), transaction.atomic():
        GroupSession.objects.filter(pk=session.pk).update(group_note="Otherwise")


def test_a_session_always_has_somebody_from_staff(group, facilitator, today):
    with pytest.raises(sessions.NoFacilitator):
        sessions.plan(group=group, starts_at=timezone.now(), by=facilitator, facilitators=[])
    session = sessions.plan(group=group, starts_at=timezone.now(), by=facilitator)
    with pytest.raises(sessions.AlreadyPlanned):
        sessions.plan(group=group, starts_at=session.starts_at, by=facilitator)
    assert list(session.facilitators.all()) == [facilitator]


def test_weekly_sessions_keep_the_clock_on_the_wall(group, facilitator):
    group.weekday, group.starts_at = 6, datetime.time(10)  # Sundays in New York
    planned = sessions.generate(
        group=group, first=datetime.date(2026, 2, 25), until=datetime.date(2026, 3, 15), by=facilitator
    ).sessions
    assert [f"{each.starts_at.astimezone(datetime.UTC):%m-%d %H:%M}" for each in planned] == [
        "03-01 15:00",
        "03-08 14:00",
        "03-15 14:00",
    ]
    assert not sessions.generate(
        group=group, first=datetime.date(2026, 2, 25), until=datetime.date(2026, 3, 15), by=facilitator
    ).sessions
    assert all(each.facilitators.get() == facilitator for each in planned)


def test_a_year_of_a_group_is_brought_in_with_few_statements(
    make_member, group, facilitator, today, django_assert_max_num_queries
):
    members = [make_member(joined_on=today - 400 * DAY) for _ in range(8)]
    past = [
        PastSession(
            starts_at=timezone.now() - week * 7 * DAY,
            topic="Cravings",
            group_note="The group talked about cravings.",
            marks={each.pk: ("late", 10) if each is members[0] else "present" for each in members},
            notes={each.pk: MemberNote("active", "Took part.") for each in members},
            signed_at=timezone.now() - week * 7 * DAY + datetime.timedelta(hours=3),
        )
        for week in range(1, 51)
    ]
    with django_assert_max_num_queries(12):
        made = import_sessions(group=group, past=past, led_by=[facilitator], by=facilitator)
    assert len(made) == 50
    assert Attendance.objects.filter(signed_by=facilitator, signed_at__isnull=False).count() == 400
    assert Attendance.objects.filter(membership=members[0]).first().minutes_credited == 80
    assert re.match(r"Tuesday", group.schedule)


def test_what_is_brought_in_obeys_the_same_rules(make_member, group, facilitator, today):
    member = make_member(joined_on=today - 5 * DAY)
    yesterday = timezone.now() - DAY
    for wrong in (
        PastSession(starts_at=timezone.now() + DAY, marks={}),
        PastSession(starts_at=yesterday - 30 * DAY, marks={member.pk: "present"}),
        PastSession(starts_at=yesterday, marks={member.pk: "late"}),
        PastSession(starts_at=yesterday, marks={member.pk: "excused"}, notes={member.pk: MemberNote("active", "x")}),
    ):
        with pytest.raises(Refusal):
            import_sessions(group=group, past=[wrong], led_by=[facilitator], by=facilitator)
    assert not GroupSession.objects.exists()


@pytest.mark.parametrize(
    "mark",
    [("late", 90), ("left_early", 90), {"mark": "late", "minutes_late": 45, "minutes_early": 45}],
)
def test_missing_all_minutes_is_not_attendance(make_member, make_session, facilitator, counselor, client, mark):
    """The one owner of what counts as attended is groups.models.attendance.is_attended."""
    member, session = make_member(), make_session(3)
    with pytest.raises(attendance.WasNotThere, match="missed all 90 minutes did not attend"):
        attendance.take(session=session, marks={member.pk: mark}, by=facilitator)
    assert not Attendance.objects.exists()
    attendance.take(session=session, marks={member.pk: ("late", 89)}, by=facilitator)
    assert Attendance.objects.attended().get().minutes_credited == 1
    client.force_login(facilitator)
    page = client.post(
        reverse("groups:roll_call", args=[session.group_id, session.pk]),
        {f"mark-{member.pk}": "late", f"late-{member.pk}": "90"},
    )
    assert page.status_code == 422
    assert f'id="problem-{member.pk}">A member who missed all 90 minutes did not attend.' in page.content.decode()


def test_the_database_refuses_attendance_without_a_minute(make_member, make_session, facilitator):
    member, session = make_member(), make_session(3)
    (row,) = attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    with pytest.raises(IntegrityError, match="attended_means_minutes_there"), transaction.atomic():
        Attendance.objects.filter(pk=row.pk).update(minutes_credited=0)


def test_a_row_from_before_the_rule_counts_as_attended_nowhere(make_member, make_session, facilitator):
    """Its note is signed, so that it stands as it was signed; no count takes it for attendance."""
    member, session = make_member(), make_session(3)
    attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE groups_attendance DROP CONSTRAINT attended_means_minutes_there")
    Attendance.objects.update(mark=Mark.LATE, minutes_late=90, minutes_credited=0)
    assert not Attendance.objects.attended().exists()
    assert not Attendance.objects.without_signed_note().exists()
    assert sessions_attended(member, member.client.today) == 0
    assert not Attendance.objects.get().is_attended
