"""What is known of the real feeds, number by number."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable

import pytest

from referrals import bmlt, feeds, finder, meeting_guide
from referrals.listing import ParsedFeed, SourceError
from referrals.models import Meeting, MeetingFeed
from staff.models import Clinic

from .test_import import AT

Real = Callable[[str], bytes]


def attendance(feed: ParsedFeed) -> dict[str, int]:
    return dict(Counter(str(meeting.attendance) for meeting in feed.meetings))


def doubles(feed: ParsedFeed) -> int:
    return sum("a duplicate" in remark.sentence for remark in feed.remarks)


def test_orange_county(real: Real) -> None:
    feed = meeting_guide.parse(real("tsml_orange_county_ca_2023.json"))
    assert len(feed.meetings) == 1967
    assert feed.rejected == []
    # derived by our own rules, and the same as what the source says of itself
    assert attendance(feed) == {"in_person": 1432, "online": 385, "hybrid": 148, "inactive": 2}
    assert sum(meeting.weekday is None for meeting in feed.meetings) == 1
    assert sum(meeting.duration is not None for meeting in feed.meetings) == 766
    assert sum(meeting.ends_next_day for meeting in feed.meetings) == 9
    assert all(meeting.duration is None or meeting.duration > 0 for meeting in feed.meetings)
    assert sum(meeting.approximate for meeting in feed.meetings) == 386
    assert {meeting.time_zone for meeting in feed.meetings} == {"America/Los_Angeles"}
    assert doubles(feed) == 4


def test_san_jose(real: Real) -> None:
    feed = meeting_guide.parse(real("tsml_san_jose_ca_2021.json"))
    assert len(feed.meetings) == 670
    assert attendance(feed) == {"in_person": 120, "online": 325, "hybrid": 96, "inactive": 129}
    assert sum(meeting.ends_next_day for meeting in feed.meetings) == 6
    assert not any("&amp;" in meeting.conference_url for meeting in feed.meetings)
    assert any("“BS”" in remark.sentence and "6" in remark.sentence for remark in feed.remarks)
    assert doubles(feed) == 0


def test_edmonton_keeps_315_rows_and_their_own_days(real: Real) -> None:
    payload = real("tsml_edmonton_ab_2022.json")
    feed = meeting_guide.parse(payload, default_time_zone="America/Edmonton")
    assert len(feed.meetings) == 315  # a reference reader makes 472 of them
    rows = {row["slug"]: row for row in json.loads(payload)}
    for meeting in feed.meetings:
        row = rows[meeting.external_id]
        assert [meeting.weekday] == row["day"]
        assert f"{meeting.start:%-I:%M %p}" == row["time"]
    assert {meeting.time_zone for meeting in feed.meetings} == {"America/Edmonton"}
    assert {meeting.country for meeting in feed.meetings} == {"Canada"}
    assert all(meeting.source_updated for meeting in feed.meetings)


def test_north_west_texas(real: Real) -> None:
    payload = real("tsml_nw_texas_legacy_2021.json")
    feed = meeting_guide.parse(payload)
    assert len(feed.meetings) == 613
    assert {meeting.state for meeting in feed.meetings} == {"TX"}
    assert Counter(code for meeting in feed.meetings for code in meeting.types) == {"O": 407, "C": 206}
    assert doubles(feed) == 17
    at_nowhere = {str(row["slug"]) for row in json.loads(payload) if row["latitude"] == row["longitude"] == 0}
    assert len(at_nowhere) == 53
    assert all(m.located_by == "zip" and m.latitude for m in feed.meetings if m.external_id in at_nowhere)
    assert {meeting.time_zone for meeting in feed.meetings} == {"America/Chicago", "America/Denver"}  # El Paso


def test_al_anon_in_massachusetts(real: Real) -> None:
    feed = meeting_guide.parse(real("tsml_alanon_ma.json"), fellowship="al-anon")
    assert len(feed.meetings) == 360
    assert Counter(code for m in feed.meetings for code in m.types)["AC"] == 48
    assert not any(ord(character) == 0xA0 for meeting in feed.meetings for character in meeting.conference_url)
    # three are online by nothing but the number "+11", which leads nowhere
    assert sum("can’t be dialed" in remark.sentence for remark in feed.remarks) == 3


def test_cape_cod(real: Real) -> None:
    feed = meeting_guide.parse(real("tsml_cape_cod_ma_2025.json"))
    assert len(feed.meetings) == 374
    assert sum(bool(meeting.conference_url) for meeting in feed.meetings) == 147
    assert sum(not meeting.conference_provider_known for meeting in feed.meetings) == 7
    assert {meeting.entity for meeting in feed.meetings} == {"Cape Cod Intergroup"}
    assert "11" in {code for meeting in feed.meetings for code in meeting.types}  # sometimes given as a number


def test_edge_files(real: Real) -> None:
    times = meeting_guide.parse(real("tsml_edge_times.json"))
    assert len(times.meetings) == 9
    assert [meeting.external_id for meeting in times.meetings if meeting.weekday is None] == ["appointment"]
    assert not any("NA" in meeting.types for meeting in times.meetings)
    assert len(meeting_guide.parse(real("tsml_edge_entity_fields.json")).meetings) == 6
    table = meeting_guide.parse(real("tsml_csv_template.csv"))
    assert len(table.meetings) == 36
    assert table.rejected == []
    assert all(meeting.weekday is not None and meeting.source_updated for meeting in table.meetings)
    with pytest.raises(SourceError, match="line 80"):
        meeting_guide.parse(real("tsml_edge_invalid_json.json"))


def test_upstate_new_york(real: Real) -> None:
    feed = bmlt.parse(real("bmlt_searchresults_upstate_ny_244.json"))
    assert len(feed.meetings) == 244
    assert {meeting.time_zone for meeting in feed.meetings} == {"America/New_York"}  # blank in every row
    assert {meeting.country for meeting in feed.meetings} == {"USA"}  # four spellings, one of them nothing
    assert sum(not meeting.types for meeting in feed.meetings) == 12
    assert attendance(feed) == {"in_person": 244}


def test_the_admin_api_says_the_same_as_the_search(real: Real) -> None:
    searched = bmlt.parse(real("bmlt_searchresults_upstate_ny_244.json"))
    asked = bmlt.parse(
        real("bmlt_adminapi_v1_meetings_244.json"),
        formats=json.loads(real("bmlt_adminapi_v1_formats.json")),
    )
    days = {m.external_id.rsplit("#", 1)[1]: (m.name, m.weekday, m.start, m.duration) for m in searched.meetings}
    assert len(asked.meetings) == 244
    assert {m.external_id: (m.name, m.weekday, m.start, m.duration) for m in asked.meetings} == days


def test_mixed_servers(real: Real) -> None:
    feed = bmlt.parse(real("bmlt_searchresults_mixed_54.json"))
    assert (len(feed.meetings), len(feed.rejected)) == (53, 1)
    assert "hasn’t published" in feed.rejected[0].sentence
    assert attendance(feed) == {"in_person": 52, "online": 1}


def test_new_york_city_with_its_formats(real: Real) -> None:
    first = bmlt.parse(real("bmlt_searchresults_with_formats_nyc_00.json"))
    assert len(first.meetings) == 37
    assert sum(meeting.ends_next_day for meeting in first.meetings) == 7
    assert attendance(first)["online"] == 27
    assert len(bmlt.parse(real("bmlt_searchresults_with_formats_nyc_01.json")).meetings) == 10
    assert len(bmlt.parse(real("bmlt_distance_search_day2.json")).meetings) == 53


def test_every_type_of_the_specification_has_a_name(real: Real) -> None:
    from referrals.fellowships import codes

    assert set(json.loads(real("spec_types.json"))) <= set(codes("aa"))


LISTS = {
    "tsml_orange_county_ca_2023.json": ("aa", 1967),
    "tsml_san_jose_ca_2021.json": ("aa", 670),
    "tsml_edmonton_ab_2022.json": ("aa", 315),
    "tsml_nw_texas_legacy_2021.json": ("aa", 613),
    "tsml_alanon_ma.json": ("al-anon", 360),
    "tsml_cape_cod_ma_2025.json": ("aa", 374),
    "tsml_edge_times.json": ("aa", 9),
    "tsml_edge_entity_fields.json": ("aa", 6),
    "tsml_csv_template.csv": ("aa", 36),
    "bmlt_searchresults_upstate_ny_244.json": ("na", 244),
    "bmlt_searchresults_mixed_54.json": ("na", 53),
    "bmlt_adminapi_v1_meetings_244.json": ("na", 244),
    "bmlt_searchresults_with_formats_nyc_00.json": ("na", 37),
    "bmlt_searchresults_with_formats_nyc_01.json": ("na", 10),
    "bmlt_distance_search_day2.json": ("na", 53),
}


@pytest.mark.parametrize("name", LISTS)
def test_twice_changes_nothing(real: Real, clinic: Clinic, name: str) -> None:
    fellowship, count = LISTS[name]
    payload = real(name)
    kind = "bmlt" if name.startswith("bmlt") else "meeting-guide"
    feed = MeetingFeed.objects.create(clinic=clinic, name=name, fellowship=fellowship, format=kind)
    first = feeds.import_feed(feed=feed, payload=payload, at=AT)
    assert (first.error, first.created, feed.meetings.count()) == ("", count, count)
    before = list(feed.meetings.order_by("pk").values())
    again = [payload]
    if name.endswith("json"):  # the same list in other bytes, and as objects: neither is a short cut
        again += [json.dumps(json.loads(payload)).encode(), json.loads(payload)]
    for each in again:
        run = feeds.import_feed(feed=feed, payload=each, at=AT)
        assert (run.error, run.created, run.updated, run.unchanged, run.retired) == ("", 0, 0, count, 0)
    changed = {"row_hash"}  # how a row is written, not what it says
    after = [{key: value for key, value in row.items() if key not in changed} for row in feed.meetings.values()]
    assert sorted(after, key=lambda row: row["id"]) == [
        {key: value for key, value in row.items() if key not in changed} for row in before
    ]


# Rows that their list itself says are in Spanish, counted in the raw file by hand.
IN_SPANISH = {
    "tsml_orange_county_ca_2023.json": 499,
    "tsml_san_jose_ca_2021.json": 44,
    "tsml_edmonton_ab_2022.json": 11,
    "tsml_alanon_ma.json": 2,
    "tsml_csv_template.csv": 1,
}


def _says_spanish(name: str, payload: bytes) -> int:
    if name.endswith("csv"):
        rows = csv.DictReader(io.StringIO(payload.decode()))
        return sum("Spanish" in row["Types"] for row in rows)
    listed = json.loads(payload)
    rows_of = listed if isinstance(listed, list) else listed["meetings"]
    if name.startswith("bmlt"):
        return sum("ES" in str(row.get("formats", "")).upper().split(",") for row in rows_of)
    said = [row.get("types") or [] for row in rows_of]
    lists = [types if isinstance(types, list) else [types] for types in said]
    return sum(any(str(each).strip().upper() in ("S", "ES", "SPANISH") for each in types) for types in lists)


@pytest.mark.parametrize("name", LISTS)
def test_the_finder_finds_each_row_that_a_list_calls_spanish(real: Real, clinic: Clinic, name: str) -> None:
    fellowship, _ = LISTS[name]
    payload = real(name)
    kind = "bmlt" if name.startswith("bmlt") else "meeting-guide"
    feed = MeetingFeed.objects.create(clinic=clinic, name=name, fellowship=fellowship, format=kind)
    feeds.import_feed(feed=feed, payload=payload, at=AT)
    among = Meeting.objects.filter(feed=feed)
    held = among.exclude(attendance="inactive")
    assert finder.find(now=AT, among=among, needs=["spanish"]).count() == held.filter(types__contains=["S"]).count()
    assert among.filter(types__contains=["S"]).count() == _says_spanish(name, payload) == IN_SPANISH.get(name, 0)


@pytest.mark.parametrize(
    ("name", "number"),
    [("bmlt_getformats.json", 9), ("bmlt_adminapi_v1_formats.json", 9), ("bmlt_german_formats_de.json", 232)],
)
def test_a_real_servers_format_for_spanish_is_found_as_such(real: Real, clinic: Clinic, name: str, number: int) -> None:
    """None of the real NA lists here has a Spanish row; their servers' lists of formats say how one would be."""
    entries = json.loads(real(name))
    [spanish] = [each for each in entries if str(each["id"]) == str(number)]
    assert "span" in json.dumps(spanish).casefold()
    row = {"id_bigint": 1, "meeting_name": "Example", "weekday_tinyint": 2, "start_time": "19:00"}
    feed = MeetingFeed.objects.create(clinic=clinic, name=name, fellowship="na", format="bmlt")
    payload = {"meetings": [row | {"format_shared_id_list": str(number)}], "formats": entries}
    feeds.import_feed(feed=feed, payload=payload, at=AT)
    assert finder.find(now=AT, needs=["spanish"]).count() == 1
