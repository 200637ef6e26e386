from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render

from privacy import audit_checks as audit_checks_of
from privacy.models import AuditCheck
from staff.access import Permission, StaffRequest, requires
from staff.models import Role, StaffMember

NIGHTS = 30  # results on the page, for each log


@requires(Permission.AUDIT_VERIFY)
def audit_checks(request: StaffRequest) -> HttpResponse:
    """What the nightly checks of the logs found: the last of each log, then those before."""
    checks = (
        AuditCheck.objects.visible_to(request.user).annotate(faults=Count("findings")).order_by("-started_at", "-pk")
    )
    shown = list(checks.prefetch_related("findings")[: NIGHTS * len(audit_checks_of.checked_at_night())])
    over = [check for check in shown if check.finished_at]
    last = {check.log: check for check in reversed(over)}
    latest = sorted(last.values(), key=lambda check: check.log_words)
    faulty = [check for check in latest if check.faults]
    officers = StaffMember.objects.visible_to(request.user).filter(role=Role.PRIVACY_OFFICER, is_active=True)
    return render(
        request,
        "privacy/audit_checks.html",
        {
            "under_way": [check for check in shown if check.finished_at is None],
            "latest": latest,
            "faulty": faulty,
            "earlier": [check for check in over if check not in latest],
            "officers": [each.get_full_name() for each in officers.exclude(pk=request.user.pk)[:3]] if faulty else [],
        },
    )
