from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from privacy import accounting
from privacy import suspensions as acts
from privacy.forms.giving import AccountingForm, SuspensionEndForm, SuspensionForm, TimeForm
from privacy.models import AccountingSuspension, AskedAbout, Disclosure, RecordGiven
from staff.access import Permission, StaffRequest, requires
from staff.paper.answering import as_pdf
from staff.refusals import Refusal, refusal_as_message, refusal_on


@requires(Permission.RECORD_GIVE)
def accounting_page(request: StaffRequest, client_id: int) -> HttpResponse:
    """The accounting of one client's disclosures for some years, and a form to give it to them."""
    client = client_or_404(request, client_id)
    since, until = accounting.usual_time(client)
    times = TimeForm({"since": since, "until": until} | request.GET.dict())
    rows: list[Disclosure] = []
    if times.is_valid():
        with refusal_on(times, "since"):
            since, until = times.cleaned_data["since"], times.cleaned_data["until"]
            rows = accounting.of_client(client=client, since=since, until=until, by=request.user)
    form = AccountingForm(
        initial={"since": since, "until": until, "asked": request.GET.get("request", "")},
        requests=waiting(request, client, AskedAbout.Kind.ACCOUNTING),
        disclosures=Disclosure.objects.visible_to(request.user).filter(client=client),
    )
    return _page(request, client, times=times, rows=rows, form=form)


@requires(Permission.RECORD_GIVE)
@require_POST
def give(request: StaffRequest, client_id: int) -> HttpResponse:
    """Give it, as a PDF or as a page to print; recorded first."""
    client = client_or_404(request, client_id)
    form = AccountingForm(
        request.POST,
        requests=waiting(request, client, AskedAbout.Kind.ACCOUNTING),
        disclosures=Disclosure.objects.visible_to(request.user).filter(client=client),
    )
    if form.is_valid():
        facts = form.cleaned_data
        with refusal_on(form):
            row, sheet = accounting.give(
                client=client,
                since=facts["since"],
                until=facts["until"],
                form=facts["form"],
                recipient=form.recipient,
                asked=facts["asked"],
                by=request.user,
            )
            if row.form == RecordGiven.Form.PDF:
                return as_pdf(sheet)
            back = reverse("privacy:accounting", args=[client.pk])
            return render(request, "layout/sheet.html", {"sheet": sheet, "back_url": back})
    times = TimeForm({"since": form.data.get("since", ""), "until": form.data.get("until", "")})
    return _page(request, client, times=times, rows=[], form=form)


@requires(Permission.RECORD_GIVE)
def suspensions(request: StaffRequest, client_id: int) -> HttpResponse:
    """The agencies that asked not to be in the accounting for a time, and a form to record one."""
    client = client_or_404(request, client_id)
    form = SuspensionForm(request.POST if request.method == "POST" else None, initial={"stated_on": client.today})
    if request.method == "POST" and form.is_valid():
        try:
            row = acts.suspend(client=client, by=request.user, **form.cleaned_data)
            if acts.told_by_agency(client, [row.agency])[row.agency]:
                messages.success(request, "Suspension recorded. Don’t tell the client of it.")
            else:
                messages.warning(request, "Suspension recorded. It leaves out nothing yet: check the agency’s name.")
            return redirect("privacy:accounting_suspensions", client_id=client.pk)
        except Refusal as refusal:
            form.add_error(getattr(refusal, "field", None), refusal.sentence)
    today = timezone.localdate(timezone=client.clinic.zone)
    rows = AccountingSuspension.objects.visible_to(request.user).filter(client=client)
    found = list(rows.select_related("recorded_by", "ended_by"))
    told = acts.told_by_agency(client, {each.agency for each in found})
    lines = [
        {
            "row": each,
            "runs": each.runs_on(today),
            "told": len(told[each.agency]),
            "form": SuspensionEndForm(prefix=f"suspension{each.pk}"),
        }
        for each in found
    ]
    context = {"client": client, "lines": lines, "form": form, "agencies": acts.agencies_told(client)}
    return render(request, "privacy/suspensions.html", context)


@requires(Permission.RECORD_GIVE)
@require_POST
def suspension_end(request: StaffRequest, client_id: int, suspension_id: int) -> HttpResponse:
    """End one before its last day."""
    rows = AccountingSuspension.objects.visible_to(request.user).filter(client=client_id)
    row = get_object_or_404(rows.select_related("client__clinic"), pk=suspension_id)
    form = SuspensionEndForm(request.POST, prefix=f"suspension{row.pk}")
    if not form.is_valid():
        messages.error(request, "Enter how you know that it ended.")
        return redirect("privacy:accounting_suspensions", client_id=client_id)
    with refusal_as_message(request):
        acts.end(suspension=row, by=request.user, **form.cleaned_data)
        messages.success(request, "Suspension ended. What it left out is in the list again.")
    return redirect("privacy:accounting_suspensions", client_id=client_id)


def waiting(request: StaffRequest, client: Client, kind: str) -> object:
    """Requests of the queue for this that somebody identified as this client's."""
    rows = AskedAbout.objects.visible_to(request.user).in_queue_of(request.user).filter(kind=kind)
    return rows.with_standing().waiting().of_client(client)


def _page(
    request: StaffRequest, client: Client, *, times: TimeForm, rows: list[Disclosure], form: AccountingForm
) -> HttpResponse:
    given = RecordGiven.objects.visible_to(request.user).filter(client=client, what=RecordGiven.What.ACCOUNTING)
    context = {"client": client, "times": times, "rows": rows, "form": form}
    context["not_told"] = acts.left_out(client)
    context["given"] = given.select_related("by")[:10]
    return render(request, "privacy/accounting.html", context)
