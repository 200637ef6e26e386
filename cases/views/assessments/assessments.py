"""Placement views: answers, suggestion and decision."""

from __future__ import annotations

import copy
import datetime
import zoneinfo

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases import assessments as records
from cases import placement
from cases.assessments import decision_followup
from cases.assessments.measured_shown import shown
from cases.forms.assessments import AssessmentForm, DecisionForm
from cases.forms.safety.owed import KeepForm, fields_of_refusals
from cases.intake import intake_steps
from cases.models import (
    Client,
    Inquiry,
    LevelOfCareAssessment,
    MedicalEvaluation,
    Relapse,
    SafetyEvaluation,
)
from cases.panels.chart_head import concerns_read
from cases.people.chart_page import client_or_404
from cases.safety import safety_holds
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.days import moment_in_words
from staff.models.clinic import MedicalIntensity, Setting
from staff.reading import answer, rows, together
from staff.refusals import refusal_on


@requires(Permission.ASSESSMENT_RECORD)
def assessment_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Ask the questions, prefilled with answers from the record to check with the client."""
    client = _client(request, client_id)
    inquiry = _inquiry(request, client)
    relapse = _relapse(request, client)
    on_record = placement.on_record(client, concerns=concerns_read(request, client))
    known = records.prefilled(client=client, relapse=relapse, on_record=on_record)
    row = LevelOfCareAssessment(client=client, relapse=relapse, **known)
    form = AssessmentForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            row = records.record(client=client, inquiry=inquiry, relapse=relapse, by=request.user, **form.facts)
            return redirect("cases:assessment", client_id, row.pk)
    return _questions(request, client, form, on_record=on_record, inquiry=inquiry, relapse=relapse, known=bool(known))


@requires(Permission.ASSESSMENT_RECORD)
def assessment_edit(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """Complete or correct the answers until the level of care is decided."""
    row = load_assessment(request, client_id, assessment_id)
    if row.decided_at is not None:
        messages.error(request, str(records.AlreadyDecided()))
        return redirect("cases:assessment", client_id, assessment_id)
    written_on = copy.copy(row)  # the form writes on its instance
    form = AssessmentForm(request.POST or None, instance=written_on)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            records.amend(assessment=row, by=request.user, **form.facts)
            return redirect("cases:assessment", client_id, assessment_id)
    on_record = placement.on_record(row.client, concerns=concerns_read(request, row.client))
    return _questions(request, row.client, form, on_record=on_record, row=row, inquiry=row.inquiry)


@requires(Permission.ASSESSMENT_RECORD)
@require_POST
def assessment_preview(request: StaffRequest, client_id: int) -> HttpResponse:
    """The suggestion for the answers typed so far. Nothing is saved."""
    client = _client(request, client_id)
    row = LevelOfCareAssessment(client=client, relapse=_relapse(request, client))
    form = AssessmentForm(request.POST, instance=row)
    form.is_valid()  # what is not valid stays unknown
    return render(request, "cases/assessments/_so_far.html", {"suggestion": placement.suggest(form.instance)})


@requires(Permission.EPISODE_VIEW)
def assessment(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """The suggestion with its reasons and what is missing; the decision, or the form for it."""
    row = load_assessment(request, client_id, assessment_id)
    return assessment_page(request, row)


@requires(Permission.LEVEL_OF_CARE_DECIDE)
@require_POST
def assessment_safety(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """An older page's button: a safety evaluation is now recorded on its own page."""
    row = load_assessment(request, client_id, assessment_id)
    return redirect(f"{reverse('cases:safety', args=[row.client_id])}?next={_address(row)}")


@requires(Permission.LEVEL_OF_CARE_DECIDE)
@require_POST
def assessment_decide(request: StaffRequest, client_id: int, assessment_id: int) -> HttpResponse:
    """Decide, with a reason if the decision differs from the suggestion; for a new client, admission comes next."""
    row = load_assessment(request, client_id, assessment_id)
    form = DecisionForm(request.POST, staff_member=request.user)
    if form.is_valid():
        beside = {records.DecisionReasonNeeded: "reason", records.LevelOfAnotherSetting: "level_code"}
        with refusal_on(form, fields=beside | fields_of_refusals(form, level="level_code")):
            row = records.decide(assessment=row, by=request.user, **form.cleaned_data)
            messages.success(request, "The level of care is decided.")
            if (
                row.inquiry is not None
                and row.inquiry.stage not in Inquiry.CLOSED_STAGES
                and can(request.user, Permission.EPISODE_ADMIT)
                and decision_followup.next_step(row, staff_member=request.user).admit
            ):
                return redirect(intake_steps.link_to("cases:admit", client_id, inquiry=row.inquiry.pk))
            return redirect("cases:assessment", client_id, assessment_id)
    return assessment_page(request, row, form)


