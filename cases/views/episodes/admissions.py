"""Admission, and a client's episodes with their levels of care."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from cases.assessments import decision_followup
from cases.data_set_codes import Point
from cases.episodes import admissions, continued_stay_reviews, expected_discharge, length_of_stay
from cases.forms.episodes.admission import AdmitForm, DischargeForm, LeavingForm, LevelForm
from cases.forms.safety.owed import fields_of_refusals
from cases.intake import intake_steps
from cases.models import (
    Client,
    ContinuedStayReview,
    Inquiry,
    LevelOfCareAssessment,
    LevelOfCarePeriod,
    Relapse,
    TreatmentEpisode,
)
from cases.models.episodes.episode import EpisodeQuerySet
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from cases.recovery import tolerance
from cases.safety import safety_holds
from cases.teds import data_sets
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import Reading, answer, reads, rows, together
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.EPISODE_ADMIT)
def admit(request: StaffRequest, client_id: int) -> HttpResponse:
    """Open an episode, prefilled from a decided assessment if there is one."""
    client = _client(request, client_id)
    inquiry = _inquiry(request, client)
    assessment = _assessment(request, client, inquiry)
    undecided = assessment is not None and assessment.decided_at is None
    owed = _owed(client)
    form = AdmitForm(request.POST or None, staff_member=request.user, holds=owed, initial=_initial(client, assessment))
    ask_about(form, client)
    if request.method == "POST" and form.is_valid():
        relapse = assessment.relapse if assessment and assessment.relapse and not assessment.relapse.is_voided else None
        if relapse is None and inquiry is not None:
            since = intake_steps.followed([inquiry], staff_member=request.user).get(inquiry.pk)
            relapse = (
                Relapse.objects.visible_to(request.user).filter(pk=since.relapse_id or 0).first() if since else None
            )
        with refusal_on(form, fields=fields_of_refusals(form, level="level_of_care")):
            episode = admissions.admit(
                client=client,
                inquiry=inquiry,
                relapse=relapse,
                assessment=assessment,
                by=request.user,
                **form.cleaned_data,
            )
            messages.success(request, _said(f"Admitted to {episode.program}.", episode, Point.ADMISSION))
            return redirect(
                intake_steps.link_to("counseling:carry_over", client.pk, episode.pk)
                or intake_steps.link_to("desk:chart", client.pk)
                or intake_steps.link_to("cases:episodes", client.pk)
            )
    context = {
        "client": client,
        "form": form,
        "owed": owed,
        "inquiry": inquiry,
        "steps": intake_steps.steps(inquiry, staff_member=request.user) if inquiry else [],
        "assessment": assessment,
        "undecided": undecided,
        "assessment_url": intake_steps.link_to("cases:assessment", client.pk, assessment.pk) if assessment else "",
        "earlier": _episodes(request, client).count(),
        "prior": _episodes(request, client).order_by("-admitted_on", "-pk").first(),
    }
    return render(request, "cases/episodes/admit.html", context, status=422 if form.is_bound else 200)


@requires(Permission.EPISODE_VIEW)
def episodes(request: StaffRequest, client_id: int) -> HttpResponse:
    """Every episode of the client, latest first, each with its levels of care."""
    return _episodes_page(request, _client(request, client_id))


@requires(Permission.EPISODE_ADMIT)
@require_POST
def change_level(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """Another level of care inside the same episode."""
    client, episode = _client(request, client_id), _episode(request, client_id, episode_id)
    uses_opioids = _uses_opioids(request, client)
    owed = _owed(client)
    form = LevelForm(request.POST, staff_member=request.user, client=client, holds=owed, uses_opioids=uses_opioids)
    if form.is_valid():
        told = form.cleaned_data.pop("told_of_tolerance", False)
        with refusal_on(form, fields=fields_of_refusals(form, level="level_of_care")):
            period = admissions.change_level_of_care(episode=episode, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"Level {period.level_code} from {timezone.localtime(period.starts_at):%b %-d, %-I:%M %p}."
            )
            _told_of_tolerance(request, client, told=told)
            return redirect("cases:episodes", client.pk)
    return _episodes_page(request, client, level_form=form, opened=episode.pk)


@requires(Permission.EPISODE_DISCHARGE)
@require_POST
def discharge(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """End an episode."""
    client, episode = _client(request, client_id), _episode(request, client_id, episode_id)
    form = DischargeForm(request.POST, holds=_owed(client), uses_opioids=_uses_opioids(request, client))
    if form.is_valid():
        told = form.cleaned_data.pop("told_of_tolerance", False)
        with refusal_on(form, fields=fields_of_refusals(form)):
            episode = admissions.discharge(episode=episode, by=request.user, **form.cleaned_data)
            messages.success(request, _said(f"Discharged from {episode.program}.", episode, Point.DISCHARGE))
            _told_of_tolerance(request, client, told=told)
            return redirect(_after_discharge(request, client) or reverse("cases:episodes", args=[client.pk]))
    return _episodes_page(request, client, discharge_form=form, opened=episode.pk)


def _after_discharge(request: StaffRequest, client: Client) -> str:
    """The page of an app above where the follow-up begins (settings.AFTER_DISCHARGE)."""
    pages = (import_string(path)(client=client, staff_member=request.user) for path in settings.AFTER_DISCHARGE)
    return next((page for page in pages if page), "")


@requires(Permission.EPISODE_DISCHARGE)
@require_POST
def expect_leaving(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """Set or clear the expected discharge date."""
    client, episode = _client(request, client_id), _episode(request, client_id, episode_id)
    form = LeavingForm(request.POST, episode=episode)
    if form.is_valid():
        with refusal_on(form, "on"):
            expected_discharge.expect(episode=episode, by=request.user, **form.cleaned_data)
            messages.success(request, "Expected discharge saved.")
            return redirect("cases:episodes", client.pk)
    return _episodes_page(request, client, leaving_form=form, opened=episode.pk)


@requires(Permission.EPISODE_OVERRIDE)
@require_POST
def undo_discharge(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """Take a discharge back that was recorded by mistake."""
    episode = _episode(request, client_id, episode_id)
    with refusal_as_message(request):
        admissions.undo_discharge(episode=episode, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, "Discharge undone. The episode is open.")
    return redirect("cases:episodes", client_id)


def _uses_opioids(request: StaffRequest, client: Client) -> bool:
    """Whether leaving calls for a lost-tolerance warning, for users who may know and give it."""
    return can(request.user, Permission.RELAPSE_RECORD) and tolerance.is_asked_on_leaving(client)


def _told_of_tolerance(request: StaffRequest, client: Client, *, told: bool) -> None:
    """Record the warning given on leaving; otherwise show that it is due now, with a link."""
    due = tolerance.due(client, client.today)
    if due is None or due.period is None or not can(request.user, Permission.RELAPSE_RECORD):
        return
    if told:
        tolerance.give(client=client, key=due.key, by=request.user)
        return
    sentence = '{} <a href="{}">Give the warning and record it</a>'
    messages.warning(
        request, format_html(sentence, "Opioid tolerance is reduced: warn them before they leave.", due.url)
    )


@reads
def _owed(client: Client) -> Reading[list[safety_holds.Hold]]:
    return (yield from safety_holds.holds.part(client=client, on=timezone.localdate(timezone=client.clinic.zone)))


def _episodes_page(
    request: StaffRequest,
    client: Client,
    *,
    level_form: LevelForm | None = None,
    discharge_form: DischargeForm | None = None,
    leaving_form: LeavingForm | None = None,
    opened: int = 0,
) -> HttpResponse:
    zone = client.clinic.zone
    now = timezone.localtime(timezone=zone)
    stays = (
        _episodes(request, client)
        .select_related("program", "prior_episode__program", "admitted_by", "discharged_by", "inquiry")
        .prefetch_related(data_sets.with_data_sets())
        .order_by("-admitted_on", "-pk")
    )
    levels = (
        LevelOfCarePeriod.objects.visible_to(request.user)
        .filter(episode__client=client)
        .select_related("decided_by")
        .prefetch_related(continued_stay_reviews.with_reviews())
        .order_by("starts_at")
    )
    assessed = LevelOfCareAssessment.objects.visible_to(request.user).filter(client=client)
    found, periods, assessments, holds = answer(
        together(
            rows(stays),
            rows(levels),
            rows(assessed.select_related("assessed_by", "decided_by")),
            _owed.part(client),
        )
    )
    counted = [length_of_stay.stay(period, zone) for period in periods]
    due = {each.period.episode_id: each for each in continued_stay_reviews.due(periods, client.clinic)}
    day_ago = timezone.now() - datetime.timedelta(days=1)
    shown = [
        {
            "episode": episode,
            "number": len(found) - place,
            "stays": [each for each in counted if each.period.episode_id == episode.pk],
            "reviews": _latest_first(period for period in periods if period.episode_id == episode.pk),
            "data_sets": data_sets.standing(episode),
            "due": due.get(episode.pk) if episode.is_open else None,
            "leaving_form": leaving_form if leaving_form and opened == episode.pk else LeavingForm(episode=episode),
            "may_undo": episode.discharged_at is not None and episode.discharged_at > day_ago,
        }
        for place, episode in enumerate(found)
    ]
    decided = _decided(request, client)
    at_each_level = length_of_stay.at_each_level(counted)
    may_discharge = can(request.user, Permission.EPISODE_DISCHARGE)
    may_admit = can(request.user, Permission.EPISODE_ADMIT)
    in_care = any(each.is_open for each in found)
    owed = holds if in_care and (may_discharge or may_admit) else []
    uses_opioids = in_care and _uses_opioids(request, client)
    context = {
        "client": client,
        "rows": shown,
        "owed": owed,
        "at_each_level": at_each_level,
        "longest": max((each.days for each in at_each_level), default=1),
        "today": now.date(),
        "opened": opened,
        "decided": decided,
        "level_form": level_form
        or LevelForm(
            staff_member=request.user,
            client=client,
            holds=owed,
            initial={"starts_at": now, **_of_decision(decided)},
            uses_opioids=uses_opioids,
        ),
        "discharge_form": discharge_form
        or DischargeForm(initial={"discharged_on": now.date(), "planned": ""}, holds=owed, uses_opioids=uses_opioids),
        "assessments": assessments,
        "may_assess": can(request.user, Permission.ASSESSMENT_RECORD),
        "may_review": can(request.user, Permission.LEVEL_OF_CARE_DECIDE),
        "may_admit": may_admit,
        "may_discharge": may_discharge,
        "may_override": can(request.user, Permission.EPISODE_OVERRIDE),
    }
    return render(request, "cases/episodes/episodes.html", context, status=422 if opened else 200)


def _decided(request: StaffRequest, client: Client) -> LevelOfCareAssessment | None:
    """The decision named in the URL, if it is one of this client's."""
    rows = LevelOfCareAssessment.objects.visible_to(request.user).filter(client=client, decided_at__isnull=False)
    return outside.row(rows.select_related("decided_program"), request.GET.get("decided"))


