"""Each question of the finder, over meetings that would pass a sloppy one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from referrals import finder, matching, meeting_map, off_the_map, own_meetings, results
from referrals.fellowships import read_as
from referrals.models import Meeting, MeetingFeed
from referrals.results import MeetingPages
from staff.models import Clinic, StaffMember
from tests.places import NEW_YORK

from .conftest import sent_by

SignIn = Callable[[StaffMember], Browser]
Make = Callable[..., Meeting]
ALBANY = (42.6526, -73.7562)
TUESDAY_SIX = datetime.datetime(2026, 3, 3, 18, 0, tzinfo=NEW_YORK)


def found(**question: Any) -> set[str]:
    return {each.name for each in finder.find(**{"now": TUESDAY_SIX, **question})}


def test_starting_soon_is_within_two_hours(make_meeting: Make) -> None:
    for start in ((17, 49), (17, 50), (18, 0), (20, 0), (20, 1)):
        make_meeting(name=f"{start[0]}:{start[1]:02d}", start=datetime.time(*start))
    make_meeting(name="tomorrow", weekday=3, start=datetime.time(18, 30))
    make_meeting(name="Denver, 5:00 PM there", start=datetime.time(17), time_zone="America/Denver")
    make_meeting(name="Denver, 7:00 PM there", time_zone="America/Denver")
    make_meeting(name="by appointment", weekday=None, start=None)
    assert found(soon=True) == {"17:50", "18:00", "20:00", "Denver, 5:00 PM there"}


def test_what_is_on_has_begun_and_is_not_over(make_meeting: Make) -> None:
    make_meeting(name="an hour, over", start=datetime.time(17))
    make_meeting(name="an hour, by default", start=datetime.time(17, 1))
    make_meeting(name="half an hour, over", start=datetime.time(17, 25), duration=30)
    make_meeting(name="two hours", start=datetime.time(16, 30), duration=120)
    make_meeting(name="since yesterday", weekday=1, start=datetime.time(19), duration=1440)
    make_meeting(name="begins now", start=datetime.time(18))
    make_meeting(name="in a minute", start=datetime.time(18, 1))
    make_meeting(name="another day", weekday=3, start=datetime.time(17, 30))
    expected = {"an hour, by default", "two hours", "since yesterday", "begins now"}
    assert found(in_progress=True) == expected
    assert found(in_progress=True, weekday=1) == {"since yesterday"}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("morning", {"5:00", "11:59"}),
        ("afternoon", {"12:00", "16:59"}),
        ("evening", {"17:00", "20:59"}),
        ("night", {"21:00", "23:59", "0:00", "4:59"}),
    ],
)
def test_parts_of_the_day_meet_without_a_gap(make_meeting: Make, part: str, expected: set[str]) -> None:
    for text in ("5:00", "11:59", "12:00", "16:59", "17:00", "20:59", "21:00", "23:59", "0:00", "4:59"):
        make_meeting(name=text, start=datetime.time(*map(int, text.split(":"))), weekday=4)
    assert found(parts=[part]) == expected
    assert found(parts=[part], zone=datetime.UTC) != expected  # the parts of the reader's day
    with timezone.override("UTC"):
        assert found(parts=[part], now=TUESDAY_SIX.astimezone(datetime.UTC)) == expected  # nobody's clock: its own


def test_several_at_once(make_meeting: Make) -> None:
    wanted = {"types": ["W", "S", "X"], "weekday": 4, "start": datetime.time(18)}
    make_meeting(name="all of it", **wanted)
    make_meeting(name="another day", **{**wanted, "weekday": 5})
    make_meeting(name="not accessible", **{**wanted, "types": ["W", "S"]})
    make_meeting(name="at noon", **{**wanted, "start": datetime.time(12)})
    make_meeting(name="far", **wanted, latitude=43.5)
    make_meeting(name="online", **wanted, attendance="online")
    make_meeting(name="NA", **wanted, fellowship="na")
    question = {"weekday": 4, "parts": ["evening", "night"], "needs": ["women", "spanish", "wheelchair"]}
    assert found(near=ALBANY, within_km=10, program="aa", **question) == {"all of it"}


@pytest.mark.parametrize("part", [{"parts": ["tea"]}, {"needs": ["medication"]}, {"weekday": -1}])
def test_questions_that_make_no_sense(db: None, part: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        found(**part)


def test_by_phone_a_number_is_enough(make_meeting: Make) -> None:
    make_meeting(name="phone", attendance="online", conference_phone="+15185550100")
    make_meeting(
        name="both", attendance="hybrid", conference_phone="+15185550100", conference_url="https://zoom.us/j/1"
    )
    make_meeting(name="video", attendance="online", conference_url="https://zoom.us/j/1")
    make_meeting(name="closed", attendance="inactive", conference_phone="+15185550100")
    make_meeting(name="the church's number", attendance="in_person", conference_phone="+15185550100")
    assert found(by_phone=True) == {"phone", "both"}
    assert found(by_phone=True, near=ALBANY, within_km=1) == {"phone", "both"}  # joined from anywhere


def test_proof_of_attendance_is_not_al_anons_meeting_for_parents(make_meeting: Make) -> None:
    make_meeting(name="proof", types=["POA"])
    make_meeting(name="parents", types=[read_as("al-anon")["poa"]], fellowship="al-anon")
    make_meeting(name="open", types=["O"])
    assert found(needs=["proof"]) == {"proof"}


@pytest.mark.parametrize(
    ("fellowship", "says", "is_friendly"),
    [
        ("mara", "", True),
        ("smart", "", True),
        ("lifering", "", True),
        ("aa", "", False),
        ("aa", "MAT friendly", True),
        ("na", "Medication-friendly. Not wheelchair accessible.", True),
        ("aa", "We welcome people on medication.", True),
        ("aa", "Medication-assisted treatment supported", True),
        ("aa", "Bring your yoga mat. Beginners welcome.", False),
        ("aa", "All are welcome. Bring a mat.", False),
        ("na", "Not MAT friendly", False),
        ("na", "People on MAT may not share.", False),
        ("na", "Medication is not welcome here.", False),
        ("aa", "Take your medication at home.", False),
    ],
)
def test_medication_friendly_is_what_says_so(make_meeting: Make, fellowship: str, says: str, is_friendly: bool) -> None:
    make_meeting(name="Example", fellowship=fellowship, notes=says)
    assert found(medication=True) == ({"Example"} if is_friendly else set())


def test_words_are_all_in_the_name_or_the_place(make_meeting: Make) -> None:
    make_meeting(name="Morning Light", venue="Sample Hall", city="Troy", address="1 Oak Street, Troy, NY")
    make_meeting(name="Morning Star", city="Albany")
    make_meeting(name="Evening", group_name="Light of Troy")
    make_meeting(name="Percent 100%")
    make_meeting(name="Notes", notes="Morning light in Troy")
    assert found(words="light troy") == {"Morning Light", "Evening"}
    assert found(words="OAK") == {"Morning Light"}
    assert found(words="%") == {"Percent 100%"}
    assert found(words="_orning") == set()
    assert found(words="morning") == {"Morning Light", "Morning Star"}
    assert found(words="ro") == {"Morning Light", "Evening"}  # too short for the index
    assert found(words="0% PER") == {"Percent 100%"}


def unlocated(feed: MeetingFeed, near: Any = "12207", within_km: float | None = 16, **asked: Any) -> set[str]:
    among = Meeting.objects.filter(feed__clinic=feed.clinic)
    return {
        each.name
        for each in off_the_map.unlocated(near=near, within_km=within_km, now=TUESDAY_SIX, among=among, **asked)
    }


def test_places_without_coordinates_are_not_lost(make_meeting: Make, feed: MeetingFeed) -> None:
    nowhere = {"latitude": None, "longitude": None}
    make_meeting(name="located", city="Troy", state="NY")
    make_meeting(name="the ZIP code's town", city="ALBANY", state="NY", **nowhere)
    make_meeting(name="a town with a meeting near", city="troy", state="NY", **nowhere)
    make_meeting(name="Troy, Michigan", city="Troy", state="MI", **nowhere)
    make_meeting(name="another town", city="Buffalo", state="NY", **nowhere)
    make_meeting(name="no town, on a list that has some near", **nowhere)
    make_meeting(name="no town, another state", state="CA", **nowhere)
    make_meeting(name="online", attendance="online", city="Albany", state="NY", **nowhere)
    make_meeting(name="another day", weekday=5, city="Albany", state="NY", **nowhere)
    make_meeting(name="retired", city="Albany", state="NY", retired_at=TUESDAY_SIX, **nowhere)
    far = MeetingFeed.objects.create(clinic=feed.clinic, name="Far", fellowship="aa")
    make_meeting(name="located far", feed=far, latitude=40.0, longitude=-80.0)
    make_meeting(name="no town, on a list of elsewhere", feed=far, **nowhere)
    assert unlocated(feed, weekday=2) == {
        "the ZIP code's town",
        "a town with a meeting near",
        "no town, on a list that has some near",
    }
    assert "located" in found(near="12207", within_km=16)
    assert found(near="12207", within_km=16) & unlocated(feed) == set()


def test_a_list_abroad_without_coordinates_is_listed_where_its_clocks_are(
    make_meeting: Make, feed: MeetingFeed
) -> None:
    canada = {"latitude": None, "longitude": None, "city": "Edmonton", "country": "Canada"}
    make_meeting(name="Edmonton", time_zone="America/Edmonton", **canada)
    assert unlocated(feed, near=(53.5, -113.5)) == {"Edmonton"}
    assert unlocated(feed, near=(43.6, -79.4)) == set()  # Toronto
    assert unlocated(feed, near="12207") == set()


def test_the_pages_of_very_many_are_those_of_the_whole(
    make_meeting: Make, feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        make_meeting(weekday=number % 7, start=datetime.time(number % 24, number % 60), time_zone="America/Denver")
    monkeypatch.setattr(results, "MOST", 40)

    def pages(per_page: int, **asked: Any) -> MeetingPages:
        question = {"now": TUESDAY_SIX, "zone": NEW_YORK, **asked}
        stretches = finder.stretches(**question) if "near" not in asked else []
        return MeetingPages(finder.find(**question), per_page, since=TUESDAY_SIX - finder.GRACE, stretches=stretches)

    whole = [each.pk for each in finder.find(now=TUESDAY_SIX)]
    of_all = pages(10)
    assert (of_all.is_more, of_all.count, of_all.num_pages) == (True, 40, 4)
    assert [each.pk for number in range(1, 5) for each in of_all.get_page(number)] == whole[:40]
    near = finder.find(now=TUESDAY_SIX, near=ALBANY)
    assert [each.pk for each in pages(10, near=ALBANY).get_page(2)] == [each.pk for each in near[10:20]]
    few = pages(5, weekday=2)
    assert not few.is_more
    assert few.count == finder.find(now=TUESDAY_SIX, weekday=2).count()
    monkeypatch.setattr(results, "MOST", 4)
    questions: list[dict[str, Any]] = [{"weekday": 4}, {"parts": ["night", "morning"]}, {"soon": True}]
    for asked in [*questions, {"weekday": 2}, {"in_progress": True}]:
        whole = [each.pk for each in finder.find(now=TUESDAY_SIX, zone=NEW_YORK, **asked)]
        paged = pages(2, **asked)
        assert [each.pk for number in paged.page_range for each in paged.get_page(number)] == whole[:4], asked


def shown(desk: Browser, url: str, **asked: Any) -> str:
    answer = desk.get(url, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_clients_search_begins_at_home_and_says_so(
    signed_in: SignIn, counselor: StaffMember, client_record: Client, make_meeting: Make
) -> None:
    make_meeting(name="Example far", latitude=42.75)
    make_meeting(name="Example near")
    desk, url = signed_in(counselor), reverse("referrals:client_finder", args=[client_record.pk])
    assert "has no ZIP code" in shown(desk, url)
    client_record.postal_code = "12207-1234"
    client_record.save()
    page = shown(desk, url)
    assert page.index("Example near") < page.index("Example far")
    assert "the middle of ZIP code 12207 (Albany, NY), where" in page
    assert (
        "12207" not in sent_by(desk.get(url).content.decode()).urlencode()
    )  # an address in the browser's history says no home
    assert "No distances" in shown(desk, url, start="none")
    assert "the middle of ZIP code 12180 (Troy, NY)." in shown(desk, url, start="home", near="12180")
    assert "the middle of ZIP code 12207" in shown(desk, url, weekday="2")


def test_a_clients_search_may_begin_at_work(
    signed_in: SignIn, counselor: StaffMember, client_record: Client, make_meeting: Make
) -> None:
    make_meeting(name="Example by work", latitude=42.73, longitude=-73.68)
    make_meeting(name="Example by home", latitude=42.65, longitude=-73.75)
    desk, url = signed_in(counselor), reverse("referrals:client_finder", args=[client_record.pk])
    client_record.work_postal_code = "12180"
    client_record.save()
    page = shown(desk, url)  # all that is known
    assert "Troy, NY), where" in page
    assert "works or learns" in page
    client_record.postal_code = "12207"
    client_record.save()
    by_home, by_work = shown(desk, url), shown(desk, url, start="work")
    assert by_home.index("Example by home") < by_home.index("Example by work")
    assert by_work.index("Example by work") < by_work.index("Example by home")
    assert "Work or school, ZIP code 12180" in by_home
    assert "12180" not in str(desk.get(url, {"start": "work"}).context["query"])


def test_times_are_those_of_the_meeting_and_of_the_client(
    signed_in: SignIn, counselor: StaffMember, client_record: Client, make_meeting: Make
) -> None:
    client_record.time_zone = "America/Chicago"
    client_record.save()
    meeting = make_meeting(attendance="online", latitude=None, longitude=None)
    desk = signed_in(counselor)
    for url in (
        reverse("referrals:client_finder", args=[client_record.pk]),
        reverse("referrals:client_meeting", args=[client_record.pk, meeting.pk]),
    ):
        page = " ".join(shown(desk, url).split())
        assert "7:00 PM Eastern" in page
        assert f"6:00 PM Central for {client_record.called}" in page
    assert "7:00 PM Eastern" not in shown(desk, reverse("referrals:finder"))  # the clinic is in New York


def test_the_page_of_a_meeting_has_its_groups_week(
    signed_in: SignIn, counselor: StaffMember, make_meeting: Make, feed: MeetingFeed, other_clinic: Clinic
) -> None:
    group = {"group_name": "Example Group"}
    first = make_meeting(name="Sunday Steps", weekday=0, **group)
    make_meeting(name="Thursday Talk", weekday=4, **group)
    make_meeting(name="Retired one", weekday=5, retired_at=TUESDAY_SIX, **group)
    make_meeting(name="Of another", weekday=5, group_name="Example Group of Troy")
    make_meeting(name="Of another fellowship", weekday=5, fellowship="na", **group)
    theirs = MeetingFeed.objects.create(clinic=other_clinic, name="Theirs", fellowship="aa")
    make_meeting(name="Of another clinic", feed=theirs, **group)
    alone = make_meeting(name="Daily", address="1 Oak Street")
    make_meeting(name="Daily", address="1 Oak Street", weekday=5)
    make_meeting(name="Daily", address="9 Elm Street", weekday=6)
    desk = signed_in(counselor)
    context = desk.get(reverse("referrals:meeting", args=[first.pk])).context
    assert [each.name for each in context["group"]] == ["Sunday Steps", "Thursday Talk"]
    context = desk.get(reverse("referrals:meeting", args=[alone.pk])).context
    assert [each.weekday for each in context["group"]] == [2, 5]


def test_a_groups_week_is_that_of_all_lists_that_have_the_meeting(
    signed_in: SignIn,
    clinic: Clinic,
    counselor: StaffMember,
    make_meeting: Make,
    feed: MeetingFeed,
    django_assert_max_num_queries: Any,
) -> None:
    """Each meeting once, as it is shown: a correction stands in its listing's place, another list adds its own."""
    group = {"group_name": "Example Group", "street": "1 Example St", "city": "Albany"}
    one = make_meeting(name="Sunday Steps", weekday=0, **group)
    thursday = make_meeting(name="Thursday Talk", weekday=4, **group)
    region = MeetingFeed.objects.create(clinic=clinic, name="Region", fellowship="aa")
    twin = make_meeting(name="Sunday Steps", weekday=0, feed=region, **{**group, "group_name": "Example Group Albany"})
    make_meeting(name="Thursday Talk", weekday=4, feed=region, **{**group, "group_name": "Example Group Albany"})
    make_meeting(name="Friday Focus", weekday=5, feed=region, **{**group, "group_name": "Example Group Albany"})
    make_meeting(name="Of another", weekday=6, feed=region, **{**group, "group_name": "Another Group"})
    matching.match_for(clinics=[clinic.pk], at=timezone.now())
    mine = own_meetings.add(by=counselor, corrects=one, **{**own_meetings.facts_of(one), "venue": "Room 4"})
    desk = signed_in(counselor)
    week = [(0, mine.pk), (4, thursday.pk), (5, Meeting.objects.get(name="Friday Focus").pk)]
    for meeting in (mine, one, twin):
        address = reverse("referrals:meeting", args=[meeting.pk])
        desk.get(address)
        with django_assert_max_num_queries(12):
            context = desk.get(address).context
        assert [(each.weekday, each.pk) for each in context["group"]] == week
    own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
    context = desk.get(reverse("referrals:meeting", args=[one.pk])).context
    assert [each.pk for each in context["group"]] == [one.pk, *(key for _, key in week[1:])]


