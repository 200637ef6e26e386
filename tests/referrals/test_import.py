"""Importing a feed again and again: what changes, what stays, and what a broken source must never do."""

from __future__ import annotations

import datetime
import json
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import feeds, staging
from referrals.models import ImportRun, Meeting, MeetingFeed
from staff.models import AuditEntry, Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted
from tests.ownership import as_owner

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


def test_a_list_in_order_along_a_street_does_not_fill_the_index_of_places(feed: MeetingFeed) -> None:
    """Points that come in order on one line had it split a page for nearly each of them: 18 MB for a thousand."""

    def size() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size('meeting_by_position')")
            return int(cursor.fetchone()[0])

    street = rows(1_000)
    for number, row in enumerate(street):
        row |= {"latitude": 40 + number / 2_000, "longitude": -74 + number / 2_000}
        row["formatted_address"] = f"{number} Example St, Albany, NY 12207, USA"
    before = size()
    assert feeds.import_feed(feed=feed, payload=street, at=AT).created == 1_000
    assert size() - before < 2**22  # a tenth of it, as a rule


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
    run = feeds.import_feed(feed=feed, payload=rows(15), at=LATER)  # a quarter
    assert run.needs_confirmation
    assert run.would_retire == 5
    assert Meeting.objects.current().count() == 20
    a_little_less = feeds.import_feed(feed=feed, payload=rows(16), at=LATER)
    assert counts(a_little_less) == (0, 0, 16, 4, 0)
    confirmed = feeds.import_feed(feed=feed, payload=rows(1), at=LATER, confirm_drop=True)
    assert counts(confirmed) == (0, 0, 1, 15, 0)


def test_a_row_that_cannot_be_read_does_not_retire_its_meeting(feed: MeetingFeed) -> None:
    """The one owner of what a rejected row keeps is `ParsedFeed.may_be_rejected`."""
    feeds.import_feed(feed=feed, payload=rows(50), at=AT)
    payload = rows(50)
    for row in payload[:20]:
        row["day"] = "Tues or so"
    run = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 30, 0, 20), 20)
    assert Meeting.objects.current().count() == 50
    del payload[0], payload[-1]  # what the source really dropped is retired all the same, unreadable or not
    run = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 29, 2, 19), 19)
    assert counts(feeds.import_feed(feed=feed, payload=rows(50), at=LATER))[:3] == (0, 2, 48)


def test_a_rejected_row_stands_for_all_its_days_and_numbers(feed: MeetingFeed) -> None:
    several = rows(1, day=[1, 2]) + rows(1, day=4, name="Other") + rows(1, slug="e0-more")
    feeds.import_feed(feed=feed, payload=several, at=AT)
    assert set(Meeting.objects.values_list("external_id", flat=True)) == {"e0@1", "e0@2", "e0", "e0-more"}
    run = feeds.import_feed(feed=feed, payload=[*rows(1, time="seven"), *rows(1, slug="new", name="New")], at=LATER)
    assert (counts(run), run.kept) == ((1, 0, 0, 1, 1), 3)
    assert Meeting.objects.get(external_id="e0-more").retired_at == LATER


def test_a_row_that_does_not_say_which_meeting_it_is_keeps_all_that_are_missing(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(12), at=AT)
    unreadable: dict[str, Any] = {"day": 1, "time": "19:00", "formatted_address": "1 Example St"}
    run = feeds.import_feed(feed=feed, payload=[*rows(10), unreadable], at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 10, 0, 1), 2)
    again = feeds.import_feed(feed=feed, payload=[*rows(10), unreadable], at=LATER)
    assert again.kept == 2  # it may still be one of the two
    sure = feeds.import_feed(feed=feed, payload=[*rows(10), unreadable], at=LATER, confirm_drop=True)
    assert (counts(sure), sure.kept) == ((0, 0, 10, 2, 1), 0)
    later = feeds.import_feed(feed=feed, payload=[*rows(9), unreadable], at=LATER)
    assert counts(later) == (0, 0, 9, 1, 1)  # the row was there before anything was missing: it stands for none of them


