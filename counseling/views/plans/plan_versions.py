"""A plan as a whole: versions, next version, review, signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.models import Client, TreatmentEpisode
from counseling import plans
from counseling.codes import PlanSigner, Progress
from counseling.forms.plans.plans import ClientSignatureForm, PlanReviewForm, PlanVersionForm
from counseling.models import Goal, PlanReview, PlanReviewGoal, PlanSignature, TreatmentPlan
from counseling.plans import plan_progress, plan_signatures, plan_text, plan_timing
from counseling.views.loading import client_of, episode_asked_for, latest_episode, latest_of
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.confirming import SignatureForm
from staff.reading import Reading, answer, first, rows, together
from staff.refusals import Refusal, refusal_on


@requires(Permission.PLAN_VIEW)
def plan_versions(request: StaffRequest, client_id: int) -> HttpResponse:
    """Each version of an episode's plan with its changes, reviews and signatures; the latest by default."""
    client = client_of(request, client_id)
    episode, others = episode_asked_for(request, client)
    is_latest = episode is not None and episode == latest_of([episode, *others])
    return render(
        request,
        "counseling/plans/plan_versions.html",
        {
            "client": client,
            "episode": episode,
            "versions": answer(_versions(request, client, episode)) if episode else [],
            "others": others,
            "may_write": can(request.user, Permission.PLAN_WRITE) and bool(is_latest and episode and episode.is_open),
        },
    )


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new_version(request: StaffRequest, client_id: int) -> HttpResponse:
    """Start the plan with the client's needs, or its next version."""
    client, episode, latest = _here(request, client_id)
    if episode is None or not episode.is_open:
        messages.error(request, "A plan needs an open episode. Admit the client first.")
        return redirect("counseling:plan", client_id=client.pk)
    form = PlanVersionForm(request.POST or None, initial={"needs": latest.needs if latest else ""})
    if request.method == "POST" and form.is_valid():
        try:
            plan = plans.new_version(
                episode=episode, by=request.user, needs=form.cleaned_data["needs"], after=_after(request)
            )
        except plans.VersionMeanwhile as refusal:
            form.add_error(None, refusal.sentence)
            latest = refusal.plan
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"Version {plan.version} of the plan is started. Open goals carry forward.")
            return redirect("counseling:plan", client_id=client.pk)
    context = {"client": client, "episode": episode, "plan": latest, "form": form}
    return render(request, "counseling/plans/plan_new_version.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_review(request: StaffRequest, client_id: int) -> HttpResponse:
    """Go through the goals with the client and write down how each goes."""
    client, episode, latest = _here(request, client_id)
    if episode is None or latest is None or not episode.is_open:
        messages.error(request, "No plan to review in an open episode yet.")
        return redirect("counseling:plan", client_id=client.pk)
    reviews = PlanReview.objects.visible_to(request.user).filter(plan__episode=episode).select_related("reviewed_by")
    goals, last, timing = answer(
        together(
            rows(Goal.objects.visible_to(request.user).active().filter(episode=episode)),
            first(
                reviews.prefetch_related(
                    Prefetch("goals", PlanReviewGoal.objects.visible_to(request.user).select_related("goal"))
                )
            ),
            plan_timing.of_episode.part(episode, timezone.now()),
        )
    )
    form = PlanReviewForm(request.POST if request.method == "POST" else None, goals=goals)  # an empty form is a form
    if request.method == "POST":
        if _was_sent_before(request, latest, form):
            return _reviewed(request, client)
        _keep_words_on_closed_goals(request, latest, form)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            plans.review(plan=latest, by=request.user, **form.said)
            return _reviewed(request, client)
    context = {
        "client": client,
        "episode": episode,
        "plan": latest,
        "form": form,
        "last": last,
        "timing": timing,
    }
    return render(request, "counseling/plans/plan_review.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_sign(request: StaffRequest, client_id: int) -> HttpResponse:
    """Read the plan together; the client draws or types their name, the counselor signs with password or passkey."""
    client, episode, latest = _here(request, client_id)
    if episode is None or latest is None or not episode.is_open:
        messages.error(request, "No plan to sign in an open episode yet.")
        return redirect("counseling:plan", client_id=client.pk)
    signer = request.POST.get("signer", "")
    by_client = ClientSignatureForm(request.POST if signer == PlanSigner.CLIENT else None)
    by_counselor = SignatureForm(request.POST if signer == PlanSigner.COUNSELOR else None, request=request)
    form = by_counselor if signer == PlanSigner.COUNSELOR else by_client
    if form.is_bound and form.is_valid() and _sign(request, latest, signer, form):
        messages.success(request, "Signed.")
        return redirect("counseling:plan_sign", client_id=client.pk)
    goals, signatures = answer(
        together(
            rows(
                Goal.objects.visible_to(request.user).filter(episode=latest.episode_id).prefetch_related("objectives")
            ),
            rows(PlanSignature.objects.visible_to(request.user).filter(plan=latest).select_related("by")),
        )
    )
    said = plan_text.contents(latest, goals)
    context = {
        "client": client,
        "plan": latest,
        "said": said,
        "hash": plan_text.hash_of(said),
        "standing": plan_signatures.standing(said, signatures),
        "by_client": by_client,
        "by_counselor": by_counselor,
        "signer": signer,
    }
    return render(request, "counseling/plans/plan_sign.html", context, status=422 if form.errors else 200)


def _reviewed(request: StaffRequest, client: Client) -> HttpResponse:
    messages.success(request, "Review saved. If the plan changes, start the next version and sign it.")
    return redirect("counseling:thread", client_id=client.pk)


def _was_sent_before(request: StaffRequest, plan: TreatmentPlan, form: PlanReviewForm) -> bool:
    """Whether this form has already made a review. Goals closed by it have no field anymore, but were submitted."""
    form.is_valid()
    sent = plan_progress.sent_before(
        plan=plan,
        by=request.user,
        summary=request.POST.get("summary", ""),
        said=_said_of_all(request, plan),
        next_review_on=form.cleaned_data.get("next_review_on"),
    )
    return sent is not None


def _said_of_all(request: StaffRequest, plan: TreatmentPlan) -> plan_progress.Said:
    """The values submitted for each goal of the episode, including closed ones."""
    said = {
        goal: (request.POST.get(f"progress_{goal.pk}", ""), request.POST.get(f"words_{goal.pk}", "").strip())
        for goal in Goal.objects.visible_to(request.user).filter(episode=plan.episode_id)
    }
    return {goal: pair for goal, pair in said.items() if any(pair)}


def _keep_words_on_closed_goals(request: StaffRequest, plan: TreatmentPlan, form: PlanReviewForm) -> None:
    """A goal closed in the meantime has no field anymore: show what was entered for it, once."""
    shown = {goal.pk for goal in form.goals}
    for goal, (how, words) in _said_of_all(request, plan).items():
        if goal.pk in shown or (not words and (how not in Progress.values or how == goal.status)):
            continue
        said = f"You wrote: “{words}”" if words else f"You chose: {Progress(how).label}"
        closed = goal.get_status_display().lower()
        form.add_error(
            None,
            f"“{goal}” was closed while you were typing ({closed}). {said}. To keep it, add it to the review "
            "summary and save again.",
        )


def _after(request: StaffRequest) -> int | None:
    return outside.number(request.POST.get("after"))


def _sign(request: StaffRequest, plan: TreatmentPlan, signer: str, form: Any) -> bool:
    said = form.cleaned_data if signer == PlanSigner.CLIENT else {}
    with refusal_on(form):
        plan_signatures.sign(
            plan=plan,
            signer=signer,
            by=request.user,
            typed_name=said.get("typed_name", ""),
            strokes=said.get("strokes"),
            read=request.POST.get("hash", ""),
            signed_with=getattr(form, "signed_with", ""),
        )
        return True
    return False


def _here(request: StaffRequest, client_id: int) -> tuple[Client, TreatmentEpisode | None, TreatmentPlan | None]:
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    plan = None
    if episode is not None:
        episode.client = client
        rows = TreatmentPlan.objects.visible_to(request.user).filter(episode=episode)
        plan = rows.select_related("client__clinic", "episode__client").order_by("-version").first()
    return client, episode, plan


def _versions(request: StaffRequest, client: Client, episode: TreatmentEpisode) -> Reading[list[dict[str, Any]]]:
    """Latest first, each with its content and changes since the previous one; a constant number of queries."""
    signatures = PlanSignature.objects.visible_to(request.user).filter(plan__episode=episode).select_related("by")
    of_episode = PlanReview.objects.visible_to(request.user).filter(plan__episode=episode)
    reviews, signatures_made, goals, versions = yield from together(
        rows(of_episode.select_related("reviewed_by").prefetch_related("goals__goal")),
        rows(signatures),
        rows(Goal.objects.visible_to(request.user).filter(episode=episode).prefetch_related("objectives")),
        rows(
            TreatmentPlan.objects.visible_to(request.user)
            .filter(episode=episode)
            .select_related("started_by")
            .order_by("version")
        ),
    )
    reviewed: dict[int, list[PlanReview]] = {}
    for each in reviews:
        reviewed.setdefault(each.plan_id, []).append(each)
    signed: dict[int, list[PlanSignature]] = {}
    for signature in signatures_made:
        signed.setdefault(signature.plan_id, []).append(signature)
    found: list[dict[str, Any]] = []
    before = None
    for plan in versions:
        plan.client = client
        said = plan_text.contents(plan, goals)
        found.append(
            {
                "plan": plan,
                "said": said,
                "changes": plan_text.changes(before, said) if before else [],
                "is_first": before is None,
                "standing": plan_signatures.standing(said, signed.get(plan.pk, [])),
                "reviews": reviewed.get(plan.pk, []),
            }
        )
        before = said
    return found[::-1]
