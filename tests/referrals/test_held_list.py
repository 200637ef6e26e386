"""What a list that waits for a decision lacks, and whose plans hang on it, is on the page where it is decided."""

from __future__ import annotations

import datetime
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client
from privacy.models import ListAccess
from referrals import feeds, holding, matching, missing, referring, sources, ties
from referrals.models import ImportDecision, ImportRun, Meeting, MeetingFeed
from staff.models import Clinic, Program, StaffMember
from tests import factories
from tests.places import NEW_YORK

from .test_import import AT, LATER, rows

Make = Callable[..., Client]
SignIn = Callable[[StaffMember], Browser]


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def page(desk: Browser, run: ImportRun, **asked: Any) -> str:
    return words(desk.get(reverse("referrals:run", args=[run.pk]), asked))


def called(n: int) -> Meeting:
    return Meeting.objects.get(external_id=f"e{n}")


@pytest.fixture
def held(feed: MeetingFeed) -> ImportRun:
    """Twenty were listed, and ten are left: number 10 to 19 are missing."""
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    return feeds.import_feed(feed=feed, payload=rows(10), at=AT)


def next_day(meeting: Meeting) -> datetime.date:
    assert meeting.weekday is not None
    today = timezone.localdate(timezone=NEW_YORK)
    return today + datetime.timedelta(days=(meeting.weekday - today.isoweekday()) % 7 + 7)


def test_each_missing_meeting_is_named_what_hangs_on_it_first(
    held: ImportRun,
    supervisor: StaffMember,
    counselor: StaffMember,
    make_client: Make,
    signed_in: SignIn,
    django_assert_max_num_queries: Any,
) -> None:
    desk = signed_in(supervisor)
    nobody = page(desk, held)
    assert "No client has a plan, an open referral or a home group at any of them." in nobody
    assert set(re.findall(r"Example \d+", nobody)) == {f"Example {n}" for n in range(10, 20)}
    assert "1 to 10 of 10" in nobody
    names = ("Ada", "Ben", "Cleo")
    people = [make_client(counselor=counselor, given_name=name, family_name="Sample") for name in names]
    for client in people[:2]:
        referral = referring.offer(client=client, meeting=called(17), by=counselor)
        referring.plan(referral=referral, on=next_day(called(17)), by=counselor)
    referring.offer(client=people[2], meeting=called(12), by=counselor)
    ties.home_group(client=people[2], meeting=called(17), by=counselor)
    referring.decline(referral=referring.offer(client=people[0], meeting=called(11), by=counselor), by=counselor)
    desk.get(reverse("referrals:run", args=[held.pk]))
    with django_assert_max_num_queries(12):
        said = page(desk, held)
    assert "3 clients have a plan, an open referral or a home group at 2 of them." in said
    told = said[said.index("Where Clients") :]
    assert told.index("Example 17") < told.index("Example 12") < told.index("Example 10")
    assert "2 clients plan to go Home group of 1 client Ada Sample , Ben Sample , Cleo Sample" in told
    assert "1 open referral Cleo Sample" in told
    assert told.count("Ada Sample") == 1  # declined, at Example 11


def test_names_are_for_who_may_see_these_clients_and_numbers_for_everybody_else(
    held: ImportRun,
    supervisor: StaffMember,
    administrator: StaffMember,
    counselor: StaffMember,
    make_staff: Callable[..., StaffMember],
    make_client: Make,
    signed_in: SignIn,
) -> None:
    own = make_client(counselor=counselor, given_name="Ada", family_name="Sample")
    other = make_client(given_name="Ben", family_name="Sample")
    for client in (own, other):
        referring.offer(client=client, meeting=called(12), by=supervisor)
    assert "2 open referrals Ada Sample , Ben Sample" in page(signed_in(supervisor), held)
    assert "2 open referrals Ada Sample and 1 more" in page(signed_in(counselor), held)
    before = ListAccess.objects.count()
    said = page(signed_in(administrator), held)
    assert "2 open referrals" in said
    assert "Ada" not in said
    assert "Ben" not in said
    assert ListAccess.objects.count() == before  # of whom nothing was shown
    assert ListAccess.objects.get(staff_member=counselor).client_ids == [own.pk]
    factories.ClientRestrictionFactory(client=own, staff_member=counselor)
    assert "Ada" not in page(signed_in(counselor), held)


def test_another_clinics_clients_are_not_counted(
    held: ImportRun, feed: MeetingFeed, supervisor: StaffMember, other_clinic: Clinic, make_client: Make
) -> None:
    feed.is_shared = True
    feed.save()
    theirs = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    referring.offer(client=make_client(clinic=other_clinic), meeting=called(12), by=theirs)
    assert missing.page_of(held, number=None, by=supervisor).hanging == 0


def test_who_has_died_is_not_counted(
    held: ImportRun, supervisor: StaffMember, make_client: Make, program: Program
) -> None:
    client = make_client()
    episode = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=supervisor)
    referring.offer(client=client, meeting=called(12), by=supervisor)
    ties.home_group(client=client, meeting=called(13), by=supervisor)
    assert missing.page_of(held, number=None, by=supervisor).hanging == 2
    admissions.discharge(episode=episode, discharged_on=client.today, reason="died", by=supervisor, planned=False)
    assert missing.page_of(held, number=None, by=supervisor).hanging == 0


