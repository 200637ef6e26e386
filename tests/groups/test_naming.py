"""What names somebody in a note about a group. The one owner is groups.naming, by the rules of cases.people.names."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.models import Client
from cases.people import restrictions
from groups import attendance, leading, naming, rosters, sessions, signatures
from groups.models import Attendance
from staff.models import AuditEntry, Role
from tests.factories import PASSWORD
from tests.reading import as_read

from .conftest import DAY


def named(text: str, **member: str) -> list[str]:
    return naming.names_in(text, [Client(**{"given_name": "Zz", "family_name": "Zzyzx", **member})])


NAMES_THEM = [
    ("O’Brien led the check-in", {"family_name": "O'Brien"}),
    ("O'Brien led the check-in", {"family_name": "O’Brien"}),
    ("Oʼbrien spoke", {"family_name": "O'Brien"}),
    ("O Brien spoke", {"family_name": "O'Brien"}),
    ("OBrien spoke", {"family_name": "O`Brien"}),
    ("O’Brien’s son", {"family_name": "O'Brien"}),
    ("Bobby was quiet", {"given_name": "Robert"}),
    ("bobby was quiet", {"given_name": "Robert"}),
    ("Then Bob spoke", {"given_name": "Robert"}),
    ("Robert spoke", {"given_name": "Bobby"}),
    ("Liz and others", {"given_name": "Elizabeth"}),
    ("Pepe spoke", {"given_name": "José"}),
    ("王伟说得很少", {"given_name": "伟", "family_name": "王"}),
    ("今天王伟没有来", {"given_name": "伟", "family_name": "王"}),
    ("王先生 spoke", {"given_name": "伟", "family_name": "王"}),
    ("小王 spoke", {"given_name": "伟", "family_name": "王"}),
    ("The member 王 spoke", {"given_name": "伟", "family_name": "王"}),
    ("小明 spoke", {"given_name": "小明", "family_name": "王"}),
    ("สมชายพูด", {"given_name": "สมชาย", "family_name": "ใจดี"}),
    ("Петров говорил", {"given_name": "Иван", "family_name": "Петров"}),
    ("ПЕТРОВ", {"given_name": "Иван", "family_name": "Петров"}),
    ("Nguyen and others", {"family_name": "Nguyễn"}),
    ("Nguyễn and others", {"family_name": "Nguyen"}),
    ("de la Cruz spoke", {"family_name": "De la Cruz"}),
    ("Cruz spoke", {"family_name": "de la Cruz"}),
    ("Jean Luc spoke", {"given_name": "Jean-Luc"}),
    ("Jean‑Luc spoke", {"given_name": "Jean-Luc"}),
    ("Garcia Lopez", {"family_name": "García López"}),
    ("Lopez spoke", {"family_name": "García López"}),
    ("Then An spoke about work", {"given_name": "An"}),
    ("An spoke about work", {"given_name": "An"}),
    ("They asked Do for help", {"family_name": "Do"}),
    ("Suharto spoke", {"given_name": "", "family_name": "Suharto"}),
    ("محمد spoke", {"given_name": "مُحَمَّد"}),
]

NAMES_NOBODY = [
    ("an hour of an exercise", {"given_name": "An"}),
    ("An argument about trust. An exercise followed.", {"given_name": "An"}),
    ("We went on to the next topic. To close, a member read.", {"given_name": "To"}),
    ("Do what helps. They do so at home.", {"family_name": "Đỗ", "given_name": "So"}),
    ("The van ride and the del part", {"family_name": "van del Zand"}),
    ("my plan. My plan.", {"given_name": "Mỹ"}),
    ("a member will mark the bill", {"given_name": "William", "family_name": "Mark"}),
    ("They talked of a mike and of a jack, and of tom-toms", {"given_name": "Michael", "preferred_name": "John"}),
    ("国王 and 王国 are words", {"given_name": "伟", "family_name": "王"}),
    ("The group practiced refusing a drink.", {"given_name": "Robert", "family_name": "O'Brien"}),
    ("Two members practiced. A member led.", {"given_name": "Elizabeth", "family_name": "García López"}),
    ("HOW TO ASK FOR HELP", {"given_name": "To", "family_name": "Zzyzx"}),
]


@pytest.mark.parametrize(("text", "member"), NAMES_THEM)
def test_who_can_be_recognized(text: str, member: dict[str, str]) -> None:
    assert named(text, **member), text


@pytest.mark.parametrize(("text", "member"), NAMES_NOBODY)
def test_who_cannot(text: str, member: dict[str, str]) -> None:
    assert named(text, **member) == []


def test_a_group_note_is_refused_for_a_nickname_and_kept_without_it(make_member, make_session, facilitator) -> None:
    make_member(given_name="Robert", family_name="O’Brien")
    make_member(given_name="An", family_name="Nguyễn")
    session = make_session(1)
    for text in ("Bobby spoke.", "O'Brien spoke.", "Nguyen spoke.", "Then An spoke."):
        with pytest.raises(naming.NamesSomebody):
            sessions.write_note(session=session, group_note=text, by=facilitator)
    sessions.write_note(session=session, group_note="An exercise, and an hour of talk.", by=facilitator)


def logged() -> set[tuple[int, int]]:
    """Who is on record as having tried whose name."""
    return set(AuditEntry.objects.filter(act="groups.refuse_name").values_list("staff_member", "client_id"))


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.SUPERVISOR])
def test_whoever_does_not_hold_the_session_writes_nothing_and_tests_no_name(
    make_member, make_session, make_staff, signed_in, role
) -> None:
    make_member(given_name="Robin", family_name="Fictiveman")
    session, stranger = make_session(1), make_staff(role)
    for text in ("Fictiveman spoke.", "Nobodyson spoke."):
        with pytest.raises(sessions.NotTheirNote):
            sessions.write_note(session=session, group_note=text, by=stranger)
    page = signed_in(stranger).post(
        reverse("groups:group_note", args=[session.group_id, session.pk]), {"group_note": "We spoke of Fictiveman."}
    )
    assert page.status_code == 403
    assert sessions.NotTheirNote.sentence in page.content.decode()
    url = reverse("groups:notes", args=[session.group_id, session.pk])
    assert 'name="group_note"' not in as_read(signed_in(stranger).get(url))
    session.refresh_from_db()
    assert session.group_note == ""


def test_a_refusal_quotes_what_the_roster_shows_and_is_logged_under_the_member(
    make_member, make_session, facilitator, counselor
) -> None:
    """A leader who is on nobody's care team knows members by first name and initial."""
    member = make_member(given_name="Robin", family_name="Fictiveman")
    session = make_session(1)
    with pytest.raises(naming.NamesSomebody) as refused:
        sessions.write_note(session=session, group_note="Robin, R.F. and Fictiveman spoke.", by=facilitator)
    assert "“Robin”, “R.F.”" in refused.value.sentence
    assert "Fictiveman" not in refused.value.sentence
    assert logged() == {(facilitator.pk, member.client_id)}
    leading.set_leaders(group=session.group, facilitators=[facilitator, counselor], by=facilitator)
    with pytest.raises(naming.NamesSomebody, match="“Fictiveman”"):  # their own client
        sessions.write_note(session=make_session(0), group_note="Fictiveman spoke.", by=counselor)


