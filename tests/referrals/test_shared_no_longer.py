"""A list that another clinic stops sharing takes no meeting out of a chart that refers to it.

Its name, day and place stay readable, as listed no longer; nobody is sent there, and it is neither found nor offered.
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
from referrals import feed_settings, guide, matching, own_meetings, record_parts, referring, sources, ties, today
from referrals.models import FollowThrough, Meeting, MeetingFeed, Referral, SameMeeting, Tie
from staff import clinic_scope
from staff.models import Clinic, StaffMember
from tests.places import NEW_YORK
from tests.plans import plan_of

Make = Callable[..., Meeting]
SignIn = Callable[[StaffMember], Browser]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
PLACE = {"venue": "Example Hall", "street": "1 Example St", "city": "Albany", "state": "NY"}


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def theirs(other_clinic: Clinic) -> MeetingFeed:
    return MeetingFeed.objects.create(clinic=other_clinic, name="Their list", fellowship="aa", is_shared=True)


@pytest.fixture
def stop_sharing(theirs: MeetingFeed, make_staff: Callable[..., StaffMember]) -> Callable[[], None]:
    """As somebody of the other clinic does on the list's page."""
    by = make_staff(clinic=theirs.clinic, role="administrator")

    def stop() -> None:
        theirs.is_shared = False
        with clinic_scope.only(by.clinic_id):
            feed_settings.change(feed=theirs, changed=["is_shared"], by=by)

    return stop


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def chart_pages(client: Client, referral: Referral) -> dict[str, str]:
    """All that name the meeting, by their names."""
    args = [client.pk]
    stages = {each: reverse("referrals:guide_stage", args=[*args, each]) for each in ("tried", "choose", "call", "day")}
    return {
        "referral": reverse("referrals:referral", args=[*args, referral.pk]),
        "mutual help": reverse("referrals:client_referrals", args=args),
        "referrals": reverse("referrals:referrals"),
        "chart": reverse("desk:chart", args=args),
        "timeline": reverse("desk:timeline", args=args),
        "Today": "/",
        **stages,
    }


@pytest.fixture
def referral(client_record: Client, counselor: StaffMember, make_meeting: Make, theirs: MeetingFeed) -> Referral:
    """Chosen in the guide, visited, planned for Tuesday; and their home group."""
    meeting = make_meeting(name="Serenity", feed=theirs, **PLACE)
    row = guide.choose(client=client_record, meeting=meeting, by=counselor)
    referring.record_visit(referral=row, visited_on=TUESDAY - datetime.timedelta(days=7), attended=True, by=counselor)
    referring.plan(referral=row, on=TUESDAY, by=counselor)
    ties.home_group(client=client_record, meeting=meeting, by=counselor)
    return row


def test_every_page_of_the_chart_goes_on_naming_it(
    desk: Browser,
    client_record: Client,
    referral: Referral,
    stop_sharing: Callable[[], None],
    django_assert_max_num_queries: Any,
) -> None:
    pages = chart_pages(client_record, referral)
    unnamed = [name for name, address in pages.items() if "Serenity" not in words(desk.get(address))]
    assert unnamed == ["Today"]  # of what is as planned, Today says nothing
    stop_sharing()
    for name, address in pages.items():
        with django_assert_max_num_queries(12, info=name):
            said = words(desk.get(address))
        assert "Serenity" in said, name
    page = words(desk.get(pages["referral"]))
    assert "Tuesday 7:00 PM" in page
    assert "Example Hall, 1 Example St, Albany" in page
    assert "No longer listed The list that has this meeting is no longer in use at this clinic" in page
    assert "Serenity is no longer listed. The plan is for" in page
    assert "Home group: Serenity, Tuesday 7:00 PM" in words(desk.get(pages["mutual help"]))
    with clinic_scope.only(client_record.clinic_id):
        parts = {each.key: each for each in record_parts.parts(client_record)}
        assert str(list(parts["referrals"].rows)).count("Serenity") == 1
        assert str(list(parts["ties"].rows)).count("Serenity") == 1


def test_today_says_that_a_plan_is_displaced(
    desk: Browser, counselor: StaffMember, referral: Referral, stop_sharing: Callable[[], None]
) -> None:
    stop_sharing()
    with clinic_scope.only(counselor.clinic_id):
        assert Referral.objects.with_state().get().displaced == "retired"
        [need] = today.needs(staff_member=counselor, now=MONDAY)
    assert need.title == "Set another date: the meeting has changed"
    assert need.detail.startswith("Serenity is no longer listed. The plan is for Tue, Mar 3")


def test_nothing_is_planned_or_offered_there(
    desk: Browser,
    client_record: Client,
    counselor: StaffMember,
    referral: Referral,
    stop_sharing: Callable[[], None],
    make_client: Callable[..., Client],
) -> None:
    stop_sharing()
    meeting = referral.meeting
    assert meeting is not None
    plan = reverse("referrals:step", args=[client_record.pk, referral.pk, "plan"])
    page = words(desk.post(plan, {"plan-on": "2026-03-10"}))
    assert "This meeting isn’t listed or isn’t meeting now. Choose another meeting." in page
    assert "The list doesn’t give one" not in page
    assert FollowThrough.objects.filter(step="planned").count() == 1
    with clinic_scope.only(counselor.clinic_id):
        assert meeting in Meeting.objects.all()
        assert not Meeting.objects.visible_to(counselor).exists()
        with pytest.raises(referring.MeetingNotHeld):
            referring.offer(client=make_client(counselor=counselor), meeting=meeting, by=counselor)
    assert "Serenity" not in words(desk.get(reverse("referrals:finder")))
    assert desk.get(reverse("referrals:meeting", args=[meeting.pk])).status_code == 404
    assert "/meetings/handout/" not in desk.get(chart_pages(client_record, referral)["referral"]).content.decode()
    choose = words(desk.get(chart_pages(client_record, referral)["choose"]))
    assert "Choose Serenity" not in choose
    assert "Not listed now." in choose


