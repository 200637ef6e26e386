from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from privacy import denials, minors, request_queue
from privacy.filters import RequestFilter, workers
from privacy.forms.requests import CloseForm, ExtendForm, IdentifyForm, StepNoteForm, TakeForm
from privacy.models import AskedAbout, Disclosure, RecordGiven, RequestStep
from privacy.thresholds import REQUEST_NOTICE_DAYS
from staff.access import Permission, StaffRequest, requires
from staff.paper.answering import as_pdf
from staff.paper.sheet import Sheet
from staff.reading import answer, rows, together
from staff.refusals import refusal_as_message

PAGE = 40
SHOWN = 50  # disclosures to choose from


@requires(Permission.REQUESTS_WORK)
def requests(request: StaffRequest) -> HttpResponse:
    """The queue: what somebody still has to answer, the one due first at the top."""
    rows = AskedAbout.objects.visible_to(request.user).in_queue_of(request.user).select_related("by")
    filters = RequestFilter(request, rows)
    page = Paginator(filters.qs.order_by("due_on", "-pk"), PAGE).get_page(request.GET.get("page"))
    clinic = request.user.clinic
    today, notice = timezone.localdate(timezone=clinic.zone), REQUEST_NOTICE_DAYS.for_clinic(clinic)
    owners = {each.pk: each for each in workers(request.user)}
    lines = [
        (row, request_queue.clock(row, today, notice=notice), owners.get(row.owner_id or 0), _outcome(row))
        for row in page
    ]
    context = {"filters": filters, "page": page, "query": filters.kept, "lines": lines}
    return render(request, "privacy/requests.html", context)


@requires(Permission.REQUESTS_WORK)
def request_page(request: StaffRequest, request_id: int) -> HttpResponse:
    """One request: who asks, what they were told, what the law asks, its steps, and the forms for the next one."""
    asked = _asked(request, request_id)
    client = _client(request, asked)
    clinic = request.user.clinic
    today, notice = timezone.localdate(timezone=clinic.zone), REQUEST_NOTICE_DAYS.for_clinic(clinic)
    steps, given = answer(
        together(
            rows(RequestStep.objects.visible_to(request.user).filter(asked=asked).select_related("by", "owner")),
            rows(RecordGiven.objects.visible_to(request.user).filter(asked=asked).select_related("by")),
        )
    )
    context = {
        "asked": asked,
        "client": client,
        "clock": request_queue.clock(asked, today, notice=notice),
        "law": request_queue.LAW[AskedAbout.Kind(asked.kind)],
        "steps": steps,
        "given": given,
        "answer": _answer(asked, client),
        "waits": asked.waits,
        "take": TakeForm(workers=workers(request.user), initial={"owner": asked.owner_id or request.user.pk}),
        "identify": IdentifyForm(),
        "may_extend": asked.has_a_clock and not asked.is_extended,
        "extend": ExtendForm(),
        "note": StepNoteForm(),
        "close": CloseForm(disclosures=_disclosures(request, client)),
    }
    return render(request, "privacy/request.html", context)


@requires(Permission.REQUESTS_WORK)
@require_POST
def take(request: StaffRequest, request_id: int) -> HttpResponse:
    """Say who answers it."""

    def act(asked: AskedAbout, form: forms.Form) -> str:
        step = request_queue.take(request=asked, by=request.user, **form.cleaned_data)
        return f"{step.owner} answers it."

    return _done(request, _asked(request, request_id), TakeForm(request.POST, workers=workers(request.user)), act)


@requires(Permission.REQUESTS_WORK)
@require_POST
def identify(request: StaffRequest, request_id: int) -> HttpResponse:
    """Say which client it is about."""

    def act(asked: AskedAbout, form: forms.Form) -> str:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=form.cleaned_data["number"])
        request_queue.identify(request=asked, client=client, by=request.user)
        return "Client identified. Those who asked were not told."

    return _done(request, _asked(request, request_id), IdentifyForm(request.POST), act)


