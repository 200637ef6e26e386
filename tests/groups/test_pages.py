"""The pages of groups, as those who work with them open them."""

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import measures
from groups import attendance, rosters, sessions, signatures
from groups.models import Attendance, Group, KeepApart, Membership, MentorPairing, MentorTerm
from privacy.models import ChartAccess
from tests.factories import PASSWORD
from tests.reading import as_read

from .conftest import DAY, in_recovery_since, returned_to_use


def group_url(name, group, *args):
    return reverse(f"groups:{name}", args=[group.pk, *args])


@pytest.fixture
def desk(signed_in, counselor):
    return signed_in(counselor)


def test_the_roster_names_nobody_in_full(make_member, group, signed_in, facilitator):
    make_member(given_name="Robin", family_name="Sanderson")
    make_member(given_name="Rosalind", family_name="Secret", named_by_others=False)
    page = as_read(signed_in(facilitator).get(group_url("group", group)))
    assert "Robin S." in page
    assert "A member" in page
    for word in ("Sanderson", "Rosalind", "Secret"):
        assert word not in page


def test_a_facilitator_sees_no_chart_behind_the_roster(make_ready, group, signed_in, facilitator, counselor):
    member = make_ready(given_name="Robin", family_name="Sample")
    url = group_url("member", group, member.pk)
    page = as_read(signed_in(facilitator).get(url))
    assert "recovery days" not in page
    assert "C-SSRS" not in page
    assert reverse("groups:client_groups", args=[member.client_id]) not in page
    page = as_read(signed_in(counselor).get(url))
    assert "120 recovery days; 90 are needed." in page
    assert reverse("groups:client_groups", args=[member.client_id]) in page


def test_nobody_else_opens_anything(make_member, make_session, group, signed_in, make_staff, other_clinic, request):
    member, session = make_member(), make_session(1)
    urls = [
        group_url("group", group),
        group_url("sessions", group),
        group_url("sessions_export", group),
        group_url("member", group, member.pk),
        group_url("roll_call", group, session.pk),
        group_url("notes", group, session.pk),
        reverse("groups:client_groups", args=[member.client_id]),
    ]
    stranger = signed_in(make_staff("supervisor", clinic=other_clinic))
    for url in urls:
        assert stranger.get(url).status_code == 404, url
    for role in ("intake", "administrator", "privacy_officer"):
        outsider = signed_in(request.getfixturevalue(role))
        for url in [reverse("groups:groups"), *urls]:
            assert outsider.get(url).status_code == 403, (role, url)
    # a colleague who does not treat this person sees the group and not their chart
    colleague = signed_in(make_staff())
    assert colleague.get(urls[0]).status_code == 200
    assert colleague.get(urls[-1]).status_code == 404


def test_a_member_of_another_group_is_not_found_under_this_one(make_member, group, clinic, desk):
    elsewhere = Group.objects.create(clinic=clinic, name="Elsewhere", type="support")
    member = make_member(group=elsewhere)
    assert desk.get(group_url("member", group, member.pk)).status_code == 404


def test_a_client_is_found_and_put_on_the_roster(client_record, group, desk, today):
    page = as_read(desk.get(group_url("group", group), {"find": "Robin Sample"}))
    assert "Robin Sample" in page
    answer = desk.post(group_url("join", group), {"client": client_record.pk, "joined_on": today.isoformat()})
    assert answer.status_code == 302
    assert Membership.objects.get().client == client_record
    again = desk.post(group_url("join", group), {"client": client_record.pk, "joined_on": today.isoformat()})
    assert "already in the group" in as_read(again)


def test_a_counselor_cannot_add_whom_they_do_not_see(make_client, group, desk, today):
    hidden = make_client(given_name="Hidden", family_name="Person")
    assert "No match" in as_read(desk.get(group_url("group", group), {"find": "Hidden Person"}))
    answer = desk.post(group_url("join", group), {"client": hidden.pk, "joined_on": today.isoformat()})
    assert answer.status_code == 404
    assert not Membership.objects.exists()


