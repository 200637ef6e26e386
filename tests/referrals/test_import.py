"""Importing a feed again and again: what changes, what stays, and what a broken source must never do."""

from __future__ import annotations

import datetime
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from referrals import feeds
from referrals.models import ImportRun, Meeting, MeetingFeed
from staff.models import AuditEntry, Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted

from .conftest import own

AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
LATER = AT + datetime.timedelta(days=1)


def rows(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": f"Example {n}",
            "slug": f"e{n}",
            "day": n % 7,
            "time": "19:00",
            "formatted_address": "1 Example St, Albany, NY 12207, USA",
            **fields,
        }
        for n in range(count)
    ]


def counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    return (run.created, run.updated, run.unchanged, run.retired, run.rejected)


def test_first_second_and_third_import(feed: MeetingFeed) -> None:
    first = feeds.import_feed(feed=feed, payload=own("synthetic_meeting_guide.json"), at=AT)
    assert counts(first) == (8, 0, 0, 0, 2)
    assert "day of the week" in first.rejected_rows[0]["sentence"]
    second = feeds.import_feed(feed=feed, payload=own("synthetic_meeting_guide.json"), at=LATER)
    assert counts(second) == (0, 0, 8, 0, 2)

    payload = json.loads(own("synthetic_meeting_guide.json"))
    payload[0]["time"] = "08:00"
    del payload[3]
    payload.append(rows(1)[0])
    third = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert counts(third) == (1, 1, 6, 1, 2)
    assert Meeting.objects.get(external_id="example-sunrise").start == datetime.time(8)
    gone = Meeting.objects.get(external_id="example-hybrid")
    assert gone.retired_at == LATER
    assert gone not in Meeting.objects.current()


def test_a_meeting_that_comes_back_is_the_same_meeting(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(3), at=AT)
    before = Meeting.objects.get(external_id="e2")
    feeds.import_feed(feed=feed, payload=rows(2), at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(3), at=LATER)
    assert counts(run) == (0, 1, 2, 0, 0)
    after = Meeting.objects.get(external_id="e2")
    assert (after.pk, after.retired_at) == (before.pk, None)


@pytest.mark.parametrize(
    "payload",
    [b"<html><body>Not found</body></html>", b"", b"{", b"[]", b"null", b'[{"day": 1}]', b'{"values": []}'],
)
def test_a_broken_source_deletes_nothing(feed: MeetingFeed, payload: bytes) -> None:
    feeds.import_feed(feed=feed, payload=rows(5), at=AT)
    before = list(Meeting.objects.order_by("pk").values())
    run = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert run.error
    assert counts(run)[:4] == (0, 0, 0, 0)
    assert list(Meeting.objects.order_by("pk").values()) == before


def test_a_feed_that_lost_most_of_its_meetings_waits_for_somebody(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(9), at=LATER)
    assert run.needs_confirmation
    assert run.would_retire == 11
    assert Meeting.objects.current().count() == 20
    exactly_half = feeds.import_feed(feed=feed, payload=rows(10), at=LATER)
    assert counts(exactly_half) == (0, 0, 10, 10, 0)
    confirmed = feeds.import_feed(feed=feed, payload=rows(1), at=LATER, confirm_drop=True)
    assert counts(confirmed) == (0, 0, 1, 9, 0)


def test_the_share_is_the_clinics_to_set(feed: MeetingFeed) -> None:
    ClinicThreshold.objects.create(clinic=feed.clinic, key="referrals.feed_drop_percent", value=10, reason="Test")
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    assert feeds.import_feed(feed=feed, payload=rows(17), at=LATER).needs_confirmation


def test_feeds_do_not_touch_each_other(feed: MeetingFeed, clinic: Clinic) -> None:
    other = MeetingFeed.objects.create(clinic=clinic, name="Other", fellowship="na")
    feeds.import_feed(feed=feed, payload=rows(3), at=AT)
    run = feeds.import_feed(feed=other, payload=rows(1), at=AT)
    assert counts(run) == (1, 0, 0, 0, 0)
    assert feed.meetings.current().count() == 3


