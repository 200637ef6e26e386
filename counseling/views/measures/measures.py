"""Measures of a client: list, due dates, entry, and one measure with its answers."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Client, TreatmentEpisode
from cases.possible_days import ask_about, latest_today
from counseling import measures
from counseling.codes import Instrument
from counseling.forms.measures.measures import MeasureForm, NoReturnForm, Question, TakeBackForm
from counseling.instruments import FORMS
from counseling.measures import item_text, measure_course, measure_due, use_reports
from counseling.measures.item_text import Wording
from counseling.models import InstrumentText, Measure
from counseling.models.measures.measure import MeasureQuerySet
from counseling.views.loading import client_of, tablet_out
from staff import outside, paging
from staff.access import Permission, StaffRequest, requires
from staff.models import StaffMember
from staff.reading import Reading, answer, query, rows, together
from staff.refusals import Refusal, refusal_on
from staff.typed_days import DayNotPossible, wall_clock

KEY, LISTED = ("taken_at", "pk"), 25  # of the list of all measures


@requires(Permission.NOTE_VIEW)
def measure_list(request: StaffRequest, client_id: int) -> HttpResponse:
    """What is due, the latest of each instrument with its chart, and all measures, newest first."""
    client = client_of(request, client_id)
    seen: dict[str, Any] = {"client": client, "by": request.user}
    page, due, points, alarms, out, reported = answer(
        together(
            _listed(client, request.user, after=request.GET.get("after", "")),
            measure_due.of_client.part(client, timezone.now()),
            rows(query(lambda client, by: measure_course.last_points(_taken(client, by)), **seen)),
            rows(query(lambda client: measures.unanswered_alarms().filter(client=client), client=client)),
            tablet_out.part(request, client),
            use_reports.of_client.part(client, staff_member=request.user),
        ),
        keep_plan=True,
    )
    lines = measure_course.glance(points, due)
    context = {
        "client": client,
        "measures": page.rows,
        "older_url": f"?after={page.next}" if page.next else "",
        "due": [each for each in due if each.is_asked_for],
        "lines": lines,
        "others": [each for each in Instrument if each not in {line.instrument for line in lines}],
        "alarms": alarms,
        "out": out,
        "use_reports": reported,
    }
    return render(request, "counseling/measures/measures.html", context)


def _listed(client: Client, by: StaffMember, *, after: str) -> Reading[paging.Page[Measure]]:
    """A page of all measures, newest first."""
    if after:
        return (yield from paging.newest_first.part(_with_people(client, by), key=KEY, after=after, size=LISTED))
    newest = query(
        lambda client, by: _with_people(client, by).order_by("-taken_at", "-pk")[: LISTED + 1], client=client, by=by
    )
    return paging.begun((yield from rows(newest)), key=KEY, size=LISTED)


def _taken(client: Any, by: StaffMember) -> MeasureQuerySet:
    return Measure.objects.visible_to(by).filter(client=client)


def _with_people(client: Any, by: StaffMember) -> MeasureQuerySet:
    return _taken(client, by).select_related("recorded_by", "withdrawal__by", "on_a_tablet")


@requires(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: StaffRequest, client_id: int, instrument: str) -> HttpResponse:
    """Enter the answers of one instrument. The page asks once about missing answers; saved, they give no score."""
    client = client_of(request, client_id)
    chosen = FORMS[_instrument(instrument)]
    words = _words_shown(request, client, instrument)
    today = timezone.localdate(timezone=client.clinic.zone)
    form = MeasureForm(
        request.POST or None,
        instrument=chosen,
        wording=words,
        today=today,
        initial={"taken_on": today, "text": words.text.pk if words and words.text else None},
    )
    ask_about(form, client, today=latest_today(client))
    still_open: list[Question] = []
    if request.method == "POST" and form.is_valid():
        still_open = [] if request.POST.get("then") == "incomplete" else _still_open(form)
    if request.method == "POST" and form.is_valid() and not still_open:
        day = form.cleaned_data["taken_on"]
        episodes = TreatmentEpisode.objects.visible_to(request.user).filter(client=client)
        with refusal_on(form, fields={measures.NotYetFilledIn: "taken_time", DayNotPossible: "taken_time"}):
            measure = measures.record(
                client=client,
                instrument=instrument,
                answers=form.answers,
                by=request.user,
                episode=episodes.covering(day).first(),
                taken_at=_moment(day, form.cleaned_data["taken_time"]),
                wording=words,
            )
            if measure.requires:
                saved = f"{measure.get_instrument_display()} saved: {measure.result_in_words}."
                messages.warning(request, f"{saved} {measure.action}")
                return redirect("counseling:measure_new", client_id=client.pk, instrument=measure.requires)
            said = f"{measure.get_instrument_display()} saved: {measure.result_in_words}. {measure.action}"
            (messages.warning if measure.action else messages.success)(request, said.strip())
            opens_a_concern = measure.action and measure.instrument == Instrument.CSSRS
            return redirect("cases:safety" if opens_a_concern else "counseling:measures", client_id=client.pk)
    context = {"client": client, "form": form, "instrument": chosen, "wording": words, "still_open": still_open}
    status = 422 if form.errors or still_open else 200
    return render(request, "counseling/measures/measure_new.html", context, status=status)


@requires(Permission.NOTE_VIEW)
def measure_one(request: StaffRequest, client_id: int, measure_id: int) -> HttpResponse:
    """One measure with its answers, the item text it was completed with, and its result."""
    return _one(request, _measure(request, client_id, measure_id), TakeBackForm())


@requires(Permission.NOTE_WRITE)
@require_POST
def measure_withdraw(request: StaffRequest, client_id: int, measure_id: int) -> HttpResponse:
    """Mark a measure as entered in error."""
    measure = _measure(request, client_id, measure_id)
    form = TakeBackForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            measures.withdraw(measure=measure, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(
                request,
                f"{measure.get_instrument_display()} marked as entered in error. It stays on record but doesn’t count.",
            )
            return redirect("counseling:measures", client_id=client_id)
    return _one(request, measure, form, status=422)


@requires(Permission.NOTE_VIEW, Permission.RELAPSE_RECORD)
@require_POST
def use_explain(request: StaffRequest, client_id: int, measure_id: int) -> HttpResponse:
    """Record why reported use is not a return to use."""
    measure = _measure(request, client_id, measure_id)
    form = NoReturnForm(request.POST)
    if form.is_valid():
        with refusal_on(form, fields={use_reports.SayWhy: "words"}):
            use_reports.explain(measure=measure, by=request.user, **form.cleaned_data)
            messages.success(request, "Reason saved. No return to use to record.")
            return redirect("counseling:measures", client_id=client_id)
    return _one(request, measure, TakeBackForm(), no_return=form, status=422)


@requires(Permission.NOTE_VIEW)
def measure_trend(request: StaffRequest, client_id: int, instrument: str) -> HttpResponse:
    """One instrument over time: a chart with its bands, and a table."""
    client = client_of(request, client_id)
    chosen = _instrument(instrument)
    taken = Measure.objects.visible_to(request.user).filter(client=client, instrument=chosen.value)
    episodes = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    whole = request.GET.get("span") == "all"
    course, all_due = answer(
        together(
            measure_course.of.part(client, chosen, taken, episodes, staff_member=request.user, whole=whole),
            measure_due.of_client.part(client, timezone.now()),
        )
    )
    due = [each for each in all_due if each.instrument == chosen]
    context = {"client": client, "instrument": chosen, "course": course, "due": due[0] if due else None}
    return render(request, "counseling/measures/measure_trend.html", context)


def _instrument(value: str) -> Instrument:
    if value not in Instrument.values:
        raise Http404
    return Instrument(value)


def _measure(request: StaffRequest, client_id: int, measure_id: int) -> Measure:
    found = Measure.objects.visible_to(request.user).select_related(
        "client__clinic", "episode__program", "recorded_by", "text", "withdrawal__by", "use_explained__by"
    )
    return get_object_or_404(found, pk=measure_id, client=client_id)


def _one(
    request: StaffRequest,
    measure: Measure,
    form: TakeBackForm,
    *,
    no_return: NoReturnForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = use_reports.without_record().select_related("client").filter(pk=measure.pk)
    words = item_text.wording_of(measure.text) if measure.text else item_text.shipped(measure.instrument)
    context = {
        "client": measure.client,
        "measure": measure,
        "instrument": FORMS[Instrument(measure.instrument)],
        "wording": words,
        "answered": item_text.answered(
            FORMS[Instrument(measure.instrument)], words, measure.answers, rules_version=measure.rules_version
        ),
        "form": form,
        "use_report": next(iter(use_reports.reports(asked)), None),
        "no_return": no_return or NoReturnForm(),
    }
    return render(request, "counseling/measures/measure_one.html", context, status=status)


def _words_shown(request: StaffRequest, client: Client, instrument: str) -> Wording | None:
    """The item text version that the submitted page showed, even if another is active now; otherwise the active one."""
    sent = request.POST.get("text", "")
    texts = InstrumentText.objects.visible_to(request.user).filter(instrument=instrument, clinic=client.clinic_id)
    if text := outside.row(texts, sent):
        return item_text.wording_of(text)
    if "text" in request.POST and not sent:  # it showed the shipped words, before the clinic installed its own
        return item_text.shipped(instrument) or item_text.wording_for(client.clinic, instrument)
    return item_text.wording_for(client.clinic, instrument)


def _still_open(form: MeasureForm) -> list[Question]:
    """Unanswered questions; empty if an answer is refused anyway, which is reported when it is recorded."""
    try:
        return form.open
    except Refusal:
        return []


def _moment(day: datetime.date, at: datetime.time | None) -> datetime.datetime:
    """The time given, in the reader's zone; without one now, or noon of an earlier day."""
    now = timezone.localtime()
    if at is None and day == now.date():
        return now
    return wall_clock(day, at or measures.SOME_TIME, timezone.get_current_timezone())