def test_joining_from_the_chart_is_refused_with_a_reason_and_keeps_what_was_typed(
    client_record, make_member, group, desk, supervisor, signed_in, today
):
    Group.objects.filter(pk=group.pk).update(capacity=2)
    make_member(), make_member()
    url = reverse("groups:client_join", args=[client_record.pk])
    data = {"group": group.pk, "joined_on": today.isoformat()}
    page = as_read(desk.post(url, data))
    assert "all 2 spots are taken" in page
    assert f'value="{group.pk}" selected' in page
    assert "Reason for adding over capacity" not in page
    answer = signed_in(supervisor).post(url, data | {"override_reason": "Leaves soon anyway"})
    assert answer.status_code == 302
    assert Membership.objects.get(client=client_record).override_reason == "Leaves soon anyway"


def test_the_refusal_for_two_kept_apart_gives_nothing_away(client_record, make_member, group, desk, supervisor, today):
    other = make_member(given_name="Dana", family_name="Example")
    rosters.keep_apart(client=client_record, other=other.client, kind=KeepApart.Kind.NO_CONTACT, by=supervisor)
    page = as_read(
        desk.post(
            reverse("groups:client_join", args=[client_record.pk]), {"group": group.pk, "joined_on": today.isoformat()}
        )
    )
    assert "isn’t open to this person now" in page


def test_roll_call_in_one_save(make_member, make_session, group, signed_in, facilitator):
    one, two, three = make_member(given_name="Ada"), make_member(given_name="Ben"), make_member(given_name="Cy")
    session = make_session(1)
    desk, url = signed_in(facilitator), group_url("roll_call", group, session.pk)
    page = as_read(desk.get(url))
    assert page.index("Ada P.") < page.index("Ben P.") < page.index("Cy P.")
    refused = desk.post(url, {f"mark-{one.pk}": "late", f"mark-{two.pk}": "excused"})
    assert refused.status_code == 422
    assert "how many minutes late" in as_read(refused)
    assert 'value="excused" checked' in " ".join(as_read(refused).split())
    assert not Attendance.objects.exists()
    answer = desk.post(
        url, {f"mark-{one.pk}": "late", f"late-{one.pk}": "10", f"mark-{two.pk}": "excused", "rest": "present"}
    )
    assert answer.status_code == 302
    assert dict(session.attendances.values_list("membership", "mark")) == {
        one.pk: "late",
        two.pk: "excused",
        three.pk: "present",
    }
    # minutes left in a field that no longer goes with the mark do no harm
    desk.post(url, {f"mark-{one.pk}": "present", f"late-{one.pk}": "10"})
    assert session.attendances.get(membership=one).mark == "present"


def test_from_the_roll_to_signed_notes(make_member, make_session, group, signed_in, facilitator):
    member = make_member(given_name="Robin", family_name="Sample")
    make_member(given_name="Kim", family_name="Doe")
    session = make_session(1)
    desk = signed_in(facilitator)
    desk.post(group_url("roll_call", group, session.pk), {"rest": "present"})
    url = group_url("notes", group, session.pk)
    assert "2 to sign" in as_read(desk.get(url))
    row = session.attendances.get(membership=member)
    data = {f"note-{row.pk}-participation": "active", f"note-{row.pk}-response": "Argued with Kim.", "sign": ""}
    refused = desk.post(group_url("member_note", group, session.pk, row.pk), data)
    assert refused.status_code == 422
    assert "Remove names" in as_read(refused)
    assert "Argued with Kim." in as_read(refused)
    data[f"note-{row.pk}-response"] = "Argued with a member and made up."
    sign = group_url("sign_notes", group, session.pk)
    assert desk.post(group_url("member_note", group, session.pk, row.pk), data)["Location"] == sign
    row.refresh_from_db()
    confirmed = {"password": PASSWORD, "note": f"{row.pk}:{signatures.shown(row)}"}
    assert desk.post(sign, confirmed).status_code == 302
    row.refresh_from_db()
    assert row.signed_by == facilitator
    page = as_read(desk.get(url))
    assert "1 to sign" in page
    assert (
        desk.post(
            group_url("group_note", group, session.pk),
            {"topic": "Anger", "group_note": "The group practiced.", "sign": ""},
        ).status_code
        == 302
    )
    session.refresh_from_db()
    confirmed = {"password": PASSWORD, "note": f"group:{signatures.shown(session)}"}
    assert desk.post(sign, confirmed).status_code == 302
    session.refresh_from_db()
    assert session.note_signed_by == facilitator
    added = {"text": "It was a short argument.", "reason": "Clearer", "password": PASSWORD}
    added = {f"addendum-{row.pk}-{name}": value for name, value in added.items()}
    assert desk.post(group_url("addendum", group, session.pk, row.pk), added).status_code == 302
    assert "It was a short argument." in as_read(desk.get(url))


