"""The report for a client who asks who opened their chart: to give, to print, as a PDF."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cases.people.chart_page import client_or_404
from desk import access_report as content
from privacy import access_reports as acts
from privacy import minors
from privacy.forms.logs import AccessReportForm
from privacy.models import AccessReport
from staff.access import Permission, StaffRequest, requires
from staff.paper.answering import as_pdf
from staff.refusals import refusal_on
from staff.typed_days import DayNotPossible

A_YEAR = datetime.timedelta(days=365)


@requires(Permission.CLIENT_VIEW, Permission.ACCESS_REPORT_GIVE)
def access_reports(request: StaffRequest, client_id: int) -> HttpResponse:
    """Reports that this client was given, and the form for another."""
    client = client_or_404(request, client_id)
    today = timezone.localdate(timezone=client.clinic.zone)
    form = AccessReportForm(request.POST or None, initial={"since": today - A_YEAR, "until": today})
    if request.method == "POST" and form.is_valid():
        beside = {acts.PeriodEndsBeforeItBegins: "until", DayNotPossible: "until", acts.NotOfAMinor: "asked_by"}
        with refusal_on(form, fields=beside):
            made = acts.give(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "On record. Print it or download the PDF.")
            return redirect("desk:access_report", client_id=client.pk, report_id=made.pk)
    given = AccessReport.objects.visible_to(request.user).filter(client=client).select_related("given_by")[:50]
    context = {"client": client, "form": form, "given": given}
    return render(request, "desk/access_reports.html", context, status=422 if form.is_bound else 200)


@requires(Permission.CLIENT_VIEW, Permission.ACCESS_REPORT_GIVE)
def access_report(request: StaffRequest, client_id: int, report_id: int) -> HttpResponse:
    """One report to read and print, as it was when it was given."""
    report = _report(request, client_id, report_id)
    context = {
        "sheet": content.sheet(report, by=request.user),
        "back_url": reverse("desk:access_reports", args=[client_id]),
        "pdf_url": reverse("desk:access_report_pdf", args=[client_id, report.pk]),
        "hand_over": minors.hand_over(report.client),
        "asks_url": reverse("privacy:client_asked", args=[client_id]),
        "other": ("", ""),
    }
    return render(request, "layout/sheet.html", context)


@requires(Permission.CLIENT_VIEW, Permission.ACCESS_REPORT_GIVE)
def access_report_pdf(request: StaffRequest, client_id: int, report_id: int) -> HttpResponse:
    """The same as a PDF."""
    return as_pdf(content.sheet(_report(request, client_id, report_id), by=request.user))


def _report(request: StaffRequest, client_id: int, report_id: int) -> AccessReport:
    rows = AccessReport.objects.visible_to(request.user).select_related("client__clinic", "given_by")
    return get_object_or_404(rows, client=client_id, pk=report_id)