def test_a_corrected_fellowship_reaches_rows_that_did_not_change(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(2), at=AT)
    feed.fellowship = "ca"
    feed.save()
    assert counts(feeds.import_feed(feed=feed, payload=rows(2), at=LATER)) == (0, 2, 0, 0, 0)
    assert set(Meeting.objects.values_list("fellowship", flat=True)) == {"ca"}


def test_a_row_without_a_zone_gets_the_feeds_or_the_clinics(feed: MeetingFeed) -> None:
    payload = rows(1, formatted_address="Somewhere")
    feeds.import_feed(feed=feed, payload=payload, at=AT)
    assert Meeting.objects.get().time_zone == feed.clinic.time_zone
    feed.time_zone = "America/Edmonton"
    feed.save()
    feeds.import_feed(feed=feed, payload=payload, at=AT)
    assert Meeting.objects.get().time_zone == "America/Edmonton"


def test_the_number_of_queries_does_not_depend_on_the_number_of_meetings(feed: MeetingFeed) -> None:
    def queries(payload: list[dict[str, Any]]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            feeds.import_feed(feed=feed, payload=payload, at=AT)
        return len(caught)

    assert queries(rows(2)) == queries(rows(600, notes="changed"))
    few = queries(rows(590, notes="again"))
    assert few == queries(rows(400, notes="and again"))


def test_who_imported_stands_in_the_audit_log(feed: MeetingFeed, administrator: StaffMember) -> None:
    run = feeds.import_feed(feed=feed, payload=rows(1), at=AT, by=administrator)
    entry = AuditEntry.objects.get(act="referrals.import_feed")
    assert (entry.staff_member, entry.subject_id, entry.details["created"]) == (administrator, run.pk, 1)


def test_a_privacy_officer_does_not_import(feed: MeetingFeed, privacy_officer: StaffMember) -> None:
    with pytest.raises(NotPermitted):
        feeds.import_feed(feed=feed, payload=rows(1), at=AT, by=privacy_officer)
    assert not Meeting.objects.exists()


def test_a_run_cannot_be_rewritten(feed: MeetingFeed) -> None:
    run = feeds.import_feed(feed=feed, payload=rows(1), at=AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(created=99)


def test_the_command(clinic: Clinic, tmp_path: Path) -> None:
    source = tmp_path / "example.json"
    source.write_text(json.dumps(rows(3)))
    out = StringIO()
    call_command("import_meetings", str(source), "--format", "meeting-guide", stdout=out)
    assert "3 created" in out.getvalue()
    feed = MeetingFeed.objects.get()
    assert (feed.clinic, feed.name, feed.fellowship) == (clinic, "example", "aa")
    call_command("import_meetings", str(source), "--feed", "example", stdout=out)
    assert "3 unchanged" in out.getvalue()
    source.write_text("<html>")
    with pytest.raises(CommandError, match="web page"):
        call_command("import_meetings", str(source), stdout=out)
    with pytest.raises(CommandError, match="could not be read"):
        call_command("import_meetings", str(tmp_path / "none.json"), "--feed", "example", stdout=out)
    assert feed.meetings.current().count() == 3


def test_the_command_asks_which_clinic(clinic: Clinic, other_clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--clinic"):
        call_command("import_meetings", str(tmp_path / "x.json"))


@pytest.mark.parametrize(
    "fields",
    [
        {"weekday": 7},
        {"weekday": 1, "start": None},
        {"weekday": None},
        {"duration": 0},
        {"duration": 1441},
        {"latitude": None},
        {"latitude": 91.0},
    ],
)
def test_what_the_database_refuses(make_meeting: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        make_meeting(**fields)


def test_an_address_inside_our_network_is_not_fetched() -> None:
    from referrals.fetching import fetch
    from referrals.listing import SourceError

    for address in (
        "http://127.0.0.1:1/x",
        "http://[::1]/x",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "ftp://1.1.1.1/",
    ):
        with pytest.raises(SourceError):
            fetch(address)
