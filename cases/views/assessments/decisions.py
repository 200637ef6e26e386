"""Views around a placement decision: excluding a measure, and continuing care afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cases import assessments as records
from cases.assessments import decision_followup
from cases.episodes import continued_stay_reviews
from cases.forms.assessments import SetAsideForm
from cases.forms.safety.owed import KeepForm, fields_of_refusals
from cases.models import ContinuedStayReview, TreatmentEpisode
from cases.safety import safety_holds
from staff.access import Permission, StaffRequest, requires
from staff.days import day_in_words
from staff.refusals import Refusal, refusal_as_message

from .assessments import assessment_page, load_assessment, owed_before_keeping


@requires(Permission.LEVEL_OF_CARE_DECIDE)
@require_POST
def assessment_keep(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """Continue current care as decided: records a continued stay review that names the decision."""
    row = load_assessment(request, client_id, assessment_id)
    step = decision_followup.next_step(row, staff_member=request.user)
    if step.keep is None:
        messages.error(request, "No open episode matches this decision. Reload the page.")
        return redirect("cases:assessment", client_id, assessment_id)
    form = KeepForm(request.POST, holds=owed_before_keeping(row))
    if not form.is_valid():
        return assessment_page(request, row, keep_form=form)
    episode = TreatmentEpisode.objects.visible_to(request.user).select_related("client__clinic", "program")
    try:
        review = continued_stay_reviews.record(
            episode=episode.get(pk=step.keep.pk),
            outcome=ContinuedStayReview.Outcome.CONTINUE,
            reason=decision_followup.why(row),
            assessment=row,
            by=request.user,
            **form.cleaned_data,
        )
    except safety_holds.HeldOpen as refusal:
        form.add_error(fields_of_refusals(form)[safety_holds.HeldOpen], refusal.sentence)
        return assessment_page(request, row, keep_form=form)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        assert review.next_review_on is not None
        until = day_in_words(review.next_review_on)
        messages.success(request, f"Care continues in {step.keep.program}. Next review due {until}.")
    return redirect("cases:assessment", client_id, assessment_id)


@requires(Permission.LEVEL_OF_CARE_DECIDE)
@require_POST
def assessment_set_aside(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """Record a clinician's reason why a recent measure no longer applies."""
    row = load_assessment(request, client_id, assessment_id)
    form = SetAsideForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(records.WhyNoLonger()))
        return redirect("cases:assessment", client_id, assessment_id)
    with refusal_as_message(request):
        records.set_measure_aside(assessment=row, by=request.user, **form.cleaned_data)
        messages.success(request, "Measure excluded. Your reason stays with the decision.")
    return redirect("cases:assessment", client_id, assessment_id)
