"""Golden thread rules of a clinic: session types without an objective, and when plans are due."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from counseling.forms.notes.formats import KindsForm
from counseling.golden_thread import thread_rules
from counseling.models import SessionKindRule
from counseling.plans import plan_timing
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.NOTE_FORMATS)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: StaffRequest) -> HttpResponse:
    """Set which session types need no objective, next to the times by level of care and where to set them."""
    clinic = request.user.clinic
    form = KindsForm(request.POST or None, initial={"free": sorted(thread_rules.free_of_objectives(clinic))})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusal_on(form):
            thread_rules.set_free_of_objectives(kinds=said["free"], reason=said["reason"], by=request.user)
            messages.success(request, "Saved. Golden threads are now checked by these rules.")
            return redirect("counseling:thread_rules")
    context = {
        "form": form,
        "own": SessionKindRule.objects.visible_to(request.user),
        "by_default": thread_rules.FREE_BY_DEFAULT,
        "times": plan_timing.as_rows(clinic),
    }
    return render(request, "counseling/golden_thread/rules.html", context, status=422 if form.errors else 200)
