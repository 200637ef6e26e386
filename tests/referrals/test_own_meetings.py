"""A clinic's own meetings, and its corrections of listed ones."""

from __future__ import annotations

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from referrals import feeds, finder, matching, overtaken, own_meetings, sources, tasks
from referrals.models import Meeting, MeetingFeed, OwnMeetingChange, SameMeeting
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted
from tests.ownership import as_owner

Make = Callable[..., Meeting]
AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
LATER = AT + datetime.timedelta(days=1)
HOUSE: dict[str, Any] = {
    "name": "House meeting",
    "fellowship": "aa",
    "weekday": 0,
    "start": datetime.time(19, 0),
    "attendance": "in_person",
    "street": "1 Example St",
    "city": "Albany",
    "state": "NY",
    "postal_code": "12207",
}


def shown(to: StaffMember) -> list[str]:
    among = Meeting.objects.visible_to(to).leads_for(to)
    return sorted(each.name for each in finder.find(now=timezone.now(), among=among))


def test_a_house_meeting_is_added_found_changed_and_taken_off(counselor: StaffMember) -> None:
    meeting = own_meetings.add(by=counselor, **HOUSE)
    assert meeting.latitude is not None
    assert (meeting.located_by, meeting.time_zone) == ("zip", "America/New_York")
    assert shown(counselor) == ["House meeting"]
    own_meetings.change(meeting=meeting, by=counselor, **{**HOUSE, "venue": "Second floor"})
    own_meetings.change(meeting=meeting, by=counselor, **{**HOUSE, "venue": "Second floor"})
    own_meetings.set_listed(meeting=meeting, listed=False, by=counselor)
    own_meetings.set_listed(meeting=meeting, listed=False, by=counselor)
    assert shown(counselor) == []
    own_meetings.set_listed(meeting=meeting, listed=True, by=counselor)
    assert shown(counselor) == ["House meeting"]
    kinds = list(OwnMeetingChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["added", "changed", "retired", "back"]
    assert OwnMeetingChange.objects.get(kind="changed").facts == {"venue": ["", "Second floor"]}
    assert AuditEntry.objects.filter(act="referrals.change_meeting").count() == 1
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        OwnMeetingChange.objects.update(kind="added")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": " "}, own_meetings.NameNeeded),
        ({"start": None}, own_meetings.DayAndTime),
        ({"street": ""}, own_meetings.WhereNeeded),
        ({"attendance": "online"}, own_meetings.WhereNeeded),
        ({"attendance": "hybrid"}, own_meetings.WhereNeeded),
        ({"duration": 0}, own_meetings.NotALength),
        ({"duration": 5000}, own_meetings.NotALength),
        ({"attendance": "online", "conference_phone": "ask Bob"}, own_meetings.NotAPhone),
    ],
)
def test_what_is_missing_is_said(counselor: StaffMember, wrong: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        own_meetings.add(by=counselor, **{**HOUSE, **wrong})
    assert not Meeting.objects.exists()


def test_who_may_keep_meetings_and_join_them(
    counselor: StaffMember, twice: tuple[Meeting, Meeting], make_staff: Callable[..., StaffMember]
) -> None:
    reader = make_staff(role="medical")
    with pytest.raises(NotPermitted):
        own_meetings.add(by=reader, **HOUSE)
    with pytest.raises(NotPermitted):
        sources.join(one=twice[0], other=twice[1], by=reader)
    joined = sources.join(one=twice[0], other=twice[1], by=counselor)
    with pytest.raises(NotPermitted):
        sources.undo(same=joined, because="Two rooms.", by=reader)
    with pytest.raises(own_meetings.NotKeptHere):
        own_meetings.change(meeting=twice[0], by=counselor, name="Mine")


def test_a_correction_leads_and_no_import_changes_it(clinic: Clinic, feed: MeetingFeed, counselor: StaffMember) -> None:
    listed = {
        "name": "Serenity", "slug": "s", "day": 2, "time": "19:00", "types": ["X"],
        "formatted_address": "1 Example St, Albany, NY 12207, USA",
    }  # fmt: skip
    feeds.import_feed(feed=feed, payload=[listed], at=AT)
    row = Meeting.objects.get()
    facts: dict[str, Any] = {**own_meetings.facts_of(row)}
    mine = own_meetings.add(by=counselor, corrects=row, **{**facts, "venue": "Room 4", "start": datetime.time(20, 0)})
    assert (mine.types, mine.latitude, mine.address) == (row.types, row.latitude, row.address)
    assert shown(counselor) == ["Serenity"]
    [same] = sources.listings_of(mine, by=counselor)
    assert (same.found_by, same.has_changed) == ("correction", False)
    with pytest.raises(own_meetings.AlreadyCorrected):
        own_meetings.add(by=counselor, corrects=row, **facts)
    other = MeetingFeed.objects.create(clinic=clinic, name="Second list", fellowship="aa", priority=9)
    feeds.import_feed(feed=feed, payload=[{**listed, "notes": "Door on Elm"}], at=LATER)
    feeds.import_feed(feed=other, payload=[{**listed, "day": 3}], at=LATER)
    mine.refresh_from_db()
    assert (mine.venue, mine.notes) == ("Room 4", "")
    [same] = sources.listings_of(mine, by=counselor)
    assert same.has_changed
    own_meetings.change(meeting=mine, by=counselor, **{**facts, "venue": "Room 4", "start": datetime.time(20, 0)})
    [same] = sources.listings_of(mine, by=counselor)
    assert not same.has_changed
    own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
    among = Meeting.objects.visible_to(counselor).leads_for(counselor)
    assert among.current().filter(pk=row.pk).exists()  # the list's own words are shown again


def test_a_correction_whose_meeting_the_list_dropped_says_so(
    feed: MeetingFeed, counselor: StaffMember, make_staff: Callable[..., StaffMember], signed_in: Callable[..., Any]
) -> None:
    rows = [
        {
            "name": f"Example {number}", "slug": f"e{number}", "day": 2, "time": "19:00",
            "formatted_address": f"{number} Example St, Albany, NY 12207, USA",
        }
        for number in range(20)
    ]  # fmt: skip
    feeds.import_feed(feed=feed, payload=rows, at=AT)
    row = Meeting.objects.get(external_id="e3")
    mine = own_meetings.add(by=counselor, corrects=row, **{**own_meetings.facts_of(row), "venue": "Room 5"})
    assert overtaken.needs(staff_member=counselor, now=timezone.now()) == []
    kept = [each for each in rows if each["slug"] != "e3"]
    feeds.import_feed(feed=feed, payload=kept, at=timezone.now() + datetime.timedelta(days=1))

    assert "Example 3" in shown(counselor)  # it is the clinic's own: nobody takes it off but the clinic
    [need] = overtaken.needs(staff_member=counselor, now=timezone.now())
    assert "The list no longer has it, since" in need.detail
    assert overtaken.needs(staff_member=make_staff(role="counselor"), now=timezone.now()) == []
    browser = signed_in(counselor)
    for address in (
        reverse("referrals:own_meetings"), reverse("referrals:meeting", args=[mine.pk]), reverse("desk:today")
    ):  # fmt: skip
        assert "The list no longer has it, since" in browser.get(address).content.decode()

    with time_machine.travel(timezone.now() + datetime.timedelta(days=2)):  # looked at, and kept
        own_meetings.change(meeting=mine, by=counselor, **own_meetings.facts_of(mine))
    assert overtaken.needs(staff_member=counselor, now=timezone.now()) == []


def test_who_has_left_is_not_waited_for(
    feed: MeetingFeed, make_meeting: Make, counselor: StaffMember, make_staff: Callable[..., StaffMember]
) -> None:
    row = make_meeting(street="1 Example St", city="Albany", state="NY", postal_code="12207")
    own_meetings.add(by=counselor, corrects=row, **own_meetings.facts_of(row))
    Meeting.objects.filter(pk=row.pk).update(content_hash="another")
    other = make_staff(role="counselor")
    assert overtaken.needs(staff_member=other, now=timezone.now()) == []
    counselor.is_active = False
    counselor.save()
    [need] = overtaken.needs(staff_member=other, now=timezone.now())
    assert need.detail.endswith("The list has changed since the correction")


def test_what_was_corrected_once_can_be_corrected_again(make_meeting: Make, counselor: StaffMember) -> None:
    row = make_meeting(name="Serenity", street="1 Example St", city="Albany", state="NY", postal_code="12207")
    first = own_meetings.add(by=counselor, corrects=row, **own_meetings.facts_of(row))
    own_meetings.set_listed(meeting=first, listed=False, by=counselor)
    again = own_meetings.add(by=counselor, corrects=row, **{**own_meetings.facts_of(row), "venue": "Room 4"})
    assert sources.top(row, counselor) == again
    assert shown(counselor) == ["Serenity"]
    with pytest.raises(own_meetings.AlreadyCorrected):
        own_meetings.set_listed(meeting=first, listed=True, by=counselor)
    own_meetings.set_listed(meeting=again, listed=False, by=counselor)
    own_meetings.set_listed(meeting=again, listed=True, by=counselor)
    assert shown(counselor) == ["Serenity"]


def test_the_pages(
    clinic: Clinic, counselor: StaffMember, twice: tuple[Meeting, Meeting], signed_in: Callable[[StaffMember], Any]
) -> None:
    browser = signed_in(counselor)
    one, other = twice
    page = browser.get(reverse("referrals:meeting_same", args=[one.pk]))
    assert "Second list" in page.content.decode()
    joined = browser.post(reverse("referrals:meeting_same", args=[one.pk]), {"other": other.pk}, follow=True)
    assert "Joined by hand" in joined.content.decode()
    hidden = browser.get(reverse("referrals:meeting", args=[other.pk])).content.decode()
    assert "Shown from another list" in hidden
    same = SameMeeting.objects.get()
    address = reverse("referrals:meeting_take_apart", args=[same.pk])
    assert "Say how you know" in browser.post(address, {"because": ""}, follow=True).content.decode()
    browser.post(address, {"because": "Two rooms of one church"})
    same.refresh_from_db()
    assert same.undone_by == counselor

    sent = {name: value for name, value in HOUSE.items() if value is not None} | {"start": "19:00"}
    wrong = browser.post(reverse("referrals:own_new"), {**sent, "street": ""})
    assert "Enter an address with its town" in wrong.content.decode()
    browser.post(reverse("referrals:own_new"), sent)
    mine = Meeting.objects.get(name="House meeting")
    assert "House meeting" in browser.get(reverse("referrals:own_meetings")).content.decode()
    browser.post(reverse("referrals:own_edit", args=[mine.pk]), {**sent, "venue": "Second floor"})
    assert "Second floor" in browser.get(reverse("referrals:meeting", args=[mine.pk])).content.decode()
    browser.post(reverse("referrals:own_listed", args=[mine.pk]), {"listed": "no"})
    assert "Put back on the list" in browser.get(reverse("referrals:meeting", args=[mine.pk])).content.decode()

    form = browser.get(reverse("referrals:meeting_correct", args=[one.pk])).content.decode()
    assert 'value="Serenity"' in form
    sent |= {"name": "Serenity", "venue": "Room 4", "weekday": "2"}
    corrected = browser.post(reverse("referrals:meeting_correct", args=[one.pk]), sent, follow=True).content.decode()
    assert "Corrected by this clinic" in corrected
    Meeting.objects.filter(pk=one.pk).update(content_hash="another")
    mine = Meeting.objects.get(venue="Room 4")
    again = browser.get(reverse("referrals:meeting", args=[mine.pk])).content.decode()
    assert "The list has changed since the correction" in again


@pytest.mark.parametrize("minutes", ["0", "5000"])
def test_a_length_that_no_meeting_has_is_said_beside_it(
    signed_in: Callable[[StaffMember], Any], counselor: StaffMember, minutes: str
) -> None:
    sent = {**HOUSE, "start": "7:00 PM", "duration": minutes}
    answer = signed_in(counselor).post(reverse("referrals:own_new"), sent)
    assert answer.context["form"].errors["duration"] == [own_meetings.NotALength.sentence]
    assert "1 Example St" in answer.content.decode()


def shown_keys(to: StaffMember) -> set[int]:
    return set(Meeting.objects.visible_to(to).leads_for(to).current().values_list("pk", flat=True))


def test_what_stood_behind_a_corrected_listing_stays_behind_it(
    clinic: Clinic, counselor: StaffMember, twice: tuple[Meeting, Meeting]
) -> None:
    """Taken off and put back: the meeting is there once, at any time."""
    row, second = twice
    Meeting.objects.update(street="1 Example St", city="Albany", address="1 Example St, Albany, NY")
    row.refresh_from_db()
    matching.match_for(clinics=[clinic.pk], at=AT)
    assert shown_keys(counselor) == {row.pk}
    mine = own_meetings.add(by=counselor, corrects=row, **{**own_meetings.facts_of(row), "venue": "Room 4"})
    assert shown_keys(counselor) == {mine.pk}
    for again in (False, True):
        if again:
            matching.match_for(clinics=[clinic.pk], at=LATER)  # as the next import does
        own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
        assert shown_keys(counselor) == {row.pk}
        assert sources.top(second, counselor) == row
        own_meetings.set_listed(meeting=mine, listed=True, by=counselor)
        assert shown_keys(counselor) == {mine.pk}
        assert sources.top(second, counselor) == mine


def test_after_a_correction_the_rule_looks_at_what_it_found_anew(
    clinic: Clinic, counselor: StaffMember, twice: tuple[Meeting, Meeting]
) -> None:
    row, second = twice
    Meeting.objects.update(street="1 Example St", city="Albany", address="1 Example St, Albany, NY")
    row.refresh_from_db()
    matching.match_for(clinics=[clinic.pk], at=AT)
    mine = own_meetings.add(by=counselor, corrects=row, **own_meetings.facts_of(row))
    Meeting.objects.filter(pk=second.pk).update(weekday=4)  # its list moves it
    own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    assert shown_keys(counselor) == {row.pk, second.pk}


def test_a_correction_that_comes_back_leads_whatever_leads_by_then(
    clinic: Clinic, counselor: StaffMember, twice: tuple[Meeting, Meeting]
) -> None:
    row, second = twice
    Meeting.objects.update(street="1 Example St", city="Albany", address="1 Example St, Albany, NY")
    row.refresh_from_db()
    mine = own_meetings.add(by=counselor, corrects=row, **own_meetings.facts_of(row))
    own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
    MeetingFeed.objects.filter(pk=second.feed_id).update(priority=9)
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    assert shown_keys(counselor) == {second.pk}
    assert sources.top(mine, counselor) == second  # a referral to the correction leads there, too
    own_meetings.set_listed(meeting=mine, listed=True, by=counselor)
    assert shown_keys(counselor) == {mine.pk}
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    assert shown_keys(counselor) == {mine.pk}
    [changed] = SameMeeting.objects.overtaken().with_change()
    assert (changed.listing, changed.lead) == (second, mine)  # another listing leads: somebody should look


PLACED = {"street": "1 Example St", "city": "Albany"}
PORTLAND = {"city": "Portland", "state": "OR", "postal_code": ""}


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ({}, "America/New_York"),
        ({"postal_code": "97201", "city": "Portland", "state": "OR"}, "America/Los_Angeles"),
        (PORTLAND, "America/Los_Angeles"),
        ({**PORTLAND, "city": "portland ", "state": "Oregon"}, "America/Los_Angeles"),
        ({**PORTLAND, "city": "Nosuchtown", "state": "WA"}, "America/Los_Angeles"),  # all of Washington
        ({**PORTLAND, "city": "Nosuchtown", "state": "OR"}, "America/New_York"),  # Oregon has two zones
        ({**PORTLAND, "city": "Nosuchtown", "state": "1234²"}, "America/New_York"),
        ({**PORTLAND, "time_zone": "America/Boise"}, "America/Boise"),
        ({**PORTLAND, "time_zone": ""}, "America/Los_Angeles"),
    ],
)
def test_its_clock_is_that_of_its_place(counselor: StaffMember, place: dict[str, Any], zone: str) -> None:
    meeting = own_meetings.add(by=counselor, **{**HOUSE, **place})
    assert meeting.time_zone == zone
    back = own_meetings.change(meeting=meeting, by=counselor, **{**HOUSE, "time_zone": ""})
    assert back.time_zone == "America/New_York"
    with pytest.raises(own_meetings.ZoneUnknown):
        own_meetings.change(meeting=meeting, by=counselor, time_zone="Mars/Phobos")


