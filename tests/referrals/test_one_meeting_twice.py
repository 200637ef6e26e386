"""Two referrals to one meeting, since lists or charts were joined: one visit a day, told once, that answers both."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from cases import merging
from cases.models import Client
from referrals import chart, followups, involvement_course, own_goals, own_reports, private_links, referring, sources
from referrals import today as on_today
from referrals.models import Meeting, MeetingVisit, PrivateLink, Referral
from reminders.models import Reminder
from staff.models import StaffMember
from tests.places import NEW_YORK

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
TUESDAY = datetime.date(2026, 3, 3)
AFTER = MONDAY + 2 * DAY

Two = tuple[Referral, Referral]


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def lists(clock: Any, client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Two:
    """Alpha and Omega of two lists, each offered to the client."""
    one, other = (make_meeting(name=name) for name in ("Alpha", "Omega"))
    first, second = (referring.offer(client=client_record, meeting=each, by=counselor) for each in (one, other))
    return first, second


@pytest.fixture
def charts(
    clock: Any, client_record: Client, make_client: Any, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> Two:
    """One person in two charts, each with a referral to one meeting."""
    meeting = make_meeting(name="Alpha")
    twin = make_client(counselor=counselor)
    first, second = (referring.offer(client=each, meeting=meeting, by=counselor) for each in (client_record, twin))
    return first, second


def join_lists(two: Two, by: StaffMember) -> None:
    one, other = (each.meeting for each in two)
    assert one is not None
    assert other is not None
    sources.join(one=one, other=other, by=by)


def join_charts(two: Two, by: StaffMember) -> None:
    merging.merge(keep=two[0].client, absorb=two[1].client, by=by)


JOINED: dict[str, Any] = {"lists": join_lists, "charts": join_charts}


@pytest.fixture(params=["lists", "charts"])
def two(request: pytest.FixtureRequest) -> tuple[Two, Callable[[StaffMember], Two]]:
    """Two referrals, and what makes their meetings one."""
    found: Two = request.getfixturevalue(request.param)

    def join(by: StaffMember) -> Two:
        JOINED[request.param](found, by)
        first, second = Referral.objects.select_related("client__clinic", "meeting").order_by("pk")
        return first, second

    return found, join


def visit(referral: Referral, attended: bool, by: StaffMember, **fields: Any) -> MeetingVisit:
    return referring.record_visit(referral=referral, visited_on=TUESDAY, attended=attended, by=by, **fields)


def promised(referral: Referral) -> bool:
    return Referral.objects.with_state().get(pk=referral.pk).promised_for is not None


def test_a_report_put_right_stays_with_its_referral(
    two: Any, clock: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    found, join = two
    clock.move_to(AFTER)
    first, second = (visit(each, True, counselor) for each in found)
    for each in reversed(join(supervisor)):
        with pytest.raises(referring.AlreadyRecorded):
            visit(each, False, counselor)
        visit(each, False, counselor, replace=True)
    assert MeetingVisit.objects.count() == 2
    for before, referral in zip((first, second), found, strict=True):
        before.refresh_from_db()
        assert (before.referral, before.attended) == (referral, False)


def test_one_visit_answers_the_plans_of_both(
    two: Any, clock: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    found, join = two
    for each in found:
        referring.plan(referral=each, on=TUESDAY, by=counselor)
    first, second = join(supervisor)
    clock.move_to(AFTER)
    assert len(on_today.needs(staff_member=counselor, now=AFTER)) == 2
    kept = visit(first, True, counselor)
    assert on_today.needs(staff_member=counselor, now=AFTER) == []
    assert not promised(second)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not PrivateLink.objects.standing().exists()
    with pytest.raises(referring.AlreadyRecorded, match="Went"):
        visit(second, False, counselor)
    assert visit(second, False, counselor, replace=True) == kept
    kept.refresh_from_db()
    assert kept.referral == first
    assert not promised(first)
    assert not promised(second)
    # Said on the second one's page, so that is where it is to be talked about; the first tells what holds now.
    states = {each.pk: each for each in Referral.objects.with_state().with_miss()}
    assert [states[each.pk].went_last for each in (first, second)] == [False, False]
    assert [states[each.pk].missed_undiscussed for each in (first, second)] == [False, True]


def test_a_private_link_to_the_second_answers_once_for_both(
    two: Any, clock: Any, counselor: StaffMember, supervisor: StaffMember, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://onward.example"
    found, join = two
    for each in found:
        referring.plan(referral=each, on=TUESDAY, by=counselor)
    first, second = join(supervisor)
    clock.move_to(AFTER)
    link = PrivateLink.objects.get(follow_through__referral=second)
    own_reports.answer(token=private_links.token_of(link), attended=True)
    assert not promised(first)
    assert not promised(second)
    assert not PrivateLink.objects.standing().exists()
    assert followups.gone(Reminder.objects.all()).keys() == set(Reminder.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("goes_by", ["lists", "charts"])
def test_it_counts_once(
    goes_by: str, request: Any, clock: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    found: Two = request.getfixturevalue(goes_by)
    clock.move_to(AFTER)
    for each in found:
        visit(each, True, counselor)
        referring.record_visit(referral=each, visited_on=MONDAY.date(), attended=True, by=counselor)
    JOINED[goes_by](found, supervisor)
    client = found[0].client
    visited = involvement_course.facts(client=client, staff_member=counselor).visited
    assert visited == [MONDAY.date(), TUESDAY]
    own_goals.set_goal(client=client, meetings=90, days=90, begins_on=MONDAY.date(), by=counselor)
    (goal,) = own_goals.pictures(client=client, staff_member=counselor, visited=visited)
    assert goal.went == 2
    panel = chart.panel(client=client, staff_member=counselor, now=AFTER)
    assert panel is not None
    assert panel.context["visits"] == 2


def test_two_meetings_a_day_count_twice(
    lists: Two, clock: Any, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    clock.move_to(AFTER)
    for each in lists:
        referring.plan(referral=each, on=TUESDAY + 7 * DAY, by=counselor)
        visit(each, True, counselor, another_day=True)
    facts = involvement_course.facts(client=lists[0].client, staff_member=counselor)
    assert facts.visited == [TUESDAY, TUESDAY]
    clock.move_to(AFTER + 7 * DAY)
    referring.record_visit(referral=lists[0], visited_on=TUESDAY + 7 * DAY, attended=True, by=counselor)
    assert not promised(lists[0])
    assert promised(lists[1])


def test_a_fellowship_alone_in_two_charts_is_one(
    clock: Any, client_record: Client, make_client: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    twin = make_client(counselor=counselor)
    first, second = (referring.offer(client=each, fellowship="aa", by=counselor) for each in (client_record, twin))
    for each in (first, second):
        referring.plan(referral=each, on=TUESDAY, time=datetime.time(19), by=counselor)
    other = referring.offer(client=client_record, fellowship="smart", by=counselor)
    referring.plan(referral=other, on=TUESDAY, time=datetime.time(19), by=counselor)
    join_charts((first, second), supervisor)
    clock.move_to(AFTER)
    visit(first, True, counselor)
    assert [promised(each) for each in (first, second, other)] == [False, False, True]
