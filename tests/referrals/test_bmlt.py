"""BMLT servers: days from 1, format ids of their own, blank zones, virtual meetings with coordinates."""

from __future__ import annotations

import json

import pytest

from referrals import bmlt
from referrals.listing import SourceError

from .conftest import own


def test_the_synthetic_server() -> None:
    feed = bmlt.parse(own("synthetic_bmlt.json"))
    virtual, group = feed.meetings
    assert (virtual.weekday, virtual.attendance, virtual.ends_next_day) == (0, "online", True)
    assert virtual.external_id == "https://bmlt.example/main_server#1"
    assert (group.weekday, group.duration, group.time_zone) == (6, 60, "America/New_York")
    assert group.types == ("O", "X")  # by id through the world id, though the keys are the server's own
    assert group.country == "USA"
    assert group.notes == "Ring twice\nBus: 10, 22"
    assert [row.sentence.split("”")[0] for row in feed.rejected] == [
        "The source hasn’t published this meeting.",
        "“8",
        "“seven",
    ]


def changed(**fields: object) -> bmlt.ParsedFeed:
    payload = json.loads(own("synthetic_bmlt.json"))
    payload["meetings"] = [payload["meetings"][1] | fields]
    return bmlt.parse(payload)


@pytest.mark.parametrize(
    ("fields", "attendance"),
    [
        ({"venue_type": "1"}, "in_person"),
        ({"venue_type": "2"}, "online"),
        ({"venue_type": "3"}, "hybrid"),
        ({"format_shared_id_list": "54"}, "online"),
        ({"virtual_meeting_link": "https://zoom.us/j/1"}, "hybrid"),
    ],
)
def test_attendance(fields: dict[str, object], attendance: str) -> None:
    assert changed(**fields).meetings[0].attendance == attendance


def test_a_whole_day_is_a_legal_length_and_nothing_is_the_default() -> None:
    assert changed(duration_time="24:00:00").meetings[0].duration == 1440
    assert changed(duration_time="").meetings[0].duration == 60
    assert changed(duration_time="01:15:00").meetings[0].duration == 75


def test_without_the_formats_the_stock_keys_are_assumed_and_that_is_said() -> None:
    rows = [json.loads(own("synthetic_bmlt.json"))["meetings"][1] | {"formats": "O,WC,HY", "format_shared_id_list": ""}]
    feed = bmlt.parse(rows)
    assert feed.meetings[0].types == ("O", "X")
    assert feed.meetings[0].attendance == "hybrid"
    assert "default formats" in feed.remarks[0].sentence


@pytest.mark.parametrize("payload", [b"[]", b"{}", b"<html>", b'{"meetings": []}', b"1"])
def test_sources_that_are_no_list(payload: bytes) -> None:
    with pytest.raises(SourceError):
        bmlt.parse(payload)


def test_a_language_keeps_its_name() -> None:
    """One world id stands for all languages, and sign language often has none."""
    formats: list[dict[str, object]] = [
        {"id": "9", "key_string": "ES", "name_string": "Espanol", "world_id": "LANG"},
        {"id": "109", "key_string": "ru", "name_string": "Russisch", "world_id": "LANG"},
        {"id": "24", "key_string": "SL", "name_string": "ASL", "world_id": ""},
        {"id": "48", "worldId": "LANG", "translations": [{"key": "PER", "name": "Persian"}]},
        {"id": "1", "key_string": "O", "name_string": "Open", "world_id": "OPEN"},
    ]
    said = {"9": "S", "109": "RUS", "24": "ASL", "48": "FA"}
    for number, code in said.items():
        row = {"id_bigint": 1, "meeting_name": "Example", "weekday_tinyint": 2, "start_time": "19:00"}
        payload = {"meetings": [row | {"format_shared_id_list": f"1,{number}"}], "formats": formats}
        assert bmlt.parse(payload).meetings[0].types == tuple(sorted(("O", code)))


@pytest.mark.parametrize(
    ("entry", "types"),
    [
        ({"name_string": "Spanish Speaking", "world_id": ""}, ("S",)),  # a server's own format, with no world id
        ({"name_string": "Habla Hispana", "world_id": None}, ("S",)),
        ({"name_string": "Bilingual (English/Spanish)", "world_id": "OWN-7"}, ("EN", "S")),
        ({"name_string": "L/R", "description_string": "Lithuanian/Russian", "world_id": "LANG"}, ("LT", "RUS")),
        ({"name_string": "Französisch", "world_id": "", "format_type_enum": "LANG"}, ("FR",)),
        ({"worldId": "LANG", "translations": [{"key": "x", "name": "Espagnol"}]}, ("S",)),
        ({"worldId": None, "translations": [{"name": "Lake"}, {"name": "En Español"}]}, ("S",)),
        # what only mentions one is none
        ({"name_string": "Spanish Lake Group", "world_id": ""}, ()),
        ({"name_string": "Literature", "description_string": "Also in Spanish", "world_id": ""}, ()),
        ({"name_string": "Candlelight, Spanish", "world_id": "CAN"}, ("CAN",)),
        ({"name_string": "Bi-Lingual", "world_id": ""}, ()),
    ],
)
def test_languages_that_a_server_has_no_world_id_for(entry: dict[str, object], types: tuple[str, ...]) -> None:
    row = {"id_bigint": 1, "meeting_name": "Example", "weekday_tinyint": 2, "start_time": "19:00"}
    payload = {"meetings": [row | {"format_shared_id_list": "7"}], "formats": [{"id": "7", "key_string": "x7"} | entry]}
    assert bmlt.parse(payload).meetings[0].types == types


@pytest.mark.parametrize("key", ["ES", "es", "ESP", "Español"])
def test_spanish_without_the_list_of_formats(key: str) -> None:
    row = {
        "id_bigint": 1,
        "meeting_name": "Example",
        "weekday_tinyint": 2,
        "start_time": "19:00",
        "formats": f"O,{key}",
    }
    assert bmlt.parse([row | {"formats": f"O,{key}"}]).meetings[0].types == ("O", "S")
