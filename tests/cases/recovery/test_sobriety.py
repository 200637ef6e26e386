"""Where somebody stands in recovery: the exact dates that a counselor would count on a calendar."""

import datetime

import pytest
from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, Relapse, SobrietyStatement
from cases.recovery.sobriety import milestones, standing
from staff.models import StaffMember
from tests import factories

D = datetime.date


def returned(client: Client, by: StaffMember, start: D, end: D | None, **facts: object) -> Relapse:
    return factories.RelapseFactory(
        client=client, started_on=start, ended_on=end, recorded_by=by, recorded_at=timezone.now(), **facts
    )


def stated(client: Client, by: StaffMember, date: D) -> SobrietyStatement:
    return SobrietyStatement.objects.create(client=client, sobriety_date=date, stated_at=timezone.now(), recorded_by=by)


def test_leap_day_sobriety_date_keeps_its_anniversaries(client_record: Client, counselor: StaffMember) -> None:
    stated(client_record, counselor, D(2024, 2, 29))
    days = [mark.on for mark in milestones(client_record)]
    assert days.count(D(2025, 2, 28)) == 1
    assert {mark.label: mark.on for mark in milestones(client_record)}["4 years"] == D(2028, 2, 29)


def test_two_lapses_in_one_week_are_two_records_and_one_count(client_record: Client, counselor: StaffMember) -> None:
    returned(client_record, counselor, D(2026, 3, 2), D(2026, 3, 2), days_used=1)
    returned(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5), days_used=1)
    now = standing(client_record, D(2026, 3, 9))
    assert (now.sobriety_date, now.days_since_last_use, now.recovery_days) == (D(2026, 3, 6), 4, 3)


def test_backdated_event_changes_the_past_only(client_record: Client, counselor: StaffMember) -> None:
    stated(client_record, counselor, D(2025, 1, 1))
    returned(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5))
    before = standing(client_record, D(2026, 3, 9))
    assert before.longest_streak == (D(2026, 3, 5) - D(2025, 1, 1)).days
    returned(client_record, counselor, D(2025, 6, 10), D(2025, 6, 12))
    after = standing(client_record, D(2026, 3, 9))
    assert after.sobriety_date == before.sobriety_date == D(2026, 3, 6)
    assert after.longest_streak == (D(2026, 3, 5) - D(2025, 6, 13)).days
    assert after.lifetime_recovery_days == before.lifetime_recovery_days - 3


def test_open_event_says_currently_using_and_counts_nothing(client_record: Client, counselor: StaffMember) -> None:
    stated(client_record, counselor, D(2025, 1, 1))
    returned(client_record, counselor, D(2026, 3, 5), None)
    now = standing(client_record, D(2026, 3, 9))
    assert now.currently_using
    assert (now.sobriety_date, now.days_since_last_use, now.recovery_days) == (None, None, None)
    assert now.lifetime_recovery_days == (D(2026, 3, 5) - D(2025, 1, 1)).days  # what was lived is not erased
    assert milestones(client_record) == []


def test_last_use_known_to_the_month_is_about_and_has_no_milestones(
    client_record: Client, counselor: StaffMember
) -> None:
    returned(client_record, counselor, D(2026, 2, 1), D(2026, 2, 15), ended_precision=Precision.MONTH)
    assert standing(client_record, D(2026, 3, 9)).approximate
    assert milestones(client_record) == []


def test_client_stated_date_stands_only_if_later_than_the_last_use(
    client_record: Client, counselor: StaffMember
) -> None:
    returned(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5))
    stated(client_record, counselor, D(2026, 3, 1))
    assert standing(client_record, D(2026, 3, 20)).sobriety_date == D(2026, 3, 6)
    stated(client_record, counselor, D(2026, 3, 10))
    assert standing(client_record, D(2026, 3, 20)).sobriety_date == D(2026, 3, 10)


def test_unconfirmed_report_moves_nothing(client_record: Client, counselor: StaffMember) -> None:
    returned(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5))
    returned(client_record, counselor, D(2026, 3, 15), D(2026, 3, 15), is_confirmed=False)
    assert standing(client_record, D(2026, 3, 20)).sobriety_date == D(2026, 3, 6)


@pytest.mark.parametrize(("on", "days"), [(D(2026, 3, 5), 0), (D(2026, 3, 6), 1)])
def test_the_day_of_last_use_counts_zero(client_record: Client, counselor: StaffMember, on: D, days: int) -> None:
    returned(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5))
    now = standing(client_record, on)
    assert (now.days_since_last_use, now.recovery_days) == (days, 0)