def test_a_rejected_row_with_a_new_id_may_be_any_that_is_missing(feed: MeetingFeed) -> None:
    """The slug was renamed and its time unreadable in the same night."""
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    payload = rows(20)
    payload[3] |= {"slug": "brand-new", "time": "7ish"}
    run = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 19, 0, 1), 1)
    again = feeds.import_feed(feed=feed, payload=[*payload], at=LATER)
    assert (counts(again), again.kept) == ((0, 0, 19, 0, 1), 1)
    payload[3]["time"] = "19:00"
    run = feeds.import_feed(feed=feed, payload=payload, at=LATER)
    assert (counts(run), run.renamed) == ((0, 1, 19, 0, 0), 1)


def test_a_row_that_was_always_rejected_stands_for_none_that_is_missing_since(feed: MeetingFeed) -> None:
    odd = rows(1, slug="odd", day="someday")
    feeds.import_feed(feed=feed, payload=[*rows(20), *odd], at=AT)
    run = feeds.import_feed(feed=feed, payload=[*rows(19), *odd], at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 19, 1, 1), 0)


def test_a_server_that_moved_keeps_the_meeting_of_a_row_it_broke(clinic: Clinic) -> None:
    def server(root: str, **broken: Any) -> list[dict[str, Any]]:
        listed = [
            {"id_bigint": n, "root_server_uri": root, "meeting_name": f"Example {n}", "weekday_tinyint": n % 7 + 1}
            | {"start_time": "19:00", "location_street": f"{n} Example St"}
            for n in range(12)
        ]
        listed[3] |= broken
        return listed

    feed = MeetingFeed.objects.create(clinic=clinic, name="Example Area", fellowship="na", format="bmlt")
    feeds.import_feed(feed=feed, payload=server("http://na.example.org/main_server"), at=AT)
    for root in ("https://www.na.example.org/main_server/", "https://bmlt.example.org/main_server"):
        run = feeds.import_feed(feed=feed, payload=server(root, weekday_tinyint="9"), at=LATER)
        assert (counts(run), run.renamed, run.kept) == ((0, 11, 0, 0, 1), 11, 1)
        whole = feeds.import_feed(feed=feed, payload=server(root), at=LATER)
        assert (counts(whole), whole.renamed) == ((0, 1, 11, 0, 0), 1)
    # with the server's address alone, nothing else is kept
    moved = server("http://bmlt.example.org/main_server", weekday_tinyint="9")
    run = feeds.import_feed(feed=feed, payload=[each for each in moved if each["id_bigint"] != 7], at=LATER)
    assert (counts(run), run.renamed, run.kept) == ((0, 10, 0, 1, 1), 10, 1)


def test_blank_rows_stand_for_nothing(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(12), at=AT)
    run = feeds.import_feed(feed=feed, payload=[*rows(11), {}, None, [], {"name": "", "day": " "}], at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 11, 1, 4), 0)


def test_what_a_bmlt_server_does_not_publish_is_retired_and_what_is_broken_is_not(clinic: Clinic) -> None:
    def row(number: int, **fields: Any) -> dict[str, Any]:
        basic = {"id_bigint": number, "meeting_name": f"Example {number}", "weekday_tinyint": 2, "start_time": "19:00"}
        return {**basic, "published": 1, **fields}

    feed = MeetingFeed.objects.create(clinic=clinic, name="Example Area", fellowship="na", format="bmlt")
    feeds.import_feed(feed=feed, payload=[row(n) for n in range(1, 9)], at=AT)
    broken = [row(1, weekday_tinyint="Tue"), row(2, start_time="seven"), row(3, meeting_name=""), row(4, published=0)]
    run = feeds.import_feed(feed=feed, payload=[*broken, *(row(n) for n in range(5, 9))], at=LATER)
    assert (counts(run), run.kept) == ((0, 0, 4, 1, 4), 3)
    assert Meeting.objects.exclude(retired_at=None).get().external_id == "4"


def test_the_report_says_what_was_kept(feed: MeetingFeed, administrator: StaffMember, signed_in: Any) -> None:
    feeds.import_feed(feed=feed, payload=rows(3), at=AT)
    run = feeds.import_feed(feed=feed, payload=[*rows(2), *rows(3, day="Tues or so")[2:]], at=LATER)
    page = signed_in(administrator).get(reverse("referrals:run", args=[run.pk])).content.decode()
    assert "1 meeting that may be in a rejected row stayed unchanged." in " ".join(page.split())