def test_a_leader_whom_a_member_restricted_is_told_no_name(
    make_member, make_session, facilitator, supervisor, signed_in
) -> None:
    member = make_member(given_name="Zebulonia", family_name="Quixworthy")
    session = make_session(1)
    restrictions.restrict(client=member.client, staff_member=facilitator, reason="Not my cousin please", by=supervisor)
    browser, url = signed_in(facilitator), reverse("groups:group_note", args=[session.group_id, session.pk])
    for text in ("Quixworthy spoke.", "Then Zebulonia spoke.", "Z.Q. spoke."):
        page = as_read(browser.post(url, {"group_note": text}))
        assert "Remove names and initials of members." in page
        assert "“" + text.split()[-2] not in page
    assert logged() == {(facilitator.pk, member.client_id)}
    assert AuditEntry.objects.filter(act="groups.refuse_name").count() == 3


def test_nor_is_a_counselor_by_the_note_or_the_addendum_of_their_own_client(
    make_member, make_session, make_staff, make_client, facilitator, counselor, group, today
) -> None:
    own, colleague = make_member(given_name="Kim", family_name="Doe"), make_staff()
    foreign = make_client(given_name="Robin", family_name="Fictiveman", counselor=colleague)
    other = rosters.join(group=group, client=foreign, joined_on=today - 30 * DAY, by=colleague)
    session = make_session(1)
    attendance.take(session=session, marks={own.pk: "present", other.pk: "present"}, by=facilitator)
    row = Attendance.objects.get(membership=own)
    note = {"attendance": row, "participation": "active", "by": counselor}
    with pytest.raises(naming.NamesSomebody) as refused:
        attendance.write_member_note(**note, response="Argued with Fictiveman.")
    assert "Fictiveman" not in refused.value.sentence
    attendance.write_member_note(**note, response="Spoke of home.")
    attendance.sign_member_note(attendance=row, by=counselor)
    with pytest.raises(naming.NamesSomebody) as refused:
        attendance.add_addendum(attendance=row, text="With Fictiveman.", reason="Left out", by=counselor)
    assert "Fictiveman" not in refused.value.sentence
    assert logged() == {(counselor.pk, other.client_id)}
    assert AuditEntry.objects.filter(act="groups.refuse_name").count() == 2


def test_a_refusal_while_signing_is_logged_though_nothing_else_stays(
    make_member, make_session, facilitator, signed_in
) -> None:
    session = make_session(1)
    sessions.write_note(session=session, group_note="Fictiveman spoke.", by=facilitator)
    member = make_member(given_name="Robin", family_name="Fictiveman")
    page = reverse("groups:sign_notes", args=[session.group_id, session.pk])
    answer = signed_in(facilitator).post(page, {"note": f"group:{signatures.shown(session)}", "password": PASSWORD})
    assert "Remove names" in answer.content.decode()
    assert logged() == {(facilitator.pk, member.client_id)}
