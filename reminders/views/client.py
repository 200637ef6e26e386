from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import ContactPoint
from cases.people.chart_page import client_or_404
from reminders import opt_outs
from reminders.forms import WordsForm
from reminders.models import Reminder, StaffTask
from reminders.reach import ways_to_reach
from reminders.status_text import client_statuses, may_see_kind
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first
from staff.reading import answer, together
from staff.reading import rows as rows_of
from staff.refusals import refusal_as_message


@requires(Permission.REMINDER_VIEW)
def client_reminders(request: StaffRequest, client_id: int) -> HttpResponse:
    """What was and will be sent to one client, and how to reach them."""
    client = client_or_404(request, client_id)
    rows = Reminder.objects.visible_to(request.user).filter(client=client).select_related("client__clinic", "clinic")
    now = timezone.now()
    still, tasks, points = answer(
        together(
            rows_of(rows.waiting().order_by("due_at")),
            rows_of(StaffTask.objects.visible_to(request.user).open().filter(client=client)),
            rows_of(ContactPoint.objects.visible_to(request.user).filter(client=client)),
        )
    )
    waiting = client_statuses(still, client.zone, now)
    past = newest_first(
        rows.exclude(pk__in=[each.reminder.pk for each in waiting]),
        key=("due_at", "pk"),
        after=request.GET.get("after", ""),
    )
    context = {
        "client": client,
        "waiting": waiting,
        "past": client_statuses(past.rows, client.zone, now),
        "next": past.next,
        "tasks": tasks,
        "ways": ways_to_reach(client, points, now),
        "with_kind": may_see_kind(request.user),
        "here_differs": client.zone != client.clinic.zone,
    }
    return render(request, "reminders/client_reminders.html", context)


@requires(Permission.REMINDER_VIEW)
@require_POST
def opted_out(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """The client told staff to stop writing to a number or address."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk, client=client_id)
    form = WordsForm(request.POST)
    if form.is_valid():
        opt_outs.record(
            client=point.client, contact_value=point.normalized, words=form.cleaned_data["words"], by=request.user
        )
        messages.success(request, "Opted out. No more messages will be sent there.")
    else:
        messages.error(request, "Enter what they said.")
    return redirect("reminders:client_reminders", client_id=client_id)


@requires(Permission.CONSENT_MANAGE)
@require_POST
def opted_in(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """The client asks for messages again."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk, client=client_id)
    with refusal_as_message(request):
        opt_outs.lift(client=point.client, contact_value=point.normalized, by=request.user)
        messages.success(request, "Opted back in. Messages can be sent while the consent is active.")
    return redirect("reminders:client_reminders", client_id=client_id)
