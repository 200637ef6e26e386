from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from privacy import audit_checks as audit_checks_of
from privacy import log_findings
from privacy.forms.logs import AcknowledgmentForm
from privacy.models import AuditCheck
from staff.access import Permission, StaffRequest, requires
from staff.models import Role, StaffMember
from staff.refusals import refusal_on

NIGHTS = 30  # results on the page, for each log


@requires(Permission.AUDIT_VERIFY)
def audit_checks(request: StaffRequest) -> HttpResponse:
    """What the nightly checks of the logs found: the last of each log, then those before."""
    return _page(request, AcknowledgmentForm())


def _page(request: StaffRequest, form: AcknowledgmentForm, *, of_check: int = 0) -> HttpResponse:
    checks = (
        AuditCheck.objects.visible_to(request.user).annotate(faults=Count("findings")).order_by("-started_at", "-pk")
    )
    nightly = len(audit_checks_of.checked_at_night())
    shown = list(checks.prefetch_related("findings").select_related("acknowledgment__by")[: NIGHTS * nightly])
    waiting = list(checks.unacknowledged().prefetch_related("findings").select_related("acknowledgment__by")[:NIGHTS])
    over = [check for check in shown if check.finished_at]
    last = {check.log: check for check in reversed(over)}
    latest = sorted(last.values(), key=lambda check: check.log_words)
    faulty = [check for check in latest if check.faults]
    newest_waiting = {check.log: check for check in reversed(waiting)}
    faulty += [check for check in newest_waiting.values() if check not in faulty]
    officers = StaffMember.objects.visible_to(request.user).filter(role=Role.PRIVACY_OFFICER, is_active=True)
    return render(
        request,
        "privacy/audit_checks.html",
        {
            "under_way": [check for check in shown if check.finished_at is None],
            "latest": latest,
            "faulty": [(check, _form_of(check, form, of_check) if check in waiting else None) for check in faulty],
            "earlier": [check for check in over if check not in latest],
            "officers": [each.get_full_name() for each in officers.exclude(pk=request.user.pk)[:3]] if faulty else [],
        },
        status=422 if form.is_bound else 200,
    )


def _form_of(check: AuditCheck, form: AcknowledgmentForm, of_check: int) -> AcknowledgmentForm:
    """The form of one check: what was typed, or an empty one with names of its own."""
    return form if check.pk == of_check else AcknowledgmentForm(auto_id=f"check-{check.pk}-%s")


@requires(Permission.AUDIT_VERIFY)
@require_POST
def acknowledge(request: StaffRequest, check_id: int) -> HttpResponse:
    """Record that the findings of a check were seen, and what was done."""
    check = get_object_or_404(AuditCheck.objects.visible_to(request.user), pk=check_id)
    form = AcknowledgmentForm(request.POST)
    if form.is_valid():
        with refusal_on(form, "note"):
            log_findings.acknowledge(check=check, by=request.user, **form.cleaned_data)
            messages.success(request, "Acknowledged.")
            return redirect("privacy:audit_checks")
    return _page(request, form, of_check=check.pk)