def assessment_page(
    request: StaffRequest,
    row: LevelOfCareAssessment,
    form: DecisionForm | None = None,
    *,
    keep_form: KeepForm | None = None,
) -> HttpResponse:
    """The page of an assessment, with the form that was refused if one was."""
    decided = row.decided_at is not None
    on_record = None if decided else placement.on_record(row.client, concerns=concerns_read(request, row.client))
    suggestion = placement.suggest(row, on_record=on_record) if on_record else None
    if form is None and suggestion is not None:
        asked = {"setting": suggestion.floor_setting, "medical": suggestion.floor_medical}
        form = DecisionForm(
            initial={key: int(value) for key, value in asked.items()} if suggestion.is_enough else None,
            staff_member=request.user,
        )
    step = decision_followup.next_step(row, staff_member=request.user)
    may_decide = can(request.user, Permission.LEVEL_OF_CARE_DECIDE)
    owed = owed_before_keeping(row) if step.keep and may_decide else []
    asides = row.measures_set_aside.select_related("by")
    evaluations, set_aside = answer(
        together(rows(_medical_evaluations(request, row)), rows(asides if decided else asides.none()))
    )
    context = {
        "client": row.client,
        "assessment": row,
        "suggestion": suggestion,
        "measured": shown(suggestion.measured) if suggestion else {},
        "kept": _as_decided(row) if decided else None,
        "form": form,
        "steps": intake_steps.steps(row.inquiry, staff_member=request.user) if row.inquiry else [],
        "answers": _answers(row),
        "is_old": not decided and records.age_in_days(row, timezone.now()) >= 1,
        "may_record": can(request.user, Permission.ASSESSMENT_RECORD) and not decided,
        "may_decide": may_decide,
        "may_admit": can(request.user, Permission.EPISODE_ADMIT),
        "may_evaluate": decided and can(request.user, Permission.MEDICAL_EVALUATE),
        "may_read_measures": can(request.user, Permission.NOTE_VIEW),
        "next": step,
        "owed": owed,
        "keep_form": keep_form or KeepForm(holds=owed),
        "evaluations": evaluations,
        "asides": set_aside,
        "concerns": on_record.concerns if on_record else [],
        "open_concerns": on_record.concerns if on_record else None,
        "safety_url": f"{reverse('cases:safety', args=[row.client_id])}?next={_address(row)}",
        "evaluation": None if decided else _last_evaluation(request, row.client),
        "edit_url": reverse("cases:assessment_edit", args=[row.client_id, row.pk]),
    }
    bound = keep_form is not None or (form is not None and form.is_bound)
    return render(request, "cases/assessments/assessment.html", context, status=422 if bound else 200)


def owed_before_keeping(row: LevelOfCareAssessment) -> list[safety_holds.Hold]:
    """Safety steps required before care continues as decided."""
    return safety_holds.holds(client=row.client, on=timezone.localdate(timezone=row.client.clinic.zone))


def _address(row: LevelOfCareAssessment) -> str:
    """The address of an assessment."""
    return reverse("cases:assessment", args=[row.client_id, row.pk])


def _last_evaluation(request: StaffRequest, client: Client) -> SafetyEvaluation | None:
    rows = SafetyEvaluation.objects.visible_to(request.user).filter(client=client)
    return rows.select_related("evaluated_by").first()


def _medical_evaluations(request: StaffRequest, row: LevelOfCareAssessment) -> QuerySet[MedicalEvaluation]:
    """Medical evaluations for the decision, or for the call that led to the assessment."""
    if row.decided_at is None and row.inquiry_id is None:
        return MedicalEvaluation.objects.visible_to(request.user).none()
    about = Q(assessment=row) | (Q(inquiry=row.inquiry_id) if row.inquiry_id else Q())
    return MedicalEvaluation.objects.visible_to(request.user).told_to(request.user).filter(about)