def test_where_no_group_is_named_one_link_is_one_group(
    signed_in: SignIn, counselor: StaffMember, make_meeting: Make
) -> None:
    """As the same group in its room and online; the name alone is that of many groups."""
    link = {"name": "Serenity", "conference_url": "https://zoom.us/j/123456789"}
    here = make_meeting(**link, address="1 Oak Street", attendance="hybrid")
    make_meeting(**link, attendance="online", weekday=5)
    make_meeting(name="Serenity", attendance="online", weekday=6, conference_url="https://zoom.us/j/987654321")
    context = signed_in(counselor).get(reverse("referrals:meeting", args=[here.pk])).context
    assert [each.weekday for each in context["group"]] == [2, 5]


def test_the_map_has_the_numbers_of_the_list(signed_in: SignIn, counselor: StaffMember, make_meeting: Make) -> None:
    make_meeting(name="North", latitude=ALBANY[0] + 0.05)
    make_meeting(name="Here")
    make_meeting(name="Here, too", start=datetime.time(20))
    make_meeting(name="East", longitude=ALBANY[1] + 0.1)
    make_meeting(name="No coordinates", latitude=None, longitude=None)
    answer = signed_in(counselor).get(reverse("referrals:finder"), {"near": "42.6526, -73.7562"})
    drawn = answer.context["map"]
    marks = {mark.label: mark for mark in drawn.marks}
    assert marks.keys() == {"1, 2", "3", "4"}
    assert [each.name for each in answer.context["page"]][2:4] == ["North", "East"]
    (x, y) = drawn.start
    assert (marks["1, 2"].x, marks["1, 2"].y) == pytest.approx((x, y), abs=0.2)
    assert marks["3"].x == pytest.approx(x, abs=0.2)
    assert marks["3"].y < y  # north is up
    assert marks["4"].x > x
    # a mile is as long in any direction: 5.08 miles east, 3.45 miles north
    assert (marks["4"].x - x) / (y - marks["3"].y) == pytest.approx(5.08 / 3.45, rel=0.01)
    assert drawn.bar / float(drawn.bar_words.split()[0]) == pytest.approx((marks["4"].x - x) / 5.08, rel=0.01)
    page = answer.content.decode()
    # nothing that is drawn later crosses a number
    assert page.index("meeting-map__ring") < page.index("meeting-map__start") < page.index("meeting-map__mark")
    assert 'href="#meeting-3"' in page
    assert 'id="meeting-3"' in page
    assert "<img" not in page[page.index('class="meeting-map"') : page.index("</figure>")]