def _of_decision(decided: LevelOfCareAssessment | None) -> dict[str, object]:
    """Values a decision fills in for a change of level."""
    if decided is None:
        return {}
    program = decided.decided_program
    return {
        "level_of_care": decided.decided_level_code or (program.level_code if program else ""),
        "program": program,
        "reason": decision_followup.why(decided),
        "assessment": decided,
    }


def _said(sentence: str, episode: TreatmentEpisode, point: Point) -> str:
    """A message about what happened, with a link to the data set for this point."""
    url = reverse("cases:data_set", args=[episode.client_id, episode.pk, point])
    return format_html('{} <a href="{}">Record {} data</a>', sentence, url, point.label.lower())


def _latest_first(periods: Iterable[LevelOfCarePeriod]) -> list[ContinuedStayReview]:
    found = [review for period in periods for review in period.reviews.all()]
    return sorted(found, key=lambda review: (review.reviewed_at, review.pk), reverse=True)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)


def _episode(request: StaffRequest, client_id: int, episode_id: int) -> TreatmentEpisode:
    rows = TreatmentEpisode.objects.visible_to(request.user).select_related("client__clinic", "program")
    return get_object_or_404(rows, pk=episode_id, client=client_id)


def _episodes(request: StaffRequest, client: Client) -> EpisodeQuerySet:
    return TreatmentEpisode.objects.visible_to(request.user).filter(client=client)


