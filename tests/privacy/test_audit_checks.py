"""The nightly check of the logs: kept, mailed, and shown to those who oversee them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from privacy import audit_checks, audit_heads, audit_mail, tasks
from privacy.models import AuditCheck, AuditFinding
from privacy.thresholds import AUDIT_SECONDS
from staff.models import ClinicThreshold, Role, StaffMember
from tests.ownership import as_owner

from .test_audit_attacks import TABLE, _log, unguarded  # noqa: F401 - a fixture

PAGE = "privacy:audit_checks"


def test_beat_checks_every_night_and_notes_the_ends() -> None:
    jobs = {job["task"]: job["schedule"] for job in app.conf.beat_schedule.values()}
    assert jobs["privacy.tasks.check_audit_logs"] == 60
    assert jobs["privacy.tasks.note_audit_heads"] == 900
    assert AUDIT_SECONDS.highest < 60


def test_once_a_night_both_logs_and_an_email_with_where_they_end(
    make_staff: Any, counselor: StaffMember, other_clinic: Any, tmp_path: Path
) -> None:
    make_staff(Role.PRIVACY_OFFICER, email="officer@clinic.example")
    make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic, email="stranger@other.example")
    make_staff(Role.ADMINISTRATOR, email="admin@clinic.example")
    tasks.check_audit_logs()
    tasks.check_audit_logs()
    checks = AuditCheck.objects.filter(clinic=counselor.clinic)
    assert sorted(check.log for check in checks) == [
        "groups.GroupSignature",
        "privacy.ChartAccess",
        "privacy.ListAccess",
        "staff.AuditEntry",
    ]
    assert all(check.finished_at and check.mailed_at for check in checks)
    seen = checks.get(log="privacy.ChartAccess")
    assert (seen.entries_checked, seen.reached) == (6, 6)
    (sent,) = [each for each in mail.outbox if "officer@clinic.example" in each.to]
    assert sent.to == ["officer@clinic.example"]
    assert sent.subject == "Nightly log check: nothing found"
    assert seen.reached_hash in sent.body
    assert audit_heads.kept().of("privacy.ChartAccess", counselor.clinic_id)[-1].hash == seen.reached_hash
    tomorrow = seen.started_at + datetime.timedelta(days=1)
    audit_checks.check_where_due(tomorrow)
    assert checks.all().count() == 8


def test_a_result_dated_ahead_keeps_no_night_from_its_check(counselor: StaffMember) -> None:
    ahead = timezone.now() + datetime.timedelta(days=3650)
    for log in audit_checks.checked_at_night():
        AuditCheck.objects.create(
            clinic=counselor.clinic, log=log, started_at=ahead, finished_at=ahead, mailed_at=ahead, reached=10**9
        )
    tasks.check_audit_logs()
    checked = AuditCheck.objects.filter(clinic=counselor.clinic, finished_at__lt=ahead)
    assert checked.count() == len(audit_checks.checked_at_night())


def test_what_is_found_is_kept_mailed_and_shown(make_staff: Any, signed_in: Any, counselor: StaffMember) -> None:
    officer = make_staff(Role.PRIVACY_OFFICER, email="officer@clinic.example")
    audit_checks.check_clinic(counselor.clinic)
    page = signed_in(officer).get(reverse(PAGE)).content.decode()
    assert "Nothing was changed or removed" in page
    assert "Lists and searches" in page
    assert not any(log in page for log in settings.AUDIT_CHAINS), "every log has a name in words"
    with unguarded(f"DELETE FROM {TABLE} WHERE position = 6"):
        pass
    audit_checks.check_clinic(counselor.clinic)
    audit_mail.send_where_due()
    assert AuditFinding.objects.get().fault == "cut_off"
    assert mail.outbox[-1].subject == "Nightly log check: 1 problem found, please look today"
    assert "Entry 6: it was there on an earlier run" in mail.outbox[-1].body
    for role in (Role.PRIVACY_OFFICER, Role.ADMINISTRATOR):
        page = signed_in(make_staff(role)).get(reverse(PAGE)).content.decode()
        assert "A log was changed outside Onward" in page, page[page.index("<main") : page.index("</main")]
        assert "The end was cut off" in page
        assert "No. 6" in page


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.SUPERVISOR, Role.INTAKE_COORDINATOR, Role.MEDICAL])
def test_nobody_else_sees_it(make_staff: Any, signed_in: Any, role: Role) -> None:
    assert signed_in(make_staff(role)).get(reverse(PAGE)).status_code == 403


def test_one_clinic_does_not_see_another(
    make_staff: Any, signed_in: Any, other_clinic: Any, counselor: StaffMember
) -> None:
    with unguarded(f"UPDATE {TABLE} SET client_id = 9 WHERE position = 2"):
        pass
    audit_checks.check_clinic(counselor.clinic)
    page = signed_in(make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)).get(reverse(PAGE)).content.decode()
    assert "Not checked yet" in page


def test_a_file_of_ends_that_vanished_is_found(counselor: StaffMember, tmp_path: Path) -> None:
    audit_checks.check_clinic(counselor.clinic)
    (tmp_path / audit_heads.NAME).unlink()
    audit_checks.check_clinic(counselor.clinic)
    assert "the file of ends lost the line about entry 6" in AuditFinding.objects.get().words


def test_a_file_that_cannot_be_written_is_a_finding(counselor: StaffMember, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "taken").write_text("")
    settings.AUDIT_HEADS_DIR = str(tmp_path / "taken")
    audit_checks.check_clinic(counselor.clinic)
    assert AuditFinding.objects.filter(fault="ends", words__contains="file").exists()


def test_results_stand(counselor: StaffMember) -> None:
    with unguarded(f"UPDATE {TABLE} SET client_id = 9 WHERE position = 2"):
        pass
    audit_checks.check_clinic(counselor.clinic)
    for sql in (
        "DELETE FROM privacy_auditfinding",
        "UPDATE privacy_auditfinding SET words = ''",
        "DELETE FROM privacy_auditcheck",
        "UPDATE privacy_auditcheck SET entries_checked = entries_checked + 1",
        "TRUNCATE privacy_auditcheck CASCADE",
    ):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


def test_a_check_goes_on_where_it_stopped(counselor: StaffMember, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit_checks, "AT_ONCE", 4)
    check = audit_checks.begin(counselor.clinic, "privacy.ChartAccess")
    assert audit_checks.check_slice(check)
    check.refresh_from_db()
    assert (check.reached, check.finished_at) == (4, None)
    assert not audit_checks.check_slice(check)
    check.refresh_from_db()
    assert check.reached == 6
    assert not check.findings.exists()


def test_a_clinic_may_do_without_the_email(make_staff: Any, counselor: StaffMember) -> None:
    make_staff(Role.PRIVACY_OFFICER, email="officer@clinic.example")
    ClinicThreshold.objects.create(clinic=counselor.clinic, key="privacy.audit_by_email", value=0)
    audit_checks.check_clinic(counselor.clinic)
    assert audit_mail.send_where_due() == 1
    assert not mail.outbox
