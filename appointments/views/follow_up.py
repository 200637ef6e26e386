"""A client's follow-up after a discharge: the page, the call form, what was agreed, and one call."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from appointments import addresses, continuing_care, follow_up_chart, said_use
from appointments.codes import Outcome, SaidUse
from appointments.follow_up_chart import FollowUpPage
from appointments.follow_up_forms import FollowUpCallForm, PaceForm
from appointments.models import FollowUpCall
from cases.models import Client
from cases.people import numbers_to_call
from cases.people.chart_page import client_or_404
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer
from staff.refusals import refusal_on

RECENT = 4  # calls that are shown at once


@requires(Permission.FOLLOW_UP_VIEW)
def follow_up(request: StaffRequest, client_id: int) -> HttpResponse:
    """What was agreed, planned and done, with the form of the next call."""
    client = client_or_404(request, client_id)
    page = _read(request, client)
    if request.method != "POST":
        return _show(request, client, page)
    if not can(request.user, Permission.FOLLOW_UP_RECORD) or page.followed is None:
        raise Http404
    form = FollowUpCallForm(request.POST)
    if form.is_valid():
        with refusal_on(
            form,
            fields={
                continuing_care.NextCallTooEarly: "next_on",
                continuing_care.BeforeTheDischarge: "at",
                continuing_care.NotReached: "outcome",
            },
        ):
            call = continuing_care.record_call(episode=page.followed.episode, by=request.user, **form.cleaned_data)
            messages.success(request, "Call recorded.")
            return redirect("appointments:follow_up_call", client_id=client.pk, call_id=call.pk)
    return _show(request, client, page, call_form=form, status=422)


@requires(Permission.FOLLOW_UP_VIEW, Permission.FOLLOW_UP_RECORD)
@require_POST
def choose_pace(request: StaffRequest, client_id: int) -> HttpResponse:
    """Change how often to call, or end it."""
    client = client_or_404(request, client_id)
    page = _read(request, client)
    if page.followed is None:
        raise Http404
    form = PaceForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            choice = continuing_care.choose(episode=page.followed.episode, by=request.user, **form.cleaned_data)
            messages.success(request, f"Agreed: {choice.get_pace_display().lower()}.")
            return redirect("appointments:follow_up", client_id=client.pk)
    return _show(request, client, page, pace_form=form, status=422)


@requires(Permission.FOLLOW_UP_VIEW)
def call(request: StaffRequest, client_id: int, call_id: int) -> HttpResponse:
    """One call with what was said, and the way back in after a return to use."""
    client = client_or_404(request, client_id)
    rows = FollowUpCall.objects.visible_to(request.user).filter(client=client).select_related("by")
    found = get_object_or_404(rows, pk=call_id)
    found.client = client
    told = found.said_use == SaidUse.YES
    reached = found.outcome == Outcome.REACHED
    context = {
        "client": client,
        "call": found,
        "reached": reached,
        "number": None if reached and not told else numbers_to_call.of(client.pk, staff_member=request.user),
        "told": told,
        "is_answered": told and not said_use.unanswered(rows.filter(pk=found.pk)).exists(),
        "record_url": said_use.record_url(found),
    }
    return render(request, "appointments/follow_up/call.html", context)


def _read(request: StaffRequest, client: Client) -> FollowUpPage:
    return answer(follow_up_chart.read.part(client, staff_member=request.user), keep_plan=True)


def _show(
    request: StaffRequest,
    client: Client,
    page: FollowUpPage,
    *,
    call_form: FollowUpCallForm | None = None,
    pace_form: PaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    due, may_book = page.due or page.next_call, can(request.user, Permission.APPOINTMENT_BOOK)
    pace = page.followed.plan.pace(page.today) if page.followed else None
    context: dict[str, object] = {
        "client": client,
        "page": page,
        "book_url": addresses.to_book_a_visit(client) if page.window_ends and may_book else "",
        "lines": follow_up_chart.schedule(page),
        "recent": page.calls[:RECENT],
        "older": page.calls[RECENT:],
        "pace": pace,
        "may_record": can(request.user, Permission.FOLLOW_UP_RECORD) and page.followed is not None,
        "call_form": call_form or FollowUpCallForm(initial={"due_on": due.due_on if due else None}),
        "pace_form": pace_form or PaceForm(initial={"pace": pace}),
        "pace_is_open": pace_form is not None or not (page.choices or page.followed is None or page.followed.why_not),
    }
    return render(request, "appointments/follow_up/client.html", context, status=status)
