"""A client's safety: open concerns, their evaluation, and earlier evaluations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cases import possible_days, safety
from cases.forms.safety.evaluation import SafetyEvaluationForm
from cases.models import Client, SafetyEvaluation
from cases.people.chart_page import client_or_404
from staff import next_page, typed_days
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal, refusal_on

SHOWN = 50  # evaluations of one person; more are counted
_FIELDS: dict[type[Refusal], str] = {
    safety.NotYetEvaluated: "evaluated_at",
    possible_days.BeforeBirth: "evaluated_at",
    typed_days.LongPast: "evaluated_at",
    typed_days.FarAhead: "evaluated_at",
    typed_days.StillAhead: "evaluated_at",
    typed_days.SkippedTime: "evaluated_at",
    safety.NextCheckOrWhyNone: "next_check_on",
    safety.CheckNotPossible: "next_check_on",
}


@requires(Permission.SAFETY_EVALUATE)
def safety_page(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record an evaluation, with the open dangers and earlier evaluations on the same page."""
    client = client_or_404(request, client_id)
    now = timezone.now()
    form = SafetyEvaluationForm(request.POST or None, now=now)
    possible_days.ask_about(form, client)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=_FIELDS):
            safety.evaluate(client=client, by=request.user, **form.cleaned_data)
            _say(request, client)
            return redirect(_next(request) or reverse("cases:safety", args=[client.pk]))
    today = timezone.localdate(now, client.clinic.zone)
    earlier = SafetyEvaluation.objects.visible_to(request.user).filter(client=client).select_related("evaluated_by")
    evaluations = list(earlier[: SHOWN + 1])
    context = {
        "client": client,
        "form": form,
        "concerns": safety.open_concerns(client=client, on=today),
        "evaluations": evaluations[:SHOWN],
        "has_more": len(evaluations) > SHOWN,
        "next": _next(request),
        "today": today,
    }
    return render(request, "cases/safety/safety.html", context, status=422 if form.is_bound else 200)


def _say(request: StaffRequest, client: Client) -> None:
    """Warn that a danger later than the typed time is not answered, so no one believes it is."""
    left = safety.open_concerns(client=client, on=timezone.localdate(timezone=client.clinic.zone))
    if left:
        messages.warning(request, f"Recorded, but one concern came later and is still open: {left[0].sentence}")
    else:
        messages.success(request, "Safety evaluation recorded.")


def _next(request: HttpRequest) -> str:
    """The page the person came from: the step the concern held."""
    return next_page.of_ours(request, request.POST.get("next") or request.GET.get("next", ""))