def test_which_clock_its_times_are_on_is_said_and_chosen(
    signed_in: Callable[[StaffMember], Any], counselor: StaffMember
) -> None:
    browser = signed_in(counselor)
    sent = {name: value for name, value in HOUSE.items() if value is not None} | {"start": "19:00"}

    def said(address: str, **facts: str) -> str:
        browser.post(address, {**sent, **facts}, follow=False)
        meeting = Meeting.objects.latest("pk")
        return html.unescape(browser.get(reverse("referrals:meeting", args=[meeting.pk])).content.decode())

    new = reverse("referrals:own_new")
    assert "Its times are on the clock of the place (Pacific)." in said(new, **PORTLAND)
    online = {"attendance": "online", "street": "", "city": "", "state": "", "postal_code": ""}
    online["conference_url"] = "https://zoom.us/j/123456789"
    page = said(new, **online)
    assert "Its times are on this clinic’s clock (Eastern). If it is held by another, choose its time zone." in page
    edit = reverse("referrals:own_edit", args=[Meeting.objects.latest("pk").pk])
    assert browser.get(edit).context["form"]["time_zone"].value() == ""
    assert "Its times: Mountain." in said(edit, **online, time_zone="America/Denver")
    assert Meeting.objects.latest("pk").time_zone == "America/Denver"
    assert browser.get(edit).context["form"]["time_zone"].value() == "America/Denver"
    assert "Its times" not in said(new, weekday="", start="")


