"""Handing over a tablet, and ending its session from another browser."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from counseling.codes import HandoverEnd
from counseling.forms.tablet import HandOverForm
from counseling.models import Handover
from counseling.tablet import handover, tablet_session
from counseling.thresholds import TABLET_IDLE_MINUTES, TABLET_LONGEST_MINUTES
from counseling.views.loading import client_of, tablet_out
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on
from staff.thresholds import values_for


@requires(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: StaffRequest, client_id: int) -> HttpResponse:
    """Choose measures for the client; submitting signs the user out and turns this browser into the tablet."""
    client = client_of(request, client_id)
    sent = request.POST if request.method == "POST" else None
    form = HandOverForm(sent, offered=handover.offered(client.clinic))
    if form.is_valid():
        with refusal_on(form):
            out = handover.open(client=client, instruments=form.cleaned_data["instruments"], by=request.user)
            return tablet_session.begin(request, out.token)
    limits = values_for(client.clinic, [TABLET_IDLE_MINUTES, TABLET_LONGEST_MINUTES])
    context = {
        "client": client,
        "form": form,
        "idle": TABLET_IDLE_MINUTES.amount(limits[TABLET_IDLE_MINUTES.key]),
        "longest": TABLET_LONGEST_MINUTES.amount(limits[TABLET_LONGEST_MINUTES.key]),
        "out": tablet_out(request, client),
    }
    return render(request, "counseling/tablet/hand_over.html", context, status=422 if form.errors else 200)


@requires(Permission.NOTE_WRITE)
@require_POST
def hand_over_end(request: StaffRequest, client_id: int, handover_id: int) -> HttpResponse:
    """End a handover from another browser. Answers are kept, as when it is taken back."""
    client = client_of(request, client_id)
    out = get_object_or_404(Handover.objects.visible_to(request.user), pk=handover_id, client=client)
    ended = handover.take_back(handover=out, by=request.user)
    is_news = out.ended_at is None and ended.ended_how == HandoverEnd.TAKEN_BACK
    words = "Tablet session ended." if is_news else "The tablet session had already ended."
    messages.success(request, f"{words} {_kept(ended)}")
    return redirect("counseling:measures", client_id=client.pk)


def _kept(ended: Handover) -> str:
    if not ended.answered:
        return "No questions were answered."
    return f"{ended.answered} of {ended.asked} questions answered and saved."
