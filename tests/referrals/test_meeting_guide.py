"""The messy things people put into meeting lists."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals import meeting_guide
from referrals.fellowships import NEEDS, Fellowship, codes
from referrals.listing import ListedMeeting, SourceError

from .conftest import own

ROW = {
    "name": "Example",
    "slug": "example",
    "day": 1,
    "time": "19:00",
    "formatted_address": "1 Example St, Albany, NY 12207, USA",
}


def one(**fields: Any) -> ListedMeeting:
    feed = meeting_guide.parse([{**ROW, **fields}])
    assert feed.rejected == []
    assert len(feed.meetings) == 1
    return feed.meetings[0]


def why(**fields: Any) -> str:
    feed = meeting_guide.parse([{**ROW, **fields}])
    assert feed.meetings == []
    return feed.rejected[0].sentence


def test_the_synthetic_feed() -> None:
    feed = meeting_guide.parse(own("synthetic_meeting_guide.json"))
    assert [meeting.external_id for meeting in feed.meetings] == [
        "example-sunrise",
        "example-nightowls@5",
        "example-nightowls@6",
        "example-online",
        "example-hybrid",
        "example-closed",
        "example-appointment",
        "example-midnight",
    ]
    assert [(row.index, row.name) for row in feed.rejected] == [(6, "Example Eighth Day"), (8, "")]
    nights = feed.meetings[1]
    assert (nights.duration, nights.ends_next_day, nights.street) == (60, True, "2 Sample Ave")
    online = feed.meetings[3]
    assert (online.name, online.attendance, online.types) == ("Example & Friends", "online", ("C", "W"))
    assert online.notes == "Last Tuesday\nopen meeting only"
    assert feed.meetings[4].conference_provider_known is False
    assert feed.meetings[4].conference_phone == "+15185550100,,123#"
    assert feed.meetings[5].attendance == "inactive"
    assert feed.meetings[7].start == datetime.time(0, 0)  # midnight is a time, not a missing one


@pytest.mark.parametrize(
    ("said", "read"), [(0, 0), ("3", 3), ("Tuesday", 2), ("sat", 6), ([6], 6), (2.0, 2), ("Sundays", 0)]
)
def test_days(said: object, read: int) -> None:
    assert one(day=said).weekday == read


@pytest.mark.parametrize("said", [7, "7", -1, "someday", [1, 9], True, {"day": 1}, 1.5])
def test_days_that_are_none(said: object) -> None:
    assert "day of the week" in why(day=said)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("19:00", "19:00"),
        ("19:00:00", "19:00"),
        ("7:30 PM", "19:30"),
        ("12:00 AM", "00:00"),
        ("12:15pm", "12:15"),
        ("19h00", "19:00"),
        ("19h", "19:00"),
        ("7.30 pm", "19:30"),
    ],
)
def test_times(said: str, read: str) -> None:
    assert f"{one(time=said).start:%H:%M}" == read


@pytest.mark.parametrize("said", ["25:00", "7", "19:61", "13:00 PM", "evening"])
def test_times_that_are_none(said: str) -> None:
    assert "time of day" in why(time=said)


def test_twenty_four_hours_is_midnight_of_the_next_day() -> None:
    meeting = one(day=6, time="24:00")
    assert (meeting.weekday, meeting.start) == (0, datetime.time(0))


def test_a_start_under_its_other_name() -> None:
    row = {key: value for key, value in ROW.items() if key != "time"} | {"start_time": "18:00"}
    assert meeting_guide.parse([row]).meetings[0].start == datetime.time(18)


def test_no_time_is_by_appointment() -> None:
    meeting = one(time=None)
    assert (meeting.weekday, meeting.start) == (None, None)


def test_an_end_past_midnight_is_never_negative() -> None:
    assert one(time="23:00", end_time="00:15").duration == 75
    assert one(time="23:00", end_time="23:00").duration is None


def test_several_days_do_not_shift_what_follows() -> None:
    rows = [{**ROW, "slug": "a", "day": [1, 3]}, {**ROW, "slug": "b", "day": [5], "name": "B"}]
    assert [(m.external_id, m.weekday) for m in meeting_guide.parse(rows).meetings] == [
        ("a@1", 1),
        ("a@3", 3),
        ("b", 5),
    ]


def test_slug_falls_back() -> None:
    for key in ("post_name", "id"):
        row = {k: v for k, v in ROW.items() if k != "slug"} | {key: 77}
        assert meeting_guide.parse([row]).meetings[0].external_id == "77"
    row = {k: v for k, v in ROW.items() if k != "slug"}
    assert re.fullmatch("example~[0-9a-f]{10}", meeting_guide.parse([row]).meetings[0].external_id)
    assert one(slug=5202).external_id == "5202"


def test_a_second_row_with_the_same_slug_is_kept_and_reported() -> None:
    feed = meeting_guide.parse([ROW, {**ROW, "day": 2}])
    assert [meeting.external_id for meeting in feed.meetings] == ["example", "example-2"]
    assert "already has the ID" in feed.remarks[0].sentence


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("[open]", ("O",)),
        ("O,D", ("D", "O")),
        (["o", " c "], ("C",)),
        (["Open", "Wheelchair Access"], ("O", "X")),
        ([11], ("11",)),
        (["ONL", "O"], ("O",)),
        (["NONSENSE"], ()),
        ([""], ()),
        (None, ()),
    ],
)
def test_types(said: object, read: tuple[str, ...]) -> None:
    assert one(types=said).types == read


@pytest.mark.parametrize(
    ("fields", "attendance"),
    [
        ({}, "in_person"),
        ({"types": ["ONL"]}, "in_person"),  # a claim without a conference
        ({"types": ["TC"]}, "inactive"),
        ({"types": ["TC"], "conference_url": "https://zoom.us/j/1"}, "online"),
        ({"conference_url": "https://zoom.us/j/1"}, "hybrid"),
        ({"conference_phone": "+1 518 555 0100"}, "hybrid"),
        ({"conference_phone": "12"}, "in_person"),
        ({"approximate": "yes", "conference_url": "https://zoom.us/j/1"}, "online"),
        ({"approximate": "yes"}, "inactive"),
        ({"formatted_address": "Albany, NY, USA"}, "inactive"),
        ({"formatted_address": "Albany, NY, USA", "approximate": "no"}, "in_person"),
    ],
)
def test_attendance(fields: dict[str, Any], attendance: str) -> None:
    assert one(**fields).attendance == attendance


@pytest.mark.parametrize(
    ("latitude", "longitude", "by"),
    [
        (42.1, -73.1, "source"),
        (0, 0, "zip"),
        (42.1, None, "zip"),
        (33.5, 0.0, "zip"),
        ("x", "y", "zip"),
        (99, 1, "zip"),
    ],
)
def test_coordinates(latitude: object, longitude: object, by: str) -> None:
    assert one(latitude=latitude, longitude=longitude).located_by == by


def test_coordinates_in_one_field_and_a_zip_that_lies_elsewhere() -> None:
    assert one(coordinates="42.1,-73.1").latitude == 42.1
    assert one(formatted_address="1 Main St, Anytown, OK 12345, USA").located_by == ""  # 12345 is in New York


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("America/Chicago", "America/Chicago"),
        ("Chicago", "America/Chicago"),
        ("los angeles", "America/Los_Angeles"),
        ("EDT", "America/New_York"),
        ("est", "America/New_York"),
        ("MST7MDT", "America/Denver"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Canada/Pacific", "America/Vancouver"),
        ("AKDT", "America/Anchorage"),
        ("Etc/GMT+8", "America/New_York"),  # knows no summer: from the coordinates
        ("Eastern", "America/New_York"),
        ("Pacific Time", "America/Los_Angeles"),
        ("Mars/Olympus", "America/New_York"),  # unknown: from the coordinates
        ("", "America/New_York"),
    ],
)
def test_time_zones(said: str, read: str) -> None:
    assert one(timezone=said, latitude=42.65, longitude=-73.75).time_zone == read


def test_addresses() -> None:
    row = {**ROW, "formatted_address": "", "address": "9 Main St @ Elm", "city": "Boston", "state": ".MA", "zip": 2108}
    meeting = meeting_guide.parse([row]).meetings[0]
    assert meeting.address == "9 Main St, Boston, MA 02108, USA"  # no country given, no leading zero
    whole = one(formatted_address="8318 104 St, Edmonton, Alberta, T6E 4E8, Canada")
    assert (whole.street, whole.city, whole.state, whole.postal_code) == (
        "8318 104 St",
        "Edmonton",
        "Alberta",
        "T6E 4E8",
    )
    assert one(formatted_address="1 Example St, Albany, NY 12207, US").country == "USA"


def test_text_is_plain() -> None:
    meeting = one(name="Tom &amp; Ann's", notes="<p>One<br/>Two&nbsp;three</p><script>alert(1)</script>")
    assert meeting.name == "Tom & Ann's"
    assert meeting.notes == "One\nTwo three"


@pytest.mark.parametrize(
    "said", ["javascript:alert(1)", "see notes", "http://", "mailto:a@example.org", "https://a b.us"]
)
def test_links_that_are_none(said: str) -> None:
    assert one(conference_url=said).conference_url == ""


def test_a_link_without_its_scheme() -> None:
    assert one(conference_url="zoom.us/j/1").conference_url == "https://zoom.us/j/1"


def test_people_are_not_read() -> None:
    meeting = one(contact_1_name="Sample Person", contact_1_phone="518-555-0199", email="sample@example.org")
    assert "Sample Person" not in repr(meeting)
    assert "0199" not in repr(meeting)
    assert "sample@" not in repr(meeting)


def test_a_google_sheet() -> None:
    sheet = {
        "values": [
            ["Meeting", "Day", "Time", "Full Address", "ID"],
            ["Example", "Monday", "7:00 PM", "x, y, z, q", "a"],
        ]
    }
    meeting = meeting_guide.parse(sheet).meetings[0]
    assert (meeting.name, meeting.weekday, meeting.external_id, meeting.address) == ("Example", 1, "a", "x, y, z, q")


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (b"<!doctype html><title>Moved</title>", "web page"),
        (b"", "empty"),
        (b"   ", "empty"),
        ("[]", "no meetings"),
        ({"values": []}, "no meetings"),
        ("{}", "not a list"),
        ('"hello"', "isn’t JSON or a table"),
        ("[{]", "isn’t valid JSON"),
        (b"\xff\xfe\x00", "isn’t JSON or a table"),
    ],
)
def test_sources_that_are_no_list(payload: Any, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        meeting_guide.parse(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
field_names = st.sampled_from(
    [
        "name",
        "slug",
        "day",
        "time",
        "end_time",
        "timezone",
        "types",
        "latitude",
        "longitude",
        "coordinates",
        "approximate",
        "formatted_address",
        "address",
        "city",
        "state",
        "postal_code",
        "conference_url",
        "conference_phone",
        "regions",
        "updated",
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(rows=st.lists(st.dictionaries(field_names, json_values), min_size=1, max_size=4))
def test_whatever_a_row_holds_it_is_kept_or_rejected_with_a_sentence(rows: list[dict[str, Any]]) -> None:
    feed = meeting_guide.parse(rows)
    for meeting in feed.meetings:
        assert meeting.name
        assert (meeting.weekday is None) == (meeting.start is None)
        assert meeting.content_hash
    assert all(row.sentence for row in feed.rejected)


def test_a_number_of_five_thousand_digits_costs_no_row_but_its_own() -> None:
    endless = b'[{"name": "A", "slug": "a", "day": ' + b"9" * 5000 + b', "time": "19:00"}, '
    feed = meeting_guide.parse(endless + b'{"name": "B", "slug": "b", "day": 1, "time": "19:00"}]')
    assert [(meeting.external_id, meeting.weekday) for meeting in feed.meetings] == [("a", None), ("b", 1)]


def test_types_of_other_fellowships_are_one_vocabulary() -> None:
    def read(fellowship: str, *said: str) -> tuple[str, ...]:
        return meeting_guide.parse([{**ROW, "types": list(said)}], fellowship=fellowship).meetings[0].types

    assert read("cma", "BE", "ASL", "XB") == ("ASL", "BE", "XB")
    assert read("ma", "BB", "H", "LGBTQI+") == ("BOOK", "CHIP", "LGBTQ")
    assert read("slaa", "NC", "POA", "12x12", "Spanish") == ("BE", "FFL", "POA", "S")
    assert read("aca", "S", "A", "Y", "Spanish") == ("18", "S", "SP", "YWB")  # their S is a speaker
    assert read("al-anon", "POA", "S") == ("PARENT", "S")  # their POA is no proof of attendance
    assert read("recovery-dharma", "WA", "CC", "IW") == ("BA", "INQW", "X")
    assert read("na", "es", "SPANISH", "STEP") == ("S", "STEP")


def test_a_code_that_answers_a_need_means_it_in_every_fellowship() -> None:
    """The finder asks all fellowships at once: no code may stand for another thing in one of them."""
    words = {
        "open": ("open", "observers"), "newcomers": ("newcomers", "beginners"), "women": ("women",), "men": ("men",),
        "young": ("young", "alateen", "ages"), "spanish": ("spanish",), "sign": ("sign language",),
        "wheelchair": ("wheelchair",), "children": ("child", "babysitting"), "secular": ("secular",),
        "speaker": ("speaker",), "steps": ("step",), "proof": ("proof of attendance",),
        "lgbtq": ("lgbtq", "gay", "lesbian", "trans", "bisexual", "non-binary"),
    }  # fmt: skip
    assert set(words) == set(NEEDS)
    for fellowship in Fellowship:
        for need, (_, said) in NEEDS.items():
            for code in said & codes(fellowship).keys():
                name = codes(fellowship)[code].casefold()
                assert any(word in name for word in words[need]), (fellowship, need, code, name)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("Tue/Thu", [2, 4]),
        ("Mon & Wed", [1, 3]),
        ("Monday-Friday", [1, 2, 3, 4, 5]),
        ("Fri – Sun", [5, 6, 0]),
        ("Saturday and Sunday", [6, 0]),
        ("Mon, Wed, Fri", [1, 3, 5]),
        ("Mon-Wed-Fri", [1, 3, 5]),
        ("Mon thru Wed; Sat", [1, 2, 3, 6]),
        ("Daily", [0, 1, 2, 3, 4, 5, 6]),
        ("weekends", [6, 0]),
        ("1,3", [1, 3]),
        (["Tue/Thu", 5], [2, 4, 5]),
    ],
)
def test_several_days_in_words(said: object, days: list[int]) -> None:
    assert [meeting.weekday for meeting in meeting_guide.parse([{**ROW, "day": said}]).meetings] == days


@pytest.mark.parametrize("said", ["1-5", "2/4", "Tue or so", "1st Tue/3rd Thu", "/", "Mon-Someday", "1,7"])
def test_several_days_that_may_mean_anything(said: str) -> None:
    assert "day of the week" in why(day=said)


@pytest.mark.parametrize(
    ("said", "read", "remark"),
    [
        ("https://zoom.us/j/123 456 789", "https://zoom.us/j/123456789", True),
        ("https://zoom.us/j/ 123456", "https://zoom.us/j/123456", True),
        ("https://zoom.us/j/1?pwd= abc", "https://zoom.us/j/1?pwd=abc", True),
        ("https://zoom.us/j/123 (password: none)", "https://zoom.us/j/123", True),
        ("Join at https://zoom.us/j/123", "https://zoom.us/j/123", True),
        ("https://zoom.us/j/1", "https://zoom.us/j/1", False),
        ("ask the secretary", "", True),
        ("https://a b.us", "", True),
    ],
)
def test_a_link_with_a_blank_is_mended_and_one_that_is_dropped_is_said(said: str, read: str, remark: bool) -> None:
    feed = meeting_guide.parse([{**ROW, "conference_url": said}])
    assert feed.meetings[0].conference_url == read
    assert any("online meeting link" in each.sentence for each in feed.remarks) is remark


@pytest.mark.parametrize("dash", "-–—−‐")
def test_a_zip_with_any_dash(dash: str) -> None:
    whole = one(formatted_address=f"1 Example St, Albany, NY 12207{dash}1234, USA", latitude=None, longitude=None)
    parts = one(formatted_address="", address="1 Example St", city="Albany", state="NY", postal_code=f"12207{dash}1234")
    assert whole.located_by == parts.located_by == "zip"
    assert (parts.postal_code, parts.time_zone) == ("12207-1234", "America/New_York")


def test_a_list_of_the_other_standard_is_refused() -> None:
    with pytest.raises(SourceError, match="format to BMLT"):
        meeting_guide.parse([{"id_bigint": "1", "meeting_name": "Example", "weekday_tinyint": "2"}])