def test_their_home_group_can_still_be_corrected_and_recorded(
    desk: Browser, client_record: Client, counselor: StaffMember, referral: Referral, stop_sharing: Callable[[], None]
) -> None:
    stop_sharing()
    tie = Tie.objects.get()
    assert "Home group: Serenity, Tuesday 7:00 PM Alcoholics Anonymous No longer listed" in words(
        desk.get(reverse("referrals:client_referrals", args=[client_record.pk]))
    )
    sent = {"meeting": tie.meeting_id, "fellowship": "aa", "since": "2026-01-05", "because": "They remembered the day"}
    answer = desk.post(reverse("referrals:tie_correct", args=[client_record.pk, tie.pk]), sent)
    assert answer.status_code == 302
    assert Tie.objects.standing().get().meeting == referral.meeting


def test_no_clinic_sees_what_was_never_shared(
    client_record: Client, counselor: StaffMember, make_meeting: Make, other_clinic: Clinic
) -> None:
    hidden = MeetingFeed.objects.create(clinic=other_clinic, name="Hidden", fellowship="aa")
    hidden.name = "Still hidden"
    hidden.save()
    make_meeting(feed=hidden)
    with clinic_scope.only(counselor.clinic_id):
        assert not Meeting.objects.exists()
        assert hidden not in MeetingFeed.objects.all()


def test_what_was_shared_is_no_longer_written_or_found(
    counselor: StaffMember, referral: Referral, stop_sharing: Callable[[], None], theirs: MeetingFeed
) -> None:
    stop_sharing()
    with clinic_scope.only(counselor.clinic_id):
        assert theirs not in MeetingFeed.objects.visible_to(counselor)
        assert Meeting.objects.filter(pk=referral.meeting_id).update(name="Mine") == 0
        assert MeetingFeed.objects.filter(pk=theirs.pk).update(name="Mine") == 0


def test_a_lead_that_is_shared_no_longer_gives_way_to_what_is_still_seen(
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Make,
    theirs: MeetingFeed,
    feed: MeetingFeed,
    stop_sharing: Callable[[], None],
    desk: Browser,
) -> None:
    """Offered from our list, which theirs led by hand; and offered from theirs, which ours stood behind."""
    ours, lead = make_meeting(name="Serenity"), make_meeting(name="Serenity at seven", feed=theirs)
    with clinic_scope.only(counselor.clinic_id):
        referral = referring.offer(client=client_record, meeting=ours, by=counselor)
        sources.put_behind(listing=ours, lead=lead, found_by=SameMeeting.FoundBy.PERSON, by=counselor)
        assert str(Referral.objects.get(pk=referral.pk)) == "Alcoholics Anonymous: Serenity at seven"
        theirs_too = referring.on_offer(client=client_record, meeting=lead, fellowship="aa")
    assert theirs_too == referral
    stop_sharing()
    page = words(desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk])))
    assert "Serenity" in page
    assert "at seven" not in page
    assert "No longer listed" not in page
    with clinic_scope.only(counselor.clinic_id):
        assert referring.plan(referral=referral, on=TUESDAY, by=counselor).planned_for is not None
        assert Referral.objects.with_state().get(pk=referral.pk).displaced == ""


@pytest.mark.parametrize("found_by", ["rule", "person"])
def test_what_was_offered_from_their_list_leads_to_ours_that_stood_behind_it(
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Make,
    theirs: MeetingFeed,
    feed: MeetingFeed,
    stop_sharing: Callable[[], None],
    found_by: str,
) -> None:
    feed.priority = 0
    feed.save()
    lead, ours = make_meeting(name="Serenity", feed=theirs), make_meeting(name="Serenity")
    matching.match(feed=theirs, at=MONDAY)
    assert SameMeeting.objects.standing().get(clinic=counselor.clinic).lead == lead
    with clinic_scope.only(counselor.clinic_id):
        if found_by == "person":
            by_hand = SameMeeting.FoundBy.PERSON
            sources.put_behind(listing=ours, lead=lead, found_by=by_hand, by=counselor)
        referral = referring.offer(client=client_record, meeting=lead, by=counselor)
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    stop_sharing()
    with clinic_scope.only(counselor.clinic_id):
        row = Referral.objects.with_state().with_lead().get()
        assert row.lead == ours
        assert not row.is_off_the_lists
        assert row.displaced == ""
        assert SameMeeting.objects.standing().get().found_by == found_by


def test_a_correction_stays_and_its_page_says_what_became_of_the_list(
    desk: Browser, counselor: StaffMember, make_meeting: Make, theirs: MeetingFeed, stop_sharing: Callable[[], None]
) -> None:
    listed = make_meeting(name="Serenity", feed=theirs, address="1 Example St, Albany, NY 12207, USA", **PLACE)
    with clinic_scope.only(counselor.clinic_id):
        mine = own_meetings.add(by=counselor, corrects=listed, **own_meetings.facts_of(listed))
    address = reverse("referrals:meeting", args=[mine.pk])
    assert "Listed by Their list Corrected by this clinic" in words(desk.get(address))
    stop_sharing()
    assert "Listed by Their list No longer shared with this clinic" in words(desk.get(address))


def test_what_was_ever_shared_is_read_off_an_index_of_its_own(counselor: StaffMember) -> None:
    """Row-level security asks it in each statement about meetings; all other history of lists is passed over."""
    with clinic_scope.only(counselor.clinic_id):
        assert "using feed_event_once_shared" in plan_of(Meeting.objects.all())
