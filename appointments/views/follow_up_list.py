"""Follow-up calls that are due, over a caseload or the clinic."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from appointments import calls_due
from appointments.calls_due import FollowedUp
from appointments.follow_up_filters import LATE, WEEK, FollowUpFilter
from cases.models import CareTeamMember, ContactPoint, TreatmentEpisode
from cases.people import numbers_to_call
from staff.access import Permission, StaffRequest, can, requires

PAGE = 25
AHEAD = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One client with the call that is to be made."""

    followed: FollowedUp
    due_on: datetime.date
    label: str
    days_late: int
    counselors: list[str]
    number: ContactPoint | None = None


@requires(Permission.FOLLOW_UP_VIEW)
def follow_ups(request: StaffRequest) -> HttpResponse:
    """Calls that are due, the earliest first; a supervisor sees the clinic's."""
    clinic = request.user.clinic
    today = timezone.localdate(timezone=clinic.zone)
    stays = calls_due.lately_discharged(
        TreatmentEpisode.objects.visible_to(request.user), calls_due.first_discharge(clinic, today)
    )
    filters = FollowUpFilter(request, calls_due.with_calls(stays).order_by("client", "pk"))
    show = (filters.form.cleaned_data.get("show") if filters.form.is_valid() else None) or ""
    followed = calls_due.followed_up(filters.qs, clinic=clinic)
    calls = sorted(
        (each for one in followed if not one.why_not for each in _calls(one, today, show)),
        key=lambda each: (each.due_on, each.followed.client.pk),
    )
    page = Paginator(calls, PAGE).get_page(request.GET.get("page"))
    everyone = can(request.user, Permission.CLIENT_VIEW_ALL)
    if everyone:
        _name_counselors(request, list(page))
    lines = _with_numbers(request, list(page))
    context = {"lines": lines, "filters": filters, "page": page, "query": filters.kept, "everyone": everyone}
    return render(request, "appointments/follow_up/list.html", context)


def _calls(followed: FollowedUp, today: datetime.date, show: str) -> list[Line]:
    due = followed.plan.due(today)[-1:]
    ahead = followed.plan.next_call(today) if show == WEEK and not due else None
    if ahead is not None and ahead.due_on <= today + AHEAD:
        return [Line(followed, ahead.due_on, str(ahead.kind.label), 0, [])]
    return [
        Line(followed, each.due_on, str(each.kind.label), (today - each.due_on).days, [])
        for each in due
        if show != LATE or each.due_on < today
    ]


def _with_numbers(request: StaffRequest, lines: list[Line]) -> list[Line]:
    """Each with the client's number. It is of the chart: each client whose number is shown counts as opened."""
    clients = {line.followed.client.pk for line in lines}
    numbers = numbers_to_call.of_all(clients, staff_member=request.user) if clients else {}
    request.opened_client_ids = clients  # type: ignore[attr-defined]  # for the access log
    return [replace(line, number=numbers.get(line.followed.client.pk)) for line in lines]


def _name_counselors(request: StaffRequest, lines: list[Line]) -> None:
    """Primary counselors of the clients on one page."""
    clients = [line.followed.client.pk for line in lines]
    if not clients:
        return
    team = CareTeamMember.objects.visible_to(request.user).current()
    names: dict[int, list[str]] = defaultdict(list)
    for member in team.filter(client__in=clients, part=CareTeamMember.Part.PRIMARY).select_related("staff_member"):
        names[member.client_id].append(str(member.staff_member))
    for line in lines:
        line.counselors.extend(names[line.followed.client.pk])
