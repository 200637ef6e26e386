"""Measures of a person: a list, and a page to enter one."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from counseling import measures
from counseling.codes import Instrument
from counseling.forms import MeasureForm
from counseling.instruments import FORMS
from counseling.models import Measure
from counseling.views.loading import client_of, latest_episode, tablet_out
from staff import paging
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal


@requires(Permission.NOTE_VIEW)
def measure_list(request: StaffRequest, client_id: int) -> HttpResponse:
    """All measures, newest first, and what they still ask for."""
    client = client_of(request, client_id)
    rows = Measure.objects.visible_to(request.user).filter(client=client).select_related("recorded_by", "on_a_tablet")
    page = paging.newest_first(rows, key=("taken_at", "pk"), after=request.GET.get("after", ""), size=50)
    context = {
        "client": client,
        "measures": page.rows,
        "older_url": f"?after={page.next}" if page.next else "",
        "instruments": Instrument,
        "alarms": list(measures.unanswered_alarms().filter(client=client)),
        "out": tablet_out(request, client),
    }
    return render(request, "counseling/measures.html", context)


@requires(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: StaffRequest, client_id: int, instrument: str) -> HttpResponse:
    """Enter the answers of one instrument. A missing answer is saved and gives no score."""
    client = client_of(request, client_id)
    if instrument not in Instrument.values:
        raise Http404
    chosen = FORMS[Instrument(instrument)]
    form = MeasureForm(
        request.POST or None, instrument=chosen, initial={"taken_on": timezone.localdate(timezone=client.clinic.zone)}
    )
    if request.method == "POST" and form.is_valid():
        episode = latest_episode(request, client)
        try:
            measure = measures.record(
                client=client,
                instrument=instrument,
                answers=form.answers,
                by=request.user,
                episode=episode if episode and episode.is_open else None,
                taken_at=_moment(form.cleaned_data["taken_on"]),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            if measure.requires:
                messages.warning(request, measure.action)
                return redirect("counseling:measure_new", client_id=client.pk, instrument=measure.requires)
            messages.success(request, f"{measure.get_instrument_display()} saved. {measure.action}".strip())
            return redirect("counseling:measures", client_id=client.pk)
    return render(request, "counseling/measure_new.html", {"client": client, "form": form, "instrument": chosen})


def _moment(day: datetime.date) -> datetime.datetime:
    """Now, if it was filled in today; otherwise noon of that day in the reader's zone."""
    now = timezone.localtime()
    if day == now.date():
        return now
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))
