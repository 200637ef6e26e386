"""Continued stay review views."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cases.episodes import continued_stay_reviews, length_of_stay
from cases.forms.episodes.review import ReviewForm
from cases.forms.safety.owed import fields_of_refusals
from cases.models import ContinuedStayReview, LevelOfCarePeriod, TreatmentEpisode
from cases.people.chart_page import client_or_404
from cases.safety import safety_holds
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.LEVEL_OF_CARE_DECIDE)
def review_stay(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """Review the episode's current level, next to earlier reviews."""
    client = client_or_404(request, client_id)
    episode = get_object_or_404(
        TreatmentEpisode.objects.visible_to(request.user).select_related("client__clinic", "program"),
        pk=episode_id,
        client=client_id,
    )
    period = (
        LevelOfCarePeriod.objects.visible_to(request.user)
        .filter(episode=episode)
        .at()
        .prefetch_related(continued_stay_reviews.with_reviews())
        .first()
    )
    if not episode.is_open or period is None:
        messages.error(
            request, str(continued_stay_reviews.NotOpen() if not episode.is_open else continued_stay_reviews.NoLevel())
        )
        return redirect("cases:episodes", client.pk)
    owed = safety_holds.holds(client=client, on=timezone.localdate(timezone=client.clinic.zone))
    form = ReviewForm(
        request.POST or None,
        staff_member=request.user,
        holds=owed,
        next_review_on=continued_stay_reviews.suggested_next(period, client.clinic),
    )
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=fields_of_refusals(form)):
            review = continued_stay_reviews.record(episode=episode, by=request.user, **form.cleaned_data)
            messages.success(request, _said(review))
            return redirect("cases:episodes", client.pk)
    earlier = (
        ContinuedStayReview.objects.visible_to(request.user)
        .filter(period__episode=episode)
        .select_related("period", "reviewed_by")
        .order_by("-reviewed_at", "-pk")
    )
    context = {
        "client": client,
        "episode": episode,
        "stay": length_of_stay.stay(period, client.clinic.zone),
        "due": continued_stay_reviews.due([period], client.clinic)[0],
        "form": form,
        "owed": owed,
        "earlier": earlier,
        "today": timezone.localdate(timezone=client.clinic.zone),
    }
    return render(request, "cases/episodes/review.html", context, status=422 if form.is_bound else 200)


def _said(review: ContinuedStayReview) -> str:
    if review.outcome == ContinuedStayReview.Outcome.CONTINUE:
        return f"Review saved. Next review due {review.next_review_on:%b %-d, %Y}."
    if review.outcome == ContinuedStayReview.Outcome.CHANGE:
        return "Review saved. Change the level of care next; this stays on Today until then."
    return "Review saved. Plan the discharge next; this stays on Today until then."