def test_notes_that_show_parts_of_charts_are_logged_for_each_client(
    make_member, make_session, group, signed_in, facilitator
):
    members = [make_member(), make_member()]
    session = make_session(1)
    attendance.take(session=session, marks={each.pk: "present" for each in members}, by=facilitator)
    signed_in(facilitator).get(group_url("notes", group, session.pk))
    logged = ChartAccess.objects.filter(view_name="groups:notes").values_list("client_id", "group_id")
    assert sorted(logged) == sorted((each.client_id, group.pk) for each in members)
    signed_in(facilitator).get(group_url("member", group, members[0].pk))
    assert ChartAccess.objects.filter(view_name="groups:member").get().client_id == members[0].client_id


def test_scenario_17_on_the_pages(make_member, make_session, group, signed_in, facilitator, counselor):
    barred = make_member(given_name="Rosalind", family_name="Secret", named_by_others=False)
    session = make_session(1)
    attendance.take(session=session, marks={barred.pk: "present"}, by=facilitator)
    row = session.attendances.get()
    attendance.write_member_note(attendance=row, by=facilitator, participation="active", response="Led the check-in.")
    attendance.sign_member_note(attendance=row, by=facilitator)
    sessions.write_note(session=session, group_note="One member led the check-in.", by=facilitator)
    sessions.sign_note(session=session, by=facilitator)
    desk = signed_in(facilitator)
    pages = {
        name: desk.get(group_url(name, group, *args)).content.decode()
        for name, args in {
            "group": (),
            "sessions": (),
            "sessions_export": (),
            "roll_call": (session.pk,),
            "notes": (session.pk,),
            "member": (barred.pk,),
        }.items()
    }
    for name, page in pages.items():
        for word in ("Rosalind", "Secret", "R.S.", "R. S."):
            assert word not in page, name
    (line,) = csv.DictReader(io.StringIO(pages["sessions_export"]))
    assert (line["attended"], line["member minutes"], line["group note"]) == ("1", "90", "One member led the check-in.")
    # the own chart has the note
    chart = as_read(signed_in(counselor).get(reverse("groups:client_groups", args=[barred.client_id])))
    assert "Led the check-in." in chart
    assert "Rosalind" in chart


