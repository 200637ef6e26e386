"""One meeting in several lists: found by a rule, shown once, and each clinic's own answer."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from referrals import feeds, finder, matching
from referrals.models import Meeting, MeetingFeed, SameMeeting
from staff import clinic_scope
from staff.models import Clinic, StaffMember
from tests.ownership import as_owner
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
Feeds = Callable[..., MeetingFeed]
AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
LATER = AT + datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 3, 3, 12, tzinfo=NEW_YORK)
HERE = (42.6526, -73.7562)
NORTH = 111_195.0  # meters to a degree


@pytest.fixture
def another(clinic: Clinic) -> Feeds:
    numbers = iter("BCDEFG")

    def make(**fields: Any) -> MeetingFeed:
        return MeetingFeed.objects.create(**{"clinic": clinic, "name": next(numbers), "fellowship": "aa", **fields})

    return make


def pairs(clinic: Clinic) -> set[tuple[str, str]]:
    rows = SameMeeting.objects.standing().filter(clinic=clinic)
    return {(row.listing.feed.name, row.lead.feed.name) for row in rows.select_related("listing__feed", "lead__feed")}


def shown(to: StaffMember, **asked: Any) -> list[str]:
    among = Meeting.objects.visible_to(to).leads_for(to)
    return [each.feed.name for each in finder.find(now=NOW, among=among, **asked).select_related("feed")]


def match(clinic: Clinic, at: datetime.datetime = AT) -> None:
    matching.match_for(clinics=[clinic.pk], at=at)


def test_four_lists_of_one_meeting_show_it_once(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    lists = [another() for _ in range(4)]
    make_meeting(
        feed=lists[0], name="Serenity", address="12 Main Street, Albany, NY 12207, USA", latitude=None, longitude=None
    )
    make_meeting(feed=lists[1], name="The Serenity Group", street="12 Main St.", city="Albany")
    make_meeting(feed=lists[2], name="Serenity AA Meeting", latitude=HERE[0] + 140 / NORTH)
    make_meeting(feed=lists[3], name="Serenity", start=datetime.time(19, 5))
    match(clinic)
    assert shown(counselor) == ["B"]
    assert pairs(clinic) == {("C", "B"), ("D", "B"), ("E", "B")}


@pytest.mark.parametrize(
    ("differing", "is_one"),
    [
        ({}, True),
        ({"latitude": HERE[0] + 149 / NORTH}, True),
        ({"latitude": HERE[0] + 151 / NORTH}, False),
        ({"longitude": HERE[1] + 149 / (NORTH * 0.7355)}, True),
        ({"longitude": HERE[1] + 152 / (NORTH * 0.7355)}, False),
        ({"start": datetime.time(19, 5)}, True),
        ({"start": datetime.time(18, 55)}, True),
        ({"start": datetime.time(19, 6)}, False),
        ({"weekday": 3}, False),
        ({"fellowship": "na"}, False),
        ({"name": "Early Birds"}, False),
        ({"name": "Serenity Women", "types": ["W"]}, True),
        ({"name": "Serenity 2"}, True),
        ({"attendance": "inactive"}, False),
        ({"retired_at": AT}, False),
        ({"located_by": "zip", "latitude": HERE[0]}, False),
    ],
)
def test_where_the_rule_ends(
    clinic: Clinic, make_meeting: Make, another: Feeds, differing: dict[str, Any], is_one: bool
) -> None:
    make_meeting(feed=another(), name="Serenity")
    make_meeting(feed=another(), **{"name": "Serenity Group", **differing})
    match(clinic)
    assert bool(pairs(clinic)) is is_one


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ({"name": "Men of Serenity", "types": ["M"]}, {"name": "Women of Serenity", "types": ["W"]}, False),
        ({"name": "Serenity 1"}, {"name": "Serenity 2"}, False),
        ({"name": "Sunrise", "venue": "Room 1"}, {"name": "Sunrise Beginners", "venue": "Room 2"}, False),
        ({"name": "Sunrise"}, {"name": "Sunrise Beginners"}, False),
        ({"name": "Sunrise"}, {"name": "Sunrise Steps", "types": ["BE"]}, False),
        ({"name": "Sunrise", "types": ["BE"]}, {"name": "Sunrise Beginners", "types": ["BE"]}, True),
        ({"name": "Sunrise", "types": ["BE"]}, {"name": "Sunrise Newcomers"}, True),
        ({"name": "Sunrise"}, {"name": "Sunrise", "types": ["BE"]}, True),  # one list says more than the other
        ({"name": "AA Meeting"}, {"name": "Newcomers"}, False),
        ({"name": "Sunrise", "venue": "Room 1"}, {"name": "Sunrise Steps", "venue": "Room 2"}, False),
        ({"name": "Sunrise", "venue": "Room 1"}, {"name": "Sunrise Steps", "venue": "St. Mark's, room 1"}, True),
        ({"name": "Sunrise", "venue": "Room 1"}, {"name": "Sunrise Steps", "venue": "St. Mark's"}, True),
        ({"name": "Sunrise", "venue": "Room A"}, {"name": "Sunrise Steps", "venue": "St. Mark's, rm. B"}, False),
        ({"name": "Sunrise", "venue": "Room A"}, {"name": "Sunrise Steps", "venue": "St. Mark's, room a"}, True),
        ({"name": "Sunrise", "venue": "Church of A Son"}, {"name": "Sunrise Steps", "venue": "Room B"}, True),
        ({"name": "Sunrise", "venue": "Suite 4"}, {"name": "Sunrise", "venue": "4 Main"}, True),
        ({"name": "Sunrise", "venue": "Chapel"}, {"name": "Sunrise Steps", "venue": "Library"}, False),
        ({"name": "AA Meeting", "venue": "Chapel"}, {"name": "AA Group", "venue": "St. Mark's, Library"}, False),
        ({"name": "AA Meeting", "venue": "St. Mark's (the Blue Room)"}, {"name": "AA", "venue": "Red Room"}, False),
        ({"name": "AA Meeting", "venue": "Gym"}, {"name": "AA", "location_notes": "In the library."}, False),
        ({"name": "AA Meeting", "venue": "Gym"}, {"name": "AA", "venue": "St. Mark's - Gymnasium"}, True),
        ({"name": "Sunrise", "venue": "Chapel"}, {"name": "Sunrise", "venue": "Library"}, True),  # one list is late
        ({"name": "AA Meeting", "venue": "Chapel"}, {"name": "AA", "venue": "Trinity Church"}, True),
        ({"name": "AA Meeting", "venue": "Wesley Chapel"}, {"name": "AA", "venue": "Wesley Church, Library"}, True),
        ({"name": "AA Meeting", "venue": "Public Library"}, {"name": "AA", "venue": "Cafeteria"}, True),
        ({"name": "AA Meeting", "venue": "Fellowship Hall"}, {"name": "AA", "venue": "Basement"}, True),
    ],
)
def test_names_that_say_they_are_two(
    clinic: Clinic, make_meeting: Make, another: Feeds, one: Any, other: Any, is_one: bool
) -> None:
    make_meeting(feed=another(), **one)
    make_meeting(feed=another(), **other)
    match(clinic)
    assert bool(pairs(clinic)) is is_one


ONLINE = {"attendance": "online", "latitude": None, "longitude": None}


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("https://us02web.zoom.us/j/123456?pwd=a", "http://zoom.us/j/123456", True),
        ("https://zoom.us/j/123456", "https://zoom.us/j/123457", False),
        ("http://www.example.org/room/", "https://example.org/room", True),
        ("", "", False),
    ],
)
def test_online_the_link_is_the_place(
    clinic: Clinic, make_meeting: Make, another: Feeds, one: str, other: str, is_one: bool
) -> None:
    make_meeting(feed=another(), name="Serenity", conference_url=one, **ONLINE)
    make_meeting(feed=another(), name="Serenity", conference_url=other, **ONLINE)
    match(clinic)
    assert bool(pairs(clinic)) is is_one


@pytest.mark.parametrize(("dialed", "is_one"), [("+1 646 931 3860,,9876543#", True), ("+1 646 931 3860", False)])
def test_a_telephone_number_counts_with_its_meeting_number(
    clinic: Clinic, make_meeting: Make, another: Feeds, dialed: str, is_one: bool
) -> None:
    for _ in range(2):
        make_meeting(feed=another(), name="Serenity", conference_phone=dialed, **ONLINE)
    match(clinic)
    assert bool(pairs(clinic)) is is_one


def test_two_rooms_that_share_a_link_are_two_meetings(clinic: Clinic, make_meeting: Make, another: Feeds) -> None:
    link = {"conference_url": "https://zoom.us/j/123456", "attendance": "hybrid", "name": "Serenity"}
    make_meeting(feed=another(), **link)
    make_meeting(feed=another(), **link, latitude=HERE[0] + 0.1)
    match(clinic)
    assert pairs(clinic) == set()


def test_two_groups_of_one_church_at_one_hour_stay_two(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    one, other = another(), another()
    rows = {}
    for feed in (one, other):
        for name in ("Big Book", "Big Book Step Study", "Early Birds"):
            rows[feed.name, name] = make_meeting(feed=feed, name=name)
    match(clinic)
    found = {(row.listing_id, row.lead_id) for row in SameMeeting.objects.standing()}
    assert found == {
        (rows["C", name].pk, rows["B", name].pk) for name in ("Big Book", "Big Book Step Study", "Early Birds")
    }
    assert shown(counselor) == ["B", "B", "B"]


def test_the_priority_of_a_feed_says_who_leads(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    one, other = another(), another(priority=7)
    make_meeting(feed=one)
    make_meeting(feed=other, name="Example 1")
    match(clinic)
    assert shown(counselor) == ["C"]
    one.priority = 9
    one.save()
    match(clinic, LATER)
    assert shown(counselor) == ["B"]
    match(clinic, LATER)
    assert SameMeeting.objects.count() == 2  # nothing changed: nothing was written


def test_what_a_person_has_undone_stays_undone(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    one = make_meeting(feed=another(), name="Serenity")
    other = make_meeting(feed=another(priority=7), name="Serenity")
    match(clinic)
    row = SameMeeting.objects.get()
    row.undone_at, row.undone_by, row.undone_because = AT, counselor, "Two rooms."
    row.save()
    match(clinic, LATER)
    assert pairs(clinic) == set()
    MeetingFeed.objects.filter(pk=one.feed_id).update(priority=9)
    match(clinic, LATER)
    assert pairs(clinic) == set()
    assert len(shown(counselor)) == 2
    assert {one.pk, other.pk} == {row.listing_id, row.lead_id}


def test_a_retired_lead_hands_over_to_the_next_listing(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    lead = make_meeting(feed=another(), name="Serenity")
    second = make_meeting(feed=another(), name="Serenity")
    third = make_meeting(feed=another(), name="Serenity")
    match(clinic)
    assert shown(counselor) == ["B"]
    lead.retired_at = LATER
    lead.save()
    assert len(shown(counselor)) == 2  # even before the next run, nothing is lost
    match(clinic, LATER)
    assert shown(counselor) == ["C"]
    standing = {(row.listing_id, row.lead_id) for row in SameMeeting.objects.standing()}
    assert standing == {(lead.pk, second.pk), (third.pk, second.pk)}
    second.retired_at = LATER
    second.save()
    match(clinic, LATER)
    standing = {(row.listing_id, row.lead_id) for row in SameMeeting.objects.standing()}
    assert standing == {(lead.pk, third.pk), (second.pk, third.pk)}
    lead.retired_at = None
    lead.save()
    match(clinic, LATER)
    assert shown(counselor) == ["B"]


def test_a_listing_that_moves_to_another_day_is_a_meeting_of_its_own(
    clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    make_meeting(feed=another(), name="Serenity")
    moved = make_meeting(feed=another(), name="Serenity")
    match(clinic)
    moved.weekday = 4
    moved.save()
    match(clinic, LATER)
    assert shown(counselor) == ["B", "C"]
    ended = SameMeeting.objects.get()
    assert (ended.undone_at, ended.undone_by) == (LATER, None)


def test_a_third_list_never_joins_what_its_coordinates_or_streets_keep_apart(
    clinic: Clinic, make_meeting: Make, another: Feeds
) -> None:
    make_meeting(feed=another(), name="Serenity", street="12 Main St", city="Albany", latitude=None, longitude=None)
    make_meeting(feed=another(), name="Serenity", street="12 Main St", city="Albany")
    make_meeting(feed=another(), name="Serenity", street="14 Main St", city="Albany")
    match(clinic)
    assert pairs(clinic) == {("C", "B")}


def test_no_chains(clinic: Clinic, make_meeting: Make, another: Feeds) -> None:
    """Each is within 150 m of the next: the middle one is not asked to lead and to follow."""
    for step in range(5):
        make_meeting(feed=another(), name="Serenity", latitude=HERE[0] + step * 140 / NORTH)
    match(clinic)
    assert pairs(clinic) == {("C", "B"), ("E", "D")}
    rows = [each.pk for each in Meeting.objects.order_by("pk")]
    with pytest.raises(DatabaseError, match="stands behind none"), transaction.atomic():
        SameMeeting.objects.create(clinic=clinic, listing_id=rows[0], lead_id=rows[4], found_at=AT)
    with pytest.raises(DatabaseError, match="stands behind none"), transaction.atomic():
        SameMeeting.objects.create(clinic=clinic, listing_id=rows[4], lead_id=rows[1], found_at=AT)
    with pytest.raises(DatabaseError, match="one_lead"), transaction.atomic():
        SameMeeting.objects.create(clinic=clinic, listing_id=rows[1], lead_id=rows[4], found_at=AT)


def test_what_was_found_is_undone_once_and_never_rewritten(clinic: Clinic, make_meeting: Make, another: Feeds) -> None:
    for _ in range(2):
        make_meeting(feed=another(), name="Serenity")
    match(clinic)
    with as_owner():
        for change in ({"found_at": LATER}, {"lead_id": 0}):
            with pytest.raises(DatabaseError, match="stands as it was"), transaction.atomic():
                SameMeeting.objects.update(**change)
        SameMeeting.objects.update(undone_at=LATER)
        with pytest.raises(DatabaseError, match="stands as it was"), transaction.atomic():
            SameMeeting.objects.update(undone_at=None)
        with pytest.raises(DatabaseError, match="stays on record"), transaction.atomic():
            SameMeeting.objects.all().delete()


def row(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "day": 2,
        "time": "19:00",
        "formatted_address": "12 Main St, Albany, NY 12207, USA",
        "latitude": HERE[0],
        "longitude": HERE[1],
        **fields,
    }


def test_imports_find_it_by_themselves_in_statements_that_do_not_grow(
    clinic: Clinic, counselor: StaffMember, another: Feeds
) -> None:
    one, other, third = another(), another(), another()
    feeds.import_feed(feed=one, payload=[row("Serenity")], at=AT)

    def imported(feed: MeetingFeed, count: int, at: datetime.datetime) -> int:
        payload = [
            row(f"Serenity {chr(65 + n % 26)}{chr(65 + n // 26)}", day=n % 7, latitude=42 + n / 50)
            for n in range(count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            feeds.import_feed(feed=feed, payload=[row("Serenity Group"), *payload], at=at)
        return len(queries)

    few = imported(other, 5, AT)
    assert shown(counselor).count("C") == 5
    many = imported(third, 300, AT)
    assert abs(many - few) <= 2  # one more round, at most
    assert ("C", "B") in pairs(clinic)
    assert ("D", "B") in pairs(clinic)


def test_each_clinic_has_its_own_answer(
    clinic: Clinic, other_clinic: Clinic, counselor: StaffMember, make_meeting: Make, another: Feeds
) -> None:
    theirs = MeetingFeed.objects.create(clinic=other_clinic, name="Shared", fellowship="aa", is_shared=True, priority=9)
    hidden = MeetingFeed.objects.create(clinic=other_clinic, name="Hidden", fellowship="aa")
    ours = another()
    make_meeting(feed=theirs, name="Serenity")
    make_meeting(feed=hidden, name="Serenity")
    make_meeting(feed=ours, name="Serenity")
    matching.match(feed=theirs, at=AT)
    assert pairs(clinic) == {("Shared", "B")}  # their priority says nothing here
    assert pairs(other_clinic) == {("Hidden", "Shared")}
    with clinic_scope.only(clinic.pk):
        assert SameMeeting.objects.count() == 1
        assert shown(counselor) == ["B"]
    with clinic_scope.only(clinic.pk):  # an import on a page of this clinic
        matching.match(feed=ours, at=LATER)
    theirs.is_shared = False
    theirs.save()
    matching.match_for(clinics=[clinic.pk, other_clinic.pk], at=LATER)
    assert pairs(clinic) == {("Shared", "B")}  # as of what is listed no longer: what was offered from it leads to ours
    with clinic_scope.only(clinic.pk):
        assert shown(counselor) == ["B"]
    assert pairs(other_clinic) == {("Hidden", "Shared")}


def test_an_import_never_overwrites_what_is_kept_by_hand(clinic: Clinic) -> None:
    own = MeetingFeed.objects.create(clinic=clinic, name="Own", fellowship="other", format="own", often=0)
    with pytest.raises(feeds.KeptByHand):
        feeds.import_feed(feed=own, payload=[row("Serenity")], at=AT)
    assert not Meeting.objects.exists()