def test_a_meeting_added_by_hand_is_found_in_the_lists_within_a_minute(
    clinic: Clinic, feed: MeetingFeed, make_meeting: Make, counselor: StaffMember
) -> None:
    listed = make_meeting(name="House meeting", weekday=0, start=datetime.time(19, 0), street="1 Example Street")
    Meeting.objects.filter(pk=listed.pk).update(city="Albany", address="1 Example Street, Albany, NY 12207")
    own = own_meetings.add(by=counselor, **HOUSE)
    assert shown(counselor) == ["House meeting", "House meeting"]
    assert tasks.match_own_meetings() == 1
    assert shown(counselor) == ["House meeting"]
    assert SameMeeting.objects.standing().get(listing=listed).lead == own
    assert tasks.match_own_meetings() == 0
    own_meetings.change(meeting=own, by=counselor, **HOUSE | {"weekday": 3})
    assert tasks.match_own_meetings() == 1
    assert len(shown(counselor)) == 2
    other = Clinic.objects.create(name="Other clinic", time_zone="America/New_York")
    assert not SameMeeting.objects.filter(clinic=other).exists()


def test_an_import_compares_what_was_added_by_hand_too(
    clinic: Clinic, feed: MeetingFeed, counselor: StaffMember
) -> None:
    own_meetings.add(by=counselor, **HOUSE)
    row = {"name": "House meeting", "slug": "house", "day": 0, "time": "19:00"}
    feeds.import_feed(feed=feed, payload=[row | {"formatted_address": "1 Example St, Albany, NY 12207, USA"}], at=AT)
    assert shown(counselor) == ["House meeting"]
    assert tasks.match_own_meetings() == 0
