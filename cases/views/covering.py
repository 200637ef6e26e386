"""Who covers for whom while they are away: running, coming and past."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.forms.covering import CoverForm
from cases.models import CareTeamMember
from cases.people import covering as acts
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.COVER_SET)
def covering(request: StaffRequest) -> HttpResponse:
    """The list, and a form to add one."""
    form = CoverForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            rows = acts.cover(by=request.user, **form.cleaned_data)
            colleague, until = form.cleaned_data["covering"], timezone.localtime(form.cleaned_data["ends_at"])
            messages.success(request, f"{colleague} covers {_clients(len(rows))} until {until:%b %-d, %-I:%M %p}.")
            return redirect("cases:covering")
    found = acts.covers(by=request.user)
    for each in found:
        each.may_end = not each.is_over and acts.may_set(each.away, request.user)
    context = {
        "form": form,
        "running": [each for each in found if not each.is_over],
        "past": [each for each in found if each.is_over],
    }
    return render(request, "cases/people/covering.html", context, status=422 if form.errors else 200)


@requires(Permission.COVER_SET)
@require_POST
def cover_end(request: StaffRequest, row_id: int) -> HttpResponse:
    """End one before its time."""
    rows = CareTeamMember.objects.visible_to(request.user).filter(part=CareTeamMember.Part.COVERING)
    row = get_object_or_404(rows.select_related("covers_for"), pk=row_id)
    with refusal_as_message(request):
        count = acts.end(row=row, by=request.user)
        messages.success(request, f"Ended. {_clients(count).capitalize()} closed to {row.staff_member}.")
    return redirect("cases:covering")


def _clients(count: int) -> str:
    return f"{count} client{'' if count == 1 else 's'}"
