"""Medical providers record what they found and did, about a need that was decided or a sign heard in a call."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from cases.forms.medical import EvaluationForm
from cases.medical import medical_needs
from cases.models import Inquiry, LevelOfCareAssessment, MedicalEvaluation
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.MEDICAL_EVALUATE)
def medical_evaluation(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """About the medical need of a decided assessment."""
    rows = LevelOfCareAssessment.objects.visible_to(request.user).exclude(decided_at=None)
    rows = rows.select_related("client__clinic", "inquiry", "decided_by")
    row = get_object_or_404(rows, pk=assessment_id, client=client_id)
    context = {
        "client": row.client,
        "assessment": row,
        "earlier": MedicalEvaluation.objects.visible_to(request.user).told_to(request.user).filter(assessment=row),
        "back": reverse("cases:assessment", args=[row.client_id, row.pk]),
    }
    return _record(request, "cases/medical/of_client.html", context)


@requires(Permission.MEDICAL_EVALUATE)
def inquiry_evaluation(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """About a danger sign that a caller named."""
    rows = Inquiry.objects.visible_to(request.user).select_related("client__clinic", "clinic")
    call = get_object_or_404(rows, pk=inquiry_id)
    context = {
        "inquiry": call,
        "earlier": MedicalEvaluation.objects.visible_to(request.user).told_to(request.user).filter(inquiry=call),
        "signs": [Inquiry.DangerSign(sign).label for sign in call.danger_signs],
        "back": reverse("cases:inquiry", args=[call.pk]),
    }
    return _record(request, "cases/medical/of_call.html", context)


def _record(request: StaffRequest, template: str, context: dict[str, object]) -> HttpResponse:
    form = EvaluationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assessment, inquiry = context.get("assessment"), context.get("inquiry")
        assert assessment is None or isinstance(assessment, LevelOfCareAssessment)
        assert inquiry is None or isinstance(inquiry, Inquiry)
        with refusal_on(form):
            medical_needs.record_evaluation(
                assessment=assessment, inquiry=inquiry, by=request.user, **form.cleaned_data
            )
            messages.success(request, "Evaluation recorded.")
            return redirect(str(context["back"]))
    return render(request, template, {**context, "form": form}, status=422 if form.is_bound else 200)
