"""Disclosures to medical personnel in a medical emergency: recorded from the chart, reviewed by the privacy officer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cases.people.chart_page import client_or_404
from privacy import disclosures, fitting
from privacy import medical_emergencies as acts
from privacy.forms.medical_emergencies import DisclosureReviewForm, MedicalEmergencyForm
from privacy.models import Disclosure
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_on


@requires(Permission.EMERGENCY_DISCLOSE)
def medical_emergency(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record at once what medical personnel were told (42 CFR 2.51(c))."""
    client = client_or_404(request, client_id)
    form = MedicalEmergencyForm(request.POST or None, client=client, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            acts.disclose(client=client, by=request.user, **form.cleaned_data)
        except fitting.SaysNothing as refusal:
            form.add_error("nature" if refusal.field == "why" else refusal.field, refusal.sentence)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Disclosure recorded. The privacy officer reviews it by the next business day.")
            may_see = can(request.user, Permission.DISCLOSURE_VIEW)
            return redirect("privacy:disclosures" if may_see else "desk:chart", client_id=client.pk)
    context = {"client": client, "form": form, "notice": disclosures.NOTICE}
    return render(request, "privacy/medical_emergency.html", context)


@requires(Permission.EMERGENCY_REVIEW)
def disclosure_review(request: StaffRequest, disclosure_id: int) -> HttpResponse:
    """One disclosure in a medical emergency, and the finding about it."""
    rows = Disclosure.objects.visible_to(request.user).filter(basis=Disclosure.Basis.EMERGENCY)
    people = ("client__clinic", "disclosed_by", "recorded_by", "review__reviewed_by")
    disclosure = get_object_or_404(rows.select_related(*people), pk=disclosure_id)
    form = DisclosureReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            acts.review(disclosure=disclosure, by=request.user, **form.cleaned_data)
            messages.success(request, "Review recorded.")
            return redirect("privacy:disclosure_review", disclosure_id=disclosure.pk)
    review = getattr(disclosure, "review", None)
    context = {"disclosure": disclosure, "review": review, "form": form, "due_on": acts.review_due_on(disclosure)}
    return render(request, "privacy/disclosure_review.html", context)
