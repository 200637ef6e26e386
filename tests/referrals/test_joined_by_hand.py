"""Listings of several lists that a person joins or takes apart: what they said stands, whatever the lists do."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals import matching, own_meetings, referring, sources
from referrals.models import FollowThrough, Meeting, MeetingFeed, SameMeeting
from staff.models import Clinic, StaffMember

from .test_own_meetings import AT, HOUSE, LATER, PLACED, Make, shown, shown_keys


def test_joined_and_taken_apart_by_hand(
    clinic: Clinic, counselor: StaffMember, twice: tuple[Meeting, Meeting], make_meeting: Make
) -> None:
    one, other = twice
    matching.match_for(clinics=[clinic.pk], at=AT)
    [same] = sources.listings_of(one, by=counselor)
    with pytest.raises(sources.ReasonNeeded):
        sources.undo(same=same, because=" ", by=counselor)
    sources.undo(same=same, because="Two rooms of one church", by=counselor)
    with pytest.raises(sources.NotJoined):
        sources.undo(same=same, because="Two rooms of one church", by=counselor)
    matching.match_for(clinics=[clinic.pk], at=LATER)
    assert shown(counselor) == ["Serenity", "Serenity"]
    sources.join(one=one, other=other, by=counselor)
    matching.match_for(clinics=[clinic.pk], at=LATER)
    assert shown(counselor) == ["Serenity"]
    with pytest.raises(sources.AlreadyOne):
        sources.join(one=other, other=one, by=counselor)
    with pytest.raises(sources.AnotherFellowship):
        sources.join(one=one, other=make_meeting(fellowship="na"), by=counselor)


def test_who_joins_two_that_lead_joins_all_behind_them(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make
) -> None:
    rows = {}
    for number, name in enumerate(("Serenity", "Early Birds")):
        for place in range(2):
            feed = MeetingFeed.objects.create(
                clinic=clinic, name=f"{name} {place}", fellowship="aa", priority=5 + number
            )
            rows[name, place] = make_meeting(feed=feed, name=name)
    matching.match_for(clinics=[clinic.pk], at=AT)
    assert shown(counselor) == ["Early Birds", "Serenity"]
    sources.join(one=rows["Serenity", 1], other=rows["Early Birds", 1], by=counselor)
    assert shown(counselor) == ["Early Birds"]
    matching.match_for(clinics=[clinic.pk], at=LATER)
    assert shown(counselor) == ["Early Birds"]
    assert SameMeeting.objects.standing().filter(lead=rows["Early Birds", 0]).count() == 3


def test_a_plan_stands_as_long_as_one_list_has_the_meeting(
    clinic: Clinic,
    client_record: Any,
    counselor: StaffMember,
    twice: tuple[Meeting, Meeting],
    signed_in: Callable[[StaffMember], Any],
) -> None:
    first, second = twice
    matching.match_for(clinics=[clinic.pk], at=AT)
    referral = referring.offer(client=client_record, meeting=first, by=counselor)
    ahead = timezone.localtime(timezone=first.zone) + datetime.timedelta(days=7)
    day = ahead.date() + datetime.timedelta(days=(first.weekday - ahead.isoweekday()) % 7)  # type: ignore[operator]
    referring.plan(referral=referral, on=day, by=counselor)

    def displaced() -> str:
        matching.match_for(clinics=[clinic.pk], at=LATER)
        return FollowThrough.objects.promises().latest("pk").displaced

    assert displaced() == ""
    Meeting.objects.filter(pk=first.pk).update(retired_at=LATER)
    assert displaced() == ""
    first.refresh_from_db()
    referral.meeting = first
    referring.plan(referral=referral, on=day, by=counselor)  # it is held: the other list has it
    page = signed_in(counselor).get(reverse("referrals:referral", args=[client_record.pk, referral.pk]))
    assert "Shown today from Second list" in page.content.decode()
    assert "No longer listed" not in page.content.decode()
    Meeting.objects.filter(pk=second.pk).update(weekday=4)
    assert displaced() == "moved"
    Meeting.objects.filter(pk=second.pk).update(retired_at=LATER)
    assert displaced() == "retired"
    with pytest.raises(referring.MeetingNotHeld):
        referring.plan(referral=referral, on=day, by=counselor)


def test_the_priority_is_set_on_the_feeds_form(
    counselor: StaffMember, twice: tuple[Meeting, Meeting], signed_in: Callable[[StaffMember], Any]
) -> None:
    matching.match(feed=twice[0].feed, at=AT)
    feed = twice[1].feed
    sent = {"name": feed.name, "fellowship": "aa", "format": "meeting-guide", "often": 1, "is_active": "on"}
    signed_in(counselor).post(reverse("referrals:feed_edit", args=[feed.pk]), {**sent, "priority": 8})
    assert SameMeeting.objects.standing().get().lead == twice[1]


def test_what_a_person_joined_stays_joined_as_the_lead_goes_off_the_list(
    clinic: Clinic, client_record: Any, counselor: StaffMember, make_meeting: Make
) -> None:
    """Of the clinic's own meeting, with two lists' rows behind it; a referral to it leads to what is listed."""
    own = own_meetings.add(by=counselor, **HOUSE)
    lists = [
        MeetingFeed.objects.create(clinic=clinic, name=f"List {priority}", fellowship="aa", priority=priority)
        for priority in (5, 7)
    ]
    behind = [make_meeting(name=f"Group {each.priority}", feed=each) for each in lists]
    referral = referring.offer(client=client_record, meeting=own, by=counselor)
    for each in behind:
        sources.join(one=own, other=each, by=counselor)
    assert shown_keys(counselor) == {own.pk}
    own_meetings.set_listed(meeting=own, listed=False, by=counselor)
    assert shown_keys(counselor) == {behind[1].pk}  # the list that comes first
    assert sources.top(referral.meeting, counselor) == behind[1]
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    assert shown_keys(counselor) == {behind[1].pk}
    own_meetings.set_listed(meeting=own, listed=True, by=counselor)
    assert shown_keys(counselor) == {own.pk}
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    assert shown_keys(counselor) == {own.pk}


def test_what_a_person_joined_stays_joined_as_an_import_retires_the_lead(
    clinic: Clinic, client_record: Any, counselor: StaffMember, make_meeting: Make, make_staff: Any
) -> None:
    """Two days, so the rule would never join them; a person knows that the group has moved."""
    lists = [
        MeetingFeed.objects.create(clinic=clinic, name=f"List {priority}", fellowship="aa", priority=priority)
        for priority in (9, 5, 7)
    ]
    lead, low, high = [make_meeting(name=f"Group {n}", weekday=n, feed=each) for n, each in enumerate(lists)]
    other = MeetingFeed.objects.create(clinic=clinic, name="List 4", fellowship="aa", priority=4)
    rule = make_meeting(name="Group 0", weekday=0, feed=other)
    gone = make_meeting(name="Group 0", weekday=0, feed=lists[1])
    matching.match_for(clinics=[clinic.pk], at=AT)
    assert {sources.top(each, counselor) for each in (rule, gone)} == {lead}
    Meeting.objects.filter(pk=gone.pk).update(retired_at=LATER)
    referral = referring.offer(client=client_record, meeting=lead, by=counselor)
    for each in (low, high):
        sources.join(one=lead, other=each, by=counselor)
    assert shown_keys(counselor) == {lead.pk}
    Meeting.objects.filter(pk=lead.pk).update(retired_at=LATER)
    for _ in range(2):
        matching.match_for(clinics=[clinic.pk], at=LATER)
        assert shown_keys(counselor) == {high.pk, rule.pk}  # the rule joins nothing of two days
        assert {sources.top(each, counselor) for each in (referral.meeting, low, gone)} == {high}
    assert {row.by for row in SameMeeting.objects.standing()} == {counselor, None}
    assert not SameMeeting.objects.filter(undone_by__isnull=False).exists()
    Meeting.objects.filter(pk=lead.pk).update(retired_at=None)
    matching.match_for(clinics=[clinic.pk], at=LATER)
    assert shown_keys(counselor) == {high.pk, rule.pk}
    another = make_staff(clinic=clinic)
    own_meetings.add(by=another, corrects=high, **{**own_meetings.facts_of(high), **PLACED})
    Meeting.objects.filter(pk=high.pk).update(retired_at=LATER)
    matching.match_for(clinics=[clinic.pk], at=LATER)
    assert len(shown_keys(counselor)) == 2  # the correction, whatever its listing does
