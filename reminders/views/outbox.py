from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from reminders import manual_actions, task_links
from reminders.filters import ReminderFilter, colleagues_with_tasks
from reminders.forms import ReasonForm
from reminders.models import Reminder, StaffTask
from reminders.status_text import may_see_kind, statuses_of
from reminders.task_lines import lines, with_hands
from staff import next_page
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first
from staff.refusals import refusal_as_message

TASKS_SHOWN = 10  # the oldest; the list of tasks has them all


@requires(Permission.REMINDER_VIEW)
def reminders(request: StaffRequest) -> HttpResponse:
    """Every reminder that the person may see, the latest due first."""
    rows = Reminder.objects.visible_to(request.user).select_related("client__clinic", "clinic", "staff_member")
    filters = ReminderFilter(request, rows)
    page = newest_first(filters.qs, key=("due_at", "pk"), after=request.GET.get("after", ""))
    seen = StaffTask.objects.visible_to(request.user)
    tasks = list(with_hands(seen).select_related("client", "reminder")[:TASKS_SHOWN])
    links = task_links.of(
        tasks=seen.filter(pk__in=[each.pk for each in tasks]).order_by().values("pk"),
        staff_member=request.user,
        back=request.get_full_path(),
    )
    context = {
        "filters": filters,
        "page": page,
        "told": statuses_of(page.rows, request.user.clinic.zone),
        "lines": lines(tasks, reader=request.user, now=timezone.now(), links=links),
        "tasks_shown": TASKS_SHOWN,
        "colleagues": colleagues_with_tasks(request.user),
        "with_kind": may_see_kind(request.user),
        "mailbox_is_here": bool(settings.MAILBOX_DIR),
        "kept": filters.kept,
    }
    return render(request, "reminders/reminders.html", context)


@requires(Permission.REMINDER_MANAGE)
@require_POST
def cancel(request: StaffRequest, client_id: int, reminder_id: int) -> HttpResponse:
    """Call off a reminder to a client."""
    rows = Reminder.objects.visible_to(request.user)
    return _cancel(request, get_object_or_404(rows, pk=reminder_id, client=client_id))


@requires(Permission.REMINDER_MANAGE)
@require_POST
def retry(request: StaffRequest, client_id: int, reminder_id: int) -> HttpResponse:
    """Try a reminder to a client again."""
    rows = Reminder.objects.visible_to(request.user)
    return _retry(request, get_object_or_404(rows, pk=reminder_id, client=client_id))


@requires(Permission.REMINDER_MANAGE)
@require_POST
def cancel_to_staff(request: StaffRequest, pk: int) -> HttpResponse:
    """Call off a reminder to a colleague."""
    return _cancel(request, get_object_or_404(Reminder.objects.visible_to(request.user), pk=pk, client=None))


@requires(Permission.REMINDER_MANAGE)
@require_POST
def retry_to_staff(request: StaffRequest, pk: int) -> HttpResponse:
    """Try a reminder to a colleague again."""
    return _retry(request, get_object_or_404(Reminder.objects.visible_to(request.user), pk=pk, client=None))


def _cancel(request: StaffRequest, reminder: Reminder) -> HttpResponse:
    form = ReasonForm(request.POST)
    with refusal_as_message(request):
        manual_actions.cancel(
            reminder=reminder, reason=form.cleaned_data["reason"] if form.is_valid() else "", by=request.user
        )
        messages.success(request, "Reminder canceled.")
    return _back(request)


def _retry(request: StaffRequest, reminder: Reminder) -> HttpResponse:
    form = ReasonForm(request.POST)
    with refusal_as_message(request):
        manual_actions.retry(
            reminder=reminder, reason=form.cleaned_data["reason"] if form.is_valid() else "", by=request.user
        )
        messages.success(request, "Reminder rescheduled. Consent and hours are checked again before it is sent.")
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    return redirect(next_page.of_ours(request, request.POST.get("next", "")) or "reminders:reminders")
