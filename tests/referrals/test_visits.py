"""Did you go? Once a day, for the day that was agreed on; what got in the way, and what to say."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import chart, referring, today
from referrals.models import FollowThrough, Meeting, MeetingVisit, Referral
from referrals.models.conversation import Barrier
from staff.models import StaffMember
from tests.places import NEW_YORK

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
TUESDAY, NEXT_TUESDAY = datetime.date(2026, 3, 3), datetime.date(2026, 3, 10)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def planned(
    clock: Any, client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> Referral:
    referral = referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    return referral


def state(referral: Referral) -> str:
    return referring.state_of(referral)


def needs(counselor: StaffMember, now: datetime.datetime) -> list[str]:
    return [need.title for need in today.needs(staff_member=counselor, now=now)]


def test_a_day_before_the_planned_one_is_another_visit(planned: Referral, counselor: StaffMember) -> None:
    with pytest.raises(referring.BeforePlan, match="Mar 2 is before the planned day, Mar 3"):
        referring.record_visit(referral=planned, visited_on=MONDAY.date(), attended=True, by=counselor)
    assert not MeetingVisit.objects.exists()
    referring.record_visit(referral=planned, visited_on=MONDAY.date(), attended=True, another_day=True, by=counselor)
    assert Referral.objects.with_state().get().promised_for is not None  # the plan keeps its own promise


def test_one_report_a_day_which_can_be_put_right(clock: Any, planned: Referral, counselor: StaffMember) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    visit = referring.record_visit(referral=planned, visited_on=TUESDAY, attended=True, by=counselor)
    assert state(planned) == "attended"
    with pytest.raises(referring.AlreadyRecorded, match="already recorded"):
        referring.record_visit(referral=planned, visited_on=TUESDAY, attended=False, by=counselor)
    referring.record_visit(
        referral=planned, visited_on=TUESDAY, attended=False, missed_because="forgot", replace=True, by=counselor
    )
    assert MeetingVisit.objects.get() == visit
    assert state(planned) == "planned"  # they did not go after all
    assert set(visit.events.values_list("attended", flat=True)) == {True, False}  # type: ignore[attr-defined]
    referring.record_visit(referral=planned, visited_on=TUESDAY, attended=True, replace=True, by=counselor)
    assert (state(planned), MeetingVisit.objects.get().missed_because) == ("attended", "")


def test_the_same_meeting_under_another_referral_is_the_same_visit(
    clock: Any, planned: Referral, counselor: StaffMember
) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    referring.record_visit(referral=planned, visited_on=TUESDAY, attended=True, by=counselor)
    referring.end(referral=planned, by=counselor)
    again = referring.offer(client=planned.client, meeting=planned.meeting, by=counselor)
    with pytest.raises(referring.AlreadyRecorded):
        referring.record_visit(referral=again, visited_on=TUESDAY, attended=True, by=counselor)


def test_what_the_database_refuses(planned: Referral, counselor: StaffMember) -> None:
    row = {
        "client": planned.client, "referral": planned, "fellowship": "aa", "recorded_at": MONDAY,
        "recorded_by": counselor, "visited_on": MONDAY.date(),
    }  # fmt: skip
    MeetingVisit.objects.create(**row, attended=True)
    other = row | {"visited_on": TUESDAY}
    for wrong in (
        row | {"attended": True},
        other | {"attended": True, "missed_because": "forgot"},
        other | {"attended": False, "missed_because": "lazy"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            MeetingVisit.objects.create(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        FollowThrough.objects.create(
            referral=planned, step="note", at=MONDAY, by=counselor, visit=MeetingVisit.objects.get()
        )


def test_whoever_takes_part_stays_engaged(clock: Any, planned: Referral, counselor: StaffMember) -> None:
    referring.engage(referral=planned, by=counselor)
    referring.plan(referral=planned, on=NEXT_TUESDAY, by=counselor)
    referring.link(referral=planned, volunteer="Sam", by=counselor)
    assert state(planned) == "engaged"
    clock.move_to(MONDAY + 9 * DAY)
    referring.record_visit(referral=planned, visited_on=NEXT_TUESDAY, attended=False, by=counselor)
    assert state(planned) == "engaged"
    referring.end(referral=planned, by=counselor)
    assert state(planned) == "ended"


def test_the_planned_day_is_filled_in(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    page = reverse("referrals:referral", args=[planned.client_id, planned.pk])
    desk = signed_in(counselor)
    assert "which is still ahead" in desk.get(page).content.decode()
    assert desk.get(page).context["visit_form"]["visited_on"].value() == ""
    clock.move_to(MONDAY + 5 * DAY)
    desk = signed_in(counselor)
    assert desk.get(page).context["visit_form"]["visited_on"].value() == TUESDAY
    panel = chart.panel(client=planned.client, staff_member=counselor, now=MONDAY + 5 * DAY)
    assert panel is not None
    assert panel.context["to_ask"]


@pytest.mark.parametrize("barrier", Barrier.values)
def test_what_got_in_the_way_has_words_and_a_new_plan_at_once(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser], barrier: str
) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    desk = signed_in(counselor)
    visit = reverse("referrals:step", args=[planned.client_id, planned.pk, "visit"])
    said = {"visit-visited_on": "2026-03-03", "visit-attended": "no", "visit-missed_because": barrier}
    page = desk.post(visit, said, follow=True).content.decode()
    assert f"Did not go: {Barrier(barrier).label.lower()}" in page.replace("&#x27;", "’")
    from referrals import guide_words

    assert guide_words.BY_KEY[f"missed_{barrier}"].words[:25] in page
    assert 'name="plan-on"' in page
    assert ("Record the return to use" in page) == (barrier == "used")
    assert MeetingVisit.objects.get().missed_because == barrier


def test_after_a_visit_the_page_says_what_to_say(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    clock.move_to(MONDAY + 9 * DAY)
    desk = signed_in(counselor)
    visit = reverse("referrals:step", args=[planned.client_id, planned.pk, "visit"])
    said = {"visit-visited_on": "2026-03-03", "visit-attended": "yes", "visit-missed_because": "forgot"}
    page = desk.post(visit, said, follow=True).content.decode()
    assert "You said you would go, and you went." in page
    assert MeetingVisit.objects.get().missed_because == ""  # a reason belongs to a visit that did not happen
    again = desk.post(visit, said | {"visit-visited_on": "2026-03-10"}, follow=True).content.decode()
    assert "You keep going" in again
    referring.add_note(referral=planned, note="Talked of other things", by=counselor)
    page = desk.get(reverse("referrals:referral", args=[planned.client_id, planned.pk])).content.decode()
    assert "You keep going" not in page
    asked = desk.post(visit, said | {"visit-attended": "no"}).content.decode()
    assert 'type="checkbox" name="visit-replace"' in asked


def test_a_plan_at_a_meeting_that_is_gone_is_refused(planned: Referral, counselor: StaffMember) -> None:
    Meeting.objects.update(retired_at=MONDAY)
    with pytest.raises(referring.MeetingNotHeld):
        referring.plan(referral=Referral.objects.get(), on=NEXT_TUESDAY, by=counselor)
    Meeting.objects.update(retired_at=None, attendance="inactive")
    with pytest.raises(referring.MeetingNotHeld):
        referring.plan(referral=Referral.objects.get(), on=NEXT_TUESDAY, by=counselor)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weekday": 3}, "Example Tuesday is now listed for Wednesday 7:00 PM Eastern"),
        ({"start": datetime.time(20)}, "Example Tuesday is now listed for Tuesday 8:00 PM Eastern"),
        ({"start": datetime.time(18)}, "Example Tuesday is now listed for Tuesday 6:00 PM Eastern"),
        (
            {"time_zone": "America/Chicago"},
            "Example Tuesday is now listed for Tuesday 7:00 PM Central (8:00 PM Eastern for Robin)",
        ),
        ({"retired_at": MONDAY}, "Example Tuesday is no longer listed"),
        ({"attendance": "inactive"}, "Example Tuesday isn’t meeting now, says its list"),
        ({"venue": "Another room"}, ""),
    ],
)
def test_a_meeting_that_changes_while_a_plan_waits_says_so_on_today(
    planned: Referral,
    counselor: StaffMember,
    changes: dict[str, Any],
    words: str,
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    Meeting.objects.update(**changes)
    found = today.needs(staff_member=counselor, now=MONDAY)
    if not words:
        assert found == []
        return
    [need] = found
    assert need.title == "Set another date: the meeting has changed"
    planned_for = "Tue, Mar 3, 7:00 PM Eastern"
    if "time_zone" in changes:
        planned_for = "Tue, Mar 3, 6:00 PM Central (7:00 PM Eastern for Robin)"
    assert need.detail == f"{words}. The plan is for {planned_for}"
    page = (
        signed_in(counselor).get(reverse("referrals:referral", args=[planned.client_id, planned.pk])).content.decode()
    )
    assert words in page
    # once the day is over, how it went is what is asked
    assert needs(counselor, MONDAY + 3 * DAY) == ["Ask how the meeting went"]


def test_a_meeting_in_the_hours_that_clocks_change_is_where_it_was(
    clock: Any, client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    """2:30 AM is skipped on Mar 8, and 1:30 AM comes twice on Nov 1; both are Sundays."""
    for hour, on in ((2, datetime.date(2026, 3, 8)), (1, datetime.date(2026, 11, 1))):
        meeting = make_meeting(weekday=0, start=datetime.time(hour, 30))
        referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
        referring.plan(referral=referral, on=on, by=counselor)
        assert Referral.objects.with_state().get(pk=referral.pk).displaced == ""


@pytest.mark.parametrize(
    ("step", "title"), [("link", "Set a date with the client"), ("visit", "Ask whether they still go")]
)
def test_silence_after_a_call_or_a_visit_comes_to_today(
    clock: Any,
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Callable[..., Meeting],
    step: str,
    title: str,
) -> None:
    referral = referring.offer(client=client_record, meeting=make_meeting(), by=counselor)
    if step == "link":
        referring.link(referral=referral, volunteer="Sam", by=counselor)
    else:
        referring.record_visit(referral=referral, visited_on=MONDAY.date(), attended=True, by=counselor)
    assert needs(counselor, MONDAY + 14 * DAY) == []
    later = MONDAY + 15 * DAY
    assert needs(counselor, later) == [title]
    clock.move_to(later)
    referring.add_note(referral=referral, note="Away for work until April", by=counselor)
    assert needs(counselor, later) == []
    assert needs(counselor, later + 15 * DAY) == [title]
    referring.engage(referral=referral, by=counselor)
    assert needs(counselor, later + 40 * DAY) == []


def choices(page: str) -> list[str]:
    """How a visit may be recorded that isn't the planned one, as the form asks."""
    return [each for each in ("another", "instead") if f'value="{each}"' in page]


