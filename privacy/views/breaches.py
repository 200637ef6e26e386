"""The breach register: a report from anyone, the list, and one page for each breach with all of its steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from privacy import breach_clocks
from privacy import breaches as acts
from privacy.filters import BreachFilter
from privacy.forms.breaches import (
    BreachAssessmentForm,
    BreachAuthorityForm,
    BreachDelayEndForm,
    BreachDelayForm,
    BreachNoteForm,
    BreachNoticeForm,
    BreachOffForm,
    BreachPeopleForm,
    BreachReportForm,
)
from privacy.models import Breach, BreachClient
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on

PAGE = 40
LISTED = 500  # people shown on a breach's page


@requires(Permission.BREACH_REPORT)
def breach_report(request: StaffRequest) -> HttpResponse:
    """What anyone who works here reports; the clock starts on the day that any of them knew (45 CFR 164.404(a)(2))."""
    today = timezone.localdate(timezone=request.user.clinic.zone)
    form = BreachReportForm(request.POST if request.method == "POST" else None, initial={"discovered_on": today})
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            made = acts.report(by=request.user, **form.cleaned_data)
            if can(request.user, Permission.BREACH_KEEP):
                messages.success(request, "On the register. List whose records were involved, and assess the risk.")
                return redirect("privacy:breach", breach_id=made.pk)
            messages.success(request, "Reported. The privacy officer has it on Today.")
            return redirect("desk:today")
    return render(request, "privacy/breach_report.html", {"form": form})


@requires(Permission.BREACH_KEEP)
def breaches(request: StaffRequest) -> HttpResponse:
    """The register, newest first, with what is owed and until when."""
    filters = BreachFilter(request, Breach.objects.visible_to(request.user).with_standing(request.user))
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate(timezone=request.user.clinic.zone)
    days = breach_clocks.days_for(request.user.clinic)
    lines = [{"breach": each, "clocks": _shown(breach_clocks.owed(each, days=days), today)} for each in page]
    context = {"filters": filters, "page": page, "query": filters.kept, "lines": lines}
    return render(request, "privacy/breaches.html", context)


@requires(Permission.BREACH_KEEP)
def breach(request: StaffRequest, breach_id: int) -> HttpResponse:
    """One breach: its clocks, whose records, how it was assessed, and every step; and a form for each next one."""
    rows = Breach.objects.visible_to(request.user).with_standing(request.user).select_related("clinic", "recorded_by")
    row = get_object_or_404(rows, pk=breach_id)
    listed = list(
        BreachClient.objects.visible_to(request.user)
        .filter(breach=row)
        .current()
        .select_related("client")
        .prefetch_related("notices")[:LISTED]
    )
    done = request.POST.get("do", "") if request.method == "POST" else ""
    steps = _forms(request, row, listed, done)
    form = steps[done]["form"] if done in steps else None
    if form is not None and form.is_valid():
        with refusal_on(form):
            messages.success(request, _do(done, row, form.cleaned_data, listed, request))
            return redirect("privacy:breach", breach_id=row.pk)
    today = timezone.localdate(timezone=request.user.clinic.zone)
    context = {
        "breach": row,
        "clocks": _shown(breach_clocks.clocks(row, days=breach_clocks.days_for(row.clinic)), today),
        "listed": listed,
        "assessments": row.assessments.select_related("decided_by"),
        "steps": row.steps.select_related("recorded_by"),
        "forms": steps,
        "done": done,
    }
    return render(request, "privacy/breach.html", context)


def _forms(request: StaffRequest, row: Breach, listed: list[BreachClient], done: str) -> dict[str, dict[str, Any]]:
    """The form of each next step, with its heading and button; the one that was sent holds what was typed."""
    untold = [each for each in listed if not each.notices.all()]
    kinds: tuple[tuple[str, type[forms.BaseForm], str, str, dict[str, Any]], ...] = (
        ("people", BreachPeopleForm, "Add people", "Add", {}),
        ("off", BreachOffForm, "Take someone off", "Take off", {"listed": listed}),
        ("assess", BreachAssessmentForm, "Assess the risk", "Record assessment", {}),
        (
            "notify",
            BreachNoticeForm,
            "Record notices to people",
            "Record notices",
            {"listed": untold, "untold": row.untold},
        ),
        ("authority", BreachAuthorityForm, "Record a notice to the media or HHS", "Record notice", {}),
        ("delay", BreachDelayForm, "Law enforcement asks to wait", "Record statement", {}),
        ("end_delay", BreachDelayEndForm, "The wait ended", "Record end", {}),
        ("note", BreachNoteForm, "Add a note", "Add note", {}),
    )
    return {
        name: {
            "name": name,
            "title": title,
            "button": button,
            "form": kind(request.POST if name == done else None, prefix=name, **more),
        }
        for name, kind, title, button, more in kinds
    }


def _do(name: str, row: Breach, typed: dict[str, Any], listed: list[BreachClient], request: StaffRequest) -> str:
    """Carry out the act of a form; what to say of it."""
    by = request.user
    by_key = {str(each.pk): each for each in listed}
    if name == "people":
        made = acts.add_clients(breach=row, numbers=typed["numbers"], by=by)
        if typed["others"] is not None:
            acts.count_others(breach=row, number=typed["others"], note="", by=by)
        return f"{len(made)} client{'' if len(made) == 1 else 's'} added."
    if name == "off":
        acts.take_off(listed=by_key[typed["listed"]], reason=typed["reason"], by=by)
        return "Taken off the list."
    if name == "assess":
        acts.assess(breach=row, by=by, **typed)
        return "Assessment recorded."
    if name == "notify":
        told = acts.notify_people(
            breach=row,
            listed=by_key.get(typed["listed"]),
            sent_on=typed["sent_on"],
            way=typed["way"],
            others=typed["others"] or 0,
            by=by,
        )
        return f"Notice to {len(told) + (typed['others'] or 0)} recorded."
    if name == "authority":
        acts.notify(breach=row, by=by, **typed)
    elif name == "delay":
        acts.delay(breach=row, by=by, **typed)
    elif name == "end_delay":
        acts.end_delay(breach=row, by=by, **typed)
    elif typed["is_error"]:
        acts.mark_in_error(breach=row, note=typed["note"], by=by)
    else:
        acts.add_note(breach=row, note=typed["note"], by=by)
    return "Recorded."


def _shown(clocks: list[breach_clocks.Clock], today: Any) -> list[dict[str, Any]]:
    """Each clock with its words and its tone."""
    return [
        {
            "clock": each,
            "words": each.words(today),
            "tone": "danger" if each.is_late(today) else "attention" if each.is_open else "good",
        }
        for each in clocks
    ]
