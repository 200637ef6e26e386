"""Types and a place on the map for what is written by hand: the finder finds it as it finds what is listed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals import feeds, finder, kinds, own_meetings
from referrals.fellowships import NEEDS, Fellowship, codes
from referrals.models import Meeting, MeetingFeed, OwnMeetingChange
from staff.models import Clinic, StaffMember

SignIn = Callable[[StaffMember], Any]
AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
HOUSE: dict[str, Any] = {
    "name": "House meeting", "fellowship": "na", "weekday": "0", "start": "19:00", "attendance": "in_person",
    "street": "1 Example St", "city": "Albany", "state": "NY", "postal_code": "12207",
}  # fmt: skip
ACTED = HOUSE | {"weekday": 0, "start": datetime.time(19, 0)}


def found(**asked: Any) -> list[str]:
    return sorted(each.name for each in finder.find(now=timezone.now(), **asked))


@pytest.mark.parametrize("fellowship", Fellowship.values)
def test_each_box_is_found_by_its_need_at_every_fellowship(counselor: StaffMember, fellowship: str) -> None:
    boxes = {kind.key: kind for _, group in kinds.GROUPS.values() for kind in group}
    for need in NEEDS.keys() & boxes.keys():
        types = kinds.written(keys=[need], door="", kept=(), fellowship=fellowship)
        assert NEEDS[need][1].issuperset(types), (need, types)
        [code] = types
        own = {each for each in boxes[need].said_as if each in codes(fellowship)}
        assert not own or code in own  # by the fellowship's own code, where it has one
    everything = kinds.written(keys=boxes, door=kinds.OPEN, kept=(), fellowship=fellowship)
    mine = own_meetings.add(by=counselor, **ACTED | {"fellowship": fellowship, "types": everything})
    assert set(mine.type_names) & set(everything) <= {"LGBTQ"}, "a code without a meaning"
    for need in NEEDS:
        assert found(needs=[need]) == ["House meeting"], need
    assert found(medication=True) == ["House meeting"]
    for group in kinds.GROUPS:
        assert kinds.ticked(mine.types, group) == [kind.key for kind in kinds.GROUPS[group][1]]


def test_medication_friendly_is_what_is_ticked(counselor: StaffMember) -> None:
    own_meetings.add(by=counselor, **ACTED | {"name": "Quiet"})
    friendly = own_meetings.add(by=counselor, **ACTED | {"name": "Friendly", "types": ["MAT"]})
    assert found(medication=True) == ["Friendly"]
    assert friendly.is_medication_friendly
    assert friendly.type_names == []  # said once, by its own chip


def test_types_are_those_of_the_form(counselor: StaffMember) -> None:
    with pytest.raises(own_meetings.KindUnknown):
        own_meetings.add(by=counselor, **ACTED | {"types": ["W", "NONSENSE"]})
    assert not Meeting.objects.exists()


def test_by_zip_until_better_is_known(counselor: StaffMember) -> None:
    mine = own_meetings.add(by=counselor, **ACTED)
    assert mine.is_by_zip
    assert found(near="12207", within_km=3) == ["House meeting"]
    own_meetings.change(meeting=mine, by=counselor, **ACTED | {"latitude": 40.7128, "longitude": -74.006})
    mine.refresh_from_db()
    assert (mine.latitude, mine.longitude, mine.is_by_zip) == (40.7128, -74.006, False)
    assert found(near="12207", within_km=3) == []
    # another street, and the point of the former one: it would be wrong on the map
    moved = {"street": "2 Example St", "latitude": 40.7128, "longitude": -74.006}
    own_meetings.change(meeting=mine, by=counselor, **ACTED | moved)
    mine.refresh_from_db()
    assert mine.is_by_zip
    assert found(near="12207", within_km=3) == ["House meeting"]
    with pytest.raises(own_meetings.PlaceUnknown):
        own_meetings.change(meeting=mine, by=counselor, **ACTED | {"latitude": 142.0, "longitude": -74.0})
    without = own_meetings.add(by=counselor, **ACTED | {"postal_code": "", "name": "No ZIP"})
    assert (without.latitude, without.is_by_zip) == (None, False)


def test_a_correction_keeps_what_the_list_had(clinic: Clinic, feed: MeetingFeed, counselor: StaffMember) -> None:
    listed = {
        "name": "Serenity", "slug": "s", "day": 2, "time": "19:00", "types": ["X", "11", "O", "BI"],
        "formatted_address": "1 Example St, Albany, NY 12207, USA", "latitude": 42.65, "longitude": -73.75,
    }  # fmt: skip
    feeds.import_feed(feed=feed, payload=[listed], at=AT)
    row = Meeting.objects.get()
    facts: dict[str, Any] = {**own_meetings.facts_of(row), "venue": "Room 4"}
    mine = own_meetings.add(by=counselor, corrects=row, **facts)
    assert (mine.types, mine.latitude, mine.located_by) == (row.types, 42.65, "source")


def test_the_form(signed_in: SignIn, counselor: StaffMember, feed: MeetingFeed) -> None:
    desk = signed_in(counselor)
    ticked = {"people": ["women", "newcomers"], "language": ["spanish"], "access": ["medication"], "door": "O"}
    assert (
        "such as 42.65" in desk.post(reverse("referrals:own_new"), HOUSE | {"coordinates": "up north"}).content.decode()
    )
    desk.post(reverse("referrals:own_new"), HOUSE | ticked)
    mine = Meeting.objects.get()
    assert mine.types == ["BEG", "MAT", "O", "S", "W"]  # NA's own code for newcomers
    assert "On the map by ZIP" in desk.get(reverse("referrals:own_meetings")).content.decode()
    page = desk.get(reverse("referrals:meeting", args=[mine.pk])).content.decode()
    assert "By ZIP: in the middle of the area of 12207" in page
    finds = desk.get(reverse("referrals:finder"), {"needs": ["women", "spanish", "medication"]}).content.decode()
    assert "House meeting" in finds
    edit = reverse("referrals:own_edit", args=[mine.pk])
    form = desk.get(edit).context["form"]
    assert (form["people"].value(), form["door"].value()) == (["newcomers", "women"], "O")
    desk.post(edit, HOUSE | {"people": ["women"], "fellowship": "aa", "coordinates": "42.66, -73.76"})
    mine.refresh_from_db()
    assert (mine.types, mine.latitude) == (["W"], 42.66)
    assert set(OwnMeetingChange.objects.get(kind="changed").facts) >= {"types", "latitude", "fellowship"}


def test_the_form_of_a_correction_offers_what_the_list_says(
    signed_in: SignIn, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    place = {"street": "1 Example St", "city": "Albany", "address": "1 Example St, Albany"}
    listed = make_meeting(name="Serenity", types=["11", "C", "TC", "X"], located_by="source", **place)
    desk, address = signed_in(counselor), reverse("referrals:meeting_correct", args=[listed.pk])
    page = desk.get(address)
    assert "11th Step meditation" in page.content.decode()
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields}
    assert (said["kept"], said["access"], said["door"]) == (["11"], ["wheelchair"], "C")
    sent = {name: value for name, value in said.items() if value not in (None, [])}
    desk.post(address, sent | {"start": "19:00", "venue": "Room 4"})
    mine = Meeting.objects.get(venue="Room 4")
    assert (mine.types, mine.latitude, mine.located_by) == (["11", "C", "X"], listed.latitude, "source")
    # a code that nobody offered
    other = make_meeting(name="Other", types=["11"], **place)
    refused = desk.post(reverse("referrals:meeting_correct", args=[other.pk]), sent | {"kept": ["BI"]})
    assert refused.status_code == 200
    assert Meeting.objects.filter(feed__format="own").count() == 1


def test_another_clinics_meetings_are_not_changed_here(
    signed_in: SignIn, counselor: StaffMember, other_clinic: Clinic
) -> None:
    theirs = MeetingFeed.objects.create(clinic=other_clinic, name="Theirs", fellowship="aa", format="own", often=0)
    row = Meeting.objects.create(
        feed=theirs, external_id="own-1", fellowship="aa", name="Theirs only", time_zone="America/New_York",
        attendance="inactive", content_hash="x", imported_at=AT,
    )  # fmt: skip
    desk = signed_in(counselor)
    assert desk.get(reverse("referrals:own_edit", args=[row.pk])).status_code == 404
    assert desk.post(reverse("referrals:own_edit", args=[row.pk]), HOUSE).status_code == 404
    assert "Theirs only" not in desk.get(reverse("referrals:own_meetings")).content.decode()


def test_the_administration_makes_no_feed_of_this_kind(
    signed_in: SignIn, administrator: StaffMember, counselor: StaffMember
) -> None:
    desk, address = signed_in(administrator), reverse("admin:referrals_meetingfeed_add")
    assert "Kept by this clinic" not in desk.get(address).content.decode()
    sent = {"name": "By hand", "fellowship": "na", "format": "own", "often": "0", "is_active": "on"}
    assert "is not one of the available choices" in desk.post(address, sent).content.decode()
    own = own_meetings.add(by=counselor, **ACTED).feed
    change = reverse("admin:referrals_meetingfeed_change", args=[own.pk])
    assert 'name="_save"' not in desk.get(change).content.decode()
    assert desk.post(change, sent | {"format": "bmlt"}).status_code == 403
    own.refresh_from_db()
    assert own.is_kept_by_hand