@pytest.mark.parametrize(
    "fields",
    [
        {"postal_code": "1234²", "formatted_address": "", "address": "1 Example St", "city": "Albany", "state": "NY"},
        {"postal_code": "１２３４５", "formatted_address": "", "address": "1 Example St", "city": "Albany"},
        {"formatted_address": "1 Example St, Albany, NY １２２０７, USA"},
        {"name": "A\x00B\ud800"},
        {"slug": "\x00\udfff"},
        {"latitude": 10**400, "longitude": "NaN"},
        {"day": "\x00\ud800", "name": "\ud800"},
        {"time": 10**400},
        {"time": "１９:００"},
        {"day": "２"},
        {"regions": [[[["\ud800"]]]]},
    ],
)
def test_no_row_aborts_an_import(feed: MeetingFeed, fields: dict[str, Any]) -> None:
    """The one cleaner of what comes from outside is staff/outside.py."""
    payload = [*rows(2), *rows(1, **{"slug": "odd", **fields})]
    run = feeds.import_feed(feed=feed, payload=payload, at=AT)
    assert not run.error
    assert run.created + run.rejected == 3
    as_text = feeds.import_feed(feed=feed, payload=json.dumps(payload), at=LATER)
    assert not as_text.error
    assert as_text.created == as_text.retired == 0


def test_the_share_is_the_clinics_to_set(feed: MeetingFeed) -> None:
    ClinicThreshold.objects.create(clinic=feed.clinic, key="referrals.feed_drop_percent", value=10, reason="Test")
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    assert feeds.import_feed(feed=feed, payload=rows(17), at=LATER).needs_confirmation


@pytest.mark.parametrize(
    ("before", "after", "is_held"),
    [
        (9, 1, True),
        (9, 7, False),
        (9, 6, True),
        (4, 2, True),
        (3, 1, True),
        (2, 1, False),
        (4, 3, False),
        (1, 1, False),
    ],
)
def test_a_small_list_is_held_too(feed: MeetingFeed, before: int, after: int, is_held: bool) -> None:
    """One meeting comes and goes; two of four are a question."""
    feeds.import_feed(feed=feed, payload=rows(before), at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(after), at=LATER)
    assert run.needs_confirmation == is_held
    assert Meeting.objects.current().count() == (before if is_held else after)


def test_how_few_may_go_unasked_is_the_clinics_to_set(feed: MeetingFeed) -> None:
    ClinicThreshold.objects.create(clinic=feed.clinic, key="referrals.feed_drop_least", value=6, reason="Test")
    feeds.import_feed(feed=feed, payload=rows(9), at=AT)
    assert not feeds.import_feed(feed=feed, payload=rows(4), at=LATER).needs_confirmation
    ClinicThreshold.objects.filter(key="referrals.feed_drop_least").update(value=1)
    assert feeds.import_feed(feed=feed, payload=rows(3), at=LATER).needs_confirmation


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


def test_the_number_of_queries_does_not_depend_on_the_number_of_meetings(feed: MeetingFeed, clinic: Clinic) -> None:
    def queries(payload: list[dict[str, Any]], into: MeetingFeed = feed) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            feeds.import_feed(feed=into, payload=payload, at=AT)
        return len(caught)

    long = MeetingFeed.objects.create(clinic=clinic, name="A long list", fellowship="na")
    first = queries(rows(2))
    MeetingFeed.objects.filter(pk=feed.pk).update(is_active=False)  # or the second is matched with it
    assert first == queries(rows(600), into=long)
    few = queries(rows(590, notes="again"), into=long)
    assert few == queries(rows(500, notes="and again"), into=long)


