"""Care again: what carries over, the first note, the group and its peer mentors."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from cases.models import Client, TreatmentEpisode
from cases.recovery import sobriety
from counseling import carry_over, measures, notes, signing
from counseling.models import CarryOverItem, Goal, SessionNote
from groups import attendance, mentoring, organizing, rosters, session_import, sessions
from groups.mentor_criteria import Key
from groups.models import Group, Membership
from groups.roster_rows import roster
from groups.session_import import PastSession
from tests import factories
from tests.ownership import as_owner

from .house import FirstStay, House, at

FIRST_SESSION = datetime.date(2026, 3, 6)
GROUP_EVENING = datetime.date(2026, 3, 9)  # a Monday
WEEK = datetime.timedelta(days=7)


def what_was_known_is_laid_out(house: House, episode: TreatmentEpisode, before: FirstStay) -> list[CarryOverItem]:
    """All that she brought and learned, each with where it comes from; none of it is active yet."""
    items = carry_over.gather(episode=episode, by=house.counselor)
    first = before.episode
    assert [(item.kind, item.wording, item.origin_episode) for item in items] == [
        ("discharge_plan", str(before.discharge_plan), first),
        ("trigger", "Arguing with my brother about money", first),
        ("trigger", "Payday with nothing planned", first),
        ("trigger", "The notice from the landlord", None),  # learned between the episodes
        ("warning_sign", "I stop answering texts", first),
        ("strategy", "Call my sister before I leave work", first),
        ("strategy", "Walk the canal path until it passes", first),
        ("strategy", "Go to the noon meeting", None),
        ("goal", "Sleep six hours without sedatives", first),
    ]
    assert items[0].discharge_plan == before.discharge_plan, "the last writing, not the draft of it"
    assert carry_over.gather(episode=episode, by=house.counselor) == items, "gathering again adds nothing"
    assert {item.verdict for item in items} == {""}
    assert not Goal.objects.filter(episode=episode).exists()
    assert not CarryOverItem.objects.held().filter(episode=episode).exists()
    return items


def she_says_what_held(house: House, episode: TreatmentEpisode, items: list[CarryOverItem], before: FirstStay) -> Goal:
    """A verdict for each, with her; only what held becomes part of this episode."""
    verdicts = {
        str(before.discharge_plan): "did_not_hold",
        "Arguing with my brother about money": "no_longer_true",
        "Call my sister before I leave work": "did_not_hold",
        "Walk the canal path until it passes": "never_used",
    }
    with pytest.raises(carry_over.UnknownVerdict):
        carry_over.decide(item=items[0], verdict="more or less", by=house.counselor)
    for item in items:
        carry_over.decide(item=item, verdict=verdicts.get(item.wording, "held"), by=house.counselor)
    board = CarryOverItem.objects.filter(episode=episode)
    assert not board.undecided().exists()
    assert {each.decided_by for each in board} == {house.counselor}
    assert {each.wording for each in board.held()} == {
        "Payday with nothing planned",
        "The notice from the landlord",
        "I stop answering texts",
        "Go to the noon meeting",
        "Sleep six hours without sedatives",
    }
    goal = Goal.objects.active().get(episode=episode)
    assert (goal.carried_from, goal.wording, goal.need) == (before.open_goal, before.open_goal.wording, "Rest")
    assert [each.carried_from for each in goal.objectives.all()] == [before.objective]
    brother = before.triggers[1]
    brother.refresh_from_db()
    assert brother.no_longer_true_since == FIRST_SESSION
    return goal


def the_first_note_is_signed_and_stands(
    house: House, episode: TreatmentEpisode, goal: Goal, before: FirstStay
) -> SessionNote:
    """Written beside the earlier notes, saved, signed. Then it stands against every way in; an addendum mends it."""
    house.it_is(FIRST_SESSION, 11)
    by, rosalind = house.counselor, before.client
    note = notes.start(
        client=rosalind,
        episode=episode,
        by=by,
        session_started_at=at(FIRST_SESSION, 10),
        session_ended_at=at(FIRST_SESSION, 10, 50),
        goals=[goal],
        sections={"subjective": "Ashamed, and glad to be back."},
    )
    written = notes.save_draft(note=note, version=note.version, by=by, plan="Two meetings in a row. Call on Friday.")
    assert (written.sections["subjective"], written.is_draft) == ("Ashamed, and glad to be back.", True)
    with pytest.raises(notes.DraftConflict):
        notes.save_draft(note=note, version=note.version, by=by, plan="From the other window.")
    assert list(SessionNote.objects.visible_to(by).filter(client=rosalind)) == [note, before.note]
    assert list(SessionNote.objects.visible_to(house.former_counselor)) == [before.note], "a draft is its author's"

    house.it_is(FIRST_SESSION, 11, 20)
    with pytest.raises(notes.NotTheAuthor):
        signing.sign(note=written, by=house.supervisor)
    signature = signing.sign(note=written, by=by)
    _refuses_every_change(house, written)
    addendum = signing.add_addendum(note=written, text="The call is on Monday.", reason="Wrong day", by=by)
    written.refresh_from_db()
    assert list(written.addenda.all()) == [addendum]
    assert (addendum.author, addendum.text) == (by, "The call is on Monday.")
    assert written.sections["plan"] == "Two meetings in a row. Call on Friday."
    assert signing.verify(written).hash_now == signature.hash
    return written


def _refuses_every_change(house: House, note: SessionNote) -> None:
    with connection.cursor() as cursor:  # what the commit would check
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(notes.AlreadySigned):
        notes.save_draft(note=note, version=note.version, by=house.counselor, plan="Call on Monday.")
    with pytest.raises(notes.AlreadySigned):
        notes.discard(note=note, by=house.counselor)
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=note.pk).update(sections={"plan": "Call on Monday."})
    for statement in (
        "UPDATE counseling_sessionnote SET attendees = 'Nobody' WHERE id = %s",
        "UPDATE counseling_sessionnote SET signed_at = NULL, signed_by_id = NULL WHERE id = %s",
        "DELETE FROM counseling_sessionnote WHERE id = %s",
    ):
        with as_owner(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [note.pk])
    assert signing.verify(note).unchanged


def a_group_has_been_meeting(house: House) -> tuple[Group, Membership, Membership]:
    """Mondays at six. Ada has come for months; Lee came three weeks ago."""
    by = house.counselor
    start = GROUP_EVENING - 12 * WEEK
    house.it_is(GROUP_EVENING - datetime.timedelta(days=1), 12)
    group = organizing.start(
        facilitators=[by],
        by=house.supervisor,
        name="Monday relapse prevention",
        type="prevention",
        weekday=0,
        starts_at=datetime.time(18),
        minutes=90,
    )
    ada = factories.ClientFactory(clinic=house.clinic, counselor=by, given_name="Ada", family_name="Example")
    lee = factories.ClientFactory(clinic=house.clinic, counselor=by, given_name="Lee", family_name="Example")
    sobriety.state(client=ada, sobriety_date=GROUP_EVENING - datetime.timedelta(days=200), by=by)
    sobriety.state(client=lee, sobriety_date=GROUP_EVENING - datetime.timedelta(days=29), by=by)
    for each in (ada, lee):
        measures.record(client=each, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=by)
    adas = rosters.join(group=group, client=ada, joined_on=start, by=by)
    lees = rosters.join(group=group, client=lee, joined_on=GROUP_EVENING - 3 * WEEK, by=by)
    evenings = [start + week * WEEK for week in range(12)]
    past = [
        PastSession(
            starts_at=at(evening, 18),
            marks={adas.pk: "present", **({lees.pk: "present"} if evening >= lees.joined_on else {})},
        )
        for evening in evenings
    ]
    session_import.import_sessions(group=group, past=past, led_by=[by], by=house.supervisor)
    return group, adas, lees


def she_joins_the_group(house: House, group: Group, rosalind: Client) -> Membership:
    """She is on the roster from Monday, by first name and initial."""
    house.it_is(GROUP_EVENING, 17)
    membership = rosters.join(group=group, client=rosalind, joined_on=GROUP_EVENING, by=house.counselor)
    assert _roster(house, group) == {"Ada E.": "", "Lee E.": "", "Roz S.": ""}
    with pytest.raises(rosters.AlreadyMember):
        rosters.join(group=group, client=rosalind, joined_on=GROUP_EVENING, by=house.counselor)
    return membership


def a_peer_mentor_is_appointed(house: House, group: Group, adas: Membership, lees: Membership) -> None:
    """For each member the reasons why or why not; only the eligible one is appointed, and the roster says so."""
    by = house.counselor
    almost = mentoring.eligibility(adas, GROUP_EVENING)
    assert {each.key for each in almost.unmet} == {Key.AGREEMENT, Key.APPROVAL, Key.ORIENTATION}
    for step in (mentoring.record_agreement, mentoring.approve, mentoring.record_orientation):
        assert not mentoring.eligibility(adas, GROUP_EVENING).eligible
        step(membership=adas, by=by)
    ada = mentoring.eligibility(adas, GROUP_EVENING)
    assert ada.eligible
    why = {each.key: each.sentence for each in ada.reasons}
    assert why.keys() == set(Key)
    assert why[Key.RECOVERY] == "200 recovery days; 90 are needed."
    assert why[Key.SESSIONS] == "12 sessions attended; 8 are needed."

    lee = mentoring.eligibility(lees, GROUP_EVENING)
    why_not = {each.key: each.sentence for each in lee.unmet}
    assert not lee.eligible
    assert why_not.keys() == {Key.AGREEMENT, Key.APPROVAL, Key.ORIENTATION, Key.RECOVERY, Key.SESSIONS}
    assert why_not[Key.RECOVERY] == "29 of 90 recovery days: 61 to go."
    assert why_not[Key.SESSIONS] == "3 of 8 sessions attended."
    with pytest.raises(mentoring.NotEligible, match="29 of 90 recovery days"):
        mentoring.appoint(membership=lees, by=by)

    mentoring.appoint(membership=adas, by=by)
    assert _roster(house, group) == {"Ada E.": "mentor", "Lee E.": "", "Roz S.": ""}


def the_roll_is_taken(house: House, group: Group, adas: Membership, lees: Membership, hers: Membership) -> None:
    """After the session: who was there, and for how long."""
    session = sessions.plan(group=group, starts_at=at(GROUP_EVENING, 18), by=house.counselor)
    house.it_is(GROUP_EVENING, 19, 35)
    assert attendance.roll(session, staff_member=house.counselor) == [adas, lees, hers]
    with pytest.raises(attendance.MinutesMissing):
        attendance.take(session=session, marks={hers.pk: "late"}, by=house.counselor)
    marks = {adas.pk: "present", lees.pk: "excused", hers.pk: ("late", 10)}
    attendance.take(session=session, marks=marks, by=house.counselor)
    taken = {row.membership: (row.mark, row.minutes_credited) for row in session.attendances.all()}
    assert taken == {adas: ("present", 90), lees: ("excused", 0), hers: ("late", 80)}


def _roster(house: House, group: Group) -> dict[str, str]:
    rows = roster(group=group, staff_member=house.counselor, on=GROUP_EVENING)
    return {row.name: str(row.standing) for row in rows}
