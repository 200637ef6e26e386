"""A reported visit answers the plan for that day; one of another day does only if the client says so.

The one owner of the rule is `FollowThroughQuerySet.promises`; the outbox, Today and the lists ask it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import followups, referring, today
from referrals.models import FollowThrough, Meeting, MeetingVisit, PrivateLink, Referral
from reminders.models import Reminder
from staff.models import StaffMember
from tests.places import NEW_YORK

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
LAST_TUESDAY, TUESDAY, NEXT_TUESDAY = (datetime.date(2026, 2, 24) + n * 7 * DAY for n in range(3))


@pytest.fixture
def promised(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Referral:
    with time_machine.travel(MONDAY, tick=False):
        referral = referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)
        referring.plan(referral=referral, on=NEXT_TUESDAY, by=counselor)
    return referral


def told(referral: Referral, visited_on: datetime.date, *, by: StaffMember, **fields: Any) -> None:
    """Of another day than the one that was agreed on, which is asked about once more."""
    with time_machine.travel(datetime.datetime.combine(TUESDAY + DAY, datetime.time(10), NEW_YORK), tick=False):
        referring.record_visit(
            referral=referral, visited_on=visited_on, another_day=True, by=by, **{"attended": True, **fields}
        )


def states() -> set[str]:
    return set(Reminder.objects.values_list("state", flat=True))


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize("visited_on", [LAST_TUESDAY, TUESDAY])
def test_a_visit_of_another_day_leaves_the_promise_of_a_later_one(
    promised: Referral, counselor: StaffMember, visited_on: datetime.date, attended: bool
) -> None:
    told(promised, visited_on, attended=attended, by=counselor)
    assert states() == {"pending"}
    assert followups.gone(Reminder.objects.all()) == {}
    referral = Referral.objects.with_state().get(pk=promised.pk)
    assert referral.promised_for == datetime.datetime(2026, 3, 10, 19, 0, tzinfo=NEW_YORK)
    after = datetime.datetime.combine(NEXT_TUESDAY + DAY, datetime.time(9), NEW_YORK)
    assert [need.title for need in today.needs(staff_member=counselor, now=after)] == ["Ask how the meeting went"]
    before = after - 7 * DAY
    assert today.needs(staff_member=counselor, now=before) == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_visit_of_that_day_or_instead_of_it_answers_it(promised: Referral, counselor: StaffMember, days: int) -> None:
    after = datetime.datetime.combine(NEXT_TUESDAY + 2 * DAY, datetime.time(9), NEW_YORK)
    with time_machine.travel(after, tick=False):
        visited_on = NEXT_TUESDAY + days * DAY
        referring.record_visit(
            referral=promised, visited_on=visited_on, attended=True, instead=bool(days), by=counselor
        )
    assert states() == {"cancelled"}
    assert set(followups.gone(Reminder.objects.all()).values()) == {"the visit was discussed"}
    assert Referral.objects.with_state().get(pk=promised.pk).promised_for is None
    assert today.needs(staff_member=counselor, now=after) == []


@pytest.mark.parametrize("attended", [True, False])
def test_a_visit_of_a_later_day_is_asked_about_and_leaves_the_plan(
    promised: Referral, counselor: StaffMember, attended: bool
) -> None:
    """Planned for Mar 10; they tell of Mar 12. How the tenth went is still asked, and the client's own link works."""
    after = datetime.datetime.combine(NEXT_TUESDAY + 3 * DAY, datetime.time(9), NEW_YORK)
    told_of: dict[str, Any] = {"visited_on": NEXT_TUESDAY + 2 * DAY, "attended": attended, "by": counselor}
    with time_machine.travel(after, tick=False):
        with pytest.raises(referring.AfterPlan, match=r"planned for Tue, Mar 10\. Record it as another visit, or"):
            referring.record_visit(referral=promised, **told_of)
        assert not MeetingVisit.objects.exists()
        referring.record_visit(referral=promised, another_day=True, **told_of)
        assert Referral.objects.with_state().get().promised_for is not None
        assert [need.title for need in today.needs(staff_member=counselor, now=after)] == ["Ask how the meeting went"]
        assert states() == {"pending"}
        assert followups.gone(Reminder.objects.all()) == {}
        assert PrivateLink.objects.get().revoked_at is None
        referring.record_visit(referral=promised, visited_on=NEXT_TUESDAY, attended=False, by=counselor)
        assert Referral.objects.with_state().get().promised_for is None
        assert PrivateLink.objects.get().revoked_at is not None
    assert states() == {"cancelled"}