def _inquiry(request: StaffRequest, client: Client) -> Inquiry | None:
    """The inquiry behind this admission: the one named in the URL, or else the client's open one."""
    visible = Inquiry.objects.visible_to(request.user).filter(client=client).select_related("assigned_to")
    wanted = outside.number(request.GET.get("inquiry"))
    if wanted is not None:
        return get_object_or_404(visible, pk=wanted)
    return visible.open().order_by("-taken_at").first()


def _assessment(request: StaffRequest, client: Client, inquiry: Inquiry | None) -> LevelOfCareAssessment | None:
    """The assessment of this inquiry, else the latest one that no episode rests on yet."""
    latest = (
        LevelOfCareAssessment.objects.visible_to(request.user)
        .filter(client=client)
        .select_related("relapse", "decided_program", "decided_by")
        .order_by("-assessed_at", "-pk")
    )
    if inquiry is not None and (own := latest.filter(inquiry=inquiry).first()):
        return own
    return latest.filter(episodes=None, inquiry=None).first()


def _initial(client: Client, assessment: LevelOfCareAssessment | None) -> dict[str, object]:
    now = timezone.localtime(timezone=client.clinic.zone)
    initial: dict[str, object] = {"admitted_on": now.date(), "admitted_time": now.time()}
    if assessment is not None and assessment.decided_at is not None:
        program = assessment.decided_program
        initial["program"] = program
        initial["level_of_care"] = assessment.decided_level_code or (program.level_code if program else "")
    return initial