@pytest.mark.parametrize("priority", [0, 9])
def test_what_another_list_has_too_is_said_and_comes_last(
    held: ImportRun, feed: MeetingFeed, clinic: Clinic, supervisor: StaffMember, make_client: Make, priority: int
) -> None:
    """Whichever of the two leads: without this one, the other one speaks."""
    area = MeetingFeed.objects.create(clinic=clinic, name="Area list", fellowship="aa", priority=priority)
    feeds.import_feed(feed=area, payload=[rows(20)[12]], at=AT)
    matching.match_for(clinics=[clinic.pk], at=AT)
    for n in (12, 13):
        referring.offer(client=make_client(), meeting=called_in(feed, n), by=supervisor)
    shown = missing.page_of(held, number=None, by=supervisor).rows
    assert [each.meeting.name for each in shown[:2]] == ["Example 13", "Example 12"]
    assert [each.hanging.elsewhere for each in shown[:2] if each.hanging] == ["", "Area list"]


def called_in(feed: MeetingFeed, n: int) -> Meeting:
    return feed.meetings.get(external_id=f"e{n}")


def test_fifty_are_on_a_page_and_the_rest_a_click_away(
    feed: MeetingFeed, administrator: StaffMember, signed_in: SignIn
) -> None:
    feeds.import_feed(feed=feed, payload=rows(140), at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    desk = signed_in(administrator)
    first, last = page(desk, run), page(desk, run, page=3)
    assert "1 to 50 of 120" in first
    assert "Page 1 of 3" in first
    assert "101 to 120 of 120" in last
    assert run.missing == list(feed.meetings.filter(pk__in=run.missing).order_by("name").values_list("pk", flat=True))
    assert "Example 99" in last
    assert "Example 99" not in first


def test_the_pages_queries_do_not_follow_the_number_of_meetings(
    feed: MeetingFeed, supervisor: StaffMember, make_client: Make, django_assert_num_queries: Any
) -> None:
    feeds.import_feed(feed=feed, payload=rows(200), at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    for n in range(30, 60):
        referring.offer(client=make_client(), meeting=called(n), by=supervisor)
    with django_assert_num_queries(5):
        assert len(missing.page_of(run, number=None, by=supervisor).rows) == 50


def test_the_list_that_was_read_can_be_looked_at_while_it_waits(
    feed: MeetingFeed, administrator: StaffMember, other_clinic: Clinic, signed_in: SignIn
) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    content = json.dumps(rows(10)).encode()
    desk = signed_in(administrator)
    file = SimpleUploadedFile("of March.json", content)
    desk.post(reverse("referrals:feed_import", args=[feed.pk]), {"file": file})
    run = ImportRun.objects.latest("pk")
    assert "Download the list that was read" in page(desk, run)
    address = reverse("referrals:run_file", args=[run.pk])
    sent = desk.get(address)
    assert b"".join(sent.streaming_content) == content  # type: ignore[attr-defined]
    assert sent["Content-Disposition"] == 'attachment; filename="of March.json"'
    assert sent["Content-Type"] == "application/octet-stream"
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic, role="administrator"))
    assert stranger.get(address).status_code == 404
    holding.decide(run=run, verdict=ImportDecision.Verdict.KEEP, at=LATER, by=administrator)
    assert desk.get(address).status_code == 404
    assert "Download the list" not in page(desk, run)
    assert "Example 12" in page(desk, run)  # what was decided about stays readable


def test_the_lists_own_page_leads_there_and_to_its_address(
    feed: MeetingFeed, held: ImportRun, administrator: StaffMember, signed_in: SignIn
) -> None:
    feed.url = "https://meetings.example/list"
    feed.save()
    desk = signed_in(administrator)
    of_feed = desk.get(reverse("referrals:feed", args=[feed.pk])).content.decode()
    assert f'<a href="{reverse("referrals:run", args=[held.pk])}">See which meetings are missing</a>' in of_feed
    of_run = " ".join(desk.get(reverse("referrals:run", args=[held.pk])).content.decode().split())
    assert 'href="https://meetings.example/list" target="_blank" rel="noopener noreferrer"' in of_run


def test_who_was_referred_by_another_row_of_a_missing_meeting_counts(
    feed: MeetingFeed, clinic: Clinic, client_record: Client, counselor: StaffMember, administrator: StaffMember
) -> None:
    """Their old list dropped it; since then the other list's row speaks for it, and now that one is missing."""
    old = MeetingFeed.objects.create(clinic=clinic, name="Old list", fellowship="aa")
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    row = called(15)
    former = Meeting.objects.get(pk=row.pk)
    former.pk, former.feed, former.external_id = None, old, "former"
    former.save()
    referral = referring.offer(client=client_record, meeting=former, by=counselor)
    ties.home_group(client=client_record, meeting=former, by=counselor)
    sources.join(one=former, other=row, by=administrator)
    Meeting.objects.filter(pk=former.pk).update(retired_at=AT)
    run = feeds.import_feed(feed=feed, payload=rows(10), at=AT)
    assert run.needs_confirmation
    found = missing.page_of(run, number="1", by=counselor)
    assert (found.rows[0].meeting, [each.pk for each in found.rows[0].clients]) == (row, [referral.client_id])
    assert (found.hanging, found.clients) == (1, 1)


def test_an_import_that_changes_something_keeps_no_missing_meetings(feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    assert feeds.import_feed(feed=feed, payload=rows(10), at=AT, confirm_drop=True).missing == []
