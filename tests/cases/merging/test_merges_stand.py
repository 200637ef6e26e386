"""Rows that say who may read what, and why, end but neither change nor vanish, whoever asks the database."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cases import relapses
from cases.merging import merge, unmerge
from cases.models import CareTeamMember, Client
from privacy import emergency
from reminders import outbox
from reminders.models import DeliveryAttempt
from staff.models import Role, StaffMember
from tests import factories
from tests.ownership import as_owner


def refused(sql: str, *params: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE is refused for another reason
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            cursor.execute(sql, params)


@pytest.fixture
def merged(client_record: Client, make_staff: Any) -> Any:
    twin = factories.ClientFactory(clinic=client_record.clinic)
    return merge(keep=client_record, absorb=twin, by=make_staff(Role.SUPERVISOR))


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM cases_clientmerge",
        "TRUNCATE cases_clientmerge CASCADE",
        "UPDATE cases_clientmerge SET keep_id = absorb_id, absorb_id = keep_id",
        "UPDATE cases_clientmerge SET moved = '{}'",
        "UPDATE cases_clientmerge SET merged_at = now()",
    ],
)
def test_merges(merged: Any, sql: str) -> None:
    refused(sql)


def test_a_merge_is_undone_once(merged: Any, make_staff: Any) -> None:
    unmerge(merge=merged, by=make_staff(Role.SUPERVISOR))
    refused("UPDATE cases_clientmerge SET undone_at = NULL, undone_by_id = NULL")
    refused("UPDATE cases_clientmerge SET undone_at = now()")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM cases_careteammember",
        "TRUNCATE cases_careteammember CASCADE",
        "UPDATE cases_careteammember SET staff_member_id = (SELECT max(id) FROM staff_staffmember)",
        "UPDATE cases_careteammember SET starts_at = starts_at - interval '1 year'",
        "UPDATE cases_careteammember SET part = 'medical'",
        "UPDATE cases_careteammember SET assigned_by_id = NULL",
    ],
)
def test_the_care_team(client_record: Client, make_staff: Any, sql: str) -> None:
    make_staff(Role.COUNSELOR)
    assert CareTeamMember.objects.filter(client=client_record).exists()
    refused(sql)


def test_a_membership_ends_and_never_begins_again(client_record: Client) -> None:
    CareTeamMember.objects.filter(client=client_record).update(ends_at=timezone.now())
    refused("UPDATE cases_careteammember SET ends_at = NULL")
    refused("UPDATE cases_careteammember SET ends_at = now() + interval '1 year'")
    other = factories.ClientFactory(clinic=client_record.clinic)
    refused("UPDATE cases_careteammember SET client_id = %s", other.pk)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM cases_relapse",
        "TRUNCATE cases_relapse CASCADE",
        "UPDATE cases_relapse SET recorded_by_id = recorded_by_id + 1",
        "UPDATE cases_relapse SET client_id = (SELECT max(id) FROM cases_client)",
    ],
)
def test_returns_to_use(client_record: Client, counselor: StaffMember, sql: str) -> None:
    relapses.record(client=client_record, started_on=datetime.date(2026, 1, 5), by=counselor)
    factories.ClientFactory(clinic=client_record.clinic)
    refused(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM privacy_emergencyaccess",
        "TRUNCATE privacy_emergencyaccess CASCADE",
        "UPDATE privacy_emergencyaccess SET reason = 'something better'",
        "UPDATE privacy_emergencyaccess SET ends_at = ends_at + interval '1 day'",
        "UPDATE privacy_emergencyaccess SET review_note = 'fine'",
        "UPDATE privacy_emergencyaccess SET finding = 'not_justified'",
        "UPDATE privacy_emergencyaccess SET reviewed_at = NULL, reviewed_by_id = NULL, finding = ''",
    ],
)
def test_emergency_access(client_record: Client, make_staff: Any, sql: str) -> None:
    stranger = make_staff(Role.COUNSELOR)
    access = emergency.open(client=client_record, reason="Unconscious in the lobby, overdose suspected.", by=stranger)
    emergency.review(access=access, finding="justified", by=make_staff(Role.PRIVACY_OFFICER))
    refused(sql)


@pytest.fixture
def tried(client_record: Client) -> DeliveryAttempt:
    reminder = outbox.schedule(
        kind="client_appointment", client_or_staff=client_record, due_at=timezone.now(), dedupe_key="1", context={}
    )  # fmt: skip
    return DeliveryAttempt.objects.create(
        reminder=reminder, number=1, started_at=timezone.now(), finished_at=timezone.now(), channel="sms",
        contact_value="+15550100123", idempotency_key="1", outcome="sent", words="See you at 3.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM reminders_deliveryattempt",
        "TRUNCATE reminders_deliveryattempt CASCADE",
        "UPDATE reminders_deliveryattempt SET contact_value = '+15550100199'",
        "UPDATE reminders_deliveryattempt SET idempotency_key = 'x'",
        "UPDATE reminders_deliveryattempt SET outcome = 'started'",
        "UPDATE reminders_deliveryattempt SET finished_at = now() - interval '1 day'",
    ],
)
def test_tries_of_reminders(tried: DeliveryAttempt, sql: str) -> None:
    refused(sql)