def test_before_the_meeting_begins_a_visit_of_that_day_is_asked_about(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    """Planned for seven in the evening; at ten in the morning they tell of a meeting at eight."""
    clock.move_to(MONDAY + DAY)
    visit = reverse("referrals:step", args=[planned.client_id, planned.pk, "visit"])
    said = {"visit-visited_on": "2026-03-03", "visit-attended": "yes"}
    page = signed_in(counselor).post(visit, said).content.decode()
    assert "The planned meeting is still ahead: Tue, Mar 3, 7:00 PM Eastern." in page
    assert choices(page) == ["another", "instead"]
    assert not MeetingVisit.objects.exists()
    signed_in(counselor).post(visit, {**said, "visit-other_day": "another"})
    assert Referral.objects.with_state().get().promised_for is not None  # they may go tonight as well
    clock.move_to(MONDAY + 2 * DAY)
    assert needs(counselor, MONDAY + 2 * DAY) == ["Ask how the meeting went"]
    referring.record_visit(referral=planned, visited_on=TUESDAY, attended=True, replace=True, by=counselor)
    assert Referral.objects.with_state().get().promised_for is None


def test_what_is_said_before_it_begins_may_stand_for_it(clock: Any, planned: Referral, counselor: StaffMember) -> None:
    clock.move_to(MONDAY + DAY)
    referring.record_visit(referral=planned, visited_on=TUESDAY, attended=False, instead=True, by=counselor)
    assert Referral.objects.with_state().get().promised_for is None
    assert needs(counselor, MONDAY + 2 * DAY) == ["Discuss what got in the way and reconnect"]


def test_a_day_before_the_plan_was_made_is_never_in_its_place(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    visit = reverse("referrals:step", args=[planned.client_id, planned.pk, "visit"])
    said = {"visit-visited_on": "2026-02-24", "visit-attended": "yes"}
    for more in ({}, {"visit-other_day": "instead"}):
        page = signed_in(counselor).post(visit, {**said, **more}).content.decode()
        assert "Feb 24 is before the plan was made, on Mar 2." in page
        assert choices(page) == ["another"]
        assert not MeetingVisit.objects.exists()
    signed_in(counselor).post(visit, {**said, "visit-other_day": "another"})
    assert MeetingVisit.objects.get().instead_of is None
    assert Referral.objects.with_state().get().promised_for is not None


def test_what_was_reported_first_stays_in_the_journal(
    clock: Any, planned: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    record = {"referral": planned, "visited_on": TUESDAY, "by": counselor, "replace": True}
    referring.record_visit(attended=True, note="Liked the readings", **record)
    clock.shift(datetime.timedelta(hours=1))
    referring.record_visit(attended=False, missed_because=Barrier.values[0], note="It was the week before", **record)
    page = signed_in(counselor).get(reverse("referrals:referral", args=[planned.client_id, planned.pk]))
    history = page.content.decode().partition('id="journal"')[2]
    now, before = history.index("did not go"), history.index("2026: went")
    assert now < history.index("It was the week before") < before < history.index("Liked the readings")
    assert history.count("Corrected since.") == 1
    assert before < history.index("Corrected since.")


def test_what_got_in_the_way_is_discussed_by_a_note(clock: Any, planned: Referral, counselor: StaffMember) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    referring.record_visit(referral=planned, visited_on=TUESDAY, attended=False, by=counselor)
    assert needs(counselor, MONDAY + 2 * DAY) == ["Discuss what got in the way and reconnect"]
    clock.shift(datetime.timedelta(hours=1))
    referring.add_note(referral=planned, note="No ride on Tuesdays. They want to wait.", by=counselor)
    assert needs(counselor, MONDAY + 3 * DAY) == []
    assert needs(counselor, MONDAY + 20 * DAY) == ["Ask whether they want to try again"]


def test_whoever_attends_on_their_own_is_asked_nothing(clock: Any, planned: Referral, counselor: StaffMember) -> None:
    """Neither about the plan that they made before, nor about the day that they missed."""
    referring.engage(referral=planned, by=counselor)
    after = MONDAY + 3 * DAY
    assert Referral.objects.with_state().get().promised_for is None
    assert needs(counselor, after) == []
    for room in (chart.panel, chart.beside_note):
        panel = room(client=planned.client, staff_member=counselor, now=after)
        assert panel is not None
        assert panel.context["to_ask"] == []
    referring.plan(referral=planned, on=NEXT_TUESDAY, by=counselor)
    clock.move_to(MONDAY + 9 * DAY)
    assert needs(counselor, MONDAY + 9 * DAY) == ["Ask how the meeting went"]  # a plan made since is a promise again
    referring.record_visit(referral=planned, visited_on=NEXT_TUESDAY, attended=False, by=counselor)
    assert needs(counselor, MONDAY + 9 * DAY) == ["Discuss what got in the way and reconnect"]
    referring.engage(referral=planned, note="Goes on Fridays", by=counselor)
    assert needs(counselor, MONDAY + 40 * DAY) == []


def test_a_due_plan_is_asked_about_behind_newer_referrals(
    clock: Any, planned: Referral, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    clock.move_to(MONDAY + 2 * DAY)
    for number in range(4):
        newer = referring.offer(client=planned.client, meeting=make_meeting(name=f"Newer {number}"), by=counselor)
        if number:
            referring.decline(referral=newer, by=counselor)
    panel = chart.panel(client=planned.client, staff_member=counselor, now=MONDAY + 2 * DAY)
    assert panel is not None
    assert panel.context["to_ask"] == [planned]
    assert [each.is_open for each in panel.context["referrals"]] == [True, True, False]


def test_every_visit_can_be_reached_and_the_page_says_how_many_there_are(
    clock: Any, client_record: Client, counselor: StaffMember, signed_in: Callable[..., Browser],
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    browser, today_ = signed_in(counselor), MONDAY.date()
    url = reverse("referrals:client_referrals", args=[client_record.pk])
    referral = referring.offer(client=client_record, fellowship="lifering", by=counselor)

    def days(page: str = "") -> tuple[list[str], str]:
        shown = " ".join(browser.get(url + page).content.decode().split())
        visits = shown.split('id="visits"')[1].split("</section>")[0]
        return re.findall(r'<time datetime="([\d-]+)"', visits), visits

    for number in range(20):
        referring.record_visit(
            referral=referral, visited_on=today_ - number * DAY, attended=bool(number % 3), by=counselor
        )
    assert len(days()[0]) == 20
    assert "ow-pager" not in days()[1]
    for number in range(20, 45):
        referring.record_visit(referral=referral, visited_on=today_ - number * DAY, attended=True, by=counselor)
    with django_assert_max_num_queries(12):
        first, shown = days()
    assert "1–20 of 45 visits" in shown
    assert 'href="?page=2#visits"' in shown
    (second, _), (third, shown) = days("?page=2"), days("?page=3")
    assert "41–45 of 45 visits" in shown
    assert first + second + third == [f"{today_ - number * DAY}" for number in range(45)]
    assert days("?page=nonsense")[0] == first
    assert days("?page=99999999999999999999")[0] == third