@requires(Permission.REQUESTS_WORK)
@require_POST
def extend(request: StaffRequest, request_id: int) -> HttpResponse:
    """Extend its time once."""

    def act(asked: AskedAbout, form: forms.Form) -> str:
        request_queue.extend(request=asked, by=request.user, **form.cleaned_data)
        return "Extended. Send the client the reason and the new date in writing."

    return _done(request, _asked(request, request_id), ExtendForm(request.POST), act)


@requires(Permission.REQUESTS_WORK)
@require_POST
def note(request: StaffRequest, request_id: int) -> HttpResponse:
    """Add what was done."""

    def act(asked: AskedAbout, form: forms.Form) -> str:
        request_queue.note(request=asked, by=request.user, **form.cleaned_data)
        return "Note added."

    return _done(request, _asked(request, request_id), StepNoteForm(request.POST), act)


@requires(Permission.REQUESTS_WORK)
@require_POST
def close(request: StaffRequest, request_id: int) -> HttpResponse:
    """Close it with its outcome."""

    def act(asked: AskedAbout, form: forms.Form) -> str:
        request_queue.close(request=asked, by=request.user, **form.cleaned_data)
        return "Request closed."

    asked = _asked(request, request_id)
    disclosures = _disclosures(request, request_queue.client_of(asked))
    return _done(request, asked, CloseForm(request.POST, disclosures=disclosures), act)


@requires(Permission.REQUESTS_WORK)
def denial(request: StaffRequest, request_id: int) -> HttpResponse:
    """The letter to a client who was denied their own copy, to print."""
    asked = _asked(request, request_id)
    context = {
        "asked": asked,
        "sheet": _letter(request, asked),
        "pdf_url": reverse("privacy:request_denial_pdf", args=[asked.pk]),
        "back_url": reverse("privacy:request", args=[asked.pk]),
    }
    return render(request, "privacy/denial.html", context)


@requires(Permission.REQUESTS_WORK)
def denial_pdf(request: StaffRequest, request_id: int) -> HttpResponse:
    """The same letter as a PDF, whose name says nothing."""
    return as_pdf(_letter(request, _asked(request, request_id)))


def _asked(request: StaffRequest, request_id: int) -> AskedAbout:
    rows = AskedAbout.objects.visible_to(request.user).in_queue_of(request.user).with_standing()
    return get_object_or_404(rows.select_related("by", "clinic"), pk=request_id)


def _letter(request: StaffRequest, asked: AskedAbout) -> Sheet:
    """The letter of a denial; there is none for any other request."""
    _client(request, asked)
    found = denials.letter(asked)
    if found is None:
        raise Http404
    return found


def _client(request: HttpRequest, asked: AskedAbout) -> Client | None:
    """Whom it is about; the access log has that their record was looked at."""
    client = request_queue.client_of(asked)
    if client is not None:
        request.opened_client_ids = {client.pk}  # type: ignore[attr-defined]  # read by ChartAccessMiddleware
    return client


def _answer(asked: AskedAbout, client: Client | None) -> minors.Answer | None:
    """What a consent lets whoever asks learn; not for the client's own requests."""
    if client is None or asked.has_a_clock:
        return None
    return minors.may_learn(client=client, asked_by=asked.asked_by, on=timezone.localdate(timezone=client.clinic.zone))


def _disclosures(request: StaffRequest, client: Client | None) -> object:
    rows = Disclosure.objects.visible_to(request.user)
    return rows.filter(client=client) if client is not None else rows.none()


def _outcome(row: AskedAbout) -> str:
    closed = row.closed_as
    if closed:
        return str(RequestStep.Outcome(closed).label)
    if row.kind == AskedAbout.Kind.QUESTION:
        return "Consent shown" if row.may_tell else "Denied, in neutral words"
    return ""


def _done(
    request: StaffRequest, asked: AskedAbout, form: forms.Form, act: Callable[[AskedAbout, forms.Form], str]
) -> HttpResponse:
    if form.is_valid():
        with refusal_as_message(request):
            messages.success(request, act(asked, form))
    else:
        for name, faults in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            messages.error(request, f"{label}: {' '.join(map(str, faults))}" if label else " ".join(map(str, faults)))
    return redirect("privacy:request", request_id=asked.pk)
