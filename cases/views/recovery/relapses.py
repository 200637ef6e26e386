"""Return-to-use views."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.codes import OPIOIDS
from cases.forms import concurrent_edits
from cases.forms.recovery.learning import SobrietyDateForm, StrategyForm, TriggerForm, WarningSignForm
from cases.forms.recovery.relapse import LastDayForm, RelapseForm, VoidForm
from cases.intake import intake_steps
from cases.models import Client, CopingStrategy, Inquiry, Relapse, Trigger, WarningSign
from cases.models.recovery.learning import LearnedKind
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from cases.recovery import naloxone, overview, relapse_prefill, standings, told, tolerance
from cases.recovery import relapses as records
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, together
from staff.refusals import refusal_as_message, refusal_on

ASSESSED_WITHIN = datetime.timedelta(days=90)  # later on, a return to use says nothing of the care needed now

# What is still true comes first, and of that what has shown most often or helped best.
_STILL_TRUE = F("no_longer_true_since").desc(nulls_first=True)
_BY_EVIDENCE = (_STILL_TRUE, "-evidence", "pk")
_BY_OUTCOME = (_STILL_TRUE, "-helped", "-partly", "did_not", "pk")


@requires(Permission.RELAPSE_VIEW)
def relapses(request: StaffRequest, client_id: int) -> HttpResponse:
    """Recovery status, every return to use, and what was learned."""
    return relapses_page(request, _client(request, client_id))


@requires(Permission.RELAPSE_RECORD)
def relapse_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a return to use; during intake, the assessment comes next."""
    client = _client(request, client_id)
    known = relapse_prefill.prefill(request.GET)
    form = RelapseForm(request.POST or None, client=client, reader=request.user, initial=known.initial)
    if request.method == "POST":
        with transaction.atomic():
            # one form sent twice at once: the second waits here, and then sees what the first has recorded
            Client.objects.visible_to(request.user).select_for_update(of=("self",), no_key=True).get(pk=client.pk)
            relapse = _recorded(request, client, form) if form.is_valid() else None
        if relapse is not None:
            return _saved(request, relapse, form)
    return _form_page(request, client, form, told_words=known.words)


