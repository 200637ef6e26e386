"""A clinic's instruments: the source of item text, installing it, and due dates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from counseling.codes import CareGroup, Instrument
from counseling.forms.measures.instruments import InstrumentTextForm, RulesForm, TextFileForm
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, item_text, measure_schedule
from counseling.measures.instrument_texts import Words
from counseling.models import InstrumentText, MeasureRule
from counseling.models.measures.measure_rule import LONGEST_INTERVAL
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal, refusal_on


@requires(Permission.MEASURE_SETUP)
def instrument_list(request: StaffRequest) -> HttpResponse:
    """All instruments, with the source of their item text."""
    installed = {each.instrument: each for each in InstrumentText.objects.visible_to(request.user).in_use()}
    rows = [
        {"instrument": each, "form": FORMS[each], "text": installed.get(each.value), "shipped": item_text.shipped(each)}
        for each in Instrument
    ]
    return render(request, "counseling/measures/instruments.html", {"rows": rows})


@requires(Permission.MEASURE_SETUP)
def instrument_page(request: StaffRequest, instrument: str) -> HttpResponse:
    """One instrument's text as a reader sees it, and its versions; `?version=` shows an earlier one."""
    chosen = _instrument(instrument)
    versions = list(_texts(request, chosen).select_related("made_by"))
    asked = request.GET.get("version", "")
    in_use = next((each for each in versions if each.is_in_use), None)
    shown = next((each for each in versions if str(each.version) == asked), None) or in_use
    form = FORMS[chosen]
    words = item_text.wording_of(shown) if shown else item_text.shipped(chosen)
    context = {
        "instrument": chosen,
        "form": form,
        "versions": versions,
        "in_use": in_use,
        "shown": shown,
        "wording": words,
        "worded": list(zip(map(form.number_of, form.items), words.items, strict=True)) if words else [],
        "shipped": item_text.shipped(chosen),
    }
    return render(request, "counseling/measures/instrument.html", context)


@requires(Permission.MEASURE_SETUP)
@require_http_methods(["GET", "HEAD", "POST"])
def instrument_install(request: StaffRequest, instrument: str) -> HttpResponse:
    """Write or change the words, or read them from a file into the form; only saving installs them."""
    chosen = _instrument(instrument)
    last = _texts(request, chosen).order_by("-version").first()
    seen = last.version if last else 0
    form_of = FORMS[chosen]
    if request.method == "POST" and request.POST.get("then") == "read":
        return _read(request, chosen)
    if request.method == "POST":
        form = InstrumentTextForm(request.POST, instrument=form_of)
        if form.is_valid():
            with refusal_on(form):
                text = instrument_texts.install(
                    instrument=chosen, words=form.words, by=request.user, seen=form.cleaned_data["seen"] or 0
                )
                messages.success(request, f"Version {text.version} is in use. Existing measures keep theirs.")
                return redirect("counseling:instrument", instrument=chosen.value)
        return _install_page(request, chosen, form, status=422)
    words = instrument_texts.words_of(last) if last else Words()
    form = InstrumentTextForm(instrument=form_of, words=words, initial={"seen": seen})
    return _install_page(request, chosen, form)


