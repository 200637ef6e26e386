"""What leads speaks: day, time, place and link of a referral are those of the listing that its clinic shows.

A correction, or a list of higher priority, comes before the row that a referral was made from. The one owner is
`SameMeetingQuerySet.leading_at`; plans, the guide, Today, the pages and the handout ask it.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import guide, matching, own_meetings, own_plans, private_links, referring, sources, ties, today
from referrals.models import FollowThrough, Meeting, MeetingFeed, MeetingVisit, OwnReport, Referral, Tie
from staff.models import Clinic, StaffMember
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
SignIn = Callable[[StaffMember], Browser]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
TUESDAY, THURSDAY = datetime.date(2026, 3, 3), datetime.date(2026, 3, 5)
PLACE = {
    "street": "1 Example St",
    "city": "Albany",
    "state": "NY",
    "postal_code": "12207",
    "address": "1 Example St, Albany, NY 12207, USA",
}


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def better(clinic: Clinic) -> MeetingFeed:
    """A list that comes before others."""
    return MeetingFeed.objects.create(clinic=clinic, name="Better list", fellowship="aa", priority=9)


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def correct(meeting: Meeting, by: StaffMember, **facts: Any) -> Meeting:
    return own_meetings.add(by=by, corrects=meeting, **{**own_meetings.facts_of(meeting), **facts})


def displaced(referral: Referral) -> str | None:
    return Referral.objects.with_state().get(pk=referral.pk).displaced


def test_a_corrected_day_moves_plans_and_what_is_said_of_them(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    meeting = make_meeting(name="Serenity", weekday=2, **PLACE)
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    assert displaced(referral) == ""
    mine = correct(meeting, counselor, weekday=4)

    assert displaced(referral) == "moved"
    assert "Serenity is now listed for Thursday" in words(desk.get("/"))
    [need] = today.needs(staff_member=counselor, now=MONDAY)
    assert need.title == "Set another date: the meeting has changed"
    day = words(desk.get(reverse("referrals:guide_stage", args=[client_record.pk, "day"])))
    page = words(desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk])))
    for said in (day, page):
        assert "The meeting is on Thursdays." in said
        assert "The meeting is on Tuesdays." not in said
    assert "Thursday 7:00 PM" in day
    assert "Shown today from Kept by this clinic" in page
    assert "Thursday 7:00 PM" in words(desk.get(reverse("referrals:guide_stage", args=[client_record.pk, "call"])))
    assert "Thursday 7:00 PM" in words(desk.get(reverse("referrals:guide_stage", args=[client_record.pk, "choose"])))
    assert "Thursday 7:00 PM" in words(desk.get(reverse("referrals:client_referrals", args=[client_record.pk])))
    assert "Thursday 7:00 PM" in words(desk.get(reverse("referrals:referrals")))

    with pytest.raises(referring.WrongDay, match="on Thursdays"):
        referring.plan(referral=referral, on=TUESDAY + 7 * DAY, by=counselor)
    planned = referring.plan(referral=referral, on=THURSDAY, by=counselor)
    assert planned.planned_for == datetime.datetime(2026, 3, 5, 19, 0, tzinfo=NEW_YORK)
    assert displaced(referral) == ""
    referral.refresh_from_db()
    assert referral.meeting == meeting  # it goes on pointing to the row that it was offered from
    own_meetings.set_listed(meeting=mine, listed=False, by=counselor)
    assert displaced(referral) == "moved"  # and to its day, once the correction is off the list


def test_a_list_that_comes_before_moves_them_too(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed
) -> None:
    meeting = make_meeting(name="Serenity", weekday=2)
    lead = make_meeting(name="Serenity", weekday=4, feed=better)
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    same = sources.join(one=meeting, other=lead, by=counselor)
    assert same.lead == lead
    assert displaced(referral) == "moved"
    Meeting.objects.filter(pk=lead.pk).update(attendance="inactive")
    assert displaced(referral) == "closed"
    Meeting.objects.filter(pk=lead.pk).update(weekday=2, attendance="in_person")
    assert displaced(referral) == ""


def test_another_clinics_correction_moves_nothing(
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Make,
    feed: MeetingFeed,
    other_clinic: Clinic,
    make_staff: Callable[..., StaffMember],
    desk: Browser,
) -> None:
    feed.is_shared = True
    feed.save()
    meeting = make_meeting(name="Serenity", weekday=2, **PLACE)
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    correct(meeting, make_staff(clinic=other_clinic, role="counselor"), weekday=4)
    assert displaced(referral) == ""
    page = words(desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk])))
    assert "The meeting is on Tuesdays." in page
    assert "Thursday" not in page


def test_the_handout_is_of_what_leads(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    meeting = make_meeting(name="Serenity", **PLACE)
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
    before = reverse("referrals:handout", args=[meeting.pk])  # an address from before the correction
    mine = correct(meeting, counselor, venue="Room 99", start=datetime.time(20))
    page = desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk]))
    choose = desk.get(reverse("referrals:guide_stage", args=[client_record.pk, "choose"]))
    found = [re.search(r'href="(/meetings/handout/[^"]+)"', each.content.decode()) for each in (page, choose)]
    for address in (before, *(each[1] if each else "" for each in found)):
        sheet = words(desk.get(address))
        assert "Room 99" in sheet
        assert "8:00 PM" in sheet
        assert "7:00 PM" not in sheet
    both = desk.get(reverse("referrals:handout", args=[f"{meeting.pk}-{mine.pk}"]))
    assert words(both).count("Room 99") == 1
    written = desk.get(reverse("referrals:handout_calendar", args=[meeting.pk])).content.decode()
    assert "T200000" in written


def test_a_yes_by_private_link_plans_the_leading_day(
    client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    meeting = make_meeting(name="Serenity", weekday=2, **PLACE)
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    correct(meeting, counselor, weekday=4)
    after = datetime.datetime(2026, 3, 6, 11, 0, tzinfo=NEW_YORK)
    with time_machine.travel(after, tick=False):
        thursday = datetime.datetime(2026, 3, 5, 19, 0, tzinfo=NEW_YORK)
        plan = FollowThrough.objects.create(
            referral=referral, step="planned", at=MONDAY, by=counselor, planned_for=thursday
        )
        link = private_links.make(plan, from_day=after)
        report = OwnReport.objects.create(link=link, attended=True, again=True, said_at=after)
        made = own_plans.plan_next(report=report)
    assert made is not None
    assert made.planned_for == datetime.datetime(2026, 3, 12, 19, 0, tzinfo=NEW_YORK)


def test_one_meeting_of_two_lists_is_offered_once(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed, desk: Browser
) -> None:
    meeting = make_meeting(name="Serenity")
    lead = make_meeting(name="Serenity", feed=better)
    matching.match(feed=better, at=MONDAY)
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    with pytest.raises(referring.AlreadyOffered):
        referring.offer(client=client_record, meeting=lead, by=counselor)
    assert guide.choose(client=client_record, meeting=lead, by=counselor) == referral
    page = desk.get(reverse("referrals:guide_stage", args=[client_record.pk, "choose"]), {"program": "aa"})
    assert "Choose Serenity" not in words(page)  # it is chosen
    assert words(page).count("Serenity") == 3  # as a choice, with “Take off”, and where meetings are listed


def test_one_day_at_one_meeting_is_one_visit(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed
) -> None:
    """Two referrals, as each was made before the two lists were known to be one."""
    meeting, lead = make_meeting(name="Serenity"), make_meeting(name="Serenity", feed=better)
    first, second = (referring.offer(client=client_record, meeting=each, by=counselor) for each in (meeting, lead))
    matching.match(feed=better, at=MONDAY)
    day = MONDAY.date() - 6 * DAY
    referring.record_visit(referral=first, visited_on=day, attended=True, by=counselor)
    with pytest.raises(referring.AlreadyRecorded):
        referring.record_visit(referral=second, visited_on=day, attended=True, by=counselor)
    referring.record_visit(referral=second, visited_on=day, attended=False, replace=True, by=counselor)
    assert [each.attended for each in MeetingVisit.objects.all()] == [False]


def test_two_meetings_are_offered_and_visited_on_one_day(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed
) -> None:
    matching.match(feed=better, at=MONDAY)
    for each in (make_meeting(name="Serenity"), make_meeting(name="Sunrise", feed=better)):
        referral = referring.offer(client=client_record, meeting=each, by=counselor)
        referring.record_visit(referral=referral, visited_on=MONDAY.date() - DAY, attended=True, by=counselor)
    assert MeetingVisit.objects.count() == 2


def test_a_home_group_is_said_as_what_leads(
    desk: Browser,
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Make,
    django_assert_max_num_queries: Any,
) -> None:
    args = [client_record.pk]
    pages = [
        reverse("referrals:client_referrals", args=args),
        reverse("desk:chart", args=args),
        reverse("referrals:guide_stage", args=[*args, "tried"]),
    ]
    meetings = [make_meeting(name=f"Example {number}", weekday=2, **PLACE) for number in range(3)]
    tied = [ties.home_group(client=client_record, meeting=each, by=counselor) for each in meetings]
    assert all("Example 1, Tuesday 7:00 PM" in words(desk.get(page)) for page in pages)
    for each in meetings:
        correct(each, counselor, weekday=4)
    assert str(Tie.objects.get(pk=tied[1].pk)) == "Home group: Example 1, Thursday 7:00 PM"
    for page in pages:
        with django_assert_max_num_queries(12, info=page):
            said = words(desk.get(page))
        assert "Example 1, Thursday 7:00 PM" in said
        assert "Example 1, Tuesday" not in said
    form = words(desk.get(reverse("referrals:tie_correct", args=[*args, tied[1].pk])))
    assert "Correct: Home group: Example 1, Thursday 7:00 PM" in form


def test_a_newer_calendar_file_moves_the_entry(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    meeting = make_meeting(name="Serenity", **PLACE)
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)

    def entry() -> str:
        page = desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk])).content.decode()
        found = re.search(r'href="/meetings/handout/([^"]+)/"', page)
        assert found is not None
        written = desk.get(reverse("referrals:handout_calendar", args=[found[1]])).content.decode()
        return written.partition("UID:")[2].partition("\r\n")[0]

    before = entry()
    correct(meeting, counselor, start=datetime.time(20))
    assert entry() == before


def test_lists_ask_for_all_leads_at_once(
    desk: Browser,
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Make,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(3):
        meeting = make_meeting(name=f"Example {number}", **PLACE)
        referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
        correct(meeting, counselor, weekday=4)
    steps = [reverse("referrals:guide_stage", args=[client_record.pk, each]) for each in ("choose", "call", "day")]
    page = reverse("referrals:referral", args=[client_record.pk, referral.pk])
    of_client = reverse("referrals:client_referrals", args=[client_record.pk])
    for address in (*steps, page, of_client, reverse("referrals:referrals")):
        desk.get(address)
        with django_assert_max_num_queries(12, info=address):
            said = words(desk.get(address))
        assert "Thursday" in said


def test_a_meeting_that_another_list_still_has_is_called_and_offered_as_there(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed, desk: Browser
) -> None:
    """The old list dropped it: what helped before is still there, by its name of today."""
    meeting = make_meeting(name="Serenity")
    lead = make_meeting(name="Serenity at noon", feed=better)
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    referring.record_visit(referral=referral, visited_on=MONDAY.date() - 6 * DAY, attended=True, by=counselor)
    sources.join(one=meeting, other=lead, by=counselor)
    Meeting.objects.filter(pk=meeting.pk).update(retired_at=MONDAY)
    assert str(Referral.objects.get()) == "Alcoholics Anonymous: Serenity at noon"
    choose = reverse("referrals:guide_stage", args=[client_record.pk, "choose"])
    page = words(desk.get(choose))
    assert "Not listed now" not in page
    assert "Choose Serenity at noon, which helped before" in page
    guide.choose(client=client_record, meeting=lead, by=counselor)
    assert "which helped before" not in words(desk.get(choose))  # it is chosen


def test_one_meeting_of_two_lists_is_one_home_group(
    client_record: Client, counselor: StaffMember, make_meeting: Make, better: MeetingFeed, desk: Browser
) -> None:
    meeting, lead = make_meeting(name="Serenity"), make_meeting(name="Serenity", feed=better)
    for each in (meeting, lead):
        referring.offer(client=client_record, meeting=each, by=counselor)
    tie = ties.home_group(client=client_record, meeting=meeting, by=counselor)
    matching.match(feed=better, at=MONDAY)
    page = desk.get(reverse("referrals:client_referrals", args=[client_record.pk]))
    assert list(page.context["home_group_form"].fields["meeting"].queryset) == [lead]
    page = desk.get(reverse("referrals:tie_correct", args=[client_record.pk, tie.pk]))
    assert list(page.context["form"].fields["meeting"].queryset) == [meeting]  # as it was recorded
