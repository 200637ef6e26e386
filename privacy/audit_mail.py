"""The nightly email to a clinic's privacy officers: what the check of the logs found, and where the logs end.

Mailed ends are out of reach of whoever holds the database and the file. It names no client and no kind of care.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import models
from django.utils import timezone

from privacy.models import AuditCheck
from privacy.thresholds import AUDIT_BY_EMAIL
from staff.access import Permission, roles_with
from staff.models import Clinic, StaffMember

SHOWN = 20  # findings in an email; the page has all


def send_where_due() -> int:
    """Email the results that were not emailed yet, one email for a clinic's logs. Returns how many clinics had one."""
    clinics = Clinic.objects.filter(pk__in=_waiting().values("clinic")).order_by("pk")
    return sum(_send(clinic) for clinic in clinics)


def _send(clinic: Clinic) -> bool:
    if AuditCheck.objects.filter(clinic=clinic, finished_at=None).exists():
        return False  # one email for all logs, once the last one is checked
    checks = list(_waiting().filter(clinic=clinic).prefetch_related("findings").order_by("started_at", "pk"))
    officers = StaffMember.objects.filter(
        clinic=clinic, is_active=True, role__in=roles_with(Permission.AUDIT_VERIFY, Permission.ACCESS_LOG_VIEW)
    )
    addresses = [officer.email for officer in officers.order_by("pk") if officer.email]
    if addresses and AUDIT_BY_EMAIL.for_clinic(clinic):
        send_mail(_subject(checks), _body(clinic, checks), None, addresses)
    AuditCheck.objects.filter(pk__in=[check.pk for check in checks]).update(mailed_at=timezone.now())
    return True


def _waiting() -> models.QuerySet[AuditCheck]:
    return AuditCheck.objects.filter(finished_at__isnull=False, mailed_at=None)


def _subject(checks: list[AuditCheck]) -> str:
    found = sum(len(check.findings.all()) for check in checks)
    if not found:
        return "Nightly log check: nothing found"
    return f"Nightly log check: {found} problem{'s' if found > 1 else ''} found, please look today"


def _body(clinic: Clinic, checks: list[AuditCheck]) -> str:
    lines = ["Keep this email: it shows later whether entries were removed from the end of a log.", ""]
    for check in checks:
        at = timezone.localtime(check.finished_at, clinic.zone)
        end = f"the last has the number {check.reached} and the hash {check.reached_hash}" if check.reached else "empty"
        what, where = f"{check.entries_checked} entries, {end}", "Entry"
        if check.log in settings.NIGHTLY_CHECKS:
            what, where = f"{check.entries_checked} signatures checked", "Session"
        lines.append(f"{check.log_words}, {at:%b %-d, %Y, %-I:%M %p}: {what}.")
        findings = list(check.findings.all())
        lines += [f"  - {where} {each.position}: {each.words}." for each in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"  - and {len(findings) - SHOWN} more, on the page “Log checks”.")
    return "\n".join(lines) + "\n"