@requires(Permission.MEASURE_SETUP)
def instrument_file(request: StaffRequest, instrument: str) -> HttpResponse:
    """The file for editing item text, with what is installed."""
    chosen = _instrument(instrument)
    last = _texts(request, chosen).order_by("-version").first()
    content = instrument_texts.file_for(chosen, instrument_texts.words_of(last) if last else Words())
    answer = HttpResponse(content, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{chosen.value}.json"'
    return answer


@requires(Permission.MEASURE_SETUP)
@require_POST
def instrument_use(request: StaffRequest, instrument: str) -> HttpResponse:
    """Retire item text, or (`version`) make a version active again."""
    chosen = _instrument(instrument)
    texts = _texts(request, chosen)
    asked = request.POST.get("version", "")
    if asked:
        text = get_object_or_404(texts, version=outside.version(asked))
        text = instrument_texts.use_again(text=text, by=request.user)
        messages.success(request, f"Version {text.version} is in use.")
    else:
        text = instrument_texts.retire(text=get_object_or_404(texts.in_use()), by=request.user)
        messages.success(request, "This item text is retired. Existing measures keep it.")
    return redirect("counseling:instrument", instrument=chosen.value)


@requires(Permission.MEASURE_SETUP)
def measure_rules(request: StaffRequest) -> HttpResponse:
    """When each instrument is due for each group of levels, and what the clinic changed."""
    schedule = measure_schedule.of(request.user.clinic)
    own = {(each.group, each.instrument) for each in MeasureRule.objects.visible_to(request.user)}
    rows = [
        {
            "instrument": instrument,
            "cells": [
                {
                    "group": group,
                    "rule": schedule[group].get(instrument),
                    "is_own": (group.value, instrument.value) in own,
                }
                for group in CareGroup
            ],
        }
        for instrument in Instrument
    ]
    groups = [{"group": each, "levels": measure_schedule.LEVELS_OF[each]} for each in CareGroup]
    return render(
        request, "counseling/measures/measure_rules.html", {"rows": rows, "groups": groups, "has_own": bool(own)}
    )


@requires(Permission.MEASURE_SETUP)
@require_http_methods(["GET", "HEAD", "POST"])
def measure_rules_change(request: StaffRequest, group: str) -> HttpResponse:
    """Say for one group of levels when each instrument is due."""
    if group not in CareGroup.values:
        raise Http404
    chosen = CareGroup(group)
    form = RulesForm(request.POST or None, rules=measure_schedule.of(request.user.clinic)[chosen])
    if request.method == "POST" and form.is_valid():
        try:
            changed = measure_schedule.change(group=chosen, rules=form.rules, by=request.user, known=form.known)
        except measure_schedule.RuleChangedMeanwhile as refusal:
            form.add_error(None, refusal.sentence)
            form.show_now(measure_schedule.of(request.user.clinic)[chosen])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request,
                f"{chosen.label}: saved. Due dates now follow these rules." if changed else "No changes.",
            )
            return redirect("counseling:measure_rules")
    context = {
        "group": chosen,
        "levels": measure_schedule.LEVELS_OF[chosen],
        "form": form,
        "rows": [
            {"instrument": each, "fields": (within, every), "default": measure_schedule.default(chosen, each)}
            for each, within, every in form.rows
        ],
        "longest": LONGEST_INTERVAL,
    }
    return render(request, "counseling/measures/measure_rules_change.html", context, status=422 if form.errors else 200)


def _instrument(value: str) -> Instrument:
    if value not in Instrument.values:
        raise Http404
    return Instrument(value)


def _texts(request: StaffRequest, instrument: Instrument) -> Any:
    return InstrumentText.objects.visible_to(request.user).filter(instrument=instrument.value)


def _read(request: StaffRequest, instrument: Instrument) -> HttpResponse:
    """The form filled in from a file, to check before saving; or what is wrong with the file.

    The latest known version stays that of the open page, whatever was installed since.
    """
    seen = outside.version(request.POST.get("seen"))
    upload = TextFileForm(request.POST, request.FILES)
    typed = InstrumentTextForm(initial={**request.POST.dict(), "seen": seen}, instrument=FORMS[instrument])
    if not upload.is_valid():
        return _install_page(request, instrument, typed, upload=upload, status=422)
    reading = instrument_texts.read_file(
        instrument, upload.cleaned_data["file"].read(instrument_texts.LARGEST_FILE + 1)
    )
    if reading.faults:
        return _install_page(request, instrument, typed, upload=upload, faults=reading.faults, status=422)
    form = InstrumentTextForm(instrument=FORMS[instrument], words=reading.words, initial={"seen": seen})
    return _install_page(request, instrument, form, was_read=True)


def _install_page(
    request: StaffRequest,
    instrument: Instrument,
    form: InstrumentTextForm,
    *,
    upload: TextFileForm | None = None,
    faults: list[str] | None = None,
    was_read: bool = False,
    status: int = 200,
) -> HttpResponse:
    item = FORMS[instrument].items[0]
    context = {
        "instrument": instrument,
        "form": form,
        "upload": upload or TextFileForm(),
        "faults": faults or [],
        "was_read": was_read,
        "example": item,
        "keys": FORMS[instrument].keys,
    }
    return render(request, "counseling/measures/instrument_install.html", context, status=status)
