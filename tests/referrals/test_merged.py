"""Mutual help of two charts: made one by mistake, worked on, and taken apart; or made one for good."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.test import Client as Browser
from django.urls import reverse

from appointments import booking
from appointments.models import Appointment
from cases import merging, safety
from cases.merging import made_meanwhile as whose_rows
from cases.models import Client, ClientMerge
from privacy import consents
from privacy.models import Consent, Disclosure
from referrals import followups, guide, journals, own_goals, own_reports, private_links, referring
from referrals.models import Conversation, Meeting, MeetingVisit, OwnGoal, PrivateLink, Referral, ServiceReferral
from referrals.other_help import places
from referrals.other_help import referring as other_help
from reminders import delivery, whose
from reminders.models import CrisisReply, Reminder
from staff.models import StaffMember
from tests.places import NEW_YORK

from ..reminders.conftest import reachable

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
TUESDAY = datetime.date(2026, 3, 3)
AFTER = MONDAY + 2 * DAY

Make = Callable[..., Meeting]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.PUBLIC_URL = "https://onward.example"


@pytest.fixture(autouse=True)
def _nobody_hangs_on_another(db: None) -> Iterator[None]:
    """At the end of each story, whatever it was: no row of a client points to a row of another one."""
    yield
    for model, column in merging.relations():
        for path, owner in whose_rows.paths_of(model).items():
            theirs = f"{path}__{whose_rows.of_clients()[owner]}"
            apart = model._base_manager.exclude(**{theirs: None}).exclude(**{theirs: F(column)})
            assert not apart.exists(), f"{model._meta.label}.{path}"


@pytest.fixture
def other(make_client: Any, counselor: StaffMember) -> Client:
    """Another person, taken for the client by mistake."""
    found: Client = make_client(counselor=counselor, given_name="Jamie", family_name="Sample")
    return found


@pytest.fixture
def referral(other: Client, counselor: StaffMember, make_meeting: Make) -> Referral:
    """The other person's, from before."""
    return referring.offer(client=other, meeting=make_meeting(name="Example Tuesday"), by=counselor)


@pytest.fixture
def merged(client_record: Client, other: Client, referral: Referral, supervisor: StaffMember) -> ClientMerge:
    """The referral is read anew: it is the client's as long as that lasts."""
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    referral.refresh_from_db()
    return joined


def whose_are(*rows: Any) -> set[Client]:
    for row in rows:
        row.refresh_from_db()
    return {row.client for row in rows}