def _as_decided(row: LevelOfCareAssessment) -> dict[str, object]:
    """The suggestion as the clinician saw it, from what was stored with the decision."""
    kept = row.suggestion
    suggested = kept.get("setting")
    zone = row.client.clinic.zone
    medical = MedicalIntensity(kept["medical"]) if suggested else None
    return {
        "setting": Setting(suggested).or_more if suggested else "",
        "medical": medical.as_need.lower() if medical is not None else "",
        "codes": f"{Setting(suggested).code} · {medical.code}" if medical is not None else "",
        "fired": kept.get("fired", []),
        "measured": [_as_kept(each, zone) for each in kept.get("measured", [])],
        "rules_version": kept.get("rules_version", ""),
        "differs": (suggested, kept.get("medical")) != (row.decided_setting, row.decided_medical),
    }


def _as_kept(measure: dict[str, str], zone: zoneinfo.ZoneInfo) -> dict[str, str]:
    """A measure that counted for a decision, with its time in words."""
    return {**measure, "when": moment_in_words(datetime.datetime.fromisoformat(measure["at"]), zone)}


def _answers(row: LevelOfCareAssessment) -> list[tuple[str, str]]:
    """Question and answer of all that is known, in the order of the page."""
    form = AssessmentForm(instance=row)
    said = []
    for name in form.Meta.fields:
        value = getattr(row, name)
        if value in (None, "", []):
            continue
        if name == "substances":
            answer = ", ".join(dict(form.fields[name].choices)[each] for each in value)  # type: ignore[attr-defined]
        elif name in {"prior_setting", "present_setting"}:
            answer = str(Setting(value).label)
        else:
            answer = {True: "Yes", False: "No"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        said.append((str(form.fields[name].label), answer))
    ratings = row.dimension_ratings
    if ratings:
        said.append(("Ratings", ", ".join(f"dimension {number}: {ratings[number]}" for number in sorted(ratings))))
    return said


def _questions(
    request: StaffRequest,
    client: Client,
    form: AssessmentForm,
    *,
    on_record: placement.OnRecord,
    inquiry: Inquiry | None,
    relapse: Relapse | None = None,
    row: LevelOfCareAssessment | None = None,
    known: bool = False,
) -> HttpResponse:
    suggestion = placement.suggest(form.instance, on_record=on_record)
    context = {
        "client": client,
        "form": form,
        "assessment": row,
        "known": known,
        "relapse": relapse,
        "inquiry": inquiry,
        "suggestion": suggestion,
        "open_concerns": on_record.concerns,
        "measured": shown(suggestion.measured),
        "may_read_measures": can(request.user, Permission.NOTE_VIEW),
        "steps": intake_steps.steps(inquiry, staff_member=request.user) if inquiry else [],
        "asks_pregnancy": client.sex != "male",
        "preview_url": intake_steps.link_to(
            "cases:assessment_preview", client.pk, relapse=relapse.pk if relapse else form.instance.relapse_id
        ),
    }
    return render(request, "cases/assessments/questions.html", context, status=422 if form.is_bound else 200)


def _inquiry(request: StaffRequest, client: Client) -> Inquiry | None:
    """The call that led here, if the URL names one of this client's."""
    rows = Inquiry.objects.visible_to(request.user).filter(client=client).select_related("assigned_to")
    return outside.row(rows, request.GET.get("inquiry"))


def _relapse(request: StaffRequest, client: Client) -> Relapse | None:
    """The return to use named in the URL, if it is one of this client's."""
    rows = Relapse.objects.visible_to(request.user).filter(client=client).select_related("client__clinic")
    return outside.row(rows, request.GET.get("relapse"))


def load_assessment(request: StaffRequest, client_id: int, assessment_id: int) -> LevelOfCareAssessment:
    """One assessment with the people and records that its page names, or 404."""
    rows = LevelOfCareAssessment.objects.visible_to(request.user).select_related(
        "client__clinic", "inquiry__assigned_to", "relapse", "assessed_by", "decided_by", "decided_program",
    )  # fmt: skip
    return get_object_or_404(rows, pk=assessment_id, client=client_id)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)