@requires(Permission.RELAPSE_VIEW)
def relapse(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """One return to use: to read, or to extend and correct for those who may record one."""
    row = _relapse(request, client_id, relapse_id)
    if request.method == "POST" and not can(request.user, Permission.RELAPSE_RECORD):
        raise PermissionDenied("Your role can’t record returns to use.")
    if request.method != "POST":
        form = RelapseForm(instance=copy.copy(row), client=row.client, reader=request.user)
        return _form_page(request, row.client, form, row=row)
    with transaction.atomic():
        Relapse.everything.visible_to(request.user).select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        row = _relapse(request, client_id, relapse_id)
        now = _form(request, row)
        merged = concurrent_edits.merge(request.POST, now)
        form = _form(request, row, merged.data)
        concurrent_edits.ask(form, now, merged.clashes)
        amended = _amended(request, row, form) if form.is_valid() else None
    if amended is not None:
        return _saved(request, amended, form)
    return _form_page(request, row.client, form, row=row)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_warn(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """Record the lost-tolerance warning."""
    relapse = _relapse(request, client_id, relapse_id)
    records.warn_of_tolerance(relapse=relapse, by=request.user)
    messages.success(request, "Tolerance warning recorded.")
    return redirect("cases:relapses", client_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def tolerance_warn(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record the warning for the break that is due, after use or after leaving a controlled setting."""
    client = _client(request, client_id)
    with refusal_as_message(request):
        tolerance.give(client=client, key=request.POST.get("break", ""), by=request.user)
        messages.success(request, "Tolerance warning recorded.")
    return redirect("cases:relapses", client_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_close(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """The last day of use is known."""
    relapse = _relapse(request, client_id, relapse_id)
    form = LastDayForm(request.POST, relapse=relapse)
    ask_about(form, relapse.client)
    if form.is_valid():
        with refusal_on(form, "ended_on"):
            records.close(relapse=relapse, ended_on=form.cleaned_data["ended_on"], by=request.user)
            messages.success(request, "Last day of use recorded.")
            return redirect("cases:relapses", client_id)
    return relapses_page(request, relapse.client, forms_sent={"last_day": form})


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_void(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """It was entered by mistake: struck out, with the reason."""
    row, form = _relapse(request, client_id, relapse_id), VoidForm(request.POST)
    if not form.is_valid():
        return _form_page(request, row.client, _form(request, row), row=row, void_form=form)
    with refusal_as_message(request):
        records.void(relapse=row, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, "Marked as entered in error. It stays on record but is not counted.")
    return redirect("cases:relapses", client_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_unvoid(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """It happened after all."""
    row = _relapse(request, client_id, relapse_id)
    with refusal_as_message(request):
        records.unvoid(relapse=row, by=request.user)
        messages.success(request, "Return to use restored.")
    return redirect("cases:relapse", client_id, relapse_id)


def relapses_page(
    request: StaffRequest, client: Client, *, forms_sent: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page; a form that was refused is shown as it was typed."""
    today = client.today
    sent = forms_sent or {}
    triggers = Trigger.objects.visible_to(request.user).filter(client=client).with_evidence()
    signs = WarningSign.objects.visible_to(request.user).filter(client=client).with_evidence()
    strategies = (
        CopingStrategy.objects.visible_to(request.user)
        .filter(client=client)
        .with_outcomes()
        .annotate(helped_or_partly=F("helped") + F("partly"), tries=F("helped") + F("partly") + F("did_not"))
    )
    learned: list[dict[str, Any]] = [
        {
            "name": "trigger",
            "title": "Triggers",
            "icon": "zap",
            "rows": triggers.order_by(*_BY_EVIDENCE),
            "form": sent.get("trigger") or TriggerForm(prefix="trigger"),
            "empty": "No triggers yet.",
        },
        {
            "name": "sign",
            "title": "Warning signs",
            "icon": "eye",
            "rows": signs.order_by(*_BY_EVIDENCE),
            "form": sent.get("sign") or WarningSignForm(prefix="sign"),
            "empty": "No warning signs yet.",
        },
        {
            "name": "strategy",
            "title": "Coping strategies",
            "icon": "life-buoy",
            "rows": strategies.order_by(*_BY_OUTCOME),
            "form": sent.get("strategy") or StrategyForm(prefix="strategy"),
            "empty": "No coping strategies yet.",
        },
    ]
    now, elsewhere, settled = answer(
        together(
            overview.of.part(client, staff_member=request.user, on=today),
            told.elsewhere.part(client, staff_member=request.user),
            told.settled.part(client),
        )
    )
    waiting = told.waiting(told.in_order(client, now.returns, elsewhere), settled)
    for part in learned:
        part["told"] = waiting[LearnedKind(part["name"])]
    context = {
        "client": client,
        "recovery": now,
        "by_substance": standings.by_substance(now.returns, now.statements, today),
        "without_substance": standings.without_substance(now.returns),
        "stated_dates": standings.stated_dates(now.returns, now.statements, today),
        "last_day_form": sent.get("last_day"),
        "sobriety_form": sent.get("sobriety") or SobrietyDateForm(),
        "learned": learned,
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
        "to_assess": _to_assess(request, now.last_return, today),
    }
    return render(request, "cases/recovery/relapses.html", context, status=422 if sent else 200)


def _form(request: StaffRequest, row: Relapse, data: QueryDict | None = None) -> RelapseForm:
    instance = _relapse(request, row.client_id, row.pk)  # the form writes on it; the page shows what is on record
    return RelapseForm(data, instance=instance, client=row.client, reader=request.user)


def _recorded(request: StaffRequest, client: Client, form: RelapseForm) -> Relapse | None:
    with refusal_on(form):
        return records.record(client=client, by=request.user, **form.facts)
    return None


def _amended(request: StaffRequest, row: Relapse, form: RelapseForm) -> Relapse | None:
    with refusal_on(form):
        return records.amend(relapse=row, by=request.user, **form.facts)
    return None


def _form_page(
    request: StaffRequest,
    client: Client,
    form: RelapseForm,
    *,
    row: Relapse | None = None,
    void_form: VoidForm | None = None,
    told_words: str = "",
) -> HttpResponse:
    voided = row is not None and row.is_voided
    context: dict[str, object] = {
        "client": client,
        "form": form,
        "relapse": row,
        "shown": concurrent_edits.shown(form if not form.is_bound else _form(request, row)) if row else "",
        "inquiry": _inquiry(request, client),
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
        "may_write": can(request.user, Permission.RELAPSE_RECORD) and not voided,
        "void_form": void_form or VoidForm(),
        "opioids": OPIOIDS,
        "told": told_words,
        "may_assess": row is not None and not voided and can(request.user, Permission.ASSESSMENT_RECORD),
        "shows_tolerance": row is not None and not voided and records.involves_opioids(row),
    }
    if context["shows_tolerance"]:
        context["kit"] = naloxone.latest(client, staff_member=request.user)
    refused = form.is_bound or void_form is not None
    return render(request, "cases/recovery/relapse.html", context, status=422 if refused else 200)


def _to_assess(request: StaffRequest, last: Relapse | None, today: datetime.date) -> Relapse | None:
    """The last return to use, if it is ongoing or recent and no placement was assessed after it."""
    if last is None or not can(request.user, Permission.ASSESSMENT_RECORD):
        return None
    if last.ended_on is not None and today - last.ended_on > ASSESSED_WITHIN:
        return None
    return None if last.assessments.exists() else last


def _saved(request: StaffRequest, row: Relapse, form: RelapseForm) -> HttpResponse:
    """Say so, and go on with the way in, or back to the list."""
    if form.cleaned_data["told_of_tolerance"] and records.involves_opioids(row):
        row = records.warn_of_tolerance(relapse=row, by=request.user)
    messages.success(request, "Return to use recorded. You can add more at any time.")
    if row.tolerance_warned_at is None and records.involves_opioids(row):
        messages.warning(request, "Opioids were used. Explain today that their usual amount can now kill.")
    inquiry = _inquiry(request, row.client)
    if inquiry is not None and can(request.user, Permission.ASSESSMENT_RECORD):
        url = intake_steps.link_to("cases:assessment_new", row.client_id, inquiry=inquiry.pk, relapse=row.pk)
        return redirect(url or intake_steps.link_to("cases:inquiry", inquiry.pk))
    return redirect("cases:relapses", row.client_id)


def _inquiry(request: StaffRequest, client: Client) -> Inquiry | None:
    """The call that led here, if the URL names one of this client's."""
    rows = Inquiry.objects.visible_to(request.user).filter(client=client)
    return outside.row(rows, request.GET.get("inquiry"))


def _relapse(request: StaffRequest, client_id: int, relapse_id: int) -> Relapse:
    """Includes voided ones: they stay on record, and their page says so."""
    authors = ("recorded_by", "tolerance_warned_by", "voided_by")
    rows = Relapse.everything.visible_to(request.user).select_related("client__clinic", *authors)
    return get_object_or_404(rows, pk=relapse_id, client=client_id)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)