def test_the_mentor_panel_leads_from_criteria_to_the_mark(
    make_member, attend, group, desk, counselor, today, facilitator
):
    member = make_member(given_name="Dana", family_name="Example")
    in_recovery_since(member.client, today - 120 * DAY, counselor)
    attend([member], 7)
    url = group_url("member", group, member.pk)
    page = as_read(desk.get(url))
    assert "7 of 8 sessions attended." in page
    assert "Appoint as peer mentor" not in page
    attend_one_more = timezone.now() - 70 * DAY
    session = sessions.plan(group=group, starts_at=attend_one_more, by=counselor)
    attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    measures.record(client=member.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    for step in ("agreement", "approve", "orientation"):
        assert desk.post(group_url("mentor_step", group, member.pk), {"step": step}).status_code == 302
    assert "Appoint as peer mentor" in as_read(desk.get(url))
    desk.post(group_url("mentor_step", group, member.pk), {"step": "appoint"})
    assert MentorTerm.objects.active(today).get().membership == member
    assert "Peer mentor" in as_read(desk.get(group_url("group", group)))


def test_an_early_appointment_is_refused_with_the_reasons(make_member, group, desk):
    member = make_member()
    answer = desk.post(group_url("mentor_step", group, member.pk), {"step": "appoint"}, follow=True)
    assert "0 of 8 sessions attended." in as_read(answer)
    assert not MentorTerm.objects.exists()


def test_scenario_7_on_the_pages(mentor, make_member, group, signed_in, facilitator, counselor, today):
    mentee = make_member(given_name="Ada", family_name="Pupil")
    desk = signed_in(counselor)
    desk.post(group_url("pair", group, mentor.pk), {"mentee": mentee.pk})
    assert MentorPairing.objects.in_force(today).get().mentee == mentee
    returned_to_use(mentor.client, counselor, started_on=today, ended_on=today)
    page = as_read(signed_in(facilitator).get(group_url("group", group)))
    assert "on break" in page
    assert "Dana E." in page
    assert "Ada P. has no mentor now." in page
    page += as_read(signed_in(facilitator).get(group_url("member", group, mentor.pk)))
    for word in ("return to use", "returned to use", "relapse", "Return to use"):
        assert word not in page
    assert "A return to use was recorded" in as_read(desk.get(group_url("member", group, mentor.pk)))
    # go on without
    desk.post(group_url("unpair", group, mentee.pk), {"mentor": mentor.pk})
    assert not MentorPairing.objects.to_reassign(today).exists()


@pytest.mark.parametrize("name", ["groups", "group", "roll_call", "client_groups", "notes", "sessions"])
def test_pages_ask_the_same_number_of_questions_for_one_and_for_three(
    name, make_member, make_session, group, facilitator, counselor, signed_in, clinic, make_client
):
    def questions():
        urls = {
            "groups": reverse("groups:groups"),
            "group": group_url("group", group),
            "sessions": group_url("sessions", group),
            "roll_call": group_url("roll_call", group, session.pk),
            "notes": group_url("notes", group, session.pk),
            "client_groups": reverse("groups:client_groups", args=[first.client_id]),
        }
        reader = signed_in(counselor if name == "client_groups" else facilitator)
        reader.get(urls[name])
        with CaptureQueriesContext(connection) as seen:
            assert reader.get(urls[name]).status_code == 200
        return len(seen)

    first, session = make_member(), make_session(1)
    attendance.take(session=session, marks={first.pk: "present"}, by=facilitator)
    one = questions()
    others = [make_member(), make_member()]
    attendance.take(session=session, marks={each.pk: "present" for each in others}, by=facilitator)
    for number in range(2):
        more = Group.objects.create(clinic=clinic, name=f"More {number}", type="support")
        rosters.join(group=more, client=first.client, joined_on=first.joined_on, by=counselor)
        attendance.take(session=make_session(8 + number), marks={first.pk: "present"}, by=facilitator)
    three = questions()
    # the access log writes a row for each client on the page of notes, and asks about emergency access: its duty
    assert three - one <= (4 if name == "notes" else 0)


def test_a_group_is_started_and_changed(desk, counselor, clinic):
    data = {
        "name": "Friday support",
        "type": "support",
        "openness": "open",
        "weekday": 4,
        "starts_at": "17:30",
        "minutes": 60,
        "capacity": 10,
        "minimum": 2,
        "is_open": "on",
        "facilitators": [counselor.pk],
    }
    page = as_read(desk.post(reverse("groups:start"), {**data, "facilitators": []}))
    assert "This field is required" in page
    assert desk.post(reverse("groups:start"), data).status_code == 302
    made = Group.objects.get()
    assert (made.clinic, made.schedule, list(made.facilitators.all())) == (clinic, "Fridays, 5:30 PM", [counselor])
    assert "already has a group with this name" in as_read(desk.post(reverse("groups:start"), data))
    desk.post(group_url("edit", made), {**data, "room": "Room 7"})
    made.refresh_from_db()
    assert made.room == "Room 7"
    answer = desk.post(
        group_url("generate", made),
        {"until": (timezone.localdate(timezone=made.clinic.zone) + datetime.timedelta(days=28)).isoformat()},
    )
    assert answer.status_code == 302
    assert made.sessions.count() in (4, 5)


def test_two_are_kept_apart_from_the_chart(client_record, make_client, desk, counselor, supervisor, signed_in):
    hidden = make_client(given_name="Hidden", family_name="Person")
    url = reverse("groups:keep_apart", args=[client_record.pk])
    page = as_read(desk.post(url, {"other": hidden.pk, "kind": "legal"}))
    assert "No client with this number" in page
    assert not KeepApart.objects.exists()
    senior = signed_in(supervisor)
    assert senior.post(url, {"other": hidden.pk, "kind": "legal"}).status_code == 302
    chart = reverse("groups:client_groups", args=[client_record.pk])
    assert "Hidden" in as_read(senior.get(chart))
    assert "Hidden" not in as_read(desk.get(chart))
    pair = KeepApart.objects.get()
    assert desk.post(reverse("groups:lift_keep_apart", args=[client_record.pk, pair.pk])).status_code == 404
    assert senior.post(reverse("groups:lift_keep_apart", args=[client_record.pk, pair.pk])).status_code == 302
    pair.refresh_from_db()
    assert pair.lifted_by == supervisor