def test_a_first_import_merges_what_it_has_while_it_reads_on(
    feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_AT_ONCE", 7)
    assert counts(feeds.import_feed(feed=feed, payload=rows(40), at=AT)) == (40, 0, 0, 0, 0)
    assert {*feed.meetings.values_list("external_id", flat=True)} == {f"e{n}" for n in range(40)}
    assert counts(feeds.import_feed(feed=feed, payload=rows(41, notes="changed"), at=LATER)) == (1, 40, 0, 0, 0)


def test_a_first_import_of_a_list_that_breaks_off_leaves_nothing(
    feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first rows had been merged already."""
    monkeypatch.setattr(staging, "_AT_ONCE", 7)
    run = feeds.import_feed(feed=feed, payload=json.dumps(rows(40)).encode()[:-30], at=AT)
    assert run.error
    assert (run.created, feed.meetings.count()) == (0, 0)
    assert not any(each.name == "import-writer" for each in threading.enumerate())
    assert counts(feeds.import_feed(feed=feed, payload=rows(40), at=LATER)) == (40, 0, 0, 0, 0)


def test_what_the_database_refuses_during_an_import_is_raised_where_the_rows_are_read(
    feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_AT_ONCE", 7)
    hashed = staging.content_hash
    monkeypatch.setattr(staging, "content_hash", lambda *_: "x" * 65)
    with pytest.raises(DataError, match="too long"):
        feeds.import_feed(feed=feed, payload=rows(40), at=AT)
    monkeypatch.setattr(staging, "content_hash", hashed)
    assert not any(each.name == "import-writer" for each in threading.enumerate())
    assert not feed.meetings.exists()
    assert counts(feeds.import_feed(feed=feed, payload=rows(40), at=LATER)) == (40, 0, 0, 0, 0)


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
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
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
    with pytest.raises(CommandError, match="can’t be read"):
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


class TestSlowShrink:
    """24 of 100 a night were never a question, until nothing was left."""

    @staticmethod
    def nights(feed: MeetingFeed, *sizes: int, since: datetime.datetime = AT, **how: Any) -> list[ImportRun]:
        return [
            feeds.import_feed(feed=feed, payload=rows(size), at=since + datetime.timedelta(days=night), **how)
            for night, size in enumerate(sizes)
        ]

    def test_what_is_gone_since_the_most_of_the_month_is_held(self, feed: MeetingFeed) -> None:
        *first, second = self.nights(feed, 100, 76, 58)
        assert not any(run.needs_confirmation for run in first)
        assert second.needs_confirmation
        assert second.would_retire == 18
        assert "58 of the 100 meetings listed on Mar 1, 2026" in second.error
        assert Meeting.objects.current().count() == 76

    def test_one_a_night_is_held_when_it_adds_up(self, feed: MeetingFeed) -> None:
        held = [run.needs_confirmation for run in self.nights(feed, *range(20, 10, -1))]
        assert held == [False] * 5 + [True] * 5

    def test_who_confirmed_is_not_asked_every_night(self, feed: MeetingFeed) -> None:
        self.nights(feed, 100, 76)
        later = AT + datetime.timedelta(days=2)
        confirmed = self.nights(feed, 58, since=later, confirm_drop=True)[0]
        assert (confirmed.error, confirmed.retired) == ("", 18)
        assert any("Someone confirmed it" in each["sentence"] for each in confirmed.remarks)
        again = self.nights(feed, 57, 56, 44, 43, since=later + datetime.timedelta(days=1))
        assert [run.needs_confirmation for run in again] == [False, False, False, True], "25% of what was confirmed"

    def test_a_list_that_grows_again_is_no_question(self, feed: MeetingFeed) -> None:
        runs = self.nights(feed, 100, 80, 78, 95, 90)
        assert not any(run.needs_confirmation for run in runs)

    def test_after_a_month_it_is_how_the_list_is(self, feed: MeetingFeed) -> None:
        self.nights(feed, 100)
        self.nights(feed, 76, since=AT + datetime.timedelta(days=20))
        run = self.nights(feed, 60, since=AT + datetime.timedelta(days=31))[0]
        assert not run.needs_confirmation

    def test_how_long_it_looks_back_is_the_clinics_to_set(self, feed: MeetingFeed) -> None:
        ClinicThreshold.objects.create(clinic=feed.clinic, key="referrals.feed_drop_days", value=1, reason="Test")
        assert not any(run.needs_confirmation for run in self.nights(feed, 100, 76, 58))

    def test_nights_without_a_change_count_as_what_they_found(self, feed: MeetingFeed) -> None:
        for night, size in ((0, 100), (20, 100), (40, 76), (45, 58)):
            run = self.nights(feed, size, since=AT + datetime.timedelta(days=night))[0]
        assert run.needs_confirmation
