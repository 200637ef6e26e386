from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from cases.people.chart_page import client_or_404
from reminders import backup_runs
from reminders import operations as reading
from reminders.life import life as life_of
from reminders.models import Reminder
from reminders.status_text import may_see_kind, statuses_of
from staff import second_factors
from staff.access import Permission, StaffRequest, requires
from staff.encrypted_fields import under_missing_keys


@requires(Permission.REMINDER_MANAGE)
def operations(request: StaffRequest) -> HttpResponse:
    """How sending goes: what waits, what left, what did not, and whether the parts live."""
    found = reading.look(staff_member=request.user, now=timezone.now())
    context = {
        "found": found,
        "troubled": statuses_of(found.troubled, request.user.clinic.zone),
        "locked": under_missing_keys() + second_factors.under_missing_keys(),
        "now": timezone.now(),
    }
    return render(request, "reminders/operations.html", context)


@requires(Permission.AUDIT_VERIFY)
def backups(request: StaffRequest) -> HttpResponse:
    """When the last good backup was made, whether one failed since, and what to do."""
    now = timezone.now()
    found = backup_runs.standing(now, clinic=request.user.clinic)
    return render(request, "reminders/backups.html", {"found": found, "kept": settings.BACKUPS_KEPT, "now": now})


@requires(Permission.REMINDER_VIEW)
def life(request: StaffRequest, client_id: int, reminder_id: int) -> HttpResponse:
    """One reminder to a client: its text, its tries and what was left to people."""
    client = client_or_404(request, client_id)
    reminder = get_object_or_404(_rows(request), pk=reminder_id, client=client)
    return _life(request, reminder, "reminders/life.html", client=client)


@requires(Permission.REMINDER_VIEW)
def life_to_staff(request: StaffRequest, pk: int) -> HttpResponse:
    """The same of a reminder to a colleague."""
    reminder = get_object_or_404(_rows(request), pk=pk, client=None)
    return _life(request, reminder, "reminders/life_to_staff.html")


def _life(request: StaffRequest, reminder: Reminder, template: str, **context: object) -> HttpResponse:
    found = life_of(reminder=reminder, zone=reminder.zone, now=timezone.now())
    kind = may_see_kind(request.user)
    return render(request, template, {"reminder": reminder, "life": found, "with_kind": kind, **context})


def _rows(request: StaffRequest) -> QuerySet[Reminder]:
    return Reminder.objects.visible_to(request.user).select_related("client__clinic", "clinic", "staff_member")
