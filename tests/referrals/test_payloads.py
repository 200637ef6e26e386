"""Lists as they come: other encodings, other separators, other people's tables, and never all in memory."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from referrals import bmlt, meeting_guide, payloads
from referrals.listing import SourceError
from referrals.payloads import Source

ROWS = [
    {"name": f"Café {n} “Frühstück”", "slug": f"e{n}", "day": n % 7, "time": "19:00", "city": "Albany"}
    for n in range(9)
]
TEXT = json.dumps(ROWS, ensure_ascii=False)


def names(payload: Any) -> list[str]:
    return [meeting.name for meeting in meeting_guide.parse(payload).meetings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert names(TEXT.encode(encoding)) == [row["name"] for row in ROWS]
    table = "name;day;time\r\n" + "".join(f"{row['name']};{row['day']};19h00\r\n" for row in ROWS)
    assert names(table.encode(encoding)) == [row["name"] for row in ROWS]


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    written = TEXT.encode().replace("é 0".encode(), b"\xff 0")
    assert "Frühstück" in names(written)[0]
    assert names(written)[1:] == [row["name"] for row in ROWS][1:]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator: str) -> None:
    lines = ["Meeting Name|Day|Start Time|Online Link", "Example, one|Tue/Thu|7:30 PM|https://zoom.us/j/1"]
    table = "\n".join(separator.join(f'"{cell}"' for cell in line.split("|")) for line in lines)
    found = meeting_guide.parse(table).meetings
    assert [(each.name, each.weekday, f"{each.start:%H:%M}") for each in found] == [
        ("Example, one", 2, "19:30"),
        ("Example, one", 4, "19:30"),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "MeetingTypeNamespace,Id,Day of Issue",  # has a name in a word
        "username,day,time",
        "name,email,phone",
        "first name,last name,day",
        "product,price",
        "Patient Name,Date,Time",
        "Name,Day,Price",  # a roster: its people would become meetings
        "Name,Time,Phone",
    ],
)
def test_a_table_of_something_else_is_refused(heading: str) -> None:
    with pytest.raises(SourceError, match="header row"):
        meeting_guide.parse(f"{heading}\na,1,19:00\n")
    with pytest.raises(SourceError, match="header row"):
        meeting_guide.parse({"values": [heading.split(","), ["a", "1", "19:00"]]})


@pytest.mark.parametrize(
    "heading", ["Meeting,Weekday,Starts", "name,day,city", "name,zip,time", "Name,Day,Meeting Link", "name,day,venue"]
)
def test_a_meeting_list_has_a_day_and_a_time_or_one_of_them_and_a_place(heading: str) -> None:
    assert names(f"{heading}\na,1,19:00\n") == ["a"]
    assert names({"values": [heading.split(","), ["a", "1", "19:00"]]}) == ["a"]


def test_a_servers_own_table_is_read_in_its_format_and_refused_in_the_other() -> None:
    table = "id_bigint,meeting_name,weekday_tinyint,start_time,formats\n7,Example,3,19:00:00,O"
    meeting = bmlt.parse(table).meetings[0]
    assert (meeting.external_id, meeting.weekday, meeting.types) == ("7", 2, ("O",))
    with pytest.raises(SourceError, match="format to BMLT"):
        meeting_guide.parse(table)
    with pytest.raises(SourceError, match="header row"):
        bmlt.parse("name,day,time\na,1,19:00")


def test_a_cell_without_an_end_costs_no_row_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import csv

    before = csv.field_size_limit(100)
    try:
        rows = "".join(f"Example {n},1,19:00\n" for n in range(20))
        feed = meeting_guide.parse(f'name,day,time\nA,1,19:00\n"B{"x" * 90}\n{rows}')
    finally:
        csv.field_size_limit(before)
    assert feed.meetings[0].name == "A"
    assert feed.unidentified == 1
    assert len(feed.meetings) > 15


@pytest.mark.parametrize("at_once", [1, 7, 64])
def test_a_window_that_ends_anywhere(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = meeting_guide.parse(TEXT).meetings
    monkeypatch.setattr(payloads, "_AT_ONCE", at_once)
    assert meeting_guide.parse(TEXT).meetings == whole
    odd = json.dumps(
        {"x": [1.5, -12, True, None, "\\u00e9\ud83d\ude00"], "meetings": [{"a": 1}], "formats": [{"id": 9}]}
    )
    assert Source(odd).member("formats") == [{"id": 9}]
    assert [row.value for row in Source(odd).rows(under="meetings")] == [{"a": 1}]
    for cut in range(len(TEXT) - 1, len(TEXT) - 60, -7):
        with pytest.raises(SourceError):
            meeting_guide.parse(TEXT[:cut])


def test_what_follows_a_list_is_an_error() -> None:
    with pytest.raises(SourceError, match="Extra data"):
        meeting_guide.parse(TEXT + "[]")


def test_a_file_is_read_from_the_disk_row_by_row() -> None:
    class Watched(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size >= 0, "all at once"
            self.largest = max(self.largest, size)
            return super().read(size)

        read1 = read

    file = Watched(json.dumps(ROWS * 20_000).encode())
    source = Source(file)
    rows = source.rows()
    assert next(rows).value == ROWS[0]
    assert file.tell() < 2_000_000
    assert file.largest <= 256 * 1024


def test_one_endless_value_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "LONGEST_ROW", 10_000)
    monkeypatch.setattr(payloads, "_AT_ONCE", 1_000)
    with pytest.raises(SourceError, match="Unterminated"):
        meeting_guide.parse('[{"name": "' + "x" * 1_000_000 + '"}]')
