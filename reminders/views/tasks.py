"""Tasks left to people: who has what, done, taken over, handed on."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from reminders import staff_tasks, task_links
from reminders.filters import TaskFilter, colleagues_with_tasks
from reminders.forms import HandOverForm, ReasonForm
from reminders.models import StaffTask
from reminders.task_lines import lines, overseen, with_hands
from staff import next_page
from staff.access import Permission, StaffRequest, requires
from staff.reading import answer, rows, together
from staff.refusals import refusal_as_message

PAGE = 25


@requires(Permission.REMINDER_VIEW)
def tasks(request: StaffRequest) -> HttpResponse:
    """Open tasks, the oldest first. Those who manage reminders also see what others have, without its client."""
    seen = StaffTask.objects.visible_to(request.user)
    colleagues = list(colleagues_with_tasks(request.user))
    filters = TaskFilter(request, overseen(request.user), colleagues)
    page = Paginator(filters.qs.defer("sentence"), PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    own = seen.filter(pk__in=[each.pk for each in shown])
    readable, links = answer(
        together(
            rows(with_hands(own).select_related("client", "reminder")),
            task_links.of.part(
                tasks=own.order_by().values("pk"), staff_member=request.user, back=request.get_full_path()
            ),
        )
    )
    context = {
        "filters": filters,
        "page": page,
        "lines": lines(
            shown,
            reader=request.user,
            now=timezone.now(),
            readable={each.pk: each for each in readable},
            links=links,
        ),
        "colleagues": colleagues,
        "query": filters.kept,
    }
    return render(request, "reminders/tasks.html", context)


@requires(Permission.REMINDER_VIEW)
@require_POST
def done(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark a task done."""
    task = get_object_or_404(StaffTask.objects.visible_to(request.user), pk=pk)
    with refusal_as_message(request):
        staff_tasks.done(task=task, by=request.user)
        messages.success(request, "Done.")
    return _back(request)


@requires(Permission.REMINDER_VIEW)
@require_POST
def take(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a task over."""
    task = get_object_or_404(StaffTask.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST)
    with refusal_as_message(request):
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        staff_tasks.hand_over(task=task, to=request.user, reason=reason, by=request.user)
        messages.success(request, "You have this task now.")
    return _back(request)


@requires(Permission.REMINDER_VIEW)
@require_POST
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand a task to a colleague."""
    task = get_object_or_404(overseen(request.user), pk=pk)
    form = HandOverForm(request.POST, colleagues=colleagues_with_tasks(request.user))
    if not form.is_valid():
        messages.error(request, "Choose a colleague, and enter a reason.")
        return _back(request)
    to = form.cleaned_data["to"]
    with refusal_as_message(request):
        staff_tasks.hand_over(task=task, to=to, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{to} has this task now.")
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    return redirect(next_page.of_ours(request, request.POST.get("next", "")) or "reminders:tasks")
