"""verify_audit detects logs rewritten by someone with database access."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases.models import Client
from privacy.models import ChartAccess
from reminders import outbox
from staff.models import AuditEntry, StaffMember
from tests.ownership import as_owner
from tests.reminders.conftest import utc

TABLES = ("staff_auditentry", "privacy_chartaccess")


@pytest.fixture(autouse=True)
def _logs(client_record: Client, counselor: StaffMember, other_clinic: Any, make_staff: Any) -> None:
    stranger = make_staff("counselor", clinic=other_clinic)
    for who in (counselor, counselor, counselor, stranger, stranger):
        ChartAccess.objects.create(
            clinic=who.clinic,
            at=utc(2026, 3, 1),
            staff_member=who,
            client_id=1,
            view_name="x",
            method="GET",
            status=200,
        )
    for number in range(4):
        outbox.schedule(
            kind="client_appointment",
            client_or_staff=client_record,
            due_at=utc(2026, 3, 3),
            dedupe_key=str(number),
            context={},
            by=counselor,
        )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks outstanding cannot be altered


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_untouched_logs_verify(capsys: Any) -> None:
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert "privacy.ChartAccess" in said
    assert "staff.AuditEntry" in said
    assert "All entries verified." in said


@pytest.mark.parametrize("table", TABLES)
def test_the_application_cannot_rewrite_them(table: str) -> None:
    for sql in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE {} SET client_id = coalesce(client_id, 0) + 1 WHERE position = 2", "entry 2: its content was altered"),
        ("DELETE FROM {} WHERE position = 2", "entry 3: entry 2 is missing"),
        ("DELETE FROM {} WHERE position = 1", "entry 2: entry 1 is missing"),
        ("UPDATE {} SET previous_hash = repeat('0', 64) WHERE position = 3", "entry 3: it does not follow"),
        ("UPDATE {} SET hash = repeat('0', 64) WHERE position = 1", "entry 1: its content was altered"),
    ],
)
def test_the_database_owner_can_but_it_is_detected(table: str, change: str, says: str, counselor: StaffMember) -> None:
    with unguarded(table), connection.cursor() as cursor:
        cursor.execute(change.format(table) + f" AND clinic_id = {counselor.clinic_id}")
        assert cursor.rowcount == 1
    with pytest.raises(CommandError, match=says) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 1


def test_a_truncated_log_is_detected_with_saved_heads(tmp_path: Path, counselor: StaffMember) -> None:
    heads = tmp_path / "heads.json"
    call_command("verify_audit", heads=heads)
    call_command("verify_audit", heads=heads)
    last = AuditEntry.objects.filter(clinic=counselor.clinic).first()
    assert last is not None
    with unguarded("staff_auditentry"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_auditentry WHERE id = %s", [last.pk])
    call_command("verify_audit")  # the chain alone cannot know
    with pytest.raises(CommandError, match="was there on an earlier run"):
        call_command("verify_audit", heads=heads)