def test_a_plan_made_meanwhile_reminds_the_one_whose_it_is(
    merged: ClientMerge, referral: Referral, other: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    reminder = Reminder.objects.get(kind="client_meeting_followup")
    assert reminder.client == merged.keep
    merging.unmerge(merge=merged, by=supervisor)
    assert whose_are(referral, reminder) == {other}
    assert followups.gone([reminder]) == {}
    merged.refresh_from_db()
    assert merged.moved["went_with_others"] == {"reminders.Reminder.client": [reminder.pk]}


def test_no_message_about_a_plan_goes_to_anyone_else(
    client_record: Client, referral: Referral, counselor: StaffMember, clock: Any
) -> None:
    """Whatever became of the rows: asked once more before it leaves."""
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    reachable(client_record, counselor)
    reminder = Reminder.objects.get(kind="client_meeting_followup")
    Reminder.objects.filter(pk=reminder.pk).update(client=client_record, channel="email")
    clock.move_to(reminder.due_at)
    claims = dict(delivery.claim_due(reminder.due_at, 10))
    assert delivery.deliver(reminder.pk, claims[reminder.pk], reminder.due_at) == "cancelled"
    reminder.refresh_from_db()
    assert reminder.reason == whose.OF_ANOTHER


def test_a_visit_told_of_meanwhile_goes_with_its_referral(
    merged: ClientMerge, referral: Referral, other: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    visit = referring.record_visit(referral=referral, visited_on=MONDAY.date(), attended=True, by=counselor)
    merging.unmerge(merge=merged, by=supervisor)
    assert whose_are(visit) == {other}
    again = merging.merge(keep=merged.keep, absorb=other, by=supervisor)
    merging.unmerge(merge=again, by=supervisor)
    assert whose_are(visit) == {other}


def test_what_one_record_was_told_stays_with_it(
    merged: ClientMerge, client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_meeting: Make
) -> None:
    own = referring.offer(client=client_record, meeting=make_meeting(), by=counselor)
    visit = referring.record_visit(referral=own, visited_on=MONDAY.date(), attended=True, by=counselor)
    referring.plan(referral=own, on=TUESDAY, by=counselor)
    goal = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    merging.unmerge(merge=merged, by=supervisor)
    assert whose_are(own, visit, goal, Reminder.objects.get(kind="client_meeting_followup")) == {client_record}


def test_a_danger_told_by_private_link_is_the_one_who_was_asked(
    merged: ClientMerge,
    referral: Referral,
    client_record: Client,
    other: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    clock: Any,
) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    clock.move_to(AFTER)
    token = private_links.token_of(PrivateLink.objects.get())
    own_reports.answer(token=token, attended=False, line="I want to kill myself")
    assert CrisisReply.objects.get().client == client_record
    merging.unmerge(merge=merged, by=supervisor)
    assert whose_are(CrisisReply.objects.get(), MeetingVisit.objects.get()) == {other}
    assert safety.open_concerns(client=client_record, on=AFTER.date()) == []
    assert len(safety.open_concerns(client=other, on=AFTER.date())) == 1


HOUSING = {"description": "Name, phone number, and need for housing", "purpose": "Help with housing"}
COMPANY = {
    "description": "First name, and that they would like company to a meeting.",
    "purpose": "Linking with a volunteer",
}


def sign(client: Client, by: StaffMember, type: str, recipients: str, **elements: str) -> Consent:
    return consents.record(
        client=client,
        type=type,
        by=by,
        discloser="Example Clinic",
        recipients=recipients,
        **elements,
        right_to_revoke_stated=True,
        expires_on=MONDAY.date() + 90 * DAY,
        signed_on=MONDAY.date(),
        signed_by_name=client.full_name,
    )


@pytest.mark.parametrize("signed", ["before", "meanwhile"])
def test_whom_a_call_named_is_accounted_to_the_one_who_consented(
    client_record: Client, other: Client, counselor: StaffMember, supervisor: StaffMember, signed: str
) -> None:
    """Its consent says whose name was told; without one from before, the referral does for which the call was made."""
    kind: Any = Consent.Type.DISCLOSURE
    harbor = places.add(
        name="Harbor House",
        kinds=["housing"],
        phone="5185550130",
        address="12 Quay Street, Albany",
        contact_person="Dana Example",
        by=counselor,
    )
    need = other_help.refer(client=other, kind="housing", place=harbor, how="client", by=counselor)
    if signed == "before":
        sign(other, counselor, kind, "Harbor House", **HOUSING)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    if signed == "meanwhile":
        sign(client_record, counselor, kind, "Harbor House", **HOUSING)
    other_help.call(
        referral=ServiceReferral.objects.get(pk=need.pk),
        spoke_with="Dana",
        name_client=True,
        what="Name, phone number, and that they ask for housing",
        why="Referral for housing",
        by=counselor,
    )
    told = Disclosure.objects.get()
    assert told.client == client_record
    merging.unmerge(merge=joined, by=supervisor)
    assert told.consent is not None
    assert whose_are(told, told.consent, need) == {other}


@pytest.mark.parametrize("signed", ["before", "meanwhile"])
def test_of_whom_a_volunteer_was_told_meanwhile_is_accounted_to_them(
    other: Client,
    referral: Referral,
    client_record: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    signed: str,
) -> None:
    kind: Any = Consent.Type.MUTUAL_HELP_VOLUNTEER
    if signed == "before":
        sign(other, counselor, kind, "Sam", **COMPANY)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    if signed == "meanwhile":
        sign(client_record, counselor, kind, "Sam", **COMPANY)
    referring.link(referral=Referral.objects.get(pk=referral.pk), volunteer="Sam", client_was_named=True, by=counselor)
    merging.unmerge(merge=joined, by=supervisor)
    told = Disclosure.objects.get()
    assert whose_are(told, told.consent) == {other}


def test_a_choice_made_meanwhile_goes_with_the_conversation(
    client_record: Client,
    other: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    make_meeting: Make,
    signed_in: Callable[..., Browser],
) -> None:
    talk = guide.remember_tried(client=other, tried="never", by=counselor)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    chosen = guide.choose(client=client_record, meeting=make_meeting(name="Of the talk"), by=counselor)
    assert chosen.conversation == talk
    merging.unmerge(merge=joined, by=supervisor)
    assert whose_are(chosen, talk) == {other}
    page = signed_in(counselor).get(reverse("referrals:guide_stage", args=[other.pk, "day"])).content.decode()
    assert "Of the talk" in page


def test_what_was_offered_before_stays_and_is_no_choice_of_the_other_one(
    client_record: Client,
    other: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    make_meeting: Make,
    signed_in: Callable[..., Browser],
) -> None:
    meeting = make_meeting(name="Their own")
    own = referring.offer(client=client_record, meeting=meeting, by=counselor)
    talk = guide.remember_tried(client=other, tried="never", by=counselor)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    assert guide.choose(client=client_record, meeting=meeting, by=counselor) == own
    merging.unmerge(merge=joined, by=supervisor)
    own.refresh_from_db()
    assert (own.client, own.conversation, own.choice) == (client_record, None, None)
    page = signed_in(counselor).get(reverse("referrals:guide_stage", args=[other.pk, "day"])).content.decode()
    assert "Their own" not in page
    assert guide.choose(client=other, meeting=meeting, by=counselor).conversation == talk
    assert not Referral.objects.exclude(conversation=None).exclude(conversation__client=F("client")).exists()


def test_an_appointment_moved_meanwhile_stays_theirs(
    client_record: Client, other: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    """The new one hangs on nothing; the one before says what took its place."""
    first = booking.book(
        client=other, staff_member=counselor, starts_at=MONDAY + DAY, by=counselor, outside_hours_reason="So agreed."
    )
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    moved = booking.move(
        appointment=Appointment.objects.get(pk=first.pk),
        starts_at=MONDAY + 3 * DAY,
        by=counselor,
        outside_hours_reason="So agreed.",
    )
    reminders = list(Reminder.objects.filter(context__appointment_id=moved.pk, staff_member=None))
    assert reminders
    merging.unmerge(merge=joined, by=supervisor)
    assert whose_are(first, moved, *reminders) == {other}


# --- One person in two charts


def test_one_conversation_goes_on_with_what_was_said_in_both(
    client_record: Client, other: Client, counselor: StaffMember, supervisor: StaffMember, clock: Any
) -> None:
    older = guide.remember_tried(client=other, tried="before", words="Two years in AA.", by=counselor)
    guide.remember_concerns(client=other, concerns=["religion"], words="No church.", by=counselor)
    clock.shift(DAY)
    newest = guide.remember_concerns(client=client_record, concerns=["anonymity"], by=counselor)
    before = list(Conversation.objects.order_by("pk").values())
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    talk = Conversation.objects.open().get()
    assert (talk, talk.tried, talk.tried_words) == (newest, "before", "Two years in AA.")
    assert (talk.concerns, talk.concerns_words) == (["anonymity", "religion"], "No church.")
    older.refresh_from_db()
    assert (older.finished_by, older.tried_words) == (supervisor, "Two years in AA.")
    merging.unmerge(merge=joined, by=supervisor)
    assert list(Conversation.objects.order_by("pk").values()) == before


def test_a_conversation_finished_meanwhile_stays_finished(
    client_record: Client, other: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    for each in (client_record, other):
        guide.remember_tried(client=each, tried="never", by=counselor)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    guide.finish(conversation=Conversation.objects.open().get(), by=counselor)
    assert not Conversation.objects.open().exists()
    merging.unmerge(merge=joined, by=supervisor)
    assert Conversation.objects.open().count() == 1


def test_of_two_equal_goals_one_goes_on(
    client_record: Client, other: Client, counselor: StaffMember, supervisor: StaffMember, clock: Any
) -> None:
    first = own_goals.set_goal(client=other, meetings=90, days=90, by=counselor)
    clock.shift(3 * DAY)
    later = own_goals.set_goal(client=client_record, meetings=90, days=90, by=counselor)
    weekly = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    before = list(OwnGoal.objects.order_by("pk").values())
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    assert set(OwnGoal.objects.current()) == {first, weekly}
    later.refresh_from_db()
    assert later.put_away_on == client_record.today
    shown = own_goals.pictures(client=client_record, staff_member=counselor, visited=[])
    assert len(shown) == 3
    merging.unmerge(merge=joined, by=supervisor)
    assert list(OwnGoal.objects.order_by("pk").values()) == before


def test_whose_report_stands_beside_a_visit_once_they_are_two_again(
    client_record: Client,
    other: Client,
    referral: Referral,
    counselor: StaffMember,
    supervisor: StaffMember,
    clock: Any,
) -> None:
    """Both go to one meeting: one visit of a person in two charts, and nobody's words in another one's journal."""
    own = referring.offer(client=client_record, meeting=referral.meeting, by=counselor)
    for each in (own, referral):
        referring.plan(referral=each, on=TUESDAY, by=counselor)
    visit = referring.record_visit(
        referral=own, visited_on=MONDAY.date(), attended=True, note="Came early.", another_day=True, by=counselor
    )
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    theirs = Referral.objects.get(pk=referral.pk)
    again = {"referral": theirs, "visited_on": MONDAY.date(), "attended": False, "by": counselor}
    referring.record_visit(**again, another_day=True, replace=True)
    link = PrivateLink.objects.get(follow_through__referral=theirs)
    assert link.revoked_at is None
    clock.move_to(AFTER)
    MeetingVisit.objects.filter(pk=visit.pk).update(visited_on=TUESDAY)
    own_reports.answer(token=private_links.token_of(link), attended=True, line="It was good.")
    visit.refresh_from_db()
    assert visit.own_report is not None
    merging.unmerge(merge=joined, by=supervisor)
    visit.refresh_from_db()
    assert (visit.client, visit.referral, visit.own_report) == (client_record, own, None)
    theirs.refresh_from_db()
    journal, _ = journals.read(referral=theirs, by=counselor)
    assert theirs.client == other
    assert [step.told for step in journal if step.step == "missed"] == [None]
    assert Referral.objects.with_state().get(pk=theirs.pk).went_last is None