def test_a_meeting_on_a_ring_does_not_hide_how_far_the_ring_is() -> None:
    """Meetings two and five miles north stand where a ring's distance is written first."""
    places = [(ALBANY[0] + miles / 69.0934, ALBANY[1]) for miles in (2, 5, -4)]
    meetings = [
        Meeting(name="Example", attendance="in_person", latitude=latitude, longitude=longitude)
        for latitude, longitude in places
    ]
    drawn = meeting_map.draw(meetings, ALBANY)
    assert drawn is not None
    assert {"2 mi", "5 mi"} <= {ring.miles for ring in drawn.rings}
    for ring in drawn.rings:
        for mark in drawn.marks:
            beside = abs(float(ring.label_x) - mark.x) > 18 + float(mark.width) / 2 - 0.2
            assert beside or abs(float(ring.label_y) - 4 - mark.y) > 18.8, (ring, mark.label)


def test_no_map_without_a_place(signed_in: SignIn, counselor: StaffMember, make_meeting: Make) -> None:
    make_meeting(attendance="online")
    assert signed_in(counselor).get(reverse("referrals:finder")).context["map"] is None


def test_the_page_keeps_what_was_typed_and_counts(
    signed_in: SignIn, counselor: StaffMember, make_meeting: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_meeting(
            name=f"Example {number}", types=["W"], notes="MAT friendly", conference_phone="1", attendance="hybrid"
        )
    make_meeting(name="Other")
    asked = {
        "near": "12207", "within": "10", "words": "example", "when": "", "how": "phone", "order": "soonest",
        "needs": ["women", "medication"], "parts": ["evening"], "weekday": "2",
    }  # fmt: skip
    desk, url = signed_in(counselor), reverse("referrals:finder")
    page = " ".join(shown(desk, url, **asked).split())
    assert "<strong>3 meetings,</strong>" in page
    for kept in (
        'value="12207"',
        'value="example"',
        'value="2" selected',
        'value="medication" class="form-check-input"',
    ):
        assert kept.split(" class")[0] in page
    ticked = {each.data["value"] for each in desk.get(url, asked).context["form"]["needs"] if each.data["selected"]}
    assert ticked == {"women", "medication"}
    monkeypatch.setattr(results, "MOST", 2)
    assert "More than" in shown(desk, url, **asked)
