"""What a log check found waits on Today until someone says what they did; changes of accounts wait there, too."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

import privacy.today
import staff.today
from privacy import log_findings
from privacy.models import AuditAcknowledgment, AuditCheck, AuditFinding
from staff import account_changes
from staff.models import AuditEntry, Clinic, Role, StaffMember
from staff.needs import Need
from staff.refusals import NotPermitted, Refusal
from tests import factories

DONE = "Told the system administrator, who restored the entry"


def found(clinic: Clinic, log: str = "privacy.ChartAccess", words: str = "its content was altered") -> AuditCheck:
    now = timezone.now()
    check = AuditCheck.objects.create(clinic=clinic, log=log, started_at=now)
    AuditFinding.objects.create(found_in=check, fault="changed", position=6, words=words)
    AuditCheck.objects.filter(pk=check.pk).update(finished_at=timezone.now())
    check.refresh_from_db()
    return check


def waiting(person: StaffMember) -> list[Need]:
    needs = privacy.today.needs(staff_member=person, now=timezone.now())
    return [need for need in needs if need.kind == "Log checks"]


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
def test_it_waits_until_someone_says_what_they_did_and_not_again_for_the_same(
    clinic: Clinic, make_staff: Any, signed_in: Any, role: Role
) -> None:
    person = make_staff(role)
    check = found(clinic)
    [need] = waiting(person)
    assert need.url.startswith(reverse("privacy:audit_checks"))
    assert "Pages opened" in need.detail
    page = signed_in(person).get(reverse("privacy:audit_checks"))
    assert "Record what you did" in page.content.decode()
    url = reverse("privacy:acknowledge_findings", args=[check.pk])
    refused = signed_in(person).post(url, {"note": "ok"})
    assert refused.status_code == 422
    assert "Enter what you did" in refused.content.decode()
    assert waiting(person)
    assert signed_in(person).post(url, {"note": DONE}).status_code == 302
    assert waiting(person) == []
    assert AuditEntry.objects.filter(act="privacy.acknowledge_findings", staff_member=person).exists()
    found(clinic)
    assert waiting(person) == [], "the next night finds the same"
    page = signed_in(person).get(reverse("privacy:audit_checks")).content.decode()
    assert "was acknowledged after an earlier check" in page
    assert "Record what you did" not in page
    found(clinic, words="entries 3 to 4 are missing")
    assert len(waiting(person)) == 1, "something else was found"


def test_each_log_is_one_line_and_what_an_older_check_alone_found_waits_too(
    clinic: Clinic, administrator: StaffMember, signed_in: Any
) -> None:
    found(clinic)
    found(clinic)
    found(clinic, log="staff.AuditEntry")
    assert len(waiting(administrator)) == 2
    clean = AuditCheck.objects.create(clinic=clinic, log="staff.AuditEntry", started_at=timezone.now())
    AuditCheck.objects.filter(pk=clean.pk).update(finished_at=timezone.now())
    assert len(waiting(administrator)) == 2, "it was put right by someone, and no one has said so"
    assert signed_in(administrator).get(reverse("privacy:audit_checks")).content.decode().count("<textarea") == 2


def test_others_hear_nothing_and_may_not_acknowledge(
    clinic: Clinic, counselor: StaffMember, supervisor: StaffMember, other_clinic: Clinic, signed_in: Any
) -> None:
    check = found(clinic)
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role=Role.PRIVACY_OFFICER)
    url = reverse("privacy:acknowledge_findings", args=[check.pk])
    for person, status in ((counselor, 403), (supervisor, 403), (stranger, 404)):
        assert waiting(person) == []
        with pytest.raises(NotPermitted):
            log_findings.acknowledge(check=check, note=DONE, by=person)
        assert signed_in(person).post(url, {"note": DONE}).status_code == status
    assert not AuditAcknowledgment.objects.exists()


def test_an_acknowledgment_stands_and_comes_once(clinic: Clinic, administrator: StaffMember) -> None:
    check = found(clinic)
    log_findings.acknowledge(check=check, note=DONE, by=administrator)
    with pytest.raises(log_findings.AlreadyAcknowledged):
        log_findings.acknowledge(check=check, note=DONE, by=administrator)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditAcknowledgment.objects.update(note="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditAcknowledgment.objects.all().delete()
    clean = AuditCheck.objects.create(clinic=clinic, log="privacy.ListAccess", started_at=timezone.now())
    with pytest.raises(Refusal):
        log_findings.acknowledge(check=clean, note=DONE, by=administrator)


class TestAccounts:
    def of(self, person: StaffMember) -> list[Need]:
        return staff.today.needs(staff_member=person, now=timezone.now())

    def test_a_change_waits_for_those_who_may_approve_it_only(
        self,
        counselor: StaffMember,
        supervisor: StaffMember,
        administrator: StaffMember,
        privacy_officer: StaffMember,
        other_clinic: Clinic,
        signed_in: Any,
    ) -> None:
        stranger = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
        change = account_changes.ask_for_email(
            staff_member=privacy_officer,
            email="elsewhere@onward.example",
            reason="She asked me today",
            by=administrator,
        )
        [need] = self.of(supervisor)
        assert need.url == reverse("staff:change", args=[change.pk])
        assert str(privacy_officer) in need.detail
        assert str(privacy_officer) in signed_in(supervisor).get(reverse("desk:today")).content.decode()
        for other in (administrator, privacy_officer, counselor, stranger):
            assert self.of(other) == [], other.role
            assert not account_changes.may_approve(other, change)
        account_changes.decline(change=change, by=supervisor)
        assert self.of(supervisor) == []

    def test_an_invitation_is_nobodys_account_yet(self, administrator: StaffMember, supervisor: StaffMember) -> None:
        account_changes.invite(
            email="new@onward.example", given_name="New", family_name="Colleague", role=Role.COUNSELOR, credential="",
            supervisor=None, reason="She starts on Monday", by=administrator,
        )  # fmt: skip
        [need] = self.of(supervisor)
        assert "New Colleague" in need.detail
