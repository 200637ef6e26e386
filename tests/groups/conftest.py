"""People and groups that the stories about groups start from."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from cases import safety
from cases.models import Client, Relapse, SobrietyStatement
from counseling import measures
from groups import attendance, mentoring, rosters, sessions
from groups.models import Group, GroupFacilitator, GroupSession, GroupType, Membership
from staff.models import Clinic, StaffMember
from tests import factories

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today(clinic: Clinic) -> datetime.date:
    return timezone.localdate(timezone=clinic.zone)


@pytest.fixture
def facilitator(make_staff: Callable[..., StaffMember]) -> StaffMember:
    """Leads the group and is on nobody's care team."""
    return make_staff()


@pytest.fixture
def group(clinic: Clinic, facilitator: StaffMember) -> Group:
    group = Group.objects.create(
        clinic=clinic,
        name="Tuesday skills",
        type=GroupType.SKILLS,
        weekday=1,
        starts_at=datetime.time(18),
        minutes=90,
        room="Room 2",
    )
    GroupFacilitator.objects.create(group=group, staff_member=facilitator)
    return group


@pytest.fixture
def make_member(
    clinic: Clinic, group: Group, counselor: StaffMember, today: datetime.date
) -> Callable[..., Membership]:
    """Somebody on the counselor's care team who joined the group half a year ago."""

    def make(**fields: Any) -> Membership:
        joined_on = fields.pop("joined_on", today - 180 * DAY)
        into = fields.pop("group", group)
        client = factories.ClientFactory(clinic=clinic, counselor=counselor, **fields)
        return rosters.join(group=into, client=client, joined_on=joined_on, by=counselor)

    return make


@pytest.fixture
def make_session(group: Group, facilitator: StaffMember, today: datetime.date) -> Callable[..., GroupSession]:
    """A session so many days ago at six in the evening on the clinic's clock."""

    def make(days_ago: int, **fields: Any) -> GroupSession:
        start = datetime.datetime.combine(today - days_ago * DAY, datetime.time(18), group.clinic.zone)
        return sessions.plan(**{"group": group, "starts_at": start, "by": facilitator, **fields})

    return make


@pytest.fixture
def attend(make_session: Callable[..., GroupSession], facilitator: StaffMember) -> Callable[..., None]:
    """So many weekly sessions up to last week, with these members present."""

    def make(members: list[Membership], times: int) -> None:
        for week in range(1, times + 1):
            session = make_session(7 * week)
            attendance.take(session=session, marks={each.pk: "present" for each in members}, by=facilitator)

    return make


def in_recovery_since(client: Client, day: datetime.date, by: StaffMember) -> None:
    SobrietyStatement.objects.create(client=client, sobriety_date=day, stated_at=timezone.now(), recorded_by=by)


def returned_to_use(client: Client, by: StaffMember, **fields: Any) -> Relapse:
    return factories.RelapseFactory(**{"client": client, "recorded_at": timezone.now(), "recorded_by": by, **fields})


def evaluated(client: Client, by: StaffMember) -> None:
    """What answers an open safety concern; a screen that is not high settles the criterion on the C-SSRS alone."""
    safety.evaluate(client=client, found="Safe today", done="Plan", next_check_on=None, no_check_because="Safe", by=by)


@pytest.fixture
def make_ready(
    make_member: Callable[..., Membership], attend: Callable[..., None], counselor: StaffMember, today: datetime.date
) -> Callable[..., Membership]:
    """A member who meets every criterion of a peer mentor."""

    def make(**fields: Any) -> Membership:
        sessions_attended = fields.pop("sessions", 8)
        member = make_member(**fields)
        in_recovery_since(member.client, today - 120 * DAY, counselor)
        measures.record(client=member.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
        if sessions_attended:
            attend([member], sessions_attended)
        for step in (mentoring.record_agreement, mentoring.approve, mentoring.record_orientation):
            step(membership=member, by=counselor)
        return member

    return make


@pytest.fixture
def mentor(make_ready: Callable[..., Membership], counselor: StaffMember) -> Membership:
    member = make_ready(given_name="Dana", family_name="Example")
    mentoring.appoint(membership=member, by=counselor)
    return member
