"""From which day on use counts that an assessment or a call tells of.

The one owner of what on record says that somebody used is cases.use_reports.reports.
"""

import datetime

import pytest
import time_machine

from cases.models import Client, Inquiry, LevelOfCareAssessment
from cases.recovery import use_reports
from staff.models import StaffMember

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)  # noon at the clinic
HOUR = datetime.timedelta(hours=1)
RECOVERY = datetime.date(2026, 5, 17)


def reported(client: Client) -> bool:
    with time_machine.travel(NOW, tick=False):
        rows = use_reports.reports(client=client, since=NOW - HOUR, recovery=RECOVERY, until=NOW + HOUR)
        return any(each.exists() for each in rows)


@pytest.mark.parametrize(("days", "counts"), [(0, True), (3, True), (4, False)])
def test_a_callers_last_use_counts_from_the_first_day_of_recovery_on(
    client_record: Client, counselor: StaffMember, days: int, counts: bool
) -> None:
    Inquiry.objects.create(
        clinic=client_record.clinic,
        client=client_record,
        days_since_last_use=days,
        taken_at=NOW,
        taken_by=counselor,
    )
    assert reported(client_record) is counts


@pytest.mark.parametrize("asked", ["days_since_alcohol", "days_since_sedative", "days_since_opioid"])
@pytest.mark.parametrize(("days", "counts"), [(0, True), (3, True), (4, False)])
def test_a_last_use_in_an_assessment_counts_from_the_first_day_of_recovery_on(
    client_record: Client, counselor: StaffMember, asked: str, days: int, counts: bool
) -> None:
    LevelOfCareAssessment.objects.create(client=client_record, assessed_at=NOW, assessed_by=counselor, **{asked: days})
    assert reported(client_record) is counts


def test_what_somebody_else_told_or_was_told_before_is_none(client_record: Client, counselor: StaffMember) -> None:
    before = NOW - 2 * HOUR
    LevelOfCareAssessment.objects.create(client=client_record, assessed_at=before, assessed_by=counselor, use_days=2)
    Inquiry.objects.create(
        clinic=client_record.clinic, days_since_last_use=0, taken_at=NOW, taken_by=counselor
    )  # about nobody on record
    assert not reported(client_record)
