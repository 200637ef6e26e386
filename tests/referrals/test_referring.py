"""Staying with a client on the way into a group: offered, planned, linked, asked how it was, or not at all."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from cases.models import Client
from privacy import consents
from privacy.models import Consent, Disclosure
from referrals import followups, involvement, referring, today, volunteers
from referrals.models import FollowThrough, Involvement, Meeting, MeetingVisit, Referral
from reminders.models import Reminder
from staff import sent_twice
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.ownership import as_owner
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def referral(client_record: Client, counselor: StaffMember, make_meeting: Make) -> Referral:
    return referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)


def state(referral: Referral) -> str:
    return referring.state_of(referral)


def test_the_way_in(referral: Referral, counselor: StaffMember) -> None:
    assert state(referral) == "offered"
    plan = referring.plan(referral=referral, on=TUESDAY, by=counselor)
    assert plan.planned_for == datetime.datetime(2026, 3, 3, 19, 0, tzinfo=NEW_YORK)
    assert state(referral) == "planned"
    referring.link(referral=referral, volunteer="Sam B.", by=counselor)
    assert state(referral) == "linked"
    with time_machine.travel(MONDAY + datetime.timedelta(days=3)):
        referring.record_visit(referral=referral, visited_on=TUESDAY, attended=True, by=counselor)
        assert state(referral) == "attended"
        referring.engage(referral=referral, by=counselor)
        assert state(referral) == "engaged"
        referring.record_visit(referral=referral, visited_on=MONDAY.date(), attended=True, by=counselor)
        assert state(referral) == "engaged"
        referring.end(referral=referral, by=counselor)
    assert state(referral) == "ended"
    steps = list(FollowThrough.objects.filter(referral=referral).values_list("step", flat=True))
    assert steps == ["offered", "planned", "linked", "attended", "engaged", "engaged", "ended"]
    assert AuditEntry.objects.filter(act__startswith="referrals.", client_id=referral.client_id).count() == 7


def test_a_plan_schedules_its_follow_up_and_a_new_plan_replaces_it(referral: Referral, counselor: StaffMember) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    first = Reminder.objects.filter(dedupe_key__in=followups.keys(referral))
    assert {(each.kind, each.state) for each in first} == {
        ("client_meeting_followup", "pending"),
        ("staff_followup_call", "pending"),
    }
    assert {each.due_at for each in first} == {datetime.datetime(2026, 3, 4, 10, 0, tzinfo=NEW_YORK)}
    referring.plan(referral=referral, on=TUESDAY + datetime.timedelta(days=7), by=counselor)
    assert sorted(Reminder.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "pending", "pending"]


def test_no_plan_no_reminder(referral: Referral, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(followups.outbox, "schedule", broken)
    with pytest.raises(RuntimeError):
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    assert state(referral) == "offered"


@pytest.mark.parametrize("act", ["visit", "decline", "end", "engage"])
def test_what_was_talked_about_is_not_asked_again(referral: Referral, counselor: StaffMember, act: str) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    waiting = Reminder.objects.get(kind="client_meeting_followup")
    assert followups.gone([waiting]) == {}
    if act == "visit":
        with time_machine.travel(MONDAY + datetime.timedelta(days=2)):
            referring.record_visit(referral=referral, visited_on=TUESDAY, attended=False, by=counselor)
    else:
        getattr(referring, act)(referral=referral, by=counselor)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert followups.gone([waiting])


def test_the_message_says_nothing_about_it(referral: Referral, counselor: StaffMember) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    context = Reminder.objects.get(kind="client_meeting_followup").context
    assert set(context) == {"referral_id", "follow_through_id", "number"}


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (datetime.date(2026, 3, 4), "March 4 is a Wednesday; this meeting is on Tuesdays"),
        (datetime.date(2026, 2, 24), "has passed"),
    ],
)
def test_a_plan_on_a_day_without_the_meeting(
    referral: Referral, counselor: StaffMember, on: datetime.date, sentence: str
) -> None:
    with pytest.raises(referring.WrongDay, match=sentence):
        referring.plan(referral=referral, on=on, by=counselor)


def test_a_fellowship_without_a_meeting_needs_a_time(client_record: Client, counselor: StaffMember) -> None:
    referral = referring.offer(client=client_record, fellowship="smart", by=counselor)
    with pytest.raises(referring.WrongDay, match="Enter a time"):
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    plan = referring.plan(referral=referral, on=TUESDAY, time=datetime.time(18, 30), by=counselor)
    assert plan.planned_for == datetime.datetime(2026, 3, 3, 18, 30, tzinfo=NEW_YORK)


def test_a_visit_is_not_in_the_future(referral: Referral, counselor: StaffMember) -> None:
    with pytest.raises(referring.WrongDay):
        referring.record_visit(referral=referral, visited_on=TUESDAY, attended=True, by=counselor)
    assert not MeetingVisit.objects.exists()


def test_a_missed_visit_leaves_the_referral_where_it_stands(referral: Referral, counselor: StaffMember) -> None:
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    with time_machine.travel(MONDAY + datetime.timedelta(days=2)):
        referring.record_visit(referral=referral, visited_on=TUESDAY, attended=False, by=counselor, note="No bus")
    assert state(referral) == "planned"


def test_declining_costs_nothing(referral: Referral, counselor: StaffMember) -> None:
    referring.decline(referral=referral, by=counselor)
    assert state(referral) == "declined"
    with pytest.raises(referring.ReferralClosed):
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    again = referring.offer(client=referral.client, meeting=referral.meeting, by=counselor)
    assert state(again) == "offered"


def test_the_same_meeting_is_not_offered_twice_at_once(referral: Referral, counselor: StaffMember) -> None:
    with pytest.raises(referring.AlreadyOffered):
        referring.offer(client=referral.client, meeting=referral.meeting, by=counselor)


@pytest.mark.parametrize("fields", [{"retired_at": MONDAY}, {"attendance": "inactive"}])
def test_a_meeting_that_is_not_held_is_not_offered(
    client_record: Client, counselor: StaffMember, make_meeting: Make, fields: dict[str, Any]
) -> None:
    with pytest.raises(referring.MeetingNotHeld):
        referring.offer(client=client_record, meeting=make_meeting(**fields), by=counselor)


@pytest.mark.parametrize(
    "name",
    [
        "Sam Sample",
        "sam@example.org",
        "+1 518 555 0100",
        "",
        "Sam B. C.",
        "Sam Bo",
        "Mary Jo Sample",
        "J.R. Sample",
        "-",
        "'",
        "D'",
        "Sam-",
        "S4m",
        "Sam, Lee",
        "Bo Li",
    ],
)
def test_a_volunteer_is_a_first_name_or_an_initial(referral: Referral, counselor: StaffMember, name: str) -> None:
    with pytest.raises(volunteers.TooMuchNamed):
        referring.link(referral=referral, volunteer=name, by=counselor)


@pytest.mark.parametrize(
    "name",
    [
        "Sam",
        "S",
        "S.",
        "Sam B.",
        "Sam B",
        "Mary Jo",
        "mary jo",
        "Mary Jo B.",
        "J.R.",
        "J. R.",
        "J.R. B.",
        "Mary J.",
        "D'Shawn",
        "D’Shawn T.",
        "Jean-Luc",
        "Zoë",
        "Zoe\u0308",
        "José Luis",
        "Ana María",
    ],
)
def test_a_volunteers_name_as_people_write_it(referral: Referral, counselor: StaffMember, name: str) -> None:
    row = referring.link(referral=referral, volunteer=f" {name} ", by=counselor)
    assert row.volunteer == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", ["Mary Elizabeth", "Billy Ray B.", "Sam Bo", "J.R. Lee", "Anna-Marie Rose"])
def test_about_a_second_name_who_records_it_is_asked(referral: Referral, counselor: StaffMember, name: str) -> None:
    word = name.split()[1]
    with pytest.raises(volunteers.MaybeLastName, match=f"Is “{word}” a last name"):
        referring.link(referral=referral, volunteer=name, by=counselor)
    assert referring.link(referral=referral, volunteer=name, is_first_name=True, by=counselor).volunteer == name


@pytest.mark.parametrize(
    "name", ["Sam B. C.", "Mary Jo Sample", "S4m", "sam@example.org", "Mary Ann Rose B.", "Sam, Lee"]
)
def test_nobody_can_vouch_for_more(referral: Referral, counselor: StaffMember, name: str) -> None:
    with pytest.raises(volunteers.TooMuchNamed) as refused:
        referring.link(referral=referral, volunteer=name, is_first_name=True, by=counselor)
    assert not isinstance(refused.value, volunteers.MaybeLastName)


def sign(client: Client, by: StaffMember, recipients: str, **others: Any) -> Consent:
    return consents.record(
        client=client,
        type=Consent.Type.MUTUAL_HELP_VOLUNTEER,
        by=by,
        discloser="Example Clinic",
        recipients=recipients,
        description="First name, and that they would like company to a meeting.",
        purpose="Linking with a volunteer",
        right_to_revoke_stated=True,
        expires_on=MONDAY.date() + datetime.timedelta(days=90),
        **{"signed_on": MONDAY.date(), "signed_by_name": "Robin Sample", **others},
    )


def test_a_volunteer_is_told_a_name_only_with_written_consent(referral: Referral, counselor: StaffMember) -> None:
    with pytest.raises(volunteers.NoConsentToName):
        referring.link(referral=referral, volunteer="Sam", client_was_named=True, by=counselor)
    assert state(referral) == "offered"
    consent = sign(referral.client, counselor, "Sam")
    with pytest.raises(volunteers.NoConsentToName):
        referring.link(referral=referral, volunteer="Kim", client_was_named=True, by=counselor)
    referring.link(referral=referral, volunteer="Sam", client_was_named=True, by=counselor)
    disclosure = Disclosure.objects.get()
    assert (disclosure.consent, disclosure.recipient) == (consent, "Sam")
    consents.revoke(consent=consent, by=counselor)
    with pytest.raises(volunteers.NoConsentToName):
        referring.link(referral=referral, volunteer="Sam", client_was_named=True, by=counselor)


def test_one_call_recorded_twice_is_one_disclosure(referral: Referral, counselor: StaffMember) -> None:
    """From two tabs, or sent again after signing in; with other words, or later, it is another call."""
    sign(referral.client, counselor, "Sam")
    said = {"referral": referral, "volunteer": "Sam", "client_was_named": True, "note": "With Sam on speaker"}
    first = referring.link(by=counselor, **said)
    assert referring.link(by=counselor, **said) == first
    assert Disclosure.objects.count() == FollowThrough.objects.filter(step="linked").count() == 1
    referring.link(by=counselor, **{**said, "note": "Sam called back"})
    with time_machine.travel(MONDAY + sent_twice.WITHIN * 2, tick=False):
        referring.link(by=counselor, **{**said, "note": "Sam called back"})
    assert Disclosure.objects.count() == 3


def test_a_volunteer_is_told_under_the_clients_own_signature(referral: Referral, counselor: StaffMember) -> None:
    """Also where what a parent signed before the client was 18 was put on file later."""
    person = referral.client
    person.birth_date = MONDAY.date().replace(year=MONDAY.year - 18)
    person.save(update_fields=["birth_date"])
    own = sign(person, counselor, "Sam")
    then = MONDAY.date() - datetime.timedelta(days=30)
    sign(person, counselor, "Sam", signed_on=then, signed_as="Mother", signed_by_name="Maria Example")
    referring.link(referral=referral, volunteer="Sam", client_was_named=True, by=counselor)
    assert Disclosure.objects.get().consent == own


def test_a_consent_may_name_the_fellowship(referral: Referral, counselor: StaffMember) -> None:
    sign(referral.client, counselor, "Alcoholics Anonymous")
    referring.link(referral=referral, volunteer="Kim", client_was_named=True, by=counselor)
    assert Disclosure.objects.get().recipient == "Alcoholics Anonymous"


def test_the_journal_cannot_be_rewritten(referral: Referral) -> None:
    for sql in (
        lambda: FollowThrough.objects.update(note="changed"),
        lambda: FollowThrough.objects.all().delete(),
    ):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql()


def test_what_the_database_refuses(referral: Referral, counselor: StaffMember) -> None:
    row = {"referral": referral, "by": counselor, "at": MONDAY}
    for wrong in (
        {"step": "planned"},
        {"step": "attended", "volunteer": "Sam"},
        {"step": "attended", "client_was_named": True},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            FollowThrough.objects.create(**row, **wrong)
    FollowThrough.objects.create(**row, step="declined")
    with pytest.raises(DatabaseError), transaction.atomic():
        FollowThrough.objects.create(**row, step="ended")


def test_involvement(client_record: Client, counselor: StaffMember) -> None:
    involvement.record(client=client_record, by=counselor, sponsor=True, home_group=False, meetings_past_30_days=6)
    row = Involvement.objects.get()
    assert (row.sponsor, row.home_group, row.service, row.on) == (True, False, None, MONDAY.date())
    with pytest.raises(Refusal):
        involvement.record(client=client_record, by=counselor, on=TUESDAY)
    with pytest.raises(ValueError, match="No such question"):
        involvement.record(client=client_record, by=counselor, loves_it=True)


def test_who_may_not(
    referral: Referral,
    intake: StaffMember,
    medical: StaffMember,
    make_staff: Callable[..., StaffMember],
    other_clinic: Clinic,
) -> None:
    for other in (
        intake,
        medical,
        make_staff("counselor"),
        factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"),
    ):
        with pytest.raises(NotPermitted):
            referring.plan(referral=referral, on=TUESDAY, by=other)
        with pytest.raises(NotPermitted):
            referring.decline(referral=referral, by=other)
    assert state(referral) == "offered"


def test_who_sees_referrals(
    referral: Referral,
    counselor: StaffMember,
    supervisor: StaffMember,
    intake: StaffMember,
    administrator: StaffMember,
    make_staff: Callable[..., StaffMember],
    other_clinic: Clinic,
) -> None:
    assert list(Referral.objects.visible_to(counselor)) == [referral]
    assert list(Referral.objects.visible_to(supervisor)) == [referral]
    strangers = [make_staff("counselor"), factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")]
    for nobody in (intake, administrator, *strangers):
        assert not Referral.objects.visible_to(nobody).exists()
        assert not FollowThrough.objects.visible_to(nobody).exists()


def test_today_asks_how_it_was_until_somebody_has(
    referral: Referral, counselor: StaffMember, supervisor: StaffMember
) -> None:
    def asked(days: int) -> list[str]:
        now = MONDAY + datetime.timedelta(days=days)
        return [need.title for need in today.needs(staff_member=counselor, now=now)]

    assert asked(0) == []
    assert asked(15) == ["Set a date or close the referral"]
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    assert asked(1) == []
    assert asked(3) == ["Ask how the meeting went"]
    with time_machine.travel(MONDAY + datetime.timedelta(days=2)):
        referring.record_visit(referral=referral, visited_on=TUESDAY, attended=False, by=counselor)
    assert asked(3) == ["Discuss what got in the way and reconnect"]
    with time_machine.travel(MONDAY + datetime.timedelta(days=2)):
        referring.plan(referral=referral, on=TUESDAY + datetime.timedelta(days=7), by=counselor)
    assert asked(3) == []
    with time_machine.travel(MONDAY + datetime.timedelta(days=10)):
        referring.record_visit(
            referral=referral, visited_on=TUESDAY + datetime.timedelta(days=7), attended=True, by=counselor
        )
    assert asked(24) == []
    assert asked(25) == ["Ask whether they still go"]
    assert today.needs(staff_member=supervisor, now=MONDAY + datetime.timedelta(days=3)) == []  # not their care team


@pytest.mark.parametrize("more", [0, 1, 3])
def test_today_says_how_many_more_there_are(referral: Referral, counselor: StaffMember, more: int) -> None:
    """Thirty are named; what is cut off is not silently gone."""
    offered = Referral.objects.bulk_create(
        Referral(client=referral.client, fellowship="na", offered_at=MONDAY, offered_by=counselor)
        for _ in range(29 + more)
    )
    FollowThrough.objects.bulk_create(
        FollowThrough(referral=each, step="offered", at=MONDAY, by=counselor) for each in offered
    )
    found = today.needs(staff_member=counselor, now=MONDAY + datetime.timedelta(days=15))
    assert [need.title for need in found[:30]] == ["Set a date or close the referral"] * 30
    words = {1: "And 1 more referral to mutual help", 3: "And 3 more referrals to mutual help"}
    assert [need.title for need in found[30:]] == ([words[more]] if more else [])
    assert [need.url for need in found[30:]] == [reverse("referrals:referrals")] * bool(more)
