from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cases.people.chart_page import client_or_404
from reminders import upcoming as ahead
from reminders.filters import UpcomingFilter
from reminders.models import Reminder
from reminders.status_text import may_see_kind
from staff.access import Permission, StaffRequest, requires
from staff.paging import soonest_first
from staff.reading import answer, rows, together

KEY, ON_A_PAGE = ("due_at", "pk"), 50


@requires(Permission.REMINDER_MANAGE)
def upcoming(request: StaffRequest) -> HttpResponse:
    """What would go out at this clinic in the next 14 days, and what would be held and why."""
    now = timezone.now()
    due = ahead.due(Reminder.objects.visible_to(request.user), now)
    filters = UpcomingFilter(request, due)
    context = _shown(request, filters.qs, due) | {"filters": filters, "kept": filters.kept, "show_receiver": True}
    return render(request, "reminders/upcoming.html", context)


@requires(Permission.REMINDER_VIEW)
def client_upcoming(request: StaffRequest, client_id: int) -> HttpResponse:
    """The same of one client."""
    client = client_or_404(request, client_id)
    now = timezone.now()
    due = ahead.due(Reminder.objects.visible_to(request.user).filter(client=client), now)
    return render(request, "reminders/client_upcoming.html", {"client": client, **_shown(request, due, due)})


def _shown(request: StaffRequest, asked: QuerySet[Reminder], due: QuerySet[Reminder]) -> dict[str, Any]:
    now = timezone.now()
    after = request.GET.get("after", "")
    if after:
        page = soonest_first(asked, key=KEY, after=after)
        clients = {each.client_id for each in page.rows if each.client_id is not None}
        others = answer(rows(due.filter(client__in=clients))) if clients else []
    else:  # what else waits for those on the first page is read with it
        first = asked.order_by(*KEY).values("client")[:ON_A_PAGE]
        page, others = answer(
            together(soonest_first.part(asked, key=KEY, size=ON_A_PAGE), rows(due.filter(client__in=first)))
        )
    return {
        "page": page,
        "found": ahead.foreseen(page.rows, others, now),
        "with_kind": may_see_kind(request.user),
    }
