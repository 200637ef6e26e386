"""Feeds that keep themselves: read at night, asked only for what is new, held when too much is gone, and followed."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desk.needs import needs_of
from referrals import feed_schedule, feeds, fetching, holding, orders, referring, tasks
from referrals.listing import SourceError
from referrals.models import ImportDecision, ImportOrder, ImportRun, Meeting, MeetingFeed, UploadedPart
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

from .conftest import Serve
from .test_fetching import answer
from .test_import import AT, LATER, counts, rows

SignIn = Callable[[StaffMember], Browser]


@pytest.fixture
def kept(feed: MeetingFeed) -> MeetingFeed:
    feed.url = "https://meetings.example/list"
    feed.save()
    return feed


def sends(monkeypatch: pytest.MonkeyPatch, listed: Any, **version: str) -> None:
    content = json.dumps(listed).encode()
    monkeypatch.setattr(
        fetching,
        "fetch",
        lambda *_, **__: fetching.Fetched(io.BytesIO(content), fetching.Version(**version)),
    )


# when


def test_a_feed_is_read_once_a_night_in_its_own_minute(kept: MeetingFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    sends(monkeypatch, rows(3))
    now = datetime.datetime(2026, 3, 10, 18, tzinfo=datetime.UTC)
    assert feed_schedule.due(now) == [kept]  # never read yet
    feeds.import_feed(feed=kept, payload=rows(3), at=now)
    assert feed_schedule.due(now) == []
    tonight = feed_schedule.last_time(kept, now + datetime.timedelta(days=1))
    here = tonight.astimezone(kept.clinic.zone)
    assert (here.date(), 1 <= here.hour < 5) == (datetime.date(2026, 3, 11), True)
    assert feed_schedule.due(tonight - datetime.timedelta(seconds=1)) == []
    assert feed_schedule.due(tonight) == [kept]
    assert feed_schedule.order_due(tonight) == 1
    assert feed_schedule.order_due(tonight) == 0  # it waits already
    order = ImportOrder.objects.get()
    assert order.ordered_by is None
    run = orders.carry_out_next(tonight)
    assert run is not None
    assert (run.by, run.unchanged, run.error) == (None, 3, "")


def test_by_hand_weekly_and_out_of_use(kept: MeetingFeed) -> None:
    now = datetime.datetime(2026, 3, 10, 18, tzinfo=datetime.UTC)
    kept.often = MeetingFeed.Often.BY_HAND
    kept.save()
    assert feed_schedule.due(now) == []
    kept.often = MeetingFeed.Often.WEEKLY
    kept.save()
    feeds.import_feed(feed=kept, payload=rows(3), at=now)
    nights = [now + datetime.timedelta(days=n) for n in range(1, 8)]
    first = next(each for each in nights if feed_schedule.due(each))
    last = feed_schedule.last_time(kept, first)
    assert now < last <= first
    assert feed_schedule.last_time(kept, last + datetime.timedelta(days=6, hours=20)) == last
    kept.is_active = False
    kept.save()
    assert feed_schedule.due(first) == []


def test_feeds_do_not_all_ask_at_the_same_minute(kept: MeetingFeed) -> None:
    now = datetime.datetime(2026, 3, 10, 18, tzinfo=datetime.UTC)
    minutes = set()
    for pk in range(1, 60):
        kept.pk = pk
        minutes.add(feed_schedule.last_time(kept, now))
    assert len(minutes) > 40


def test_the_clock_change_skips_and_doubles_no_night(kept: MeetingFeed) -> None:
    for day in (datetime.date(2026, 3, 8), datetime.date(2026, 11, 1)):
        noon = datetime.datetime.combine(day, datetime.time(12), tzinfo=kept.clinic.zone)
        times = [feed_schedule.last_time(kept, noon + datetime.timedelta(days=n)).date() for n in (-1, 0, 1)]
        assert len(set(times)) == 3


# what is asked for


def test_a_server_is_told_what_we_have_and_says_it_is_the_same(
    kept: MeetingFeed,
    administrator: StaffMember,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sends(monkeypatch, rows(12), etag='"v1"', last_modified="Tue, 10 Mar 2026 18:00:00 GMT")
    orders.place(feed=kept, by=administrator)
    first = orders.carry_out_next(AT)
    assert first is not None
    assert (first.etag, counts(first)) == ('"v1"', (12, 0, 0, 0, 0))
    asked: list[Any] = []

    def same(*_: Any, known: Any, **__: Any) -> fetching.Fetched:
        asked.append(known)
        return fetching.Fetched(None, known)

    monkeypatch.setattr(fetching, "fetch", same)
    orders.place(feed=kept, by=administrator)
    second = orders.carry_out_next(LATER)
    assert second is not None
    assert asked == [fetching.Version('"v1"', "Tue, 10 Mar 2026 18:00:00 GMT")]
    assert (counts(second), second.same_as, second.etag) == ((0, 0, 12, 0, 0), first, '"v1"')
    kept.fellowship = "ca"  # what the list means has changed, though the list has not
    kept.save()
    monkeypatch.undo()
    sends(monkeypatch, rows(12))
    orders.place(feed=kept, by=administrator)
    third = orders.carry_out_next(LATER)
    assert third is not None
    assert counts(third) == (0, 12, 0, 0, 0)


def test_conditional_headers_are_sent_and_an_answer_nobody_asked_for_is_an_error(serve: Serve) -> None:
    known = fetching.Version('"v1"', "")
    fetched = fetching.fetch(serve(b"HTTP/1.1 304 Not Modified\r\n\r\n"), allow_inside=True, known=known)
    assert (fetched.file, fetched.version) == (None, known)
    with pytest.raises(SourceError, match="304"):
        fetching.fetch(serve(b"HTTP/1.1 304 Not Modified\r\n\r\n"), allow_inside=True)
    sent = answer(b"[]", 'ETag: "x"', "Last-Modified: a\x01b")
    assert fetching.fetch(serve(sent), allow_inside=True).version == fetching.Version('"x"', "")


def test_the_same_bytes_are_not_read_again_and_changed_settings_are(feed: MeetingFeed) -> None:
    listed = json.dumps([*rows(12), *rows(1, slug="odd", day="someday")]).encode()
    first = feeds.import_feed(feed=feed, payload=listed, at=AT)
    again = feeds.import_feed(feed=feed, payload=listed, at=LATER)
    assert (counts(again), again.same_as) == ((0, 0, 12, 0, 1), first)
    third = feeds.import_feed(feed=feed, payload=listed, at=LATER)
    assert third.same_as == first
    feed.time_zone = "America/Phoenix"
    feed.save()
    assert feeds.import_feed(feed=feed, payload=listed, at=LATER).same_as is None


def test_rows_written_as_before_are_not_read_again(feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    from referrals import meeting_guide

    twin = rows(1, slug="twin", day=["Mon", "Wed"])
    feeds.import_feed(feed=feed, payload=json.dumps([*rows(12), *twin, *twin]), at=AT)
    before = list(Meeting.objects.order_by("pk").values())
    read: list[int] = []
    reading = meeting_guide.Reader.meetings

    def watched(self: Any, index: int, raw: Any, into: Any) -> Any:
        read.append(index)
        return reading(self, index, raw, into)

    monkeypatch.setattr(meeting_guide.Reader, "meetings", watched)
    changed = [*twin, *rows(11), *rows(12, notes="new")[11:], *twin]  # in another order, one row changed
    run = feeds.import_feed(feed=feed, payload=json.dumps(changed), at=LATER)
    assert (counts(run), read) == ((0, 1, 15, 0, 0), [12])
    after = list(Meeting.objects.order_by("pk").values())
    assert [row["external_id"] for row in before] == [row["external_id"] for row in after]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


# the same meeting under a new id


def test_a_server_that_moved_to_https_keeps_its_meetings(
    feed: MeetingFeed, counselor: StaffMember, client_record: Any
) -> None:
    def server(root: str, name: str = "Example") -> list[dict[str, Any]]:
        return [
            {"id_bigint": n, "root_server_uri": root, "meeting_name": f"{name} {n % 3}", "weekday_tinyint": n % 7 + 1}
            | {"start_time": "19:00", "location_street": "1 Example St"}
            for n in range(1, 40)
        ]

    feed.format, feed.fellowship = "bmlt", "na"
    feed.save()
    feeds.import_feed(feed=feed, payload=server("http://bmlt.example/main_server"), at=AT)
    before = dict(Meeting.objects.values_list("pk", "weekday"))
    meeting = Meeting.objects.get(external_id="http://bmlt.example/main_server#7")
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    moved = feeds.import_feed(feed=feed, payload=server("https://www.bmlt.example/main_server", "Renamed"), at=LATER)
    assert (counts(moved), moved.renamed) == ((0, 39, 0, 0, 0), 39)
    assert dict(Meeting.objects.current().values_list("pk", "weekday")) == before
    referral.refresh_from_db()
    assert referral.meeting.external_id == "https://www.bmlt.example/main_server#7"


def test_a_renamed_slug_keeps_its_meeting_where_it_is_the_only_one(feed: MeetingFeed) -> None:
    twins = [*rows(2, slug="a", day=1, name="Twin"), *rows(1, slug="b", day=1, name="Twin")]
    feeds.import_feed(feed=feed, payload=[*rows(12), *twins], at=AT)
    first = Meeting.objects.get(external_id="e3")
    listed = rows(12)
    listed[3] |= {"slug": "example-3-at-noon", "notes": "new"}
    moved = [each | {"slug": f"new-{n}"} for n, each in enumerate(twins)]
    run = feeds.import_feed(feed=feed, payload=[*listed, *moved], at=LATER, confirm_drop=True)
    assert run.renamed == 1  # three twins could be any of the three: nothing is guessed
    assert counts(run) == (3, 1, 11, 3, 0)
    first.refresh_from_db()
    assert (first.external_id, first.notes) == ("example-3-at-noon", "new")
    online = {"conference_url": "https://zoom.us/j/5", "formatted_address": "", "name": "Online"}
    feeds.import_feed(feed=feed, payload=[*listed, *rows(1, slug="x", **online)], at=LATER, confirm_drop=True)
    run = feeds.import_feed(feed=feed, payload=[*listed, *rows(1, slug="y", **online)], at=LATER)
    assert (run.renamed, run.created, run.retired) == (1, 0, 0)


# a list that has shrunk


def test_a_shrunken_list_waits_and_the_very_list_is_used(
    kept: MeetingFeed, administrator: StaffMember, intake: StaffMember, signed_in: SignIn, monkeypatch: Any
) -> None:
    feeds.import_feed(feed=kept, payload=rows(20), at=AT)
    sends(monkeypatch, rows(10))
    feed_schedule.order_due(timezone.now())
    held = orders.carry_out_next(timezone.now())
    assert held is not None
    assert held.would_retire == 10
    assert UploadedPart.objects.exists()
    with pytest.raises(NotPermitted):
        holding.decide(run=held, verdict=ImportDecision.Verdict.USE, at=LATER, by=intake)
    browser = signed_in(administrator)
    assert "Waits for a decision" in " ".join(browser.get(reverse("referrals:feeds")).content.decode().split())
    assert "Use the shorter list" in browser.get(reverse("referrals:feed", args=[kept.pk])).content.decode()
    assert "Keep the meetings" in browser.get(reverse("referrals:run", args=[held.pk])).content.decode()
    monkeypatch.setattr(fetching, "fetch", lambda *_, **__: pytest.fail("another list than the one decided about"))
    browser.post(reverse("referrals:run_decide", args=[held.pk]), {"verdict": "use"})
    decision = ImportDecision.objects.get()
    assert (decision.by, decision.verdict) == (administrator, "use")
    assert AuditEntry.objects.get(act="referrals.decide_import").staff_member == administrator
    assert tasks.import_ordered_feed() == 1
    assert ImportRun.objects.latest("pk").retired == 10
    assert not UploadedPart.objects.exists()
    assert "decided on" in browser.get(reverse("referrals:run", args=[held.pk])).content.decode()
    with pytest.raises(holding.NothingHeld):
        holding.decide(run=held, verdict=ImportDecision.Verdict.KEEP, at=LATER, by=administrator)
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ImportDecision.objects.update(verdict="keep")


def test_kept_meetings_stay_and_the_same_list_does_not_ask_again(
    kept: MeetingFeed, administrator: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.import_feed(feed=kept, payload=rows(20), at=AT)
    sends(monkeypatch, rows(10))
    orders.place(feed=kept, by=None)
    held = orders.carry_out_next(AT)
    assert held is not None
    holding.decide(run=held, verdict=ImportDecision.Verdict.KEEP, at=AT, by=administrator)
    assert not UploadedPart.objects.exists()
    orders.place(feed=kept, by=None)
    again = orders.carry_out_next(LATER)
    assert again is not None
    assert (again.needs_confirmation, "decided not to use" in again.error) == (False, True)
    assert kept.meetings.current().count() == 20
    sends(monkeypatch, rows(9))  # another list, as short: somebody has to look
    orders.place(feed=kept, by=None)
    assert orders.carry_out_next(LATER).needs_confirmation  # type: ignore[union-attr]
    sends(monkeypatch, rows(20, notes="repaired"))  # a list that is whole again needs nobody
    orders.place(feed=kept, by=None)
    assert orders.carry_out_next(LATER).updated == 20  # type: ignore[union-attr]
    assert not ImportRun.objects.held().exists()
    assert not UploadedPart.objects.exists()


def test_a_held_list_is_on_today_of_whoever_decides_until_it_is_decided(
    feed: MeetingFeed,
    administrator: StaffMember,
    intake: StaffMember,
    other_clinic: Clinic,
    signed_in: SignIn,
    django_assert_max_num_queries: Any,
) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    held = feeds.import_feed(feed=feed, payload=rows(10), at=AT)

    def told(who: StaffMember) -> list[str]:
        return [need.url for need in needs_of(staff_member=who, now=LATER) if need.kind == "Meeting lists"]

    assert told(administrator) == [reverse("referrals:run", args=[held.pk])]
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="administrator")
    assert told(intake) == told(stranger) == []  # who may not decide; whose list it isn't
    desk = signed_in(administrator)
    desk.get("/")
    with django_assert_max_num_queries(12):
        page = " ".join(desk.get("/").content.decode().split())
    assert f"{feed.name}: 10 meetings are missing" in page
    holding.decide(run=held, verdict=ImportDecision.Verdict.KEEP, at=LATER, by=administrator)
    assert told(administrator) == []
    feeds.import_feed(feed=feed, payload=rows(9), at=LATER)
    assert len(told(administrator)) == 1
    feeds.import_feed(feed=feed, payload=rows(20), at=LATER)  # whole again: nobody has to look
    assert told(administrator) == []


def test_what_a_command_held_is_for_a_command_to_use(feed: MeetingFeed, administrator: StaffMember) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    held = feeds.import_feed(feed=feed, payload=rows(10), at=AT)
    with pytest.raises(holding.ListNotKept):
        holding.decide(run=held, verdict=ImportDecision.Verdict.USE, at=AT, by=administrator)
    assert not ImportDecision.objects.exists()


# files


def test_a_large_file_is_imported_by_a_worker_and_a_small_one_at_once(
    feed: MeetingFeed, administrator: StaffMember, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, action = signed_in(administrator), reverse("referrals:feed_import", args=[feed.pk])
    small = SimpleUploadedFile("small.json", json.dumps(rows(3)).encode())
    assert "3 new" in browser.post(action, {"file": small}, follow=True).content.decode()
    monkeypatch.setattr(orders, "AT_ONCE", 1000)
    large = SimpleUploadedFile("large.json", json.dumps(rows(50)).encode())
    page = browser.post(action, {"file": large}, follow=True)
    shown = " ".join(page.content.decode().split())
    assert page.redirect_chain[0][0] == reverse("referrals:feed", args=[feed.pk])
    assert "Import of large.json started" in shown
    assert "Check again" in shown  # without JavaScript
    assert 'hx-trigger="every 3s"' in shown
    assert feed.meetings.count() == 3
    order = ImportOrder.objects.waiting().get()
    ImportOrder.objects.filter(pk=order.pk).update(rows_read=41_000, claimed_at=timezone.now())
    assert order.events.count() == 1  # how far it is, is no history
    assert "41,000 rows read" in browser.get(reverse("referrals:feed", args=[feed.pk])).content.decode()
    ImportOrder.objects.filter(pk=order.pk).update(claimed_at=None)
    assert tasks.import_ordered_feed() == 1
    run = ImportRun.objects.latest("pk")
    assert (run.created, run.source, run.by) == (47, "large.json", administrator)
    assert not UploadedPart.objects.exists()
    assert "every 3s" not in browser.get(reverse("referrals:feed", args=[feed.pk])).content.decode()


def test_the_pages_cost_no_more_than_others(
    kept: MeetingFeed, administrator: StaffMember, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.import_feed(feed=kept, payload=rows(20), at=AT)
    sends(monkeypatch, rows(10))
    orders.place(feed=kept, by=None)
    held = orders.carry_out_next(LATER)
    assert held is not None
    orders.place(feed=kept, by=administrator)
    browser = signed_in(administrator)
    for url in (
        reverse("referrals:feeds"),
        reverse("referrals:feed", args=[kept.pk]),
        reverse("referrals:run", args=[held.pk]),
    ):
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(url).status_code == 200
        assert len(caught) <= 12, url


def test_how_far_an_import_is_is_told_on_the_way(feed: MeetingFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    feeds.import_feed(feed=feed, payload=json.dumps(rows(3_500)), at=AT, progress=told.append)
    assert told == [1_000, 2_000, 3_000, 3_500]


def test_an_import_that_takes_too_long_is_closed_and_changes_nothing(
    kept: MeetingFeed, administrator: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery.exceptions import SoftTimeLimitExceeded

    def too_long(_: int) -> None:
        raise SoftTimeLimitExceeded

    sends(monkeypatch, rows(20))
    monkeypatch.setattr(orders._Progress, "__call__", lambda _, rows: too_long(rows))
    orders.place(feed=kept, by=administrator)
    run = orders.carry_out_next(AT)
    assert run is not None
    assert "took too long" in run.error
    assert not kept.meetings.exists()
    assert not ImportOrder.objects.waiting().exists()