def test_a_report_put_right_answers_no_plan_made_since(promised: Referral, counselor: StaffMember) -> None:
    """Their visit of the eleventh stood for the tenth; correcting it later says nothing of the seventeenth."""
    at = datetime.datetime.combine(NEXT_TUESDAY + 2 * DAY, datetime.time(9), NEW_YORK)
    wednesday = NEXT_TUESDAY + DAY
    with time_machine.travel(at, tick=False) as clock:
        referring.record_visit(referral=promised, visited_on=wednesday, attended=True, instead=True, by=counselor)
        referring.plan(referral=promised, on=NEXT_TUESDAY + 7 * DAY, by=counselor)
        clock.shift(DAY)
        referring.record_visit(referral=promised, visited_on=wednesday, attended=False, replace=True, by=counselor)
        assert MeetingVisit.objects.get().instead_of == NEXT_TUESDAY
        assert Referral.objects.with_state().get().promised_for is not None


def test_the_planned_day_is_one_where_the_client_lives(promised: Referral, counselor: StaffMember) -> None:
    """One in the morning in London is the eleventh there, and the tenth in New York: either is the planned day."""
    promised.client.time_zone = "Europe/London"
    promised.client.save()
    with time_machine.travel(MONDAY, tick=False):
        late = datetime.datetime(2026, 3, 11, 1, 0, tzinfo=datetime.UTC)
        referring.plan(referral=promised, on=late, by=counselor)
    with time_machine.travel(late + 2 * DAY, tick=False):
        referring.record_visit(referral=promised, visited_on=NEXT_TUESDAY + DAY, attended=True, by=counselor)
    assert Referral.objects.with_state().get().promised_for is None


def test_somebody_who_takes_part_and_tells_of_an_earlier_day_is_still_asked(
    promised: Referral, counselor: StaffMember
) -> None:
    """A visit keeps what was engaged as it stands: its row is no clinician's new judgment."""
    with time_machine.travel(MONDAY, tick=False):
        referring.engage(referral=promised, by=counselor)
        referring.plan(referral=promised, on=NEXT_TUESDAY, by=counselor)
    told(promised, TUESDAY, by=counselor)
    waiting = Reminder.objects.filter(state="pending")
    assert waiting.count() == 2
    assert followups.gone(waiting) == {}


def test_one_promise_does_not_answer_for_another_referral(
    promised: Referral, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        other = referring.offer(client=promised.client, meeting=make_meeting(name="Example Other"), by=counselor)
    told(other, TUESDAY, by=counselor)
    assert states() == {"pending"}


def test_the_day_is_the_clinics_day(promised: Referral, counselor: StaffMember) -> None:
    """A meeting at one in the morning in London is on the evening before for a clinic in New York."""
    late = datetime.datetime(2026, 3, 11, 1, 0, tzinfo=datetime.UTC)
    with time_machine.travel(MONDAY, tick=False):
        referring.plan(referral=promised, on=late, by=counselor)
    row = FollowThrough.objects.filter(referral=promised).promises().latest("pk")
    assert row.promised_day == NEXT_TUESDAY


def test_the_pages_show_the_promise_that_stands(
    promised: Referral, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    told(promised, TUESDAY, by=counselor)
    for address in (reverse("referrals:client_referrals", args=[promised.client_id]), reverse("referrals:referrals")):
        assert "Mar 10" in signed_in(counselor).get(address).content.decode()


@pytest.mark.parametrize("attended", [True, False])
def test_what_was_said_of_the_morning_leaves_a_promise_for_the_evening(
    promised: Referral, counselor: StaffMember, attended: bool
) -> None:
    noon = datetime.datetime.combine(NEXT_TUESDAY, datetime.time(12), NEW_YORK)
    with time_machine.travel(noon, tick=False) as clock:
        referring.record_visit(
            referral=promised, visited_on=NEXT_TUESDAY, attended=attended, instead=True, by=counselor
        )
        assert Referral.objects.with_state().get(pk=promised.pk).promised_for is None
        clock.shift(datetime.timedelta(hours=1))
        referring.plan(referral=promised, on=NEXT_TUESDAY, by=counselor)
        referral = Referral.objects.with_state().get(pk=promised.pk)
        assert referral.promised_for == datetime.datetime.combine(NEXT_TUESDAY, datetime.time(19), NEW_YORK)
        pending = Reminder.objects.filter(state="pending")
        assert followups.gone(pending) == {}
    after = datetime.datetime.combine(NEXT_TUESDAY + DAY, datetime.time(9), NEW_YORK)
    assert "Ask how the meeting went" in [need.title for need in today.needs(staff_member=counselor, now=after)]
