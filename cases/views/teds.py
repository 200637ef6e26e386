"""Admission and discharge data views, and the state report."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cases.data_set_codes import Point
from cases.episodes import admissions
from cases.forms.teds import DataSetForm, ExportForm, initial_of, suggested
from cases.models import EpisodeDataSet, TreatmentEpisode
from cases.teds import data_sets
from cases.teds.export import completeness, export
from staff import records_read
from staff.access import Permission, StaffRequest, can, requires
from staff.models import Clinic
from staff.refusals import refusal_on

UNFINISHED_SHOWN = 25


@requires(Permission.EPISODE_VIEW)
def data_set(request: StaffRequest, client_id: int, episode_id: int, point: str) -> HttpResponse:
    """The data set for an admission or discharge: to read, or to record for those who admit or discharge."""
    if point not in Point.values:
        raise Http404
    when = Point(point)
    visible = TreatmentEpisode.objects.visible_to(request.user).select_related(
        "client__clinic", "program", "inquiry", "relapse"
    )
    episode = get_object_or_404(visible, pk=episode_id, client=client_id)
    may_record = can(request.user, data_sets.PERMISSION[when])
    if request.method == "POST" and not may_record:
        raise PermissionDenied("Your role can’t record this data.")
    if when == Point.DISCHARGE and episode.is_open:
        messages.error(request, str(data_sets.StillInCare()))
        return redirect("cases:episodes", client_id)
    rows = EpisodeDataSet.objects.visible_to(request.user).filter(episode=episode, point=when)
    recorded = rows.select_related("recorded_by").prefetch_related("substances").first()
    begin_with = initial_of(recorded) if recorded else suggested(episode, when) if may_record else {}
    form = DataSetForm(request.POST or None, point=when, initial=begin_with)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            saved = data_sets.record(episode=episode, point=when, by=request.user, **form.facts)
            left = len(data_sets.missing(saved))
            said = f"{left} {'answer is' if left == 1 else 'answers are'} still missing." if left else "It is complete."
            messages.success(request, f"{when.label} data saved. {said}")
            return redirect("cases:episodes", client_id)
    context = {
        "client": episode.client,
        "episode": episode,
        "point": when,
        "form": form,
        "recorded": recorded,
        "missing": data_sets.missing(recorded) if recorded else [],
        "suggested": not recorded and bool(begin_with),
        "may_record": may_record,
        "days_waited": data_sets.days_waited(episode),
        "earlier_here": admissions.prior_count(episode),
    }
    return render(request, "cases/teds/data_set.html", context, status=422 if form.is_bound else 200)


@requires(Permission.REPORT_VIEW, Permission.EPISODE_VIEW)
def state_report(request: StaffRequest) -> HttpResponseBase:
    """Rows that would be in the file and what they lack; posting downloads the file and leaves an audit entry."""
    usual = _last_month(request.user.clinic)
    if request.method == "POST":
        form = ExportForm(request.POST)
        if form.is_valid():
            return _file(request, form)
    else:
        form = ExportForm({**usual, **request.GET.dict()})
    found = (
        completeness(**form.cleaned_data, staff_member=request.user, shown=UNFINISHED_SHOWN)
        if form.is_valid()
        else None
    )
    records_read.note_all(each.episode.client_id for each in (found.unfinished if found else ()))
    context = {
        "form": form,
        "found": found,
        "shown": UNFINISHED_SHOWN,
    }
    return render(request, "cases/teds/state_report.html", context, status=200 if form.is_valid() else 422)


def _file(request: StaffRequest, form: ExportForm) -> HttpResponseBase:
    asked = form.cleaned_data
    lines = export(by=request.user, **asked)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"teds-{asked['point']}-{asked['since']}-{asked['until']}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _last_month(clinic: Clinic) -> dict[str, str]:
    """The month that ended last, which states ask for most often."""
    until = timezone.localdate(timezone=clinic.zone).replace(day=1) - datetime.timedelta(days=1)
    return {"point": Point.ADMISSION.value, "since": str(until.replace(day=1)), "until": str(until)}
